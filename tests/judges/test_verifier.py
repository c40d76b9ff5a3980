"""The verifier: more checks passed wins, equal is a draw that counts, nothing is guessed."""

from pathlib import Path

import pytest

from core.judges.metrics import win_rate_summary
from core.judges.verifier import ITSELF, NO_CANDIDATE, NO_REFERENCE, Verifier, judge, judgment_spec
from core.store.records import GenerationRecord
from core.tasks.instructions import Instruction, load_instructions, reference_outputs
from core.tasks.suites import load_suite
from tests.small_suite import write_small_suite

BEST = {"i0": "an ash", "i1": "a birch", "i2": "a dune"}
HALF = {"i0": "An ash", "i1": "an elm", "i2": "a dune"}


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    return write_small_suite(tmp_path)


@pytest.fixture
def items(suites: Path) -> tuple[Instruction, ...]:
    return load_instructions(load_suite("small-instructions", suites))


def test_the_higher_share_of_checks_wins(items: tuple[Instruction, ...]) -> None:
    records = judge(items, BEST, HALF)
    assert [record.preference for record in records] == [2, 2, 1.5]
    assert [record.candidate_score for record in records] == [1, 1, 1]
    assert [record.reference_score for record in records] == [0.5, 0, 1]
    assert all(record.candidate_passed for record in records)


def test_swapping_the_two_sides_mirrors_every_verdict(items: tuple[Instruction, ...]) -> None:
    ours, theirs = judge(items, BEST, HALF), judge(items, HALF, BEST)
    for one, other in zip(ours, theirs, strict=True):
        assert one.preference is not None and other.preference is not None
        assert one.preference + other.preference == 3


def test_partly_right_on_both_sides_is_a_draw_and_no_pass(items: tuple[Instruction, ...]) -> None:
    [record] = judge(items[:1], {"i0": "An ash"}, {"i0": "an elm"})
    assert record.preference == 1.5
    assert record.candidate_passed is False


def test_which_checks_passed_is_kept_in_words(items: tuple[Instruction, ...]) -> None:
    [record] = judge(items[:1], HALF, BEST)
    assert record.detail is not None
    assert sorted(record.detail.values()) == [False, True]
    assert [words for words, passed in record.detail.items() if passed] == ["says “ash”"]


def test_a_missing_output_is_a_counted_record(items: tuple[Instruction, ...]) -> None:
    records = judge(items, {"i0": "an ash"}, {"i1": "a birch", "i0": "a fir"})
    assert [record.preference for record in records] == [2, None, None]
    assert [record.reason for record in records] == [None, NO_CANDIDATE, NO_CANDIDATE]
    [record] = judge(items[2:], BEST, {})
    assert (record.preference, record.reason) == (None, NO_REFERENCE)
    assert record.candidate_passed is True, "the pass rate does not need a reference"
    assert win_rate_summary(records).n_missing == 2


def test_the_reference_itself_gets_checks_and_no_verdicts(items: tuple[Instruction, ...]) -> None:
    records = judge(items, BEST, None)
    assert {record.preference for record in records} == {None}
    assert {record.reason for record in records} == {ITSELF}
    assert all(record.candidate_passed for record in records)


def test_stored_generations_and_plain_texts_are_judged_alike(
    items: tuple[Instruction, ...], suites: Path
) -> None:
    stored = {
        item: GenerationRecord(item, "t", "h", text, 3, 9, "stop") for item, text in HALF.items()
    }
    shipped = reference_outputs(load_suite("small-instructions", suites))
    assert judge(items, stored, shipped) == Verifier(items).judge(items, HALF, shipped)
    assert judge(items, stored, shipped)[2].reason == NO_REFERENCE


def test_other_checks_make_other_verdicts_by_id(items: tuple[Instruction, ...]) -> None:
    spec = judgment_spec("a", "b", items)
    assert spec.run_id == judgment_spec("a", "b", items).run_id
    assert spec.run_id != judgment_spec("b", "a", items).run_id
    assert spec.run_id != judgment_spec("a", "b", items[1:]).run_id
