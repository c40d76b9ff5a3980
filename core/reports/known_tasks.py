"""Which few-shot tasks and suites can be named here, for a page that offers them.

Not the tasks themselves (core/tasks): each question imports what it needs when it is asked,
because lm-eval's index costs seconds.
"""

from typing import TYPE_CHECKING

from core.settings import read_settings

if TYPE_CHECKING:
    from core.tasks.overview import TaskOverview
    from core.tasks.suites import Suite


def few_shot_suites() -> "tuple[Suite, ...]":
    """Every suite of few-shot tasks, shipped and your own."""
    from core.tasks.overview import icl_suites

    return icl_suites()


def few_shot_tasks(name: str) -> "tuple[TaskOverview, ...]":
    """The tasks of a suite, or of any task, group, tag or pattern that lm-eval knows.

    The first name that is no suite's makes lm-eval walk its files (5 to 15 s, once a machine;
    `task_names_known` says whether that is still to come).

    Raises:
        TaskError: nobody knows the name (the nearest ones are told), or a file is broken.
    """
    from core.tasks.overview import find_tasks, icl_suites, overview

    named = next((suite.tasks for suite in icl_suites() if suite.name == name), None)
    tasks = find_tasks(name, read_settings()) if named is None else named
    return tuple(overview(task, read_settings()) for task in tasks)


def task_names() -> tuple[str, ...]:
    """Every task, group and tag that can be typed, in alphabetical order."""
    from core.tasks.task_index import all_names

    return all_names(read_settings())


def task_names_known() -> bool:
    """False when the next question about names takes seconds."""
    from core.tasks.task_index import index_is_kept

    return index_is_kept(read_settings())


def nearest_tasks(name: str) -> tuple[str, ...]:
    """The known names that look most like this one."""
    from core.tasks.task_index import nearest

    return nearest(name, read_settings())


def typed_suite(names: str, shots: int | None = None) -> str:
    """The suite's name for tasks that a person typed, for a sweep's plan.

    Raises:
        InputError: no names, or a number of shots that is none.
    """
    from core.tasks.typed import typed_name

    return typed_name(names, shots)
