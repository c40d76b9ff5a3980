"""The command line as people and programs meet it."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import core.commands.generate
import core.commands.sweep
import core.jobs.work
from core.commands.cli import build_parser, main
from core.engine.protocol import Engine
from core.errors import EngineUnavailable
from core.settings import ROOT, Settings
from core.tasks.suites import load_suite
from tests.jobs.sweep_world import CountingEngine
from tests.small_suite import write_small_suite
from tests.tiny_pair import write_registry, write_tiny_pair

SUITES = ("--icl-suite", "small", "--instruction-suite", "small-instructions")
SWEEP = ("sweep", "--pair", "tiny", *SUITES, "--grid", "0,1")
VERBS = ("pairs", "sweep", "generate", "judge", "winrate", "jobs", "doctor")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    return write_registry(folder / "pairs.toml", write_tiny_pair(folder))


@pytest.fixture
def engine(tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch) -> CountingEngine:
    """A made-up engine in place of the host, small suites, and folders of the test's own."""
    suites = write_small_suite(tmp_path / "tasks")
    monkeypatch.setattr(core.jobs.work, "load_suite", partial(load_suite, folder=suites))
    made_up = CountingEngine()

    def open_engine(name: str, settings: Settings) -> Engine:
        return made_up

    monkeypatch.setattr(core.commands.sweep, "open_engine", open_engine)
    monkeypatch.setattr(core.commands.generate, "open_engine", open_engine)
    monkeypatch.setenv("PARTWAY_PAIRS", str(registry))
    monkeypatch.setenv("PARTWAY_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("PARTWAY_STATE", str(tmp_path / "state"))
    return made_up


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_second_sweep_computes_nothing_and_says_so(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run_json(capsys, *SWEEP)
    assert (first["computed"], first["judged"]) == (78, 4)
    asked = engine.asked
    assert main(SWEEP) == 0
    assert "nothing was computed" in capsys.readouterr().out
    assert engine.asked == asked


def test_progress_goes_to_stderr_and_the_result_to_stdout(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(SWEEP) == 0
    shown = capsys.readouterr()
    assert "78/78" in shown.err
    assert shown.out.startswith("Measured 78 items")
    assert len(shown.out.splitlines()) == 1


def test_stopping_says_how_to_go_on(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_at_third() -> None:
        if engine.calls == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(engine, "before_call", stop_at_third)
    assert main(SWEEP) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    again = run_json(capsys, *SWEEP)
    assert again["computed"] == 78 - 24


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("sweep", "--pair", "tiny", "--grid", "abc"), 2, "'abc' is not a number"),
        (("sweep", "--pair", "tiny", "--grid", "7"), 2, "λ = 7 is out of range"),
        (("sweep", "--pair", "tiny", "--grid", "0.3333"), 2, "more than three decimals"),
        (("sweep", "--pair", "nobody"), 2, "no pair named 'nobody'"),
        (("sweep", "--pair", "../etc"), 2, "no pair named '../etc'"),
        (("sweep", "--pair", "tiny", "--icl-suite", "../small"), 2, "cannot be used"),
        (("sweep", "--pair", "tiny", "--icl-suite", "none"), 2, "No suite is called 'none'"),
        ((*SWEEP, "--limit", "0"), 2, "limit of 0 items"),
        (("generate", "--pair", "tiny", "--lam", "x", "hello"), 2, "'x' is not a number"),
        (("generate", "--pair", "tiny", "--temperature", "nan", "hello"), 2, "'nan'"),
        (("generate", "--pair", "tiny", "--temperature", "hot", "hello"), 2, "'hot'"),
        (("generate", "--pair", "tiny", "--max-new-tokens", "0", "hello"), 2, "writes nothing"),
        (("pairs", "check", "nobody"), 2, "no pair named 'nobody'"),
        (("jobs", "show", "../../etc"), 2, "not the id of a job"),
        (("jobs", "cancel", "20260101-000000-abcdef"), 2, "There is no job"),
    ],
)
def test_what_cannot_be_used_is_told_and_changes_nothing(
    engine: CountingEngine,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    assert main(arguments) == code
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert len(shown.err.splitlines()) == 1
    assert engine.calls == 0
    assert not (tmp_path / "results").exists()


def test_results_that_cannot_be_written_are_told_before_any_work(
    engine: CountingEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "occupied"
    place.write_text("a file")
    assert main([*SWEEP, "--results", str(place)]) == 5
    shown = capsys.readouterr().err
    assert str(place) in shown
    assert len(shown.splitlines()) == 1
    assert engine.calls == 0
    assert place.read_text() == "a file"


def test_an_engine_that_does_not_come_up(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, settings: Settings) -> Engine:
        raise EngineUnavailable("No engine answers. Start one.")

    monkeypatch.setattr(core.commands.sweep, "open_engine", refuse)
    assert main(SWEEP) == 4
    assert capsys.readouterr().err == "No engine answers. Start one.\n"


def test_a_bug_is_a_sentence_and_no_traceback(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(engine, "before_call", broken)
    assert main(SWEEP) == 1
    shown = capsys.readouterr().err
    assert "This is a bug in Partway (ZeroDivisionError" in shown
    assert "Traceback" not in shown


def test_generate_streams_what_it_prints_as_json(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ("generate", "--pair", "tiny", "--lam", "0.35", "Say something.")
    assert main(ask) == 0
    streamed = capsys.readouterr().out
    whole = run_json(capsys, *ask)
    assert whole["output"] == streamed.rstrip("\n")
    assert whole["lambda"] == "0.35"
    assert whole["prompt"].startswith("user: Say something.")
    bare = run_json(capsys, *ask, "--form", "completion")
    assert bare["prompt"] == "Say something."
    assert bare["output"] != whole["output"]


def test_pairs_are_listed_and_checked(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [pair["name"] for pair in run_json(capsys, "pairs", "list")]
    assert {"tiny", "tinyworld"} <= set(names)
    report = run_json(capsys, "pairs", "check", "tiny")
    assert report["identity"]["name"] == "tiny"
    assert report["dtype"] == "float32"
    assert main(["pairs", "check", "tiny"]) == 0
    assert "can be merged" in capsys.readouterr().out


def test_no_jobs_yet(engine: CountingEngine, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_json(capsys, "jobs", "list") == []
    assert main(["jobs", "list"]) == 0
    assert "There are no jobs" in capsys.readouterr().out


def test_the_doctor_names_what_is_there(
    engine: CountingEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTWAY_DEVICE", "cpu")
    main(["doctor", "--json"])
    findings = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert {"python", "torch", "device", "threads", "engine", "results"} <= set(findings)
    assert findings["results"]["well"]
    assert findings["device"]["told"].startswith("cpu")


def test_the_doctor_finds_what_is_missing(
    engine: CountingEngine,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PARTWAY_DEVICE", "cpu")
    place = tmp_path / "occupied"
    place.write_text("a file")
    assert main(["doctor", "--results", str(place)]) == 1
    assert "MISSING" in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = {"pairs": ["pairs", "check"], "jobs": ["jobs", "show"]}.get(verb, [verb])
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([*arguments, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f"example: python -m core {verb}" in shown
    assert "--json" in shown


def test_as_a_process_an_error_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core", "sweep", "--pair", "tinyworld", "--grid", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("λ = 7 is out of range.")
    assert len(done.stderr.splitlines()) == 1
