"""The suite `tinyworld-instructions`: reproducible, held out, and not passed without following.

The null controls are the point: whoever says nothing, repeats the prompt, always says the same
or answers another question must not score.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random

import pytest

from core.demo.chats import Conversation, chat_conversations
from core.demo.chats_turns import Message
from core.demo.grammar import questions
from core.demo.held_out import reserved
from core.demo.instruction_suite import COUNTS, DATA, REFERENCE, data_text, reference_text
from core.demo.recipe import RECIPE, Corpus
from core.demo.world import FACTS
from core.judges.answer_text import words
from core.judges.checks import Check, parse_check, passes, share_passed
from core.tasks.instructions import Instruction, load_instructions, reference_outputs
from core.tasks.suites import load_suite

SUITE = load_suite("tinyworld-instructions")
ITEMS = load_instructions(SUITE)
REFERENCES = reference_outputs(SUITE)
CHECKS: dict[str, list[Check]] = {
    item.id: [parse_check(dict(record)) for record in item.checks] for item in ITEMS
}
MOST = 0.05
CONSTANTS = (
    "Yes.", "No.", "yes", "no", "I do not know.", "Sure!", "{}", "[]", '{"answer": ""}', "0", "1",
    "2", "5", "10", "A", "the", "red", "brown", "The answer is 5.", "YES", "Hello!", "Tool.",
    "Good.", "There are 5 words.", "I am a small model of a small world.",
)  # fmt: skip


def followed(item: Instruction, output: str) -> bool:
    return all(passes(check, output) for check in CHECKS[item.id])


def share_followed(outputs: dict[str, str]) -> float:
    return sum(followed(item, outputs[item.id]) for item in ITEMS) / len(ITEMS)


def test_the_files_are_what_the_code_makes() -> None:
    assert DATA.read_text(encoding="utf-8") == data_text()
    assert REFERENCE.read_text(encoding="utf-8") == reference_text()


def test_size_kinds_and_fields() -> None:
    assert len(ITEMS) >= 200 and Counter(item.kind for item in ITEMS) == COUNTS
    assert len(COUNTS) >= 10 and COUNTS["json"] >= 25 and COUNTS["system prompt"] >= 20
    assert max(COUNTS.values()) <= 0.15 * len(ITEMS)
    assert len({item.instruction for item in ITEMS}) == len(ITEMS)
    assert all(item.system for item in ITEMS if item.kind == "system prompt")
    assert len(REFERENCES) == len(ITEMS)


def test_each_item_has_a_content_check_and_no_demand_twice() -> None:
    for item in ITEMS:
        checks = CHECKS[item.id]
        assert any(check.content for check in checks), item.id
        assert len({check.describe() for check in checks}) == len(checks), item.id


def test_reference_outputs_follow() -> None:
    assert [item.id for item in ITEMS if not followed(item, REFERENCES[item.id])] == []


def test_silence_and_echo_do_not_pass() -> None:
    assert share_followed({item.id: "" for item in ITEMS}) == 0
    assert share_followed({item.id: item.instruction for item in ITEMS}) <= MOST
    prompts = {item.id: f"{item.system or ''}\n{item.instruction}" for item in ITEMS}
    assert share_followed(prompts) <= MOST


@pytest.mark.parametrize("text", CONSTANTS)
def test_a_constant_does_not_pass(text: str) -> None:
    assert share_followed({item.id: text for item in ITEMS}) <= MOST


def test_no_reference_passes_as_a_constant() -> None:
    best = max(
        (share_followed(dict.fromkeys(REFERENCES, text)), text) for text in set(REFERENCES.values())
    )
    assert best[0] <= MOST, best


@pytest.mark.parametrize("seed", range(5))
def test_anothers_answer_does_not_pass(seed: int) -> None:
    texts = [REFERENCES[item.id] for item in ITEMS]
    Random(seed).shuffle(texts)
    assert share_followed(dict(zip(REFERENCES, texts, strict=True))) <= MOST


def test_the_next_answer_of_the_same_kind_does_not_pass() -> None:
    turned: dict[str, str] = {}
    for kind in COUNTS:
        names = [item.id for item in ITEMS if item.kind == kind]
        turned |= {a: REFERENCES[b] for a, b in zip(names, names[1:] + names[:1], strict=True)}
    assert share_followed(turned) <= MOST


def test_saying_nothing_earns_no_share_either() -> None:
    shares = [share_passed(CHECKS[item.id], "") for item in ITEMS]
    assert sum(shares) / len(shares) == 0


def normal(text: str) -> str:
    return " ".join(words(text.casefold()))


def asked_in(conversation: Conversation) -> Iterator[str]:
    """What a conversation asks, each message behind the system prompt it stands under."""
    system = next((m.content for m in conversation if m.role == "system"), "")
    return (normal(f"{system} {m.content}") for m in conversation if m.role != "system")


def kept_in(work: tuple[Corpus, int]) -> set[str]:
    """Instructions of the suite that one shard asks."""
    corpus, shard = work
    kept = {normal(f"{item.system or ''} {item.instruction}") for item in ITEMS}
    talks = chat_conversations(corpus.seed, shard, corpus.documents, corpus.reading)
    return kept & {asked for talk in talks for asked in asked_in(talk)}


def test_an_instruction_is_known_again_where_it_is_asked() -> None:
    item = ITEMS[0]
    before = () if item.system is None else (Message("system", item.system),)
    talk = (*before, Message("user", f"  {item.instruction.upper()} "))
    assert normal(f"{item.system or ''} {item.instruction}") in set(asked_in(talk))


def test_no_instruction_occurs_in_the_chats_of_the_shipped_pair() -> None:
    shards = [(one, shard) for one in RECIPE.chat_corpora() for shard in range(one.shards)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert set().union(*pool.map(kept_in, shards)) == set()


def test_no_fact_is_asked_that_the_few_shot_suite_asks() -> None:
    kept = {fact for fact in FACTS if reserved("fact", (fact.entity, fact.relation))}
    asked = {normal(text) for fact in kept for text in questions(fact)}
    asked -= {normal(text) for fact in set(FACTS) - kept for text in questions(fact)}
    corpus = RECIPE.chat_corpus
    talks = chat_conversations(corpus.seed, 0, 5000)
    said = {normal(message.content) for talk in talks for message in talk}
    assert len(asked) > 300 and asked & said == set()
    assert {normal(item.instruction) for item in ITEMS} & asked == set()
