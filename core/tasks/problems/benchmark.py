"""A reasoning benchmark as data: where its rows are, its parts, its examples.

Read from `core/tasks/benchmarks/NAME.toml`, or from your own folder PARTWAY_TASKS/benchmarks:

    name = "gsm8k"                    # the file's own name
    title = "GSM8K"
    description = "Grade-school word problems."
    reads = "gsm8k"                   # a reader of core/tasks/problems/readers.py
    version = "1"
    repo = "openai/gsm8k"             # hub data set, or the folder's name below PARTWAY_DATA
    config = "main"                   # of the hub data set, where it has several
    revision = "unverified"           # 40 hex digits where somebody could look it up
    on_hub = true                     # false: the rows are files that nobody can fetch for you
    max_new_tokens = 96               # if given: longer answers make no sense here
    stop = ["Question:"]              # what ends an answer to a plain prompt

    [[parts]]
    name = "test"
    role = "original"                 # original, perturbed or shifted
    split = "test"                    # of the hub data set; or
    file = "reasoning_original.jsonl" # a file of the folder
    rows = 1319                       # as published; another number is told, never refused
    rows_are = "v1"                   # a name for the revision that has so many

    [examples]                        # absent: no few-shot prompting
    split = "train"
    count = 8                         # the first so many, of the problem's group where it has one

Not here: reading rows (`readers.py`, `load.py`).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from core.canon import safe_name
from core.errors import InputError, NotKnown, TaskError
from core.settings import Settings, read_settings
from core.tasks.problems.problem import Role

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
UNVERIFIED = "unverified"
STOPS = ("\nQuestion:",)


@dataclass(frozen=True, slots=True)
class Part:
    """One set of problems of a benchmark."""

    name: str
    role: Role
    split: str | None
    file: str | None
    rows: int | None
    rows_are: str | None


@dataclass(frozen=True, slots=True)
class Examples:
    """Where the worked examples of few-shot prompts come from."""

    split: str | None
    file: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A named set of parts."""

    name: str
    title: str
    description: str
    reads: str
    version: str
    repo: str | None
    config: str | None
    revision: str | None  # None: nobody could verify one
    on_hub: bool
    folder: Path | None  # of rows that ship
    max_new_tokens: int | None
    stop: tuple[str, ...]
    parts: tuple[Part, ...]
    examples: Examples | None

    def part(self, name: str) -> Part:
        """The part of that name.

        Raises:
            NotKnown: there is none.
        """
        found = next((part for part in self.parts if part.name == name), None)
        if found is None:
            known = ", ".join(part.name for part in self.parts)
            raise NotKnown(f"{self.title} has no part {name[:40]!r}. Its parts are: {known}.")
        return found

    @property
    def original(self) -> Part | None:
        """The part whose problems the others are twins of."""
        return next((part for part in self.parts if part.role == "original"), None)


def list_benchmarks(settings: Settings | None = None) -> tuple[str, ...]:
    """Every benchmark's name, shipped ones and your own, in alphabetical order."""
    return tuple(sorted({path.stem for root in _roots(settings) for path in root.glob("*.toml")}))


def load_benchmark(name: str, settings: Settings | None = None) -> Benchmark:
    """Read one benchmark's definition.

    Raises:
        NotKnown: there is none of that name.  TaskError: its file is broken.
    """
    file = f"{safe_name(name, 'benchmark')}.toml"
    path = next((root / file for root in _roots(settings) if (root / file).is_file()), None)
    if path is None:
        known = ", ".join(list_benchmarks(settings))
        raise NotKnown(f"No benchmark is called {name!r}. Known are: {known}.")
    try:
        return _benchmark(tomllib.loads(path.read_text(encoding="utf-8")), path)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, InputError) as error:
        raise TaskError(
            f"The benchmark file {path} is broken ({type(error).__name__}: {error}). "
            "Compare it with the format in core/tasks/problems/benchmark.py."
        ) from error


def _roots(settings: Settings | None) -> tuple[Path, ...]:
    own = (settings or read_settings()).tasks
    return (FOLDER,) if own is None else (FOLDER, own / "benchmarks")


def _benchmark(content: dict[str, Any], path: Path) -> Benchmark:
    if content["name"] != path.stem:
        raise ValueError(f"name = {content['name']!r} is not the file's name")
    parts = tuple(_part(part) for part in content["parts"])
    if len({part.name for part in parts}) < len(parts) or not parts:
        raise ValueError("it has no parts, or two of one name")
    examples, revision = content.get("examples"), content.get("revision", UNVERIFIED)
    ships = "repo" not in content
    return Benchmark(
        name=content["name"],
        title=content["title"],
        description=content["description"],
        reads=content["reads"],
        version=str(content["version"]),
        repo=content.get("repo"),
        config=content.get("config"),
        revision=None if revision == UNVERIFIED else str(revision),
        on_hub=bool(content.get("on_hub", not ships)),
        folder=path.parent.parent / content["folder"] if ships else None,
        max_new_tokens=content.get("max_new_tokens"),
        stop=tuple(content.get("stop", STOPS)),
        parts=parts,
        examples=None if examples is None else _examples(examples),
    )


def _part(content: dict[str, Any]) -> Part:
    if content["role"] not in get_args(Role):
        raise ValueError(f"role = {content['role']!r} is not one of {', '.join(get_args(Role))}")
    if ("split" in content) == ("file" in content):
        raise ValueError(f"the part {content['name']!r} needs a split or a file, and not both")
    given = content.get("split"), content.get("file"), content.get("rows"), content.get("rows_are")
    return Part(safe_name(content["name"], "part"), content["role"], *given)


def _examples(content: dict[str, Any]) -> Examples:
    count = content["count"]
    if type(count) is not int or count < 1:
        raise ValueError(f"examples of count {count!r}")
    return Examples(content.get("split"), content.get("file"), count)
