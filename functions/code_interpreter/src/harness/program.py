"""Runs one program in a process of its own, forked from the zygote.

First everything that bounds it is set, and any step that is refused ends the process before the program is compiled. Then
the process waits for its program, which may take long: it is forked before anyone asks for it. It runs one, and no other.
The program runs as `__main__`, under the file name `<code>`, with its working directory last on `sys.path`: it can import
what it wrote, but never in place of a library.

The report is a JSON object: `error` (null, `exception` or `memory`), `value` (repr of the last expression, or null),
`value_chars`, its length before it was cut, and `omitted`, the figures that were not kept. The program shares this
process and can forge it.
"""

import atexit
import contextlib
import errno
import io
import json
import linecache
import mmap
import multiprocessing
import os
import random
import resource
import select
import sys
import tempfile
import threading
import traceback
import types

import sandbox_advice
import sandbox_execution
import sandbox_figures
import sandbox_imports
import sandbox_limits
import sandbox_lines
import sandbox_notebook
import sandbox_semaphores
import sandbox_sharing
import sandbox_source
import sandbox_users
import sandbox_warming
from sandbox_execution import NAME

STACK_BYTES = 2 << 20  # of a thread: as many as a program may start fit into its memory
RESERVE_BYTES = 8 << 20  # freed when memory has run out, so that this can still be told
REFUSED = 125


class Unbuffered(io.FileIO):
    """What is written is out, and whole, even if the process is killed before the line ends."""

    def write(self, data):
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            rest = rest[super().write(rest) or 0 :]
        return size


def text_stream(fd):
    raw = Unbuffered(fd, "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=True)


def prepare():
    """Once, in the zygote."""
    for part in (sandbox_imports, sandbox_notebook, sandbox_semaphores, sandbox_sharing, sandbox_users):
        part.install()
    if "fork" in multiprocessing.get_all_start_methods():
        multiprocessing.set_start_method("fork", force=True)
    threading.stack_size(STACK_BYTES)
    warm_up()


def warm_up(is_awaited=lambda: False):
    """Nothing is left of it but what it has touched. Ends early when somebody waits."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        with contextlib.redirect_stdout(text_stream(null)):
            for source in sandbox_warming.sources():
                if is_awaited():
                    break
                try:
                    namespace = {"__name__": "warming"}
                    sandbox_execution.run(sandbox_source.read(source).program, namespace, sandbox_notebook.show_earlier)
                except Exception as error:
                    show(error, sys.stdout)
    finally:
        os.close(null)


def enter(settings, prepared, descriptors):
    """Leaves nothing open but the three streams, and nothing allowed but what the program may do."""
    stdin, stdout, stderr, *rulesets = descriptors
    for number, descriptor in enumerate((stdin, stdout, stderr)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(prepared["environment"])
    tempfile.tempdir = None
    if settings["level"] == "strict":
        sys.modules["sandbox_kernel"].enter_program(settings, prepared["uid"], rulesets[0])
    os.chdir(prepared["work"])  # nobody but its user may


def seed():
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def read_source(prepared):
    with open(prepared["code_path"], encoding="utf-8", newline="") as file:
        return file.read()


def receive(settings, prepared, program):
    """The program's code. Its limits are told, and set, when it is there."""
    with os.fdopen(program, "rb") as file:
        limits = file.read()
    if not limits:
        os._exit(REFUSED)  # nobody has a use for this process any more
    source = read_source(prepared)
    sandbox_limits.set_limits(json.loads(limits), settings["address_space"])
    return source


def set_up(prepared):
    """What a program finds; gives its module."""
    seed()
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stdout = sys.__stdout__ = text_stream(1)
    sys.stderr = sys.__stderr__ = text_stream(2)
    sys.argv = [prepared["code_path"]]
    module = types.ModuleType("__main__")
    module.__file__ = prepared["code_path"]  # where multiprocessing looks for the program
    sys.modules["__main__"] = module
    sandbox_figures.watch(prepared["figures"])
    return module


def stand_by(settings, descriptors):
    """Everything up to the program."""
    prepared_fd, stdin, stdout, stderr, link, program, *rulesets = descriptors
    try:
        os.write(link, b'{"forked": %d}\n' % os.getpid())
        with os.fdopen(prepared_fd, encoding="utf-8") as file:
            prepared = json.load(file)
        enter(settings, prepared, [stdin, stdout, stderr, *rulesets])
        module = set_up(prepared)
        warm_up(lambda: select.select([program], [], [], 0)[0])
        read_source(prepared)  # empty yet
        source = receive(settings, prepared, program)
        sandbox_figures.begin()
        os.write(link, b'{"started": true}\n')
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(link, json.dumps({"refused": str(error) or repr(error)}).encode("ascii") + b"\n")
        os._exit(REFUSED)
    os.close(link)
    sys.path.append(prepared["work"])
    return prepared, source, module


def execute(source, module):
    """The program's value."""
    reading = sandbox_source.read(source)
    linecache.cache[NAME] = (len(reading.text), None, [line + "\n" for line in sandbox_lines.split(reading.text)], NAME)
    sys.stderr.writelines(reading.notes)
    if reading.program is None:
        raise reading.error
    if reading.text != source:
        module.__file__ = sys.argv[0] = put_aside(reading.text)
    return sandbox_execution.run(reading.program, module.__dict__, sandbox_notebook.show_earlier)


def put_aside(text):
    """Where processes that are spawned find the program, when that is not the whole of what was written."""
    path = os.path.join(tempfile.gettempdir(), ".program.py")
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    return path


def show(error, stream):
    """Writes the traceback with the program's own lines only."""
    shown = traceback.TracebackException.from_exception(error)
    parts = [shown]
    while parts:
        part = parts.pop()
        if part is None:
            continue
        own = [frame for frame in part.stack or () if frame.filename == NAME]
        part.stack = traceback.StackSummary.from_list(own) if own else None
        parts += [part.__cause__, part.__context__, *(getattr(part, "exceptions", None) or ())]
    stream.writelines(shown.format())
    stream.writelines(sandbox_advice.on(error))


def open_report(path):
    try:
        return os.open(path, os.O_WRONLY)
    except OSError:
        os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])  # the program has taken all there were
        return os.open(path, os.O_WRONLY)


def exit_code(reason, stderr):
    if reason is None:
        return 0
    if isinstance(reason, int):
        return reason & 0xFF
    with contextlib.suppress(Exception):
        stderr.write("%s\n" % reason)
    return 1


def leave(code, wait_for_threads=threading._shutdown, run_handlers=atexit._run_exitfuncs, end=os._exit):
    """As an interpreter ends, but it does not take apart, piece by piece, all the packages that it shares with others."""
    with contextlib.suppress(BaseException):
        wait_for_threads()
    with contextlib.suppress(BaseException):
        run_handlers()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
    end(code)


def run(given):
    prepared, source, module = stand_by(*given)
    stderr = sys.stderr
    first_process = os.getpid()

    def report(error=None, value=None):
        if os.getpid() != first_process:
            return  # a fork of the program ends here too
        try:
            omitted = sandbox_figures.save()
        except MemoryError:
            omitted = [["figures", "no memory was left to draw them"]]
        text = None if value is None else value[: prepared["max_value_chars"]]
        if text is not None:
            text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        fields = {"error": error, "value": text, "value_chars": len(value or ""), "omitted": omitted}
        with contextlib.suppress(OSError):
            fd = open_report(prepared["report"])
            os.write(fd, json.dumps(fields).encode("ascii"))
            os.close(fd)

    reserve = mmap.mmap(-1, RESERVE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)  # untouched, it costs no time
    try:
        value = execute(source, module)
        sandbox_figures.keep_shown(value)
        shown = None if value is None else repr(value)
    except SystemExit as request:
        report()
        leave(exit_code(request.code, stderr))
    except BaseException as error:
        reserve.close()
        memory = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
        with contextlib.suppress(OSError):
            show(error, stderr)
        del error
        report(error="memory" if memory else "exception")
        leave(1)
    reserve.close()
    report(value=shown)
    leave(0)
