"""A set of verdicts: killed and gone on with, failures asked again, nothing asked twice."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.errors import JudgeError
from core.jobs.judging import WantedSet, is_judged, judge_set
from core.judges.nulls import FirstAsker, LongestAsker
from core.judges.pairwise import PairwiseJudge
from core.judges.protocol import Asker, JudgeIdentity, Keep, Question
from core.spec import JudgmentSpec, Order
from core.store.asked import ASKED, AskedRecord
from core.store.environment import read_environment
from core.store.records import JudgmentRecord
from core.store.runs import RunStore
from core.tasks.instructions import Instruction
from tests.judges.questions import item

ITEMS = tuple(item(f"item-{number}") for number in range(30))
THEIRS = {one.id: f"reference answer to {one.id}" for one in ITEMS}
OURS = {one.id: f"candidate's own answer to {one.id}" for one in ITEMS}
ENVIRONMENT = read_environment("test")


class Scripted:
    """Prefers the candidate of even items; remembers the asking; may fail or end the world."""

    identity = JudgeIdentity("scripted", "1", "prompt")

    def __init__(self, before: Callable[[int, Question], str | None] | None = None) -> None:
        self.asked: list[Question] = []
        self._before = before or (lambda number, question: None)

    def ask(self, questions: Sequence[Question], keep: Keep) -> None:
        for question in questions:
            reason = self._before(len(self.asked), question)
            self.asked.append(question)
            even = int(question.item.split("-")[1]) % 2 == 0
            wins = question.candidate_first if even else not question.candidate_first
            shown = None if reason else 1.0 if wins else 2.0
            keep([AskedRecord(question.item, question.candidate_first, question.content, shown,
                              reason, model="scripted-1", at="2026-01-01T00:00:00+00:00",
                              tokens_read=10)])  # fmt: skip


def make(
    store: RunStore,
    asker: Asker,
    candidate: dict[str, str] | None = None,
    reference: dict[str, str] | None = THEIRS,
    order: Order = "both",
    name: str = "candidate",
    items: tuple[Instruction, ...] = ITEMS,
) -> tuple[bool, list[JudgmentRecord], str]:
    who = asker.identity
    spec = JudgmentSpec(name, "reference", who.name, who.version, who.prompt_hash, order)
    wanted = WantedSet(spec, items, OURS if candidate is None else candidate, reference)
    made = judge_set(wanted, lambda memory: PairwiseJudge(asker, memory, order), store, ENVIRONMENT)
    records = [one for one in store.records(spec.run_id) if isinstance(one, JudgmentRecord)]
    return made, records, spec.run_id


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "results")


def test_both_orders_are_asked_and_become_one_preference(store: RunStore) -> None:
    asker = Scripted()
    made, records, run_id = make(store, asker)
    assert made
    assert len(asker.asked) == 60
    assert [record.preference for record in records] == [2.0, 1.0] * 15
    assert (records[0].reference_first, records[0].candidate_first) == (2.0, 1.0)
    asked = store.summary(run_id)["asked"]
    assert (asked["questions"], asked["failed"], asked["tokens_read"]) == (60, 0, 600)
    assert asked["models"] == {"scripted-1": 60}
    assert make(store, asker)[0] is False
    assert len(asker.asked) == 60


def test_a_killed_judge_goes_on_and_asks_nothing_twice(store: RunStore) -> None:
    class Killed(BaseException):
        pass

    def dies(number: int, question: Question) -> str | None:
        if number == 17:
            raise Killed
        return None

    first = Scripted(dies)
    with pytest.raises(Killed):
        make(store, first)
    folder = next((store.results / "judgments").iterdir())
    with (folder / ASKED).open("ab") as torn:
        torn.write(b'{"item":"item-9","candid')  # the power went in the middle of a line
    second = Scripted()
    _, records, run_id = make(store, second)
    asked = [question.content for question in (*first.asked, *second.asked)]
    assert len(asked) == len(set(asked)) == 60
    whole = RunStore(store.results.parent / "whole")
    assert make(whole, Scripted())[1] == records
    assert whole.summary(run_id) == store.summary(run_id)


def test_failures_are_counted_and_asked_again_alone(store: RunStore) -> None:
    def fails(number: int, question: Question) -> str | None:
        return "status 500" if question.item == "item-3" and question.candidate_first else None

    _, records, run_id = make(store, Scripted(fails))
    assert (records[3].preference, records[3].reason) == (None, "status 500")
    assert (records[3].reference_first, records[3].candidate_first) == (1.0, None)
    verdicts = store.summary(run_id)["verdicts"]
    assert (verdicts["n_total"], verdicts["n_missing"]) == (29, 1)
    assert not is_judged(store, run_id)
    again = Scripted()
    made, records, _ = make(store, again)
    assert (made, [q.item for q in again.asked]) == (True, ["item-3"])
    assert records[3].preference == 1.0
    assert is_judged(store, run_id)
    assert store.summary(run_id)["verdicts"]["n_missing"] == 0


def test_a_judge_that_ends_in_the_middle_leaves_no_finished_set(store: RunStore) -> None:
    def stops(number: int, question: Question) -> str | None:
        if number == 5:
            raise JudgeError("The spending limit stops it.")
        return None

    with pytest.raises(JudgeError):
        make(store, Scripted(stops))
    assert list(store.complete("judgments")) == []
    asker = Scripted()
    make(store, asker)
    assert len(asker.asked) == 55


def test_the_same_texts_are_not_paid_for_in_another_set(store: RunStore) -> None:
    make(store, Scripted())
    asker = Scripted()
    changed = OURS | {"item-0": "another answer"}
    _, records, run_id = make(store, asker, changed, name="another")
    assert {question.item for question in asker.asked} == {"item-0"}
    assert len(records) == 30
    assert store.summary(run_id)["asked"]["questions"] == 60


def test_identical_outputs_are_a_draw_that_nobody_is_asked_for(store: RunStore) -> None:
    asker = Scripted()
    _, records, _ = make(store, asker, OURS | {"item-1": THEIRS["item-1"]})
    assert (records[1].preference, records[1].identical) == (1.5, True)
    assert "item-1" not in {question.item for question in asker.asked}


def test_missing_outputs_are_missing_verdicts(store: RunStore) -> None:
    ours = {key: text for key, text in OURS.items() if key != "item-2"}
    theirs = {key: text for key, text in THEIRS.items() if key != "item-4"}
    asker = Scripted()
    _, records, run_id = make(store, asker, ours, theirs)
    assert [record.item for record in records if record.preference is None] == ["item-2", "item-4"]
    assert is_judged(store, run_id)  # asking again would not help
    assert {"item-2", "item-4"}.isdisjoint(question.item for question in asker.asked)


def test_the_reference_itself_is_not_judged(store: RunStore) -> None:
    asker = Scripted()
    _, records, _ = make(store, asker, reference=None)
    assert asker.asked == []
    assert {record.preference for record in records} == {None}


def test_alpaca_evals_own_order_asks_once(store: RunStore) -> None:
    asker = Scripted()
    _, records, official = make(store, asker, order="official")
    assert len(asker.asked) == 30
    assert 0 < sum(question.candidate_first for question in asker.asked) < 30
    assert [record.preference for record in records] == [2.0, 1.0] * 15
    assert make(store, Scripted())[2] != official


def test_null_judges(store: RunStore) -> None:
    ours = OURS | {"item-0": "short"}
    _, longest, _ = make(store, LongestAsker(), ours)
    assert [record.preference for record in longest[:2]] == [1.0, 2.0]
    _, first, _ = make(store, FirstAsker())
    assert {record.preference for record in first} == {1.5}
    assert {(record.reference_first, record.candidate_first) for record in first} == {(1.0, 1.0)}
