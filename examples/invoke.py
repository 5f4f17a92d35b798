"""Serves a Python function at Lambda's Invoke API on this machine: python3 invoke.py MODULE.FUNCTION [PORT]

A stand-in for developing, with nothing to install. It is not Lambda: all calls share this one process and its variables, and nothing bounds
their memory or time. The function is called with the event and a context, as in Lambda, whatever name is invoked.
"""

import http.server
import importlib
import json
import sys
import time
import types

MAX_BYTES = 6 * 1024 * 1024


class Invoke(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        parts = self.path.split("?")[0].split("/")
        length = int(self.headers["content-length"] or 0)
        if length > MAX_BYTES:
            self.close_connection = True
            return self.answer(413, {"Type": "User", "Message": f"Request must be smaller than {MAX_BYTES} bytes."})
        body = self.rfile.read(length)
        # A browser names the page that asks; none has to.
        if self.headers["origin"] or parts[1:3] != ["2015-03-31", "functions"] or parts[4:] != ["invocations"]:
            return self.answer(404, {"Type": "User", "Message": "This serves POST /2015-03-31/functions/NAME/invocations alone."})
        if self.headers["x-amz-invocation-type"] == "DryRun":
            return self.answer(204, None)
        try:
            event = json.loads(body or b"{}")
        except (ValueError, RecursionError) as error:
            return self.answer(400, {"Type": "User", "Message": f"Could not parse request body into json: {error}"})
        try:
            result = self.server.function(event, context(parts[3], event))
            self.answer(200, result)
        except Exception as error:
            self.log_error("%s: %s", type(error).__name__, error)
            self.answer(200, {"errorType": type(error).__name__, "errorMessage": str(error)}, ("x-amz-function-error", "Unhandled"))

    def answer(self, status, body, *headers):
        data = b"" if status == 204 else json.dumps(body).encode()
        self.send_response(status)
        for name, value in [("content-type", "application/json"), ("content-length", str(len(data))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def context(name, event):
    deadline = event.get("deadline_ms", 0) if isinstance(event, dict) else 0
    left = lambda: max(0, int(deadline - time.time() * 1000))
    return types.SimpleNamespace(function_name=name, aws_request_id="local", get_remaining_time_in_millis=left)


def main():
    module, _, name = sys.argv[1].rpartition(".")
    sys.path.insert(0, "")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 9001), Invoke)
    server.function = getattr(importlib.import_module(module), name)
    print(f"{sys.argv[1]} is served at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
