"""A checkpoint on the hub, looked at without its weights: configs and the headers of its files.

    read_remote("org/model", revision)       # a few hundred kilobytes

The small files go to the hub's own cache, where a later download finds them. Not here: deciding
anything (`findings.py`), fetching weights (`download.py`).
"""

import json
from pathlib import Path
from typing import Any

from core.errors import PairError
from core.pairs.checkpoint import Checkpoint
from core.pairs.hub_errors import told_by_hub
from core.pairs.safetensors_header import TensorEntry

SMALL_FILES = (
    "config.json", "generation_config.json", "tokenizer_config.json", "chat_template.jinja",
)  # fmt: skip


def read_remote(repo: str, revision: str | None = None) -> Checkpoint:
    """What the hub holds under that id.

    Raises:
        PairError: it cannot be asked, or holds no model in safetensors.
    """
    from huggingface_hub import HfApi

    with told_by_hub(repo):
        folder = _fetch_small(repo, revision)
        headers = HfApi().get_safetensors_metadata(repo, revision=revision)
    config = _json(folder / "config.json")
    if config is None:
        raise PairError(f"{repo} holds no config.json that can be read. Choose another model.")
    return Checkpoint(
        folder=folder,
        config=config,
        tensors={
            name: TensorEntry(name, one.dtype, tuple(one.shape), folder / file)
            for file, found in headers.files_metadata.items()
            for name, one in found.tensors.items()
        },
        generation_config=_json(folder / "generation_config.json") or {},
        tokenizer_config=_json(folder / "tokenizer_config.json") or {},
    )


def _fetch_small(repo: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(repo, revision=revision, allow_patterns=list(SMALL_FILES)))


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
