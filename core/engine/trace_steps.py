"""One answer read by several λ: each token's log-probability, and what else could stand there.

Reading is arithmetic, so rows at different λ go through the blended model together, each module
merging its weights λ by λ (as prompts are read, `core/engine/many_batch.py`); where a pair has
no blended form the merged model reads the answer at one λ after the other.
"""

from collections.abc import Generator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from core.engine.context_room import refuse_long
from core.engine.encoding import Encoder
from core.engine.many_choice import what_is_known
from core.engine.out_of_memory import in_parts
from core.engine.protocol import Form, Progress, Prompt
from core.engine.resident import Resident
from core.engine.token_chances import candidates, check_top
from core.engine.tracing import Trace, TracedLam, TraceRequest
from core.errors import InputError
from core.lam import Lam
from core.merge.blended import Blended

TOGETHER = "All λ in one pass: rows at different λ are read together (blended)."
ASKED = "One merged model after another, as asked for."
ALONE = "A single λ is read by its merged model."


def trace_steps(
    resident: Resident, lams: Sequence[Lam], request: TraceRequest, form: Form | None
) -> Generator[Progress, None, Trace]:
    """The answer under every λ, as many λ a step as fit.

    Raises:
        InputError: no λ, no answer, or too many candidates.  ContextOverflow: it does not fit.
    """
    check_top(request.top)
    if not lams:
        raise InputError("There is no λ to read the answer at. Give at least one.")
    context, answer = encode_answer(resident.encoder, request)
    refuse_long(resident, len(context) + len(answer), 0)
    told, why, blended = _reading_form(resident, len(lams), form)
    found: list[TracedLam] = []
    at_once = 1 if blended is None else _rows_at_once(resident, len(context), len(answer))
    for start in range(0, len(lams), at_once):
        reader = _Reader(resident, blended, (context, answer), request.top)
        found += in_parts(reader.read, lams[start : start + at_once], resident)
        yield Progress(len(found), len(lams))
    texts = tuple(map(resident.encoder.show, answer))
    return Trace(told, why, tuple(answer), texts, tuple(found))


def encode_answer(encoder: Encoder, request: TraceRequest) -> tuple[list[int], list[int]]:
    """Ids of the prompt and of the answer behind it.

    Raises:
        InputError: the answer has no tokens.
    """
    context = encoder.encode_prompt(request.prompt)
    if request.answer.tokens is not None:
        answer = list(request.answer.tokens)
        encoder.encode_prompt(Prompt("", tokens=tuple(answer)))  # refuses ids that do not exist
    else:
        joined = Prompt(request.prompt.text + request.answer.text, request.prompt.chat)
        whole = encoder.encode_prompt(joined)
        answer = whole[len(context) :] if whole[: len(context)] == context else []
        answer = answer or encoder.tokenizer.encode(request.answer.text, add_special_tokens=False)
    if not answer:
        raise InputError("The answer is empty, so there is nothing to read. Choose another one.")
    return context, answer


def _reading_form(
    resident: Resident, count: int, asked: Form | None
) -> tuple[Form, str, Blended | None]:
    if asked == "materialised":
        return "materialised", ASKED, None
    if count < 2 and asked is None:
        return "materialised", ALONE, None
    known = what_is_known(resident)
    if known.blended is None:
        why = f"One merged model after another: this pair cannot be blended, {known.reason}."
        return "materialised", why, None
    return "blended", TOGETHER, known.blended


def _rows_at_once(resident: Resident, context: int, answer: int) -> int:
    """As many λ as one forward may compute tokens for, and hold logits of."""
    by_tokens = resident.prompt_budget // (context + answer)
    return max(1, min(by_tokens, resident.read_budget // (answer + 1)))


class _Reader:
    """Reads the same tokens at some λ."""

    def __init__(
        self,
        resident: Resident,
        blended: Blended | None,
        tokens: tuple[list[int], list[int]],
        top: int,
    ) -> None:
        self._resident, self._blended, self._top = resident, blended, top
        self._context, self._answer = tokens

    @torch.inference_mode()
    def read(self, lams: Sequence[Lam]) -> list[TracedLam]:
        """A row for each λ; logits only from the prompt's last token on, a piece at a time."""
        cache = DynamicCache(config=self._resident.model.config)
        ids = [*self._context, *self._answer]
        begin = len(self._context) - 1  # what stands here tells the answer's first token
        size = max(1, self._resident.read_budget // len(lams))
        if not self._resident.pads:  # a running state is read in one go
            return self._told(self._forward(lams, ids, cache, keep=len(ids) - begin), 0)
        if begin:
            self._forward(lams, ids[:begin], cache, keep=1)
        pieces = []
        for start in range(begin, len(ids), size):
            piece = ids[start : start + size]
            pieces.append(self._told(self._forward(lams, piece, cache, keep=0), start - begin))
        return _joined(pieces)

    def _forward(
        self, lams: Sequence[Lam], ids: list[int], cache: DynamicCache, keep: int
    ) -> Tensor:
        """Logits of the last `keep` tokens (0: of all), [rows, tokens, vocabulary]."""
        resident = self._resident
        model: Any = (
            resident.at(lams[0]) if self._blended is None else self._blended.reading(list(lams))
        )
        given = torch.tensor([ids] * len(lams), device=resident.device)
        logits: Tensor = model(
            input_ids=given, past_key_values=cache, use_cache=True, logits_to_keep=keep
        ).logits
        return logits

    def _told(self, logits: Tensor, at: int) -> list[TracedLam]:
        """What a piece of logits says of the answer's tokens from `at` on."""
        return [self._row(row.float(), self._answer[at : at + len(row)]) for row in logits]

    def _row(self, logits: Tensor, tokens: list[int]) -> TracedLam:
        chances = logits.log_softmax(dim=-1)
        wanted = torch.tensor(tokens, device=logits.device, dtype=torch.long)[:, None]
        values = chances[: len(tokens)].gather(1, wanted)[:, 0].tolist()
        stops = sorted(self._resident.stop_ids)
        end = float(chances[-1, stops].logsumexp(dim=-1)) if stops else float("-inf")
        best = candidates(self._resident.encoder, logits, self._top)
        return TracedLam(tuple(values), end, tuple(best))


def _joined(pieces: Sequence[Sequence[TracedLam]]) -> list[TracedLam]:
    """The pieces of every row behind one another; the last one tells the end."""
    return [
        TracedLam(
            tuple(value for part in parts for value in part.logprobs),
            parts[-1].end,
            tuple(best for part in parts for best in part.top),
        )
        for parts in zip(*pieces, strict=True)
    ]
