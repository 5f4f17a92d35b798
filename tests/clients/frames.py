"""What stands on the wire, byte for byte: `python3 frames.py`, with the built stack as SERVER and the package `openai` installed."""

import http.client
import itertools
import json
import unittest
from urllib.parse import urlsplit

from model_server import BEGUN, CITED, HELD, PAGE, PLAIN, THOUGHT, TITLE, ModelServer
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from stack import CLOSED, Stack

NUMBERS = itertools.count(1)
SOURCES = f"\n\n**Sources**\n\n1. [{TITLE}]({PAGE})"
USAGE = {"stream_options": {"include_usage": True}}


def setUpModule():
    global models, stack, dead
    models = ModelServer()
    stack = Stack(models.address)
    dead = Stack(CLOSED)


def tearDownModule():
    stack.close()
    dead.close()
    models.close()


def script(kind):
    return f"{kind}-{next(NUMBERS)}"


def send(question, where=None, **body):
    """A connection on which a question was asked."""
    where = where or stack
    connection = http.client.HTTPConnection(urlsplit(where.address).netloc, timeout=60)
    body = {"model": "orchestrator", "messages": [{"role": "user", "content": question}], **body}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    return connection


def ask(question, where=None, **body):
    connection = send(question, where, **body)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def frames(text):
    """The JSON of each frame; `[DONE]` is the last, and nothing but frames stands in the stream."""
    *parts, rest = text.split("\n\n")
    assert rest == "", f"behind the last frame: {rest!r}"
    lines = [part.split("\n") for part in parts]
    assert all(len(line) == 1 and line[0].startswith("data: ") for line in lines), text
    data = [line[0].removeprefix("data: ") for line in lines]
    assert data.pop() == "[DONE]", text
    return [json.loads(one) for one in data]


def streamed(question, **body):
    response, text = ask(question, stream=True, **body)
    return response, frames(text)


class Frames(unittest.TestCase):
    maxDiff = None

    def check_stream(self, chunks, with_usage):
        """The order of chunks, and what all have."""
        for chunk in chunks:
            ChatCompletionChunk.model_validate(chunk, strict=True)
            self.assertLessEqual({"id", "object", "created", "model", "choices"}, chunk.keys())
            self.assertEqual(with_usage, "usage" in chunk)
        for name in ("id", "object", "created", "model"):
            self.assertEqual(1, len({chunk[name] for chunk in chunks}), name)
        used = chunks.pop() if with_usage else None
        choices = [choice for chunk in chunks for choice in chunk["choices"]]
        self.assertEqual(len(chunks), len(choices))
        self.assertEqual({0}, {choice["index"] for choice in choices})
        self.assertEqual({"role": "assistant", "content": ""}, choices[0]["delta"])
        self.assertTrue(all("role" not in choice["delta"] for choice in choices[1:]))
        self.assertTrue(all(choice["finish_reason"] is None for choice in choices[:-1]))
        self.assertEqual({}, choices[-1]["delta"])
        # A null where a field could be left out makes some clients fail.
        self.assertTrue(all(value is not None for choice in choices for value in choice["delta"].values()))
        if used:
            self.assertEqual([], used["choices"])
            self.assertTrue(all(chunk["usage"] is None for chunk in chunks))
        return choices, used

    def test_a_stream_is_role_reasoning_content_annotations_finish_usage_and_done(self):
        response, chunks = streamed(script("sources"), **USAGE)
        run_id = response.headers["x-run-id"]
        self.assertEqual(200, response.status)
        self.assertEqual(f"chatcmpl-{run_id}", chunks[0]["id"])
        self.assertEqual(run_id, response.headers["x-request-id"])
        self.assertEqual("text/event-stream", response.headers["content-type"])
        self.assertEqual("no", response.headers["x-accel-buffering"])
        self.assertEqual("no-cache, no-transform", response.headers["cache-control"])
        choices, used = self.check_stream(chunks, with_usage=True)
        deltas = [choice["delta"] for choice in choices]
        told = [delta["reasoning_content"] for delta in deltas if "reasoning_content" in delta]
        self.assertEqual([f"{THOUGHT}\n", "search: marmalade harbour\n"], told[:2])
        self.assertTrue(all(line.endswith("\n") for line in told))
        content = "".join(delta.get("content", "") for delta in deltas)
        self.assertEqual(CITED + SOURCES, content)
        annotated = [delta for delta in deltas if "annotations" in delta]
        self.assertEqual(annotated, [delta for delta in deltas if delta.get("content")][-1:])
        self.check_annotations(annotated[0]["annotations"], content)
        self.assertEqual("stop", choices[-1]["finish_reason"])
        usage = used["usage"]
        self.assertEqual((30, 15, 45), tuple(usage[f"{name}_tokens"] for name in ("prompt", "completion", "total")))

    def test_without_being_asked_for_a_stream_has_no_usage_and_no_chunk_without_a_choice(self):
        _, chunks = streamed(script("plain"))
        choices, _ = self.check_stream(chunks, with_usage=False)
        self.assertEqual(PLAIN, "".join(choice["delta"].get("content", "") for choice in choices))

    def test_annotations_count_what_was_given_before_an_answer_broke_off(self):
        question = script("breaks")
        connection = send(question, stream=True)
        response = connection.getresponse()
        text = ""
        while BEGUN.split()[-1] not in text:
            line = response.readline()
            self.assertTrue(line, "the stream ended")
            text += line.decode()
        models.gate(question).set()
        chunks = frames(text + response.read().decode())
        connection.close()
        choices, _ = self.check_stream(chunks, with_usage=False)
        content = "".join(choice["delta"].get("content", "") for choice in choices)
        self.assertEqual(f"{BEGUN}\n\n---\n\n{CITED}{SOURCES}", content)
        [annotations] = [choice["delta"]["annotations"] for choice in choices if "annotations" in choice["delta"]]
        self.check_annotations(annotations, content)

    def check_annotations(self, annotations, content):
        [annotation] = annotations
        self.assertEqual("url_citation", annotation["type"])
        citation = annotation["url_citation"]
        self.assertEqual((TITLE, PAGE), (citation["title"], citation["url"]))
        self.assertEqual("[1]", content[citation["start_index"] : citation["end_index"]])

    def test_a_whole_answer_is_one_object(self):
        response, text = ask(script("sources"))
        self.assertEqual("application/json", response.headers["content-type"])
        completion = json.loads(text)
        ChatCompletion.model_validate(completion, strict=True)
        self.assertEqual(f"chatcmpl-{response.headers['x-run-id']}", completion["id"])
        [choice] = completion["choices"]
        message = choice["message"]
        self.assertEqual((0, "stop"), (choice["index"], choice["finish_reason"]))
        self.assertEqual(("assistant", CITED + SOURCES), (message["role"], message["content"]))
        self.assertTrue(message["reasoning_content"].startswith(f"{THOUGHT}\nsearch: marmalade harbour\n"))
        self.check_annotations(message["annotations"], message["content"])
        self.assertNotIn("tool_calls", message)

    def test_a_failure_is_an_error_in_the_stream_or_a_status(self):
        response, text = ask(script("plain"), dead, stream=True)
        self.assertEqual(200, response.status)
        *chunks, error = frames(text)
        self.assertEqual({"role": "assistant", "content": ""}, chunks[0]["choices"][0]["delta"])
        self.assertTrue(all(chunk["choices"][0]["finish_reason"] is None for chunk in chunks))
        self.check_failure(error)
        response, text = ask(script("plain"), dead)
        self.assertEqual((500, "false"), (response.status, response.headers["x-should-retry"]))
        self.check_failure(json.loads(text))

    def check_failure(self, error):
        self.assertEqual(["error"], list(error))
        self.assertEqual(["code", "message", "param", "type"], sorted(error["error"]))
        self.assertEqual(("server_error", None), (error["error"]["type"], error["error"]["param"]))

    def test_a_refusal_has_the_shape_of_openai_on_every_route(self):
        cases = [
            ("GET", "/v1/nothing", None, 404),
            ("GET", "/v1/models/gpt-4o", None, 404),
            ("GET", "/v1/chat/completions", None, 405),
            ("POST", "/v1/models", b"{}", 405),
            ("POST", "/v1/chat/completions", b"{", 400),
            ("POST", "/v1/chat/completions", b"[]", 400),
            ("POST", "/v1/chat/completions", b'{"model": "orchestrator"}', 400),
            ("POST", "/v1/chat/completions", b" " * 1_048_577, 413),
        ]
        for method, path, body, status in cases:
            with self.subTest(method=method, path=path, body=body and body[:30]):
                connection = http.client.HTTPConnection(urlsplit(stack.address).netloc, timeout=60)
                connection.request(method, path, body, {"content-type": "application/json"})
                response = connection.getresponse()
                error = json.loads(response.read())
                connection.close()
                self.assertEqual(status, response.status)
                self.assertEqual(["error"], list(error))
                self.assertEqual(["code", "message", "param", "type"], sorted(error["error"]))
                self.assertEqual("invalid_request_error", error["error"]["type"])

    def test_silence_is_filled_with_empty_chunks_or_with_blanks(self):
        questions = script("hold"), script("hold"), script("late")
        connections = [send(question, stream=streams) for question, streams in zip(questions, (True, False, False))]
        # Those of answers that do not stream begin with the first blank.
        stream, whole, failed = (connection.getresponse() for connection in connections)
        line = b""
        while b'"delta":{}' not in line:
            line = stream.readline()
            self.assertTrue(line, "the stream ended")
        ChatCompletionChunk.model_validate(json.loads(line.removeprefix(b"data: ")), strict=True)
        for question, response in zip(questions, (stream, whole, failed)):
            self.assertEqual(200, response.status)
            models.gate(question).set()
        texts = [response.read().decode() for response in (whole, failed)]
        for connection in connections:
            connection.close()
        for text in texts:
            self.assertRegex(text, r"^\s+\{")
        completion = json.loads(texts[0])
        ChatCompletion.model_validate(completion, strict=True)
        self.assertEqual(BEGUN + HELD, completion["choices"][0]["message"]["content"])
        self.check_failure(json.loads(texts[1]))


if __name__ == "__main__":
    unittest.main()
