"""Instructions about words and sentences: opposites, forms, case, order, question, negation."""

import json

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_wording import STARTS
from core.demo.grammar import capitalised, plural, with_article
from core.demo.world import ANTONYMS, COLOURS, MASS_NOUNS, PAST_TENSES, PEOPLE, THINGS
from core.judges.checks import Check
from core.judges.checks_content import AnswerIs, Contains, Exactly, OneOf
from core.judges.checks_json import JsonKeys, JsonValues
from core.judges.checks_shape import AllLower, AllUpper, MaxWords, StartsWith

_OPPOSITES = (*ANTONYMS, *((b, a) for a, b in ANTONYMS))
_PLURALS = tuple(
    (thing.noun, plural(thing.noun))
    for thing in THINGS
    if thing.noun not in MASS_NOUNS and plural(thing.noun) != thing.noun
)
_ASKED_WORD = {
    "antonym": (
        "What is the opposite of {}?", "Give me the opposite of {}.",
        'The opposite of "{}", please.',
        'Which word is the opposite of "{}"?',
    ),
    "plural": (
        "What is the plural of {}?", "Give me the plural of {}.", 'The plural of "{}", please.',
        'How do you write the plural of "{}"?',
    ),
    "past": (
        "What is the past tense of {}?", "Give me the past tense of {}.",
        'Put the verb "{}" into the past.', 'How do you write "{}" in the past?',
    ),
}  # fmt: skip
_SAID_WORD = {
    "antonym": "The opposite of {} is {}.", "plural": "The plural of {} is {}.",
    "past": "The past tense of {} is {}.",
}  # fmt: skip
_TABLES = {"antonym": _OPPOSITES, "plural": _PLURALS, "past": PAST_TENSES}
_ONE_WORD = ("Answer with one word.", "One word only.", "Use just one word.")


def word_form(draw: Draw) -> Exchange | None:
    """An opposite, a plural or a past tense, in a sentence or as one word."""
    task = draw.pick(tuple(_TABLES))
    word, answer = draw.pick(_TABLES[task])
    bare = draw.chance(0.4)
    if word == answer or not draw.allows("instruction", word, f"{task} {bare}"):
        return None
    text = draw.pick(_ASKED_WORD[task]).format(word)
    if bare:
        return Exchange("word form", f"{task} bare", f"{text} {draw.pick(_ONE_WORD)}",
                        f"{capitalised(answer)}.", (OneOf((answer,)), MaxWords(1)),
                        about=word)  # fmt: skip
    said = _SAID_WORD[task].format(word, answer)
    checks = (Contains(answer), MaxWords(12))
    return Exchange("word form", task, text, said, checks, about=word)


_SAID_FIRST = {
    "antonym": "{1} is the opposite of {0}.", "plural": "{1} is the plural of {0}.",
    "past": "{1} is the past tense of {0}.",
}  # fmt: skip
_FORM_WISHES = {
    "framed": ('Start with "{}"', 'Begin your answer with "{}"'),
    "upper": ("Use capital letters only.", "Write in upper case.", "Answer in capital letters."),
    "lower": ("Use no capital letters.", "Write in small letters only."),
    "json": ('Answer as JSON with the key "answer".', 'Use JSON with the key "answer".'),
    "first": ("Begin with the answer.", "Say the answer first."),
}


def word_in_a_form(draw: Draw) -> Exchange | None:
    """The same words in forms that the suite does not ask them in, so that they are known."""
    task, form = draw.pick(tuple(_TABLES)), draw.pick(tuple(_FORM_WISHES))
    word, answer = draw.pick(_TABLES[task])
    if word == answer:
        return None
    phrase, said = draw.pick(STARTS), _SAID_WORD[task].format(word, answer)
    wish = draw.pick(_FORM_WISHES[form]).format(phrase)
    answers = {
        "framed": f"{phrase} {said[0].lower()}{said[1:]}", "upper": said.upper(),
        "lower": said.lower(), "json": json.dumps({"answer": answer}),
        "first": _SAID_FIRST[task].format(word, capitalised(answer)),
    }  # fmt: skip
    checks: dict[str, tuple[Check, ...]] = {
        "framed": (StartsWith(phrase), Contains(answer)), "upper": (AllUpper(), Contains(answer)),
        "lower": (AllLower(), Contains(answer)),
        "json": (JsonKeys(("answer",)), JsonValues((("answer", answer),))),
        "first": (StartsWith(capitalised(answer)), Contains(answer)),
    }  # fmt: skip
    text = f"{draw.pick(_ASKED_WORD[task]).format(word)} {wish}"
    return Exchange("word in a form", f"{task} {form}", text, answers[form], checks[form])


_ADJECTIVES = ("old", "small", "big", "good", "clean", "lovely", "little", "fine")
_NOUNS = tuple(thing.noun for thing in THINGS if thing.category != "job")
_VERBS = (("sees", "see", "saw"), ("has", "have", "had"), ("likes", "like", "liked"),
          ("finds", "find", "found"), ("buys", "buy", "bought"))  # fmt: skip
_CHANGES = {
    "upper": (
        "Write in capital letters: {}", "Put this sentence in upper case: {}",
        "Change all letters to capital letters: {}",
    ),
    "lower": ("Write in small letters: {}", "Put this sentence in lower case: {}"),
    "order": (
        "Put these words in order: {}", "Make a sentence of these words: {}",
        "These words are mixed up. Write the sentence: {}",
    ),
    "question": ("Turn this sentence into a question: {}", "Make a question: {}"),
    "negative": ("Say that this is not so: {}", "Make this sentence negative: {}"),
    "past": ("Put this sentence into the past: {}", "Write this sentence in the past tense: {}"),
    "repeat": ("Repeat this sentence: {}", "Write this sentence again: {}", "Copy this: {}"),
    "count": ("How many words are in this sentence? {}", "Count the words: {}"),
    "colour": ('Write this sentence with the colour "{c}": {}', "Change the colour to {c}: {}"),
}  # fmt: skip


def change_sentence(draw: Draw) -> Exchange | None:
    """A given sentence, changed as asked; the right result is one text."""
    change = draw.pick(tuple(_CHANGES))
    name, (now, plain, past) = draw.pick(PEOPLE).name, draw.pick(_VERBS)
    noun = draw.pick(_NOUNS)
    word, other = draw.some(COLOURS if change == "colour" else (*_ADJECTIVES, *COLOURS[:8]), 2)
    if not draw.allows("instruction", noun, f"{change} {now} {word}"):
        return None
    thing = _phrase(noun, word)
    sentence = f"{name} {now} {thing}."
    answer = {
        "upper": sentence.upper(), "lower": sentence.lower(), "order": sentence,
        "question": f"Does {name} {plain} {thing}?",
        "negative": f"{name} does not {plain} {thing}.", "past": f"{name} {past} {thing}.",
        "repeat": sentence, "count": f"There are {len(sentence.split())} words.",
        "colour": f"{name} {now} {_phrase(noun, other)}.",
    }[change]  # fmt: skip
    given = _mixed(draw, sentence) if change == "order" else sentence
    text = draw.pick(_CHANGES[change]).format(given, c=other)
    return Exchange("sentence change", change, text, answer, _change_checks(change, answer))


def _phrase(noun: str, word: str) -> str:
    return f"{word} {noun}" if noun in MASS_NOUNS else with_article(f"{word} {noun}")


def _mixed(draw: Draw, sentence: str) -> str:
    words = sentence.rstrip(".").split()
    mixed = draw.some(words, len(words))
    return ", ".join(mixed) if draw.chance(0.4) else " ".join(mixed)


def _change_checks(change: str, answer: str) -> tuple[Check, ...]:
    if change == "upper":
        return (Exactly(answer), AllUpper())
    if change == "lower":
        return (Exactly(answer), AllLower())
    if change == "count":
        return (AnswerIs(answer.split()[2]), MaxWords(8))
    return (Exactly(answer),)
