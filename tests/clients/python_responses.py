"""The clients from PyPI that speak OpenAI's Responses, each asked in its own way, as its documentation shows."""

from answer import Answer, failure
from python_clients import MODEL, Agents, LangChain, _retries, _source


def as_items(messages):
    """Messages as chat completions have them, in the words of Responses."""
    return [{**message, "content": _content(message)} for message in messages]


def _content(message):
    if isinstance(message["content"], str):
        return message["content"]
    return [_part(part) for part in message["content"]]


def _part(part):
    if part["type"] == "image_url":
        return {"type": "input_image", "detail": "auto", "image_url": part["image_url"]["url"]}
    return {"type": "input_text", "text": part["text"]}


def as_tools(options):
    """A tool stands by itself here, without an object around it."""
    if "tools" in options:
        options["tools"] = [{"type": "function", "strict": False, **tool["function"]} for tool in options["tools"]]
    return options


def take(answer, response):
    """What a response of `openai` holds."""
    answer.text = ""
    answer.reasoning = "".join(part.text for item in response.output if item.type == "reasoning" for part in item.summary)
    answer.sources = []
    for part in (part for item in response.output if item.type == "message" for part in item.content):
        for note in part.annotations:
            source = _source(note)
            answer.sources.append({**source, "start": source["start"] + len(answer.text), "end": source["end"] + len(answer.text)})
        answer.text += part.text
    answer.calls = [item.name for item in response.output if item.type == "function_call"]
    answer.finish = {"completed": "stop"}.get(response.status, response.status)
    answer.usage = {"prompt": response.usage.input_tokens, "completion": response.usage.output_tokens}


class OpenAiResponses:
    """`openai`, not asynchronous."""

    def __init__(self):
        import openai

        self._openai = openai

    def ask(self, url, key, messages, stream=False, model=MODEL, retries=None, on_text=lambda text: None, **options):
        client = self._openai.OpenAI(base_url=url, api_key=key, **_retries(retries))
        answer = Answer()
        asked = {"model": model, "input": as_items(messages), **as_tools(options)}
        try:
            if stream:
                for event in client.responses.create(stream=True, **asked):
                    self._event(answer, event, on_text)
            else:
                take(answer, client.responses.create(**asked))
        except self._openai.OpenAIError as fault:
            answer.failure = failure(fault)
        return answer

    @staticmethod
    def _event(answer, event, on_text):
        if event.type == "response.output_text.delta":
            answer.text += event.delta
            on_text(answer.text)
        elif event.type in ("response.completed", "response.incomplete"):
            take(answer, event.response)


class LangChainResponses(LangChain):
    """`langchain-openai` with `use_responses_api`."""

    _asked_with = {"use_responses_api": True}

    @staticmethod
    def _take(answer, message):
        blocks = message.content_blocks
        answer.reasoning = "".join(block["reasoning"] for block in blocks if block.get("reasoning"))
        answer.text, answer.sources = "", []
        for block in (block for block in blocks if block["type"] == "text"):
            for note in block.get("annotations", []):
                source = _source(note)
                # Those of a text that broke off have no place in the next one.
                answer.sources.append({**source, "start": source["start"] + len(answer.text), "end": source["end"] + len(answer.text)})
            answer.text += block["text"]
        answer.calls = [call["name"] for call in message.tool_calls]
        status = message.response_metadata.get("status")
        answer.finish = {"completed": "stop"}.get(status, status)
        if used := message.usage_metadata:
            answer.usage = {"prompt": used["input_tokens"], "completion": used["output_tokens"]}


class AgentsResponses(Agents):
    """OpenAI Agents SDK as it is by itself."""

    async def _ask(self, client, messages, stream, model, on_text, options):
        agents = self._agents
        answer = Answer()
        async with client:
            tools = [self._tool(tool, answer) for tool in options.pop("tools", [])]
            agent = agents.Agent(
                name="asker",
                model=agents.OpenAIResponsesModel(model=model, openai_client=client),
                model_settings=agents.ModelSettings(extra_args=options),
                tools=tools,
            )
            try:
                if stream:
                    run = agents.Runner.run_streamed(agent, as_items(messages))
                    async for event in run.stream_events():
                        self._event(answer, event, on_text)
                else:
                    run = await agents.Runner.run(agent, as_items(messages))
                self._take(answer, run)
            except (self._openai.OpenAIError, agents.exceptions.AgentsException) as fault:
                answer.failure = failure(fault)
        return answer

    @staticmethod
    def _take(answer, run):
        used = run.context_wrapper.usage
        answer.usage = {"prompt": used.input_tokens, "completion": used.output_tokens}
        answer.text = ""
        lines = []
        for item in (item for response in run.raw_responses for item in response.output):
            if item.type == "reasoning":
                lines += [part.text for part in item.summary]
            elif item.type == "message":
                for part in item.content:
                    for note in part.annotations:
                        source = _source(note)
                        start, end = source["start"] + len(answer.text), source["end"] + len(answer.text)
                        answer.sources.append({**source, "start": start, "end": end})
                    answer.text += part.text
        answer.reasoning = "".join(lines)
