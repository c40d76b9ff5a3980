"""Answers of several λ to one prompt, written by a thread of our own while the page polls.

A thread, because a loop inside the page would hold up the slider until the last token. It
never touches Streamlit: it replaces one immutable tuple, the page reads it (no lock: one
writer, and the assignment is atomic). One λ after the other, because one live model has one
λ at a time. It ends when it is told to, or when nobody has looked for a while.
"""

import logging
import threading
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from core import api
from core.lam import Lam

State = Literal["waiting", "writing", "ended", "cut", "stopped", "failed"]
ABANDONED_SECONDS = 20.0  # a closed tab stops polling
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
    seconds: float = 0.0


class Answers:
    """All answers to one question, growing."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.answers = tuple(Answer(lam) for lam in question.lams)
        self.stage = "starting the engine"
        self.prompt: str | None = None  # the very text that was encoded
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
        if not self.live:
            return f"Done after {seconds:.1f} s."
        stage = self.stage[0].upper() + self.stage[1:]
        return f"{stage}… {seconds:.0f} s" + (
            ", one λ after the other" if self.stage == "writing" else ""
        )

    def stop(self) -> None:
        """End after the current token."""
        self._stop.set()

    def _write_all(self) -> None:
        try:
            self._ask(api.open_engine())
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

    def _ask(self, engine: api.Engine) -> None:
        question = self.question
        self.stage = f"loading {question.pair}"
        engine.load(question.pair)
        prompt = _prompt(engine, question)
        self.prompt, self.stage = prompt.text, "writing"
        for at in range(len(question.lams)):
            if self._ended():
                return
            self._write(engine, prompt, at)

    def _write(self, engine: api.Engine, prompt: api.Prompt, at: int) -> None:
        began, lam = time.monotonic(), self.question.lams[at]
        self._replace(at, state="writing")
        stream = engine.stream(self.question.pair, lam, prompt, self.question.decoding)
        with closing(stream) as chunks:  # type: ignore[type-var]
            for chunk in chunks:
                self._take(at, chunk, time.monotonic() - began)
                if self._ended() and chunk.finish is None:
                    self._replace(at, state="stopped")
                    return

    def _take(self, at: int, chunk: api.Chunk, seconds: float) -> None:
        states: dict[str | None, State] = {"stop": "ended", "length": "cut", None: "writing"}
        self._replace(
            at,
            text=self.answers[at].text + chunk.text,
            tokens=chunk.tokens,
            state=states.get(chunk.finish, "stopped"),
            seconds=seconds,
        )

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
