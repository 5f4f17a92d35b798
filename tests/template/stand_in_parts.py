"""Secrets and tables of the account that stand_in.py plays, and how it is kept."""

import json
import os
import pathlib
import sys

import jmespath

HOME = pathlib.Path(os.environ["AWS_STAND_IN"])
SECRETS = HOME / "secrets.json"


def read(path, default):
    return json.loads(path.read_text()) if path.exists() else default


def refuse(message):
    sys.exit(f"\nAn error occurred {message}")


def read_lines(name):
    path = HOME / name
    return path.read_text().splitlines() if path.exists() else []


def show(answer, options):
    if "query" in options:
        answer = jmespath.search(options["query"][0], answer)
    if options.get("output", ["json"])[0] == "json":
        print(json.dumps(answer))
    elif isinstance(answer, list):
        print("\t".join(map(str, answer)))
    else:
        print(answer)


def secret(options):
    secrets = read(SECRETS, {})
    name = options["secret-id"][0]
    if name not in secrets:
        refuse("(ResourceNotFoundException): Secrets Manager can't find the specified secret.")
    return secrets[name]


def add_version(name, must_exist):
    secrets = read(SECRETS, {})
    if (name in secrets) != must_exist:
        refuse(f"({'ResourceNotFoundException' if must_exist else 'ResourceExistsException'}): {name}")
    secrets.setdefault(name, []).append(sys.stdin.read())
    SECRETS.write_text(json.dumps(secrets))


def get_secret_value(options):
    versions = secret(options)
    number = int(options["version-id"][0].rpartition("-")[2]) if "version-id" in options else len(versions)
    return {"SecretString": versions[number - 1]}


def list_secret_version_ids(options):
    current = len(secret(options))
    return {"Versions": [{"VersionId": f"version-{n + 1}", "VersionStages": ["AWSCURRENT"] if n + 1 == current else ["AWSPREVIOUS"]}
                         for n in range(current)]}


def change(path, name, value):
    whole = read(path, {})
    if value == -1:
        whole.pop(name, None)
    else:
        whole[name] = value
    path.write_text(json.dumps(whole))


def dynamodb(operation, options):
    """Tables as far as one is restored: a new one has none of what protects it."""
    path = HOME / "tables.json"
    name = options.get("table-name", options.get("target-table-name"))[0]
    tables = read(path, {})
    if operation == "restore-table-to-point-in-time":
        if name in tables or options["source-table-name"][0] not in tables:
            refuse("(TableAlreadyExistsException or TableNotFoundException)")
        change(path, name, {})
        return
    if name not in tables:
        refuse("(ResourceNotFoundException): Requested resource not found")
    match operation:
        case "wait":
            left = int((read_lines("waits") or ["0"])[0])
            if left > 0:
                (HOME / "waits").write_text(str(left - 1))
                sys.exit("Waiter TableExists failed: Max attempts exceeded")
        case "describe-table":
            show({"Table": {"TableStatus": "CREATING"}}, options)
        case "describe-time-to-live":
            status = "ENABLED" if tables[name].get("expiry") else "DISABLED"
            show({"TimeToLiveDescription": {"TimeToLiveStatus": status}}, options)
        case "update-time-to-live":
            if tables[name].get("expiry"):
                refuse("(ValidationException): TimeToLive is already enabled")
            change(path, name, {**tables[name], "expiry": True})
        case "update-continuous-backups":
            change(path, name, {**tables[name], "recovery": True})
        case "update-table":
            change(path, name, {**tables[name], "protected": "deletion-protection-enabled" in options})
        case _:
            sys.exit(f"the stand-in knows no aws dynamodb {operation}")
