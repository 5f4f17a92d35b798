"""Runs one program for the code interpreter, in a process of its own.

Argument: a JSON object with `code` and `report` (paths), `max_value_chars`, and `limits` (resource name to number).
The limits are set hard before the program is compiled. The program runs as `__main__`, under the file name `<code>`,
with the working directory last on `sys.path`: it can import what it wrote, but never in place of a library.

The report is a JSON object: `error` (null, `exception` or `memory`), `value` (repr of the last expression, or null)
and `value_chars`, its length before it was cut. The program shares this process and can forge it.
"""

import ast
import contextlib
import io
import json
import linecache
import os
import resource
import sys
import traceback
import types

NAME = "<code>"
RESERVE_BYTES = 8 << 20  # freed when memory has run out, so that this can still be told


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


def set_limits(limits):
    for name, limit in limits.items():
        if name == "AS" and sys.platform == "darwin":
            continue  # refused there: every process has more address space than any sensible limit
        kind = getattr(resource, "RLIMIT_" + name)
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(kind, (limit, limit))


def run(source, namespace):
    """The value of the last statement if that is an expression, else None."""
    tree = compile(source, NAME, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        expression = ast.Expression(tree.body.pop().value)
        last = compile(expression, NAME, "eval", dont_inherit=True)
    exec(compile(tree, NAME, "exec", dont_inherit=True), namespace)
    return None if last is None else eval(last, namespace)


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


def main():
    settings = json.loads(sys.argv[1])
    with open(settings["code"], encoding="utf-8", newline="") as file:
        source = file.read()
    report_fd = os.open(settings["report"], os.O_WRONLY)
    first_process = os.getpid()

    def report(error=None, value=None):
        if os.getpid() != first_process:
            return  # a fork of the program ends here too
        text = None if value is None else value[: settings["max_value_chars"]]
        if text is not None:
            text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        fields = {"error": error, "value": text, "value_chars": len(value or "")}
        with contextlib.suppress(OSError):  # the program may have closed it
            os.write(report_fd, json.dumps(fields).encode("ascii"))

    sys.stdout = sys.__stdout__ = text_stream(1)
    sys.stderr = sys.__stderr__ = stderr = text_stream(2)
    sys.argv = [settings["code"]]
    sys.path.append(os.getcwd())
    module = types.ModuleType("__main__")
    module.__file__ = settings["code"]  # where multiprocessing looks for the program
    sys.modules["__main__"] = module
    linecache.cache[NAME] = (len(source), None, source.splitlines(True), NAME)

    set_limits(settings["limits"])
    reserve = bytearray(RESERVE_BYTES)
    try:
        value = run(source, module.__dict__)
        shown = None if value is None else repr(value)
    except SystemExit:
        raise
    except BaseException as error:
        del reserve
        report(error="memory" if isinstance(error, MemoryError) else "exception")
        with contextlib.suppress(OSError):
            show(error, stderr)
        sys.exit(1)
    report(value=shown)


main()
