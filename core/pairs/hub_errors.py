"""What the hub's client raises, as one sentence with the next step: for models.

    with told_by_hub("org/model"):
        HfApi().model_info("org/model")

Not here: asking (`hub_model.py`, `download.py`); data sets have words of their own
(core/tasks/hub.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import PairError

PAGE = "https://huggingface.co"


@contextmanager
def told_by_hub(repo: str) -> Iterator[None]:
    """Turn every way in which a hub can refuse or fail into a sentence.

    Raises:
        PairError: in place of what was raised inside.
    """
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError is the client's
        HfHubHTTPError,
        HFValidationError,
        HTTPError,
        NotASafetensorsRepoError,
        SafetensorsParsingError,
    )

    try:
        yield
    except HFValidationError as error:
        raise PairError(f"{repo[:80]!r} is no id of a model. Write it as org/model.") from error
    except NotASafetensorsRepoError as error:
        raise PairError(
            f"{repo} offers no safetensors weights of a model, and pickles can run code when "
            "opened. Choose another copy, or convert it first; a LoRA adapter is downloaded "
            "(`hf download`) and added as a folder."
        ) from error
    except SafetensorsParsingError as error:
        raise PairError(f"A weights file of {repo} has a damaged header ({error}).") from error
    except HfHubHTTPError as error:
        raise PairError(_refusal(repo, error)) from error
    except (HTTPError, OSError) as error:
        raise PairError(_no_answer(repo, error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PairError(
            f"What answered about {repo} does not speak as the hub does ({type(error).__name__}): "
            "perhaps a login page of this network, or a wrong HF_ENDPOINT. Log in and ask again."
        ) from error


def _refusal(repo: str, error: BaseException) -> str:
    from huggingface_hub.errors import GatedRepoError, RevisionNotFoundError

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, GatedRepoError) or status == 403:
        return (
            f"{repo} is gated: accept its licence at {PAGE}/{repo}, then set HF_TOKEN to a token "
            "of that account (or `hf auth login`) and ask again."
        )
    if isinstance(error, RevisionNotFoundError):
        return f"{repo} has no such revision. Correct it in your pairs file, or leave it out."
    if status in (401, 404):
        return (
            f"The hub knows no model {repo}, or it is private. Correct the id, or set HF_TOKEN to "
            "a token that may read it."
        )
    if status == 429:
        after = getattr(error, "response").headers.get("Retry-After")  # noqa: B009
        wait = f"in {after} seconds" if after else "in a few minutes"
        return (
            f"The hub asks for fewer questions (429). Ask again {wait}; HF_TOKEN raises the limit."
        )
    if status is not None and status >= 500:
        return f"The hub failed over {repo} ({status}). Try again later; what was fetched is kept."
    return f"The hub refuses {repo} ({str(error).splitlines()[0][:200]}). Try again later."


def _no_answer(repo: str, error: BaseException) -> str:
    """Also where the client says only that nothing is kept here, and why stands in its cause."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    for one in _causes(error):
        if isinstance(one, OfflineModeIsEnabled):
            return (
                f"{repo} is not on this machine, and HF_HUB_OFFLINE forbids asking. Unset it once."
            )
        if isinstance(one, HfHubHTTPError) and getattr(one, "response", None) is not None:
            return _refusal(repo, one)
    if "onsistency check" in str(error):
        return f"A file of {repo} arrived incomplete. Start again: it goes on with what is here."
    return (
        f"{repo} is not on this machine and the hub cannot be reached "
        f"({type(error).__name__}). Go online once, or give a local folder."
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
