"""What programs written for a notebook expect to be there: `display`, `get_ipython`, and where they are not installed, the
parts of IPython that show things.

Text is shown as text; a picture becomes a file.
"""

import builtins
import re
import sys

import sandbox_commands as commands
import sandbox_figures as figures
import sandbox_imports as imports

MAX_CHARS = 4096
ADDRESS = re.compile(r" at 0x[0-9a-f]+>")
MAX_ELEMENTS = 16
TEXTS = (
    "HTML", "Markdown", "Latex", "Math", "JSON", "SVG", "Code", "Pretty", "Javascript", "IFrame", "FileLink", "Audio", "Video",
)  # fmt: skip
SHOWN_AS_DATA = ("display_html", "display_markdown", "display_latex", "display_json", "display_pretty")


def show(value):
    """As the value of a last expression is shown."""
    if value is None or figures.keep_shown(value):
        return
    text = repr(value)
    if len(text) > MAX_CHARS:
        text = "%s\u2026 [%d characters]" % (text[:MAX_CHARS], len(text))
    print(text)


def show_earlier(value, expression, namespace):
    """The value of an expression before the last; no failure of this is the program's."""
    try:
        if value is not None and not is_by_the_way(value, expression, namespace):
            show(value)
    except (Exception, MemoryError):
        return


def is_by_the_way(value, expression, namespace):
    """Whether an expression is there for its effect: it drew, or gave nothing, or something that has no text of its own."""
    import ast

    if isinstance(expression, ast.ListComp):
        return all(element is None for element in value)
    while isinstance(expression, ast.Await):
        expression = expression.value
    if not isinstance(expression, ast.Call):
        return False
    root = expression.func
    while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    of = namespace.get(root.id) if isinstance(root, ast.Name) else None
    return draws(of) or is_drawn(value) or is_nameless(value)


def draws(what):
    name = getattr(what, "__name__", None) if isinstance(what, type(sys)) else type(what).__module__
    return isinstance(name, str) and name.partition(".")[0] in ("matplotlib", "seaborn", "pylab")


def is_drawn(value, depth=3):
    if draws(value):
        return True
    elements = getattr(value, "flat", None) if type(value).__module__ == "numpy" else value
    if depth and (isinstance(value, (list, tuple)) or getattr(getattr(value, "dtype", None), "hasobject", False)):
        return any(is_drawn(element, depth - 1) for element, _ in zip(elements, range(MAX_ELEMENTS)))
    return False


def is_nameless(value):
    """Its text is no more than an address."""
    if isinstance(value, (str, bytes, int, float)) or type(value).__module__.partition(".")[0] in ("numpy", "pandas"):
        return False
    elements = value if isinstance(value, (list, tuple)) and len(value) <= MAX_ELEMENTS else [value]
    return any(ADDRESS.search(object.__repr__(element)) and ADDRESS.search(repr(element)) for element in elements)


def display(*values, **options):
    """Shows each value as the last expression of a program is shown."""
    for value in values:
        show(value)


class Shell:
    """No notebook, and false where a program asks for one; but commands are passed over and told of, as `%` and `!` are."""

    config = {}

    def __bool__(self):
        return False

    def run_line_magic(self, name, line="", *args, **options):
        tell("%%%s %s" % (name, line))
        return [] if name in commands.LISTS else None

    def run_cell_magic(self, name, line, cell):
        command = "%%%%%s %s" % (name, line)
        tell(command)
        if not commands.is_foreign_cell(command.strip()):
            exec(compile(cell, "<cell>", "exec", dont_inherit=True), sys.modules["__main__"].__dict__)

    def magic(self, line):
        tell("%" + line)

    def system(self, line):
        tell("!" + line)

    def getoutput(self, line, *args, **options):
        tell("!" + line)
        return []


def tell(command):
    notes = commands.Notes()
    notes.tell(command)
    sys.stderr.writelines(notes)


def get_ipython():
    return shell


shell = Shell()


class Data:
    """What IPython's classes show, as text."""

    def __init__(self, data=None, url=None, filename=None, *args, **options):
        self.data = data if data is not None else url or filename
        self.filename = filename

    def __repr__(self):
        return self.data if isinstance(self.data, str) else repr(self.data)


class Image(Data):
    """A picture that lies in a file is handed back as it is."""

    def _repr_png_(self):
        return self.data if isinstance(self.data, bytes) else None


def clear_output(*args, **options):
    """What was written is written."""


def fill_display(module):
    module.display, module.Image, module.DisplayObject, module.clear_output = display, Image, Data, clear_output
    module.update_display, module.set_matplotlib_formats = display, clear_output
    for name in TEXTS:
        setattr(module, name, type(name, (Data,), {}))
    for name in SHOWN_AS_DATA:
        setattr(module, name, display)


def fill_ipython(module):
    module.get_ipython, module.version_info, module.__version__ = get_ipython, (8, 24, 0), "8.24.0"
    module.display = __import__("IPython.display").display


class InteractiveShell:
    ast_node_interactivity = "all"
    instance = staticmethod(get_ipython)


def fill_shell(module):
    module.InteractiveShell = InteractiveShell
    module.get_ipython = get_ipython


def fill_nest(module):
    """Nothing is to be nested: a program that does not await at its top level runs in no loop."""
    module.apply = clear_output


def install():
    builtins.display, builtins.get_ipython = display, get_ipython
    imports.instead("IPython", fill_ipython)
    imports.instead("IPython.display", fill_display)
    imports.instead("IPython.core", lambda module: None)
    imports.instead("IPython.core.display", fill_display)
    imports.instead("IPython.core.display_functions", fill_display)
    imports.instead("IPython.core.getipython", fill_shell)
    imports.instead("IPython.core.interactiveshell", fill_shell)
    imports.instead("nest_asyncio", fill_nest)
