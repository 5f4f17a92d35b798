"""The official client before 2026-07-28: `old_era.py http URL KEY`, or `old_era.py stdio COMMAND ARGUMENT…`."""

import asyncio
import datetime
import os
import sys

from exchange import serve
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


def transport(how, where):
    if how == "stdio":
        return stdio_client(StdioServerParameters(command=where[0], args=where[1:], env=dict(os.environ)))
    url, key = where
    return streamablehttp_client(url, headers={"authorization": f"Bearer {key}"})


async def main():
    how, *where = sys.argv[1:]
    async with transport(how, where) as (read, write, *_), ClientSession(read, write) as session:
        hello = await session.initialize()
        listed = await session.list_tools()

        async def call(tool, arguments, on_progress, seconds):
            limit = datetime.timedelta(seconds=seconds)
            result = await session.call_tool(tool, arguments, limit, on_progress)
            return result.isError, result.structuredContent, result.content[0].text

        await serve(hello.protocolVersion, [tool.name for tool in listed.tools], call)


asyncio.run(main())
