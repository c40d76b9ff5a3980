"""An estimate in words, the same on a page and in a terminal.

    for sentence in notes(estimate): …

Not here: the numbers (`estimating.py`), and tables, which page and command draw themselves.
"""

from core.engine.room import as_size
from core.jobs.account_words import NAMES, UNKNOWN, seconds, span
from core.jobs.estimate import Estimate, JudgeEstimate, Span, StageEstimate

FORMS = {
    "resident": "held whole on the device",
    "spread": "held whole, its layers on several devices",
    "paired": "held as its two parents",
    "streamed": "one copy on the device, parents in host memory",
    "refused": "does not fit",
}


def time_span(took: Span | None) -> str:
    """Seconds from the quickest to the slowest."""
    return UNKNOWN if took is None else f"{seconds(took[0])} to {seconds(took[1])}"


def total_time(estimate: Estimate) -> str:
    """Of everything that an engine has to do."""
    if estimate.seconds is None:
        return UNKNOWN
    return time_span(estimate.seconds) if estimate.seconds[1] else "nothing"


def headline(estimate: Estimate) -> str:
    """The time of the whole plan in a few words."""
    if estimate.problems:
        return "This plan cannot run as it is"
    if not any(stage.items for stage in estimate.stages):
        return "Nothing is left to compute"
    if estimate.seconds is None:
        return "How long it takes is not known"
    return f"About {total_time(estimate)} of the engine's time"


def stage_words(stage: StageEstimate) -> tuple[str, str, str]:
    """Name, tokens that may be written, and time."""
    took = time_span(stage.seconds) if stage.items else "nothing"
    return NAMES[stage.stage], written_words(stage), took


def time_words(estimate: Estimate) -> tuple[str, ...]:
    """What the seconds rest on: once where it is the same for all stages."""
    stages = [stage for stage in estimate.stages if stage.items]
    told = {stage.timed_by for stage in stages}
    if len(told) == 1 and len(stages) > 1 and "" not in told:
        return (f"Time: {told.pop()}.",)
    return tuple(f"Time of {_low(stage)}: {stage.timed_by or 'not known yet'}." for stage in stages)


def _low(stage: StageEstimate) -> str:
    return NAMES[stage.stage].lower()


def written_words(stage: StageEstimate) -> str:
    """Tokens that may be written: never more, and what is likely where answers are stored."""
    if stage.written is None:
        return "none"
    if stage.likely is None:
        return f"up to {stage.written[1]:,.0f}"
    return f"{span(stage.likely)}, at most {stage.written[1]:,.0f}"


def memory_words(estimate: Estimate) -> str:
    """How the pair would be held."""
    plan = estimate.memory
    if plan is None:
        return f"Memory: {estimate.memory_why}."
    why = "" if plan.form == "refused" else f" {plan.why}"  # a problem of its own then
    return f"Memory: {FORMS[plan.form]}.{why}"


def disk_words(estimate: Estimate) -> str:
    """What the results take."""
    if estimate.disk is None:
        return "Disk: not known yet."
    if not estimate.disk.needed:
        return f"Disk: nothing more; {as_size(estimate.disk.free)} free."
    needed, free = as_size(estimate.disk.needed), as_size(estimate.disk.free)
    return f"Disk: about {needed} of {free} free."


def judge_words(judge: JudgeEstimate) -> str:
    """One judge's questions, tokens and price."""
    parts = [f"{span(judge.calls)} questions"]
    if judge.stored:
        parts.append(f"{judge.stored:,} are answered already")
    if judge.read is not None:
        parts.append(f"{span(judge.read)} tokens read")
    if judge.written is not None:
        parts.append(f"{span(judge.written)} written")
    if judge.dollars is not None:
        parts.append(f"${judge.dollars[0]:.2f} to ${judge.dollars[1]:.2f}")
    return f"Judge {judge.judge}: {', '.join(parts)} ({judge.why})."


def verdict_words(estimate: Estimate) -> str:
    """The checks of the instructions."""
    if not estimate.verdicts_left:
        return f"Verdicts of the checks: all {estimate.verdicts_stored} sets are stored."
    left = estimate.verdicts_left
    return (
        f"Verdicts of the checks: {left} {'set' if left == 1 else 'sets'}, which take moments; "
        f"{estimate.verdicts_stored} are stored."
    )


def tokens_words() -> str:
    """What the counted tokens mean."""
    return (
        "Tokens read are exact: the very prompts in the pair's tokenizer, a context once for all "
        "its choices. Computed is about how many go through the model: what texts begin with alike "
        "once, padding counted."
    )


def judge_tokens_words() -> str:
    """What judges' tokens mean."""
    return (
        "Judges' tokens are counted with this pair's tokenizer; a judge's own may count otherwise."
    )


def notes(estimate: Estimate) -> tuple[str, ...]:
    """Everything beside the table, in order."""
    judges = [judge_words(judge) for judge in estimate.judges]
    if any(judge.read for judge in estimate.judges):
        judges.append(judge_tokens_words())
    told = [verdict_words(estimate), *judges, memory_words(estimate), disk_words(estimate)]
    left = any(stage.items for stage in estimate.stages)
    return (*time_words(estimate), *told, *((tokens_words(),) if left else ()))
