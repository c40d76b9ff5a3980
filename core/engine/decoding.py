"""Writing answers at one λ, token by token, as a sequence of small steps.

Our own loop over forward + cache, because every row needs its own random numbers, its own end
and its own stream, and because the host must be able to put other work between two tokens.
Rows are padded on the left behind their common prefix; a finished row leaves the batch.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache

from core.engine.answer import Answer
from core.engine.decode_cache import keep_rows, roomy_cache
from core.engine.out_of_memory import halves, ran_out
from core.engine.prefix_cache import freeze_prefix
from core.engine.protocol import ChosenToken
from core.engine.resident import Resident
from core.engine.sampler import Sampler
from core.engine.score_plan import WORTH_A_FORWARD, common_length
from core.engine.token_chances import chosen
from core.lam import Lam
from core.spec import Decoding

ROWS_A_BATCH = 64
SHARE_LEAVING = 8  # rows leave once an eighth of the batch has finished: leaving copies the cache


@dataclass(frozen=True, slots=True)
class Order:
    """One prompt to be answered; `row` names it and seeds its random numbers."""

    row: int
    tokens: tuple[int, ...]


class Batch:
    """Rows that are written together, and the tensors that carry them."""

    def __init__(
        self,
        resident: Resident,
        lam: Lam,
        orders: Sequence[Order],
        decoding: Decoding,
        top: int | None = None,
    ) -> None:
        self._resident, self._lam, self._decoding, self._top = resident, lam, decoding, top
        self._orders = list(orders)  # rows still in the tensors, finished ones among them
        self._sampler = Sampler(decoding, [order.row for order in orders])
        longest = decoding.max_new_tokens
        self.answers = {
            order.row: Answer(resident.encoder.decode, decoding.stop, longest) for order in orders
        }
        self._longest = longest
        self._cache: Cache | None = None
        self._mask: Tensor | None = None
        self._positions: Tensor | None = None

    @property
    def running(self) -> bool:
        """True while a row is unfinished."""
        return any(answer.finish is None for answer in self.answers.values())

    @torch.inference_mode()
    def start(self) -> None:
        """Read all prompts and write the first token of each answer."""
        prefix = _common_prefix(self._orders) if self._resident.shares else 0
        logits = self._read_prompts(prefix)
        self._take(logits)

    @torch.inference_mode()
    def step(self) -> None:
        """Write one more token of every unfinished row."""
        self._let_finished_leave()
        assert self._mask is not None and self._positions is not None
        device = self._resident.device
        last = [self.answers[order.row].tokens[-1:] or [0] for order in self._orders]
        self._mask = torch.cat([self._mask, self._mask.new_ones((len(last), 1))], dim=1)
        logits = self._resident.at(self._lam)(
            input_ids=torch.tensor(last, device=device),
            position_ids=self._positions,
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
        ).logits
        self._positions = self._positions + 1
        self._take(logits)

    def halves(self, error: Exception) -> tuple["Batch", ...]:
        """Two batches that go on with the unfinished rows after memory ran out.

        Raises:
            EngineError: there is only one row.
        """
        self._cache = self._mask = self._positions = None
        rows = [order for order in self._orders if self._open(order)]
        return tuple(self._part(part) for part in halves(rows, self._resident, error))

    def _part(self, orders: Sequence[Order]) -> "Batch":
        """Some of the rows, with what they have written and the state of their dice."""
        part = Batch(self._resident, self._lam, orders, self._decoding, self._top)
        part.answers = {order.row: self.answers[order.row] for order in orders}
        part._sampler = self._sampler
        return part

    def _read_prompts(self, prefix: int) -> Tensor:
        device = self._resident.device
        written = [self.answers[order.row].tokens for order in self._orders]
        rest = [(*o.tokens[prefix:], *w) for o, w in zip(self._orders, written, strict=True)]
        width = max(len(tokens) for tokens in rest)
        pads = [width - len(tokens) for tokens in rest]
        ids = torch.tensor([[0] * p + list(t) for p, t in zip(pads, rest, strict=True)])
        mask = torch.tensor([[1] * prefix + [0] * p + [1] * (width - p) for p in pads])
        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, prefix:]
        self._cache = self._make_cache(prefix, width)
        self._mask, self._positions = mask.to(device), positions[:, -1:].to(device) + 1
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
        config = self._resident.model.config
        plain = DynamicCache(config=config)
        if not self._resident.shares:
            return plain
        shared = self._read_prefix(prefix, plain) if prefix else None
        layers = len(plain.layers)
        return roomy_cache(layers, prefix + width + self._longest, shared)

    def _read_prefix(self, prefix: int, cache: DynamicCache) -> Cache:
        tokens = torch.tensor([self._orders[0].tokens[:prefix]], device=self._resident.device)
        self._resident.at(self._lam)(
            input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        return freeze_prefix(cache)

    def _take(self, logits: Tensor) -> None:
        live = [i for i, order in enumerate(self._orders) if self._open(order)]
        rows = [self._orders[i].row for i in live]
        last = logits[live, -1]
        tokens = self._sampler.choose(last, rows)
        details = self._details(last, tokens)
        for row, token, detail in zip(rows, tokens, details, strict=True):
            self.answers[row].add(token, is_stop=token in self._resident.stop_ids, chosen=detail)

    def _details(self, logits: Tensor, tokens: list[int]) -> Sequence[ChosenToken | None]:
        if self._top is None:
            return [None] * len(tokens)
        return chosen(self._resident.encoder, logits, tokens, self._top)

    def _open(self, order: Order) -> bool:
        return self.answers[order.row].finish is None

    def _let_finished_leave(self) -> None:
        live = [i for i, order in enumerate(self._orders) if self._open(order)]
        finished = len(self._orders) - len(live)
        if finished * SHARE_LEAVING < len(self._orders) or self._cache is None:
            return
        assert self._mask is not None and self._positions is not None
        if finished and keep_rows(self._cache, live, self._resident.device):
            self._orders = [self._orders[i] for i in live]
            self._mask, self._positions = self._mask[live], self._positions[live]


def decode_steps(
    resident: Resident,
    lam: Lam,
    orders: Iterable[Order],
    decoding: Decoding,
    top: int | None = None,
) -> Generator[dict[int, Answer], None, None]:
    """Answer every order; yields the batch's answers after each token.

    With `top` each token comes with its log-probability and so many other candidates.
    """
    for batch_orders in _batches(resident, list(orders)):
        yield from _write(Batch(resident, lam, batch_orders, decoding, top))


def _write(batch: Batch) -> Generator[dict[int, Answer], None, None]:
    """All tokens of a batch; where memory runs out, its rows go on in two smaller ones."""
    try:
        batch.start()
        yield batch.answers
        while batch.running:
            batch.step()
            yield batch.answers
        return
    except Exception as error:
        if not ran_out(error):
            raise
        told = error.with_traceback(None)  # its frames hold the failed step's tensors
    for part in batch.halves(told):
        yield from _write(part)


def _batches(resident: Resident, orders: list[Order]) -> Iterator[list[Order]]:
    """Prompts of similar length together, longest first."""
    batch: list[Order] = []
    for order in sorted(orders, key=lambda order: -len(order.tokens)):
        wider = [*batch, order]
        if batch and not _fits(resident, wider):
            yield batch
            wider = [order]
        batch = wider
    if batch:
        yield batch


def _fits(resident: Resident, orders: list[Order]) -> bool:
    longest = len(orders[0].tokens)
    if not resident.pads and len(orders[-1].tokens) != longest:
        return False
    prefix = _common_prefix(orders) if resident.shares else 0
    return (
        len(orders) <= ROWS_A_BATCH and len(orders) * (longest - prefix) <= resident.prompt_budget
    )


def _common_prefix(orders: Sequence[Order]) -> int:
    """Tokens that all prompts share, leaving at least one of each to be read."""
    if len(orders) < 2:
        return 0
    first = min(order.tokens for order in orders)
    last = max(order.tokens for order in orders)
    shared = min(common_length(first, last), *(len(order.tokens) - 1 for order in orders))
    return shared if shared * (len(orders) - 1) >= WORTH_A_FORWARD else 0
