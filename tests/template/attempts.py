"""What the role that deploys must refuse: to whom it is not given, what it may not do, and what of other stacks it does not reach."""

import fnmatch
import functools
import random
import re

from account import ACCOUNT, SUFFIX, TAG_OF_STACK, arn, context_of, transformed
from policy import decide, listed, trusted
from reading import ROOT
from role import ARTIFACTS, BOUNDARY, REGION, STACK, Role

CLAIMS = {
    "aud": "sts.amazonaws.com", "sub": "repo:Owner/name:environment:staging", "repository_id": "42", "ref": "refs/heads/main",
    "job_workflow_ref": "Owner/name/.github/workflows/deploy-environment.yml@refs/heads/main",
}
# What has neither a name nor a tag, or none as it is made: reached through CloudFormation alone, which touches what belongs to the stack.
NAMELESS = re.compile(r":cloudfront::\d+:(origin-access-control|response-headers-policy)/|:ec2:")
# What a template could do to networks of others, by the kind of what is there already.
OF_NETWORKS = {
    "vpc": ["CreateSecurityGroup", "CreateSubnet", "DeleteVpc", "ModifyVpcAttribute"],
    "subnet": ["DeleteSubnet", "ModifySubnetAttribute"],
    "security-group": [
        "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "DeleteSecurityGroup", "RevokeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
    ],
}
# Names that a Region has once, and with it one stack.
OF_THE_REGION = re.compile(r":function:(search|read_url|code_interpreter)$")


def given_to(role):
    """Whether the role is given to the workflow of its branch and environment, in both forms of GitHub's subject, and to nobody else."""
    new = "repo:Owner@7/name@42:environment:staging"
    workflow = CLAIMS["job_workflow_ref"]
    cases = [
        ({}, True),
        ({"sub": new}, True),
        ({"sub": "repo:Owner/name:environment:production"}, False),
        ({"sub": "repo:Owner@8/name@42:environment:staging"}, False),
        ({"sub": "repo:Owner@7/name@43:environment:staging"}, False),
        ({"sub": "repo:Owner@7/name@42:environment:staging:x"}, False),
        ({"sub": "repo:Owner@*/name@*:environment:staging"}, False),
        ({"sub": "repo:owner/name:environment:staging"}, False),
        ({"sub": "repo:Owner/name:ref:refs/heads/main"}, False),
        ({"sub": "repo:Owner/name:pull_request"}, False),
        ({"sub": new, "repository_id": "43"}, False),
        ({"repository_id": None}, False),
        ({"ref": "refs/heads/feature"}, False),
        ({"ref": "refs/heads/main2"}, False),
        ({"ref": "refs/tags/main"}, False),
        ({"ref": "refs/pull/1/merge"}, False),
        ({"ref": None}, False),
        ({"job_workflow_ref": workflow.replace("heads/main", "heads/feature")}, False),
        ({"job_workflow_ref": workflow.replace("deploy-environment", "mine")}, False),
        ({"job_workflow_ref": workflow.replace("Owner", "Other")}, False),
        ({"job_workflow_ref": None}, False),
        ({"aud": "https://github.com/Owner"}, False),
    ]
    for changed, expected in cases:
        if trusted(role.trust, {**CLAIMS, **changed}) != expected:
            yield f"the role is {'not ' if expected else ''}given to {changed or 'its workflow'}"


def what_is_refused(role):
    """What somebody would try who has come into possession of the role."""
    own = context_of(STACK, REGION, BOUNDARY)
    direct = {key: value for key, value in own.items() if key != "aws:CalledVia"}
    foreign = {**own, "aws:ResourceTag/serverless-llm:stack": f"{REGION}/other"}
    other_stack = {**own, TAG_OF_STACK: "other"}
    untagged = {key: value for key, value in own.items() if not key.startswith("aws:ResourceTag/")}
    without = {key: value for key, value in own.items() if key != "iam:PermissionsBoundary"}
    other = {**own, "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}
    roles, key = f"arn:aws:iam::{ACCOUNT}:role/{STACK}/{REGION}/", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
    page, site = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2", f"arn:aws:s3:::{STACK}-sitebucket-{SUFFIX.lower()}"
    cases = [
        *(("iam:" + action, roles + "made-up", context) for action in ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary") for context in (without, other)),
        *(("iam:" + action, roles + "made-up", own) for action in ("DeleteRolePermissionsBoundary", "AttachRolePolicy", "UpdateRole")),
        *(("iam:" + action, f"arn:aws:iam::{ACCOUNT}:role/{name}", own) for action in ("PutRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole", "PassRole")
          for name in ("Administrator", f"{STACK}-github-staging-Role-{SUFFIX}", f"{STACK}-made-up", f"{STACK}/us-east-1/made-up")),
        *(("iam:" + action, BOUNDARY, own) for action in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy")),
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/me", own),
        ("iam:PassRole", roles + "made-up", {**own, "iam:PassedToService": "cloudformation.amazonaws.com"}),
        ("cloudformation:CreateChangeSet", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/id", {**own, "cloudformation:ImportResourceTypes": "AWS::S3::Bucket"}),
        ("cloudformation:UpdateStack", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}-github-staging/id", own),
        *(("cloudfront:" + action, page, context) for action in ("UpdateDistribution", "DeleteDistribution") for context in (direct, foreign)),
        ("cloudfront:CreateInvalidation", page, foreign),
        ("cloudfront:TagResource", page, direct),
        ("cloudfront:CreateFunction", "*", own),
        *(("ec2:" + action, "*", direct) for action in ("CreateVpc", "CreateTags", "DeleteTags")),
        *((f"ec2:{action}", f"arn:aws:ec2:{there}:{ACCOUNT}:{kind}/of-others", context) for kind, actions in OF_NETWORKS.items() for action in actions
          for there, context in ((REGION, direct), (REGION, other_stack), (REGION, untagged), ("us-east-1", own))),
        *((f"ec2:{action}", f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/new", direct) for action, kind in (("CreateSubnet", "subnet"),
          ("CreateSecurityGroup", "security-group"), ("AuthorizeSecurityGroupEgress", "security-group-rule"))),
        ("ec2:RunInstances", "*", own),
        ("kms:CreateGrant", key, {**own, "kms:GrantIsForAWSResource": "false"}),
        ("kms:CreateGrant", key, {**own, "kms:ViaService": "s3.eu-central-1.amazonaws.com"}),
        ("kms:CreateGrant", key, {name: value for name, value in own.items() if not name.startswith("kms:")}),
        ("kms:Decrypt", key, own),
        *((f"logs:{action}", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/other/orchestrator:*", own) for action in ("DeleteLogGroup", "PutRetentionPolicy")),
        ("logs:GetLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/{STACK}/orchestrator:*", own),
        *(("dynamodb:" + action, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{STACK}-Table-{SUFFIX}", own) for action in ("Scan", "GetItem", "DeleteTable")),
        ("secretsmanager:PutSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{STACK}/access-key-AbCdEf", own),
        ("s3:PutObject", "arn:aws:s3:::aws-sam-cli-managed-default-bucket/stack/code", own),
        ("s3:PutObject", f"{ARTIFACTS}/other/code", own),
        ("s3:PutObject", f"{site}/index.html", {**own, "aws:RequestedRegion": "us-east-1"}),
        ("sts:AssumeRole", roles + "made-up", own),
    ]
    for statement in role.statements + role.boundary:
        for action in listed(statement["Action"]) if statement["Effect"] == "Allow" else []:
            if action == "*" or action.endswith(":*"):
                yield f"{statement['Sid']} allows a whole service: {action}"
    for action, resource, context in cases:
        if decide(role.statements, action, resource, context):
            yield f"the role may call {action} on {resource}"


def stack_names():
    """Names that are made to be taken for one another, and some by chance; none that deploy/run refuses."""
    refused = re.search(r"^readonly NO_STACK_NAME='(.*)'$", (ROOT / "deploy/stack").read_text(encoding="utf-8"), re.M).group(1)
    ends = ["b", "orchestrator", "python", "alarms", "table", "table-x", "us-east-1", "eu-central-1", "github-x", "edge", "sitebucket-x", "errors", "month", "0"]
    chance = random.Random(7)
    parts = ["a", "b", "table", "driver", "python", "alarms"]
    found = ["a", "aa", *(f"a-{end}" for end in ends)]
    found += ["-".join(chance.choices(parts, k=chance.randint(1, 3))) for _ in range(12)]
    return [name for name in sorted(set(found)) if not re.search(refused, name)]


@functools.cache
def owned(stack, region):
    """The ARNs of what a stack has, but for what has neither name nor tag."""
    found = {
        f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{stack}/id", f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{stack}/origin-AbCdEf",
        f"arn:aws:s3:::aws-sam-cli-managed-default-bucket/{stack}/code", f"arn:aws:lambda:{region}:{ACCOUNT}:layer:{stack}-python",
    }
    for path in ("template.yaml", "deploy/edge.yaml"):
        for logical, resource in transformed(path).items():
            name = arn(stack, region, logical, resource, path)
            found |= {name, f"{name}/key"} if name.startswith("arn:aws:s3") else {name}
    return sorted(name for name in found if not NAMELESS.search(name) and not OF_THE_REGION.search(name))


def nothing_of_other_stacks(template):
    """For any two stacks of an account: the role of the one reaches no resource of the other."""
    places = [(name, region) for name in stack_names() for region in (REGION, "us-east-1")]
    for here in places:
        statements = [one for one in Role(template, *here).statements if one["Effect"] == "Allow" and one["Resource"] != "*"]
        named = re.compile("|".join(fnmatch.translate(one) for statement in statements for one in listed(statement["Resource"])))
        for there in places:
            context = context_of(*there, BOUNDARY)
            for resource in filter(named.match, owned(*there) if there != here else []):
                for statement in statements:
                    for action in listed(statement["Action"]):
                        if action.split(":")[0] == resource.split(":")[2] and decide([statement], action.replace("*", "X"), resource, context):
                            yield f"the role of {here} may call {action} on {resource}, which is {there}'s"
                            return
