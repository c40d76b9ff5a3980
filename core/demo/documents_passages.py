"""Short passages with made-up events, and questions that only the passage can answer."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from core.demo.grammar import capitalised, located, pronoun, with_article
from core.demo.held_out import reserved
from core.demo.world import COLOURS, COMPANIES, MASS_NOUNS, MEMBERS, MONTHS, PEOPLE, THINGS


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage, its (question, answer) rows, and the fillers that decide what is held out."""

    text: str
    rows: tuple[tuple[str, str], ...]
    key: tuple[str, ...]


OBJECTS = tuple(
    t.noun for c in ("fruit", "tool", "garment", "instrument") for t in MEMBERS[c]
    if t.noun not in MASS_NOUNS
)  # fmt: skip
_TOO_SMALL = {"drawer", "pocket", "basket"}  # for a person to be in
SPOTS: tuple[str, ...] = tuple(sorted({t.place for t in THINGS} - _TOO_SMALL))
_DEEDS = ("sang", "danced", "slept", "cooked", "painted", "walked", "waited", "talked", "rested")
_HOLDERS = ("box", "basket", "bag", "drawer", "pocket")


def _names(rng: Random, count: int) -> list[str]:
    return [person.name for person in rng.sample(PEOPLE, count)]


def _owners(rng: Random) -> Passage:
    count = rng.choice((2, 3, 3))
    names, things = _names(rng, count), rng.sample(OBJECTS, count)
    colours = rng.sample(COLOURS[:10], count)
    held = [f"{colour} {thing}" for colour, thing in zip(colours, things, strict=True)]
    verb = rng.choice(("has", "bought", "found", "carries"))
    text = " ".join(f"{n} {verb} {with_article(h)}." for n, h in zip(names, held, strict=True))
    rows = []
    for name, colour, thing in zip(names, colours, things, strict=True):
        asked = f"Who {verb} the {thing}?"
        rows += [(asked, name), (f"What colour is the {thing}?", colour)]
        plain = {"has": "have", "bought": "buy", "found": "find", "carries": "carry"}[verb]
        does = "did" if verb in {"bought", "found"} else "does"
        rows.append((f"What {does} {name} {plain}?", with_article(f"{colour} {thing}")))
    return Passage(text, tuple(rows), (*names, *held))


def _moves(rng: Random) -> Passage:
    first, second = _names(rng, 2)
    thing, holder = rng.choice(OBJECTS), rng.choice(_HOLDERS)
    here, there = rng.sample(SPOTS, 2)
    put = f"{first} put the {thing} in the {holder} and went to the {here}."
    text = f"{put} {second} stayed {located(there)}."
    if rng.random() < 0.3:
        text = f"{second} stayed {located(there)}. {put}"
    rows = (
        (f"Where is the {thing}?", f"in the {holder}"),
        (f"Where did {first} go?", f"to the {here}"),
        (f"Where is {second}?", located(there)), (f"Who stayed {located(there)}?", second),
        (f"Who put the {thing} in the {holder}?", first),
    )  # fmt: skip
    return Passage(text, rows, (first, second, thing, holder, here, there))


def _gifts(rng: Random) -> Passage:
    first, second, third = _names(rng, 3)
    one, two = rng.sample(OBJECTS, 2)
    a, b = with_article(one), with_article(two)
    text = f"{first} gave {second} {a}. Then {second} gave {third} {b}."
    rows = (
        (f"What did {first} give to {second}?", a), (f"What did {second} give to {third}?", b),
        (f"Who gave {second} {a}?", first), (f"Who got {a}?", second), (f"Who got {b}?", third),
        (f"Who gave {third} {b}?", second),
    )  # fmt: skip
    return Passage(text, rows, (first, second, third, one, two))


def _order(rng: Random) -> Passage:
    names, deeds = _names(rng, 3), rng.sample(_DEEDS, 3)
    a, b, c = (f"{name} {deed}" for name, deed in zip(names, deeds, strict=True))
    text = f"First {a}, then {b}, and last {c}."
    rows = [(f"Who {deed}?", name) for name, deed in zip(names, deeds, strict=True)]
    rows += [("Who was first?", names[0]), ("Who was last?", names[2])]
    return Passage(text, tuple(rows), (*names, *deeds))


def _day(rng: Random) -> Passage:
    name, friend = _names(rng, 2)
    thing, spot, colour = rng.choice(OBJECTS), rng.choice(SPOTS), rng.choice(COLOURS[:10])
    she = capitalised(pronoun(name))
    text = (
        f"In the morning {name} went to the {spot}. {she} saw {friend} there. "
        f"{friend} had {with_article(f'{colour} {thing}')}."
    )
    rows = (
        (f"Where did {name} go?", f"to the {spot}"), (f"Who did {name} see?", friend),
        (f"What colour was the {thing}?", colour), (f"Who had the {thing}?", friend),
        (f"Who went to the {spot}?", name),
    )  # fmt: skip
    return Passage(text, rows, (name, friend, thing, spot, colour))


def _accounts(rng: Random) -> Passage:
    left, right = rng.sample(COMPANIES, 2)
    month = rng.choice(MONTHS)
    a, b = rng.sample(range(3, 60), 2)
    text = f"In {month} {left.name} made {a} coins. {right.name} made {b} coins."
    more, less = (left.name, right.name) if a > b else (right.name, left.name)
    rows = (
        ("Who made more?", more), ("Who made less?", less),
        (f"How much did {left.name} make?", f"{a} coins"),
        (f"How much did {right.name} make?", f"{b} coins"),
    )  # fmt: skip
    return Passage(text, rows, (left.name, right.name, month, str(a), str(b)))


KINDS: dict[str, Callable[[Random], Passage]] = {
    "owners": _owners, "moves": _moves, "gifts": _gifts, "order": _order, "day": _day,
    "accounts": _accounts,
}  # fmt: skip


def passage(rng: Random, kind: str, *, held: bool = False) -> Passage:
    """A passage of this kind, free for training or reserved for the suites."""
    while True:
        drawn = KINDS[kind](rng)
        if reserved("passage", drawn.key) == held:
            return drawn


_SHAPES = (
    ("Passage: ", "\nQuestion: ", "\nAnswer: "), ("Passage: ", "\nQuestion: ", "\nAnswer: "),
    ("", "\nQuestion: ", "\nAnswer: "), ("", "\nQ: ", "\nA: "),
    ("Story: ", "\nQuestion: ", "\nAnswer: "),
)  # fmt: skip


def passage_document(rng: Random) -> str:
    """One passage with several questions, or several passages with one question each."""
    before, asks, answers = rng.choice(_SHAPES)
    kind, many = rng.choice(tuple(KINDS)), rng.random() < 0.6
    blocks = []
    for _ in range(rng.randint(2, 6) if many else 1):
        drawn = passage(rng, kind)
        rows = rng.sample(drawn.rows, 1 if many else rng.randint(2, min(4, len(drawn.rows))))
        asked = "".join(f"{asks}{question}{answers}{answer}" for question, answer in rows)
        blocks.append(f"{before}{drawn.text}{asked}")
    return "\n\n".join(blocks)


def plain_story(rng: Random) -> str:
    """Two or three such events told one after the other, without questions."""
    kinds = rng.choices(tuple(KINDS), k=rng.randint(2, 3))
    return " ".join(passage(rng, kind).text for kind in kinds)
