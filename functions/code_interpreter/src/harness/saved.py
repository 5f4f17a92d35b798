"""What a program saves of its figures where its files are not handed back from: in a buffer, in a temporary or hidden
directory. The bytes are kept, and written at its end where no file of the program has them: what an earlier program wrote is
not handed back again.
"""

import io
import itertools
import os
import stat
import sys
import weakref

ENDINGS = {"png", "jpg", "jpeg", "svg", "svgz", "pdf", "webp", "tif", "tiff", "gif", "eps", "ps"}
MAX_BYTES = 4_000_000
MAX_DEPTH = 8
MAX_ENTRIES = 2_000

pictures = {}  # by where it was saved: name, ending, bytes
of_figure = weakref.WeakKeyDictionary()  # where a figure was saved that is among the pictures
numbers = itertools.count()
given = {}  # the files that a program was handed, by their paths: what tells whether it has written them since


def position(target):
    """How much a buffer holds of before; None where the target is none."""
    if isinstance(target, (io.BytesIO, io.StringIO)):
        try:
            return target.tell()
        except ValueError:
            return None
    return None


def heed(figure, is_known, target, before, kind, state):
    """Whether what was saved is kept, or need not be."""
    try:
        return take(figure, is_known, target, before, kind, state)
    except (Exception, MemoryError):
        return False


def take(figure, is_known, target, before, kind, state):
    caller = sys._getframe(3)
    if caller.f_globals.get("__name__") == "matplotlib.animation":
        # One of many frames: of a file that is handed back, or of a page in memory.
        return type(caller.f_locals.get("self")).__name__ != "HTMLWriter"
    path = path_of(target, kind)
    ending = "." + (kind or (os.path.splitext(path)[1][1:] if path else "") or default_kind()).lower()
    if ending[1:] not in ENDINGS:
        return is_known
    if path and is_handed_back(path, state["work"]):
        if is_known:
            pictures.pop(of_figure.pop(figure, None), None)
        return True
    if is_known:
        return True
    data = read(path) if path else written(target, before)
    taken = sum(len(data) for _, _, data in pictures.values())
    if not data or len(data) + taken > MAX_BYTES or len(pictures) >= state["limits"]["max_figures"]:
        name = os.path.basename(path or "a figure")
        state["omitted"].append([name, "too much was saved outside of the working directory"])
        return bool(data)
    key = os.path.realpath(path) if path else next(numbers)
    pictures[key] = (name_of(path), ending, data)
    of_figure[figure] = key
    return True


def default_kind():
    import matplotlib

    return matplotlib.rcParams["savefig.format"]


def path_of(target, kind):
    if isinstance(target, (str, os.PathLike)):
        path = os.path.abspath(os.fspath(target))
        named = path if kind or os.path.splitext(path)[1] else "%s.%s" % (path.rstrip("."), default_kind())
        return named if os.path.exists(named) else path
    name = getattr(target, "name", None)
    if isinstance(name, str) and not isinstance(target, (io.BytesIO, io.StringIO)):
        target.flush()
        return os.path.abspath(name)
    return None


def written(buffer, before):
    if before is None:
        return None
    data = buffer.getvalue()[before:]
    return data.encode() if isinstance(data, str) else data


def read(path):
    if not stat.S_ISREG(os.stat(path).st_mode):
        return None
    with open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


def name_of(path):
    """None where the name is one that nobody chose."""
    name = os.path.basename(path) if path else ""
    return None if not name or name.startswith((".", "tmp")) else name


def is_handed_back(path, work):
    below = os.path.relpath(os.path.realpath(path), os.path.realpath(work))
    parts = below.split(os.sep)
    return not any(part.startswith(".") or part == "__pycache__" for part in parts) and len(parts) <= MAX_DEPTH


def remember_given(work):
    with os.scandir(work) as entries:
        given.update((entry.path, version(entry.path)) for entry in entries)


def version(path):
    found = os.lstat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns


def keep(work, write):
    sizes = {len(data) for _, _, data in pictures.values()}
    there = set()
    for path in itertools.islice(files_in(work), MAX_ENTRIES) if sizes else ():
        try:
            if os.path.getsize(path) in sizes and is_handed_back(path, work) and given.get(path) != version(path):
                there.add(read(path))
        except OSError:
            continue
    for name, ending, data in pictures.values():
        if data not in there:
            there.add(data)
            write(name, ending, data)
    pictures.clear()


def files_in(work):
    for folder, _, names in os.walk(work):
        for name in names:
            yield os.path.join(folder, name)
