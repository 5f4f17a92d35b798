"""Compiles a program and runs it.

The value of its last statement, where that is an expression, is the program's. The expressions before it at the top level
are shown where they stand, as a notebook that shows all does; but not those that are there for their effect, nor texts in
three quotes, which are comments.

A program that awaits at its top level runs in an event loop, as a notebook's cells do; every other one runs as in any
Python.
"""

import __future__

import ast
import inspect
import re

import sandbox_lines as lines_of

NAME = "<code>"
MAX_SHOWN = 200  # each expression is compiled by itself
IN_THREE_QUOTES = re.compile(rb"[A-Za-z]{0,2}(?:\"\"\"|''')")

FUTURES = 0
for name in __future__.all_feature_names:
    FUTURES |= getattr(__future__, name).compiler_flag

# Functions and methods whose results nobody asks for.
SILENT_FUNCTIONS = {"print", "display", "exit", "quit", "setattr", "delattr", "exec", "help"}
SILENT_METHODS = {
    "write", "writelines", "write_text", "write_bytes", "writerow", "writerows", "writestr", "seek", "truncate", "flush", "close",
    "append", "extend", "sort", "setdefault", "start", "sleep", "seed", "register", "signal", "alarm", "fork", "savefig", "show",
}  # fmt: skip


class Piece:
    def __init__(self, code, shown):
        self.code = code
        self.shown = shown  # the expression, where its value is to be shown
        self.waits = bool(code.co_flags & inspect.CO_COROUTINE)


class Program:
    def __init__(self, pieces, has_value):
        self.pieces = pieces
        self.has_value = has_value
        self.waits = any(piece.waits for piece in pieces)


def compiled(source):
    """Raises SyntaxError, or ValueError where there is a NUL."""
    tree = compile(source, NAME, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    comments = comments_of(tree, source)
    try:
        return in_pieces(tree, comments, 0)
    except SyntaxError:
        pass  # it may await at its top level
    return in_pieces(tree, comments, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def comments_of(tree, source):
    """Statements that are no values: texts in three quotes, the module's own, and `...`, which stands for nothing."""
    lines = None
    comments = set()
    for at, statement in enumerate(tree.body):
        constant = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(constant, ast.Constant):
            continue
        if constant.value is ... or (at == 0 and isinstance(constant.value, str)):
            comments.add(statement)
        elif isinstance(constant.value, str):
            lines = lines or [line.encode() for line in lines_of.split(source)]
            if IN_THREE_QUOTES.match(lines[constant.lineno - 1], constant.col_offset):
                comments.add(statement)
    return comments


def in_pieces(tree, comments, flags):
    pieces, plain = [], []
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    futures = 0

    def take_plain():
        nonlocal futures
        if plain:
            code = compile(ast.Module(plain[:], []), NAME, "exec", flags | futures, dont_inherit=True)
            futures |= code.co_flags & FUTURES
            pieces.append(Piece(code, None))
            plain.clear()

    shown = 0
    for at, statement in enumerate(tree.body):
        is_comment = statement in comments
        is_shown = statement is last or (shown < MAX_SHOWN and not is_comment and is_to_be_shown(statement))
        if is_shown:
            take_plain()
            shown += 1
            code = compile(ast.Expression(statement.value), NAME, "eval", flags | futures, dont_inherit=True)
            pieces.append(Piece(code, statement.value))
        elif at == 0 or not is_comment:
            plain.append(statement)
    take_plain()
    return Program(pieces, last is not None)


def is_to_be_shown(statement):
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    while isinstance(value, ast.Await):
        value = value.value
    if isinstance(value, (ast.NamedExpr, ast.Yield, ast.YieldFrom)):
        return False
    if not isinstance(value, ast.Call):
        return True
    called = value.func
    if isinstance(called, ast.Name):
        return called.id not in SILENT_FUNCTIONS
    return not (isinstance(called, ast.Attribute) and called.attr in SILENT_METHODS)


def run(program, namespace, show):
    """The program's value. `show` gets the values before it, each with its expression."""
    if program.waits:
        return run_waiting(program, namespace, show)
    value = None
    for at, piece in enumerate(program.pieces):
        value = eval(piece.code, namespace)
        if piece.shown is not None and at + 1 < len(program.pieces):
            show(value, piece.shown, namespace)
    return value if program.has_value else None


def run_waiting(program, namespace, show):
    import asyncio

    async def run_pieces():
        value = None
        for at, piece in enumerate(program.pieces):
            value = eval(piece.code, namespace)
            if piece.waits:
                value = await value
            if piece.shown is not None and at + 1 < len(program.pieces):
                show(value, piece.shown, namespace)
        return value if program.has_value else None

    return asyncio.run(run_pieces())
