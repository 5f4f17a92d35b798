"""What a client gave of one question, in the same words for all clients."""

from dataclasses import dataclass, field


@dataclass
class Failure:
    """An exception of the client."""

    kind: str
    status: int | None = None
    param: str | None = None
    code: str | None = None
    message: str = ""


@dataclass
class Answer:
    text: str = ""
    reasoning: str = ""
    # Each with `url` and `title`, and with `start` and `end` where the client gives them.
    sources: list = field(default_factory=list)
    # `prompt` and `completion` tokens.
    usage: dict | None = None
    finish: str | None = None
    # Names of tools that the client thinks it should call.
    calls: list = field(default_factory=list)
    failure: Failure | None = None


def failure(fault):
    """Of an exception whatever it has of these."""
    body = getattr(fault, "body", None)
    inner = body if isinstance(body, dict) else {}
    return Failure(
        kind=type(fault).__name__,
        status=getattr(fault, "status_code", None),
        param=getattr(fault, "param", None) or inner.get("param"),
        code=getattr(fault, "code", None) or inner.get("code"),
        message=str(fault),
    )
