"""Columns and conversations as a person types them; what cannot be used is one sentence."""

import pytest

from core.engine.protocol import Message
from core.errors import InputError, LambdaError, NotKnown
from core.jobs.scene import as_text, columns, read_conversation

KNOWN = ("tinyworld", "pocketworld")


def names(text: str) -> list[str]:
    return [place.name for place in columns(text, "tinyworld", KNOWN).places]


def test_a_grid_is_of_the_pair_on_show() -> None:
    assert names("0:1:0.5") == ["tinyworld@0", "tinyworld@0.5", "tinyworld@1"]


def test_pairs_and_lambdas_mix_and_a_bare_one_goes_with_the_pair_before_it() -> None:
    mixed = "1, pocketworld@0:1:0.5, 0.25, tinyworld@0.333"
    assert names(mixed) == [
        *("tinyworld@1", "pocketworld@0", "pocketworld@0.5", "pocketworld@1"),
        *("pocketworld@0.25", "tinyworld@0.333"),
    ]


@pytest.mark.parametrize("text", ["0:1:0.1", "pocketworld@0.5, 1, tinyworld@0", "0.5, -0.2, 1.2"])
def test_the_text_of_places_reads_back_into_them(text: str) -> None:
    places = columns(text, "tinyworld", KNOWN).places
    assert columns(as_text(places, "tinyworld"), "tinyworld", KNOWN).places == places
    elsewhere = as_text(places, "pocketworld")
    assert columns(elsewhere, "pocketworld", KNOWN).places == places


def test_what_is_named_twice_stands_once_and_is_told() -> None:
    found = columns("0.5, 0:1:0.5, 0.50, 1", "tinyworld", KNOWN)
    assert [str(place.lam) for place in found.places] == ["0.5", "0", "1"]
    assert found.repeated == ("tinyworld@0.5", "tinyworld@1")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", InputError, "No column is named"),
        (" , ;\n", InputError, "No column is named"),
        ("0:1.2:0.1", InputError, "13 columns are named and 11"),
        ("3", LambdaError, "out of range"),
        ("0.1234", LambdaError, "more than three decimals"),
        ("half", LambdaError, "not a number"),
        ("1:0:0.1", LambdaError, "1:0:0.1"),
        ("0, nopair@1", NotKnown, "no pair named 'nopair'"),
        ("@1", NotKnown, "no pair named ''"),
        ("tinyworld@", LambdaError, "no value"),
        ("0:2:0.0001", LambdaError, "three decimals"),
    ],
)
def test_a_list_that_cannot_be_used_is_one_sentence(
    text: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        columns(text, "tinyworld", KNOWN)


def test_a_conversation_is_read_from_json_or_from_lines() -> None:
    turns = (
        Message("system", "Be brief."),
        Message("user", "Hi: you?"),
        Message("assistant", "Yo"),
    )
    as_json = (
        '{"messages": [{"role": "system", "content": "Be brief."},'
        '{"role": "user", "content": "Hi: you?"}, {"role": "assistant", "content": "Yo"}]}'
    )
    assert read_conversation(as_json) == turns
    assert read_conversation("System: Be brief.\nUser: Hi: you?\nAI: Yo\n") == turns
    assert read_conversation("human: a\nb\n\nassistant: c")[0].content == "a\nb"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no roles here",
        "[1, 2]",
        '[{"role": "judge", "content": "x"}]',
        "{",
        "hello\nUser: x",
        '[{"role": "user", "content": 3}]',
    ],
)
def test_what_is_no_conversation_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match="This is no conversation"):
        read_conversation(text)
