"""What a sweep's few-shot runs say, task by task and λ by λ, read from their summaries alone.

    measured(plan, settings, store)[0].by_lam

For the sweeps that no chart shows, such as trials and typed tasks. Not here: intervals and win
rates (`core/reports`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.evals.plan import icl_spec
from core.jobs.forecast import is_open
from core.jobs.plan import SweepPlan
from core.jobs.work import pair_before_loading
from core.lam import INSTRUCT, Lam
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.store.runs import RunStore
from core.tasks.overview import overview
from core.tasks.suites import load_suite


@dataclass(frozen=True, slots=True)
class Measured:
    """One task; λ that are not measured to the end are absent."""

    task: str
    metric: str
    items: int  # at one λ
    by_lam: Mapping[Lam, float]  # the headline's mean over the items, 0–1


def measured(plan: SweepPlan, settings: Settings, store: RunStore) -> tuple[Measured, ...]:
    """The tasks of which anything is stored, in the suite's order.

    Raises:
        As `forecast`: the pair, the suite or a task's files are not there any more.
    """
    report = check_pair(find_pair(plan.pair, settings), settings, download=False)
    pair = pair_before_loading(report)
    found = []
    for task in load_suite(plan.icl_suite).tasks:
        if is_open(overview(task, settings), settings):
            continue  # without the commit nobody knows the run
        spec = icl_spec(task, pair, INSTRUCT, plan.limit)
        runs = {lam: replace(spec, lam=lam).run_id for lam in plan.grid}
        told = {lam: store.summary(run) for lam, run in runs.items() if store.is_complete(run)}
        if told:
            means = {lam: float(one["metrics"][task.metric]) for lam, one in told.items()}
            items = int(next(iter(told.values()))["n"])
            found.append(Measured(task.name, task.metric, items, means))
    return tuple(found)
