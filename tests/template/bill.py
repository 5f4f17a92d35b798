#!/usr/bin/env python3
"""Whether deploy/bill is a bound, and docs/operate.md says what it prints.

    bill.py            compares; prints what differs and fails
    bill.py --prove    halves one fact at a time, in memory, and fails where no simulated day passes the bound then
    bill.py --write    puts the table into docs/operate.md

The bound is held against simulated days (bill_day.py): none passes it, and the worst caller comes to within WORST_FACTOR of it.
"""

import copy
import importlib.machinery
import importlib.util
import json
import pathlib
import random
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/template"))
sys.dont_write_bytecode = True

from bill_day import Caller, simulate  # noqa: E402

loader = importlib.machinery.SourceFileLoader("bill", str(ROOT / "deploy/bill"))
bill = importlib.util.module_from_spec(importlib.util.spec_from_loader("bill", loader))
loader.exec_module(bill)

GUIDE = "docs/operate.md"
BEGIN, END = "<!-- deploy/bill --guide: tests/template/bill.py --write -->\n", "<!-- end -->\n"
DAYS = 120
# The bound by what the worst caller of the simulation brings about: all of it, and that of the key's runs. docs/operate.md tells the first.
WORST_FACTOR, RUNS_FACTOR = 1.25, 1.5
WORST = Caller(greed=1.0, crashes=0.0, beside=1.0)
# Facts by whose half the bound is still not passed, and why.
SMALL = "little beside the files and results of the same runs, which are reckoned in the same unit"
NOT_FELT = {
    "run_seconds": "the worst caller's runs are as short as the minute's places ask for",
    "text_bytes": "dollars, or the longest reply, bound the tokens before",
    "reply_tokens": "half of each model's context is less",
    "least_decision_tokens": "the worst caller spends one half of the dollars on decisions and one on text, the bound all of it on both",
    **dict.fromkeys(("day_bytes", "head_bytes", "small_items_a_start", "flushes_a_second", "bytes_a_token", "start_seconds", "page_bytes"), SMALL),
}


def known():
    return json.loads((ROOT / "deploy/bill.json").read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------ the facts


def value_of(expression):
    """A Rust constant's number: products of numbers, with underscores."""
    product = 1
    for factor in expression.split("*"):
        product *= int(factor.strip().replace("_", ""))
    return product


def facts(said):
    for name, one in said["facts"].items():
        if "where" not in one:
            continue
        path, constant, divisor = one["where"]
        found = re.search(rf"const {constant}: \w+ = ([\d_ *]+);", (ROOT / path).read_text(encoding="utf-8"))
        if found is None:
            yield f"{path} has no constant {constant}"
            continue
        value = value_of(found.group(1))
        # A time between is told as a rate.
        told = 1000 / value if divisor == 0 else value / divisor
        if told != one["value"]:
            yield f"deploy/bill.json says {name} is {one['value']}, {path} {told:g}"
    files = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    for name, there in (("page_requests", len(files)), ("page_bytes", sum(path.stat().st_size for path in files))):
        if there > said["facts"][name]["value"]:
            yield f"deploy/bill.json says {name} is {said['facts'][name]['value']}, it is {there}"
    for name, one in said["prices"].items():
        if not (one["usd"] > 0 and one["source"] and one["per"] and re.fullmatch(r"20\d\d-\d\d-\d\d", one["date"])):
            yield f"the price {name} has no number above 0, no source, no unit or no date"


def table():
    return "\n".join(bill.guide(bill.Stack(), known())) + "\n"


def guide():
    text = (ROOT / GUIDE).read_text(encoding="utf-8")
    parts = re.search(re.escape(BEGIN) + "(.*?)" + re.escape(END), text, re.S)
    if parts is None or parts.group(1) != table():
        yield f"{GUIDE} does not hold what `deploy/bill --guide` prints: tests/template/bill.py --write"


def write():
    path = ROOT / GUIDE
    whole = re.compile("(" + re.escape(BEGIN) + ").*?(" + re.escape(END) + ")", re.S)
    text = path.read_text(encoding="utf-8")
    if not whole.search(text):
        sys.exit(f"{GUIDE} has no place for the table")
    path.write_text(whole.sub(lambda found: found.group(1) + table() + found.group(2), text), encoding="utf-8")


# ------------------------------------------------------------------------------------------------ the laws


def any_key(chance):
    dollars = None if chance.random() < 0.2 else chance.choice([0.2, 1.0, 5.0, 20.0])
    return bill.Key(chance.choice([1, 2, 3, 5]), chance.choice([1, 2, 4, 8]), dollars)


def any_stack(chance, said):
    changed = {
        "OrchestratorConcurrency": chance.choice(["1", "20", "-1"]), "CodeInterpreterConcurrency": chance.choice(["1", "20"]),
        "OrchestratorMemory": chance.choice(["256", "512", "1024"]), "DriverMemory": chance.choice(["256", "512"]),
        "TableWriteUnits": chance.choice(["50", "2000", "40000"]), "TableReadUnits": chance.choice(["50", "2000"]),
        "LeaseSeconds": chance.choice(["3", "15", "60"]), "RunTtlDays": chance.choice(["1", "30", "365"]),
    }
    return bill.Stack(changed, said)


def any_caller(chance):
    if chance.random() < 0.3:
        return WORST
    return Caller(chance.random(), chance.choice([0.0, 0.05, 0.5]), chance.random())


def passed(key, caller, stack, bounding, seed):
    """What a simulated day takes more of than the bound allows, and the dollars of both, by its runs and beside them."""
    came = simulate(key, stack, caller, random.Random(seed))
    most = bill.quantities(key, bounding)
    beyond = [] if came[0] <= most[0] * (1 + 1e-9) else [f"{came[0]:.4f} of {most[0]:.4f} dollars of models"]
    for name, taken, allowed in (("by its runs", came[1], most[1]), ("beside them", came[2], most[2])):
        beyond += [
            f"{amount:.4f} of {allowed.get(unit, 0.0):.4f} {unit} {name}"
            for unit, amount in taken.items() if amount > allowed.get(unit, 0.0) * (1 + 1e-9)
        ]
    columns = lambda parts: [sum(one[column] for one in parts.values()) for column in (0, 1)]
    return beyond, columns(bill.by_part(*came, stack)), columns(bill.by_part(*most, bounding))


def law(said, days):
    for seed in range(days):
        chance = random.Random(seed)
        key, stack, caller = any_key(chance), any_stack(chance, said), any_caller(chance)
        beyond, _, _ = passed(key, caller, stack, stack, seed)
        for one in beyond:
            yield f"day {seed}, a key of {bill.told(key)}: {one}"


def worst(said):
    stack = bill.Stack(known=said)
    for key in (bill.EXAMPLE, bill.Key(3, 1, 0.2), bill.Key(10, 4, 50.0), bill.Key(2, 2, None)):
        beyond, came, most = passed(key, WORST, stack, stack, 1)
        yield from (f"the worst caller of {bill.told(key)}: {one}" for one in beyond)
        print(f"{bill.told(key)}: the worst caller's runs come to {came[0]:,.2f} of {most[0]:,.2f} dollars, all to {sum(came):,.2f} of {sum(most):,.2f}")
        for what, factor, told in (("runs", most[0] / came[0], RUNS_FACTOR), ("all", sum(most) / sum(came), WORST_FACTOR)):
            if factor > told:
                yield f"the bound of {what} for {bill.told(key)} is {factor:.2f} times what the worst caller brings about, told is {told}"


def higher_limits_cost_no_less(said):
    stack = bill.Stack(known=said)
    total = lambda key: sum(map(sum, bill.bound(key, stack).values()))
    for seed in range(200):
        chance = random.Random(seed)
        key = any_key(chance)
        for name in key._fields:
            limit = getattr(key, name)
            more = key._replace(**{name: None if limit is None or chance.random() < 0.2 else limit * 2})
            if total(more) < total(key) * (1 - 1e-9):
                yield f"{bill.told(more)} costs less than {bill.told(key)}"
        for name in said["prices"]:
            dearer = copy.deepcopy(said)
            dearer["prices"][name]["usd"] *= 2
            more = sum(map(sum, bill.bound(key, bill.Stack(known=dearer)).values())) if seed < 5 else None
            if more is not None and more <= total(key):
                yield f"{name} at twice the price costs no more"


def compare(said):
    return [*facts(said), *guide(), *law(said, DAYS), *worst(said), *higher_limits_cost_no_less(said)]


# ------------------------------------------------------------------------------------------------ the comparisons can fail


# Stacks and keys under which each fact is felt: the usual stack; one without room for little, and one that bounds nothing by itself.
FELT_BY = [
    ({}, bill.EXAMPLE), ({}, bill.Key(2, 2, None)),
    ({"TableWriteUnits": "1000000000000", "CodeInterpreterConcurrency": "100000000"}, bill.Key(1, 1, 0.2)),
    ({"TableWriteUnits": "1000000000000", "CodeInterpreterConcurrency": "100000000", "TableReadUnits": "1000000000000"}, bill.Key(1, 1, 0.001)),
    ({"TableWriteUnits": "1000000000000", "OrchestratorConcurrency": "-1", "LeaseSeconds": "1"}, bill.Key(1, 1, None)),
]


def prove(said):
    missed = []
    for name in said["facts"]:
        fewer = copy.deepcopy(said)
        fewer["facts"][name]["value"] *= 2 if name.startswith("least_") else 0.5
        noticed = [
            one for seed, (changed, key) in enumerate(FELT_BY)
            for one in passed(key, WORST, bill.Stack(changed, said), bill.Stack(changed, fewer), seed)[0]
        ]
        if bool(noticed) == (name in NOT_FELT):
            missed.append(f"{name}: a bound by half of it is {'passed' if noticed else 'not passed'}")
        elif noticed:
            print(f"{name}: {noticed[0]}")
    if missed:
        sys.exit("\n".join(["facts that should have been told apart:", *missed]))
    print(f"{len(said['facts'])} facts told apart")


def main():
    said = known()
    if "--write" in sys.argv[1:]:
        write()
    elif "--prove" in sys.argv[1:]:
        prove(said)
    elif faults := compare(said):
        sys.exit("\n".join(["deploy/bill is wrong, or not what is told of it:", *faults]))
    else:
        print(f"deploy/bill bounds {DAYS} simulated days, and {GUIDE} says what it prints")


main()
