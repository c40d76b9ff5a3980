"""A pair of a person's own, written into their pairs file so that it is there next time.

    add_pair(NewPair("mine", "/models/base", "/models/instruct"), settings)

The file is TOML and may be edited by hand; what stands in it is kept. Not here: whether the two
can be merged (`findings.py`).
"""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from core.canon import safe_name
from core.errors import InputError
from core.pairs.registry import PairEntry, find_pair, read_entries, read_registry
from core.pairs.source import Source, is_there, read_source
from core.settings import Settings
from core.store.files import write_whole

ADAPTER = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class NewPair:
    """Parents are folders or hub ids (`org/model`, `org/model@revision`)."""

    name: str
    base: str
    instruct: str
    note: str = ""


def add_pair(new: NewPair, settings: Settings) -> PairEntry:
    """Write it and read it back.

    Raises:
        InputError: a name that is taken or no name, a folder that is not there, twice the same.
        StoreError: the file cannot be written.
    """
    name = refuse_name(new.name, settings)
    base, instruct = (_source(one) for one in (new.base, new.instruct))
    _refuse_adapter(name, base, instruct)
    if base == instruct:
        raise InputError(f"Base and instruct are both {base.place[:80]!r}. Give two models.")
    fields = {
        "name": name,
        "base": base.place,
        "base_revision": base.revision,
        "instruct": instruct.place,
        "instruct_revision": instruct.revision,
        "note": " ".join(new.note.split()),
    }
    block = "[[pair]]\n" + "".join(
        f"{key} = {_toml(text)}\n" for key, text in fields.items() if text
    )
    _write(block, settings.pairs_file)
    return find_pair(name, settings)


def refuse_name(given: str, settings: Settings) -> str:
    """The name as it is written.

    Raises:
        InputError: it is taken, or no name.
    """
    name = safe_name(given.strip(), "pair name")
    if name in read_registry(settings):
        raise InputError(f"There is a pair named {name} already. Choose another name.")
    return name


def _refuse_adapter(name: str, base: Source, instruct: Source) -> None:
    """An adapter is no model; the command line merges it into its base first."""
    folder = Path(instruct.place)
    if (folder / ADAPTER).is_file() and not (folder / "config.json").is_file():
        command = ("pairs", "add", name, "--base", base.place, "--instruct", instruct.place)
        raise InputError(
            f"{instruct.place} holds a LoRA adapter and no model. It is merged into its base by: "
            f"python -m core {shlex.join(command)}"
        )


def _write(block: str, path: Path) -> None:
    """Behind what stands there, if all of it can be read then."""
    before = path.read_text(encoding="utf-8").rstrip() + "\n\n" if path.is_file() else ""
    try:
        read_entries(before + block, path, Path(os.path.realpath(path)).parent)
    except InputError as error:
        raise InputError(
            f"{path} was left as it is: with a [[pair]] behind it, it could not be read any more. "
            "Begin each of its pairs with [[pair]] first."
        ) from error
    write_whole(Path(os.path.realpath(path)), before + block)  # a link stays one


def _source(text: str) -> Source:
    """An absolute folder that is there, or a hub id as it stands."""
    found = read_source(text, Path.cwd())
    if not Path(found.place).is_absolute():
        return found
    if is_there(Path(found.place)):
        return Source(str(Path(found.place).resolve()))
    raise InputError(
        f"There is no folder {text.strip()[:80]!r}, and it is no hub id such as org/model. "
        "Correct it."
    )


def _toml(text: str) -> str:
    """A basic string of TOML, with everything escaped that TOML wants escaped.

    Raises:
        InputError: it holds what is no character.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{text[:60]!r} is no readable text. Write it anew.") from error
    return '"' + "".join(_escaped(one) for one in text) + '"'


def _escaped(one: str) -> str:
    if one in '"\\':
        return f"\\{one}"
    return one if one.isprintable() else f"\\U{ord(one):08X}"
