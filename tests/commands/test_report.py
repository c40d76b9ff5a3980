"""`python -m core report`: written in one step, never over a file that is there."""

import json
from pathlib import Path

import pytest

from core.commands.cli import main

PAIR = ("report", "--pair", "tinyworld")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))


def test_written_once_and_replaced_only_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    arguments = (*PAIR, "--lam", "0.7", "--worth", "0.5", "--axis", "pass_rate", "--out", str(out))
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"] == out.stat().st_size and told["file"] == str(out)
    assert "λ = 0.7" in told["says"][0]
    again = "python -m core report --pair tinyworld --lam 0.7 --axis pass_rate --worth 0.5"
    assert again in out.read_text(encoding="utf-8")
    before = out.read_bytes()
    assert main(list(arguments)) == 2
    assert "exists already" in capsys.readouterr().err and out.read_bytes() == before
    out.write_text("mine")
    assert main([*arguments, "--force"]) == 0 and out.read_bytes() == before
    assert list(tmp_path.glob(".report*")) == []  # nothing half written stays


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--lam", "3"), "3"),
        (("--lam", "half"), "half"),
        (("--worth", "much"), "no worth"),
        (("--worth", "-1"), "no worth"),
        (("--worth", "nan"), "no worth"),
    ],
)
def test_bad_values_are_one_sentence_and_write_nothing(
    arguments: tuple[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert main([*PAIR, *arguments, "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and not out.exists()


def test_nothing_measured_says_how_to_measure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = "llama-2-7b-chat-hf"
    assert main(["report", "--pair", pair, "--out", str(tmp_path / "no.html")]) == 2
    assert f"python -m core sweep --pair {pair}" in capsys.readouterr().err
    assert main([*PAIR, "--out", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
