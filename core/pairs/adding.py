"""A pair of a person's own, written into their pairs file so that it is there next time.

    add_pair(NewPair("mine", "/models/base", "/models/instruct"), settings)

The file is TOML and may be edited by hand; what stands in it is kept. Not here: whether the two
can be merged (`findings.py`).
"""

import json
from dataclasses import dataclass
from pathlib import Path

from core.canon import safe_name
from core.errors import InputError
from core.pairs.registry import PairEntry, find_pair, read_registry
from core.settings import Settings
from core.store.files import write_whole


@dataclass(frozen=True, slots=True)
class NewPair:
    """Parents are folders or hub ids (`org/model`)."""

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
    name = safe_name(new.name.strip(), "pair name")
    if name in read_registry(settings):
        raise InputError(f"There is a pair named {name} already. Choose another name.")
    base, instruct = (_source(one) for one in (new.base, new.instruct))
    if base == instruct:
        raise InputError(f"Base and instruct are both {base[:80]!r}. Give two models.")
    fields = {"name": name, "base": base, "instruct": instruct, "note": new.note.strip()}
    block = "[[pair]]\n" + "".join(
        f"{key} = {_toml(text)}\n" for key, text in fields.items() if text
    )
    path = settings.pairs_file
    before = path.read_text(encoding="utf-8").rstrip() + "\n\n" if path.is_file() else ""
    write_whole(path, before + block)
    return find_pair(name, settings)


def _source(text: str) -> str:
    """An absolute folder that is there, or a hub id as it stands."""
    text = text.strip()
    if not text:
        raise InputError("A parent is missing. Give a folder, or a hub id such as org/model.")
    folder = Path(text).expanduser()
    if folder.is_dir():
        return str(folder.resolve())
    if text.count("/") == 1 and not text.startswith((".", "/", "~")) and " " not in text:
        return text
    raise InputError(
        f"There is no folder {text[:80]!r}, and it is no hub id such as org/model. Correct it."
    )


def _toml(text: str) -> str:
    """A basic string of TOML, which JSON's is, short of escaped pairs of surrogates."""
    return json.dumps(text, ensure_ascii=False)
