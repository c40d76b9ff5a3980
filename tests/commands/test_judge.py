"""`judge` on the published answers, and a sweep that names judges: tables, JSON, exit codes."""

import json
from pathlib import Path

import pytest

from core.commands.cli import main
from core.store.runs import RunStore
from tests.judges.scripted_server import reply, scripted

JUDGE = ("judge", "--pair", "tinyworld", "--reference", "lam:1")


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESULTS", "STATE"):
        monkeypatch.setenv(f"PARTWAY_{name}", str(tmp_path / name.lower()))
    monkeypatch.setattr("core.judges.server_settings.SECRETS_FOLDERS", ())
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PARTWAY_JUDGE_KEY", "PARTWAY_JUDGE_URL"):
        monkeypatch.delenv(name, raising=False)


def refuse(*_: object) -> None:
    raise AssertionError("stored answers need no engine")


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.commands.judge.open_engine", refuse)


@pytest.mark.usefixtures("no_engine")
def test_stored_answers_are_judged_and_never_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [*JUDGE, "--grid", "0,0.5,1", "--judge", "longest", "--judge", "verifier", "--json"]
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    rows = {(row["judge"], row["lambda"]): row for row in found["verdicts"]}
    assert len(rows) == 6
    # The verifier's sets are published; "longest" is new, and λ=1 is the reference itself.
    assert (found["sets"], found["missing"]) == (3, 0)
    assert rows["longest", "0"]["n_total"] == 264
    assert rows["longest", "1"]["win_rate"] is None
    assert {path.name for path in (tmp_path / "results").iterdir()} == {"judgments"}
    assert main(asked[:-1]) == 0
    shown = capsys.readouterr()
    assert "no judge was asked" in shown.out
    assert "50 by definition" in shown.out


@pytest.mark.usefixtures("no_engine")
def test_a_served_judge_from_end_to_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted(lambda number, body: reply("M", {"M": 0.9, "m": 0.1}, "gpt-x-2026")) as server:
        monkeypatch.setenv("PARTWAY_JUDGE_URL", server.url)
        monkeypatch.setenv("PARTWAY_JUDGE_PRICES", "10,10")
        asked = [*JUDGE, "--grid", "0.9", "--judge", "openai:gpt-x", "--json"]
        assert main([*asked, "--spend", "0.01"]) == 7
        stopped = capsys.readouterr()
        assert "spending limit of $0.01 stops the judge" in stopped.err
        assert stopped.out == ""
        before = len(server.asked)
        assert before > 0
        assert main(asked) == 0
        found = json.loads(capsys.readouterr().out)
    (row,) = found["verdicts"]
    assert row["asked"]["questions"] == before + found["asked"] == len(server.asked)
    assert row["asked"]["models"] == {"gpt-x-2026": row["asked"]["questions"]}
    assert row["win_rate"] == 50.0  # whatever is second wins: both orders cancel
    assert row["asked"]["dollars"] == pytest.approx(len(server.asked) * 101 * 10 / 1e6)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--judge", "openai:gpt-x"], 7, "Set OPENAI_API_KEY"),
        (["--judge", "longest", "--spend", "0"], 7, "allows no question"),
        (["--judge", "local:/nowhere"], 7, "does not exist"),
        (["--judge", "openai:gpt-x", "--template", "/nowhere"], 7, "cannot be read"),
        (["--judge", "gpt-x"], 2, "There is no judge 'gpt-x'"),
        (["--judge", "longest", "--grid", "0.33"], 2, "has no stored answers"),
        (["--judge", "longest", "--instruction-suite", "alpaca-eval"], 2, "nothing to judge"),
    ],
)
@pytest.mark.usefixtures("no_engine")
def test_what_cannot_be_used_is_one_sentence_and_a_next_step(
    options: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*JUDGE, *options]) == code
    shown = capsys.readouterr()
    assert words in shown.err
    assert len(shown.err.strip().splitlines()) == 1
    assert shown.out == ""
    assert not (tmp_path / "results" / "judgments").exists()


def test_a_sweep_asks_the_judges_it_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.commands.sweep.open_engine", refuse)
    asked = ["sweep", "--pair", "tinyworld", "--grid", "0,1", "--json"]
    assert main([*asked, "--judge", "longest", "--judge", "verifier"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["computed"], found["judges"]["sets"]) == (0, 4)
    (sweep,) = RunStore(tmp_path / "results").sweeps()
    assert sweep.judges == ("longest",)
    assert main(asked) == 0
    assert "judges" not in json.loads(capsys.readouterr().out)
