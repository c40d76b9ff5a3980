"""`reasoning` from start to end without a model: run, list, show, grade, compare, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.commands.cli import main
from tests.hash_engine import HashEngine

RUN = ("reasoning", "run", "--pair", "tinyworld", "--limit", "4", "--n", "3", "--part", "original",
       "--part", "numbers", "--style", "few-shot-cot", "--grader", "rules")  # fmt: skip


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESULTS", "STATE"):
        monkeypatch.setenv(f"PARTWAY_{name}", str(tmp_path / name.lower()))
    monkeypatch.setattr("core.commands.reasoning.open_engine", lambda name, given: HashEngine())
    for module in ("reasoning", "reasoning_read"):
        monkeypatch.setattr(f"core.commands.{module}.PUBLISHED", tmp_path / "published")


def printed(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    assert main([*command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_study_from_start_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    done = printed(capsys, *RUN, "--protocol", "symmetric", "--protocol", "published")
    assert done["computed"] == 2 * 2 * 2 * 4 and len(done["runs"]) == 8
    assert printed(capsys, *RUN, "--protocol", "symmetric")["computed"] == 0
    rows = printed(capsys, "reasoning", "show", "--pair", "hashes")
    assert len(rows) == 8 and {row["items"] for row in rows} == {4}
    assert {row["measure"] for row in rows} == {"pass@3", "any of the first 3 branches"}
    found = printed(capsys, "reasoning", "compare", "--pair", "hashes")
    assert {row["protocol"] for row in found["protocols"]} == {"symmetric", "published"}
    assert {row["part"] for row in found["differences"]} == {"original", "numbers"}
    assert all(row["pairs"] == 4 for row in found["twins"])
    graded = printed(capsys, "reasoning", "grade", "--pair", "hashes", "--grader", "rules")
    assert graded["made"] == 0 and len(graded["grades"]) == 8


def test_tables_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(RUN)) == 0
    assert main(["reasoning", "show", "--pair", "hashes"]) == 0
    assert main(["reasoning", "compare", "--pair", "hashes"]) == 0
    told = capsys.readouterr()
    assert "Answered 16 items in 4 runs." in told.out and "pass@3" in told.out
    assert "Answers end after 96 tokens, not 2,048" in told.err
    assert "Twins" in told.out and "numbers" in told.out


def test_benchmarks_and_protocols_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "reasoning", "list")
    assert {"gsm8k", "medcalc-bench", "tinyworld-reasoning"} <= {
        one["name"] for one in found["benchmarks"]
    }
    assert {"published", "symmetric"} <= {one["name"] for one in found["protocols"]}
    assert main(["reasoning", "list"]) == 0
    assert "ships with Partway" in capsys.readouterr().out
    assert main(["reasoning", "jobs"]) == 0


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (("--n", "0"), 2, "n = 0 answers"),
        (("--limit", "0"), 2, "limit of 0"),
        (("--grid", "3"), 2, "out of range"),
        (("--benchmark", "aime"), 2, "No benchmark is called"),
        (("--part", "none"), 2, "has no part"),
        (("--protocol", "none"), 2, "No protocol is called"),
        (("--benchmark", "math-perturb"), 6, "no data set of the hub"),
        (("--max-new-tokens", "0"), 2, "0 tokens"),
        (("--pair", "nobody"), 2, "nobody"),
    ],
)
def test_a_bad_value_costs_one_sentence(
    change: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RUN, *change]) == code
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error


def test_nothing_stored_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("show", "compare", "grade"):
        assert main(["reasoning", action, "--pair", "hashes"]) == 2
        assert "python -m core reasoning run" in capsys.readouterr().err
