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
    ("Q: ", "\nA: "), ("Question: ", "\nAnswer: "), ("Item: ", "\nGroup: "), ("", "\n"),
)  # fmt: skip
_INLINE = (
    ("", " -> "), ("", " -> "), ("", ": "), ("", " = "), ("word: ", ", label: "), ("", " | "),
    ("Input: ", " Output: "), ("- ", ": "), ("The word ", " is "), ("", " => "),
)  # fmt: skip
_LONG = (
    ("Input: ", "\nOutput: "), ("Text: ", "\nLabel: "), ("Sentence: ", "\nType: "),
    ("Sentence: ", "\nLabel: "), ("Q: ", "\nA: "), ("", "\n"),
)  # fmt: skip
_HEADED = {"review": ("Review: ", "\nLabel: "), "news": ("News: ", "\nLabel: ")}


def _formats(shapes: tuple[tuple[str, str], ...], end: str) -> tuple[Format, ...]:
    return tuple(Format(opening, middle, end) for opening, middle in shapes)


FORMATS: tuple[Format, ...] = (
    *_formats(_STACKED, "\n\n"), *_formats(_INLINE, "\n\n"), *_formats(_STACKED[:4], "\n"),
    *_formats(_INLINE, "\n"), *_formats(_INLINE[:3], ", "),
)  # fmt: skip
LONG_FORMATS: tuple[Format, ...] = (
    *_formats(_LONG, "\n\n"), *_formats(_LONG[:4], "\n"), Format("", " -> ", "\n\n"),
    Format("", " -> ", "\n"), Format("", " = ", "\n"),
)  # fmt: skip


def _format_for(rng: Random, family: str) -> Format:
    """A format that suits the texts: whole sentences need other ones than single words."""
    kind = family.rsplit(" ", 1)[-1]
    if kind in _HEADED and rng.random() < 0.4:
        return Format(*_HEADED[kind], rng.choice(("\n\n", "\n\n", "\n")))
    return rng.choice(LONG_FORMATS if kind in _SENTENCES else FORMATS)


_SENTENCES = frozenset({"review", "news", "sentence"})

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


_PLACES_OF_DEEDS = ("at home", "in the morning", "on Monday", "in the garden", "with a friend",
                    "all day", "in the evening", "at noon", "for an hour")  # fmt: skip
_SUBJECTS = (*(person.name for person in PEOPLE), "The boy", "The girl", "My friend")


def tense_line(rng: Random, *, past: bool) -> str:
    """A short sentence about what somebody did or will do."""
    now, then = rng.choice(_DEEDS)
    verb = then if past else f"will {now}"
    return f"{rng.choice(_SUBJECTS)} {verb} {rng.choice(_PLACES_OF_DEEDS)}."


_DEEDS = tuple(
    pair for pair in PAST_TENSES
    if pair[0] in {"walk", "talk", "jump", "cook", "paint", "help", "wash", "clean", "play", "rest",
                   "wait", "bake", "eat", "drink", "sing", "write", "ride", "run", "sleep", "draw",
                   "sit", "teach"}
)  # fmt: skip
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
    "past sentence": lambda rng: tense_line(rng, past=True),
    "future sentence": lambda rng: tense_line(rng, past=False),
    "small number": lambda rng: str(rng.randint(1, 19)),
    "large number": lambda rng: str(rng.randint(40, 99)),
    "red thing": one_of(tuple(t.noun for t in THINGS if t.colour == "red")),
}
_CLASSES_AT_RANDOM = (*CATEGORIES, "person", "town", "day", "month", "quality", "past")
_FIXED = (
    ("good review", "bad review"), ("good review", "bad review"), ("good news", "bad news"),
    ("good news", "bad news"), ("singular", "plural"), ("singular", "plural"),
    ("present", "past"), ("woman", "man"), ("person", "town"), ("small number", "large number"),
    ("town", "country"), ("past sentence", "future sentence"), ("past sentence", "future sentence"),
)  # fmt: skip
_NATURAL = {
    ("good review", "bad review"): (("positive", "negative"), ("good", "bad"), ("happy", "sad")),
    ("good news", "bad news"): (("rise", "fall"), ("up", "down"), ("good", "bad")),
    ("singular", "plural"): (("one", "many"),),
    ("past sentence", "future sentence"): (("past", "future"), ("then", "soon")),
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
    long = classes[0].endswith(tuple(_SENTENCES))
    labels, form = _labels(rng, classes), _format_for(rng, classes[0])
    rows: list[str] = []
    for _ in range(rng.randint(4, 9) if long else rng.randint(4, 16)):
        index = rng.randrange(len(classes))
        text = FAMILIES[classes[index]](rng)
        if is_open(classes[index], labels[index], text):
            rows.append(form.example(text, labels[index]))
    return form.end.join(rows)
