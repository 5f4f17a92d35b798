"""The program in Markdown, or in a tag: yields readings of a text, the likeliest first. Every line keeps its number.

A fence in a string of a program is no fence.
"""

import re

import sandbox_lines as lines_of

FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<about>[^`]*)")
ONE_LINE = re.compile(r"\s*(?P<mark>`+)(?!`)(?P<code>[^\n]*[^`\n])(?P=mark)\s*")
TAGS = "code|python|py|execute|tool_code|code_interpreter|end_code"
OPENED = re.compile(r"\s*<(?:%s)\b[^<>]*>|\s*(?:python3?|py)(?=\s)" % TAGS, re.IGNORECASE)
CLOSED = re.compile(r"</?(?:%s)>$" % TAGS, re.IGNORECASE)
LANGUAGE = re.compile(r"[{.\s]*(?P<name>[A-Za-z_][\w-]*)")
PYTHON = {
    "python", "python3", "py", "py3", "ipython", "ipython3", "pycon", "python-repl", "jupyter", "tool_code", "code_interpreter",
}  # fmt: skip
# What prose has not: an import, an assignment or a call at the beginning of a line.
CODE = re.compile(r"^(?:import \w|from [\w.]+ import|[\w.\[\]'\"]+ *=[^=]|[\w.]+\(.*\)\s*$)", re.MULTILINE)


class Block:
    """From `begin` up to `end` are the lines in a fence."""

    def __init__(self, about, indent, begin):
        language = LANGUAGE.match(about)
        self.language = language["name"].lower() if language else ""
        self.indent = indent
        self.begin = begin
        self.end = begin
        self.last = None  # the last line, where its end is the fence's

    def put(self, lines, into):
        for at in range(self.begin, self.end):
            line = self.last if self.last is not None and at == self.end - 1 else lines[at]
            into[at] = line[len(self.indent) :] if line.startswith(self.indent) else line


def readings(text):
    lines = text.split("\n")
    blocks = list(blocks_in(lines))
    if blocks:
        yield from of_blocks(lines, blocks)
        return
    quoted = ONE_LINE.fullmatch(text)
    yield without_language(quoted["code"]) if quoted else without_tags(text)


def without_tags(text):
    opened = OPENED.match(text)
    if opened:
        text = "\n" * opened.group().count("\n") + text[opened.end() :]
    return CLOSED.sub("", text.rstrip())


def without_language(code):
    word, _, rest = code.strip().partition(" ")
    return rest if word.lower() in PYTHON else code.strip()


def of_blocks(lines, blocks):
    marked = [block for block in blocks if block.language in PYTHON]
    plain = [block for block in blocks if not block.language]
    before = "\n".join(lines[: blocks[0].begin - 1])
    if blocks[0] not in marked and CODE.search(before):
        yield before  # and behind it what it would print
    chosen = marked or plain or blocks
    yield only(chosen, lines)
    if len(chosen) > 1:
        for block in reversed(chosen):
            yield only([block], lines)


def only(blocks, lines):
    kept = [""] * len(lines)
    for block in blocks:
        block.put(lines, kept)
    return "\n".join(kept)


def blocks_in(lines):
    at = 0
    outside = lines_of.Position()
    while at < len(lines):
        fence = FENCE.fullmatch(lines[at]) if outside.quote is None else None
        if fence is None:
            outside.pass_line(lines[at])
            at += 1
            continue
        block = Block(fence["about"], fence["indent"], at + 1)
        at = close(block, fence["mark"], lines, heed_strings=True) or close(block, fence["mark"], lines, heed_strings=False)
        yield block


def close(block, mark, lines, heed_strings):
    """Finds the block's end; gives the line behind it, or None where a string goes on to the end of the text."""
    inside = lines_of.Position()
    block.last = None
    for at in range(block.begin, len(lines)):
        line = lines[at].rstrip()
        if inside.quote is None and is_end(line, mark):
            block.end = at
            return at + 1
        if inside.quote is None and (begins_another(line) or CLOSED.fullmatch(line.strip())):
            block.end = at
            return at
        if heed_strings:
            inside.pass_line(line)
        if inside.quote is None and line.endswith(mark):
            block.last, block.end = line[: -len(mark)], at + 1
            return at + 1
    block.end = len(lines)
    return None if inside.quote else len(lines)


def begins_another(line):
    fence = FENCE.fullmatch(line)
    language = LANGUAGE.fullmatch(fence["about"]) if fence else None
    return language is not None and language["name"].lower() in PYTHON


def is_end(line, mark):
    line = CLOSED.sub("", line.strip()).rstrip()
    return not line.strip(mark[0]) and (len(line) >= len(mark))
