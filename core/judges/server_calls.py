"""One question to an OpenAI-compatible server through the official SDK, and what can go wrong.

The SDK repeats by itself what is worth repeating (429 with its Retry-After, 408, 409, 5xx, a
broken connection). What is left is either this question's failure (`Failed`: counted, asked
again next time) or the end (`JudgeError`: no such model, a key that is not accepted).
Not here: reading a verdict (`letters.py`), several at once and what it costs (`server.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.engine.protocol import Message
from core.errors import JudgeError
from core.judges.manner import Manner
from core.judges.server_settings import NO_KEY, ServerSettings
from core.judges.template import Template

if TYPE_CHECKING:
    from openai import APIStatusError

RETRIES = 4
MOST_MANNERS = 6
SHORT = 160  # characters of a server's own words that are told
QUOTA = "insufficient_quota"
REFUSED_FIELD = (400, 422)


class Failed(Exception):
    """This question got no answer; the text says why."""


class Unreachable(Failed):
    """Nothing answers at the address."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said."""

    text: str
    tops: tuple[tuple[str, float], ...] | None  # tokens that could stand first; None: not told
    model: str | None
    tokens_read: int | None
    tokens_written: int | None
    cut: bool  # it was still writing when its room ended


class ServerCalls:
    """A client of one model; safe for several threads."""

    def __init__(self, model: str, settings: ServerSettings, template: Template) -> None:
        from openai import OpenAI

        self._model, self._settings, self._template = model, settings, template
        self._client = OpenAI(
            api_key=settings.key or NO_KEY,
            base_url=settings.url,
            timeout=settings.seconds,
            max_retries=RETRIES,
        )
        # Read and replaced whole by any thread: at worst a refusal is heard twice.
        self.manner = Manner()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def ask(self, messages: Sequence[Message]) -> Reply:
        """The server's reply in a manner that it accepts.

        Raises:
            Failed: no usable reply.  JudgeError: none can be had at all.
        """
        told = [{"role": turn.role, "content": turn.content} for turn in messages]
        for _ in range(MOST_MANNERS):
            manner = self.manner
            try:
                return self._send(told, manner)
            except _FieldRefused as refusal:
                other = manner.after(str(refusal))
                if other is None:
                    raise Failed(f"the server refused it: {refusal}") from refusal
                self.manner = other
        raise Failed("the server refused every manner of asking")

    def without_logprobs(self) -> bool:
        """Ask for a letter from now on; False where that is done already."""
        if self.manner.top is None or self._template.explains:
            return False
        self.manner = Manner(None, self.manner.newer_length, self.manner.temperature)
        return True

    def _send(self, told: list[dict[str, str]], manner: Manner) -> Reply:
        import openai

        create: Any = self._client.chat.completions.create
        try:
            return _reply(create(model=self._model, messages=told, **manner.fields(self._template)))
        except openai.APITimeoutError as error:
            raise Failed(f"no answer within {self._settings.seconds:g} s") from error
        except openai.APIConnectionError as error:
            raise Unreachable(f"no connection to {self._settings.url}") from error
        except openai.APIStatusError as error:
            raise self._of_status(error) from error
        except (openai.OpenAIError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise Failed(f"its answer could not be read ({type(error).__name__})") from error

    def _of_status(self, error: "APIStatusError") -> Exception:
        said, status = self._short(_own_words(error)), error.status_code
        if status in (401, 403):
            return JudgeError(
                f"The judge at {self._settings.host} does not accept the key ({status}). "
                "Set OPENAI_API_KEY or PARTWAY_JUDGE_KEY to a valid one."
            )
        if status == 404:
            return JudgeError(
                f"The judge at {self._settings.url} has no model {self._model!r} ({said}). "
                "Correct the model's name or PARTWAY_JUDGE_URL."
            )
        if error.code == QUOTA:
            return JudgeError(
                f"The account at {self._settings.host} has no money left. What was judged is "
                "kept: run it again once there is some."
            )
        if status in REFUSED_FIELD:
            return _FieldRefused(said)
        return Failed(f"status {status}: {said}")

    def _short(self, text: str) -> str:
        """A server's own words, without the key should they hold it."""
        hidden = text.replace(self._settings.key, "…") if self._settings.key else text
        return " ".join(hidden.split())[:SHORT]


def _own_words(error: "APIStatusError") -> str:
    body = error.body
    return str(body["message"] if isinstance(body, dict) and "message" in body else error.message)


class _FieldRefused(Failed):
    """A request that the server does not understand in this manner."""


def _reply(completion: Any) -> Reply:
    choice = completion.choices[0]
    usage = completion.usage
    return Reply(
        text=choice.message.content or "",
        tops=_tops(choice.logprobs),
        model=completion.model,
        tokens_read=usage and usage.prompt_tokens,
        tokens_written=usage and usage.completion_tokens,
        cut=choice.finish_reason == "length",
    )


def _tops(logprobs: Any) -> tuple[tuple[str, float], ...] | None:
    """The candidates for the first token; None where none were told."""
    content = logprobs.content if logprobs is not None else None
    if not content or not content[0].top_logprobs:
        return None
    return tuple((str(one.token), float(one.logprob)) for one in content[0].top_logprobs)
