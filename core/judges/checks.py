"""What an instruction demands, as small checks that a program can decide.

A check is a kind and its arguments: `{"kind": "names_n_of", "n": 3, "texts": [...]}`. A kind is
one frozen dataclass in `checks_content.py`, `checks_shape.py` or `checks_json.py`; `content`
says whether passing it takes knowledge of the answer. An output follows an instruction when it
passes every check of it.

Not here: taste. Whether an answer is pleasant is for other judges.

    checks = [parse_check(record) for record in item["checks"]]
    share_passed(checks, "A cat, a dog and a fox.")
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Protocol, cast

from core.errors import TaskError
from core.judges import checks_content as content
from core.judges import checks_json as json_checks
from core.judges import checks_shape as shape


class Check(Protocol):
    """One demand on an output."""

    @property
    def kind(self) -> str:
        """The name of the kind in files."""

    @property
    def content(self) -> bool:
        """Whether passing takes knowledge of the answer."""

    def passes(self, output: str) -> bool:
        """Whether the output meets the demand."""

    def describe(self) -> str:
        """The demand in plain words."""


KINDS: dict[str, type] = {
    str(kind.kind): kind
    for kind in (
        content.Contains,
        content.ContainsOneOf,
        content.ContainsNone,
        content.NamesExactly,
        content.ItemsFrom,
        content.AnswerIs,
        content.OneOf,
        content.Exactly,
        content.Ordered,
        json_checks.JsonKeys,
        json_checks.JsonValues,
        json_checks.JsonOneOf,
        shape.UsesWord,
        shape.NoWord,
        shape.NoComma,
        shape.StartsWith,
        shape.EndsWith,
        shape.AllUpper,
        shape.AllLower,
        shape.MaxWords,
        shape.MinWords,
        shape.WordCount,
        shape.SentenceCount,
        shape.ItemCount,
        shape.BulletCount,
        shape.IsQuestion,
    )
}


def parse_check(record: Mapping[str, object]) -> Check:
    """The check that a record of a task file describes, or a `TaskError`."""
    kind = KINDS.get(str(record.get("kind")))
    if kind is None:
        raise TaskError(
            f"No check of the kind {record.get('kind')!r}. Known kinds: {', '.join(sorted(KINDS))}."
        )
    readers = {field.name: READERS[cast(object, field.type)] for field in fields(kind)}
    if set(record) != {"kind", *readers}:
        raise TaskError(
            f"The check {dict(record)!r} has the wrong arguments. "
            f"Give it kind and {', '.join(readers) or 'nothing else'}."
        )
    return cast(Check, kind(**{name: read(record[name]) for name, read in readers.items()}))


def to_record(check: Check) -> dict[str, object]:
    """The record that `parse_check` reads back into the same check."""
    record: dict[str, object] = {"kind": check.kind}
    for field in fields(cast(type, type(check))):
        value = getattr(check, field.name)
        is_values = field.type == json_checks.Values
        record[field.name] = dict(value) if is_values else _plain_value(value)
    return record


def passes(check: Check, output: str) -> bool:
    """Whether the output meets the demand."""
    return check.passes(output)


def share_passed(checks: Sequence[Check], output: str) -> float:
    """The share of the checks that the output passes; an item without checks is an error."""
    if not checks:
        raise TaskError("An instruction has no checks. Give it at least one content check.")
    return sum(check.passes(output) for check in checks) / len(checks)


def describe(check: Check) -> str:
    """The demand in plain words, to finish the sentence "The answer …"."""
    return check.describe()


def _plain_value(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TaskError(f"A check needs a text where it has {value!r}. Write a non-empty text.")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TaskError(f"A check needs a count where it has {value!r}. Write 1 or more.")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise TaskError(f"A check needs a list of texts where it has {value!r}. Write one or more.")
    return tuple(_text(entry) for entry in value)


def _values(value: object) -> json_checks.Values:
    if not isinstance(value, Mapping) or not value:
        raise TaskError(f"A check needs keys with values where it has {value!r}. Write an object.")
    return tuple((_text(key), _scalar(entry)) for key, entry in value.items())


def _scalar(value: object) -> json_checks.Scalar:
    if value is None or isinstance(value, str | int | float):
        return value
    raise TaskError(f"A check cannot compare {value!r}. Use a text, a number, true, false or null.")


READERS: dict[object, Callable[[object], object]] = {
    str: _text,
    int: _count,
    tuple[str, ...]: _texts,
    json_checks.Values: _values,
}
