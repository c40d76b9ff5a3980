"""The Items page on an invented sweep: filter, open, permalink, and text that stays text."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.lam import Lam
from core.reports import flips
from core.store.prompts import FOLDER
from tests.synthetic_sweep import Invented, parents_now, write_synthetic_sweep
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("no_engine", "stored")
PAGE = "pages/items.py"
EVIL = "<script>alert(1)</script> **bold** <b>tag</b>"


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invented sweep as the only results."""
    for module in (api, flips):
        monkeypatch.setattr(module, "PUBLISHED", tmp_path / "none")
    write_synthetic_sweep(
        tmp_path / "results",
        Invented(grid="0,0.5,1", items=20, instructions=8, parents=parents_now()),
    )


def opened(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app(**parameters).switch_page(PAGE)
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def ledger(of: flips.Of = "few-shot") -> flips.Ledger:
    found = flips.ledger("tinyworld", "lam:1", of)
    assert found is not None
    return found


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption]).replace("\\", "")


def test_the_page_counts_what_the_records_say(open_app: OpenApp) -> None:
    app = opened(open_app)
    assert not app.exception and not app.error and not app.warning
    sizes = flips.group_sizes(flips.look(ledger(), flips.Asked()))
    assert app.pills[0].options == [f"{flips.WORDS[g].name} · {n}" for g, n in sizes.items()]
    assert "Of 120 few-shot items" in said(app) and "120 listed" in said(app)


def test_a_link_brings_filters_order_item_and_both_lams(open_app: OpenApp) -> None:
    view = flips.look(ledger(), flips.Asked(task="symbols", group="always"))
    row = int(view.rows[-1])
    app = opened(
        open_app, task="symbols", group="always", sort="-flip", lam="0.5", against="0",
        item=ledger().key(row),
    )  # fmt: skip
    assert not app.exception and not app.error and not app.warning
    assert f"{len(view.rows)} listed · always" in said(app).replace("**", "")
    assert f"**{ledger().items[row]}**" in said(app)
    assert "What about" not in said(app)  # prompts are code, never markdown
    assert any(ledger().items[row] in one.value for one in app.code)
    assert app.select_slider[0].value == Lam(500)
    labels = [one.label.replace("*", "") for one in app.button]
    assert any("only at λ = 0.5" in one for one in labels)
    assert any("only at λ = 0" in one and "0.5" not in one for one in labels)


def test_filters_narrow_and_an_item_opens_from_the_keyboard(open_app: OpenApp) -> None:
    app = opened(open_app, task="capitals")
    first = ledger().items[int(flips.look(ledger(), flips.Asked(task="capitals")).rows[0])]
    assert f"**{first}**" in said(app)
    app.button(key="flip_Next").click().run()
    second = ledger().items[int(flips.look(ledger(), flips.Asked(task="capitals")).rows[1])]
    assert f"**{second}**" in said(app)
    app.text_input(key="flip_find").set_value("capitals-7").run()
    assert "1 listed" in said(app)
    app.text_input(key="flip_find").set_value("no such text").run()
    assert "None listed" in said(app) and not app.exception and not app.error


def test_a_cell_of_two_lams_lists_its_items(open_app: OpenApp) -> None:
    app = opened(open_app, lam="0", against="1")
    crossed = flips.look(ledger(), flips.Asked(first=Lam(0), second=Lam(1000))).crossed
    assert crossed is not None
    app.button(key="cell_first").click().run()
    assert f"{crossed.only_first} listed" in said(app)
    assert "right at λ = 0, not at 1" in said(app)
    app.button(key="ledger_all").click().run()
    assert "120 listed" in said(app)


def test_markup_in_a_prompt_is_shown_as_text(open_app: OpenApp, tmp_path: Path) -> None:
    for path in (tmp_path / "results" / FOLDER).glob("*.jsonl"):
        path.write_text(path.read_text().replace("what about", EVIL))
    app = opened(open_app, task="symbols")
    assert any(EVIL in one.value for one in app.code)
    assert EVIL not in said(app) and "<b>tag" not in said(app)
    assert not any(EVIL in str(one) for one in app.get("html"))


def test_values_that_mean_nothing_are_told_and_left_out(open_app: OpenApp) -> None:
    app = opened(open_app, group="best", against="abc", item="symbols/none", sort="x")
    told = "\n".join(one.value for one in app.warning).replace("\\", "")
    for part in ("group = 'best'", "'abc' is not a number", "no item 'symbols/none'", "sort = 'x'"):
        assert part in told
    assert "120 listed" in said(app) and not app.exception and not app.error


def test_instructions_are_followed_or_not_by_the_verifier(open_app: OpenApp) -> None:
    app = opened(open_app, of="instructions", lam="1")
    assert not app.exception and not app.error
    assert "Of 8 instructions" in said(app)
    followed = flips.look(ledger("instructions"), flips.Asked()).table.right.sum(axis=0)[2]
    counts = {one.key: int(one.label.split("**")[1]) for one in app.button if "**" in one.label}
    assert counts["cell_both"] + counts["cell_first"] == followed  # λ = 1, against the lowest


def test_a_pair_without_results_says_so(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "references", lambda pair: {})
    app = opened(open_app)
    assert not app.exception and any("has not been measured" in one.value for one in app.subheader)
