"""Makes sales.db, the small data set of this example: the same file at each run, of invented sales of 2024 and 2025."""

import datetime
import pathlib
import random
import sqlite3
import sys

SCHEMA = """
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price_cents INTEGER NOT NULL);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE sales (id INTEGER PRIMARY KEY, day TEXT NOT NULL, product_id INTEGER NOT NULL REFERENCES products,
                    customer_id INTEGER NOT NULL REFERENCES customers, quantity INTEGER NOT NULL, total_cents INTEGER NOT NULL);
CREATE INDEX sales_day ON sales (day);
"""
PRODUCTS = [
    ("Espresso beans", "coffee", 1450), ("Filter beans", "coffee", 1290), ("Decaf beans", "coffee", 1390),
    ("Green tea", "tea", 890), ("Black tea", "tea", 790), ("Herbal tea", "tea", 690),
    ("Hand grinder", "equipment", 6900), ("Kettle", "equipment", 5400), ("Teapot", "equipment", 3200),
]
CUSTOMERS = [
    ("Café Rosengarten", "CH"), ("Kaffeehaus Linde", "AT"), ("Bistro Quai", "FR"), ("Tearoom Aare", "CH"),
    ("Bar Centrale", "IT"), ("Hotel Seeblick", "CH"), ("Büro Nord", "DE"), ("Salon de Thé", "FR"),
]
SALES = 2_000


def make(path):
    path.unlink(missing_ok=True)
    chance = random.Random(7)
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA)
        database.executemany("INSERT INTO products (name, category, price_cents) VALUES (?, ?, ?)", PRODUCTS)
        database.executemany("INSERT INTO customers (name, country) VALUES (?, ?)", CUSTOMERS)
        for _ in range(SALES):
            day = datetime.date(2024, 1, 1) + datetime.timedelta(days=chance.randrange(731))
            product = chance.randrange(len(PRODUCTS))
            quantity = chance.choice([1, 1, 2, 3, 5, 10])
            row = (day.isoformat(), product + 1, chance.randrange(len(CUSTOMERS)) + 1, quantity, quantity * PRODUCTS[product][2])
            database.execute("INSERT INTO sales (day, product_id, customer_id, quantity, total_cents) VALUES (?, ?, ?, ?, ?)", row)
    database.close()


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "sales.db"))
