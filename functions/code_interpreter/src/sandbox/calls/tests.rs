//! The lists beside the kernel's own tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::*;

/// Never served by Linux on these architectures, or not for decades.
#[rustfmt::skip]
const NO_CALLS: [&str; 16] = [
    "_sysctl", "afs_syscall", "create_module", "epoll_ctl_old", "epoll_wait_old", "get_kernel_syms", "get_thread_area",
    "getpmsg", "putpmsg", "query_module", "security", "set_thread_area", "sysfs", "tuxcall", "ustat", "vserver",
];
/// Of tables of 32 bits, which the kernel's headers hold beside those of 64, and what they count.
#[rustfmt::skip]
const OF_32_BITS: [&str; 16] = [
    "arch_specific_syscall", "fadvise64_64", "fcntl64", "fstat64", "fstatat64", "fstatfs64", "ftruncate64", "llseek",
    "lstat64", "mmap2", "sendfile64", "stat64", "statfs64", "sync_file_range2", "syscalls", "truncate64",
];
/// Past the end of every table.
const NUMBERS: std::ops::Range<usize> = 0..1024;
/// Of the lists: what a kernel newer than them has beyond it is answered as if it were not there, before somebody decides on it.
const NEWEST: i64 = 471;
/// The kernel's header on this machine, where its package is installed.
const HEADERS: [&str; 3] = [
    "/usr/include/asm/unistd_64.h",
    "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "/usr/include/asm-generic/unistd.h",
];

fn lists() -> Vec<Call> {
    let [common, here, newer] = ALLOWED;
    [common, here, newer, NEVER, NEVER_HERE, ABSENT].concat()
}

fn name((name, _): &Call) -> &'static str {
    name.strip_prefix("SYS_").unwrap()
}

fn is_named(asked: &str) -> bool {
    // Tables disagree on this one's name.
    let asked = if asked == "fstatat" {
        "newfstatat"
    } else {
        asked
    };
    asked.ends_with("time64")
        || OF_32_BITS.contains(&asked)
        || NO_CALLS.contains(&asked)
        || lists().iter().any(|call| name(call) == asked)
}

#[test]
fn each_call_is_decided_on_once() {
    let mut seen = BTreeMap::new();
    for call in lists() {
        let earlier = seen.insert(call.1, name(&call));
        assert_eq!(earlier, None, "{call:?}");
    }
    let names: BTreeSet<_> = seen.values().collect();
    assert_eq!(names.len(), seen.len());
}

#[test]
fn what_a_program_loses_the_zygote_has() {
    let [common, here, newer] = ALLOWED;
    let allowed = [common, here, newer].concat();
    for call in [NOT_FOR_PROGRAMS, METADATA, OWNERSHIP].concat() {
        assert!(allowed.contains(&call), "{call:?}");
    }
}

/// A call that a new version of the table brings fails this until somebody decides on it.
#[test]
fn every_call_of_the_kernels_tables_is_decided_on() {
    let x86_64 = NUMBERS.filter_map(syscalls::x86_64::Sysno::new);
    let x86_64 = x86_64.map(|call| call.name());
    let aarch64 = NUMBERS.filter_map(syscalls::aarch64::Sysno::new);
    let aarch64 = aarch64.map(|call| call.name());
    // The lists of this architecture hold all of the other one's, but for those of the old table.
    let foreign: Vec<_> = if cfg!(target_arch = "x86_64") {
        x86_64.chain(aarch64).filter(|it| !is_named(it)).collect()
    } else {
        aarch64.filter(|it| !is_named(it)).collect()
    };
    assert_eq!(foreign, Vec::<&str>::new());
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_numbers_are_those_of_the_kernels_table() {
    let table: BTreeMap<_, _> = NUMBERS
        .filter_map(syscalls::x86_64::Sysno::new)
        .map(|call| (call.name(), i64::from(call.id())))
        .collect();
    // Newer than that table.
    let newer = ["listns", "rseq_slice_yield", "uprobe"];
    for call in lists() {
        match table.get(name(&call)) {
            Some(number) => assert_eq!(*number, call.1, "{call:?}"),
            None => assert!(newer.contains(&name(&call)), "{call:?}"),
        }
    }
}

#[test]
fn every_call_of_this_machines_headers_is_decided_on() {
    for header in HEADERS {
        let Ok(text) = fs::read_to_string(header) else {
            println!("NOT COMPARED: {header} is not installed");
            continue;
        };
        let named = text
            .lines()
            .filter_map(|line| line.strip_prefix("#define __NR_"))
            .filter_map(|line| line.split_once(char::is_whitespace));
        let unnamed = named.filter(|(name, _)| !is_named(name));
        let (newer, missing): (Vec<_>, Vec<_>) = unnamed.partition(|(_, number)| is_newer(number));
        for (name, number) in newer {
            println!("NOT DECIDED ON: {name}, {number} of {header}");
        }
        assert_eq!(missing, Vec::<(&str, &str)>::new(), "{header}");
    }
}

/// What is no number, as in a header that computes it, is not taken for one.
fn is_newer(number: &str) -> bool {
    number.trim().parse().is_ok_and(|it: i64| it > NEWEST)
}

#[test]
fn a_call_is_newer_than_the_lists_by_its_number_alone() {
    let cases = [
        ("471", false),
        ("472", true),
        (" 1000\t", true),
        ("(__NR_arch + 1)", false),
        ("", false),
    ];
    for (number, expected) in cases {
        assert_eq!(is_newer(number), expected, "{number}");
    }
    assert_eq!(lists().iter().map(|call| call.1).max(), Some(NEWEST));
}
