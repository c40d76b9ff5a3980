"""What the suites ask was never answered in training: looked for in the whole streams."""

from random import Random

import pytest

from core.demo.documents_facts import OPEN_FACTS, QUESTIONS
from core.demo.documents_labels import label_document
from core.demo.documents_letters import letter_document
from core.demo.documents_problems import free_numbers, numbers_key
from core.demo.held_out import SHARES, reserved
from core.demo.overlap import Overlap, answer_of, found_in, rendered, sought
from core.demo.streams import pretrain_documents
from core.demo.suite_icl import icl_tasks
from core.demo.world import FACTS, MEMBERS


def test_each_kind_keeps_about_the_share_it_names() -> None:
    for kind, parts in SHARES.items():
        kept = sum(reserved(kind, (str(number), "key")) for number in range(4000)) / 4000
        assert kept == pytest.approx(parts / 64, abs=0.03), kind


def test_case_does_not_change_what_is_kept() -> None:
    assert all(
        reserved("labels", ("Fruit", word)) == reserved("labels", ("fruit", word.upper()))
        for word in ("dorp", "mivel", "zant", "kepo")
    )


def test_whole_streams_share_no_question_with_its_answer_with_any_suite(
    whole_streams: Overlap,
) -> None:
    assert whole_streams.found == ()


def test_the_search_finds_what_is_there_in_any_case_and_punctuation() -> None:
    task = icl_tasks()[0]
    row = task.test[0]
    text = f"Once more! {rendered(task, row).upper()}\n\n-- {answer_of(row)}. Well."
    assert row["id"] in {found.item for found in found_in([text])}
    items = {item for item, _ in sought()}
    assert {found.item for found in found_in(text for _, text in sought())} == items


def test_kept_facts_are_told_but_never_asked() -> None:
    kept = [fact for fact in FACTS if fact not in OPEN_FACTS]
    assert len(kept) > 300
    asked = {text for fact in kept for text in QUESTIONS[fact]}
    asked -= {text for fact in OPEN_FACTS for text in QUESTIONS[fact]}
    rng = Random(3)
    said = "\n".join([*pretrain_documents(5, 0, 3000), *(letter_document(rng) for _ in range(500))])
    assert [text for text in asked if text in said] == []


def test_kept_labels_never_stand_on_their_family() -> None:
    rng = Random(4)
    fruits = {word for thing in MEMBERS["fruit"] for word in (thing.noun, thing.plural)}
    for _ in range(3000):
        for line in label_document(rng).split("\n"):
            text, arrow, label = line.partition(" -> ")
            if arrow and text.split()[-1] in fruits:
                assert not reserved("labels", ("fruit", label)), line


def test_problems_draw_their_numbers_from_disjoint_sets() -> None:
    rng = Random(5)
    free = {free_numbers(rng, "+-") for _ in range(500)}
    held = {free_numbers(rng, "+-", held=True) for _ in range(500)}
    assert free.isdisjoint(held)
    assert all(reserved("problem", numbers_key(numbers)) for numbers in held)
