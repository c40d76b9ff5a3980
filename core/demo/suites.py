"""Writes the embedded suites: lm-eval task YAML, JSON lines, and the suite files in TOML.

Deterministic: a second run changes no byte. Not the instruction suite
(`instruction_suite.py`), and not the reading of suites (`core/tasks`).

    python -m core.demo.suites
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from core.demo.suite_icl import SHOTS, IclTask, icl_tasks
from core.demo.suite_reasoning import VARIANTS, reasoning_rows

TASKS = Path(__file__).resolve().parent.parent / "tasks"
FEWSHOT_SEED = 1234
VERSION = "1"
REASONING_SHOTS = 4


def _jsonl(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _yaml(config: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=100)


def _metric(task: IclTask) -> str:
    return "exact_match" if task.shape.form == "G" else "acc"


def _metric_list(*names: str) -> list[dict[str, Any]]:
    return [{"metric": name, "aggregation": "mean", "higher_is_better": True} for name in names]


def _icl_yaml(task: IclTask) -> dict[str, Any]:
    short, shape = task.name.removeprefix("tw_"), task.shape
    files = {"dev": f"{short}_dev.jsonl", "test": f"{short}_test.jsonl"}
    if task.dev_shuffled:
        files["dev_shuffled"] = f"{short}_dev_shuffled.jsonl"
    config: dict[str, Any] = {
        "task": task.name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": files},
        "output_type": "generate_until" if shape.form == "G" else "multiple_choice",
        "validation_split": "dev",
        "test_split": "test",
        "fewshot_split": "dev",
        "fewshot_config": {"sampler": "default" if shape.drawn else "first_n"},
        "fewshot_delimiter": shape.delimiter,
        "doc_to_text": shape.text,
    }
    scored = _generated(shape.new_tokens) if shape.form == "G" else _chosen(shape.form)
    return {**config, **scored, "metadata": {"version": float(VERSION)}}


def _generated(new_tokens: int) -> dict[str, Any]:
    strip = [{"function": "remove_whitespace"}, {"function": "take_first"}]
    return {
        "doc_to_target": "answer",
        "generation_kwargs": {"until": ["\n"], "max_gen_toks": new_tokens, "do_sample": False},
        "filter_list": [{"name": "stripped", "filter": strip}],
        "metric_list": _metric_list("exact_match"),
    }


def _chosen(form: str) -> dict[str, Any]:
    return {
        "doc_to_target": "gold",
        "doc_to_choice": "letters" if form == "FMC" else "choices",
        "metric_list": _metric_list("acc", "acc_norm"),
    }


def _icl_files() -> dict[str, str]:
    files: dict[str, str] = {}
    for task in icl_tasks():
        short = task.name.removeprefix("tw_")
        files[f"tinyworld/{task.name}.yaml"] = _yaml(_icl_yaml(task))
        files[f"tinyworld/{short}_test.jsonl"] = _jsonl(task.test)
        files[f"tinyworld/{short}_dev.jsonl"] = _jsonl(task.dev)
        if task.dev_shuffled:
            files[f"tinyworld/{short}_dev_shuffled.jsonl"] = _jsonl(task.dev_shuffled)
    return files


def _reasoning_yaml(variant: str) -> dict[str, Any]:
    files = {"dev": "reasoning_dev.jsonl", "test": f"reasoning_{variant}.jsonl"}
    extract = [
        {"function": "regex", "regex_pattern": "The answer is (-?[0-9]+)"},
        {"function": "take_first"},
    ]
    return {
        "task": f"tw_reasoning_{variant}",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": files},
        "output_type": "generate_until",
        "validation_split": "dev",
        "test_split": "test",
        "fewshot_split": "dev",
        # Exemplars show the steps; the item's own target is the number alone.
        "fewshot_config": {"sampler": "first_n", "doc_to_target": "{{solution}}"},
        "doc_to_text": "Question: {{question}}\nAnswer:",
        "doc_to_target": "answer",
        "generation_kwargs": {
            "until": ["\n\n", "Question:"], "max_gen_toks": 96, "do_sample": False,
        },
        "filter_list": [{"name": "stated-answer", "filter": extract}],
        "metric_list": _metric_list("exact_match"),
        "metadata": {"version": float(VERSION)},
    }  # fmt: skip


def _reasoning_files() -> dict[str, str]:
    rows = reasoning_rows()
    files = {f"tinyworld/reasoning_{name}.jsonl": _jsonl(part) for name, part in rows.items()}
    for variant in VARIANTS:
        files[f"tinyworld/tw_reasoning_{variant}.yaml"] = _yaml(_reasoning_yaml(variant))
    return files


def _toml_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


def _toml(head: Mapping[str, Any], tasks: Iterable[Mapping[str, Any]]) -> str:
    lines = ["# Written by `python -m core.demo.suites`."]
    lines += [f"{key} = {_toml_value(value)}" for key, value in head.items()]
    for task in tasks:
        lines += ["", "[[tasks]]"]
        lines += [f"{key} = {_toml_value(v)}" for key, v in task.items() if v is not None]
    return "\n".join(lines) + "\n"


def _entry(name: str, form: str, category: str, shots: int, metric: str) -> dict[str, Any]:
    return {
        "name": name, "form": form, "category": category, "shots": shots,
        "fewshot_seed": FEWSHOT_SEED, "metric": metric,
    }  # fmt: skip


def _icl_toml() -> str:
    head = {
        "name": "tinyworld-icl", "kind": "icl", "title": "Tiny world, few-shot",
        "description": "Twelve few-shot tasks over a made-up world; in five of them only the "
        "examples tell what the label words mean.",
        "folder": "tinyworld",
    }  # fmt: skip
    tasks = [
        {
            **_entry(task.name, task.shape.form, task.category, SHOTS, _metric(task)),
            "chance": task.chance, "measures_context": bool(task.dev_shuffled), "version": VERSION,
        }
        for task in icl_tasks()
    ]  # fmt: skip
    return _toml(head, tasks)


def _reasoning_toml() -> str:
    head = {
        "name": "tinyworld-reasoning", "kind": "reasoning", "title": "Tiny world, word problems",
        "description": "Word problems of two and three steps, each with twins: other numbers, "
        "other wording, a clause that does not matter, a stated formula in a new domain.",
        "folder": "tinyworld",
    }  # fmt: skip
    tasks = [
        {
            **_entry(f"tw_reasoning_{v}", "G", "Reasoning", REASONING_SHOTS, "exact_match"),
            "measures_context": False, "version": VERSION,
        }
        for v in VARIANTS
    ]  # fmt: skip
    return _toml(head, tasks)


def suite_files() -> dict[str, str]:
    """Every file of the two suites with its text, by path below `core/tasks`."""
    return {
        **_icl_files(), **_reasoning_files(),
        "suites/tinyworld-icl.toml": _icl_toml(),
        "suites/tinyworld-reasoning.toml": _reasoning_toml(),
    }  # fmt: skip


def write_suites(folder: Path = TASKS) -> int:
    """Write all files below the folder; returns how many."""
    files = suite_files()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return len(files)


if __name__ == "__main__":
    sys.stdout.write(f"{write_suites()} files written below {TASKS}\n")
