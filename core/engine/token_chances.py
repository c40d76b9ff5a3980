"""Which token could stand where, and how probable each is: next tokens and prompts' own.

Log-probabilities are natural, in float32, at temperature 1 and over the whole vocabulary,
whatever the decoding. Equal ones are told in the order of their token ids.
"""

from collections.abc import Generator, Sequence

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from core.engine.context_room import refuse_long
from core.engine.encoding import Encoder
from core.engine.out_of_memory import ran_out, smaller_piece, without_frames
from core.engine.protocol import HIGHEST_TOP, ChosenToken, Progress, Prompt, TokenChance
from core.engine.resident import Resident
from core.errors import InputError
from core.lam import Lam

PIECE_TOKENS = 512
Scores = tuple[ChosenToken | None, ...]


def next_tokens_steps(
    resident: Resident, lams: Sequence[Lam], prompt: Prompt, top: int
) -> Generator[Progress, None, tuple[tuple[TokenChance, ...], ...]]:
    """For each λ the most probable tokens behind the prompt, one λ a step."""
    check_top(top)
    tokens = resident.encoder.encode_prompt(prompt)
    refuse_long(resident, len(tokens), 1)
    found: list[tuple[TokenChance, ...]] = []
    for lam in lams:
        found.append(_next_tokens_fitting(resident, lam, tokens, top))
        yield Progress(len(found), len(lams))
    return tuple(found)


def _next_tokens_fitting(
    resident: Resident, lam: Lam, tokens: list[int], top: int
) -> tuple[TokenChance, ...]:
    size = len(tokens)
    while True:
        try:
            return _next_tokens(resident, lam, (tokens, size), top)
        except Exception as error:
            if not ran_out(error):
                raise
            told = without_frames(error)
        size = smaller_piece(size, resident, told)


@torch.inference_mode()
def _next_tokens(
    resident: Resident, lam: Lam, prompt: tuple[list[int], int], top: int
) -> tuple[TokenChance, ...]:
    """The prompt's tokens in pieces of so many; usually that is one piece."""
    tokens, size = prompt
    cache = DynamicCache(config=resident.model.config) if size < len(tokens) else None
    for start in range(0, len(tokens), size):
        ids = torch.tensor([tokens[start : start + size]], device=resident.device)
        logits: Tensor = (
            resident.at(lam)(
                input_ids=ids,
                past_key_values=cache,
                use_cache=cache is not None,
                logits_to_keep=1,
            )
        ).logits
    return candidates(resident.encoder, logits[:, -1], top)[0]


def token_scores_steps(
    resident: Resident, lam: Lam, prompt: Prompt, top: int
) -> Generator[Progress, None, Scores]:
    """Log-probability of every token of the prompt; None for the first, which follows none."""
    check_top(top)
    tokens = tuple(resident.encoder.encode_prompt(prompt))
    refuse_long(resident, len(tokens), 0)
    return (yield from score_tokens(resident, lam, tokens, top))


def score_tokens(
    resident: Resident, lam: Lam, tokens: tuple[int, ...], top: int
) -> Generator[Progress, None, Scores]:
    """`token_scores_steps` of an encoded prompt, a piece at a time: logits take much memory.

    Where memory runs out the prompt is read again in smaller pieces: the piece that failed has
    left its traces in the cache.
    """
    size = PIECE_TOKENS if resident.pads else len(tokens)  # a running state is read in one go
    while True:
        try:
            return (yield from _score_pieces(resident, lam, (tokens, size), top))
        except Exception as error:
            if not ran_out(error):
                raise
            told = without_frames(error)
        size = smaller_piece(min(size, len(tokens)), resident, told)


def _score_pieces(
    resident: Resident, lam: Lam, prompt: tuple[tuple[int, ...], int], top: int
) -> Generator[Progress, None, Scores]:
    """The prompt's tokens in pieces of so many."""
    tokens, size = prompt
    found: list[ChosenToken | None] = [None]
    cache = DynamicCache(config=resident.model.config)
    for start in range(0, len(tokens) - 1, size):
        end = min(start + size, len(tokens) - 1)
        piece = tokens[start : end + 1]
        found += _score_piece(resident, lam, piece, cache, top)
        yield Progress(end, len(tokens) - 1)
    return tuple(found)


@torch.inference_mode()
def _score_piece(
    resident: Resident, lam: Lam, piece: Sequence[int], cache: DynamicCache, top: int
) -> list[ChosenToken]:
    """Read all of the piece but its last token; score all but its first."""
    ids = torch.tensor([piece[:-1]], device=resident.device)
    logits: Tensor = resident.at(lam)(input_ids=ids, past_key_values=cache, use_cache=True).logits
    return chosen(resident.encoder, logits[0], piece[1:], top)


def chosen(encoder: Encoder, logits: Tensor, tokens: Sequence[int], top: int) -> list[ChosenToken]:
    """The tokens that stand at each row of logits, with what else could."""
    if not tokens:
        return []
    logits = logits.float()
    wanted = torch.tensor(tokens, device=logits.device)[:, None]
    values = (logits.gather(1, wanted)[:, 0] - logits.logsumexp(dim=-1)).tolist()
    others = candidates(encoder, logits, top)
    return [
        ChosenToken(encoder.show(token), token, value, best)
        for token, value, best in zip(tokens, values, others, strict=True)
    ]


def candidates(encoder: Encoder, logits: Tensor, top: int) -> list[tuple[TokenChance, ...]]:
    """The most probable tokens of each row of logits, most probable first."""
    if not top:
        return [()] * len(logits)
    logits = logits.float()
    total = logits.logsumexp(dim=-1, keepdim=True)
    values, tokens = (logits - total).topk(min(top, logits.shape[-1]), dim=-1)
    found = []
    for ids, row in zip(tokens.tolist(), values.tolist(), strict=True):
        order = sorted(zip(ids, row, strict=True), key=lambda pair: (-pair[1], pair[0]))
        found.append(tuple(TokenChance(encoder.show(t), t, value) for t, value in order))
    return found


def check_top(top: int) -> None:
    """Accept a number of candidates.

    Raises:
        InputError: it is not from 0 to 20.
    """
    if not 0 <= top <= HIGHEST_TOP:
        raise InputError(
            f"{top} candidates beside a token cannot be had. Ask for 0 to {HIGHEST_TOP}."
        )
