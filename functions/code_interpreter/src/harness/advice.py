"""What a program's author could do about an error, in a line behind the traceback."""

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
