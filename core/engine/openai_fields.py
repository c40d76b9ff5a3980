"""Reading the parameters of an OpenAI request one by one, each by its name and kind.

A parameter that would change the answer and is not supported is refused by name; one that
changes nothing here (`user`, or a penalty of 0) is accepted. None always means "not given".
"""

from collections.abc import Mapping
from typing import Any

from core.errors import InputError

SHOWN_CHARACTERS = 60
HARMLESS = frozenset({"user", "metadata", "service_tier", "safety_identifier", "prompt_cache_key"})
# What may be said because it changes nothing; everything else of these names is refused.
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "best_of": (1,),
    "suffix": ("",),
    "store": (False,),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "audio": (),
    "prediction": (),
    "reasoning_effort": (),
    "verbosity": (),
    "web_search_options": (),
    "moderation": (),
}


class ParameterRefused(InputError):
    """A parameter cannot be used as it was given; `param` is its name."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


class Fields:
    """The parameters of one request."""

    def __init__(self, body: Mapping[str, Any], known: frozenset[str]) -> None:
        """Refuse what is neither known nor without effect.

        Raises:
            ParameterRefused: a parameter that is not supported.
        """
        self._body = body
        for name in body.keys() - known - HARMLESS:
            _refuse_effect(name, body[name])

    def get(self, name: str) -> Any:
        """The value as it was given, None when it was not."""
        return self._body.get(name)

    def flag(self, name: str) -> bool:
        """True or false; false when not given."""
        value = self.get(name)
        if value is not None and not isinstance(value, bool):
            raise refused(name, value, "Give true or false.")
        return bool(value)

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self.get(name)
        if not isinstance(value, str) or not value:
            raise refused(name, value, "Give a text.")
        return value

    def whole(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number within bounds."""
        value = self.get(name)
        if value is None:
            return None
        if type(value) is not int or not lowest <= value <= highest:
            raise refused(name, value, f"Give a whole number from {lowest} to {highest}.")
        return value

    def decimal(self, name: str, lowest: float, highest: float) -> str:
        """A number within bounds as its decimal text; "1" when not given."""
        value = self.get(name)
        if value is None:
            return "1"
        if type(value) not in (int, float) or not lowest <= value <= highest:
            raise refused(name, value, f"Give a number from {lowest:g} to {highest:g}.")
        return str(value)


def refused(name: str, value: Any, advice: str) -> ParameterRefused:
    """The error for a value that cannot be used."""
    if value is None:
        return ParameterRefused(name, f"The parameter {name} is missing. {advice}")
    return ParameterRefused(name, f"{name} = {_shown(value)} cannot be used. {advice}")


def _refuse_effect(name: str, value: Any) -> None:
    if name not in NEUTRAL:
        raise ParameterRefused(
            name[:SHOWN_CHARACTERS],
            f"There is no parameter {_shown(name)} here. Check its spelling or leave it out.",
        )
    if value is not None and value not in NEUTRAL[name]:
        raise ParameterRefused(
            name, f"The parameter {name} = {_shown(value)} is not supported here. Leave it out."
        )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
