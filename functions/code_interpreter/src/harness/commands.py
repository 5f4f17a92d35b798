"""What a notebook takes beside Python: magics, shell commands, questions. They are passed over, and each is told of.

The line stays, as `pass`; of `%time` and the like what they would measure is run, and a name that would get what a command
gives is bound. A cell in another language goes up to the next mark of a cell.
"""

import re

import sandbox_advice as advice
import sandbox_lines as lines_of

MAX_NOTES = 10
MAX_SHOWN_CHARS = 80
MAX_TARGETS_CHARS = 1000

INSTALL = re.compile(r"(?:sudo +)?(?:(?:\S+ +-m +)?pip[\d.]*|conda|mamba|uv|apt|apt-get|brew|npm|poetry) ")
BARE_INSTALL = re.compile(
    r"(?:python[\d.]* +-m +)?(?:pip[\d.]*|conda|uv pip|mamba|apt|apt-get) +(?:install|uninstall|list|show|freeze)\b.*"
)
MAGIC = re.compile(r"%{1,2} ?(?P<name>[A-Za-z_][\w.]*)(?P<rest>.*)")
SUBSCRIPT = r"\[(?:[^\]'\"]|'[^']*'|\"[^\"]*\")*\]"
ASSIGNED = re.compile(r"(?P<targets>(?:[\w.,: ]|%s)+)= *(?P<command>![^=].*|%% ?[A-Za-z_].*)" % SUBSCRIPT)
OF_NAME = re.compile(r"(?<=[\w\]])" + SUBSCRIPT)
QUESTION = re.compile(r"\?{1,2} ?%{0,2}[\w.*]+|%{0,2}[\w.*]+\?{1,2}")
MEASURED = ("time", "timeit", "prun", "memit")
OPTIONS = re.compile(r"(?:\s+-(?:[nr] *\d+|[A-Za-z]+)(?=\s|$))*\s*")
# Their cell is Python all the same.
PYTHON_CELLS = MEASURED + ("capture", "python", "python3", "debug", "mprun", "skip", "snakeviz")
# With one `%`, too, and then on a line of their own: some notebooks have it so.
FOREIGN_CELLS = (
    "bash", "html", "javascript", "js", "latex", "markdown", "md", "perl", "r", "ruby", "scala", "script", "sh", "sql", "svg",
)  # fmt: skip
WRITTEN_CELLS = ("writefile", "file")
MAGIC_MARK = re.compile(r"%%(?:!|[A-Za-z_])")
CELL_MARK = re.compile(MAGIC_MARK.pattern + r"|%python3?\s*$|# ?%%|# ?In ?\[[\d ]*\]:|# ?COMMAND -")
LISTS = ("sx", "system", "who_ls")

MEASURES = "what it measures is run"
NOT_PYTHON = "its cell is not run: only Python is"
WRITES = "its cell is not written: write the file with open()"
NO_SHELL = "there is no shell for it: write it in Python"
NO_OUTPUT = "; what it would give is empty"
NOTHING_INSTALLED = "there is no network, so nothing can be installed"
FIGURES = "figures are kept without it"
NOTEBOOK = "it is a command of notebooks"
HELP = "it is a question to a notebook; help(name) prints the answer"


def pass_over(text):
    """The text with commands passed over, and what there is to say of them."""
    notes = Notes()
    lines = text.split("\n")
    position = lines_of.Position()
    at = 0
    while at < len(lines):
        line, stripped = lines[at], lines[at].strip()
        end = at + 1
        if position.is_statement() and is_command(stripped):
            indent = line[: len(line) - len(line.lstrip())]
            if is_foreign_cell(stripped):
                end = end_of_cell(lines, at, indent)
            elif not is_measured(stripped):
                end = end_of_command(lines, at)
            notes.add(at, stripped)
            line = indent + in_place_of(stripped)
            lines[at:end] = [line] + [""] * (end - at - 1)
        position.pass_line(line)
        at = end
    return "\n".join(lines), notes


def end_of_cell(lines, begin, indent):
    """The next mark of a cell, or the end of the text. A script that was to be written may have marks of its own."""
    magic = MAGIC.fullmatch(lines[begin].strip())
    mark = MAGIC_MARK if magic and magic["name"] in WRITTEN_CELLS else CELL_MARK
    behind = range(begin + 1, len(lines))
    return next((at for at in behind if mark.match(lines[at].removeprefix(indent))), len(lines))


def end_of_command(lines, at):
    """The line behind it: it goes on where a line ends with a backslash."""
    while at < len(lines) - 1 and lines[at].rstrip().endswith("\\"):
        at += 1
    return at + 1


def is_command(line):
    starts = line.startswith(("%", "!")) or BARE_INSTALL.fullmatch(line) or ASSIGNED.fullmatch(line)
    return bool(starts or QUESTION.fullmatch(line))


def is_foreign_cell(line):
    magic = MAGIC.fullmatch(line)
    if line.startswith("%%"):
        return line.startswith("%%!") or (magic is not None and magic["name"] not in PYTHON_CELLS)
    if magic is None:
        return False
    return magic["name"] == "writefile" or (magic["name"].lower() in FOREIGN_CELLS and not magic["rest"].strip())


def in_place_of(line):
    """Of a measure that which it measures, of an assignment what binds its names, else nothing."""
    found = measured(line) or line
    return binding(found) if is_command(found) else found


def measured(line):
    magic = MAGIC.fullmatch(line)
    if magic is None or magic["name"] not in MEASURED:
        return ""
    return magic["rest"][OPTIONS.match(magic["rest"]).end() :]


def is_measured(line):
    """Whether something of a command is run."""
    assigned = ASSIGNED.fullmatch(line)
    found = measured(assigned["command"] if assigned else line)
    return bool(found) and not is_command(found)


def binding(line):
    assigned = ASSIGNED.fullmatch(line)
    if assigned is None:
        return "pass"
    targets, command = assigned["targets"], assigned["command"]
    if is_measured(command):
        return "%s= %s" % (targets, measured(command))
    magic = MAGIC.fullmatch(command)
    value = "[]" if magic is None or magic["name"] in LISTS else "None"
    names = OF_NAME.sub("", targets[:MAX_TARGETS_CHARS]).split(",")
    if len(names) > 1:
        value = (value + ", ") * len([name for name in names if name.strip(" []")])
    return "%s= %s" % (targets, value)


def reason(line):
    """Why a command is passed over."""
    assigned = ASSIGNED.fullmatch(line)
    if assigned:
        why = reason(assigned["command"])
        return why if why == MEASURES else why + NO_OUTPUT
    magic = MAGIC.fullmatch(line)
    if is_about_packages(line):
        return NOTHING_INSTALLED
    if is_foreign_cell(line):
        return WRITES if magic and magic["name"] in WRITTEN_CELLS else NOT_PYTHON
    if line.startswith("!"):
        return NO_SHELL
    if QUESTION.fullmatch(line):
        return HELP
    if is_measured(line):
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
