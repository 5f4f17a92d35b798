"""The official client of both eras: `both_eras.py MODE http URL KEY`, or `both_eras.py MODE stdio COMMAND ARGUMENT…`; the mode is `auto` or `legacy`."""

import asyncio
import os
import sys

from exchange import serve
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client


def server(how, where):
    if how == "stdio":
        return StdioServerParameters(command=where[0], args=where[1:], env=dict(os.environ))
    url, key = where
    return streamable_http_client(url, http_client=create_mcp_http_client({"authorization": f"Bearer {key}"}))


async def main():
    mode, how, *where = sys.argv[1:]
    async with Client(server(how, where), mode=mode) as client:
        listed = await client.list_tools()

        async def call(tool, arguments, on_progress, seconds):
            result = await client.call_tool(tool, arguments, seconds, on_progress)
            return result.is_error, result.structured_content, result.content[0].text

        await serve(client.protocol_version, [tool.name for tool in listed.tools], call)


asyncio.run(main())
