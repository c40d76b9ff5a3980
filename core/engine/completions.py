"""Completions of several prompts at one λ, told token by token, with log-probabilities.

What the completion routes of the OpenAI protocol need beside `generate`: n answers, streams,
`logprobs`, `echo`. A prompt that is too long is an error here, never cut.
"""

from collections.abc import Generator, Sequence
from typing import cast

from core.engine.context_room import refuse_long, refuse_overflow
from core.engine.decoding import decode_steps
from core.engine.protocol import Chunk, Progress, Prompt, PromptRead, Wanted
from core.engine.resident import Resident
from core.engine.row import Order
from core.engine.token_chances import Scores, check_top, score_tokens
from core.engine.writer import Writer
from core.lam import Lam
from core.spec import Decoding

Fresh = dict[int, Chunk]


def complete_steps(
    writer: Writer, prompts: Sequence[Prompt], decoding: Decoding, wanted: Wanted
) -> Generator[Fresh, None, None]:
    """Answer every prompt; each step tells what is fresh, by row."""
    resident = writer.resident
    orders = _orders(resident, prompts, decoding, wanted)
    pairs = list(zip(prompts, orders, strict=True))
    reads = yield from _reads(resident, writer.lam, pairs, wanted)
    if decoding.max_new_tokens == 0:
        yield {row: Chunk(row, "", 0, "length", (), read) for row, read in reads.items()}
        return
    ended: set[int] = set()
    for answers in decode_steps(writer, orders, decoding, wanted.top_logprobs):
        fresh: Fresh = {}
        for row, answer in answers.items():
            if row not in ended:
                fresh[row] = answer.fresh_chunk(row, reads.pop(row, None))
        ended |= {row for row, chunk in fresh.items() if chunk.finish}
        yield fresh


def _orders(
    resident: Resident, prompts: Sequence[Prompt], decoding: Decoding, wanted: Wanted
) -> list[Order]:
    """Every prompt in tokens; refuses what does not fit, and settings that cannot be."""
    check_top(wanted.top_logprobs or 0)
    orders = [
        Order(row, tuple(resident.encoder.encode_prompt(prompt)))
        for row, prompt in enumerate(prompts)
    ]
    refuse = refuse_long if wanted.echo and decoding.max_new_tokens == 0 else refuse_overflow
    for order in orders:
        refuse(resident, len(order.tokens), decoding.max_new_tokens)
    return orders


def _reads(
    resident: Resident, lam: Lam, asked: Sequence[tuple[Prompt, Order]], wanted: Wanted
) -> Generator[Fresh, None, dict[int, PromptRead]]:
    """What each row's first chunk says of its prompt; equal prompts are read once."""
    known: dict[Prompt, PromptRead] = {}
    for prompt, order in asked:
        if prompt not in known:
            known[prompt] = yield from _read(resident, lam, prompt, order.tokens, wanted)
    return {order.row: known[prompt] for prompt, order in asked}


def _read(
    resident: Resident, lam: Lam, prompt: Prompt, tokens: tuple[int, ...], wanted: Wanted
) -> Generator[Fresh, None, PromptRead]:
    if not wanted.echo:
        return PromptRead(tokens)
    scores: Scores = ()
    if wanted.top_logprobs is not None:
        steps = score_tokens(resident, lam, tokens, wanted.top_logprobs)
        scores = yield from _without_news(steps)
    encoder = resident.encoder
    text = prompt.text if prompt.tokens is None else encoder.decode_all(tokens)
    return PromptRead(tokens, text, tuple(encoder.show(token) for token in tokens), scores)


def _without_news(
    steps: Generator[Progress, None, Scores],
) -> Generator[Fresh, None, Scores]:
    """The same steps, none of which has a row to tell of."""
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            return cast(Scores, finished.value)
        yield {}
