"""A server by FastMCP: `wrapped.py PORT`."""

import sys

from fastmcp import Context, FastMCP

server = FastMCP("wrapped")


@server.tool
def names(count: int) -> list[str]:
    """Names."""
    return [f"name-{n}" for n in range(count)]


@server.tool
def person(name: str) -> dict:
    """One person."""
    return {"name": name, "age": 7}


@server.tool
async def slow(steps: int, ctx: Context) -> str:
    """Takes its time and says so."""
    for step in range(steps):
        await ctx.report_progress(step, steps)
    return "done"


server.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), show_banner=False)
