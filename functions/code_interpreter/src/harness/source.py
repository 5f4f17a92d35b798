"""Makes a program of what a model wrote.

What compiles is run as it is, but for a text that would end at its first line (`sandbox_transcript`). Where it does not
compile, the program is looked for: in a fence, behind prompts, between the commands of a notebook, under an indentation of its
own, behind characters that only look like Python's, in line ends that were escaped twice or not at all. Every line keeps its
number. Where nothing compiles, the error is that of the text as written, but for what no program has.
"""

import ast
import itertools
import warnings

import sandbox_characters as characters
import sandbox_commands as commands
import sandbox_execution as execution
import sandbox_fences as fences
import sandbox_lines as lines_of
import sandbox_transcript as transcript

MAX_MENDED_CHARS = 256 << 10
MAX_READINGS = 24
TOO_DEEP = (MemoryError, RecursionError)


class Reading:
    """A program or the error that there is none, the text it stands in, and notes on what was passed over."""

    def __init__(self, text, program=None, error=None, notes=()):
        self.text = text
        self.program = program
        self.error = error
        self.notes = notes


def read(text):
    whole = attempt(text)
    is_whole = whole.program is not None and not transcript.is_certain(text)
    if is_whole or len(text) > MAX_MENDED_CHARS or isinstance(whole.error, TOO_DEEP):
        return whole
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each was given when the text was compiled as it is
        failed = None
        for reading in itertools.islice(readings("\n".join(lines_of.split(text))), MAX_READINGS):
            if reading.program is not None:
                return reading
            failed = failed or reading
    return whole if whole.program is not None else failed or whole


def attempt(text, notes=()):
    try:
        return Reading(text, program=execution.compiled(text), notes=notes)
    except (SyntaxError, ValueError, *TOO_DEEP) as error:
        return Reading(text, error=error, notes=notes)


def readings(text):
    """What the text may mean, the likeliest first."""
    texts = itertools.chain([text], characters.unescaped(text), characters.without_entities(text))
    for mended in texts:
        for fenced in fences.readings(mended.lstrip("\ufeff")):
            for typed in transcript.readings(fenced):
                yield from of_program(*commands.pass_over(typed))


def of_program(text, notes):
    text = characters.undented(text)
    yield attempt(text, notes)
    plain = characters.undented(characters.plain(text))
    for mended in (plain, characters.rejoined(plain)):
        if mended != text:
            yield attempt(mended, notes)
    yield from one_meaning([attempt(spaced, notes) for spaced in characters.without_tabs(plain)])


def one_meaning(readings):
    """Nothing where the readings differ in what they mean."""
    readings = [reading for reading in readings if reading.program is not None]
    try:
        meanings = {ast.dump(ast.parse(reading.text)) for reading in readings}
    except TOO_DEEP:
        return
    if len(meanings) == 1:
        yield readings[0]
