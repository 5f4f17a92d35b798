"""What the kernel offers beyond Python's library: each call raises OSError where it is refused, so that nothing goes on
without it.
"""

import array
import base64
import ctypes
import os
import resource
import struct

PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
SYS_LANDLOCK_RESTRICT_SELF = 446  # the same on every architecture
CAPABILITY_VERSION_3 = 0x20080522
CAPABILITIES = {"kill": 5, "setgid": 6, "setuid": 7}
MADV_COLLAPSE = 25
HUGE_PAGE_BYTES = 2 << 20
EINVAL = 22

# What the filter of a program has in place of its own process id, which is not known before the fork.
OWN_PID = 0x7FFFFFF1
OWN_GROUP = -OWN_PID & 0xFFFFFFFF

libc = ctypes.CDLL(None, use_errno=True)
libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


class FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def checked(result, what):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def prctl(what, option, *arguments):
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(libc.prctl(option, *padded), what)


def decode_filter(text):
    """The instructions, two words each, and where the operand is the program's own number, or its group's."""
    words = array.array("I", base64.b64decode(text))
    operands = range(1, len(words), 2)
    own = [at for at in operands if words[at] == OWN_PID]
    group = [at for at in operands if words[at] == OWN_GROUP]
    return words, own, group


def install_filter(decoded):
    words, own, group = decoded
    for at in own:
        words[at] = os.getpid()
    for at in group:
        words[at] = -os.getpid() & 0xFFFFFFFF
    address, length = words.buffer_info()
    program = FilterProgram(length // 2, address)
    prctl("seccomp", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


def restrict_files(ruleset):
    number, flags = ctypes.c_long(SYS_LANDLOCK_RESTRICT_SELF), ctypes.c_long(0)
    checked(libc.syscall(number, ctypes.c_long(ruleset), flags), "landlock")
    os.close(ruleset)


def keep_capabilities(names):
    """Root needs a few to give each program another user; all others go, for good."""
    kept = {CAPABILITIES[name] for name in names}
    for number in range(64):
        if number in kept:
            continue
        try:
            prctl("capability bounding set", PR_CAPBSET_DROP, number)
        except OSError as error:
            if error.errno == EINVAL:
                break  # past the last one that this kernel knows
            raise
    mask = sum(1 << number for number in kept)
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", mask, mask, 0, 0, 0, 0)
    checked(libc.capset(header, data), "capset")


def enter_base(settings, ruleset):
    """What holds for the zygote, and for every program forked from it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl("subreaper", PR_SET_CHILD_SUBREAPER, 1)
    if os.geteuid() == 0:
        os.setgroups([])
        keep_capabilities(("kill", "setgid", "setuid"))
    prctl("no_new_privs", PR_SET_NO_NEW_PRIVS, 1)
    restrict_files(ruleset)
    for text in settings["base_filters"]:
        install_filter(decode_filter(text))
    settings["program_filters"] = [decode_filter(text) for text in settings["program_filters"]]


def enter_program(settings, uid, ruleset):
    """After this a process may do no more than its program; the limits come with that."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # from root to another user: this clears every capability
    restrict_files(ruleset)
    for decoded in settings["program_filters"]:
        install_filter(decoded)


def join_pages():
    """Makes large pages of this process's own memory where the kernel can (Linux 6.1): the fewer there are, the sooner a
    process is forked from it, and gone."""
    try:
        with open("/proc/self/maps", encoding="ascii") as file:
            mappings = [line.split() for line in file]
    except OSError:
        return
    for span, rights, _, _, inode, *_ in mappings:
        if rights != "rw-p" or inode != "0":
            continue
        begin, end = (int(address, 16) for address in span.split("-"))
        for address in range(-(-begin // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES, end - HUGE_PAGE_BYTES + 1, HUGE_PAGE_BYTES):
            libc.madvise(address, HUGE_PAGE_BYTES, MADV_COLLAPSE)  # untouched memory it leaves alone
