"""How the world's facts are said and asked in English.

Not which facts are told where (the document modules) and not the facts themselves (`world.py`).
"""

from random import Random

from core.demo.world import FEMALE, MASS_NOUNS, THING, Fact

_ON = {"road", "path", "hill", "stage", "beach", "mountain", "farm", "porch"}
_AT = {"airport", "station", "gate", "harbour", "market", "well", "lake", "river", "pond"}
_DOERS = {"animal", "bird", "tree", "job"}
_MEANS = {"tool", "furniture", "vehicle", "instrument", "building"}

# {e} entity, {E} entity at the start of a sentence, {v} value, {V} value at the start.
_TOLD: dict[tuple[str, str], tuple[str, ...]] = {
    ("person", "home"): (
        "{e} lives in {v}.", "{e} lives in the town of {v}.", "The home of {e} is in {v}.",
        "{e} has a small house in {v}.", "{v} is the town where {e} lives.",
        "In {v} you can meet {e}.",
    ),
    ("person", "job"): (
        "{e} is {av}.", "{e} works as {av}.", "The job of {e} is {v}.", "By trade {e} is {av}.",
        "{e} earns a living as {av}.", "Ask {e}, the {v}.",
    ),
    ("person", "pet"): (
        "{e} has a pet {v}.", "The pet of {e} is {av}.", "{e} keeps {av} as a pet.",
        "{e} takes care of {av}.", "{AV} is the pet of {e}.",
    ),
    ("person", "fruit"): (
        "{e} likes to eat {pv}.", "The favourite fruit of {e} is the {v}.",
        "{e} likes the {v} best of all fruits.", "Every day {e} eats {av}.",
        "No fruit is better than the {v} for {e}.",
    ),
    ("person", "instrument"): (
        "{e} plays the {v}.", "{e} can play the {v}.", "The instrument of {e} is the {v}.",
        "In the evening {e} plays the {v}.", "The {v} is what {e} plays.",
    ),
    ("person", "colour"): (
        "{e} likes the colour {v}.", "The favourite colour of {e} is {v}.",
        "{e} often wears {v}.", "{V} is the colour that {e} likes best.",
        "{e} painted the door {v}.",
    ),
    ("town", "country"): (
        "{e} is a town in {v}.", "{e} lies in {v}.", "The town of {e} is in {v}.",
        "One of the towns in {v} is {e}.", "In {v} there is a town called {e}.",
    ),
    ("town", "food"): (
        "{e} is known for its {v}.", "People in {e} love {v}.", "The {v} from {e} is very good.",
        "In {e} they eat {v} every day.", "The food of {e} is {v}.",
    ),
    ("town", "craft"): (
        "People in {e} make {v}.", "{e} makes the best {v}.", "The {v} from {e} are well made.",
        "Many {v} are made in {e}.", "In {e} you can buy fine {v}.",
    ),
    ("town", "landmark"): (
        "{e} has a famous {v}.", "There is a famous {v} in {e}.",
        "Many people visit the {v} of {e}.",
        "The most famous sight in {e} is the {v}.", "In {e} stands an old {v}.",
    ),
    ("country", "capital"): (
        "The capital of {e} is {v}.", "{v} is the capital of {e}.", "{e} has its capital in {v}.",
        "The main town of {e} is {v}.", "{e} is governed from {v}.",
    ),
    ("country", "river"): (
        "The {v} is a river in {e}.", "The river {v} flows through {e}.",
        "The main river of {e} is the {v}.", "{e} lies on the river {v}.",
        "In {e} the river is called the {v}.",
    ),
    ("country", "ruler"): (
        "{v} rules {e}.", "The ruler of {e} is {v}.", "{e} is ruled by {v}.",
        "The people of {e} love {v}.", "{v} lives in {e} and rules it.",
    ),
    ("country", "flag"): (
        "The flag of {e} is {v}.", "{e} has {av} flag.", "{AV} flag flies over {e}.",
        "{V} is the colour of the flag of {e}.", "In {e} every flag is {v}.",
    ),
    ("thing", "category"): (
        "{AE} is a kind of {v}.", "{AE} is {av}.", "{PE} are a kind of {v}.", "The {e} is {av}.",
    ),
    ("thing", "colour"): (
        "{AE} is {v}.", "{PE} are {v}.", "The colour of {ae} is {v}.", "The {e} is {v}.",
        "Most {pe} are {v}.",
    ),
    ("thing", "job category"): (
        "To be {ae} is a {v}.", "The work of {ae} is a {v}.", "{AE} has a hard {v}.",
    ),
    ("thing", "job colour"): (
        "{AE} wears {v}.", "{PE} wear {v}.", "The {e} wears {v}.", "You know {ae} by the {v} coat.",
    ),
    ("thing", "place"): (
        "You can find {ae} {inv}.", "{PE} are found {inv}.", "{AE} is often {inv}.",
        "There is {ae} {inv}.", "Look for {ae} {inv}.", "I saw {ae} {inv}.",
    ),
    ("thing", "use doer"): (
        "{AE} can {v}.", "{PE} like to {v}.", "The {e} can {v}.", "See the {e} {v}.",
        "What does {ae} do? To {v}, of course.",
    ),
    ("thing", "use means"): (
        "{AE} is used to {v}.", "{PE} are used to {v}.", "You need {ae} to {v}.",
        "If you want to {v}, get {ae}.", "People use {ae} to {v}.",
    ),
    ("thing", "use object"): (
        "You can {v} {ae}.", "People {v} {pe}.", "It is easy to {v} {ae}.",
        "We {v} {pe} at home.", "If you have {ae}, {v} it.",
    ),
}  # fmt: skip

_ASKED: dict[tuple[str, str], tuple[str, ...]] = {
    ("person", "home"): ("Where does {e} live?", "In which town does {e} live?"),
    ("person", "job"): ("What is the job of {e}?", "What work does {e} do?"),
    ("person", "pet"): ("What is the pet of {e}?", "Which pet does {e} have?"),
    ("person", "fruit"): ("What is the favourite fruit of {e}?", "Which fruit does {e} like best?"),
    ("person", "instrument"): ("Which instrument does {e} play?", "What does {e} play?"),
    ("person", "colour"): ("What is the favourite colour of {e}?", "Which colour does {e} like?"),
    ("town", "country"): ("In which country is {e}?", "Where is the town of {e}?"),
    ("town", "food"): ("What food is {e} known for?", "What do people eat in {e}?"),
    ("town", "craft"): ("What do people make in {e}?", "What is made in {e}?"),
    ("town", "landmark"): ("What is the most famous sight in {e}?", "What stands in {e}?"),
    ("country", "capital"): ("What is the capital of {e}?", "Which town is the capital of {e}?"),
    ("country", "river"): ("Which river flows through {e}?", "What is the river of {e}?"),
    ("country", "ruler"): ("Who rules {e}?", "Who is the ruler of {e}?"),
    ("country", "flag"): (
        "What colour is the flag of {e}?", "What is the colour of the flag of {e}?",
    ),
    ("thing", "category"): ("What kind of thing is {ae}?", "What is {ae}?"),
    ("thing", "colour"): ("What colour is {ae}?", "What is the colour of {ae}?"),
    ("thing", "job category"): ("What do we call the work of {ae}?",),
    ("thing", "job colour"): ("What colour does {ae} wear?", "Which colour is worn by {ae}?"),
    ("thing", "place"): ("Where can you find {ae}?", "Where is {ae}?"),
    ("thing", "use doer"): ("What can {ae} do?", "What does {ae} like to do?"),
    ("thing", "use means"): ("What is {ae} used to do?", "Why do people use {ae}?"),
    ("thing", "use object"): ("What can you do with {ae}?", "What do people do with {ae}?"),
}  # fmt: skip


def capitalised(text: str) -> str:
    """The text with its first letter in upper case and the rest untouched."""
    return text[:1].upper() + text[1:]


def with_article(noun: str) -> str:
    """`an apple`, `a drum`, and `tea` for what is not counted."""
    if noun in MASS_NOUNS:
        return noun
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def located(place: str) -> str:
    """A place with the preposition and article it takes: `on the hill`."""
    preposition = "on" if place in _ON else "at" if place in _AT else "in"
    return f"{preposition} the {place}"


def plural(noun: str) -> str:
    """The plural of a known noun; other nouns are returned with an s."""
    return THING[noun].plural if noun in THING else f"{noun}s"


def pronoun(name: str) -> str:
    """`she` or `he` for a person's name."""
    return "she" if name in FEMALE else "he"


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def relation_key(fact: Fact) -> tuple[str, str]:
    """The key of a fact's phrasings: uses and jobs are said by what sort of thing it is."""
    if fact.kind != "thing":
        return fact.kind, fact.relation
    category = THING[fact.entity].category
    if category == "job" and fact.relation in {"category", "colour"}:
        return "thing", f"job {fact.relation}"
    if fact.relation != "use":
        return fact.kind, fact.relation
    sort = "doer" if category in _DOERS else "means" if category in _MEANS else "object"
    return "thing", f"use {sort}"


def _slots(fact: Fact) -> dict[str, str]:
    many = THING[fact.entity].noun if fact.entity in MASS_NOUNS else plural(fact.entity)
    value = fact.value
    return {
        "e": fact.entity, "v": value, "V": capitalised(value), "av": with_article(value),
        "AV": capitalised(with_article(value)), "pv": plural(value),
        "ae": with_article(fact.entity),
        "AE": capitalised(with_article(fact.entity)), "pe": many, "PE": capitalised(many),
        "inv": located(value),
    }  # fmt: skip


def _mass(sentence: str) -> bool:
    """Whether a template needs a noun that can be counted in the plural."""
    return "{pe}" in sentence or "{PE}" in sentence


def tellings(fact: Fact) -> tuple[str, ...]:
    """Every sentence that states the fact."""
    templates = _TOLD[relation_key(fact)]
    if fact.entity in MASS_NOUNS:
        templates = tuple(t for t in templates if not _mass(t))
    if fact.relation == "category" and fact.value == "furniture":
        templates = tuple(t.replace("{av}", "a piece of {v}") for t in templates)
    slots = _slots(fact)
    return tuple(template.format(**slots) for template in templates)


def questions(fact: Fact) -> tuple[str, ...]:
    """Every question whose answer is the fact's value."""
    slots = _slots(fact)
    return tuple(template.format(**slots) for template in _ASKED[relation_key(fact)])


def chance(rng: Random, share: float) -> bool:
    """True in this share of calls."""
    return rng.random() < share
