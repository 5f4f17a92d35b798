"""Keeps the figures that a program draws with matplotlib, without `show()` or `savefig()`, as `figure-1.png` and on.

A figure that the program saves where its files are handed back is not kept twice; one that it saves elsewhere, as into a
buffer or a temporary directory, is (`sandbox_saved`). `show()` saves and closes the open figures, as a notebook does.
"""

import functools
import io
import os
import sys
import weakref

import sandbox_imports as imports
import sandbox_saved as saved

state = {"limits": {}, "work": None, "kept": 0, "omitted": []}
# Figures that are kept or saved as they look now: what changes them afterwards makes them stale.
settled = weakref.WeakSet()


def warm_up():
    """Draws once, in the zygote, so that fonts are found and read."""
    pyplot = sys.modules["matplotlib.pyplot"]
    pyplot.figure().add_subplot().set_title("0")
    pyplot.savefig(io.BytesIO(), format="png")
    pyplot.close("all")


def watch(limits):
    """Begins with the program; does nothing until matplotlib is there."""
    state["limits"] = limits
    state["work"] = os.getcwd()
    imports.when_imported("matplotlib.pyplot", look_after)


def begin():
    """When the files that the program is handed are there."""
    saved.remember_given(state["work"])


def look_after(pyplot):
    from matplotlib.figure import Figure

    savefig = Figure.savefig

    @functools.wraps(savefig)
    def remembering(self, fname, *args, **kwargs):
        before = saved.position(fname)
        is_known = is_settled(self)
        result = savefig(self, fname, *args, **kwargs)
        if saved.heed(self, is_known, fname, before, kwargs.get("format"), state):
            settle(self)
        return result

    def show(*args, **kwargs):
        keep_open()
        pyplot.close("all")

    Figure.savefig = remembering
    Figure.show = lambda self, *args, **kwargs: keep(self)
    pyplot.show = show


def is_settled(figure):
    return figure in settled and not figure.stale


def settle(figure):
    settled.add(figure)
    figure.stale = False


def save():
    """Writes what is not in a file of the program yet; gives the pairs of name and reason of what was left out."""
    if state["limits"]:
        saved.keep(state["work"], write)
        keep_open()
    return state["omitted"]


def keep_open():
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else ():
        figure = pyplot.figure(number)
        if figure.axes or figure.texts or figure.images:
            keep(figure)


def keep(figure):
    if is_settled(figure):
        return
    name, path = free_name(".png")
    reason = refusal(figure)
    if reason is None:
        try:
            figure.savefig(path, format="png")
        except (Exception, MemoryError) as error:
            reason = "it could not be drawn: %s" % (str(error) or type(error).__name__)
            remove(path)
    if reason is not None:
        state["omitted"].append([name, reason[:200]])
    settle(figure)


def keep_shown(value):
    """Whether a value is a picture; then it is kept."""
    if isinstance(value, type) or not state["limits"]:
        return False
    module = sys.modules.get("matplotlib.figure")
    if module and isinstance(value, module.Figure):
        keep(value)
        return True
    try:
        data = type(value)._repr_png_(value)
    except (Exception, MemoryError):  # it has none, or cannot make one
        return False
    if not isinstance(data, bytes):
        return False
    write(None, ".png", data)
    return True


def write(name, ending, data):
    """Puts a picture into the directory, under a name of its own where that is free."""
    path = os.path.join(state["work"], name) if name else None
    if path is None or os.path.lexists(path):
        name, path = free_name(ending)
    else:
        state["kept"] += 1
    if state["kept"] > state["limits"]["max_figures"]:
        state["omitted"].append([name, "more than %d figures" % state["limits"]["max_figures"]])
        return
    try:
        with open(path, "xb") as file:
            file.write(data)
    except OSError as error:
        state["omitted"].append([name, "it could not be written: %s" % error.strerror])


def free_name(ending):
    while True:
        state["kept"] += 1
        name = "figure-%d%s" % (state["kept"], ending)
        path = os.path.join(state["work"], name)
        if not os.path.lexists(path):
            return name, path


def refusal(figure):
    limits = state["limits"]
    if state["kept"] > limits["max_figures"]:
        return "more than %d figures" % limits["max_figures"]
    width, height = (float(side) * figure.dpi for side in figure.get_size_inches())
    if not width * height <= limits["max_pixels"]:
        return "%.0f x %.0f pixels; at most %d in all" % (width, height, limits["max_pixels"])
    return None


def remove(path):
    try:
        os.remove(path)
    except OSError:
        return
