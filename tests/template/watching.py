"""Whether alarms, dashboard and guide know what the code tells an operator: log lines with their fields, and metrics."""

import json
import re

import yaml
from reading import EDGE, OPERATE, Loader, sources, text_of, without_tests

# Fields of a log line that the platform, the Lambda runtime's crate or the log's format gives.
OF_LOG_LINES = {"timestamp", "level", "message", "target", "type", "record", "requestId"}
# What tells of runs as metrics, and what makes a log line a metric.
MEASURES, MAKES_METRICS = "shared/drive/src/measure.rs", "shared/host/src/metrics.rs"
# Fields of those lines that are words, not numbers.
WORDS_OF_METRICS = {"in_place_of", "finish_reason", "reason", "status", "code", "error"}
# Words of the language of queries.
KEYWORDS = set("fields filter stats sort limit by as in and or not like desc asc".split()) | {"m", "h"}


def arguments_of(text, start):
    """The arguments of a macro whose parenthesis opens before `start`, split at the commas that stand in none of them."""
    found, depth, begin, at = [], 0, start, start
    while depth >= 0:
        character = text[at]
        if character == '"':
            at = re.compile(r'"(?:[^"\\]|\\.)*"', re.S).match(text, at).end() - 1
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if depth < 0 or depth == 0 and character == ",":
            found.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return [argument for argument in found if argument]


def lines_of(text):
    """What a file logs: for each event or span its fields with their values, and its message or name."""
    for macro in re.finditer(r"\b(?:trace|debug|info|warn|error)(?:_span)?!\(", text):
        fields, words, target = {}, set(), None
        for argument in arguments_of(text, macro.end()):
            if named := re.match(r"(target|parent): (.*)", argument):
                target = named.group(2) if named.group(1) == "target" else target
            elif argument.startswith('"'):
                words.add(argument.strip('"'))
            elif named := re.match(r"([%?]?)(\w+)(?:\s*=\s*(.*))?$", argument, re.S):
                sigil, name, value = named.groups()
                fields[name] = value or sigil + name
        yield {"fields": fields, "words": words, "target": target}


def constant(code, path, name):
    return re.search(rf'const {name}: &(?:\'static )?str =\s*"([^"]*)";', code[path]).group(1)


def metrics_of(code):
    """Pairs of a metric's name and the dimension by which it is told, which is None where it is told as a whole."""
    dimensions = set(re.findall(r'"(\w+)"', re.search(r"const DIMENSIONS: [^=]*= \[(.*?)\];", code[MAKES_METRICS]).group(1)))
    found = set()
    for line in lines_of(without_tests(code[MEASURES])):
        if line["target"] != "METRICS":
            continue
        numbers = {name for name, value in line["fields"].items() if not value.startswith(("%", "?"))}
        for dimension in dimensions & set(line["fields"]) or {None}:
            found |= {(name, dimension) for name in numbers - WORDS_OF_METRICS - dimensions}
    return found


def queries(template, code):
    """Whether the guide's questions to the logs ask for what the code logs: whole messages, and names of fields."""
    written = "\n".join(sources(code, *(path.rpartition("/")[0] for path in code if path.endswith("Cargo.toml"))).values())
    lines = list(lines_of(written))
    messages = {text for line in lines for text in line["words"]}
    fields = {name for line in lines for name in line["fields"]}
    runbooks, questions = re.search(r"^## Runbooks\n(.*?)^## .*^(## Questions.*)", code[OPERATE], re.S | re.M).groups()
    for title in re.findall(r"(?<!\*)\*([A-Z][^*]*)\*(?!\*)", runbooks):
        if "\n" + " ".join(title.split()) not in questions:
            yield f"a runbook of {OPERATE} names the question *{title}*, which is not there"
    for query in re.findall(r"```insights\n(.*?)```", code[OPERATE], re.S):
        for group in re.findall(r"message (?:=|in) (\[[^\]]*\]|\"[^\"]*\")", query):
            for message in re.findall(r'"([^"]+)"', group):
                if message not in messages:
                    yield f"{OPERATE} asks for `{message}`, which the code does not log"
        bare = re.sub(r'"[^"]*"|/[^/\n]*/|@\w+', "", query)
        # Names of the language, names that a query itself gives, and what follows a point.
        given = set(re.findall(r"\bas (\w+)", bare))
        for name in set(re.findall(r"(?<![\w.])([a-zA-Z_]+)\b(?!\()", bare)) - given - KEYWORDS - OF_LOG_LINES:
            if name not in fields:
                yield f"{OPERATE} asks for the field `{name}`, which the code does not log"


def alarms_in(template):
    return {name: resource["Properties"] for name, resource in template["Resources"].items() if resource["Type"] == "AWS::CloudWatch::Alarm"}


# Alarms that silence sets off: what they watch must call without a pause.
DEAD_MANS_SWITCHES = {"NoSweepAlarm"}
TOPIC = [{"Ref": "Alarms"}]


def alarms(template, code):
    """Whether an alarm can go off while one of its metrics has no data, and off again, tells of both, and says what to do."""
    for name, alarm in alarms_in(template).items():
        if (alarm.get("AlarmActions"), alarm.get("OKActions")) != (TOPIC, TOPIC):
            yield f"{name}: does not tell of its going off and of its end"
        silence = "breaching" if name in DEAD_MANS_SWITCHES else "notBreaching"
        if alarm["TreatMissingData"] != silence:
            yield f"{name}: takes missing data for {alarm['TreatMissingData']}, {silence} was expected"
        parts = alarm.get("Metrics", [])
        expressions = [text_of(part["Expression"]) for part in parts if "Expression" in part]
        for part in parts:
            # Where a metric has no data, an expression over it may have none either, and then the alarm keeps silent.
            if "MetricStat" in part and re.search(rf"\b{part['Id']}\b", re.sub(rf"FILL\({part['Id']}, 0\)", "", " ".join(expressions))):
                yield f"{name}: `{part['Id']}` stands in its expression without FILL"
        if alarm.get("Namespace") == "AWS/DynamoDB":
            yield f"{name}: an alarm on a metric of AWS/DynamoDB keeps its state while there is no data: let an expression FILL it"
        runbook = re.search(r'Runbook "(.*?)" in docs/operate.md', alarm["AlarmDescription"])
        if not (runbook and f"**{runbook.group(1)}**" in code[OPERATE]):
            yield f"{name}: names no runbook that {OPERATE} has"


def edge(template, code):
    """Whether the alarm that stands beside CloudFront's metrics for stacks of other Regions is that of the template."""
    beside = yaml.load(code[EDGE], Loader)["Resources"]["FailedPagesAlarm"]["Properties"]
    own = template["Resources"]["FailedPagesAlarm"]["Properties"]
    differing = [name for name in own.keys() | beside.keys() if own.get(name) != beside.get(name)]
    # The name, and what a reference is called.
    if sorted(differing) != ["AlarmName", "Dimensions"]:
        yield f"FailedPagesAlarm of {EDGE} differs from the template's in {sorted(differing)}"
    dimensions = [{one["Name"]: one["Value"] for one in alarm["Dimensions"]} for alarm in (own, beside)]
    if dimensions != [{"DistributionId": {"Ref": name}, "Region": "Global"} for name in ("Distribution", "DistributionId")]:
        yield f"FailedPagesAlarm watches {dimensions}"


def dashboard(template):
    """What the dashboard shows, with something in the place of each reference."""
    body, parts = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name, part in parts.items():
        # A part of the text that is there under a condition.
        if (text := text_of(part["Fn::If"][1])).startswith('"'):
            body = body.replace(f"${{{name}}}", text)
    return json.loads(re.sub(r"\$\{(\w+)(?:\.Arn|::\w+)?\}", r"\1", body).replace("${!", "${"))["widgets"]


def shown(template, code):
    """Whether the dashboard shows each alarm, and everything in a place of its own."""
    widgets = dashboard(template)
    listed_alarms = {alarm for widget in widgets for alarm in widget["properties"].get("alarms", [])}
    for name in set(alarms_in(template)) ^ listed_alarms:
        yield f"the dashboard's alarms and the template's differ in {name}"
    taken = set()
    for widget in widgets:
        cells = {(x, y) for x in range(widget["x"], widget["x"] + widget["width"]) for y in range(widget["y"], widget["y"] + widget["height"])}
        if taken & cells or any(x >= 24 for x, _ in cells):
            yield f"the dashboard's widget `{widget['properties']['title']}` stands on another one or outside"
        taken |= cells


def metrics(template, code):
    """Whether template and guide know the metrics that the code writes, by the dimensions that it writes them by."""
    if MEASURES not in code:
        yield f"{MEASURES} is not there, so nothing writes metrics"
        return
    written, namespace, target = metrics_of(code), constant(code, MAKES_METRICS, "NAMESPACE"), constant(code, MAKES_METRICS, "TARGET")
    used = {}
    for name, alarm in alarms_in(template).items():
        for metric in [part["MetricStat"]["Metric"] for part in alarm.get("Metrics", []) if "MetricStat" in part] + [alarm]:
            if "Namespace" in metric and not metric["Namespace"].startswith("AWS/"):
                if metric["Namespace"] != namespace:
                    yield f"{name}: the namespace is {metric['Namespace']}, the code's is {namespace}"
                dimensions = [one["Name"] for one in metric.get("Dimensions", [])] or [None]
                used[metric["MetricName"], *dimensions] = name
    for widget in dashboard(template):
        title = widget["properties"]["title"]
        for row in widget["properties"].get("metrics", []):
            if isinstance(row[0], dict):
                search = re.match(r"SEARCH\('\{\"([^\"]*)\",(\w+)\} MetricName=\"(\w+)\"', '\w+', \d+\)$", row[0]["expression"])
                if search is None or search.group(1) != namespace:
                    yield f"the dashboard's `{title}` searches in a way that is not understood, or not in {namespace}"
                else:
                    used[search.group(3), search.group(2)] = title
            elif row[0] == namespace:
                used[row[1], None] = title
            elif not row[0].startswith("AWS/"):
                yield f"the dashboard's `{title}` shows {row[0]}, the code's namespace is {namespace}"
    for (name, dimension), where in used.items():
        if (name, dimension) not in written:
            yield f"`{where}` uses the metric `{name}` by {dimension or 'no dimension'}, which the code does not write"
    section = re.search(r"^## Metrics\n(.*?)^## ", code[OPERATE], re.S | re.M)
    told = set()
    for dimension, names in re.findall(r"^\| (`\w+`|–) \| (.*?) \|", section.group(1) if section else "", re.M):
        told |= {(name, None if dimension == "–" else dimension.strip("`")) for name in re.findall(r"`(\w+)`", names)}
    for name, dimension in sorted(told ^ written, key=str):
        side = "does not tell of" if (name, dimension) in written else "tells of, and the code does not write,"
        yield f"{OPERATE} {side} the metric `{name}` by {dimension or 'no dimension'}"
    for words in (f"`{namespace}`", f"{target}=off"):
        if words not in code[OPERATE]:
            yield f"{OPERATE} does not say {words}"
    if constant(code, MEASURES, "METRICS") != target:
        yield f"{MEASURES} logs for another target than {target}, so its lines are no metrics"
