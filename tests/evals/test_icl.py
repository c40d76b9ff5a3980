"""Few-shot scoring loses nothing and repeats nothing, whatever it is cut into."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.canon import text_hash
from core.engine.protocol import Engine, Score
from core.errors import TaskError
from core.evals.icl import score_items
from core.evals.plan import icl_spec
from core.lam import Lam
from core.spec import RunSpec
from core.store.records import IclRecord
from core.tasks.suites import Suite, SuiteTask, load_suite
from tests.hash_engine import PAIR, HashEngine
from tests.small_suite import write_small_suite

FORMS = ("small_choice", "small_letter", "small_text")
Measure = Callable[..., list[IclRecord]]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    return load_suite("small", write_small_suite(tmp_path_factory.mktemp("suite")))


def records(
    task: SuiteTask, lam: int = 300, spec: RunSpec | None = None, engine: Engine | None = None
) -> list[IclRecord]:
    spec = spec or icl_spec(task, PAIR, Lam(lam))
    batches = score_items(engine or HashEngine(), spec, task)
    return [one for batch in batches for one in batch.records if isinstance(one, IclRecord)]


@pytest.mark.parametrize("name", FORMS)
def test_batches_change_nothing_but_where_a_run_may_stop(suite: Suite, name: str) -> None:
    task = suite.task(name)
    spec = icl_spec(task, PAIR, Lam(300))
    parts = list(score_items(HashEngine(), spec, task, batch_items=5))
    assert [len(part.records) for part in parts] == [5, 5, 2]
    assert [one for part in parts for one in part.records] == records(task)


@pytest.mark.parametrize("name", FORMS)
def test_a_resumed_run_asks_only_what_is_left(suite: Suite, name: str) -> None:
    task = suite.task(name)
    spec = icl_spec(task, PAIR, Lam(300))
    whole = records(task)
    done = frozenset(one.item for one in whole[:7])
    engine, seen = HashEngine(), list[tuple[int, int]]()
    batches = score_items(engine, spec, task, done, lambda *at: seen.append(at), batch_items=3)
    rest = [one for batch in batches for one in batch.records]
    assert rest == whole[7:]
    assert seen == [(10, 12), (12, 12)]
    assert sum(map(len, engine.asked)) == 5 * (1 if name == "small_text" else 3)


@pytest.mark.parametrize("name", FORMS)
def test_a_limit_takes_the_first_items_with_the_same_prompts(suite: Suite, name: str) -> None:
    task = suite.task(name)
    limited = records(task, spec=icl_spec(task, PAIR, Lam(300), limit=4))
    assert limited == records(task)[:4]


def test_one_lam_leaves_nothing_behind_for_the_next(suite: Suite) -> None:
    for task in suite.tasks:
        first = records(task, 300)
        assert records(task, 900) != first
        assert records(task, 300) == first


def test_every_prompt_is_given_with_its_hash(suite: Suite) -> None:
    task = suite.task("small_choice")
    spec = icl_spec(task, PAIR, Lam(0))
    for batch in score_items(HashEngine(), spec, task):
        assert {one.prompt for one in batch.records} == set(batch.prompts)
        assert all(text_hash(text) == key for key, text in batch.prompts.items())
        assert all(text.count("Answer:") == task.shots + 1 for text in batch.prompts.values())


def test_prediction_target_and_correct_agree(suite: Suite) -> None:
    for task in suite.tasks:
        for one in records(task):
            assert one.correct == (one.metrics[task.metric] == 1.0)
            if one.choices:
                assert one.correct == (one.prediction == one.target)
                assert len(one.logprobs) == len(one.choices)
            assert one.cluster == f"c{int(one.item[1:]) // 2}"


def test_without_shots_no_exemplar_is_shown(suite: Suite) -> None:
    task = replace(suite.task("small_choice"), shots=0)
    spec = icl_spec(task, PAIR, Lam(0))
    [batch] = score_items(HashEngine(), spec, task)
    assert all(text.count("Answer:") == 1 for text in batch.prompts.values())


def test_shuffled_exemplars_differ_in_their_labels_alone(suite: Suite) -> None:
    told = suite.task("small_choice")
    shuffled = replace(told, exemplars="shuffled")
    texts = [
        next(iter(score_items(HashEngine(), icl_spec(task, PAIR, Lam(0)), task))).prompts.values()
        for task in (told, shuffled)
    ]
    for one, other in zip(*texts, strict=True):
        assert one != other
        questions = [[line for line in text.split("\n") if "?" in line] for text in (one, other)]
        assert questions[0] == questions[1]


def test_a_metric_that_the_task_lacks_is_named(suite: Suite) -> None:
    with pytest.raises(TaskError, match="acc_norm"):
        records(replace(suite.task("small_choice"), metric="f1"))
    with pytest.raises(TaskError, match="exact_match,first"):
        records(replace(suite.task("small_text"), metric="exact_match"))


def test_what_lm_eval_cannot_build_is_said_with_the_file(tmp_path: Path) -> None:
    suite = load_suite("small", write_small_suite(tmp_path))
    path = tmp_path / "small" / "small_choice.yaml"
    path.write_text(path.read_text().replace("fewshot_split: dev", "fewshot_split: gone"))
    with pytest.raises(TaskError, match=r"small_choice\.yaml"):
        records(suite.task("small_choice"))


def test_two_items_of_one_id_are_refused(tmp_path: Path) -> None:
    suite = load_suite("small", write_small_suite(tmp_path))
    path = tmp_path / "small" / "test.jsonl"
    path.write_text(path.read_text().replace('"w3"', '"w2"'))
    with pytest.raises(TaskError, match="one id"):
        records(suite.task("small_choice"))


def test_a_batchs_time_is_shared_out_by_tokens(suite: Suite) -> None:
    found = records(suite.task("small_choice"))
    times = [one.seconds for one in found]
    assert all(time is not None and time >= 0 for time in times)
    assert max(found, key=lambda one: one.tokens).seconds == max(times)  # type: ignore[type-var]


def test_what_the_context_had_no_room_for_is_counted(suite: Suite) -> None:
    class Narrow(HashEngine):
        def score(self, *given: Any) -> list[Score]:
            return [replace(one, cut=at % 3) for at, one in enumerate(super().score(*given))]

    task = suite.task("small_choice")
    assert {one.cut for one in records(task, engine=Narrow())} == {2}
    assert {one.cut for one in records(task)} == {0}


def test_an_answer_without_a_token_is_refused_with_its_text(tmp_path: Path) -> None:
    suite = load_suite("small", write_small_suite(tmp_path))
    path = tmp_path / "small" / "small_choice.yaml"
    path.write_text(path.read_text() + 'target_delimiter: ""\n')
    data = tmp_path / "small" / "test.jsonl"
    data.write_text(data.read_text().replace('"ash"', '""'))
    with pytest.raises(TaskError, match=r"Answer:' is empty.*target_delimiter"):
        records(suite.task("small_choice"))
