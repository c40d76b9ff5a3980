"""Items as they are read: they give the run's accuracy again, and say what decided."""

import json
from pathlib import Path

import pytest

from core.errors import NotKnown
from core.reports.items import ItemRow, read_items, read_prompt
from core.reports.trade_off import read_trade_off
from core.settings import PUBLISHED
from core.store.codec import record_to_json
from core.store.records import IclRecord
from core.store.runs import RunStore
from tests.synthetic_sweep import Invented, prompt_text, write_synthetic_sweep

STORE = RunStore(Path(PUBLISHED))


@pytest.mark.parametrize("pair", ["tinyworld", "pocketworld"])
def test_the_items_give_every_published_accuracy_again(pair: str) -> None:
    line = read_trade_off(STORE, pair)
    assert line is not None
    for point in line.points:
        for task in point.tasks:
            items = read_items(STORE, task.run_id, task.metric)
            assert len(items) == task.score.n
            mean = 100 * sum(item.score for item in items) / len(items)
            assert mean == pytest.approx(task.score.value)
            assert [item.correct for item in items] == [item.score == 1.0 for item in items]


def test_the_taken_choice_is_the_largest_and_the_target_is_among_them() -> None:
    line = read_trade_off(STORE, "tinyworld")
    assert line is not None
    for task in line.points[0].tasks:
        for item in read_items(STORE, task.run_id, task.metric):
            if not item.choices:
                assert task.form == "G"
                continue
            (taken,) = [choice for choice in item.choices if choice.predicted]
            assert task.metric == "acc"  # which compares the raw log-likelihoods
            assert taken.logprob == max(choice.logprob for choice in item.choices)
            (target,) = [choice for choice in item.choices if choice.right]
            assert (target == taken) == item.correct


def stored(results: Path, record: IclRecord) -> ItemRow:
    """The record as it is read back from a run of its own."""
    store = write_synthetic_sweep(results, Invented(grid="1", items=1))
    run = next(iter(store.complete("icl")))
    (run.folder / "records.jsonl").write_text(json.dumps(record_to_json(record)) + "\n")
    (item,) = read_items(RunStore(results), run.run_id, "acc")
    return item


def test_log_likelihoods_are_divided_by_characters_and_by_bytes(tmp_path: Path) -> None:
    choices, logprobs = (" ß", ""), (-3.0, -1.0)
    record = IclRecord("x", "t", "p", choices, logprobs, "", " ß", False, {"acc": 0.0}, 9)
    written, empty = stored(tmp_path, record).choices
    assert (written.per_char, written.per_byte) == (-1.5, -1.0)  # two characters, three bytes
    assert (empty.per_char, empty.per_byte) == (None, None)
    assert empty.predicted and written.right


def test_several_right_answers_are_all_marked(tmp_path: Path) -> None:
    choices, logprobs = ("a", "b", "c"), (-1.0, -2.0, -3.0)
    record = IclRecord("x", "t", "p", choices, logprobs, "a", "a | c", True, {"acc": 1.0}, 3)
    assert [choice.right for choice in stored(tmp_path, record).choices] == [True, False, True]


def test_a_metric_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path, Invented(grid="1", items=2))
    run = next(iter(store.complete("icl")))
    with pytest.raises(NotKnown, match=r"'f1'.*They have: "):
        read_items(store, run.run_id, "f1")
    with pytest.raises(NotKnown, match="no complete run"):
        read_items(store, "0" * 20, "acc")


def test_the_prompt_is_read_byte_for_byte_and_its_absence_is_told(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path, Invented(grid="1", items=2))
    run = next(iter(store.complete("icl")))
    (metric,) = next(r.metrics for r in store.records_of(run) if isinstance(r, IclRecord))
    first, _ = read_items(store, run.run_id, metric)
    assert read_prompt(store, run.run_id, first.prompt) == prompt_text(first.item)
    with pytest.raises(NotKnown, match="is not stored here"):
        read_prompt(store, run.run_id, "f" * 64)
