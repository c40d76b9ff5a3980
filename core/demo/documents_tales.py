"""Small tales with a beginning, a middle and an end, told about the people of the world.

They carry ordinary English (weather, feelings, talk), no fact that a suite asks, no question.
"""

import re
from random import Random

from core.demo.documents_passages import SPOTS
from core.demo.grammar import capitalised, located, pronoun, with_article
from core.demo.world import DAYS, FEMALE, MASS_NOUNS, MEMBERS, PEOPLE, TOWNS

_WEATHER = ("sunny", "rainy", "windy", "cold", "warm", "foggy", "snowy", "quiet")
_MOODS = ("happy", "sad", "tired", "hungry", "proud", "shy", "brave", "cheerful")
_OPENINGS = (
    "It was a {w} {d} in {t}.", "One {w} {d}, {p} woke up early.", "Once upon a time {p} felt {m}.",
    "On {d} {p} was {m}.", "Last {d} it was {w} in {t}.", "{p} lived near a small {b}.",
)  # fmt: skip
_SETTINGS = (
    "{p} took {o} and went to the {s}.", "{p} walked to the {s} to meet {q}.",
    "{p} wanted to find {o} for {q}.", "{p} wanted to make {f} for {q}.",
    "{p} and {q} wanted to build a little {b}.", "{p} heard a noise {at}.",
    "A {a} was sitting {at} when {p} came by.", "{p} saw a {a} {at}.",
)  # fmt: skip
_MIDDLES = (
    "There {p1} saw {x}.", '"Where is my {n}?" asked {q}.', "The {a} was big, but it was kind.",
    "But {q} had no {n}.", "{P1} looked for the {n} all day.", '"Can you help me?" said {p}.',
    "Then the rain came and everything was wet.", "The {a} ran away with the {n}.",
    "{q} laughed and gave {h} {x}.", '"I will help you," said {q}.',
    "The {n} was too heavy, so they asked the {j}.", "They sat down {at} and ate {f}.",
    "Soon {p1} was {m} and {q} was {m2}.", "The {j} came and brought {x}.",
)  # fmt: skip
_ENDINGS = (
    "In the end they all went home.", "In the evening they ate {f} together.",
    "From that day on {p} and {q} were friends.", "{P1} was very {m} and slept well.",
    '"Thank you," said {p}, and {q} smiled.', "That was a good day.",
    "And the {a} went back to the {s}.", "They told the {j}, and the {j} laughed.",
    "So {p1} never lost the {n} again.",
)  # fmt: skip
_VOWEL = re.compile(r"\b([Aa]) ([aeiou])")
_DISHES = ("soup", "bread", "pie", "cake", "stew", "jam")
_OBJECTS = tuple(
    t.noun for c in ("tool", "instrument", "garment", "fruit", "vegetable") for t in MEMBERS[c]
    if t.noun not in MASS_NOUNS
)  # fmt: skip
_BEASTS = tuple(t.noun for c in ("animal", "bird") for t in MEMBERS[c])


def _cast(rng: Random) -> dict[str, str]:
    hero, friend = rng.sample(PEOPLE, 2)
    things, moods = rng.sample(_OBJECTS, 2), rng.sample(_MOODS, 2)
    place, beast = rng.choice(SPOTS), rng.choice(_BEASTS)
    she = pronoun(hero.name)
    return {
        "p": hero.name, "q": friend.name, "p1": she, "P1": capitalised(she),
        "h": "her" if hero.name in FEMALE else "him", "w": rng.choice(_WEATHER),
        "d": rng.choice(DAYS), "t": rng.choice(TOWNS).name, "m": moods[0], "m2": moods[1],
        "o": with_article(things[0]), "n": things[0], "x": with_article(things[1]),
        "at": located(place), "s": place, "a": beast, "f": rng.choice(_DISHES),
        "j": rng.choice(MEMBERS["job"]).noun, "b": rng.choice(MEMBERS["building"]).noun,
    }  # fmt: skip


def _told(template: str, cast: dict[str, str]) -> str:
    text = capitalised(template.format(**cast))
    return _VOWEL.sub(r"\1n \2", text)


def _fitting(templates: tuple[str, ...], setting: str) -> list[str]:
    """The sentences that speak of nothing but what the setting has introduced."""
    return [
        text for text in templates
        if ("{a}" not in text or "{a}" in setting) and ("{n}" not in text or "{o}" in setting)
    ]  # fmt: skip


def tale(rng: Random) -> str:
    """A tale of four to eight sentences with one hero and one friend."""
    cast, setting = _cast(rng), rng.choice(_SETTINGS)
    lines = [rng.choice(_OPENINGS), setting]
    lines += rng.sample(_fitting(_MIDDLES, setting), rng.randint(1, 4))
    lines += rng.sample(_fitting(_ENDINGS, setting), rng.randint(1, 2))
    return " ".join(_told(line, cast) for line in lines)
