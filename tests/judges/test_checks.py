"""Checks: each kind passes what it asks for, fails what it does not, and survives a file."""

from dataclasses import fields

import pytest

from core.errors import TaskError
from core.judges.checks import KINDS, describe, parse_check, passes, share_passed, to_record

FRUITS = ["apple", "cherry", "fig", "plum"]
# kind, arguments, outputs that pass, outputs that fail
CASES: list[tuple[str, dict[str, object], list[str], list[str]]] = [
    ("contains", {"text": "oak"}, ["An oak.", "OAK"], ["", "Oaks", "cloak"]),
    ("contains_one_of", {"texts": ["red", "dark red"]}, ["It is red!"], ["reddish", ""]),
    ("contains_none", {"texts": ["red"]}, ["It is blue."], ["Red or blue.", "", " . "]),
    (
        "names_n_of",
        {"n": 2, "texts": FRUITS},
        ["A plum and an apple.", "Plums and cherries, plums!"],
        ["A plum.", "Plum, fig and apple.", ""],
    ),
    (
        "items_from",
        {"texts": FRUITS},
        ["Here they are: plum and fig.", "- plum\n- apple", "Plum, apple AND fig"],
        ["Plum, dog", "plum and plum", ""],
    ),
    ("answer_is", {"text": "12"}, ["5 + 7 = 12. The answer is 12.", "12"], ["The answer is 1", ""]),
    ("answer_is", {"text": "blue"}, ["I think the answer is Blue!"], ["It is blue.", "blue"]),
    ("one_of", {"texts": ["the dog", "dog"]}, ["Dog.", "the dog"], ["A dog", "Dog or cat", ""]),
    ("exactly", {"text": "THE END."}, [" THE END.\n"], ["The end.", "THE END", ""]),
    ("in_order", {"texts": ["1", "11", "2"]}, ["1, 11, 2"], ["11, 1, 2", "11, 2", ""]),
    (
        "json_keys",
        {"keys": ["name", "age"]},
        ['{"age": 3, "name": "Bo"}', '```json\n{"name": 1, "age": 2}\n```'],
        ['{"name": "Bo"}', 'Sure: {"name": 1, "age": 2}', "[1]", "", "{"],
    ),
    (
        "json_values",
        {"values": {"name": "Bo", "age": 3}},
        ['{"name": "bo", "age": 3.0, "x": null}'],
        ['{"name": "Bo", "age": "3"}', '{"name": "Bo", "age": true}', '{"name": "Bo"}', ""],
    ),
    ("json_one_of", {"key": "k", "texts": FRUITS}, ['{"k": "Fig"}'], ['{"k": "dog"}', "{}", "fig"]),
    ("uses_word", {"text": "old"}, ["The old man."], ["The older man.", ""]),
    ("no_word", {"text": "old"}, ["The older man."], ["The old man.", ""]),
    ("no_comma", {}, ["One and two."], ["One, two.", ""]),
    ("starts_with", {"text": "Yes,"}, [" Yes, it is."], ["yes, it is.", "So: Yes,", ""]),
    ("ends_with", {"text": "Beep!"}, ["It is. Beep!\n"], ["It is. Beep", "", "Beep! Not."]),
    ("all_upper", {}, ["IT IS 3."], ["It IS", "3", ""]),
    ("all_lower", {}, ["it is 3."], ["It is", "3", ""]),
    ("max_words", {"n": 2}, ["One.", "well-known don't"], ["One two three", "", "..."]),
    ("min_words", {"n": 2}, ["One two.", "1 2 3"], ["One", ""]),
    ("word_count", {"n": 2}, ["One, two!"], ["One", "One two three", ""]),
    ("sentence_count", {"n": 2}, ["It is 3.5 high. Good!", "One. two"], ["One.", "", "A. B. C."]),
    ("n_items", {"n": 3}, ["a, b and c.", "1. a\n2. b\n3. c"], ["a and b", ""]),
    ("bullets", {"n": 2}, ["- a\n- b", "* a\n* b"], ["a\nb", "- a", ""]),
    ("is_question", {}, ["Is it? "], ["It is.", "?", ""]),
]


@pytest.mark.parametrize(("kind", "arguments", "good", "bad"), CASES)
def test_a_kind_passes_what_it_asks_for_and_nothing_else(
    kind: str, arguments: dict[str, object], good: list[str], bad: list[str]
) -> None:
    check = parse_check({"kind": kind, **arguments})
    assert [output for output in good if not passes(check, output)] == []
    assert [output for output in bad if passes(check, output)] == []


def test_every_kind_has_a_case_and_a_description() -> None:
    assert {case[0] for case in CASES} == set(KINDS)
    for kind, arguments, *_ in CASES:
        text = describe(parse_check({"kind": kind, **arguments}))
        assert text and not text.endswith(".")


@pytest.mark.parametrize(("kind", "arguments"), [case[:2] for case in CASES])
def test_a_check_survives_a_file(kind: str, arguments: dict[str, object]) -> None:
    record = {"kind": kind, **arguments}
    assert to_record(parse_check(record)) == record
    assert parse_check(to_record(parse_check(record))) == parse_check(record)


def test_no_kind_is_passed_by_silence() -> None:
    for kind, arguments, *_ in CASES:
        assert not passes(parse_check({"kind": kind, **arguments}), ""), kind


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"kind": "rhymes"}, "rhymes"),
        ({}, "None"),
        ({"kind": "contains"}, "text"),
        ({"kind": "contains", "text": "a", "n": 1}, "wrong arguments"),
        ({"kind": "contains", "text": "  "}, "non-empty"),
        ({"kind": "max_words", "n": 0}, "0"),
        ({"kind": "max_words", "n": True}, "True"),
        ({"kind": "max_words", "n": "3"}, "'3'"),
        ({"kind": "one_of", "texts": []}, "[]"),
        ({"kind": "one_of", "texts": "red"}, "'red'"),
        ({"kind": "json_values", "values": {"a": [1]}}, "[1]"),
    ],
)
def test_a_broken_check_is_refused_with_its_value(record: dict[str, object], told: str) -> None:
    with pytest.raises(TaskError, match=r"\.") as caught:
        parse_check(record)
    assert told in str(caught.value)


def test_the_share_counts_checks_and_needs_one() -> None:
    checks = [parse_check({"kind": "contains", "text": t}) for t in ("red", "blue")]
    assert [share_passed(checks, text) for text in ("red blue", "red", "")] == [1.0, 0.5, 0.0]
    with pytest.raises(TaskError, match="no checks"):
        share_passed([], "red")


def test_checks_are_values() -> None:
    check = parse_check({"kind": "one_of", "texts": ["a", "b"]})
    assert hash(check) == hash(parse_check({"kind": "one_of", "texts": ["a", "b"]}))
    assert [field.name for field in fields(KINDS["one_of"])] == ["texts"]
