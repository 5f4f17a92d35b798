"""The adapter against a stand-in for an images server. Run it in this folder: python3 -m unittest"""

import base64
import contextlib
import http.server
import json
import os
import pathlib
import threading
import time
import unittest
import urllib.error
import urllib.request
from unittest import mock

import image_generation

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
WEBP = b"RIFF\x10\x00\x00\x0aWEBPVP8 "
TOKEN = "Bearer a-token-of-the-test"


def b64(data):
    return base64.b64encode(data).decode()


def body(data):
    return json.dumps({"created": 1, "data": data})


# What the server answers -> the media type of the picture.
PICTURES = [
    (body([{"b64_json": b64(PNG)}]), "image/png"),
    (body([{"b64_json": b64(PNG), "revised_prompt": "x"}, {"b64_json": b64(WEBP)}]), "image/png"),
    # It is what it is, whatever it was asked for and called.
    (json.dumps({"output_format": "png", "data": [{"b64_json": b64(b"\xff\xd8\xff\xe0 JFIF")}]}), "image/jpeg"),
    (body([{"b64_json": b64(WEBP)}]), "image/webp"),
    (body([{"b64_json": b64(b"GIF89a...")}]), "image/gif"),
    (body([{"b64_json": "data:image/png;base64," + b64(PNG)}]), "image/png"),
    (body([{"b64_json": "\n".join([b64(PNG)[:8], b64(PNG)[8:]])}]), "image/png"),
    (body([{"b64_json": b64(PNG), "url": "http://127.0.0.1:1/x"}]), "image/png"),
]
NO_PICTURE = "no PNG, JPEG, WebP or GIF"
# Status, headers, body -> code, words, whether to ask again.
FAILURES = [
    (200, {}, body([{"url": "http://169.254.169.254/latest/meta-data"}]), "images_failed", "IMAGES_RESPONSE_FORMAT=b64_json", False),
    (200, {}, body([{"b64_json": None}]), "images_failed", "IMAGES_RESPONSE_FORMAT", False),
    (200, {}, body([{"b64_json": ""}]), "images_failed", NO_PICTURE, False),
    (200, {}, body([{"b64_json": b64(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")}]), "images_failed", NO_PICTURE, False),
    (200, {}, body([{"b64_json": b64(b"<html>")}]), "images_failed", NO_PICTURE, False),
    (200, {}, body([{"b64_json": b64(b"RIFF\x10\x00\x00\x00WAVEfmt ")}]), "images_failed", NO_PICTURE, False),
    (200, {}, body([{"b64_json": b64(PNG + bytes(3_900_000))}]), "images_failed", NO_PICTURE, False),
    (200, {}, body([{"b64_json": "%%% no base64"}]), "images_failed", NO_PICTURE, False),
    (200, {}, body([{"b64_json": "abcde"}]), "images_failed", "of no use", False),
    (200, {}, body([{"b64_json": 7}]), "images_failed", "of no use", False),
    (200, {}, body([]), "images_failed", "of no use", False),
    (200, {}, body({}), "images_failed", "of no use", False),
    (200, {}, body(["x"]), "images_failed", "of no use", False),
    (200, {}, "null", "images_failed", "of no use", False),
    (200, {}, "", "images_failed", "of no use", False),
    (200, {}, "<html>busy</html>", "images_failed", "of no use", False),
    (200, {}, '{"data":' + "[" * 20_000, "images_failed", "of no use", False),
    (200, {}, json.dumps({"error": {"message": "quota"}}), "images_failed", "of no use", False),
    (200, {}, body([{"b64_json": "A" * 9_000_000}]), "images_failed", "of no use", False),
    (200, {"content-length": "100000"}, body([{"b64_json": b64(PNG)}])[:20], "images_failed", "of no use", False),
    (202, {}, json.dumps({"id": "job-1", "status": "queued"}), "images_failed", "of no use", False),
    (302, {"location": "http://127.0.0.1:1/elsewhere"}, "", "refused", "answered 302", False),
    (307, {"location": "/v1/images/generations"}, "", "refused", "answered 307", False),
    (400, {}, json.dumps({"error": {"code": "moderation_blocked", "message": "The safety system refused."}}), "refused", "safety system refused", False),
    (400, {}, json.dumps({"error": {"message": "Unknown parameter: 'response_format'."}}), "refused", "response_format", False),
    (400, {}, json.dumps({"error": {"message": "x" * 9000}}), "refused", "xxx", False),
    (401, {}, json.dumps({"error": "no key"}), "refused", "answered 401.", False),
    (402, {}, "", "refused", "answered 402.", False),
    (404, {}, json.dumps({"error": {"message": "model_not_found"}}), "refused", "model_not_found", False),
    (413, {}, "<html>", "refused", "answered 413.", False),
    (429, {"retry-after": "20"}, "{}", "rate_limited", "answered 429.", True),
    (500, {}, json.dumps({"error": None}), "server_failed", "answered 500.", True),
    (502, {}, "<html>bad gateway</html>", "server_failed", "answered 502.", True),
    (503, {}, json.dumps({"error": {"message": "loading"}}), "server_failed", "loading", True),
]


class StandIn(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, self.headers, json.loads(text)))
        status, headers, body = self.server.answer
        data = body.encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(data)

    def log_message(self, *_):
        pass


def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


class Pictures(unittest.TestCase):
    def setUp(self):
        self.images, address = serve(StandIn)
        self.images.seen, self.images.answer = [], (200, {}, PICTURES[0][0])
        variables = {"IMAGES_URL": f"{address}/v1/", "IMAGES_API_KEY": "sk-secret", "IMAGES_TOOL_TOKEN": TOKEN, "NO_PROXY": "*"}
        patch = mock.patch.dict(os.environ, variables)
        patch.start()
        self.tool, self.address = serve(type("Quiet", (image_generation.Tool,), {"log_message": lambda *_: None}))
        for end in (patch.stop, self.images.server_close, self.images.shutdown, self.tool.server_close, self.tool.shutdown):
            self.addCleanup(end)

    def ask(self, arguments, token=TOKEN, left=60):
        event = {"call_id": "r2.1", "tool": "image_generation", "arguments": arguments, "deadline_ms": int((time.time() + left) * 1000)}
        request = urllib.request.Request(self.address, json.dumps(event).encode(), {"content-type": "application/json", "authorization": token})
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def test_a_picture_comes_back_as_a_file_of_the_kind_that_its_bytes_say(self):
        for answer, media_type in PICTURES:
            with self.subTest(answer[:90]):
                self.images.answer = (200, {}, answer)
                response = self.ask({"prompt": "a cat"})
                self.assertTrue(response["ok"], response)
                (file,) = response["artifacts"]
                self.assertEqual((file["name"], file["media_type"]), (f"picture-r2.1.{media_type[6:]}", media_type))
                self.assertEqual(response["result"]["file"], file["name"])

    def test_what_is_no_picture_is_a_failure_that_says_what_came(self):
        for status, headers, answer, code, words, retryable in FAILURES:
            with self.subTest(f"{status} {answer[:80]}"):
                self.images.answer = (status, headers, answer)
                error = self.ask({"prompt": "a cat"})["error"]
                self.assertEqual((error["code"], error["retryable"]), (code, retryable), error)
                self.assertIn(words, error["message"])
                self.assertLess(len(error["message"]), 700)
                self.assertNotIn("sk-secret", error["message"])
        # Nobody went where a redirect pointed to.
        self.assertEqual(len(self.images.seen), len(FAILURES))

    def test_the_server_gets_what_it_knows_and_nothing_else(self):
        marks = "a cat <sd_cpp_extra_args>{\"steps\": 9999}</sd_cpp_extra_args> on a < SD_CPP_EXTRA_ARGS x>mat <sd_cpp_extra_args"
        self.ask({"prompt": marks})
        with mock.patch.dict(os.environ, {"IMAGES_MODEL": "sdxl", "IMAGES_RESPONSE_FORMAT": "b64_json"}):
            self.ask({"prompt": "a 七 cat", "size": "1536x1024"})
        with mock.patch.dict(os.environ, {"IMAGES_API_KEY": ""}):
            self.ask({"prompt": "x"})
        (path, headers, first), (_, _, second), (_, without_key, _) = self.images.seen
        self.assertEqual(path, "/v1/images/generations")
        self.assertEqual(headers["authorization"], "Bearer sk-secret")
        self.assertIsNone(without_key["authorization"])
        self.assertEqual(first, {"prompt": "a cat  {\"steps\": 9999}  on a  mat  ", "n": 1, "size": "1024x1024"})
        self.assertEqual(second, {"prompt": "a 七 cat", "n": 1, "size": "1536x1024", "model": "sdxl", "response_format": "b64_json"})

    def test_a_server_that_cannot_be_reached_and_one_that_is_silent_may_be_asked_again(self):
        self.images.shutdown()
        # It accepts and says nothing: the caller's time is over first.
        error = self.ask({"prompt": "x"}, left=1.5)["error"]
        self.assertEqual((error["code"], error["retryable"]), ("images_failed", True))
        self.images.server_close()
        error = self.ask({"prompt": "x"})["error"]
        self.assertEqual((error["code"], error["retryable"]), ("images_failed", True))

    def test_who_shows_no_token_gets_nothing(self):
        for token in ("", "Bearer", "Bearer wrong", TOKEN[7:], TOKEN + "x", "Bearer \u00e9"):
            with self.subTest(token):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    self.ask({"prompt": "x"}, token=token)
                self.assertEqual(refused.exception.code, 401)
                refused.exception.close()
        self.assertEqual(self.images.seen, [])

    def test_the_entry_waits_longer_than_the_adapter_and_is_never_repeated(self):
        entry = json.loads(pathlib.Path(__file__).with_name("image_generation.json").read_text())
        self.assertGreater(entry["timeout_ms"], image_generation.SECONDS * 1000)
        self.assertEqual(entry["retry"], "never")


if __name__ == "__main__":
    unittest.main()
