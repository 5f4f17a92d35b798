"""A stack in an account, for rights.py: what its resources are called there, and what is asked of AWS for each of them.

What CloudFormation asks for a resource stands in AWS's own descriptions of resource types, which cfn-lint brings. They name what any
template might need; UNUSED says what these two do not, and why.
"""

import functools
import json
import os
import pathlib

import cfnlint
import yaml
from policy import like, resolve
from reading import ROOT, Loader
from samtranslator.translator.transform import transform

ACCOUNT, SUFFIX = "123456789012", "AbCdEfGhIjKl"
DATA = pathlib.Path(cfnlint.__file__).parent / "data"
# CloudFormation puts it on what it makes, where AWS's description of the type says so (`cloudFormationSystemTags`).
TAG_OF_STACK = "aws:ResourceTag/aws:cloudformation:stack-name"
# What a call of EC2 is about here. Addresses come from no pool.
OF_THE_NETWORK = {"security-group", "security-group-rule", "subnet", "vpc"}
BY_CLOUDFORMATION = {"aws:CalledVia": ["cloudformation.amazonaws.com"]}

# For a type of resource, or all: what CloudFormation may ask where a template uses what these do not.
UNUSED = {
    "*": {
        "elasticfilesystem:*": "no function has a file system",
        "s3files:*": "the same",
        "kinesis:*": "nothing is sent to a stream",
        "firehose:*": "the same",
        "s3tables:*": "the bucket has no table of metadata",
        "s3:REST.PUT.OBJECT": "no right, but the name of a log's line",
        "s3:GetObjectMetadata": "no right of that name",
        "kms:Encrypt": "what is encrypted is so by keys of AWS, whose own policies allow it",
        "kms:Decrypt": "the same",
        "kms:GenerateDataKey": "the same",
        "kms:RevokeGrant": "the same",
        "kms:ListAliases": "no key is named by an alias",
        "lambda:GetCodeSigningConfig": "no code signing",
        "iam:CreateServiceLinkedRole": "no table has replicas or scales by itself",
    },
    "AWS::DynamoDB::Table": {
        "dynamodb:*Replica": "one Region",
        "dynamodb:*Item": "only to copy a table",
        "dynamodb:Query": "the same",
        "dynamodb:Scan": "the same",
        "dynamodb:ImportTable": "the same",
        "dynamodb:*KinesisStreamingDestination": "no stream",
        "dynamodb:UpdateContributorInsights": "none",
        "dynamodb:*ResourcePolicy": "the table has none",
        "s3:*": "the same",
        "logs:*": "the same",
    },
    "AWS::Lambda::Function": {
        "kms:*": "no key of its own",
        "lambda:AssociateRuntimeAlias": "AWS chooses the runtime's version",
        "lambda:PutRuntimeManagementConfig": "the same",
        "lambda:*FunctionCodeSigningConfig": "no code signing",
        "lambda:PassCapacityProvider": "no instances of its own",
        "lambda:PutFunctionScalingConfig": "the same",
        "lambda:PublishVersion": "no versions",
    },
    "AWS::S3::Bucket": {
        "iam:PassRole": "no replication",
        "s3:*Replication*": "the same",
        "s3:*MetadataTableConfiguration": "none",
        "s3:UpdateBucketMetadata*": "none",
        "s3:*AnalyticsConfiguration": "none",
        "s3:*IntelligentTieringConfiguration": "none",
        "s3:*InventoryConfiguration": "none",
        "s3:*MetricsConfiguration": "none",
        "s3:*AccelerateConfiguration": "none",
        "s3:*ObjectLockConfiguration": "none",
        "s3:PutBucketAbac": "none",
        "s3:*CORS": "none",
        "s3:*Cors": "none",
        "s3:PutBucketLogging": "none",
        "s3:PutBucketNotification": "none",
        "s3:*Website": "none",
        "s3:PutBucketAcl": "no access lists",
        "s3:PutObjectAcl": "the same",
        "s3:DeleteObject": "nothing is deleted",
        "s3:DeleteBucketEncryption": "encryption and lifecycle stay",
        "s3:DeleteBucketLifecycle": "the same",
    },
    "AWS::IAM::Role": {
        "iam:AttachRolePolicy": "policies stand in the role",
        "iam:DetachRolePolicy": "the same",
        "iam:DeleteRolePermissionsBoundary": "the boundary is never taken away",
        "iam:UpdateRole": "no description, and the usual length of a session",
        "iam:UpdateRoleDescription": "the same",
    },
    "AWS::Logs::LogGroup": {
        "logs:*LogDelivery": "none",
        "logs:*IndexPolicy": "none",
        "logs:*ResourcePolicy": "none",
        "logs:PutBearerTokenAuthentication": "none",
        "logs:PutDataProtectionPolicy": "none",
        "logs:DeleteDataProtectionPolicy": "none",
        "logs:*KmsKey": "no key of its own",
        "logs:PutLogGroupDeletionProtection": "none",
    },
    "AWS::SNS::Topic": {"iam:*": "nothing is logged of deliveries", "sns:PutDataProtectionPolicy": "none"},
    "AWS::SNS::Subscription": {"iam:*": "no subscription needs a role"},
    "AWS::Events::Rule": {"iam:*": "Lambda is called by a right of the function's"},
    "AWS::EC2::VPC": {"ec2:CreateVpcEncryptionControl": "nothing leaves the network", "ec2:ModifyVpcTenancy": "as it was made"},
    "AWS::EC2::Subnet": {"ec2:*SubnetCidrBlock": "no IPv6"},
    "AWS::EC2::SecurityGroup": {"ec2:UpdateSecurityGroupRuleDescriptions*": "rules are replaced"},
    "AWS::CloudFront::Distribution": {
        "cloudfront:CreateDistributionWithTags": "the name of the call; its rights are CreateDistribution and TagResource",
        "cloudfront:UpdateDistributionWithStagingConfig": "no staging",
    },
}


@functools.cache
def transformed(path):
    """The resources of a template, with those that SAM makes of one."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    template = yaml.load((ROOT / path).read_text(encoding="utf-8"), Loader)
    if "Transform" not in template:
        return template["Resources"]
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            if name in resource["Properties"]:
                resource["Properties"][name] = "s3://artifacts/code.zip"
    return transform(template, {}, type("NoPolicies", (), {"load": staticmethod(dict)}))["Resources"]


@functools.cache
def handlers():
    """For each type of resource, what CloudFormation asks when it makes, reads, changes and deletes one."""
    kinds = {resource["Type"] for path in ("template.yaml", "deploy/edge.yaml") for resource in transformed(path).values()}
    found = {}
    for path in (DATA / "schemas/resources").glob("*.json"):
        description = json.loads(path.read_text(encoding="utf-8"))
        if description.get("typeName") in kinds:
            tagging = description.get("tagging", {})
            if description["typeName"].startswith("AWS::EC2::") and not (tagging.get("tagOnCreate") and tagging.get("cloudFormationSystemTags")):
                raise LookupError(f"{description['typeName']} has no {TAG_OF_STACK} as soon as it is there")
            found[description["typeName"]] = {name: set(one.get("permissions", [])) for name, one in description["handlers"].items()}
    if missing := kinds - set(found):
        raise LookupError(f"cfn-lint describes no {sorted(missing)}")
    return found


@functools.cache
def actions_of_aws():
    """For each service the actions that it has, in small letters, and the kinds of resources by which they can be bound."""
    return {
        service: {name: one.get("Resources", []) for name, one in known["Actions"].items()}
        for service, known in json.loads((DATA / "AdditionalSpecs/Policies.json").read_text(encoding="utf-8")).items()
    }


def pseudo(stack, region):
    return {
        "AWS::StackName": stack, "AWS::Region": region, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws",
        "StackName": stack, "StackRegion": region,
    }


def arn(stack, region, logical, resource, path="template.yaml"):
    """The ARN of a resource of a stack: by the name that its template gives, or as CloudFormation makes one up."""
    properties, known = resource["Properties"], pseudo(stack, region)
    here = region if path == "template.yaml" else "us-east-1"
    named = lambda name: resolve(properties[name], known)
    made_up = f"{stack}-{logical}-{SUFFIX}"
    of = lambda service, rest, where=here: f"arn:aws:{service}:{where}:{ACCOUNT}:{rest}"
    match resource["Type"]:
        case "AWS::IAM::Role":
            return of("iam", f"role{named('Path')}{made_up}", "")
        case "AWS::Lambda::Function":
            return of("lambda", f"function:{named('FunctionName')}")
        case "AWS::Lambda::Url" | "AWS::Lambda::Permission" | "AWS::Lambda::EventInvokeConfig":
            name = "TargetFunctionArn" if "TargetFunctionArn" in properties else "FunctionName"
            owner = resolve(properties[name], {**known, **{other: other for other in transformed(path)}, **{f"{o}.Arn": o for o in transformed(path)}})
            return arn(stack, region, owner, transformed(path)[owner], path)
        case "AWS::Lambda::LayerVersion":
            return of("lambda", f"layer:{named('LayerName')}:1")
        case "AWS::DynamoDB::Table":
            return of("dynamodb", f"table/{made_up}")
        case "AWS::S3::Bucket" | "AWS::S3::BucketPolicy":
            return f"arn:aws:s3:::{stack}-sitebucket-{SUFFIX.lower()}"
        case "AWS::Logs::LogGroup":
            return of("logs", f"log-group:{named('LogGroupName')}:*")
        case "AWS::SNS::Topic" | "AWS::SNS::Subscription":
            return of("sns", resolve(transformed(path)["Alarms"]["Properties"]["TopicName"], known))
        case "AWS::CloudWatch::Alarm":
            return of("cloudwatch", f"alarm:{named('AlarmName')}")
        case "AWS::CloudWatch::Dashboard":
            return of("cloudwatch", f"dashboard/{named('DashboardName')}", "")
        case "AWS::Budgets::Budget":
            return of("budgets", f"budget/{resolve(properties['Budget']['BudgetName'], known)}", "")
        case "AWS::Events::Rule":
            return of("events", f"rule/{made_up}")
        case "AWS::CloudFront::Distribution" | "AWS::CloudFront::OriginAccessControl" | "AWS::CloudFront::ResponseHeadersPolicy" as kind:
            folder = {"Distribution": "distribution", "OriginAccessControl": "origin-access-control"}
            return of("cloudfront", f"{folder.get(kind.rpartition('::')[2], 'response-headers-policy')}/E1", "")
        case "AWS::EC2::VPC" | "AWS::EC2::Subnet" | "AWS::EC2::SecurityGroup" as kind:
            return of("ec2", f"{kind.rpartition('::')[2].lower()}/made-up")
    raise LookupError(f"it is not known what {resource['Type']} is called")


def context_of(stack, region, boundary):
    """What a request about a resource of a stack says of itself."""
    return {
        **BY_CLOUDFORMATION,
        "aws:RequestedRegion": region,
        TAG_OF_STACK: stack,
        "aws:ResourceTag/serverless-llm:stack": f"{region}/{stack}",
        "iam:PassedToService": "lambda.amazonaws.com",
        "iam:PermissionsBoundary": boundary,
        "kms:ViaService": f"dynamodb.{region}.amazonaws.com",
        "kms:GrantIsForAWSResource": "true",
    }


def unused(kind, action):
    """The pattern by which a right is none that these templates need. What is only read of a resource may be asked all the same."""
    service, name = action.split(":")
    if name.startswith("Get") and name not in ("GetItem", "GetCodeSigningConfig") and service == kind.split("::")[1].lower():
        return None
    for group in ("*", kind):
        for pattern in UNUSED.get(group, {}):
            if like(pattern, action):
                return group, pattern
    return None


def resource_of(action, own, stack, region):
    """What a request for an action is about, where the resource `own` is made."""
    service, name = action.split(":")
    roles = f"arn:aws:iam::{ACCOUNT}:role/{stack}/{region}/{stack}-SearchRole-{SUFFIX}"
    elsewhere = {
        "iam": roles, "kms": f"arn:aws:kms:{region}:{ACCOUNT}:key/made-up", "billing": f"arn:aws:billing::{ACCOUNT}:billingview/primary",
    }
    if not actions_of_aws()[service].get(name.lower(), True) or service == "ec2" and name.startswith("Describe"):
        return "*"
    if action in ("s3:GetObject", "s3:GetObjectVersion"):
        return f"arn:aws:s3:::artifacts/{stack}/code"
    if action == "cloudwatch:DescribeAlarms":
        return "*"
    if action in ("lambda:GetLayerVersion", "lambda:PublishLayerVersion"):
        layer = f"arn:aws:lambda:{region}:{ACCOUNT}:layer:{stack}-python"
        return layer if action == "lambda:PublishLayerVersion" else f"{layer}:1"
    if action in ("cloudfront:GetVpcOrigin", "cloudfront:GetConnectionGroup"):
        return f"arn:aws:cloudfront::{ACCOUNT}:{'vpcorigin' if 'Vpc' in action else 'connection-group'}/made-up"
    return elsewhere.get(service, own)


def requests_of(action, own, stack, region, boundary):
    """The requests for an action where the resource `own` is made: what each is about, and its context. EC2 asks for all that takes part."""
    service, name = action.split(":")
    context = context_of(stack, region, boundary)
    if service != "ec2" or name.startswith("Describe") or name.endswith("Tags"):
        yield resource_of(action, own, stack, region), context
        return
    for kind in sorted(OF_THE_NETWORK & set(actions_of_aws()[service][name.lower()])):
        # What is made by the call has no tag yet.
        is_new = kind == "security-group-rule" or name.lower() == "create" + kind.replace("-", "")
        tags = {key for key in context if key.startswith("aws:ResourceTag/")} if is_new else set()
        yield f"arn:aws:ec2:{region}:{ACCOUNT}:{kind}/made-up", {key: value for key, value in context.items() if key not in tags}


def requests(stack, region, boundary):
    """What CloudFormation asks for all resources of a stack: action, resource, context, and what for; and the exceptions used."""
    found, exceptions = [], set()
    for path in ("template.yaml", "deploy/edge.yaml"):
        for logical, resource in transformed(path).items():
            own = arn(stack, region, logical, resource, path)
            stays = resource.get("DeletionPolicy") == "Retain"
            for handler, actions in handlers()[resource["Type"]].items():
                if handler == "list" or handler == "delete" and stays:
                    continue
                for action in sorted(actions):
                    if exception := unused(resource["Type"], action):
                        exceptions.add(exception)
                        continue
                    for about, context in requests_of(action, own, stack, region, boundary):
                        found.append((action, about, context, f"{logical} ({handler})"))
    return found, exceptions
