"""Instructions that ask for facts: in a sentence, in one word, framed, as yes or no.

A fact and a form on the held-out side never meet in the chat stream: the fact may be asked for
in another form, and the form is used with other facts. Not freer writing about facts
(`chats_writing.py`).
"""

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_wording import (
    ENDS,
    STARTS,
    any_fact,
    clause,
    facts_in,
    others,
    question,
    statement,
    statements,
)
from core.demo.grammar import capitalised, located, plural, with_article
from core.demo.world import Fact
from core.judges.checks import Check
from core.judges.checks_content import Contains, ContainsNone, ContainsOneOf, OneOf
from core.judges.checks_shape import (
    AllLower,
    AllUpper,
    EndsWith,
    MaxWords,
    StartsWith,
)


def right(fact: Fact) -> tuple[Check, ...]:
    """The answer says the fact's value and none of the values it could be confused with."""
    wrong = others(fact)
    fruit = fact.relation == "fruit"  # "likes to eat cherries" is as right as "the cherry"
    said: Check = ContainsOneOf((fact.value, plural(fact.value))) if fruit else Contains(fact.value)
    return (said,) if fact.relation == "use" or not wrong else (said, ContainsNone(wrong))


def ask(draw: Draw) -> Exchange:
    """A question, answered in a sentence."""
    fact = any_fact(draw, "question")
    return Exchange(
        "question", fact.relation, question(draw, fact), draw.pick(statements(fact)), right(fact)
    )


_ONE_WORD = (
    "Answer with one word.", "One word only.", "Reply with a single word.",
    "Use just one word.", "Give me only one word.",
)  # fmt: skip


def ask_one_word(draw: Draw) -> Exchange | None:
    """A question to be answered in one word."""
    fact = any_fact(draw, "one word")
    if " " in fact.value:
        return None
    return Exchange(
        "one word", fact.relation, f"{question(draw, fact)} {draw.pick(_ONE_WORD)}",
        capitalised(fact.value) + ".", (OneOf((fact.value,)), MaxWords(1)),
    )  # fmt: skip


def ask_framed(draw: Draw) -> Exchange:
    """A question whose answer must start or end with a stated phrase."""
    fact = any_fact(draw, "framed")
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
    upper = draw.chance(0.5)
    fact = any_fact(draw, "upper" if upper else "lower")
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
REASON = ("Say yes or no and give the right fact.", "Answer yes or no, then tell me the fact.",
           "Yes or no? Add the true fact.")  # fmt: skip
FACT_FIRST = (
    'Give the fact first. End with "the answer is yes" or "the answer is no".',
    'First tell me the fact, then end with "the answer is yes" or "the answer is no".',
)


def ask_yes_no(draw: Draw) -> Exchange | None:
    """A yes or no question; the answer adds what is true."""
    kind, relation = draw.pick(tuple(_YES_NO))
    facts = facts_in(draw, "yes or no", kind, relation)
    if not facts:
        return None
    fact = draw.pick(facts)
    true = draw.chance(0.5)
    value = fact.value if true else draw.pick(others(fact))
    noun = "a piece of furniture" if value == "furniture" else with_article(value)
    text = _YES_NO[kind, relation].format(
        e=fact.entity, ae=with_article(fact.entity), v=value, av=noun, inv=located(value)
    )
    word, said = "yes" if true else "no", right(fact)[: None if true else 1]
    if draw.chance(0.3):
        answer, first = f"{capitalised(word)}, {clause(fact)}", StartsWith(capitalised(word))
        return Exchange("yes or no", word, f"{text} {draw.pick(REASON)}", answer, (first, *said))
    contrast = "" if true else f", not {_as_said(fact, value)}"
    answer = f"{statement(fact)[:-1]}{contrast}. So the answer is {word}."
    last = EndsWith(f"the answer is {word}.")
    return Exchange("yes or no", word, f"{text} {draw.pick(FACT_FIRST)}", answer, (last, *said))


def _as_said(fact: Fact, value: str) -> str:
    """Another value as the fact's plain statement would end with it."""
    if value == "furniture":
        return "a piece of furniture"
    if fact.relation in ("job", "pet", "landmark", "category"):
        return with_article(value)
    if fact.relation in ("instrument", "fruit"):
        return f"the {value}"
    return located(value) if fact.relation == "place" else value
