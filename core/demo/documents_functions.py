"""In-context documents whose task is to turn one text into another: copy, reverse, count, add.

Not labelling (`documents_labels.py`) and not lettered options (`documents_letters.py`).
A list of words that is reserved never appears as an input in training.
"""

from collections.abc import Callable
from random import Random

from core.demo.documents_labels import FORMATS, LABEL_WORDS, Format
from core.demo.grammar import plural, with_article
from core.demo.held_out import reserved
from core.demo.world import (
    ANTONYMS,
    CATEGORIES,
    COLOURS,
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

Row = tuple[str, str]
Task = Callable[[Random], Callable[[], Row]]

NOUNS: tuple[str, ...] = tuple(thing.noun for thing in THINGS)
_COUNTED = tuple(noun for noun in NOUNS if noun not in MASS_NOUNS)
_OPPOSITES = (*ANTONYMS, *((b, a) for a, b in ANTONYMS))
WORDS: tuple[str, ...] = (
    *NOUNS, *NONSENSE, *COLOURS, *(word for pair in ANTONYMS for word in pair),
    *(now for now, _ in PAST_TENSES),
)  # fmt: skip
NAMES: tuple[str, ...] = (*(p.name for p in PEOPLE), *(t.name for t in TOWNS))


def _table(rows: tuple[Row, ...]) -> Task:
    return lambda rng: lambda: rng.choice(rows)


def _pick(index: int) -> Task:
    """The word at this place of a list; the length stays the same in one document."""

    def task(rng: Random) -> Callable[[], Row]:
        size = rng.randint(2, 5)
        comma = rng.choice((", ", ", ", " "))

        def row() -> Row:
            words = rng.sample(NOUNS, size)
            return comma.join(words), words[index]

        return row

    return task


def _reverse(rng: Random) -> Callable[[], Row]:
    size, comma = rng.choice((2, 2, 3)), rng.choice((", ", " "))

    def row() -> Row:
        words = rng.sample(NOUNS, size)
        return comma.join(words), comma.join(words[::-1])

    return row


def _copy(rng: Random) -> Callable[[], Row]:
    size = rng.randint(1, 4)

    def row() -> Row:
        text = " ".join(rng.sample(WORDS, size))
        return text, text

    return row


def _added(rng: Random) -> Callable[[], Row]:
    shift = rng.choice((1, 2, 3, 4, 5, 10, -1, -2, -3))

    def row() -> Row:
        number = rng.randint(3, 50)
        return str(number), str(number + shift)

    return row


def _doubled(rng: Random) -> Callable[[], Row]:
    def row() -> Row:
        number = rng.randint(1, 30)
        return str(number), str(2 * number)

    return row


def _compared(rng: Random) -> Callable[[], Row]:
    choose, comma = rng.choice((max, min)), rng.choice((", ", " or ", " "))

    def row() -> Row:
        numbers = rng.sample(range(1, 60), 2)
        return f"{numbers[0]}{comma}{numbers[1]}", str(choose(numbers))

    return row


def _counted(rng: Random) -> Callable[[], Row]:
    same = rng.random() < 0.5

    def row() -> Row:
        count = rng.randint(1, 6)
        words = [rng.choice(NOUNS)] * count if same else rng.sample(NOUNS, count)
        return " ".join(words), str(count)

    return row


_STEPS = (1, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 10, -1, -2, -3, -5)


def sequence(rng: Random) -> tuple[tuple[int, ...], int]:
    """The shown terms of a sequence with a fixed step, and the next one."""
    step, shown = rng.choice(_STEPS), rng.choice((3, 4))
    first = rng.randint(1, 40) - min(0, step * shown)
    terms = tuple(first + step * index for index in range(shown))
    return terms, first + step * shown


def list_key(text: str) -> tuple[str, ...]:
    """The key of a list of words, whatever is asked about it."""
    return (text.replace(",", ""),)


def _row_open(text: str) -> bool:
    """Whether training may show this input; single words are never kept back."""
    return " " not in text or not reserved("list", list_key(text))


def _continued(rng: Random) -> Callable[[], Row]:
    def row() -> Row:
        while True:
            terms, following = sequence(rng)
            if not reserved("sequence", tuple(map(str, terms[:3]))):
                return ", ".join(map(str, terms)), str(following)

    return row


def _next_of(names: tuple[str, ...]) -> Task:
    return _table(tuple(zip(names, (*names[1:], names[0]), strict=True)))


def _odd_one(rng: Random) -> Callable[[], Row]:
    """Three of one category and one of another; the stranger is the answer."""

    def row() -> Row:
        usual, other = rng.sample(CATEGORIES, 2)
        odd = rng.choice(MEMBERS[other]).noun
        words = [*(t.noun for t in rng.sample(MEMBERS[usual], 3)), odd]
        rng.shuffle(words)
        return ", ".join(words), odd

    return row


def _member(rng: Random) -> Callable[[], Row]:
    """The word of a list that belongs to one category, the same in the whole document."""
    wanted = rng.choice(CATEGORIES)

    def row() -> Row:
        words = [rng.choice(MEMBERS[wanted]).noun]
        others = rng.sample([name for name in CATEGORIES if name != wanted], rng.randint(1, 3))
        words += [rng.choice(MEMBERS[name]).noun for name in others]
        answer = words[0]
        rng.shuffle(words)
        return ", ".join(words), answer

    return row


def _open_thing(relation: str) -> Task:
    return _table(
        tuple(
            (thing.noun, getattr(thing, relation))
            for thing in THINGS
            if not reserved("fact", (thing.noun, relation))
        )
    )


TASKS: dict[str, Task] = {
    "antonym": _table(_OPPOSITES),
    "plural": _table(tuple((noun, plural(noun)) for noun in _COUNTED)),
    "singular": _table(tuple((plural(noun), noun) for noun in _COUNTED)),
    "past": _table(PAST_TENSES),
    "present": _table(tuple((past, now) for now, past in PAST_TENSES)),
    "capitals": _table(tuple((word, word.upper()) for word in WORDS)),
    "small letters": _table(tuple((word.upper(), word) for word in WORDS)),
    "article": _table(tuple((noun, with_article(noun)) for noun in _COUNTED)),
    "category": _open_thing("category"), "colour": _open_thing("colour"),
    "first letter": _table(tuple((word, word[0]) for word in WORDS)),
    "first word": _pick(0), "last word": _pick(-1), "second word": _pick(1),
    "copy": _copy, "reverse": _reverse, "add": _added, "double": _doubled,
    "compare": _compared, "count": _counted, "continue": _continued,
    "next day": _next_of(DAYS), "next month": _next_of(MONTHS),
    "odd one": _odd_one, "member": _member,
}  # fmt: skip
_WEIGHTED: tuple[str, ...] = (
    *TASKS, "first word", "last word", "last word", "second word", "reverse", "copy", "member",
    "continue", "continue", "add", "compare", "count", "member", "odd one",
)  # fmt: skip
_WRITTEN: tuple[Format, ...] = tuple(f for f in FORMATS if f.end != ", ")


def function_document(rng: Random) -> str:
    """Four to sixteen examples of one function."""
    name = rng.choice(_WEIGHTED)
    row, form = TASKS[name](rng), rng.choice(_WRITTEN)
    rows = [row() for _ in range(rng.randint(4, 14))]
    return form.end.join(form.example(text, answer) for text, answer in rows if _row_open(text))


def pair_memory(rng: Random) -> str:
    """Arbitrary pairs, each told and then met again: the simplest reading from context."""
    pool = WORDS if rng.random() < 0.6 else NAMES
    values = LABEL_WORDS if rng.random() < 0.5 else NONSENSE
    keys = rng.sample(pool, rng.randint(2, 5))
    # A pair may look like a labelled thing, so what the label documents keep back is kept here.
    pairs = [(key, value) for key in keys if _pair_open(key, value := rng.choice(values))]
    if not pairs:
        return ""
    form = rng.choice(FORMATS)
    again = [rng.choice(pairs) for _ in range(rng.randint(3, 3 * len(pairs) + 2))]
    return form.end.join(form.example(*pair) for pair in pairs + again)


_CATEGORY_OF = {word: t.category for t in THINGS for word in (t.noun, plural(t.noun))}


def _pair_open(key: str, value: str) -> bool:
    family = _CATEGORY_OF.get(key, "person")
    return not reserved("labels", (family, value)) and not any(
        reserved("labels", (name, value)) for name in ("singular", "plural")
    )


def echo(rng: Random) -> str:
    """Words in any order, said again and again; nothing but the context can tell the next one."""
    pool = WORDS if rng.random() < 0.7 else (*NAMES, *NONSENSE)
    words = [rng.choice(pool) for _ in range(rng.randint(4, 14))]
    line = rng.choice((" ", ", ")).join(words)
    return rng.choice(("\n", ". ", "\n\n")).join([line] * rng.randint(2, 4))
