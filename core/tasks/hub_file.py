"""One file of a hub data set that we may not ship: from a copy, the hub's cache, or the hub.

    hub_file("tatsu-lab/alpaca_eval", "alpaca_eval_gpt4_baseline.json")

A copy in the folder PARTWAY_DATA/owner/name goes first. What was read decides a run's id (the
hash of the instructions), so no commit is pinned here. Not here: reading the file.
"""

from pathlib import Path

from core.errors import TaskError
from core.settings import Settings, read_settings
from core.tasks.data import local_copy
from core.tasks.hub import PAGE, HubUnreachable, commit_on_hub, hub_errors


def hub_file(repo: str, name: str, settings: Settings | None = None) -> Path:
    """Where the file is on this machine; fetched when it is not there yet.

    Raises:
        HubUnreachable: it is not here and there is no network.
        TaskError: the hub does not give it, or the copy lacks it.
    """
    settings = settings or read_settings()
    folder = local_copy(repo, settings)
    if folder is not None:
        if not (folder / name).is_file():
            raise TaskError(
                f"The folder {folder} has no file {name}. Copy it from {PAGE}/{repo}, or remove "
                "the folder to ask the hub."
            )
        return folder / name
    return _cached(repo, name) or _fetched(repo, name, settings)


def file_here(repo: str, name: str, settings: Settings) -> Path | None:
    """Where the file is on this machine, or None; the hub is not asked."""
    folder = local_copy(repo, settings)
    if folder is None:
        return _cached(repo, name)
    return folder / name if (folder / name).is_file() else None


def _cached(repo: str, name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, name, repo_type="dataset")
    return Path(found) if isinstance(found, str) else None


def _fetched(repo: str, name: str, settings: Settings) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        # The download alone would try again for half a minute where there is no network.
        commit = commit_on_hub(repo)
        with hub_errors(repo):
            return Path(hf_hub_download(repo, name, repo_type="dataset", revision=commit))
    except (HubUnreachable, LocalEntryNotFoundError) as error:
        data = settings.data or "a folder that you name in PARTWAY_DATA"
        raise HubUnreachable(
            f"{name} of {repo} is not on this machine and the hub cannot be reached. Go online "
            f"once, or fetch the file from {PAGE}/{repo} elsewhere and put it into "
            f"{data}, as {repo}/{name}."
        ) from error
