#!/usr/bin/env python3
"""Stands in for `aws` and `sam` while deploy.sh tries the scripts that deploy, and remembers an account in a folder.

    AWS_STAND_IN=FOLDER stand_in.py aws|sam ARGUMENT …

Names of operations and options are checked: for `aws` against AWS's own descriptions of its services, for `sam` against the program
itself. What stands in the folder:

    calls         a line for each call, in order
    stack.json    the stack, where there is one; its template beside it
    region        the Region of the stack; eu-central-1 where there is none
    secrets.json  name → versions, the current one last
    bucket/       the site bucket
    limit         how many calls at once nobody has reserved
    reserved.json function → how many it has reserved
    tables.json   table → protected, expiry, recovery
    waits         how often the wait for a table gives up
    subscriptions a line `ADDRESS ARN` for each subscription to the alarms
    providers     identity providers of the account; made-here: the stack of the role has made its own
    kill-after    a number: what called this is killed when so many calls have changed something
    refuse        a line `SERVICE OPERATION MESSAGE`: such a call fails with that message
    gives-up      where it is there, the way back fails so that CloudFormation can do no more
    sam-fails     where it is there, `sam deploy` fails, saying what stands in it

Beside the folder, options.json keeps the options that were looked up. Where AWS_RECORD names a file, calls go there, too.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import sys

from stand_in_parts import HOME, add_version, change, dynamodb, get_secret_value, list_secret_version_ids, read, read_lines, refuse, secret, show

STACK, BUCKET, TEMPLATE = HOME / "stack.json", HOME / "bucket", HOME / "template.yaml"
# What the stack is called, and what else begins with its name.
NAME = os.environ.get("AWS_STAND_IN_STACK", "stack")
REGION = (HOME / "region").read_text().strip() if (HOME / "region").exists() else "eu-central-1"
OUTPUTS = {
    "AlarmsTopic": f"arn:aws:sns:{REGION}:123456789012:{NAME}-alarms",
    "SiteBucketName": "site-bucket", "DistributionId": "DISTRIBUTION", "ApiUrl": "https://page.example",
    "TableName": "own-table", "PageUrl": "https://page.example/orchestrator", "FunctionUrl": "https://function.example/",
}
# Of the command line itself, not of an operation.
GLOBAL = {"query", "output", "region"}
# Commands of the command line that are no operation of a service.
OWN_COMMANDS = {
    ("cloudformation", "deploy"): {
        "stack-name", "template-file", "s3-bucket", "s3-prefix", "capabilities", "no-fail-on-empty-changeset", "parameter-overrides",
        "region",
    },
    ("s3", "cp"): {"only-show-errors", "content-type", "cache-control"},
    ("cloudfront", "create-invalidation"): {"distribution-id", "paths"},
    ("dynamodb", "wait"): {"table-name"},
}
# Calls that change something.
CHANGES = {
    ("cloudformation", "deploy"), ("sam", "deploy"), ("s3", "cp"), ("s3api", "put-object"), ("cloudfront", "create-invalidation"),
    ("secretsmanager", "create-secret"), ("secretsmanager", "put-secret-value"),
}


def parsed(arguments):
    """Options with their values, and what stands before the first one. An option takes all that follows it."""
    before, options, name = [], {}, None
    for argument in arguments:
        if argument.startswith("--"):
            name = argument[2:]
            options[name] = []
        else:
            (before if name is None else options[name]).append(argument)
    return before, options


def check_options(program, operation, options, look_up):
    cache = HOME.parent / "options.json"
    known = read(cache, {})
    command = f"{program} {operation}"
    if command not in known:
        known[command] = sorted(look_up())
        cache.write_text(json.dumps(known))
    unknown = set(options) - set(known[command])
    if unknown:
        sys.exit(f"{command} has no option {sorted(unknown)}")


def options_of_aws(service, operation):
    if (service, operation) in OWN_COMMANDS:
        return OWN_COMMANDS[service, operation]
    from botocore import xform_name
    from botocore.session import get_session

    # The command line's name of the whole interface, beside its own `s3`.
    model = get_session().get_service_model("s3" if service == "s3api" else service)
    of_command = {xform_name(name, "-"): name for name in model.operation_names}
    members = model.operation_model(of_command[operation]).input_shape
    return GLOBAL | {xform_name(member, "-") for member in (members.members if members else ())}


def options_of_sam_deploy():
    from samcli.commands.deploy.command import cli

    names = {name for parameter in cli.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return {name[2:] for name in names if name.startswith("--")}


# ------------------------------------------------------------------------------------------------ what the calls do


OUTPUTS_OF_ROLE = {
    "RoleArn": "arn:aws:iam::123456789012:role/made", "BoundaryArn": "arn:aws:iam::123456789012:policy/boundary", "ArtifactsBucket": "artifacts",
}


def describe_stacks(options):
    name = options["stack-name"][0]
    if "-github-" in name:
        outputs = [{"OutputKey": k, "OutputValue": v} for k, v in OUTPUTS_OF_ROLE.items()]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}
    if name == "aws-sam-cli-managed-default":
        return {"Stacks": [{"Outputs": [{"OutputKey": "SourceBucket", "OutputValue": "sam-bucket"}]}]}
    stack = read(STACK, None)
    if stack is None:
        refuse(f"(ValidationError) when calling the DescribeStacks operation: Stack with id {name} does not exist")
    outputs = {**OUTPUTS, "TableName": stack["parameters"].get("TableInUse") or OUTPUTS["TableName"]}
    return {"Stacks": [{
        "StackStatus": stack["status"],
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in stack["parameters"].items()],
        "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()],
    }]}


def set_stack(template, parameters):
    """As CloudFormation: what is not given stays, and a new stack takes the template's defaults."""
    section = re.search(r"^Parameters:\n(.*?)^\w", template, re.S | re.M).group(1)
    declared = {
        name: (re.findall(r"^    Default: (.*)$", block, re.M) or [""])[0].strip('"')
        for name, block in re.findall(r"^  (\w+):\n((?:^   .*\n|^\n)*)", section, re.M)
    }
    for name in parameters:
        if name not in declared:
            refuse(f"(ValidationError): Parameters: [{name}] do not exist in the template")
    stack = read(STACK, None)
    status = "CREATE_COMPLETE" if stack is None else "UPDATE_COMPLETE"
    before = stack["parameters"] if stack else declared
    STACK.write_text(json.dumps({"status": status, "parameters": {**before, **parameters}}))
    TEMPLATE.write_text(template)


def cp(places):
    source, target = (BUCKET / place.removeprefix("s3://site-bucket/") if place.startswith("s3://") else pathlib.Path(place)
                      for place in places)
    if not source.exists():
        sys.exit("fatal error: An error occurred (404) when calling the HeadObject operation: Not Found")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def aws(service, operation, *arguments):
    places, options = parsed(arguments)
    for line in read_lines("refuse"):
        if line.startswith(f"{service} {operation} "):
            refuse(line.removeprefix(f"{service} {operation} "))
    check_options(f"aws {service}", operation, options, lambda: options_of_aws(service, operation))
    match service, operation:
        case "cloudformation", "describe-stacks":
            show(describe_stacks(options), options)
        case "cloudformation", "describe-stack-resources":
            if not (HOME / "made-here").exists():
                refuse("(ValidationError): Stack with id stack-github-staging does not exist")
            show({"StackResources": [{"PhysicalResourceId": "provider"}]}, options)
        case "iam", "list-open-id-connect-providers":
            show({"OpenIDConnectProviderList": [{"Arn": line} for line in read_lines("providers")]}, options)
        case "cloudformation", "get-template":
            show({"TemplateBody": TEMPLATE.read_text()}, options)
        case "cloudformation", "deploy":
            given = dict(one.split("=", 1) for one in options["parameter-overrides"])
            if (HOME / "gives-up").exists() and STACK.exists():
                STACK.write_text(json.dumps({**read(STACK, None), "status": "UPDATE_ROLLBACK_FAILED"}))
                sys.exit("Failed to create/update the stack")
            # The stack beside it, in another Region, is not kept.
            if options["stack-name"] == [NAME]:
                set_stack(pathlib.Path(options["template-file"][0]).read_text(), given)
        case "lambda", "get-account-settings":
            show({"AccountLimit": {"UnreservedConcurrentExecutions": int((HOME / "limit").read_text())}}, options)
        case "lambda", "get-function-concurrency":
            reserved = read(HOME / "reserved.json", {}).get(options["function-name"][0])
            show({} if reserved is None else {"ReservedConcurrentExecutions": reserved}, options)
        case "lambda", "put-function-concurrency" | "delete-function-concurrency":
            change(HOME / "reserved.json", options["function-name"][0], int(options.get("reserved-concurrent-executions", ["-1"])[0]))
        case "dynamodb", _:
            dynamodb(operation, options)
        case "sns", "list-subscriptions-by-topic":
            known = [line.split() for line in read_lines("subscriptions")]
            show({"Subscriptions": [{"Endpoint": address, "SubscriptionArn": arn} for address, arn in known]}, options)
        case "s3", "cp":
            # The last two stand behind an option that takes no value, or one.
            cp([*places, *(value for values in options.values() for value in values)][-2:])
        case "s3api", "put-object":
            # A key may end in a slash beside one that does not; a file may not.
            key = re.sub("/$", "%2F", options["key"][0])
            cp([options["body"][0], f"s3://{options['bucket'][0]}/{key}"])
            print("{}")
        case "cloudfront", "create-invalidation":
            print("{}")
        case "secretsmanager", "describe-secret":
            secret(options)
            print("{}")
        case "secretsmanager", "create-secret":
            add_version(options["name"][0], must_exist=False)
        case "secretsmanager", "put-secret-value":
            add_version(options["secret-id"][0], must_exist=True)
        case "secretsmanager", "list-secret-version-ids":
            show(list_secret_version_ids(options), options)
        case "secretsmanager", "get-secret-value":
            show(get_secret_value(options), options)
        case _:
            sys.exit(f"the stand-in knows no aws {service} {operation}")


def sam(command, *arguments):
    if command != "deploy":
        return
    from samcli.cli.types import CfnParameterOverridesType

    _, options = parsed(arguments)
    check_options("sam", command, options, options_of_sam_deploy)
    if (HOME / "sam-fails").exists():
        print((HOME / "sam-fails").read_text())
        if not STACK.exists() and options.get("on-failure") != ["DELETE"]:
            STACK.write_text(json.dumps({"status": "ROLLBACK_COMPLETE", "parameters": {}}))
        sys.exit("Error: Failed to create/update the stack")
    given = CfnParameterOverridesType().convert(tuple(options["parameter-overrides"]), None, None)
    set_stack(pathlib.Path("template.yaml").read_text(), given)


def kill_where_told(operation, arguments):
    """As a job that is cancelled, or a machine that is gone: nothing of the script runs on."""
    counter = HOME / "kill-after"
    is_change = operation in CHANGES and not (operation == ("s3", "cp") and not arguments[-1].startswith("s3://"))
    if is_change and counter.exists():
        left = int(counter.read_text()) - 1
        counter.write_text(str(left))
        if left == 0:
            counter.unlink()
            os.killpg(0, signal.SIGKILL)


def main():
    program, *arguments = sys.argv[1:]
    for path in filter(None, [HOME / "calls", os.environ.get("AWS_RECORD")]):
        with open(path, "a", encoding="utf-8") as calls:
            calls.write(shlex.join([program, *arguments]) + "\n")
    {"aws": aws, "sam": sam}[program](*arguments)
    kill_where_told((program, arguments[0]) if program == "sam" else tuple(arguments[:2]), arguments)


main()
