"""A small server by the official SDK for Python, of either major version: `small.py PORT`."""

import sys

try:
    from mcp.server import MCPServer as Server
except ImportError:
    from mcp.server.fastmcp import FastMCP as Server

port = int(sys.argv[1])


def make():
    try:
        return Server("small", host="127.0.0.1", port=port), {}
    except TypeError:
        return Server("small"), {"host": "127.0.0.1", "port": port}


server, where = make()


@server.tool()
def add(a: int, b: int = 1) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("There is no such thing.")


server.run(transport="streamable-http", **where)
