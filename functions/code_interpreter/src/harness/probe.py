"""Says what this Python is, and which of the kernel's means of isolation it is refused; each is tried in a process of
its own, so that nothing of it stays.
"""

import ctypes
import json
import os
import struct
import sys

PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 22, 36, 38
PTRACE_TRACEME = 0
CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
LANDLOCK_CREATE_RULESET, LANDLOCK_CREATE_RULESET_VERSION = 444, 1
ALLOW_ALL = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)

libc = ctypes.CDLL(None, use_errno=True)


def errno_of(attempt):
    """0, or the number of the error that `attempt` ended with."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            result = attempt()
            number = ctypes.get_errno() if result == -1 else 0
        except OSError as error:
            number = error.errno
        except BaseException:
            number = -1
        os.write(writer, struct.pack("=i", number))
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 4)
    os.close(reader)
    os.waitpid(pid, 0)
    return struct.unpack("=i", said)[0] if len(said) == 4 else -1


def prctl(option, *arguments):
    return libc.prctl(option, *[ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]])


def seccomp():
    if prctl(PR_SET_NO_NEW_PRIVS, 1) == -1:
        return -1
    buffer = ctypes.create_string_buffer(ALLOW_ALL)
    program = ctypes.create_string_buffer(struct.pack("@HP", 1, ctypes.addressof(buffer)))
    return prctl(PR_SET_SECCOMP, 2, ctypes.addressof(program))


def landlock_abi():
    number = libc.syscall(
        ctypes.c_long(LANDLOCK_CREATE_RULESET), ctypes.c_long(0), ctypes.c_long(0), ctypes.c_long(LANDLOCK_CREATE_RULESET_VERSION)
    )
    return max(number, 0)


def become(uid):
    """Takes another user, and reads the library as that one."""
    if os.geteuid() != 0:
        return 0
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    for path in {sys.prefix, sys.base_prefix}:
        os.listdir(path)
    with open(os.__file__, "rb") as file:
        file.read(1)
    return 0


def primitives(uid):
    if not sys.platform.startswith("linux"):
        return {}
    return {
        "no_new_privs": errno_of(lambda: prctl(PR_SET_NO_NEW_PRIVS, 1)),
        "subreaper": errno_of(lambda: prctl(PR_SET_CHILD_SUBREAPER, 1)),
        "seccomp": errno_of(seccomp),
        "landlock": errno_of(
            lambda: libc.syscall(
                ctypes.c_long(LANDLOCK_CREATE_RULESET), ctypes.c_long(0), ctypes.c_long(0), ctypes.c_long(LANDLOCK_CREATE_RULESET_VERSION)
            )
        ),
        "setsid": errno_of(os.setsid),
        "own_user": errno_of(lambda: become(uid)),
        "user_namespace": errno_of(lambda: libc.unshare(CLONE_NEWUSER)),
        "pid_namespace": errno_of(lambda: libc.unshare(CLONE_NEWUSER | CLONE_NEWPID)),
        "ptrace": errno_of(lambda: libc.ptrace(ctypes.c_long(PTRACE_TRACEME), 0, None, None)),
    }


def main():
    uid = int(sys.argv[1])
    linux = sys.platform.startswith("linux")
    said = {
        "executable": sys.executable,
        "version": "%d.%d.%d" % sys.version_info[:3],
        "prefixes": sorted({sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}),
        "platform": sys.platform,
        "primitives": primitives(uid),
        "landlock_abi": landlock_abi() if linux else 0,
    }
    print(json.dumps(said))


main()
