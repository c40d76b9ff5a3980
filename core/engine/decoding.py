"""Writing the answers of one request, token by token, as a sequence of small steps.

Our own loop over forward + cache, because every row needs its own random numbers, its own end
and its own stream, and because the host must be able to put other work between two tokens.
Requests that share a `Writer` share its forwards: each tells its own rows.
"""

from collections.abc import Generator, Iterable, Sequence

from core.engine.answer import Answer
from core.engine.portions import portions
from core.engine.row import Order, Row, make_row
from core.engine.writer import Writer
from core.spec import Decoding

Answers = dict[int, Answer]


def decode_steps(
    writer: Writer, orders: Iterable[Order], decoding: Decoding, top: int | None = None
) -> Generator[Answers, None, None]:
    """Answer every order; yields the answers that are being written after each token of them.

    Nothing is yielded ({}) where a step had no news: rows wait to be read, or others went on.
    With `top` each token comes with its log-probability and so many other candidates.

    Raises:
        EngineError: memory does not suffice for a single row.
    """
    for portion in portions(writer.resident, list(orders)):
        encoder = writer.resident.encoder
        rows = {order.row: make_row(encoder, order, decoding, top) for order in portion}
        yield from _write(writer, rows)


def _write(writer: Writer, rows: dict[int, Row]) -> Generator[Answers, None, None]:
    mine, answers = tuple(rows.values()), {row: one.answer for row, one in rows.items()}
    writer.add(mine)
    try:
        yield {}  # whoever comes in this moment is read in the same forward
        while _has_news(mine) or any(row.open for row in mine):
            if not _has_news(mine):
                writer.advance(mine)
            _raise_failure(mine)
            fresh = _has_news(mine)
            for row in mine:
                row.fresh = False
            yield answers if fresh else {}
    finally:
        writer.remove(mine)


def _has_news(rows: Sequence[Row]) -> bool:
    return any(row.fresh for row in rows)


def _raise_failure(rows: Sequence[Row]) -> None:
    for row in rows:
        if row.failed is not None:
            raise row.failed
