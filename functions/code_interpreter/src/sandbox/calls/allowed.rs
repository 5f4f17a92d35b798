//! The system calls that Python, its packages and what programs start are made of. What some of them are asked for is filtered
//! beyond that.

use super::call::{Call, calls, numbered};

/// Linux 6.6, the same number on every architecture; the crate `libc` lacks it on some.
pub const FCHMODAT2: Call = ("SYS_fchmodat2", 452);

/// Those of every architecture, those of this one, and those that the crate `libc` lacks on some.
pub const ALLOWED: [&[Call]; 3] = [COMMON, HERE, ELSE];

#[rustfmt::skip]
const COMMON: &[Call] = calls![
    // Open files.
    SYS_read SYS_write SYS_readv SYS_writev SYS_pread64 SYS_pwrite64 SYS_preadv SYS_pwritev SYS_preadv2
    SYS_pwritev2 SYS_lseek SYS_close SYS_close_range SYS_dup SYS_dup3 SYS_fcntl SYS_flock SYS_ioctl SYS_pipe2
    SYS_ftruncate SYS_fallocate SYS_fadvise64 SYS_readahead SYS_copy_file_range SYS_fsync
    SYS_fdatasync SYS_fstat SYS_fstatfs SYS_getdents64 SYS_fchdir SYS_fchmod SYS_fchown SYS_memfd_create
    // Files by their names.
    SYS_openat SYS_openat2 SYS_newfstatat SYS_statx SYS_statfs SYS_faccessat SYS_faccessat2 SYS_readlinkat
    SYS_getcwd SYS_chdir SYS_mkdirat SYS_unlinkat SYS_linkat SYS_symlinkat SYS_renameat2 SYS_truncate
    SYS_fchmodat SYS_fchownat SYS_umask SYS_utimensat
    SYS_getxattr SYS_lgetxattr SYS_fgetxattr SYS_listxattr SYS_llistxattr SYS_flistxattr
    SYS_setxattr SYS_lsetxattr SYS_fsetxattr SYS_removexattr SYS_lremovexattr SYS_fremovexattr
    // A process's own memory.
    SYS_mmap SYS_munmap SYS_mremap SYS_mprotect SYS_madvise SYS_brk SYS_msync SYS_mincore SYS_mlock SYS_mlock2
    SYS_munlock SYS_mlockall SYS_munlockall SYS_membarrier SYS_pkey_alloc SYS_pkey_free SYS_pkey_mprotect
    // Processes and threads.
    SYS_clone SYS_execve SYS_execveat SYS_exit SYS_exit_group SYS_wait4 SYS_waitid SYS_set_tid_address
    SYS_set_robust_list SYS_get_robust_list SYS_rseq SYS_futex SYS_futex_waitv SYS_restart_syscall SYS_prctl
    SYS_getpid SYS_getppid SYS_gettid SYS_getpgid SYS_getsid SYS_setpgid SYS_getuid SYS_geteuid SYS_getgid
    SYS_getegid SYS_getresuid SYS_getresgid SYS_getgroups SYS_setresuid SYS_setresgid SYS_setgroups SYS_capget
    SYS_landlock_restrict_self
    // Limits, scheduling, and what was used.
    SYS_prlimit64 SYS_getrusage SYS_times SYS_sysinfo SYS_uname SYS_getcpu
    SYS_getpriority SYS_setpriority SYS_ioprio_get SYS_ioprio_set SYS_sched_yield SYS_sched_getaffinity
    SYS_sched_setaffinity SYS_sched_getscheduler SYS_sched_setscheduler SYS_sched_getparam SYS_sched_setparam
    SYS_sched_getattr SYS_sched_get_priority_max SYS_sched_get_priority_min SYS_sched_rr_get_interval
    // Signals.
    SYS_rt_sigaction SYS_rt_sigprocmask SYS_rt_sigpending SYS_rt_sigreturn SYS_rt_sigsuspend SYS_rt_sigtimedwait
    SYS_sigaltstack SYS_kill SYS_tgkill SYS_signalfd4
    // Time and chance.
    SYS_clock_gettime SYS_clock_getres SYS_clock_nanosleep SYS_nanosleep SYS_gettimeofday SYS_getitimer
    SYS_setitimer SYS_timer_create SYS_timer_delete SYS_timer_gettime SYS_timer_settime SYS_timer_getoverrun
    SYS_timerfd_create SYS_timerfd_gettime SYS_timerfd_settime SYS_getrandom
    // Waiting for descriptors.
    SYS_epoll_create1 SYS_epoll_ctl SYS_epoll_pwait SYS_epoll_pwait2 SYS_ppoll SYS_pselect6 SYS_eventfd2
    // A connected pair of sockets.
    SYS_socketpair SYS_sendto SYS_recvfrom SYS_sendmsg SYS_recvmsg SYS_shutdown SYS_getsockname SYS_getpeername
    SYS_getsockopt SYS_setsockopt
];

/// What newer calls do, by the names of an older table. `uprobe` and `uretprobe` are made by the kernel itself where it traces
/// a function: refused, they end the process.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const HERE: &[Call] = &[
    ("SYS_open", libc::SYS_open), ("SYS_creat", libc::SYS_creat), ("SYS_stat", libc::SYS_stat), ("SYS_lstat", libc::SYS_lstat),
    ("SYS_access", libc::SYS_access), ("SYS_readlink", libc::SYS_readlink), ("SYS_getdents", libc::SYS_getdents),
    ("SYS_mkdir", libc::SYS_mkdir), ("SYS_rmdir", libc::SYS_rmdir), ("SYS_unlink", libc::SYS_unlink),
    ("SYS_link", libc::SYS_link), ("SYS_symlink", libc::SYS_symlink), ("SYS_rename", libc::SYS_rename),
    ("SYS_chmod", libc::SYS_chmod), ("SYS_chown", libc::SYS_chown), ("SYS_lchown", libc::SYS_lchown),
    ("SYS_utime", libc::SYS_utime), ("SYS_utimes", libc::SYS_utimes), ("SYS_futimesat", libc::SYS_futimesat),
    ("SYS_dup2", libc::SYS_dup2), ("SYS_pipe", libc::SYS_pipe), ("SYS_poll", libc::SYS_poll), ("SYS_select", libc::SYS_select),
    ("SYS_epoll_create", libc::SYS_epoll_create), ("SYS_epoll_wait", libc::SYS_epoll_wait),
    ("SYS_eventfd", libc::SYS_eventfd), ("SYS_signalfd", libc::SYS_signalfd),
    ("SYS_fork", libc::SYS_fork), ("SYS_vfork", libc::SYS_vfork), ("SYS_getpgrp", libc::SYS_getpgrp),
    ("SYS_pause", libc::SYS_pause), ("SYS_alarm", libc::SYS_alarm), ("SYS_time", libc::SYS_time),
    ("SYS_arch_prctl", libc::SYS_arch_prctl), ("SYS_uretprobe", 335), ("SYS_uprobe", 336),
];
#[cfg(not(target_arch = "x86_64"))]
const HERE: &[Call] = &[];

const ELSE: &[Call] = &[
    FCHMODAT2,
    ("SYS_renameat", numbered(264, 38)),
    ("SYS_sync_file_range", numbered(277, 84)),
    ("SYS_getrlimit", numbered(97, 163)),
    ("SYS_setrlimit", numbered(160, 164)),
];
