"""Are these the tensors of that config? Answered by transformers, from headers, without weights.

    check_fit(read_checkpoint(folder))      # tens of milliseconds, no memory; None: all is well

The model is built on the meta device and given tensors without numbers, by the very code that
loads it later: names that are converted, tied and ignored are those of a real load. Works on a
checkpoint of the hub of which only configs and headers were fetched.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig
from transformers.utils import logging as transformers_logging

from core.errors import PairError
from core.pairs.checkpoint import Checkpoint

DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
}  # fmt: skip


def check_fit(parent: Checkpoint) -> str | None:
    """What a person should know of tensors that the model does not use; None: it uses all.

    Raises:
        PairError: transformers cannot build it, or it lacks tensors, or has them otherwise.
    """
    given = {name: _empty(entry.shape, entry.dtype) for name, entry in parent.tensors.items()}
    try:
        with _quietly(), torch.device("meta"):
            config = AutoConfig.from_pretrained(parent.folder, trust_remote_code=False)
            if parent.generation_config:
                GenerationConfig.from_pretrained(parent.folder)
            model = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
            made, told = type(model).from_pretrained(
                None,
                config=model.config,
                state_dict=given,
                device_map="meta",
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
    except Exception as error:  # a config can make transformers raise anything
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise PairError(
            f"transformers cannot build the model that {parent.folder / 'config.json'} describes: "
            f"{reason}. Copy the checkpoint again, or choose another."
        ) from error
    _refuse_packed(parent, made.state_dict())
    _refuse_made_up(parent, told)
    return _unused(parent, sorted(told["unexpected_keys"]))


def _unused(parent: Checkpoint, names: list[str]) -> str | None:
    if not names:
        return None
    count = "1 tensor" if len(names) == 1 else f"{len(names)} tensors"
    return (
        f"{parent.folder.name} stores {count} that its model does not use, first {names[0]}; "
        "answers do not depend on them."
    )


def _refuse_made_up(parent: Checkpoint, told: Any) -> None:
    """What transformers would fill with random numbers."""
    for key, (stored, built) in _mismatched(told):
        raise PairError(
            f"The checkpoint {parent.folder} stores {key} as {stored}, and its config makes it "
            f"{built}. Copy config and weights again, from one place."
        )
    if missing := sorted(told["missing_keys"]):
        raise PairError(
            f"The checkpoint {parent.folder} lacks {len(missing)} tensors of its model, first "
            f"{missing[0]}. Copy it again or choose another."
        )


def _mismatched(told: Any) -> Iterator[tuple[str, tuple[list[int], list[int]]]]:
    for key, stored, built in sorted(told["mismatched_keys"], key=lambda one: str(one[0])):
        yield str(key), (list(stored), list(built))


def _refuse_packed(parent: Checkpoint, built: dict[str, Tensor]) -> None:
    for name, entry in parent.tensors.items():
        if not entry.floating and name in built and built[name].is_floating_point():
            raise PairError(
                f"The checkpoint {parent.folder} stores {name} in {entry.dtype}, where its model "
                "has numbers with fractions: it is quantised. Give the unquantised weights."
            )


def _empty(shape: tuple[int, ...], dtype: str) -> Tensor:
    return torch.empty(shape, dtype=DTYPES.get(dtype, torch.uint8), device="meta")


@contextmanager
def _quietly() -> Iterator[None]:
    """Its report of what fits not is told in a sentence instead."""
    before, bars = (
        transformers_logging.get_verbosity(),
        transformers_logging.is_progress_bar_enabled(),
    )
    transformers_logging.set_verbosity(logging.CRITICAL)
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
        if bars:
            transformers_logging.enable_progress_bar()
