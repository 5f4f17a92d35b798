"""What a program's author could do about an error, in a line behind the traceback."""

import os

MAX_NAMES = 60

# Names people install by, and the names they are imported by.
IMPORT_NAMES = {
    "beautifulsoup4": "bs4",
    "opencv_python": "cv2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit_image": "skimage",
    "scikit_learn": "sklearn",
    "python_dateutil": "dateutil",
}


def on(error):
    if isinstance(error, ModuleNotFoundError) and error.name:
        yield from on_missing_module(error.name.partition(".")[0])
    elif isinstance(error, RuntimeError) and "running event loop" in str(error):
        yield "note: a program that awaits at its top level runs in an event loop: write `await` in place of asyncio.run()\n"
    elif isinstance(error, OSError) and raised_in(error, "shared_memory.py"):
        yield "note: memory is not shared by a name here: multiprocessing.Array, Value and Manager share it\n"
    elif isinstance(error, (FileNotFoundError, PermissionError)):
        yield from on_path(error.filename)


def raised_in(error, file):
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and os.path.basename(last.tb_frame.f_code.co_filename) == file


def on_path(path):
    work = os.environ.get("HOME", "")
    if not isinstance(path, str) or not os.path.isabs(path) or path.startswith((work, os.environ.get("TMPDIR", work))):
        return
    try:
        names = sorted(name for name in os.listdir(work) if not name.startswith("."))[:MAX_NAMES]
    except OSError:
        return
    there = ", ".join(names) or "none yet"
    yield "note: a program's files are in its working directory, by their name alone; there are: %s\n" % there


def on_missing_module(name):
    packages = installed()
    for package, imported in packages.items():
        if package.lower().replace("-", "_") == name.lower() and name not in imported:
            yield "note: %s is installed; import it as %s\n" % (package, " or ".join(sorted(imported)))
            return
    right = IMPORT_NAMES.get(name.lower())
    if right in {module for imported in packages.values() for module in imported}:
        yield "note: import it as %s\n" % right
        return
    yield "note: there is no network, so nothing can be installed. %s\n" % beside_the_library(packages)


def on_packages():
    yield "note: %s\n" % beside_the_library(installed())


def beside_the_library(packages):
    names = sorted(packages, key=str.lower)[:MAX_NAMES]
    return "Beside the standard library there are: %s" % (", ".join(names) if names else "none")


def installed():
    """The installed packages, and the names that each is imported by."""
    import importlib.metadata

    packages = {}
    try:
        for module, names in importlib.metadata.packages_distributions().items():
            if module.startswith("_"):
                continue
            for name in names:
                packages.setdefault(name, set()).add(module)
    except Exception:
        return {}
    return packages
