"""The stack as a server of tools: what the conformance suite and the official clients make of it. `tests/mcp/server` runs it."""

import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "clients"))

from model_server import BEGUN, HELD, LINES, PLAIN, ModelServer  # noqa: E402
from stack import CLOSED, Stack, binary, soon  # noqa: E402

SUITE = pathlib.Path(os.environ["MCP_SUITE"])
MODULES = SUITE / "npm" / "node_modules"
NODE = str(MODULES / ".bin" / "node")
CLIENTS = FOLDER / "clients"
KEY = "an-access-key"
NUMBERS = itertools.count(1)
CALL_SECONDS = 60
# Older clients hear nothing of a connection that broke, and wait until their time is over.
BROKEN_SECONDS = 15

# Scenarios of the suite that are about what every server has.
CONFORMANCE = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"]
# The others ask for what this server does not offer, or for tools of the suite's own example server: tools-call-* and json-schema-2020-12
# for tools of given names; logging-*, completion-*, resources-*, prompts-* and elicitation-* for features that are not declared;
# server-sse-* for sessions, of which there are none.

BOTH_ERAS = [str(SUITE / "both-eras" / "bin" / "python"), str(CLIENTS / "both_eras.py")]
PROGRAMS = {
    "Python, newer": ([*BOTH_ERAS, "auto"], "2026-07-28"),
    "Python, newer, with a handshake": ([*BOTH_ERAS, "legacy"], "2025-11-25"),
    "Python, older": ([str(SUITE / "old-era" / "bin" / "python"), str(CLIENTS / "old_era.py")], "2025-11-25"),
    # Over standard input and output it does not say.
    "Node": ([NODE, str(CLIENTS / "node.mjs"), str(MODULES / "@modelcontextprotocol" / "sdk")], None),
}


class Client:
    """One of the clients, in a process of its own."""

    def __init__(self, program, *where, environment=None):
        command = [*program, *where]
        self._stderr = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            env=environment or {"PATH": os.environ["PATH"]},
        )
        hello = self._read()
        self.version, self.tools = hello["version"], hello["tools"]

    def call(self, tool, arguments, seconds=CALL_SECONDS):
        self.send(tool, arguments, seconds)
        return self._read()

    def send(self, tool, arguments, seconds=CALL_SECONDS):
        line = json.dumps({"tool": tool, "arguments": arguments, "seconds": seconds})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def read(self):
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            self._stderr.seek(0)
            raise AssertionError(f"the client has ended: {self._stderr.read()}")
        return json.loads(line)

    def close(self):
        self._process.stdin.close()
        self._process.wait(timeout=CALL_SECONDS)
        self._process.stdout.close()
        self._stderr.close()


def script(kind):
    return f"{kind}-{next(NUMBERS)}"


def setUpModule():
    global models, stack, dead
    models = ModelServer()
    stack = Stack(models.address, key=KEY, lease_seconds=2)
    dead = Stack(CLOSED, key=KEY)


def tearDownModule():
    stack.close()
    dead.close()
    models.close()


def ways(where):
    """Each client over both ways to the stack."""
    bridge = [binary(), "mcp", "--url", where.address]
    environment = {"PATH": os.environ["PATH"], "ACCESS_KEY": KEY, "HOME": tempfile.gettempdir()}
    for name, (program, version) in PROGRAMS.items():
        yield f"{name}, HTTP", version, lambda: Client(program, "http", f"{where.address}/mcp", KEY)
        yield f"{name}, stdio", version, lambda: Client(program, "stdio", *bridge, environment=environment)


class Conformance(unittest.TestCase):
    def test_the_scenarios_that_apply_pass_without_a_warning(self):
        open_stack = Stack(models.address)
        self.addCleanup(open_stack.close)
        program = MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
        for scenario in CONFORMANCE:
            with self.subTest(scenario), tempfile.TemporaryDirectory() as folder:
                command = [NODE, program, "server", "--url", f"{open_stack.address}/mcp", "--scenario", scenario]
                run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=CALL_SECONDS)
                self.assertEqual(0, run.returncode, run.stdout + run.stderr)
                self.assertIn("0 failed, 0 warnings", run.stdout)


class Clients(unittest.TestCase):
    def each(self, where):
        for name, version, make in ways(where):
            with self.subTest(name):
                client = make()
                try:
                    yield client, version
                finally:
                    client.close()

    def test_success(self):
        for client, version in self.each(stack):
            if version and client.version:
                self.assertEqual(version, client.version)
            self.assertEqual(["ask", "get_run", "cancel_run"], client.tools)
            told = client.call("ask", {"query": script("sources")})
            self.assertFalse(told["is_error"], told)
            self.assertEqual("completed", told["run"]["status"])
            self.assertTrue(told["run"]["sources"], told)
            self.assertEqual(told["run"], json.loads(told["text"]))
            numbers = [number for number, _ in told["progress"]]
            self.assertTrue(numbers)
            self.assertEqual(sorted(set(numbers)), numbers)
            again = client.call("get_run", {"run_id": told["run"]["run_id"]})
            self.assertEqual(told["run"], again["run"])
            follow_up = {"query": script("plain"), "previous_run_id": told["run"]["run_id"]}
            self.assertEqual(PLAIN, client.call("ask", follow_up)["run"]["answer"])
            self.assertEqual(LINES, client.call("ask", {"query": script("lines")})["run"]["answer"])

    def test_failure(self):
        for client, _ in self.each(dead):
            told = client.call("ask", {"query": script("plain")})
            self.assertTrue(told["is_error"], told)
            if told["run"] is not None:
                self.assertEqual("failed", told["run"]["status"])
            told = client.call("ask", {"query": "a", "wait_seconds": 46})
            # Some clients look at the schema themselves.
            self.assertIn("wait_seconds", told.get("text") or told["fault"])

    def test_cancel(self):
        for client, _ in self.each(stack):
            question = script("hold")
            started = client.call("ask", {"query": question, "wait_seconds": 0})["run"]
            self.assertEqual("running", started["status"])
            stack.until_text(started["run_id"])
            told = client.call("cancel_run", {"run_id": started["run_id"]})["run"]
            self.assertEqual(("cancelled", None), (told["status"], told["next"]))
            models.gate(question).set()

    def test_a_time_out_of_the_client_cancels_nothing(self):
        for client, _ in self.each(stack):
            question = script("hold")
            told = client.call("ask", {"query": question}, seconds=1)
            self.assertIn("fault", told)
            models.gate(question).set()
            run = stack.runs(question)[0]
            told = client.call("get_run", {"run_id": run["run_id"]})["run"]
            self.assertEqual(("completed", BEGUN + HELD), (told["status"], told["answer"]))

    def test_a_crash_in_the_middle(self):
        for client, _ in self.each(stack):
            question = script("hold")
            started = client.call("ask", {"query": question, "wait_seconds": 0})["run"]
            stack.until_text(started["run_id"])
            stack.kill()
            models.gate(question).set()
            stack.start()
            told = client.call("get_run", {"run_id": started["run_id"]})["run"]
            self.assertEqual(("completed", BEGUN + HELD), (told["status"], told["answer"]))

    def test_a_crash_under_a_call_that_waits(self):
        """Whoever asks again finds the run, whatever the client makes of the broken connection."""
        for client, _ in self.each(stack):
            question = script("hold")
            client.send("ask", {"query": question}, BROKEN_SECONDS)
            run = soon(lambda: stack.runs(question))[0]
            stack.until_text(run["run_id"])
            stack.kill()
            models.gate(question).set()
            stack.start()
            first = client.read()
            told = client.call("ask", {"query": question})["run"] if "fault" in first else first["run"]
            self.assertEqual((run["run_id"], "completed"), (told["run_id"], told["status"]))
            self.assertEqual(1, len(stack.runs(question)))


if __name__ == "__main__":
    unittest.main()
