"""Every caveat that ships is true of the numbers that ship beside it."""

import csv
import re

import pytest

from core.errors import NotKnown
from core.reports.claims import MEANING, read_claims
from core.reports.literature import (
    NAMES,
    Panel,
    PublishedRow,
    Value,
    in_words,
    published_tables,
    read_published,
    table_file,
)

MEDCALC = "medcalc_pass_at_20"
CATEGORIES = ("lab", "risk", "physical", "severity", "diagnosis", "date", "dosage")


def panel(name: str, which: str, column: str = "") -> Panel:
    return next(one for one in read_published(name).panels_of(column) if one.name == which)


def row(name: str, which: str, who: str, column: str = "") -> PublishedRow:
    return next(one for one in panel(name, which, column).rows if one.name == who)


def medcalc(setting: str, who: str, variant: str) -> tuple[float, ...]:
    """A printed row, all eight columns."""
    found = [
        [float(line[column]) for column in (*CATEGORIES, "overall")]
        for line in read_published(MEDCALC).printed
        if (line["setting"], line["model"], line["variant"]) == (setting, who, variant)
    ]
    return tuple(found[0])


def test_every_table_keeps_every_printed_number() -> None:
    for name in published_tables():
        table = read_published(name)
        with table_file(name).open(encoding="utf-8", newline="") as file:
            assert len(table.printed) == len(list(csv.DictReader(file)))
        shown = [
            value.value
            for column in table.values or ("",)
            for one in table.panels_of(column)
            for two in one.rows
            for value in (two.first, two.second)
        ]
        columns = table.values or (table.layout["first"], table.layout["second"])
        printed = [float(line[column]) for line in table.printed for column in columns]
        assert sorted(shown) == sorted(printed), name


def test_a_share_is_told_from_a_number_that_is_none() -> None:
    assert Value(86.50, 1319).k == 1141
    assert Value(55.68, 327).k is None
    assert Value(55.68).k is None
    exact = Value(50.0, 500).interval
    assert exact is not None and exact.low == pytest.approx(45.63, abs=0.01)


@pytest.mark.parametrize(
    "name", ["gsm8k_pass_at_20", "math500_pass_at_20", "math_perturb_hard_pass_at_20"]
)
def test_all_values_are_whole_numbers_of_their_items(name: str) -> None:
    values = [
        v for one in read_published(name).panels_of() for r in one.rows for v in (r.first, r.second)
    ]
    assert len(values) >= 16 and all(value.k is not None for value in values)


def test_five_values_of_gsm8k_are_not_rounded_as_the_others_are() -> None:
    values = [
        value
        for one in read_published("gsm8k_pass_at_20").panels_of()
        for two in one.rows
        for value in (two.first, two.second)
    ]
    exact = {v.value: 100 * v.k / v.n for v in values if v.k and v.n}
    unrounded = {value for value, share in exact.items() if round(share, 2) != value}
    cut = {value for value in unrounded if int(exact[value] * 100) / 100 == value}
    assert unrounded - cut == {83.25} and len(cut) == 4


def test_only_one_base_row_of_medcalc_is_no_whole_number() -> None:
    table, odd = read_published(MEDCALC), set()
    for column in table.values:
        for one in table.panels_of(column):
            odd |= {
                (one.name, r.name, side)
                for r in one.rows
                for side, value in (("B", r.first), ("I", r.second))
                if value.k is None
            }
    assert odd == {("zero_shot_cot", "DS-V3.1", "B"), ("direct_shot", "DS-V3.1", "B")}


def test_the_categories_of_that_row_do_not_add_up() -> None:
    sizes = read_published(MEDCALC).layout["sizes"]
    *parts, overall = medcalc("zero_shot_cot", "DS-V3.1", "B")
    mean = sum(p * sizes[c] for p, c in zip(parts, CATEGORIES, strict=True)) / sizes["overall"]
    assert round(mean, 2) == 62.89 and overall == 62.99
    assert sum(sizes[c] for c in CATEGORIES) == sizes["overall"] == 1047


def test_base_was_run_once_for_two_settings() -> None:
    names = {r.name for r in panel(MEDCALC, "direct_shot", "overall").rows}
    assert len(names) == 8
    for name in names:
        assert medcalc("direct_shot", name, "B") == medcalc("zero_shot_cot", name, "B")


def test_rows_that_are_the_same_are_called_so() -> None:
    assert medcalc("one_shot_cot", "Qwen3-0.6B", "B") == medcalc("zero_shot_cot", "Qwen3-8B", "B")
    smol, llama = (medcalc("zero_shot_cot", who, "B") for who in ("SmolLM3-3B", "Llama3-3B"))
    differ = {c for c, a, b in zip((*CATEGORIES, "overall"), smol, llama, strict=True) if a != b}
    assert differ == {"physical", "overall"}
    gsm8k = "gsm8k_pass_at_20"
    same = [row(gsm8k, "zero_shot_cot", who).first.value for who in ("Qwen3-0.6B", "SmolLM3-3B")]
    assert same == [86.50, 86.50]
    for name, which, column in (
        (gsm8k, "eight_shot_cot", ""),
        (MEDCALC, "one_shot_cot", "overall"),
    ):
        one, other = (row(name, which, who, column).second.value for who in ("DS-V3.1", "Kimi-K2"))
        assert one == other


def test_signs_are_as_the_notes_say() -> None:
    zero = panel("gsm8k_pass_at_20", "zero_shot_cot").rows
    assert [one.name for one in zero if one.difference > 0] == ["Llama3-3B"]
    assert row("gsm8k_pass_at_20", "zero_shot_cot", "Llama3-3B").difference == 5.15
    rules, verify = (
        row("math500_pass_at_20", g, "Kimi-K2") for g in ("latex_rules", "math_verify")
    )
    assert (rules.difference, verify.difference) == (0.4, -0.4)
    falls = [
        row("math_perturb_hard_pass_at_20", g, "Qwen3-14B").difference
        for g in ("latex_rules", "math_verify")
    ]
    assert falls == [-38.22, -16.30]


@pytest.mark.parametrize("name", NAMES)
def test_marks_lead_to_notes_and_notes_to_rows(name: str) -> None:
    table = read_published(name)
    places = {
        (one.name, r.name)
        for one in table.panels_of(table.values[0] if table.values else "")
        for r in one.rows
    }
    for note in table.notes:
        assert note.about is None or note.about <= places, note.text
    assert table.protocol and re.match(r"https://", table.url)


def test_words_count_and_claim_nothing_else() -> None:
    table = read_published("gsm8k_pass_at_20")
    assert in_words(table, table.panels_of()) == (
        "No examples: base is higher in 7 of 8, instruct in 1. "
        "Eight worked examples: base is higher in 4 of 8, instruct in 4."
    )


def test_unknown_names_are_told_with_the_known_ones() -> None:
    with pytest.raises(NotKnown, match=r"'nothing'.*gsm8k"):
        read_published("nothing")
    with pytest.raises(NotKnown, match=r"'age'.*overall"):
        read_published(MEDCALC).panels_of("age")


def test_each_claim_says_how_it_is_known() -> None:
    paper = read_claims()
    assert {claim.status for claim in paper.claims} == set(MEANING)
    assert sum(len(paper.known(status)) for status in MEANING) == len(paper.claims)
