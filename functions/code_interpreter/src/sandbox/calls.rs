//! The system calls that the filters refuse, by what they are refused for.

use libc::{
    SYS_accept, SYS_accept4, SYS_acct, SYS_add_key, SYS_adjtimex, SYS_bind, SYS_bpf, SYS_capset,
    SYS_chroot, SYS_clock_adjtime, SYS_clock_settime, SYS_connect, SYS_delete_module,
    SYS_fanotify_init, SYS_fanotify_mark, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat,
    SYS_finit_module, SYS_fremovexattr, SYS_fsconfig, SYS_fsetxattr, SYS_fsmount, SYS_fsopen,
    SYS_fspick, SYS_init_module, SYS_inotify_add_watch, SYS_io_uring_enter, SYS_io_uring_register,
    SYS_io_uring_setup, SYS_ioprio_set, SYS_kcmp, SYS_kexec_file_load, SYS_kexec_load, SYS_keyctl,
    SYS_landlock_add_rule, SYS_landlock_create_ruleset, SYS_landlock_restrict_self, SYS_listen,
    SYS_lookup_dcookie, SYS_lremovexattr, SYS_lsetxattr, SYS_memfd_create, SYS_memfd_secret,
    SYS_migrate_pages, SYS_mknodat, SYS_mount, SYS_mount_setattr, SYS_move_mount, SYS_move_pages,
    SYS_mq_notify, SYS_mq_open, SYS_mq_unlink, SYS_msgctl, SYS_msgget, SYS_msgrcv, SYS_msgsnd,
    SYS_name_to_handle_at, SYS_nfsservctl, SYS_open_by_handle_at, SYS_open_tree, SYS_openat,
    SYS_perf_event_open, SYS_personality, SYS_pidfd_getfd, SYS_pidfd_open, SYS_pidfd_send_signal,
    SYS_pivot_root, SYS_prlimit64, SYS_process_madvise, SYS_process_mrelease, SYS_process_vm_readv,
    SYS_process_vm_writev, SYS_ptrace, SYS_quotactl, SYS_quotactl_fd, SYS_reboot, SYS_recvmmsg,
    SYS_removexattr, SYS_request_key, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
    SYS_sched_setaffinity, SYS_sched_setattr, SYS_sched_setparam, SYS_sched_setscheduler,
    SYS_seccomp, SYS_semctl, SYS_semget, SYS_semop, SYS_semtimedop, SYS_sendmmsg,
    SYS_setdomainname, SYS_setfsgid, SYS_setfsuid, SYS_setgid, SYS_setgroups, SYS_sethostname,
    SYS_setns, SYS_setpgid, SYS_setpriority, SYS_setregid, SYS_setresgid, SYS_setresuid,
    SYS_setreuid, SYS_setsid, SYS_settimeofday, SYS_setuid, SYS_setxattr, SYS_shmat, SYS_shmctl,
    SYS_shmdt, SYS_shmget, SYS_socket, SYS_swapoff, SYS_swapon, SYS_syslog, SYS_tkill, SYS_umount2,
    SYS_unshare, SYS_userfaultfd, SYS_utimensat, SYS_vhangup,
};

/// Numbers that are the same on every architecture, and that the crate `libc` lacks on some.
const SYS_FCHMODAT2: i64 = 452;
const SYS_SETXATTRAT: i64 = 463;
const SYS_REMOVEXATTRAT: i64 = 466;

/// Neither the zygote nor a program has a use for these.
#[rustfmt::skip]
pub const NEVER: &[i64] = &[
    // Memory and descriptors of other processes.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_process_mrelease,
    SYS_kcmp, SYS_migrate_pages, SYS_move_pages, SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal,
    // Sockets but for a connected pair.
    SYS_socket, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendmmsg, SYS_recvmmsg,
    // Kernel objects that have often been a way out.
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_bpf, SYS_perf_event_open,
    SYS_userfaultfd, SYS_memfd_secret, SYS_keyctl, SYS_add_key, SYS_request_key,
    // Mounts, roots and namespaces.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount, SYS_open_tree, SYS_fsopen,
    SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_unshare, SYS_setns,
    // Files past their names, and watching those of others.
    SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_fanotify_init, SYS_fanotify_mark,
    SYS_inotify_add_watch, SYS_lookup_dcookie, SYS_mknodat,
    // What outlives its process.
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_shmdt, SYS_semget, SYS_semop, SYS_semctl, SYS_semtimedop,
    SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_mq_notify,
    // The machine.
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_reboot,
    SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_quotactl_fd, SYS_syslog, SYS_vhangup,
    SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime,
    SYS_adjtimex, SYS_nfsservctl, SYS_personality,
    // Signals that carry data.
    SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
    #[cfg(target_arch = "x86_64")] libc::SYS_mknod,
    #[cfg(target_arch = "x86_64")] libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")] libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")] libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")] libc::SYS_uselib,
];

/// The zygote needs these to start a program.
#[rustfmt::skip]
pub const NOT_FOR_PROGRAMS: &[i64] = &[
    SYS_setsid, SYS_setpgid, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid,
    SYS_setresgid, SYS_setfsuid, SYS_setfsgid, SYS_setgroups, SYS_capset, SYS_seccomp,
    SYS_landlock_create_ruleset, SYS_landlock_add_rule, SYS_landlock_restrict_self, SYS_tkill,
    // A file in memory that no limit counts.
    SYS_memfd_create,
];

/// Limits and scheduling of a process: the first argument says whose, 0 is the caller's own.
#[rustfmt::skip]
pub const OF_A_PROCESS: &[i64] = &[
    SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr,
];

/// The same, and the second argument says whose.
pub const OF_PROCESSES: &[i64] = &[SYS_setpriority, SYS_ioprio_set];

/// Times and permissions of files.
#[rustfmt::skip]
pub const METADATA: &[i64] = &[
    SYS_fchmod, SYS_fchmodat, SYS_FCHMODAT2, SYS_utimensat,
    #[cfg(target_arch = "x86_64")] libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")] libc::SYS_utime,
    #[cfg(target_arch = "x86_64")] libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")] libc::SYS_futimesat,
];

/// Owners and extended attributes of files.
#[rustfmt::skip]
pub const OWNERSHIP: &[i64] = &[
    SYS_fchown, SYS_fchownat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_SETXATTRAT,
    SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, SYS_REMOVEXATTRAT,
    #[cfg(target_arch = "x86_64")] libc::SYS_chown,
    #[cfg(target_arch = "x86_64")] libc::SYS_lchown,
];

/// The calls that open a file by its name, and which argument holds their flags.
#[rustfmt::skip]
pub const OPENING: &[(i64, u8)] = &[
    (SYS_openat, 2),
    #[cfg(target_arch = "x86_64")] (libc::SYS_open, 1),
];
