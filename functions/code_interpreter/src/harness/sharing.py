"""Connections between a program's processes, as `multiprocessing.Manager` needs them, where sockets with a name are refused.

In place of a name there is a pair of sockets that has none, made before a process is forked: who asks for a connection sends
one end of another pair through it. So it serves the processes that are forked after the listener, or the manager, is there.

The memory of `Value` and `Array` lies in the program's temporary directory, as its semaphores do. So does that of
`mmap.mmap(-1, length)`, where the kernel is told to refuse memory that several processes share without a file.
"""

import errno
import mmap
import os
import socket
import tempfile

import sandbox_imports as imports

FORKED_LATER = "sockets are refused here: only processes that are forked after their listener can be connected with it"
NO_SERVER = "sockets are refused here: use the start method `fork` or `spawn`"
FORK_ONLY = "sockets are refused here: a manager works only with the start method `fork`"

pairs = {}  # by address: the listener's end, and that of who asks


def are_refused():
    try:
        socket.socket(socket.AF_UNIX).close()
    except PermissionError:
        return True
    return False


def prepare(address):
    if address not in pairs:
        pairs[address] = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Listener:
    """What `multiprocessing.connection.SocketListener` does."""

    def __init__(self, address, connection):
        prepare(address)
        self._address, self._last_accepted = address, None
        self._connection = connection

    def accept(self):
        _, descriptors, _, _ = socket.recv_fds(pairs[self._address][0], 1, 1)
        if not descriptors:
            raise OSError(errno.ECONNABORTED, os.strerror(errno.ECONNABORTED))
        return self._connection(descriptors[0])

    def close(self):
        for end in pairs.pop(self._address, ()):
            end.close()


def look_after_connections(module):
    listen, connect = module.SocketListener, module.SocketClient

    def listener(address, family, backlog=1):
        return Listener(address, module.Connection) if are_refused() else listen(address, family, backlog)

    def client(address):
        if not are_refused():
            return connect(address)
        if address not in pairs:
            raise PermissionError(errno.EPERM, FORKED_LATER)
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(pairs[address][1], [b"+"], [theirs.fileno()])
        return module.Connection(ours.detach())

    module.SocketListener, module.SocketClient = listener, client


def look_after_managers(module):
    start = module.BaseManager.start

    def prepare_and_start(self, *args, **options):
        if are_refused():
            if self._ctx.get_start_method() != "fork":
                raise PermissionError(errno.EPERM, FORK_ONLY)
            if self._address is None:
                self._address = module.connection.arbitrary_address("AF_UNIX")
            prepare(self._address)
        return start(self, *args, **options)

    module.BaseManager.start = prepare_and_start


def look_after_server(module):
    ensure = module.ForkServer.ensure_running

    def ensure_running(self):
        if are_refused():
            raise PermissionError(errno.EPERM, NO_SERVER)
        ensure(self)

    module.ForkServer.ensure_running = ensure_running


def look_after_memory(module):
    module.Arena._dir_candidates = []  # beside the temporary directory


def file_of(length):
    """Without a name, and as long."""
    file = tempfile.TemporaryFile()
    try:
        file.truncate(length)
    except OSError as error:
        file.close()
        if error.errno != errno.EFBIG:
            raise
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)) from None
    return file


def look_after_mappings(module):
    class Mapping(module.mmap):
        def __new__(cls, fileno, length, flags=module.MAP_SHARED, *given, **options):
            try:
                return super().__new__(cls, fileno, length, flags, *given, **options)
            except PermissionError:
                if fileno != -1 or not flags & module.MAP_SHARED:
                    raise
            with file_of(length + options.get("offset", 0)) as file:
                return super().__new__(cls, file.fileno(), length, flags & ~module.MAP_ANONYMOUS, *given, **options)

    Mapping.__name__ = Mapping.__qualname__ = "mmap"
    Mapping.__module__ = "mmap"
    module.mmap = Mapping


def install():
    look_after_mappings(mmap)
    imports.when_imported("multiprocessing.heap", look_after_memory)
    imports.when_imported("multiprocessing.connection", look_after_connections)
    imports.when_imported("multiprocessing.forkserver", look_after_server)
    imports.when_imported("multiprocessing.managers", look_after_managers)
