//! The seccomp filters: what a program may not ask of the kernel.
//!
//! The zygote and all that it forks are refused tracing, sockets, mounts, namespaces, new kernel objects with a history of
//! holes, and system calls of a foreign or unknown table. A program is refused, beyond that, what the zygote needed to
//! start it: another user, another session or group, further filters, signals past its group where Landlock cannot hold
//! them. A filter has one action, so each part is a program of its own; the kernel takes the strictest answer.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, sock_filter,
};

use super::calls;

/// What stands for a program's own process id, which the harness fills in after the fork. No process has this number.
const OWN_PID: u64 = 0x7fff_fff1;
const OWN_GROUP: u64 = 0x8000_000f;
const ANY_PROCESS: u64 = 0xffff_ffff;

/// Numbers from here on are those of the x32 table.
const X32_BIT: u32 = 0x4000_0000;
/// Newer system calls than this one are as if the kernel did not have them; `removexattrat` of Linux 6.13.
const LAST_KNOWN_CALL: u32 = 466;

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
/// `TIOCSTI`, `TIOCLINUX`: text into a terminal. `FIOSETOWN`, `SIOCSPGRP`: signals to others.
const IOCTLS: [u64; 4] = [0x5412, 0x541c, 0x8901, 0x8902];
/// `F_SETOWN`, `F_SETSIG`, `F_SETOWN_EX`: signals to others.
const FCNTLS: [u64; 3] = [8, 10, 15];
/// The options of `prctl` that a program may use: names of threads and memory, the signal at its parent's end, questions.
const PRCTLS: [u64; 9] = [1, 2, 3, 15, 16, 21, 23, 39, 0x5356_4d41];
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
    refused.insert(
        libc::SYS_socketpair,
        vec![when(0, Len::Dword, Op::Ne, UNIX)?],
    );
    let namespaces = NEW_NAMESPACES.map(|bit| when(0, Len::Qword, Op::MaskedEq(bit), bit));
    refused.insert(
        libc::SYS_clone,
        namespaces.into_iter().collect::<Built<_>>()?,
    );
    refused.insert(libc::SYS_ioctl, any_of(1, Len::Dword, &IOCTLS)?);
    // Its flags are in memory, where a filter cannot see them; the C library then uses `clone`.
    let unseen = always(&[libc::SYS_clone3]);
    Ok(vec![
        encode(&unknown_calls()),
        encode(&compile(refused, libc::EPERM)?),
        encode(&compile(unseen, libc::ENOSYS)?),
    ])
}

/// For a program, last of all.
pub fn program(kernel: Kernel) -> Built<Vec<String>> {
    let mut refused = always(calls::NOT_FOR_PROGRAMS);
    refused.insert(libc::SYS_fcntl, any_of(1, Len::Dword, &FCNTLS)?);
    refused.insert(libc::SYS_prctl, other_than(0, &PRCTLS)?);
    for call in calls::OF_A_PROCESS {
        refused.insert(*call, other_than(0, &[0, OWN_PID])?);
    }
    for call in calls::OF_PROCESSES {
        refused.insert(*call, other_than(1, &[0, OWN_PID])?);
    }
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
    refused.extend(always(&[libc::SYS_truncate, libc::SYS_openat2]));
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

fn always(calls: &[i64]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
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

/// Numbers past the table's end, those of x32 among them, are as if the kernel did not have them.
fn unknown_calls() -> BpfProgram {
    const LOAD_NUMBER: u16 = 0x20;
    const JUMP_IF_GREATER: u16 = 0x25;
    const RETURN: u16 = 0x06;
    const _: () = assert!(X32_BIT > LAST_KNOWN_CALL);
    let instruction = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    vec![
        instruction(LOAD_NUMBER, 0, 0, 0),
        instruction(JUMP_IF_GREATER, 0, 1, LAST_KNOWN_CALL),
        instruction(RETURN, 0, 0, missing.into()),
        instruction(RETURN, 0, 0, SeccompAction::Allow.into()),
    ]
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
