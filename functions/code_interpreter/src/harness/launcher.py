"""The launcher: the first lines of a Python that programs are forked from.

Standard input is a socket to the tool. Its first message carries one or two descriptors: the settings as JSON, and under
`strict` a Landlock ruleset. The launcher gives up what neither it nor any program needs, forks the zygote, and
stays behind it: whatever is orphaned comes to the launcher, and is killed when the zygote has ended. It never runs a
program's code.
"""

import json
import os
import signal
import socket
import sys
import types


def load(name, source):
    """Makes a module of `source`; nothing of the harness lies on a disk where a program could change it."""
    module = types.ModuleType(name)
    module.SOURCE = source
    sys.modules[name] = module
    exec(compile(source, "<harness>/" + name, "exec", dont_inherit=True), module.__dict__)
    return module


def receive_settings():
    control = socket.socket(fileno=os.dup(0))
    _, descriptors, _, _ = socket.recv_fds(control, 1, 2)
    with os.fdopen(descriptors[0], encoding="utf-8") as file:
        settings = json.load(file)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    ruleset = descriptors[1] if len(descriptors) > 1 else None
    keep = [0, 1, 2, control.fileno(), *descriptors[1:]]
    return control, settings, ruleset, keep


def close_others(keep):
    kept = sorted(keep)
    for low, high in zip(kept, kept[1:]):
        os.closerange(low + 1, high)
    os.closerange(kept[-1] + 1, 1 << 16)


def end_orphans(zygote):
    """Waits for the zygote, then kills until no child is left: each kill may bring up the children of the killed."""
    while True:
        try:
            pid, _ = os.wait()
        except ChildProcessError:
            return
        if pid == zygote:
            break
    while True:
        for pid in children():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def children():
    try:
        with open("/proc/self/task/%d/children" % os.getpid(), encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def go_first():
    """Where the machine runs out of memory, the kernel ends a program before it ends what was there before."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:  # not Linux, or no `/proc`
        return


def main():
    sys.path[:] = [entry for entry in sys.path if entry]
    control, settings, ruleset, keep = receive_settings()
    close_others(keep)
    go_first()
    os.umask(0o077)
    os.setsid()
    modules = {name: load("sandbox_" + name, source) for name, source in settings["modules"].items()}
    if settings["level"] == "strict":
        modules["kernel"].enter_base(settings, ruleset)
    zygote = os.fork()
    if zygote:
        control.close()
        end_orphans(zygote)
        return None
    return modules["zygote"].serve(control, settings)


program = main()
if program is not None:
    sys.modules["sandbox_program"].run(program)
