"""What deploy/github-role.yaml gives, with its references put in place."""

from account import ACCOUNT, pseudo
from policy import resolve

STACK, REGION = "stack", "eu-central-1"
BOUNDARY, ARTIFACTS = f"arn:aws:iam::{ACCOUNT}:policy/boundary", "arn:aws:s3:::artifacts"


class Role:
    """What deploy/github-role.yaml gives for one stack in one Region."""

    def __init__(self, template, stack=STACK, region=REGION):
        known = {
            **pseudo(stack, region), "Repository": "Owner/name", "OwnerId": "7", "RepositoryId": "42", "Environment": "staging",
            "Branch": "main", "Boundary": BOUNDARY, "Artifacts.Arn": ARTIFACTS, "MakesProvider": True, "Provider": "provider",
        }
        document = lambda name: resolve(template["Resources"][name]["Properties"]["PolicyDocument"], known)
        self.trust = resolve(template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"], known)
        self.policies = {name: document(name) for name in ("Deployment", "Services", "Boundary")}
        self.statements = [one for name in ("Deployment", "Services") for one in self.policies[name]["Statement"]]
        self.boundary = self.policies["Boundary"]["Statement"]
