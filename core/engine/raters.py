"""Reward models: sequence classifiers with one output that score a whole conversation.

    raters.rate_steps("/models/reward", [[Message("user", …), Message("assistant", …)]])

One is held at a time; idle pairs leave when it needs their room. Conversations are read one by
one, as the cards of such models do: padding would move the token that carries the score.
"""

import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from core.engine.device import choose_device, give_back_cached
from core.engine.protocol import Message, Progress
from core.engine.residents import Residents
from core.errors import PairError
from core.pairs.checkpoint import read_checkpoint
from core.pairs.fingerprint import FileMark, file_marks
from core.pairs.locate import locate
from core.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Rater:
    model: Any
    tokenizer: Any
    longest: int | None  # tokens; None where the config names no limit
    files: tuple[FileMark, ...]


class Raters:
    """The reward model that was asked for last."""

    def __init__(self, settings: Settings, residents: Residents) -> None:
        self._settings, self._residents = settings, residents
        self._name: str | None = None
        self._held: _Rater | None = None

    def rate_steps(
        self, model: str, conversations: Sequence[Sequence[Message]]
    ) -> Generator[Progress, None, list[float | None]]:
        """One conversation a step; None for one that is longer than the model's context.

        Raises:
            PairError: it cannot be loaded, or is no reward model.  EngineError: no room for it.
        """
        rater = self._ready(model)
        scores: list[float | None] = []
        for turns in conversations:
            scores.append(_rate(rater, turns))
            yield Progress(len(scores), len(conversations))
        return scores

    def clear(self) -> None:
        """Give back the memory."""
        self._name = self._held = None

    def _ready(self, name: str) -> _Rater:
        folder = locate(name, None)
        held = self._held
        if held is not None and self._name == name and held.files == file_marks(folder):
            return held
        self.clear()
        device = choose_device(self._settings)
        give_back_cached(device)
        self._residents.make_room(read_checkpoint(folder).size_bytes, device)
        self._held, self._name = _load(folder, device), name
        logger.info("loaded the reward model %s", folder.name)
        return self._held


def _load(folder: Path, device: torch.device) -> _Rater:
    try:
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, dtype="auto", use_safetensors=True, trust_remote_code=False
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        reason = " ".join(str(error).split())[:300]
        raise PairError(
            f"The reward model {folder} cannot be loaded: {reason}. "
            "Copy it again or choose another."
        ) from error
    if model.config.num_labels != 1:
        raise PairError(
            f"The model {folder} has {model.config.num_labels} outputs, and a reward model has "
            "one. Choose a sequence classifier with num_labels 1."
        )
    longest = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return _Rater(
        model.to(device).eval().requires_grad_(False), tokenizer, longest, file_marks(folder)
    )


@torch.inference_mode()
def _rate(rater: _Rater, turns: Sequence[Message]) -> float | None:
    ids = _encode(rater.tokenizer, turns)
    if rater.longest is not None and len(ids) > rater.longest:
        return None
    device = next(rater.model.parameters()).device
    row = torch.tensor([ids], device=device)
    logits = rater.model(input_ids=row, attention_mask=torch.ones_like(row)).logits
    return float(logits[0, 0].float())


def _encode(tokenizer: Any, turns: Sequence[Message]) -> list[int]:
    """By the model's chat template, or question and answer as a pair where it has none."""
    if isinstance(tokenizer.chat_template, str):
        told = [{"role": turn.role, "content": turn.content} for turn in turns]
        text = tokenizer.apply_chat_template(told, tokenize=False)
        return list(tokenizer.encode(text, add_special_tokens=False))
    before = "\n".join(turn.content for turn in turns[:-1])
    return list(tokenizer(before, turns[-1].content)["input_ids"])
