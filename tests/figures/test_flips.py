"""The ledger's figures: bars add up to the accuracy, and no choice's text becomes markup."""

from pathlib import Path

import pytest

from core.figures.flips import groups, in_words
from core.figures.item_curve import item_curve, shown
from core.lam import Lam
from core.reports.ledger import Ledger, read_ledger
from core.reports.ledger_item import open_item
from core.reports.ledger_view import Asked, look
from core.settings import PUBLISHED
from core.store.runs import RunStore


def shipped() -> Ledger:
    ledger = read_ledger(RunStore(Path(PUBLISHED)), "tinyworld", "few-shot")
    assert ledger is not None
    return ledger


def test_a_lams_bars_add_up_to_its_accuracy() -> None:
    ledger = shipped()
    view = look(ledger, Asked())
    *bars, totals = groups(ledger, view, Lam(500)).data
    for column, lam in enumerate(ledger.lams):
        height = sum(bar.y[column] for bar in bars)
        assert height == pytest.approx(view.table.accuracy(column)) == totals.y[column]
        assert f"λ {lam}: {height:.1f} %" in in_words(ledger, view)
    assert len({bar.marker.pattern.shape for bar in bars}) == len(bars)  # not by colour alone


def test_an_items_highest_line_is_the_choice_that_was_taken() -> None:
    ledger = shipped()
    row = next(row for row in range(len(ledger.items)) if ledger.task(row).form == "MC")
    item = open_item(ledger, row)
    drawn = item_curve(item, Lam(500)).data
    assert len(drawn) == len(item.choices)
    for column, answer in enumerate(ledger.answers[row]):
        best = max(drawn, key=lambda line: line.y[column])
        assert answer is not None and answer.record is not None
        taken = answer.record.prediction  # type: ignore[union-attr]
        assert best.name.removeprefix("✓ ") == shown(taken)


def test_markup_in_a_choice_stays_text() -> None:
    assert shown("<b>x</b>\n<a href='y'>") == "&lt;b&gt;x&lt;/b&gt; &lt;a href=&#x27;y&#x27;&gt;"
    assert shown("  ") == "(empty)"
