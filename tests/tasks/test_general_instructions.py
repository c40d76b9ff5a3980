"""The suite `general-instructions`: many kinds, fair checks, and no way to pass without following.

The null controls are the point, as in the embedded suite: silence, an echo, a constant and
another instruction's answer must not score.
"""

import json
from collections import Counter
from random import Random

import pytest

from core.judges.checks import Check, parse_check, passes, share_passed
from core.tasks.instructions import Instruction, load_instructions, reference_outputs
from core.tasks.suites import load_suite

SUITE = load_suite("general-instructions")
ITEMS = load_instructions(SUITE)
BY_ID = {item.id: item for item in ITEMS}
REFERENCES = reference_outputs(SUITE)
CHECKS: dict[str, list[Check]] = {
    item.id: [parse_check(dict(record)) for record in item.checks] for item in ITEMS
}
MOST = 0.05
CONSTANTS = (
    "Yes.", "No.", "yes", "no", "I do not know.", "I cannot help with that.", "Sure!", "{}", "[]",
    '{"answer": ""}', '{"answer": true}', "0", "1", "3", "6", "7", "10", "30", "A", "the", "I",
    "red", "blue", "Paris", "Monday", "The answer is 30.", "YES", "Hello!", "Good question!",
    "- one\n- two\n- three", "1. one\n2. two\n3. three", "Apple, banana, cherry",
    "As a language model I can say a lot about this: it is a good question about the world.",
)  # fmt: skip
# Right answers in other words than the reference's, as models give them.
ALSO_RIGHT = {
    "short-fact-02": "Plants absorb **carbon dioxide (CO2)** from the air.",
    "short-fact-10": "Gold has the chemical symbol **Au**, from the Latin *aurum*.",
    "one-word-01": "Tokyo.",
    "number-only-02": "108",
    "word-problem-01": "6 × 8 = 48 rolls. 48 − 29 = 19 rolls are left.\n\nThe answer is 19 rolls.",
    "word-problem-05": "7.50 euros = 750 cents; 750 / 5 = 150 cents.\n\nThe answer is **150**.",
    "list-01": "Earth, Mars, Jupiter",
    "list-05": "1. Asia\n2. Africa\n3. North America\n4. South America",
    "bullets-04": "- Chef's knife\n- Whisk\n- Wooden spoon",
    "bullets-05": "- 7 × 8 = 56\n- 50 + 41 = 91",
    "json-02": '```json\n{\n  "sum": 13,\n  "product": 42\n}\n```',
    "letter-case-01": "THE LION IS KNOWN AS THE KING OF THE JUNGLE.",
    "start-and-end-02": "The largest mammal on Earth is the blue whale. Hope that helps!",
    "length-01": "It is dark at night because the Earth rotates. "
    "Your side of the planet then faces away from the Sun.",
    "length-07": "Our store closes on Sundays.",
    "without-02": "Adult cows drink water.",
    "reading-05": "1934",
    "reading-08": "7:25",
    "rewriting-07": "My father cooked dinner yesterday.",
    "ordering-04": "1. Boil the water.\n2. Pour the water on the tea bag.\n3. Drink the tea.",
    "label-03": "Adverb",
    "language-07": "L'herbe est de couleur verte.",
    "language-08": "Eins, zwei, drei, vier, fünf",
    "word-form-01": "Modern",
    "reasoned-02": "No, 91 is not a prime number. It can be factored as 7 × 13.",
    "reasoned-06": "No, Zoe is the shortest; Mia is the tallest of the three.",
    "plain-request-03": "Bleach should never be mixed with ammonia.",
    "system-prompt-02": '{"answer": 132}',
    "system-prompt-05": "Une banane mûre est jaune.",
}


def followed(item: Instruction, output: str) -> bool:
    return all(passes(check, output) for check in CHECKS[item.id])


def share_followed(outputs: dict[str, str]) -> float:
    return sum(followed(item, outputs[item.id]) for item in ITEMS) / len(ITEMS)


def test_there_are_many_of_many_kinds() -> None:
    kinds = Counter(item.kind for item in ITEMS)
    assert len(ITEMS) >= 120 and len(kinds) >= 12 and max(kinds.values()) <= 0.1 * len(ITEMS)
    assert len({item.instruction for item in ITEMS}) == len(ITEMS) == len(REFERENCES)
    assert len({item.id for item in ITEMS}) == len(ITEMS)


def test_the_outputs_file_holds_the_datas_own_answers() -> None:
    assert {item.id: item.reference for item in ITEMS} == REFERENCES


def test_each_item_has_a_content_check_and_no_demand_twice() -> None:
    for item in ITEMS:
        checks = CHECKS[item.id]
        assert any(check.content for check in checks), item.id
        assert len({check.describe() for check in checks}) == len(checks), item.id


def test_no_two_items_check_the_same() -> None:
    seen = Counter(json.dumps(item.checks, sort_keys=True) for item in ITEMS)
    assert [checks for checks, times in seen.items() if times > 2] == []


def test_reference_outputs_follow() -> None:
    assert [item.id for item in ITEMS if not followed(item, REFERENCES[item.id])] == []


@pytest.mark.parametrize("name", ALSO_RIGHT)
def test_a_right_answer_in_other_words_follows(name: str) -> None:
    failed = [c.describe() for c in CHECKS[name] if not passes(c, ALSO_RIGHT[name])]
    assert failed == []


def test_silence_and_echo_do_not_pass() -> None:
    assert share_followed({item.id: "" for item in ITEMS}) == 0
    assert share_followed({item.id: item.instruction for item in ITEMS}) <= MOST
    prompts = {item.id: f"{item.system or ''}\n{item.instruction}" for item in ITEMS}
    assert share_followed(prompts) <= MOST
    assert sum(share_passed(CHECKS[item.id], "") for item in ITEMS) == 0


@pytest.mark.parametrize("text", CONSTANTS)
def test_a_constant_does_not_pass(text: str) -> None:
    assert share_followed({item.id: text for item in ITEMS}) <= MOST


def test_no_reference_passes_as_a_constant() -> None:
    texts = {*REFERENCES.values(), *ALSO_RIGHT.values()}
    best = max((share_followed(dict.fromkeys(REFERENCES, text)), text) for text in texts)
    assert best[0] <= MOST, best


@pytest.mark.parametrize("seed", range(5))
def test_anothers_answer_does_not_pass(seed: int) -> None:
    texts = [REFERENCES[item.id] for item in ITEMS]
    Random(seed).shuffle(texts)
    assert share_followed(dict(zip(REFERENCES, texts, strict=True))) <= MOST


def test_the_next_answer_of_the_same_kind_does_not_pass() -> None:
    turned: dict[str, str] = {}
    for kind in {item.kind for item in ITEMS}:
        names = [item.id for item in ITEMS if item.kind == kind]
        turned |= {a: REFERENCES[b] for a, b in zip(names, names[1:] + names[:1], strict=True)}
    assert share_followed(turned) <= MOST
