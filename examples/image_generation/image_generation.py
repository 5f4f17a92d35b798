"""An HTTP tool: one picture from a server that speaks OpenAI's images API. Standard library alone.

IMAGES_URL is the server's base, such as http://127.0.0.1:1234/v1; IMAGES_API_KEY and IMAGES_MODEL where it needs them; IMAGES_RESPONSE_FORMAT is
b64_json for a server that answers with addresses else (LocalAI), and not set for OpenAI's. IMAGES_TOOL_TOKEN is what a caller has to send as `authorization`.
"""

import base64
import hmac
import http.server
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request

KINDS = {rb"\x89PNG\r\n\x1a\n": "png", rb"\xff\xd8\xff": "jpeg", rb"RIFF....WEBP": "webp", rb"GIF8[79]a": "gif"}
MAX_PICTURE_BYTES = 3_900_000
MAX_RESPONSE_BYTES = 8_000_000
SECONDS = 170


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        """A redirect would take the key along."""


def generate(request):
    arguments = request["arguments"]
    # stable-diffusion.cpp takes settings of its own from between these marks.
    words = re.sub(r"(?i)<[^<>]*sd_cpp_extra_args[^<>]*>?", " ", arguments["prompt"])
    asked = {"prompt": words, "n": 1, "size": arguments.get("size", "1024x1024")}
    asked |= {name: os.environ[f"IMAGES_{name.upper()}"] for name in ("model", "response_format") if os.environ.get(f"IMAGES_{name.upper()}")}
    headers = {"content-type": "application/json", "accept": "application/json"}
    if os.environ.get("IMAGES_API_KEY"):
        headers["authorization"] = f"Bearer {os.environ['IMAGES_API_KEY']}"
    to = urllib.request.Request(os.environ["IMAGES_URL"].rstrip("/") + "/images/generations", json.dumps(asked).encode(), headers)
    left = request["deadline_ms"] / 1000 - time.time() - 1
    with urllib.request.build_opener(NoRedirect).open(to, timeout=max(1, min(SECONDS, left))) as response:
        given = json.loads(response.read(MAX_RESPONSE_BYTES))["data"][0].get("b64_json")
    # What stands at an address is not fetched: it could be an address of this network.
    picture = base64.b64decode((given or "").rpartition(",")[2])
    kind = next((kind for magic, kind in KINDS.items() if re.match(magic, picture, re.DOTALL)), None)
    if kind is None or len(picture) > MAX_PICTURE_BYTES:
        hint = "" if given else "; a server that gives addresses needs IMAGES_RESPONSE_FORMAT=b64_json"
        raise ValueError(f"no PNG, JPEG, WebP or GIF of at most {MAX_PICTURE_BYTES} bytes came{hint}")
    name = f"picture-{request['call_id']}.{kind}"
    file = {"name": name, "media_type": f"image/{kind}", "data": base64.b64encode(picture).decode()}
    return {"ok": True, "result": {"file": name, "shown": "The picture is shown to the user."}, "artifacts": [file]}


def respond(request):
    try:
        return generate(request)
    except urllib.error.HTTPError as error:
        words = refusal(error)
        code, retryable = ("rate_limited", True) if error.code == 429 else ("refused" if error.code < 500 else "server_failed", error.code >= 500)
        message = f"The images server answered {error.code}{words}"
    except Exception as error:  # Whatever a foreign server may send.
        code, message, retryable = "images_failed", f"The images server was of no use: {error}"[:500], isinstance(error, OSError)
    return {"ok": False, "error": {"code": code, "message": message, "retryable": retryable}}


def refusal(error):
    """What a refusal says, such as that a safety system did not like the words."""
    try:
        return f": {json.loads(error.read(65_536))['error']['message']}"[:500]
    except (OSError, ValueError, LookupError, TypeError):
        return "."


class Tool(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        shown = self.headers["authorization"] or ""
        if not hmac.compare_digest(shown.encode(), os.environ["IMAGES_TOOL_TOKEN"].encode()):
            return self.send_error(401)
        response = json.dumps(respond(json.loads(self.rfile.read(int(self.headers["content-length"]))))).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(response)))
        self.end_headers()
        self.wfile.write(response)


if __name__ == "__main__":
    missing = [name for name in ("IMAGES_URL", "IMAGES_TOOL_TOKEN") if not os.environ.get(name)]
    if missing:
        sys.exit(f"set {' and '.join(missing)}: see README.md")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9002"))), Tool)
    print(f"image_generation is served at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
