"""Reads an lm-eval task or group file as plain data, without lm_eval.

`include:` is followed as lm-eval follows it; a `!function` is kept by name, and its source
file is told beside the content, because an answer may depend on it. Not here: what the
content means (`definition.py`).
"""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from core.errors import TaskError
from core.tasks.stamps import Stamp, stamp

# The C reader is ten times faster; a plan reads every task's file.
_Reader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KEPT_FILES = 1024  # read once in a process
LMEVAL = "lm_eval:"  # how a suite names a file of the installed lm-eval
_PACKAGE = "lm_eval."


def read_task_yaml(
    path: Path, overrides: str | None = None
) -> tuple[dict[str, Any], tuple[Path, ...]]:
    """The merged content, and every file that it came from.

    Raises:
        TaskError: a file is missing or broken, or includes itself.
    """
    sources: list[Path] = []
    config = _config(path.resolve(), sources)
    if overrides is not None:
        config |= json.loads(overrides)
    return config, tuple(dict.fromkeys(sources))


@cache
def lmeval_tasks() -> Path:
    """The folder of the tasks that lm-eval brings; nothing is imported.

    Raises:
        TaskError: lm-eval is not installed.
    """
    found = find_spec("lm_eval")
    if found is None or not found.submodule_search_locations:
        raise TaskError("lm-eval is not installed. Install it: pip install -r requirements.txt.")
    return Path(found.submodule_search_locations[0]).resolve() / "tasks"


def task_file(named: str, folder: Path) -> Path:
    """The file that a suite names: `lm_eval:PATH` of the installed lm-eval, or below `folder`."""
    if named.startswith(LMEVAL):
        return lmeval_tasks() / named.removeprefix(LMEVAL)
    return folder / named


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
        functions.extend(_source(name.rpartition(".")[0], file.path.parent))
        return f"!function {name}"

    Loader.add_constructor("!function", function)
    try:
        content = yaml.load(file.path.read_text(encoding="utf-8"), Loader=Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise TaskError(
            f"The task file {file.path} cannot be read ({told}). Correct it."
        ) from error
    if not isinstance(content, dict):
        raise TaskError(f"The task file {file.path} is no mapping. Correct it.")
    return content, tuple(functions)


def _source(module: str, folder: Path) -> list[Path]:
    """The file of a function's module, beside the YAML or in lm-eval; none for another package."""
    beside = folder / (module.replace(".", "/") + ".py")
    if beside.is_file():
        return [beside.resolve()]
    if module.startswith(_PACKAGE):
        return [lmeval_tasks().parent / (module.removeprefix(_PACKAGE).replace(".", "/") + ".py")]
    return []
