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
        yield api.Answers("blended", HOSTILE)
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
