"""Who measures what next: a λ stays with one engine, nothing is lost or done twice."""

from dataclasses import replace

import pytest

from core.engine.fake import FakeEngine
from core.jobs.agenda import Agenda
from core.jobs.work import Step, Work, plan_work
from tests.jobs.sweep_world import small_plan

pytestmark = pytest.mark.usefixtures("suites")


@pytest.fixture
def work(suites: object) -> Work:
    return plan_work(small_plan("0,0.5,1"), FakeEngine().load("tiny"))


def test_an_engine_keeps_its_lam_and_takes_from_another_only_when_nothing_is_left(
    work: Work,
) -> None:
    agenda, holds = Agenda(work.all_steps()), {work.pair.identity}
    taken: dict[int, list[Step]] = {0: [], 1: []}
    while not agenda.finished:
        for engine in (0, 1):
            if (step := agenda.take(engine, holds)) is not None:
                taken[engine].append(step)
                agenda.done(engine)
    lams = {engine: [str(step.spec.lam) for step in steps] for engine, steps in taken.items()}
    # λ=1 and λ=0 whole; of the third, one takes from the front and the other from the end
    assert lams == {0: ["1"] * 4 + ["0.5"] * 2, 1: ["0"] * 4 + ["0.5"] * 2}
    shared = [taken[0][4:], taken[1][4:]]
    names = [[step.spec.task.name for step in steps] for steps in shared]
    assert names == [["small_choice", "small_letter"], ["small-instructions", "small_text"]]
    every = [step.run_id for steps in taken.values() for step in steps]
    assert sorted(every) == sorted(step.run_id for step in work.all_steps())


def test_what_a_lost_engine_was_at_is_done_by_another(work: Work) -> None:
    agenda, holds = Agenda(work.steps(work.lams[0])), {work.pair.identity}
    lost = agenda.take(0, holds)
    rest = []
    while (step := agenda.take(1, holds)) is not None:
        rest.append(step)
        agenda.done(1)
    assert len(rest) == 3 and not agenda.finished, "the lost one may still come back"
    agenda.give_back(0)
    assert agenda.take(1, holds) == lost
    agenda.done(1)
    assert agenda.finished


def test_another_pair_is_asked_where_it_lies(work: Work) -> None:
    other = FakeEngine().load("other")
    pair = work.pair.identity
    elsewhere = Step(replace(work.at_one[-1].spec, pair=other.identity), None)
    agenda = Agenda([elsewhere, *work.steps(work.lams[0])])
    far = agenda.take(1, {pair})
    assert far is not None and far.spec.pair == pair
    near = agenda.take(0, {pair, other.identity})
    assert near == elsewhere
    agenda.give_back(0)  # nobody holds it any more: then somebody loads it
    while (step := agenda.take(1, {pair})) is not None and step != elsewhere:
        pass
    assert step == elsewhere
