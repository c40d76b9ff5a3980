"""What the hub says of a model: commit, licence, gating, size. Only questions, nothing is fetched.

ask_hub("HuggingFaceTB/SmolLM2-135M").revision
"""

from dataclasses import dataclass
from typing import Any

from core.errors import PairError
from core.pairs.hub_errors import told_by_hub

ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model at one commit; None: the hub does not tell."""

    repo: str  # as it is called now; another name than was asked for where it moved
    revision: str  # 40 hex digits
    licence: str | None
    gated: bool | None
    parameters: int | None
    weights_bytes: int | None  # of its safetensors files


def ask_hub(repo: str, revision: str | None = None) -> HubModel:
    """Ask once.

    Raises:
        PairError: unknown, gated, rate-limited, or no answer, each with its next step.
    """
    from huggingface_hub import HfApi

    with told_by_hub(repo):
        found = HfApi().model_info(
            repo, revision=revision, files_metadata=True, timeout=ANSWER_SECONDS
        )
    if found.sha is None:
        raise PairError(f"The hub tells no commit of {repo}. Try again later.")
    files = [one for one in found.siblings or [] if one.rfilename.endswith(".safetensors")]
    sizes = [one.size for one in files if one.size is not None]
    card: dict[str, Any] = dict(vars(found.card_data)) if found.card_data else {}
    return HubModel(
        repo=found.id,
        revision=found.sha,
        licence=str(card["license"]) if card.get("license") else None,
        gated=None if found.gated is None else bool(found.gated),
        parameters=found.safetensors.total if found.safetensors else None,
        weights_bytes=sum(sizes) if sizes and len(sizes) == len(files) else None,
    )
