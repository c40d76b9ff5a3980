"""A small few-shot suite of all three forms, and a small instruction suite, in a folder.

Made for tests: the items mean nothing, but they differ in length, hold accents and commas,
and their exemplars are drawn by both of lm-eval's samplers.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

WORDS = ("ash", "birch", "café", "dune", "elm, old", "fern", "grove", "hill", "isle", "jade")

CHOICE = """\
task: small_choice
dataset_path: json
dataset_kwargs: {{data_files: {{test: "{test}", dev: "{dev}", shuffled: "{shuffled}"}}{more}}}
test_split: test
fewshot_split: dev
output_type: multiple_choice
doc_to_text: "Where is {{{{thing}}}}?\\nAnswer:"
doc_to_choice: options
doc_to_target: label
metric_list:
  - {{metric: acc, aggregation: mean, higher_is_better: true}}
  - {{metric: acc_norm, aggregation: mean, higher_is_better: true}}
metadata: {{version: 1}}
"""
LETTER = """\
include: small_choice.yaml
task: small_letter
doc_to_text: "{{thing}}?\\nA. {{options[0]}}\\nB. {{options[1]}}\\nC. {{options[2]}}\\nAnswer:"
doc_to_choice: ["A", "B", "C"]
fewshot_config: {sampler: first_n}
"""
TEXT = """\
task: small_text
dataset_path: json
dataset_kwargs: {{data_files: {{test: "{test}", dev: "{dev}"}}{more}}}
test_split: test
fewshot_split: dev
description: "Say where it is.\\n\\n"
output_type: generate_until
doc_to_text: "Where is {{{{thing}}}}?"
doc_to_target: "{{{{options[label]}}}}"
generation_kwargs: {{until: ["\\n"], max_gen_toks: 6}}
filter_list:
  - name: whole
    filter: [{{function: take_first}}]
  - name: first
    filter: [{{function: regex, regex_pattern: "([a-z]+)"}}, {{function: take_first}}]
metric_list:
  - {{metric: exact_match, aggregation: mean, higher_is_better: true, ignore_case: true}}
metadata: {{version: 1}}
"""
CLOZE = """\
include: small_choice.yaml
task: small_cloze
doc_to_text: label
doc_to_choice: "{{['It is ' + options[0], 'It is ' + options[1], 'It is ' + options[2]]}}"
doc_to_target: "near {{thing}}."
"""
MANY = """\
include: small_text.yaml
task: small_many
doc_to_target: "{{[options[label], 'ash']}}"
"""
SUITE = """\
name = "small"
kind = "icl"
title = "Small"
description = "Three tasks, one of each form."
folder = "small"
"""
TASK = """
[[tasks]]
name = "{name}"
form = "{form}"
category = "Woods"
shots = 3
metric = "{metric}"
chance = 0.33
version = "1"
"""
INSTRUCTIONS = """\
name = "small-instructions"
kind = "instructions"
title = "Small instructions"
description = "Three instructions."
data = "small/instructions.jsonl"
outputs = "small/outputs.json"
version = "1"
max_new_tokens = 12
system = "You are terse."
"""


def write_small_suite(
    root: Path, items: int = 12, cache: Path | None = None, every_shape: bool = False
) -> Path:
    """Write both suites below `root`; returns the folder to give to `load_suite`.

    With `cache`, paths are absolute and the data can also go through lm-eval's own loader.
    With `every_shape`, two rarer shapes join: choices as contexts, and several right answers.
    """
    folder = root / "small"
    folder.mkdir(parents=True)
    rows = {"test": _rows(items, 0), "dev": _rows(7, 100), "shuffled": _shuffled(_rows(7, 100))}
    for split, content in rows.items():
        write_jsonl(folder / f"{split}.jsonl", content)
    where = folder if cache else Path()
    names = {split: str(where / f"{split}.jsonl") for split in rows}
    more = f', cache_dir: "{cache}"' if cache else ""
    (folder / "small_choice.yaml").write_text(CHOICE.format(**names, more=more))
    (folder / "small_letter.yaml").write_text(LETTER)
    (folder / "small_text.yaml").write_text(TEXT.format(**names, more=more))
    (folder / "small_cloze.yaml").write_text(CLOZE)
    (folder / "small_many.yaml").write_text(MANY)
    suites = root / "suites"
    suites.mkdir()
    tasks: tuple[tuple[str, str, str], ...] = (
        ("small_choice", "MC", "acc_norm"),
        ("small_letter", "FMC", "acc"),
        ("small_text", "G", "exact_match,first"),
    )
    if every_shape:
        tasks += (("small_cloze", "MC", "acc"), ("small_many", "G", "exact_match,first"))
    lines = [TASK.format(name=name, form=form, metric=metric) for name, form, metric in tasks]
    (suites / "small.toml").write_text(SUITE + "".join(lines))
    _write_instructions(folder, suites)
    return suites


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One object a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _rows(count: int, start: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"w{start + i}",
            "thing": f"the {WORDS[i % 10]} number {start + i}",
            "options": [WORDS[(i + 1) % 10], WORDS[(i + 4) % 10], WORDS[(2 * i) % 10] + " far"],
            "label": (7 * i) % 3,
            "cluster": f"c{i // 2}",
        }
        for i in range(count)
    ]


def _shuffled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "label": (row["label"] + 1) % 3} for row in rows]


def _write_instructions(folder: Path, suites: Path) -> None:
    checks = [
        [{"kind": "contains", "text": "ash"}, {"kind": "all_lower"}],
        [{"kind": "contains", "text": "birch"}],
        [{"kind": "contains", "text": "dune"}],
    ]
    rows = [
        {"id": f"i{n}", "instruction": f"Name tree {n}.", "kind": "name", "checks": each}
        for n, each in enumerate(checks)
    ]
    rows[2]["system"] = "You shout."
    write_jsonl(folder / "instructions.jsonl", rows)
    outputs = [
        {"instruction": "Name tree 0.", "output": "an ash", "generator": "x", "dataset": "small"},
        {"instruction": "Name tree 1.", "output": "a birch", "generator": "x", "dataset": "small"},
    ]
    (folder / "outputs.json").write_text(json.dumps(outputs))
    (suites / "small-instructions.toml").write_text(INSTRUCTIONS)
