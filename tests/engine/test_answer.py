"""An answer while it is written: whole characters only, stop strings cut, nothing lost."""

import pytest

from core.engine.answer import Answer
from tests.tiny_pair import make_tokenizer

TOKENIZER = make_tokenizer()


def decode(ids: list[int]) -> str:
    return str(TOKENIZER.decode(ids, skip_special_tokens=True))


def write(text: str, stop: tuple[str, ...] = (), longest: int = 10_000) -> tuple[Answer, list[str]]:
    answer = Answer(lambda ids: decode(list(ids)), stop, longest)
    shown = []
    for token in [*TOKENIZER.encode(text), TOKENIZER.eos_token_id]:
        if answer.finish is None:
            answer.add(token, is_stop=token == TOKENIZER.eos_token_id)
            shown.append(answer.fresh_text())
    return answer, shown


@pytest.mark.parametrize("text", ["plain words", "Zürich", "日本語の文", "🙂🙃 👩‍👩‍👧", "λ=½", ""])
def test_pieces_join_to_the_text_and_hold_no_half_character(text: str) -> None:
    answer, shown = write(text)
    assert "".join(shown) == answer.text == text
    assert not any("�" in piece for piece in shown)
    assert answer.finish == "stop"


@pytest.mark.parametrize(
    ("text", "stop", "expected"),
    [
        ("one\n\ntwo", ("\n\n",), "one"),
        ("one two END three", ("END", "two"), "one "),
        ("the river runs", ("river runs",), "the "),
        ("日本語の文", ("語の",), "日本"),
        ("no stop here", ("zzz",), "no stop here"),
        ("END", ("END",), ""),
        ("EN", ("END",), "EN"),
        ("anything", ("",), "anything"),
    ],
)
def test_a_stop_string_ends_the_answer_and_is_never_shown(
    text: str, stop: tuple[str, ...], expected: str
) -> None:
    answer, shown = write(text, stop)
    assert answer.text == "".join(shown) == expected
    assert answer.finish == "stop"


def test_the_longest_answer_ends_with_length_and_without_half_a_character() -> None:
    answer, shown = write("日本", longest=4)
    assert (answer.finish, answer.text, "".join(shown)) == ("length", "日", "日")
    assert len(answer.tokens) == 4


def test_special_tokens_are_no_text() -> None:
    assert write("<|user|>hello")[0].text == "hello"
