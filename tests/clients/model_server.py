"""An OpenAI-compatible model server, and a search, that say what the question asks for.

A question names its script by one word, with a number that makes it unlike every other:

- `plain-1`: the answer at once.
- `lines-1`: the same with all that could end a line.
- `sources-2`: a thought, a search, and an answer that cites what was found.
- `hold-3`: half an answer, and the rest once the gate of that name is open.
- `breaks-4`: the same as `sources`, but the first answer is half an answer, and breaks off once the gate of that name is open.
- `late-5`: nothing before the gate of that name is open, and then a connection that is closed.
- `jars-6`: JSON, in a fence.
- `mends-7`: a sentence, and the JSON when it is asked once more.

`python3 model_server.py` serves by itself and prints its address.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SCRIPT = re.compile(r"\b(?:plain|lines|sources|hold|breaks|late|jars|mends)-[0-9]+\b")

# Characters that count differently in bytes, UTF-16 and code points.
PLAIN = "Grüße 🌍 aus dem Hafen."
# What ends a line for some, and is nothing of the kind in a stream of events.
LINES = "a\u2028b\u2029c\u0085d\r\ndata: [DONE]\n\nid: 1"
THOUGHT = "The harbour has to be looked up."
CITED = "In the harbour 🐟 4711 jars of marmalade were counted [1]."
TITLE = "Marmalade in the harbour"
PAGE = "https://example.org/harbour/marmalade"
BEGUN = "One two three "
HELD = "four five six."
JARS = 4711
FENCED = f'Here it is:\n\n```json\n{{"jars": {JARS}}}\n```'
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}

# No test waits so long; a stack that was killed leaves its requests behind.
GATE_SECONDS = 120


class ModelServer:
    """Serves on a free port until it is closed."""

    def __init__(self):
        self.asked = []
        self._gates = {}
        self._begun = set()
        self._lock = threading.Lock()
        server = self

        class Handler(_Handler):
            desk = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._http.server_port}"

    def close(self):
        self._http.shutdown()
        self._http.server_close()

    def gate(self, script):
        """What a `hold` waits for in the middle of its answer."""
        with self._lock:
            return self._gates.setdefault(script, threading.Event())

    def is_first(self, script):
        """Whether this script was not begun before."""
        with self._lock:
            is_first = script not in self._begun
            self._begun.add(script)
            return is_first

    def asked_about(self, script):
        """Of each request so far that names this script, what its messages said and the names of its tools."""
        return [(text, tools) for text, tools in list(self.asked) if script in text]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    desk = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.startswith("/v1/models"):
            self._json({"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        else:
            query = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
            self._json(article() if "harbour" in query else {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path.startswith("/html"):
            return self._json({})
        request = json.loads(body)
        text = "\n".join(str(message.get("content")) for message in request["messages"])
        tools = [tool["function"]["name"] for tool in request.get("tools", [])]
        self.desk.asked.append((text, tools))
        scripts = SCRIPT.findall(text)
        script = scripts[-1] if scripts else "plain-0"
        kind = script.split("-")[0]
        if kind == "late":
            self.desk.gate(script).wait(GATE_SECONDS)
            self.close_connection = True
            return
        self._begin()
        called = any(message["role"] == "tool" for message in request["messages"])
        if kind in ("sources", "breaks") and request.get("tools") and not called:
            self._delta({"reasoning_content": THOUGHT})
            self._call("search", {"query": "marmalade harbour"})
        elif kind not in ("plain", "lines") and request.get("tools"):
            self._call("answer", {"model": "answer-1"})
        else:
            self._answer(kind, script)

    def _answer(self, kind, script):
        """What the model says that writes the answer."""
        if kind == "breaks" and self.desk.is_first(script):
            self._words(BEGUN)
            self.desk.gate(script).wait(GATE_SECONDS)
            self.close_connection = True
            return
        if kind == "mends" and self.desk.is_first(script):
            self._words(BEGUN)
        elif kind in ("jars", "mends"):
            self._words(FENCED)
        elif kind in ("sources", "breaks"):
            self._words(CITED)
        elif kind == "hold":
            self._words(BEGUN)
            self.desk.gate(script).wait(GATE_SECONDS)
            self._words(HELD)
        else:
            self._words(LINES if kind == "lines" else PLAIN)
        self._end()

    def _call(self, name, arguments):
        function = {"name": name, "arguments": json.dumps(arguments)}
        self._delta({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]})
        self._end()

    def _words(self, text):
        for piece in re.findall(r"\S+\s*", text):
            self._delta({"content": piece})

    def _begin(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self._finish = "stop"

    def _delta(self, delta):
        if "tool_calls" in delta:
            self._finish = "tool_calls"
        self._frame({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    def _end(self):
        self._frame({"choices": [{"index": 0, "delta": {}, "finish_reason": self._finish}]})
        self._frame({"choices": [], "usage": USAGE})
        self._write(b"data: [DONE]\n\n")
        self.close_connection = True

    def _frame(self, chunk):
        chunk = {"id": "c", "object": "chat.completion.chunk", "model": "scripted", **chunk}
        self._write(f"data: {json.dumps(chunk)}\n\n".encode())

    def _write(self, data):
        try:
            self.wfile.write(data)
            self.wfile.flush()
        except OSError:
            # Whoever asked was killed or has cancelled.
            self.close_connection = True

    def _json(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self._write(body)


def article():
    """What DuckDuckGo says of something that it has an article about."""
    return {
        "AbstractText": "4711 jars of marmalade were counted in the harbour.",
        "Abstract": "4711 jars of marmalade were counted in the harbour.",
        "AbstractURL": PAGE,
        "AbstractSource": "Wikipedia",
        "Heading": TITLE,
        "RelatedTopics": [],
        "Results": [],
        "Type": "A",
    }


if __name__ == "__main__":
    print(ModelServer().address, flush=True)
    threading.Event().wait()
