"""What queries get: a table of plain ones, and one of hostile ones. Run it in this folder: python3 -m unittest"""

import hashlib
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import unittest

if sys.version_info < (3, 11):
    raise unittest.SkipTest("sales_query needs Python 3.11 or newer")

import make_sales
import sales_query

PLAIN = [
    ("SELECT 7", [[7]]),
    ("SELECT 7;", [[7]]),
    ("  -- how many\n/* really */ SELECT 7 ; -- done", [[7]]),
    ("VALUES (1, 'a'), (2, NULL)", [[1, "a"], [2, None]]),
    ("SELECT count(*) FROM sales", [[2000]]),
    ("SELECT COUNT(*) FROM main.sales WHERE day BETWEEN '2024-01-01' AND '2025-12-31'", [[2000]]),
    ("WITH c AS (SELECT DISTINCT country FROM customers) SELECT count(*) FROM c", [[5]]),
    ("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100) SELECT sum(x) FROM n", [[5050]]),
    ("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100) SELECT count(*) FROM n", [[100]]),
    ("SELECT name FROM products WHERE category = 'tea' ORDER BY price_cents DESC LIMIT 1", [["Green tea"]]),
    ("SELECT category, count(*) FROM products GROUP BY 1 HAVING count(*) > 2 ORDER BY 1", [["coffee", 3], ["equipment", 3], ["tea", 3]]),
    ("SELECT name, rank() OVER (ORDER BY price_cents) FROM products ORDER BY 2 LIMIT 2", [["Herbal tea", 1], ["Black tea", 2]]),
    ("SELECT min(strftime('%Y', day)), max(strftime('%Y', day)) FROM sales", [["2024", "2025"]]),
    ("SELECT count(*) FROM sales s JOIN products p ON p.id = s.product_id AND s.total_cents = s.quantity * p.price_cents", [[2000]]),
    ("SELECT name FROM customers WHERE name LIKE 'Caf%'", [["Café Rosengarten"]]),
    ("SELECT name FROM customers WHERE name = 'Büro Nord' -- 💶", [["Büro Nord"]]),
    ("SELECT round(avg(price_cents) / 100, 2), CASE WHEN 1 THEN 'x' END, CAST('3' AS INTEGER) FROM products", [[24.44, "x", 3]]),
    # What JSON has no word for.
    ("SELECT 9e999, -9e999, 1 / 0, x'00ff', CAST(x'ff' AS TEXT)", [["inf", "-inf", None, "x'00ff'", "\ufffd"]]),
    ("SELECT 9223372036854775807, -9223372036854775808", [[9223372036854775807, -9223372036854775808]]),
    ("SELECT 1 AS a, 2 AS a", [[1, 2]]),
    ("SELECT id FROM sales WHERE id < 0", []),
]

DENIED = "a query may read the tables customers, products, sales"
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
HOSTILE = [
    # Writing, by every word for it, and behind what looks harmless.
    ("DELETE FROM sales", DENIED),
    ("-- SELECT\nDELETE FROM sales", DENIED),
    ("/* SELECT */ UPDATE sales SET total_cents = 0", DENIED),
    ("INSERT INTO sales VALUES (1, '2024-01-01', 1, 1, 1, 1)", DENIED),
    ("REPLACE INTO products VALUES (1, 'x', 'x', 0)", DENIED),
    ("INSERT INTO products (name) SELECT name FROM customers RETURNING id", DENIED),
    ("UPDATE products SET name = 'x' RETURNING name", DENIED),
    ("WITH s AS (SELECT id FROM sales) DELETE FROM sales WHERE id IN s", DENIED),
    ("DROP TABLE sales", DENIED),
    ("CREATE TABLE t (x)", DENIED),
    ("CREATE TABLE t AS SELECT * FROM sales", DENIED),
    ("CREATE TEMP TABLE t (x)", DENIED),
    ("CREATE TEMP VIEW v AS SELECT * FROM sales", DENIED),
    ("CREATE TEMP TRIGGER t AFTER INSERT ON sales BEGIN SELECT 1; END", DENIED),
    ("CREATE VIRTUAL TABLE t USING fts5 (x)", DENIED),
    ("CREATE VIRTUAL TABLE temp.t USING rtree (id, a, b)", DENIED),
    ("ALTER TABLE sales RENAME TO s", DENIED),
    ("CREATE INDEX i ON sales (quantity)", DENIED),
    ("REINDEX", DENIED),
    ("ANALYZE", DENIED),
    ("VACUUM", DENIED),
    ("VACUUM INTO '/tmp/stolen.db'", DENIED),
    ("EXPLAIN DELETE FROM sales", DENIED),
    # Several statements, and transactions.
    ("SELECT 1; DROP TABLE sales", "one statement"),
    ("COMMIT; DROP TABLE sales", "one statement|" + DENIED),
    ("SELECT 1;\n;SELECT 2", "one statement"),
    ("BEGIN IMMEDIATE", DENIED),
    ("ROLLBACK", DENIED),
    ("SAVEPOINT s", DENIED),
    # Out of the file.
    ("ATTACH ':memory:' AS m", DENIED),
    ("ATTACH DATABASE '/etc/passwd' AS p", DENIED),
    ("DETACH main", DENIED),
    ("SELECT load_extension('/tmp/x.so')", DENIED),
    ("SELECT readfile('/etc/passwd')", "no such function|" + DENIED),
    ("SELECT writefile('/tmp/x', 'x')", "no such function|" + DENIED),
    ("SELECT edit('x', 'sh')", "no such function|" + DENIED),
    ("SELECT fts3_tokenizer('simple')", "no such function|" + DENIED),
    ("SELECT * FROM csv('/etc/passwd')", "no such table"),
    ("SELECT * FROM fsdir('/')", "no such table"),
    (".shell id", "syntax error"),
    # What the schema and the settings tell and change.
    ("SELECT * FROM sqlite_schema", DENIED),
    ("SELECT count(*) FROM sqlite_master", DENIED),
    ("SELECT sql FROM main . SQLITE_MASTER", DENIED),
    ("SELECT * FROM sqlite_temp_schema", DENIED),
    ("SELECT * FROM \"sqlite_sequence\"", "no such table|" + DENIED),
    ("SELECT count(*) FROM secrets", DENIED),
    ("SELECT * FROM secrets", DENIED),
    ("SELECT 1 FROM sales WHERE EXISTS (SELECT 1 FROM secrets)", DENIED),
    ("SELECT * FROM spied", DENIED),
    ("PRAGMA writable_schema = ON", DENIED),
    ("PRAGMA query_only = OFF", DENIED),
    ("PRAGMA hard_heap_limit = 0", DENIED),
    ("PRAGMA trusted_schema = ON", DENIED),
    ("PRAGMA journal_mode = WAL", DENIED),
    ("PRAGMA table_info(sales)", DENIED),
    ("SELECT * FROM pragma_journal_mode()", DENIED),
    ("SELECT count(*) FROM pragma_database_list", DENIED),
    ("SELECT * FROM dbstat", "no such table|" + DENIED),
    ("SELECT * FROM sqlite_dbpage", "no such table|" + DENIED),
    ("SELECT * FROM json_each('[1]')", DENIED),
    ("SELECT sqlite_version(), sqlite_source_id()", DENIED),
    ("SELECT last_insert_rowid(), changes()", DENIED),
    # Without end.
    (ENDLESS + " SELECT count(*) FROM n", "longer than"),
    (ENDLESS + " SELECT x FROM n WHERE x < 0", "longer than"),
    (ENDLESS + " SELECT x FROM n ORDER BY x", "longer than|memory"),
    (ENDLESS + ", m AS (SELECT x FROM n) SELECT count(DISTINCT x) FROM m", "longer than|memory"),
    ("SELECT count(*) FROM sales a, sales b, sales c, sales d", "longer than"),
    ("SELECT a.id * b.id * c.id FROM sales a, sales b, sales c ORDER BY 1", "longer than|memory"),
    ("SELECT sum(a.id) OVER (ORDER BY b.id) FROM sales a, sales b, sales c ORDER BY 1", "longer than|memory"),
    ("SELECT max(a.day LIKE '%2%0%2%4%-%0%1%x') FROM sales a, sales b, sales c", "longer than"),
    ("SELECT count(*) FROM sales a WHERE (SELECT count(*) FROM sales b, sales c WHERE b.id + c.id = a.id) > -1", "longer than"),
    # Long values out of short ones.
    ("SELECT zeroblob(1000000000)", DENIED),
    ("SELECT randomblob(1000000000)", DENIED),
    ("SELECT hex(zeroblob(99999))", DENIED),
    ("SELECT printf('%.*c', 1000000000, 'x')", DENIED),
    ("SELECT format('%1000000000d', 1)", DENIED),
    ("SELECT replace(replace('aaaaaaaa', 'a', 'aaaaaaaa'), 'a', 'aaaaaaaa')", DENIED),
    ("SELECT quote(day) FROM sales", DENIED),
    ("SELECT json_group_array(day) FROM sales", DENIED),
    ("WITH RECURSIVE n(x) AS (SELECT 'ab' UNION ALL SELECT x || x FROM n) SELECT length(x) FROM n", "too big"),
    ("SELECT group_concat(a.day) FROM sales a, sales b", "too big|longer than"),
    ("SELECT 'a' LIKE '" + "%a" * 60 + "'", "too complex"),
    # Odd texts.
    ("", "1 to 4000"),
    (" \n\t", "no query"),
    (";", "no query"),
    ("-- nothing", "no query"),
    ("SELECT 1\0; DROP TABLE sales", "null character"),
    ("SELECT '\ud800'", "surrogates"),
    ("\ufeffSELECT nothing", "no such column|unrecognized token|syntax error"),
    # A no-break space in the place of a blank.
    ("SELECT 1\u00a0FROM sales", "unrecognized token"),
    ("SELECT ?", "variables"),
    ("SELECT :name", "variables"),
    ("SELECT " + "(" * 500 + "1" + ")" * 500, "overflow|too large"),
    ("SELECT " + " + ".join(["1"] * 500), "too large"),
    ("SELECT 1" + " UNION SELECT 1" * 50, "too many terms"),
    ("SELECT " + ", ".join(["1"] * 500), "too many columns"),
    ("SELECT '" + "x" * 4000 + "'", "1 to 4000"),
    ("SELEC 1", "syntax error"),
    ("SELECT price FROM products", "no such column: price"),
    ("SELECT * FROM orders", "no such table: orders"),
    ("```sql\nSELECT 1\n```", "no such column|unrecognized token|syntax error"),
]
MEMORY_KB = 400_000


class Queries(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "sales.db"
        make_sales.make(self.file)
        with make_sales.sqlite3.connect(self.file) as database:
            database.execute("CREATE TABLE secrets (word)")
            database.execute("CREATE VIEW spied AS SELECT word FROM secrets")
        database.close()
        before, sales_query.DATABASE = sales_query.DATABASE, self.file
        self.addCleanup(setattr, sales_query, "DATABASE", before)

    def ask(self, sql, **changes):
        event = {"tool": "sales_query", "arguments": {"sql": sql}, "deadline_ms": int(time.time() * 1000) + 10_000, **changes}
        response = sales_query.handler(event, None)
        # As it goes out: JSON that any reader takes.
        return json.loads(json.dumps(response, allow_nan=False))

    def test_a_plain_query_brings_its_rows(self):
        for sql, rows in PLAIN:
            with self.subTest(sql):
                response = self.ask(sql)
                self.assertTrue(response["ok"], response)
                self.assertEqual(response["result"]["rows"], rows)

    def test_a_hostile_query_is_refused_changes_nothing_and_takes_no_more_than_its_part(self):
        before = hashlib.sha256(self.file.read_bytes()).digest()
        seconds, sales_query.SECONDS = sales_query.SECONDS, 0.2
        self.addCleanup(setattr, sales_query, "SECONDS", seconds)
        self.assertGreaterEqual(len(HOSTILE), 40)
        for sql, words in HOSTILE:
            with self.subTest(sql[:80]):
                response = self.ask(sql)
                self.assertFalse(response["ok"], response)
                self.assertEqual(response["error"]["code"], "query_failed")
                self.assertRegex(response["error"]["message"], words)
                self.assertLess(len(response["error"]["message"]), 700)
        self.assertEqual(hashlib.sha256(self.file.read_bytes()).digest(), before)
        self.assertEqual([path.name for path in self.file.parent.iterdir()], ["sales.db"])
        self.assertFalse(pathlib.Path("/tmp/stolen.db").exists())
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
        self.assertLess(most, MEMORY_KB)

    def test_what_takes_more_than_its_part_of_memory_ends_by_itself(self):
        # In a process of its own, as the bound is one of a process and can only be lowered.
        sql = "SELECT a.id * b.id * c.id FROM sales a, sales b, sales c ORDER BY 1"
        program = f"""
import pathlib, sales_query
sales_query.DATABASE, sales_query.HEAP_BYTES = pathlib.Path({str(self.file)!r}), 4_000_000
try:
    sales_query.query({sql!r}, 60)
except sales_query.Refused as reason:
    print(reason)
"""
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=pathlib.Path(__file__).parent)
        self.assertIn("takes too much memory", ended.stdout, ended.stderr)

    def test_columns_have_names_and_types(self):
        response = self.ask("SELECT name, price_cents AS price, price_cents / 2.0, NULL AS none, x'00' FROM products")
        kinds = [("name", "text"), ("price", "integer"), ("price_cents / 2.0", "real"), ("none", "null"), ("x'00'", "text")]
        self.assertEqual([(it["name"], it["type"]) for it in response["result"]["columns"]], kinds)

    def test_rows_bytes_and_cells_are_bounded_and_say_so(self):
        every = self.ask("SELECT * FROM sales")["result"]
        self.assertEqual((len(every["rows"]), every["truncated"]), (200, True))
        self.assertIn("first 200 rows", every["note"])
        exact = self.ask("SELECT * FROM sales LIMIT 200")["result"]
        self.assertEqual((len(exact["rows"]), exact["truncated"], "note" in exact), (200, False, False))
        wide = "WITH RECURSIVE n(x) AS (SELECT 'é' UNION ALL SELECT x || x FROM n WHERE length(x) < 9000) SELECT x FROM n, sales WHERE length(x) > 5000"
        long = self.ask(wide)["result"]
        self.assertTrue(long["truncated"])
        self.assertLess(len(json.dumps(long, ensure_ascii=False).encode()), sales_query.RESULT_BYTES + 1000)
        self.assertEqual(long["rows"][0][0], "é" * sales_query.CELL_CHARS + "…")

    def test_what_the_caller_no_longer_waits_for_is_not_begun(self):
        response = self.ask("SELECT 1", deadline_ms=int(time.time() * 1000) + 100)
        self.assertIn("no time left", response["error"]["message"])

    def test_the_entry_tells_the_model_the_tables_and_the_bounds(self):
        entry = json.loads(pathlib.Path(__file__).with_name("sales_query.json").read_text())
        told = entry["function"]["description"]
        with make_sales.sqlite3.connect(self.file) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")} - {"secrets"}
            for table in tables:
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                listed = told.split(f"{table} (")[1].split(")")[0]
                self.assertEqual([part.split(":")[0].strip() for part in listed.split(", ") if part.split(":")[0].strip() in columns], columns)
        database.close()
        self.assertEqual(tables, sales_query.TABLES)
        self.assertIn(f"At most {sales_query.ROWS} rows", told)
        self.assertEqual(entry["function"]["parameters"]["properties"]["sql"]["maxLength"], sales_query.QUERY_CHARS)
        self.assertGreater(entry["timeout_ms"], 1000 * (sales_query.SECONDS + sales_query.MARGIN_SECONDS))


if __name__ == "__main__":
    unittest.main()
