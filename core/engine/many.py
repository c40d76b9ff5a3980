"""One prompt answered at several λ: one merged model after the other."""

from collections.abc import Generator, Sequence

from core.engine.decoding import Order, decode_steps
from core.engine.protocol import Answers, Chunk, Form
from core.engine.resident import Resident
from core.lam import Lam
from core.spec import Decoding


def many_steps(
    resident: Resident,
    lams: Sequence[Lam],
    tokens: tuple[int, ...],
    decoding: Decoding,
    form: Form | None,
) -> Generator[Answers | Chunk, None, None]:
    """The form, then every token as it is written."""
    yield Answers("materialised", "The λ are answered one after the other, each merged model once.")
    for row, lam in enumerate(lams):
        for answers in decode_steps(resident, lam, [Order(0, tokens)], decoding):
            answer = answers[0]
            yield Chunk(row, answer.fresh_text(), len(answer.tokens), answer.finish)
