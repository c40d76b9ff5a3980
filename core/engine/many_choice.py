"""Which form answers several λ at once: what there is, what was asked for, what is quicker here.

Whether blending pays depends on the model, the device and the number of λ, so it is measured,
once for each: one step of all rows blended against one step of each merged model. Both forms
merge every weight once a λ to read the prompt, so that part is no difference.
On a CPU it is processor time that counts, so a busy machine does not change the choice.
What is known is kept beside the pair and goes when the pair leaves memory.
"""

import logging
import time
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import torch
from transformers.cache_utils import Cache

from core.engine.decode_cache import join_rows, joins_rows
from core.engine.many_batch import blended_forward, read_prompts
from core.engine.protocol import Answers, Form
from core.engine.resident import Resident
from core.lam import INSTRUCT, Lam
from core.merge.blended import Blended, blend
from core.merge.blended_kinds import NotBlendable
from core.merge.materialised import Materialised
from core.merge.paired import Paired

logger = logging.getLogger(__name__)
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
    if count not in known.times:
        known.times[count] = _measure(resident, known.blended, count)
    answers = _quicker(known.times[count], count, str(resident.device))
    return answers, known.blended if answers.form == "blended" else None


def what_is_known(resident: Resident) -> Known:
    """The blended form of a loaded pair, built and tried when it is first asked for."""
    if resident.merged not in _known:
        _known[resident.merged] = _find_out(resident)
    return _known[resident.merged]


def _find_out(resident: Resident) -> Known:
    if not joins_rows(resident.model.config):
        return Known(None, "because its layers carry a running state")
    if isinstance(resident.merged, Paired):
        return Known(resident.merged.blended, "")
    try:
        return Known(blend(resident.merged), "")
    except NotBlendable as error:
        logger.warning("%s cannot be blended: %s", resident.loaded.identity.name, str(error))
        return Known(None, f"because {error}")


def _quicker(times: StepTimes, count: int, device: str) -> Answers:
    blended, merged = times.blended * 1000, times.merged * count * 1000
    measured = (
        f"measured on {device}, a token of all {count} λ takes {blended:.3g} ms blended and "
        f"{merged:.3g} ms by merged models one after another."
    )
    if blended < merged:
        return Answers("blended", f"All λ in one batch: {measured}")
    return Answers("materialised", f"One merged model after another: {measured}")


@torch.inference_mode()
def _measure(resident: Resident, blended: Blended, count: int) -> StepTimes:
    lams = [Lam(1000 * number // (count - 1)) for number in range(count)]
    cache, _ = read_prompts(resident, blended, [INSTRUCT], [[0] * PROMPT_TOKENS])
    room = PROMPT_TOKENS + MOST_STEPS
    many, one = join_rows([cache] * count, room), join_rows([cache], room)
    found: list[StepTimes] = []
    started = time.monotonic()
    for length in range(PROMPT_TOKENS, room):
        begin = _clock(resident)
        blended_forward(resident, blended, lams, [[0]] * count, many, length)
        middle = _clock(resident)
        _merged_forward(resident, one, length)
        found.append(StepTimes(middle - begin, _clock(resident) - middle))
        if time.monotonic() - started > (ENOUGH_SECONDS if length >= FEWEST else SLOW_SECONDS):
            break
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
