"""Annotation files are scored as the leaderboard does, and what it hides is said."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.judges.annotations import annotations_text, read_annotations
from core.judges.calibration import read_calibration
from core.judges.given import Given
from core.judges.leaderboard import leaderboard_text, read_leaderboard, with_models
from core.judges.scored import Scored, difference, score
from core.tasks.outputs import read_output_rows
from tests.judges.annotation_files import annotation_rows, outputs_rows, write
from tests.judges.golden import golden_rows, hard_rows, write_calibration

ROWS = annotation_rows(golden_rows())
HARD = annotation_rows(hard_rows())
# alpaca_eval 0.6.6 under scikit-learn 1.9.1, difficulties taken by row as it does.
MINIMAL, FULL = 49.78908711478552, 60.49514912606369
SUBSET_RAW, SUBSET = 60.86486603225716, 60.7463684219951  # without the first ten rows
REPEATED_RAW, REPEATED = 59.96463428441145, 59.81506260012913  # the first ten again at the end


def scored(tmp_path: Path, rows: Any, given: Given | None = None) -> Scored:
    (found,) = score(read_annotations(write(tmp_path / "a.json", rows)), given or Given())
    return found


def calibrated(tmp_path: Path, official: bool, rows: list[dict[str, Any]] = HARD) -> Given:
    reference = read_output_rows(write(tmp_path / "base.json", outputs_rows(HARD, 1)))
    calibration = read_calibration(*write_calibration(tmp_path))
    return Given(reference=reference, calibration=calibration, official=official)


def test_a_file_gives_the_golden_numbers(tmp_path: Path) -> None:
    found = scored(tmp_path, ROWS)
    assert (found.model, found.reference, found.annotator) == ("model", "base", "judge")
    assert found.rates.win_rate == pytest.approx(50.12643949460496, abs=1e-9)
    assert found.rates.standard_error == pytest.approx(1.4572869943408984, abs=1e-9)
    assert found.rates.discrete_win_rate == pytest.approx(51.02040816326531, abs=1e-9)
    assert found.length_controlled.value == pytest.approx(MINIMAL, abs=1e-6)
    assert found.length_controlled.spread is None, "the minimal form has no such error"
    assert found.avg_length == int(sum(len(row["output_2"]) for row in ROWS) / len(ROWS))
    assert found.notes == ("4 verdicts are missing (null, NaN or outside 1–2) and left out of n.",)


def test_zero_and_nan_and_nonsense_are_what_they_are_there(tmp_path: Path) -> None:
    rows = [
        {**row, "preference": p} for row, p in zip(ROWS, (0, 1.5, math.nan, -1, 2), strict=False)
    ]
    found = scored(tmp_path, rows).rates
    assert (found.n_draws, found.n_wins, found.n_total, found.n_missing) == (2, 1, 3, 2)


@pytest.mark.parametrize("official", [True, False])
def test_the_full_form_over_the_whole_set(tmp_path: Path, official: bool) -> None:
    found = scored(tmp_path, HARD, calibrated(tmp_path, official)).length_controlled
    assert found.value == pytest.approx(FULL, abs=1e-6)
    assert found.spread == pytest.approx(0.8217512289551933, abs=1e-6)


def test_official_goes_by_row_and_else_by_instruction(tmp_path: Path) -> None:
    """The leaderboard's numbers of a subset rest on other instructions' difficulties."""
    official = scored(tmp_path, HARD[10:], calibrated(tmp_path, official=True))
    assert official.rates.win_rate == pytest.approx(SUBSET_RAW, abs=1e-9)
    assert official.length_controlled.value == pytest.approx(SUBSET, abs=1e-6)
    own = scored(tmp_path, HARD[10:], calibrated(tmp_path, official=False))
    assert own.length_controlled.psi is not None and official.length_controlled.psi is not None
    assert own.length_controlled.psi > 0.3 > 0 > official.length_controlled.psi
    assert any("190 of 200 instructions" in note for note in own.notes)


def test_the_order_of_rows_does_not_matter_unless_official(tmp_path: Path) -> None:
    turned = [*HARD[100:], *HARD[:100]]
    own = scored(tmp_path, turned, calibrated(tmp_path, official=False)).length_controlled
    assert own.value == pytest.approx(FULL, abs=0.2), "folds are of rows, so C may differ"
    by_row = scored(tmp_path, turned, calibrated(tmp_path, official=True)).length_controlled
    assert own.psi is not None and by_row.psi is not None and own.psi - by_row.psi > 0.3


def test_repeated_instructions_count_each_and_are_said(tmp_path: Path) -> None:
    rows = [*HARD[:190], *HARD[:10]]
    rows = [
        {**row, "preference": 0 if row["preference"] == 1.5 else row["preference"]} for row in rows
    ]
    found = scored(tmp_path, rows, calibrated(tmp_path, official=True))
    assert found.rates.win_rate == pytest.approx(REPEATED_RAW, abs=1e-9)
    assert found.length_controlled.value == pytest.approx(REPEATED, abs=1e-6)
    assert any(note.startswith("10 rows repeat an instruction") for note in found.notes)


def test_the_full_form_is_withheld_where_difficulties_have_no_place(tmp_path: Path) -> None:
    calibration = read_calibration(*write_calibration(tmp_path))
    reasons = [
        (Given(calibration=calibration), "go by place"),
        (Given(official=True), "--difficulty and --gamed"),
        (Given(calibration=calibration, reference=read_output_rows(
            write(tmp_path / "short.json", outputs_rows(HARD[:50], 1)))), "do not belong together"),
    ]  # fmt: skip
    for given, said in reasons:
        found = scored(tmp_path, HARD, given).length_controlled
        assert found.value is None and found.reason is not None and said in found.reason
    strange = [{**HARD[0], "instruction": "Another?"}, *HARD[1:]]
    found = scored(tmp_path, strange, calibrated(tmp_path, False)).length_controlled
    assert found.value is None and "1 instructions are not among the 200" in str(found.reason)


def test_the_reference_itself_is_at_fifty(tmp_path: Path) -> None:
    rows = [{**row, "generator_2": "base", "preference": 1.5} for row in ROWS]
    found = scored(tmp_path, rows)
    assert (found.rates.win_rate, found.rates.standard_error) == (50, 0)
    assert found.length_controlled.value == 50


def test_texts_may_come_from_outputs_files(tmp_path: Path) -> None:
    bare = [
        {key: value for key, value in row.items() if not key.startswith("output_")} for row in ROWS
    ]
    without = scored(tmp_path, bare).length_controlled
    assert without.value is None and "lengths of 200 answers" in str(without.reason)
    ours = read_output_rows(write(tmp_path / "ours.json", outputs_rows(ROWS, 2)))
    theirs = read_output_rows(write(tmp_path / "theirs.json", outputs_rows(ROWS, 1)))
    found = scored(tmp_path, bare, Given(ours, theirs))
    assert found.length_controlled.value == pytest.approx(MINIMAL, abs=1e-6)


def test_outputs_of_other_lengths_than_the_annotations_are_counted(tmp_path: Path) -> None:
    ours = read_output_rows(write(tmp_path / "ours.json", outputs_rows(ROWS, 2)))
    more = scored(tmp_path, ROWS[:150], Given(outputs=ours))
    assert more.rates.n_missing == 3 + 50
    assert any("50 outputs have no verdict" in note for note in more.notes)
    fewer = scored(tmp_path, ROWS, Given(outputs=ours[:150]))
    assert any("50 verdicts are on instructions" in note for note in fewer.notes)
    changed = [{**row, "output_2": row["output_2"] + "!"} for row in ROWS]
    other = scored(tmp_path, changed, Given(outputs=ours))
    assert any("200 verdicts are on other texts" in note for note in other.notes)


def test_models_are_told_apart_and_compared_in_pairs(tmp_path: Path) -> None:
    better = [
        {
            **row,
            "generator_2": "better",
            "preference": row["preference"] and min(2, row["preference"] + 0.1),
        }
        for row in ROWS[:120]
    ]
    one, two = score(read_annotations(write(tmp_path / "a.json", [*ROWS, *better])), Given())
    assert (one.model, two.model) == ("model", "better")
    gap = difference(two, one)
    assert gap.n == 117 and gap.value == pytest.approx(10, abs=1)
    ours = read_output_rows(write(tmp_path / "ours.json", outputs_rows(ROWS, 2)))
    with pytest.raises(InputError, match="several models"):
        score(read_annotations(tmp_path / "a.json"), Given(outputs=ours))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    read = read_annotations(write(tmp_path / "a.json", ROWS))
    (tmp_path / "b.json").write_text(annotations_text(read), encoding="utf-8")
    assert read_annotations(tmp_path / "b.json") == read
    assert json.loads((tmp_path / "b.json").read_text())[11]["preference"] is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ({"instruction": "a"}, "no list of verdicts"),
        ([], "no list of verdicts"),
        ([3], "Entry 1 .* no object"),
        ([{"prompt": "a", "preference": 1}], "no instruction and preference .*prompt, preference"),
        ([{"instruction": "a"}], "no instruction and preference"),
        ([{"instruction": "a", "preference": "m"}], "has the preference 'm'"),
        ([{"instruction": "a", "preference": True}], "has the preference True"),
        ([{"instruction": "a", "preference": 1, "output_1": 7}], "has 7 as its output_1"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, content: Any, said: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=said):
        read_annotations(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_annotations(tmp_path / "none.json")


def test_a_leaderboard_takes_a_model_and_keeps_the_rest(tmp_path: Path) -> None:
    head = ",win_rate,standard_error,n_total,length_controlled_winrate,note"
    path = tmp_path / "board.csv"
    path.write_text(f'{head}\nfirst,80.5,1.2,805,77.25,"a, b"\nmodel,1,1,1,1,old\n')
    found = scored(tmp_path, ROWS)
    rows = with_models(read_leaderboard(path), [found])
    path.write_text(leaderboard_text(rows))
    again = read_leaderboard(path)
    assert list(again) == ["first", "model"]
    assert again["first"]["note"] == "a, b" and again["first"]["win_rate"] == "80.5"
    assert float(again["model"]["win_rate"]) == found.rates.win_rate
    assert again["model"]["lc_standard_error"] == ""
    for text in ("", "name,rate\na,1\n", ",win_rate\na,1,2\n"):
        path.write_text(text)
        with pytest.raises(InputError, match="is no leaderboard"):
            read_leaderboard(path)
