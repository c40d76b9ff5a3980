"""Grades stored pools again, by whatever graders and extractor are asked for; generates nothing.

regrade("tinyworld", ("rules",), "rules", rooms)
"""

from dataclasses import dataclass

from core.errors import NotKnown, PartwayError
from core.jobs.reasoning_extractor import Asking, stage_for
from core.jobs.reasoning_grade import grade_run
from core.jobs.reasoning_run import Rooms
from core.settings import Settings
from core.spec import RunSpec
from core.store.environment import read_environment
from core.store.runs import Stored
from core.tasks.problems.benchmark import load_benchmark
from core.tasks.problems.load import SEPARATOR, Loaded, load_problems


@dataclass(frozen=True, slots=True)
class Regraded:
    """What was graded; runs that could not be are told, not dropped."""

    grades: tuple[str, ...]
    made: int
    skipped: tuple[str, ...]


def regrade(pair: str, graders: tuple[str, ...], extractor: str, rooms: Rooms) -> Regraded:
    """Extract and grade every stored run of the pair.

    Raises:
        NotKnown: nothing of the pair is stored.  InputError: no such grader or extractor.
    """
    runs = [one for one in rooms.store.complete("reasoning") if _of(one, pair)]
    if not runs:
        raise NotKnown(
            f"No reasoning of {pair} is stored. Measure it with: python -m core reasoning run "
            f"--pair {pair}."
        )
    before = {one.run_id for one in rooms.store.complete("grades")}
    grades: list[str] = []
    skipped: list[str] = []
    environment = read_environment("none", rooms.settings.threads)
    asking = Asking(rooms.settings, rooms.store, environment, rooms.reopen)
    with stage_for(extractor, graders, asking) as stage:
        for one in runs:
            assert isinstance(one.spec, RunSpec)
            try:
                loaded = problems_of(one.spec, rooms.settings)
                grades += grade_run(stage, one.run_id, loaded.problems)
            except PartwayError as error:
                skipped.append(f"{one.run_id} ({one.spec.task.name}) is left out: {error}")
    made = sum(grade not in before for grade in grades)
    return Regraded(tuple(grades), made, tuple(skipped))


def problems_of(spec: RunSpec, settings: Settings) -> Loaded:
    """The benchmark's part that a run answered, as it is here now."""
    name, _, part = spec.task.name.partition(SEPARATOR)
    return load_problems(load_benchmark(name, settings), part, settings)


def _of(run: Stored, pair: str) -> bool:
    return isinstance(run.spec, RunSpec) and run.spec.pair.name == pair
