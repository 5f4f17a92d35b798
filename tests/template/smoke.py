"""What deploy/smoke takes for a stack that works, and what not: it is run against a server that plays one stack after the other.

    smoke.py
"""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "the-key"
RUN = "01M82B6WK1K9R53M1PQBKJS5QP"
POLICY = "default-src 'none'; script-src 'self'"
PAUSE_SECONDS = 0.05
WAIT_SECONDS = 60


def tool_result(ok, tool="code_interpreter", **fields):
    result = {"success": True} if ok else {"error": {"code": "sandbox", "message": "no programs here", "retryable": False}}
    return {"event": "tool_result", "round": 1, "call_id": "r1.0", "tool": tool, "ok": ok, "result": result, **fields}


def complete(status):
    return {"event": "complete", "summary": {"status": status}}


START = {"event": "start", "run_id": RUN}
ANSWER = {"event": "final_answer", "content": "143"}
FATAL = {"event": "error", "fatal": True, "error": {"code": "no_model", "message": "no model answered", "remedy": "start one"}}
DONE = [ANSWER, complete("completed")]
RUNS = [START, tool_result(True, called=True), *DONE]

# What differs from a stack that works: its name, how the server answers, and what is said. `None` means that the stack works.
STACKS = [
    ("works", {}, None),
    ("an older stream without `called`", {"events": [START, tool_result(True), *DONE]}, None),
    ("a program that fails", {"events": [START, tool_result(False, called=True), *DONE]}, "code_interpreter does not work: {'error'"),
    ("an older stream whose program fails", {"events": [START, tool_result(False), *DONE]}, "code_interpreter does not work"),
    ("a program that is mended", {"events": [START, tool_result(False, called=True), tool_result(True, called=True), *DONE]}, None),
    ("a program that was never called", {"events": [START, tool_result(False, called=False), *DONE]}, None),
    ("a search that fails", {"events": [START, tool_result(False, "search", called=True), *DONE]}, None),
    ("a run that fails", {"events": [START, FATAL, complete("failed")]}, "failed: {'code': 'no_model'"),
    ("out of rounds", {"events": [START, complete("out_of_rounds")]}, "ended as out_of_rounds"),
    ("no answer", {"events": [START, complete("completed")]}, "ended as completed"),
    ("an id is missing", {"ids": [1, 3, 4, 5]}, "event 3 follows 1"),
    ("an id comes twice", {"ids": [1, 1, 2, 3]}, "event 1 follows 1"),
    ("a stream in two parts", {"cut": 2}, None),
    ("a stream that never ends", {"cut": 2, "resumed": 404}, "cannot be resumed: 404"),
    ("all at once", {"at_once": True}, "something between buffers"),
    ("compressed", {"encoding": "gzip"}, "the stream is encoded: gzip"),
    ("no stream", {"type": "application/json"}, "the stream is application/json"),
    ("a start that is refused", {"start": 503}, "the start: 503"),
    ("not healthy", {"health": 503}, "/health: 503"),
    ("no policy", {"policy": ""}, "no content security policy"),
    ("a page without files", {"page": "<p>hello</p>"}, "the page names no files"),
    ("a file that is missing", {"file": 404}, "/static/app.js: 404"),
    ("a file that is not kept", {"kept": "no-store"}, "/static/app.js may not be kept"),
    ("no key is asked for", {"open": True}, "/api/config with no key: 200, 401 was expected"),
    ("past CloudFront", {"past": 200}, "answers past CloudFront: 200"),
    ("a snapshot that lags", {"snapshot": "running"}, "the run's snapshot: 200"),
]


class Stack(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def how(self, what, otherwise):
        return self.server.how.get(what, otherwise)

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body.encode())

    def is_allowed(self):
        return self.how("open", False) or self.headers["authorization"] == f"Bearer {KEY}"

    def do_GET(self):
        past, path = self.path.startswith("/function/"), self.path.removeprefix("/function").partition("?")[0]
        if past:
            self.answer(self.how("past", 403), "")
        elif path == "/health":
            self.answer(self.how("health", 200), '{"status": "ok"}')
        elif path in ("/orchestrator", "/orchestrator/"):
            page = self.how("page", '<script src="/static/app.js"></script>')
            self.answer(200, page, content_type="text/html", content_security_policy=self.how("policy", POLICY))
        elif path.startswith("/static/"):
            self.answer(self.how("file", 200), "", cache_control=self.how("kept", "public, immutable"))
        elif not self.is_allowed():
            self.answer(401, "{}")
        elif path.endswith("/events"):
            after = int(self.path.partition("after=")[2])
            self.stream(self.how("resumed", 200), after, None)
        elif path == f"/api/runs/{RUN}":
            self.answer(200, json.dumps({"status": self.how("snapshot", "completed")}))
        else:
            self.answer(200, "{}")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if not self.is_allowed():
            self.answer(401, "{}")
        else:
            self.stream(self.how("start", 200), 0, self.how("cut", None))

    def stream(self, status, after, until):
        self.send_response(status)
        self.send_header("content-type", self.how("type", "text/event-stream"))
        if self.how("encoding", None):
            self.send_header("content-encoding", self.how("encoding", None))
        self.send_header("x-run-id", RUN)
        self.end_headers()
        events = self.how("events", RUNS)
        ids = self.how("ids", range(1, len(events) + 1))
        frames = [f"id: {seq}\ndata: {json.dumps(event)}\n\n".encode() for seq, event in zip(ids, events)][after:until]
        if self.how("at_once", False):
            frames = [b"".join(frames)]
        try:
            for frame in frames:
                self.wfile.write(frame)
                time.sleep(PAUSE_SECONDS)
        except ConnectionError:
            # Who has found a fault does not read on.
            pass

    def log_message(self, *_):
        pass


def asked(how):
    """What deploy/smoke says of a stack that answers so, and its exit code."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stack)
    server.how = how
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    command = [sys.executable, "deploy/smoke", "--url", base, "--function-url", f"{base}/function/"]
    ended = subprocess.run(command, env={**os.environ, "ACCESS_KEY": KEY}, capture_output=True, text=True, timeout=WAIT_SECONDS)
    server.shutdown()
    server.server_close()
    return ended.returncode, ended.stdout + ended.stderr


def main():
    wrong = 0
    for name, how, expected in STACKS:
        code, said = asked(how)
        if (code == 0) != (expected is None) or (expected or "smoke: the stack works") not in said:
            wrong += 1
            print(f"smoke.py, {name}: exit {code}, {expected or 'a stack that works'} was expected:\n{said}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"smoke.py: {len(STACKS)} stacks")


main()
