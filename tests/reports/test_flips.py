"""The flip ledger: groups part the items, their counts are the accuracies, gaps are no errors."""

import io
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.lam import Lam
from core.reports.ledger import MARKS, Ledger, Of, read_ledger
from core.reports.ledger_files import answers_parquet, items_csv
from core.reports.ledger_groups import GROUPS, Group, grouped
from core.reports.ledger_item import flip_words, open_item
from core.reports.ledger_text import asked_words, end_of_prompt, prompt_of
from core.reports.ledger_view import Asked, look
from core.reports.ledger_words import crossed_words, notes
from core.reports.trade_off import read_trade_off
from core.settings import PUBLISHED
from core.spec import RunSpec
from core.store.codec import record_to_json
from core.store.prompts import FOLDER
from core.store.records import IclRecord
from core.store.runs import RunStore, Stored
from tests.synthetic_sweep import Invented, write_synthetic_sweep

STORE = RunStore(Path(PUBLISHED))
# The definitions once more, as regular expressions over the string without its gaps.
PATTERNS: dict[Group, str] = {
    "always": "R+", "never": "W+", "gained": "R+W+", "lost": "W+R+", "inside": "W+R+W+",
}  # fmt: skip


def shipped(pair: str = "tinyworld", of: Of = "few-shot") -> Ledger:
    ledger = read_ledger(STORE, pair, of)
    assert ledger is not None
    return ledger


def by_pattern(string: str) -> list[Group]:
    known = [group for group, form in PATTERNS.items() if re.fullmatch(form, string)]
    return known or ["mixed"]


@pytest.mark.parametrize("columns", [1, 2, 3, 7, 13])
def test_each_string_is_in_exactly_the_group_of_its_pattern(columns: int) -> None:
    draws = np.random.default_rng(columns)
    right = draws.random((600, columns)) < draws.random((600, 1))
    there = draws.random((600, columns)) < 0.8
    kept = there.any(axis=1)
    right, there = right[kept], there[kept]
    found = grouped(right, there)
    for row, group in enumerate(found.group):
        string = "".join("RW"[not one] for one in right[row][there[row]])
        assert by_pattern(string) == [GROUPS[group]], string
        assert found.flips[row] == sum(a != b for a, b in itertools.pairwise(string))
    assert (found.gaps == (~there).sum(axis=1)).all()


@pytest.mark.parametrize("pair", ["tinyworld", "pocketworld"])
def test_group_counts_are_every_published_accuracy(pair: str) -> None:
    line, ledger = read_trade_off(STORE, pair), shipped(pair)
    assert line is not None and ledger.lams == tuple(point.lam for point in line.points)
    whole = look(ledger, Asked())
    assert whole.table.sizes.sum() == whole.scope == len(ledger.items) == len(whole.rows)
    for column, point in enumerate(line.points):
        assert whole.macro[column] == pytest.approx(point.icl.value, abs=1e-9)
        for task in point.tasks:
            table = look(ledger, Asked(task=task.task)).table
            assert table.there[:, column].sum() == task.score.n
            assert table.accuracy(column) == pytest.approx(task.score.value, abs=1e-9)


def test_group_counts_are_every_published_pass_rate() -> None:
    line, ledger = read_trade_off(STORE, "tinyworld"), shipped(of="instructions")
    assert line is not None
    table = look(ledger, Asked()).table
    for column, point in enumerate(line.points):
        assert table.there[:, column].sum() == point.pass_rate.n
        assert table.accuracy(column) == pytest.approx(point.pass_rate.value, abs=1e-9)


def test_lams_that_were_measured_otherwise_are_no_columns_and_are_named(tmp_path: Path) -> None:
    write_synthetic_sweep(tmp_path, Invented(grid="0,0.5,1", items=6))
    write_synthetic_sweep(tmp_path, Invented(grid="0.7", items=6, device="cuda:0"))
    store = RunStore(tmp_path)
    line, ledger = read_trade_off(store, "tinyworld"), read_ledger(store, "tinyworld", "few-shot")
    assert line is not None and ledger is not None
    assert ledger.lams == tuple(point.lam for point in line.points) == (Lam(0), Lam(500), Lam(1000))
    assert any("0.7" in note for note in ledger.notes)
    (other,) = line.others
    there = read_ledger(store, "tinyworld", "few-shot", measurement=other.key)
    assert there is not None and there.lams == (Lam(700),)


def test_listing_each_group_lists_every_item_once() -> None:
    ledger = shipped()
    listed = [row for group in GROUPS for row in look(ledger, Asked(group=group)).rows]
    assert sorted(listed) == list(range(len(ledger.items)))


def test_the_margin_says_which_side_the_answer_fell_on() -> None:
    ledger = shipped()
    clear = np.abs(np.nan_to_num(ledger.margins)) > 1e-4  # five decimals are stored
    assert clear.any() and ((ledger.margins > 0) == ledger.right)[clear].all()
    written = [ledger.task(row).form == "G" for row in range(len(ledger.items))]
    assert np.isnan(ledger.margins[written]).all()


def rewrite(store: RunStore, run: Stored, change: Callable[[IclRecord], IclRecord | None]) -> None:
    """Records of a run as `change` makes them; None leaves one out."""
    records = [one for one in store.records(run.run_id) if isinstance(one, IclRecord)]
    kept = [change(one) for one in records]
    lines = [json.dumps(record_to_json(one)) for one in kept if one is not None]
    (run.folder / "records.jsonl").write_text("\n".join(lines) + "\n")


def run_of(store: RunStore, task: str, lam: str) -> Stored:
    found = [by_lam[lam] for by_lam in store.lines("icl").values() if lam in by_lam]
    (run,) = [run for run in found if isinstance(run.spec, RunSpec) and run.spec.task.name == task]
    return run


def test_an_item_that_a_lam_lacks_is_a_gap_and_no_error(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path, Invented(grid="0,0.5,1", items=10))
    lacking = {"capitals-3", "capitals-4"}
    run = run_of(store, "capitals", "0.5")
    rewrite(store, run, lambda one: None if one.item in lacking else one)
    ledger = read_ledger(RunStore(tmp_path), "tinyworld", "few-shot")
    assert ledger is not None
    rows = [row for row in range(len(ledger.items)) if ledger.items[row] in lacking]
    assert all(MARKS[ledger.marks[row, 1]] == "absent" for row in rows)
    view = look(ledger, Asked(task="capitals", first=Lam(0), second=Lam(500)))
    assert view.gaps == 2 and any("2 of these items" in note for note in notes(ledger, view))
    held = [one for one in RunStore(tmp_path).records(run.run_id) if isinstance(one, IclRecord)]
    share = 100 * sum(one.correct for one in held) / len(held)
    assert len(held) == 8 and view.table.accuracy(1) == pytest.approx(share)
    assert view.table.sizes.sum() == 10  # placed by the λ that they have
    assert view.crossed is not None and (view.crossed.apart, view.crossed.n) == (2, 8)
    assert "2 lack one of the two" in crossed_words(view.crossed)
    only = look(ledger, Asked(gaps=True))
    assert sorted(only.rows.tolist()) == rows
    assert "not right" in flip_words(open_item(ledger, rows[0])) or ledger.right[rows[0]].any()


def test_why_a_written_answer_is_not_right_stays_apart(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path, Invented(grid="0,1", items=4))
    ends: dict[str, dict[str, Any]] = {
        "passages-0": {"finish": "length", "output": " maybe maybe"},
        "passages-1": {"finish": "stop", "prediction": "[invalid]", "output": " hm"},
        "passages-2": {"finish": "stop", "output": " no"},
    }

    def change(one: IclRecord) -> IclRecord:
        wrong: dict[str, Any] = {"correct": False, "metrics": {"exact_match": 0.0}}
        return replace(one, **ends[one.item], **wrong) if one.item in ends else one

    rewrite(store, run_of(store, "passages", "0"), change)
    ledger = read_ledger(RunStore(tmp_path), "tinyworld", "few-shot")
    assert ledger is not None
    rows = {item: ledger.row(f"passages/{item}") for item in ends}
    marks = [MARKS[ledger.marks[row, 0]] for row in rows.values() if row is not None]
    assert marks == ["out_of_tokens", "unparsable", "wrong"]


def test_two_lams_are_crossed_over_the_items_of_both() -> None:
    ledger = shipped()
    view = look(ledger, Asked(first=Lam(0), second=Lam(1000)))
    crossed, at = view.crossed, [ledger.lams.index(Lam(one)) for one in (0, 1000)]
    assert crossed is not None and crossed.n == view.scope
    right = view.table.right.sum(axis=0)
    assert crossed.both + crossed.only_first == right[at[0]]
    assert crossed.both + crossed.only_second == right[at[1]]
    for cell, size in (("first", crossed.only_first), ("neither", crossed.neither)):
        asked = Asked(first=Lam(0), second=Lam(1000), cell=cell)  # type: ignore[arg-type]
        assert len(look(ledger, asked).rows) == size
    assert look(ledger, Asked(first=Lam(0), second=Lam(0))).crossed is None
    assert look(ledger, Asked(first=Lam(0), second=Lam(333))).crossed is None


@pytest.mark.parametrize("sort", ["flip", "margin"])
def test_items_without_what_is_sorted_by_stand_last_either_way(sort: str) -> None:
    ledger = shipped()
    for backwards in (False, True):
        asked = Asked(sort=sort, backwards=backwards, first=Lam(500))  # type: ignore[arg-type]
        rows = look(ledger, asked).rows
        if sort == "flip":
            held = ledger.strings.first_flip[rows] < len(ledger.lams)
            keys = ledger.strings.first_flip[rows][held]
        else:
            values = np.abs(ledger.margins[rows, ledger.lams.index(Lam(500))])
            held, keys = ~np.isnan(values), values[~np.isnan(values)]
        assert not held[int(held.sum()) :].any()
        steps = np.diff(keys) * (-1 if backwards else 1)
        assert (steps >= 0).all()


def test_search_reads_what_is_asked_and_said_but_not_the_shared_examples(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path, Invented(grid="0,1", items=5))
    examples = "Question: about crocodiles?\nAnswer: yes\n\n"
    for path in (tmp_path / FOLDER).glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        rows = [{**row, "text": examples + row["text"]} for row in rows]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rewrite(store, run_of(store, "causes", "1"), lambda one: replace(one, prediction=" Zebra"))
    ledger = read_ledger(RunStore(tmp_path), "tinyworld", "few-shot")
    assert ledger is not None
    assert look(ledger, Asked(find="crocodiles")).scope == 0
    assert look(ledger, Asked(find=" zebra ")).scope == 5
    (row,) = look(ledger, Asked(find="about CAUSES-3?")).rows
    assert prompt_of(ledger, row) == f"{examples}Question: what about causes-3?\nAnswer:"
    assert end_of_prompt(ledger, row) == "Question: what about causes-3?\nAnswer:"
    assert asked_words(ledger, row) == "causes-3? Answer:"


def test_a_score_that_is_a_share_is_told(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path, Invented(grid="0,1", items=4))
    half: dict[str, Any] = {"correct": False, "metrics": {"acc": 0.5}}
    rewrite(store, run_of(store, "ledgers", "0"), lambda one: replace(one, **half))
    ledger = read_ledger(RunStore(tmp_path), "tinyworld", "few-shot")
    assert ledger is not None
    assert any(note.startswith("ledgers:") for note in notes(ledger, look(ledger, Asked())))


def test_files_hold_every_mark_and_absent_is_empty(tmp_path: Path) -> None:
    ledger = shipped()
    rows = look(ledger, Asked(task="tw_passages")).rows
    table = pd.read_csv(io.BytesIO(items_csv(ledger, rows)))
    marks = table[[f"lam {lam}" for lam in ledger.lams]].to_numpy()
    assert ((marks == "right") == ledger.right[rows]).all()
    (tmp_path / "answers.parquet").write_bytes(answers_parquet(ledger, rows))
    answers = pd.read_parquet(tmp_path / "answers.parquet")
    assert len(answers) == ledger.there[rows].sum()
    shares = answers.groupby("lam")["mark"].apply(lambda marks: 100 * (marks == "right").mean())
    table_now = look(ledger, Asked(task="tw_passages")).table
    for column, lam in enumerate(ledger.lams):
        assert shares[str(lam)] == pytest.approx(table_now.accuracy(column))
