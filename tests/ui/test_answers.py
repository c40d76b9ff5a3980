"""Answers of several λ: in one stream, stoppable, never left hanging, outliving an engine."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from core import api
from core.engine.fake import FakeEngine
from core.engine.protocol import Form
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
    """Writes at every λ until it is closed, and says so."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form
        self.closed = threading.Event()

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: api.Prompt,
        decoding: api.Decoding,
        form: Form | None = None,
    ) -> Iterator[api.Answers | api.Chunk]:
        try:
            yield api.Answers(self.form, "Made up.")
            for count in itertools.count(1):
                for row in range(len(lams) if self.form == "blended" else 1):
                    yield api.Chunk(row, "la ", count)
                time.sleep(0.002)
        finally:
            self.closed.set()


class Dying(FakeEngine):
    """Ends in the middle of its first answers, as a killed process does."""

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: api.Prompt,
        decoding: api.Decoding,
        form: Form | None = None,
    ) -> Iterator[api.Answers | api.Chunk]:
        yield api.Answers("blended", "Made up.")
        yield api.Chunk(0, "half a word", 1)
        raise EngineUnavailable("The engine does not answer.")


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


@pytest.mark.parametrize(
    ("form", "states"),
    [
        ("blended", ["writing", "writing", "writing"]),
        ("materialised", ["writing", "waiting", "waiting"]),
    ],
)
def test_the_form_says_who_writes_and_stop_ends_the_engines_work(
    monkeypatch: pytest.MonkeyPatch, form: Form, states: list[str]
) -> None:
    engine = Endless(form)
    monkeypatch.setattr(api, "open_engine", lambda: engine)
    answers = Answers(QUESTION)
    until(lambda: answers.look()[0].tokens > 3)
    assert [answer.state for answer in answers.look()] == states
    assert form in answers.told()
    answers.stop()
    until(lambda: not answers.live)
    assert engine.closed.is_set()
    assert {answer.state for answer in answers.look()} == {"stopped"}
    assert answers.look()[0].text.startswith("la la")


def test_nobody_looking_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Endless("blended")
    monkeypatch.setattr(api, "open_engine", lambda: engine)
    monkeypatch.setattr("pages.ui.answers.ABANDONED_SECONDS", 0.05)
    answers = Answers(QUESTION)
    until(lambda: not answers.live)
    assert engine.closed.is_set()


def test_when_the_engine_dies_the_next_one_is_asked_from_the_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engines: list[FakeEngine] = [Dying(), FakeEngine()]
    monkeypatch.setattr(api, "open_engine", lambda: engines.pop(0))
    answers = Answers(QUESTION)
    until(lambda: not answers.live)
    assert answers.problem is None
    assert answers.notice is not None and "ended unexpectedly" in answers.notice
    assert not any("half a word" in answer.text for answer in answers.look())
    assert {answer.state for answer in answers.look()} == {"ended"}


def test_an_engine_that_dies_again_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "open_engine", Dying)
    answers = Answers(QUESTION)
    until(lambda: not answers.live)
    assert answers.problem == "The engine does not answer."
    assert {answer.state for answer in answers.look()} == {"failed"}


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
