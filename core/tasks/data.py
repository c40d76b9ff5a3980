"""Where the rows of a hub data set come from: a copy on this machine, or a commit of the hub.

    data = find_data(definition, suite_task.revision)     None: the data lies beside the YAML
    task_hash(definition, data=data.identity())           other rows, another run

A folder `PARTWAY_DATA/owner/name` stands in for the hub: it holds what the hub's repository
holds (README.md with its `configs`, and the data files), and is identified by the content of
its files. Anything else is identified by its commit. Neither needs the rows to be loaded, so
a plan costs milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError, TaskError
from core.settings import Settings, read_settings
from core.tasks.definition import TaskDefinition, files_hash
from core.tasks.revisions import commit_of, pinned
from core.tasks.stamps import Stamp, stamp


@dataclass(frozen=True, slots=True)
class TaskData:
    """A hub data set, from a folder or at a commit; equal when the rows are."""

    repo: str
    commit: str | None = None
    folder: Path | None = None
    files: tuple[Stamp, ...] = ()  # of the folder

    def in_words(self) -> str:
        """For a run's spec: what to ask the hub for, or that a copy was read."""
        return f"{self.repo}@{self.commit}" if self.folder is None else f"a copy of {self.name}"

    @property
    def name(self) -> str:
        """The data set's name, without a folder of this machine."""
        return Path(self.repo).name if Path(self.repo).is_absolute() else self.repo

    def identity(self) -> Mapping[str, Any]:
        """What goes into a run's id: no path of this machine."""
        if self.folder is None:
            return {"repo": self.repo, "commit": self.commit}
        paths = tuple(one.path for one in self.files)
        return {"repo": self.name, "files": files_hash(self.folder, paths)}


def find_data(
    definition: TaskDefinition, revision: str | None = None, settings: Settings | None = None
) -> TaskData | None:
    """The data of this task as it is now; None where it lies beside the YAML.

    Raises:
        TaskError: a commit is neither pinned nor told by the hub.
    """
    if definition.repo is None:
        return None
    settings = settings or read_settings()
    folder = local_copy(definition.repo, settings)
    if folder is not None:
        return _in_folder(definition, folder)
    asked = definition.asked_revision or revision
    return TaskData(definition.repo, commit_of(definition.repo, asked, settings))


def data_state(
    definition: TaskDefinition, revision: str | None = None, settings: Settings | None = None
) -> str:
    """In words, without a network: where the rows would come from."""
    settings = settings or read_settings()
    if definition.repo is None:
        return "beside the task file"
    folder = local_copy(definition.repo, settings)
    if folder is not None:
        return f"the copy in {folder}"
    commit = pinned(definition.repo, definition.asked_revision or revision, settings)
    return "revision unverified (not pinned yet)" if commit is None else f"commit {commit}"


def local_copy(repo: str, settings: Settings) -> Path | None:
    """The folder that stands in for a hub data set, if there is one.

    Raises:
        InputError: PARTWAY_DATA names no folder.
    """
    if Path(repo).is_absolute():
        return Path(repo)
    parts = repo.split("/")
    if settings.data is not None and not settings.data.is_dir():
        raise InputError(
            f"PARTWAY_DATA = {str(settings.data)!r} is no folder. Create it, or unset the variable "
            "to read from the hub."
        )
    if settings.data is None or not all(parts) or any(part.startswith(".") for part in parts):
        return None
    folder = settings.data.joinpath(*parts)
    return folder if folder.is_dir() else None


def _in_folder(definition: TaskDefinition, folder: Path) -> TaskData:
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )
    if not files:
        raise TaskError(
            f"The folder {folder} is empty, and should hold the data set {definition.repo}. "
            "Copy the data set's repository into it, or remove the folder."
        )
    return TaskData(str(definition.repo), None, folder, tuple(map(stamp, files)))
