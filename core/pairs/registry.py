"""Which pairs there are: name, title and where the two parents lie.

Read from `core/pairs/pairs.toml`, which ships, and from the person's own file
(`settings.pairs_file`), whose entries win. Not here: whether a pair can be merged
(`core/pairs/preflight.py`). An entry of one's own:

    [[pair]]
    name = "mine"
    base = "~/models/mine-base"            # a folder, or a hub id such as org/model
    instruct = "~/models/mine-instruct"
    base_revision = "…"                    # of a hub id; org/model@revision says the same
    icl_suite = "icl-classic"              # what forms and commands begin with; also
                                           # instruction_suite and benchmark

What it does not know it refuses: a misspelt field that is passed over would mislead.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.canon import safe_name
from core.errors import InputError, NotKnown
from core.pairs.parts import MARK, PartPath, split_name
from core.pairs.source import read_source
from core.pairs.usual import FOR_ANY_PAIR, Usual
from core.pairs.verified import Verified, read_verified
from core.settings import ROOT, Settings

SHIPPED = Path(__file__).with_name("pairs.toml")
_NEEDED = ("name", "base", "instruct")
_USUAL = ("icl_suite", "instruction_suite", "benchmark")
_TEXTS = (*_NEEDED, "base_revision", "instruct_revision", "title", "note", "group", *_USUAL)
ALONE = "folder:"  # before a folder or hub id that stands for itself and is merged with nothing


@dataclass(frozen=True, slots=True)
class PairEntry:
    """A pair by name. A parent is an absolute folder or a hub id; None revision = unverified."""

    name: str
    title: str
    base: str
    instruct: str
    base_revision: str | None = None
    instruct_revision: str | None = None
    embedded: bool = False
    note: str = ""
    group: str = ""  # where it comes from: embedded, partial-adaptation, reasoning, starter
    path: str = ""  # which parts move with λ (core/pairs/parts.py); empty: all alike
    usual: Usual = FOR_ANY_PAIR  # what it is measured with unless something else is chosen


def read_registry(settings: Settings) -> dict[str, PairEntry]:
    """Every known pair by name, the embedded one first.

    Raises:
        InputError: a registry file is not TOML, or an entry lacks a field or has one of no use.
    """
    found = dict(_read_once(SHIPPED, ROOT, _stamp(SHIPPED)))
    own = settings.pairs_file
    if own.exists():
        found |= _read_once(own, own.resolve().parent, _stamp(own))
    verified = read_verified(settings)
    if not verified:
        return found
    return {name: _at_checked(entry, verified) for name, entry in found.items()}


def _at_checked(entry: PairEntry, verified: Mapping[str, Verified]) -> PairEntry:
    """The pair at the commits that the hub told when it was checked, unless it names its own."""
    base, instruct = verified.get(entry.base), verified.get(entry.instruct)
    return replace(
        entry,
        base_revision=entry.base_revision or (base.model.revision if base else None),
        instruct_revision=entry.instruct_revision
        or (instruct.model.revision if instruct else None),
    )


def find_pair(name: str, settings: Settings) -> PairEntry:
    """The pair of that name; behind a `~` may stand which of its parts move with λ.

    Raises:
        NotKnown: no pair of that name; the sentence offers close names.
        InputError: what stands behind the `~` is no path.
    """
    registry = read_registry(settings)
    if name in registry:
        return registry[name]
    whole, path = split_name(name)
    if path is not None and whole in registry:
        return _along(registry[whole], path)
    close = difflib.get_close_matches(name, registry, n=3) or list(registry)[:3]
    raise NotKnown(
        f"There is no pair named {name[:80]!r}. Known are, among others, {', '.join(close)}; "
        f"add a pair of your own to {settings.pairs_file}."
    )


def _along(entry: PairEntry, path: PartPath) -> PairEntry:
    note = f"{path.in_words()} At λ = 1 stands what that leads to, not the instruct parent."
    return replace(entry, name=f"{entry.name}{MARK}{path}", path=str(path), note=note)


def find_model(name: str, settings: Settings) -> PairEntry:
    """The pair of that name, or for "folder:PLACE" one model that is both its own parents.

    Raises:
        NotKnown: no pair of that name.
    """
    place = name.removeprefix(ALONE)
    if place == name:
        return find_pair(name, settings)
    found = read_source(place, Path.cwd())
    return PairEntry(
        Path(found.place).name, name, found.place, found.place, found.revision, found.revision
    )


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:  # gone since: reading it says so
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(8)
def _read_once(path: Path, root: Path, stamp: tuple[int, int]) -> dict[str, PairEntry]:
    """A page asks a dozen times; `stamp` changes with the file."""
    return _read_file(path, root)


def _read_file(path: Path, root: Path) -> dict[str, PairEntry]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    return read_entries(text, path, root)


def read_entries(text: str, path: Path, root: Path) -> dict[str, PairEntry]:
    """The pairs of a registry's text; `path` is where it stands, or is to stand.

    Raises:
        InputError: it is not TOML, or says anything that would be passed over.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, error) from error
    listed = content.pop("pair", [])
    if content:
        raise InputError(
            f"The registry {path} holds {next(iter(content))!r}, which is nothing that a registry "
            "has. Begin each pair with [[pair]]."
        )
    if not isinstance(listed, list):
        raise InputError(f"The registry {path} has no list of pairs. Begin each with [[pair]].")
    found: dict[str, PairEntry] = {}
    for entry in (_entry(fields, path, root) for fields in listed):
        if entry.name in found:
            raise InputError(
                f"The registry {path} has two pairs named {entry.name}. Give one another name."
            )
        found[entry.name] = entry
    return found


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        f"The registry of pairs {path} cannot be read ({error}). Correct or remove it."
    )


def _entry(fields: Any, path: Path, root: Path) -> PairEntry:
    if not isinstance(fields, dict) or not all(isinstance(fields.get(k), str) for k in _NEEDED):
        raise InputError(
            f"An entry of {path} lacks one of name, base and instruct as text: "
            f"{str(fields)[:200]}. Add it."
        )
    name = safe_name(fields["name"], "pair name")
    _refuse_fields(name, fields, path)
    try:
        base, instruct = (read_source(fields[one], root) for one in ("base", "instruct"))
    except InputError as error:
        raise InputError(f"In the pair {name} of {path}: {error}") from error
    return PairEntry(
        name=name,
        title=fields.get("title") or name,
        base=base.place,
        instruct=instruct.place,
        base_revision=fields.get("base_revision") or base.revision,
        instruct_revision=fields.get("instruct_revision") or instruct.revision,
        embedded=fields.get("embedded", False),
        note=fields.get("note", ""),
        group=fields.get("group", "yours"),
        usual=Usual(**{name: fields[name] for name in _USUAL if fields.get(name)}),
    )


def _refuse_fields(name: str, fields: dict[str, Any], path: Path) -> None:
    """A field that is passed over, such as a misspelt revision, would mislead."""
    for key, value in fields.items():
        if key not in _TEXTS and key != "embedded":
            raise InputError(
                f"The pair {name} of {path} has {key!r}, which no pair has. There are "
                f"{', '.join(_TEXTS)}. Correct or remove it."
            )
        if not isinstance(value, bool if key == "embedded" else str):
            kind = "true or false" if key == "embedded" else "text in quotes"
            raise InputError(
                f"The pair {name} of {path} has {key} = {str(value)[:80]}, which is not {kind}. "
                "Correct it."
            )
