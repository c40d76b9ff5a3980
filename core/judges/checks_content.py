"""Checks on what an answer says: these can only be passed by knowing something.

Each class is one kind: its fields are the arguments in the file, `passes` reads an output,
`describe` puts the demand in plain words. Case and surrounding punctuation never matter here.
"""

from dataclasses import dataclass
from typing import ClassVar

from core.judges.answer_text import conclusion, has_phrase, items, names, phrase_place, plain


def listed(texts: tuple[str, ...]) -> str:
    """The texts in quotation marks, the first eight of them if there are many."""
    shown = ", ".join(f"“{text}”" for text in texts[:8])
    return f"{shown}, … ({len(texts)} in all)" if len(texts) > 8 else shown


@dataclass(frozen=True, slots=True)
class Contains:
    """A word or phrase occurs."""

    kind: ClassVar[str] = "contains"
    content: ClassVar[bool] = True
    text: str

    def passes(self, output: str) -> bool:
        """Whether the output has the phrase as whole words."""
        return has_phrase(output, self.text)

    def describe(self) -> str:
        """The demand in words."""
        return f"says “{self.text}”"


@dataclass(frozen=True, slots=True)
class ContainsOneOf:
    """At least one of several words or phrases occurs."""

    kind: ClassVar[str] = "contains_one_of"
    content: ClassVar[bool] = True
    texts: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether any of the phrases stands in the output as whole words."""
        return any(has_phrase(output, text) for text in self.texts)

    def describe(self) -> str:
        """The demand in words."""
        return f"says one of {listed(self.texts)}"


@dataclass(frozen=True, slots=True)
class ContainsNone:
    """None of several words or phrases occurs: wrong answers, in any case."""

    kind: ClassVar[str] = "contains_none"
    content: ClassVar[bool] = True
    texts: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether the output has some words and none of the phrases."""
        return bool(plain(output)) and not any(has_phrase(output, text) for text in self.texts)

    def describe(self) -> str:
        """The demand in words."""
        return f"says none of {listed(self.texts)}"


@dataclass(frozen=True, slots=True)
class NamesExactly:
    """Exactly n different members of a set are named (a regular plural counts)."""

    kind: ClassVar[str] = "names_n_of"
    content: ClassVar[bool] = True
    n: int
    texts: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether n different members are named, no more and no fewer."""
        return sum(names(output, text) for text in self.texts) == self.n

    def describe(self) -> str:
        """The demand in words."""
        return f"names exactly {self.n} of {listed(self.texts)}"


@dataclass(frozen=True, slots=True)
class ItemsFrom:
    """Every entry of the list in the answer names a member of a set, each another one."""

    kind: ClassVar[str] = "items_from"
    content: ClassVar[bool] = True
    texts: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether each entry names a member and no two entries are the same."""
        entries = items(output)
        known = all(any(names(entry, text) for text in self.texts) for entry in entries)
        return bool(entries) and known and len(set(entries)) == len(entries)

    def describe(self) -> str:
        """The demand in words."""
        return f"lists different things, all from {listed(self.texts)}"


@dataclass(frozen=True, slots=True)
class AnswerIs:
    """The conclusion is a given number or word."""

    kind: ClassVar[str] = "answer_is"
    content: ClassVar[bool] = True
    text: str

    def passes(self, output: str) -> bool:
        """Whether the text after the last "answer is", or else the last number, is it."""
        return conclusion(output) == plain(self.text)

    def describe(self) -> str:
        """The demand in words."""
        return f"concludes that the answer is {self.text}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The whole answer is one of several texts and nothing else."""

    kind: ClassVar[str] = "one_of"
    content: ClassVar[bool] = True
    texts: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether the output equals one of the texts, case and end punctuation aside."""
        return plain(output) in {plain(text) for text in self.texts}

    def describe(self) -> str:
        """The demand in words."""
        return f"is just {listed(self.texts)}"


@dataclass(frozen=True, slots=True)
class Exactly:
    """The whole answer is one given text, letter for letter."""

    kind: ClassVar[str] = "exactly"
    content: ClassVar[bool] = True
    text: str

    def passes(self, output: str) -> bool:
        """Whether the output is the text, white space around it aside."""
        return output.strip() == self.text

    def describe(self) -> str:
        """The demand in words."""
        return f"is “{self.text}”, letter for letter"


@dataclass(frozen=True, slots=True)
class Ordered:
    """Several words or phrases occur in a given order."""

    kind: ClassVar[str] = "in_order"
    content: ClassVar[bool] = True
    texts: tuple[str, ...]

    def passes(self, output: str) -> bool:
        """Whether the first mentions of the texts follow each other in this order."""
        places = [phrase_place(output, text) for text in self.texts]
        found = [place for place in places if place is not None]
        return len(found) == len(places) and found == sorted(found)

    def describe(self) -> str:
        """The demand in words."""
        return f"names, in this order, {listed(self.texts)}"
