"""The page through the real store: what a sweep wrote is what a person reads."""

from pathlib import Path

import pytest

from core import api
from core.lam import Lam
from tests.synthetic_sweep import Invented, write_synthetic_sweep
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("no_engine", "stored")


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invented sweep as the only results."""
    monkeypatch.setattr(api, "PUBLISHED", tmp_path / "none")
    write_synthetic_sweep(tmp_path / "results", Invented(items=20, instructions=20))


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
    assert f"n = {point.icl.n:,}" in app.main.caption[1].value


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
