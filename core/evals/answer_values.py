r"""What a short answer says: numbers, dates, weeks and days, LaTeX in one normal form.

    answer_key("\\boxed{\\dfrac{1}{2}}", "math")     "1/2"
    answer_key("$1,234.00 per month", "number")      "1234"

Two answers of one kind mean the same exactly when their keys are equal; that is how the rules
grade (`rules.py`) and how answers vote together. No arithmetic is evaluated and no algebra is
done: `x + 1` and `1 + x` have different keys, which math-verify sees through and the rules do
not. Not here: finding the answer in a text (`extract.py`).
"""

import re
from datetime import date
from fractions import Fraction

from core.evals.latex_form import latex_key, plain_text
from core.tasks.problems.problem import AnswerKind

LONGEST_NUMBER = 400  # digits; also bounds exponents, so that no number takes all memory
_SIGNS = str.maketrans({"−": "-", "–": "-", "‒": "-", "﹣": "-", "－": "-", "＋": "+"})
_GROUPED = r"\d{1,3}(?:[, ]\d{3})+(?!\d)"
_PLAIN = rf"(?:{_GROUPED}(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_VALUE = re.compile(
    rf"(?:(?P<sign>[-+])\s*)?(?:(?P<money>[$€£¥])\s*(?P<sign2>-?))?"
    rf"(?:(?P<whole>\d+)\s+(?P<top>\d+)\s*/\s*(?P<bottom>\d+)"
    rf"|(?P<over>{_PLAIN})\s*/\s*(?P<under>{_PLAIN})"
    rf"|(?P<number>{_PLAIN})(?:[eE](?P<power>[-+]?\d{{1,4}})|\s*(?:×|x|\*|\\times)\s*10\s*\^\s*"
    rf"\{{?(?P<ten>[-+]?\d{{1,4}})\}}?)?)(?P<percent>\s*(?:\\?%|percent\b|per cent\b))?"
)
_ONE_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_ONES = {word: at for at, word in enumerate(re.findall(r"\w+", _ONE_WORDS))}
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 20 + 10 * at for at, word in enumerate(re.findall(r"\w+", _TEN_WORDS))}
_MONTH_WORDS = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {word: at for at, word in enumerate(re.findall(r"\w+", _MONTH_WORDS), 1)}
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")
_ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_NAMED = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_NAMED_LATER = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([A-Za-z]{3,9})\.?,?\s+(\d{4})(?!\d)"
)
_WEEKS = re.compile(r"(\d{1,4})\s*[\"']?\s*(?:weeks?|wks?)\b", re.IGNORECASE)
_DAYS = re.compile(r"(\d{1,5})\s*[\"']?\s*days?\b", re.IGNORECASE)
_BARE_PAIR = re.compile(r"\(?\s*[\"']?(\d{1,4})[\"']?\s*,\s*[\"']?(\d{1,5})[\"']?\s*\)?")
DAYS_A_WEEK = 7


def answer_key(answer: str, kind: AnswerKind) -> str | None:
    """The answer's normal form; None where it is none of this kind."""
    if kind == "math":
        return latex_key(answer)
    if kind in ("number", "integer"):
        return _said(number(answer))
    if kind == "decimal":
        return _said(number(answer, percent_is_share=True))
    if kind == "date":
        found = day(answer)
        return None if found is None else found.isoformat()
    if kind == "weeks-days":
        days = days_of(answer)
        return None if days is None else f"{days // DAYS_A_WEEK} weeks {days % DAYS_A_WEEK} days"
    words = plain_text(answer)
    return words or None


def number(text: str, percent_is_share: bool = False) -> Fraction | None:
    """The one number that the text states; None where there is none, or several.

    Units and currency are passed over, "3 + 4 = 7" says 7, and a range or a list says nothing.
    A percent sign is dropped, or divides by 100.
    """
    said = _without_latex(text).translate(_SIGNS)
    said = said.rpartition("=")[2] if "=" in said else said
    said = re.sub(r"(?<=[A-Za-z])\s*\^\s*\{?\d\}?", "", said)  # cm^2
    found = [match for match in _VALUE.finditer(said) if not _glued(said, match)]
    if any(said[match.end() :].lstrip().startswith("^") for match in found):
        return None  # a power, which is not worked out here
    values = {_value(match, percent_is_share) for match in found}
    if not found:
        return _in_words(said)
    return values.pop() if len(values) == 1 else None


def day(text: str) -> date | None:
    """The one date that the text states: 5/21/2021, 2021-05-21, May 21, 2021 or 21 May 2021."""
    found: set[date | None] = set()
    for match in _SLASHED.finditer(text):
        found.add(_date(match[3], match[1], match[2]))
    for match in _ISO.finditer(text):
        found.add(_date(match[1], match[2], match[3]))
    for match in _NAMED.finditer(text):
        found.add(_date(match[3], _MONTHS.get(match[1][:3].lower()), match[2]))
    for match in _NAMED_LATER.finditer(text):
        found.add(_date(match[3], _MONTHS.get(match[2][:3].lower()), match[1]))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def days_of(text: str) -> int | None:
    """Weeks and days as days: "(4 weeks, 3 days)", "4 weeks 3 days", "(4, 3)" or "31 days"."""
    weeks, days = _WEEKS.findall(text), _DAYS.findall(text)
    if len(weeks) > 1 or len(days) > 1:
        return None
    if weeks or days:
        return DAYS_A_WEEK * int(weeks[0] if weeks else 0) + int(days[0] if days else 0)
    pair = _BARE_PAIR.fullmatch(text.strip())
    return DAYS_A_WEEK * int(pair[1]) + int(pair[2]) if pair else None


def last_value_span(text: str) -> tuple[int, int] | None:
    """Where the last number of a text stands."""
    spans = [m.span() for m in _VALUE.finditer(text.translate(_SIGNS)) if not _glued(text, m)]
    return spans[-1] if spans else None


def last_date_span(text: str) -> tuple[int, int] | None:
    """Where the last date of a text stands."""
    patterns = (_SLASHED, _ISO, _NAMED, _NAMED_LATER)
    spans = sorted(m.span() for pattern in patterns for m in pattern.finditer(text))
    return spans[-1] if spans else None


def _without_latex(text: str) -> str:
    """LaTeX that only dresses a number up is taken off; a fraction becomes a slash."""
    said = re.sub(r"\\[,!;: ]|\{,\}|~", lambda m: "," if m[0] == "{,}" else "", text)
    said = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r" \1/\2 ", said)
    said = re.sub(r"\\[dt]?frac\s*(\d)\s*(\d)", r" \1/\2 ", said)
    said = re.sub(r"\\(?:text|mathrm|mbox|mathbf|textbf|boxed)\s*\{([^{}]*)\}", r" \1 ", said)
    said = said.replace("\\$", "$").replace("\\%", "%").replace("**", "")
    return said.replace("$$", " ").strip()


def _glued(text: str, match: re.Match[str]) -> bool:
    """A digit that is part of a word, such as x2 or B12, is no answer."""
    before = text[match.start() - 1 : match.start()] if match.start() else ""
    after = text[match.end() : match.end() + 1]
    return before.isalpha() or before == "_" or after == "_"


def _value(match: re.Match[str], percent_is_share: bool) -> Fraction | None:
    part = match.groupdict()
    minus = (part["sign"] == "-") != (part["sign2"] == "-")
    if part["whole"]:
        if int(part["bottom"]) == 0:
            return None
        found = int(part["whole"]) + Fraction(int(part["top"]), int(part["bottom"]))
    elif part["over"]:
        over, under = _plain_value(part["over"]), _plain_value(part["under"])
        if not over or not under:
            return Fraction(0) if over == 0 and under else None
        found = over / under
    else:
        plain = _plain_value(part["number"])
        power = int(part["power"] or part["ten"] or 0)
        if plain is None or abs(power) > LONGEST_NUMBER:
            return None
        found = plain * Fraction(10) ** power
    if part["percent"] and percent_is_share:
        found /= 100
    return -found if minus else found


def _plain_value(text: str) -> Fraction | None:
    digits = re.sub(r"[, ]", "", text)
    return Fraction(digits) if len(digits) <= LONGEST_NUMBER else None


def _in_words(text: str) -> Fraction | None:
    """Zero to ninety-nine, where a text says one of them in words and no digit."""
    words = re.findall(r"[a-z]+", text.lower())
    found: list[int] = []
    for word in words:
        if word in _ONES:
            one = _ONES[word]
            joined = found and found[-1] in _TENS.values() and 0 < one < 10
            found = [*found[:-1], found[-1] + one] if joined else [*found, one]
        elif word in _TENS:
            found.append(_TENS[word])
    return Fraction(found[0]) if len(found) == 1 else None


def _said(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _date(year: str, month: str | int | None, of_month: str) -> date | None:
    try:
        return date(int(year), int(month or 0), int(of_month))
    except ValueError:
        return None
