"""Checks on an answer that should be one JSON object.

The whole answer must parse (a fence of three backticks around it is allowed); JSON somewhere
inside prose does not count.
"""

import json
import re
from dataclasses import dataclass
from typing import ClassVar

from core.judges.answer_text import plain

Scalar = str | int | float | bool | None
Values = tuple[tuple[str, Scalar], ...]

FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)


def read_object(output: str) -> dict[str, object] | None:
    """The JSON object that the output is, or None if it is none."""
    text = output.strip()
    fenced = FENCE.match(text)
    try:
        value = json.loads(fenced.group(1) if fenced else text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def same(found: object, wanted: Scalar) -> bool:
    """Texts are compared without case; 4 equals 4.0 but neither "4" nor true."""
    if isinstance(found, str) and isinstance(wanted, str):
        return plain(found) == plain(wanted)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    return found == wanted


@dataclass(frozen=True, slots=True)
class JsonKeys:
    """The answer is a JSON object with exactly these keys."""

    kind: ClassVar[str] = "json_keys"
    content: ClassVar[bool] = False
    keys: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether the output parses and its keys are these, in any order."""
        found = read_object(output)
        return found is not None and sorted(found) == sorted(self.keys)

    def describe(self) -> str:
        """The demand in words."""
        return "is JSON with the keys " + ", ".join(self.keys)


@dataclass(frozen=True, slots=True)
class JsonValues:
    """The answer is a JSON object that gives these values under these keys."""

    kind: ClassVar[str] = "json_values"
    content: ClassVar[bool] = True
    values: Values

    def passes(self, output: str) -> bool:
        """Whether the output parses and each key holds its value."""
        found = read_object(output)
        return found is not None and all(
            key in found and same(found[key], wanted) for key, wanted in self.values
        )

    def describe(self) -> str:
        """The demand in words."""
        shown = ", ".join(f"{key} = {json.dumps(value)}" for key, value in self.values)
        return f"is JSON with {shown}"


@dataclass(frozen=True, slots=True)
class JsonOneOf:
    """The answer is a JSON object whose value under a key is one of several texts."""

    kind: ClassVar[str] = "json_one_of"
    content: ClassVar[bool] = True
    key: str
    texts: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether the output parses and the value under the key is one of the texts."""
        found = read_object(output)
        return found is not None and any(same(found.get(self.key), text) for text in self.texts)

    def describe(self) -> str:
        """The demand in words."""
        return f"is JSON whose {self.key} is one of " + ", ".join(self.texts)
