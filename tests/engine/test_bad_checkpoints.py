"""Checkpoints that only loading finds out: one sentence, and the pairs beside them go on."""

import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from core.engine.protocol import Message, Prompt, ScoreRequest
from core.engine.torch_engine import TorchEngine
from core.errors import EngineError, InputError, PairError, PartwayError
from core.lam import INSTRUCT
from core.spec import Decoding
from tests.private_settings import settings_for
from tests.tiny_pair import write_registry, write_tiny_pair

HELLO = (Message("user", "the river"),)


def engine_of(folder: Path) -> TorchEngine:
    entry = write_tiny_pair(folder)
    return TorchEngine(settings_for(folder, write_registry(folder / "pairs.toml", entry)))


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refused(engine: TorchEngine, kind: type[PartwayError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        engine.load("tiny")
    assert "\n" not in str(caught.value) and engine.loaded_pairs() == ()
    assert engine.device_bytes == 0


def test_an_architecture_that_nobody_knows(tmp_path: Path) -> None:
    engine = engine_of(tmp_path)
    for side in ("base", "instruct"):
        edit(tmp_path / side / "config.json", model_type="zorp", architectures=["ZorpForCausalLM"])
    refused(
        engine,
        PairError,
        "zorp.*this version of transformers does not know. Choose a model that it knows",
    )


def test_tensors_that_both_parents_lack_are_not_made_up(tmp_path: Path) -> None:
    engine = engine_of(tmp_path)
    for side in ("base", "instruct"):
        file = tmp_path / side / "model.safetensors"
        tensors = load_file(file)
        del tensors["model.layers.1.mlp.up_proj.weight"]
        save_file(tensors, file, {"format": "pt"})
    refused(
        engine, PairError, r"lacks 1 tensors of its model, first model\.layers\.1\.mlp\.up_proj"
    )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (
            "{{ raise_exception('only\nsystem turns') }}",
            "refuses these messages: only system turns",
        ),
        ("{% for m in messages %}{{ m.content", "refuses these messages"),
        ("{{ messages[7].content.nothing() }}", "refuses these messages"),
    ],
)
def test_a_chat_template_that_raises_refuses_chats_alone(
    template: str, said: str, tmp_path: Path
) -> None:
    engine = engine_of(tmp_path)
    (tmp_path / "instruct" / "chat_template.jinja").write_text(template)
    engine.load("tiny")
    with pytest.raises(EngineError, match=said) as caught:
        engine.render_chat("tiny", HELLO)
    assert "\n" not in str(caught.value) and "plain prompt" in str(caught.value)
    assert engine.generate("tiny", INSTRUCT, [Prompt("the river")], Decoding(2))[0].tokens > 0


def test_a_chat_template_without_an_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("tokenizer_files", "loading"):
        monkeypatch.setattr(f"core.engine.{place}.TEMPLATE_SECONDS", 0.2)
    engine = engine_of(tmp_path)
    loops = "{% for a in range(90000) %}" * 3 + "{% endfor %}" * 3
    (tmp_path / "instruct" / "chat_template.jinja").write_text(loops)
    engine.load("tiny")
    with pytest.raises(EngineError, match=r"came to no end in 0\.2 s.*plain prompt"):
        engine.render_chat("tiny", HELLO)
    assert engine.generate("tiny", INSTRUCT, [Prompt("the river")], Decoding(2))[0].tokens > 0


def test_words_that_only_the_tokenizer_knows_are_refused_and_told(tmp_path: Path) -> None:
    engine = engine_of(tmp_path)
    for side in ("base", "instruct"):
        tokenizer = AutoTokenizer.from_pretrained(tmp_path / side)
        tokenizer.add_tokens(["<|extra|>"], special_tokens=True)
        tokenizer.save_pretrained(tmp_path / side)
    notes = engine.load("tiny").notes
    assert any("1 word for which the model has no row, first '<|extra|>'" in n for n in notes)
    asked = Prompt("the <|extra|> river")
    with pytest.raises(InputError, match=r"holds '<\|extra\|>' \(id \d+\), and the model has rows"):
        engine.generate("tiny", INSTRUCT, [asked], Decoding(2))
    with pytest.raises(InputError, match="the model has rows"):
        engine.score("tiny", INSTRUCT, [ScoreRequest("the", "<|extra|>")])
    assert engine.generate("tiny", INSTRUCT, [Prompt("the river")], Decoding(2))[0].tokens > 0
