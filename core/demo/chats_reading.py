"""Instructions whose answer lies in the text they give: passages, reviews, news, sorting words."""

from collections.abc import Callable

from core.demo.chats_exchange import Draw, Exchange
from core.demo.chats_wording import facts_in
from core.demo.documents_news import news_line, review_line
from core.demo.documents_passages import KINDS, passage
from core.demo.grammar import capitalised, listed, with_article
from core.demo.world import CATEGORIES
from core.judges.checks_content import Contains, OneOf
from core.judges.checks_shape import MaxWords

_READ = (
    "Read the text and answer the question. {} {} Keep it short.", "{} {} Answer in a few words.",
    "Text: {} Question: {} Answer in a few words.", "{} {} Keep the answer short.",
)  # fmt: skip


def read_passage(draw: Draw) -> Exchange:
    """A question about a short passage."""
    kind = draw.pick(tuple(KINDS))
    drawn = passage(draw.rng, kind, held=draw.held_out)
    question, answer = draw.pick(drawn.rows)
    text = draw.pick(_READ).format(drawn.text, question)
    checks = (Contains(answer), MaxWords(len(answer.split()) + 3))
    return Exchange("reading", kind, text, f"{capitalised(answer)}.", checks)


_FEELING = (
    'Is this review {}? "{}"', 'Tell me if this review is {}: "{}"',
    'Label this review as {}: "{}"',
    'Read the review and say {}: "{}"',
)  # fmt: skip
_DIRECTION = (
    'Does this news say {}? "{}"', 'Label this news as {}: "{}"', 'Read the news and say {}: "{}"',
)  # fmt: skip
_SORTS: tuple[tuple[Callable[..., str], tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (review_line, _FEELING, (("good", "bad"), ("positive", "negative"), ("happy", "sad"))),
    (news_line, _DIRECTION, (("up", "down"), ("rise", "fall"), ("good", "bad"))),
)
_ONLY = ("Answer with one word.", "One word only.", "Reply with the label only.")


def label_line(draw: Draw) -> Exchange:
    """A review or a line of news with one of two stated labels."""
    line, forms, pairs = draw.pick(_SORTS)
    good = draw.chance(0.5)
    labels = draw.pick(pairs)
    answer = labels[0] if good else labels[1]
    shown = draw.some(labels, 2)
    said = line(draw.rng, good=good, held=draw.held_out)
    text = draw.pick(forms).format(" or ".join(shown), said)
    return Exchange("label", labels[0], f"{text} {draw.pick(_ONLY)}", f"{capitalised(answer)}.",
                    (OneOf((answer,)), MaxWords(1)))  # fmt: skip


_SORT = (
    "Sort the word into one of these groups: {0}. The word is: {1}.", "Is it {or_}? The word: {1}.",
    "Choose a label from {0} for this word: {1}.",
)  # fmt: skip


def label_word(draw: Draw) -> Exchange | None:
    """A thing with one of three or four stated categories."""
    fact = draw.pick(facts_in(draw, "label", "thing", "category"))
    wrong = draw.some([c for c in CATEGORIES if c != fact.value], draw.pick((2, 3)))
    shown = draw.some([fact.value, *wrong], len(wrong) + 1)
    named = ["furniture" if c == "furniture" else with_article(c) for c in shown]
    if {"animal", "bird"} <= set(shown):  # a bird is an animal too
        return None
    either = f"{', '.join(named[:-1])} or {named[-1]}"
    text = draw.pick(_SORT).format(listed(shown), fact.entity, or_=either)
    checks = (OneOf((fact.value,)), MaxWords(1))
    return Exchange("label", "category", f"{text} {draw.pick(_ONLY)}",
                    f"{capitalised(fact.value)}.", checks)  # fmt: skip


def label_any(draw: Draw) -> Exchange | None:
    """Either sort of labelling."""
    return label_line(draw) if draw.chance(0.5) else label_word(draw)
