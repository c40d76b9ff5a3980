"""Win rate, pass rate, length and cut answers in every view: by hand, from the same records."""

from pathlib import Path

import numpy as np
import pytest

from core.lam import BASE, INSTRUCT, Lam
from core.reports.following import QUANTITIES, Following, Quantity
from core.reports.seen_regions import regions
from core.reports.together import together
from core.reports.trade_off import read_trade_off
from core.store.records import GenerationRecord
from core.store.runs import RunStore
from tests.synthetic_sweep import Invented, write_synthetic_sweep

HALF = Lam(500)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    folder = tmp_path_factory.mktemp("results")
    return write_synthetic_sweep(folder, Invented(grid="0,0.5,1", items=30, instructions=80))


@pytest.fixture(scope="module")
def following(store: RunStore) -> Following:
    line = read_trade_off(store, "tinyworld", "outputs:reference")
    assert line is not None and line.following is not None
    return line.following


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_views_agree_with_each_other(following: Following, quantity: Quantity) -> None:
    one = following.at(quantity, "absolute", INSTRUCT).value
    assert one is not None
    for lam in following.lams:
        value = following.at(quantity, "absolute", lam).value
        gap = following.at(quantity, "difference", lam)
        share = following.at(quantity, "fractional", lam)
        assert value is not None and gap.value == pytest.approx(value - one)
        if one:
            assert share.value == pytest.approx(100 * (value - one) / one)
        else:
            assert share.value is None or share.value == 0
        assert following.at(quantity, "corrected", lam) == following.at(quantity, "absolute", lam)
    assert following.at(quantity, "difference", INSTRUCT).interval is None


def test_lengths_are_those_of_the_stored_answers(store: RunStore, following: Following) -> None:
    line = read_trade_off(store, "tinyworld")
    assert line is not None
    for point in line.points:
        assert point.generations_run is not None
        found = [r for r in store.records(point.generations_run) if isinstance(r, GenerationRecord)]
        length = following.at("length", "absolute", point.lam)
        assert length.value == pytest.approx(np.mean([len(one.output) for one in found]))
        cut = following.at("cut", "absolute", point.lam)
        assert cut.value == 100 * np.mean([one.finish == "length" for one in found])
        assert cut.n == length.n == len(found)


def test_regions_of_a_difference_are_those_of_the_paired_difference(store: RunStore) -> None:
    line = read_trade_off(store, "tinyworld", "outputs:reference")
    assert line is not None
    joint = together(line.items, "win_rate").together
    assert joint is not None and joint.one is not None
    found = regions(joint, "difference")
    assert INSTRUCT not in found, "0 by definition: there is nothing to draw"
    at = joint.column(BASE)
    assert at is not None
    gap = joint.icl.gap(at, joint.one)
    assert found[BASE].x == pytest.approx(gap.value)
    assert found[BASE].across == pytest.approx(2.4477 * gap.error, rel=1e-3)  # χ², two degrees
    assert regions(joint, "absolute").keys() >= found.keys()
    assert regions(joint, "corrected") == {}


def test_a_percentage_of_nothing_is_told(tmp_path: Path) -> None:
    """At λ=0 and 0.2 no invented answer is cut: there is nothing to take a percentage of."""
    store = write_synthetic_sweep(tmp_path, Invented(grid="0,1", items=4, instructions=5))
    line = read_trade_off(store, "tinyworld")
    assert line is not None and line.following is not None
    share = line.following.at("cut", "fractional", BASE)
    assert share.value is None and share.reason is not None and "is 0" in share.reason
