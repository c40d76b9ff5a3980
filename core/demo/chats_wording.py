"""How chats speak about facts: the plain statement, the follow-up, the question, the rest.

Not the rich wording of running text (`grammar.py`), from which the statements are taken: a chat
answer uses the plainest one or two forms.
"""

from functools import cache

from core.demo.chats_exchange import Draw
from core.demo.grammar import capitalised, located, pronoun, questions, tellings, with_article
from core.demo.held_out import reserved
from core.demo.world import FACTS, RELATION_VALUES, Fact

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
STARTS = (
    "Of course:", "Here you go:", "As far as I know,", "The short answer:", "Good question:",
    "The fact is:", "Let me see:", "I think",
)  # fmt: skip
ENDS = (
    "That is all.", "I hope this helps.", "Have a nice day!", "Thank you for asking.",
    "Ask me again.", "See you soon!", "Is that clear?", "That is the truth.",
)  # fmt: skip


def sayable(fact: Fact) -> bool:
    """Whether the plain statement reads well: nobody says that a baker is white or is a job."""
    if fact.kind != "thing":
        return True
    trade = fact.entity in RELATION_VALUES["person", "job"]
    return not (trade and fact.relation in ("colour", "category"))


# In alphabetical order: a stream must not depend on the order of a set.
_KEYS = tuple(sorted(RELATION_VALUES))
SAYABLE: tuple[Fact, ...] = tuple(fact for fact in FACTS if sayable(fact))
# Facts that chats may speak of: the others are kept for the few-shot suite.
TALKED_OF: tuple[Fact, ...] = tuple(
    fact for fact in SAYABLE if not reserved("fact", (fact.entity, fact.relation))
)
_KIND_MIX = ("person", "person", "person", "town", "country", "thing", "thing", "thing")

Facts = tuple[Fact, ...]


@cache
def _on_side(held_out: bool, form: str) -> dict[tuple[str, str], Facts]:
    facts = [f for f in TALKED_OF if reserved("form", (f.entity, f.relation, form)) == held_out]
    return {key: tuple(f for f in facts if (f.kind, f.relation) == key) for key in _KEYS}


def facts_in(draw: Draw, form: str, kind: str, relation: str) -> Facts:
    """The facts of a relation that the draw's side of the line may give in this form.

    The line runs through (entity, relation, form): what the suite asks for in one word, the
    chats may ask for in a sentence, but never in one word.
    """
    return _on_side(draw.held_out, form)[kind, relation]


@cache
def portraits(kind: str) -> tuple[Facts, ...]:
    """For each entity of the kind, the facts that chats may speak of, where it has two or more."""
    rows: dict[str, list[Fact]] = {}
    for fact in TALKED_OF:
        if fact.kind == kind:
            rows.setdefault(fact.entity, []).append(fact)
    return tuple(tuple(row) for row in rows.values() if len(row) >= 2)


@cache
def _on_portrait_side(held_out: bool, form: str, kind: str) -> tuple[Facts, ...]:
    return tuple(p for p in portraits(kind) if reserved("form", (p[0].entity, form)) == held_out)


def portrait_in(draw: Draw, form: str, *kinds: str) -> Facts:
    """Two facts or more of one entity that this side of the line may show in this form."""
    while True:
        rows = _on_portrait_side(draw.held_out, form, draw.pick(kinds))
        if rows:
            return draw.pick(rows)


_RELATIONS = {kind: tuple(r for k, r in _KEYS if k == kind) for kind in set(_KIND_MIX)}


def any_fact(draw: Draw, form: str) -> Fact:
    """A fact that the draw's side of the line may give in this form."""
    while True:
        kind = draw.pick(_KIND_MIX)
        facts = facts_in(draw, form, kind, draw.pick(_RELATIONS[kind]))
        if facts:
            return draw.pick(facts)


_SECOND_FIRST = ("category", "fruit")  # relations whose second telling is the plainer one


@cache
def statement(fact: Fact) -> str:
    """The plainest sentence that states the fact."""
    return tellings(fact)[1 if fact.relation in _SECOND_FIRST else 0]


@cache
def statements(fact: Fact) -> tuple[str, ...]:
    """The two plainest sentences; the first stands twice, so that it is used more often."""
    told = tellings(fact)
    if fact.relation in _SECOND_FIRST:
        return (told[1], told[1], told[0])
    return (told[0], told[0], told[1])


@cache
def clause(fact: Fact) -> str:
    """The statement as it stands inside a sentence: no capital where it is no name."""
    text = statement(fact)
    named = fact.kind != "thing" and text.startswith(fact.entity)
    named = named or (fact.relation == "ruler" and text.startswith(fact.value))
    return text if named else text[0].lower() + text[1:]


_FOLLOW_UPS = {
    "home": "{S} lives in {v}.", "job": "{S} is {av}.", "pet": "{S} has a pet {v}.",
    "fruit": "{P} favourite fruit is the {v}.", "instrument": "{S} plays the {v}.",
    "country": "It lies in {v}.", "food": "It is known for its {v}.",
    "craft": "People there make {v}.", "landmark": "It has a famous {v}.",
    "capital": "Its capital is {v}.", "river": "Its river is the {v}.",
    "ruler": "It is ruled by {v}.", "flag": "Its flag is {v}.", "category": "It is {av}.",
    "place": "You can find it {inv}.",
}  # fmt: skip


@cache
def follow_up(fact: Fact) -> str | None:
    """The statement with a pronoun, to stand after another one; None where it needs the noun."""
    if fact.relation == "colour":
        return f"{_her(fact)} favourite colour is {fact.value}." if fact.kind == "person" else (
            f"It is {fact.value}."
        )  # fmt: skip
    template = _FOLLOW_UPS.get(fact.relation)
    if template is None:
        return None
    kind = "a piece of furniture" if fact.value == "furniture" else with_article(fact.value)
    person = fact.kind == "person"
    return template.format(
        S=capitalised(pronoun(fact.entity)) if person else "", P=_her(fact) if person else "",
        v=fact.value, av=kind, inv=located(fact.value),
    )  # fmt: skip


def _her(fact: Fact) -> str:
    return "Her" if pronoun(fact.entity) == "she" else "His"


_LEADS = ("", "", "", "", "", "Please tell me: ", "Tell me: ", "I have a question. ", "Hello! ")


@cache
def asked(fact: Fact) -> tuple[str, ...]:
    """The questions that the fact answers."""
    return questions(fact)


def question(draw: Draw, fact: Fact) -> str:
    """One question for the fact, sometimes with a polite lead."""
    return draw.pick(_LEADS) + draw.pick(asked(fact))


@cache
def others(fact: Fact) -> tuple[str, ...]:
    """The wrong values of the fact's relation that occur neither in its words nor its value."""
    taken = f" {fact.entity} {fact.value} ".lower()
    values = RELATION_VALUES[fact.kind, fact.relation]
    return tuple(value for value in values if f" {value.lower()} " not in taken)
