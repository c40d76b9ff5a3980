"""Rows that are written together at one λ, and the tensors that carry them.

Rows are padded on the left behind their common prefix; those of a second batch may join, and
whoever has finished or gone leaves. The rows' settings are their own, so nothing here knows
which request a row belongs to (`core/engine/writer.py` does).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache

from core.engine.decode_cache import (
    bytes_a_token,
    join_behind,
    joins_rows,
    keep_rows,
    roomy_cache,
    trims,
)
from core.engine.portions import ROWS_A_BATCH, common_prefix
from core.engine.prefix_cache import freeze_prefix
from core.engine.protocol import ChosenToken
from core.engine.resident import Resident
from core.engine.row import Row, open_rows
from core.engine.sampler import choose_tokens, ranked_first
from core.engine.token_chances import chosen
from core.lam import Lam

SHARE_LEAVING = 8  # rows leave once an eighth of the batch has finished: leaving copies the cache
# Joining saves a reading of all weights and costs the reading of padding. So much padding is
# always worth it: a small model's forward is bound by other things than memory.
PADDING_SHARE = 4  # of the weights' bytes
LEAST_PADDING_BYTES = 16 * 1024 * 1024


class Batch:
    """Some rows and what a model keeps of them."""

    def __init__(self, resident: Resident, lam: Lam, rows: Sequence[Row]) -> None:
        self._resident, self._lam = resident, lam
        self.rows = list(rows)  # those in the tensors, finished ones among them
        self._cache: Cache | None = None
        self._mask: Tensor | None = None

    @property
    def running(self) -> bool:
        """True while a row is unfinished."""
        return any(row.open for row in self.rows)

    @torch.inference_mode()
    def start(self) -> None:
        """Read all prompts, equal ones once, and write the first token of each answer."""
        texts = self._texts()
        different = list(dict.fromkeys(texts))
        logits = self._read_prompts(different, common_prefix(self._resident, different))
        if len(different) < len(texts):
            place = {tokens: at for at, tokens in enumerate(different)}
            logits = self._repeat(logits, [place[tokens] for tokens in texts])
        self._take(logits)

    @torch.inference_mode()
    def step(self) -> None:
        """Write one more token of every unfinished row."""
        self._let_leave(at_least=-(-len(self.rows) // SHARE_LEAVING))
        assert self._mask is not None
        fed = [[[row.answer.tokens[-1]] if row.open else [0] for row in self.rows]]
        # A finished row may stay for a while: its place must not move beyond the context.
        fed += [[[row.place] if row.open else [0] for row in self.rows]]
        ids, positions = torch.tensor(fed, device=self._resident.device)
        self._mask = torch.cat([self._mask, self._mask.new_ones((len(self.rows), 1))], dim=1)
        logits = self._resident.at(self._lam)(
            input_ids=ids,
            position_ids=positions,
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
        ).logits
        self._take(logits)

    def has_room_for(self, other: "Batch") -> bool:
        """Whether `join` is possible and pays."""
        resident = self._resident
        if self._cache is None or not (resident.pads and joins_rows(resident.model.config)):
            return False
        (rows, width), (more, other_width) = self._size(), other._size()
        padding = -rows * width - more * other_width
        rows, width = rows + more, max(width, other_width)
        padding += rows * width
        worth = max(resident.loaded.weights_bytes // PADDING_SHARE, LEAST_PADDING_BYTES)
        return rows <= ROWS_A_BATCH and padding * bytes_a_token(self._cache) <= worth

    @torch.inference_mode()
    def join(self, other: "Batch") -> None:
        """Take in all rows of another batch, whose tensors are free then.

        Where memory runs out neither batch can be used any more; their rows can.
        """
        self._let_leave(at_least=1)
        other._let_leave(at_least=1)
        assert self._mask is not None and other._mask is not None
        assert self._cache is not None and other._cache is not None
        width, both = max(self._size()[1], other._size()[1]), [*self.rows, *other.rows]
        self._cache = join_behind((self._cache, other._cache), width, width + _room(both))
        self._mask = torch.cat([_padded(self._mask, width), _padded(other._mask, width)])
        self.rows = both
        other.give_up()

    def give_up(self) -> list[Row]:
        """Free the tensors; returns the rows that are unfinished."""
        self._cache = self._mask = None
        return open_rows(self.rows)

    def _size(self) -> tuple[int, int]:
        """Unfinished rows, and the tokens that each takes, padding among them."""
        return len(open_rows(self.rows)), 0 if self._mask is None else self._mask.shape[1]

    def _texts(self) -> list[tuple[int, ...]]:
        return [row.tokens for row in self.rows]

    def _repeat(self, logits: Tensor, places: list[int]) -> Tensor:
        """One row for each place, where so far every different prompt has one."""
        assert self._cache is not None and self._mask is not None
        if not keep_rows(self._cache, places, self._resident.device):
            texts = self._texts()  # what this model keeps cannot be copied: read all of them
            return self._read_prompts(texts, common_prefix(self._resident, texts))
        self._mask = self._mask[places]
        return logits[places]

    def _read_prompts(self, texts: list[tuple[int, ...]], prefix: int) -> Tensor:
        device = self._resident.device
        rest = [tokens[prefix:] for tokens in texts]
        width = max(len(tokens) for tokens in rest)
        pads = [width - len(tokens) for tokens in rest]
        ids = torch.tensor([[0] * p + list(t) for p, t in zip(pads, rest, strict=True)])
        mask = torch.tensor([[1] * prefix + [0] * p + [1] * (width - p) for p in pads])
        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, prefix:]
        self._cache = self._make_cache(prefix, width)
        self._mask = mask.to(device)
        logits: Tensor = self._resident.at(self._lam)(
            input_ids=ids.to(device),
            position_ids=positions.to(device),
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits
        return logits

    def _make_cache(self, prefix: int, width: int) -> Cache:
        plain = DynamicCache(config=self._resident.model.config)
        if not self._resident.shares:
            return plain
        shared = self._read_prefix(prefix, plain) if prefix else None
        return roomy_cache(len(plain.layers), prefix + width + _room(self.rows), shared)

    def _read_prefix(self, prefix: int, cache: DynamicCache) -> Cache:
        tokens = torch.tensor([self.rows[0].tokens[:prefix]], device=self._resident.device)
        self._resident.at(self._lam)(
            input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        return freeze_prefix(cache)

    def _take(self, logits: Tensor) -> None:
        """The next token of every open row, from logits of shape [rows, tokens, vocabulary]."""
        live = [at for at, row in enumerate(self.rows) if row.open]
        rows, last = [self.rows[at] for at in live], logits[live, -1]
        tokens = choose_tokens(last, [row.dice for row in rows])
        self._branch(rows, last, tokens)
        details = self._details(rows, last, tokens)
        for at, (row, token) in enumerate(zip(rows, tokens, strict=True)):
            is_stop = token in self._resident.stop_ids
            row.answer.add(token, is_stop=is_stop, chosen=details.get(at))
            row.fresh = True

    def _branch(self, rows: list[Row], logits: Tensor, tokens: list[int]) -> None:
        """Put the token of its rank where a row's answer begins; ends of text are no branch."""
        at = [i for i, row in enumerate(rows) if row.rank is not None and not row.answer.tokens]
        if at:
            ends = torch.tensor(sorted(self._resident.stop_ids), device=logits.device)
            ranked = ranked_first(logits[at], ends, [rows[i].rank or 0 for i in at])
            for i, token in zip(at, ranked, strict=True):
                tokens[i] = token

    def _details(
        self, rows: list[Row], logits: Tensor, tokens: list[int]
    ) -> dict[int, ChosenToken]:
        """What is told beside a token, by place, for the rows that want it."""
        found: dict[int, ChosenToken] = {}
        for top in {row.top for row in rows if row.top is not None}:
            places = [at for at, row in enumerate(rows) if row.top == top]
            own = [tokens[at] for at in places]
            told = chosen(self._resident.encoder, logits[places], own, top)
            found |= dict(zip(places, told, strict=True))
        return found

    def _let_leave(self, at_least: int) -> None:
        """Finished rows leave when so many have; those that nobody wants leave at once."""
        live = [at for at, row in enumerate(self.rows) if row.open]
        unwanted = any(not row.wanted and row.answer.finish is None for row in self.rows)
        if len(live) == len(self.rows) or self._cache is None or self._mask is None:
            return
        if not unwanted and len(self.rows) - len(live) < at_least:
            return
        mask = self._mask[live]
        # Columns in front that only those who leave have read.
        spare = int(mask.any(dim=0).int().argmax()) if trims(self._cache) else 0
        if keep_rows(self._cache, live, self._resident.device, spare):
            self.rows = [self.rows[at] for at in live]
            self._mask = mask[:, spare:]


def _room(rows: Sequence[Row]) -> int:
    """Tokens that the longest answer may still take."""
    return max(row.answer.remaining for row in rows)


def _padded(mask: Tensor, width: int) -> Tensor:
    return torch.nn.functional.pad(mask, (width - mask.shape[1], 0))
