"""Reads the template, the code and the guide for agreement.py."""

import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPERATE = "docs/operate.md"
EDGE = "deploy/edge.yaml"
# Files that are test modules, beside those within a file.
OF_TESTS = re.compile(r"/tests(/|\.rs$)")


class Loader(yaml.SafeLoader):
    """Reads !Ref as {"Ref": …} and !GetAtt as {"Fn::GetAtt": …}."""


def tagged(loader, suffix, node):
    kinds = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda n: loader.construct_sequence(n, deep=True),
        yaml.MappingNode: lambda n: loader.construct_mapping(n, deep=True),
    }
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    return {name: kinds[type(node)](node)}


Loader.add_multi_constructor("!", tagged)


def read_code():
    paths = ["tools_config.json", "catalogs/toolorchestra.json", "functions/code_interpreter/layer/build", "deploy/page", "deploy/stack", EDGE, OPERATE]
    paths += ["deploy/run", *(str(path.relative_to(ROOT)) for path in (ROOT / ".github/workflows").glob("*.yml"))]
    for folder in ("functions", "shared"):
        found = (ROOT / folder).rglob("*")
        paths += [str(path.relative_to(ROOT)) for path in found if path.suffix in (".rs", ".toml") and path.is_file()]
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in paths}


def without_tests(text):
    """Rust without its test module, which stands at the end of a file here, and without comments."""
    text = re.split(r"#\[cfg\(test\)\]\s*mod \w+ \{", text)[0]
    return re.sub(r"//[^\n]*", "", text)


def sources(code, *folders):
    return {
        path: without_tests(text)
        for path, text in code.items()
        if path.endswith(".rs") and path.startswith(tuple(f"{folder}/src/" for folder in folders)) and not OF_TESTS.search(path)
    }


def crates_of(code, function):
    """Folders of a function's crate and of all crates of the workspace that it is built from."""
    known = {path.split("/")[1]: path.rpartition("/")[0] for path in code if path.count("/") == 2 and path.endswith("Cargo.toml")}
    found, left = set(), [f"functions/{function}"]
    while left:
        folder = left.pop()
        if folder in found:
            continue
        found.add(folder)
        manifest = code[f"{folder}/Cargo.toml"].split("[dev-dependencies]")[0].split("[dependencies]")[1]
        names = re.findall(r"^(\w+)(?:\.workspace| = )", manifest, re.M)
        left += [known[name] for name in names if name in known]
    return sorted(found)


def text_of(value):
    if isinstance(value, dict) and "Fn::Sub" in value:
        sub = value["Fn::Sub"]
        return sub[0] if isinstance(sub, list) else sub
    return str(value)
