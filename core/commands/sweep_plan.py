"""`python -m core sweep --plan`: what a sweep would do and take, before anything runs."""

import argparse
from dataclasses import asdict
from typing import Any

from core.commands.bar import Bar
from core.commands.output import aside, columns, say, show_json
from core.engine.opening import open_engine
from core.errors import EngineError, StoreError
from core.jobs.account_words import span
from core.jobs.command import grid_text
from core.jobs.estimate import Estimate, StageEstimate
from core.jobs.estimating import Means, estimate
from core.jobs.forecast import Forecast, RunsAhead, forecast
from core.jobs.plan import SweepPlan
from core.jobs.plan_words import headline, notes, stage_words
from core.jobs.planning import keep
from core.jobs.progress import Progress
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore

HEAD = ("", "RUNS", "ITEMS", "STORED", "TOKENS READ", "COMPUTED", "TOKENS WRITTEN", "TIME")


def add_plan(parser: argparse.ArgumentParser) -> None:
    """`--plan` and `--no-probe`."""
    parser.add_argument(
        "--plan",
        action="store_true",
        help="compute nothing: print runs, tokens, time, memory, disk and what judges cost",
    )
    parser.add_argument(
        "--no-probe",
        action="store_true",
        help="with --plan: start no engine; times come from stored runs, memory is not told",
    )


def show_plan(plan: SweepPlan, options: argparse.Namespace, settings: Settings) -> int:
    """Work the plan out and print it; a plan that cannot run has the error's exit code."""
    store = RunStore(settings.results, (PUBLISHED,))
    engine = None if options.no_probe else options.engine
    with Bar() as bar:

        def tell(_: Estimate, what: str, done: int, total: int) -> None:
            bar.show(Progress("planning", done, total, None, what))

        found = estimate(plan, Means(settings, store, engine, open_engine), tell)
    ahead = forecast(plan, settings, store)  # last: commits of data sets are known by now
    keep(plan, ahead, found, settings)
    if options.json:
        show_json(_as_json(plan, ahead, found))
    else:
        say("\n".join(_text(plan, ahead, found)))
    for problem in found.problems:
        aside(problem)
    return _exit_code(found)


def _exit_code(found: Estimate) -> int:
    if not found.problems:
        return 0
    refused = found.memory is not None and found.memory.form == "refused"
    return EngineError.exit_code if refused else StoreError.exit_code


def _text(plan: SweepPlan, ahead: Forecast, found: Estimate) -> list[str]:
    limit = "" if plan.limit is None else f", the first {plan.limit} items of each"
    order = ", ".join(map(str, ahead.few_shot[0].lams if ahead.few_shot else plan.grid))
    judges = ", ".join(("verifier", *plan.judges))
    return [
        f"{plan.pair} at {len(plan.grid)} λ: {grid_text(plan)}; measured in the order {order}",
        f"{plan.icl_suite} ({len(ahead.few_shot)} tasks), {plan.instruction_suite}; "
        f"judged by {judges}{limit}",
        f"{found.runs_stored} of {found.runs} runs are stored and will not be computed again",
        "",
        columns(HEAD, [_row(stage) for stage in found.stages]),
        "",
        f"{headline(found)}.",
        *notes(found),
    ]


def _row(stage: StageEstimate) -> tuple[str, ...]:
    numbers = (stage.runs, stage.items, stage.stored, stage.read, stage.computed)
    counted = tuple(span(None if one is None else (one, one)) for one in numbers)
    name, written, took = stage_words(stage)
    return name, *counted, written, took


def _as_json(plan: SweepPlan, ahead: Forecast, found: Estimate) -> dict[str, Any]:
    seconds = found.seconds
    return {
        "plan": plan.to_json(),
        "runs": found.runs,
        "stored": found.runs_stored,
        "tasks": [_task(row) for row in ahead.rows],
        "estimate": {**asdict(found), "seconds": seconds},
    }


def _task(row: RunsAhead) -> dict[str, Any]:
    stored = None if row.stored is None else [str(lam) for lam in row.stored]
    missing = [str(lam) for lam in row.missing]
    return {"name": row.name, "items": row.items, "stored": stored, "missing": missing}
