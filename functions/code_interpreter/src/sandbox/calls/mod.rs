//! What becomes of each system call: it is allowed, refused as forbidden, or answered as by a kernel that does not have it.
//!
//! What none of these lists names is answered as by a kernel that does not have it: one that is newer than them, too. Where a
//! library has another way, it looks for it at `ENOSYS`; `EPERM` is for what a program should hear it may not do.

mod allowed;
mod call;
#[cfg(test)]
mod tests;

pub use allowed::ALLOWED;
pub use call::Call;
use call::{calls, numbered};

/// Neither the zygote nor a program may do these: `EPERM`.
#[rustfmt::skip]
pub const NEVER: &[Call] = calls![
    // Memory and descriptors of other processes.
    SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_process_madvise SYS_process_mrelease
    SYS_kcmp SYS_pidfd_open SYS_pidfd_getfd SYS_pidfd_send_signal
    // Where memory lies, of others, too.
    SYS_migrate_pages SYS_move_pages SYS_mbind SYS_get_mempolicy SYS_set_mempolicy
    // Sockets but for a connected pair.
    SYS_socket SYS_connect SYS_bind SYS_listen SYS_accept SYS_accept4 SYS_sendmmsg SYS_recvmmsg
    // Kernel objects that have often been a way out.
    SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register SYS_bpf SYS_perf_event_open
    SYS_userfaultfd SYS_memfd_secret SYS_keyctl SYS_add_key SYS_request_key
    // Mounts, roots and namespaces.
    SYS_mount SYS_umount2 SYS_pivot_root SYS_chroot SYS_move_mount SYS_open_tree SYS_fsopen
    SYS_fsconfig SYS_fsmount SYS_fspick SYS_mount_setattr SYS_unshare SYS_setns
    // Files past their names, and watching those of others: a user has few watchers in all.
    SYS_name_to_handle_at SYS_open_by_handle_at SYS_fanotify_init SYS_fanotify_mark
    SYS_inotify_init1 SYS_inotify_add_watch SYS_inotify_rm_watch SYS_lookup_dcookie SYS_mknodat
    // All disks of the machine.
    SYS_sync SYS_syncfs
    // What outlives its process.
    SYS_shmget SYS_shmat SYS_shmctl SYS_shmdt SYS_semget SYS_semop SYS_semctl SYS_semtimedop
    SYS_msgget SYS_msgsnd SYS_msgrcv SYS_msgctl SYS_mq_open SYS_mq_unlink SYS_mq_notify
    SYS_mq_getsetattr SYS_mq_timedsend SYS_mq_timedreceive
    // The machine.
    SYS_init_module SYS_finit_module SYS_delete_module SYS_kexec_load SYS_reboot
    SYS_swapon SYS_swapoff SYS_acct SYS_quotactl SYS_quotactl_fd SYS_syslog SYS_vhangup
    SYS_sethostname SYS_setdomainname SYS_settimeofday SYS_clock_settime SYS_clock_adjtime
    SYS_adjtimex SYS_nfsservctl SYS_personality
    // Signals that carry data, or go to a thread of any process.
    SYS_rt_sigqueueinfo SYS_rt_tgsigqueueinfo SYS_tkill
    // Users, capabilities, sessions and further rules: what the zygote needs of these is not here.
    SYS_setuid SYS_setgid SYS_setreuid SYS_setregid SYS_setfsuid SYS_setfsgid SYS_capset SYS_setsid
    SYS_seccomp SYS_landlock_create_ruleset SYS_landlock_add_rule
    // Its arguments are in memory, where a filter cannot see them; `sched_setscheduler` does the same.
    SYS_sched_setattr
];

/// The same, of what not every architecture or not every version of the crate `libc` has.
#[rustfmt::skip]
pub const NEVER_HERE: &[Call] = &[
    ("SYS_kexec_file_load", numbered(320, 294)),
    #[cfg(target_arch = "x86_64")] ("SYS_mknod", libc::SYS_mknod),
    #[cfg(target_arch = "x86_64")] ("SYS_iopl", libc::SYS_iopl),
    #[cfg(target_arch = "x86_64")] ("SYS_ioperm", libc::SYS_ioperm),
    #[cfg(target_arch = "x86_64")] ("SYS_modify_ldt", libc::SYS_modify_ldt),
    #[cfg(target_arch = "x86_64")] ("SYS_uselib", libc::SYS_uselib),
    #[cfg(target_arch = "x86_64")] ("SYS_inotify_init", libc::SYS_inotify_init),
];

/// Answered as if the kernel did not have them, and so are all that no list names. It is said of each why.
#[cfg_attr(not(test), expect(dead_code, reason = "what is not allowed is absent; tests ask that each is decided on"))]
#[rustfmt::skip]
pub const ABSENT: &[Call] = &[
    // Its flags are in memory, where a filter cannot see them; the C library then uses `clone`.
    ("SYS_clone3", 435),
    // What a pipe or a socket holds of these is memory that no process answers for: a byte can hold 2 MB of it.
    ("SYS_splice", libc::SYS_splice), ("SYS_tee", libc::SYS_tee), ("SYS_vmsplice", libc::SYS_vmsplice),
    ("SYS_sendfile", libc::SYS_sendfile),
    // The whole machine has so many of these requests, and databases need them.
    ("SYS_io_setup", libc::SYS_io_setup), ("SYS_io_submit", libc::SYS_io_submit),
    ("SYS_io_cancel", libc::SYS_io_cancel), ("SYS_io_destroy", libc::SYS_io_destroy),
    ("SYS_io_getevents", libc::SYS_io_getevents),
    ("SYS_io_pgetevents", numbered(333, 292)),
    // Long replaced.
    ("SYS_remap_file_pages", libc::SYS_remap_file_pages),
    // Linux 5.17 to 6.6: placement of memory, which files are cached, shadow stacks, the parts of `futex`.
    ("SYS_set_mempolicy_home_node", 450), ("SYS_cachestat", 451), ("SYS_map_shadow_stack", 453),
    ("SYS_futex_wake", 454), ("SYS_futex_wait", 455), ("SYS_futex_requeue", 456),
    // Linux 6.8 to 6.13: the table of mounts with its paths, security modules, attributes by directory and name.
    ("SYS_statmount", 457), ("SYS_listmount", 458),
    ("SYS_lsm_get_self_attr", 459), ("SYS_lsm_set_self_attr", 460), ("SYS_lsm_list_modules", 461),
    ("SYS_mseal", 462),
    ("SYS_setxattrat", 463), ("SYS_getxattrat", 464), ("SYS_listxattrat", 465), ("SYS_removexattrat", 466),
    // Linux 6.15 to 7.0: mounts, attributes of inodes, all namespaces, the rest of a time slice.
    ("SYS_open_tree_attr", 467), ("SYS_file_getattr", 468), ("SYS_file_setattr", 469),
    ("SYS_listns", 470), ("SYS_rseq_slice_yield", 471),
];

/// The zygote needs these to start a program: `EPERM` after that.
#[rustfmt::skip]
pub const NOT_FOR_PROGRAMS: &[Call] = calls![
    SYS_setpgid SYS_setresuid SYS_setresgid SYS_setgroups SYS_landlock_restrict_self
    // A file in memory that no limit counts.
    SYS_memfd_create
];

/// Times and permissions of files.
#[rustfmt::skip]
pub const METADATA: &[Call] = &[
    ("SYS_fchmod", libc::SYS_fchmod), ("SYS_fchmodat", libc::SYS_fchmodat), allowed::FCHMODAT2,
    ("SYS_utimensat", libc::SYS_utimensat),
    #[cfg(target_arch = "x86_64")] ("SYS_chmod", libc::SYS_chmod),
    #[cfg(target_arch = "x86_64")] ("SYS_utime", libc::SYS_utime),
    #[cfg(target_arch = "x86_64")] ("SYS_utimes", libc::SYS_utimes),
    #[cfg(target_arch = "x86_64")] ("SYS_futimesat", libc::SYS_futimesat),
];

/// Owners and extended attributes of files.
#[rustfmt::skip]
pub const OWNERSHIP: &[Call] = &[
    ("SYS_fchown", libc::SYS_fchown), ("SYS_fchownat", libc::SYS_fchownat),
    ("SYS_setxattr", libc::SYS_setxattr), ("SYS_lsetxattr", libc::SYS_lsetxattr), ("SYS_fsetxattr", libc::SYS_fsetxattr),
    ("SYS_removexattr", libc::SYS_removexattr), ("SYS_lremovexattr", libc::SYS_lremovexattr),
    ("SYS_fremovexattr", libc::SYS_fremovexattr),
    #[cfg(target_arch = "x86_64")] ("SYS_chown", libc::SYS_chown),
    #[cfg(target_arch = "x86_64")] ("SYS_lchown", libc::SYS_lchown),
];

/// The calls that open a file by its name, and which argument holds their flags.
#[rustfmt::skip]
pub const OPENING: &[(i64, u8)] = &[
    (libc::SYS_openat, 2),
    #[cfg(target_arch = "x86_64")] (libc::SYS_open, 1),
];
