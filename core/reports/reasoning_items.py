"""Single items for reading: branches of one problem, answers with their grades, disagreements."""

from collections import Counter
from dataclasses import dataclass
from math import exp

from core.errors import NotKnown
from core.evals.reasoning_summary import chosen_by_delta, chosen_by_sum
from core.reports.reasoning import Answers, ReasoningRun, read_answers
from core.store.reasoning import PoolRecord
from core.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer of a pool; of branches with its first token and Δ."""

    number: int  # from 0: a sample's number, or a branch's rank
    text: str
    tokens: int
    finish: str
    answer: str | None
    span: tuple[int, int] | None  # characters of the text
    how: str | None
    fault: str | None
    right: bool | None  # None: no answer, or the grader could not decide
    reason: str | None  # why it could not
    as_twin: bool  # the original problem's answer was given
    first: str | None = None
    first_probability: float | None = None
    delta: float | None = None
    chosen_by_max: bool = False
    chosen_by_sum: bool = False


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """A problem with all its answers at one λ."""

    item: str
    prompt: str
    target: str
    twin_target: str | None
    rows: tuple[AnswerRow, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An answer that the two graders see differently."""

    item: str
    target: str
    answer: str
    rules: bool
    math_verify: bool | None
    reason: str | None  # why math-verify could not decide
    count: int  # of the item's answers


@dataclass(frozen=True, slots=True)
class Shares:
    """What became of all answers of a run; each a share of them, 0–1."""

    answers: int
    right: float
    wrong: float
    undecided: float  # by the grader
    no_answer: float
    out_of_tokens: float
    too_long: float
    format_failed: float | None  # None: no format was asked for


def read_item(store: RunStore, run: ReasoningRun, item: str, grader: str = "rules") -> ItemAnswers:
    """The problem's prompt and every answer to it.

    Raises:
        NotKnown: the run has no such item.
    """
    answers = read_answers(store, run, grader)
    if item not in answers.items:
        raise NotKnown(f"The run {run.run_id} has no item {item[:60]!r}.")
    at = answers.items.index(item)
    pool = next(
        one for one in store.records(run.run_id) if isinstance(one, PoolRecord) and one.item == item
    )
    graded = answers.graded[at]
    rows = tuple(_row(answers, at, pool, number) for number in range(answers.n))
    prompt = store.prompts(run.run_id).get(pool.prompt, "")
    return ItemAnswers(item, prompt, graded.target, graded.twin_target, rows)


def _row(answers: Answers, at: int, pool: PoolRecord, number: int) -> AnswerRow:
    found, graded = answers.extracted[at], answers.graded[at]
    branched = bool(pool.firsts)
    return AnswerRow(
        number=number,
        text=pool.outputs[number],
        tokens=pool.tokens[number],
        finish=pool.finishes[number],
        answer=found.answers[number],
        span=found.spans[number],
        how=found.hows[number],
        fault=found.faults[number] if found.faults else None,
        right=graded.correct[number],
        reason=graded.reasons[number] if graded.reasons else None,
        as_twin=bool(graded.as_twin and graded.as_twin[number]),
        first=pool.firsts[number] if branched else None,
        first_probability=exp(pool.first_logprobs[number]) if branched else None,
        delta=found.deltas[number] if branched else None,
        chosen_by_max=branched and chosen_by_delta(found) == number,
        chosen_by_sum=branched and chosen_by_sum(found) == number,
    )


def read_disagreements(store: RunStore, run: ReasoningRun) -> tuple[Disagreement, ...]:
    """Every different answer on which the graders differ, or one of them could not decide.

    Raises:
        NotKnown: one of the graders has not graded the run.
    """
    by_rules, checked = (read_answers(store, run, name) for name in ("rules", "math-verify"))
    found: list[Disagreement] = []
    for at, graded in enumerate(by_rules.graded):
        other, record = checked.graded[at], by_rules.extracted[at]
        counts = Counter(answer for answer in record.answers if answer is not None)
        for answer, count in counts.items():
            place = record.answers.index(answer)
            mine, its = bool(graded.correct[place]), other.correct[place]
            reason = other.reasons[place] if other.reasons else None
            if mine != its:
                found.append(
                    Disagreement(graded.item, graded.target, answer, mine, its, reason, count)
                )
    return tuple(found)


def shares(answers: Answers) -> Shares:
    """Wrong, not found and out of tokens are three different things."""
    total = answers.right.size
    faults = Counter(fault for one in answers.extracted for fault in one.faults if fault)
    undecided = sum(sum(map(bool, one.reasons)) for one in answers.graded)
    right = int(answers.right.sum())
    lost = sum(faults.values())
    formats = [kept for one in answers.extracted for kept in one.formats]
    return Shares(
        answers=total,
        right=right / total,
        wrong=(total - right - undecided - lost) / total,
        undecided=undecided / total,
        no_answer=faults["no answer"] / total,
        out_of_tokens=faults["out of tokens"] / total,
        too_long=faults["too long"] / total,
        format_failed=formats.count(False) / len(formats) if formats else None,
    )
