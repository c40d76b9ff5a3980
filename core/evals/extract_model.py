"""Extraction by a small model: it reads the answer's text alone and tells the final answer.

As in arXiv 2601.13244: the model is not shown the question and is told to give only the first
final answer, or "none". What it says is looked for in the text, so that Δ confidence has a span;
where it is not found there, the answer has none. Not here: who is asked (`AskText`).
"""

from collections.abc import Callable, Sequence

from core.evals.extract import LONGEST_ANSWER, Found, extract
from core.store.reasoning import PoolRecord
from core.tasks.problems.problem import Problem

VERSION = "1"
NONE = "none"
LONGEST_TEXT = 8000  # characters; the end of a longer text is read
MOST_TOKENS = 64
ASK = (
    "Read the text and give the first final answer that it states. Ignore everything else, and "
    'do not solve anything yourself. Reply with JSON: {{"answer": "..."}}. If the text states no '
    'final answer, reply with {{"answer": "none"}}.\n\nText:\n{text}'
)
AskTexts = Callable[[Sequence[str]], Sequence[str]]  # prompts → what the model says


def by_model(ask: AskTexts, wants_json: bool) -> Callable[[PoolRecord, Problem], list[Found]]:
    """The reader that asks a model about each different text once."""

    def read(pool: PoolRecord, problem: Problem) -> list[Found]:
        texts = list(dict.fromkeys(text for text in pool.outputs if text.strip()))
        said = dict(
            zip(texts, ask([ASK.format(text=t[-LONGEST_TEXT:]) for t in texts]), strict=True)
        )
        both = zip(pool.outputs, pool.finishes, strict=True)
        return [
            _found(text, said.get(text, ""), finish, problem, wants_json) for text, finish in both
        ]

    return read


def _found(text: str, said: str, finish: str, problem: Problem, wants_json: bool) -> Found:
    kept = extract(text, problem.kind, wants_json, finish).format_kept
    told = extract(said, "text", True, "stop")
    answer = None if told.answer is None else told.answer.strip()
    if told.how not in ("json", "json repaired") or not answer or answer.casefold() == NONE:
        return Found(None, None, None, "out of tokens" if finish == "length" else "no answer", kept)
    if len(answer) > LONGEST_ANSWER:
        return Found(None, None, None, "too long", kept)
    at = text.rfind(answer)
    return Found(answer, (at, at + len(answer)) if at >= 0 else None, "model", None, kept)
