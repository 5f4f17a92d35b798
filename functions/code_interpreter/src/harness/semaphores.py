"""Semaphores for `multiprocessing` where nothing may be shared between programs.

The C library keeps a named semaphore in `/dev/shm`, which all programs of a machine share, and which AWS Lambda does not
have. Here it lies in a file of the program's own temporary directory instead, so that `Lock`, `Queue` and `Pool` work.
"""

import _multiprocessing
import ctypes
import itertools
import mmap
import os
import tempfile
import threading
import time

SEMAPHORE_BYTES = 64  # more than any C library's sem_t
SEM_VALUE_MAX = 0x7FFFFFFF
EINTR, EAGAIN, ETIMEDOUT = 4, 11, 110
RECURSIVE = 0

# What a spawned process does before anything else; the launcher has set SOURCE.
SPAWNED = """import types; module = types.ModuleType("sandbox_semaphores"); module.SOURCE = %r
exec(module.SOURCE, module.__dict__); module.install()
%s"""

libc = ctypes.CDLL(None, use_errno=True)
numbers = itertools.count()


class Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class SemLock:
    """What `_multiprocessing.SemLock` does, over a file."""

    SEM_VALUE_MAX = SEM_VALUE_MAX

    def __init__(self, kind, value, maxvalue, name, unlink):
        path = os.path.join(tempfile.gettempdir(), ".semaphore-%d-%d" % (os.getpid(), next(numbers)))
        self.open(kind, maxvalue, path, os.O_CREAT | os.O_EXCL)
        self.check(libc.sem_init(self.address, 1, value))
        if unlink:  # it is handed on by forks alone
            os.unlink(path)
            self.name = None

    @classmethod
    def _rebuild(cls, handle, kind, maxvalue, name):
        lock = cls.__new__(cls)
        lock.open(kind, maxvalue, name, 0)
        return lock

    def open(self, kind, maxvalue, path, flags):
        descriptor = os.open(path, os.O_RDWR | flags, 0o600)
        try:
            os.ftruncate(descriptor, SEMAPHORE_BYTES)
            self.memory = mmap.mmap(descriptor, SEMAPHORE_BYTES)
        finally:
            os.close(descriptor)
        self.buffer = (ctypes.c_char * SEMAPHORE_BYTES).from_buffer(self.memory)
        self.address = ctypes.byref(self.buffer)
        self.kind, self.maxvalue, self.name, self.handle = kind, maxvalue, path, 0
        self.count, self.owner = 0, None

    @staticmethod
    def check(result):
        if result:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def _is_mine(self):
        return self.count > 0 and self.owner == threading.get_ident()

    def _count(self):
        return self.count

    def _get_value(self):
        value = ctypes.c_int()
        self.check(libc.sem_getvalue(self.address, ctypes.byref(value)))
        return value.value

    def _is_zero(self):
        return self._get_value() == 0

    def _after_fork(self):
        self.count = 0

    def acquire(self, block=True, timeout=None):
        if self.kind == RECURSIVE and self._is_mine():
            self.count += 1
            return True
        if not self.wait(block, timeout):
            return False
        self.count += 1
        self.owner = threading.get_ident()
        return True

    def wait(self, block, timeout):
        end = None if timeout is None else time.time() + max(timeout, 0)
        while True:
            if not block:
                result = libc.sem_trywait(self.address)
            elif end is None:
                result = libc.sem_wait(self.address)
            else:
                until = Timespec(int(end), int(end % 1 * 1e9))
                result = libc.sem_timedwait(self.address, ctypes.byref(until))
            if result == 0:
                return True
            if ctypes.get_errno() in (EAGAIN, ETIMEDOUT):
                return False
            if ctypes.get_errno() != EINTR:
                self.check(result)

    def release(self):
        if self.kind == RECURSIVE:
            if not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self.count > 1:
                self.count -= 1
                return
        elif self._get_value() >= self.maxvalue:
            raise ValueError("semaphore or lock released too many times")
        self.check(libc.sem_post(self.address))
        self.count -= 1

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exception):
        self.release()


def install():
    if not hasattr(libc, "sem_timedwait"):
        return  # not Linux
    from multiprocessing import spawn, synchronize

    _multiprocessing.SemLock = SemLock
    synchronize.sem_unlink = os.unlink
    synchronize.SEM_VALUE_MAX = SEM_VALUE_MAX
    command_line = spawn.get_command_line
    def with_semaphores(**arguments):
        """A spawned process begins anew, and needs them too."""
        line = command_line(**arguments)
        at = line.index("-c") + 1
        line[at] = SPAWNED % (SOURCE, line[at])
        return line

    spawn.get_command_line = with_semaphores
