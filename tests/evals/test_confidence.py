"""Δ confidence on logits made by hand, whose margins are known."""

import math

import pytest
import torch

from core.engine.pools import margin, token_widths
from core.engine.token_chances import chosen
from core.engine.torch_engine import TorchEngine
from core.evals.confidence import delta, placed
from core.evals.extract import extract
from core.evals.reasoning_summary import chosen_by_delta, chosen_by_sum
from core.store.reasoning import (
    ExtractionRecord,
    pack_margins,
    pack_widths,
    unpack_margins,
    unpack_widths,
    with_repeats,
    without_repeats,
)


def logits_with(margins: list[float], tokens: list[int], size: int) -> torch.Tensor:
    """Rows whose chosen token has probability (1 + m) / 2 and one other the rest."""
    rows = torch.full((len(tokens), size), -100.0)
    for at, (gap, token) in enumerate(zip(margins, tokens, strict=True)):
        rows[at, token] = math.log((1 + gap) / 2)
        rows[at, (token + 1) % size] = math.log((1 - gap) / 2)
    return rows


@pytest.mark.parametrize(
    "text", ["First 9 + 8 = 17. The answer is 17.", "λ🙂 é: the answer is 17. Yes"]
)
def test_delta_is_the_mean_margin_of_the_answers_own_tokens(
    tiny_engine: TorchEngine, text: str
) -> None:
    encoder = tiny_engine.resident("tiny").encoder
    tokens = encoder.tokenizer.encode(text, add_special_tokens=False)
    margins = [0.01 * (1 + at % 90) for at in range(len(tokens))]
    told = chosen(encoder, logits_with(margins, tokens, len(encoder.tokenizer)), tokens, 2)
    found = extract(text, "number", wants_json=False, finish="stop")
    assert found.answer == "17" and found.span is not None
    # The tokens of the answer, found the slow way: those whose removal shortens that stretch.
    ends = [len(encoder.decode(tokens[: at + 1]).rstrip("�")) for at in range(len(tokens))]
    starts = [0, *ends[:-1]]
    own = [at for at, (a, b) in enumerate(zip(starts, ends, strict=True))
           if b > a and a < found.span[1] and b > found.span[0]]  # fmt: skip
    assert 1 <= len(own) <= 3
    expected = sum(margins[at] for at in own) / len(own)
    measured = delta([margin(one) for one in told], token_widths(encoder, tokens), found.span)
    assert measured == pytest.approx(expected, abs=1e-5)


def test_tokens_of_one_character_lie_where_it_does() -> None:
    widths = [3, 0, 0, 1, -1, 2]  # "abc", a character of three tokens, a special one, "de"
    assert list(placed(widths)) == [(0, 0, 3), (1, 3, 4), (2, 3, 4), (3, 3, 4), (5, 4, 6)]
    margins = [0.1, 0.2, 0.3, 0.4, 9.9, 0.6]
    assert delta(margins, widths, (3, 4)) == pytest.approx(0.3)
    assert delta(margins, widths, (4, 6)) == pytest.approx(0.6)
    assert delta(margins, widths, (2, 5)) == pytest.approx((0.1 + 0.2 + 0.3 + 0.4 + 0.6) / 5)
    assert delta(margins, widths, None) is None
    assert delta(margins, widths, (6, 9)) is None


def record(keys: list[str | None], deltas: list[float | None]) -> ExtractionRecord:
    answers = tuple(keys)
    return ExtractionRecord("i", answers, (None,) * len(keys), (None,) * len(keys),
                            deltas=tuple(deltas))  # fmt: skip


def test_the_surest_branch_and_the_surest_answer_may_differ() -> None:
    one = record(["a", "b", "b", None], [0.9, 0.6, 0.5, None])
    assert chosen_by_delta(one) == 0
    assert chosen_by_sum(one) == 1  # 0.6 + 0.5 for b against 0.9 for a
    assert chosen_by_sum(one, 2) == 0  # of the first two branches alone
    nothing = record([None, None], [None, None])
    assert chosen_by_delta(nothing) is None and chosen_by_sum(nothing) is None
    assert chosen_by_delta(record(["a", "b"], [0.5, 0.5])) == 0  # the likelier first token


def test_what_is_packed_comes_back() -> None:
    margins = [0.0, 1.0, 0.123456, 0.5]
    assert unpack_margins(pack_margins(margins)) == pytest.approx(margins, abs=1 / 131070)
    for widths in ([0, 1, -1, 254], [0, 255, -1, 4000], []):
        assert unpack_widths(pack_widths(widths)) == widths
    texts = ("a", "b", "a", "a", "c", "b")
    assert without_repeats(texts) == ["a", "b", 0, 0, "c", 1]
    assert with_repeats(without_repeats(texts)) == texts
