"""`python -m core winrate`: what ships, exported and scored again, gives the sweep's numbers."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.commands.cli import main
from core.reports.joined import join
from core.settings import PUBLISHED
from core.store.runs import RunStore
from core.tasks.instructions import load_instructions
from core.tasks.outputs import read_output_rows
from core.tasks.suites import load_suite
from tests.judges.annotation_files import annotation_rows, outputs_rows, write
from tests.judges.golden import golden_rows, write_calibration

PAIR, LAM = "tinyworld", "0.7"
EXPORT = ("winrate", "export", "--pair", PAIR, "--lam", LAM)
STORE = RunStore(PUBLISHED)
ROWS = annotation_rows(golden_rows())


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("reference", ["lam:1", "outputs:reference"])
def test_exported_verdicts_score_as_the_sweep_does(
    reference: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "annotations.json"
    written = run_json(capsys, *EXPORT, "--annotations", reference, "--out", str(path))
    (scored,) = run_json(capsys, "winrate", str(path))["models"]
    joined = join(STORE, PAIR, reference)
    assert joined is not None
    stored = STORE.summary(joined.judgments[LAM].run_id)["verdicts"]
    assert {name: scored[name] for name in stored} == stored
    assert written["rows"] == stored["n_total"] > 200
    assert scored["model"] == f"{PAIR}@{LAM}" and scored["annotator"] == "verifier"
    assert scored["notes"] == []


def test_another_judges_verdicts_are_exported_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "longest.json")
    assert main([*EXPORT, "--annotations", "--judge", "longest", "--out", path]) == 2
    assert "It was by: verifier" in capsys.readouterr().err
    one = ("--pair", PAIR, "--grid", LAM, "--reference", "lam:1", "--judge", "longest")
    (judged,) = run_json(capsys, "judge", *one)["verdicts"]
    run_json(capsys, *EXPORT, "--annotations", "--judge", "longest", "--out", path)
    (scored,) = run_json(capsys, "winrate", path)["models"]
    assert scored["annotator"] == "longest"
    assert (scored["win_rate"], scored["n_total"]) == (judged["win_rate"], judged["n_total"])


def test_exported_outputs_are_the_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "outputs.json"
    run_json(capsys, *EXPORT, "--out", str(path))
    rows = read_output_rows(path)
    items = load_instructions(load_suite("tinyworld-instructions"))
    assert [row.instruction for row in rows] == [item.instruction for item in items]
    joined = join(STORE, PAIR, "lam:1")
    assert joined is not None
    records = STORE.records(joined.generations[LAM].run_id)
    assert {row.output for row in rows} == {getattr(record, "output", None) for record in records}
    assert {row.generator for row in rows} == {f"{PAIR}@{LAM}"}


def test_a_sweep_takes_exported_outputs_as_its_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything is matched: the only thing measured is the verdicts."""
    from core.jobs.references import file_reference

    path = tmp_path / "outputs.json"
    assert main([*EXPORT, "--out", str(path)]) == 0
    assert f"of {PAIR}@{LAM}" in capsys.readouterr().out
    items = load_instructions(load_suite("tinyworld-instructions"))
    found = file_reference(path, items)
    assert len(found.outputs) == len(items) and f"{PAIR}@{LAM}" in found.reference.label


def test_the_text_says_the_golden_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.json", ROWS)
    assert main(["winrate", str(path)]) == 0
    shown = capsys.readouterr().out
    for part in ("model against base, judged by judge", "50.13 %", "51.02 %", "49.79 %",
                 "96 wins, 8 draws, 92 losses", "196, 4 missing"):  # fmt: skip
        assert part in shown, part


def test_models_are_compared_and_put_on_a_leaderboard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write(tmp_path / "a.json", ROWS)
    two = write(tmp_path / "b.json", [{**row, "generator_2": "other"} for row in ROWS])
    board = tmp_path / "leaderboard.csv"
    found = run_json(capsys, "winrate", str(one), str(two), "--leaderboard", str(board))
    (gap,) = found["differences"]
    assert (gap["model"], gap["to"], gap["value"], gap["n"]) == ("other", "model", 0, 196)
    assert gap["spread"]["reason"] == "all 196 values are equal, so drawing again shows no spread"
    head, *rows = board.read_text().splitlines()
    assert head.startswith(",win_rate,standard_error,n_wins,n_wins_base,n_draws,n_total")
    assert {row.split(",")[0] for row in rows} == {"model", "other"}


def test_the_full_form_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.json", ROWS)
    base = write(tmp_path / "base.json", outputs_rows(ROWS, 1))
    hard, gamed = write_calibration(tmp_path)
    files = ("--reference", str(base), "--difficulty", str(hard), "--gamed", str(gamed))
    (own,) = run_json(capsys, "winrate", str(path), *files)["models"]
    (official,) = run_json(capsys, "winrate", str(path), *files[2:], "--official")["models"]
    assert own["length_controlled"]["form"] == "length_controlled_v1"
    assert own["length_controlled_winrate"] == official["length_controlled_winrate"]
    assert 0 <= own["lc_standard_error"] < own["length_controlled_bootstrap"]["standard_error"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("none.json",), 2, "none.json cannot be read"),
        (("{a}", "--difficulty", "x.csv"), 2, "The calibration is two files"),
        (("{a}", "--difficulty", "x.csv", "--gamed", "y.csv"), 2, "y.csv cannot be read"),
        (("{a}", "--outputs", "none.json"), 6, "none.json cannot be read"),
        (("export",), 2, "needs --pair"),
        (("export", "--pair", "x", "--lam", "0.7", "--out", "o"), 2, "There is no pair"),
        (("export", "--pair", PAIR, "--lam", "9", "--out", "o"), 2, "out of range"),
        (("export", "--pair", PAIR, "--lam", "0.77", "--out", "o"), 2, "python -m core sweep"),
        (("export", "--pair", PAIR, "--lam", "1", "--out", "o", "--annotations"), 2, "itself"),
        (("export", "--pair", PAIR, "--lam", "0", "--out", "o", "--annotations", "lam:0.3"), 2,
         "No win rates against"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_an_exit_code(
    arguments: tuple[str, ...],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write(tmp_path / "a.json", ROWS)
    assert main(["winrate", *(part.format(a=path) for part in arguments)]) == code
    shown = capsys.readouterr()
    assert said in shown.err and shown.out == ""
