"""The work of a list's job: every prompt's filmstrip, noted in the list's own folder."""

import logging

from core.errors import EngineUnavailable
from core.jobs.batch import BatchOutcome, run_batch
from core.jobs.batch_plan import BatchPlan
from core.jobs.batches import RowLog, keep_list, row_log
from core.jobs.desk import Desk
from core.settings import PUBLISHED
from core.store.filmstrips import FilmstripStore

MOST_DEATHS = 3  # of the engine in one attempt
logger = logging.getLogger(__name__)


def do_batch(plan: BatchPlan, desk: Desk) -> str:
    """Ask what is missing; after a death of the engine with another one."""
    folder = keep_list(plan, desk.settings)
    with row_log(folder) as rows:
        for _ in range(MOST_DEATHS):
            try:
                return _pass(plan, desk, rows)
            except EngineUnavailable as error:  # what was whole is kept: go on from there
                logger.warning("the engine is gone (%s); going on with another one", error)
        return _pass(plan, desk, rows)


def _pass(plan: BatchPlan, desk: Desk, rows: RowLog) -> str:
    engine = desk.open_engine()
    shelf = FilmstripStore(desk.settings.results, (PUBLISHED,))
    return told(run_batch(plan, engine, shelf, desk.report, rows.add))


def told(outcome: BatchOutcome) -> str:
    """What a pass did, in words."""
    words = [f"Wrote {outcome.asked} filmstrips."]
    if outcome.found:
        words.append(f"{outcome.found} were there already.")
    if outcome.failed:
        words.append(f"{outcome.failed} have an answer that could not be had.")
    return " ".join(words)
