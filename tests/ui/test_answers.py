"""Answers of several λ: one after the other, stoppable, never left hanging."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from core import api
from core.engine.fake import FakeEngine
from core.errors import EngineUnavailable
from core.lam import BASE, INSTRUCT, Lam
from pages.ui.answers import Answers, Question

SECONDS = 10.0
QUESTION = Question(
    pair="tinyworld",
    lams=(BASE, Lam(350), INSTRUCT),
    text="Name a fruit.",
    chat=True,
    system=None,
    decoding=api.Decoding(max_new_tokens=40),
)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.005)


class Endless(FakeEngine):
    """Writes until it is closed, and says so."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = threading.Event()

    def stream(
        self, pair: str, lam: Lam, prompt: api.Prompt, decoding: api.Decoding
    ) -> Iterator[api.Chunk]:
        try:
            count = 0
            while True:
                count += 1
                yield api.Chunk(0, "la ", count)
                time.sleep(0.002)
        finally:
            self.closed.set()


def test_every_lambda_says_what_the_engine_says(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(api, "open_engine", lambda: engine)
    answers = Answers(QUESTION)
    until(lambda: not answers.live)
    prompt = engine.render_chat("tinyworld", [api.Message("user", QUESTION.text)])
    assert answers.prompt == prompt.text
    for answer in answers.look():
        (said,) = engine.generate("tinyworld", answer.lam, [prompt], QUESTION.decoding)
        assert (answer.text, answer.tokens, answer.state) == (said.text, said.tokens, "ended")


def test_plain_text_is_sent_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "open_engine", FakeEngine)
    text = "  spaces and\n\nnewlines stay "
    answers = Answers(Question("tinyworld", (BASE,), text, False, None, QUESTION.decoding))
    until(lambda: not answers.live)
    assert answers.prompt == text


def test_only_one_lambda_writes_at_a_time_and_stop_ends_the_engines_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Endless()
    monkeypatch.setattr(api, "open_engine", lambda: engine)
    answers = Answers(QUESTION)
    until(lambda: answers.look()[0].tokens > 3)
    assert [answer.state for answer in answers.look()] == ["writing", "waiting", "waiting"]
    answers.stop()
    until(lambda: not answers.live)
    assert engine.closed.is_set()
    assert {answer.state for answer in answers.look()} == {"stopped"}
    assert answers.look()[0].text.startswith("la la")


def test_nobody_looking_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Endless()
    monkeypatch.setattr(api, "open_engine", lambda: engine)
    monkeypatch.setattr("pages.ui.answers.ABANDONED_SECONDS", 0.05)
    answers = Answers(QUESTION)
    until(lambda: not answers.live)
    assert engine.closed.is_set()


@pytest.mark.parametrize("error", [EngineUnavailable("No engine. Try again."), ValueError("bug")])
def test_a_failure_is_a_sentence_and_no_answer_hangs(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr(api, "open_engine", refuse)
    answers = Answers(QUESTION)
    until(lambda: not answers.live)
    assert answers.problem is not None and answers.problem.endswith("again.")
    assert {answer.state for answer in answers.look()} == {"failed"}
