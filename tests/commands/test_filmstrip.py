"""The verb `filmstrip`: made once, listed, shown; bad input is a sentence and a code."""

import json
from pathlib import Path

import pytest

from core.commands import filmstrip
from core.commands.cli import main
from core.engine.fake import FakeEngine


@pytest.fixture(autouse=True)
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(filmstrip, "open_engine", lambda name, settings: FakeEngine())


def make(*arguments: str) -> int:
    return main(["filmstrip", "make", "--pair", "tinyworld", "--grid", "0,0.5,1", *arguments])


def test_a_list_is_made_once_listed_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "list.csv"
    prompts.write_text("prompt,kind\nName a river.,water\nName a hill.,land\n")
    assert make("--prompts", str(prompts), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["asked"], told["found"], len(told["filmstrips"])) == (2, 0, 2)
    assert make("--prompts", str(prompts), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {**told, "asked": 0, "found": 2}
    assert main(["filmstrip", "list", "--kind", "water", "--json"]) == 0
    (head,) = json.loads(capsys.readouterr().out)
    assert (head["title"], head["strip_id"]) == ("Name a river.", told["filmstrips"][0])
    assert main(["filmstrip", "show", head["strip_id"], "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [column["lambda"] for column in shown["columns"]] == ["0", "0.5", "1"]
    assert main(["filmstrip", "show", head["strip_id"]]) == 0
    assert "── tinyworld@0.5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give either one PROMPT or a list"),
        (("a", "--prompts", "b"), "Give either one PROMPT or a list"),
        (("--prompts", "/nowhere/list.txt"), "cannot be read"),
        (("a", "--grid", "0:2:0.1"), "21 λ cannot be read beside each other"),
        (("a", "--temperature", "hot"), "no number from 0"),
        ((" ",), "The prompt is empty"),
    ],
)
def test_bad_input_is_a_sentence_and_a_code(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(*arguments) == 2
    assert words in capsys.readouterr().err


def test_an_id_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["filmstrip", "show", "../../etc/passwd"]) == 2
    assert main(["filmstrip", "show", "0" * 20]) == 2
    assert "There is no filmstrip" in capsys.readouterr().err
