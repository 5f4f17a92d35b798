"""A Lambda tool: one SQL query over sales.db, which lies beside this file and is only read.

What a model wrote is not made safe by looking at its words. SQLite holds it: the file is opened read-only, an authorizer
allows reading the tables that are named here and calling the functions that are named here and nothing else, limits bound
what one value may hold, and time, memory and what is returned are bounded. Needs Python 3.11 or newer.
"""

import json
import math
import pathlib
import sqlite3
import time

DATABASE = pathlib.Path(__file__).parent / "sales.db"
TABLES = {"products", "customers", "sales"}
# Neither what makes long values out of short ones (zeroblob, printf, replace, char), nor what reaches out (load_extension).
FUNCTIONS = set(
    "abs avg cast ceil ceiling coalesce count cume_dist date datetime dense_rank first_value floor group_concat ifnull iif instr julianday"
    " lag last_value lead length like glob lower ltrim max min mod nth_value ntile nullif percent_rank rank round row_number rtrim sign"
    " sqrt strftime string_agg substr substring sum time total trim typeof unixepoch upper power".split()
)
SECONDS = 2.0
# Of what the caller still waits, the part that is kept for reading and sending the result, in seconds.
MARGIN_SECONDS = 0.5
ROWS = 200
RESULT_BYTES = 100_000
CELL_CHARS = 2_000
QUERY_CHARS = 4_000
VALUE_BYTES = 100_000
HEAP_BYTES = 64_000_000
# How many steps of SQLite's machine pass between two looks at the clock.
STEPS = 1_000
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 4 * QUERY_CHARS,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 20,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


class Refused(Exception):
    """What a query may not do, in words for whoever wrote it."""


def handler(event, _context):
    left = event["deadline_ms"] / 1000 - time.time() - MARGIN_SECONDS
    try:
        return {"ok": True, "result": query(event["arguments"]["sql"], min(SECONDS, left))}
    except Refused as reason:
        return {"ok": False, "error": {"code": "query_failed", "message": str(reason), "retryable": False}}


def query(sql, seconds):
    """The rows of one query. Raises `Refused`."""
    if not isinstance(sql, str) or not 0 < len(sql) <= QUERY_CHARS:
        raise Refused(f"A query is a text of 1 to {QUERY_CHARS} characters.")
    if seconds <= 0:
        raise Refused("There is no time left for a query.")
    database = connect()
    try:
        hold(database, time.monotonic() + seconds)
        cursor = database.execute(sql)
        if cursor.description is None:
            raise Refused("That is no query: write one SELECT.")
        return collect(cursor)
    except MemoryError:
        raise Refused("The query takes too much memory: ask for fewer rows, and sort and group less.") from None
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
        raise Refused(explain(error, seconds)) from None
    finally:
        database.close()


def connect():
    # `immutable`: the file lies in the function's package, which nobody writes; so no lock and no journal is looked for.
    return sqlite3.connect(f"{DATABASE.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def hold(database, deadline):
    """Lets a connection do no more than a query may."""
    # All names of the file, so that of a name the authorizer can tell whether it is that of a part of the query itself.
    stored = {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}
    for pragma in (f"hard_heap_limit = {HEAP_BYTES}", "temp_store = memory", "trusted_schema = off", "cell_size_check = on"):
        database.execute(f"PRAGMA {pragma}").close()
    for limit, most in LIMITS.items():
        database.setlimit(limit, most)
    database.text_factory = lambda data: data.decode("utf-8", "replace")
    database.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    database.set_authorizer(lambda action, first, second, *_: authorize(action, first, second, stored))


def authorize(action, first, second, stored):
    """Called by SQLite for all that a statement would do, before it does anything of it. Allows what is named here, and nothing else."""
    if action == sqlite3.SQLITE_READ:
        # Of a part of the query, such as `WITH part AS …`, SQLite asks without a column.
        is_part = second == "" and first not in stored and not first.lower().startswith(("sqlite_", "pragma_"))
        allowed = first in TABLES or is_part
    elif action == sqlite3.SQLITE_FUNCTION:
        allowed = second.lower() in FUNCTIONS
    else:
        allowed = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def collect(cursor):
    rows, bytes_left, truncated = [], RESULT_BYTES, False
    for row in cursor:
        row = [shown(value) for value in row]
        bytes_left -= len(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
        if len(rows) == ROWS or bytes_left < 0:
            truncated = True
            break
        rows.append(row)
    names = [column[0][:CELL_CHARS] for column in cursor.description]
    kinds = [next((kind(row[at]) for row in rows if row[at] is not None), "null") for at in range(len(names))]
    columns = [{"name": name, "type": kind} for name, kind in zip(names, kinds)]
    note = {"note": f"Only the first {len(rows)} rows are shown: count, sum or group in SQL."} if truncated else {}
    return {"columns": columns, "rows": rows, "truncated": truncated, **note}


def shown(value):
    """A value as JSON can hold it."""
    if isinstance(value, bytes):
        value = f"x'{value[: CELL_CHARS // 2].hex()}'"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str) and len(value) > CELL_CHARS:
        return value[:CELL_CHARS] + "…"
    return value


def kind(value):
    return {int: "integer", float: "real", str: "text"}[type(value)]


def explain(error, seconds):
    words = str(error)
    if words == "interrupted":
        return f"The query took longer than {seconds:.1f} s: ask for less."
    if any(mark in words for mark in ("not authorized", "authorization denied", "prohibited", "constructor failed")):
        return f"{words}: a query may read the tables {', '.join(sorted(TABLES))} and call the usual functions, nothing else."
    if "one statement" in words:
        return "Write one statement, and nothing behind it."
    return f"SQLite says: {words[:500]}"
