"""What a notebook takes beside Python: magics, shell commands, questions. They are passed over, and each is told of.

The line stays, as `pass`; of `%time` and the like what they would measure is run.
"""

import re

import sandbox_advice as advice
import sandbox_lines as lines_of

MAX_NOTES = 10
MAX_SHOWN_CHARS = 80

INSTALL = re.compile(r"(?:sudo +)?(?:(?:\S+ +-m +)?pip[\d.]*|conda|mamba|uv|apt|apt-get|brew|npm|poetry) ")
BARE_INSTALL = re.compile(
    r"(?:python[\d.]* +-m +)?(?:pip[\d.]*|conda|uv pip|mamba|apt|apt-get) +(?:install|uninstall|list|show|freeze)\b.*"
)
MAGIC = re.compile(r"%{1,2} ?(?P<name>[A-Za-z_][\w.]*)(?P<rest>.*)")
ASSIGNED = re.compile(r"[\w.,\[\]'\" ]+= *(?P<command>[!%] ?[A-Za-z_].*)")
QUESTION = re.compile(r"\?{1,2} ?%{0,2}[\w.*]+|%{0,2}[\w.*]+\?{1,2}")
MEASURED = ("time", "timeit", "prun", "memit")
OPTIONS = re.compile(r"(?:\s+-(?:[nr] *\d+|[A-Za-z]+)(?=\s|$))*\s*")
# Their cell is Python all the same.
PYTHON_CELLS = MEASURED + ("capture", "python", "python3", "debug", "mprun", "skip", "snakeviz")

MEASURES = "what it measures is run"
NOT_PYTHON = "its cell is not run: only Python is"
WRITES = "its cell is not written: write the file with open()"
NO_SHELL = "there is no shell for it: write it in Python"
NOTHING_INSTALLED = "there is no network, so nothing can be installed"
FIGURES = "figures are kept without it"
NOTEBOOK = "it is a command of notebooks"
HELP = "it is a question to a notebook; help(name) prints the answer"


def pass_over(text):
    """The text with commands passed over, and what there is to say of them."""
    notes = Notes()
    lines = text.split("\n")
    cell = next((at for at, line in enumerate(lines) if line.strip()), None)
    if cell is not None and is_foreign_cell(lines[cell].strip()):
        notes.add(cell, lines[cell])
        return "\n" * text.count("\n"), notes
    position = lines_of.Position()
    for at, line in enumerate(lines):
        stripped = line.strip()
        if position.is_statement() and is_command(stripped):
            notes.add(at, stripped)
            lines[at] = line = line[: len(line) - len(line.lstrip())] + in_place_of(stripped)
        position.pass_line(line)
    return "\n".join(lines), notes


def is_command(line):
    starts = line.startswith(("%", "!")) or BARE_INSTALL.fullmatch(line) or ASSIGNED.fullmatch(line)
    return bool(starts or QUESTION.fullmatch(line))


def is_foreign_cell(line):
    magic = MAGIC.fullmatch(line) if line.startswith("%%") else None
    return magic is not None and magic["name"] not in PYTHON_CELLS


def in_place_of(line):
    """Of a measure that which it measures, else nothing."""
    magic = MAGIC.fullmatch(line)
    if magic is None or magic["name"] not in MEASURED:
        return "pass"
    measured = magic["rest"][OPTIONS.match(magic["rest"]).end() :]
    return measured if measured and not is_command(measured) else "pass"


def reason(line):
    """Why a command is passed over."""
    assigned = ASSIGNED.fullmatch(line)
    if assigned:
        line = assigned["command"]
    magic = MAGIC.fullmatch(line)
    if is_about_packages(line):
        return NOTHING_INSTALLED
    if line.startswith("%%") and is_foreign_cell(line):
        return WRITES if magic["name"] in ("writefile", "file") else NOT_PYTHON
    if line.startswith("!"):
        return NO_SHELL
    if QUESTION.fullmatch(line):
        return HELP
    if magic and magic["name"] in MEASURED and in_place_of(line) != "pass":
        return MEASURES
    if magic and magic["name"] in ("matplotlib", "pylab"):
        return FIGURES
    return NOTEBOOK


def is_about_packages(line):
    return INSTALL.match(line.lstrip("%! ") + " ") is not None


class Notes:
    def __init__(self):
        self.lines = []
        self.more = 0
        self.of_packages = False

    def add(self, at, line):
        self.tell(line, "line %d: " % (at + 1))

    def tell(self, line, where=""):
        line = line.strip()
        self.of_packages = self.of_packages or is_about_packages(line)
        if len(self.lines) < MAX_NOTES:
            shown = line if len(line) <= MAX_SHOWN_CHARS else line[:MAX_SHOWN_CHARS] + "\u2026"
            self.lines.append("note: %s`%s` is passed over: %s\n" % (where, shown, reason(line)))
        else:
            self.more += 1

    def __iter__(self):
        yield from self.lines
        if self.more:
            yield "note: and %d more lines like these\n" % self.more
        if self.of_packages:
            yield from advice.on_packages()
