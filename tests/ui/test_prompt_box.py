"""The prompt box: asks at the chosen λ beside both parents, and shows text as text."""

import time
from collections.abc import Iterator, Sequence

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.engine.fake import FakeEngine
from core.engine.protocol import Form
from core.lam import Lam
from tests.ui.conftest import OpenApp

pytestmark = pytest.mark.usefixtures("measured")
HOSTILE = "<img src=x onerror=alert(1)> **bold** :red[red] $x$ [a](javascript:b)"


class Hostile(FakeEngine):
    """Says what a browser or a markdown renderer would act on."""

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: api.Prompt,
        decoding: api.Decoding,
        form: Form | None = None,
    ) -> Iterator[api.Answers | api.Chunk]:
        yield api.Answers("blended", HOSTILE)
        for row in range(len(lams)):
            yield api.Chunk(row, HOSTILE, 1, "length")


def ask(app: AppTest, text: str = "Hello?") -> AppTest:
    app.text_area[0].set_value(text)
    button(app, "Generate").click().run()
    while app.session_state["prompt_answers"].live:
        time.sleep(0.01)
    return app.run()


def button(app: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(one for one in app.button if one.label == label)


def test_answers_stand_at_base_the_chosen_lambda_and_instruct(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "open_engine", FakeEngine)
    app = ask(open_app(lam="0.35"))
    heads = [one.value for one in app.markdown if one.value.startswith("**λ = ")]
    assert heads[-3:] == ["**λ = 0 · base**", "**λ = 0.35**", "**λ = 1 · instruct**"]
    texts = [one.value for one in app.text]
    assert len(texts) == 3 and all(texts) and len(set(texts)) > 1
    assert not app.exception and not app.error


def test_at_a_parent_there_are_two_columns(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "open_engine", FakeEngine)
    assert len(ask(open_app(lam="1")).text) == 2


def test_model_text_is_never_rendered(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "open_engine", Hostile)
    app = ask(open_app())
    assert [one.value for one in app.text] == [HOSTILE] * 3
    assert not any(HOSTILE in str(one.value) for one in app.markdown)
    assert any("cut" in str(one.value) for one in app.markdown)


def test_the_exact_prompt_can_be_opened(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "open_engine", FakeEngine)
    app = ask(open_app(), "What is red?")
    assert any("What is red?" in one.value and "assistant" in one.value for one in app.code)


def test_an_engine_that_fails_leaves_a_sentence_and_the_numbers(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise api.EngineUnavailable("The engine does not start. Read its log in STATE.")

    monkeypatch.setattr(api, "open_engine", refuse)
    app = ask(open_app())
    assert "does not start" in app.error[0].value
    assert app.metric[0].value == "68.0 %" and not app.exception


def test_a_preset_fills_the_box(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = (
        api.Preset("Instruction", "one word", "Say one word.", chat=True),
        api.Preset("Few-shot", "capitals", "Q: A?\nA:", chat=False),
    )
    monkeypatch.setattr(api, "presets", lambda pair, line: ready)
    app = open_app()
    assert app.text_area[0].value == "Say one word."
    chooser = next(one for one in app.selectbox if one.label == "Begin with")
    chooser.set_value("Few-shot · capitals").run()
    assert app.text_area[0].value == "Q: A?\nA:"


def test_an_empty_prompt_asks_nothing(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("nothing was asked")

    monkeypatch.setattr(api, "open_engine", refuse)
    app = open_app()
    app.text_area[0].set_value("   ")
    button(app, "Generate").click().run()
    assert "prompt_answers" not in app.session_state
