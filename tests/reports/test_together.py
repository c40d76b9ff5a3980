"""All λ compared at once: on shared items, through the real store, and in words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.lam import BASE, INSTRUCT, Lam
from core.reports.choosing import RATES, choose, price, settling
from core.reports.comparing_words import (
    best_words,
    choice_words,
    corrected_words,
    front_words,
    price_words,
    settling_words,
    share_text,
    shared_words,
)
from core.reports.measures import NO_SPREAD, difference, macro_mean, resample, share
from core.reports.together import (
    ALL_EQUAL,
    FEW_LAMS,
    FEW_UNITS,
    NO_ITEMS,
    LineItems,
    Together,
    together,
)
from core.reports.trade_off import read_trade_off
from core.stats.bootstrap import Table
from tests.synthetic_sweep import TASKS, Invented, write_synthetic_sweep

RNG = np.random.default_rng(3)
LAMS = (BASE, Lam(500), INSTRUCT)


def table(*shares: float, items: int = 120) -> Table:
    luck = RNG.random((items, 1))
    return Table(np.where(luck < np.array(shares), 100.0, 0.0))


def made(**changes: object) -> LineItems:
    """λ=0 is best at few-shot tasks, λ=0.5 and λ=1 at following."""
    wins = table(0.1, 0.5, 0.5)
    wins.values[:, 2] = 50.0
    items = LineItems(
        lams=LAMS,
        tasks=(table(0.9, 0.6, 0.3), table(0.8, 0.6, 0.4)),
        wins=wins,
        passes=table(0.0, 0.8, 0.8),
        reference=INSTRUCT,
        seconds_per_item=0.5,
    )
    return replace(items, **changes)  # type: ignore[arg-type]


def compared(items: LineItems) -> Together:
    found = together(items, "win_rate").together
    assert found is not None
    return found


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Together:
    store = write_synthetic_sweep(tmp_path_factory.mktemp("results"), Invented(grid="0,0.5,0.9,1"))
    line = read_trade_off(store, "tinyworld")
    assert line is not None
    found = together(line.items, "win_rate").together
    assert found is not None
    for one in found.standings:  # the same numbers as the points on the plane
        point = line.at(one.lam)
        assert point is not None
        assert one.icl == pytest.approx(point.icl.value)
        assert one.follow == pytest.approx(point.win_rate.value)
    return found


def test_a_stored_line_is_compared_on_all_of_its_items(stored: Together) -> None:
    assert [str(lam) for lam in stored.lams] == ["0", "0.5", "0.9", "1"]
    assert stored.icl.n == stored.icl.of == 40 * len(TASKS)
    assert stored.follow.n == 60 and stored.left_out == ()
    assert "240 of 240 few-shot items and the 60 of 60 instructions" in shared_words(stored)


def test_the_reference_is_a_line_and_not_an_ellipse(stored: Together) -> None:
    regions = {str(one.lam): one.region for one in stored.standings}
    assert regions["1"] is not None and regions["1"].up == 0.0 and regions["1"].across > 0
    assert regions["0.5"] is not None and regions["0.5"].up > 0


def test_only_other_lams_are_tested_against_one() -> None:
    found = compared(made())
    first, _, one = found.standings
    assert (one.icl_p, one.follow_p) == (None, None)
    assert first.icl_p is not None and first.icl_p < 0.01


def test_what_every_item_agrees_on_gets_no_region() -> None:
    found = together(made(), "pass_rate").together
    assert found is not None
    assert found.standings[0].region is None and found.standings[0].no_region == ALL_EQUAL


def test_a_lam_without_one_side_is_left_out_and_named() -> None:
    items = made()
    items.wins.values[:, 0] = np.nan
    found = compared(items)
    assert found.lams == (Lam(500), INSTRUCT) and found.left_out == (BASE,)
    assert "Not compared, because one side is not measured: λ = 0." in shared_words(found)
    assert price(found, BASE) is None and settling(found, BASE, INSTRUCT) is None
    assert "not compared" in price_words(found, BASE, None)


def test_unequal_items_are_compared_where_they_meet_and_that_is_said() -> None:
    items = made()
    items.tasks[0].values[:20, 1] = np.nan
    found = compared(items)
    assert (found.icl.n, found.icl.of) == (220, 240)
    assert "on the 220 of 240 few-shot items" in shared_words(found)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (None, NO_ITEMS),
        (made(lams=(BASE,), tasks=(table(0.5),), wins=table(0.5), passes=table(0.5)), FEW_LAMS),
        (made(wins=Table(table(0.1, 0.5, 0.6).values, np.zeros(120, dtype=np.intp))), FEW_UNITS),
    ],
)
def test_what_cannot_be_compared_says_why(items: LineItems | None, reason: str) -> None:
    found = together(items, "win_rate")
    assert (found.together, found.reason) == (None, reason)


def test_the_worth_of_a_point_moves_the_set() -> None:
    found = compared(made())
    assert choose(found, 0.0).members == (BASE,)
    dear = choose(found, max(RATES))
    assert BASE not in dear.members and {Lam(500), INSTRUCT} <= set(dear.members)
    assert dict(dear.utilities)[INSTRUCT] == 0.0


def test_words_name_sets_as_sets() -> None:
    found = compared(made())
    said = best_words(found)
    assert said == (
        "Best, as far as these data can tell: few-shot accuracy at λ = 0 alone; "
        "win rate at λ = 0.5 or 1."
    )
    assert choice_words(found, choose(found, 0.0)).text == (
        "If one win-rate point is worth nothing, λ* = 0: no other is tied."
    )
    several = choice_words(found, choose(found, 10.0))
    assert "λ* is one of λ = 0.5, 1: the data cannot tell them apart" in several.text
    assert "reported on the other half" in several.detail and "is the choosing" in several.detail
    assert "share of resamples" in front_words(found)


def test_the_correction_for_many_lambdas_is_said_of_every_other_lambda() -> None:
    found = compared(made())
    said = corrected_words(found, BASE)
    assert said.startswith("If this λ was picked after looking at all 2 (Holm): few-shot")
    assert corrected_words(found, INSTRUCT) == "" == corrected_words(found, Lam(750))


def test_without_instruct_no_gain_and_no_price_are_told() -> None:
    wins = table(0.1, 0.5)
    items = made(
        lams=LAMS[:2],
        tasks=(table(0.9, 0.5),),
        wins=wins,
        passes=wins,
        reference=None,
    )
    found = compared(items)
    choice = choose(found, 1.0)
    assert choice.gain is None and "λ = 1 is not measured" in choice_words(found, choice).detail
    assert price(found, BASE) is None
    assert all(one.icl_p is None for one in found.standings)


def test_prices_and_items_to_settle_carry_numbers_or_reasons() -> None:
    found = compared(made())
    sold = price_words(found, BASE, price(found, BASE))
    assert "few-shot points gained for each win-rate point lost (95 % interval" in sold
    worse = compared(made(tasks=(table(0.2, 0.6, 0.3),)))
    assert "so none gained, for each" in price_words(worse, BASE, price(worse, BASE))
    kept = price_words(found, Lam(500), price(found, Lam(500)))
    assert "none, because no loss is shown" in kept
    assert "none at λ = 1" in price_words(found, INSTRUCT, price(found, INSTRUCT))
    settled = settling_words(found, settling(found, BASE, INSTRUCT))
    assert "few-shot accuracy is settled; win rate is settled" in settled
    assert settling(found, INSTRUCT, INSTRUCT) is None
    equal = settling_words(found, settling(found, Lam(500), INSTRUCT))
    assert "win rate needs about" in equal or "win rate no number can be told" in equal


def test_items_to_settle_have_a_price_where_a_time_was_measured() -> None:
    task = table(0.5, 0.5, 0.5)
    task.values[:20, 0], task.values[:20, 2] = [0.0] * 11 + [100.0] * 9, [100.0] * 11 + [0.0] * 9
    items = made(tasks=(task,))  # 11 items gained, 9 lost
    found = settling(compared(items), BASE, INSTRUCT)
    assert found is not None and found.icl.more_items
    assert found.icl.seconds == pytest.approx(2 * found.icl.more_items * 0.5)
    said = settling_words(compared(items), found)
    assert "more items, about" in said and "for both λ" in said


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.0004, "< 1 %"), (0.5, "50 %"), (0.9995, "> 99 %"), (1.0, "100 %")],
)
def test_a_share_is_never_rounded_to_certainty(share: float, text: str) -> None:
    assert share_text(share) == text


def test_a_sweep_without_times_gives_items_and_no_seconds(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path, Invented(grid="0,0.1,1"))
    line = read_trade_off(store, "tinyworld")
    assert line is not None and line.items is not None
    assert line.items.seconds_per_item is None


def test_one_passage_gives_a_value_with_a_reason_and_no_interval() -> None:
    alone = Table(table(0.5, 0.6).values, np.zeros(120, dtype=np.intp))
    drawn = resample(alone, 1, 1)
    for measure in (share(drawn, 0), difference(drawn, 0), macro_mean([drawn], 0)):
        assert measure.value is not None
        assert (measure.interval, measure.reason) == (None, NO_SPREAD)
