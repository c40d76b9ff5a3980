"""A plan is ids: what could change an answer changes the id, and nothing is computed."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError, PairError, TaskError
from core.evals.plan import generation_spec, icl_spec, icl_specs
from core.lam import Lam
from core.tasks.suites import Suite, load_suite
from tests.hash_engine import PAIR
from tests.small_suite import write_small_suite


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    return write_small_suite(tmp_path)


@pytest.fixture
def suite(suites: Path) -> Suite:
    return load_suite("small", suites)


def test_one_run_a_task_with_an_id_of_its_own(suite: Suite) -> None:
    specs = icl_specs(suite, PAIR, Lam(300))
    assert [spec.task.name for spec in specs] == [task.name for task in suite.tasks]
    assert len({spec.run_id for spec in specs}) == 3
    assert [spec.run_id for spec in specs] == [s.run_id for s in icl_specs(suite, PAIR, Lam(300))]


def test_lam_limit_shots_seed_and_exemplars_make_another_run(suite: Suite) -> None:
    task = suite.tasks[0]
    ids = {
        icl_spec(task, PAIR, Lam(300)).run_id,
        icl_spec(task, PAIR, Lam(301)).run_id,
        icl_spec(task, PAIR, Lam(300), limit=5).run_id,
        icl_spec(replace(task, shots=0), PAIR, Lam(300)).run_id,
        icl_spec(replace(task, fewshot_seed=7), PAIR, Lam(300)).run_id,
        icl_spec(replace(task, exemplars="shuffled"), PAIR, Lam(300)).run_id,
        icl_spec(task, replace(PAIR, dtype="bfloat16"), Lam(300)).run_id,
    }
    assert len(ids) == 7


def test_generations_are_chats_with_the_suites_system_message(suites: Path) -> None:
    spec = generation_spec(load_suite("small-instructions", suites), PAIR, Lam(1000))
    assert (spec.prompt.form, spec.prompt.system) == ("chat", "You are terse.")
    assert spec.prompt.chat_template == PAIR.chat_template
    assert spec.decoding is not None and spec.decoding.max_new_tokens == 12


def test_what_cannot_be_run_is_refused_before_it_starts(suites: Path, suite: Suite) -> None:
    instructions = load_suite("small-instructions", suites)
    with pytest.raises(PairError, match="no chat template"):
        generation_spec(instructions, replace(PAIR, chat_template=None), Lam(0))
    with pytest.raises(PairError, match=r"up to 12 tokens.*context of 12"):
        generation_spec(instructions, replace(PAIR, context_length=12), Lam(0))
    assert generation_spec(instructions, replace(PAIR, context_length=0), Lam(0)), "not known yet"
    with pytest.raises(TaskError, match="no instructions"):
        generation_spec(suite, PAIR, Lam(0))
    with pytest.raises(InputError, match="0 items"):
        icl_specs(suite, PAIR, Lam(0), limit=0)
