"""One checkpoint folder, looked at without loading it: config, tensors, special tokens.

Torch-free and quick: only JSON files and safetensors headers are read. What makes two
checkpoints a pair is decided in `core/pairs/preflight.py`.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import PairError
from core.pairs.safetensors_header import TensorEntry, read_header

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a folder says about itself."""

    folder: Path
    config: dict[str, Any]
    tensors: dict[str, TensorEntry] = field(repr=False)
    generation_config: dict[str, Any] = field(repr=False)
    tokenizer_config: dict[str, Any] = field(repr=False)

    @property
    def architecture(self) -> str:
        """The class that transformers builds, e.g. LlamaForCausalLM."""
        named = self.config.get("architectures")
        if isinstance(named, str):
            return named
        return str(named[0]) if isinstance(named, list) and named else "none"

    @property
    def text_config(self) -> dict[str, Any]:
        """The part of the config that describes the language model."""
        inner = self.config.get("text_config")
        return inner if isinstance(inner, dict) else self.config

    @property
    def parameters(self) -> int:
        """Numbers in floating tensors; tied tensors are stored, and counted, once."""
        return sum(entry.elements for entry in self.tensors.values() if entry.floating)

    @property
    def size_bytes(self) -> int:
        """Bytes of all tensors."""
        return sum(entry.size_bytes for entry in self.tensors.values())

    @property
    def main_dtype(self) -> str:
        """The floating dtype that most of the numbers have, in the header's words."""
        counts: dict[str, int] = {}
        for entry in self.tensors.values():
            if entry.floating:
                counts[entry.dtype] = counts.get(entry.dtype, 0) + entry.elements
        return max(counts, key=lambda dtype: counts[dtype])

    @property
    def stop_ids(self) -> frozenset[int]:
        """Token ids at which this parent's own generation config (or config) ends an answer."""
        value = self.generation_config.get("eos_token_id", self.text_config.get("eos_token_id"))
        ids = value if isinstance(value, list) else [value]
        return frozenset(token for token in ids if type(token) is int and token >= 0)

    @property
    def chat_template(self) -> str | None:
        """The text of the chat template, None when the folder has none."""
        file = self.folder / "chat_template.jinja"
        if file.is_file():
            return _read_text(file)
        return _template_text(self.tokenizer_config.get("chat_template"))


def read_checkpoint(folder: Path) -> Checkpoint:
    """Look at one folder.

    Raises:
        PairError: missing folder, config, weights or shard; truncated file; pickle weights.
    """
    try:
        return _read(folder)
    except OSError as error:  # a folder that may not be read, a shard with an impossible name
        raise PairError(
            f"The checkpoint {folder} cannot be read ({error.strerror or error}). Make it "
            "readable, or copy it again."
        ) from error


def _read(folder: Path) -> Checkpoint:
    if not folder.is_dir():
        raise PairError(f"The checkpoint folder {folder} does not exist. Correct the pair's path.")
    config = _read_json(folder / "config.json", required=True)
    files = weight_files(folder)
    tensors = _tensors(folder, files)
    if not any(entry.floating for entry in tensors.values()):
        raise PairError(f"The checkpoint {folder} holds no floating weights. Choose another one.")
    return Checkpoint(
        folder=folder,
        config=config,
        tensors=tensors,
        generation_config=_read_json(folder / "generation_config.json"),
        tokenizer_config=_read_json(folder / "tokenizer_config.json"),
    )


def _tensors(folder: Path, files: tuple[Path, ...]) -> dict[str, TensorEntry]:
    """By name, each in one file, and none that the index promises is absent."""
    found: dict[str, TensorEntry] = {}
    for entry in (entry for file in files for entry in read_header(file)):
        if entry.name in found:
            raise PairError(
                f"The checkpoint {folder} stores {entry.name} twice, in "
                f"{found[entry.name].file.name} and {entry.file.name}. Copy it again."
            )
        found[entry.name] = entry
    if (folder / INDEX).is_file():
        promised = _read_json(folder / INDEX, required=True)["weight_map"]
        absent = [name for name in promised if name not in found]
        if absent:
            raise PairError(
                f"The index {folder / INDEX} names {len(absent)} tensors that no file holds, "
                f"first {absent[0]!r}. Copy the checkpoint again."
            )
    return found


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The safetensors files of a checkpoint, in the index's order of names.

    Raises:
        PairError: a shard that the index names is missing, or there are only pickles.
    """
    if (folder / INDEX).is_file():
        return _shards(folder)
    if (folder / SINGLE).is_file():
        return (folder / SINGLE,)
    if any(file for pattern in PICKLES for file in folder.glob(pattern)):
        raise PairError(
            f"The checkpoint {folder} holds pickle weights only, which can run code when opened. "
            "Convert it to safetensors first."
        )
    raise PairError(f"The checkpoint {folder} holds no {SINGLE}. Copy the weights there.")


def _shards(folder: Path) -> tuple[Path, ...]:
    weight_map = _read_json(folder / INDEX, required=True).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise PairError(f"The index {folder / INDEX} names no shard. Copy it again.")
    names = sorted({str(name) for name in weight_map.values()})
    outside = [name for name in names if Path(name).name != name]
    if outside:
        raise PairError(f"The index {folder / INDEX} points outside its folder: {outside[0]!r}.")
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise PairError(
            f"The checkpoint {folder} lacks {len(missing)} of {len(names)} weight files, "
            f"first {missing[0]}. Copy or download it again."
        )
    return tuple(folder / name for name in names)


def _read_json(path: Path, *, required: bool = False) -> dict[str, Any]:
    if not path.is_file():
        if required:
            raise PairError(f"The file {path} is missing. Copy the whole checkpoint folder.")
        return {}
    try:
        content = json.loads(_read_text(path))
    except (ValueError, RecursionError) as error:
        raise PairError(f"The file {path} cannot be read ({error}). Copy it again.") from error
    if not isinstance(content, dict):
        raise PairError(f"The file {path} is not a JSON object. Copy it again.")
    return content


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PairError(f"The file {path} cannot be read ({error}). Copy it again.") from error


def _template_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list):  # several named templates: the default one counts
        named = {part.get("name"): part.get("template") for part in value if isinstance(part, dict)}
        text = named.get("default")
        return text if isinstance(text, str) else None
    return None
