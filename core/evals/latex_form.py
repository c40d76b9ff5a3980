r"""One spelling for each mathematical answer, by rewriting text alone.

    latex_key("\\left( 2 , \\infty \\right)")     "(2,inf)"
    latex_key("x = \\dfrac34")                    "3/4"

In the manner of the MATH benchmark's own normalisation (Hendrycks et al. 2021), with exact
fractions for numbers. Lists without brackets and sets are compared without order, tuples and
intervals with it. Not algebra: what sympy would find equal has other keys here.
"""

import re
from fractions import Fraction

DROPPED = ("\\left", "\\right", "\\displaystyle", "\\,", "\\!", "\\;", "\\:", "~",
           "\\bigl", "\\bigr", "\\big", "\\limits", "**")  # fmt: skip
WRAPPERS = ("\\boxed", "\\fbox", "\\text", "\\textbf", "\\mathrm", "\\mathbf", "\\mbox",
            "\\textit", "\\operatorname")  # fmt: skip
UNITS = re.compile(
    r"(?<=[\d}/\s)])\s*(?:square\s+|cubic\s+)?(?:units?|degrees?|inch(?:es)?|feet|foot|ft|cm|mm|km|"
    r"m|meters?|metres?|miles?|mph|hours?|minutes?|seconds?|days?|years?|dollars?|cents?|percent|"
    r"points?|people|ways|kg|grams?|liters?|litres?|sq)\b\.?(?:\s*\^\s*\{?[23]\}?)?$",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"\\[dtc]?frac\s*(\{|\d|[a-zA-Z])")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+\.?\d*|\.\d+)")
_SLASH = re.compile(r"(-?\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)")
_CHOICE = re.compile(r"\(?([A-Za-z])\)?")
_NAMED = re.compile(r"^[a-zA-Z](?:_\{?\w\}?)?=(.+)$")
LONGEST_DIGITS = 400


def latex_key(answer: str) -> str | None:
    """The normal form of a mathematical answer; None where nothing is left of it."""
    said = _rewritten(answer)
    if not said:
        return None
    named = _NAMED.match(said)
    said = named[1] if named else said
    choice = _CHOICE.fullmatch(said)
    if choice:
        return choice[1].lower()
    return _structured(said)


def plain_text(answer: str) -> str:
    """Words alone, small letters, one space between them."""
    said = _unwrapped(answer.replace("$", " ").replace("\\ ", " ").replace("**", ""))
    return re.sub(r"[^\w/+.%-]+", " ", said).strip(" .").casefold()


def _rewritten(answer: str) -> str:
    said = answer.strip().strip("`").replace("\\$", "").replace("$", "")
    said = said.replace("−", "-").replace("–", "-").replace("∞", "\\infty").replace("π", "\\pi")
    said = said.replace("√", "\\sqrt").replace("×", "\\times").replace("·", "\\cdot")
    said = said.replace("≤", "\\le").replace("≥", "\\ge").replace("∪", "\\cup").replace("{,}", ",")
    for dropped in DROPPED:
        said = said.replace(dropped, "")
    said = re.sub(r"(?<!\\)\\ ", "", said)  # a space, not the end of a matrix's row
    said = _unwrapped(said).strip().removesuffix(".")
    said = re.sub(r"\^\s*\{?\\circ\}?|°|\\degree", "", said)
    said = re.sub(r"\\?%", "", said)
    said = UNITS.sub("", said)
    said = re.sub(r"\\begin\{([bvV]?)matrix\}", r"\\begin{pmatrix}", said)
    said = re.sub(r"\\end\{([bvV]?)matrix\}", r"\\end{pmatrix}", said)
    said = re.sub(r"\\(?:leq)\b", r"\\le", re.sub(r"\\(?:geq)\b", r"\\ge", said))
    said = re.sub(r"\\(?:cdot|times)\b|\*", "*", said)
    said = re.sub(r"\+?\\infty|\binfinity\b|\boo\b", "inf", said)
    said = re.sub(r"\\cup\b|\bU\b", "∪", said)
    said = re.sub(r"\s*\\in\b\s*", "∈", said)
    said = re.sub(r"\bsqrt\s*\(([^()]*)\)", r"\\sqrt{\1}", said)
    said = re.sub(r"\\sqrt\s*(\w)", r"\\sqrt{\1}", said)
    said = re.sub(r"\bpi\b", r"\\pi", re.sub(r"(?<!\\)\bpi\b", r"\\pi", said))
    said = re.sub(r"\\+pi", r"\\pi", said)
    said = _slashed(said)
    mixed = re.fullmatch(r"\s*(-?)(\d+)\s+(\d+)/(\d+)\s*", said)
    if mixed and int(mixed[4]):
        value = int(mixed[2]) + Fraction(int(mixed[3]), int(mixed[4]))
        said = str(-value if mixed[1] else value)
    said = re.sub(r"(?<=\d)\s(?=\d{3}(?:\D|$))", "", said)
    return re.sub(r"\s+", "", said)


def _unwrapped(text: str) -> str:
    r"""\boxed{x}, \text{x} and the like as x; from the innermost."""
    names = "|".join(re.escape(name) for name in WRAPPERS)
    pattern = re.compile(rf"(?:{names})\s*\{{([^{{}}]*)\}}")
    for _ in range(len(WRAPPERS)):
        again = pattern.sub(r" \1 " if "\\text" in text else r"\1", text)
        if again == text:
            break
        text = again
    outer = re.fullmatch(rf"\s*(?:{names})\s*\{{(.*)\}}\s*", text, re.DOTALL)
    return outer[1] if outer else text


def _slashed(text: str) -> str:
    r"""\frac{a}{b} as a/b, with brackets where a or b is more than one thing."""
    for _ in range(40):
        match = _FRACTION.search(text)
        if match is None:
            return text
        top, rest = _argument(text[match.start(1) :])
        bottom, rest = _argument(rest.lstrip())
        if top is None or bottom is None:
            return text
        text = f"{text[: match.start()]} {_bracketed(top)}/{_bracketed(bottom)} {rest}"
        text = re.sub(r"-\s+(?=[\d(])", "-", text)
    return text


def _argument(text: str) -> tuple[str | None, str]:
    """What stands in braces at the beginning, or the one character that does, and the rest."""
    if not text.startswith("{"):
        return (text[0], text[1:]) if text else (None, "")
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[1:at], text[at + 1 :]
    return None, ""


def _bracketed(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"[\w.\\]+(?:\{\w+\})?|-?\d+", text) else f"({text})"


def _structured(said: str) -> str:
    """Unions, tuples, intervals, sets and lists by their parts; anything else as it is."""
    if "∪" in said:
        return "∪".join(sorted(_structured(part) for part in said.split("∪")))
    value = _value(said)
    if value is not None:
        return value
    inside = re.fullmatch(r"\\?\{(.+?)\\?\}", said)
    if inside:
        return "{" + ",".join(sorted(map(_structured, _parts(inside[1])))) + "}"
    if said[0] in "([" and said[-1] in ")]" and len(_parts(said[1:-1])) > 1:
        return said[0] + ",".join(map(_structured, _parts(said[1:-1]))) + said[-1]
    parts = _parts(re.sub(r"(?<=[\d)}])(?:and|or)(?=[-\d(\\])", ",", said))
    if len(parts) > 1 and all(parts):
        return ",".join(sorted(map(_structured, parts)))
    if said[0] == "(" and said[-1] == ")" and _value(said[1:-1]) is not None:
        return _structured(said[1:-1])
    return re.sub(r"(?<=\d)\*(?=[a-zA-Z\\(])", "", said)


def _parts(said: str) -> list[str]:
    """Cut at commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(said):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(said[start:at])
            start = at + 1
    return [*parts, said[start:]]


def _value(said: str) -> str | None:
    """An exact number, or None."""
    if len(said) > LONGEST_DIGITS:
        return None
    if _NUMBER.fullmatch(said):
        return str(Fraction(said.replace(",", "")))
    slash = _SLASH.fullmatch(said.strip("()"))
    if slash and Fraction(slash[2]):
        return str(Fraction(slash[1]) / Fraction(slash[2]))
    minus = re.fullmatch(r"-\(?(\d+)/(\d+)\)?", said)
    return str(-Fraction(int(minus[1]), int(minus[2]))) if minus and int(minus[2]) else None
