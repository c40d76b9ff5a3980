"""A task that cannot be asked is one clear sentence with the next step, and exit code 6."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.commands.cli import main
from core.errors import InputError, TaskError
from core.evals.icl import score_items
from core.evals.plan import icl_spec
from core.lam import Lam
from core.tasks.lmeval import build_task
from core.tasks.suites import SuiteTask, load_suite
from tests.hash_engine import PAIR, HashEngine
from tests.small_suite import write_jsonl


def task(name: str, shots: int = 1) -> SuiteTask:
    return replace(load_suite("icl-classic").task(name), shots=shots)


@pytest.fixture
def copies(hub_copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the made-up data that a test may spoil."""
    folder = shutil.copytree(hub_copies, tmp_path / "data")
    monkeypatch.setenv("PARTWAY_DATA", str(folder))
    return folder


def refused(one: SuiteTask) -> str:
    with pytest.raises(TaskError) as told:
        build_task(one)
    text = str(told.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert told.value.exit_code == 6
    return text


def test_an_empty_split(copies: Path) -> None:
    for file in (copies / "baber" / "piqa" / "data").iterdir():
        file.write_text("")
    assert "piqa" in refused(task("piqa"))


def test_a_split_without_items(copies: Path) -> None:
    folder = copies / "TheFinAI" / "flare-convfinqa" / "data"
    rows = (folder / "test-00000-of-00001.jsonl").read_text()
    (folder / "test-00000-of-00001.jsonl").write_text(rows.replace('"turn": 0', '"turn": 5'))
    assert "nothing to ask" in refused(task("classic_convfinqa"))


def test_a_missing_split_tells_those_that_are_there(copies: Path) -> None:
    readme = copies / "TheFinAI" / "flare-fiqasa" / "README.md"
    readme.write_text(readme.read_text().replace("split: test", "split: tests"))
    text = refused(task("classic_fiqa_sa"))
    assert "'test'" in text
    assert "train, valid, tests" in text


def test_a_missing_configuration(copies: Path) -> None:
    readme = copies / "allenai" / "ai2_arc" / "README.md"
    readme.write_text(readme.read_text().replace("ARC-Challenge", "ARC-Other"))
    assert "ARC-Challenge" in refused(task("arc_challenge"))


def test_hidden_answers_are_not_counted_as_wrong(copies: Path) -> None:
    file = copies / "Rowan" / "hellaswag" / "data" / "validation-00000-of-00001.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    write_jsonl(file, [{**row, "label": "-1"} for row in rows])
    assert "Hidden answers" in refused(task("hellaswag"))


def test_rows_of_other_columns(copies: Path) -> None:
    (copies / "tau" / "commonsense_qa" / "README.md").unlink()
    for file in (copies / "tau" / "commonsense_qa" / "data").iterdir():
        file.write_text(file.read_text().replace("answerKey", "answer_key"))
    assert "commonsense_qa" in refused(task("commonsense_qa"))


def test_an_empty_folder(copies: Path) -> None:
    shutil.rmtree(copies / "baber" / "piqa")
    (copies / "baber" / "piqa").mkdir()
    assert "is empty" in refused(task("piqa"))


def test_a_data_folder_that_is_not_there(hub_copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTWAY_DATA", str(hub_copies / "gone"))
    with pytest.raises(InputError, match="is no folder"):
        build_task(task("piqa"))


def test_more_examples_than_there_are(hub_copies: Path) -> None:
    assert "25 exemplars are wanted and 3 are there" in refused(task("arc_challenge", 25))


def test_a_task_file_with_an_error(copies: Path, tmp_path: Path) -> None:
    def spoiled(text: str) -> SuiteTask:
        path = tmp_path / "spoiled.yaml"
        path.write_text(text)
        return replace(task("piqa"), name="spoiled", definition=path)

    whole = task("piqa").definition.read_text()
    assert "cannot be read" in refused(spoiled(whole.replace("task: piqa", "task: [piqa")))
    assert "goal_" in refused(spoiled(whole.replace("{{goal}}", "{{goal_}}")))
    assert "TemplateSyntaxError" in refused(spoiled(whole.replace("{{goal}}", "{{goal")))
    assert "gone" in refused(spoiled(whole + "\nprocess_docs: !function gone.ask\n"))


def test_choices_that_begin_alike_are_scored(copies: Path) -> None:
    file = copies / "baber" / "piqa" / "data" / "validation-00000-of-00001.jsonl"
    file.write_text(file.read_text().replace("run warm water over it.", "paint it. Twice."))
    one = task("piqa")
    [batch] = score_items(HashEngine(), icl_spec(one, PAIR, Lam(0)), one)
    [record] = [r for r in batch.records if "paint it." in r.choices]  # type: ignore[union-attr]
    first, second = record.choices  # type: ignore[union-attr]
    assert second.startswith(first)
    assert len(set(record.logprobs)) == 2  # type: ignore[union-attr]


def test_offline_and_never_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import OfflineModeIsEnabled

    def offline(*_: object, **__: object) -> None:
        raise OfflineModeIsEnabled("offline mode is enabled")

    monkeypatch.setattr(HfApi, "dataset_info", offline)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path))
    monkeypatch.delenv("PARTWAY_DATA", raising=False)
    text = refused(task("rte"))
    assert "nyu-mll/glue cannot be reached (offline mode is enabled)" in text
    assert "icl pin" in text
    assert "PARTWAY_DATA/nyu-mll/glue" in text


def test_the_command_line_says_it_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path))
    suites = tmp_path / "tasks" / "suites"
    suites.mkdir(parents=True)
    (suites / "bad.toml").write_text('name = "bad"\nkind = "icl"\ntitle = "t"\n')
    assert main(["icl", "list", "--suite", "bad"]) == 6
    said = capsys.readouterr().err
    assert "bad.toml is broken" in said
    assert said.count("\n") == 1
    assert main(["sweep", "--pair", "tinyworld", "--icl-shots", "3"]) == 2
