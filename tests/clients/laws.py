"""What must hold of every client: `python3 laws.py CLIENT`, with the built stack as SERVER."""

import itertools
import sys
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from clients import CLIENTS
from model_server import BEGUN, CITED, HELD, PAGE, PLAIN, THOUGHT, TITLE, ModelServer
from node_client import NodeClient
from stack import CLOSED, Stack, soon

KEY = "an-access-key"
SOURCES = f"\n\n**Sources**\n\n1. [{TITLE}]({PAGE})"
NUMBERS = itertools.count(1)
STREAMED = (False, True)

# Calling it would be the client's part; the service neither calls nor names it.
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def setUpModule():
    global models, stack, dead, client, told
    models = ModelServer()
    with ThreadPoolExecutor() as pool:
        stacks = pool.map(lambda address: Stack(address, key=KEY), (models.address, CLOSED))
        told = CLIENTS[CLIENT]
        client = told.make()
        stack, dead = stacks


def tearDownModule():
    if isinstance(client, NodeClient):
        client.close()
    stack.close()
    dead.close()
    models.close()


def script(kind):
    """A question unlike every other that the model server answers in this way."""
    return f"{kind}-{next(NUMBERS)}"


def user(content):
    return [{"role": "user", "content": content}]


def ask(question, where=None, **options):
    return client.ask((where or stack).v1, KEY, user(question), **options)


class Asked(threading.Thread):
    """A question that is under way."""

    def __init__(self, question, stream, **options):
        super().__init__()
        self.answer = None
        self.has_text = threading.Event()
        self._question = question
        self._options = {"stream": stream, **options}
        self.start()

    def run(self):
        self.answer = ask(self._question, on_text=lambda _: self.has_text.set(), **self._options)

    def end(self):
        self.join(120)
        return self.answer


def under_way(question, stream, where=None, **options):
    """A question whose answer is half written."""
    asked = Asked(question, stream, where=where, **options)
    # The request without tools is the one that writes the answer.
    soon(lambda: any(not tools for _, tools in models.asked_about(question)))
    if stream:
        assert asked.has_text.wait(60), "no text while the answer is written"
    else:
        where = where or stack
        where.until_text(where.runs(question)[0]["run_id"])
    return asked


class Laws(unittest.TestCase):
    maxDiff = None

    def whole(self, answer, finish="stop"):
        """An answer that came to its end."""
        self.assertIsNone(answer.failure)
        self.assertEqual(finish, answer.finish or finish)
        self.assertEqual([], answer.calls)
        return answer

    def one_run(self, question, status="completed", where=None):
        return self.listed(where or stack, question, [status])[0]["run_id"]

    def listed(self, where, question, statuses):
        """The runs of a question. The list may be behind the run for a moment."""
        soon(lambda: all(run["status"] != "running" for run in where.runs(question)))
        runs = where.runs(question)
        self.assertEqual(statuses, [run["status"] for run in runs])
        return runs

    def test_an_answer_comes_with_its_sources_reasoning_and_usage(self):
        for stream in STREAMED:
            with self.subTest(stream=stream):
                question = script("sources")
                answer = self.whole(ask(question, stream=stream))
                self.assertEqual(CITED + SOURCES, answer.text)
                self.assertEqual({"prompt": 30, "completion": 15}, answer.usage)
                # Each step is a line; the last one names the model that writes the answer.
                lines = answer.reasoning.splitlines()
                # A search is an item of its own in Responses.
                steps = [THOUGHT] if told.responses else [THOUGHT, "search: marmalade harbour"]
                steps = steps if told.reasoning else []
                self.assertEqual((steps, len(steps) + told.reasoning), (lines[: len(steps)], len(lines)))
                self.check_sources(answer)
                snapshot = stack.api("GET", f"/api/runs/{self.one_run(question)}")[1]
                self.assertEqual(CITED, snapshot["answer"])

    def check_sources(self, answer):
        if not told.sources:
            return self.assertEqual([], answer.sources)
        [source] = answer.sources
        title = None if told.sources == "without titles" else TITLE
        self.assertEqual((PAGE, title), (source["url"], source["title"]))
        if told.sources == "with offsets":
            self.assertEqual("[1]", answer.text[source["start"] : source["end"]])

    def test_a_failed_run_is_the_right_exception_and_no_second_run(self):
        for stream in STREAMED:
            with self.subTest(stream=stream):
                question = script("plain")
                retries = {} if told.retries is None else {"retries": told.retries}
                answer = client.ask(dead.v1, KEY, user(question), stream=stream, **retries)
                kind = "failed in a stream" if stream else "failed"
                self.assertEqual(told.faults[kind], answer.failure.kind)
                if not stream:
                    self.assertEqual(500, answer.failure.status)
                self.assertIn("QWEN_API_URL", answer.failure.message)
                self.listed(dead, question, ["failed"])

    def test_a_new_answer_after_one_that_broke_off_stands_behind_a_line(self):
        for stream in STREAMED:
            with self.subTest(stream=stream):
                question = script("breaks")
                asked = under_way(question, stream)
                models.gate(question).set()
                answer = self.whole(asked.end())
                # In Responses it is an item of its own, and says that it is incomplete.
                begun = BEGUN if told.responses else f"{BEGUN}\n\n---\n\n" if stream else ""
                self.assertEqual(f"{begun}{CITED}{SOURCES}", answer.text)
                self.check_sources(answer)
                self.one_run(question)

    def test_a_wrong_key_is_the_right_exception_and_no_run(self):
        for stream in STREAMED:
            question = script("plain")
            answer = client.ask(stack.v1, "another-key", user(question), stream=stream)
            self.refused(answer, "key", 401, None, question)

    def test_a_bad_request_is_the_right_exception_and_names_the_field(self):
        for stream in STREAMED:
            question = script("plain")
            name, value = ("max_tool_calls", 3) if told.responses else ("stop", ["end"])
            self.refused(ask(question, stream=stream, **{name: value}), "request", 400, name, question)
            parts = [{"type": "text", "text": question}, PICTURE]
            field = "input" if told.responses else "messages"
            self.refused(ask(parts, stream=stream), "request", 400, f"{field}[0].content[1]", question)

    def test_an_unknown_model_is_the_right_exception(self):
        question = script("plain")
        self.refused(ask(question, model="gpt-4o"), "model", 404, "model" if told.names_model else None, question)

    def refused(self, answer, kind, status, param, question):
        self.assertEqual((told.faults[kind], status), (answer.failure.kind, answer.failure.status))
        self.assertEqual(param, answer.failure.param)
        self.assertEqual([], stack.runs(question))
        self.assertEqual([], models.asked_about(question))

    def test_a_cancelled_run_ends_with_what_was_there(self):
        for stream in STREAMED:
            with self.subTest(stream=stream):
                question = script("hold")
                asked = under_way(question, stream)
                status, _ = stack.cancel(stack.runs(question)[0]["run_id"])
                self.assertEqual(202, status)
                answer = asked.end()
                if stream and (kind := told.faults.get("cancelled in a stream")):
                    self.assertEqual(kind, answer.failure.kind)
                    answer.failure = None
                self.assertEqual(BEGUN.strip(), self.whole(answer, told.cancelled).text.strip())
                self.one_run(question, "cancelled")

    def test_equal_questions_at_once_are_one_run(self):
        for stream in STREAMED:
            with self.subTest(stream=stream):
                question = script("hold")
                joined = stack.joined()
                asked = [Asked(question, stream) for _ in range(3)]
                soon(lambda: stack.joined() == joined + 2)
                models.gate(question).set()
                for one in asked:
                    self.assertEqual(BEGUN + HELD, self.whole(one.end()).text)
                self.one_run(question)

    def test_earlier_turns_and_instructions_reach_the_model(self):
        question = script("plain")
        messages = [{"role": "system", "content": "Write briefly."}, {"role": "developer", "content": "Write in German."}]
        for turn in range(12):
            messages += user(f"Question {turn} before.")
            messages.append({"role": "assistant", "content": f"Answer {turn} before."})
        parts = [{"type": "text", "text": "A part before."}, {"type": "text", "text": question}]
        answer = self.whole(client.ask(stack.v1, KEY, messages + user(parts)))
        self.assertEqual(PLAIN, answer.text)
        text, _ = models.asked_about(question)[0]
        for words in ("Write briefly.", "Write in German.", "A part before.", "Question 0 before.", "Answer 11 before."):
            self.assertIn(words, text)
        self.one_run(question)

    def test_the_callers_tools_are_neither_called_nor_offered(self):
        for stream in STREAMED:
            with self.subTest(stream=stream):
                question = script("sources")
                answer = self.whole(ask(question, stream=stream, tools=[TOOL]))
                self.assertEqual(CITED + SOURCES, answer.text)
                offered = {name for _, tools in models.asked_about(question) for name in tools}
                self.assertIn("search", offered)
                self.assertNotIn("get_weather", offered)

    def crashing(self):
        """A stack to kill. A run whose driver was killed is not left alone for long there."""
        crashing = Stack(models.address, key=KEY, lease_seconds=3)
        self.addCleanup(crashing.close)
        return crashing

    def test_after_a_crash_in_a_stream_the_same_question_joins_the_run(self):
        crashing = self.crashing()
        question = script("hold")
        asked = under_way(question, True, crashing)
        crashing.kill()
        answer = asked.end()
        crashing.start()
        self.assertEqual(told.faults["broken in a stream"], answer.failure.kind)
        self.assertEqual(BEGUN.strip(), answer.text.strip())
        models.gate(question).set()
        answer = self.whole(ask(question, crashing, stream=True))
        self.assertEqual(BEGUN + HELD, answer.text)
        self.one_run(question, where=crashing)

    def test_after_a_crash_the_clients_own_retry_joins_the_run(self):
        crashing = self.crashing()
        question = script("hold")
        # Its own number of retries may be over before the stack is there again.
        asked = under_way(question, False, crashing, retries=8)
        crashing.kill()
        crashing.start()
        soon(lambda: crashing.joined() > 0)
        models.gate(question).set()
        self.assertEqual(BEGUN + HELD, self.whole(asked.end()).text)
        self.one_run(question, where=crashing)


if __name__ == "__main__":
    CLIENT = sys.argv.pop(1)
    unittest.main(verbosity=int(len(sys.argv) > 1))
