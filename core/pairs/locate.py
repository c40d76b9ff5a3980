"""From a registry entry to a folder on this machine: a local path, or a hub id's snapshot.

A hub id is looked for in the local cache first; only then is the network asked, for
safetensors and text files alone, never for pickles.
"""

from pathlib import Path

from core.errors import PairError
from core.pairs.source import is_there

WANTED = ("*.safetensors", "*.json", "*.jinja", "*.txt", "tokenizer.model")


def locate(source: str, revision: str | None, *, download: bool = True) -> Path:
    """The folder that holds this parent.

    Raises:
        PairError: no such folder; or the hub cannot be reached, wants a licence to be
            accepted, or does not know the id.
    """
    if Path(source).is_absolute():
        if not is_there(Path(source)):
            raise PairError(
                f"The checkpoint folder {source} does not exist, or may not be looked for. Correct "
                "the pair's path; a model of the hub is written as org/model."
            )
        return Path(source)
    return _cached(source, revision) or _from_hub(source, revision, download)


def _cached(hub_id: str, revision: str | None) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            hub_id, revision=revision, allow_patterns=list(WANTED), local_files_only=True
        )
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None
    return Path(folder) if (Path(folder) / "config.json").is_file() else None


def _from_hub(hub_id: str, revision: str | None, download: bool) -> Path:
    if not download:
        raise PairError(f"{hub_id} is not on this machine. Load the pair once while online.")
    from core.pairs.download import fetch

    return fetch(hub_id, revision)
