#!/usr/bin/env python3
"""Whether the role that deploys from GitHub may do what a deployment does, and nothing else.

    python rights.py CALLS           compares; prints what differs and fails
    python rights.py CALLS --prove   changes deploy/github-role.yaml in memory, and fails where a change is not noticed

CALLS is what deploy/run was seen to call in the scenarios of deploy.sh, a line each. What CloudFormation calls in turn: account.py.
"""

import itertools
import json
import pathlib
import shlex
import sys

import yaml
from account import ACCOUNT, SUFFIX, UNUSED, arn, context_of, pseudo, requests, transformed
from attempts import given_to, nothing_of_other_stacks, what_is_refused
from policy import decide, like, listed, resolve
from reading import ROOT, Loader
from role import BOUNDARY, REGION, STACK, Role

ROLE = "deploy/github-role.yaml"
# Of a managed policy, without white space.
MAX_POLICY_CHARACTERS = 6144
# ------------------------------------------------------------------------------------------------ what a deployment calls

BY_CHANGE_SET = ["DescribeStacks", "GetTemplateSummary", "CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "DescribeStackEvents"]


def seen(line):
    """The requests behind a call of a program that deploy.sh has recorded: actions, and what they are about."""
    program, *arguments = shlex.split(line)
    option = lambda name: arguments[arguments.index(name) + 1] if name in arguments else None
    region = option("--region") or REGION
    stack = lambda: f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{option('--stack-name')}/made-up"
    site = f"arn:aws:s3:::{STACK}-sitebucket-{SUFFIX.lower()}"
    own = lambda service, rest: f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"
    if program == "sam" and arguments[0] != "deploy":
        return
    if program == "sam" or arguments[:2] == ["cloudformation", "deploy"]:
        yield from ((f"cloudformation:{action}", stack()) for action in BY_CHANGE_SET)
        if option("--template-file") != "deploy/edge.yaml":
            yield "cloudformation:CreateChangeSet", f"arn:aws:cloudformation:{region}:aws:transform/Serverless-2016-10-31"
        if "--s3-bucket" in arguments:
            key = f"arn:aws:s3:::{option('--s3-bucket')}/{option('--s3-prefix')}/made-up"
            yield from ((f"s3:{action}", key) for action in ("GetObject", "GetObjectVersion", "PutObject", "AbortMultipartUpload"))
        if "--tags" in arguments:
            yield from ((f"cloudformation:{action}", stack()) for action in ("TagResource", "UntagResource"))
        if "--on-failure" in arguments:
            yield "cloudformation:DeleteStack", stack()
        return
    match arguments[:2]:
        case ["cloudformation", operation]:
            yield f"cloudformation:{operation.title().replace('-', '')}", stack()
        case ["s3", "cp"]:
            source, target = arguments[-2:]
            for action in ("PutObject", "AbortMultipartUpload") if target.startswith("s3:") else ("GetObject",):
                yield f"s3:{action}", f"{site}/key"
            # Else what is not there is refused in place of missed.
            yield "s3:ListBucket", site
        case ["s3api", "put-object"]:
            yield "s3:PutObject", f"{site}/{option('--key')}"
        case ["cloudfront", "create-invalidation"]:
            yield "cloudfront:CreateInvalidation", f"arn:aws:cloudfront::{ACCOUNT}:distribution/{option('--distribution-id')}"
        case ["lambda", "get-account-settings"]:
            yield "lambda:GetAccountSettings", "*"
        case ["lambda", "get-function-concurrency"]:
            yield "lambda:GetFunctionConcurrency", own("lambda", f"function:{option('--function-name')}")
        case ["secretsmanager", operation]:
            name = f"secret:{option('--secret-id') or option('--name')}-AbCdEf"
            yield f"secretsmanager:{operation.title().replace('-', '')}", own("secretsmanager", name)
        case ["sns", "list-subscriptions-by-topic"]:
            yield "sns:ListSubscriptionsByTopic", option("--topic-arn")
        case _:
            raise LookupError(f"it is not known which rights this needs: {line}")


def by_the_scripts(lines):
    context = {key: value for key, value in context_of(STACK, REGION, BOUNDARY).items() if key != "aws:CalledVia"}
    for line in lines:
        if line.startswith(("aws ", "sam ")):
            for action, resource in seen(line):
                yield action, resource, context, line[:80]


def by_the_way():
    """What no description names: a secret that a template refers to, a zone that it picks, code that a person has deployed, a web ACL."""
    context = context_of(STACK, REGION, BOUNDARY)
    yield "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{STACK}/origin-AbCdEf", context, "a reference"
    yield "ec2:DescribeAvailabilityZones", "*", context, "GetAZs"
    for action in ("s3:GetObject", "s3:GetObjectVersion"):
        yield action, f"arn:aws:s3:::aws-sam-cli-managed-default-bucket/{STACK}/code", context, "the way back"
    yield "wafv2:GetWebACL", f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/name/id", context, "WebAclArn"
    yield "kms:DescribeKey", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/made-up", context, "the table's key"


# ------------------------------------------------------------------------------------------------ the comparisons


def enough_and_no_more(role, lines):
    by_cloudformation, exceptions = requests(STACK, REGION, BOUNDARY)
    used = set()
    for action, resource, context, what in itertools.chain(by_cloudformation, by_the_scripts(lines), by_the_way()):
        allowed = decide(role.statements, action, resource, context)
        if not allowed:
            yield f"{what}: calls {action} on {resource}, and the role does not allow it"
        for statement, (actions, resources) in allowed:
            used |= {(statement["Sid"], one) for one in actions + resources}
    for statement in role.statements:
        if statement["Effect"] == "Allow":
            for one in listed(statement["Action"]) + listed(statement["Resource"]):
                if (statement["Sid"], one) not in used:
                    yield f"{statement['Sid']} allows {one}, and nothing that is deployed needs it"
    for group, pattern in sorted({(group, pattern) for group, patterns in UNUSED.items() for pattern in patterns} - exceptions):
        yield f"account.py says that {pattern} is not needed for {group}, and nothing asks for it"


def bounded(role):
    """Whether the boundary leaves the functions' roles all that template.yaml gives them, and no more."""
    known = {**pseudo(STACK, REGION), "IsNetworkClosed": True, "UsesOwnTable": True, "HasBoundary": True, "PermissionsBoundary": BOUNDARY,
             "ReadsModelKeys": True, "ModelKeysSecret": f"{STACK}/model-keys"}
    made = transformed("template.yaml")
    for logical, resource in made.items():
        known[f"{logical}.Arn"] = known[logical] = arn(STACK, REGION, logical, resource)
    known |= {"Table": f"{STACK}-Table-{SUFFIX}", **{f"{logical}.Arn": known[logical].removesuffix(":*") for logical in made}}
    context, used = {}, set()
    for logical, resource in made.items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        if resolve(resource["Properties"]["PermissionsBoundary"], known) != BOUNDARY:
            yield f"{logical}: takes no PermissionsBoundary"
        for policy in resolve(resource["Properties"]["Policies"], known):
            for statement in policy["PolicyDocument"]["Statement"]:
                for action, about in itertools.product(listed(statement["Action"]), listed(statement["Resource"])):
                    if statement["Effect"] == "Deny":
                        continue
                    allowed = decide(role.boundary, action, about, context)
                    if not allowed:
                        yield f"{logical}: {action} on {about} is beyond the boundary"
                    used |= {one for _, (actions, resources) in allowed for one in actions + resources}
    for statement in role.boundary:
        for one in listed(statement["Action"]) + listed(statement["Resource"]) if statement["Effect"] == "Allow" else []:
            if one not in used:
                yield f"the boundary leaves {one}, which no function's role has"
    placing = {"lambda:SourceFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:code_interpreter"}
    if decide(role.boundary, "ec2:CreateNetworkInterface", "*", placing):
        yield "the boundary leaves the network's rights to a function's own code"
    if decide(role.boundary, "dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/other", context):
        yield "the boundary leaves other tables"
    if decide(role.boundary, "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{STACK}/access-key-AbCdEf", context):
        yield "the boundary leaves other secrets"


def sizes(template):
    role = Role(template, "s" * 30, "ap-southeast-2")
    for name, document in role.policies.items():
        characters = len(json.dumps(document, separators=(",", ":")))
        if characters > MAX_POLICY_CHARACTERS:
            yield f"{name} has {characters} characters, IAM takes {MAX_POLICY_CHARACTERS}"


def compare(text, lines):
    template = yaml.load(text, Loader)
    role = Role(template)
    return [
        *enough_and_no_more(role, lines), *nothing_of_other_stacks(template), *what_is_refused(role), *bounded(role), *given_to(role),
        *sizes(template),
    ]


# ------------------------------------------------------------------------------------------------ the comparisons can fail

# A condition that every request fulfils.
ALWAYS = '              "Null":\n                aws:never: "true"\n'
CHANGES = [
    ("function:${StackName}-driver\n", "function:${StackName}-*\n"),
    ("role/${StackName}/${AWS::Region}/*", "role/${StackName}-*"),
    ("alarm:${StackName}/*", "alarm:${StackName}*"),
    ("table/${StackName}-Table-*", "table/${StackName}-*"),
    ("log-group:/${StackName}/*", "log-group:*"),
    ("                aws:RequestedRegion: !Ref AWS::Region\n", "                aws:RequestedRegion: !Ref AWS::Region\n                aws:x: y\n"),
    ("              StringEquals:\n                aws:RequestedRegion: !Ref AWS::Region\n", ALWAYS),
    ("              StringEquals:\n                iam:PermissionsBoundary: !Ref Boundary\n", ALWAYS),
    ("              - iam:PutRolePolicy\n", "              - iam:PutRolePolicy\n              - iam:DeleteRolePermissionsBoundary\n"),
    ("              - iam:TagRole\n", ""),
    ("              - cloudwatch:DescribeAlarms\n", ""),
    ("            Action: wafv2:GetWebACL\n", "            Action: wafv2:ListWebACLs\n"),
    ("              - lambda:GetAccountSettings\n", ""),
    ("              - cloudfront:UpdateDistribution\n", "              - cloudfront:*\n"),
    ("                aws:ResourceTag/serverless-llm:stack: !Sub ${AWS::Region}/${StackName}\n", "                aws:RequestedRegion: !Ref AWS::Region\n"),
    ("              ForAnyValue:StringEquals:\n                aws:CalledVia: cloudformation.amazonaws.com\n", ALWAYS),
    ("                aws:ResourceTag/aws:cloudformation:stack-name: !Ref StackName\n", "                aws:RequestedRegion: !Ref AWS::Region\n"),
    ("AWS::AccountId}:vpc/*", "AWS::AccountId}:subnet/x*"),
    ("              - ec2:AuthorizeSecurityGroupEgress\n", ""),
    ("AWS::AccountId}:security-group-rule/*", "AWS::AccountId}:security-group/*"),
    ('                kms:GrantIsForAWSResource: "true"\n', '                kms:GrantIsForAWSResource: ["true", "false"]\n'),
    ("            Effect: Deny\n            Action: cloudformation:CreateChangeSet", "            Effect: Deny\n            Action: cloudformation:ExecuteChangeSet"),
    ("              - dynamodb:UpdateItem\n", ""),
    ("              - dynamodb:UpdateItem\n", "              - dynamodb:UpdateItem\n              - dynamodb:Scan\n"),
    ("            Effect: Deny\n            Action: ec2:*", "            Effect: Deny\n            Action: s3:*"),
    ("                  - !Sub repo:${Repository}:environment:${Environment}\n", ""),
    ("@${RepositoryId}:environment", ":environment"),
    ("sub:\n", "sub2:\n"),
    ("repository_id: !Ref RepositoryId", "repository_id: !Ref OwnerId"),
    ("                token.actions.githubusercontent.com:ref: !Sub refs/heads/${Branch}\n", ""),
    ("deploy-environment.yml@", "deploy.yml@"),
]


def prove(text, lines, before):
    missed = []
    for old, new in CHANGES:
        if old not in text:
            missed.append(f"`{old.strip()}` is not there to be changed")
        elif sorted(after := compare(text.replace(old, new), lines)) == sorted(before):
            missed.append(f"`{old.strip()}` → `{new.strip()}` is not noticed")
        else:
            print(f"{(set(after) - set(before) or {'a fault less'}).pop()[:150]}")
    if missed:
        sys.exit("\n".join(["changes that should have been noticed:", *missed]))
    print(f"{len(CHANGES)} changes noticed")


def main():
    text = (ROOT / ROLE).read_text(encoding="utf-8")
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    if not any(like("sam deploy *", line) for line in lines):
        sys.exit(f"{sys.argv[1]} holds no deployment")
    faults = compare(text, lines)
    if "--prove" in sys.argv[2:]:
        prove(text, lines, faults)
    elif faults:
        sys.exit("\n".join([f"{ROLE} and what a deployment does disagree:", *faults]))
    else:
        print(f"the role that deploys may do what a deployment does, and no more ({len(lines)} calls seen)")


main()
