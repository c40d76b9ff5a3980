"""Conversations of several turns: examples given as turns, follow-up questions.

The chat stream alone uses these; the instruction suite has one turn an item. Not the light talk
of greetings and stories (`chats_talk.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.demo.chats_exchange import Draw
from core.demo.chats_numbers import any_problem
from core.demo.chats_system import any_rule, fact_for
from core.demo.chats_wording import (
    any_fact,
    asked,
    clause,
    facts_in,
    follow_up,
    portrait_in,
    question,
    statement,
)
from core.demo.documents_functions import TASKS, list_key
from core.demo.documents_labels import FAMILIES, LABEL_WORDS, is_open
from core.demo.grammar import with_article
from core.demo.held_out import reserved
from core.demo.world import CATEGORIES, NONSENSE


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: the role is system, user or assistant."""

    role: str
    content: str


Conversation = tuple[Message, ...]


def turns(*contents: str, system: str | None = None) -> Conversation:
    """User and assistant in alternation, after the system prompt if there is one."""
    roles = ("user", "assistant")
    spoken = tuple(Message(roles[i % 2], text) for i, text in enumerate(contents))
    return (Message("system", system), *spoken) if system else spoken


_PAIRS = (
    ("good review", "bad review"), ("good news", "bad news"), ("singular", "plural"),
    ("present", "past"), ("woman", "man"), ("person", "town"), ("small number", "large number"),
)  # fmt: skip
_TASK_SYSTEMS = (
    "Follow the examples.", "Do the same for each input.", "Label each text as in the examples.",
)  # fmt: skip
# Texts of one user turn, before and after the input.
_FRAMES = (("", ""), ("", ""), ("Input: ", ""), ("Text: ", "\nLabel:"), ("Word: ", ""))


def labelled_turns(draw: Draw) -> Conversation | None:
    """Inputs as user turns and arbitrary label words as answers."""
    classes = draw.pick(_PAIRS) if draw.chance(0.5) else tuple(draw.some(CATEGORIES, 2))
    pool = NONSENSE if draw.chance(0.6) else LABEL_WORDS
    labels = draw.some(pool, len(classes))
    before, after = draw.pick(_FRAMES)
    contents: list[str] = []
    order = draw.some((0, 1), 2)  # both labels are seen before a choice between them is asked
    order += [draw.rng.randrange(2) for _ in range(draw.pick((2, 3, 4, 5, 6, 8)))]
    for index in order:
        text = FAMILIES[classes[index]](draw.rng)
        if not is_open(classes[index], labels[index], text):
            return None
        contents += [f"{before}{text}{after}", labels[index]]
    return turns(*contents, system=draw.pick(_TASK_SYSTEMS) if draw.chance(0.3) else None)


_FUNCTIONS = (
    "antonym", "plural", "past", "first word", "last word", "second word", "copy", "reverse", "add",
    "double", "continue", "category", "member",
)  # fmt: skip


def function_turns(draw: Draw) -> Conversation | None:
    """Inputs as user turns and what a function makes of them as answers."""
    name = draw.pick(_FUNCTIONS)
    row = TASKS[name](draw.rng)
    before, after = draw.pick(_FRAMES[:3])
    contents: list[str] = []
    for _ in range(draw.pick((3, 4, 5, 6))):
        text, answer = row()
        if " " in text and reserved("list", list_key(text)):
            return None
        contents += [f"{before}{text}{after}", answer]
    return turns(*contents, system=draw.pick(_TASK_SYSTEMS[:2]) if draw.chance(0.3) else None)


_BARE_SYSTEMS = (
    "Give only the answer.", "Answer with the bare fact.", "Only the answer, no sentence.",
)  # fmt: skip


def question_turns(draw: Draw) -> Conversation:
    """Questions answered by the bare value, turn after turn."""
    contents: list[str] = []
    for _ in range(draw.pick((3, 4, 5))):
        fact = any_fact(draw, "question")
        contents += [draw.pick(asked(fact)), fact.value]
    return turns(*contents, system=draw.pick(_BARE_SYSTEMS))


def problem_turns(draw: Draw) -> Conversation:
    """Word problems as user turns, solved step by step as the first one was."""
    contents: list[str] = []
    for _ in range(draw.pick((2, 2, 3))):
        drawn = any_problem(draw)
        contents += [drawn.question, drawn.solution]
    return turns(*contents)


def follow_ups(draw: Draw) -> Conversation | None:
    """Two or three questions about one entity; later ones use what was said."""
    facts = portrait_in(draw, "follow-ups", "person", "person", "town", "country", "thing")
    kind = facts[0].kind
    first, *rest = draw.some(facts, min(len(facts), draw.pick((2, 2, 3))))
    if first not in facts_in(draw, "question", first.kind, first.relation):
        return None
    contents = [question(draw, first), statement(first)]
    name = with_article(first.entity) if kind == "thing" else first.entity
    for fact in rest:
        later = follow_up(fact)
        if later is None:
            return None
        aspect = {"category": "kind", "home": "home town"}.get(fact.relation, fact.relation)
        asks = draw.pick(("And what about the {a}?", "And the {a}?", "What about the {a} of {e}?"))
        contents += [asks.format(a=aspect, e=name), later]
    return turns(*contents)


_SAY_AGAIN: tuple[tuple[tuple[str, ...], Callable[[str], str]], ...] = (
    (("Now say it in capital letters.", "The same in upper case, please."), str.upper),
    (("Now in small letters.", "The same in lower case, please."), str.lower),
    (("Can you repeat that?", "Please say that again."), str),
)


_WITH_YES = ('Now start with "Yes,"', 'Say it again and start with "Yes,"')


def say_again(draw: Draw) -> Conversation:
    """An answer, then the same answer in another form."""
    fact = any_fact(draw, "question")
    said = statement(fact)
    if draw.chance(0.2):
        return turns(question(draw, fact), said, draw.pick(_WITH_YES), f"Yes, {clause(fact)}")
    wishes, change = draw.pick(_SAY_AGAIN)
    return turns(question(draw, fact), said, draw.pick(wishes), change(said))


def ruled_turns(draw: Draw) -> Conversation:
    """Two or three questions under one rule."""
    rule = any_rule(draw)
    contents: list[str] = []
    for _ in range(draw.pick((2, 2, 3))):
        fact = fact_for(draw, rule)
        contents += [question(draw, fact), rule.answer(fact)]
    return turns(*contents, system=rule.prompt)
