"""Requests that other servers of this interface got wrong, by public reports on them: `python3 reports.py`, with the built stack as SERVER."""

import http.client
import itertools
import json
import unittest
from urllib.parse import urlsplit

from model_server import LINES, PLAIN, ModelServer
from stack import Stack

NUMBERS = itertools.count(1)
NULLS = (
    "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata modalities n "
    "parallel_tool_calls prediction presence_penalty reasoning_effort response_format seed service_tier stop store stream "
    "stream_options temperature tool_choice tools top_logprobs top_p user"
).split()
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "null"}}


def setUpModule():
    global models, stack
    models = ModelServer()
    stack = Stack(models.address)


def tearDownModule():
    stack.close()
    models.close()


def raw(method, path, body=None, headers=()):
    connection = http.client.HTTPConnection(urlsplit(stack.address).netloc, timeout=60)
    connection.request(method, path, body, dict(headers))
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def ask(body, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"model": "orchestrator", **body}
    response, text = raw("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json", **headers})
    return response, text and json.loads(text)


def plain():
    return f"plain-{next(NUMBERS)}"


def user(content):
    return {"role": "user", "content": content}


# Bodies that have to be answered, by who reported it. What stands in place of `Q` is the question.
Q = "Q"
TEXT = {"type": "text", "text": Q}
TAKEN = {
    "vllm 19679: tool_choice null beside no tools": {"tool_choice": None, "tools": []},
    "vllm 19862: all that may be left out is null": dict.fromkeys(NULLS),
    "vllm 21089: an assistant message that is empty": {"messages": [user("A"), {"role": "assistant", "content": ""}, user(Q)]},
    "freellmapi 165: one without content and without calls": {"messages": [user("A"), {"role": "assistant", "content": None}, user(Q)]},
    "deltallm 297: one with calls and no content at all": {
        "messages": [user("A"), {"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "call_1", "content": "x"}, user(Q)]
    },
    "mistral-common 324, vllm 43851: null content, and arguments that are the text null": {
        "messages": [
            user("A"),
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "x"}]},
            user(Q),
        ]
    },
    "qwen-code 11045, litellm 30835: reasoning that comes back": {
        "messages": [user("A"), {"role": "assistant", "content": "B", "reasoning_content": "C", "annotations": [], "refusal": None}, user(Q)]
    },
    "llama.cpp 17700: thinking as a part of an earlier message": {
        "messages": [user("A"), {"role": "assistant", "content": [{"type": "thinking", "thinking": "C"}, {"type": "text", "text": "B"}]}, user(Q)]
    },
    "transformers 39829, LocalAI 10552: parts in a system message": {
        "messages": [{"role": "system", "content": [{"type": "text", "text": "Be brief."}]}, user([TEXT])]
    },
    "llama.cpp 14137: the last message is the assistant's": {"messages": [user(Q), {"role": "assistant", "content": "Well,"}]},
    "mailflow 401: a small budget to see whether anybody is there": {"max_tokens": 5},
    "void 128: the newer name of the limit": {"max_completion_tokens": 8192},
    "chat pages: a user that is an object, fields that nobody knows": {"user": {"id": "1"}, "chat_id": "c", "background_tasks": {"x": True}},
    "camel 1585: a name on a message, and roles that follow each other": {
        "messages": [{"role": "system", "content": "S"}, {"role": "system", "content": "T"}, {**user("A"), "name": "ann"}, user(Q)]
    },
    "open-webui: options of a stream where nothing streams": {"stream": False, "stream_options": {"include_usage": True}},
}


def filled(value, question):
    if isinstance(value, dict):
        return {name: filled(one, question) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, question) for one in value]
    return question if value == Q else value


class Reports(unittest.TestCase):
    maxDiff = None

    def test_what_others_refused_is_answered(self):
        for report, body in TAKEN.items():
            with self.subTest(report):
                question = plain()
                response, answer = ask(filled({"messages": [user(Q)], **body}, question))
                self.assertEqual(200, response.status, answer)
                message = answer["choices"][0]["message"]
                self.assertEqual(PLAIN, message["content"])
                # waybarrios/vllm-mlx 100: a null in the place of a list makes strict clients fail.
                self.assertNotIn("tool_calls", message)
                self.assertNotIn(None, [value for name, value in message.items() if name != "refusal"])

    def test_no_line_of_a_frame_ends_within_a_text(self):
        """dify 39008, evalscope 1642, codex-lb 1010: much of what reads lines ends them at these characters, too."""
        body = {"model": "orchestrator", "messages": [user(f"lines-{next(NUMBERS)}")], "stream": True}
        response, text = raw("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
        self.assertEqual(text.split("\n"), text.splitlines() + [""])
        deltas = [json.loads(line[6:])["choices"][0]["delta"] for line in text.split("\n") if line.startswith("data: {")]
        self.assertEqual(LINES, "".join(delta.get("content", "") for delta in deltas))

    def test_a_model_is_found_by_its_name_and_the_list_by_a_slash(self):
        """ollama 3050, 5309; hass_local_openai_llm 15."""
        response, text = raw("GET", "/v1/models")
        self.assertEqual(200, response.status)
        listed = json.loads(text)["data"]
        for model in listed:
            response, text = raw("GET", f"/v1/models/{model['id']}")
            self.assertEqual((200, model), (response.status, json.loads(text)))
            self.assertEqual({"id": str, "object": str, "created": int, "owned_by": str}, {k: type(v) for k, v in model.items()})

    def test_errors_of_every_kind_are_objects(self):
        """vllm 12886, autogen 757, bkn-foundry 620: clients fail at an error that is a text, or has another shape."""
        question = {"messages": [user(plain())]}
        bodies = [
            {"messages": []},
            {"messages": "hello"},
            {"messages": [None]},
            {"messages": [{"role": "robot", "content": "x"}]},
            {"messages": [{"role": "user"}]},
            {"messages": [user("  ")]},
            {"messages": [user([])]},
            {"messages": [user([{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}])]},
            {"messages": [{"role": "system", "content": "x"}]},
            {**question, "model": None},
            {**question, "model": 5},
            {**question, "stream": "yes"},
            {**question, "temperature": 9},
            {**question, "max_tokens": "many"},
            {**question, "max_tokens": 0},
            {**question, "n": 2},
            {**question, "response_format": {"type": "xml"}},
            {**question, "tool_choice": "required"},
            {**question, "logprobs": True},
        ]
        for body in bodies:
            with self.subTest(body=body):
                response, answer = ask(body)
                self.assertIn(response.status, (400, 404), answer)
                error = answer["error"]
                self.assertEqual({"message", "type", "param", "code"}, set(error))
                self.assertIsInstance(error["message"], str)
                self.assertIsInstance(error["param"], str)
                self.assertEqual("invalid_request_error", error["type"])

    def test_a_charset_and_other_spellings_of_headers_are_taken(self):
        """Clients in C#, Java and Go write them so."""
        for content_type in ("application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"):
            with self.subTest(content_type):
                body = json.dumps({"model": "orchestrator", "messages": [user(plain())]}, ensure_ascii=False)
                response, text = raw("POST", "/v1/chat/completions", body.encode(), {"Content-Type": content_type, "Accept": "*/*"})
                self.assertEqual(200, response.status, text)

    def test_a_null_stream_is_no_stream_and_a_long_conversation_is_cut(self):
        turns = [message for turn in range(300) for message in (user(f"{turn} " * 200), {"role": "assistant", "content": f"{turn} " * 200})]
        response, answer = ask({"messages": [*turns, user(plain())], "stream": None})
        self.assertEqual(200, response.status, answer)
        self.assertEqual(PLAIN, answer["choices"][0]["message"]["content"])

    def test_tasks_of_chat_pages_are_no_runs(self):
        """open-webui 28413, 16525, LibreChat 9001, 9802: titles that cost like questions."""
        history = "<chat_history>\nUSER: hello\n</chat_history>"
        tasks = [
            ({"messages": [user(f"### Task:\nGenerate a title. {plain()}\n### Output:\n{{}}\n{history}")]}, {}),
            ({"messages": [user(f"Name an emoji for this. {plain()}")]}, {"x_task": "emoji_generation"}),
            ({"messages": [user(f"A title, please. {plain()}")], "model": "orchestrator-task"}, {}),
            ({"messages": [user(f"Provide a concise, 5-word-or-less title for the conversation: {plain()}")], "stream": False}, {}),
        ]
        before = len(stack.runs())
        for body, headers in tasks:
            with self.subTest(body):
                response, answer = ask(body, **headers)
                self.assertEqual(200, response.status, answer)
                self.assertEqual(PLAIN, answer["choices"][0]["message"]["content"])
                self.assertIsNone(response.headers["x-run-id"])
        self.assertEqual(before, len(stack.runs()))
        # Its template for documents begins in the same way, and is a question.
        response, _ = ask({"messages": [user(f"### Task:\nAnswer by the context. {plain()}\n<context>\nx\n</context>")]}, x_task="")
        self.assertIsNotNone(response.headers["x-run-id"])


if __name__ == "__main__":
    unittest.main()
