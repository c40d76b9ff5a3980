"""The small world: one truth, the same everywhere, said in well-formed English."""

import re
import subprocess
import sys
from collections import Counter

import pytest

from core.demo.documents_facts import QUESTIONS, TELLINGS
from core.demo.streams import SECOND_WEIGHTS, WEIGHTS, pretrain_documents
from core.demo.world import (
    ANTONYMS,
    COLOURS,
    COUNTRIES,
    FACTS,
    PAST_TENSES,
    PEOPLE,
    RELATION_VALUES,
    THINGS,
    TOWNS,
)

SAMPLE = 4000
LARGEST_VOCABULARY = 1300  # word forms, whatever their case


@pytest.fixture(scope="module")
def stream() -> list[str]:
    return list(pretrain_documents(7, 3, SAMPLE))


def test_every_fact_has_one_value_and_names_are_not_shared() -> None:
    stated = Counter((fact.kind, fact.entity, fact.relation) for fact in FACTS)
    assert set(stated.values()) == {1}
    names = [person.name for person in PEOPLE] + [town.name for town in TOWNS]
    names += [country.name for country in COUNTRIES] + [thing.noun for thing in THINGS]
    assert len(names) == len(set(names))
    assert {town.country for town in TOWNS} == {country.name for country in COUNTRIES}
    assert {country.capital for country in COUNTRIES} <= {town.name for town in TOWNS}


def test_every_fact_is_told_in_several_ways_that_hold_its_value() -> None:
    for fact in FACTS:
        assert len(TELLINGS[fact]) >= 2, fact
        assert QUESTIONS[fact]
        for sentence in TELLINGS[fact]:
            said = sentence.lower()
            assert fact.value.lower().rstrip("y") in said or fact.value[:4] in said, sentence
            assert sentence[0].isupper() and sentence[-1] in ".!?"


def test_questions_have_at_least_four_possible_answers_to_choose_from() -> None:
    assert min(len(values) for values in RELATION_VALUES.values()) >= 4


def test_a_thing_is_no_verb_and_no_colour() -> None:
    # A word of two families could carry a label that is held back for one of them.
    nouns = {word for thing in THINGS for word in (thing.noun, thing.plural)} - {"cook"}
    others = {word for pair in (*ANTONYMS, *PAST_TENSES) for word in pair} | set(COLOURS)
    assert nouns & others == set()


def test_a_shard_depends_on_seed_and_shard_alone(stream: list[str]) -> None:
    assert list(pretrain_documents(7, 3, 300)) == stream[:300]
    assert list(pretrain_documents(7, 4, 300)) != stream[:300]
    assert list(pretrain_documents(8, 3, 300)) != stream[:300]


def test_another_process_makes_the_same_texts(stream: list[str]) -> None:
    code = (
        "from core.demo.streams import pretrain_documents as make; import hashlib;"
        "print(hashlib.sha256(repr(list(make(7, 3, 200))).encode()).hexdigest())"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert made[0] == made[1]


def test_nothing_is_left_unfilled_and_no_document_is_empty(stream: list[str]) -> None:
    assert [text for text in stream if not text.strip() or text != text.strip()] == []
    assert [text for text in stream if re.search(r"\{\w*\}|None|  ", text)] == []


def test_articles_agree_with_what_follows(stream: list[str]) -> None:
    said = "\n".join(stream)
    wrong = re.findall(r"\b(?:[Aa] [aeiou]\w+|[Aa]n [b-df-hj-np-tv-z]\w+)", said)
    assert set(wrong) - {"an hour"} == set()


def test_the_vocabulary_stays_small(stream: list[str]) -> None:
    words = (word for text in stream for word in re.findall(r"[A-Za-z]+", text))
    forms = {word.lower() for word in words}
    assert len(forms) < LARGEST_VOCABULARY


def test_every_kind_of_document_occurs_and_none_is_half_of_the_text() -> None:
    from random import Random

    rng = Random(1)
    lengths = {name: sum(len(make(rng)) for _ in range(60)) for name, (_, make) in WEIGHTS.items()}
    for shares in ({name: weight for name, (weight, _) in WEIGHTS.items()}, SECOND_WEIGHTS):
        made = {name: shares[name] * length for name, length in lengths.items()}
        assert {name for name, size in made.items() if not size} <= {"letter tables"}
        assert max(made.values()) < 0.5 * sum(made.values())
