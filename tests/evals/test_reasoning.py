"""Asking problems: prompts and seeds that do not depend on λ or batches, honest limits."""

from dataclasses import replace

import pytest

from core.errors import ContextOverflow, InputError, PairError, TaskError
from core.evals.reasoning import ask, pool_items, reasoning_spec, sample_seed, token_limit
from core.lam import BASE, INSTRUCT, Lam
from core.settings import read_settings
from core.spec import run_spec_from_json, spec_to_json
from core.store.reasoning import PoolRecord
from core.tasks.problems.benchmark import load_benchmark
from core.tasks.problems.load import Loaded, load_problems
from core.tasks.problems.prompting import JSON_STEPS, STEPS, Way
from core.tasks.problems.protocol import Arm, list_protocols, read_protocol
from tests.hash_engine import PAIR, HashEngine

ARM = Arm("all", "all", "completion", "text", "samples", 3, "0.7", 64)
WAY = Way("zero-shot-cot", "text")


@pytest.fixture
def loaded() -> Loaded:
    return load_problems(load_benchmark("tinyworld-reasoning"), "numbers", read_settings({}))


def records(
    engine: HashEngine, loaded: Loaded, done: frozenset[str] = frozenset()
) -> list[PoolRecord]:
    asked = ask(engine, PAIR, loaded, WAY, "completion", 5)
    spec = reasoning_spec(PAIR, Lam(500), asked, ARM)
    batches = pool_items(engine, spec, asked, done)
    return [one for batch in batches for one in batch.records if isinstance(one, PoolRecord)]


def test_a_resumed_run_says_what_the_whole_one_says(loaded: Loaded) -> None:
    whole = records(HashEngine(), loaded)
    assert len(whole) == 5 and all(len(one.outputs) == 3 for one in whole)
    rest = records(HashEngine(), loaded, frozenset({whole[0].item, whole[3].item}))
    assert rest == [whole[1], whole[2], whole[4]]


def test_every_sample_has_a_seed_of_its_own() -> None:
    seeds = {sample_seed(s, item, at) for s in (0, 1) for item in "ab" for at in range(20)}
    assert len(seeds) == 80
    assert all(0 <= seed < 2**48 for seed in seeds)  # whole in any JSON


@pytest.mark.parametrize("style", ["direct", "zero-shot-cot", "few-shot-cot"])
@pytest.mark.parametrize("answer", ["text", "json"])
def test_prompts_ask_in_the_way_that_is_named(loaded: Loaded, style: str, answer: str) -> None:
    way = Way(style, answer)  # type: ignore[arg-type]
    for form in ("completion", "chat"):
        asked = ask(HashEngine(), PAIR, loaded, way, form, 2)
        text = asked.prompts[0].text
        assert loaded.problems[0].question in text
        assert (loaded.examples[3].question in text) == (style == "few-shot-cot")
        assert loaded.examples[4].question not in text
        assert (JSON_STEPS in text) == (answer == "json" and style != "direct")
        if form == "completion" and answer == "text":
            assert text.endswith(f"Answer: {STEPS}") == (style == "zero-shot-cot")
            assert text.count("The answer is") == (4 if style == "few-shot-cot" else 0)


def test_the_id_holds_what_was_asked_and_not_its_order(loaded: Loaded) -> None:
    engine = HashEngine()
    asked = ask(engine, PAIR, loaded, WAY, "completion", 5)
    spec = reasoning_spec(PAIR, Lam(500), asked, ARM)
    assert run_spec_from_json(spec_to_json(spec)) == spec
    others = [
        reasoning_spec(PAIR, Lam(501), asked, ARM),
        reasoning_spec(PAIR, Lam(500), asked, replace(ARM, n=4)),
        reasoning_spec(PAIR, Lam(500), asked, replace(ARM, pooling="branches")),
        reasoning_spec(PAIR, Lam(500), asked, replace(ARM, temperature="0.8")),
        reasoning_spec(PAIR, Lam(500), ask(engine, PAIR, loaded, WAY, "completion", 6), ARM),
        reasoning_spec(
            PAIR, Lam(500), ask(engine, PAIR, loaded, Way("direct", "text"), "completion", 5), ARM
        ),
    ]
    assert len({one.run_id for one in (spec, *others)}) == 7


def test_answers_are_capped_to_the_context_and_it_is_said(loaded: Loaded) -> None:
    bare = replace(loaded, benchmark=replace(loaded.benchmark, max_new_tokens=None))
    asked = ask(HashEngine(), PAIR, bare, WAY, "completion", None)
    long = replace(ARM, max_new_tokens=8192)
    limit, note = token_limit(asked, long, PAIR)
    assert limit == PAIR.context_length - asked.longest_prompt
    assert note is not None and f"{limit:,} tokens, not 8,192" in note and "context" in note
    assert token_limit(asked, ARM, PAIR) == (64, None)
    own = ask(HashEngine(), PAIR, loaded, WAY, "completion", None)
    assert token_limit(own, long, PAIR)[0] == 96
    with pytest.raises(ContextOverflow, match="context is 20"):
        token_limit(asked, ARM, replace(PAIR, context_length=20))


def test_a_chat_needs_a_template_and_examples_need_rows(loaded: Loaded) -> None:
    with pytest.raises(PairError, match="no chat template"):
        ask(HashEngine(), replace(PAIR, chat_template=None), loaded, WAY, "chat", 1)
    none = replace(loaded, examples=loaded.examples[:3])
    with pytest.raises(TaskError, match="3 worked examples"):
        ask(HashEngine(), PAIR, none, Way("few-shot-cot", "text"), "completion", 1)


def test_protocols_give_each_side_its_arm() -> None:
    published = read_protocol("published")
    assert [arm.name for arm in published.arms_at(BASE)] == ["base"]
    assert [arm.name for arm in published.arms_at(Lam(-100))] == ["base"]
    assert [arm.name for arm in published.arms_at(INSTRUCT)] == ["instruct"]
    assert [arm.name for arm in published.arms_at(Lam(500))] == ["base", "instruct"]
    base, instruct = published.arms
    assert (base.pooling, base.n, base.temperature) == ("branches", 20, "0")
    assert (instruct.pooling, instruct.n, instruct.temperature) == ("samples", 20, "0.05")
    assert (instruct.answer, instruct.max_new_tokens) == ("json", 8192)
    for name in list_protocols():
        if name.startswith("symmetric"):
            protocol = read_protocol(name)
            assert protocol.arms_at(BASE) == protocol.arms_at(INSTRUCT)


@pytest.mark.parametrize(("n", "tokens"), [(0, None), (-1, None), (1001, None), (None, 0)])
def test_no_answers_and_empty_answers_are_refused(n: int | None, tokens: int | None) -> None:
    with pytest.raises(InputError, match="Give 1"):
        ARM.with_sizes(n, tokens)


def test_a_greedy_answer_is_one_whatever_n_is() -> None:
    assert replace(ARM, pooling="greedy").with_sizes(8, None).n == 1
