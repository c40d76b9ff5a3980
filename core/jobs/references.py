"""What a person may measure win rates against, beside λ=1 and what a suite ships.

    parse_reference("tinyworld@0.5")     any pair at any λ: it answers the same instructions
    parse_reference("outputs.json")      an outputs file in AlpacaEval's format

Not here: asking the other pair (`sweep.py`), and which runs that makes (`work.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.canon import file_hash
from core.errors import InputError
from core.lam import Lam
from core.store.sweeps import SweepReference
from core.tasks.instructions import Instruction
from core.tasks.outputs import generator_of, matched, read_output_rows

AT = "@"
HASH_DIGITS = 8  # enough to tell two files of one name apart
FILE = "file:"


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A pair at one λ."""

    pair: str
    lam: Lam


@dataclass(frozen=True, slots=True)
class FileReference:
    """An outputs file: its name in the sweep, and its answers by item id."""

    reference: SweepReference
    outputs: Mapping[str, str]


def parse_reference(text: str) -> ModelReference | Path:
    """`PAIR@λ`, or the path of an outputs file.

    Raises:
        InputError: neither.  LambdaError: λ is none.
    """
    pair, at, lam = text.rpartition(AT)
    if text.endswith(".json") or Path(text).is_file():
        return Path(text).resolve()
    if at and pair:
        return ModelReference(pair, Lam.parse(lam))
    raise InputError(
        f"The reference {text[:80]!r} is neither a pair at a λ nor a file. "
        "Give one such as tinyworld@0.5 or model_outputs.json."
    )


def file_reference(path: Path, items: Sequence[Instruction]) -> FileReference:
    """The file's answers to these items.

    Raises:
        TaskError: the file is broken, or answers none of them.
    """
    rows = read_output_rows(path)
    found = matched(rows, items)
    if not found.outputs:
        raise InputError(
            f"No instruction of {path} belongs to this suite. Give outputs for the same suite."
        )
    digest = file_hash(path)
    lacking = f", {found.missing} of {len(items)} missing" if found.missing else ""
    return FileReference(
        SweepReference(
            name=f"outputs:{_plain(path.stem)}-{digest[:HASH_DIGITS]}",
            source=f"{FILE}{digest}",
            label=f"the outputs of {generator_of(rows, path)} ({path.name}{lacking})",
            given=str(path),
        ),
        found.outputs,
    )


def _plain(stem: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in stem)
