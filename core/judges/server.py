"""A model behind an OpenAI-compatible server as a judge: OpenAI, vLLM, llama.cpp, our own host.

Verdicts come from the log-probabilities of its first token where the server tells them, else
from the one letter it writes; anything else is missing, never half a win. Several questions are
asked at once, each answer is handed on the moment it comes, and a spending limit stops before
it is passed. The first question goes alone: it finds out whether and how the server answers.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import replace

from core.errors import JudgeError
from core.judges.letters import Reading, from_text, from_tokens
from core.judges.protocol import JudgeIdentity, Keep, Question
from core.judges.server_calls import Failed, Reply, ServerCalls, Unreachable
from core.judges.server_settings import ServerSettings
from core.judges.spending import Bill, Spending, tokens_at_most
from core.judges.template import Template
from core.store.asked import AskedRecord
from core.store.environment import now

VERSION = "1"
FAILURES_IN_A_ROW = 10  # without one answer in between: the server is gone, others would fail too


class ServerAsker:
    """Asks one model of one server."""

    def __init__(
        self, model: str, settings: ServerSettings, template: Template, spending: Spending
    ) -> None:
        self._model, self._settings, self._template = model, settings, template
        self._spending = spending

    @property
    def identity(self) -> JudgeIdentity:
        """The version holds the server's name: another server may hold another model."""
        return JudgeIdentity(
            f"openai:{self._model}",
            f"{VERSION}@{self._settings.host}",
            self._template.prompt_hash,
        )

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        """See `Asker.ask`."""
        calls = ServerCalls(self._model, self._settings, self._template)
        asking = _Asking(calls, self._template, self._spending, keep)
        try:
            asking.first(questions[0])
            asking.all(questions[1:], self._settings.concurrency)
        finally:
            calls.close()


class _Asking:
    """One pass over questions."""

    def __init__(
        self, calls: ServerCalls, template: Template, spending: Spending, keep: Keep
    ) -> None:
        self._calls, self._template, self._spending, self._keep = calls, template, spending, keep
        self._failed_in_a_row = 0  # only the thread that collects writes it

    def first(self, question: Question) -> None:
        """Ask alone; a server that cannot be reached is found out here."""
        try:
            self._one(question)
        except Unreachable as error:
            raise JudgeError(
                f"The judge cannot be asked: {error}. Start it, or correct PARTWAY_JUDGE_URL."
            ) from error
        except Failed as error:
            self._missed(question, error)

    def all(self, questions: Sequence[Question], concurrency: int) -> None:
        """Ask the rest; on an end, questions under way are still waited for and kept."""
        with ThreadPoolExecutor(concurrency, "judge") as pool:
            waiting = {pool.submit(self._one, question): question for question in questions}
            try:
                for done in as_completed(waiting):
                    self._collect(done, waiting[done])
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _collect(self, done: "Future[None]", question: Question) -> None:
        try:
            done.result()
            self._failed_in_a_row = 0
        except Failed as error:
            self._missed(question, error)

    def _missed(self, question: Question, error: Failed) -> None:
        self._failed_in_a_row += 1
        self._keep([_answer(question, Reading(None, reason=str(error)))])
        if self._failed_in_a_row >= FAILURES_IN_A_ROW:
            raise JudgeError(
                f"The judge failed {self._failed_in_a_row} questions in a row, last because of "
                f"{error}. What was judged is kept: run it again once the server answers."
            )

    def _one(self, question: Question) -> None:
        messages = self._template.messages(question.instruction, question.first, question.second)
        read = tokens_at_most(*(message.content for message in messages))
        written = self._calls.manner.longest(self._template)
        with self._spending.reserved(read, written) as bill:
            reply = self._calls.ask(messages)
            bill.settle(reply.tokens_read, reply.tokens_written)
            reading = _read(reply)
        if reading.shown is None and reply.tops is None and self._calls.without_logprobs():
            return self._one(question)  # no log-probabilities came: a letter needs more room
        self._keep([_with_reply(_answer(question, reading), reply, bill)])
        return None


def _read(reply: Reply) -> Reading:
    if reply.tops is not None:
        return from_tokens(reply.tops)
    reading = from_text(reply.text)
    if reading.shown is None and reply.cut and not reply.text.strip():
        return Reading(None, reason="the judge's room ended before it wrote a letter")
    return reading


def _answer(question: Question, reading: Reading) -> AskedRecord:
    return AskedRecord(
        item=question.item,
        candidate_first=question.candidate_first,
        content=question.content,
        shown=reading.shown,
        reason=reading.reason,
        mass=reading.mass,
        at=now(),
        rationale=reading.rationale,
    )


def _with_reply(answer: AskedRecord, reply: Reply, bill: Bill) -> AskedRecord:
    return replace(
        answer,
        model=reply.model,
        tokens_read=bill.read,
        tokens_written=bill.written,
        dollars=bill.dollars,
    )
