"""The zygote: has some packages imported, forks a process for each program, and ends all that the program left.

Each message on the control socket carries the descriptors of one process: what it is told at once, standard input, output,
error, link, what it is told when its program is there, and under `strict` its Landlock ruleset. On the link the process says
that its program has started, and the zygote how it ended, once its whole group is dead. When the other end of the link
is shut, the group is killed. Where a program can neither leave its group nor signal the zygote, as under `strict`, nothing
of it outlives the answer.
"""

import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import time

MAX_GROUP_SECONDS = 1.0  # how long a killed group may take to be gone
POLL_MS = 2

# What a package imports only when it is first used.
LAZY_PARTS = {"numpy": ("numpy.random", "numpy.linalg", "numpy.fft")}

import sandbox_figures
import sandbox_kernel
import sandbox_limits
import sandbox_program


class Run:
    def __init__(self, pid, link):
        self.pid = pid
        self.link = link
        self.shut = False
        self.ended = None  # what is told of its end, once its first process is dead
        self.give_up_at = None

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # nothing but zombies is left of it
            return

    def is_gone(self):
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return True
        return False

    def tell(self, **said):
        try:
            self.link.sendall(json.dumps(said).encode("ascii") + b"\n")
        except OSError:  # nobody waits for it any more
            return


class Zygote:
    def __init__(self, control, settings):
        self.control = control
        self.settings = settings
        self.runs = {}
        self.wake, wake_writer = os.pipe()
        for descriptor in (self.wake, wake_writer):
            os.set_blocking(descriptor, False)
        self.wake_writer = wake_writer
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)

    def serve(self):
        """Returns what to run in the process of a program, or None when the tool has gone."""
        while True:
            poll = select.poll()
            poll.register(self.control, select.POLLIN)
            poll.register(self.wake, select.POLLIN)
            for run in self.runs.values():
                if not run.shut:
                    poll.register(run.link, select.POLLIN)
            ending = any(run.ended for run in self.runs.values())
            ready = {descriptor for descriptor, _ in poll.poll(POLL_MS if ending else None)}
            if self.wake in ready:
                os.read(self.wake, 4096)
            self.heed_links(ready)
            self.reap()
            self.answer()
            if self.control.fileno() in ready:
                program, goes_on = self.accept()
                if program is not None or not goes_on:
                    return program

    def heed_links(self, ready):
        for run in self.runs.values():
            if run.link.fileno() in ready and not run.shut:
                run.shut = True
                run.kill()

    def reap(self):
        """A group is killed before its first process is reaped: until then its number cannot be another's."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            run = self.runs.get(found.si_pid)
            if run is not None:
                run.kill()
            _, status, usage = os.wait4(found.si_pid, 0)
            if run is not None:
                run.give_up_at = time.monotonic() + MAX_GROUP_SECONDS
                run.ended = {
                    "exit": os.waitstatus_to_exitcode(status),
                    "cpu_ms": int((usage.ru_utime + usage.ru_stime) * 1000),
                }

    def answer(self):
        for run in [run for run in self.runs.values() if run.ended]:
            gone = run.is_gone()
            if gone or time.monotonic() > run.give_up_at:
                run.tell(gone=gone, **run.ended)
                run.link.close()
                del self.runs[run.pid]

    def accept(self):
        """In a program's own process: what it is to run, and True. Else None, and whether more may come."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self.control, 1, 7)
        except ConnectionError:
            message, descriptors = b"", []
        if not message:
            for run in self.runs.values():
                run.kill()
            return None, False
        try:
            pid = os.fork()
        except OSError as error:
            Run(0, socket.socket(fileno=descriptors.pop(4))).tell(refused=str(error))
            pid = None
        if pid == 0:
            self.leave()
            return (self.settings, descriptors), True
        if pid is not None:
            try:
                os.setpgid(pid, pid)
            except OSError:  # it has done so itself, and may be gone already
                pass
            run = Run(pid, socket.socket(fileno=descriptors.pop(4)))
            run.link.setblocking(False)
            self.runs[pid] = run
            # What the zygote does at a program's end writes to memory that is shared since the fork: copied now, not then.
            signal.raise_signal(signal.SIGCHLD)
        for descriptor in descriptors:
            os.close(descriptor)
        return None, True

    def leave(self):
        """A program's process keeps nothing of the zygote."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)
        self.control.close()
        for descriptor in (self.wake, self.wake_writer):
            os.close(descriptor)
        for run in self.runs.values():
            run.link.close()


def preload(names):
    """Imports what is there; says what is broken."""
    broken = []
    for name in names:
        try:
            importlib.import_module(name)
            for part in LAZY_PARTS.get(name, ()):
                importlib.import_module(part)
            if name == "matplotlib.pyplot":
                sandbox_figures.warm_up()
        except Exception as error:
            broken.append("%s: %s" % (name, error))
    return broken


def is_installed(name):
    return importlib.util.find_spec(name.partition(".")[0]) is not None


def serve(control, settings):
    broken = preload(settings["preload"])
    sandbox_program.prepare()
    gc.collect()
    gc.freeze()  # a collection in a program's process must not copy the pages of all that was imported
    sandbox_kernel.join_pages()
    settings["address_space"] = sandbox_limits.address_space()
    ready = {
        "broken": broken,
        "installed": [name for name in settings["packages"] if is_installed(name)],
        "resident_bytes": sandbox_limits.resident_bytes(),
    }
    control.sendall(json.dumps(ready).encode("ascii") + b"\n")
    return Zygote(control, settings).serve()
