"""The work of a study's job: problems are answered, then extracted and graded."""

from core.jobs.desk import Desk
from core.jobs.reasoning_plan import ReasoningPlan
from core.jobs.reasoning_run import Rooms, run_reasoning
from core.settings import PUBLISHED
from core.store.runs import RunStore


def do_study(plan: ReasoningPlan, desk: Desk) -> str:
    """Run the study to its end; says what it asked, and what must be known of it."""
    store = RunStore(desk.settings.results, (PUBLISHED,))
    rooms = Rooms(desk.settings, store, desk.open_engine)
    outcome = run_reasoning(plan, desk.open_engine(), rooms, desk.report)
    told = (f"Answered {outcome.computed} items in {len(outcome.runs)} runs.", *outcome.notes)
    return " ".join(told)
