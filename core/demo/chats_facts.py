"""Instructions that ask for facts: in a sentence, in one word, framed, as yes or no, described.

A fact on the held-out side is never asked, answered or described by the chat stream: the model
has met it as running text alone.
"""

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_wording import (
    ENDS,
    FACTS_ON,
    PORTRAITS_ON,
    STARTS,
    any_fact,
    clause,
    follow_up,
    others,
    question,
    statement,
    statements,
)
from core.demo.grammar import capitalised, located, plural, with_article
from core.demo.world import COLOURS, Fact
from core.judges.checks import Check
from core.judges.checks_content import Contains, ContainsNone, ContainsOneOf, OneOf, Ordered
from core.judges.checks_shape import (
    AllLower,
    AllUpper,
    EndsWith,
    MaxWords,
    SentenceCount,
    StartsWith,
    UsesWord,
)


def right(fact: Fact) -> tuple[Check, ...]:
    """The answer says the fact's value and none of the values it could be confused with."""
    wrong = others(fact)
    fruit = fact.relation == "fruit"  # "likes to eat cherries" is as right as "the cherry"
    said: Check = ContainsOneOf((fact.value, plural(fact.value))) if fruit else Contains(fact.value)
    return (said,) if fact.relation == "use" or not wrong else (said, ContainsNone(wrong))


def ask(draw: Draw) -> Exchange:
    """A question, answered in a sentence."""
    fact = any_fact(draw)
    return Exchange(
        "question", fact.relation, question(draw, fact), draw.pick(statements(fact)), right(fact)
    )


_ONE_WORD = (
    "Answer with one word.", "One word only.", "Reply with a single word.",
    "Use just one word.", "Give me only one word.",
)  # fmt: skip


def ask_one_word(draw: Draw) -> Exchange | None:
    """A question to be answered in one word."""
    fact = any_fact(draw)
    if " " in fact.value:
        return None
    return Exchange(
        "one word", fact.relation, f"{question(draw, fact)} {draw.pick(_ONE_WORD)}",
        capitalised(fact.value) + ".", (OneOf((fact.value,)), MaxWords(1)),
    )  # fmt: skip


def ask_framed(draw: Draw) -> Exchange:
    """A question whose answer must start or end with a stated phrase."""
    fact = any_fact(draw)
    if draw.chance(0.5):
        phrase = draw.pick(STARTS)
        wish = draw.pick(("Start your answer with", "Begin your answer with", "Start with"))
        answer = f"{phrase} {clause(fact)}"
        frame: Check = StartsWith(phrase)
    else:
        phrase = draw.pick(ENDS)
        wish = draw.pick(("End your answer with", "Finish your answer with", "End with"))
        answer = f"{statement(fact)} {phrase}"
        frame = EndsWith(phrase)
    text = f'{question(draw, fact)} {wish} "{phrase}"'
    return Exchange("framed answer", wish.split()[0], text, answer, (frame, *right(fact)))


_UPPER = ("Answer in capital letters.", "Use capital letters only.", "Write in upper case.")
_LOWER = ("Answer in lower case.", "Use no capital letters.", "Write in small letters only.")


def ask_cased(draw: Draw) -> Exchange:
    """A question to be answered in capitals or without any."""
    fact = any_fact(draw)
    upper = draw.chance(0.5)
    wish = draw.pick(_UPPER if upper else _LOWER)
    answer = statement(fact).upper() if upper else statement(fact).lower()
    case: Check = AllUpper() if upper else AllLower()
    text = f"{question(draw, fact)} {wish}"
    return Exchange("letter case", "upper" if upper else "lower", text, answer,
                    (case, *right(fact)))  # fmt: skip


_YES_NO = {
    ("person", "home"): "Does {e} live in {v}?", ("person", "job"): "Is {e} {av}?",
    ("person", "pet"): "Does {e} have a pet {v}?",
    ("person", "instrument"): "Does {e} play the {v}?",
    ("person", "fruit"): "Is the {v} the favourite fruit of {e}?",
    ("town", "country"): "Is {e} a town in {v}?",
    ("town", "landmark"): "Does {e} have a famous {v}?",
    ("country", "capital"): "Is {v} the capital of {e}?",
    ("country", "flag"): "Is the flag of {e} {v}?",
    ("thing", "category"): "Is {ae} {av}?", ("thing", "colour"): "Is {ae} {v}?",
    ("thing", "place"): "Can you find {ae} {inv}?",
}  # fmt: skip
_REASON = ("Say yes or no and give the right fact.", "Answer yes or no, then tell me the fact.",
           "Yes or no? Add the true fact.")  # fmt: skip


def ask_yes_no(draw: Draw) -> Exchange:
    """A yes or no question; the answer adds what is true."""
    kind, relation = draw.pick(tuple(_YES_NO))
    facts = FACTS_ON[draw.held_out][kind, relation]
    fact = draw.pick(facts)
    true = draw.chance(0.5)
    value = fact.value if true else draw.pick(others(fact))
    noun = "a piece of furniture" if value == "furniture" else with_article(value)
    text = _YES_NO[kind, relation].format(
        e=fact.entity, ae=with_article(fact.entity), v=value, av=noun, inv=located(value)
    )
    word = "Yes" if true else "No"
    checks: tuple[Check, ...] = (StartsWith(word), *right(fact)[: None if true else 1])
    return Exchange("yes or no", word, f"{text} {draw.pick(_REASON)}", f"{word}, {clause(fact)}",
                    checks)  # fmt: skip


_DESCRIBE = ("Describe {}", "Tell me about {}", "Write about {}", "Say something about {}")


def describe(draw: Draw) -> Exchange:
    """A description in one, two or three sentences."""
    kind = draw.pick(("person", "person", "town", "country", "thing", "thing"))
    facts = draw.pick(PORTRAITS_ON[draw.held_out][kind])
    told = draw.some(facts, min(len(facts), draw.pick((1, 2, 2, 2, 3))))
    later = [follow_up(fact) for fact in told[1:]]
    sentences = [statement(told[0]), *(text for text in later if text)]
    count = len(sentences)
    limit = ("in one sentence", "in two sentences", "in three sentences")[count - 1]
    name = facts[0].entity if kind != "thing" else with_article(facts[0].entity)
    text = f"{draw.pick(_DESCRIBE).format(name)} {limit}."
    checks = (SentenceCount(count), UsesWord(facts[0].entity), *_true_of(facts[0]))
    return Exchange("description", str(count), text, " ".join(sentences), checks)


def _true_of(sample: Fact) -> tuple[Check, ...]:
    """Some fact of the entity is told; for a thing, no wrong colour."""
    every = [f for side in FACTS_ON.values() for facts in side.values() for f in facts]
    own = tuple(f for f in every if f.entity == sample.entity)
    told = ContainsOneOf(tuple(dict.fromkeys(f.value for f in own)))
    colours = {f.value for f in own if f.relation in ("colour", "flag")} | {sample.entity}
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
    fact = draw.pick(FACTS_ON[draw.held_out]["thing", relation])
    word = draw.pick(_ADJECTIVES)
    what = "the colour" if relation == "colour" else "the place"
    text = draw.pick(_SENTENCE).format(ae=with_article(fact.entity), what=what, word=word)
    said = fact.value if relation == "colour" else located(fact.value)
    answer = f"The {word} {fact.entity} is {said}."
    checks = (SentenceCount(1), UsesWord(word), UsesWord(fact.entity), *right(fact))
    return Exchange("sentence with a word", relation, text, answer, checks)


_COMPARE = ("Compare the colours of {} and {}.", "What colours are {} and {}?",
            "Compare {} and {} by colour.")  # fmt: skip


def compare(draw: Draw) -> Exchange:
    """The colours of two things, side by side."""
    one, two = draw.some(FACTS_ON[draw.held_out]["thing", "colour"], 2)
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
    fact = draw.pick(FACTS_ON[draw.held_out]["person", "pet"])
    day = draw.pick(("One day", "One morning", "Last summer", "On a warm day"))
    seen = with_article(f"{draw.pick(COLOURS[:10])} {draw.pick(_GLIMPSES)}")
    walk = f"{day} {fact.entity} and the {fact.value} went to the {draw.pick(_WALKS)}."
    text = f"{draw.pick(_STORY).format(fact.entity)} Use three sentences."
    checks = (SentenceCount(3), UsesWord(fact.entity), *right(fact))
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


def greet(draw: Draw) -> Exchange:
    """A greeting that shows one knows the person."""
    relation = draw.pick(tuple(_ASPECTS))
    fact = draw.pick(FACTS_ON[draw.held_out]["person", relation])
    aspect, ending = _ASPECTS[relation]
    asks = ending.format(fact.value, av=with_article(fact.value)).replace("a apple", "an apple")
    hello = draw.pick(("Hello", "Hello", "Good morning", "Good evening"))
    text = draw.pick(_HELLO).format(fact.entity, aspect)
    checks = (UsesWord(fact.entity), EndsWith("?"), *right(fact))
    return Exchange("greeting", relation, text, f"{hello}, {fact.entity}! {asks}", checks,
                    about=f"{fact.entity} {relation}")  # fmt: skip
