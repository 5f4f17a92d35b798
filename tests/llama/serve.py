"""Serves replies by llama.cpp's own HTTP server: `serve.py SETUP`, a JSON file.

Says its address on standard output and serves until standard input ends.
"""

import json
import pathlib
import sys

from make_model import make_model
from xllamacpp import CommonParams, Server

# None of the server's own words: what goes wrong here raises, or reaches the client.
VERBOSITY = 0


def main():
    setup_path = pathlib.Path(sys.argv[1])
    setup = json.loads(setup_path.read_text(encoding="utf-8"))
    chat = pathlib.Path(__file__).with_name("chat.jinja").read_text(encoding="utf-8")
    model_path = setup_path.with_suffix(".gguf")
    make_model(model_path, flags(setup) + chat, setup["replies"])
    server = Server(parameters(setup, model_path))
    print(f"listening on {server.listening_address}", flush=True)
    sys.stdin.read()


def flags(setup):
    """What the model was trained to write, as its template tells the server."""
    names = ("tool_calls", "thinking")
    return "".join(f"{{%- set {name} = {json.dumps(setup[name])} %}}" for name in names)


def parameters(setup, model_path):
    parameters = CommonParams()
    parameters.model.path = str(model_path)
    parameters.port = 0
    parameters.api_keys = [setup["key"]]
    parameters.n_ctx = setup["context_tokens"] * setup["slots"]
    parameters.n_parallel = setup["slots"]
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = False
    parameters.verbosity = VERBOSITY
    return parameters


main()
