"""The clients of `node_clients.mjs`, asked in a process of Node's."""

import itertools
import json
import pathlib
import queue
import subprocess
import threading

from answer import Answer, Failure

PROGRAM = pathlib.Path(__file__).with_name("node_clients.mjs")
# The Node that came with the clients.
NODE = PROGRAM.with_name("node_modules") / ".bin" / "node"


class NodeClient:
    def __init__(self, name):
        self._process = subprocess.Popen(
            [str(NODE), str(PROGRAM), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines = {}
        self._ids = itertools.count()
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, url, key, messages, stream=False, on_text=lambda text: None, **options):
        lines = queue.Queue()
        question = {"url": url, "key": key, "messages": messages, "stream": stream}
        question |= {name: options.pop(name) for name in ("model", "retries") if name in options}
        with self._lock:
            number = next(self._ids)
            self._lines[number] = lines
            self._process.stdin.write(json.dumps({"id": number, **question, "options": options}) + "\n")
            self._process.stdin.flush()
        while True:
            line = lines.get(timeout=120)
            if "text" in line:
                on_text(line["text"])
            else:
                answer = Answer(**line["answer"])
                answer.failure = answer.failure and Failure(**answer.failure)
                return answer

    def close(self):
        self._process.stdin.close()
        self._process.wait()

    def _read(self):
        for line in self._process.stdout:
            line = json.loads(line)
            self._lines[line["id"]].put(line)
