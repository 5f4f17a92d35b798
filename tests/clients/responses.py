"""Responses on the wire, judged by the types of the official client and of Open Responses, and asked by the client's own helpers:
`python3 responses.py`, with the built stack as SERVER and the packages `openai` and `openresponses-types` installed."""

import http.client
import itertools
import json
import sys
import unittest
from urllib.parse import urlsplit

import openai
from model_server import BEGUN, CITED, HELD, PAGE, PLAIN, THOUGHT, TITLE, ModelServer
from openai.types.responses import Response, ResponseItem, ResponseStreamEvent
from pydantic import TypeAdapter
from stack import CLOSED, Stack, soon

NUMBERS = itertools.count(1)
SOURCES = f"\n\n**Sources**\n\n1. [{TITLE}]({PAGE})"
EVENTS = TypeAdapter(ResponseStreamEvent)
ITEM = TypeAdapter(ResponseItem)
# Its own reader raises at these, and the type is of an older form.
ERROR = "error"

if sys.version_info >= (3, 11):
    import openresponses_types

    # Each frame by its type.
    OPEN_FRAMES = {
        next(iter(model.model_fields["type"].annotation)).value: model
        for model in vars(openresponses_types).values()
        if isinstance(model, type) and model.__name__.endswith("StreamingEvent")
    }
else:
    openresponses_types, OPEN_FRAMES = None, {}


def setUpModule():
    global models, stack, dead, client
    models = ModelServer()
    stack = Stack(models.address)
    dead = Stack(CLOSED)
    client = openai.OpenAI(base_url=stack.v1, api_key="none")


def tearDownModule():
    stack.close()
    dead.close()
    models.close()


def script(kind):
    return f"{kind}-{next(NUMBERS)}"


def send(method, path, body=None, where=None):
    connection = http.client.HTTPConnection(urlsplit((where or stack).address).netloc, timeout=60)
    data = None if body is None else json.dumps(body)
    connection.request(method, f"/v1/responses{path}", data, {"content-type": "application/json"})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def ask(question, where=None, **body):
    return send("POST", "", {"model": "orchestrator", "input": question, **body}, where)


def frames(text):
    """The JSON of each frame; `[DONE]` is the last, and nothing but frames and comments stands in the stream."""
    *parts, rest = text.split("\n\n")
    assert rest == "", f"behind the last frame: {rest!r}"
    assert parts.pop() == "data: [DONE]", text
    read = []
    for part in (part for part in parts if part != ": ping"):
        name, data = part.split("\n")
        frame = json.loads(data.removeprefix("data: "))
        assert name == f"event: {frame['type']}", part
        read.append(frame)
    assert [frame["sequence_number"] for frame in read] == list(range(len(read))), text
    return read


class Responses(unittest.TestCase):
    maxDiff = None

    def check_response(self, response):
        Response.model_validate(response, strict=True)
        for item in response["output"]:
            ITEM.validate_python(item)
        if openresponses_types:
            # Its items are those of messages, functions and thoughts.
            known = [item for item in response["output"] if item["type"] in ("message", "reasoning")]
            tools = [tool for tool in response["tools"] if tool["type"] == "function"]
            openresponses_types.ResponseResource.model_validate({**response, "output": known, "tools": tools})

    def check_frames(self, told):
        for frame in told:
            if frame["type"] != ERROR:
                EVENTS.validate_json(json.dumps(frame), strict=True)
            if "response" in frame:
                self.check_response(frame["response"])
            elif OPEN_FRAMES and frame["type"] in OPEN_FRAMES and "item" not in frame:
                OPEN_FRAMES[frame["type"]].model_validate(frame)
            elif "item" in frame:
                ITEM.validate_python(frame["item"])
        added = [frame["item"]["id"] for frame in told if frame["type"] == "response.output_item.added"]
        done = {frame["output_index"]: frame["item"] for frame in told if frame["type"] == "response.output_item.done"}
        self.assertEqual(added, [done[index]["id"] for index in range(len(added))])
        last = told[-1]["response"]
        self.assertEqual([done[index] for index in range(len(added))], last["output"])
        return last

    def test_every_frame_and_every_object_is_of_both_kinds_of_types(self):
        wishes = {
            "metadata": {"a": "b"},
            "tools": [{"type": "function", "name": "clock", "parameters": {"type": "object"}}, {"type": "code_interpreter", "container": {"type": "auto"}}],
            "instructions": "Be brief.",
            "reasoning": {"effort": "low", "summary": "auto"},
        }
        for kind, where, extra in [("sources", stack, {}), ("sources", stack, wishes), ("plain", dead, {}), ("breaks", stack, {})]:
            with self.subTest(kind=kind, where=where is dead):
                question = script(kind)
                models.gate(question).set()
                response, text = ask(question, where, stream=True, **extra)
                self.assertEqual((200, "text/event-stream"), (response.status, response.headers["content-type"]))
                told = frames(text)
                last = self.check_frames(told)
                response, again = send("GET", f"/{last['id']}", where=where)
                self.assertEqual(last, json.loads(again))
                _, replayed = send("GET", f"/{last['id']}?stream=true", where=where)
                self.assertEqual(told, frames(replayed))
                if where is dead:
                    self.assertEqual(["error", "response.failed"], [frame["type"] for frame in told[-2:]])

    def test_a_search_is_an_item_and_sources_are_annotations(self):
        response, text = ask(script("sources"))
        self.assertEqual(200, response.status)
        told = json.loads(text)
        self.check_response(told)
        thought, search, *_, message = told["output"]
        self.assertEqual([f"{THOUGHT}\n"], [part["text"] for part in thought["summary"]])
        self.assertEqual(("web_search_call", "completed"), (search["type"], search["status"]))
        self.assertEqual({"type": "search", "query": "marmalade harbour", "queries": ["marmalade harbour"], "sources": [{"type": "url", "url": PAGE}]}, search["action"])
        [part] = message["content"]
        self.assertEqual(CITED + SOURCES, part["text"])
        [note] = part["annotations"]
        self.assertEqual((PAGE, TITLE, "[1]"), (note["url"], note["title"], part["text"][note["start_index"] : note["end_index"]]))

    def test_the_helpers_of_the_client_end_with_the_answer(self):
        with client.responses.stream(model="orchestrator", input=script("sources")) as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_response()
        self.assertEqual("response.completed", kinds[-1])
        self.assertEqual(CITED + SOURCES, final.output_text)
        with client.responses.stream(response_id=final.id, starting_after=4) as stream:
            self.assertEqual(kinds[5:], [event.type for event in stream])
            self.assertEqual(CITED + SOURCES, stream.get_final_response().output_text)
        numbers = [event.sequence_number for event in client.responses.retrieve(final.id, stream=True, starting_after=4)]
        self.assertEqual(list(range(5, len(kinds))), numbers)

    def test_in_the_background_a_response_is_polled_followed_cancelled_and_deleted(self):
        question = script("hold")
        begun = client.responses.create(model="orchestrator", input=question, background=True)
        self.assertIn(begun.status, ("queued", "in_progress"))
        soon(lambda: models.asked_about(question))
        self.assertIn(client.responses.retrieve(begun.id).status, ("queued", "in_progress"))
        with self.assertRaises(openai.ConflictError):
            client.with_options(max_retries=0).responses.delete(begun.id)
        models.gate(question).set()
        soon(lambda: client.responses.retrieve(begun.id).status == "completed")
        self.assertEqual(BEGUN + HELD, client.responses.retrieve(begun.id).output_text)
        question = script("hold")
        begun = client.responses.create(model="orchestrator", input=question, background=True, stream=True)
        created = next(iter(begun))
        self.assertEqual(("response.created", 0), (created.type, created.sequence_number))
        begun.close()
        soon(lambda: models.asked_about(question))
        cancelled = client.responses.cancel(created.response.id)
        self.assertEqual("cancelled", cancelled.status)
        rest = [event.type for event in client.responses.retrieve(cancelled.id, stream=True, starting_after=0)]
        self.assertEqual(("response.queued", "response.incomplete"), (rest[0], rest[-1]))
        client.responses.delete(cancelled.id)
        with self.assertRaises(openai.NotFoundError):
            client.responses.retrieve(cancelled.id)
        models.gate(question).set()

    def test_what_came_with_a_request_is_listed_and_a_response_follows_another(self):
        question = script("plain")
        turns = [{"role": "user", "content": "Question before."}, {"role": "assistant", "content": "Answer before."}]
        first = client.responses.create(model="orchestrator", input=[*turns, {"role": "user", "content": question}])
        self.assertEqual(PLAIN, first.output_text)
        items = list(client.responses.input_items.list(first.id, order="asc", limit=2))
        self.assertEqual(["Question before.", "Answer before.", question], [item.content[0].text for item in items])
        question = script("plain")
        # What it was given can be given back, whole.
        given = [*first.output, {"role": "user", "content": question}]
        client.responses.create(model="orchestrator", input=given, previous_response_id=first.id)
        text, _ = models.asked_about(question)[0]
        self.assertIn("Answer before.", text)
        self.assertIn(PLAIN, text)

    def test_a_failure_is_a_status_and_what_is_not_stored_is_gone(self):
        response, text = ask(script("plain"), dead)
        told = json.loads(text)
        self.assertEqual((500, "false", "failed"), (response.status, response.headers["x-should-retry"], told["status"]))
        self.check_response(told)
        told = client.responses.create(model="orchestrator", input=script("plain"), store=False)
        self.assertEqual(PLAIN, told.output_text)
        with self.assertRaises(openai.NotFoundError):
            client.responses.retrieve(told.id)


if __name__ == "__main__":
    unittest.main()
