"""The making of the embedded pairs: losses fall, a stopped stage goes on, cards tell the truth."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from core.demo import corpus
from core.demo.card import card_text
from core.demo.checkpoint import shaped_model
from core.demo.forward import next_token_logits
from core.demo.loop import Batch, Stage, batches, rate_share, run_stage
from core.demo.overlap import Overlap
from core.demo.recipe import (
    RECIPE,
    RECIPES,
    Corpus,
    ModelShape,
    Optimiser,
    Phase,
    PocketShape,
    Recipe,
)
from core.demo.tokenizer import learn_tokenizer
from core.demo.train import BASE, INSTRUCT, LOG_FILE, PAIR_FOLDER, train_pair

_FAST = Optimiser(0.02, 0.01, 0.0, warmup_steps=2, floor=0.5)
TINY = Recipe(
    vocabulary=600,
    tokenizer_documents=200,
    shape=ModelShape(width=32, layers=1, heads=2, inner=64, context=128),
    pretrain_corpus=Corpus(seed=1, shards=2, documents=150),
    pretrain_phases=(Phase(20, 32, 8), Phase(5, 128, 2)),
    pretrain=_FAST,
    second_corpus=Corpus(seed=3, shards=2, documents=60, reading="second"),
    second_phases=(Phase(10, 64, 4),),
    second=_FAST,
    chat_corpus=Corpus(seed=2, shards=2, documents=60),
    chat_phases=(Phase(25, 64, 4),),
    chat=_FAST,
    checkpoint_steps=25,
)


POCKET = replace(
    TINY,
    vocabulary=500,
    shape=PocketShape(32, 1, 2, 64, 128, key_value_heads=1, head_width=16),
    chat_phases=(Phase(50, 64, 4),),
)
SHIPPED = [(pair, side) for pair in RECIPES for side in ("base", "instruct")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pair")
    train_pair(TINY, out, out / "work")
    return out


def _log(folder: Path) -> dict[str, Any]:
    log: dict[str, Any] = json.loads((folder / LOG_FILE).read_text(encoding="utf-8"))
    return log


@pytest.mark.parametrize("name", [BASE, INSTRUCT])
def test_a_few_steps_lower_the_loss(made: Path, name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(made / BASE)
    packed = _packed(name, made / BASE / "tokenizer.json")
    before = shaped_model(TINY) if name == BASE else shaped_model(TINY, made / BASE)
    after = AutoModelForCausalLM.from_pretrained(made / name)
    assert tokenizer.vocab_size == TINY.vocabulary
    assert _loss(after, packed) < _loss(before, packed) - 0.1


def _packed(name: str, tokenizer: Path) -> corpus.Packed:
    if name == BASE:
        return corpus.pack_documents(TINY.pretrain_corpus, tokenizer, workers=1)
    return corpus.pack_chats(TINY.chat_corpus, tokenizer, workers=1)


def _loss(model: PreTrainedModel, packed: corpus.Packed) -> float:
    with torch.no_grad():
        ids = torch.from_numpy(packed.tokens[:513].astype(np.int64)).view(1, -1)
        targets = ids[0, 1:].clone()
        if packed.spoken is not None:
            targets[torch.from_numpy(~packed.spoken[1:513])] = -100
        logits = next_token_logits(model, ids[:, :-1], torch.float32)[0]
        return float(torch.nn.functional.cross_entropy(logits, targets))


def test_the_other_architecture_learns_too_and_is_saved_in_bfloat16(tmp_path: Path) -> None:
    train_pair(POCKET, tmp_path, tmp_path / "work", "pocket")
    for side in ("base", "instruct"):
        folder = tmp_path / f"pocket-{side}"
        losses = _log(folder)["losses"]
        model = AutoModelForCausalLM.from_pretrained(folder)
        assert losses[-1][1] < losses[0][1]
        assert model.config.model_type == "qwen3" and model.config.tie_word_embeddings
        assert {p.dtype for p in model.parameters()} == {torch.bfloat16}


def test_a_finished_stage_is_not_trained_again(made: Path, tmp_path: Path) -> None:
    before = (made / BASE / "model.safetensors").read_bytes()
    train_pair(TINY, made, made / "work")
    assert (made / BASE / "model.safetensors").read_bytes() == before


def test_the_same_recipe_gives_the_same_weights(made: Path, tmp_path: Path) -> None:
    train_pair(TINY, tmp_path, tmp_path / "work")
    for name in (BASE, INSTRUCT):
        one, two = ((root / name / "model.safetensors").read_bytes() for root in (made, tmp_path))
        assert one == two


def test_a_stopped_stage_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    packed = corpus.Packed(np.arange(4000, dtype=np.uint16) % 97, None, "", 1)
    recipe = replace(TINY, vocabulary=128)
    stage = Stage("test", (Phase(50, 16, 2),), _FAST, 1, "same")

    def trained(model: PreTrainedModel, work: Path) -> list[tuple[int, float]]:
        work.mkdir(exist_ok=True)
        losses: list[tuple[int, float]] = run_stage(model, packed, stage, work, 25)["losses"]
        return losses

    whole = shaped_model(recipe)
    losses = trained(whole, tmp_path / "whole")
    stopped = shaped_model(recipe)
    with pytest.raises(KeyboardInterrupt), pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.demo.loop.batches", _stopping_after(30))
        trained(stopped, tmp_path / "stopped")
    again = shaped_model(recipe)
    assert trained(again, tmp_path / "stopped") == losses
    for one, two in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)


def _stopping_after(steps: int) -> Callable[[corpus.Packed, Stage], Iterator[Batch]]:
    def stopping(packed: corpus.Packed, stage: Stage) -> Iterator[Batch]:
        for number, batch in enumerate(batches(packed, stage)):
            if number == steps:
                raise KeyboardInterrupt
            yield batch

    return stopping


def test_the_training_forward_is_the_library_s(made: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(made / BASE)
    ids = torch.randint(0, TINY.vocabulary, (2, 300), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours, theirs = next_token_logits(model, ids, torch.float32), model(input_ids=ids).logits
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_only_the_assistant_s_words_are_trained_on() -> None:
    tokenizer = learn_tokenizer(["one two three four"], 300)
    text = "<|user|>\none<|end|>\n<|assistant|>\ntwo<|end|>\n<|user|>\nthree<|end|>\n"
    ids = np.asarray(tokenizer.encode(text * 2, add_special_tokens=False).ids)
    spoken = ids[corpus.mark_spoken(ids, tokenizer)]
    said = tokenizer.decode(spoken.tolist(), skip_special_tokens=False)
    assert said == "two<|end|>" * 2


def test_every_token_of_a_long_enough_corpus_is_read_once() -> None:
    packed = corpus.Packed(np.arange(2001, dtype=np.uint16), None, "", 1)
    stage = Stage("test", (Phase(3, 16, 4), Phase(2, 32, 3)), _FAST, 1, "same")
    read = torch.cat([batch.tokens.flatten() for batch in batches(packed, stage)])
    assert sorted(read.tolist()) == list(range(3 * 16 * 4 + 2 * 32 * 3))


def test_the_rate_rises_then_falls() -> None:
    shares = [rate_share(step, 100, RECIPE.pretrain) for step in range(100)]
    top = shares.index(max(shares))
    assert shares[: top + 1] == sorted(shares[: top + 1])
    assert shares[top:] == sorted(shares[top:], reverse=True)


@pytest.mark.weights
@pytest.mark.parametrize(("pair", "side"), SHIPPED)
def test_the_shipped_card_is_what_its_log_says(pair: str, side: str) -> None:
    folder, recipe = PAIR_FOLDER / f"{pair}-{side}", RECIPES[pair]
    chat = side == "instruct"
    log = _log(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    written = (folder / "README.md").read_text(encoding="utf-8")
    assert written == card_text(folder.name, log, config, chat=chat)
    part = recipe.instruct_part() if chat else recipe.base_part()
    assert log["recipe"] == json.loads(json.dumps(part))
    assert log["seed"] == recipe.seed + chat
    assert log["losses"][-1][0] == log["steps"]
    assert log["losses"][-1][1] < log["losses"][0][1]


@pytest.mark.weights
@pytest.mark.parametrize(("pair", "side"), SHIPPED)
def test_the_data_of_the_card_can_be_made_again(
    pair: str, side: str, whole_streams: Overlap
) -> None:
    recipe, log = RECIPES[pair], _log(PAIR_FOLDER / f"{pair}-{side}")
    base = side == "base"
    if recipe is RECIPE:
        made = whole_streams.documents_sha256 if base else whole_streams.chats_sha256
    elif base:
        made = corpus.hash_documents(recipe.base_corpora(), workers=2)
    else:
        made = corpus.hash_chats(recipe.chat_corpora(), workers=2)
    assert log["data_sha256"] == made


@pytest.mark.weights
def test_the_parents_are_as_small_as_they_are_said_to_be() -> None:
    sizes = {}
    for pair, side in SHIPPED:
        folder = PAIR_FOLDER / f"{pair}-{side}"
        model = AutoModelForCausalLM.from_pretrained(folder)
        sizes[pair, side] = sum(file.stat().st_size for file in folder.iterdir())
        dtype = torch.float32 if pair == "tinyworld" else torch.bfloat16
        assert {p.dtype for p in model.parameters()} == {dtype}
        assert model.config.max_position_embeddings >= 1024
    assert max(sizes.values()) < 20_000_000
    assert sizes["pocketworld", "base"] + sizes["pocketworld", "instruct"] < 6_000_000


@pytest.mark.weights
def test_the_second_pair_is_of_another_kind() -> None:
    configs = [
        json.loads((PAIR_FOLDER / f"{pair}-base" / "config.json").read_text(encoding="utf-8"))
        for pair in RECIPES
    ]
    for key in ("model_type", "vocab_size", "dtype"):
        assert configs[0][key] != configs[1][key]
    assert all(config["tie_word_embeddings"] for config in configs)


@pytest.mark.weights
def test_the_whole_context_works() -> None:
    """The loss at the end of the context is no worse than in its middle, on unseen documents."""
    packed = corpus.pack_documents(
        Corpus(seed=RECIPE.pretrain_corpus.seed + 1000, shards=1, documents=600),
        PAIR_FOLDER / BASE / "tokenizer.json",
        workers=1,
    )
    model = AutoModelForCausalLM.from_pretrained(PAIR_FOLDER / BASE)
    rows = torch.from_numpy(packed.tokens[: 16 * 1024].astype(np.int64)).view(16, 1024)
    with torch.no_grad():
        logits = next_token_logits(model, rows[:, :-1], torch.float32).transpose(1, 2)
        losses = torch.nn.functional.cross_entropy(logits, rows[:, 1:], reduction="none").mean(0)
    assert losses[-256:].mean() < 1.1 * losses[256:512].mean()
