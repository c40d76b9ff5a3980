"""Every judge's verdicts on stored outputs: the shipped ones, those added later, the control."""

from pathlib import Path

import pytest

from core.errors import NotKnown
from core.judges.metrics import win_rate_summary
from core.lam import BASE, INSTRUCT, Lam
from core.reports.judging import CONTROL, read_honesty, read_judged
from core.reports.judging_points import Judged
from core.reports.trade_off import read_trade_off
from core.reports.two_judges import by_kind, compare_judges
from core.settings import PUBLISHED
from core.spec import RunSpec
from core.store.records import JudgmentRecord
from core.store.runs import RunStore
from tests.synthetic_sweep import write_synthetic_sweep

HALF = Lam(500)


@pytest.fixture(scope="module")
def shipped() -> RunStore:
    return RunStore(Path("/nonexistent"), (PUBLISHED,))


def read(store: RunStore, reference: str = "lam:1", pair: str = "tinyworld") -> Judged:
    found = read_judged(store, pair, reference)
    assert found is not None
    return found


@pytest.mark.parametrize("reference", ["lam:1", "outputs:reference"])
def test_counts_and_rates_are_those_of_the_stored_verdicts(
    shipped: RunStore, reference: str
) -> None:
    judged, line = read(shipped, reference), read_trade_off(shipped, "tinyworld", reference)
    assert line is not None
    (stored,) = [judge for judge in judged.judges if judge.stored]
    assert stored.name == "verifier"
    for point in line.points:
        own = stored.at(point.lam)
        assert own is not None
        assert own.rate.value == point.win_rate.value
        assert own.rate.interval == point.win_rate.interval
        if not own.by_definition:
            assert own.counts == (point.wins, point.draws, point.losses, point.missing)
            records = [one.record for one in own.compared]
            assert win_rate_summary(records).win_rate == pytest.approx(own.rate.value)


def test_both_texts_stand_with_every_verdict(shipped: RunStore) -> None:
    point = read(shipped).judges[0].at(HALF)
    assert point is not None
    assert len(point.compared) == 264
    for one in point.compared:
        assert one.ours is not None and one.theirs is not None
        assert one.instruction and one.kind != one.item
    assert any(one.ours and one.ours.cut for one in point.compared)


def test_the_reference_itself_has_no_verdicts(shipped: RunStore) -> None:
    for line in read(shipped).judges:
        point = line.at(INSTRUCT)
        assert point is not None and point.by_definition
        assert (point.compared, point.counts, point.rate.value) == ((), (0, 0, 0, 0), 50.0)


def test_the_control_prefers_the_longer_output(shipped: RunStore) -> None:
    control = read(shipped).judge(CONTROL)
    assert control is not None and not control.stored
    point = control.at(BASE)
    assert point is not None
    for one in point.compared:
        assert one.ours is not None and one.theirs is not None
        gap = len(one.ours.text) - len(one.theirs.text)
        expected = "draw" if gap == 0 else "win" if gap > 0 else "loss"
        assert one.verdict == expected
    middle = control.at(HALF)
    assert middle is not None and middle.honesty.length_correlation is not None
    assert middle.honesty.length_correlation > 0.8


def test_out_of_tokens_is_counted_over_lam(shipped: RunStore) -> None:
    outputs = {point.lam: point for point in read(shipped).outputs}
    assert len(outputs) == 13
    by_run = {
        str(run.spec.lam): shipped.summary(run.run_id)["out_of_tokens"]
        for run in shipped.complete("generations")
        if isinstance(run.spec, RunSpec) and run.spec.pair.name == "tinyworld"
    }
    assert {str(lam): point.out_of_tokens for lam, point in outputs.items()} == by_run
    assert outputs[BASE].out_of_tokens > 0


def test_two_judges_and_kinds_add_up(shipped: RunStore) -> None:
    judged = read(shipped)
    first, second = (judged.judges[at].at(HALF) for at in (0, 1))
    assert first is not None and second is not None
    found = compare_judges(first, second)
    assert sum(map(sum, found.table)) == found.agreement.n == 264
    assert found.agreement.agreed == sum(found.table[at][at] for at in range(3))
    assert len(found.disagreements) == 264 - found.agreement.agreed
    rows = by_kind(first.compared)
    assert sum(row.n for row in rows) == 264 and len(rows) == 22
    wins, draws = (sum(row.counts[at] for row in rows) for at in (0, 1))
    assert (wins, draws) == first.counts[:2]


def test_the_strip_of_the_trade_off_is_that_of_the_judge_page(shipped: RunStore) -> None:
    line, judged = read_trade_off(shipped, "tinyworld"), read(shipped)
    assert line is not None
    point = judged.judges[0].at(HALF)
    assert point is not None
    assert read_honesty(shipped, line, HALF) == point.honesty
    assert read_honesty(shipped, line, INSTRUCT) is None
    assert read_honesty(shipped, line, Lam(123)) is None


def test_results_of_a_suite_that_is_not_here_still_show(tmp_path: Path) -> None:
    store = write_synthetic_sweep(tmp_path / "results")
    judged = read(store)
    point = judged.judges[0].at(HALF)
    assert point is not None
    assert {one.kind for one in point.compared} == {"kind not known"}
    assert all(isinstance(one.record, JudgmentRecord) for one in point.compared)
    assert [line.stored for line in read(store, "outputs:reference").judges] == [True]
    with pytest.raises(NotKnown):
        read_judged(store, "tinyworld", "lam:0.5")
    assert read_judged(RunStore(tmp_path / "none"), "tinyworld", "lam:1") is None
