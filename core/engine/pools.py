"""Writing pools: all answers of an item, and many items, in one batch at one λ.

A prompt is read once, however many answers it has; its branches part at the first token, where
each takes the token of its rank among those that do not end the text. Not here: which part of
an answer counts (`core/evals/confidence.py`).
"""

from collections.abc import Generator, Sequence
from math import exp

from core.engine.answer import HALF, Answer
from core.engine.context_room import room_for_prompt
from core.engine.decoding import decode_steps
from core.engine.encoding import Encoder
from core.engine.pool import Pool, PoolAnswer, PoolRequest, Traced, widths_of
from core.engine.protocol import ChosenToken, Progress
from core.engine.row import Order
from core.engine.writer import Writer
from core.errors import InputError
from core.spec import Decoding

WINDOW = 8  # tokens decoded together to see how much text the last one adds
MOST_BRANCHES = 1000


def pool_steps(
    writer: Writer, asked: Sequence[PoolRequest], decoding: Decoding
) -> Generator[Progress, None, list[Pool]]:
    """Every pool, one token of a batch a step; progress counts finished answers."""
    resident = writer.resident
    room = room_for_prompt(resident, decoding.max_new_tokens)
    encoded = [tuple(resident.encoder.encode_prompt(one.prompt)) for one in asked]
    traced = any(one.branches for one in asked)
    orders: list[Order] = []
    for one, tokens in zip(asked, encoded, strict=True):
        orders += _orders(one, tokens[-room:], len(orders))
    answers: dict[int, Answer] = {}
    for fresh in decode_steps(writer, orders, decoding, 2 if traced else None):
        answers |= fresh
        done = sum(answer.finish is not None for answer in answers.values())
        yield Progress(done, len(orders), sum(len(one.tokens) for one in answers.values()))
    rows = iter(range(len(orders)))
    pools = []
    for one, tokens in zip(asked, encoded, strict=True):
        own = tuple(
            _told(resident.encoder, answers[next(rows)], bool(one.branches))
            for _ in range(one.count)
        )
        kept = min(len(tokens), room)
        pools.append(Pool(own, kept, len(tokens) - kept))
    return pools


def _orders(asked: PoolRequest, tokens: tuple[int, ...], first: int) -> list[Order]:
    if (asked.branches > 0) == bool(asked.seeds) or not 0 <= asked.branches <= MOST_BRANCHES:
        raise InputError(
            f"A pool of {len(asked.seeds)} samples and {asked.branches} branches cannot be "
            f"written. Ask for at least one seed, or for 1 to {MOST_BRANCHES} branches."
        )
    if asked.branches:
        return [Order(first + rank, tokens, rank=rank) for rank in range(asked.branches)]
    return [Order(first + at, tokens, seed=seed) for at, seed in enumerate(asked.seeds)]


def _told(encoder: Encoder, answer: Answer, traced: bool) -> PoolAnswer:
    trace = None
    if traced:
        chosen = answer.chosen[: len(answer.tokens)]  # the end of the text has no place in it
        trace = trace_of(encoder, answer.tokens, chosen)
    return PoolAnswer(answer.text, len(answer.tokens), answer.finish or "cancelled", trace)


def trace_of(encoder: Encoder, tokens: Sequence[int], chosen: Sequence[ChosenToken]) -> Traced:
    """Margins and widths of the tokens of an answer."""
    margins = tuple(margin(one) for one in chosen)
    first = chosen[0] if chosen else None
    return Traced(
        margins,
        token_widths(encoder, tokens),
        "" if first is None else first.text,
        0.0 if first is None else first.logprob,
    )


def margin(token: ChosenToken) -> float:
    """p(most probable) − p(second) where this token was chosen; 1 without a second."""
    first, *others = (exp(one.logprob) for one in token.top)
    return first - (others[0] if others else 0.0)


def token_widths(encoder: Encoder, tokens: Sequence[int]) -> tuple[int, ...]:
    """Characters that each token adds to `encoder.decode(tokens)`.

    Tokens are decoded a few at a time, as a stream would be: what a token adds is the difference
    of two windows that begin at the same token. Where the sum is not the text's length (a
    tokenizer that cleans up over long distances), every prefix is decoded whole instead.
    """
    special = frozenset(encoder.tokenizer.all_special_ids)
    whole = encoder.decode(tokens)
    length, begin, read = 0, 0, 0
    pieces: list[tuple[int, bool]] = []
    for end, token in enumerate(tokens, 1):
        before, after = encoder.decode(tokens[begin:read]), encoder.decode(tokens[begin:end])
        if len(after) > len(before) and not after.endswith(HALF):
            length += len(after) - len(before)
            begin, read = max(begin, read - WINDOW), end
        pieces.append((length, token not in special))
    if length != len(whole.rstrip(HALF)):
        lengths = (
            len(encoder.decode(tokens[:end]).rstrip(HALF)) for end in range(1, 1 + len(tokens))
        )
        pieces = [(size, t not in special) for size, t in zip(lengths, tokens, strict=True)]
    return widths_of(pieces)
