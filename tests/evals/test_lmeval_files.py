"""Exported results are lm-eval's own: same numbers as its evaluator, read by its own tools."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import StoreError, TaskError
from core.evals.icl import score_items
from core.evals.lmeval_files import write_lmeval
from core.evals.plan import icl_spec
from core.evals.replay import StoredTask, evaluate_stored
from core.lam import Lam
from core.store.environment import read_environment
from core.store.records import IclRecord
from core.tasks.lmeval import fresh_task
from core.tasks.suites import Suite, load_suite
from tests.evals.test_against_lmeval import lm_over
from tests.hash_engine import PAIR, HashEngine
from tests.small_suite import write_small_suite

LAM = Lam(400)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    return load_suite("small", write_small_suite(tmp_path_factory.mktemp("s"), every_shape=True))


def measured(suite: Suite, name: str, limit: int | None = None) -> StoredTask:
    task = suite.task(name)
    spec = icl_spec(task, PAIR, LAM, limit)
    batches = score_items(HashEngine(), spec, task)
    records = tuple(one for batch in batches for one in batch.records)
    environment = {**read_environment("cpu").to_json(), "started": "2026-01-02T03:04:05+00:00"}
    return StoredTask(task, spec, records, environment)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stored(suite: Suite) -> list[StoredTask]:
    return [measured(suite, task.name) for task in suite.tasks]


@pytest.fixture(scope="module")
def by_lmeval(suite: Suite) -> dict[str, Any]:
    """lm-eval's evaluator over the engine itself, with no record in between."""
    from lm_eval.evaluator import evaluate

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    tasks = {task.name: fresh_task(task) for task in suite.tasks}
    found: dict[str, Any] = evaluate(lm_over(HashEngine()), {"tasks": tasks}, bootstrap_iters=1000)
    return found


def test_numbers_are_those_of_lm_evals_evaluator(
    stored: list[StoredTask], by_lmeval: dict[str, Any]
) -> None:
    ours = evaluate_stored(stored)
    assert set(ours) == set(by_lmeval)
    for name, metrics in by_lmeval["results"].items():
        assert ours["results"][name] == pytest.approx(metrics), name
    for key in ("configs", "versions", "n-shot", "higher_is_better", "n-samples"):
        assert ours[key] == by_lmeval[key]


def test_samples_are_those_of_lm_evals_evaluator(
    stored: list[StoredTask], by_lmeval: dict[str, Any]
) -> None:
    ours = evaluate_stored(stored)["samples"]
    for name, samples in by_lmeval["samples"].items():
        assert len(samples) == len(ours[name])
        for mine, theirs in zip(ours[name], samples, strict=True):
            assert list(mine) == list(theirs)
            for key in theirs:
                if key in ("resps", "filtered_resps") and isinstance(theirs[key][0], tuple | list):
                    assert _flat(mine[key]) == pytest.approx(_flat(theirs[key]), abs=1e-4), key
                else:
                    assert mine[key] == theirs[key], key


def _flat(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [one for part in value for one in _flat(part)]
    return [float(value)] if isinstance(value, bool) else [value]


def test_files_are_read_by_lm_evals_own_tools(stored: list[StoredTask], tmp_path: Path) -> None:
    from datasets import load_dataset
    from lm_eval.result_schema import EvalResults, SampleResult
    from lm_eval.utils import (
        get_file_task_name,
        get_results_filenames,
        get_sample_results_filenames,
        make_table,
    )

    files = write_lmeval(stored, tmp_path / "out")
    results, *samples = map(str, files)
    assert get_results_filenames([str(file) for file in files]) == [results]
    assert get_sample_results_filenames([str(file) for file in files]) == samples
    assert [get_file_task_name(Path(one).name) for one in samples] == [
        one.task.name for one in stored
    ]
    content = json.loads(Path(results).read_text())
    table = make_table(content)
    assert "small_choice" in table
    assert "acc_norm" in table
    assert set(content) <= set(EvalResults.__annotations__)
    assert content["model_name"] == "hashes@0.4"
    assert content["config"]["model_args"]["lambda"] == "0.4"
    assert content["date"] == pytest.approx(1767323045)
    assert set(content["task_hashes"]) == {one.task.name for one in stored}
    for file in samples:
        rows = load_dataset("json", data_files=file, cache_dir=str(tmp_path / "cache"))["train"]
        fixed = set(SampleResult.__annotations__)
        assert fixed <= set(rows.column_names)
        assert set(rows.column_names) - fixed == set(rows[0]["metrics"])
    assert str(tmp_path) not in Path(results).read_text()


@pytest.mark.parametrize("prompt", ["chat", "chat-turns"])
def test_chats_go_out_in_the_words_that_were_put(suite: Suite, prompt: str, tmp_path: Path) -> None:
    from lm_eval.evaluator import evaluate

    from core.evals.lm import PartwayLM

    tasks = [replace(task, prompt=prompt) for task in suite.tasks]  # type: ignore[arg-type]
    theirs = evaluate(
        PartwayLM("p", LAM, HashEngine()),
        {"tasks": {task.name: fresh_task(task) for task in tasks}},
        bootstrap_iters=1000,
        apply_chat_template=True,
        fewshot_as_multiturn=prompt == "chat-turns",
    )
    stored = []
    for task in tasks:
        spec = icl_spec(task, PAIR, LAM)
        batches = list(score_items(HashEngine(), spec, task))
        records = tuple(one for batch in batches for one in batch.records)
        prompts = {key: text for batch in batches for key, text in batch.prompts.items()}
        stored.append(StoredTask(task, spec, records, {}, prompts))  # type: ignore[arg-type]
    ours = evaluate_stored(stored)
    for name, samples in theirs["samples"].items():
        assert ours["results"][name] == pytest.approx(theirs["results"][name])
        for mine, other in zip(ours["samples"][name], samples, strict=True):
            assert mine["arguments"] == other["arguments"]
            assert mine["prompt_hash"] == other["prompt_hash"]
            assert "<user>" in mine["arguments"][0][0]
    [results, *_] = write_lmeval(stored, tmp_path)
    content = json.loads(results.read_text())
    assert content["fewshot_as_multiturn"] == (prompt == "chat-turns")
    assert content["chat_template_sha"] == PAIR.chat_template
    with pytest.raises(StoreError, match="is not kept"):
        evaluate_stored([replace(stored[0], prompts={})])


def test_a_trial_exports_its_first_items(suite: Suite) -> None:
    found = evaluate_stored([measured(suite, "small_choice", limit=5)])
    assert found["n-samples"]["small_choice"] == {"original": 12, "effective": 5}
    assert len(found["samples"]["small_choice"]) == 5


def test_what_an_old_record_does_not_hold_is_not_made_up(suite: Suite) -> None:
    one = measured(suite, "small_choice")
    old = replace(one, records=tuple(replace(record, greedy=None) for record in one.records))
    [sample, *_] = evaluate_stored([old])["samples"]["small_choice"]
    assert {answer[0][1] for answer in sample["resps"]} == {None}
    assert {answer[1] for answer in sample["filtered_resps"]} == {None}


def test_equal_on_the_disk_is_still_the_choice_that_was_made(suite: Suite) -> None:
    one = measured(suite, "small_letter")

    def tied(record: IclRecord) -> IclRecord:
        chosen = record.choices.index("C")
        logprobs = (-1.0, -1.0, -1.0)
        right = record.target == "C"
        assert chosen == 2
        return replace(
            record,
            logprobs=logprobs,
            prediction="C",
            correct=right,
            metrics={"acc": float(right), "acc_norm": float(right)},
        )

    found = evaluate_stored([replace(one, records=tuple(map(tied, one.records)))])
    assert found["results"]["small_letter"]["acc,none"] == pytest.approx(
        sum(record.target == "C" for record in one.records) / len(one.records)
    )


def test_records_that_do_not_belong_to_the_files_are_refused(suite: Suite, tmp_path: Path) -> None:
    one = measured(suite, "small_choice")
    lied = replace(one.records[0], metrics={"acc": 7.0, "acc_norm": 7.0})
    with pytest.raises(StoreError, match="Measure the task again"):
        evaluate_stored([replace(one, records=(lied, *one.records[1:]))])
    with pytest.raises(StoreError, match="no record"):
        evaluate_stored([replace(one, records=one.records[1:])])
    other = replace(one.records[0], prompt="0" * 64)
    with pytest.raises(TaskError, match="another prompt"):
        evaluate_stored([replace(one, records=(other, *one.records[1:]))])
    changed = replace(one.task, fewshot_seed=7, cluster="thing")
    with pytest.raises(TaskError, match="not those that were measured"):
        evaluate_stored([replace(one, task=changed)])


def test_a_folder_that_cannot_be_written_is_told(stored: list[StoredTask], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is not a folder"):
        write_lmeval(stored[:1], tmp_path / "file")
