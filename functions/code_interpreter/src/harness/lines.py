"""Where the lines of a text stand in Python's grammar, as far as it can be told of a text that does not compile.

A line is at the start of a statement unless a string in three quotes, a bracket or a backslash of an earlier line goes on.
"""

import re

# In code: a string's begin, a string of one line (its end may be missing), a comment, a bracket.
TOKEN = re.compile(r'''"""|\'\'\'|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|\#.*|[()\[\]{}]''')
IN_STRING = {quote: re.compile(r"\\.|" + quote) for quote in ('"""', "'''")}
LINE_END = re.compile(r"\r\n?|\n")


def split(text):
    """The lines as Python counts them, without their ends."""
    return LINE_END.split(text)


class Position:
    """Between two lines."""

    def __init__(self):
        self.quote = None
        self.depth = 0
        self.continued = False

    def is_statement(self):
        return self.quote is None and self.depth == 0 and not self.continued

    def pass_line(self, line):
        at = 0
        while True:
            pattern = TOKEN if self.quote is None else IN_STRING[self.quote]
            found = pattern.search(line, at)
            if found is None:
                break
            self.take(found.group())
            at = found.end()
        self.continued = self.quote is None and line.endswith("\\")

    def take(self, token):
        if token == self.quote:
            self.quote = None
        elif self.quote is None and token in IN_STRING:
            self.quote = token
        elif self.quote is None and token in "([{":
            self.depth += 1
        elif self.quote is None and token in ")]}":
            self.depth = max(self.depth - 1, 0)
