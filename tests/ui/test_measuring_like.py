"""A λ that is measured later is asked exactly what its line was asked."""

from pathlib import Path

import pytest

from core import api
from core.jobs.plan import SweepPlan
from core.lam import Lam
from core.settings import Settings
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[SweepPlan]:
    """What would be measured; no process is started."""
    asked: list[SweepPlan] = []

    def note(plan: SweepPlan, settings: Settings) -> str:
        asked.append(plan)
        return "20260101-000000-abcdef"

    monkeypatch.setattr(api, "start_job", note)
    return asked


def test_a_trial_line_goes_on_as_a_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plans: list[SweepPlan]
) -> None:
    monkeypatch.setattr(api, "PUBLISHED", tmp_path / "none")
    write_synthetic_sweep(
        tmp_path / "results", Invented(items=5, instructions=5, limit=5, parents=parents_now())
    )
    line = api.trade_off("tinyworld", "lam:1")
    api.start_measuring("tinyworld", (Lam(350),), line)
    assert plans == [SweepPlan("tinyworld", (Lam(350),), limit=5)]


def test_without_a_line_the_embedded_suites_are_taken_whole(plans: list[SweepPlan]) -> None:
    api.start_measuring("tinyworld", (Lam(350),))
    assert plans == [SweepPlan("tinyworld", (Lam(350),))]
