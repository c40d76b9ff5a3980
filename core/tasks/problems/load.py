"""A benchmark's problems and examples, from the hub, from PARTWAY_DATA, or from what ships.

    loaded = load_problems(load_benchmark("gsm8k"), "test", settings)
    loaded.problems · loaded.examples_for(problem) · loaded.identity(limit)

The identity holds the hash of the problems themselves, so two revisions of a data set that
share a name are two tasks. Rows are read by the doors of `core/tasks/hub_rows.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.canon import content_id
from core.errors import InputError, TaskError
from core.settings import Settings
from core.spec import TaskIdentity
from core.tasks.data import TaskData, find_data, local_copy
from core.tasks.definition import TaskDefinition
from core.tasks.hub import PAGE
from core.tasks.jsonl import read_jsonl
from core.tasks.problems.benchmark import Benchmark, Part
from core.tasks.problems.problem import Problem
from core.tasks.problems.readers import READERS, Rows
from core.tasks.stamps import Stamp, stamp

KEPT = 32
SEPARATOR = "/"
Key = tuple[str, str, str, object]
_kept: dict[Key, "Loaded"] = {}


@dataclass(frozen=True, slots=True)
class Loaded:
    """One part of a benchmark, read."""

    benchmark: Benchmark
    part: Part
    problems: tuple[Problem, ...]
    examples: tuple[Problem, ...]  # empty where there are none
    data: str | None  # where the rows came from, in words; None for what ships

    @property
    def name(self) -> str:
        """benchmark/part, as a run names it."""
        return f"{self.benchmark.name}{SEPARATOR}{self.part.name}"

    def examples_for(self, problem: Problem) -> tuple[Problem, ...]:
        """The first so many, of the problem's own group where it has one.

        Raises:
            TaskError: there are too few.
        """
        wanted = 0 if self.benchmark.examples is None else self.benchmark.examples.count
        same = [one for one in self.examples if one.group == problem.group]
        if not wanted or len(same) < wanted:
            raise TaskError(
                f"{self.benchmark.title} has {len(same)} worked examples for {problem.id} and a "
                f"few-shot prompt needs {wanted or 'some'}. Choose direct or zero-shot-cot."
            )
        return tuple(same[:wanted])

    def identity(self, few_shot: bool, limit: int | None = None) -> TaskIdentity:
        """The task of a run; examples count only where they are shown.

        Raises:
            InputError: the limit is below 1.
        """
        if limit is not None and limit < 1:
            raise InputError(f"A limit of {limit} items measures nothing. Give 1 or more, or none.")
        shown = [one.content() for one in self.examples] if few_shot else []
        content = [[one.content() for one in self.problems], shown]
        version, data = self.benchmark.version, self.data
        return TaskIdentity(self.name, version, content_id(content), limit, data)

    @property
    def note(self) -> str | None:
        """What must be said of the rows: another number than was published, or which revision."""
        n, rows = len(self.problems), self.part.rows
        if rows is None or n == rows:
            return None if self.part.rows_are is None else f"{n:,} rows: {self.part.rows_are}"
        return f"{n:,} rows, where {rows:,} were published{_called(self.part)}"


def _called(part: Part) -> str:
    return "" if part.rows_are is None else f" ({part.rows_are})"


def load_problems(benchmark: Benchmark, part_name: str, settings: Settings) -> Loaded:
    """Read a part with its twins' answers and its examples.

    Raises:
        NotKnown: no such part.  TaskError: the rows are not here, or lack a field.
    """
    part = benchmark.part(part_name)
    source = _Source(benchmark, settings)
    key = (benchmark.name, part.name, benchmark.version, source.stamp())
    if key not in _kept:
        if len(_kept) >= KEPT:
            _kept.clear()
        _kept[key] = _read(benchmark, part, source)
    return _kept[key]


def _read(benchmark: Benchmark, part: Part, source: "_Source") -> Loaded:
    problems = source.problems(part)
    original = benchmark.original
    if part.role != "original" and original is not None and source.has(original):
        problems = _with_twins(problems, source.problems(original), part)
    given = benchmark.examples
    examples: list[Problem] = []
    if given is not None:
        examples = source.problems(
            Part("examples", "original", given.split, given.file, None, None)
        )
    if len({one.id for one in problems}) < len(problems):
        raise TaskError(f"Two problems of {benchmark.title} have one id. Give the published file.")
    return Loaded(benchmark, part, tuple(problems), tuple(examples), source.words)


def _with_twins(problems: list[Problem], originals: list[Problem], part: Part) -> list[Problem]:
    """The original's answer beside each perturbed problem, where it is another answer."""
    if part.role != "perturbed":
        return problems
    answers = {one.family: one.answer for one in originals}
    found = []
    for one in problems:
        answer = answers.get(one.family)
        differs = answer is not None and answer != one.answer
        found.append(replace(one, twin_answer=answer if differs else one.twin_answer))
    return found


class _Source:
    """Where the rows of one benchmark are on this machine."""

    def __init__(self, benchmark: Benchmark, settings: Settings) -> None:
        self._benchmark = benchmark
        self._folder = benchmark.folder
        self._data: TaskData | None = None
        self._splits: Mapping[str, Any] | None = None
        self._definition = _definition(benchmark)
        if benchmark.repo is not None and benchmark.on_hub:
            self._data = find_data(self._definition, benchmark.revision, settings)
        elif benchmark.repo is not None:
            self._folder = _copy(benchmark, settings)

    @property
    def words(self) -> str | None:
        """Where the rows came from; None for what ships."""
        if self._data is not None:
            return self._data.in_words()
        return None if self._benchmark.repo is None else f"a copy of {self._benchmark.repo}"

    def stamp(self) -> object:
        """Changes when the rows may have changed."""
        if self._data is not None:
            return self._data.files or (self._data.repo, self._data.commit)
        return tuple(self._stamps())

    def _stamps(self) -> Iterable[Stamp]:
        names = [part.file for part in self._benchmark.parts if part.file]
        for name in names:
            if self._folder is not None and (self._folder / name).is_file():
                yield stamp(self._folder / name)

    def has(self, part: Part) -> bool:
        """Whether the part's rows are there; a split of the hub is."""
        return part.file is None or (self._folder is not None and self._path(part.file).is_file())

    def problems(self, part: Part) -> list[Problem]:
        """Read one part."""
        rows, named = self._rows(part)
        return READERS[self._benchmark.reads](Rows(rows, part.name, named))

    def _rows(self, part: Part) -> tuple[Iterable[Mapping[str, Any]], str]:
        title = self._benchmark.title
        if part.file is not None:
            path = self._path(part.file)
            if not path.is_file():
                raise TaskError(
                    f"{title} needs the file {path}, which is not there. Copy it from the "
                    f"repository of {self._benchmark.repo or 'Partway'}."
                )
            return read_jsonl(path), f"{title}, {part.file}"
        if self._splits is None:
            from core.tasks.hub_rows import load_rows

            assert self._data is not None
            self._splits = load_rows(self._definition, self._data)
        if part.split not in self._splits:
            known = ", ".join(self._splits)
            raise TaskError(f"{title} has no split {part.split!r} here; it has {known}.")
        return self._splits[str(part.split)], f"{title}, split {part.split}"

    def _path(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / name


def _definition(benchmark: Benchmark) -> TaskDefinition:
    """The words in which the hub's doors are asked."""
    config = {"task": benchmark.name, "dataset_path": benchmark.repo}
    if benchmark.config is not None:
        config["dataset_name"] = benchmark.config
    return TaskDefinition(Path(benchmark.name), config, {}, (), benchmark.repo)


def _copy(benchmark: Benchmark, settings: Settings) -> Path:
    folder = local_copy(str(benchmark.repo), settings)
    if folder is None:
        where = settings.data or "a folder that you name in PARTWAY_DATA"
        raise TaskError(
            f"{benchmark.title} is no data set of the hub. Copy its repository "
            f"(github.com/{benchmark.repo}) into {where}, as {benchmark.repo}."
        )
    return folder


def where_rows_are(benchmark: Benchmark, settings: Settings) -> str:
    """In words and without a network: where the rows would come from."""
    if benchmark.repo is None:
        return "ships with Partway"
    folder = local_copy(benchmark.repo, settings)
    if folder is not None:
        return f"the copy in {folder}"
    if not benchmark.on_hub:
        return f"not here: copy github.com/{benchmark.repo} into PARTWAY_DATA/{benchmark.repo}"
    revision = benchmark.revision or "revision unverified"
    return f"{PAGE}/{benchmark.repo} ({revision})"
