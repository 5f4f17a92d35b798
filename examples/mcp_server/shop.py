"""An MCP server of one tool, by FastMCP."""

from fastmcp import FastMCP

server = FastMCP("shop")
HOURS = {"saturday": "9 to 16", "sunday": "closed"}


@server.tool
def opening_hours(day: str) -> str:
    """When the shop is open on a day of the week, such as monday."""
    return HOURS.get(day.lower(), "8 to 18")


if __name__ == "__main__":
    server.run(transport="http", host="127.0.0.1", port=9004)
