"""One prompt answered at several λ, in step or one λ after the other."""

from collections.abc import Generator, Sequence

from core.engine.decoding import decode_steps
from core.engine.many_batch import ManyBatch
from core.engine.many_choice import choose_form
from core.engine.out_of_memory import ran_out
from core.engine.protocol import Answers, Chunk, Form
from core.engine.resident import Resident
from core.engine.row import Order
from core.engine.writer import Writer
from core.errors import InputError
from core.lam import Lam
from core.spec import Decoding

Pieces = Generator[Answers | Chunk, None, None]


def many_steps(
    resident: Resident,
    lams: Sequence[Lam],
    tokens: tuple[int, ...],
    decoding: Decoding,
    form: Form | None,
) -> Pieces:
    """The form, then every token as it is written.

    Raises:
        InputError: there is no λ.
    """
    if not lams:
        raise InputError("There is no λ to answer at. Give at least one.")
    answers, blended = choose_form(resident, len(lams), form)
    yield answers
    if blended is None:
        yield from _one_after_another(resident, lams, tokens, decoding)
    else:
        yield from _in_step(ManyBatch(resident, blended, lams, tokens, decoding))


def _one_after_another(
    resident: Resident, lams: Sequence[Lam], tokens: tuple[int, ...], decoding: Decoding
) -> Pieces:
    for row, lam in enumerate(lams):
        for answers in decode_steps(Writer(resident, lam), [Order(0, tokens)], decoding):
            yield from (answer.fresh_chunk(row) for answer in answers.values())


def _in_step(batch: ManyBatch) -> Pieces:
    """All tokens of the rows; where memory runs out, they go on in two smaller batches."""
    try:
        yield from _write(batch)
        return
    except Exception as error:
        if not ran_out(error):
            raise
        told = error.with_traceback(None)  # its frames hold the failed step's tensors
    for part in batch.halves(told):
        yield from _in_step(part)


def _write(batch: ManyBatch) -> Pieces:
    for _ in batch.read_prompt():
        yield Chunk(0, "", 0)  # nothing is written yet, but other work may have its turn
    running = dict(batch.answers)
    while running:
        for row, answer in running.items():
            yield answer.fresh_chunk(row)
        running = {row: one for row, one in running.items() if one.finish is None}
        if running:
            batch.step()
