"""Why one column of a film says what it says: its answer read under every λ, and closer between.

    seen = see(engine, film, row, most_tokens=600)
    flips_at(seen, place)              # between the λ of the columns
    narrow(engine, seen, place)        # every hundredth of λ around each flip

What the flips mean: `core/reports/token_flips.py`.
"""

import time
from dataclasses import dataclass, replace

from core.engine.protocol import Engine, Prompt, TokenChance
from core.engine.tracing import Trace, TraceRequest
from core.errors import InputError
from core.jobs.filming import Film, Still
from core.lam import BASE, INSTRUCT, Lam
from core.reports.token_flips import Flip, between, flips, tops_at

TOP = 5  # candidates told beside every token
MOST_AT_ONCE = 44  # λ of one request, below what a host takes
MOST_ROUNDS = 4  # of looking closer: from the whole line to hundredths takes three


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer under several λ of its pair, in ascending order."""

    key: str
    pair: str
    lams: tuple[Lam, ...]
    request: TraceRequest
    trace: Trace
    seconds: float


def seen_key(film: Film | Still, row: int) -> str:
    """What stands for this column's answer."""
    return f"{film.film_id or film.strip_id}:{row}"


def see(engine: Engine, film: Film | Still, row: int, most_tokens: int) -> Seen:
    """Read a column's answer under the λ of its pair's columns; both parents, if it has one alone.

    Raises:
        InputError: the answer is empty, or its prompt is not kept.  EngineError: it cannot be read.
    """
    takes = film.look()
    take = takes[row]
    lams = {one.place.lam for one in takes if one.place.pair == take.place.pair}
    order = tuple(sorted(lams if len(lams) > 1 else lams | {BASE, INSTRUCT}))
    if take.place.pair not in film.prompts:
        raise InputError("The text that this column was given is not kept. Ask the prompt again.")
    prompt = Prompt(film.prompts[take.place.pair], chat=film.scene.mode == "chat")
    request = TraceRequest(prompt, Prompt(take.text, tokens=take.ids[:most_tokens] or None), TOP)
    engine.load(take.place.pair)  # what loading takes is no part of reading
    began = time.monotonic()
    trace = engine.trace(take.place.pair, order, request)
    seconds = time.monotonic() - began
    return Seen(seen_key(film, row), take.place.pair, order, request, trace, seconds)


def flips_at(seen: Seen, place: int) -> tuple[Flip, ...]:
    """Where the most probable token at the place changes, among the λ that were read."""
    return flips(seen.lams, tops_at(seen.trace, place))


def narrow(engine: Engine, seen: Seen, place: int) -> tuple[Flip, ...]:
    """The same with every hundredth of λ between two that differ looked at as well.

    A token that comes and goes between two λ that agree is not looked for.

    Raises:
        EngineError: it cannot be read.
    """
    known = dict(zip(seen.lams, tops_at(seen.trace, place), strict=True))
    for _ in range(MOST_ROUNDS):
        found = flips(tuple(known), tuple(known.values()))
        wanted = [lam for flip in found for lam in between(flip) if lam not in known]
        if not wanted:
            break
        for start in range(0, len(wanted), MOST_AT_ONCE):
            part = tuple(wanted[start : start + MOST_AT_ONCE])
            known |= dict(zip(part, _tops(engine, seen, part, place), strict=True))
    return flips(tuple(known), tuple(known.values()))


def _tops(engine: Engine, seen: Seen, lams: tuple[Lam, ...], place: int) -> tuple[TokenChance, ...]:
    """The most probable token at a place; nothing behind it is read."""
    tokens = seen.trace.tokens[: place + 1]
    request = replace(seen.request, answer=Prompt("", tokens=tokens), top=1)
    return tops_at(engine.trace(seen.pair, lams, request), place)
