"""What a request of the OpenAI protocol asks for: a pair, a λ, prompts and how to answer.

The model's name holds the λ: "tinyworld@0.65"; "tinyworld" alone is the instruct model, λ = 1.
Differs from OpenAI's own service: up to 20 log-probabilities a token on both routes, up to 64
stop texts, the role `developer` is read as `system`, and a conversation without a limit of its
own is answered in at most 2,048 tokens, since room for all of them is set aside beforehand.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from core.engine.openai_fields import Fields, ParameterRefused, refused
from core.engine.protocol import HIGHEST_TOP, Message, Prompt, Role
from core.engine.wire import is_ids
from core.lam import INSTRUCT, Lam

HIGHEST_ANSWERS = 256  # of one request, over all its prompts
HIGHEST_TOKENS = 10_000_000
HIGHEST_STOPS = 64
DEFAULT_TEXT_TOKENS = 16  # of a completion, as in the protocol
DEFAULT_CHAT_TOKENS = 2048  # of a conversation's answer, or as many as the context leaves
SEED_BITS = 31
SHARED = frozenset(
    {"model", "stream", "stream_options", "stop", "seed", "n", "temperature", "top_p", "max_tokens"}
)
CHAT_FIELDS = SHARED | {"messages", "max_completion_tokens", "logprobs", "top_logprobs"}
TEXT_FIELDS = SHARED | {"prompt", "logprobs", "echo"}
STREAM_OPTIONS = frozenset({"include_usage", "include_obfuscation"})


@dataclass(frozen=True, slots=True)
class Completion:
    """One request of either route; it has messages or prompts."""

    pair: str
    lam: Lam
    messages: tuple[Message, ...]
    prompts: tuple[Prompt, ...]
    count: int  # answers of each prompt
    longest: int | None  # None: the default for a conversation, or what the context leaves
    temperature: str
    top_p: str
    stop: tuple[str, ...]
    seed: int
    top: int | None  # log-probabilities of so many candidates; None: no log-probabilities
    echo: bool
    stream: bool
    include_usage: bool

    @property
    def chat(self) -> bool:
        """Whether it came by the chat route."""
        return bool(self.messages)


def read_chat(body: Mapping[str, Any]) -> Completion:
    """Read a body of /v1/chat/completions.

    Raises:
        InputError: something in it cannot be used; the error names it.
    """
    fields = Fields(body, CHAT_FIELDS)
    messages = _messages(fields.get("messages"))
    return _completion(fields, messages, (), _chat_longest(fields), _chat_top(fields))


def read_text(body: Mapping[str, Any]) -> Completion:
    """Read a body of /v1/completions.

    Raises:
        InputError: something in it cannot be used; the error names it.
    """
    fields = Fields(body, TEXT_FIELDS)
    prompts = _prompts(fields.get("prompt"))
    longest = fields.whole("max_tokens", 0, HIGHEST_TOKENS)
    if longest == 0 and not fields.flag("echo"):
        raise refused("max_tokens", 0, "Give at least 1, or echo the prompt.")
    top = fields.whole("logprobs", 0, HIGHEST_TOP)
    return _completion(
        fields, (), prompts, DEFAULT_TEXT_TOKENS if longest is None else longest, top
    )


def split_model(name: str) -> tuple[str, Lam]:
    """A pair and its λ: "tinyworld@0.65"; λ = 1 where none is named.

    Raises:
        LambdaError: what stands behind the @ is no λ.
    """
    pair, at, lam = name.rpartition("@")
    return (pair, Lam.parse(lam)) if at else (name, INSTRUCT)


def _completion(
    fields: Fields,
    messages: tuple[Message, ...],
    prompts: tuple[Prompt, ...],
    longest: int | None,
    top: int | None,
) -> Completion:
    pair, lam = split_model(fields.text("model"))
    seed = fields.whole("seed", -(2**63), 2**63 - 1)
    return Completion(
        pair=pair,
        lam=lam,
        messages=messages,
        prompts=prompts,
        count=fields.whole("n", 1, HIGHEST_ANSWERS // max(len(prompts), 1)) or 1,
        longest=longest,
        temperature=fields.decimal("temperature", 0, 2),
        top_p=fields.decimal("top_p", 0, 1),
        stop=_stop(fields.get("stop")),
        seed=secrets.randbits(SEED_BITS) if seed is None else seed,
        top=top,
        echo=fields.flag("echo"),
        stream=fields.flag("stream"),
        include_usage=_include_usage(fields),
    )


def _chat_longest(fields: Fields) -> int | None:
    """`max_tokens` is the former name of `max_completion_tokens`."""
    former = fields.whole("max_tokens", 1, HIGHEST_TOKENS)
    longest = fields.whole("max_completion_tokens", 1, HIGHEST_TOKENS)
    if former is not None and longest is not None and former != longest:
        raise refused("max_tokens", former, f"max_completion_tokens says {longest}; give one.")
    return former if longest is None else longest


def _chat_top(fields: Fields) -> int | None:
    top = fields.whole("top_logprobs", 0, HIGHEST_TOP)
    if fields.flag("logprobs"):
        return top or 0
    if top is not None:
        raise refused("top_logprobs", top, "Set logprobs to true to have them.")
    return None


def _include_usage(fields: Fields) -> bool:
    options = fields.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict) or not options.keys() <= STREAM_OPTIONS:
        raise refused("stream_options", options, "Give include_usage alone.")
    if not fields.flag("stream"):
        raise refused("stream_options", options, "Set stream to true to use it.")
    return Fields(options, STREAM_OPTIONS).flag("include_usage")


def _stop(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else [] if value is None else value
    right = isinstance(texts, list) and len(texts) <= HIGHEST_STOPS
    if not right or not all(isinstance(text, str) and text for text in texts):
        raise refused("stop", value, f"Give a text, or a list of up to {HIGHEST_STOPS} texts.")
    return tuple(texts)


def _prompts(value: Any) -> tuple[Prompt, ...]:
    """A text, a list of texts, a list of token ids, or a list of those."""
    many = value if isinstance(value, list) and not is_ids(value) else [value]
    if not many or len(many) > HIGHEST_ANSWERS:
        raise ParameterRefused(
            "prompt", f"The prompts are {len(many)}. Give 1 to {HIGHEST_ANSWERS} at once."
        )
    return tuple(_prompt(one) for one in many)


def _prompt(value: Any) -> Prompt:
    if isinstance(value, str):
        return Prompt(value)
    if is_ids(value) and value:
        return Prompt("", tokens=tuple(value))
    raise refused("prompt", value, "Give a text or a list of token ids, or a list of those.")


def _messages(value: Any) -> tuple[Message, ...]:
    if not isinstance(value, list) or not value:
        raise refused("messages", value, "Give a list of at least one message.")
    return tuple(_message(f"messages[{at}]", one) for at, one in enumerate(value))


def _message(place: str, value: Any) -> Message:
    if not isinstance(value, dict):
        raise refused(place, value, "Give an object with a role and a content.")
    for name in value.keys() - {"role", "content"}:
        if value[name] not in (None, [], ""):
            raise refused(f"{place}.{name}", value[name], "Leave it out; templates do not know it.")
    role = "system" if value.get("role") == "developer" else value.get("role")
    if role not in get_args(Role):
        raise refused(f"{place}.role", value.get("role"), "Use system, user or assistant.")
    return Message(cast(Role, role), _content(f"{place}.content", value.get("content")))


def _content(place: str, value: Any) -> str:
    """A text, or a list of parts that are texts."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [None]
    return "".join(_part(place, part) for part in parts)


def _part(place: str, part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if not isinstance(text, str):
        raise refused(place, part, "Give a text; images, sound and files cannot be read here.")
    return text
