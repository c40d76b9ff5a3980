"""Fetch a parent from the hub: room is checked first, what is here already is not fetched again.

    fetch("org/model", revision, on_progress)

`huggingface_hub` does the fetching: files of a cut download are gone on with, and its own
variables hold (HF_TOKEN, HF_HOME, HF_HUB_OFFLINE, HF_ENDPOINT). Safetensors and text files only.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import PairError
from core.pairs.hub_errors import told_by_hub
from core.pairs.locate import WANTED

SPARE_BYTES = 256 << 20
OnProgress = Callable[[int, int], None]  # bytes fetched, bytes in all


def bytes_to_fetch(repo: str, revision: str | None = None) -> int:
    """What a download would bring; 0 when all of it is here.

    Raises:
        PairError: the hub cannot be asked, or refuses.
    """
    from huggingface_hub import snapshot_download

    with told_by_hub(repo):
        files: Any = snapshot_download(
            repo, revision=revision, allow_patterns=list(WANTED), dry_run=True
        )
    return sum(int(one.file_size or 0) for one in files if one.will_download)


def fetch(repo: str, revision: str | None = None, on_progress: OnProgress | None = None) -> Path:
    """The folder of the whole checkpoint.

    Raises:
        PairError: no room, or the hub refuses, fails or does not answer.
    """
    from huggingface_hub import constants, snapshot_download

    needed = bytes_to_fetch(repo, revision)
    place = Path(constants.HF_HUB_CACHE)
    free = shutil.disk_usage(_existing(place)).free
    if needed + SPARE_BYTES > free:
        raise PairError(
            f"{repo} needs {needed:,} bytes more, and {place} has {free:,} free. Free some space, "
            "or set HF_HOME to another disk."
        )
    with told_by_hub(repo):
        folder = snapshot_download(
            repo,
            revision=revision,
            allow_patterns=list(WANTED),
            tqdm_class=_bar(needed, on_progress) if on_progress else None,
        )
    return Path(folder)


def _existing(place: Path) -> Path:
    return next(path for path in (place, *place.parents) if path.exists())


def _bar(total: int, on_progress: OnProgress) -> Any:
    """A progress bar of the client's that draws nothing and adds up all files."""
    from tqdm.auto import tqdm

    done = 0
    plain: Any = tqdm

    class Told(plain):  # type: ignore[misc]  # its class is known when it runs
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            kwargs["disable"] = True
            self._bytes = kwargs.get("unit") == "B"
            super().__init__(*args, **kwargs)

        def update(self, n: float | None = 1) -> Any:
            nonlocal done
            if self._bytes and n:
                done = min(total, done + int(n))
                on_progress(done, total)
            return super().update(n)

    return Told
