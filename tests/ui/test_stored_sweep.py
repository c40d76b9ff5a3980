"""The page through the real store: what a sweep wrote is what a person reads."""

import shutil
from pathlib import Path

import pytest

from core import api
from core.lam import Lam
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("no_engine", "stored")


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invented sweep as the only results."""
    monkeypatch.setattr(api, "PUBLISHED", tmp_path / "none")
    write_synthetic_sweep(
        tmp_path / "results", Invented(items=20, instructions=20, parents=parents_now())
    )


def line() -> api.TradeOff:
    found = api.trade_off("tinyworld", "lam:1")
    assert found is not None
    return found


def test_the_page_shows_the_numbers_of_the_store(open_app: OpenApp) -> None:
    app = open_app(lam="0.4")
    point = line().at(Lam(400))
    assert point is not None and not app.exception and not app.error
    assert app.metric[0].value == f"{point.icl.value:.1f} %"
    assert app.metric[2].value == f"{point.pass_rate.value:.1f} %"
    assert any(f"n = {point.icl.n:,}" in caption.value for caption in app.main.caption)


def test_both_references_of_the_sweep_can_be_chosen() -> None:
    names = api.references("tinyworld")
    for name in names:
        found = api.trade_off("tinyworld", name)
        assert found is not None and found.reference == name
    assert set(names) == {"lam:1", "outputs:reference"}


def test_how_it_was_made_is_read_from_the_runs() -> None:
    made = api.provenance(line())
    assert made.command.startswith("python -m core sweep --pair tinyworld --grid 0,0.1,")
    assert made.runs == 13 * 7  # six tasks and the answers, at each λ
    assert made.devices == ("cpu",) and made.methods


def test_few_shot_presets_are_the_measured_prompts_byte_for_byte() -> None:
    presets = [one for one in api.presets("tinyworld", line()) if one.group == "Few-shot"]
    tasks = [task.task for task in line().points[0].tasks]
    assert [one.title for one in presets] == tasks
    assert all(one.text and not one.chat for one in presets)


def test_runs_of_other_parents_are_told_and_not_shown(open_app: OpenApp, tmp_path: Path) -> None:
    write_synthetic_sweep(tmp_path / "results", Invented(grid="0,0.5,1", content="earlier"))
    assert len(line().points) == 13
    app = open_app()
    assert any("3 λ of other parents" in caption.value for caption in app.caption)
    assert not app.exception and not app.error


def test_with_runs_of_other_parents_alone_the_page_says_what_to_do(
    open_app: OpenApp, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "results")
    write_synthetic_sweep(tmp_path / "results", Invented(grid="0,0.5,1", content="earlier"))
    app = open_app()
    assert "3 λ of other parents" in app.info[0].value
    assert any(button.label.startswith("Measure") for button in app.button)
    assert not app.metric and not app.exception and not app.error


def test_results_of_a_pair_that_is_not_here_are_shown_as_unchecked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = tmp_path / "pairs.toml"
    absent.write_text('[[pair]]\nname = "gone"\nbase = "/nowhere/b"\ninstruct = "/nowhere/i"\n')
    monkeypatch.setenv("PARTWAY_PAIRS", str(absent))
    write_synthetic_sweep(tmp_path / "results", Invented(pair="gone", grid="0,1"))
    found = api.trade_off("gone", "lam:1")
    assert found is not None and len(found.points) == 2
    assert "/nowhere/b does not exist" in found.notes[0]
