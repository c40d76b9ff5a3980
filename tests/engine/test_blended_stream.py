"""Several λ of one prompt: whichever form is used, each row is that λ's own answer."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import pytest
import torch
from torch import Tensor

from core.engine import many_choice
from core.engine.many_batch import ManyBatch
from core.engine.many_choice import StepTimes, choose_form, what_is_known
from core.engine.protocol import Answers, Chunk, Form, Prompt, ScoreRequest
from core.engine.resident import Resident
from core.engine.torch_engine import TorchEngine
from core.errors import ContextOverflow, InputError
from core.lam import BASE, INSTRUCT, Lam, parse_grid
from core.merge.blended import Blended
from core.pairs.registry import PairEntry
from core.settings import Settings
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_architectures import ARCHITECTURES, write_architecture_pair
from tests.tiny_pair import (
    make_config,
    make_model,
    make_tokenizer,
    write_checkpoint,
    write_registry,
    write_tiny_pair,
)

LAMS = parse_grid("-0.2:1.2:0.2,0.65")
PROMPT = Prompt("the river runs past a small town and people say")
LONGEST = 16
FORMS: tuple[Form, ...] = ("blended", "materialised")
GREEDY = Decoding(LONGEST)
SAMPLED = Decoding(LONGEST, temperature="0.9", top_p="0.95", seed=3)


class Told:
    """A stream at several λ, put together."""

    def __init__(self, pieces: Iterator[Answers | Chunk]) -> None:
        first = next(pieces)
        assert isinstance(first, Answers)
        self.answers = first
        self.chunks = [piece for piece in pieces if isinstance(piece, Chunk)]

    def row(self, row: int) -> tuple[str, int, str | None]:
        own = [chunk for chunk in self.chunks if chunk.row == row]
        assert all(chunk.finish is None for chunk in own[:-1])
        return "".join(chunk.text for chunk in own), own[-1].tokens, own[-1].finish


def silent(chunk: Chunk) -> bool:
    """A step that has nothing to tell."""
    return not chunk.text and chunk.finish is None


def alone(engine: TorchEngine, pair: str, lam: Lam, decoding: Decoding) -> tuple[object, ...]:
    (answer,) = engine.generate(pair, lam, [PROMPT], decoding)
    return answer.text, answer.tokens, answer.finish


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("decoding", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
def test_every_row_says_what_its_lam_says_alone(
    tiny_engine: TorchEngine, form: Form, decoding: Decoding
) -> None:
    told = Told(tiny_engine.stream_many("tiny", LAMS, PROMPT, decoding, form))
    assert told.answers.form == form
    for row, lam in enumerate(LAMS):
        assert told.row(row) == alone(tiny_engine, "tiny", lam, decoding)


@pytest.mark.weights
def test_the_embedded_pair_says_the_same_in_both_forms(tmp_path: Path) -> None:
    grid = parse_grid("0:1:0.1")
    embedded_engine = TorchEngine(settings_for(tmp_path, tmp_path / "pairs.toml"))
    for decoding in (Decoding(40), Decoding(40, temperature="1", seed=11)):
        told = [
            Told(embedded_engine.stream_many("tinyworld", grid, PROMPT, decoding, form))
            for form in FORMS
        ]
        for row in range(len(grid)):
            assert told[0].row(row) == told[1].row(row)


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if "running state" not in name])
def test_any_architecture_is_written_in_step(name: str, tmp_path: Path) -> None:
    config, _ = ARCHITECTURES[name]
    registry = write_registry(tmp_path / "pairs.toml", write_architecture_pair(tmp_path, config))
    engine = TorchEngine(settings_for(tmp_path, registry))
    decoding = Decoding(LONGEST, stop=("e", "t"))  # rows end at different moments
    told = Told(engine.stream_many("odd", LAMS, PROMPT, decoding, "blended"))
    assert told.answers.form == "blended"
    for row, lam in enumerate(LAMS):
        assert told.row(row) == alone(engine, "odd", lam, decoding)


@pytest.mark.parametrize("tied", [(True, True), (True, False), (False, False)], ids=str)
@pytest.mark.parametrize("plan", ["resident", "streamed"])
def test_parents_of_two_vocabulary_sizes(
    tied: tuple[bool, bool], plan: str, tmp_path: Path
) -> None:
    """Rows that one parent lacks come from the other, in blended answers as in merged ones."""
    write_tiny_pair(tmp_path, tied=tied[0])
    tokenizer = make_tokenizer()
    wider = make_model(make_config(len(tokenizer) + 24, tied=tied[1]), seed=1)
    write_checkpoint(tmp_path / "instruct", wider, tokenizer)
    entry = PairEntry("tiny", "tiny", str(tmp_path / "base"), str(tmp_path / "instruct"))
    settings = settings_for(tmp_path, write_registry(tmp_path / "pairs.toml", entry))
    if plan == "streamed":
        settings = replace(settings, engine_bytes=200_000)  # one copy fits, three do not
    engine = TorchEngine(settings)
    assert engine.memory_plan("tiny").form == plan
    told = Told(engine.stream_many("tiny", LAMS, PROMPT, GREEDY, "blended"))
    for row, lam in enumerate(LAMS):
        assert told.row(row) == alone(engine, "tiny", lam, GREEDY)
    if plan == "resident":
        assert told.answers.form == "blended"
    else:  # its parents stay as they are in their files, one shorter than the other
        assert "as many rows in both parents" in told.answers.why


def test_a_streamed_pair_of_one_size_is_blended_from_its_files(tiny_settings: Settings) -> None:
    engine = TorchEngine(replace(tiny_settings, engine_bytes=200_000))
    assert engine.memory_plan("tiny").form == "streamed"
    told = Told(engine.stream_many("tiny", LAMS, PROMPT, GREEDY, "blended"))
    assert told.answers.form == "blended"
    for row, lam in enumerate(LAMS):
        assert told.row(row) == alone(engine, "tiny", lam, GREEDY)


def test_two_blended_streams_and_a_score_may_alternate(tiny_engine: TorchEngine) -> None:
    """A step of each in turn: different λ, different numbers of rows."""
    requests = [ScoreRequest(PROMPT.text, what) for what in (" it", " the", " that it never")]
    lams = (LAMS[:4], LAMS[3:])
    expected = [
        Told(tiny_engine.stream_many("tiny", part, PROMPT, SAMPLED, "blended")) for part in lams
    ]
    scores = tiny_engine.score("tiny", Lam(350), requests)
    streams = [
        tiny_engine.stream_many_steps("tiny", part, PROMPT, SAMPLED, "blended") for part in lams
    ]
    pieces: tuple[list[Answers | Chunk], ...] = ([], [])
    for one, other in zip_longest(*streams):
        assert tiny_engine.score("tiny", Lam(350), requests) == scores
        for found, piece in zip(pieces, (one, other), strict=True):
            found += [piece] if piece is not None else []
    for found, before in zip(pieces, expected, strict=True):
        told = Told(piece for piece in found if not isinstance(piece, Chunk) or not silent(piece))
        assert told.chunks == before.chunks


def test_blended_rows_advance_in_step_and_leave_when_they_have_ended(
    tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = tiny_engine.resident("tiny")
    rows_fed: list[int] = []
    blended = what_is_known(resident).blended
    assert blended is not None
    at = type(blended).at

    def counted(self: Blended, lams: tuple[Lam, ...], merge_from: int | None = None) -> object:
        rows_fed.append(len(lams))
        return at(self, lams, merge_from)

    monkeypatch.setattr(type(blended), "at", counted)
    decoding = Decoding(LONGEST, stop=("e", "o", "t"))
    told = Told(tiny_engine.stream_many("tiny", LAMS, PROMPT, decoding, "blended"))
    lengths = {row: told.row(row)[1] for row in range(len(LAMS))}
    assert len(set(lengths.values())) > 1
    expected = [sum(length > step for length in lengths.values()) for step in range(LONGEST)]
    assert rows_fed == [rows for rows in expected if rows]
    written = [chunk.tokens for chunk in told.chunks]
    assert written == sorted(written)


def test_closing_the_stream_frees_what_it_held(
    tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[weakref.ref[ManyBatch]] = []
    begin = ManyBatch.read_prompt

    def noted(self: ManyBatch) -> object:
        made.append(weakref.ref(self))
        return begin(self)

    monkeypatch.setattr(ManyBatch, "read_prompt", noted)
    stream = tiny_engine.stream_many("tiny", LAMS, PROMPT, GREEDY, "blended")
    for _ in range(2 * len(LAMS)):
        next(stream)
    assert made[0]() is not None
    stream.close()  # type: ignore[attr-defined]
    gc.collect()
    assert made[0]() is None


@pytest.mark.parametrize("from_call", [0, 1, 7])
def test_rows_go_on_in_smaller_batches_where_memory_runs_out(
    tiny_settings: Settings, tiny_engine: TorchEngine, from_call: int
) -> None:
    """Whether while the prompt is read, at the first step after it or later."""
    engine = TorchEngine(tiny_settings)
    assert what_is_known(engine.resident("tiny")).blended is not None
    sizes: list[int] = []

    def refuse(module: object, given: object, named: dict[str, Tensor]) -> None:
        sizes.append(len(named["input_ids"]))
        if len(sizes) > from_call and sizes[-1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB.")

    engine.resident("tiny").model.register_forward_pre_hook(refuse, with_kwargs=True)
    told = Told(engine.stream_many("tiny", LAMS, PROMPT, SAMPLED, "blended"))
    assert max(sizes) > 2 >= sizes[-1]
    for row, lam in enumerate(LAMS):
        assert told.row(row) == alone(tiny_engine, "tiny", lam, SAMPLED)


def test_what_was_learnt_of_a_pair_leaves_with_it(tmp_path: Path) -> None:
    registry = write_registry(
        tmp_path / "pairs.toml",
        write_architecture_pair(tmp_path, ARCHITECTURES["gpt-neox: parallel blocks, untied"][0]),
    )
    engine = TorchEngine(settings_for(tmp_path, registry))
    Told(engine.stream_many("odd", LAMS, PROMPT, Decoding(2), "blended"))
    blended = what_is_known(engine.resident("odd")).blended
    assert blended is not None
    left = weakref.ref(engine.resident("odd").merged), weakref.ref(blended)
    del blended
    assert engine.unload("odd")
    gc.collect()
    assert [one() for one in left] == [None, None]


def test_a_running_state_is_answered_one_lam_after_another_and_it_says_so(tmp_path: Path) -> None:
    config = ARCHITECTURES["mamba: a running state"][0]
    registry = write_registry(tmp_path / "pairs.toml", write_architecture_pair(tmp_path, config))
    engine = TorchEngine(settings_for(tmp_path, registry))
    forms: tuple[Form | None, ...] = (None, "blended")
    for form in forms:
        told = Told(engine.stream_many("odd", LAMS[:3], PROMPT, GREEDY, form))
        assert told.answers.form == "materialised"
        assert "cannot be blended, because its layers carry a running state" in told.answers.why
        rows = [chunk.row for chunk in told.chunks]
        assert rows == sorted(rows)
        for row in range(3):
            assert told.row(row) == alone(engine, "odd", LAMS[row], GREEDY)


@pytest.mark.parametrize(
    ("times", "form"),
    [(StepTimes(0.010, 0.004), "blended"), (StepTimes(0.050, 0.004), "materialised")],
)
def test_the_measured_quicker_form_is_taken_and_the_numbers_are_told(
    times: StepTimes, form: Form, tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = tiny_engine.resident("tiny")
    measured: list[int] = []

    def measure(resident: Resident, blended: object, count: int) -> StepTimes:
        measured.append(count)
        return times

    monkeypatch.setattr(many_choice, "_measure", measure)
    monkeypatch.setattr(what_is_known(resident), "times", {})
    for _ in range(2):
        answers, blended = choose_form(resident, 5, None)
        assert answers.form == form
        assert (blended is not None) == (form == "blended")
    assert measured == [5]  # once for each number of λ
    assert "20 ms by merged models" in answers.why
    assert f"{times.blended * 1000:.3g} ms blended" in answers.why


def test_a_choice_is_measured_on_this_machine(tiny_engine: TorchEngine) -> None:
    told = Told(tiny_engine.stream_many("tiny", LAMS, PROMPT, Decoding(2)))
    assert "measured on cpu" in told.answers.why
    (single,) = {Told(tiny_engine.stream_many("tiny", [BASE], PROMPT, GREEDY)).answers}
    assert (single.form, single.why) == ("materialised", "A single λ gains nothing from blending.")


def test_impossible_questions_are_one_sentence(tiny_engine: TorchEngine) -> None:
    with pytest.raises(InputError, match="no λ to answer at"):
        next(tiny_engine.stream_many("tiny", [], PROMPT, GREEDY))
    with pytest.raises(ContextOverflow, match="Shorten the prompt"):
        next(tiny_engine.stream_many("tiny", LAMS, Prompt("the river " * 300), GREEDY))


def test_one_lam_twice_says_the_same_twice(tiny_engine: TorchEngine) -> None:
    told = Told(tiny_engine.stream_many("tiny", [INSTRUCT, INSTRUCT], PROMPT, SAMPLED, "blended"))
    assert told.row(0) == told.row(1)
