"""In-context documents whose task is to put label words on texts.

The label words are drawn anew for each document, so only the examples before can tell them.
`FAMILIES` are the sorts of text; a (family, label word) that is reserved is never shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from core.demo.documents_news import news_line, review_line
from core.demo.grammar import plural, with_article
from core.demo.held_out import reserved
from core.demo.world import (
    ANTONYMS,
    CATEGORIES,
    CATEGORY_PLURALS,
    COLOURS,
    COUNTRIES,
    DAYS,
    MASS_NOUNS,
    MEMBERS,
    MONTHS,
    NONSENSE,
    PAST_TENSES,
    PEOPLE,
    THINGS,
    TOWNS,
)

ADJECTIVES = ("big", "small", "old", "young", "fine", "good", "strange", "little")
LABEL_WORDS: tuple[str, ...] = (
    *NONSENSE, *(c for c in COLOURS[:8]), *DAYS[:4], *MONTHS[:4], "A", "B", "C", "D", "X", "Y",
    "yes", "no", "true", "false", "left", "right", "one", "two", "first", "last", "good", "bad",
    "positive", "negative", "up", "down", "day", "night", "sun", "moon", "king", "queen", "star",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """How one example is written, and what stands between two of them."""

    opening: str
    middle: str
    end: str

    def example(self, text: str, label: str) -> str:
        """One example as it stands in the document."""
        return f"{self.opening}{text}{self.middle}{label}"


_STACKED = (
    ("Input: ", "\nOutput: "), ("Input: ", "\nOutput: "), ("Word: ", "\nLabel: "),
    ("Text: ", "\nLabel: "), ("Review: ", "\nLabel: "), ("News: ", "\nLabel: "), ("Q: ", "\nA: "),
    ("Question: ", "\nAnswer: "), ("Item: ", "\nGroup: "), ("Sentence: ", "\nType: "), ("", "\n"),
)  # fmt: skip
_INLINE = (
    ("", " -> "), ("", " -> "), ("", ": "), ("", " = "), ("word: ", ", label: "), ("", " | "),
    ("Input: ", " Output: "), ("- ", ": "), ("The word ", " is "), ("", " => "),
)  # fmt: skip
FORMATS: tuple[Format, ...] = (
    *(Format(opening, middle, "\n\n") for opening, middle in _STACKED),
    *(Format(opening, middle, "\n\n") for opening, middle in _INLINE),
    *(Format(opening, middle, "\n") for opening, middle in _STACKED[:4]),
    *(Format(opening, middle, "\n") for opening, middle in _INLINE),
    *(Format(opening, middle, ", ") for opening, middle in _INLINE[:3]),
)
LONG_FORMATS: tuple[Format, ...] = (
    *(Format(opening, middle, "\n\n") for opening, middle in _STACKED),
    *(Format(opening, middle, "\n") for opening, middle in _STACKED[:6]),
    Format("", " -> ", "\n"), Format("", " -> ", "\n\n"), Format("", " = ", "\n"),
)  # fmt: skip

Say = Callable[[Random], str]


def things_said(category: str) -> Say:
    """A sayer of one thing of the category: bare, plural, or with an adjective."""
    nouns = tuple(thing.noun for thing in MEMBERS[category])

    def say(rng: Random) -> str:
        noun, form = rng.choice(nouns), rng.random()
        if form < 0.5:
            return noun
        if form < 0.8 or noun in MASS_NOUNS:
            return f"{rng.choice(ADJECTIVES)} {noun}"
        return with_article(noun) if form < 0.9 else plural(noun)

    return say


def one_of(words: tuple[str, ...]) -> Say:
    """A sayer of one of the words as they are."""
    return lambda rng: rng.choice(words)


_NOUNS = tuple(thing.noun for thing in THINGS if thing.noun not in MASS_NOUNS)
FAMILIES: dict[str, Say] = {
    **{category: things_said(category) for category in CATEGORIES},
    "person": one_of(tuple(person.name for person in PEOPLE)),
    "woman": one_of(tuple(person.name for person in PEOPLE if person.female)),
    "man": one_of(tuple(person.name for person in PEOPLE if not person.female)),
    "town": one_of(tuple(town.name for town in TOWNS)),
    "country": one_of(tuple(country.name for country in COUNTRIES)),
    "day": one_of(DAYS),
    "month": one_of(MONTHS),
    "colour": one_of(COLOURS),
    "singular": one_of(_NOUNS),
    "plural": one_of(tuple(plural(noun) for noun in _NOUNS if plural(noun) != noun)),
    "present": one_of(tuple(now for now, past in PAST_TENSES if now != past)),
    "past": one_of(tuple(past for now, past in PAST_TENSES if now != past)),
    "quality": one_of(tuple(word for pair in ANTONYMS for word in pair)),
    "good review": lambda rng: review_line(rng, good=True),
    "bad review": lambda rng: review_line(rng, good=False),
    "good news": lambda rng: news_line(rng, good=True),
    "bad news": lambda rng: news_line(rng, good=False),
    "small number": lambda rng: str(rng.randint(1, 19)),
    "large number": lambda rng: str(rng.randint(40, 99)),
    "red thing": one_of(tuple(t.noun for t in THINGS if t.colour == "red")),
}
_CLASSES_AT_RANDOM = (*CATEGORIES, "person", "town", "day", "month", "quality", "past")
_FIXED = (
    ("good review", "bad review"), ("good review", "bad review"), ("good news", "bad news"),
    ("good news", "bad news"), ("singular", "plural"), ("singular", "plural"),
    ("present", "past"), ("woman", "man"), ("person", "town"), ("small number", "large number"),
    ("town", "country"),
)  # fmt: skip
_NATURAL = {
    ("good review", "bad review"): (("positive", "negative"), ("good", "bad"), ("happy", "sad")),
    ("good news", "bad news"): (("rise", "fall"), ("up", "down"), ("good", "bad")),
    ("singular", "plural"): (("one", "many"),),
    ("present", "past"): (("now", "then"), ("present", "past")),
    ("woman", "man"): (("woman", "man"), ("she", "he")),
    ("person", "town"): (("person", "town"),),
    ("small number", "large number"): (("small", "large"), ("low", "high")),
    ("town", "country"): (("town", "country"),),
}
# A sort of text that another sort contains: what is reserved for the one holds for the other.
_COVERED_BY = {"woman": "person", "man": "person", "red thing": "thing"}


def is_open(family: str, label: str, text: str = "") -> bool:
    """Whether training may show a text of this family with this label."""
    if family in {"singular", "plural", "red thing"}:
        # The nouns are those of the thing families, so both keys must be free.
        owner = _CATEGORY_OF.get(text, "")
        return not reserved("labels", (family, label)) and not reserved("labels", (owner, label))
    return not reserved("labels", (_COVERED_BY.get(family, family), label))


_CATEGORY_OF = {
    word: thing.category for thing in THINGS for word in (thing.noun, plural(thing.noun))
}


def _classes(rng: Random) -> tuple[str, ...]:
    roll = rng.random()
    if roll < 0.5:
        return rng.choice(_FIXED)
    return tuple(rng.sample(_CLASSES_AT_RANDOM, 2 if roll < 0.88 else 3))


def _labels(rng: Random, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Label words for the classes: fresh ones, seldom the ones a reader would expect."""
    if rng.random() < 0.12:
        if classes in _NATURAL:
            return rng.choice(_NATURAL[classes])
        if all(name in CATEGORY_PLURALS for name in classes):
            return classes
    pool = NONSENSE if rng.random() < 0.6 else LABEL_WORDS
    while True:
        labels = tuple(rng.sample(pool, len(classes)))
        if all(map(is_open, classes, labels)):
            return labels


def label_document(rng: Random) -> str:
    """Four to sixteen examples of one labelling task with labels of this document alone."""
    classes = _classes(rng)
    if rng.random() < 0.5:
        classes = classes[::-1]
    long = classes[0].endswith(("review", "news"))
    labels, form = _labels(rng, classes), rng.choice(LONG_FORMATS if long else FORMATS)
    rows: list[str] = []
    for _ in range(rng.randint(4, 9) if long else rng.randint(4, 16)):
        index = rng.randrange(len(classes))
        text = FAMILIES[classes[index]](rng)
        if is_open(classes[index], labels[index], text):
            rows.append(form.example(text, labels[index]))
    return form.end.join(rows)
