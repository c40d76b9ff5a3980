"""Instructions to write a little: describe, tell a story, use a word, compare, greet.

The facts that such a text tells keep to the draw's side of the held-out line, as in
`chats_facts.py`.
"""

from functools import cache

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_facts import right
from core.demo.chats_wording import SAYABLE, facts_in, follow_up, portrait_in, statement
from core.demo.grammar import capitalised, located, with_article
from core.demo.world import COLOURS
from core.judges.checks import Check
from core.judges.checks_content import ContainsNone, ContainsOneOf, Ordered
from core.judges.checks_shape import EndsWith, SentenceCount, UsesWord

_DESCRIBE = ("Describe {}", "Tell me about {}", "Write about {}", "Say something about {}")


_DESCRIBED = ("person", "person", "town", "country", "thing", "thing")


def describe(draw: Draw) -> Exchange:
    """A description in one, two or three sentences."""
    facts = portrait_in(draw, "description", *_DESCRIBED)
    kind = facts[0].kind
    told = draw.some(facts, min(len(facts), draw.pick((1, 2, 2, 2, 3))))
    later = [follow_up(fact) for fact in told[1:]]
    sentences = [statement(told[0]), *(text for text in later if text)]
    count = len(sentences)
    limit = ("in one sentence", "in two sentences", "in three sentences")[count - 1]
    name = facts[0].entity
    form, shown = draw.pick(_DESCRIBE), with_article(name) if kind == "thing" else name
    text = f"{form.format(shown)} {limit}."
    checks: tuple[Check, ...] = (SentenceCount(count), UsesWord(name), *_true_of(name))
    return Exchange("description", str(count), text, " ".join(sentences), checks, about=name)


@cache
def _true_of(entity: str) -> tuple[Check, ...]:
    """Some fact of the entity is told; where it has a colour, no wrong colour is."""
    own = tuple(f for f in SAYABLE if f.entity == entity)
    told = ContainsOneOf(tuple(dict.fromkeys(f.value for f in own)))
    colours = {f.value for f in own if f.relation in ("colour", "flag")} | {entity}
    if not colours & set(COLOURS):
        return (told,)
    return told, ContainsNone(tuple(colour for colour in COLOURS if colour not in colours))


_ADJECTIVES = ("old", "small", "big", "good", "clean", "lovely", "little", "fine")
_SENTENCE = (
    'Write one sentence about {ae}. Say {what} and use the word "{word}".',
    'Write a sentence that says {what} of {ae}. It must have the word "{word}".',
    'Say {what} of {ae} in one sentence with the word "{word}".',
)  # fmt: skip


def write_sentence(draw: Draw) -> Exchange:
    """A sentence about a thing that tells one property and uses a given word."""
    relation = draw.pick(("colour", "place"))
    fact = draw.pick(facts_in(draw, "sentence", "thing", relation))
    word = draw.pick(_ADJECTIVES)
    what = "the colour" if relation == "colour" else "the place"
    text = draw.pick(_SENTENCE).format(ae=with_article(fact.entity), what=what, word=word)
    said = fact.value if relation == "colour" else located(fact.value)
    answer = f"The {word} {fact.entity} is {said}."
    used = (UsesWord(word), UsesWord(fact.entity))
    checks: tuple[Check, ...] = (SentenceCount(1), *used, *right(fact))
    return Exchange("sentence with a word", relation, text, answer, checks)


_COMPARE = ("Compare the colours of {} and {}.", "What colours are {} and {}?",
            "Compare {} and {} by colour.")  # fmt: skip


def compare(draw: Draw) -> Exchange:
    """The colours of two things, side by side."""
    one, two = draw.some(facts_in(draw, "comparison", "thing", "colour"), 2)
    names = with_article(one.entity), with_article(two.entity)
    text = draw.pick(_COMPARE).format(*names)
    if one.value == two.value:
        answer = f"Both {names[0]} and {names[1]} are {one.value}."
        checks: tuple[Check, ...] = (UsesWord("both"), *right(one))
    else:
        answer = f"{capitalised(names[0])} is {one.value}, but {names[1]} is {two.value}."
        checks = (Ordered((one.entity, one.value, two.entity, two.value)),)
    return Exchange("comparison", "colour", text, answer, checks)


_STORY = (
    "Write a short story about {} and the pet.", "Tell me a short story about {} and the pet.",
    "Tell a little story. It is about {} and the pet.",
)  # fmt: skip
_GLIMPSES = ("boat", "ship", "bell", "drum", "hat", "lamp", "ladder", "cart", "apple", "plum")
_HOMEWARD = (
    "In the evening they went home.", "They were very happy.", "It was a good day.",
    "Then they went home and slept well.",
)  # fmt: skip


def tell_story(draw: Draw) -> Exchange:
    """A story of three sentences in which the person's own pet takes part."""
    fact = draw.pick(facts_in(draw, "story", "person", "pet"))
    day = draw.pick(("One day", "One morning", "Last summer", "On a warm day"))
    seen = with_article(f"{draw.pick(COLOURS[:10])} {draw.pick(_GLIMPSES)}")
    walk = f"{day} {fact.entity} and the {fact.value} went to the {draw.pick(_WALKS)}."
    text = f"{draw.pick(_STORY).format(fact.entity)} Use three sentences."
    checks: tuple[Check, ...] = (SentenceCount(3), UsesWord(fact.entity), *right(fact))
    return Exchange("story", "pet", text, f"{walk} There they saw {seen}. {draw.pick(_HOMEWARD)}",
                    checks, about=fact.entity)  # fmt: skip


_WALKS = ("forest", "hill", "lake", "market", "garden", "river", "park", "beach", "field", "farm")
_HELLO = ("Greet {} and ask about the {}.", "Say hello to {} and ask about the {}.",
          "Write a greeting to {}. Ask about the {}.")  # fmt: skip
_ASPECTS = {
    "pet": ("pet", "How is your {}?"), "home": ("home town", "How is life in {}?"),
    "job": ("job", "How is your work as {av}?"),
    "instrument": ("instrument", "Do you still play the {}?"),
    "fruit": ("favourite fruit", "Did you eat a {} today?"),
}  # fmt: skip


def greet(draw: Draw) -> Exchange | None:
    """A greeting that shows one knows the person."""
    relation = draw.pick(tuple(_ASPECTS))
    facts = facts_in(draw, "greeting", "person", relation)
    if not facts:
        return None
    fact = draw.pick(facts)
    aspect, ending = _ASPECTS[relation]
    asks = ending.format(fact.value, av=with_article(fact.value)).replace("a apple", "an apple")
    hello = draw.pick(("Hello", "Hello", "Good morning", "Good evening"))
    text = draw.pick(_HELLO).format(fact.entity, aspect)
    checks: tuple[Check, ...] = (UsesWord(fact.entity), EndsWith("?"), *right(fact))
    return Exchange("greeting", relation, text, f"{hello}, {fact.entity}! {asks}", checks,
                    about=f"{fact.entity} {relation}")  # fmt: skip
