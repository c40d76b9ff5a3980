"""What the curve says for given runs: numbers by hand, joins, notes and reasons."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import NotKnown
from core.lam import BASE, INSTRUCT, Lam
from core.reports.joined import judged
from core.reports.points import Point, TradeOff
from core.reports.trade_off import available, read_trade_off
from core.spec import JudgmentSpec, PairIdentity
from core.stats.wilson import wilson
from core.store.environment import read_environment
from core.store.records import IclRecord, JudgmentRecord
from core.store.runs import RunStore
from tests.synthetic_sweep import (
    OUTPUTS,
    TASKS,
    Invented,
    generation_spec,
    icl_spec,
    write_synthetic_sweep,
)

GRID = "0,0.5,1,1.2"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    write_synthetic_sweep(folder, Invented(grid=GRID))
    return folder


@pytest.fixture
def results(written: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(written, tmp_path / "results"))


def read(results: Path, reference: str = "lam:1") -> TradeOff:
    trade_off = read_trade_off(RunStore(results), "tinyworld", reference)
    assert trade_off is not None
    return trade_off


def point(trade_off: TradeOff, lam: str) -> Point:
    found = trade_off.at(Lam.parse(lam))
    assert found is not None
    return found


def identity(store: RunStore) -> PairIdentity:
    return store.sweeps()[-1].pair


def test_nothing_measured_is_none(tmp_path: Path) -> None:
    assert read_trade_off(RunStore(tmp_path), "tinyworld") is None
    assert available(RunStore(tmp_path), "tinyworld") == ()


def test_points_ascend_in_lam(written: Path) -> None:
    assert [str(one.lam) for one in read(written).points] == ["0", "0.5", "1", "1.2"]


def test_the_macro_mean_weighs_tasks_the_same(written: Path) -> None:
    for one in read(written).points:
        scores = [task.score.value for task in one.tasks]
        assert len(scores) == len(TASKS)
        assert one.icl.value == pytest.approx(sum(s for s in scores if s is not None) / len(TASKS))
        assert one.icl.interval is not None
        assert one.icl.interval.low < (one.icl.value or 0) < one.icl.interval.high


def test_a_task_score_is_its_records(written: Path) -> None:
    store = RunStore(written)
    (task, *_) = point(read(written), "0.5").tasks
    records = [r for r in store.records(task.run_id) if isinstance(r, IclRecord)]
    right = sum(record.correct for record in records)
    assert task.score.value == pytest.approx(100 * right / len(records))
    assert task.score.n == len(records)
    span = wilson(right, len(records))
    assert span is not None
    assert task.score.interval is not None
    assert (task.score.interval.low / 100, task.score.interval.high / 100) == pytest.approx(span)
    assert task.chance == 25.0


def test_differences_are_those_of_the_values(written: Path) -> None:
    trade_off = read(written)
    at_one = point(trade_off, "1")
    for one in trade_off.points:
        for value, gap in (
            ("icl", "icl_difference"),
            ("win_rate", "win_rate_difference"),
            ("pass_rate", "pass_rate_difference"),
        ):
            expected = getattr(one, value).value - getattr(at_one, value).value
            assert getattr(one, gap).value == pytest.approx(expected)


def test_the_reference_is_fifty_by_definition(written: Path) -> None:
    one = point(read(written), "1")
    assert one.win_rate.value == 50.0
    assert one.win_rate.interval is None
    assert one.win_rate.reason is not None
    assert "by definition" in one.win_rate.reason
    assert (one.wins, one.draws, one.losses, one.missing) == (None, None, None, None)
    assert one.icl_difference.value == 0.0
    assert one.icl_difference.interval is None


def test_against_shipped_outputs_lam_one_is_a_point_like_any_other(written: Path) -> None:
    one = point(read(written, "outputs:reference"), "1")
    assert one.win_rate.interval is not None
    assert one.wins is not None
    assert (one.wins or 0) + (one.draws or 0) + (one.losses or 0) == one.win_rate.n


def test_win_rate_follows_from_wins_and_draws(written: Path) -> None:
    for name in ("lam:1", "outputs:reference"):
        for one in read(written, name).points:
            if one.wins is not None and one.draws is not None:
                expected = 100 * (one.wins + one.draws / 2) / one.win_rate.n
                assert one.win_rate.value == pytest.approx(expected)


def test_pass_rates_do_not_depend_on_the_reference(written: Path) -> None:
    own, shipped = read(written), read(written, "outputs:reference")
    assert [one.pass_rate for one in own.points] == [one.pass_rate for one in shipped.points]


def test_an_unknown_reference_names_the_known_ones(written: Path) -> None:
    with pytest.raises(NotKnown, match="lam:1, outputs:reference"):
        read_trade_off(RunStore(written), "tinyworld", "lam:0.3")


def test_reading_twice_is_one_computation(written: Path) -> None:
    assert read(written) is read(written)


def test_a_lam_measured_later_joins(results: Path) -> None:
    before = read(results)
    write_synthetic_sweep(results, Invented(grid="0.35,1"))
    after = read(results)
    assert after.at(Lam.parse("0.35")) is not None
    assert before.at(Lam.parse("0.35")) is None
    for one in before.points:
        assert after.at(one.lam) == one, "points that were there keep their numbers"


def test_a_missing_task_leaves_a_reason_and_no_macro_mean(results: Path) -> None:
    store = RunStore(results)
    shutil.rmtree(results / "runs" / icl_spec(identity(store), BASE, "causes").run_id)
    base = point(read(results), "0")
    assert base.icl.value is None
    assert base.icl.reason == "5 of 6 tasks measured so far"
    assert len(base.tasks) == 5
    assert point(read(results), "0.5").icl.value is not None


def test_without_lam_one_there_are_no_differences(tmp_path: Path) -> None:
    write_synthetic_sweep(tmp_path, Invented(grid="0,0.5"))
    for one in read(tmp_path).points:
        assert one.icl.value is not None
        assert one.icl_difference.value is None
        assert one.icl_difference.reason == "λ=1 is not measured on this curve"
        assert one.win_rate.value is None
        assert one.win_rate.reason is not None
    shipped = read(tmp_path, "outputs:reference")
    assert shipped.points[0].win_rate.value is not None


def test_unequal_items_are_compared_on_what_both_have(results: Path) -> None:
    store = RunStore(results)
    spec = icl_spec(identity(store), BASE, "capitals")
    kept = store.records(spec.run_id)[:30]
    shutil.rmtree(results / "runs" / spec.run_id)
    with store.open(spec, read_environment("cpu")) as run:
        run.append(kept)
        run.finish({"n": 30})
    trade_off = read(results)
    (task, *_) = point(trade_off, "0").tasks
    assert (task.score.n, task.difference.n) == (30, 30)
    (other, *_) = point(trade_off, "0.5").tasks
    assert (other.score.n, other.difference.n) == (40, 40)
    assert any("30 of 40 items" in note for note in trade_off.notes)


def test_missing_verdicts_are_counted_and_never_half(results: Path) -> None:
    store = RunStore(results)
    stored = next(
        one
        for one in store.complete("judgments")
        if getattr(one.spec, "reference", "") == OUTPUTS
        and getattr(one.spec, "candidate", "")
        == generation_spec(identity(store), Lam.parse("0.5")).run_id
    )
    records = [r for r in store.records(stored.run_id) if isinstance(r, JudgmentRecord)]
    lost = [replace(r, preference=None, reason="no verdict") for r in records[:10]]
    shutil.rmtree(stored.folder)
    with store.open(stored.spec, read_environment("cpu")) as run:
        run.append([*lost, *records[10:]])
        run.finish({"n": len(records)})
    one = point(read(results, "outputs:reference"), "0.5")
    assert (one.missing, one.win_rate.n) == (10, len(records) - 10)
    expected = [r.preference - 1 for r in records[10:] if r.preference is not None]
    assert one.win_rate.value == pytest.approx(100 * sum(expected) / len(expected))


def test_other_parents_of_the_same_name_are_another_pair(results: Path) -> None:
    write_synthetic_sweep(results, Invented(grid="0,1", content="trained again"))
    store = RunStore(results)
    parents = {sweep.pair for sweep in store.sweeps()}
    assert len(parents) == 2
    for pair in parents:
        trade_off = read_trade_off(store, "tinyworld", content=pair)
        assert trade_off is not None
        lams = len(trade_off.points)
        assert lams in (2, 4)
        assert trade_off.at(INSTRUCT) is not None
    nobody = PairIdentity("tinyworld", "0", "0")
    assert read_trade_off(store, "tinyworld", content=nobody) is None
    chosen = read_trade_off(store, "tinyworld")
    assert chosen is not None
    assert any("other parents" in note for note in chosen.notes)


def test_equal_answers_everywhere_claim_no_certainty(tmp_path: Path) -> None:
    """At λ=0 nothing passes: an interval from 0 to 0 would say that nothing ever will."""
    write_synthetic_sweep(tmp_path, Invented(grid="0,1", instructions=20))
    for one in read(tmp_path).points:
        for measure in (one.pass_rate, one.win_rate):
            if measure.interval is not None:
                assert measure.interval.high - measure.interval.low > 1.0


def test_the_same_parents_under_another_name_keep_their_results(results: Path) -> None:
    store = RunStore(results)
    line = read_trade_off(store, "renamed", content=identity(store))
    assert line is not None and line.pair == "renamed"
    assert line.points == read(results).points


def test_a_lambda_is_judged_only_when_every_verdict_is_there(results: Path) -> None:
    store = RunStore(results)
    assert judged(store, "tinyworld") == {"0", "0.5", "1", "1.2"}
    spec = next(
        one
        for one in store.complete("judgments")
        if isinstance(one.spec, JudgmentSpec)
        and one.spec.candidate == generation_spec(identity(store), Lam(500)).run_id
    )
    shutil.rmtree(spec.folder)
    assert judged(store, "tinyworld") == {"0", "1", "1.2"}
