"""The suite `tinyworld-instructions`: what is asked, how it is checked, what a right answer is.

Made by the same makers as the chat stream, on the held-out side of the line: no chat has asked
for these facts in these forms, and every other (entity × constraint) pair is reserved. Facts
that the few-shot suite asks are not asked here. Not few-shot prompts: those belong to the
reasoning and ICL suites.

    python -m core.demo.instruction_suite      # writes the data and the reference outputs
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from core.demo.chats import MAKERS
from core.demo.chats_exchange import Draw, Exchange, drawn
from core.judges.checks import to_record

DATASET = "tinyworld-instructions"
GENERATOR = "tinyworld-reference"
SEED = f"{DATASET} 1"
FOLDER = Path(__file__).resolve().parent.parent / "tasks" / "tinyworld"
DATA = FOLDER / "instructions.jsonl"
REFERENCE = FOLDER / "instructions_reference.json"

# Items a kind. JSON and system prompts have more, because each is also read on its own.
COUNTS: dict[str, int] = {
    "question": 14, "one word": 12, "framed answer": 12, "letter case": 12, "yes or no": 12,
    "description": 12, "story": 4, "sentence with a word": 12, "comparison": 8, "greeting": 10,
    "list": 16, "odd one out": 10, "choice": 8, "sorting": 8, "json": 28, "word form": 10,
    "sentence change": 18, "reading": 10, "label": 10, "step by step": 8, "number only": 6,
    "system prompt": 24,
}  # fmt: skip


def exchanges() -> Iterator[tuple[str, Exchange]]:
    """Every item of the suite with its id; no two ask or answer the same within a kind."""
    draw = Draw(Random(SEED), held_out=True)
    seen: set[str] = set()
    for kind, count in COUNTS.items():
        for number in range(1, count + 1):
            exchange = _fresh(kind, draw, seen)
            yield f"{kind.replace(' ', '-')}-{number:02d}", exchange


def _fresh(kind: str, draw: Draw, seen: set[str]) -> Exchange:
    _, maker = MAKERS[kind]
    while True:
        exchange = drawn(maker, draw)
        subject = exchange.about or exchange.answer
        marks = {exchange.instruction.casefold(), f"{kind}: {subject.casefold()}"}
        if not marks & seen:
            seen |= marks
            return exchange


def item_record(name: str, exchange: Exchange) -> dict[str, object]:
    """One line of the data: AlpacaEval's fields, then what a verifier needs."""
    record: dict[str, object] = {
        "id": name,
        "kind": exchange.kind,
        "cluster": f"{exchange.kind}/{exchange.template}",
        "instruction": exchange.instruction,
        "output": exchange.answer,
        "generator": GENERATOR,
        "dataset": DATASET,
        "checks": [to_record(check) for check in exchange.checks],
    }
    return record if exchange.system is None else {**record, "system": exchange.system}


def reference_record(exchange: Exchange) -> dict[str, str]:
    """One entry of the reference outputs, in AlpacaEval's format."""
    return {
        "instruction": exchange.instruction,
        "output": exchange.answer,
        "generator": GENERATOR,
        "dataset": DATASET,
    }


def data_text() -> str:
    """The data file, byte for byte."""
    rows = (json.dumps(item_record(name, made)) for name, made in exchanges())
    return "".join(f"{row}\n" for row in rows)


def reference_text() -> str:
    """The reference outputs file, byte for byte."""
    return json.dumps([reference_record(made) for _, made in exchanges()], indent=1) + "\n"


def main() -> None:
    """Write both files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in ((DATA, data_text()), (REFERENCE, reference_text())):
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(FOLDER.parent)}: {len(text):,} characters\n")


if __name__ == "__main__":
    main()
