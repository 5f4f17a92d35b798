//! The seccomp filters: what a program may not ask of the kernel.
//!
//! The zygote and all that it forks may make the system calls that Python and its packages are made of, by name; all others,
//! those of foreign, later and unknown tables among them, are as if the kernel did not have them, or are forbidden. A
//! program is refused, beyond that, what the zygote needed to start it: another user, another group, further rules, signals
//! past its group where Landlock cannot hold them. A filter has one action, so each part is a program of its own; of two that
//! refuse, the kernel takes the later one's error.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, sock_filter,
};

use super::calls::{self, Call};

/// What stands for a program's own process id, which the harness fills in after the fork. No process has this number.
const OWN_PID: u64 = 0x7fff_fff1;
const OWN_GROUP: u64 = 0x8000_000f;
const ANY_PROCESS: u64 = 0xffff_ffff;

const UNIX: u64 = 1;
/// `CLONE_NEW*` of `clone`, and the bit of each.
const NEW_NAMESPACES: [u64; 7] = [
    0x0002_0000,
    0x0200_0000,
    0x0400_0000,
    0x0800_0000,
    0x1000_0000,
    0x2000_0000,
    0x4000_0000,
];
/// What may be asked of a descriptor: how much can be read, to wait or not, to be kept or closed at an `execve`, whether and
/// how large a terminal it is, how much waits in a socket, and that a file share another one's blocks.
const IOCTLS: [u64; 9] = [
    0x541b,
    0x5421,
    0x5450,
    0x5451,
    0x5401,
    0x5413,
    0x5411,
    0x4004_9409,
    0x4020_940d,
];
/// `TIOCSTI`, `TIOCLINUX`: text into a terminal. `FIOSETOWN`, `SIOCSPGRP`: signals to others.
const FORBIDDEN_IOCTLS: [u64; 4] = [0x5412, 0x541c, 0x8901, 0x8902];
/// Copies and flags of descriptors, locks, and questions. Not: signals to others, leases and watches on files of others, the
/// size of a pipe.
const FCNTLS: [u64; 17] = [
    0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 36, 37, 38, 1025, 1027, 1030, 1032,
];
/// The options of `prctl` that a program may use: names of threads and memory, the signal at its parent's end, questions.
const PRCTLS: [u64; 9] = [1, 2, 3, 15, 16, 21, 23, 39, 0x5356_4d41];
/// `SOCK_STREAM` and `SOCK_SEQPACKET`, each with and without `SOCK_NONBLOCK` and `SOCK_CLOEXEC`: what stays connected. A
/// datagram goes wherever its sender says.
const PAIRS: [u64; 8] = [
    0x1, 0x5, 0x801, 0x805, 0x8_0001, 0x8_0005, 0x8_0801, 0x8_0805,
];
const SOL_SOCKET: u64 = 1;
/// What may be set of a socket: that its address is used again, that it lives, lingers and tells its sender, and time-outs. Not
/// how much it holds, which is memory that no process answers for.
const SOCKET_OPTIONS: [u64; 8] = [2, 9, 13, 16, 20, 21, 66, 67];
/// `PRIO_PROCESS`, of `setpriority`, and `IOPRIO_WHO_PROCESS`, of `ioprio_set`: not a group, not a user.
const PRIO_PROCESS: u64 = 0;
const IOPRIO_WHO_PROCESS: u64 = 1;
/// `SCHED_OTHER`, `SCHED_BATCH` and `SCHED_IDLE`, each with and without `SCHED_RESET_ON_FORK`: none that goes before others.
const POLICIES: [u64; 6] = [0, 3, 5, 0x4000_0000, 0x4000_0003, 0x4000_0005];
/// `MAP_SHARED`, which `MAP_SHARED_VALIDATE` holds, too, with `MAP_ANONYMOUS`: once it is written, all of it stays while a page of
/// it is mapped, and only what is mapped is said to be a process's.
const SHARED_WITHOUT_FILE: u64 = 0x21;
/// `MAP_HUGETLB`: pages that the operator has put aside, which no limit of a process counts.
const HUGE_PAGES: u64 = 0x4_0000;
const TRUNCATE: u64 = 0o1000;
const ACCESS_MODE: u64 = 0o3;

/// What the filters must make up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel {
    pub landlock_abi: u32,
    /// Whether programs run as this process's own user, who owns more than they are given.
    pub shared_user: bool,
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;
type Built<T> = Result<T, seccompiler::BackendError>;

/// For the zygote, before it imports anything.
pub fn base() -> Built<Vec<String>> {
    let mut refused = always(calls::NEVER);
    refused.extend(always(calls::NEVER_HERE));
    let mut pairs = other_than(1, &PAIRS)?;
    pairs.push(when(0, Len::Dword, Op::Ne, UNIX)?);
    refused.insert(libc::SYS_socketpair, pairs);
    let mut options = other_than(2, &SOCKET_OPTIONS)?;
    options.push(when(1, Len::Dword, Op::Ne, SOL_SOCKET)?);
    refused.insert(libc::SYS_setsockopt, options);
    let namespaces = NEW_NAMESPACES.map(|bit| when(0, Len::Qword, Op::MaskedEq(bit), bit));
    refused.insert(
        libc::SYS_clone,
        namespaces.into_iter().collect::<Built<_>>()?,
    );
    refused.insert(libc::SYS_ioctl, any_of(1, Len::Dword, &FORBIDDEN_IOCTLS)?);
    // What a library asks of any descriptor, to learn what it is: it is told that it is nothing special.
    let unsuited = Rules::from([(libc::SYS_ioctl, other_than(1, &IOCTLS)?)]);
    Ok(vec![
        encode(&allowlist(&calls::ALLOWED)),
        encode(&compile(unsuited, libc::ENOTTY)?),
        encode(&compile(refused, libc::EPERM)?),
    ])
}

/// For a program, last of all.
pub fn program(kernel: Kernel) -> Built<Vec<String>> {
    let mut refused = always(calls::NOT_FOR_PROGRAMS);
    refused.insert(libc::SYS_fcntl, other_than(1, &FCNTLS)?);
    refused.insert(libc::SYS_prctl, other_than(0, &PRCTLS)?);
    let mappings = [SHARED_WITHOUT_FILE, HUGE_PAGES];
    let mappings = mappings.map(|flags| when(3, Len::Dword, Op::MaskedEq(flags), flags));
    refused.insert(libc::SYS_mmap, mappings.into_iter().collect::<Built<_>>()?);
    limits_and_scheduling(&mut refused)?;
    signals(kernel, &mut refused)?;
    truncation(kernel, &mut refused)?;
    let mut filters = Vec::new();
    if kernel.shared_user {
        // Landlock does not see these, and the files may be the operator's. Libraries set modes and times as they copy a
        // file: they are told that it was done.
        filters.push(encode(&compile(always(calls::METADATA), 0)?));
        refused.extend(always(calls::OWNERSHIP));
    }
    filters.push(encode(&compile(refused, libc::EPERM)?));
    Ok(filters)
}

/// Those of the caller alone, whom 0 or its own number stands for; the kernel looks at the lower half of each argument. Every
/// other process of the program can change its own by 0.
fn limits_and_scheduling(refused: &mut Rules) -> Built<()> {
    let own = |argument| other_than(argument, &[0, OWN_PID]);
    for call in [
        libc::SYS_prlimit64,
        libc::SYS_sched_setaffinity,
        libc::SYS_sched_setparam,
    ] {
        refused.insert(call, own(0)?);
    }
    let mut policies = own(0)?;
    policies.extend(other_than(1, &POLICIES)?);
    refused.insert(libc::SYS_sched_setscheduler, policies);
    for (call, process) in [
        (libc::SYS_setpriority, PRIO_PROCESS),
        (libc::SYS_ioprio_set, IOPRIO_WHO_PROCESS),
    ] {
        let mut whose = own(1)?;
        whose.push(when(0, Len::Dword, Op::Ne, process)?);
        refused.insert(call, whose);
    }
    Ok(())
}

/// From version 6 Landlock keeps signals within a program. Before, it may signal itself and its whole group.
fn signals(kernel: Kernel, refused: &mut Rules) -> Built<()> {
    if kernel.landlock_abi >= 6 || !kernel.shared_user {
        refused.insert(
            libc::SYS_kill,
            vec![when(0, Len::Dword, Op::Eq, ANY_PROCESS)?],
        );
        return Ok(());
    }
    refused.insert(libc::SYS_kill, other_than(0, &[0, OWN_PID, OWN_GROUP])?);
    refused.insert(libc::SYS_tgkill, other_than(0, &[OWN_PID])?);
    Ok(())
}

/// From version 3 Landlock knows truncation. Before, a file could be emptied that may only be read.
fn truncation(kernel: Kernel, refused: &mut Rules) -> Built<()> {
    if kernel.landlock_abi >= 3 || !kernel.shared_user {
        return Ok(());
    }
    refused.insert(libc::SYS_truncate, Vec::new());
    refused.insert(libc::SYS_openat2, Vec::new());
    for (call, flags) in calls::OPENING {
        let emptied = when(
            *flags,
            Len::Dword,
            Op::MaskedEq(TRUNCATE | ACCESS_MODE),
            TRUNCATE,
        )?;
        refused.insert(*call, vec![emptied]);
    }
    Ok(())
}

fn always(calls: &[Call]) -> Rules {
    calls
        .iter()
        .map(|(_, number)| (*number, Vec::new()))
        .collect()
}

fn condition(argument: u8, len: Len, op: Op, value: u64) -> Built<SeccompCondition> {
    SeccompCondition::new(argument, len, op, value)
}

fn when(argument: u8, len: Len, op: Op, value: u64) -> Built<SeccompRule> {
    SeccompRule::new(vec![condition(argument, len, op, value)?])
}

fn other_than(argument: u8, own: &[u64]) -> Built<Vec<SeccompRule>> {
    let others = own
        .iter()
        .map(|own| condition(argument, Len::Dword, Op::Ne, *own))
        .collect::<Built<_>>()?;
    Ok(vec![SeccompRule::new(others)?])
}

fn any_of(argument: u8, len: Len, values: &[u64]) -> Built<Vec<SeccompRule>> {
    values
        .iter()
        .map(|value| when(argument, len.clone(), Op::Eq, *value))
        .collect()
}

/// Allows everything but `refused`, which gets `errno`. A call of another architecture kills the process.
fn compile(refused: Rules, errno: i32) -> Built<BpfProgram> {
    let arch = std::env::consts::ARCH.try_into()?;
    let action = SeccompAction::Errno(errno.unsigned_abs());
    SeccompFilter::new(refused, SeccompAction::Allow, action, arch)?.try_into()
}

/// Whatever is not among `calls`, the x32 table among that, is as if the kernel did not have it.
fn allowlist(calls: &[&[Call]]) -> BpfProgram {
    const LOAD_NUMBER: u16 = 0x20;
    const JUMP_IF_GREATER: u16 = 0x25;
    const JUMP_IF_NOT_LESS: u16 = 0x35;
    const RETURN: u16 = 0x06;
    let instruction = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let refusal = instruction(RETURN, 0, 0, missing.into());
    let permission = instruction(RETURN, 0, 0, SeccompAction::Allow.into());
    let mut program = vec![instruction(LOAD_NUMBER, 0, 0, 0)];
    for (first, last) in spans(calls) {
        program.extend([
            instruction(JUMP_IF_GREATER, 3, 0, last),
            instruction(JUMP_IF_NOT_LESS, 0, 1, first),
            permission.clone(),
            refusal.clone(),
        ]);
    }
    program.push(refusal);
    program
}

/// The numbers of `calls` in order, those that follow one another as one.
fn spans(calls: &[&[Call]]) -> Vec<(u32, u32)> {
    let all = calls.iter().copied().flatten();
    let mut numbers: Vec<_> = all
        .filter_map(|(_, number)| u32::try_from(*number).ok())
        .collect();
    numbers.sort_unstable();
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            Some(_) | None => spans.push((number, number)),
        }
    }
    spans
}

/// As the harness hands it to the kernel: eight bytes an instruction, as base64.
fn encode(program: &[sock_filter]) -> String {
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for instruction in program {
        bytes.extend(instruction.code.to_ne_bytes());
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_ne_bytes());
    }
    STANDARD.encode(bytes)
}
