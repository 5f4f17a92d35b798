"""What is done when a program imports something: the harness never imports what it may not need.

`when_imported` has a module looked after as soon as it is there. `instead` gives a module that stands in for one that is not
installed.
"""

import importlib.machinery
import sys

waiting = {}
makers = {}


def when_imported(name, look_after):
    if name in sys.modules:
        look_after(sys.modules[name])
    else:
        waiting[name] = look_after


def instead(name, make):
    """`make` fills the module; a dotted name needs its parent, too."""
    makers[name] = make


class Watching:
    """A module that is only asked for is not there yet: it is looked after when it has been executed."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in waiting:
            return None
        others = (finder.find_spec for finder in sys.meta_path if finder is not cls and hasattr(finder, "find_spec"))
        spec = next(filter(None, (find(name, path, target) for find in others)), None)
        execute = getattr(spec and spec.loader, "exec_module", None)
        if execute is None:
            return spec

        def then_look_after(module):
            execute(module)
            look_after = waiting.pop(name, None)
            if look_after is not None:
                look_after(module)

        spec.loader.exec_module = then_look_after
        return spec


class StandingIn:
    """Asked last of all."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in makers:
            return None
        return importlib.machinery.ModuleSpec(name, cls, is_package=any(other.startswith(name + ".") for other in makers))

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        makers[module.__name__](module)


def install():
    sys.meta_path.insert(0, Watching)
    sys.meta_path.append(StandingIn)
