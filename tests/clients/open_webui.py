"""Asks by Open WebUI itself, in Chromium: a question with steps and sources, and what it took. Not a part of CI: it is large.

    python3 -m venv /tmp/open-webui && /tmp/open-webui/bin/pip install open-webui==0.12.4
    npm --prefix tests/page ci && cargo build --workspace --bins
    CHROMIUM=/usr/bin/chromium python3 tests/clients/open_webui.py /tmp/open-webui/bin/open-webui [PICTURE.png]
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request

from model_server import CITED, PAGE, TITLE, ModelServer
from stack import ROOT, Stack, soon

KEY = "a-key-of-this-test"
# Its first start makes a database and reads its models.
READY_SECONDS = 300
TASKS_SECONDS = 60
QUESTION = "How many jars were counted in the harbour? sources-2"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(address):
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


def environment(home, stack):
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "DATA_DIR": home,
        "WEBUI_SECRET_KEY": "none",
        # Whoever opens it is its one user.
        "WEBUI_AUTH": "False",
        "OPENAI_API_BASE_URLS": stack.v1,
        "OPENAI_API_KEYS": KEY,
        "DEFAULT_MODELS": "orchestrator",
        "ENABLE_OLLAMA_API": "False",
        # It would fetch a model for its documents.
        "RAG_EMBEDDING_ENGINE": "openai",
        "OFFLINE_MODE": "True",
        "HF_HUB_OFFLINE": "1",
        "ENABLE_VERSION_UPDATE_CHECK": "False",
        "ANONYMIZED_TELEMETRY": "False",
    }


def seen(address, picture):
    """What a person sees of the answer."""
    command = ["node", str(ROOT / "tests/clients/open_webui.mjs"), address, QUESTION, CITED.split("[")[0].strip(), picture]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=READY_SECONDS)
    return json.loads(told.stdout)


def today(stack):
    return stack.api("GET", "/api/stats")[1]["days"][0]


def main(program, picture=""):
    models = ModelServer()
    stack = Stack(models.address, KEY)
    address = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as home, open(os.path.join(home, "log"), "wb") as log:
        command = [program, "serve", "--host", "127.0.0.1", "--port", address.rsplit(":", 1)[1]]
        chat_page = subprocess.Popen(command, env=environment(home, stack), cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            soon(lambda: answers(address) or chat_page.poll() is not None, READY_SECONDS)
            page = seen(address, picture)
            # Title, tags and further questions are asked for beside the answer and behind it.
            soon(lambda: today(stack).get("tasks", 0) >= 3, TASKS_SECONDS)
            runs = stack.runs()
            print(json.dumps({"seen": page, "runs": len(runs), "tasks": today(stack)["tasks"]}, indent=1))
            assert len(runs) == 1, runs
            assert page["answer"] and page["steps"], page
            assert PAGE in page["links"] and TITLE in page["text"], page
        except BaseException:
            with open(os.path.join(home, "log"), "rb") as said:
                sys.stderr.write(said.read()[-8000:].decode(errors="replace"))
            raise
        finally:
            chat_page.kill()
            chat_page.wait()
            stack.close()
            models.close()
    print("OK")


if __name__ == "__main__":
    main(*sys.argv[1:])
