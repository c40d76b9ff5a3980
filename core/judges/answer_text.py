"""How an answer is read before it is checked: words, sentences, items, mentions, conclusion.

Pure text functions over one answer. Not here: the checks themselves (`checks.py`), and any
repair of the answer: what is not readable by these few rules counts as not followed.
"""

import re

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?]+(?=\s|$|[\"')])")
LIST_LINE = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.*\S)", re.MULTILINE)
BULLET_LINE = re.compile(r"^\s*[-*•]\s+\S", re.MULTILINE)
ITEM_GAP = re.compile(r",\s*(?:and\s+)?|;\s*|\s+and\s+|\n+", re.IGNORECASE)
CONCLUSION = re.compile(r"\banswer is:?\s+(.+?)\s*(?:[.!?]+(?:\s|$)|$)", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)")


def words(text: str) -> list[str]:
    """The words and numbers of a text; `don't` and `well-known` are one word each."""
    return WORD.findall(text)


def sentence_count(text: str) -> int:
    """How many pieces end in `.`, `!` or `?`; a last piece without an end counts too."""
    return sum(1 for piece in SENTENCE_END.split(text) if words(piece))


def bullet_count(text: str) -> int:
    """How many lines start with `-`, `*` or `•`."""
    return len(BULLET_LINE.findall(text))


def items(text: str) -> list[str]:
    """The entries of a list: its marked lines, or else the pieces between commas and `and`.

    A lead-in that ends in a colon ("Here are three:") is no entry.
    """
    lines = LIST_LINE.findall(text)
    pieces = lines or ITEM_GAP.split(text.rpartition(":")[2])
    return [piece for piece in (plain(piece) for piece in pieces) if piece]


def plain(text: str) -> str:
    """Lower case, one space between words, no punctuation around: for "the same answer"."""
    return " ".join(text.lower().split()).strip(" .!?,;:\"'")


def has_phrase(text: str, phrase: str) -> bool:
    """True if the phrase stands in the text as whole words, whatever the case."""
    return phrase_place(text, phrase) is not None


def phrase_place(text: str, phrase: str) -> int | None:
    """Where the phrase first stands in the text as whole words, or None if nowhere."""
    found = re.search(rf"(?<!\w){re.escape(phrase.lower())}(?!\w)", text.lower())
    return found.start() if found else None


def names(text: str, noun: str) -> bool:
    """Like `has_phrase`, but the noun's regular plural counts as well."""
    noun = noun.lower()
    forms = [noun, noun + "s", noun + "es"]
    if noun.endswith("y"):
        forms.append(noun[:-1] + "ies")
    return any(has_phrase(text, form) for form in forms)


def conclusion(text: str) -> str | None:
    """What the text says the answer is: after its last "answer is", else its last number."""
    stated: list[str] = CONCLUSION.findall(text)
    if stated:
        return plain(stated[-1])
    numbers: list[str] = NUMBER.findall(text)
    return numbers[-1] if numbers else None
