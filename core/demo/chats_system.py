"""Instructions under a system prompt that sets a rule: the answer must obey it unasked."""

import json
from dataclasses import dataclass

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_facts import right
from core.demo.chats_wording import any_fact, question, statement
from core.demo.grammar import capitalised
from core.demo.world import Fact
from core.judges.checks import Check
from core.judges.checks_content import OneOf
from core.judges.checks_json import JsonKeys, JsonValues
from core.judges.checks_shape import AllLower, AllUpper, EndsWith, MaxWords, StartsWith

PLAIN_SYSTEMS = (
    "You are a helpful assistant.", "You answer questions about a small world.",
    "You are a friendly guide.", "Be polite and brief.",
)  # fmt: skip
_PERSONAS = (
    ("You are Bo, a friendly robot.", "Beep!"), ("You are an old sailor.", "Ahoy!"),
    ("You are a polite butler.", "At your service."), ("You are a sleepy owl.", "Hoot!"),
    ("You are a happy dog.", "Woof!"), ("You are a wise king.", "So says the king."),
    ("You are a shy mouse.", "Squeak!"), ("You are a busy baker.", "Now back to my bread."),
)  # fmt: skip
_OPENINGS = ("Dear guest,", "My friend,", "Good day:", "Listen:", "Yes, captain:")
_ONE_WORD = ("Answer with one word only.", "You always answer in a single word.",
             "Every answer must be one word.")  # fmt: skip
_UPPER = ("Answer in capital letters only.", "You always write in capital letters.",
          "Write every answer in upper case.")  # fmt: skip
_LOWER = ("You never use capital letters.", "Write every answer in lower case.",
          "Answer in small letters only.")  # fmt: skip
_JSON = ('Answer as JSON with the key "answer".', 'You reply with JSON only. The key is "answer".',
         'Every answer must be a JSON object with the key "answer".')  # fmt: skip
_ENDING = ('End every answer with "{}"', 'Always finish with "{}"',
           'Your last words are always "{}"')  # fmt: skip
_OPENING = ('Start every answer with "{}"', 'Always begin with "{}"')


@dataclass(frozen=True, slots=True)
class Rule:
    """A system prompt, and what it makes of an answer about a fact."""

    name: str
    prompt: str
    phrase: str = ""

    def answer(self, fact: Fact) -> str:
        """The answer under this rule."""
        said = statement(fact)
        return {
            "one word": f"{capitalised(fact.value)}.", "upper": said.upper(), "lower": said.lower(),
            "json": json.dumps({"answer": fact.value}), "ending": f"{said} {self.phrase}",
            "opening": f"{self.phrase} {said}",
        }[self.name]  # fmt: skip

    def checks(self, fact: Fact) -> tuple[Check, ...]:
        """What the answer must pass."""
        if self.name == "one word":
            return (OneOf((fact.value,)), MaxWords(1))
        if self.name == "json":
            return (JsonKeys(("answer",)), JsonValues((("answer", fact.value),)))
        rules: dict[str, Check] = {"upper": AllUpper(), "lower": AllLower()}
        if self.phrase:
            rules |= {"ending": EndsWith(self.phrase), "opening": StartsWith(self.phrase)}
        return (rules[self.name], *right(fact))


def any_rule(draw: Draw) -> Rule:
    """One of the rules, in one of its wordings."""
    name = draw.pick(("one word", "upper", "lower", "json", "ending", "ending", "opening"))
    if name == "ending":
        persona, phrase = draw.pick(_PERSONAS)
        prompt = draw.pick(_ENDING).format(phrase)
        return Rule(name, f"{persona} {prompt}" if draw.chance(0.7) else prompt, phrase)
    if name == "opening":
        phrase = draw.pick(_OPENINGS)
        return Rule(name, draw.pick(_OPENING).format(phrase), phrase)
    wordings = {"one word": _ONE_WORD, "upper": _UPPER, "lower": _LOWER, "json": _JSON}
    prompt = draw.pick(wordings[name])
    return Rule(name, f"{draw.pick(PLAIN_SYSTEMS)} {prompt}" if draw.chance(0.3) else prompt)


# The question alone, and an answer that begins with the statement but for its case: what is held
# out of plain questions is held out of these.
_AS_A_QUESTION = ("upper", "lower", "ending")


def fact_for(draw: Draw, rule: Rule) -> Fact:
    """A fact that the rule can answer: one word for the one-word rule."""
    form = "question" if rule.name in _AS_A_QUESTION else f"system {rule.name}"
    while True:
        fact = any_fact(draw, form)
        if rule.name != "one word" or " " not in fact.value:
            return fact


def obey(draw: Draw) -> Exchange:
    """A question under a rule."""
    rule = any_rule(draw)
    fact = fact_for(draw, rule)
    text = question(draw, fact)
    return Exchange("system prompt", rule.name, text, rule.answer(fact), rule.checks(fact),
                    rule.prompt)  # fmt: skip
