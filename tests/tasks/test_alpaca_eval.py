"""The suite `alpaca-eval`: read from a copy or the hub, never shipped, and never half."""

import json
from pathlib import Path

import huggingface_hub
import pytest

from core.errors import TaskError
from core.judges.metrics import win_rate_summary
from core.judges.verifier import judge
from core.tasks.hub import HubUnreachable
from core.tasks.instructions import load_instructions, reference_outputs
from core.tasks.suites import SUITES, load_suite

SUITE = load_suite("alpaca-eval")
NAME = "alpaca_eval_gpt4_baseline.json"


def copy_of(folder: Path, count: int) -> Path:
    """A file in AlpacaEval's fields; the instructions are made up."""
    path = folder / "tatsu-lab" / "alpaca_eval" / NAME
    path.parent.mkdir(parents=True)
    rows = [
        {"dataset": ("koala", "vicuna")[place % 2], "instruction": f"Say {place}.",
         "output": f"{place}", "generator": "gpt4_1106_preview"}
        for place in range(count)
    ]  # fmt: skip
    path.write_text(json.dumps(rows))
    return path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARTWAY_DATA", str(tmp_path))
    return tmp_path


def test_a_copy_is_read_in_the_official_order(data: Path) -> None:
    copy_of(data, 805)
    items = load_instructions(SUITE)
    assert [item.id for item in items[:2]] == ["000", "001"] and len(items) == 805
    assert items[804].instruction == "Say 804." and {item.kind for item in items} == {
        "koala",
        "vicuna",
    }
    assert reference_outputs(SUITE)["804"] == "804"


def test_part_of_it_is_refused(data: Path) -> None:
    copy_of(data, 100)
    with pytest.raises(TaskError, match=r"holds 100 instructions .* has 805.*--limit"):
        load_instructions(SUITE)


def test_an_empty_copy_says_what_it_lacks(data: Path) -> None:
    copy_of(data, 1).unlink()
    with pytest.raises(TaskError, match=f"no file {NAME}"):
        load_instructions(SUITE)


def test_without_a_network_one_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> str:
        raise ConnectionError("no network")

    monkeypatch.setenv("PARTWAY_DATA", str(tmp_path))
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_, **__: None)
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", offline)
    with pytest.raises(HubUnreachable, match=f"tatsu-lab/alpaca_eval/{NAME}") as told:
        load_instructions(SUITE)
    assert str(tmp_path) in str(told.value) and "huggingface.co/datasets" in str(told.value)


def test_without_checks_the_verifier_gives_no_verdict_and_says_why(data: Path) -> None:
    copy_of(data, 805)
    items = load_instructions(SUITE)[:5]
    outputs = reference_outputs(SUITE)
    records = judge(items, outputs, outputs)
    assert {record.reason for record in records} == {
        "the instruction carries no checks: choose another judge"
    }
    assert win_rate_summary(records).n_missing == 5


def test_nothing_of_it_ships() -> None:
    assert list(SUITES.parent.rglob(f"*{NAME}*")) == []
