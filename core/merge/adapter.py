"""A LoRA adapter put into its base: the instruct side of a pair that ships as an adapter.

    merge_adapter(base_folder, adapter_folder, out)

Writes base + scale · B·A as an ordinary checkpoint, in float32 and rounded once to the base's
dtype. From then on the pair is like any other, and λ scales the adapter: base + λ · (that −
base). PEFT rounds the product to the base's dtype before adding it, so that in half precision
the two may differ by one rounding. Only plain LoRA; what goes beyond it is refused by name.
"""

import json
import math
import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from core.canon import content_id, file_hash
from core.errors import PairError
from core.merge.export import OnProgress
from core.merge.partial import PartialFolder
from core.merge.place import refuse_place
from core.merge.shards import MergedTensor, Shard, cut
from core.pairs.checkpoint import INDEX, Checkpoint, read_checkpoint
from core.pairs.fingerprint import NAMES, content_hash
from core.store.files import told_plainly

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX = "base_model.model."
_FACTOR = re.compile(r"(?P<module>.+)\.lora_(?P<which>[AB])\.weight")
# Settings of PEFT that leave the sum at base + scale · B·A; any other that is set may not.
_PLAIN = frozenset({
    "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "ensure_weight_tying",
    "eva_config", "exclude_modules", "fan_in_fan_out", "inference_mode", "init_lora_weights",
    "layers_pattern", "layers_to_transform", "lora_alpha", "lora_dropout", "megatron_core",
    "peft_type", "peft_version", "qalora_group_size", "r", "rank_pattern", "revision",
    "runtime_config", "target_modules", "target_parameters", "task_type", "use_rslora",
})  # fmt: skip
# Others (pissa, olora, corda, loftq …) begin by taking something off the base's own weights.
_BEGINNINGS = (True, False, None, "gaussian", "orthogonal", "eva")


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """A and B of every module that it changes, and by what their product is multiplied."""

    folder: Path
    config: dict[str, Any]
    factors: dict[str, tuple[Tensor, Tensor]]  # module → A [rank, in], B [out, rank]

    def change(self, module: str) -> Tensor:
        """In float32 what is added at full strength: [out, in], or turned where PEFT says so."""
        low, high = (factor.float() for factor in self.factors[module])
        product = self._scale(module, low.shape[0]) * (high @ low)
        return product.T if self.config.get("fan_in_fan_out") else product

    def _scale(self, module: str, rank: int) -> float:
        try:
            patterns = self.config.get("alpha_pattern") or {}
            alpha = float(
                next(
                    (v for key, v in patterns.items() if re.match(rf"(.*\.)?({key})$", module)),
                    self.config["lora_alpha"],
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
            raise _damaged(self.folder, f"its config names no strength of {module}") from error
        if not math.isfinite(alpha):
            raise _damaged(self.folder, f"its strength of {module} is {alpha}")
        return alpha / (math.sqrt(rank) if self.config.get("use_rslora") else rank)


def is_adapter(folder: Path) -> bool:
    """Whether the folder holds an adapter and no model of its own."""
    return (folder / CONFIG).is_file() and not (folder / "config.json").is_file()


def read_adapter(folder: Path) -> Adapter:
    """A plain LoRA adapter.

    Raises:
        PairError: it is no LoRA, goes beyond plain LoRA, or its files do not fit each other.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        tensors = load_file(folder / WEIGHTS)
    except (OSError, ValueError, RecursionError, SafetensorError) as error:
        raise PairError(
            f"The adapter {folder} cannot be read ({error}). It needs {CONFIG} and {WEIGHTS}."
        ) from error
    if not isinstance(config, dict):
        raise _damaged(folder, f"{CONFIG} is no JSON object")
    _refuse_beyond(folder, config)
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        match = _FACTOR.fullmatch(name.removeprefix(_PREFIX))
        if match is None:
            raise _no_plain_lora(folder, f"it holds {name}")
        found.setdefault(match["module"], {})[match["which"]] = tensor
    odd = next((m for m, two in found.items() if len(two) < 2), None)
    if odd is not None or not found:
        raise PairError(
            f"The adapter {folder} lacks {f'half of {odd}' if odd else 'its weights'}. "
            "Copy it again."
        )
    for module, two in found.items():
        _refuse_odd(folder, module, two["A"], two["B"])
    return Adapter(folder, config, {m: (two["A"], two["B"]) for m, two in found.items()})


def merge_adapter(
    base_folder: Path, adapter_folder: Path, out: Path, on_progress: OnProgress | None = None
) -> Path:
    """Write the merged checkpoint and return its folder; an interrupted one is gone on with.

    Raises:
        PairError: the adapter is not plain LoRA, or was made for another base.
        StoreError: the place cannot be used, or the disk has no room.
    """
    base, adapter = read_checkpoint(base_folder), read_adapter(adapter_folder)
    _refuse_other_base(base, adapter)
    refuse_place(out, (base_folder, adapter_folder))
    shards = cut(
        MergedTensor(e.name, e.shape, e.floating, e, e, e.size_bytes) for e in base.tensors.values()
    )
    partial = PartialFolder(out, _merge_id(base_folder, adapter_folder), shards)
    done = 0
    with partial.opened():
        for shard in shards:
            if not partial.has(shard):
                partial.take(shard, _tensors(shard, adapter))
            done += shard.size_bytes
            if on_progress is not None:
                on_progress(done, partial.total_bytes)
        _write_small_files(partial.folder, base, adapter)
        partial.close()
    return out


def _tensors(shard: Shard, adapter: Adapter) -> dict[str, Tensor]:
    with ExitStack() as files:
        opened: dict[Path, Any] = {}
        made = {}
        for one in shard.tensors:
            if one.base.file not in opened:
                opened[one.base.file] = files.enter_context(
                    safe_open(one.base.file, framework="pt")
                )
            tensor: Tensor = opened[one.base.file].get_tensor(one.name)
            module = one.name.removesuffix(".weight")
            if module in adapter.factors:
                tensor = (tensor.float() + adapter.change(module)).to(tensor.dtype).contiguous()
            made[one.name] = tensor
    return made


def _refuse_beyond(folder: Path, config: dict[str, Any]) -> None:
    if config.get("peft_type") != "LORA":
        raise _no_plain_lora(folder, f"its kind is {config.get('peft_type')!r}")
    for setting, value in config.items():
        if value and setting not in _PLAIN:
            raise _no_plain_lora(folder, f"it sets {setting[:60]}")
    if (begun := config.get("init_lora_weights")) not in _BEGINNINGS:
        raise _no_plain_lora(
            folder, f"it began as {str(begun)[:60]!r}, which changes the base's own weights"
        )
    if config.get("bias", "none") != "none":
        raise _no_plain_lora(folder, f"it changes biases ({config['bias']!r})")


def _refuse_odd(folder: Path, module: str, low: Tensor, high: Tensor) -> None:
    """A [rank, in] and B [out, rank], of numbers."""
    if low.dim() != 2 or high.dim() != 2 or not 0 < low.shape[0] == high.shape[1]:
        raise _damaged(
            folder, f"the two halves of {module} are {list(low.shape)} and {list(high.shape)}"
        )
    for half in (low, high):
        if not half.is_floating_point() or not bool(half.isfinite().all()):
            raise _damaged(folder, f"{module} holds what is no finite number")


def _damaged(folder: Path, why: str) -> PairError:
    return PairError(f"The adapter {folder} is damaged: {why}. Copy it again.")


def _no_plain_lora(folder: Path, why: str) -> PairError:
    return PairError(
        f"The adapter {folder} is no plain LoRA: {why}. Merge it with PEFT's merge_and_unload "
        "and give the merged folder."
    )


def _refuse_other_base(base: Checkpoint, adapter: Adapter) -> None:
    for module, (low, high) in adapter.factors.items():
        name = f"{module}.weight"
        if name not in base.tensors:
            raise PairError(
                f"The adapter {adapter.folder} changes {name}, which the base {base.folder} does "
                "not store. Choose the base that it was made for."
            )
        shape = (high.shape[0], low.shape[1])
        shape = shape[::-1] if adapter.config.get("fan_in_fan_out") else shape
        if shape != base.tensors[name].shape:
            raise PairError(
                f"The adapter {adapter.folder} changes {name} as {list(shape)}, but it is "
                f"{list(base.tensors[name].shape)} in {base.folder}. "
                "Choose the base that it was made for."
            )


def _merge_id(base: Path, adapter: Path) -> str:
    parts = [file_hash(adapter / name) for name in (CONFIG, WEIGHTS)]
    return content_id({"adapter": parts, "base": content_hash(base)})


def _write_small_files(folder: Path, base: Checkpoint, adapter: Adapter) -> None:
    """The base's configs; tokenizer and chat template of the adapter where it has them."""
    with told_plainly(folder):
        for name in NAMES:
            own = adapter.folder / name
            source = own if own.is_file() else base.folder / name
            if name != INDEX and source.is_file():
                shutil.copyfile(source, folder / name)
