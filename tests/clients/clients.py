"""Which clients there are, and what each gives of what the service says."""

from dataclasses import dataclass
from typing import Callable

import python_clients
import python_responses
from node_client import NodeClient

# Kinds of failure, and what OpenAI's own clients make of them.
OPENAI = {
    "failed": "InternalServerError",
    "failed in a stream": "APIError",
    "broken in a stream": "APIConnectionError",
    "key": "AuthenticationError",
    "request": "BadRequestError",
    "model": "NotFoundError",
}
LANGCHAIN = OPENAI | {
    "failed": "OpenAIAPIError",
    "broken in a stream": "OpenAIConnectionError",
    "key": "OpenAIAuthenticationError",
    "request": "OpenAIInvalidRequestError",
    "model": "OpenAIModelNotFoundError",
}
LITELLM = OPENAI | {"failed in a stream": "MidStreamFallbackError", "broken in a stream": "MidStreamFallbackError"}
# What Node's own `fetch` throws.
NODE = OPENAI | {"broken in a stream": "TypeError"}
AI_SDK = {
    "failed": "RetryError",
    "failed in a stream": "StreamProviderError",
    "broken in a stream": "APICallError",
    "key": "APICallError",
    "request": "APICallError",
    "model": "APICallError",
}


@dataclass(frozen=True)
class Client:
    make: Callable
    # The exception of each kind of failure.
    faults: dict
    # Whether it gives reasoning.
    reasoning: bool = True
    # Whether it gives sources beside the text; `with offsets`, where it gives their places in it; `without titles`, where it takes them from
    # the items of searches, which have none.
    sources: str = "with offsets"
    # Whether it says that an unknown model stood in `model`.
    names_model: bool = True
    # Whether it speaks Responses.
    responses: bool = False
    # What it says of the end of a run that was cancelled, where it takes it for no failure.
    cancelled: str | None = "stop"
    # How often it tries again after a failure, where its own number would take minutes.
    retries: int | None = None


def node(name):
    return lambda: NodeClient(name)


CLIENTS = {
    "openai": Client(python_clients.OpenAiSync, OPENAI),
    "openai-async": Client(python_clients.OpenAiAsync, OPENAI),
    "litellm": Client(python_clients.LiteLlm, LITELLM, names_model=False),
    "langchain": Client(python_clients.LangChain, LANGCHAIN, reasoning=False, sources=""),
    "agents": Client(python_clients.Agents, OPENAI),
    "openai-responses": Client(python_responses.OpenAiResponses, OPENAI, responses=True, cancelled="cancelled"),
    "langchain-responses": Client(python_responses.LangChainResponses, LANGCHAIN, responses=True, cancelled="cancelled"),
    # It takes the end of a cancelled stream for a failure of the model.
    "agents-responses": Client(
        python_responses.AgentsResponses, OPENAI | {"cancelled in a stream": "ModelBehaviorError"}, responses=True
    ),
    "openai-node-responses": Client(node("openai-node-responses"), NODE, responses=True, cancelled="cancelled"),
    "ai-responses": Client(
        node("ai-responses"), AI_SDK, sources="without titles", responses=True, retries=1
    ),
    "openai-node": Client(node("openai-node"), NODE),
    "langchain-js": Client(node("langchain-js"), NODE, sources="", retries=1),
    # It looks at the first chunk, and takes an error there for one of the whole request.
    "ai-openai": Client(
        node("ai-openai"),
        AI_SDK | {"failed in a stream": "RetryError"},
        reasoning=False,
        sources="without offsets",
        retries=1,
    ),
    "ai-compatible": Client(node("ai-compatible"), AI_SDK, sources="", retries=1),
}
