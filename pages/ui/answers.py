"""Answers of several λ to one prompt, written by a thread of our own while the page polls.

A thread, because a loop inside the page would hold up the slider until the last token. It
never touches Streamlit: it replaces one immutable tuple, the page reads it (no lock: one
writer, and the assignment is atomic). All λ come in one stream, in step or one after the
other as the engine says. It ends when it is told to, or when nobody has looked for a while;
when the engine dies meanwhile, the question is asked once more of the next one.
"""

import logging
import threading
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from core import api
from core.lam import Lam
from pages.ui.loading import loading_told

State = Literal["waiting", "writing", "ended", "cut", "stopped", "failed"]
ABANDONED_SECONDS = 20.0  # a closed tab stops polling
RESTARTED = (
    "The engine ended unexpectedly at work. It was started anew and asked again from the beginning."
)
_STATES: dict[str | None, State] = {"stop": "ended", "length": "cut", None: "writing"}
_FORMS: dict[api.Form, str] = {
    "blended": "all λ in one batch (blended)",
    "materialised": "one λ after the other (materialised)",
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt for several λ."""

    pair: str
    lams: tuple[Lam, ...]
    text: str
    chat: bool
    system: str | None
    decoding: api.Decoding


@dataclass(frozen=True, slots=True)
class Answer:
    """What one λ has said so far."""

    lam: Lam
    state: State = "waiting"
    text: str = ""
    tokens: int = 0
    began: float | None = None
    seconds: float = 0.0


class Answers:
    """All answers to one question, growing."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.answers = tuple(Answer(lam) for lam in question.lams)
        self.stage = "starting the engine"
        self.prompt: str | None = None  # the very text that was encoded
        self.form: api.Form | None = None
        self.why = ""
        self.notice: str | None = None
        self.problem: str | None = None
        self.began = time.monotonic()
        self.ended: float | None = None
        self.live = True
        self._looked = time.monotonic()
        self._stop = threading.Event()
        threading.Thread(target=self._write_all, daemon=True, name="answers").start()

    def look(self) -> tuple[Answer, ...]:
        """The answers so far; looking keeps the thread going."""
        self._looked = time.monotonic()
        return self.answers

    def told(self) -> str:
        """Where it is, in words, with the seconds so far."""
        seconds = (self.ended or time.monotonic()) - self.began
        form = "" if self.form is None else f" · {_FORMS[self.form]}"
        if not self.live:
            return f"Done after {seconds:.1f} s{form}. {self.why}"
        stage = self.stage[0].upper() + self.stage[1:]
        more = loading_told() if self.stage.startswith("loading") else ""
        return f"{stage}… {seconds:.0f} s{form}{more}"

    def stop(self) -> None:
        """End after the current token."""
        self._stop.set()

    def _write_all(self) -> None:
        try:
            self._ask_again_if_it_dies()
        except api.PartwayError as error:
            self._fail(str(error))
        except Exception as error:
            _log.exception("answering failed")
            self._fail(
                f"The engine could not answer ({type(error).__name__}). "
                "Its log holds the details; try again."
            )
        finally:
            self._settle()
            self.ended = time.monotonic()
            self.live = False

    def _ask_again_if_it_dies(self) -> None:
        engine = api.open_engine()
        try:
            self._ask(engine)
        except api.EngineUnavailable:
            if self._ended():
                return
            self.stage = "the engine ended unexpectedly; starting it anew"
            self.answers, self.form = tuple(Answer(lam) for lam in self.question.lams), None
            engine = api.open_engine()
            self.notice = RESTARTED
            self._ask(engine)

    def _ask(self, engine: api.Engine) -> None:
        question = self.question
        self.stage = f"loading {question.pair}"
        engine.load(question.pair)
        prompt = _prompt(engine, question)
        self.prompt = prompt.text
        stream = engine.stream_many(question.pair, question.lams, prompt, question.decoding)
        with closing(stream) as parts:  # type: ignore[type-var]
            for part in parts:
                if isinstance(part, api.Chunk):
                    self._take(part)
                else:
                    self._begin(part)
                if self._ended():
                    return

    def _begin(self, told: api.Answers) -> None:
        self.form, self.why, self.stage = told.form, told.why, "writing"
        rows = len(self.answers) if told.form == "blended" else 1
        for row in range(rows):
            self._start(row)

    def _start(self, row: int) -> None:
        self._replace(row, state="writing", began=time.monotonic())

    def _take(self, chunk: api.Chunk) -> None:
        row, now = chunk.row, time.monotonic()
        answer = self.answers[row]
        self._replace(
            row,
            text=answer.text + chunk.text,
            tokens=chunk.tokens,
            state=_STATES.get(chunk.finish, "stopped"),
            seconds=now - (answer.began or now),
        )
        if chunk.finish and self.form == "materialised" and row + 1 < len(self.answers):
            self._start(row + 1)

    def _ended(self) -> bool:
        return self._stop.is_set() or time.monotonic() - self._looked > ABANDONED_SECONDS

    def _replace(self, at: int, **changes: object) -> None:
        changed = replace(self.answers[at], **changes)  # type: ignore[arg-type]
        self.answers = (*self.answers[:at], changed, *self.answers[at + 1 :])

    def _fail(self, sentence: str) -> None:
        self.problem = sentence

    def _settle(self) -> None:
        """Nothing may look as if it were still coming."""
        ending: State = "failed" if self.problem else "stopped"
        for at, answer in enumerate(self.answers):
            if answer.state in ("waiting", "writing"):
                self._replace(at, state=ending)


def _prompt(engine: api.Engine, question: Question) -> api.Prompt:
    if not question.chat:
        return api.Prompt(question.text)
    messages = [api.Message("system", question.system)] if question.system else []
    return engine.render_chat(question.pair, [*messages, api.Message("user", question.text)])
