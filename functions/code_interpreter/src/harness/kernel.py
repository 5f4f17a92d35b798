"""What the kernel offers beyond Python's library: each call raises OSError where it is refused, so that nothing goes on
without it.
"""

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
EINVAL = 22

# What the filter of a program has in place of its own process id, which is not known before the fork.
OWN_PID = 0x7FFFFFF1
OWN_GROUP = -OWN_PID & 0xFFFFFFFF

libc = ctypes.CDLL(None, use_errno=True)


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


def install_filter(text):
    instructions = []
    for code, jump_true, jump_false, operand in struct.iter_unpack("=HBBI", base64.b64decode(text)):
        if operand == OWN_PID:
            operand = os.getpid()
        elif operand == OWN_GROUP:
            operand = -os.getpid() & 0xFFFFFFFF
        instructions.append(struct.pack("=HBBI", code, jump_true, jump_false, operand))
    buffer = ctypes.create_string_buffer(b"".join(instructions))
    program = FilterProgram(len(instructions), ctypes.addressof(buffer))
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
        install_filter(text)


def enter_program(settings, uid, ruleset):
    """The last steps before a program's code runs; its limits are set already."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # from root to another user: this clears every capability
    restrict_files(ruleset)
    for text in settings["program_filters"]:
        install_filter(text)
