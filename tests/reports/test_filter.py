"""Some of the tasks: the mean and everything made of it rests on them alone, and says so."""

from pathlib import Path

import numpy as np
import pytest

from core.lam import Lam
from core.reports.asked import Asked
from core.reports.points import TradeOff
from core.reports.sentences import sentence
from core.reports.showing import categories, tasks_of
from core.reports.together import together
from core.reports.trade_off import read_trade_off
from core.store.runs import RunStore
from tests.synthetic_sweep import TASKS, Invented, write_synthetic_sweep

SOME = frozenset({"capitals", "ledgers"})
HALF = Lam(500)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    folder = tmp_path_factory.mktemp("results")
    return write_synthetic_sweep(folder, Invented(grid="0,0.5,1", items=30, instructions=20))


def read(store: RunStore, tasks: frozenset[str] = frozenset()) -> TradeOff:
    line = read_trade_off(store, "tinyworld", asked=Asked(tasks))
    assert line is not None
    return line


def test_the_mean_is_that_of_the_chosen_tasks_alone(store: RunStore) -> None:
    whole, some = read(store), read(store, SOME)
    for one, all_of_it in zip(some.points, whole.points, strict=True):
        kept = [task for task in all_of_it.tasks if task.task in SOME]
        assert list(one.tasks) == kept, "a task is drawn the same beside any others"
        scores = [task.score.value for task in kept]
        assert one.icl.value == pytest.approx(np.mean([s for s in scores if s is not None]))
        assert one.icl.n == 60 and all_of_it.icl.n == 180
        assert one.win_rate == all_of_it.win_rate


def test_intervals_and_comparisons_are_made_again(store: RunStore) -> None:
    whole, some = read(store), read(store, SOME)
    at = some.at(HALF)
    beside = whole.at(HALF)
    assert at and beside and at.icl_difference.interval and beside.icl_difference.interval
    assert at.icl_difference.interval != beside.icl_difference.interval
    joint = together(some.items, "win_rate").together
    assert joint is not None and joint.icl.n == 60
    assert float(joint.icl.values[1]) == pytest.approx(at.icl.value)


def test_one_category_is_what_the_categories_panel_shows(store: RunStore) -> None:
    (group,) = [g for g in read(store).few_shot.categories if g.name == "finance"]
    shown = read(store, tasks_of(read(store), ["finance"])).few_shot.overall
    assert shown.views.keys() == group.views.keys()
    assert all(shown.views[view] == group.views[view] for view in group.views)


def test_the_number_of_tasks_is_said_wherever_the_mean_is(store: RunStore) -> None:
    whole, some = read(store), read(store, SOME)
    assert (whole.tasks_text, some.tasks_text) == ("6 tasks", "2 of 6 tasks")
    assert some.few_shot.overall.name == "2 of 6 tasks"
    assert "2 of 6 few-shot tasks" in sentence(some, HALF).text
    assert "of 6" not in sentence(whole, HALF).text


def test_names_of_categories_and_tasks_stand_for_tasks(store: RunStore) -> None:
    line = read(store)
    assert set(categories(line)) == {task[1] for task in TASKS}
    assert tasks_of(line, ["finance", "capitals"]) == SOME
    assert tasks_of(line, []) == frozenset()
    assert tasks_of(line, list(categories(line))) == frozenset(), "all of them is no filter"


def test_tasks_that_the_line_has_not_are_no_filter(store: RunStore) -> None:
    assert read(store, frozenset({"elsewhere"})).of_tasks is None


def test_filtering_reads_nothing_again(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    read(store)

    def refuse(*_: object) -> None:
        raise AssertionError("records were read again")

    monkeypatch.setattr("core.reports.cells.table", refuse)
    assert read(store, frozenset({"grammar"})).tasks_text == "1 of 6 tasks"
    assert Path(store.results).is_dir()
