"""May these two be merged, and what should be known first: green, amber, red, in plain words.

    for finding in look_over(base, instruct): print(finding.level, finding.words)

Decided from configs and headers alone, so it works before anything is downloaded; every finding
is told, not only the first that refuses. Not here: the last word, which is had on load.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors import PairError
from core.pairs.checkpoint import Checkpoint
from core.pairs.hub_model import HubModel
from core.pairs.preflight import (
    DTYPE_NAMES,
    compare_tensors,
    compare_words,
    refuse_other_architecture,
    refuse_unusable,
    wider_dtype,
)
from core.pairs.sizes import Sizes, sizes_of

Level = Literal["green", "amber", "red"]
ITEM_BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    topic: str
    words: str


def look_over(base: Checkpoint, instruct: Checkpoint) -> tuple[Finding, ...]:
    """Everything that configs and headers say, in the order in which it matters."""
    found = [
        *_refused("base", lambda: refuse_unusable(base), "Its weights can be merged."),
        *_refused("instruct", lambda: refuse_unusable(instruct), "Its weights can be merged."),
        *_refused(
            "architecture",
            lambda: refuse_other_architecture(base, instruct),
            f"Both are {base.architecture}, with settings that compute the same.",
        ),
        *_noted("tensors", lambda: compare_tensors(base, instruct), "All tensors fit each other."),
        *_noted("vocabulary", lambda: compare_words(base, instruct), "Equal ids are equal words."),
        *_dtypes(base, instruct),
        *_ends(base, instruct),
    ]
    return tuple(found)


def can_be_merged(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing refuses."""
    return all(finding.level != "red" for finding in findings)


def look_at_hub(asked: str, model: HubModel) -> tuple[Finding, ...]:
    """Licence, gating and name of a parent as the hub tells them."""
    found = []
    if model.repo != asked:
        words = f"{asked} is called {model.repo} now. Write that into your pairs file."
        found.append(Finding("amber", "name", words))
    if model.gated:
        words = f"{asked} is gated: its licence must be accepted on its page before it can be read."
        found.append(Finding("amber", "access", words))
    licence = model.licence
    if licence is None:
        found.append(Finding("amber", "licence", f"The hub names no licence of {asked}."))
    else:
        found.append(Finding("green", "licence", f"{asked}: {licence}."))
    return tuple(found)


def merged_sizes(base: Checkpoint, instruct: Checkpoint) -> Sizes:
    """Bytes of one merged model."""
    dtype = wider_dtype(base.main_dtype, instruct.main_dtype)
    return sizes_of((base, instruct), ITEM_BYTES[dtype])


def _refused(topic: str, look: Callable[[], None], well: str) -> Iterator[Finding]:
    try:
        look()
    except PairError as error:
        yield Finding("red", topic, str(error))
    else:
        yield Finding("green", topic, well)


def _noted(topic: str, look: Callable[[], list[str]], well: str) -> Iterator[Finding]:
    try:
        notes = look()
    except PairError as error:
        yield Finding("red", topic, str(error))
        return
    if not notes:
        yield Finding("green", topic, well)
    for note in notes:
        yield Finding("amber", topic, note)


def _dtypes(base: Checkpoint, instruct: Checkpoint) -> Iterator[Finding]:
    left, right = base.main_dtype, instruct.main_dtype
    parameters = max(base.parameters, instruct.parameters)
    size = f"{parameters:,} parameters"
    if left == right:
        yield Finding("green", "size", f"{size} in {DTYPE_NAMES.get(left, left)}.")
        return
    words = (
        f"{size}; the parents are stored in {DTYPE_NAMES[left]} and {DTYPE_NAMES[right]}, and the "
        f"merge keeps {wider_dtype(left, right)}, which holds both."
    )
    yield Finding("amber", "size", words)


def _ends(base: Checkpoint, instruct: Checkpoint) -> Iterator[Finding]:
    if instruct.chat_template is None:
        words = "The instruct parent has no chat template: conversations are not possible."
        yield Finding("amber", "chat", words)
    else:
        yield Finding("green", "chat", "The instruct parent's chat template is used at every λ.")
    if base.stop_ids != instruct.stop_ids:
        union = sorted(base.stop_ids | instruct.stop_ids)
        told = f"base {sorted(base.stop_ids)}, instruct {sorted(instruct.stop_ids)}"
        yield Finding(
            "amber",
            "stop tokens",
            f"The parents end at different tokens ({told}); any of {union} ends an answer.",
        )
    else:
        yield Finding("green", "stop tokens", "Both parents end at the same tokens.")
