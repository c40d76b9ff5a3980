"""The chat stream: the same from the same seed, well formed, true to its own checks, held out."""

import re
from collections import Counter
from random import Random

import pytest

from core.demo.chats import MAKERS, Conversation, chat_conversations
from core.demo.chats_exchange import Draw, drawn
from core.demo.chats_wording import asked
from core.demo.documents_problems import FORMULA_DOMAINS, HELD_DOMAINS
from core.demo.held_out import reserved
from core.demo.world import FACTS
from core.judges.checks import passes

SAMPLE = 6000


@pytest.fixture(scope="module")
def stream() -> list[Conversation]:
    return list(chat_conversations(7, 3, SAMPLE))


def test_a_shard_depends_on_seed_and_shard_alone(stream: list[Conversation]) -> None:
    assert list(chat_conversations(7, 3, 500)) == stream[:500]
    assert list(chat_conversations(7, 4, 500)) != stream[:500]
    assert list(chat_conversations(8, 3, 500)) != stream[:500]


def test_roles_alternate_and_the_assistant_speaks_last(stream: list[Conversation]) -> None:
    for conversation in stream:
        roles = [message.role for message in conversation]
        spoken = roles[1:] if roles[0] == "system" else roles
        assert spoken == ["user", "assistant"] * (len(spoken) // 2) and spoken
        assert all(m.content.strip() == m.content and m.content for m in conversation)


def test_nothing_is_left_unfilled(stream: list[Conversation]) -> None:
    texts = [m.content for conversation in stream for m in conversation]
    assert [text for text in texts if re.search(r"\{\w*\}|None|  ", text)] == []


def test_articles_agree_with_what_follows(stream: list[Conversation]) -> None:
    said = [m.content.lower() for c in stream for m in c if m.role == "assistant"]
    assert [text for text in said if re.search(r"\b(a [aeiou]|an [^aeiou\W])", text)] == []


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("held_out", [False, True])
def test_answers_pass_their_own_checks(kind: str, held_out: bool) -> None:
    draw = Draw(Random(f"{kind} {held_out}"), held_out)
    for _ in range(150):
        made = drawn(MAKERS[kind][1], draw)
        failed = [check.describe() for check in made.checks if not passes(check, made.answer)]
        assert not failed, (made.instruction, made.answer)
        assert made.kind == kind
        assert any(check.content for check in made.checks)


def test_no_reserved_fact_is_asked(stream: list[Conversation]) -> None:
    kept = [fact for fact in FACTS if reserved("fact", (fact.entity, fact.relation))]
    questions = {text for fact in kept for text in asked(fact)}
    open_too = {text for fact in FACTS if fact not in kept for text in asked(fact)}
    said = "\n".join(m.content for c in stream for m in c if m.role == "user")
    assert [text for text in questions - open_too if text in said] == []


def test_no_domain_kept_for_the_suites_is_used(stream: list[Conversation]) -> None:
    said = "\n".join(message.content for conversation in stream for message in conversation)
    kept = {(thing, what) for thing, what, *_ in HELD_DOMAINS}
    assert kept.isdisjoint((thing, what) for thing, what, *_ in FORMULA_DOMAINS)
    assert [pair for pair in kept if f"The {pair[1]} of a {pair[0]} is" in said] == []


def test_no_kind_of_talk_drowns_the_others(stream: list[Conversation]) -> None:
    answers = Counter(m.content for c in stream for m in c if m.role == "assistant")
    assert answers.most_common(1)[0][1] < 0.03 * SAMPLE
    assert sum(any(m.role == "system" for m in c) for c in stream) > 0.1 * SAMPLE
    assert sum(len(c) > 3 for c in stream) > 0.1 * SAMPLE
    assert sum(m.content.startswith("{") for c in stream for m in c) > 0.05 * SAMPLE
