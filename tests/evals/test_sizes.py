"""Tokens counted before a run are those that the engine then says it read, to the token."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from core.engine.protocol import ScoreRequest
from core.engine.reading import Reader
from core.evals.generations import answer_items
from core.evals.icl import score_items
from core.evals.plan import generation_spec, icl_spec
from core.evals.sizes import answers_size, few_shot_parts, few_shot_size, part_size
from core.lam import Lam
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import Settings
from core.store.records import GenerationRecord, IclRecord
from core.tasks.instructions import load_instructions
from core.tasks.suites import load_suite, prompted_name
from tests.small_suite import write_small_suite

if TYPE_CHECKING:
    from core.engine.torch_engine import TorchEngine

HALF = Lam(500)


@pytest.fixture(scope="module")
def reader(tiny_settings: Settings) -> Reader:
    return Reader(check_pair(find_pair("tiny", tiny_settings), tiny_settings))


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_suite(tmp_path_factory.mktemp("tasks"), items=9, every_shape=True)


@pytest.mark.parametrize("prompt", ["plain", "chat", "chat-turns"])
def test_every_form_of_task_reads_what_was_counted(
    prompt: str, suites: Path, reader: Reader, tiny_engine: "TorchEngine"
) -> None:
    loaded = tiny_engine.load("tiny")
    assert reader.load("tiny").context_length == loaded.context_length
    for task in load_suite(prompted_name("small", prompt), suites).tasks:
        spec = icl_spec(task, loaded, HALF, 7)
        first = next(score_items(tiny_engine, spec, task, batch_items=3)).records
        done = frozenset(record.item for record in first)
        size = few_shot_size(reader, spec, task, done)
        rest = [r for batch in score_items(tiny_engine, spec, task, done) for r in batch.records]
        records = [record for record in rest if isinstance(record, IclRecord)]
        assert size.items == len(records) == 4
        written = sum(record.written or 0 for record in records)
        assert size.kept == sum(record.tokens for record in records) - written
        assert written <= size.longest
        assert (size.longest > 0) == (spec.decoding is not None)


def test_scores_say_that_they_read_what_was_counted(
    suites: Path, reader: Reader, tiny_engine: "TorchEngine"
) -> None:
    for task in load_suite("small", suites).tasks[:2]:
        spec = icl_spec(task, tiny_engine.load("tiny"), HALF)
        for part in few_shot_parts(reader, spec, task):
            requests = [request for item in part for request in item]
            scores = tiny_engine.score("tiny", HALF, requests)
            read = sum(score.context_tokens + score.tokens for score in scores)
            assert part_size(reader, spec, part).read == read


def test_instructions_read_what_was_counted(
    suites: Path, reader: Reader, tiny_engine: "TorchEngine"
) -> None:
    suite = load_suite("small-instructions", suites)
    spec = generation_spec(suite, tiny_engine.load("tiny"), HALF)
    records = [r for batch in answer_items(tiny_engine, spec, suite) for r in batch.records]
    answers = [record for record in records if isinstance(record, GenerationRecord)]
    size = answers_size(reader, spec, load_instructions(suite))
    assert size.read == sum(record.prompt_tokens for record in answers)
    assert sum(record.tokens for record in answers) <= size.longest == 12 * len(answers)
    assert all(record.seconds is not None and record.seconds > 0 for record in answers)


def test_what_is_computed_is_what_the_model_is_fed(
    suites: Path, reader: Reader, tiny_engine: "TorchEngine"
) -> None:
    """Counted at the model itself; both where beginnings are shared and where they are not."""
    shared = [
        ScoreRequest("The same long beginning of it all. " * 9 + str(n), " x y") for n in "abcd"
    ]
    own = [ScoreRequest(f"{n} alone", f" and {n}") for n in range(5)]
    counted = reader.scored([*shared, *own])
    resident = tiny_engine.resident("tiny")
    assert resident.shares
    resident.prefixes.clear()
    assert fed(resident.model, partial(tiny_engine.score, "tiny", HALF, [*shared, *own])) == (
        counted.computed
    )
    assert counted.computed < counted.alone


def fed(model: Any, ask: Any) -> int:
    """Tokens that go through the model meanwhile."""
    seen: list[int] = []

    def note(_: Any, given: Sequence[Any], named: dict[str, Any]) -> None:
        ids: torch.Tensor = named["input_ids"]
        seen.append(ids.numel())

    hook = model.register_forward_pre_hook(note, with_kwargs=True)
    try:
        ask()
    finally:
        hook.remove()
    return sum(seen)
