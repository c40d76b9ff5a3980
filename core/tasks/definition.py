"""A task's lm-eval YAML read as plain data: its files, its decoding, its content hash.

Not the task itself: prompts, filters and metrics are lm-eval's (`lmeval.py`). This is what
must be known before a run starts and without importing lm_eval. `include:` is followed as
lm-eval follows it; a `!function` is kept by name, and its source file counts in the hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from core.canon import content_id, file_hash
from core.errors import TaskError
from core.spec import Decoding
from core.tasks.stamps import Stamp, stamp

# The C reader is ten times faster; a plan reads every task's file.
_Reader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KEPT_FILES = 256  # read once in a process; a plan asks for every task at every λ
LMEVAL_MAX_GEN_TOKENS = 256  # what lm-eval's own models take when a task says nothing


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """What a YAML says, and every file that its answers depend on."""

    path: Path
    config: Mapping[str, Any]
    data_files: Mapping[str, Path]  # split → file; empty for a data set from elsewhere
    sources: tuple[Path, ...]  # the YAML, what it includes, and its functions' files

    @property
    def generates(self) -> bool:
        """True for form G."""
        return bool(self.config.get("output_type", "generate_until") == "generate_until")


def read_definition(path: Path) -> TaskDefinition:
    """Read a task's YAML.

    Raises:
        TaskError: the YAML or a file that it names is missing or broken.
    """
    sources: list[Path] = []
    config = _config(path.resolve(), sources)
    if "task" not in config:
        raise TaskError(f"The task file {path} names no task. Give it a line `task: NAME`.")
    files = _data_files(config, path.resolve().parent)
    for file in (*files.values(), *sources):
        if not file.is_file():
            raise TaskError(f"The task {config['task']} needs {file}, which is not there.")
    return TaskDefinition(path.resolve(), config, files, tuple(dict.fromkeys(sources)))


def task_hash(definition: TaskDefinition, exemplars: str | None = None) -> str:
    """Hash of the YAML and of every data file; another exemplar split is another task."""
    files = {
        **{f"source {file.name}": _hash(file) for file in definition.sources},
        **{f"split {split}": _hash(file) for split, file in definition.data_files.items()},
    }
    return content_id({"files": files, "exemplars": exemplars})


def task_decoding(definition: TaskDefinition) -> Decoding | None:
    """How form G is decoded, from `generation_kwargs`; None for the other forms.

    Raises:
        TaskError: the task asks for sampling, which a few-shot score does not use here.
    """
    if not definition.generates:
        return None
    given = dict(definition.config.get("generation_kwargs") or {})
    if given.get("do_sample") or float(given.get("temperature", 0)) != 0:
        raise TaskError(
            f"The task {definition.config['task']} samples ({given!r}). "
            "Few-shot tasks are decoded greedily: set do_sample to false."
        )
    delimiter = definition.config.get("fewshot_delimiter", "\n\n")
    until = given.get("until", [delimiter])
    return Decoding(
        max_new_tokens=int(given.get("max_gen_toks", LMEVAL_MAX_GEN_TOKENS)),
        stop=(until,) if isinstance(until, str) else tuple(until),
    )


@lru_cache(maxsize=KEPT_FILES)
def _hash_of(file: Stamp) -> str:
    return file_hash(file.path)


def _hash(path: Path) -> str:
    return _hash_of(stamp(path))


def _config(path: Path, sources: list[Path]) -> dict[str, Any]:
    if path in sources:
        raise TaskError(f"The task file {path} includes itself. Remove the include.")
    if not path.is_file():
        raise TaskError(f"There is no task file {path}. Restore it, or correct the suite.")
    sources.append(path)
    content, functions = _yaml(stamp(path))
    sources += functions
    includes = content.get("include", [])
    merged: dict[str, Any] = {}
    for include in [includes] if isinstance(includes, str) else includes:
        merged.update(_config((path.parent / include).resolve(), sources))
    return {**merged, **{key: value for key, value in content.items() if key != "include"}}


@lru_cache(maxsize=KEPT_FILES)
def _yaml(file: Stamp) -> tuple[Mapping[str, Any], tuple[Path, ...]]:
    """The file's content, never changed by a caller, and the files of its functions."""
    functions: list[Path] = []

    class Loader(_Reader):  # type: ignore[misc,valid-type]
        """Keeps functions by name."""

    def function(loader: yaml.Loader, node: yaml.Node) -> str:
        name = str(node.value)
        module = file.path.parent / (name.rpartition(".")[0].replace(".", "/") + ".py")
        if module.is_file():
            functions.append(module.resolve())
        return f"!function {name}"

    Loader.add_constructor("!function", function)
    try:
        content = yaml.load(file.path.read_text(encoding="utf-8"), Loader=Loader)
    except (OSError, yaml.YAMLError) as error:
        raise TaskError(
            f"The task file {file.path} cannot be read ({error}). Correct it."
        ) from error
    if not isinstance(content, dict):
        raise TaskError(f"The task file {file.path} is no mapping. Correct it.")
    return content, tuple(functions)


def _data_files(config: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    if config.get("dataset_path") != "json":
        return {}
    given = (config.get("dataset_kwargs") or {}).get("data_files") or {}
    if not isinstance(given, dict) or not all(isinstance(file, str) for file in given.values()):
        raise TaskError(
            f"The task {config['task']} has data_files {given!r}. Give one file a split."
        )
    return {split: (folder / file).resolve() for split, file in given.items()}
