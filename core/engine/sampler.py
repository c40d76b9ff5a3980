"""Choosing the next token of every row: greedy, or drawn by the row's own random numbers.

Row i draws from a generator seeded by (seed, i), so what a row says does not depend on which
rows share its batch. Numbers are drawn on the CPU: one seed means one answer on any device.
"""

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

from core.errors import InputError
from core.spec import Decoding


def row_generator(seed: int, row: int) -> torch.Generator:
    """The random numbers of one row."""
    digest = hashlib.sha256(f"{seed}:{row}".encode()).digest()
    generator = torch.Generator()
    generator.manual_seed(int.from_bytes(digest[:8], "big") >> 1)
    return generator


class Sampler:
    """Next tokens for rows that carry one generator each."""

    def __init__(self, decoding: Decoding, rows: Sequence[int]) -> None:
        self._greedy = decoding.greedy
        self._temperature = _number(decoding.temperature, "temperature", 0.0, 100.0)
        self._top_p = _number(decoding.top_p, "top_p", 0.0, 1.0)
        self._generators = {row: row_generator(decoding.seed, row) for row in rows}

    @classmethod
    def alike(cls, decoding: Decoding, rows: Sequence[int]) -> "Sampler":
        """Every row draws what row 0 draws: the rows are one question asked of several models."""
        sampler = cls(decoding, rows)
        sampler._generators = {row: row_generator(decoding.seed, 0) for row in rows}
        return sampler

    def choose(self, logits: Tensor, rows: Sequence[int]) -> list[int]:
        """One token id for each row, from logits of shape [rows, vocabulary]."""
        if self._greedy:
            return [int(token) for token in logits.argmax(dim=-1).tolist()]
        probabilities = (logits.float() / self._temperature).softmax(dim=-1)
        ordered, tokens = probabilities.sort(dim=-1, descending=True, stable=True)
        total = ordered.cumsum(dim=-1)
        # Nucleus: the fewest tokens that reach top_p together; the first one is always kept.
        kept = ordered.masked_fill((total - ordered >= self._top_p) & (total > ordered), 0.0)
        total = kept.cumsum(dim=-1)
        drawn = torch.cat([torch.rand(1, generator=self._generators[row]) for row in rows])
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
