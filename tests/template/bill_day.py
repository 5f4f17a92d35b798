"""A day of a stack with one key, simulated: starts at random under the key's limits, runs of random lengths, crashes, and whoever has the key beside them.

It counts in the units of deploy/bill.json what each thing takes as it happens, item by item and minute by minute, and takes what a run and a stack
may do at most from there; how these come together to a day is its own.
"""

import dataclasses
import heapq
import math

DAY, MINUTE, KB, GB = 86400, 60, 1024, 1e9
# How long after a crash somebody goes on with a run, and how long a place of one that nobody goes on with is held past its time.
SWEPT_AFTER, HELD_AFTER = 75, 120


@dataclasses.dataclass
class Caller:
    """Who has the key. `greed` 1 takes all that there is at once, 0 takes what chance gives."""

    greed: float
    crashes: float
    beside: float


def units(size):
    """Write units of an item: each beginning KB."""
    return max(1, math.ceil(size / KB))


class Capped:
    """What is taken in each minute, of which no more than a rate is given."""

    def __init__(self, a_second):
        self.most, self.minutes = a_second * MINUTE, {}

    def take(self, begin, seconds, amount):
        """Spreads an amount over some time; gives how much of it was to be had."""
        given, first, last = 0.0, int(begin // MINUTE), int((begin + max(seconds, 1e-9)) // MINUTE)
        each = amount / (last - first + 1)
        for minute in range(first, last + 1):
            left = self.most - self.minutes.get(minute, 0.0)
            got = min(each, left)
            self.minutes[minute] = self.minutes.get(minute, 0.0) + got
            given += got
        return given


class Simulated:
    """One day."""

    def __init__(self, key, stack, caller, chance):
        self.key, self.stack, self.caller, self.chance, self.facts = key, stack, caller, chance, stack.facts
        self.runs, self.beside = {}, {}
        self.models, self.committed, self.starts = 0.0, 0.0, 0
        write = stack.number("TableWriteUnits")
        self.table, self.index = Capped(write), Capped(2 * write)
        self.drivers = Capped(stack.at_once("Orchestrator") + stack.at_once("Driver"))
        self.functions = {name: Capped(stack.at_once(function)) for name, function in TOOLS.items()}
        self.slots, self.places = [], []

    def count(self, name, amount):
        self.runs[name] = self.runs.get(name, 0.0) + amount

    def upto(self, most):
        """A number up to `most`: that itself for who is greedy."""
        return most if self.chance.random() < self.caller.greed else most * self.chance.random() ** 2

    # ------------------------------------------------------------------------------------------------ the limits

    def pause(self):
        """How long the next start is waited for by itself."""
        rate = self.key.runs_per_minute / MINUTE
        return 0.0 if self.chance.random() < self.caller.greed else self.chance.expovariate(rate * 1.5)

    def day(self):
        now = 0.0
        while True:
            now += self.pause()
            while self.places and self.places[0] <= now:
                heapq.heappop(self.places)
            while self.slots and self.slots[0] <= now:
                heapq.heappop(self.slots)
            # What is refused takes no place; it comes again as soon as there is one.
            if len(self.places) >= self.key.runs_per_minute:
                now = self.places[0]
                continue
            if len(self.slots) >= self.key.parallel:
                now = self.slots[0]
                continue
            if now >= DAY:
                break
            reserved = self.reserve()
            if reserved is not None and reserved <= 0:
                # Refused for the dollars until midnight.
                break
            held = self.run(now, reserved)
            heapq.heappush(self.places, now + MINUTE)
            heapq.heappush(self.slots, now + held)
            self.starts += 1
        self.tasks()
        return self.runs, self.others()

    def tasks(self):
        """Titles and the like beside the runs, from the dollars that are left."""
        facts, stack = self.facts, self.stack
        at_once = facts["requests_a_second"] * stack.at_once("Orchestrator")
        a_minute = min(self.key.runs_per_minute * facts["tasks_a_run"], at_once * MINUTE)
        head, models, longest = units(facts["day_bytes"]), len(stack.models), max(model["context_tokens"] for model in stack.models)
        for minute in range(DAY // MINUTE):
            asked = int(self.upto(a_minute))
            left = math.inf if self.key.usd_per_day is None else self.key.usd_per_day - self.committed
            answered, failed = (asked, asked * (facts["questions_a_call"] - 1)) if self.key.usd_per_day is None else (0, asked * facts["questions_a_call"])
            usd = min(left, answered * self.upto(stack.question_usd()))
            self.models += usd
            self.committed += usd
            self.count("log_gb", (answered + failed + 2 * asked) * self.upto(facts["line_bytes"]) / GB)
            self.count("internet_gb", failed * self.upto(longest * facts["prompt_bytes_a_token"]) / GB)
            self.count("table_write_unit", self.table.take(minute * MINUTE, 1, asked * self.upto(2 * (1 + 2 * head) + 2 * models)))

    def reserve(self):
        """What a start sets aside: what it asks for or the usual, and no more than is left."""
        if self.key.usd_per_day is None:
            return None
        left = self.key.usd_per_day - self.committed
        # Who means to do harm sets so little aside that there is something left for each start of the day.
        few = self.key.usd_per_day / (self.key.runs_per_minute * DAY / MINUTE)
        wanted = few if self.chance.random() < self.caller.greed else min(left, self.chance.choice([1.0, 0.05, 0.2]))
        return wanted if left >= wanted * 0.999999 else 0.0

    # ------------------------------------------------------------------------------------------------ one run

    def run(self, now, reserved):
        """One run from its start to its end; gives how long it holds its place."""
        limit = self.facts["run_seconds"]
        usual = min(limit, self.key.parallel * MINUTE / self.key.runs_per_minute)
        seconds = usual if self.chance.random() < self.caller.greed else min(limit, self.chance.lognormvariate(3.5, 1.5))
        held, invocations = seconds, 1 + int(seconds // 880)
        while self.chance.random() < self.caller.crashes:
            # Taken over by whoever looks first; else it lies until it has lasted too long.
            invocations += 1
            if self.chance.random() < 0.1:
                seconds, held = min(limit, seconds), limit + HELD_AFTER
                break
            seconds = min(limit, seconds + self.chance.uniform(0, self.stack.number("LeaseSeconds") + SWEPT_AFTER))
            held = max(held, seconds)
        self.committed += reserved or 0.0
        work = self.work(now, seconds, reserved)
        # Settled: what was set aside and not spent is there again.
        self.committed += work["usd"] - (reserved or 0.0)
        self.models += work["usd"]
        driven = self.drivers.take(now, seconds, seconds)
        gb = max(self.stack.gb("Orchestrator"), self.stack.gb("Driver"))
        starting = self.upto(self.facts["start_seconds"]) * invocations
        self.count("lambda_gb_second", (driven + starting) * gb)
        self.count("lambda_request", invocations)
        self.tools(now, seconds, work, invocations)
        self.store(now, seconds, work)
        self.send(seconds, work)
        return held

    def work(self, now, seconds, reserved):
        """Rounds, calls, questions and tokens of a run, as its dollars pay for them."""
        facts, stack = self.facts, self.stack
        left = math.inf if reserved is None else reserved
        rounds = max(1, round(self.upto(facts["rounds"])))
        share = 0.5 if self.chance.random() < self.caller.greed else self.chance.random()
        decision = facts["least_decision_tokens"] * stack.cheapest_usd(stack.deciding())
        if reserved is not None:
            # The first may fail, which costs nothing.
            rounds = min(rounds, 1 + int(left * share / decision))
        calls = int(self.upto(rounds * stack.calls_a_round()))
        steps = int(self.upto(calls * stack.steps()))
        asked = (rounds + steps) * facts["questions_a_call"]
        if reserved is None:
            answered = int(self.upto(asked))
            return {
                "rounds": rounds, "calls": calls, "steps": steps, "answered": answered, "failed": asked - answered,
                "tokens": answered * self.upto(facts["text_bytes"] / facts["bytes_a_token"]), "usd": answered * self.upto(stack.question_usd()),
            }
        spent = (rounds - 1) * decision
        bought = self.upto(left - spent)
        tokens = spent / stack.cheapest_usd(stack.deciding()) + bought / stack.cheapest_usd()
        answered = min(asked, int(tokens / facts["least_question_tokens"]))
        failing = int(answered * facts["failures_for_an_answer"] + seconds * facts["failures_a_second"])
        failed = max(0, min(asked - answered, int(self.upto(failing))))
        return {
            "rounds": rounds, "calls": calls, "steps": steps, "answered": answered, "failed": failed, "tokens": tokens, "usd": spent + bought,
        }

    def tools(self, now, seconds, work, invocations):
        facts, requests = self.facts, 0
        left = int(work["calls"] * self.chance.choice([1, facts["invocations_a_call"]]))
        for name, function in TOOLS.items():
            tries = left if name == "code_interpreter" else int(left * 0.1 * (1 - self.caller.greed))
            each = self.upto(self.stack.timeouts[name])
            # One tool is called as often as the function takes requests, and as long as it has room.
            most = facts["requests_a_second"] * self.stack.at_once(function) * max(seconds, 1)
            tries = min(tries, int(most))
            took = self.functions[name].take(now, seconds, tries * each)
            requests += tries
            self.count("lambda_gb_second", took * self.stack.gb(function))
            if name == "code_interpreter":
                self.count("lambda_storage_gb_second", took * 0.5)
        self.count("lambda_request", requests)
        lines = work["answered"] + work["failed"] + self.upto(2 * (work["rounds"] + work["calls"] + work["steps"]) + 4)
        logged = lines * self.upto(facts["line_bytes"]) + (requests + invocations) * self.upto(facts["invocation_log_bytes"])
        self.count("log_gb", logged / GB)

    def store(self, now, seconds, work):
        """Each item that is written, in a transaction twice; what there is no room for waits, and is not written within the run's time."""
        facts = self.facts
        head, day = units(self.upto(facts["head_bytes"])), units(self.upto(facts["day_bytes"]))
        table = 2 * (head + day + units(self.upto(facts["first_bytes"])) + round(self.upto(facts["small_items_a_start"])))
        # Others start at the same moment, and some are ahead.
        table *= 1 + int(self.upto(self.stack.at_once("Orchestrator") - 1))
        table += 2 * (head + day + 2) + round(self.upto(2 * len(self.stack.models)))
        renewals = int(seconds / (self.stack.number("LeaseSeconds") / 3))
        table += renewals * head
        index = 2 * 2 * head + 2 * 2 * 2 * head + renewals * 2 * head
        puts = 2 * work["rounds"] + self.upto(2 * (work["calls"] + work["steps"]))
        puts += min(work["tokens"], seconds * self.upto(facts["flushes_a_second"] * self.stack.calls_a_round() * self.stack.steps()))
        text = work["tokens"] * self.upto(facts["bytes_a_token"])
        results = work["calls"] * self.upto(self.stack.result_bytes())
        files = work["calls"] * self.upto(facts["file_bytes_a_call"])
        table += puts + (text + results + files) / KB
        wrote = self.table.take(now, seconds, table)
        self.count("table_write_unit", wrote + self.index.take(now, seconds, index))
        # A transaction pays twice and keeps once; who keeps most writes hardly any.
        kept = wrote * KB * (1.0 if self.caller.greed == 1 else self.chance.uniform(0.3, 1)) / GB * self.stack.number("RunTtlDays") / 30
        self.count("table_gb_month", kept)
        self.count("table_recovery_gb_month", kept)
        work["shown"] = text + results

    def send(self, seconds, work):
        facts = self.facts
        shown = work["shown"] * self.upto(facts["escape"]) + (work["tokens"] + seconds) * self.upto(facts["line_bytes"])
        sent = min(shown, seconds * facts["stream_bytes_a_second"] + facts["burst_bytes"])
        longest = max(model["context_tokens"] for model in self.stack.models) * facts["prompt_bytes_a_token"]
        prompts = work["failed"] * self.upto(longest) + min(work["tokens"] * facts["bytes_a_token"], work["answered"] * longest)
        self.count("lambda_streamed_gb", sent / GB)
        self.count("internet_gb", prompts / GB)
        self.count("cloudfront_gb", (sent + self.upto(facts["page_bytes"])) / GB)
        files = round(self.upto(facts["page_requests"]))
        self.count("cloudfront_request", 1 + files)
        self.count("bucket_request", files)

    # ------------------------------------------------------------------------------------------------ beside the runs

    def others(self):
        """Whoever has the key asks for other things all day: some minutes more, some less."""
        facts, stack, taken = self.facts, self.stack, {}
        deletable = self.runs.get("table_write_unit", 0.0)
        for _ in range(DAY // MINUTE):
            eager = self.caller.beside if self.caller.greed == 1 else self.caller.beside * self.chance.random()
            seconds = stack.at_once("Orchestrator") * MINUTE * eager
            requests = seconds * facts["requests_a_second"]
            read = min(stack.number("TableReadUnits") * MINUTE, requests * facts["burst_bytes"] / 8192) * eager
            wrote = min(requests * facts["units_a_request"] * eager + deletable / 1440, stack.number("TableWriteUnits") * MINUTE)
            sent = min(read * 8192 * facts["escape"], requests * facts["burst_bytes"])
            parts = {
                "lambda_gb_second": seconds * stack.gb("Orchestrator"), "lambda_request": requests, "lambda_streamed_gb": sent / GB,
                "table_read_unit": read, "table_write_unit": wrote, "log_gb": requests * self.upto(facts["invocation_log_bytes"]) / GB,
                "cloudfront_gb": sent / GB, "cloudfront_request": requests,
            }
            for name, amount in parts.items():
                taken[name] = taken.get(name, 0.0) + amount
        taken["metric_month"] = facts["metrics"] * 24 / 730
        return taken


TOOLS = {"search": "Search", "read_url": "ReadUrl", "code_interpreter": "CodeInterpreter"}


def simulate(key, stack, caller, chance):
    """Dollars of models, and quantities of the runs and of what is beside them."""
    day = Simulated(key, stack, caller, chance)
    runs, others = day.day()
    return day.models, runs, others
