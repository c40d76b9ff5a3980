"""What summary.json says of a run: counts and means that follow from the records alone.

No times, but for those of a judge's answers: a run that was killed and gone on with has the same
summary as one that was not.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from math import fsum
from typing import Any

from core.judges.metrics import pass_rate_summary, win_rate_summary
from core.spec import JudgmentSpec, RunSpec
from core.store.asked import AskedRecord
from core.store.codec import Record
from core.store.records import GenerationRecord, IclRecord, JudgmentRecord


def summarise_run(spec: RunSpec, records: Sequence[Record]) -> dict[str, Any]:
    """The summary of a few-shot run or of a run of answers."""
    head = {"task": spec.task.name, "lambda": str(spec.lam), "n": len(records)}
    few_shot = [record for record in records if isinstance(record, IclRecord)]
    answers = [record for record in records if isinstance(record, GenerationRecord)]
    return head | (_icl(few_shot) if spec.kind == "icl" else _answers(answers))


def summarise_verdicts(
    spec: JudgmentSpec, records: Sequence[Record], answers: Sequence[AskedRecord] | None = None
) -> dict[str, Any]:
    """The summary of a set of verdicts, in AlpacaEval's names.

    `answers` are those of a judge that was asked; None for one that only computes.
    """
    verdicts = [record for record in records if isinstance(record, JudgmentRecord)]
    summary = {
        "judge": spec.judge,
        "n": len(verdicts),
        "verdicts": asdict(win_rate_summary(verdicts)),
        "passes": asdict(pass_rate_summary(verdicts)),
    }
    return summary if answers is None else summary | {"asked": _asked(answers)}


def _asked(answers: Sequence[AskedRecord]) -> dict[str, Any]:
    """Who answered, when and at what cost: a served model may change under its name."""
    told = [answer for answer in answers if answer.shown is not None]
    masses = [answer.mass for answer in told if answer.mass is not None]
    dates = sorted(answer.at for answer in told if answer.at)
    costs = [answer.dollars for answer in told if answer.dollars is not None]
    return {
        "questions": len(answers),
        "failed": len(answers) - len(told),
        "letters": sum(answer.mass is None for answer in told),
        "mean_mass": fsum(masses) / len(masses) if masses else None,
        "models": dict(sorted(Counter(one.model for one in told if one.model).items())),
        "first": dates[0] if dates else None,
        "last": dates[-1] if dates else None,
        "tokens_read": sum(answer.tokens_read for answer in told),
        "tokens_written": sum(answer.tokens_written for answer in told),
        "dollars": fsum(costs) if costs else None,
    }


def _icl(records: Sequence[IclRecord]) -> dict[str, Any]:
    names = sorted({name for record in records for name in record.metrics})
    means = {
        name: fsum(record.metrics[name] for record in records) / len(records)
        for name in names
        if all(name in record.metrics for record in records)
    }
    return {"metrics": means, "tokens": sum(record.tokens for record in records)}


def _answers(records: Sequence[GenerationRecord]) -> dict[str, Any]:
    return {
        "tokens": sum(record.tokens for record in records),
        "prompt_tokens": sum(record.prompt_tokens for record in records),
        "out_of_tokens": sum(record.finish == "length" for record in records),
        "empty": sum(not record.output.strip() for record in records),
    }
