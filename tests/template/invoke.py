#!/usr/bin/env python3
"""Runs a program in code_interpreter as Lambda would start it: the archive and the layer that were built, its bootstrap in place of
the runtime's loop, a stand-in for the Runtime API, and this machine's Python 3.13 in the place of Lambda's. A layer that brings a
whole Python is used as it is, and the bootstrap is started as on `provided.al2023`. Then it is asked what docs/operate.md has an
operator ask.

    python invoke.py --archive dist/code_interpreter.zip --layer .aws-sam/build/PythonLayer --python PYTHON3.13 [--as-lambda]

With --as-lambda, for root on Linux for x86_64: as another user, with processes of its own, and with a kernel that answers as
Lambda's does (prctl, seccomp, ptrace and unshare are refused, there is no Landlock), so that the level `lambda` is chosen.
"""

import argparse
import ctypes
import errno
import http.server
import json
import os
import pathlib
import queue
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_WAIT_SECONDS = 90
CODE = """
import os, matplotlib, numpy as np, pandas as pd, sympy
frame = pd.DataFrame({"x": np.arange(4), "y": np.arange(4) ** 2})
print("keys:", sorted(name for name in os.environ if name.startswith("AWS")))
print("fit:", (np.polyfit(frame.x, frame.y, 2).round(6) + 0.0).tolist())
int(frame.y.sum()), str(sympy.factor("x**2 - 1"))
"""
EXPECTED_OUTPUT = "keys: []\nfit: [1.0, 0.0, 0.0]\n"
EXPECTED_VALUE = "(14, '(x - 1)*(x + 1)')"


USER = 993
# Numbers of x86_64: prctl, seccomp, ptrace, unshare, setns; Landlock's three.
REFUSED, MISSING = (157, 317, 101, 272, 308), (444, 445, 446)


def refuse_as_lambda():
    """A filter of system calls for this process and all that it starts."""
    load, jump_equal, give = 0x20, 0x15, 0x06
    allow, fail = 0x7FFF0000, 0x00050000
    lines = [(load, 0, 0, 0)]
    for numbers, error in ((REFUSED, errno.EPERM), (MISSING, errno.ENOSYS)):
        for number in numbers:
            lines += [(jump_equal, 0, 1, number), (give, 0, 0, fail | error)]
    lines.append((give, 0, 0, allow))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    described = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(program))
    set_seccomp, filter_mode = 22, 2
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(set_seccomp, filter_mode, described, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter cannot be set")


def as_lambda(program):
    """The first process of a namespace: starts the function as another user and waits for all that it leaves."""
    if os.fork() == 0:
        refuse_as_lambda()
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)
        os.execv(program[0], program)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


class Exchange(http.server.BaseHTTPRequestHandler):
    """What one function asks of its `RuntimeApi`."""

    protocol_version = "HTTP/1.1"
    server: "RuntimeApi"

    def do_GET(self):
        if not self.server.events:
            time.sleep(MAX_WAIT_SECONDS)
            return
        event = self.server.events.pop(0)
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:code_interpreter")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self.body()
        self.send_response(202)
        self.send_header("Lambda-Extension-Identifier", "none")
        self.send_header("Content-Length", "0")
        self.end_headers()
        if "/invocation/" in self.path or "/init/error" in self.path:
            self.server.answers.put((self.path, body))

    def body(self):
        length = self.headers.get("content-length")
        if length is not None:
            return self.rfile.read(int(length))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def log_message(self, *_):
        pass


class RuntimeApi(http.server.ThreadingHTTPServer):
    """A few events, then silence. One function has it alone: a question that a killed one left behind must not take an event from
    the next."""

    daemon_threads = True

    def __init__(self, events):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.events = [json.dumps(event).encode() for event in events]
        self.answers = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def next_answer(self):
        try:
            return self.answers.get(timeout=MAX_WAIT_SECONDS)
        except queue.Empty:
            return "none", b""

    def handle_error(self, *_):
        """The function is killed at the end, in the middle of its questions."""


def lay_out(options, scratch):
    """/var/task, /opt and /var/lang, as Lambda has them, in a folder. All of it is readable for other users, as there."""
    task, opt, lang = scratch / "task", scratch / "opt", scratch / "lang"
    with zipfile.ZipFile(options.archive) as archive:
        archive.extractall(task)
        for entry in archive.infolist():
            (task / entry.filename).chmod(entry.external_attr >> 16 & 0o777)
    shutil.copytree(options.layer / "interpreter", opt / "interpreter")
    (scratch / "tmp").mkdir()
    (scratch / "tmp").chmod(0o777)
    scratch.chmod(0o755)
    if brings_python(options.layer):
        return task, opt
    for name in ("bin/python3.13", "pyvenv.cfg"):
        path = opt / "interpreter" / name
        path.write_text(path.read_text(encoding="utf-8").replace("/var/lang", str(lang)), encoding="utf-8")
    home = pathlib.Path(
        subprocess.check_output([options.python, "-I", "-c", "import sys; print(sys.base_prefix)"], text=True).strip()
    )
    (lang / "bin").mkdir(parents=True)
    shutil.copy2((home / "bin/python3.13").resolve(), lang / "bin/python3.13")
    unwanted = shutil.ignore_patterns("site-packages", "dist-packages", "test", "idlelib", "__pycache__", "config-*")
    shutil.copytree(home / "lib/python3.13", lang / "lib/python3.13", ignore=unwanted)
    for library in (home / "lib").glob("libpython3.13*.so*"):
        shutil.copy2(library, lang / "lib")
    return task, opt


def brings_python(layer):
    return not (layer / "interpreter/pyvenv.cfg").exists()


def environment(task, opt, scratch):
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LAMBDA_TASK_ROOT": str(task),
        "TMPDIR": str(scratch / "tmp"),
        "PYTHON": str(opt / "interpreter/bin/python3.13"),
        "AWS_LAMBDA_FUNCTION_NAME": "code_interpreter",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_LAMBDA_LOG_GROUP_NAME": "none",
        "AWS_LAMBDA_LOG_STREAM_NAME": "none",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
    }


def main():
    parser = argparse.ArgumentParser()
    for name in ("--archive", "--layer", "--python"):
        parser.add_argument(name, type=pathlib.Path, required=True)
    parser.add_argument("--as-lambda", action="store_true")
    options = parser.parse_args()
    request = {
        "call_id": "r1.1", "idempotency_key": "01ARZ3NDEKTSV4RRFFQ69G5FAV/1/1", "tool": "code_interpreter",
        "arguments": {"code": CODE, "timeout": 30}, "deadline_ms": int(time.time() * 1000) + 60_000,
        "run_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "round": 1, "files": [],
    }
    guide = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
    probe = re.search(r"--function-name code_interpreter --tenant-id .*?--payload '(.*?)'", guide, re.S).group(1)
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        task, opt = lay_out(options, scratch)
        log = open(scratch / "log", "w+", encoding="utf-8")
        variables = environment(task, opt, scratch)
        api = RuntimeApi([request, json.loads(probe)])
        began = time.monotonic()
        function = start(options, task, variables, api, log)
        path, body = api.next_answer()
        took = time.monotonic() - began
        _, probed = api.next_answer()
        function.kill()
        function.wait()
        log.seek(0)
        check(path, body, took, log.read(), "lambda" if options.as_lambda else None)
        check_probe(probed, options.as_lambda)
        once = {**variables, "CODE_INTERPRETER_SINGLE_USE": "1"}
        check_single_use(request, lambda api: start(options, task, once, api, log))


def start(options, task, variables, api, log):
    program = [task / "bootstrap"]
    if not brings_python(options.layer):
        # Lambda's Python runtime names its own program, too.
        program += ["/var/lang/bin/python3.13", "/var/runtime/bootstrap.py"]
    if options.as_lambda:
        namespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        program = [*namespace, sys.executable, __file__, "--inside", *program]
    variables = {**variables, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
    return subprocess.Popen(program, env=variables, stderr=log, stdout=log, cwd=task)


def check(path, body, took, log, level):
    answer = json.loads(body or b"{}")
    result = answer.get("result", {})
    if not (path.endswith("/response") and result.get("success")):
        sys.exit(f"the function answered {path} {body.decode()[:3000]}\n{log[-3000:]}")
    if result["stdout"] != EXPECTED_OUTPUT or result["value"] != EXPECTED_VALUE:
        sys.exit(f"the program's output is {result['stdout']!r}, its value {result['value']!r}")
    if level not in (None, result["isolation"]):
        sys.exit(f"the level is {result['isolation']}, {level} was expected\n{log[-3000:]}")
    print(f"code_interpreter: ran numpy, pandas and sympy of the layer at the level {result['isolation']}, {took:.1f} s from its start")


def check_probe(body, as_lambda):
    probe = json.loads(body or b"{}")
    if not probe.get("ok"):
        sys.exit(f"what docs/operate.md has an operator ask is answered with {body.decode() or 'nothing'}")
    # Only root can read a file that nobody may read.
    if as_lambda and probe["result"]["bootstrap_readable"]:
        sys.exit("the function's program can be read by what it runs")
    print(f"code_interpreter: says what holds programs: {', '.join(sorted(probe['result']))}")


def check_single_use(request, start_function):
    """A function of single use answers, then ends by itself and well, so that the next event gets a fresh one."""
    late = {**request, "arguments": {"code": "6 * 7"}, "deadline_ms": int(time.time() * 1000) + 60_000}
    api = RuntimeApi([late, late])
    function = start_function(api)
    path, body = api.next_answer()
    value = json.loads(body or b"{}").get("result", {}).get("value")
    try:
        code = function.wait(timeout=MAX_WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        function.kill()
        sys.exit("a function of single use goes on after its answer")
    if not path.endswith("/response") or value != "42":
        sys.exit(f"a function of single use answered {path} {body.decode()[:3000]}")
    if code != 0 or len(api.events) != 1:
        sys.exit(f"a function of single use took {2 - len(api.events)} events and ended with {code}")
    print("code_interpreter: of single use, it answers and ends")


if sys.argv[1:2] == ["--inside"]:
    as_lambda(sys.argv[2:])
else:
    main()
