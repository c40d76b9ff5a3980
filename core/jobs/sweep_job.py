"""The work of a sweep's job: what is missing is measured, then judged."""

from core.jobs.account import accounted
from core.jobs.desk import Desk
from core.jobs.judge_stored import JudgeOutcome, Places
from core.jobs.judge_sweep import judge_sweep
from core.jobs.plan import SweepPlan
from core.jobs.prepare import engine_if_needed, planned
from core.jobs.sweep import SweepOutcome, run_sweep
from core.settings import PUBLISHED
from core.store.runs import RunStore


def do_sweep(plan: SweepPlan, desk: Desk) -> str:
    """Measure it; its sweep's id is told first, so that its curve can be watched."""
    store = RunStore(desk.settings.results, (PUBLISHED,))
    desk.events.write("planned", sweep=planned(plan, desk.settings).sweep().sweep_id)
    with accounted(desk.folder, plan, store, desk.settings):
        return _measure(plan, desk, store)


def _measure(plan: SweepPlan, desk: Desk, store: RunStore) -> str:
    opened = engine_if_needed(plan, desk.settings, store, desk.engine, desk.open_it)
    outcome = None
    if opened is not None:
        threads = desk.settings.threads
        outcome = run_sweep(plan, opened, store, desk.report, threads, desk.open_engine)
    places = Places(desk.settings, store, desk.open_engine)
    return _finished(outcome, judge_sweep(plan, places, desk.report))


def _finished(outcome: SweepOutcome | None, judged: JudgeOutcome | None) -> str:
    told = []
    if outcome is not None and (outcome.computed or outcome.judged):
        told.append(f"Measured {outcome.computed:,} items.")
    if judged is not None and judged.sets:
        told.append(f"Asked judges {judged.asked:,} questions.")
    return " ".join(told) or "Everything was measured already; nothing was computed."
