"""What the results folder promises to whoever reads it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.canon import text_hash
from core.errors import NotKnown, StoreError
from core.spec import JudgmentSpec
from core.store.codec import Record, Spec, record_from_json, record_to_json
from core.store.records import IclRecord, JudgmentRecord
from core.store.runs import RunStore
from tests.store.made_runs import HERE, answer_record, answer_spec, icl_record, icl_spec

VERDICTS = JudgmentSpec("a" * 20, "b" * 20, "verifier", "1")
CASES: list[tuple[Spec, list[Record]]] = [
    (icl_spec(), [icl_record("1"), icl_record("2", correct=False)]),
    (answer_spec(), [answer_record("1"), answer_record("2", "")]),
    (VERDICTS, [JudgmentRecord("1", 1.5, 0.5, 0.5, False, detail={"says ash": True})]),
]


def keep(store: RunStore, spec: Spec, records: list[Record]) -> None:
    prompts = {text_hash("a prompt"): "a prompt"}
    with store.open(spec, HERE) as run:
        run.append(records, prompts)
        run.finish({"n": len(records)})


@pytest.mark.parametrize(("spec", "records"), CASES)
def test_what_was_written_is_read_back(tmp_path: Path, spec: Spec, records: list[Record]) -> None:
    keep(RunStore(tmp_path), spec, records)
    store = RunStore(tmp_path)
    assert list(store.records(spec.run_id)) == records
    assert store.spec(spec.run_id) == spec
    assert store.summary(spec.run_id) == {"n": len(records)}
    assert store.environment(spec.run_id)["finished"] is not None


def test_a_run_counts_only_once_its_summary_is_there(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    with store.open(spec, HERE) as run:
        run.append([icl_record("1")])
        assert not store.is_complete(spec.run_id)
        run.finish({"n": 1})
    assert store.is_complete(spec.run_id)
    assert [stored.run_id for stored in store.complete("icl")] == [spec.run_id]


def test_an_unfinished_run_is_not_read(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    with store.open(spec, HERE) as run:
        run.append([icl_record("1")])
    with pytest.raises(NotKnown, match="no complete run"):
        store.records(spec.run_id)
    assert list(store.complete("icl")) == []


def test_one_lam_never_serves_another(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for lam, correct in (("0.3", True), ("0.301", False)):
        keep(store, icl_spec(lam), [icl_record("1", correct)])
    by_lam = next(iter(store.lines("icl").values()))
    found = {}
    for lam, stored in by_lam.items():
        (record,) = store.records(stored.run_id)
        assert isinstance(record, IclRecord)
        found[lam] = record.correct
    assert found == {"0.3": True, "0.301": False}


def test_lines_join_lams_and_keep_tasks_apart(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for spec in (icl_spec("0"), icl_spec("1"), icl_spec("1", "causes")):
        keep(store, spec, [icl_record("1")])
    assert sorted(sorted(by_lam) for by_lam in store.lines("icl").values()) == [["0", "1"], ["1"]]


def test_a_prompt_is_kept_once_for_all_lams(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for lam in ("0", "0.5", "1"):
        keep(store, icl_spec(lam), [icl_record("1")])
    (file,) = (tmp_path / "prompts").glob("*.jsonl")
    assert file.read_text().count("\n") == 1
    assert store.prompts(icl_spec("0.5").run_id) == {text_hash("a prompt"): "a prompt"}


def test_published_results_are_read_and_never_written(tmp_path: Path) -> None:
    published, own = tmp_path / "published", tmp_path / "own"
    keep(RunStore(published), icl_spec("0"), [icl_record("1")])
    before = sorted(path for path in published.rglob("*"))
    store = RunStore(own, also=(published,))
    assert store.is_complete(icl_spec("0").run_id)
    keep(store, icl_spec("1"), [icl_record("1")])
    assert sorted(path for path in published.rglob("*")) == before
    assert len(list(store.complete("icl"))) == 2
    assert store.prompts(icl_spec("0").run_id)


def test_a_run_measured_again_is_read_anew(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    keep(store, spec, [icl_record("1")])
    assert len(store.records(spec.run_id)) == 1
    shutil.rmtree(tmp_path / "runs")
    keep(store, spec, [icl_record("1"), icl_record("2")])
    assert len(store.records(spec.run_id)) == 2


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\r", "\n"])
def test_no_character_of_a_text_ends_a_line(tmp_path: Path, separator: str) -> None:
    store, spec = RunStore(tmp_path), answer_spec()
    texts = [f"before{separator}after", "🜁 λ", "\ud800 a lone surrogate", "\x00"]
    records: list[Record] = [answer_record(str(i), text) for i, text in enumerate(texts)]
    keep(store, spec, records)
    assert list(RunStore(tmp_path).records(spec.run_id)) == records


def test_lines_of_others_are_split_at_line_ends_only(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), answer_spec()
    keep(store, spec, [answer_record("1", "one")])
    path = tmp_path / "generations" / spec.run_id / "records.jsonl"
    path.write_text(path.read_text().replace("one", "one\u2028two"), encoding="utf-8")
    (record,) = RunStore(tmp_path).records(spec.run_id)
    assert record == answer_record("1", "one\u2028two")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_log_probability_that_is_no_number_is_refused(tmp_path: Path, value: float) -> None:
    good, spec = icl_record("1"), icl_spec()
    bad = IclRecord(**{**{f: getattr(good, f) for f in good.__slots__}, "logprobs": (value, -1.0)})
    with (
        RunStore(tmp_path).open(spec, HERE) as run,
        pytest.raises(StoreError, match="no number"),
    ):
        run.append([bad])
    assert not RunStore(tmp_path).is_complete(spec.run_id)


def test_log_likelihoods_are_also_had_by_length() -> None:
    record = replace(icl_record("1"), choices=("ab", "é", ""), logprobs=(-3.0, -4.0, -1.0))
    assert record.logprobs_per_char == (-1.5, -4.0, None)
    assert record.logprobs_per_byte == (-1.5, -2.0, None)


def test_a_record_from_before_a_field_existed_is_still_read() -> None:
    row = record_to_json(replace(icl_record("1"), cut=3, seconds=0.25))
    assert record_from_json("icl", dict(row)) == replace(icl_record("1"), cut=3)
    del row["cut"], row["seconds"]
    old = record_from_json("icl", row)
    assert isinstance(old, IclRecord) and old == icl_record("1")
    assert (old.cut, old.seconds) == (None, None)
