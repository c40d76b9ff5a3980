"""How a problem becomes a prompt: direct, zero-shot or few-shot chain of thought; plain or chat.

    messages(problem, way, examples)     turns for the chat template
    plain(problem, way, examples)        the very text for a completion

The paper prints neither its prompts nor its examples; these words are ours, and their hash is
part of a run's id. Few-shot examples show worked solutions, so there is no few-shot direct.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.canon import text_hash
from core.spec import AnswerForm, Style
from core.tasks.problems.problem import Problem

ASK, REPLY = "Question: ", "Answer:"
STEPS = "Let's think step by step."
ANSWER_ALONE = "Give only the final answer."
STATE_IT = 'End with "The answer is" and the answer.'
BOX_IT = "Put the final answer in \\boxed{}."
JSON_STEPS = (
    "Think step by step. Reply with one JSON object that has two keys: "
    '"reasoning" for your steps and "answer" for the short final answer.'
)
JSON_ALONE = 'Reply with one JSON object that has one key: "answer" for the short final answer.'
STATED = "The answer is {}."
WORDING = text_hash(
    "\n".join((ASK, REPLY, STEPS, ANSWER_ALONE, STATE_IT, BOX_IT, JSON_STEPS, JSON_ALONE, STATED))
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation, before there is an engine."""

    role: str  # "user" or "assistant"
    content: str


@dataclass(frozen=True, slots=True)
class Way:
    """How the problem is put."""

    style: Style
    answer: AnswerForm


def plain(problem: Problem, way: Way, examples: Sequence[Problem] = ()) -> str:
    """Worked examples, the question, and where the answer begins."""
    asked = [f"{_question(one, way)}\n{REPLY} {_worked(one, way)}" for one in examples]
    start = f"{_question(problem, way)}\n{REPLY}"
    if way.style == "zero-shot-cot" and way.answer == "text":
        start = f"{start} {STEPS}"
    return "\n\n".join([*asked, start])


def messages(problem: Problem, way: Way, examples: Sequence[Problem] = ()) -> tuple[Turn, ...]:
    """Each example as a turn of its own, then the question."""
    turns: list[Turn] = []
    for one in examples:
        turns += [Turn("user", _wished(one, way)), Turn("assistant", _worked(one, way))]
    return (*turns, Turn("user", _wished(problem, way)))


def _question(problem: Problem, way: Way) -> str:
    wish = f"\n{_json_wish(way)}" if way.answer == "json" else ""
    return f"{ASK}{problem.question}{wish}"


def _wished(problem: Problem, way: Way) -> str:
    if way.answer == "json":
        return f"{problem.question}\n\n{_json_wish(way)}"
    if way.style == "direct":
        return f"{problem.question} {ANSWER_ALONE}"
    return f"{problem.question} {STEPS} {BOX_IT if problem.kind == 'math' else STATE_IT}"


def _json_wish(way: Way) -> str:
    return JSON_ALONE if way.style == "direct" else JSON_STEPS


def _worked(problem: Problem, way: Way) -> str:
    """An example's answer in the form that is asked for."""
    steps = problem.solution or ""
    if way.answer == "json":
        return json.dumps({"reasoning": steps, "answer": problem.answer}, ensure_ascii=False)
    return f"{steps} {STATED.format(problem.answer)}".strip()
