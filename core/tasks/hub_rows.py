"""The rows of a hub data set, through `datasets`: at one commit, or from a folder.

The same reader for both, so that what works offline with a copy works online and the other
way round. Not here: which commit or folder (`data.py`), and rows that lie beside the task
file as JSON lines (`lmeval.py`).
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.errors import TaskError
from core.tasks.data import TaskData
from core.tasks.definition import TaskDefinition
from core.tasks.hub import HubUnreachable, causes, commit_on_hub, gated, refusal, unknown

logger = logging.getLogger(__name__)
IGNORED = frozenset({"revision", "trust_remote_code", "data_files"})


def load_rows(definition: TaskDefinition, data: TaskData) -> Mapping[str, Any]:
    """Every split as a `datasets.Dataset`, by name.

    Raises:
        TaskError: gated, unknown, unreachable, or unreadable; what to do is in the sentence.
    """
    offline = data.folder is None and not _reachable(data)
    with _told(definition, data, offline), _quick_refusal(offline):
        builder = _builder(definition, data, offline)
        if data.commit is not None and not definition.hub_files and builder.hash != data.commit:
            raise TaskError(
                f"Offline, and of the data set {data.repo} this machine holds commit "
                f"{builder.hash}, not {data.commit}. Go online, or change the pin."
            )
        builder.download_and_prepare()
        rows: Mapping[str, Any] = builder.as_dataset()
        return rows


def _builder(definition: TaskDefinition, data: TaskData, offline: bool) -> Any:
    from datasets import load_dataset_builder

    given = definition.config.get("dataset_kwargs") or {}
    more = {key: value for key, value in given.items() if key not in IGNORED}
    if definition.hub_files:
        named = definition.hub_files
        files = {split: _file(data, path, offline) for split, path in named.items()}
        return load_dataset_builder(definition.config["dataset_path"], data_files=files, **more)
    if data.folder is not None:
        return load_dataset_builder(str(data.folder), definition.data_name, **more)
    return load_dataset_builder(data.repo, definition.data_name, revision=data.commit, **more)


def _file(data: TaskData, path: str, offline: bool) -> str:
    if data.folder is not None:
        return str(data.folder / path)
    from huggingface_hub import hf_hub_download

    # Not by `hf://`: that asks the hub each time, also for what this machine holds.
    found = hf_hub_download(
        data.repo, path, repo_type="dataset", revision=data.commit, local_files_only=offline
    )
    return str(found)


def _reachable(data: TaskData) -> bool:
    """Ask once, quickly: `datasets` by itself asks six times, which takes 24 s offline."""
    try:
        commit_on_hub(data.repo, data.commit)
    except HubUnreachable as error:
        logger.info("the hub cannot be reached (%s); looking for a copy of %s", error, data.repo)
        return False
    return True


@contextmanager
def _quick_refusal(offline: bool) -> Iterator[None]:
    """While offline, let `datasets` look only at what this machine holds."""
    from datasets import config

    before = config.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = before or offline
    try:
        yield
    finally:
        config.HF_HUB_OFFLINE = before


@contextmanager
def _told(definition: TaskDefinition, data: TaskData, offline: bool) -> Iterator[None]:
    """Turn what `datasets` raises into a sentence."""
    from datasets.exceptions import DatasetNotFoundError, DatasetsError
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError is the client's
        HfHubHTTPError,
        HTTPError,
    )

    try:
        yield
    except (DatasetsError, HTTPError, OSError, ValueError, KeyError, TypeError) as error:
        if any(isinstance(one, HfHubHTTPError) for one in causes(error)):
            raise refusal(data.repo, error) from error
        if isinstance(error, DatasetNotFoundError):  # it hides what it came from
            raise (gated if "gated" in str(error) else unknown)(data.repo) from error
        if offline:
            raise TaskError(
                f"The data set {data.repo} of the task {definition.name} cannot be reached, and "
                f"this machine holds no copy of commit {data.commit}. Go online, or put a copy "
                f"into the folder PARTWAY_DATA/{data.repo}."
            ) from error
        where = data.folder or f"commit {data.commit}"
        told = str(error).split("\n")[0] or type(error).__name__
        raise TaskError(
            f"The data set {data.repo}{_part(definition)} of the task {definition.name} cannot be "
            f"read from {where} ({type(error).__name__}: {told.rstrip('.')}). "
            "Compare it with the hub's repository."
        ) from error


def _part(definition: TaskDefinition) -> str:
    return "" if definition.data_name is None else f" ({definition.data_name})"
