"""`python -m core icl`: lists, one task, and what was measured for other tools."""

import json
from pathlib import Path

import pandas as pd
import pytest

from core.commands.cli import main
from core.settings import PUBLISHED
from core.store.records import IclRecord
from core.store.runs import RunStore


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path / "results"))
    monkeypatch.delenv("PARTWAY_DATA", raising=False)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_every_suite_is_listed_with_its_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    suites = json.loads(printed(capsys, "icl", "list", "--json"))
    assert {"icl-classic", "icl-classic-letters", "tinyworld-icl"} <= {s["name"] for s in suites}
    classic = next(suite for suite in suites if suite["name"] == "icl-classic")
    assert len(classic["tasks"]) == 21
    assert {task["commit"] for task in classic["tasks"]} == {None}
    text = printed(capsys, "icl", "list", "--suite", "icl-classic")
    assert "stand-in" in text
    assert "arc_challenge" in text


def test_a_task_says_what_is_not_verified(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "icl", "show", "arc_challenge")
    assert "revision unverified" in text
    assert "computed: it differs between items" in text
    shown = json.loads(printed(capsys, "icl", "show", "arc_challenge", "--json"))
    assert (shown["commit"], shown["chance"], shown["shots"]) == (None, None, 25)


def test_a_prompt_can_be_read_before_anything_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed(capsys, "icl", "show", "tw_facts_lettered", "--prompt")
    assert "A." in text
    assert "Scored after it: ' A' | ' B'" in text


def test_measured_items_become_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("icl", "export", "--pair", "tinyworld", "--suite", "tinyworld-icl", "--json")
    out = tmp_path / "out"
    formats = ("--format", "csv", "--format", "parquet")
    csv, parquet = json.loads(printed(capsys, *command, "--out", str(out), *formats))
    table, same = pd.read_csv(csv, dtype={"lam": str}), pd.read_parquet(parquet)
    assert list(table.columns) == list(same.columns)
    assert len(table) == len(same)
    one = table[(table["lam"] == "0.7") & (table["task"] == "tw_things_chosen")]
    store = RunStore(PUBLISHED)
    records = [r for r in store.records(one["run_id"].iloc[0]) if isinstance(r, IclRecord)]
    assert len(one) == len(records) == 100
    assert sum(record.correct for record in records) == one["correct"].sum()


def test_one_lambda_becomes_lm_evals_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["icl", "export", "--pair", "tinyworld", "--suite", "tinyworld-icl", "--json"]
    command += ["--out", str(tmp_path / "out"), "--format", "lm-eval"]
    results, *samples = json.loads(printed(capsys, *command, "--lam", "0.7"))
    content = json.loads(Path(results).read_text())
    assert len(samples) == len(content["results"]) == 12
    assert content["config"]["model_args"]["pair"] == "tinyworld"
    assert main([*command, "--lam", "0.123"]) == 2
    assert "Measured are 0, 0.1" in capsys.readouterr().err
    assert main(command) == 2
    assert "--lam" in capsys.readouterr().err
