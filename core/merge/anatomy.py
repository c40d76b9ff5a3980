"""Reads both parents once and sums, tensor by tensor, how far they lie apart.

    look(report, on_progress)          # a few hundred megabytes of memory, no device

Sums are of float32 differences in float64, piece by piece. Not here: what is made of them
(core/pairs/anatomy.py).
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from core.errors import PairError
from core.merge.export import OnProgress
from core.merge.fit import check_fit
from core.merge.parents import ties
from core.merge.shards import MergedTensor, merged_tensors
from core.pairs.anatomy import Anatomy, TensorChange
from core.pairs.checkpoint import read_checkpoint
from core.pairs.preflight import PairReport
from core.pairs.safetensors_header import TensorEntry

PIECE = 1 << 24  # numbers at a time


def look(report: PairReport, on_progress: OnProgress | None = None) -> Anatomy:
    """Every floating tensor that the parents share; rows that one alone has are left out.

    Raises:
        PairError: a parent's files are not what their headers say.
    """
    base, instruct = read_checkpoint(report.base_folder), read_checkpoint(report.instruct_folder)
    for parent in (base, instruct):
        check_fit(parent)
    dtype: torch.dtype = getattr(torch, report.dtype)
    untie = ties(report.base_folder) != ties(report.instruct_folder)
    tensors = [t for t in merged_tensors(base, instruct, dtype.itemsize, untie=untie) if t.floating]
    total, done, found = sum(t.size_bytes for t in tensors), 0, []
    with ExitStack() as files:
        opened: dict[Path, Any] = {}
        for tensor in tensors:
            found.append(_change(tensor, opened, files))
            done += tensor.size_bytes
            if on_progress is not None:
                on_progress(done, total)
    return Anatomy(report.identity.name, tuple(found))


def _change(tensor: MergedTensor, opened: dict[Path, Any], files: ExitStack) -> TensorChange:
    base, instruct = (_read(e, opened, files) for e in (tensor.base, tensor.instruct))
    if base.shape != instruct.shape:
        rows = min(len(base), len(instruct))
        base, instruct = base[:rows], instruct[:rows]
    sums = torch.zeros(4, dtype=torch.float64)
    for left, right in _pieces(base, instruct):
        change = right - left
        for at, values in enumerate((left, right, change)):
            sums[at] += values.double().square().sum()
        sums[3] += change.eq(0).sum()
    first, second, third, equal = (float(one) for one in sums)
    if not math.isfinite(first + second + third):
        raise PairError(
            f"The tensor {tensor.name} holds numbers that are infinite or none (NaN), so its "
            "change has no size. Copy the checkpoint again, or choose another."
        )
    return TensorChange(tensor.name, base.numel(), first, second, third, int(equal))


def _pieces(base: Tensor, instruct: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    flat = base.reshape(-1), instruct.reshape(-1)
    for start in range(0, base.numel(), PIECE):
        left, right = (one[start : start + PIECE].float() for one in flat)
        yield left, right


def _read(entry: TensorEntry, opened: dict[Path, Any], files: ExitStack) -> Tensor:
    if entry.file not in opened:
        opened[entry.file] = files.enter_context(safe_open(entry.file, framework="pt"))
    tensor: Tensor = opened[entry.file].get_tensor(entry.name)
    return tensor
