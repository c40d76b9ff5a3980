r"""Finds the short answer in a model's text, by rules alone.

    extract(text, "number", wants_json=False, finish="stop")

In this order: JSON (where it was asked for), the last \boxed{}, the last "####", the last "the
answer is", a text that is nothing but a short answer, the last value of the kind. The last of
these is a guess, so a text that ran out of tokens does not get it: it has no answer yet. What
was found is kept with how and where; whether it is right is another stage's question.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from core.evals.answer_values import last_date_span, last_value_span
from core.tasks.problems.problem import AnswerKind

EXTRACTOR, VERSION = "rules", "1"
LONGEST_ANSWER = 400  # characters; what is longer is no short answer
MOST_OBJECTS = 200  # opening braces that are tried, from the last
MOST_BOXES = 50
SHORT_TEXT = 60
Fault = Literal["no answer", "out of tokens", "too long"]
_HASHES = re.compile(r"####\s*([^\n]+)")
_STATED = re.compile(
    r"(?:\bfinal\s+)?\banswer(?:\s+to\s+[^.\n:]{1,80})?\s*(?:is|:|=)\s*:?\s*"
    r"([^\n]+?)(?=[.!]?\s*(?:\n|$)|[.!;]\s+[A-Z\"(]|,?\s+(?:because|since|as|which)\b)",
    re.IGNORECASE,
)
_KEYED = re.compile(r"[\"']answer[\"']\s*:\s*(\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^,}\n]+)")
_WORD = re.compile(r"(?<![\\\w{])[A-Za-z]{2,}")  # not a command of LaTeX, nor what stands in braces
_INLINE = re.compile(r"\$([^$\n]+)\$")
_WEEKS_DAYS = re.compile(
    r"(?:\([\"']?)?\d+\s*(?:weeks?|wks?)[^\n.;]{0,12}?\d+\s*days?(?:[\"']?\))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """A short answer, or why there is none."""

    answer: str | None
    span: tuple[int, int] | None  # characters of the text
    how: str | None
    fault: Fault | None = None
    format_kept: bool | None = None  # None where no format was asked for


def extract(text: str, kind: AnswerKind, wants_json: bool, finish: str) -> Found:
    """The answer that the text states."""
    if not wants_json:
        return _checked(_in_text(text, kind, finish), finish, None)
    whole = _json_object(text)
    if whole is not None:
        return _checked(whole, finish, True)
    repaired = [m for m in _KEYED.finditer(text) if m[1].strip(" \"'")]
    if repaired:
        return _checked(_quoted(repaired[-1]), finish, False)
    return _checked(_in_text(text, kind, finish), finish, False)


def _checked(found: Found | None, finish: str, kept: bool | None) -> Found:
    if found is None or found.answer is None or not found.answer.strip():
        fault: Fault = "out of tokens" if finish == "length" else "no answer"
        return Found(None, None, None, fault, kept)
    if len(found.answer) > LONGEST_ANSWER:
        return Found(None, None, None, "too long", kept)
    return Found(found.answer, found.span, found.how, None, kept)


def _json_object(text: str) -> Found | None:
    """The last JSON object with a key `answer` whose value is a plain one."""
    decoder = json.JSONDecoder()
    places = [m.start() for m in re.finditer(r"\{", text)][-MOST_OBJECTS:]
    for start in reversed(places):
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and "answer" in value:
            answer = _as_text(value["answer"])
            keyed = [m for m in _KEYED.finditer(text, start, end)]
            span = _inner(keyed[-1]) if keyed else (start, end)
            return Found(answer, span, "json")
    return None


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _quoted(match: re.Match[str]) -> Found:
    start, end = _inner(match)
    return Found(match.string[start:end], (start, end), "json repaired")


def _inner(match: re.Match[str]) -> tuple[int, int]:
    """The value without its quotes and blanks."""
    start, end = match.span(1)
    while start < end and match.string[start] in " \"'":
        start += 1
    while end > start and match.string[end - 1] in " \"'":
        end -= 1
    return start, end


def _in_text(text: str, kind: AnswerKind, finish: str) -> Found | None:
    for find in (_boxed, _hashes, _stated):
        found = find(text)
        if found is not None:
            return found
    if finish == "length":
        return None
    return _short(text, kind) or _last(text, kind)


def _boxed(text: str) -> Found | None:
    starts = [m.end() for m in re.finditer(r"\\(?:boxed|fbox)\s*\{", text)][-MOST_BOXES:]
    for start in reversed(starts):
        depth = 1
        for at in range(start, min(len(text), start + 2 * LONGEST_ANSWER)):
            depth += (text[at] == "{") - (text[at] == "}")
            if depth == 0:
                return Found(text[start:at], (start, at), "boxed")
    return None


def _hashes(text: str) -> Found | None:
    return _trimmed(list(_HASHES.finditer(text)), "hashes")


def _stated(text: str) -> Found | None:
    return _trimmed(list(_STATED.finditer(text)), "stated")


def _trimmed(matches: list[re.Match[str]], how: str) -> Found | None:
    if not matches:
        return None
    start, end = matches[-1].span(1)
    text = matches[-1].string
    while end > start and text[end - 1] in " .*:;,!":
        end -= 1
    while start < end and text[start] in " *:":
        start += 1
    return Found(text[start:end], (start, end), how) if end > start else None


def _short(text: str, kind: AnswerKind) -> Found | None:
    """A text that says nothing else, such as "15." or "B"."""
    said = text.strip()
    if not said or len(said) > SHORT_TEXT or "\n" in said or kind in ("date", "weeks-days"):
        return None
    if (kind == "math" and _WORD.search(said)) or (kind not in ("math", "text") and " " in said):
        return None
    start = text.index(said)
    end = start + len(said.rstrip(" ."))
    return Found(text[start:end], (start, end), "whole")


def _last(text: str, kind: AnswerKind) -> Found | None:
    span = None
    if kind in ("number", "integer", "decimal"):
        span = last_value_span(text)
    elif kind == "date":
        span = last_date_span(text)
    elif kind == "weeks-days":
        spans = [m.span() for m in _WEEKS_DAYS.finditer(text)]
        span = spans[-1] if spans else None
    elif kind == "math":
        spans = [m.span(1) for m in _INLINE.finditer(text)]
        span = spans[-1] if spans else last_value_span(text)
    return None if span is None else Found(text[slice(*span)], span, "last value")
