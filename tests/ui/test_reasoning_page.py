"""The Reasoning page on the shipped study: every look opens, and bad links are told."""

import pytest
from streamlit.testing.v1 import AppTest

from core.api import reasoning
from tests.ui.conftest import OpenApp

LOOKS = ("answers", "scores", "fates", "twins", "branches", "sure")


def page(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app().switch_page("pages/reasoning.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.error
    return app


def words(app: AppTest) -> str:
    kinds = [*app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(str(one.value).replace("\\", "") for one in kinds)


@pytest.mark.usefixtures("no_engine")
def test_the_first_sentence_is_the_stored_difference(open_app: OpenApp) -> None:
    said = words(page(open_app))
    runs = reasoning.runs("tinyworld")
    gaps = reasoning.gaps(runs, ("tinyworld-reasoning", "symmetric"), "rules")
    assert {gap.style for gap in gaps} == set(reasoning.STYLES)
    for sentence in reasoning.in_words(gaps, reasoning.gap_changes(gaps, "rules")):
        assert sentence in said


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("protocol", ["symmetric", "published"])
def test_every_look_opens(protocol: str, open_app: OpenApp) -> None:
    app = page(open_app, protocol=protocol)
    for look in LOOKS[1:] + LOOKS[:1]:
        app.segmented_control(key="look_switch").set_value(look).run()
        assert not app.exception and not app.error
        assert look in app.query_params["look"]


@pytest.mark.usefixtures("no_engine")
def test_a_pair_without_a_study_says_how_to_start_one(open_app: OpenApp) -> None:
    said = words(page(open_app, pair="pocketworld"))
    assert "No reasoning was measured with pocketworld yet" in said


@pytest.mark.usefixtures("no_engine")
def test_a_link_to_nothing_is_told(open_app: OpenApp) -> None:
    assert "'nonsense'" in words(page(open_app, protocol="nonsense"))


def test_changed_words_put_both_texts_together_again() -> None:
    shared = "word " * 100
    before, after = shared + "Tom has 3 apples .", shared + "Tom has 5 red apples ."
    pieces = reasoning.changed_words(before, after)
    for text, own in zip((before, after), pieces, strict=True):
        assert text.endswith("".join(one.text for one in own).removeprefix("… "))
    assert [one.text.strip() for one in pieces[1] if one.changed] == ["5 red"]
    assert len(pieces[0][1].text.split()) < 40
