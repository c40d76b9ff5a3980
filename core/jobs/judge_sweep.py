"""The judges that a sweep names beside the verifier, asked once everything is answered.

Last, because a judge that is a model shares the device with the pair: both are loaded once.
"""

from core.jobs.judge_stored import JudgeOutcome, Places, judge_stored
from core.jobs.plan import SweepPlan
from core.jobs.prepare import judges_of, planned
from core.jobs.progress import Report


def judge_sweep(plan: SweepPlan, places: Places, report: Report) -> JudgeOutcome | None:
    """Judge the sweep's answers; None when it names no judges.

    Raises:
        As `judge_stored`.
    """
    if not plan.judges:
        return None
    sweep = planned(plan, places.settings).sweep()
    return judge_stored(judges_of(plan), places, report, sweep)
