"""`sweep --plan` tells and computes nothing; what cannot be planned is one sentence and a code."""

import json
from pathlib import Path

import pytest

import core.commands.sweep_plan
from core.commands.cli import main
from core.jobs.estimate import DiskEstimate, Estimate, StageEstimate
from core.jobs.planning import look
from core.settings import read_settings

SWEEP = ["sweep", "--pair", "tinyworld"]
FILES = ["--plan", "--no-probe"]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("results", "state"):
        monkeypatch.setenv(f"PARTWAY_{name.upper()}", str(tmp_path / name))


def test_a_plan_is_told_and_leaves_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SWEEP, "--grid", "0,1,0.35", "--limit", "2", *FILES, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    few, answers = told["estimate"]["stages"]
    assert (few["items"], few["stored"], answers["items"]) == (3 * 12 * 2, 0, 3 * 2)
    assert few["read"] > few["computed"] > 0 and answers["written"] == [0, 3 * 2 * 96]
    assert told["plan"]["grid"] == ["0", "0.35", "1"] and told["runs"] == 3 * 13
    assert [task["missing"] for task in told["tasks"]] == [["1", "0", "0.35"]] * 13
    assert told["estimate"]["memory"] is None and told["estimate"]["seconds"] is None
    assert not (tmp_path / "results" / "runs").exists()


def test_what_is_stored_is_said_and_kept_for_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SWEEP, "--grid", "0,1", *FILES]) == 0
    said = capsys.readouterr().out
    assert "26 of 26 runs are stored and will not be computed again" in said
    assert "Nothing is left to compute." in said and "2,400" in said
    (folder,) = [one for one in (read_settings().state / "plans").iterdir() if one.name != "sizes"]
    found = look(folder.name, read_settings())
    assert found.status == "done" and found.estimate is not None and not found.estimate.problems


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--limit", "0"], "A limit of 0 items measures nothing. Give 1 or more"),
        (["--limit", "-3"], "A limit of -3 items measures nothing. Give 1 or more"),
        (["--limit", "ten"], "'ten' is no number of items. Give a whole number from 1"),
        (["--grid", "1:0:0.1"], "Write it upwards: 0:1:0.1."),
        (["--grid", "nan"], "λ = 'nan' is not a number. Give"),
        (["--icl-suite", "nope"], "No suite is called 'nope'. Known suites:"),
        (["--instruction-suite", "nope"], "No suite is called 'nope'. Known suites:"),
        (["--judge", "oracle"], "There is no judge 'oracle'. Use"),
        (["--judge", "reward:/nowhere"], "/nowhere"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main([*SWEEP, *arguments, *FILES])
    except SystemExit as ended:  # argparse's own way
        code = int(str(ended.code))
    told = capsys.readouterr()
    assert code in (2, 7) and sentence in told.err and not told.out


def test_no_probe_without_a_plan_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SWEEP, "--no-probe"]) == 2
    assert "--no-probe goes with --plan" in capsys.readouterr().err


def test_a_plan_that_cannot_run_has_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = StageEstimate("few-shot", 1, 9, 0, 9, 9)
    full = Estimate(
        (stage,), disk=DiskEstimate(10, 5), whole=True, problems=("The disk is small.",)
    )
    monkeypatch.setattr(core.commands.sweep_plan, "estimate", lambda *_: full)
    assert main([*SWEEP, "--grid", "0.35", *FILES]) == 5
    assert "The disk is small." in capsys.readouterr().err
