"""Side by side: what is asked, what bad input says, and how a film is found again."""

import json
import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.engine.fake import FakeEngine
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("measured")
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> **b** $x^2$ :red[r] [a](b)"


class Hostile(FakeEngine):
    """Writes what a browser or a markdown renderer would act on."""

    def stream_many(self, pair, lams, prompt, decoding, form=None):  # type: ignore[no-untyped-def]
        yield api.Answers("blended", "Made up.")
        for row in range(len(lams)):
            yield api.Chunk(row, HOSTILE, 1, "length", ids=(1,))


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "open_engine", FakeEngine)


def opened(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app(**parameters)
    return app.switch_page("pages/side_by_side.py").run()


def generate(app: AppTest, text: str = "Name a fruit.", columns: str = "0:1:0.1") -> AppTest:
    app.text_area(key="ask_text").set_value(text)
    app.text_input(key="ask_columns").set_value(columns)
    app.button(key="ask_go").click().run()
    while "film_shown" in app.session_state and app.session_state["film_shown"].live:
        time.sleep(0.01)
    return app.run()


def drawn(app: AppTest) -> dict[str, Any]:
    """What the columns' component was given."""
    (component,) = app.get("bidi_component")
    content: dict[str, Any] = json.loads(component.proto.json)
    return content


def texts(app: AppTest) -> list[str]:
    return ["".join(t for kind, t in c["parts"] if kind != "mark") for c in drawn(app)["columns"]]


@pytest.mark.usefixtures("made_up")
def test_eleven_columns_say_what_the_engine_says_at_their_lambda(open_app: OpenApp) -> None:
    app = generate(opened(open_app))
    shown = drawn(app)["columns"]
    assert [column["name"] for column in shown] == [f"λ {n / 10:g}" for n in range(11)]
    assert (shown[0]["note"], shown[10]["note"]) == ("base", "instruct")
    engine = FakeEngine()
    prompt = engine.render_chat("tinyworld", [api.Message("user", "Name a fruit.")])
    for number, text in enumerate(texts(app)):
        (said,) = engine.generate("tinyworld", api.Lam(100 * number), [prompt], api.Decoding(80))
        assert text == said.text
    assert not app.exception and not app.error
    assert any(prompt.text == code.value for code in app.code)


@pytest.fixture
def nothing_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("nothing may be sent")

    monkeypatch.setattr(api, "open_engine", refuse)


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("   \n", "0:1:0.1", "The prompt is empty"),
        ("Hi", "0:1.2:0.1", "13 columns are named"),
        ("Hi", "0, 3", "out of range"),
        ("Hi", "0.12345", "three decimals"),
        ("Hi", "nopair@1", "no pair named"),
        ("Hi", "", "No column is named"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_sent(
    open_app: OpenApp, text: str, columns: str, words: str
) -> None:
    app = generate(opened(open_app), text, columns)
    assert any(words in error.value.replace("\\", "") for error in app.error)
    assert not isinstance(app.session_state["film_shown"], api.side_by_side.Film)
    assert not app.exception


@pytest.mark.usefixtures("nothing_sent")
def test_a_prompt_that_does_not_fit_is_told_with_counts_before_it_is_sent(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def room(scene: api.side_by_side.Scene) -> tuple[object, ...]:
        length = len(scene.messages[-1].content) // 4
        longest = scene.decoding.max_new_tokens
        return (api.side_by_side.Room("tinyworld", length, longest, 1024),)

    monkeypatch.setattr(api.side_by_side, "room", room)
    app = generate(opened(open_app), "word" * 25_000)
    (error,) = app.error
    assert "25,000 tokens and the answer may have 80: 24,056 more" in error.value.replace("\\", "")
    assert app.text_area(key="ask_text").value == "word" * 25_000 and not app.exception


@pytest.mark.usefixtures("made_up")
def test_a_lambda_named_twice_stands_once_and_control_characters_are_told(
    open_app: OpenApp,
) -> None:
    app = generate(opened(open_app), "Hi\x07 there\x1b", "0.5, 0.5, 1")
    assert len(drawn(app)["columns"]) == 2
    told = " ".join(caption.value for caption in app.caption).replace("\\", "")
    assert "named twice and shown once: tinyworld@0.5" in told
    assert "control characters (U+0007, U+001B), sent as they are" in told


def test_model_text_is_data_for_text_nodes_and_nothing_else(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "open_engine", Hostile)
    app = generate(opened(open_app), HOSTILE, "0, 1")
    assert texts(app) == [HOSTILE, HOSTILE]
    shown = [*app.markdown, *app.caption, *app.error, *app.warning]
    assert [one.value for one in shown if "onerror=alert" in one.value.replace("\\", "")] == []


def test_an_engine_that_dies_keeps_what_came_and_offers_the_rest(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dying(FakeEngine):
        def stream_many(self, pair, lams, prompt, decoding, form=None):  # type: ignore[no-untyped-def]
            yield api.Answers("blended", "Made up.")
            yield api.Chunk(0, "whole", 1, "stop", ids=(1,))
            yield api.Chunk(1, "half a", 1, ids=(1,))
            raise api.EngineUnavailable("The engine does not answer.")

    engines: list[FakeEngine] = [Dying(), FakeEngine()]
    monkeypatch.setattr(api, "open_engine", lambda: engines.pop(0))
    app = generate(opened(open_app), columns="0, 0.5, 1")
    assert "What had come is kept" in app.error[0].value
    assert texts(app) == ["whole", "half a", ""]
    app.button(key="film_go_on").click().run()
    while app.session_state["film_shown"].live:
        time.sleep(0.01)
    app.run()
    found = texts(app)
    assert found[0] == "whole" and found[1] != "half a" and all(found) and not app.error


@pytest.mark.usefixtures("made_up")
def test_a_link_restores_a_comparison_and_a_bad_one_is_told(open_app: OpenApp) -> None:
    app = generate(opened(open_app), "Name a fruit.", "0, 0.35, 1")
    strip_id = app.session_state["film_shown"].strip_id
    assert app.query_params["strip"] in (strip_id, [strip_id])
    again = opened(open_app, strip=strip_id)
    assert texts(again) == texts(app)
    assert again.text_area(key="ask_text").value == "Name a fruit."
    assert again.text_input(key="ask_columns").value == "0, 0.35, 1"
    for bad, words in (("../etc", "not made of 20 hex digits"), ("0" * 20, "no filmstrip")):
        told = opened(open_app, strip=bad)
        assert any(words in one.value.replace("\\", "") for one in told.warning)
        assert not told.exception
    gone = opened(open_app, film="0123456789abcdef")
    assert any("server that has ended" in one.value for one in gone.warning)
