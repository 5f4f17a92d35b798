"""The clients that come from PyPI, each asked in its own way, as its documentation shows.

Each imports its package when it is made: the packages take seconds.
"""

import asyncio

from answer import Answer, failure

MODEL = "orchestrator"


class OpenAiSync:
    """`openai`, not asynchronous."""

    def __init__(self):
        import openai

        self._openai = openai

    def ask(self, url, key, messages, stream=False, model=MODEL, retries=None, on_text=lambda text: None, **options):
        client = self._openai.OpenAI(base_url=url, api_key=key, **_retries(retries))
        answer = Answer()
        try:
            if stream:
                usage = {"include_usage": True}
                for chunk in client.chat.completions.create(
                    model=model, messages=messages, stream=True, stream_options=usage, **options
                ):
                    _chunk(answer, chunk, on_text)
            else:
                _whole(answer, client.chat.completions.create(model=model, messages=messages, **options))
        except self._openai.OpenAIError as fault:
            answer.failure = failure(fault)
        return answer


class OpenAiAsync:
    """`openai`, asynchronous."""

    def __init__(self):
        import openai

        self._openai = openai

    def ask(self, url, key, messages, stream=False, model=MODEL, retries=None, on_text=lambda text: None, **options):
        client = self._openai.AsyncOpenAI(base_url=url, api_key=key, **_retries(retries))
        return asyncio.run(self._ask(client, messages, stream, model, on_text, options))

    async def _ask(self, client, messages, stream, model, on_text, options):
        answer = Answer()
        async with client:
            create = client.chat.completions.create
            try:
                if stream:
                    usage = {"include_usage": True}
                    async for chunk in await create(
                        model=model, messages=messages, stream=True, stream_options=usage, **options
                    ):
                        _chunk(answer, chunk, on_text)
                else:
                    _whole(answer, await create(model=model, messages=messages, **options))
            except self._openai.OpenAIError as fault:
                answer.failure = failure(fault)
        return answer


class LiteLlm:
    """`litellm`, as a library."""

    def __init__(self):
        import os

        # Else it fetches a list of prices when it is imported.
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        import litellm
        import openai

        litellm.suppress_debug_info = True
        self._openai = openai
        self._litellm = litellm

    def ask(self, url, key, messages, stream=False, model=MODEL, retries=None, on_text=lambda text: None, **options):
        answer = Answer()
        options.update(_retries(retries))
        more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        try:
            given = self._litellm.completion(
                model=f"openai/{model}", api_base=url, api_key=key, messages=messages, **more, **options
            )
            if stream:
                for chunk in given:
                    _chunk(answer, chunk, on_text)
            else:
                _whole(answer, given)
        except self._openai.OpenAIError as fault:
            answer.failure = failure(fault)
        return answer


class LangChain:
    """`langchain-openai`."""

    _asked_with = {"stream_usage": True}

    def __init__(self):
        import langchain_openai
        import openai

        self._chat = langchain_openai.ChatOpenAI
        self._openai = openai

    def ask(self, url, key, messages, stream=False, model=MODEL, retries=None, on_text=lambda text: None, **options):
        answer = Answer()
        chat = self._chat(model=model, base_url=url, api_key=key, **self._asked_with, **_retries(retries))
        if tools := options.pop("tools", None):
            chat = chat.bind_tools(tools)
        if options:
            chat = chat.bind(**options)
        try:
            if stream:
                whole = None
                for chunk in chat.stream(messages):
                    whole = chunk if whole is None else whole + chunk
                    self._take(answer, whole)
                    if answer.text:
                        on_text(answer.text)
            else:
                self._take(answer, chat.invoke(messages))
        except self._openai.OpenAIError as fault:
            answer.failure = failure(fault)
        return answer

    @staticmethod
    def _take(answer, message):
        blocks = message.content_blocks
        answer.text = "".join(block["text"] for block in blocks if block["type"] == "text")
        answer.reasoning = "".join(block["reasoning"] for block in blocks if block["type"] == "reasoning")
        annotations = [note for block in blocks for note in block.get("annotations", [])]
        annotations = annotations or message.additional_kwargs.get("annotations", [])
        answer.sources = [_source(note) for note in annotations]
        answer.calls = [call["name"] for call in message.tool_calls]
        answer.finish = message.response_metadata.get("finish_reason")
        if used := message.usage_metadata:
            answer.usage = {"prompt": used["input_tokens"], "completion": used["output_tokens"]}


class Agents:
    """OpenAI Agents SDK with its `OpenAIChatCompletionsModel`."""

    def __init__(self):
        import agents
        import openai

        agents.set_tracing_disabled(True)
        self._agents = agents
        self._openai = openai

    def ask(self, url, key, messages, stream=False, model=MODEL, retries=None, on_text=lambda text: None, **options):
        client = self._openai.AsyncOpenAI(base_url=url, api_key=key, **_retries(retries))
        return asyncio.run(self._ask(client, messages, stream, model, on_text, options))

    async def _ask(self, client, messages, stream, model, on_text, options):
        agents = self._agents
        answer = Answer()
        async with client:
            tools = [self._tool(tool, answer) for tool in options.pop("tools", [])]
            agent = agents.Agent(
                name="asker",
                model=agents.OpenAIChatCompletionsModel(model=model, openai_client=client),
                model_settings=agents.ModelSettings(include_usage=True, extra_args=options),
                tools=tools,
            )
            try:
                if stream:
                    run = agents.Runner.run_streamed(agent, messages)
                    async for event in run.stream_events():
                        self._event(answer, event, on_text)
                else:
                    run = await agents.Runner.run(agent, messages)
                self._take(answer, run)
            except (self._openai.OpenAIError, agents.exceptions.AgentsException) as fault:
                answer.failure = failure(fault)
        return answer

    def _tool(self, tool, answer):
        async def called(_context, _arguments):
            answer.calls.append(tool["function"]["name"])
            return "called"

        function = tool["function"]
        return self._agents.FunctionTool(
            name=function["name"],
            description=function["description"],
            params_json_schema=function["parameters"],
            on_invoke_tool=called,
        )

    @staticmethod
    def _event(answer, event, on_text):
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            answer.text += event.data.delta
            on_text(answer.text)

    @staticmethod
    def _take(answer, run):
        answer.text = run.final_output
        used = run.context_wrapper.usage
        answer.usage = {"prompt": used.input_tokens, "completion": used.output_tokens}
        for item in (item for response in run.raw_responses for item in response.output):
            if item.type == "reasoning":
                answer.reasoning += "".join(part.text for part in item.summary)
            elif item.type == "message":
                for part in item.content:
                    answer.sources += [_source(note) for note in part.annotations]


def _retries(retries):
    return {} if retries is None else {"max_retries": retries}


def _whole(answer, completion):
    """What a completion of `openai` or `litellm` holds."""
    choice = completion.choices[0]
    message = choice.message
    answer.text = message.content or ""
    answer.reasoning = getattr(message, "reasoning_content", None) or ""
    answer.sources = [_source(note) for note in getattr(message, "annotations", None) or []]
    answer.calls = [call.function.name for call in message.tool_calls or []]
    answer.finish = choice.finish_reason
    _usage(answer, completion.usage)


def _chunk(answer, chunk, on_text):
    if getattr(chunk, "usage", None):
        _usage(answer, chunk.usage)
    for choice in chunk.choices:
        delta = choice.delta
        answer.reasoning += getattr(delta, "reasoning_content", None) or ""
        answer.sources += [_source(note) for note in getattr(delta, "annotations", None) or []]
        answer.calls += [call.function.name for call in delta.tool_calls or []]
        answer.finish = choice.finish_reason or answer.finish
        if delta.content:
            answer.text += delta.content
            on_text(answer.text)


def _usage(answer, usage):
    answer.usage = {"prompt": usage.prompt_tokens, "completion": usage.completion_tokens}


def _source(note):
    """An annotation as a plain object or of a class, nested as on the wire or flat as in Responses."""
    note = note if isinstance(note, dict) else note.model_dump()
    inner = note.get("url_citation", note)
    return {
        "url": inner.get("url"),
        "title": inner.get("title"),
        "start": inner.get("start_index"),
        "end": inner.get("end_index"),
    }
