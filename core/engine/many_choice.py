"""Which form answers several λ at once: what there is, what was asked for, what is quicker here.

Whether blending pays depends on the model, the device and the number of λ, so it is measured:
one step of all rows blended against one step of each merged model. For a few and for many λ that
is done while the engine has nothing to do (`core/engine/look_ahead.py`); what other numbers of λ
take follows, since a row more costs the same each time. Both forms merge every weight once a λ
to read a prompt, so that part is left out.
On a CPU it is processor time that counts, so a busy machine does not change the choice.
What is known is kept beside the pair and goes when the pair leaves memory.
"""

import logging
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import torch
from transformers.cache_utils import Cache

from core.engine.decode_cache import join_rows, joins_rows
from core.engine.many_batch import blended_forward, read_prompts
from core.engine.protocol import Answers, Form
from core.engine.resident import Resident
from core.lam import INSTRUCT, Lam
from core.merge.blended import Blended, blend_steps, finish
from core.merge.blended_kinds import NotBlendable
from core.merge.materialised import Materialised
from core.merge.paired import Paired

logger = logging.getLogger(__name__)
FEW, MANY = 2, 11  # numbers of λ that are measured before anybody asks
PROMPT_TOKENS = 32
BETWEEN = Lam(500)  # an end of the line may be quicker: nothing is merged there
MOST_STEPS = 12
FEWEST = PROMPT_TOKENS + 4  # length of the shortest measurement, unless steps are slow
ENOUGH_SECONDS, SLOW_SECONDS = 0.4, 4.0  # of measuring; beyond the latter one step is enough


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Seconds a step, as measured here."""

    blended: float  # of all rows together
    merged: float  # of one row at one λ
    measured_at: str = ""  # the numbers of λ it follows from; empty: measured itself


@dataclass(slots=True)
class Known:
    """What was found out about one loaded pair."""

    blended: Blended | None
    reason: str  # why there is no blended form; empty when there is one
    times: dict[int, StepTimes] = field(default_factory=dict)  # by number of λ


_known: WeakKeyDictionary[Materialised, Known] = WeakKeyDictionary()


def choose_form(
    resident: Resident, count: int, asked: Form | None
) -> tuple[Answers, Blended | None]:
    """The form for so many λ, and the blended model where that is the form."""
    if asked == "materialised":
        return Answers("materialised", "One merged model after another, as asked for."), None
    if count < 2 and asked is None:
        return Answers("materialised", "A single λ gains nothing from blending."), None
    known = what_is_known(resident)
    if known.blended is None:
        why = f"One merged model after another: this pair cannot be blended, {known.reason}."
        return Answers("materialised", why), None
    if asked == "blended":
        return Answers("blended", "All λ in one batch, as asked for."), known.blended
    times = _times(resident, known, known.blended, count)
    answers = _quicker(times, count, str(resident.device))
    return answers, known.blended if answers.form == "blended" else None


def what_is_known(resident: Resident) -> Known:
    """The blended form of a loaded pair, built and tried now if nobody had the time before."""
    if resident.merged not in _known:
        _known[resident.merged] = finish(_try_steps(resident))
    return _known[resident.merged]


def is_known(resident: Resident) -> bool:
    """Whether `find_out_steps` has nothing left to do; a model alone has one λ only."""
    known = _known.get(resident.merged)
    if known is None:
        return not resident.merged.slots
    return known.blended is None or {FEW, MANY} <= known.times.keys()


def find_out_steps(resident: Resident) -> Generator[None, None, None]:
    """Everything that `choose_form` needs, a forward or less a step."""
    if resident.merged not in _known:
        found = yield from _try_steps(resident)
        _known.setdefault(resident.merged, found)
    known = _known[resident.merged]
    for count in (FEW, MANY):
        if known.blended is not None and count not in known.times:
            known.times[count] = yield from _measure_steps(resident, known.blended, count)


def _times(resident: Resident, known: Known, blended: Blended, count: int) -> StepTimes:
    """Measured, now at the latest, or on the line through what was."""
    if count not in known.times and {FEW, MANY} <= known.times.keys():
        few, many = known.times[FEW], known.times[MANY]
        row = (many.blended - few.blended) / (MANY - FEW)
        all_rows = max(few.blended + row * (count - FEW), min(few.blended, many.blended))
        return StepTimes(all_rows, (few.merged + many.merged) / 2, f"{FEW} and {MANY} λ")
    if count not in known.times:
        known.times[count] = _measure(resident, blended, count)
    return known.times[count]


def _try_steps(resident: Resident) -> Generator[None, None, Known]:
    if not joins_rows(resident.model.config):
        return Known(None, "because its layers carry a running state")
    if isinstance(resident.merged, Paired):
        return Known(resident.merged.blended, "")
    try:
        return Known((yield from blend_steps(resident.merged)), "")
    except NotBlendable as error:
        logger.warning("%s cannot be blended: %s", resident.loaded.identity.name, str(error))
        return Known(None, f"because {error}")


def _quicker(times: StepTimes, count: int, device: str) -> Answers:
    blended, merged = times.blended * 1000, times.merged * count * 1000
    where = f"{device} at {times.measured_at}" if times.measured_at else device
    measured = (
        f"measured on {where}, a token of all {count} λ takes {blended:.3g} ms blended and "
        f"{merged:.3g} ms by merged models one after another."
    )
    if blended < merged:
        return Answers("blended", f"All λ in one batch: {measured}")
    return Answers("materialised", f"One merged model after another: {measured}")


def _measure(resident: Resident, blended: Blended, count: int) -> StepTimes:
    return finish(_measure_steps(resident, blended, count))


@torch.inference_mode()
def _measure_steps(
    resident: Resident, blended: Blended, count: int
) -> Generator[None, None, StepTimes]:
    lams = [Lam(1000 * number // (count - 1)) for number in range(count)]
    cache, _ = read_prompts(resident, blended, [INSTRUCT], [[0] * PROMPT_TOKENS])
    room = PROMPT_TOKENS + MOST_STEPS
    many, one = join_rows([cache] * count, room), join_rows([cache], room)
    found: list[StepTimes] = []
    spent = 0.0
    for length in range(PROMPT_TOKENS, room):
        begin = _clock(resident)
        blended_forward(resident, blended, lams, [[0]] * count, many, length)
        middle = _clock(resident)
        _merged_forward(resident, one, length)
        found.append(StepTimes(middle - begin, _clock(resident) - middle))
        spent += found[-1].blended + found[-1].merged
        if spent > (ENOUGH_SECONDS if length >= FEWEST else SLOW_SECONDS):
            break
        yield
    # The least of each: other programs on the machine can only add to them.
    return StepTimes(min(one.blended for one in found), min(one.merged for one in found))


def _clock(resident: Resident) -> float:
    """Seconds: on a CPU those this thread has worked, not those it has waited for its turn."""
    if resident.device.type == "cpu":
        return time.thread_time()
    if resident.device.type == "cuda":
        torch.cuda.synchronize(resident.device)
    return time.perf_counter()


def _merged_forward(resident: Resident, cache: Cache, length: int) -> None:
    ids = torch.zeros((1, 1), dtype=torch.long, device=resident.device)
    resident.at(BETWEEN)(
        input_ids=ids,
        position_ids=torch.full_like(ids, length),
        past_key_values=cache,
        use_cache=True,
    )
