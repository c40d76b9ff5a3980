"""Instructions reach every λ in the same words, and each answer is kept once."""

from pathlib import Path

import pytest

from core.canon import text_hash
from core.evals.generations import answer_items
from core.evals.plan import generation_spec
from core.lam import Lam
from core.store.records import GenerationRecord
from core.tasks.suites import Suite, load_suite
from tests.hash_engine import PAIR, HashEngine
from tests.small_suite import write_small_suite


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return load_suite("small-instructions", write_small_suite(tmp_path))


def answers(suite: Suite, lam: int, done: frozenset[str] = frozenset()) -> list[GenerationRecord]:
    spec = generation_spec(suite, PAIR, Lam(lam))
    batches = answer_items(HashEngine(), spec, suite, done)
    return [one for batch in batches for one in batch.records if isinstance(one, GenerationRecord)]


def test_every_lam_is_asked_in_the_same_words(suite: Suite) -> None:
    base, instruct = answers(suite, 0), answers(suite, 1000)
    assert [one.prompt for one in base] == [one.prompt for one in instruct]
    assert [one.output for one in base] != [one.output for one in instruct]


def test_prompts_are_chats_and_an_items_system_message_goes_first(suite: Suite) -> None:
    engine = HashEngine()
    [batch] = answer_items(engine, generation_spec(suite, PAIR, Lam(0)), suite)
    texts = [batch.prompts[one.prompt] for one in batch.records]
    assert texts[0] == "<system>You are terse.<user>Name tree 0.<assistant>"
    assert texts[2] == "<system>You shout.<user>Name tree 2.<assistant>"
    assert all(text_hash(text) == key for key, text in batch.prompts.items())
    assert all(prompt.chat for prompt in engine.asked[0])  # type: ignore[union-attr]


def test_a_resumed_run_answers_only_what_is_left(suite: Suite) -> None:
    whole = answers(suite, 500)
    assert answers(suite, 500, frozenset({"i1"})) == [whole[0], whole[2]]


def test_progress_counts_items_of_the_whole_run(suite: Suite) -> None:
    seen: list[tuple[int, int]] = []
    spec = generation_spec(suite, PAIR, Lam(500))
    done = frozenset({"i0"})
    list(answer_items(HashEngine(), spec, suite, done, lambda *at: seen.append(at), batch_items=1))
    assert seen == [(2, 3), (3, 3)]


def test_a_limit_takes_the_first_items(suite: Suite) -> None:
    spec = generation_spec(suite, PAIR, Lam(500), limit=2)
    [batch] = answer_items(HashEngine(), spec, suite)
    assert list(batch.records) == answers(suite, 500)[:2]


def test_the_next_lam_renders_nothing_anew(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    first = answers(suite, 0)
    monkeypatch.setattr(HashEngine, "render_chat", None)
    assert [one.prompt for one in answers(suite, 900)] == [one.prompt for one in first]
