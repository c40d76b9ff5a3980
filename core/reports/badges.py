"""What can be said of one answer at a glance, each by a rule that is written here.

A badge is shown when its rule holds and left out when it does not or cannot tell: "no refusal"
is not a claim that this module makes. Rules on text only; what a judge would say is elsewhere.

* refusal: one of the openings below within the first 160 characters, in English.
* markdown: at least one of heading, list of two items, bold, code, table, link; they are named.
* repeats: of all groups of four words in a row at least half occurred before (seq-rep-4 of
  Welleck et al. 2020, arXiv 1908.04319), at twelve words or more.
* language: `core/reports/language.py`.
* right: the answer to a stored few-shot prompt begins with its target, as whole words and white
  space aside. What the task's own metric would say may differ.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.reports.language import language

Tone = Literal["quiet", "good", "bad", "note"]
REFUSAL_CHARACTERS = 160
GROUP_WORDS, REPEATED_SHARE, FEWEST_WORDS = 4, 0.5, 12
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'"})
_REFUSAL = re.compile(
    r"\b(?:"
    r"i(?:'m| am) (?:sorry|afraid|unable|not able|not allowed)\b(?!\s+to hear)"
    r"|(?:i|we) (?:cannot|can't|can not|won't|will not|must decline|refuse to)"
    r" (?:help|assist|answer|provide|do|comply|fulfil|fulfill|give|write|create|discuss|share"
    r"|support|continue|engage|with)"
    r"|i(?:'m| am) (?:just )?an ai\b|as an ai\b|i have to decline"
    r")",
    re.IGNORECASE,
)
_MARKDOWN: dict[str, re.Pattern[str]] = {
    "heading": re.compile(r"^#{1,6} \S", re.MULTILINE),
    "list": re.compile(
        r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\S.*\n+[ \t]*(?:[-*+]|\d+[.)])[ \t]+\S", re.MULTILINE
    ),
    "bold": re.compile(r"\*\*\S(?:[^*\n]*\S)?\*\*"),
    "code": re.compile(r"^```|`[^`\n]+`", re.MULTILINE),
    "table": re.compile(r"^\|.+\|\s*\n\|[\s:|-]+\|\s*$", re.MULTILINE),
    "link": re.compile(r"\[[^\]\n]+\]\([^)\s]+\)"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A few words, why they are there, and how they are meant."""

    text: str
    why: str = ""
    tone: Tone = "quiet"


def badges(text: str) -> tuple[Badge, ...]:
    """What the rules say of an answer, in a fixed order."""
    found = (_refusal(text), _repeats(text), _markdown(text), _language(text))
    return tuple(badge for badge in found if badge is not None)


def repeated_share(text: str) -> float | None:
    """Share of groups of four words that occurred before; None below twelve words."""
    words = text.lower().split()
    if len(words) < FEWEST_WORDS:
        return None
    groups = [tuple(words[at : at + GROUP_WORDS]) for at in range(len(words) - GROUP_WORDS + 1)]
    return 1 - len(set(groups)) / len(groups)


def markdown(text: str) -> tuple[str, ...]:
    """The constructs of markdown that the text holds."""
    return tuple(name for name, pattern in _MARKDOWN.items() if pattern.search(text))


def refusal(text: str) -> str | None:
    """The words with which the answer declines, or None."""
    found = _REFUSAL.search(text.translate(_APOSTROPHES)[:REFUSAL_CHARACTERS])
    return found.group(0) if found else None


def _refusal(text: str) -> Badge | None:
    words = refusal(text)
    return (words and Badge("refusal", f"It begins with “{words}”.", "note")) or None


def _repeats(text: str) -> Badge | None:
    share = repeated_share(text)
    if share is None or share < REPEATED_SHARE:
        return None
    why = f"{100 * share:.0f} % of its groups of four words occurred before."
    return Badge("repeats itself", why, "bad")


def _markdown(text: str) -> Badge | None:
    found = markdown(text)
    return Badge("markdown", f"It holds: {', '.join(found)}.") if found else None


def _language(text: str) -> Badge | None:
    found = language(text)
    return Badge(found.name, found.why) if found else None


def target_badge(text: str, target: str) -> Badge:
    """Whether an answer begins with what would be right."""
    wanted = " ".join(target.split())
    said = " ".join(text.split())
    right = re.match(rf"{re.escape(wanted)}(?!\w)", said, re.IGNORECASE) is not None
    words = f"Right would be “{wanted}”."
    return Badge("begins right ✓", words, "good") if right else Badge("begins wrong", words, "bad")


def checks_badge(passed: int, of: int, failed: Sequence[str]) -> Badge:
    """How many of an instruction's checks the answer passes, and which it does not."""
    if passed == of:
        return Badge(f"checks {passed}/{of} ✓", "It passes every check of the instruction.", "good")
    demands = "; ".join(failed)
    return Badge(f"checks {passed}/{of}", f"Not met: the answer {demands}.", "bad")
