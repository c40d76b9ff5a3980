"""What is to be asked side by side, as a person gives it: columns, prompt, settings.

    columns("0:1:0.1", "tinyworld", known)      # λ of the pair on show
    columns("0.5, pocketworld@0,0.5,1", …)      # any mixture; a bare λ goes with the pair before it

Pure values. Asking: `filming.py`. What is kept of it: `core/store/filmstrip.py`.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast, get_args

from core.engine.protocol import Message, Role
from core.errors import InputError, NotKnown
from core.lam import Lam, parse_grid
from core.spec import Decoding
from core.store.filmstrip import MOST_COLUMNS, OWN, Mode

_TURN = re.compile(r"^(system|user|assistant|human|ai)\s*:\s*", re.IGNORECASE | re.MULTILINE)
_ROLES = {"human": "user", "ai": "assistant"}


@dataclass(frozen=True, slots=True)
class Place:
    """Who is to answer: a pair by its name, at a λ."""

    pair: str
    lam: Lam

    @property
    def name(self) -> str:
        """As the protocol names it: `tinyworld@0.7`."""
        return f"{self.pair}@{self.lam}"


@dataclass(frozen=True, slots=True)
class Scene:
    """One prompt for several columns. In the modes but "chat" the one turn is the very text."""

    mode: Mode
    messages: tuple[Message, ...]
    places: tuple[Place, ...]
    decoding: Decoding
    kind: str = OWN

    @property
    def pairs(self) -> tuple[str, ...]:
        """Names of the pairs in the order of their first column."""
        return tuple(dict.fromkeys(place.pair for place in self.places))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a text names, and what was left out of it."""

    places: tuple[Place, ...]
    repeated: tuple[str, ...] = ()  # named more than once; each stands once


def columns(text: str, pair: str, known: Collection[str]) -> Columns:
    """Read `λ`, `start:end:step` and `pair@λ`, with commas between them.

    Raises:
        LambdaError: an entry is no λ.  NotKnown: no such pair.  InputError: none, or too many.
    """
    entries = [entry.strip() for entry in re.split(r"[,;\n]", text) if entry.strip()]
    if not entries:
        raise InputError("No column is named. Give λ such as 0:1:0.1, or pair@λ.")
    found: dict[str, Place] = {}
    repeated: dict[str, None] = {}
    for place in _places(entries, pair, known):
        if place.name in found:
            repeated[place.name] = None
        found[place.name] = place
    if len(found) > MOST_COLUMNS:
        raise InputError(
            f"{len(found)} columns are named and {MOST_COLUMNS} can be read side by side. "
            "Leave some out, or take larger steps."
        )
    return Columns(tuple(found.values()), tuple(repeated))


def _places(entries: list[str], pair: str, known: Collection[str]) -> Iterator[Place]:
    for entry in entries:
        name, at, lams = entry.rpartition("@")
        if at:
            pair = name.strip()
        if pair not in known:
            raise NotKnown(
                f"There is no pair named {pair[:80]!r}. Known are {', '.join(sorted(known)[:8])}."
            )
        yield from (Place(pair, lam) for lam in parse_grid(lams))


def as_text(places: tuple[Place, ...], pair: str) -> str:
    """The shortest text that `columns` reads back into these places, for the pair on show."""
    parts = []
    for place in places:
        parts.append(str(place.lam) if place.pair == pair else place.name)
        pair = place.pair
    return ", ".join(parts)


def read_conversation(text: str) -> tuple[Message, ...]:
    """A pasted conversation: OpenAI's list of messages, or lines that begin with who speaks.

    Raises:
        InputError: neither of the two, or a turn without a text.
    """
    text = text.strip()
    turns = _from_json(text) if text.startswith(("[", "{")) else _from_lines(text)
    if not turns:
        raise InputError(
            "This is no conversation. Begin turns with User: and Assistant:, or paste a JSON "
            'list of {"role", "content"}.'
        )
    return tuple(turns)


def _from_json(text: str) -> list[Message]:
    try:
        content = json.loads(text)
        rows: list[dict[str, str]] = content["messages"] if isinstance(content, dict) else content
        turns = [Message(cast(Role, row["role"]), row["content"]) for row in rows]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []
    right = all(turn.role in get_args(Role) and isinstance(turn.content, str) for turn in turns)
    return turns if right else []


def _from_lines(text: str) -> list[Message]:
    before, *rest = _TURN.split(text)
    if before.strip():
        return []
    pairs = zip(rest[::2], rest[1::2], strict=True)
    named = [(role.lower(), said.strip()) for role, said in pairs]
    return [Message(cast(Role, _ROLES.get(role, role)), said) for role, said in named]
