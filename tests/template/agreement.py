#!/usr/bin/env python3
"""Whether template.yaml and the code agree: rights, variables, and every name that both know.

    python agreement.py            compares; prints what differs and fails
    python agreement.py --prove    changes one side at a time, in memory, and fails where a change is not noticed

What an operator is told, by alarms, dashboard and guide, is compared in watching.py. Needs PyYAML and botocore, which aws-sam-cli
brings. It reads text: what the code calls is found by the names of AWS's own operations, so a call that is put together in
another way would be missed.
"""

import fnmatch
import json
import re
import sys

import botocore.session
import yaml
from reading import EDGE, OPERATE, ROOT, Loader, crates_of, read_code, sources, text_of, without_tests
from watching import MAKES_METRICS, MEASURES, alarms, edge, lines_of, metrics, queries, shown

FUNCTIONS = {
    "orchestrator": "OrchestratorFunction",
    "driver": "DriverFunction",
    "search": "SearchFunction",
    "read_url": "ReadUrlFunction",
    "code_interpreter": "CodeInterpreterFunction",
}
ROLES = {function: resource.replace("Function", "Role") for function, resource in FUNCTIONS.items()}

# Methods of the store that shared/drive calls for one of the two functions only, and the text by which that one calls them.
ONLY = {
    **dict.fromkeys(("start", "paused", "allot"), ("orchestrator", "Driver::start")),
    "abandoned": ("driver", "drive::sweep"),
}
# Makes the table, which is the template's business in AWS.
MAKES_TABLE = "shared/store/src/table.rs"

# Variables that the code reads and the template leaves alone, and why.
LEFT_ALONE = {
    "TOOLS_CONFIG": "the catalogue is built into the binary",
    "FUNCTION_SECONDS": "Lambda says with each call how long it may take",
    "WATCH_SECONDS": "two minutes are what docs/operate.md reckons with",
    "MAX_RUNS": "an environment drives the run of its one request; a sweep has its own bound, below the default",
    "AWS_*": "set by Lambda",
    "PATH": "set by Lambda, and PYTHON is a whole path",
    "TAVILY_URL": "the service has one address",
    "BRAVE_URL": "the service has one address",
    "SERPER_URL": "the service has one address",
    "WIKIPEDIA_URL": "it follows from SEARCH_LANGUAGE",
    "CODE_INTERPRETER_ISOLATION": "only for machines that cannot isolate programs",
    "CODE_INTERPRETER_*": "the limits that the model is told of are the defaults",
}
# Catalogues that the stack can be deployed with.
CATALOGUES = ("tools_config.json", "catalogs/toolorchestra.json")
# Variables of the template that the platform reads, not the code.
OF_THE_PLATFORM = {"AWS_LAMBDA_EXEC_WRAPPER"}
# The condition under which Lambda keeps the owners of runs apart.
ISOLATES = "IsolatesTenants"
# What CloudFront can be told to cache, of what is no success.
ERROR_CODES = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
PAGE_ROUTES = {"/", "/orchestrator", "/orchestrator/", "/static/{*file}"}


# ------------------------------------------------------------------------------------------------ what the code calls


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def operations():
    """Names of AWS's operations as the Rust SDK spells them, with the action that IAM calls them by."""
    session = botocore.session.get_session()
    names = {}
    for service in ("dynamodb", "lambda"):
        for name in session.get_service_model(service).operation_names:
            names[snake(name)] = (service, f"{service}:{'InvokeFunction' if name == 'Invoke' else name}")
    return names


OPERATIONS = operations()
IN_A_TRANSACTION = {
    "Put::builder": "dynamodb:PutItem",
    "Update::builder": "dynamodb:UpdateItem",
    "Delete::builder": "dynamodb:DeleteItem",
    "ConditionCheck::builder": "dynamodb:ConditionCheckItem",
}


def actions(text):
    """IAM's names of what a file calls. A transaction needs the rights of its parts and none of its own."""
    found = {action for part, action in IN_A_TRANSACTION.items() if re.search(rf"\b{part}\(", text)}
    for name in re.findall(r"\.([a-z_]+)\(\)", text):
        if name in OPERATIONS and name != "transact_write_items":
            found.add(OPERATIONS[name][1])
    return found


def calls_aws(path, text):
    return path.startswith("shared/store/src/") or "aws_sdk_" in text or ".lambda" in text


def helpers_of(store):
    """What the store's methods share: the text of each function that only the store itself may call, by its name."""
    pattern = r"\n( *)pub\(crate\) (?:async )?fn (\w+)\b(.*?)\n\1\}"
    return {name: body for text in store.values() for _, name, body in re.findall(pattern, text, re.S)}


def actions_in(text, helpers):
    """What a file of the store calls, and what is called for it by those that it asks."""
    found, left, seen = set(), [text], set()
    while left:
        text = left.pop()
        found |= actions(text)
        asked = set(re.findall(r"\b(?:self\s*\.|query::)(\w+)\(", text)) & helpers.keys() - seen
        seen |= asked
        left += [helpers[name] for name in asked]
    return found


# What asks for secrets by their names, and by what right.
READS_SECRETS, SECRETS = "read_secrets(", "secretsmanager:GetSecretValue"
# The one secret that the template names so, with the six characters that AWS puts behind a name.
MODEL_KEYS = ":secret:${ModelKeysSecret}-??????"


def needed(code):
    """For each function: the actions, and the indexes that it queries."""
    store = {path: text for path, text in sources(code, "shared/store").items() if path != MAKES_TABLE}
    methods = {}
    for path, text in store.items():
        for method in re.findall(r"pub async fn (\w+)", text):
            methods[method] = path
    constants, helpers = constants_of(code), helpers_of(store)
    rights = {function: (set(), set()) for function in FUNCTIONS}
    for function in FUNCTIONS:
        granted, indexes = rights[function]
        crates = crates_of(code, function)
        for path, text in sources(code, *crates).items():
            if path.startswith("shared/store/"):
                continue
            if calls_aws(path, text):
                granted |= actions(text)
            if READS_SECRETS in text and not path.startswith("shared/host/"):
                granted.add(SECRETS)
            for method in re.findall(r"\bstore\s*\.(\w+)\(", text):
                users = ONLY.get(method, (function, None))[0]
                if method in methods and users == function:
                    granted |= actions_in(store[methods[method]], helpers)
                    indexes |= {constants[name] for name in re.findall(r"index_name\((\w+)\)", store[methods[method]])}
    return rights


# ------------------------------------------------------------------------------------------------ names and numbers


def constants_of(code):
    pattern = r'const (\w+): &(?:\'static )?str =\s*"([^"]*)";'
    found = {}
    for text in sources(code, "shared/store").values():
        found.update(re.findall(pattern, text))
    return found


def table_of(code):
    """The table that the code makes, in CloudFormation's words."""
    text, known = without_tests(code[MAKES_TABLE]), constants_of(code)
    attributes = re.findall(r"attribute\((\w+), ScalarAttributeType::(\w)\)", text)
    projections = {
        name: [known[item.strip()] for item in items.split(",") if item.strip()]
        for name, items in re.findall(r"let (\w+) = Projection::builder\(\).*?Some\(\s*\[([\w\s,]+)\]", text, re.S)
    }
    keys = re.search(r"keys: keys\((\w+), (\w+)\)", text).groups()
    indexes = re.findall(r"index\((\w+), keys\((\w+), (\w+)\)\?, (\w+)\)", text)
    return {
        "attributes": sorted((known[name], kind) for name, kind in attributes),
        "keys": [known[name] for name in keys],
        "indexes": sorted((known[n], known[a], known[b], tuple(sorted(projections[p]))) for n, a, b, p in indexes),
        "expiry": known[re.search(r"attribute_name\(([A-Z_]+)\)\s*\.enabled\(true\)", text).group(1)],
        "billing": "PAY_PER_REQUEST" if "BillingMode::PayPerRequest" in text else "another",
    }


def table_in(template):
    properties = template["Resources"]["Table"]["Properties"]
    keys = lambda schema: [key["AttributeName"] for key in sorted(schema, key=lambda key: key["KeyType"] != "HASH")]
    return {
        "attributes": sorted((a["AttributeName"], a["AttributeType"]) for a in properties["AttributeDefinitions"]),
        "keys": keys(properties["KeySchema"]),
        "indexes": sorted(
            (index["IndexName"], *keys(index["KeySchema"]), tuple(sorted(index["Projection"]["NonKeyAttributes"])))
            for index in properties["GlobalSecondaryIndexes"]
        ),
        "expiry": properties["TimeToLiveSpecification"]["AttributeName"],
        "billing": properties["BillingMode"],
    }


def variables_of(code, function):
    """Names of the variables that a function's code reads: literals in the files that read the environment."""
    found = set()
    for text in sources(code, *crates_of(code, function)).values():
        if re.search(r"\benv::var|\bfn from_env|\benv: impl Fn", text):
            found |= set(re.findall(r'"([A-Z][A-Z0-9]*_?[A-Z0-9_]{2,})"', text))
    if "shared/catalog" in crates_of(code, function):
        models = [model for name in CATALOGUES for model in json.loads(code[name])["models"].values()]
        for model in models:
            base = model["url_env"].removesuffix("_API_URL")
            found |= {f"{base}_API_URL", f"{base}_API_KEY", f"{base}_MODEL"}
    return found


def properties(template, function):
    return template["Resources"][FUNCTIONS[function]]["Properties"]


def statements(template, function):
    """What a role allows, less what it takes from the function's own code again."""
    policies = template["Resources"][ROLES[function]]["Properties"]["Policies"]
    found = []
    for policy in policies:
        policy = policy["Fn::If"][1] if "Fn::If" in policy else policy
        whole = policy["PolicyDocument"]["Statement"]
        denied = [set(statement["Action"]) for statement in whole if is_denied_to_code(statement)]
        found += [
            statement for statement in whole
            if statement["Effect"] == "Allow" and not any(set(listed(statement["Action"])) <= actions for actions in denied)
        ]
    return found


def is_denied_to_code(statement):
    return statement["Effect"] == "Deny" and statement["Resource"] == "*" and list(statement["Condition"]) == ["ArnEquals"] \
        and list(statement["Condition"]["ArnEquals"]) == ["lambda:SourceFunctionArn"]


def listed(value):
    return value if isinstance(value, list) else [value]


# ------------------------------------------------------------------------------------------------ the comparisons


def rights(template, code):
    for function, (wanted, indexes) in needed(code).items():
        own_logs = f"${{{FUNCTIONS[function].replace('Function', 'Logs')}.Arn}}:*"
        granted, granted_indexes, functions = set(), set(), set()
        for statement in statements(template, function):
            for resource in map(text_of, listed(statement["Resource"])):
                for action in listed(statement["Action"]):
                    if action.startswith("logs:"):
                        if resource != own_logs:
                            yield f"{function}: {action} on {resource} is more than its own log group"
                    elif action == "lambda:InvokeFunction":
                        granted.add(action)
                        functions.add(resource.rpartition(":function:")[2])
                    elif "/index/" in resource:
                        granted_indexes.add(resource.rpartition("/index/")[2])
                        if action != "dynamodb:Query":
                            yield f"{function}: {action} on an index"
                    elif action == SECRETS and resource.endswith(MODEL_KEYS):
                        granted.add(action)
                    elif ":table/" in resource and action.startswith("dynamodb:"):
                        granted.add(action)
                    else:
                        yield f"{function}: {action} on {resource} is nothing that the code is known to do"
        for action in sorted(wanted - granted):
            yield f"{function}: the code calls {action}, and its role does not allow it"
        for action in sorted(granted - wanted):
            yield f"{function}: its role allows {action}, and the code does not call it"
        if granted_indexes != indexes:
            yield f"{function}: queries the indexes {sorted(indexes)}, may query {sorted(granted_indexes)}"
        if "lambda:InvokeFunction" in wanted:
            expected = {tool["target"]["lambda"] for tool in lambdas(code)} | {"${AWS::StackName}-driver"}
            if functions != expected:
                yield f"{function}: invokes {sorted(expected)}, may invoke {sorted(functions)}"
    for method, (function, call) in ONLY.items():
        for other in FUNCTIONS:
            used = any(call in text for text in sources(code, f"functions/{other}").values())
            if used != (other == function):
                yield f"{call} is {'used' if used else 'not used'} by {other}; the rights for `{method}` follow from that"
    for function in FUNCTIONS:
        if any("create_table" in text for text in sources(code, f"functions/{function}").values()):
            yield f"{function} makes the table, which only the template may do in AWS"


def lambdas(code):
    return [tool for tool in json.loads(code["tools_config.json"])["tools"] if "lambda" in tool["target"]]


def tools(template, code):
    by_name = {properties(template, function)["FunctionName"]: properties(template, function)
               for function in FUNCTIONS if isinstance(properties(template, function)["FunctionName"], str)}
    for tool in lambdas(code):
        name = tool["target"]["lambda"]
        function = by_name.pop(name, None)
        if function is None:
            yield f"tools_config.json names the function {name}, the template makes none of that name"
            continue
        if function["Timeout"] * 1000 <= tool["timeout_ms"]:
            yield f"{name}: the function ends after {function['Timeout']} s, a call may take {tool['timeout_ms']} ms"
        # Under the condition by which the callers are told, see `tenants`.
        isolated = function.get("TenancyConfig", {}).get("Fn::If", [None])[0] == ISOLATES
        if isolated != (tool.get("tenant") == "owner"):
            # Lambda refuses a call without a tenant to a function with tenant isolation, and the other way round.
            yield f"{name}: tenant isolation is {'on' if isolated else 'off'} in the template, and tools_config.json says otherwise"
    for name in by_name:
        yield f"the template makes the function {name}, no tool of tools_config.json has it for its target"


def tenants(template, code):
    """One parameter makes the function with tenant isolation or without, and has its callers name a tenant or not."""
    condition = template["Conditions"].get(ISOLATES)
    if condition != {"Fn::Equals": [{"Ref": "TenantIsolation"}, "on"]}:
        yield f"the condition {ISOLATES} does not follow from TenantIsolation"
    allowed = template["Parameters"].get("TenantIsolation", {}).get("AllowedValues", [])
    known = re.findall(r'^        "(\w+)" => Ok\((?:true|false)\),$', code["shared/drive/src/config.rs"], re.M)
    if sorted(allowed) != sorted(known):
        yield f"TenantIsolation may be {allowed}, the code knows {known}"
    for function in ("orchestrator", "driver"):
        if properties(template, function)["Environment"]["Variables"].get("TENANT_ISOLATION") != {"Ref": "TenantIsolation"}:
            yield f"{function} is not told of TenantIsolation"
    # Owners that share environments must find nothing of each other there.
    single = properties(template, "code_interpreter")["Environment"]["Variables"]["CODE_INTERPRETER_SINGLE_USE"]
    if single != {"Fn::If": [ISOLATES, {"Ref": "CodeInterpreterSingleUse"}, "1"]}:
        yield "without tenant isolation, environments of code_interpreter outlive a program"


def variables(template, code):
    for function in FUNCTIONS:
        read = variables_of(code, function)
        given = set(properties(template, function)["Environment"]["Variables"])
        for name in sorted(given - read - OF_THE_PLATFORM):
            yield f"{function}: the template sets {name}, which the code does not read"
        for name in sorted(read - given):
            if not any(fnmatch.fnmatch(name, pattern) for pattern in LEFT_ALONE):
                yield f"{function}: the code reads {name}, which the template neither sets nor leaves alone for a reason"


def references(template, code):
    """A key that is read as a process begins is named as the code reads such names: by the secret's version, as when it is resolved before."""
    for function in ("orchestrator", "driver"):
        for name, value in properties(template, function)["Environment"]["Variables"].items():
            if not name.endswith("_API_KEY"):
                continue
            expected = f"secretsmanager:${{ModelKeysSecret}}?version=${{ModelKeysVersion}}#{name}"
            is_read = "ReadsOrchestratorKey" if name == "ORCHESTRATOR_API_KEY" else "ReadsModelKeys"
            if value.get("Fn::If", [])[:2] != [is_read, {"Fn::Sub": expected}]:
                yield f"{function}: {name} is not named as {expected} where it is read at the start"
    if template["Conditions"].get("ReadsModelKeys") != {"Fn::And": [{"Condition": "HasModelKeys"}, {"Fn::Equals": [{"Ref": "ModelKeysRead"}, "start"]}]}:
        yield "the condition ReadsModelKeys does not follow from ModelKeysRead"
    both = [{"Condition": "ReadsModelKeys"}, {"Condition": "HasOrchestratorServer"}]
    if template["Conditions"].get("ReadsOrchestratorKey") != {"Fn::And": both}:
        yield "the condition ReadsOrchestratorKey does not follow from ModelKeysRead and OrchestratorApiUrl"
    if '"?version="' not in "\n".join(sources(code, "shared/host").values()):
        yield "the code knows no version of a secret"


def table(template, code):
    of_code, of_template = table_of(code), table_in(template)
    for part, wanted in of_code.items():
        if of_template[part] != wanted:
            yield f"the table's {part}: the code makes {wanted}, the template {of_template[part]}"


def readable_again(template, code):
    """The way back reads the template from CloudFormation, which gives every character beyond ASCII back as a question mark."""
    whole = json.dumps(template, ensure_ascii=False)
    if not whole.isascii():
        beyond = sorted(set(character for character in whole if not character.isascii()))
        yield f"template.yaml holds {beyond}, which CloudFormation does not give back"


def page(template, code):
    text = code["functions/orchestrator/src/http/page.rs"]
    literal = re.search(r'CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static\(\s*"(.*?)",?\s*\);', text, re.S)
    of_code = re.sub(r"\\\n\s*", "", literal.group(1))
    headers = template["Resources"]["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    if headers["ContentSecurityPolicy"]["ContentSecurityPolicy"] != of_code:
        yield "the page's content security policy differs between the code and the template"
    distribution = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    patterns = [behavior["PathPattern"] for behavior in distribution["CacheBehaviors"]]
    tables = [text for path, text in code.items() if path.startswith("functions/orchestrator/src/http/routes")]
    routes = re.findall(r'(?:path: |page\()"([^"]+)"', "\n".join(map(without_tests, tables)))
    for route in set(routes) - PAGE_ROUTES:
        if not any(fnmatch.fnmatch(route, pattern) for pattern in patterns):
            yield f"the route {route} does not reach the function through CloudFront"
    for behavior in distribution["CacheBehaviors"]:
        if behavior["Compress"] or behavior["CachePolicyId"] != "4135ea2d-6df8-44a3-9df3-4b5a84be39ad":
            yield f"{behavior['PathPattern']} is compressed or cached"
    kept = {response["ErrorCode"]: response for response in distribution.get("CustomErrorResponses", [])}
    for code_ in sorted(ERROR_CODES):
        if kept.get(code_) != {"ErrorCode": code_, "ErrorCachingMinTTL": 0}:
            yield f"CloudFront keeps the answer {code_}, or puts another in its place"
    # What deploy/run keeps in the bucket holds addresses and settings; it must not be one more file of the page.
    reads = template["Resources"]["SiteBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"]
    readable = {text_of(one).removeprefix("${SiteBucket.Arn}/") for one in listed(reads)}
    names = set(re.findall(r'"(\S+?)": INDEX_TYPE', code["deploy/page"])) | set(re.findall(r'INDEX_WITH_SLASH = "(\S+)"', code["deploy/page"]))
    if readable != names | {"static/*"}:
        yield f"CloudFront may read {sorted(readable)}, the page is {sorted(names)} and static/*"
    if re.search(r"LAST_GOOD=(\S+)", code["deploy/stack"]).group(1).startswith(("static/", "orchestrator/")):
        yield "what deploy/run keeps can be read by everybody"


# CloudFront's own policies: what nobody keeps; all that viewers send but the host, and what CloudFront says of them; what is kept by its path.
CACHED_NOWHERE, ALL_BUT_THE_HOST, CACHED_BY_PATH = (
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "b689b0a8-53d0-40ab-baf2-68738e2966ac", "658327ea-f89d-4fab-a63d-7e88639e58f6",
)


def share_links(template, code):
    """Whether a share link's token reaches the function, and no log, cache, bucket or other site."""
    resources = template["Resources"]
    distribution = resources["Distribution"]["Properties"]["DistributionConfig"]
    for behavior in distribution["CacheBehaviors"]:
        if (behavior["CachePolicyId"], behavior["OriginRequestPolicyId"]) != (CACHED_NOWHERE, ALL_BUT_THE_HOST):
            yield f"{behavior['PathPattern']}: the query of an address does not reach the function, or is kept on the way"
    page = distribution["DefaultCacheBehavior"]
    if page["CachePolicyId"] != CACHED_BY_PATH or "OriginRequestPolicyId" in page:
        yield "the query of the page's address goes to the bucket, or a page is kept for each"
    kept = [one for one in [*distribution["CacheBehaviors"], page] if "RealtimeLogConfigArn" in one]
    if kept or "Logging" in distribution or "LoggingConfiguration" in resources["SiteBucket"]["Properties"]:
        yield "addresses are logged, and with them the tokens of share links"
    for name in ("PageHeaders", "ApiHeaders"):
        headers = resources[name]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        if headers.get("ReferrerPolicy", {}).get("ReferrerPolicy") != "no-referrer":
            yield f"{name}: other sites are told the address"
    for path, text in sources(code, "functions/orchestrator", "shared/host", "shared/function").items():
        for line in lines_of(text):
            if any(re.search(r"\b(uri|path_and_query|query)\(\)", value) for value in line["fields"].values()):
                yield f"{path}: logs an address with its query"


def printed(template, code):
    """Whether a workflow can print an access key: none asks for one by itself, and deploy/run hands it to the question's environment alone."""
    for path, text in code.items():
        for word in ("deploy/secrets", "keys create", "ACCESS_KEY", "set -x", "bash -x") if path.startswith(".github/") else ():
            if word in text:
                yield f"{path}: `{word}` can bring a key into its log"
    uses = re.findall(r"^.*(?:\$key\b|\$\{key\b|set -x).*$", code["deploy/run"], re.M)
    if [one.strip().split()[0] for one in uses] != ["ACCESS_KEY=$key"]:
        yield f"deploy/run uses the access key in {uses}"


# What the commands for keys and the pause ask of the table, by the method of the store.
OF_OPERATORS = {"Keys": ("create_key", "access_keys", "set_limits", "revoke_key"), "Pause": ("pause", "resume")}


def operators(template, code):
    """Whether the rights that the guide gives to who makes keys and pauses are those of these commands, on their partitions alone."""
    store = {path: text for path, text in sources(code, "shared/store").items() if path != MAKES_TABLE}
    whole, helpers, constants = "\n".join(store.values()), helpers_of(store), constants_of(code)
    policy = re.search(r"```json operator\n(.*?)```", code[OPERATE], re.S)
    given = {one["Sid"]: one for one in json.loads(policy.group(1))["Statement"]} if policy else {}
    for name, methods in OF_OPERATORS.items():
        wanted = set()
        for method in methods:
            body = re.search(rf"\n( *)pub async fn {method}\b(.*?)\n\1\}}", whole, re.S)
            if body is None:
                yield f"the store has no method {method}"
                continue
            text = body.group(2)
            # What is private to the file is asked by name as well.
            asked = re.findall(r"\bself\s*\.(\w+)\(", text)
            private = {one: found for one in asked for found in re.findall(rf"\n    async fn {one}\b(.*?)\n    \}}", whole, re.S)}
            for found in list(private.values()):
                private |= {one: more for one in re.findall(r"\bself\s*\.(\w+)\(", found) for more in re.findall(rf"\n    async fn {one}\b(.*?)\n    \}}", whole, re.S)}
            wanted |= actions_in("\n".join([text, *private.values()]), helpers)
        statement = given.get(name, {"Action": [], "Resource": "", "Condition": {}})
        if set(statement["Action"]) != wanted:
            yield f"{OPERATE} gives {sorted(statement['Action'])} for {name}, the store calls {sorted(wanted)}"
        partitions = [one for keys in statement["Condition"].values() for one in keys["dynamodb:LeadingKeys"]]
        expected = [constants["LIST"], "KEY#*"] if name == "Keys" else [constants["SERVICE"]]
        if partitions != expected or "*" in statement["Resource"]:
            yield f"{OPERATE} gives rights for {name} on {partitions} of {statement['Resource']}, expected {expected}"
    if set(given) != set(OF_OPERATORS):
        yield f"{OPERATE} gives rights for {sorted(given)}"


def anonymous(template, code):
    """Whether nobody gets in without a key where an address can be made up, and the usual is that nobody does."""
    parameter, rule = template["Parameters"]["AnonymousUse"], template["Rules"].get("AnonymousUseNeedsOrigin", {})
    if parameter["Default"] != "off":
        yield "AnonymousUse is on by itself"
    needs = {"RuleCondition": {"Fn::Equals": [{"Ref": "AnonymousUse"}, "on"]}, "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "OriginSecret"}, ""]}]}}
    if (rule.get("RuleCondition"), rule.get("Assertions", [{}])[0].get("Assert")) != (needs["RuleCondition"], needs["Assert"]):
        yield "AnonymousUse can be switched on without OriginSecret"


def access(template, code):
    read = "\n".join(sources(code, "functions/orchestrator").values())
    headers = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"][1]
    header = headers["OriginCustomHeaders"]["Fn::If"][1][0]["HeaderName"]
    if f'"{header}"' not in read:
        yield f"CloudFront sends the header {header}, which the orchestrator does not read"


def paths(template, code):
    given = properties(template, "code_interpreter")["Environment"]["Variables"]
    version = re.search(r"readonly PYTHON=(\S+)", code["functions/code_interpreter/layer/build"]).group(1)
    if given["PYTHON"] != f"/opt/interpreter/bin/python{version}":
        yield f"PYTHON is {given['PYTHON']}, the layer's is of version {version}"
    if f"python{version}" not in str(properties(template, "code_interpreter")["Runtime"]):
        yield f"the layer is for Python {version}, the function's runtime is another"
    sweep = properties(template, "driver")["Events"]["Sweep"]["Properties"]["Input"]
    if json.loads(sweep).get("sweep") is not True or 'get("sweep")' not in code["functions/driver/src/job.rs"]:
        yield f"the schedule sends {sweep}, which the driver does not take for a sweep"


COMPARISONS = [
    rights, operators, tools, tenants, variables, references, table, readable_again, page, share_links, printed, access, anonymous, paths, queries, alarms, edge,
    shown, metrics,
]


def compare(template, code):
    return [fault for comparison in COMPARISONS for fault in comparison(template, code)]


# ------------------------------------------------------------------------------------------------ the comparisons can fail

TEMPLATE = "template.yaml"
# File, what stands there, what is put in its place.
CHANGES = [
    (TEMPLATE, "                  - dynamodb:BatchWriteItem\n", ""),
    (TEMPLATE, "                  - dynamodb:BatchWriteItem\n", "                  - dynamodb:BatchWriteItem\n                  - dynamodb:Scan\n"),
    (TEMPLATE, "table/${Name}/index/open", "table/${Name}/index/history"),
    (TEMPLATE, "${SearchLogs.Arn}:*", "${DriverLogs.Arn}:*"),
    (TEMPLATE, "secret:${ModelKeysSecret}-??????", "secret:*"),
    (TEMPLATE, "Action: secretsmanager:GetSecretValue", "Action: secretsmanager:ListSecrets"),
    (TEMPLATE, "          EXTRA_CA_CERTS: !Ref ExtraCaCerts\n", ""),
    (TEMPLATE, "secretsmanager:${ModelKeysSecret}?version=", "secretsmanager:${ModelKeysSecret}:"),
    (TEMPLATE, "!And [!Condition ReadsModelKeys, !Condition HasOrchestratorServer]", "!And [!Condition HasModelKeys, !Condition HasOrchestratorServer]"),
    (TEMPLATE, "          ORCHESTRATOR_API_URL: !Ref OrchestratorApiUrl\n", ""),
    ("catalogs/toolorchestra.json", '"url_env": "ORCHESTRATOR_API_URL"', '"url_env": "NEMOTRON_API_URL"'),
    ("shared/function/src/services.rs", "read_secrets(", "read_keys("),
    (TEMPLATE, "function:search", "function:*"),
    (TEMPLATE, "Effect: Deny\n                  Action: *network-actions", "Effect: Deny\n                  Action: [ec2:DescribeSubnets]"),
    (TEMPLATE, "FunctionName: search", "FunctionName: find"),
    (TEMPLATE, "Timeout: 60", "Timeout: 40"),
    (TEMPLATE, "      Layers: [!Ref PythonLayer]\n", "      Layers: [!Ref PythonLayer]\n      Other: 1\n", "same"),
    (TEMPLATE, "      TenancyConfig: !If [IsolatesTenants, {TenantIsolationMode: PER_TENANT}, !Ref AWS::NoValue]\n", ""),
    (TEMPLATE, "TenancyConfig: !If [IsolatesTenants,", "TenancyConfig: !If [HasDomain,"),
    (TEMPLATE, 'IsolatesTenants: !Equals [!Ref TenantIsolation, "on"]', 'IsolatesTenants: !Equals [!Ref TenantIsolation, "off"]'),
    (TEMPLATE, "TENANT_ISOLATION: !Ref TenantIsolation", 'TENANT_ISOLATION: "on"'),
    (TEMPLATE, 'CODE_INTERPRETER_SINGLE_USE: !If [IsolatesTenants, !Ref CodeInterpreterSingleUse, "1"]', "CODE_INTERPRETER_SINGLE_USE: !Ref CodeInterpreterSingleUse"),
    ("shared/drive/src/config.rs", '"off" => Ok(false)', '"no" => Ok(false)'),
    (TEMPLATE, "          - {ErrorCode: 503, ErrorCachingMinTTL: 0}\n", ""),
    (TEMPLATE, "{ErrorCode: 404, ErrorCachingMinTTL: 0}", "{ErrorCode: 404, ErrorCachingMinTTL: 10}"),
    (TEMPLATE, "              - !Sub ${SiteBucket.Arn}/orchestrator/\n", ""),
    (TEMPLATE, "              - !Sub ${SiteBucket.Arn}/index.html\n", "              - !Sub ${SiteBucket.Arn}/*\n"),
    (TEMPLATE, "Goes on with runs that another process has left", "Goes on with runs \u2013 those that another process has left"),
    (EDGE, "Threshold: 5", "Threshold: 50"),
    (EDGE, "      OKActions: [!Ref Alarms]\n", ""),
    (EDGE, "Value: Global", "Value: us-east-1"),
    ("deploy/stack", "LAST_GOOD=deployed/", "LAST_GOOD=static/deployed/"),
    (TEMPLATE, "      OKActions: [!Ref Alarms]\n", ""),
    (TEMPLATE, "TreatMissingData: breaching", "TreatMissingData: notBreaching"),
    (TEMPLATE, "FILL(scheduled, 0) < FILL(driven, 0)", "scheduled < driven"),
    (TEMPLATE, "          DRIVER_FUNCTION:", "          DRIVER:"),
    (TEMPLATE, "          RUN_TTL_DAYS: !Ref RunTtlDays\n", ""),
    (TEMPLATE, "          CORS_ORIGINS: !Ref CorsOrigins\n", ""),
    (TEMPLATE, "AttributeName: expires_at", "AttributeName: expires"),
    (TEMPLATE, "[epoch, status]", "[epoch]"),
    (TEMPLATE, "{AttributeName: lease_until, AttributeType: N}", "{AttributeName: lease_until, AttributeType: S}"),
    (TEMPLATE, "- IndexName: open", "- IndexName: opened"),
    (TEMPLATE, "frame-ancestors 'none'", "frame-ancestors 'self'"),
    (TEMPLATE, "PathPattern: /health", "PathPattern: /healthy"),
    (TEMPLATE, "PathPattern: /v1/*", "PathPattern: /v2/*"),
    (TEMPLATE, "PathPattern: /mcp", "PathPattern: /mcp/*"),
    (TEMPLATE, "HeaderName: x-origin-secret", "HeaderName: x-secret"),
    (TEMPLATE, "        Enabled: true\n        HttpVersion", "        Enabled: true\n        Logging: {Bucket: logs}\n        HttpVersion"),
    (TEMPLATE, "OriginRequestPolicyId: b689b0a8-53d0-40ab-baf2-68738e2966ac", "OriginRequestPolicyId: 59781a5b-3903-41f3-afcb-af62929ccde1"),
    (TEMPLATE, "CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6", "CachePolicyId: 83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    (TEMPLATE, "{ReferrerPolicy: no-referrer, Override: false}", "{ReferrerPolicy: origin, Override: false}"),
    (TEMPLATE, 'RuleCondition: !Equals [!Ref AnonymousUse, "on"]', 'RuleCondition: !Equals [!Ref AnonymousUse, "off"]'),
    (TEMPLATE, "          ANONYMOUS_USE: !Ref AnonymousUse\n", ""),
    (TEMPLATE, "          DEFAULT_RUN_USD: !Ref DefaultRunUsd\n", ""),
    (OPERATE, '["KEYS", "KEY#*"]', '["KEY*"]'),
    (OPERATE, '["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]', '["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"]'),
    ("shared/store/src/pause.rs", ".delete_item(", ".put_item("),
    ("deploy/run", "ACCESS_KEY=$key deploy/smoke", "echo $key; ACCESS_KEY=$key deploy/smoke"),
    (".github/workflows/deploy-environment.yml", "run: deploy/tools >>", "run: deploy/secrets stack key; deploy/tools >>"),
    (TEMPLATE, "/opt/interpreter/bin/python3.13", "/opt/python/bin/python3.13"),
    (TEMPLATE, '{"sweep": true}', '{"sweep": 1}'),
    (TEMPLATE, "FILL(history, 0) + ", "history + "),
    (TEMPLATE, "100 * FILL(failed, 0)", "100 * failed"),
    (TEMPLATE, "      Namespace: AWS/Lambda\n      MetricName: Url5xxCount", "      Namespace: AWS/DynamoDB\n      MetricName: Url5xxCount"),
    (TEMPLATE, 'Runbook "Runs fail"', 'Runbook "Runs break"'),
    (TEMPLATE, '"${FailedRunsAlarm.Arn}", ', ""),
    (TEMPLATE, '"x": 16, "y": 0', '"x": 12, "y": 0'),
    (TEMPLATE, "MetricName: run_usd", "MetricName: usd"),
    (TEMPLATE, "MetricName: day_share_percent", "MetricName: DayShare"),
    (TEMPLATE, '"${KeyShareAlarm.Arn}", ', ""),
    (MEASURES, "account = %account.as_str(),", "key = %account.as_str(),"),
    (TEMPLATE, "Namespace: serverless-llm, MetricName: runs", "Namespace: llm, MetricName: runs"),
    (TEMPLATE, '["serverless-llm", "takeovers"]', '["serverless-llm", "handovers"]'),
    (TEMPLATE, 'MetricName=\\"first_token_ms\\"', 'MetricName=\\"first_ms\\"'),
    (TEMPLATE, ',model} MetricName=\\"failed_requests', ',tool} MetricName=\\"failed_requests'),
    ("shared/store/src/history.rs", ".query()", ".scan()"),
    ("shared/store/src/query.rs", ".get_item()", ".batch_get_item()"),
    ("shared/store/src/guarded.rs", "ConditionCheck::builder", "Update::builder"),
    ("shared/store/src/delete.rs", ".batch_write_item()", ".delete_item()"),
    ("shared/store/src/open.rs", "OPEN_INDEX)", "HISTORY_INDEX)"),
    ("shared/store/src/item.rs", '"expires_at"', '"expires"'),
    ("shared/store/src/table.rs", "attribute(OPEN, ScalarAttributeType::S)", "attribute(OPEN, ScalarAttributeType::N)"),
    ("shared/store/src/table.rs", "[EPOCH, STATUS]", "[EPOCH, STATUS, TITLE]"),
    ("shared/drive/src/config.rs", '"LEASE_SECONDS"', '"LEASE_TIME"'),
    ("shared/drive/src/call/wake.rs", ".invoke()", ".invoke_async()"),
    ("functions/search/src/config.rs", '"DUCKDUCKGO_URL"', '"SEARCH_URL"'),
    ("functions/search/src/config.rs", '"TAVILY_API_KEY"', '"TAVILY_KEY"'),
    (TEMPLATE, "          SEARXNG_URL: !Ref SearxngUrl\n", ""),
    ("functions/read_url/src/config.rs", '"READ_URL_PORTS"', '"READ_PORTS"'),
    ("functions/driver/src/job.rs", 'get("sweep")', 'get("tidy")'),
    ("functions/driver/src/lib.rs", "drive::sweep", "drive::tidy"),
    ("functions/orchestrator/src/http/routes.rs", '"/health"', '"/healthy"'),
    ("functions/orchestrator/src/http/page.rs", "img-src 'self'", "img-src *"),
    (MEASURES, "takeovers = 1_u64", "handovers = 1_u64"),
    (MEASURES, "tool = %state.spec.tool,", ""),
    (MEASURES, 'METRICS: &str = "metrics"', 'METRICS: &str = "numbers"'),
    (MEASURES, '"a model has begun to answer"', '"a model begins"'),
    (MAKES_METRICS, 'NAMESPACE: &str = "serverless-llm"', 'NAMESPACE: &str = "llm"'),
    (OPERATE, "`lost_drivers`", "`lost`"),
    (OPERATE, "sum(failed_calls)", "sum(failed_tries)"),
    (OPERATE, "**Runs fail**", "**Runs break**"),
    (OPERATE, "\nWhy runs fail", "\nWhy runs break"),
    (OPERATE, '"a driver broke off"', '"a driver stopped"'),
    (OPERATE, "latest(error) as example by model,", "latest(error) as example by model_id,"),
    ("shared/drive/src/call/wake.rs", "the driver could not be woken", "the driver sleeps"),
    ("tools_config.json", '"lambda": "search"', '"lambda": "find"'),
    ("tools_config.json", '"url_env": "PHI_API_URL"', '"url_env": "PHI4_API_URL"'),
]


def prove(text, code, before):
    missed = []
    for path, old, new, *expected in CHANGES:
        whole = text if path == TEMPLATE else code.get(path, "")
        if old not in whole:
            missed.append(f"{path}: `{old.strip()}` is not there to be changed")
            continue
        changed = whole.replace(old, new)
        template = yaml.load(changed if path == TEMPLATE else text, Loader)
        after = compare(template, code if path == TEMPLATE else {**code, path: changed})
        noticed = sorted(after) != sorted(before)
        if noticed == bool(expected):
            missed.append(f"{path}: `{old.strip()}` → `{new.strip()}` is {'noticed' if noticed else 'not noticed'}")
        elif noticed:
            print(f"{path}: {(set(after) - set(before) or {'a fault less'}).pop()}")
    if missed:
        sys.exit("\n".join(["changes that should have been told apart:", *missed]))
    print(f"{len(CHANGES)} changes told apart")


def main():
    text, code = (ROOT / TEMPLATE).read_text(encoding="utf-8"), read_code()
    faults = compare(yaml.load(text, Loader), code)
    if "--prove" in sys.argv[1:]:
        prove(text, code, faults)
    elif faults:
        sys.exit("\n".join(["template.yaml and the code disagree:", *faults]))
    else:
        print("template.yaml and the code agree")


main()
