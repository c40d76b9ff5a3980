"""From two checkpoint folders to a live model and the tensors it is made from.

transformers builds the model from its config, so every architecture it knows works; nothing
here names one. Buffers outside the state dict (rotary tables, embedding scales) come from
the config, and parents whose complete configs would build other buffers are refused.
"""

import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from core.errors import PairError
from core.merge.endpoints import check_endpoints
from core.merge.fit import check_fit
from core.merge.forms import Form, hold, hold_spread
from core.merge.materialised import Materialised, match_tensors
from core.merge.spread import Placement, spread
from core.pairs.checkpoint import read_checkpoint
from core.pairs.config_match import differing_settings
from core.pairs.parts import parse_path
from core.pairs.preflight import PairReport

logger = logging.getLogger(__name__)


def load_materialised(
    report: PairReport,
    device: torch.device,
    form: Form = "resident",
    placement: Placement | None = None,
) -> Materialised:
    """Load both parents and the live copy in the form planned; its end points are checked.

    Raises:
        PairError: a parent cannot be loaded, or the end points are not exact.
        NotBlendable: the form is `paired`, and this model does not allow it.
        NotSpreadable: a placement over several devices is given, and it does not allow that.
    """
    for folder in dict.fromkeys((report.base_folder, report.instruct_folder)):
        check_fit(read_checkpoint(folder))
    _refuse_other_buffers(report)
    dtype = getattr(torch, report.dtype)
    base = load_parent(report.base_folder, dtype)
    if report.copies == 1:  # one model alone: every λ of it is itself, and nothing is written
        alone = base.to(device) if placement is None else spread(base, placement)
        return Materialised(alone.eval().requires_grad_(False), ())
    instruct = load_parent(report.instruct_folder, dtype)
    model = _with_all_tensors(base, instruct)
    matches = match_tensors(model.state_dict(), _tensors(base), _tensors(instruct))
    if placement is not None:
        merged = hold_spread(model, matches, placement)
    else:
        merged = hold(model, matches, device, form)
    check_endpoints(merged)
    if report.path:
        path = parse_path(report.path)
        merged.along(lambda name, lam: path.value(name, lam, report.layers))
    return merged


def load_parent(folder: Path, dtype: torch.dtype) -> PreTrainedModel:
    """One parent as transformers loads it, from safetensors only and without remote code.

    On a CPU, where its file is mapped into memory: nothing is read until it is used.

    Raises:
        PairError: transformers cannot load it, or it lacks tensors.
    """
    try:
        model, told = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except Exception as error:  # a config can make transformers raise anything
        reason = " ".join(str(error).split())[:300]
        raise PairError(
            f"The checkpoint {folder} cannot be loaded: {reason}. Copy it again or choose another."
        ) from error
    _refuse_missing(folder, sorted(told["missing_keys"]))
    return model


def _refuse_missing(folder: Path, names: list[str]) -> None:
    """What a checkpoint lacks, transformers would fill with random numbers."""
    if names:
        raise PairError(
            f"The checkpoint {folder} lacks {len(names)} tensors of its model, first {names[0]}. "
            "Copy it again or choose another."
        )


def ties(folder: Path) -> bool:
    """Whether this parent's output embedding is its input embedding, as transformers reads it.

    Raises:
        PairError: transformers cannot read the config.
    """
    return bool(_full_config(folder).get("tie_word_embeddings"))


def _tensors(model: PreTrainedModel) -> dict[str, Tensor]:
    return {name: tensor.detach() for name, tensor in model.state_dict().items()}


def _with_all_tensors(base: PreTrainedModel, instruct: PreTrainedModel) -> PreTrainedModel:
    """The parent that has every tensor and row, which becomes the live one.

    An untied output embedding goes before rows: parents that differ in both are refused when
    their tensors are matched.
    """
    tied = base.config.tie_word_embeddings, instruct.config.tie_word_embeddings
    if tied[0] != tied[1]:
        return instruct if tied[0] else base
    return base if _rows(base) > _rows(instruct) else instruct


def _rows(model: PreTrainedModel) -> int:
    return int(model.get_input_embeddings().weight.shape[0])


def _refuse_other_buffers(report: PairReport) -> None:
    """The complete configs, defaults filled in, must agree in what they compute."""
    base, instruct = _full_config(report.base_folder), _full_config(report.instruct_folder)
    for key, (left, right) in differing_settings(base, instruct).items():
        raise PairError(
            f"The parents' configs differ in {key} (base {left!r}, instruct {right!r}), so they "
            "compute different things. Choose parents whose settings agree."
        )


def _full_config(folder: Path) -> dict[str, Any]:
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # a config can make transformers raise anything
        reason = " ".join(str(error).split())[:300]
        raise PairError(
            f"The config of {folder} cannot be used: {reason}. Choose a model that this version "
            "of transformers knows."
        ) from error
    return dict(config.get_text_config().to_dict())
