"""The training loop of both stages: batches by step number, Muon and AdamW, resumable.

Which tokens a step reads depends on the stage's seed and the step's number alone, so a stage that
was stopped goes on as if it had not been. Not here: texts (`corpus.py`), numbers (`recipe.py`),
folders for people (`checkpoint.py`).
"""

import logging
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from core.demo.corpus import Packed
from core.demo.forward import next_token_logits
from core.demo.recipe import Optimiser, Phase

_log = logging.getLogger(__name__)
_IGNORED = -100  # cross_entropy's own mark for positions without a loss
_LOG_EVERY_STEPS = 25
LANES = 2  # a batch's parts, computed side by side; part of the recipe, whatever the machine


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the two trainings: its phases, its optimiser, its seed."""

    name: str
    phases: tuple[Phase, ...]
    optimiser: Optimiser
    seed: int
    identity: str  # of recipe and data: a half-done stage of another recipe is not taken up

    @property
    def steps(self) -> int:
        """Steps of all phases."""
        return sum(phase.steps for phase in self.phases)


class Batch(NamedTuple):
    """Token rows and, one place further on, what each position is asked for."""

    tokens: Tensor
    targets: Tensor


def batches(packed: Packed, stage: Stage) -> Iterator[Batch]:
    """All batches of a stage in order: each phase reads its own part of the row, shuffled.

    The parts follow one another, and where the row is used up it starts again.
    """
    offset = 0
    for number, phase in enumerate(stage.phases):
        rows = phase.steps * phase.rows
        last = len(packed.tokens) - phase.sequence - 1
        starts = (offset + np.arange(rows) * phase.sequence) % last
        np.random.default_rng((stage.seed, number)).shuffle(starts)
        for mine in starts.reshape(phase.steps, phase.rows):
            yield _batch(packed, mine, phase.sequence)
        offset += rows * phase.sequence


def _batch(packed: Packed, starts: np.ndarray, length: int) -> Batch:
    places = starts[:, None] + np.arange(length + 1)
    rows = torch.from_numpy(packed.tokens[places].astype(np.int64))
    targets = rows[:, 1:].clone()
    if packed.spoken is not None:
        targets[torch.from_numpy(~packed.spoken[places[:, 1:]])] = _IGNORED
    return Batch(rows[:, :-1].contiguous(), targets)


def make_optimisers(model: PreTrainedModel, numbers: Optimiser) -> list[torch.optim.Optimizer]:
    """Muon for the matrices between the layers, AdamW for the embeddings and norms."""
    matrices = [p for p in model.model.layers.parameters() if p.ndim == 2]
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(
            matrices,
            lr=numbers.muon_rate,
            weight_decay=numbers.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(rest, lr=numbers.adam_rate, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def rate_share(step: int, steps: int, numbers: Optimiser) -> float:
    """The learning rate at a step as a share of the highest: up in a line, down in a line."""
    up = min(1.0, (step + 1) / numbers.warmup_steps)
    return up * (1.0 - (1.0 - numbers.floor) * step / steps)


def batch_loss(model: PreTrainedModel, batch: Batch) -> Tensor:
    """Loss summed over the positions that have a target."""
    logits = next_token_logits(model, batch.tokens, torch.bfloat16)
    return F.cross_entropy(logits.flatten(0, 1).float(), batch.targets.flatten(), reduction="sum")


def run_stage(
    model: PreTrainedModel, packed: Packed, stage: Stage, work: Path, save_steps: int
) -> dict[str, Any]:
    """Train the model in place; returns the record that goes beside the weights."""
    optimisers = make_optimisers(model, stage.optimiser)
    highest = [optimiser.param_groups[0]["lr"] for optimiser in optimisers]
    state = work / f"{stage.name}-{stage.identity}.pt"
    done, losses, seconds = _resume(state, model, optimisers)
    began = time.perf_counter() - seconds
    bar = tqdm(total=stage.steps, initial=done, desc=stage.name, file=sys.stderr, mininterval=2.0)
    since: list[float] = []
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(LANES, initializer=torch.set_num_threads, initargs=(1,))
    for step, batch in enumerate(batches(packed, stage)):
        if step < done:
            continue
        share = rate_share(step, stage.steps, stage.optimiser)
        for optimiser, rate in zip(optimisers, highest, strict=True):
            optimiser.param_groups[0]["lr"] = rate * share
        since.append(_step(model, batch, optimisers, stage.optimiser.clip, pool))
        bar.update()
        if (step + 1) % _LOG_EVERY_STEPS == 0 or step + 1 == stage.steps:
            losses.append((step + 1, round(sum(since) / len(since), 4)))
            bar.set_postfix(loss=losses[-1][1])
            since.clear()
        if (step + 1) % save_steps == 0 or step + 1 == stage.steps:
            _save(state, model, optimisers, step + 1, losses, time.perf_counter() - began)
    bar.close()
    pool.shutdown()
    return {
        "stage": stage.name,
        "seed": stage.seed,
        "steps": stage.steps,
        "tokens_read": sum(phase.tokens for phase in stage.phases),
        "seconds": round(time.perf_counter() - began),
        "parameters": sum(p.numel() for p in model.parameters()),
        "losses": losses,
    }


def _step(
    model: PreTrainedModel,
    batch: Batch,
    optimisers: list[torch.optim.Optimizer],
    clip: float,
    pool: ThreadPoolExecutor,
) -> float:
    """One update from the two halves of a batch, each on one thread of its own.

    Faster than two threads inside every operation (1.4 times here, more where others use the
    machine), and the sum of two halves does not depend on how threads divide an operation.
    """
    asked = int((batch.targets != _IGNORED).sum()) or 1
    halves = zip(batch.tokens.chunk(LANES), batch.targets.chunk(LANES), strict=True)
    parts = list(pool.map(lambda half: _gradients(model, Batch(*half), asked), halves))
    for place, parameter in enumerate(model.parameters()):
        parameter.grad = torch.stack([part.gradients[place] for part in parts]).sum(0)
    torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
    for optimiser in optimisers:
        optimiser.step()
    return sum(part.loss for part in parts)


class _Part(NamedTuple):
    loss: float
    gradients: tuple[Tensor, ...]


def _gradients(model: PreTrainedModel, batch: Batch, asked: int) -> _Part:
    loss = batch_loss(model, batch) / asked
    return _Part(loss.item(), torch.autograd.grad(loss, tuple(model.parameters())))


def _save(
    state: Path,
    model: PreTrainedModel,
    optimisers: list[torch.optim.Optimizer],
    done: int,
    losses: list[tuple[int, float]],
    seconds: float,
) -> None:
    part = state.with_suffix(".tmp")
    torch.save(
        {
            "model": model.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in optimisers],
            "done": done,
            "losses": losses,
            "seconds": seconds,
        },
        part,
    )
    part.replace(state)  # whole or not at all, should the machine stop now


def _resume(
    state: Path, model: PreTrainedModel, optimisers: list[torch.optim.Optimizer]
) -> tuple[int, list[tuple[int, float]], float]:
    if not state.is_file():
        return 0, [], 0.0
    saved = torch.load(state, weights_only=True)
    model.load_state_dict(saved["model"])
    for optimiser, values in zip(optimisers, saved["optimisers"], strict=True):
        optimiser.load_state_dict(values)
    _log.info("going on behind step %d", saved["done"])
    return saved["done"], [tuple(pair) for pair in saved["losses"]], saved["seconds"]
