"""The code of docs/clients.md, run as it stands there but for the address: `python3 guides.py`, with the built stack as SERVER."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

from node_client import NODE
from stack import ROOT, Stack

FOLDER = pathlib.Path(__file__).resolve().parent
PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
FENCES = re.compile(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8080"
KEY = "an-access-key"
# Why the others are not run: they are settings, of programs that no registry here has in a size for a test.
SETTINGS = {"ini", "yaml"}
PROGRAMS = {
    "ask_litellm.py",
    "ask_langchain.py",
    "ask_langchain.mjs",
    "ask_openai.mjs",
    "ask_openai_compatible.mjs",
    "ask_in_background.py",
    "ask_openai_chat.mjs",
    "ask_agents.py",
}
# The rehearsal model's answer to the question of all guides.
SUM = "88"
# Most of it is what a client takes to be loaded for the first time.
PROGRAM_SECONDS = 300


class Guides(unittest.TestCase):
    def test_each_block_is_a_program_that_is_run_or_settings(self):
        programs = {name for kind, name, _ in FENCES.findall(PAGE) if kind in ("python", "js")}
        self.assertEqual(PROGRAMS, programs)
        others = {(kind, name) for kind, name, _ in FENCES.findall(PAGE) if kind not in ("python", "js")}
        self.assertEqual({("sh", "install")} | {(kind, "") for kind in SETTINGS}, others)

    def test_what_is_installed_is_what_is_tested(self):
        wanted = set((FOLDER / "requirements.in").read_text().split("\n"))
        packages = json.loads((FOLDER / "package.json").read_text())["dependencies"]
        for _, name, text in FENCES.findall(PAGE):
            if name != "install":
                continue
            for line in text.splitlines():
                tool, install, *named = line.split(" ")
                self.assertEqual("install", install)
                for one in named:
                    if tool == "pip":
                        self.assertIn(one, wanted)
                    else:
                        package, version = one.rsplit("@", 1)
                        self.assertEqual(packages[package], version)

    def test_the_programs_print_the_answer(self):
        stack = Stack(key=KEY)
        self.addCleanup(stack.close)
        with tempfile.TemporaryDirectory(prefix="guides-") as folder:
            (pathlib.Path(folder) / "node_modules").symlink_to(FOLDER / "node_modules")
            programs = [(name, text) for _, name, text in FENCES.findall(PAGE) if name in PROGRAMS]
            with ThreadPoolExecutor(len(programs)) as pool:
                ended = pool.map(lambda program: self.run_program(*program, pathlib.Path(folder), stack), programs)
                for (name, _), run in zip(programs, ended):
                    with self.subTest(name):
                        self.assertEqual(0, run.returncode, run.stderr)
                        self.assertIn(SUM, run.stdout)
        # Equal questions that meet are one run, so that there may be fewer runs than programs; none has failed.
        self.assertEqual({"completed"}, {run["status"] for run in stack.runs()})

    def run_program(self, name, text, folder, stack):
        self.assertIn(ADDRESS, text)
        path = folder / name
        path.write_text(text.replace(ADDRESS, stack.address), encoding="utf-8")
        command = [NODE if path.suffix == ".mjs" else sys.executable, path]
        environment = os.environ | {"ACCESS_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PROGRAM_SECONDS)


if __name__ == "__main__":
    unittest.main()
