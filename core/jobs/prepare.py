"""Everything before the first item: look at the pair, plan, and start the engine meanwhile.

A sweep that is finished already is found out here from files alone, without an engine. The
host starts in its own process while this one imports lm_eval and builds the prompts; each
takes seconds.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.engine.protocol import Engine, LoadedPair
from core.jobs.judge_plan import JudgePlan
from core.jobs.judge_stored import check_judges
from core.jobs.plan import SweepPlan
from core.jobs.work import Work, other_pair, pair_before_loading, plan_work
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.store.runs import RunStore

OpenEngine = Callable[[str, Settings], Engine]


def engine_if_needed(
    plan: SweepPlan, settings: Settings, store: RunStore, engine: str, open_it: OpenEngine
) -> Engine | None:
    """The engine, ready; None when the store holds every run and verdict of the plan.

    Raises:
        NotKnown: no such pair or suite.  PairError: the parents do not fit each other.
        StoreError: results cannot be written.  EngineError: the engine does not come up.
        JudgeError: a judge of the plan cannot be asked.
    """
    work = planned(plan, settings)
    if not work.missing(store) and not work.unjudged(store):
        store.write_sweep(work.sweep())
        return None
    store.check_writable()
    if plan.judges:
        check_judges(judges_of(plan), settings)
    if engine != "host":  # torch and lm_eval in one process: one import after the other
        return open_it(engine, settings)
    with ThreadPoolExecutor(1, "engine") as aside:
        opening = aside.submit(open_it, engine, settings)
        _build_prompts(work, store)
        return opening.result()


def planned(plan: SweepPlan, settings: Settings) -> Work:
    """What the plan needs, from files alone.

    Raises:
        NotKnown: no such pair or suite.  PairError: the parents do not fit each other.
    """
    named = other_pair(plan)
    other = _looked_at(named, settings) if named else None
    return plan_work(plan, _looked_at(plan.pair, settings), other)


def judges_of(plan: SweepPlan) -> JudgePlan:
    """What the sweep's judges are asked for once everything is answered."""
    return JudgePlan(plan.pair, plan.judges, plan.grid, None, plan.template, plan.spend)


def _looked_at(pair: str, settings: Settings) -> LoadedPair:
    return pair_before_loading(check_pair(find_pair(pair, settings), settings))


def _build_prompts(work: Work, store: RunStore) -> None:
    for step in work.missing(store):
        work.count(step)  # builds the task, which stays in memory
