"""Instructions about groups of things: list some, find the one that does not belong, choose.

An (entity × constraint) pair is reserved as a whole here: "three fruits as bullets" is kept for
the suite while "two fruits as bullets" is not.
"""

from dataclasses import replace

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_wording import NUMBER_WORDS, TALKED_OF, facts_in
from core.demo.grammar import capitalised, listed, located, with_article
from core.demo.held_out import reserved
from core.demo.world import CATEGORIES, CATEGORY_PLURALS, MEMBERS, THINGS
from core.judges.checks import Check
from core.judges.checks_content import (
    Contains,
    ContainsNone,
    ItemsFrom,
    NamesExactly,
    Ordered,
)
from core.judges.checks_shape import (
    AllUpper,
    BulletCount,
    ItemCount,
    NoWord,
    StartsWith,
    UsesWord,
)

_FORMS = ("plain", "plain", "bullets", "capitals", "lead", "without", "without")
_WISHES = {
    "plain": ("", "", "", "Keep it short.", "Just the list."),
    "bullets": ("Use bullet points.", "Put each on its own line with a dash.", "As a bullet list."),
    "capitals": ("Use capital letters only.", "Write in upper case.", "In capital letters."),
    "lead": ('Start with "Here they are:"', 'Start your list with "Here they are:"'),
    "without": ('Do not use the word "{}".', "Do not name the {}.", 'Leave out the word "{}".'),
}  # fmt: skip
_LIST = (
    "List {n} {what}.", "Name {n} {what}.", "Give me {n} {what}.", "Write down {n} {what}.",
    "Can you name {n} {what}?", "Tell me {n} {what}.",
)  # fmt: skip
_EVERY = {category: tuple(t.noun for t in things) for category, things in MEMBERS.items()}


_OF_THINGS = {
    relation: tuple(f for f in TALKED_OF if (f.kind, f.relation) == ("thing", relation))
    for relation in ("category", "colour", "place")
}


def _open_members(category: str) -> tuple[str, ...]:
    named = tuple(f.entity for f in _OF_THINGS["category"] if f.value == category)
    return named or _EVERY[category]


# What the stream names as a member: only things whose category no suite asks for. Jobs have no
# such facts (see `sayable`), so all of them serve.
_OPEN = {category: _open_members(category) for category in CATEGORIES}


_COMMON = tuple(thing for thing in THINGS if thing.category != "job")


def _by(relation: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Values with three things or more: (every such thing, those that the stream may name)."""
    rows = {}
    for value in sorted({getattr(thing, relation) for thing in _COMMON}):
        every = tuple(t.noun for t in _COMMON if getattr(t, relation) == value)
        told = {fact.entity for fact in _OF_THINGS[relation] if fact.value == value}
        named = tuple(noun for noun in every if noun in told)
        if len(named) >= 3:
            rows[value] = (every, named)
    return rows


_BY_COLOUR, _BY_PLACE = _by("colour"), _by("place")
_Group = tuple[str, tuple[str, ...], tuple[str, ...]]  # its name, all members, those chats name
_SETS: tuple[_Group, ...] = (
    *((CATEGORY_PLURALS[c], _EVERY[c], _OPEN[c]) for c in CATEGORIES),
    *((CATEGORY_PLURALS[c], _EVERY[c], _OPEN[c]) for c in CATEGORIES),
    *((f"{colour} things", *names) for colour, names in _BY_COLOUR.items()),
    *((f"things {located(place)}", *names) for place, names in _BY_PLACE.items()),
)


def list_members(draw: Draw) -> Exchange | None:
    """A list of n members of a group, in a stated form."""
    what = draw.pick(_SETS)
    return _members(draw, what, draw.pick(_FORMS))


def list_without(draw: Draw) -> Exchange | None:
    """A list that leaves a named member out: the form that most needs practice."""
    made = _members(draw, draw.pick(_SETS), "without")
    return made and replace(made, kind="list without")


def _members(draw: Draw, group: _Group, form: str) -> Exchange | None:
    what, every, known = group
    count = draw.pick((1, 2, 2, 3, 3, 3, 4))
    avoided = draw.pick(every) if form == "without" else ""
    if not draw.allows("instruction", what, f"list {count} {form} {avoided}"):
        return None
    pool = [noun for noun in (every if draw.held_out else known) if noun != avoided]
    if len(pool) < count:
        return None
    if count == 1 and (form == "bullets" or what.startswith(("pieces", "things"))):
        return None
    chosen = draw.some(pool, count)
    name = what if count > 1 else what.removesuffix("s")
    wish = draw.pick(_WISHES[form]).format(avoided)
    text = f"{draw.pick(_LIST).format(n=NUMBER_WORDS[count], what=name)} {wish}".strip()
    checks: tuple[Check, ...] = (NamesExactly(count, every), ItemsFrom(every), ItemCount(count))
    return Exchange("list", form, text, _list_text(form, chosen),
                    (*checks, *_form_checks(form, count, avoided)),
                    about=f"{what} {form}")  # fmt: skip


def _list_text(form: str, chosen: list[str]) -> str:
    if form == "bullets":
        return "\n".join(f"- {noun}" for noun in chosen)
    line = f"{capitalised(listed(chosen))}."
    if form == "capitals":
        return line.upper()
    return f"Here they are: {listed(chosen)}." if form == "lead" else line


def _form_checks(form: str, count: int, avoided: str) -> tuple[Check, ...]:
    if form == "bullets":
        return (BulletCount(count),)
    if form == "capitals":
        return (AllUpper(),)
    if form == "lead":
        return (StartsWith("Here they are:"),)
    return (NoWord(avoided),) if form == "without" else ()


_ODD = (
    "Which word does not belong: {}?", "Pick the odd one out: {}.", "Find the odd one out: {}.",
    "One of these does not belong: {}. Which one?",
)  # fmt: skip
_WHY = ("Say why.", "Give the reason.", "Tell me why.")


def odd_one_out(draw: Draw) -> Exchange | None:
    """Three of a kind and a stranger; half of the time the reason is asked for."""
    home, away = draw.some(CATEGORIES, 2)
    if {home, away} == {"animal", "bird"}:  # a bird is an animal too
        return None
    pool = _EVERY if draw.held_out else _OPEN
    odd = draw.pick(pool[away])
    if not draw.allows("instruction", odd, f"odd among {home}"):
        return None
    same = draw.some(pool[home], 3)
    words = [*same, odd]
    draw.rng.shuffle(words)
    if not draw.held_out and reserved("list", (" ".join(words),)):
        return None  # another suite asks about this very list
    text = draw.pick(_ODD).format(listed(words) if draw.chance(0.5) else ", ".join(words))
    if draw.chance(0.5):
        checks: tuple[Check, ...] = (Contains(odd), ContainsNone(tuple(same)))
        return Exchange("odd one out", "bare", text, f"The {odd}.", checks)
    named = "pieces of furniture" if home == "furniture" else CATEGORY_PLURALS[home]
    # The reason first: what the others share is what tells the stranger.
    answer = f"The others are {named}, but not the {odd}."
    checks = (UsesWord(odd), ContainsNone(tuple(same)), NamesExactly(1, (home,)))
    return Exchange("odd one out", "reason", f"{text} {draw.pick(_WHY)}", answer, checks)


_CHOOSE = ("Which of these is {}: {}?", "Which one is {}: {}?", "Choose what is {}: {}.")


def choose(draw: Draw) -> Exchange | None:
    """Which of three things has a stated property; facts of the wrong side are not used."""
    relation = draw.pick(("category", "colour"))
    facts = facts_in(draw, "choice", "thing", relation)
    fact = draw.pick(facts)
    wrong = [f for f in draw.some(facts, 6) if f.value != fact.value][:2]
    if len(wrong) < 2 or "animal" in (fact.value, *(f.value for f in wrong)):
        return None  # a bird is an animal too, so animals are never among the options
    names = [f.entity for f in (fact, *wrong)]
    draw.rng.shuffle(names)
    what = fact.value if relation == "colour" else with_article(fact.value)
    if fact.value == "furniture":
        what = "a piece of furniture"
    text = draw.pick(_CHOOSE).format(what, listed_or([with_article(name) for name in names]))
    checks = (Contains(fact.entity), ContainsNone(tuple(f.entity for f in wrong)))
    return Exchange("choice", relation, text, f"The {fact.entity}.", checks)


def listed_or(words: list[str]) -> str:
    """`a, b or c`."""
    return f"{', '.join(words[:-1])} or {words[-1]}"


_SORT_UP = ("Sort these numbers from small to large: {}", "Put these numbers in order: {}",
            "Write these numbers from low to high: {}")  # fmt: skip
_SORT_DOWN = ("Sort these numbers from large to small: {}",
              "Write these numbers from high to low: {}")  # fmt: skip


def sort_numbers(draw: Draw) -> Exchange | None:
    """Three to five numbers, put in order."""
    numbers = draw.some(range(1, 30), draw.pick((3, 3, 4)))
    down = draw.chance(0.4)
    shown = ", ".join(map(str, numbers))
    if not draw.allows("instruction", " ".join(map(str, sorted(numbers))), "sort"):
        return None
    answer = ", ".join(map(str, sorted(numbers, reverse=down)))
    if answer == shown:
        return None
    text = draw.pick(_SORT_DOWN if down else _SORT_UP).format(shown)
    checks = (Ordered(tuple(answer.split(", "))), ItemCount(len(numbers)))
    return Exchange("sorting", "down" if down else "up", text, answer, checks)
