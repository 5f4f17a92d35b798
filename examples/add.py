"""Adds tools to a catalogue: python3 add.py ENTRY.json [CATALOGUE]

ENTRY.json holds one entry of `tools`, or an object of `mcp_servers`, as the examples have them. CATALOGUE is tools_config.json of this folder
unless named, and begins as a copy of the one that is shipped. What has the same name is replaced.
"""

import json
import pathlib
import sys

SHIPPED = pathlib.Path(__file__).resolve().parent.parent / "tools_config.json"


def add(entry, catalogue):
    for key, server in entry.get("mcp_servers", {}).items():
        catalogue.setdefault("mcp_servers", {})[key] = server
    tools = catalogue["tools"]
    for tool in [entry] if "function" in entry else entry.get("tools", []):
        same = [at for at, it in enumerate(tools) if it["function"]["name"] == tool["function"]["name"]]
        if same:
            tools[same[0]] = tool
        else:
            tools.append(tool)
    return catalogue


def main():
    entry = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
    path = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "tools_config.json")
    before = path if path.exists() else SHIPPED
    catalogue = add(entry, json.loads(before.read_text("utf-8")))
    path.write_text(json.dumps(catalogue, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(f"{path} now has {len(catalogue['tools'])} tools and {len(catalogue.get('mcp_servers', {}))} MCP servers")


if __name__ == "__main__":
    main()
