"""What a CloudFormation template's policies allow, as IAM decides it: as far as deploy/github-role.yaml and template.yaml use its language."""

import fnmatch
import re


def resolve(value, known):
    """A template's value with its references, where all that it refers to is known."""
    if isinstance(value, list):
        return [resolve(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return known[value["Ref"]]
    if set(value) == {"Fn::GetAtt"}:
        name = value["Fn::GetAtt"]
        return known[name if isinstance(name, str) else ".".join(name)]
    if set(value) == {"Fn::Sub"}:
        text, more = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
        here = {**known, **resolve(more, known)}
        return re.sub(r"\$\{([^!}]+)\}", lambda found: here[found.group(1)], text)
    if set(value) == {"Fn::Select"}:
        index, items = resolve(value["Fn::Select"], known)
        return items[int(index)]
    if set(value) == {"Fn::Split"}:
        separator, text = resolve(value["Fn::Split"], known)
        return text.split(separator)
    if set(value) == {"Fn::If"}:
        condition, holds, otherwise = value["Fn::If"]
        return resolve(holds if known[condition] else otherwise, known)
    return {key: resolve(one, known) for key, one in value.items()}


def listed(value):
    return value if isinstance(value, list) else [value]


def like(pattern, text):
    """Whether an ARN or an action fits a pattern of IAM, where * and ? alone are special."""
    return fnmatch.fnmatchcase(text, re.sub(r"([\[\]])", r"[\1]", pattern))


def holds(operator, wanted, found):
    """One condition. What the request does not say fulfils none but Null."""
    wanted = [str(one) for one in listed(wanted)]
    match operator:
        case "Null":
            return wanted == [str(found is None).lower()]
        case "StringEquals" | "Bool":
            return isinstance(found, str) and found in wanted
        case "StringEqualsIfExists":
            return found is None or found in wanted
        case "ForAnyValue:StringEquals":
            return found is not None and any(one in wanted for one in listed(found))
        case "ArnLike" | "ArnEquals":
            return isinstance(found, str) and any(like(one, found) for one in wanted)
    raise ValueError(f"the operator {operator} is not known here")


def applies(statement, action, resource, context):
    """The pattern of the action and that of the resource by which a statement applies, if it does."""
    conditions = statement.get("Condition", {})
    for operator, keys in conditions.items():
        if not all(holds(operator, wanted, context.get(key)) for key, wanted in keys.items()):
            return None
    actions = [one for one in listed(statement["Action"]) if like(one.lower(), action.lower())]
    resources = [one for one in listed(statement["Resource"]) if like(one, resource)]
    return (actions, resources) if actions and resources else None


def decide(statements, action, resource, context):
    """The statements that allow a request, each with its patterns; none where one denies it."""
    found = [(statement, patterns) for statement in statements if (patterns := applies(statement, action, resource, context))]
    return [] if any(statement["Effect"] == "Deny" for statement, _ in found) else found


def trusted(document, claims):
    """Whether a role is given to who brings these claims of GitHub's."""
    context = {f"token.actions.githubusercontent.com:{name}": value for name, value in claims.items()}
    return any(
        all(holds(operator, wanted, context.get(key)) for operator, keys in statement["Condition"].items() for key, wanted in keys.items())
        for statement in document["Statement"]
        if statement["Effect"] == "Allow" and statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    )
