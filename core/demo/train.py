"""Make an embedded pair from nothing: texts, tokenizer, base, instruct, cards.

    python -m core.demo.train                      # both checkpoints into core/demo/pair/
    python -m core.demo.train --out /tmp/pair      # somewhere else
    python -m core.demo.train --stage chat         # tune the chat model again from the base there
    python -m core.demo.train --pair pocketworld   # the second, smaller pair

Ends where it was stopped: half-done stages lie as checkpoints in `--work` and are taken up again.
Same recipe, same machine, same thread count: same weights; another processor rounds differently
and gives a pair of the same quality, not of the same bits. Not a trainer library: one loop, read
it in `loop.py`.
"""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from core.canon import file_hash, text_hash
from core.demo import corpus
from core.demo.card import write_card
from core.demo.checkpoint import save_pretrained, shaped_model, versions
from core.demo.final_check import check_base, check_instruct
from core.demo.loop import Stage, run_stage
from core.demo.recipe import RECIPES, Corpus, Optimiser, Phase, PocketShape, Recipe
from core.demo.tokenizer import learn_tokenizer
from core.errors import InputError, PartwayError

_log = logging.getLogger(__name__)
PAIR_FOLDER = Path(__file__).parent / "pair"
WORK_FOLDER = Path("results") / "demo-training"
PAIR = "tinyworld"
BASE, INSTRUCT = f"{PAIR}-base", f"{PAIR}-instruct"
LOG_FILE = "training_log.json"
WORKERS = 2  # processes that write and pack the texts


def train_pair(recipe: Recipe, out: Path, work: Path, pair: str = PAIR) -> None:
    """Make base and instruct; a second call goes on where the first was stopped."""
    train_base(recipe, out, work, pair)
    train_instruct(recipe, out, work, pair)


def train_base(recipe: Recipe, out: Path, work: Path, pair: str = PAIR) -> None:
    """Learn the tokenizer, pre-train from scratch, write the base folder."""
    work.mkdir(parents=True, exist_ok=True)
    tokenizer_file = work / "tokenizer.json"
    tokenizer = learn_tokenizer(corpus.tokenizer_texts(recipe), recipe.vocabulary)
    tokenizer.save(str(tokenizer_file))
    first = _Reading(
        "base", recipe.pretrain_corpus, recipe.pretrain_phases, recipe.pretrain, recipe.seed,
        recipe.first_part(),
    )  # fmt: skip
    second = _Reading(
        "second", recipe.second_corpus, recipe.second_phases, recipe.second, recipe.seed + 2,
        recipe.base_part(),
    )  # fmt: skip
    model = shaped_model(recipe)
    records = [
        _read(model, reading, tokenizer_file, work, recipe.checkpoint_steps)
        for reading in (first, second)
    ]
    _finish(recipe, model, out / f"{pair}-base", tokenizer_file, _both(*records))


class _Reading(NamedTuple):
    """One reading of a parent's texts; the second goes on from the first."""

    name: str
    texts: Corpus
    phases: tuple[Phase, ...]
    numbers: Optimiser
    seed: int
    part: dict[str, Any]  # of the recipe: what its checkpoints depend on
    pack: Callable[[Corpus, Path, int], corpus.Packed] = corpus.pack_documents


def _read(
    model: PreTrainedModel,
    reading: _Reading,
    tokenizer_file: Path,
    work: Path,
    save_steps: int,
    before: str = "",
) -> dict[str, Any]:
    _log.info("writing and packing the texts of the stage %s", reading.name)
    packed = reading.pack(reading.texts, tokenizer_file, WORKERS)
    identity = _identity(reading.part, packed, before)
    stage = Stage(reading.name, reading.phases, reading.numbers, reading.seed, identity)
    return run_stage(model, packed, stage, work, save_steps) | _data(packed)


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """One record of the two readings; steps are counted through."""
    counted = ("steps", "tokens_read", "seconds", "texts", "data_tokens")
    later = [(step + first["steps"], loss) for step, loss in second["losses"]]
    return (
        first
        | {key: first[key] + second[key] for key in counted}
        | {
            "losses": [*first["losses"], *later],
            "data_sha256": corpus.joined_hash([first["data_sha256"], second["data_sha256"]]),
        }
    )


def train_instruct(recipe: Recipe, out: Path, work: Path, pair: str = PAIR) -> None:
    """Tune a copy of the base in `out` on chats alone, write the instruct folder."""
    work.mkdir(parents=True, exist_ok=True)
    base = out / f"{pair}-base"
    tokenizer_file = base / "tokenizer.json"
    if not tokenizer_file.is_file():
        raise InputError(
            f"There is no base model in {str(out)!r}. Run `python -m core.demo.train --stage base`."
        )
    model, before = shaped_model(recipe, weights=base), file_hash(base / "model.safetensors")
    records = [
        _read(model, reading, tokenizer_file, work, recipe.checkpoint_steps, before)
        for reading in _chat_readings(recipe)
    ]
    record = _both(*records) if len(records) == 2 else records[0]
    _finish(recipe, model, out / f"{pair}-instruct", tokenizer_file, record)


def _chat_readings(recipe: Recipe) -> tuple["_Reading", ...]:
    first = _Reading(
        "instruct", recipe.chat_corpus, recipe.chat_phases, recipe.chat, recipe.seed + 1,
        recipe.first_chat_part(), corpus.pack_chats,
    )  # fmt: skip
    if recipe.chat_second is None or recipe.chat_second_corpus is None:
        return (first,)
    second = _Reading(
        "instruct-second", recipe.chat_second_corpus, recipe.chat_second_phases,
        recipe.chat_second, recipe.seed + 3, recipe.instruct_part(), corpus.pack_chats,
    )  # fmt: skip
    return first, second


def _identity(part: dict[str, Any], packed: corpus.Packed, base: str = "") -> str:
    return text_hash(json.dumps(part, sort_keys=True) + packed.sha256 + base)[:12]


def _data(packed: corpus.Packed) -> dict[str, Any]:
    return {
        "data_sha256": packed.sha256,
        "texts": packed.texts,
        "data_tokens": len(packed.tokens),
    }


def _finish(
    recipe: Recipe,
    model: PreTrainedModel,
    folder: Path,
    tokenizer_file: Path,
    record: dict[str, Any],
) -> None:
    chat = folder.name.endswith("-instruct")
    dtype = torch.bfloat16 if isinstance(recipe.shape, PocketShape) else torch.float32
    save_pretrained(model, folder, tokenizer_file, chat, dtype)
    model.float()  # as it was rounded: what is looked at is what was saved
    check, texts = (
        (check_instruct, recipe.chat_corpus) if chat else (check_base, recipe.pretrain_corpus)
    )
    found = check(model, Tokenizer.from_file(str(tokenizer_file)), texts)
    for kind, endings in found.items():
        _log.info("%-16s %3.0f %% of %d endings", kind, 100 * endings.right, endings.texts)
    record |= {
        "recipe": recipe.instruct_part() if chat else recipe.base_part(),
        "versions": versions(),
        "unseen_endings": {kind: endings._asdict() for kind, endings in found.items()},
    }
    (folder / LOG_FILE).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    write_card(folder, chat=chat)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m core.demo.train", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--pair", choices=tuple(RECIPES), default=PAIR, help="which one")
    parser.add_argument("--out", type=Path, default=PAIR_FOLDER, help="where the pair goes")
    parser.add_argument("--work", type=Path, default=WORK_FOLDER, help="half-done stages")
    parser.add_argument("--stage", choices=("both", "base", "chat"), default="both")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    work = {"both": train_pair, "base": train_base, "chat": train_instruct}[options.stage]
    try:
        work(RECIPES[options.pair], options.out, options.work / options.pair, options.pair)
    except PartwayError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
