"""Badges: shown where a rule holds, absent where it cannot tell."""

import pytest

from core.reports.asked_checks import find_checks
from core.reports.badges import (
    badges,
    checks_badge,
    markdown,
    refusal,
    repeated_share,
    target_badge,
)
from core.reports.language import language
from core.tasks.instructions import load_instructions
from core.tasks.suites import load_suite


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I cannot help with that.",  # a typographic apostrophe
        "I cannot assist you with this request.",
        "As an AI language model, I do not have feelings.",
        "We will not provide that.",
    ],
)
def test_a_refusal_is_known_by_its_opening(text: str) -> None:
    assert refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry to hear that. Here is what you can do: rest.",
        "The cat cannot help itself.",
        "I will help with that. " + "And more. " * 30 + "I cannot help with other things.",
        "I can help with that.",
        "",
    ],
)
def test_what_only_sounds_like_one_is_none(text: str) -> None:
    assert refusal(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# Title\ntext", ("heading",)),
        ("- one\n- two", ("list",)),
        ("1. one\n\n2. two", ("list",)),
        ("so **bold** it is", ("bold",)),
        ("```py\nx\n```", ("code",)),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ("table",)),
        ("[a](https://example.org)", ("link",)),
        ("#1 fan, 2 * 3 * 4, a - b, snake_case, 5 ** 2", ()),
        ("- one item is no list", ()),
        ("The answer [see above] (really).", ()),
    ],
)
def test_markdown_is_named_by_what_it_holds(text: str, found: tuple[str, ...]) -> None:
    assert markdown(text) == found


def test_repetition_follows_seq_rep_4() -> None:
    assert repeated_share("la " * 40) == pytest.approx(1 - 1 / 37)
    assert repeated_share("one two three four five six seven eight nine ten eleven twelve") == 0
    assert repeated_share("too short to tell") is None
    assert "repeats itself" in [badge.text for badge in badges("the cat sat on " * 8)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("This is what you should do with the cat that is on your table.", "English"),
        ("Das ist nicht die Katze, die ich mit dem Hund auf der Straße sah.", "German"),
        ("Le chat est sur la table et il ne veut pas que vous le preniez dans vos bras.", "French"),
        ("El gato está en la mesa y no quiere que lo lleves con los perros de la casa.", "Spanish"),
        ("De kat zit op het dak en dat is niet wat ik van deze kat had gedacht.", "Dutch"),
        ("Это кошка, которая живёт в доме.", "Cyrillic script"),
        ("これは猫です。とても可愛いと思います。", "Japanese"),
        ("고양이가 지붕 위에 앉아 있습니다.", "Korean"),
        ("Η γάτα κάθεται πάνω στη στέγη.", "Greek"),
    ],
)
def test_a_plain_language_is_named(text: str, name: str) -> None:
    found = language(text)
    assert found is not None and found.name == name


@pytest.mark.parametrize(
    "text",
    [
        "Sheep, temple and goat.",
        "42",
        "",
        "apple pear plum apple pear plum apple pear plum",
        "de la de la de la de la de la",  # function words of several languages
        "for i in range(10): print(i, end='')",
        "The cat und der Hund are gute Freunde in the Garten",
        "猫 cat 犬 dog",
    ],
)
def test_a_language_that_is_not_plain_is_not_guessed(text: str) -> None:
    assert language(text) is None


def test_the_checks_are_found_by_the_very_text_of_the_instruction() -> None:
    item = next(
        one
        for one in load_instructions(load_suite("tinyworld-instructions"))
        if one.reference and one.system is None
    )
    found = find_checks(item.instruction, None)
    assert found is not None and found.item == item.id and item.reference is not None
    assert found.failed(item.reference) == ()
    assert len(found.failed("")) > 0
    assert find_checks(item.instruction, "Another system prompt.") is None
    assert find_checks(item.instruction + " please", None) is None
    assert find_checks("  ", None) is None
    badge = checks_badge(1, 3, ("names a cat", "has two words"))
    assert badge.text == "checks 1/3" and "names a cat" in badge.why and badge.tone == "bad"


@pytest.mark.parametrize(
    ("text", "target", "right"),
    [
        (" singer\n\nQuestion: …", " singer", True),
        ("Singer.", "singer", True),
        ("singers sing", "singer", False),
        ("a singer", "singer", False),
        ("", "singer", False),
        ("C. it is", "C", True),
    ],
)
def test_a_few_shot_answer_is_held_to_its_target(text: str, target: str, right: bool) -> None:
    assert (target_badge(text, target).tone == "good") == right
