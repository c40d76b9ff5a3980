"""The model card of each parent: what it is, what it read, how it was made, what it cannot do.

Written from the training log beside the weights, so that card and log cannot disagree. Nothing
here is measured by hand; evaluation results live with the results, not with the weights.
"""

import json
from pathlib import Path
from typing import Any

LOG_FILE = "training_log.json"

_FRONT = """---
language: en
library_name: transformers
pipeline_tag: text-generation
tags: [tinyworld, teaching, from-scratch]
---
"""
_BASE = (
    "A small {family} trained from nothing on generated English about a made-up world: running "
    "text, facts told in sentences, word problems worked out in steps, and documents with many "
    "examples of a task that must be read from its context. It continues text and has seen no chat."
)
_INSTRUCT = (
    "`{base}` tuned on generated chats alone, with the loss on the assistant's turns. "
    "It answers in the format of its chat template and ends a turn with `<|end|>`."
)
_LOOK = """Texts of the same kinds from a seed that training never used: the share whose {ending}
greedy decoding writes whole. These are not the suites, whose questions are held out.
"""
_LIMITS = """## Limits

* A teaching model. It knows a made-up world of some hundred names and things, and no other.
* Its English is what a generator wrote: short, regular sentences. It says false things fluently.
* Effects between base and instruct are larger than between real models: do not read them as
  evidence about any other pair.
* All names in it are invented; any likeness is chance. No text of third parties was used.
* Positions up to {context} tokens were trained; longer inputs are refused by no code here.
"""


def write_card(folder: Path, chat: bool) -> None:
    """Write README.md from the training log and the config in the folder."""
    log = json.loads((folder / LOG_FILE).read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    text = card_text(folder.name, log, config, chat)
    (folder / "README.md").write_text(text, encoding="utf-8")


def card_text(name: str, log: dict[str, Any], config: dict[str, Any], chat: bool) -> str:
    """The card as Markdown; `name` is the folder's."""
    family = {"llama": "Llama", "qwen3": "Qwen3"}[config["model_type"]]
    what = _INSTRUCT.format(base=name.replace("-instruct", "-base"))
    return "\n".join(
        (
            _FRONT,
            f"# {name}\n",
            (what if chat else _BASE.format(family=family)) + "\n",
            _table(_shape_rows(log, config)),
            "## Data\n",
            _table(_data_rows(log, chat)),
            "## Recipe\n",
            "Remade by `python -m core.demo.train`; all numbers are in `training_log.json`.\n",
            _table(_recipe_rows(log, chat)),
            "## Losses\n",
            "Mean training loss of the 25 steps before, in nats per token"
            + (" that the assistant speaks.\n" if chat else ".\n"),
            _table([("step", "loss"), *_thinned(log["losses"])]),
            "## First look\n",
            _LOOK.format(ending="last answer" if chat else "last word"),
            _table(_look_rows(log)),
            _LIMITS.format(context=config["max_position_embeddings"]),
        )
    )


def _shape_rows(log: dict[str, Any], config: dict[str, Any]) -> list[tuple[str, str]]:
    shape = f"{config['num_hidden_layers']} layers, width {config['hidden_size']}"
    return [
        ("model", "value"),
        ("parameters", f"{log['parameters']:,}"),
        ("shape", f"{shape}, {config['num_attention_heads']} heads, tied embeddings"),
        ("vocabulary", f"{config['vocab_size']:,} byte-level BPE tokens, digits stand alone"),
        ("context", f"{config['max_position_embeddings']:,} tokens"),
        ("weights", f"{config['dtype']}, safetensors"),
    ]


def _data_rows(log: dict[str, Any], chat: bool) -> list[tuple[str, str]]:
    corpora = [log["recipe"][f"{name}_corpus"] for name in _stages(log, chat)]
    return [
        ("data", "value"),
        ("made by", "`core/demo/chats.py`" if chat else "`core/demo/streams.py`"),
        ("seeds", ", ".join(str(corpus["seed"]) for corpus in corpora)),
        ("texts", f"{log['texts']:,}"),
        ("tokens", f"{log['data_tokens']:,}"),
        ("sha256", f"`{log['data_sha256']}`"),
    ]


def _recipe_rows(log: dict[str, Any], chat: bool) -> list[tuple[str, str]]:
    stages = [row for name in _stages(log, chat) for row in _stage_rows(log["recipe"], name)]
    return [
        ("recipe", "value"),
        ("seed", str(log["seed"])),
        ("tokens read", f"{log['tokens_read']:,}"),
        *stages,
        ("arithmetic", "bfloat16 in the matrix products, float32 weights"),
        ("seconds", f"{log['seconds']:,} on two threads, data and first look not counted"),
        ("versions", ", ".join(f"{name} {number}" for name, number in log["versions"].items())),
    ]


def _stages(log: dict[str, Any], chat: bool) -> tuple[str, ...]:
    if not chat:
        return ("pretrain", "second")
    return ("chat", "chat_second") if "chat_second" in log["recipe"] else ("chat",)


def _stage_rows(recipe: dict[str, Any], name: str) -> list[tuple[str, str]]:
    numbers, phases = recipe[name], recipe[f"{name}_phases"]
    second = "second reading: "
    first = "first reading: " if name == "pretrain" or "chat_second" in recipe else ""
    head = second if name in ("second", "chat_second") else first
    stretches = "; ".join(f"{p['steps']} × {p['rows']} × {p['sequence']}" for p in phases)
    up, floor = numbers["warmup_steps"], numbers["floor"]
    return [
        (f"{head}steps × rows × tokens", stretches),
        (f"{head}Muon (matrices between layers)", f"rate {numbers['muon_rate']}"),
        (f"{head}AdamW (embeddings, norms)", f"rate {numbers['adam_rate']}, β 0.9 and 0.95"),
        (f"{head}weight decay on matrices", str(numbers["weight_decay"])),
        (f"{head}schedule", f"{up} steps up, in a line down to {floor}"),
    ]


def _look_rows(log: dict[str, Any]) -> list[tuple[str, str]]:
    found = log["unseen_endings"].items()
    return [("kind", "right"), *((k, f"{v['right']:.2f} of {v['texts']}") for k, v in found)]


def _thinned(losses: list[list[float]], rows: int = 12) -> list[tuple[str, str]]:
    every = max(1, len(losses) // rows)
    kept = losses[::-1][::every][::-1]  # counted from the end, so that the last one stays
    return [(f"{step:,}", f"{loss:.3f}") for step, loss in kept]


def _table(rows: list[tuple[str, str]]) -> str:
    head, *body = (f"| {name} | {value} |" for name, value in rows)
    return "\n".join((head, "| --- | --- |", *body)) + "\n"
