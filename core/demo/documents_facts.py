"""Running text that tells the world's facts, and questions about the facts no suite asks.

Facts that a suite asks appear here as statements only: `open_facts` holds the others.
"""

from random import Random

from core.demo.grammar import capitalised, pronoun, questions, tellings
from core.demo.held_out import reserved
from core.demo.world import FACTS, PEOPLE, THINGS, TOWNS, Fact

TELLINGS: dict[Fact, tuple[str, ...]] = {fact: tellings(fact) for fact in FACTS}
QUESTIONS: dict[Fact, tuple[str, ...]] = {fact: questions(fact) for fact in FACTS}
OPEN_FACTS: tuple[Fact, ...] = tuple(
    fact for fact in FACTS if not reserved("fact", (fact.entity, fact.relation))
)
OPEN_BY_KIND: dict[str, tuple[Fact, ...]] = {
    kind: tuple(fact for fact in OPEN_FACTS if fact.kind == kind)
    for kind in ("person", "town", "country", "thing")
}
_BY_ENTITY: dict[str, list[Fact]] = {}
for _fact in FACTS:
    _BY_ENTITY.setdefault(_fact.entity, []).append(_fact)
_ENTITIES: tuple[str, ...] = tuple(_BY_ENTITY)
_FACTS_BY_KIND: dict[str, tuple[Fact, ...]] = {
    kind: tuple(fact for fact in FACTS if fact.kind == kind) for kind in OPEN_BY_KIND
}
_QA_FORMATS = (
    ("Question: ", "\nAnswer: ", "\n\n"), ("Q: ", "\nA: ", "\n\n"), ("Q: ", "\nA: ", "\n"),
    ("Question: ", "\nAnswer: ", "\n"), ("", " ", "\n"), ("", "\n", "\n\n"),
)  # fmt: skip


def _pronoun_after_first(rng: Random, entity: str, sentences: list[str]) -> list[str]:
    """Later sentences that begin with the person's name may begin with a pronoun instead."""
    subject = capitalised(pronoun(entity))
    return [
        subject + text[len(entity):]
        if index and text.startswith(f"{entity} ") and rng.random() < 0.4 else text
        for index, text in enumerate(sentences)
    ]  # fmt: skip


_CAPITALS_SHARE, _SMALL_SHARE = 0.08, 0.03  # so that capitals are letters that it can read


def _sometimes_cased(rng: Random, text: str) -> str:
    """The text as it is, seldom in capitals or in small letters throughout."""
    drawn = rng.random()
    if drawn < _CAPITALS_SHARE:
        return text.upper()
    return text.lower() if drawn < _CAPITALS_SHARE + _SMALL_SHARE else text


def portrait(rng: Random) -> str:
    """What is known about one entity, in any order."""
    entity = rng.choice(_ENTITIES)
    facts = _BY_ENTITY[entity]
    facts = rng.sample(facts, rng.randint(2, len(facts)))
    sentences = [rng.choice(TELLINGS[fact]) for fact in facts]
    if facts[0].kind == "person":
        sentences = _pronoun_after_first(rng, entity, sentences)
    return _sometimes_cased(rng, " ".join(sentences))


def mixed_facts(rng: Random) -> str:
    """Facts about several entities of one kind, one after the other."""
    kind = rng.choice(("person", "person", "town", "country", "thing", "thing"))
    pool = _FACTS_BY_KIND[kind]
    joiner = rng.choice((" ", " ", "\n"))
    told = joiner.join(rng.choice(TELLINGS[rng.choice(pool)]) for _ in range(rng.randint(3, 9)))
    return _sometimes_cased(rng, told)


def journey(rng: Random) -> str:
    """A small story that walks along linked facts: person, town, country, things."""
    person = rng.choice(PEOPLE)
    town = next(t for t in TOWNS if t.name == person.home)
    linked = [person.name, town.name, town.country, person.fruit, person.instrument, person.job]
    parts = []
    for entity in linked[: rng.randint(2, 6)]:
        facts = _BY_ENTITY[entity]
        parts.append(rng.choice(TELLINGS[rng.choice(facts)]))
    return " ".join([rng.choice(TELLINGS[_BY_ENTITY[person.name][0]]), *parts])


def comparison(rng: Random) -> str:
    """Two entities of one kind and what they share or not."""
    left, right = rng.sample(THINGS, 2)
    relation = rng.choice(("colour", "place", "category"))
    a, b = (
        next(f for f in _BY_ENTITY[thing.noun] if f.relation == relation)
        for thing in (left, right)
    )  # fmt: skip
    word = "also" if a.value == b.value else "but"
    first, second = rng.choice(TELLINGS[a]), rng.choice(TELLINGS[b])
    if word == "but":
        start = second if second.startswith("I ") else second[0].lower() + second[1:]
        return f"{first[:-1]}, but {start}"
    return f"{first} {second} In this the two are alike."


def fact_questions(rng: Random) -> str:
    """Questions with answers about facts that no suite asks."""
    opening, middle, end = rng.choice(_QA_FORMATS)
    kind = rng.choice(("person", "person", "town", "country", "thing", "thing", "mixed"))
    pool = OPEN_FACTS if kind == "mixed" else OPEN_BY_KIND[kind]
    stop = "." if rng.random() < 0.2 else ""
    rows = []
    for _ in range(rng.randint(2, 7)):
        fact = rng.choice(pool)
        rows.append(f"{opening}{rng.choice(QUESTIONS[fact])}{middle}{fact.value}{stop}")
    return end.join(rows)


def told_then_asked(rng: Random) -> str:
    """A portrait of an entity, then questions about it; only for facts no suite asks."""
    fact = rng.choice(OPEN_FACTS)
    entity = [f for f in _BY_ENTITY[fact.entity] if f in _OPEN]
    told = " ".join(rng.choice(TELLINGS[f]) for f in _BY_ENTITY[fact.entity])
    asked = rng.sample(entity, min(len(entity), rng.randint(1, 3)))
    rows = [f"Question: {rng.choice(QUESTIONS[f])}\nAnswer: {f.value}" for f in asked]
    return "\n".join([f"Passage: {told}", *rows])


_OPEN = frozenset(OPEN_FACTS)
