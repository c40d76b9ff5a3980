"""What the hub says of a data set: its commit now, or in one sentence why it says nothing.

Only questions; no rows (`hub_rows.py`), and nothing is written here. `huggingface_hub` is
imported when the first question is asked, and brings its own settings: HF_ENDPOINT, HF_TOKEN,
HF_HUB_OFFLINE, HF_HOME.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import TaskError

ANSWER_SECONDS = 10.0
PAGE = "https://huggingface.co/datasets"


class HubUnreachable(TaskError):
    """No network, offline mode, or no answer in time; a copy on this machine may do."""


def commit_on_hub(repo: str, revision: str | None = None) -> str:
    """The commit that this revision (by default the main branch) is now.

    Raises:
        HubUnreachable: no answer.  TaskError: gated, unknown, or refused.
    """
    from huggingface_hub import HfApi

    with hub_errors(repo):
        found = HfApi().dataset_info(repo, revision=revision, timeout=ANSWER_SECONDS).sha
    if found is None:
        raise TaskError(f"The hub tells no commit of the data set {repo}. Try again later.")
    return found


def commit_in_cache(repo: str, revision: str | None = None) -> str | None:
    """The commit that a branch was when it was last downloaded to this machine."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    folder = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="dataset")
    ref = folder / "refs" / (revision or constants.DEFAULT_REVISION)
    return ref.read_text().strip() if ref.is_file() else None


@contextmanager
def hub_errors(repo: str) -> Iterator[None]:
    """Tell what the hub's client raises in one sentence with the next step.

    Raises:
        HubUnreachable, TaskError.
    """
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError is the client's
        HfHubHTTPError,
        HFValidationError,
        HTTPError,
    )

    try:
        yield
    except (HfHubHTTPError, HFValidationError) as error:
        raise refusal(repo, error) from error
    except (HTTPError, OSError) as error:  # no connection, or none in time
        told = str(error).split("\n")[0].rstrip(". ") or type(error).__name__
        raise HubUnreachable(told) from error


def refusal(repo: str, error: BaseException) -> TaskError:
    """Why the hub does not give the data set, found along the chain of causes."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    kinds = [type(one) for one in causes(error)]
    if any(issubclass(kind, GatedRepoError) for kind in kinds):
        return gated(repo)
    if any(issubclass(kind, RevisionNotFoundError) for kind in kinds):
        return TaskError(
            f"The data set {repo} has no such revision on the hub. Correct the revision in the "
            "suite, or delete its pin in STATE/revisions.json."
        )
    if any(issubclass(kind, RepositoryNotFoundError) for kind in kinds):
        return unknown(repo)
    if any(issubclass(kind, HFValidationError) for kind in kinds):
        return TaskError(f"{repo!r} is no name of a data set on the hub. Correct the task file.")
    return TaskError(
        f"The hub refuses the data set {repo} ({str(error).split(chr(10))[0]}). Try again later."
    )


def gated(repo: str) -> TaskError:
    """Who holds it wants to know who reads it."""
    return TaskError(
        f"The data set {repo} is gated. Ask for access at {PAGE}/{repo}, then log in with "
        "`hf auth login` (or set HF_TOKEN) and start again."
    )


def unknown(repo: str) -> TaskError:
    """Not there, or not for this login."""
    return TaskError(
        f"The hub has no data set {repo}, or it is private. Correct the name, or log in with "
        "`hf auth login`."
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
