"""Choosing the next token of every row: greedy, or drawn by the row's own random numbers.

Row i draws from a generator seeded by (seed, i), so what a row says does not depend on which
rows share its batch; nor do its temperature and its nucleus, which are its own. Numbers are
drawn on the CPU: one seed means one answer on any device.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import InputError
from core.spec import Decoding


@dataclass(frozen=True, slots=True)
class Dice:
    """How the next tokens of one row are chosen."""

    greedy: bool
    temperature: float
    top_p: float
    generator: torch.Generator


def dice_of(decoding: Decoding, row: int) -> Dice:
    """The dice of row `row` of a request.

    Raises:
        InputError: temperature or top_p is no number in its range.
    """
    temperature = _number(decoding.temperature, "temperature", 0.0, 100.0)
    top_p = _number(decoding.top_p, "top_p", 0.0, 1.0)
    return Dice(decoding.greedy, temperature, top_p, row_generator(decoding.seed, row))


def row_generator(seed: int, row: int) -> torch.Generator:
    """The random numbers of one row."""
    digest = hashlib.sha256(f"{seed}:{row}".encode()).digest()
    generator = torch.Generator()
    generator.manual_seed(int.from_bytes(digest[:8], "big") >> 1)
    return generator


def choose_tokens(logits: Tensor, dice: Sequence[Dice]) -> list[int]:
    """One token id for each row, from logits of shape [rows, vocabulary]."""
    drawn = [row for row, own in enumerate(dice) if not own.greedy]
    if len(drawn) == len(dice):
        return _draw(logits, dice)
    tokens = [int(token) for token in logits.argmax(dim=-1).tolist()]
    if drawn:
        found = _draw(logits[drawn], [dice[row] for row in drawn])
        for row, token in zip(drawn, found, strict=True):
            tokens[row] = token
    return tokens


def ranked_first(logits: Tensor, ends: Tensor, ranks: Sequence[int]) -> list[int]:
    """For each row of logits the token of its rank (0 first) among those that end no text.

    Equal logits are ranked by their token's number. A rank beyond the vocabulary takes the last.
    """
    rest = logits.float().clone()
    rest[:, ends] = -torch.inf
    last = rest.shape[-1] - len(ends) - 1
    order = rest.argsort(dim=-1, descending=True, stable=True)
    return [int(order[at, min(rank, last)]) for at, rank in enumerate(ranks)]


class Sampler:
    """Next tokens for rows of one request that carry one generator each."""

    def __init__(self, decoding: Decoding, rows: Sequence[int]) -> None:
        self._dice = {row: dice_of(decoding, row) for row in rows}

    @classmethod
    def alike(cls, decoding: Decoding, rows: Sequence[int]) -> "Sampler":
        """Every row draws what row 0 draws: the rows are one question asked of several models."""
        sampler = cls(decoding, ())
        sampler._dice = {row: dice_of(decoding, 0) for row in rows}
        return sampler

    def choose(self, logits: Tensor, rows: Sequence[int]) -> list[int]:
        """One token id for each row, from logits of shape [rows, vocabulary]."""
        return choose_tokens(logits, [self._dice[row] for row in rows])


def _draw(logits: Tensor, dice: Sequence[Dice]) -> list[int]:
    settings = torch.tensor([[own.temperature, own.top_p] for own in dice]).to(logits.device)
    probabilities = (logits.float() / settings[:, :1]).softmax(dim=-1)
    ordered, tokens = probabilities.sort(dim=-1, descending=True, stable=True)
    total = ordered.cumsum(dim=-1)
    # Nucleus: the fewest tokens that reach top_p together; the first one is always kept.
    kept = ordered.masked_fill((total - ordered >= settings[:, 1:]) & (total > ordered), 0.0)
    total = kept.cumsum(dim=-1)
    drawn = torch.cat([torch.rand(1, generator=own.generator) for own in dice])
    goal = drawn.to(total.device)[:, None] * total[:, -1:]
    place = (total <= goal).sum(dim=-1, keepdim=True)
    last = (kept > 0).sum(dim=-1, keepdim=True) - 1
    return [int(t) for t in tokens.gather(1, torch.minimum(place, last))[:, 0].tolist()]


def _number(text: str, name: str, lowest: float, highest: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not lowest <= value <= highest:
        raise InputError(
            f"{name} = {text!r} cannot be used. Give one from {lowest:g} to {highest:g}."
        )
    return value
