"""The stack as a program: started, asked, killed, and started again on the same data and port."""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY = re.compile(r"^serverless-llm is ready: http://127\.0\.0\.1:([0-9]+)/orchestrator$", re.MULTILINE)
# What a machine that does other things meanwhile may take.
READY_SECONDS = 120
SOON_SECONDS = 60

# Nobody listens there.
CLOSED = "http://127.0.0.1:9"


def binary():
    default = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "serverless-llm"
    return os.environ.get("SERVER", str(default))


class Stack:
    """Runs until it is killed. Without a model server the rehearsal model stands in."""

    def __init__(self, models=None, key=None, lease_seconds=15):
        self.key = key
        self._port = 0
        self._home = tempfile.TemporaryDirectory(prefix="clients-")
        self._environment = {"PATH": os.environ["PATH"], "HOME": self._home.name, "LEASE_SECONDS": str(lease_seconds)}
        self._environment["DUCKDUCKGO_URL"] = models or CLOSED
        self._environment["SEARCH_PROVIDERS"] = "duckduckgo"
        if models:
            for name in ("QWEN", "PHI", "LLAMA"):
                self._environment[f"{name}_API_URL"] = f"{models}/v1"
        if key:
            self._environment["ACCESS_KEY_SHA256"] = hashlib.sha256(key.encode()).hexdigest()
        self._process = None
        self.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self._port}"

    @property
    def v1(self):
        return f"{self.address}/v1"

    def start(self):
        home = pathlib.Path(self._home.name)
        command = [binary(), "--port", str(self._port), "--data-dir", str(home / "data")]
        with open(home / "out", "wb") as out, open(home / "err", "ab") as err:
            self._process = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        found = soon(lambda: READY.search((home / "out").read_text()) or self._process.poll() is not None, READY_SECONDS)
        if found is True:
            raise RuntimeError(f"the stack did not start: {(home / 'err').read_text()}")
        self._port = int(found[1])

    def kill(self):
        self._process.kill()
        self._process.wait()

    def close(self):
        self.kill()
        self._home.cleanup()

    def api(self, method, path, body=None):
        """Status and JSON of a request, an error of the service included."""
        request = self._request(method, path, body)
        try:
            with urllib.request.urlopen(request, timeout=SOON_SECONDS) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as fault:
            return fault.code, json.loads(fault.read() or b"null")

    def _request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method)
        request.add_header("content-type", "application/json")
        if self.key:
            request.add_header("authorization", f"Bearer {self.key}")
        return request

    def runs(self, words=""):
        """The runs whose title holds these words."""
        status, listed = self.api("GET", f"/api/runs?limit=100&q={words}")
        assert status == 200, listed
        return listed["runs"]

    def until_text(self, run_id):
        """Follows a run until a model has written a part of the answer."""
        with urllib.request.urlopen(self._request("GET", f"/api/runs/{run_id}/events"), timeout=SOON_SECONDS) as events:
            for line in events:
                if line.startswith(b"data:") and json.loads(line[5:])["event"] == "delta":
                    return
        raise AssertionError("the run ended without a text")

    def joined(self):
        """How many requests joined a run so far."""
        days = self.api("GET", "/api/stats")[1]["days"]
        return sum(day["joined"] for day in days)

    def cancel(self, run_id):
        return self.api("POST", f"/api/runs/{run_id}/cancel")


def soon(look, seconds=SOON_SECONDS):
    """What a look gives as soon as it is true."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.02)
