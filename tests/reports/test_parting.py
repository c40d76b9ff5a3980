"""Where texts part: nothing is claimed of text that may yet come, and no character is lost."""

import random

import pytest

from core.reports.parting import (
    Said,
    first_parting,
    in_words,
    mark,
    pieces,
    same_texts,
    shared_words,
)

NAMES = ("λ 0", "λ 0.5", "λ 1")
WORDS = ("a", "b", "cat", "\n", "  ", "<b>", "…", "ß")


def random_text(draw: random.Random) -> str:
    return "".join(
        draw.choice(WORDS) + draw.choice((" ", "", "\n")) for _ in range(draw.randint(0, 12))
    )


def test_pieces_joined_are_the_text() -> None:
    draw = random.Random(1)
    for _ in range(200):
        text = random_text(draw)
        assert "".join(pieces(text)) == text


def test_marked_parts_joined_are_the_text_and_the_shared_part_begins_both() -> None:
    draw = random.Random(2)
    for _ in range(300):
        one, other = random_text(draw), random_text(draw)
        marked = mark(Said(one), Said(other), by_word=True)
        assert "".join(part.text for part in marked.parts) == one
        shared = "".join(part.text for part in marked.parts if part.kind == "shared")
        assert one.startswith(shared) and other.startswith(shared)
        assert (marked.parted is None) == (one == other)
        assert marked.parted in (None, len(shared))


@pytest.mark.parametrize(
    ("one", "other", "words", "parted"),
    [
        (Said("a b c"), Said("a b c"), 3, False),
        (Said("a b c"), Said("a b d"), 2, True),
        (Said("a b"), Said("a b c"), 2, True),  # one ended where the other goes on
        (Said("a b", open=True), Said("a b c"), 2, False),  # it may still go on
        (Said("a b c", open=True), Said("a b"), 2, True),  # the other has ended, this one has not
        (Said("a be", open=True), Said("a bet d"), 1, False),  # half a word
        (Said("a bx", open=True), Said("a bet d"), 1, True),
        (Said("", open=True), Said("a"), 0, False),
        (Said(""), Said("a"), 0, True),
    ],
)
def test_an_open_text_has_not_parted_as_long_as_it_may_say_the_same(
    one: Said, other: Said, words: int, parted: bool
) -> None:
    assert shared_words(one, other) == (words, parted)
    assert shared_words(other, one) == (words, parted)


def test_differing_words_are_those_that_the_other_lacks() -> None:
    marked = mark(Said("red cat and a dog"), Said("red cow and a dog"), by_word=True)
    told = [(part.kind, part.text) for part in marked.parts]
    assert told == [("shared", "red"), ("differs", " cat"), ("plain", " and a dog")]


def test_texts_with_little_in_common_are_not_marked_word_by_word() -> None:
    marked = mark(Said("one two three four"), Said("five six seven eight"), by_word=True)
    assert [part.kind for part in marked.parts] == ["plain"] and marked.parted == 0


def test_the_first_parting_is_the_earliest_of_the_neighbours() -> None:
    texts = [Said("a b c"), Said("a b d"), Said("a x")]
    parting = first_parting(texts)
    assert parting is not None and (parting.left, parting.words) == (1, 1)
    assert "between λ 0.5 and λ 1, after 1 word" in in_words(texts, NAMES)
    assert first_parting([Said("a"), Said("a")]) is None


def test_the_same_texts_are_named_and_open_ones_are_not() -> None:
    texts = [Said("a"), Said("a"), Said("b")]
    assert same_texts(texts) == ((0, 1),)
    assert "The very same text: λ 0, λ 0.5." in in_words(texts, NAMES)
    assert same_texts([Said("a", open=True), Said("a")]) == ()
    assert in_words([Said("a")] * 3, NAMES) == "All columns say the same."
    assert in_words([Said("a", open=True)] * 3, NAMES) == "All columns say the same so far."
    assert in_words([Said("")] * 3, NAMES) == "Nothing has been written yet."
