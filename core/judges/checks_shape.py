"""Checks on the shape of an answer: case, length, first and last words, lists.

None of these needs knowledge, so an instruction never rests on them alone. An empty answer
passes none of them: silence keeps no rule.
"""

from dataclasses import dataclass
from typing import ClassVar

from core.judges.answer_text import bullet_count, has_phrase, items, sentence_count, words


@dataclass(frozen=True, slots=True)
class UsesWord:
    """A word that the instruction itself gives is used."""

    kind: ClassVar[str] = "uses_word"
    content: ClassVar[bool] = False
    text: str

    def passes(self, output: str) -> bool:
        """Whether the word stands in the output."""
        return has_phrase(output, self.text)

    def describe(self) -> str:
        """The demand in words."""
        return f"uses the word “{self.text}”"


@dataclass(frozen=True, slots=True)
class NoWord:
    """A forbidden word does not occur."""

    kind: ClassVar[str] = "no_word"
    content: ClassVar[bool] = False
    text: str

    def passes(self, output: str) -> bool:
        """Whether the output says something without the word."""
        return bool(words(output)) and not has_phrase(output, self.text)

    def describe(self) -> str:
        """The demand in words."""
        return f"avoids the word “{self.text}”"


@dataclass(frozen=True, slots=True)
class NoComma:
    """No comma occurs."""

    kind: ClassVar[str] = "no_comma"
    content: ClassVar[bool] = False

    def passes(self, output: str) -> bool:
        """Whether the output says something without a comma."""
        return bool(words(output)) and "," not in output

    def describe(self) -> str:
        """The demand in words."""
        return "has no comma"


@dataclass(frozen=True, slots=True)
class StartsWith:
    """The answer starts with a given text, letter for letter."""

    kind: ClassVar[str] = "starts_with"
    content: ClassVar[bool] = False
    text: str

    def passes(self, output: str) -> bool:
        """Whether the text comes first, white space aside."""
        return output.strip().startswith(self.text)

    def describe(self) -> str:
        """The demand in words."""
        return f"starts with “{self.text}”"


@dataclass(frozen=True, slots=True)
class EndsWith:
    """The answer ends with a given text, letter for letter."""

    kind: ClassVar[str] = "ends_with"
    content: ClassVar[bool] = False
    text: str

    def passes(self, output: str) -> bool:
        """Whether the text comes last, white space aside."""
        return output.strip().endswith(self.text)

    def describe(self) -> str:
        """The demand in words."""
        return f"ends with “{self.text}”"


@dataclass(frozen=True, slots=True)
class AllUpper:
    """Every letter is a capital."""

    kind: ClassVar[str] = "all_upper"
    content: ClassVar[bool] = False

    def passes(self, output: str) -> bool:
        """Whether there are letters and all of them are capitals."""
        return output.isupper()

    def describe(self) -> str:
        """The demand in words."""
        return "is all in capital letters"


@dataclass(frozen=True, slots=True)
class AllLower:
    """No letter is a capital."""

    kind: ClassVar[str] = "all_lower"
    content: ClassVar[bool] = False

    def passes(self, output: str) -> bool:
        """Whether there are letters and none of them is a capital."""
        return output.islower()

    def describe(self) -> str:
        """The demand in words."""
        return "has no capital letter"


@dataclass(frozen=True, slots=True)
class MaxWords:
    """The answer has at most n words."""

    kind: ClassVar[str] = "max_words"
    content: ClassVar[bool] = False
    n: int

    def passes(self, output: str) -> bool:
        """Whether there are words, and not more than n."""
        return 0 < len(words(output)) <= self.n

    def describe(self) -> str:
        """The demand in words."""
        return f"has at most {self.n} word{'s' if self.n != 1 else ''}"


@dataclass(frozen=True, slots=True)
class MinWords:
    """The answer has at least n words."""

    kind: ClassVar[str] = "min_words"
    content: ClassVar[bool] = False
    n: int

    def passes(self, output: str) -> bool:
        """Whether there are n words or more."""
        return len(words(output)) >= self.n

    def describe(self) -> str:
        """The demand in words."""
        return f"has at least {self.n} word{'s' if self.n != 1 else ''}"


@dataclass(frozen=True, slots=True)
class WordCount:
    """The answer has exactly n words."""

    kind: ClassVar[str] = "word_count"
    content: ClassVar[bool] = False
    n: int

    def passes(self, output: str) -> bool:
        """Whether there are n words."""
        return len(words(output)) == self.n

    def describe(self) -> str:
        """The demand in words."""
        return f"has exactly {self.n} word{'s' if self.n != 1 else ''}"


@dataclass(frozen=True, slots=True)
class SentenceCount:
    """The answer has exactly n sentences."""

    kind: ClassVar[str] = "sentence_count"
    content: ClassVar[bool] = False
    n: int

    def passes(self, output: str) -> bool:
        """Whether there are n sentences."""
        return sentence_count(output) == self.n

    def describe(self) -> str:
        """The demand in words."""
        return f"has exactly {self.n} sentence{'s' if self.n != 1 else ''}"


@dataclass(frozen=True, slots=True)
class ItemCount:
    """The answer is a list of exactly n entries, in a line or on marked lines."""

    kind: ClassVar[str] = "n_items"
    content: ClassVar[bool] = False
    n: int

    def passes(self, output: str) -> bool:
        """Whether the list has n entries."""
        return len(items(output)) == self.n

    def describe(self) -> str:
        """The demand in words."""
        return f"lists exactly {self.n} thing{'s' if self.n != 1 else ''}"


@dataclass(frozen=True, slots=True)
class BulletCount:
    """The answer has exactly n bullet lines."""

    kind: ClassVar[str] = "bullets"
    content: ClassVar[bool] = False
    n: int

    def passes(self, output: str) -> bool:
        """Whether n lines start with a bullet mark."""
        return bullet_count(output) == self.n

    def describe(self) -> str:
        """The demand in words."""
        return f"has exactly {self.n} bullet line{'s' if self.n != 1 else ''}"


@dataclass(frozen=True, slots=True)
class IsQuestion:
    """The answer is a question."""

    kind: ClassVar[str] = "is_question"
    content: ClassVar[bool] = False

    def passes(self, output: str) -> bool:
        """Whether the output has words and ends in a question mark."""
        return bool(words(output)) and output.strip().endswith("?")

    def describe(self) -> str:
        """The demand in words."""
        return "is a question"
