"""Reasoning reports against numbers worked out by hand from tables of right and wrong."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, NotKnown
from core.lam import Lam
from core.reports.reasoning import Answers, chosen, read_answers, read_runs, settings_of
from core.reports.reasoning_curves import (
    at_budget,
    curve,
    delta_auroc,
    delta_risk,
    equal_budget,
    vote_calibration,
    where_they_cross,
)
from core.reports.reasoning_items import read_disagreements, read_item, shares
from core.reports.reasoning_protocols import ProtocolRow, protocol_rows, protocol_words, run_at
from core.reports.reasoning_scores import (
    Measure,
    Told,
    by_category,
    difference,
    difference_of_differences,
    per_item,
    score,
)
from core.reports.reasoning_twins import twins
from core.stats.span import Span
from core.store.runs import RunStore
from core.tasks.problems.protocol import read_protocol
from tests.made_reasoning import PAIR, Made, write_run

ITEMS = 40
Y, N = True, False
STEADY = [[Y, Y, Y, Y] if at % 2 else [N, N, N, N] for at in range(ITEMS)]  # pass@k = 0.5
BROAD = [[Y, N, N, N] for _ in range(ITEMS)]  # pass@k = k / 4
BRANCHES = [[N, Y, N, Y] for _ in range(ITEMS)]
DELTAS = [[0.2, 0.9, 0.3, None] for _ in range(ITEMS)]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


def answers(store: RunStore, run_id: str, grader: str = "rules") -> Answers:
    run = next(one for one in read_runs(store, "tinyworld") if one.run_id == run_id)
    return read_answers(store, run, grader)


def branches(store: RunStore) -> Answers:
    made = Made(pooling="branches", deltas=DELTAS)
    return answers(store, write_run(store, 0, BRANCHES, made))


def test_pass_at_k_of_samples_and_any_of_the_first_branches(store: RunStore) -> None:
    broad = answers(store, write_run(store, 0, BROAD))
    assert [score(broad, Measure("pass", k)).value for k in (1, 2, 3, 4)] == pytest.approx(
        [0.25, 0.5, 0.75, 1.0]
    )
    assert Measure("pass", 2).name(broad) == "pass@2"
    branched = answers(
        store, write_run(store, 0, BRANCHES, Made(pooling="branches", deltas=DELTAS))
    )
    assert [score(branched, Measure("pass", k)).value for k in (1, 2, 4)] == [0.0, 1.0, 1.0]
    assert Measure("pass", 2).name(branched) == "any of the first 2 branches"
    assert score(branched, Measure("cot-max", 4)).value == 1.0  # 0.9, the second branch
    assert score(branched, Measure("cot-max", 1)).value == 0.0


@pytest.mark.parametrize("k", [0, 5])
def test_more_k_than_answers_is_refused(store: RunStore, k: int) -> None:
    with pytest.raises(InputError, match="k from 1 to 4"):
        score(answers(store, write_run(store, 0, BROAD)), Measure("pass", k))


def test_samples_have_no_cot_decoding(store: RunStore) -> None:
    with pytest.raises(InputError, match="these are samples"):
        per_item(answers(store, write_run(store, 0, BROAD)), Measure("cot-max", 2))


def test_differences_are_paired_and_parts_by_family(store: RunStore) -> None:
    base, instruct = (
        answers(store, write_run(store, lam, own)) for lam, own in ((0, STEADY), (1000, BROAD))
    )
    gap = difference(instruct, base, Measure("pass", 4))
    assert gap.value == pytest.approx(0.5) and gap.n == ITEMS
    assert gap.interval is not None and gap.interval.low > 0.3
    changed = tuple(
        answers(store, write_run(store, lam, own, Made(part="numbers")))
        for lam, own in ((1000, STEADY), (0, STEADY))
    )
    told = difference_of_differences((changed[0], changed[1]), (instruct, base), Measure("pass", 4))
    assert told.value == pytest.approx(0.0 - 0.5) and told.n == ITEMS
    parts = by_category(base, Measure("pass", 1))
    assert {name: one.value for name, one in parts.items()} == {"even": 0.0, "odd": 1.0}
    assert parts["even"].interval is not None  # Wilson, where nothing varies


def test_an_equal_difference_has_no_interval_but_a_reason(store: RunStore) -> None:
    one = answers(store, write_run(store, 0, STEADY))
    gap = difference(one, one, Measure("pass", 1))
    assert gap.value == 0 and gap.interval is None and gap.reason is not None


def test_curves_cross_where_they_do_and_say_so_where_they_do_not(store: RunStore) -> None:
    steady, broad = (
        answers(store, write_run(store, lam, own)) for lam, own in ((0, STEADY), (1000, BROAD))
    )
    found = where_they_cross(broad, steady)
    assert found.at == pytest.approx(2.0, abs=0.51) and found.interval is not None
    assert where_they_cross(steady, steady).reason == "the curves are equal"
    points = curve(broad)
    assert [point.k for point in points] == [1, 2, 3, 4]
    assert [point.tokens for point in points] == [10, 20, 30, 40]
    assert points[-1].seconds == pytest.approx(0.5)
    branched = answers(
        store, write_run(store, 0, BRANCHES, Made(pooling="branches", deltas=DELTAS))
    )
    assert "do not compare" in str(where_they_cross(branched, steady).reason)


def test_what_a_budget_of_tokens_buys(store: RunStore) -> None:
    branched = answers(
        store, write_run(store, 0, BRANCHES, Made(pooling="branches", deltas=DELTAS))
    )
    assert [at_budget(branched, "cot-max", tokens).value for tokens in (9, 19, 20, 400)] == [
        0.0, 0.0, 1.0, 1.0
    ]  # fmt: skip


def test_branches_and_samples_are_compared_token_for_token(store: RunStore) -> None:
    branched, samples = branches(store), answers(store, write_run(store, 0, BROAD))
    rows = equal_budget(branched, samples)
    assert [row.tokens for row in rows] == [10, 20, 40]  # what 1, 2 and 4 branches cost
    assert [row.cot_max.value for row in rows] == [0.0, 1.0, 1.0]
    assert [row.majority.value for row in rows] == pytest.approx([1.0, 0.5, 0.25])


def test_delta_tells_right_from_wrong_and_votes_are_calibrated(store: RunStore) -> None:
    branched = answers(
        store, write_run(store, 0, BRANCHES, Made(pooling="branches", deltas=DELTAS))
    )
    assert delta_auroc(branched).value == 1.0  # 0.9 against 0.2 and 0.3; None is not counted
    assert delta_risk(branched).risk == (0.0,)
    assert vote_calibration(branched).value == pytest.approx(0.5)  # half the votes, always right


def test_the_table_of_twins_holds_expected_counts(store: RunStore) -> None:
    original = answers(store, write_run(store, 0, STEADY))
    changed = answers(store, write_run(store, 0, BROAD, Made(part="numbers", twin="7")))
    found = twins(original, changed, Measure("pass", 1))
    assert found.n == ITEMS
    # Half the originals are solved always; each perturbed one with a chance of 1/4.
    assert (found.both, found.only_original) == pytest.approx((5.0, 15.0))
    assert (found.only_perturbed, found.none) == pytest.approx((5.0, 15.0))
    assert found.drop.value == pytest.approx(0.25) and found.drop.interval is not None
    assert found.gave_original.value == pytest.approx(0.75)  # every wrong answer is the twin's


def test_the_same_protocol_for_both_or_two_arms(store: RunStore) -> None:
    write_run(store, 0, STEADY)
    write_run(store, 1000, BROAD)
    write_run(store, 0, BRANCHES, Made(pooling="branches", temperature="0", deltas=DELTAS))
    runs = read_runs(store, "tinyworld")
    where = ("tinyworld-reasoning", "original", "few-shot-cot")
    rows = {row.protocol.name: row for row in protocol_rows(store, runs, where, k=2)}
    symmetric, published = rows["symmetric"], rows["published"]
    assert symmetric.base.value == 0.5 and symmetric.instruct.value == 0.5
    assert symmetric.base_measure == symmetric.instruct_measure == "pass@2"
    assert published.base.value == 1.0 and published.base_measure == "any of the first 2 branches"
    assert published.instruct.value is None and published.difference.reason == "not measured"
    assert run_at(runs, read_protocol("symmetric"), Lam(500)) is None


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([(0.1, 0.3), (-0.3, -0.1)], "ahead under published, behind under symmetric."),
        ([(-0.3, -0.1), (-0.1, 0.3)], "is behind. Under symmetric no difference is shown."),
        ([(-0.1, 0.3), (-0.3, 0.1)], "Under no protocol measured here is a difference shown"),
        ([(0.1, 0.3), (0.2, 0.3)], "Under every protocol measured here instruct is ahead"),
    ],
)
def test_no_side_is_named_where_the_interval_holds_zero(
    ends: list[tuple[float, float]], said: str
) -> None:
    none = Told(None, None, 0, "not measured")
    rows = [
        ProtocolRow(
            read_protocol(name), none, none, Told(sum(span) / 2, Span(*span), 9), *[None] * 4
        )
        for name, span in zip(("published", "symmetric"), ends, strict=True)
    ]
    assert said in protocol_words(rows)
    assert "No protocol" in protocol_words([])


def test_an_item_with_its_branches_and_what_became_of_the_answers(store: RunStore) -> None:
    run_id = write_run(store, 0, BRANCHES, Made(pooling="branches", deltas=DELTAS))
    runs = read_runs(store, "tinyworld")
    found = read_item(store, runs[0], "original-0")
    assert found.prompt == "Question: ?\nAnswer:" and found.target == "right"
    assert [row.first for row in found.rows] == list("abcd")
    assert [row.chosen_by_max for row in found.rows] == [False, True, False, False]
    assert found.rows[0].first_probability == pytest.approx(np.exp(-0.5))
    told = shares(answers(store, run_id))
    assert (told.right, told.wrong, told.no_answer, told.out_of_tokens) == (0.5, 0.5, 0.0, 0.0)
    assert told.format_failed is None
    with pytest.raises(NotKnown, match="no item 'original-99'"):
        read_item(store, runs[0], "original-99")
    assert read_disagreements(store, runs[0]) == ()
    with pytest.raises(NotKnown, match="was not graded by nobody"):
        read_answers(store, runs[0], "nobody")


def test_runs_are_chosen_by_part_and_setting(store: RunStore) -> None:
    ids = [write_run(store, lam, BROAD) for lam in (1000, 0)]
    write_run(store, 0, BROAD, Made(part="numbers"))
    runs = read_runs(store, "tinyworld", PAIR)
    [setting] = settings_of(runs)
    by_lam = chosen(runs, "original", setting)
    assert [by_lam[Lam(lam)].run_id for lam in (1000, 0)] == ids
    assert setting.words == "few-shot-cot, plain text, 4 samples at T = 0.7"
    assert read_runs(store, "tinyworld", extractor="model:x@1") == ()
    assert read_runs(store, "another") == ()
