"""What is asked of a host as JSON and back, and its errors; torch-free, for both sides.

λ travels as its exact decimal text. A line of an answer is one JSON object with one key:
`alive`, `progress`, `answers`, `chunk`, `result` or `error`. Not here: the values of those
lines (`core/engine/wire_answers.py`).
"""

from typing import Any, cast, get_args

from core import errors
from core.engine.pool import PoolRequest
from core.engine.protocol import Form, Message, Prompt, Role, ScoreRequest
from core.errors import InputError, PartwayError
from core.lam import Lam
from core.spec import Decoding

HIGHEST_LAMS = 64  # of one stream

# Error class → (HTTP status, code). The codes are one to one, so a client raises the same class.
ERRORS: dict[type[PartwayError], tuple[int, str]] = {
    errors.LambdaError: (400, "invalid_lambda"),
    errors.NameRefused: (400, "name_refused"),
    errors.NotKnown: (404, "model_not_found"),
    errors.InputError: (400, "invalid_request"),
    errors.PairError: (422, "pair_refused"),
    errors.ContextOverflow: (400, "context_length_exceeded"),
    errors.EngineUnavailable: (503, "engine_unavailable"),
    errors.PairInUse: (409, "pair_in_use"),
    errors.EngineError: (500, "engine_error"),
}
TOO_LARGE = "request_too_large"  # a body beyond the limit, whatever it asked for


def error_to_json(error: PartwayError) -> tuple[int, dict[str, Any]]:
    """HTTP status and the error object of the OpenAI protocol."""
    status, code = next(
        (ERRORS[kind] for kind in type(error).__mro__ if kind in ERRORS), (500, "engine_error")
    )
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return status, {
        "message": str(error),
        "type": kind,
        "param": getattr(error, "param", None),
        "code": code,
    }


def error_from_json(content: dict[str, Any]) -> PartwayError:
    """The error that the host raised, as the same class."""
    for kind, (_, code) in ERRORS.items():
        if code == content.get("code"):
            return kind(str(content.get("message")))
    if content.get("code") == TOO_LARGE:
        return InputError(str(content.get("message")))
    return errors.EngineError(str(content.get("message")))


def requests_to_json(requests: list[ScoreRequest]) -> list[list[str]]:
    """One [context, continuation] a request."""
    return [[request.context, request.continuation] for request in requests]


def requests_from_json(content: Any) -> list[ScoreRequest]:
    """Read score requests.

    Raises:
        InputError: not a list of pairs of texts.
    """
    pairs = [ScoreRequest(*_texts(part, 2, "request")) for part in _list(content, "requests")]
    return pairs


def prompts_from_json(content: Any) -> list[Prompt]:
    """Read prompts from a list of {text, chat}.

    Raises:
        InputError: something else.
    """
    return [prompt_from_json(part) for part in _list(content, "prompts")]


def asked_from_json(content: Any) -> list[PoolRequest]:
    """Read pools from a list of {prompt, seeds, branches}.

    Raises:
        InputError: something else.
    """
    found = []
    for part in _list(content, "asked"):
        seeds, branches = (
            (part.get("seeds", []), part.get("branches", 0))
            if isinstance(part, dict)
            else (None, None)
        )
        if not is_ids(seeds) or type(branches) is not int:
            raise InputError(
                f"A pool is asked for as {str(part)[:80]!r}. Send a prompt with seeds or branches."
            )
        found.append(
            PoolRequest(prompt_from_json(part.get("prompt")), tuple(seeds or ()), branches)
        )
    return found


def prompt_from_json(content: Any) -> Prompt:
    """Read one prompt."""
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        raise InputError(f"A prompt needs a text, not {str(content)[:80]!r}. Send {{text, chat}}.")
    tokens = content.get("tokens")
    if tokens is not None and not is_ids(tokens):
        raise InputError(f"A prompt's tokens are {str(tokens)[:80]!r}. Send a list of token ids.")
    ids = None if tokens is None else tuple(tokens)
    return Prompt(content["text"], bool(content.get("chat", False)), ids)


def is_ids(content: Any) -> bool:
    """Whether this is a list of whole numbers; true and false are none."""
    return isinstance(content, list) and all(type(token) is int for token in content)


def messages_from_json(content: Any) -> list[Message]:
    """Read the turns of a conversation."""
    turns = []
    for part in _list(content, "messages"):
        role, text = (part.get("role"), part.get("content")) if isinstance(part, dict) else ("", "")
        if role not in get_args(Role) or not isinstance(text, str):
            raise InputError(
                f"A message needs a role and a text, not {str(part)[:80]!r}. "
                "Use the roles system, user and assistant."
            )
        turns.append(Message(cast(Role, role), text))
    return turns


def decoding_from_json(content: Any) -> Decoding:
    """Read decoding settings.

    Raises:
        InputError: a field is missing, unknown or of the wrong kind.
    """
    try:
        fields = {**content, "stop": tuple(content.get("stop", ()))}
        decoding = Decoding(**fields)
        right = isinstance(decoding.max_new_tokens, int) and isinstance(decoding.seed, int)
        texts = (decoding.temperature, decoding.top_p, *decoding.stop)
        if right and all(isinstance(text, str) for text in texts):
            float(decoding.temperature)
            return decoding
    except (TypeError, ValueError, AttributeError):
        pass
    raise InputError(
        f"The decoding settings {str(content)[:120]!r} cannot be used. "
        "Give max_new_tokens as a number, temperature and top_p as texts."
    )


def pair_from_json(content: Any) -> str:
    """Read the name of a pair."""
    if not isinstance(content, str) or not content:
        raise InputError(f"The pair {str(content)[:80]!r} is no name. Give one such as tinyworld.")
    return content


def lam_from_json(content: Any) -> Lam:
    """Read λ from its exact text."""
    if not isinstance(content, str):
        raise InputError(f"λ = {str(content)[:40]!r} is no text. Send it quoted, such as '0.35'.")
    return Lam.parse(content)


def lams_from_json(content: Any) -> list[Lam]:
    """Read several λ from their exact texts; at least one, each at most once."""
    lams = [lam_from_json(text) for text in _list(content, "lambdas")]
    if not lams or len(set(lams)) < len(lams) or len(lams) > HIGHEST_LAMS:
        raise InputError(
            f"The λ {[str(lam) for lam in lams][:12]} cannot be answered at once. "
            f"Give 1 to {HIGHEST_LAMS} different ones."
        )
    return lams


def form_from_json(content: Any) -> Form | None:
    """Read the form that is wanted, None to leave it to the engine."""
    if content is not None and content not in get_args(Form):
        raise InputError(
            f"There is no form {str(content)[:40]!r}. Use materialised, blended or none."
        )
    return cast(Form | None, content)


def top_from_json(content: Any) -> int:
    """Read how many candidates are wanted beside a token."""
    if not isinstance(content, int) or isinstance(content, bool):
        raise InputError(f"The field top is {str(content)[:40]!r}. Send a whole number.")
    return content


def texts_from_json(content: Any, field: str = "texts") -> list[str]:
    """Read a list of texts."""
    texts = _list(content, field)
    if not all(isinstance(text, str) for text in texts):
        raise InputError(f"The field {field} holds something else than texts. Send texts only.")
    return texts


def conversations_from_json(content: Any) -> list[list[Message]]:
    """Read several conversations."""
    return [messages_from_json(turns) for turns in _list(content, "conversations")]


def _list(content: Any, what: str) -> list[Any]:
    if not isinstance(content, list):
        raise InputError(f"The field {what} is {str(content)[:80]!r}. Send a list.")
    return content


def _texts(content: Any, count: int, what: str) -> list[str]:
    right = isinstance(content, list) and len(content) == count
    if not right or not all(isinstance(text, str) for text in content):
        raise InputError(f"A {what} is {str(content)[:80]!r}. Send {count} texts.")
    return list(content)
