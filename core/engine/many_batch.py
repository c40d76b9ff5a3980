"""One prompt at several λ, a row each, all rows one token further with every step.

Prompt and answers are computed by the blended model from the two parents alone. A prompt is
long, so its cost is arithmetic: there each module merges its weights, one λ after another, into
a scratch. An answer's next token costs the reading of weights, which all rows share: there the
products are blended. Rows that have ended leave.
"""

import copy
from collections.abc import Generator, Iterator, Sequence

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache

from core.engine.answer import Answer
from core.engine.decode_cache import join_rows, keep_rows
from core.engine.out_of_memory import halves
from core.engine.resident import Resident
from core.engine.sampler import Sampler
from core.lam import Lam
from core.merge.blended import Blended
from core.spec import Decoding


class ManyBatch:
    """Rows that are written together; row i is at lams[i]."""

    def __init__(
        self,
        resident: Resident,
        blended: Blended,
        lams: Sequence[Lam],
        tokens: tuple[int, ...],
        decoding: Decoding,
    ) -> None:
        self._resident, self._blended = resident, blended
        self._lams, self._tokens = tuple(lams), tokens
        self._rows = list(range(len(lams)))  # those still in the tensors, in their order
        self._sampler = Sampler.alike(decoding, self._rows)
        self._longest = decoding.max_new_tokens
        self._cache: Cache | None = None
        self._length = 0  # tokens a row in the cache
        self.answers = {
            row: Answer(resident.encoder.decode, decoding.stop, self._longest) for row in self._rows
        }

    def read_prompt(self) -> Generator[None, None, None]:
        """Read what there is, as many λ a step as fit; the last writes every row's next token."""
        caches: list[Cache] = []
        logits: list[Tensor] = []
        written = len(self.answers[self._rows[0]].tokens)  # all rows have equally many
        self._length = len(self._tokens) + written
        for rows in self._readings():
            if caches:
                yield
            lams = [self._lams[row] for row in rows]
            tokens = [(*self._tokens, *self.answers[row].tokens) for row in rows]
            cache, last = read_prompts(self._resident, self._blended, lams, tokens)
            caches.append(cache)
            logits.append(last)
        self._begin(caches, torch.cat(logits))

    def _readings(self) -> Iterator[list[int]]:
        at_once = max(1, self._resident.prompt_budget // self._length)
        for start in range(0, len(self._rows), at_once):
            yield self._rows[start : start + at_once]

    def halves(self, error: Exception) -> tuple["ManyBatch", ...]:
        """Two batches that go on with the unfinished rows after memory ran out.

        Raises:
            EngineError: there is only one row.
        """
        self._cache = None
        rows = [row for row in self._rows if self.answers[row].finish is None]
        return tuple(self._part(part) for part in halves(rows, self._resident, error))

    def _part(self, rows: Sequence[int]) -> "ManyBatch":
        """Some of the rows, with what they have written and the state of their dice."""
        part = copy.copy(self)
        part._rows = list(rows)
        part.answers = {row: self.answers[row] for row in rows}
        return part

    @torch.inference_mode()
    def _begin(self, caches: Sequence[Cache], logits: Tensor) -> None:
        self._cache = join_rows(caches, len(self._tokens) + self._longest)
        self._take(logits)

    @torch.inference_mode()
    def step(self) -> None:
        """Write one more token of every unfinished row."""
        self._let_finished_leave()
        last = [self.answers[row].tokens[-1:] or [0] for row in self._rows]
        lams = [self._lams[row] for row in self._rows]
        assert self._cache is not None
        logits = blended_forward(
            self._resident, self._blended, lams, last, self._cache, self._length
        )
        self._length += 1
        self._take(logits)

    def _take(self, logits: Tensor) -> None:
        live = [i for i, row in enumerate(self._rows) if self.answers[row].finish is None]
        rows = [self._rows[i] for i in live]
        tokens = self._sampler.choose(logits[live], rows)
        for row, token in zip(rows, tokens, strict=True):
            self.answers[row].add(token, is_stop=token in self._resident.stop_ids)

    def _let_finished_leave(self) -> None:
        live = [i for i, row in enumerate(self._rows) if self.answers[row].finish is None]
        assert self._cache is not None
        if len(live) < len(self._rows) and keep_rows(self._cache, live, self._resident.device):
            self._rows = [self._rows[i] for i in live]


@torch.inference_mode()
def read_prompts(
    resident: Resident, blended: Blended, lams: Sequence[Lam], tokens: Sequence[Sequence[int]]
) -> tuple[Cache, Tensor]:
    """Keys and values of rows of tokens, each at its λ, and the logits behind them.

    Equally many tokens a row; logits of shape [rows, vocabulary].
    """
    cache = DynamicCache(config=resident.model.config)
    logits: Tensor = blended.reading(lams)(
        input_ids=torch.tensor([list(row) for row in tokens], device=resident.device),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    ).logits
    return cache, logits[:, -1]


def blended_forward(
    resident: Resident,
    blended: Blended,
    lams: Sequence[Lam],
    last: Sequence[Sequence[int]],
    cache: Cache,
    length: int,
) -> Tensor:
    """One token a row behind `length` tokens; logits of shape [rows, vocabulary].

    No mask: every row holds equally many tokens, and none of them is padding.
    """
    ids = torch.tensor(last, device=resident.device)
    logits: Tensor = blended.at(lams)(
        input_ids=ids,
        position_ids=torch.full_like(ids, length),
        past_key_values=cache,
        use_cache=True,
    ).logits
    return logits[:, -1]
