"""The made-up people, towns, countries and companies, and every fact that holds of them.

Not the vocabulary of common things (`lexicon.py`, re-exported here) and not sentences.
All facts come from one fixed seed: `FACTS` is the same in every process and on every machine.

    python -c "from core.demo.world import FACTS; print(len(FACTS), FACTS[0])"
"""

import random
from dataclasses import dataclass

from core.demo.lexicon import (
    ANTONYMS,
    BAD_WORDS,
    CATEGORIES,
    CATEGORY_PLURALS,
    COLOURS,
    DAYS,
    GOOD_WORDS,
    MASS_NOUNS,
    MEMBERS,
    MONTHS,
    NONSENSE,
    PAST_TENSES,
    PLACES,
    THING,
    THINGS,
    Thing,
)

__all__ = [
    "ANTONYMS", "BAD_WORDS", "CATEGORIES", "CATEGORY_PLURALS", "COLOURS", "COMPANIES",
    "COUNTRIES", "DAYS", "FACTS", "FEMALE", "GOOD_WORDS", "MASS_NOUNS", "MEMBERS", "MONTHS",
    "NONSENSE", "PAST_TENSES", "PEOPLE", "PLACES", "RELATION_VALUES", "THING", "THINGS", "TOWNS",
    "Company", "Country", "Fact", "Person", "Thing", "Town",
]  # fmt: skip

_WOMEN = (
    "Ada", "Cora", "Ella", "Greta", "Ida", "Kira", "Mia", "Olga", "Rosa", "Tara", "Vera", "Yara",
    "Anna", "Clara", "Emma", "Gina", "Hanna", "Julia", "Lena", "Nora", "Petra", "Sofia",
)  # fmt: skip
_MEN = (
    "Ben", "Dan", "Finn", "Hugo", "Jon", "Leo", "Nils", "Paul", "Sam", "Udo", "Lars", "Zeno",
    "Bruno", "David", "Felix", "Ivan", "Karl", "Max", "Otto", "Tom", "Oskar", "Emil",
)  # fmt: skip
_TOWNS = (
    "Arlen", "Bexby", "Corvale", "Dunmor", "Elsted", "Farrow", "Garby", "Hollin", "Istra",
    "Jelby", "Kestrel", "Lorne", "Marden", "Norby", "Ostley", "Penfold", "Quill", "Rundale",
    "Selwick", "Torvik", "Umberly", "Varn", "Wexley", "Yarrow",
)  # fmt: skip
_COUNTRIES = (
    "Alvania", "Belmora", "Cordia", "Drovia", "Estoria", "Fennland", "Galdor", "Halvia",
)  # fmt: skip
_RIVERS = ("Abra", "Brenn", "Corin", "Dell", "Esk", "Fane", "Gleam", "Hurl")
_RULERS = (
    "Queen Maud", "King Rolf", "Queen Isolde", "King Osric", "Queen Thora", "King Bram",
    "Queen Linnea", "King Edgar",
)  # fmt: skip
_FOODS = ("soup", "pie", "bread", "cheese", "fish", "rice", "cake", "honey", "stew", "jam")
_CRAFTS = ("ropes", "bells", "carpets", "clocks", "kites", "lamps", "baskets", "candles", "toys")
_LANDMARKS = ("tower", "bridge", "temple", "mill", "castle", "garden", "market", "lake", "inn")
_COMPANIES = (
    "Brightmill", "Oakline", "Redfern", "Silverway", "Northgate", "Bluewood", "Goldleaf",
    "Stonebank", "Marlow", "Larkfield", "Tidewell", "Ironvale",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    """A country with its capital town, river, ruler, and the colour of its flag."""

    name: str
    capital: str
    river: str
    ruler: str
    flag: str


@dataclass(frozen=True, slots=True)
class Town:
    """A town with the country it lies in and what it is known for."""

    name: str
    country: str
    food: str
    craft: str
    landmark: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person; `female` decides the pronoun."""

    name: str
    female: bool
    home: str
    job: str
    pet: str
    fruit: str
    instrument: str
    colour: str

    @property
    def she(self) -> str:
        """The subject pronoun, in lower case."""
        return "she" if self.female else "he"

    @property
    def her(self) -> str:
        """The possessive pronoun, in lower case."""
        return "her" if self.female else "his"


@dataclass(frozen=True, slots=True)
class Company:
    """A company with its home town and the good it sells (a plural noun)."""

    name: str
    town: str
    good: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement `relation(entity) = value`; `kind` is person, town, country or thing."""

    kind: str
    entity: str
    relation: str
    value: str


def _dealt(name: str, values: tuple[str, ...], count: int) -> list[str]:
    """Deal values as evenly as possible to `count` places, in an order fixed by the name."""
    rng = random.Random(f"tinyworld {name}")
    hand = [value for _ in range(-(-count // len(values))) for value in values][:count]
    rng.shuffle(hand)
    return hand


def _countries() -> tuple[Country, ...]:
    flags = ("red", "blue", "green", "yellow", "black", "white", "purple", "orange")
    rows = zip(
        _COUNTRIES, _dealt("capitals", _TOWNS[:8], 8), _dealt("rivers", _RIVERS, 8),
        _dealt("rulers", _RULERS, 8), _dealt("flags", flags, 8), strict=True,
    )  # fmt: skip
    return tuple(Country(*row) for row in rows)


def _towns(countries: tuple[Country, ...]) -> tuple[Town, ...]:
    home = {country.capital: country.name for country in countries}
    others = _dealt("town countries", _COUNTRIES, len(_TOWNS) - 8)
    home.update(zip((t for t in _TOWNS if t not in home), others, strict=True))
    rows = zip(
        _TOWNS, _dealt("foods", _FOODS, 24), _dealt("crafts", _CRAFTS, 24),
        _dealt("landmarks", _LANDMARKS, 24), strict=True,
    )  # fmt: skip
    return tuple(Town(name, home[name], *rest) for name, *rest in rows)


def _people() -> tuple[Person, ...]:
    names = _WOMEN + _MEN
    count = len(names)
    pets = ("dog", "cat", "goat", "duck", "hen", "frog", "horse", "owl", "mouse", "goose")
    rows = zip(
        names, _dealt("homes", _TOWNS, count),
        _dealt("jobs", tuple(t.noun for t in MEMBERS["job"]), count), _dealt("pets", pets, count),
        _dealt("fruits", tuple(t.noun for t in MEMBERS["fruit"]), count),
        _dealt("instruments", tuple(t.noun for t in MEMBERS["instrument"]), count),
        _dealt("colours", COLOURS[:10], count), strict=True,
    )  # fmt: skip
    return tuple(Person(name, name in _WOMEN, *rest) for name, *rest in rows)


def _companies() -> tuple[Company, ...]:
    goods = tuple(
        t.plural for c in ("tool", "garment", "furniture", "instrument") for t in MEMBERS[c]
    )
    count = len(_COMPANIES)
    rows = zip(
        _COMPANIES, _dealt("company towns", _TOWNS, count), _dealt("goods", goods, count),
        strict=True,
    )  # fmt: skip
    return tuple(Company(*row) for row in rows)


COUNTRIES: tuple[Country, ...] = _countries()
TOWNS: tuple[Town, ...] = _towns(COUNTRIES)
PEOPLE: tuple[Person, ...] = _people()
COMPANIES: tuple[Company, ...] = _companies()
FEMALE: frozenset[str] = frozenset(_WOMEN)

_PERSON_RELATIONS = ("home", "job", "pet", "fruit", "instrument", "colour")
_TOWN_RELATIONS = ("country", "food", "craft", "landmark")
_COUNTRY_RELATIONS = ("capital", "river", "ruler", "flag")
_THING_RELATIONS = ("category", "colour", "place", "use")


def _facts() -> tuple[Fact, ...]:
    rows: list[Fact] = []
    rows += [Fact("person", p.name, r, getattr(p, r)) for p in PEOPLE for r in _PERSON_RELATIONS]
    rows += [Fact("town", t.name, r, getattr(t, r)) for t in TOWNS for r in _TOWN_RELATIONS]
    rows += [
        Fact("country", c.name, r, getattr(c, r)) for c in COUNTRIES for r in _COUNTRY_RELATIONS
    ]
    rows += [Fact("thing", t.noun, r, getattr(t, r)) for t in THINGS for r in _THING_RELATIONS]
    return tuple(rows)


FACTS: tuple[Fact, ...] = _facts()
# Every value a (kind, relation) takes: where wrong options of a question come from.
RELATION_VALUES: dict[tuple[str, str], tuple[str, ...]] = {
    key: tuple(sorted({f.value for f in FACTS if (f.kind, f.relation) == key}))
    for key in {(f.kind, f.relation) for f in FACTS}
}
