"""The chosen λ as an ordinary checkpoint, tensor by tensor from the parents' files.

    export_checkpoint(order, report)       # about one shard of memory, no device, no model class

The arithmetic is the live model's (`Slot.write`), so the written bits are the measured ones.
The folder appears whole or not at all: everything is written beside it and renamed at the end.
What an interrupted export finished is kept there, and the next one goes on from it. Not here:
the words of the model card and the recipe (core/reports/export_card.py), which are given.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from core.lam import Lam
from core.merge.materialised import fill
from core.merge.parents import ties
from core.merge.partial import PartialFolder
from core.merge.place import refuse_place
from core.merge.shards import SHARD_BYTES, MergedTensor, Shard, cut, merged_tensors
from core.pairs.checkpoint import INDEX, Checkpoint, read_checkpoint
from core.pairs.fingerprint import NAMES
from core.pairs.parts import parse_path
from core.pairs.preflight import PairReport
from core.pairs.safetensors_header import TensorEntry
from core.store.files import told_plainly, write_json, write_whole

OnProgress = Callable[[int, int], None]  # bytes written, bytes in all


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is to be written where.

    `export_id` names the weights (core/pairs/recipe.py): an interrupted export is gone on with
    only by one of the same id. `texts` are files by name, such as the model card.
    """

    lam: Lam
    out: Path
    export_id: str
    texts: Mapping[str, str] = field(default_factory=dict)
    shard_bytes: int = SHARD_BYTES


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    folder: Path
    files: tuple[str, ...]
    size_bytes: int  # of all weights
    kept_bytes: int  # of them that an earlier, interrupted export had written


def export_checkpoint(
    order: ExportOrder, report: PairReport, on_progress: OnProgress | None = None
) -> Exported:
    """Write the folder.

    Raises:
        StoreError: it exists already, is one of the parents, or the disk has no room for it.
        PairError: a parent's files are not what their headers say.
    """
    base, instruct = read_checkpoint(report.base_folder), read_checkpoint(report.instruct_folder)
    dtype: torch.dtype = getattr(torch, report.dtype)
    untie = ties(report.base_folder) != ties(report.instruct_folder)
    tensors = merged_tensors(base, instruct, dtype.itemsize, untie=untie)
    shards = cut(tensors, order.shard_bytes)
    refuse_place(order.out, (report.base_folder, report.instruct_folder))
    partial = PartialFolder(order.out, order.export_id, shards)
    values = _values(report, order.lam)
    with partial.opened():
        writing = _Writing(values, dtype, partial, on_progress or (lambda done, total: None))
        for shard in shards:
            writing.write(shard)
        _write_small_files(partial.folder, instruct, report, untie)
        for name, text in order.texts.items():
            write_whole(partial.folder / name, text)
        partial.close()
    return Exported(
        order.out,
        tuple(sorted(path.name for path in order.out.iterdir())),
        partial.total_bytes,
        partial.kept_bytes,
    )


class _Writing:
    """One pass over the shards."""

    def __init__(
        self,
        values: Callable[[str], float],
        dtype: torch.dtype,
        partial: PartialFolder,
        on_progress: OnProgress,
    ) -> None:
        self._value, self._dtype, self._partial = values, dtype, partial
        self._tell = on_progress
        self._total = partial.total_bytes
        self._done = partial.kept_bytes
        self._tell(self._done, self._total)  # first: what was there already has no speed

    def write(self, shard: Shard) -> None:
        """Merge and write one file, unless it is there."""
        if self._partial.has(shard):
            return
        with ExitStack() as files:
            opened: dict[Path, Any] = {}
            tensors = {one.name: self._merge(one, opened, files) for one in shard.tensors}
        self._partial.take(shard, tensors)

    def _merge(self, one: MergedTensor, opened: dict[Path, Any], files: ExitStack) -> Tensor:
        base, instruct = (self._read(e, opened, files) for e in (one.base, one.instruct))
        live = torch.empty(one.shape, dtype=base.dtype)
        with torch.no_grad():
            fill(one.name, live, base, instruct, self._value(one.name))
        self._done += one.size_bytes
        self._tell(self._done, self._total)
        return live

    def _read(self, entry: TensorEntry, opened: dict[Path, Any], files: ExitStack) -> Tensor:
        """From the file, in the dtype of the merge; a file stays open for its shard."""
        if entry.file not in opened:
            opened[entry.file] = files.enter_context(safe_open(entry.file, framework="pt"))
        tensor: Tensor = opened[entry.file].get_tensor(entry.name)
        return tensor.to(self._dtype) if tensor.is_floating_point() else tensor


def _values(report: PairReport, lam: Lam) -> Callable[[str], float]:
    """A tensor's name → its λ."""
    if not report.path:
        return lambda name: lam.value
    path = parse_path(report.path)
    return lambda name: path.value(name, lam, report.layers)


def _write_small_files(folder: Path, instruct: Checkpoint, report: PairReport, untie: bool) -> None:
    """Tokenizer and chat template of the instruct parent; configs that fit the weights."""
    own = {"config.json", "generation_config.json", INDEX}
    with told_plainly(folder):
        for name in NAMES:
            if name not in own and (instruct.folder / name).is_file():
                shutil.copyfile(instruct.folder / name, folder / name)
    write_json(folder / "config.json", _config(instruct, report, untie))
    generation = {**instruct.generation_config}
    if report.stop_ids:
        generation["eos_token_id"] = list(report.stop_ids)
    write_json(folder / "generation_config.json", generation)


def _config(instruct: Checkpoint, report: PairReport, untie: bool) -> dict[str, Any]:
    """The instruct parent's, with the dtype, the rows and the tying of what was written."""
    config: dict[str, Any] = json.loads(json.dumps(instruct.config))
    text = config if instruct.text_config is instruct.config else config["text_config"]
    rows = [one for one in (report.base_rows, report.instruct_rows) if one is not None]
    if rows:
        text["vocab_size"] = max(rows)
    for part in (config, text):
        part.pop("torch_dtype", None)
    config["dtype"] = report.dtype
    if untie:
        config["tie_word_embeddings"] = text["tie_word_embeddings"] = False
    return config
