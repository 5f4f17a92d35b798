"""What was typed at the prompts of Python, IPython or a notebook; what these answered is left out."""

import re

PROMPT = re.compile(r"\s*(?:>>>(?: |$)|In ?\[\d*\]:(?: |$))")
NEXT_PROMPT = re.compile(r"\s*(?:\.\.\.:?(?: |$))")
# To Python this is an annotation, or a name, three times inverted; but neither can be a program's first line where that name
# is never made.
NO_PROGRAM = re.compile(r"\s*(?:(?P<prompt>In) ?\[\d+\]: |(?:~{3,} *)?(?P<language>(?i:python3?|py))[ \t]*[\r\n])")


def is_certain(text):
    """Whether a text that compiles can be no program: as one it would end at its first line."""
    found = NO_PROGRAM.match(text)
    return found is not None and re.search(r"\b%s *=" % (found["prompt"] or found["language"]), text) is None


def readings(text):
    """The text without prompts: first without the lines that have none, then with them."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if not PROMPT.match(first):
        yield text
        return
    yield "\n".join(typed(lines, keep_others=False))
    yield "\n".join(typed(lines, keep_others=True))


def typed(lines, keep_others):
    goes_on = False
    for line in lines:
        prompt = PROMPT.match(line) or (NEXT_PROMPT.match(line) if goes_on else None)
        goes_on = prompt is not None
        if prompt:
            yield line[prompt.end() :]
        else:
            yield line if keep_others else ""
