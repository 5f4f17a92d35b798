"""Characters in the place of those that Python knows: typographic quotes, odd spaces, characters that are not seen, escapes.

What stands in a string or comment stays. Each of these gives a text that is taken only when it compiles.
"""

import re

import sandbox_lines as lines_of

DOUBLE, SINGLE = "\u201c\u201d\u201e\u201f\u2033\uff02", "\u2018\u2019\u201a\u201b\u2032\uff07"
SPACES = "\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
DIRECTIONS = [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
UNSEEN = "\0\x1b\u00ad\u061c\u180e\u2060\ufeff" + "".join(map(chr, DIRECTIONS))
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
ALIKE = {
    **dict.fromkeys(SPACES, " "),
    **dict.fromkeys(UNSEEN, ""),
    **dict.fromkeys(DASHES, "-"),
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    "\u2026": "...",
    "\u00d7": "*",
    "\u00f7": "/",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "\u3001": ",",
}
STRING = (
    r'''"""(?:\\.|(?!""").)*"""|\'\'\'(?:\\.|(?!\'\'\').)*\'\'\''''
    r'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*\''''
)
# Quotes of either kind: three, or a pair on one line of which at least one is typographic.
ODD_STRING = "|".join(
    r"[{0}]{{3}}(?P<{1}3>.*?)[{0}{2}]{{3}}|[{0}](?P<{1}1>[^\n{0}]*)[{0}]|[{0}](?P<{1}2>[^\n{2}]*){2}|{2}(?P<{1}4>[^\n{0}{2}]*)[{0}]".format(
        odd, name, plain
    )
    for odd, name, plain in ((DOUBLE, "double", '"'), (SINGLE, "single", "'"))
)
# What has no end is passed over whole, so that no text is gone through more often than it has lines.
PART = re.compile(
    r"(?P<kept>%s|#[^\n]*)|%s|(?P<odd>[%s])|(?P<rest>[\"'][^\n]*)" % (STRING, ODD_STRING, re.escape("".join(ALIKE))), re.DOTALL
)
ESCAPED = re.compile(r"(?P<kept>%s)|(?P<comment>#(?:(?!\\n).)*)|\\(?P<escape>[nrt])|[\"'].*" % STRING)
# A string of one line that is not ended on it.
BROKEN = re.compile(
    r"(?P<kept>%s|#[^\n]*)|(?P<raw>[rR][fFbB]?)?(?P<broken>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|[\"'].*" % STRING, re.DOTALL
)
ANY_ESCAPE = re.compile(r"\\(.)")
ESCAPES = {"n": "\n", "r": "", "t": "\t"}
ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#34;": '"', "&#39;": "'", "&#x27;": "'", "&apos;": "'", "&nbsp;": " "}
ENTITY = re.compile("|".join(map(re.escape, ENTITIES)))
TAB_SIZES = (4, 8)


def plain(text):
    return PART.sub(in_plain, text)


def in_plain(found):
    if found["kept"] is not None or found["rest"] is not None:
        return found.group()
    if found["odd"] is not None:
        return ALIKE[found["odd"]]
    name = found.lastgroup
    quote = '"' if name.startswith("double") else "'"
    if name.endswith("3"):
        return quote * 3 + found[name] + quote * 3
    return quote + found[name].replace(quote, "\\" + quote) + quote


def unescaped(text):
    """Readings of a program of one line whose line ends were escaped twice."""
    if "\\n" not in text or "\n" in text.strip():
        return
    yield ESCAPED.sub(lambda found: ESCAPES[found["escape"]] if found["escape"] else found.group(), text)
    yield ANY_ESCAPE.sub(lambda found: ESCAPES.get(found[1], found[1]), text)


def rejoined(text):
    """With line ends in strings escaped, which were unescaped once too often; every line keeps its number."""

    def in_one(found):
        if found["broken"] is None or found["raw"]:
            return found.group()
        return found["broken"].replace("\n", "\\n\\\n")

    return BROKEN.sub(in_one, text)


def without_entities(text):
    if ENTITY.search(text):
        yield ENTITY.sub(lambda found: ENTITIES[found.group()], text).replace("&amp;", "&")


def undented(text):
    """Without the indentation of the first line, on every line that has it."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    indent = first[: len(first) - len(first.lstrip())]
    if not indent:
        return text
    return "\n".join(line[len(indent) :] if line.startswith(indent) else line for line in lines)


def without_tabs(text):
    """Readings of indentation that mixes tabs and spaces, one for each size that a tab may have."""
    lines = text.split("\n")
    if any("\t" in indentation(line) for line in lines):
        for size in TAB_SIZES:
            yield "\n".join(expanded(lines, size))


def expanded(lines, size):
    position = lines_of.Position()
    for line in lines:
        indent = indentation(line) if position.quote is None else ""
        yield indent.expandtabs(size) + line[len(indent) :]
        position.pass_line(line)


def indentation(line):
    return line[: len(line) - len(line.lstrip(" \t"))]
