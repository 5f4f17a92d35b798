"""Keeps the figures that a program draws with matplotlib, without `show()` or `savefig()`, as `figure-1.png` and on.

A figure that the program saves itself is not kept twice. `show()` saves and closes the open figures, as a notebook does.
"""

import functools
import io
import os
import sys

state = {"limits": {}, "work": None, "saved": set(), "kept": 0, "omitted": []}


def warm_up():
    """Draws once, in the zygote, so that fonts are found and read."""
    pyplot = sys.modules["matplotlib.pyplot"]
    pyplot.figure().add_subplot().set_title("0")
    pyplot.savefig(io.BytesIO(), format="png")
    pyplot.close("all")


def watch(limits):
    """Begins with the program; does nothing where matplotlib is not there."""
    state["limits"] = limits
    state["work"] = os.getcwd()
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    from matplotlib.figure import Figure

    savefig = Figure.savefig

    @functools.wraps(savefig)
    def remembering(self, *args, **kwargs):
        result = savefig(self, *args, **kwargs)
        state["saved"].add(id(self))
        return result

    def show(*args, **kwargs):
        save(state["work"])
        pyplot.close("all")

    Figure.savefig = remembering
    pyplot.show = show


def save(work):
    """Writes the open figures that are not saved yet; gives the pairs of name and reason of what was left out."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not state["limits"]:
        return state["omitted"]
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        if id(figure) in state["saved"] or not (figure.axes or figure.texts or figure.images):
            continue
        state["saved"].add(id(figure))
        name, path = free_name(work)
        reason = refusal(figure)
        if reason is None:
            try:
                figure.savefig(path, format="png")
            except (Exception, MemoryError) as error:
                reason = "it could not be drawn: %s" % (str(error) or type(error).__name__)
                remove(path)
        if reason is not None:
            state["omitted"].append([name, reason[:200]])
    return state["omitted"]


def free_name(work):
    while True:
        state["kept"] += 1
        name = "figure-%d.png" % state["kept"]
        path = os.path.join(work, name)
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
