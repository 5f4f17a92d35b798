"""Calls from standard input, a JSON object a line, and what the client makes of each on standard output."""

import asyncio
import json
import sys


def say(line):
    print(json.dumps(line), flush=True)


async def serve(version, tools, call):
    say({"version": version, "tools": tools})
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        progress = []

        async def on_progress(number, total, message):
            progress.append([number, message])

        try:
            is_error, run, text = await call(asked["tool"], asked["arguments"], on_progress, asked["seconds"])
            say({"is_error": is_error, "run": run, "text": text, "progress": progress})
        except Exception as fault:
            say({"fault": f"{type(fault).__name__}: {fault}"})
