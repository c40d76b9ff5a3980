"""A task's lm-eval YAML read as plain data: its files, its decoding, its content hash.

Not the task itself: prompts, filters and metrics are lm-eval's (`lmeval.py`). This is what
must be known before a run starts and without importing lm_eval. Reading the YAML is in
`task_yaml.py`; where the rows of a hub data set come from is in `data.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.canon import content_id, file_hash
from core.errors import TaskError
from core.spec import Decoding
from core.tasks.stamps import Stamp, stamp
from core.tasks.task_yaml import read_task_yaml

KEPT_HASHES = 1024  # of files, in a process; a plan asks for every task at every λ
LMEVAL_MAX_GEN_TOKENS = 256  # what lm-eval's own models take when a task says nothing
BUILDERS = frozenset({"json", "csv", "parquet", "text", "arrow"})  # of `datasets`, for files
HUB_FILE = "hf://datasets/"


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """What a YAML says, and every file that its answers depend on."""

    path: Path
    config: Mapping[str, Any]
    data_files: Mapping[str, Path]  # split → file; empty for a data set from elsewhere
    sources: tuple[Path, ...]  # the YAML, what it includes, and its functions' files
    repo: str | None = None  # the hub data set; None where the data lies beside the YAML
    hub_files: Mapping[str, str] = field(default_factory=dict)  # split → file in the repository
    overrides: str | None = None  # JSON laid over the YAML, as a group does

    @property
    def name(self) -> str:
        """The task's own name."""
        return str(self.config["task"])

    @property
    def output_type(self) -> str:
        """lm-eval's word for how answers are had."""
        return str(self.config.get("output_type", "generate_until"))

    @property
    def generates(self) -> bool:
        """True when text is written; form G is also scored by likelihood (one right answer)."""
        return self.output_type == "generate_until"

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold the items that are asked, the likelier one first."""
        named = (self.config.get(f"{kind}_split") for kind in ("test", "validation"))
        return tuple(str(split) for split in named if split)

    @property
    def example_split(self) -> str | None:
        """The split that examples come from, as lm-eval chooses; None: written in the YAML."""
        config = self.config.get("fewshot_config")
        config = config if isinstance(config, dict) else {}
        named = config.get("split", self.config.get("fewshot_split"))
        if named is not None or config.get("samples") is not None:
            return None if named is None else str(named)
        kinds = (self.config.get(f"{kind}_split") for kind in ("training", "validation", "test"))
        return next((str(split) for split in kinds if split), None)

    @property
    def asked_revision(self) -> str | None:
        """The revision that the YAML itself names."""
        given = (self.config.get("dataset_kwargs") or {}).get("revision")
        return None if given is None else str(given)

    @property
    def data_name(self) -> str | None:
        """The configuration of the data set, such as ARC-Challenge."""
        given = self.config.get("dataset_name")
        return None if given is None else str(given)


def read_definition(path: Path, overrides: str | None = None) -> TaskDefinition:
    """Read a task's YAML.

    Raises:
        TaskError: the YAML or a file that it names is missing, broken, or written in Python.
    """
    path = path.resolve()
    config, sources = read_task_yaml(path, overrides)
    if "task" not in config:
        raise TaskError(f"The task file {path} names no task. Give it a line `task: NAME`.")
    if "class" in config:
        raise TaskError(
            f"The task {config['task']} is written in Python ({config['class']}), which Partway "
            "does not run. Choose a task that is YAML alone."
        )
    files, hub_files = _data_files(config, path.parent)
    for file in (*files.values(), *sources):
        if not file.is_file():
            raise TaskError(f"The task {config['task']} needs {file}, which is not there.")
    repo = _repository(config, hub_files)
    named = {split: hub_file.partition(":")[2] for split, hub_file in hub_files.items()}
    return TaskDefinition(path, config, files, sources, repo, named, overrides)


def task_hash(
    definition: TaskDefinition,
    exemplars: str | None = None,
    data: Mapping[str, Any] | None = None,
    **more: str | None,
) -> str:
    """Hash of the YAML and of its data; other exemplars are another task.

    `data` is the identity of a hub data set (`core.tasks.data`); `more` is what a suite says
    beside the YAML (its cluster). What is not said leaves the hash as it is.
    """
    files = {
        **{name: _hash(file) for name, file in _named(definition.sources).items()},
        **{f"split {split}": _hash(file) for split, file in definition.data_files.items()},
    }
    said = {"data": data, "overrides": definition.overrides, **more}
    told = {key: value for key, value in said.items() if value is not None}
    return content_id({"files": files, "exemplars": exemplars, **told})


def task_decoding(definition: TaskDefinition) -> Decoding | None:
    """How text is decoded, from `generation_kwargs`; None where nothing is written.

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


@lru_cache(maxsize=KEPT_HASHES)
def _hash_of(file: Stamp) -> str:
    return file_hash(file.path)


def _hash(path: Path) -> str:
    return _hash_of(stamp(path))


def files_hash(root: Path, files: tuple[Path, ...]) -> dict[str, str]:
    """Path below `root` → sha256, each file read once in a process while it stays the same."""
    return {file.relative_to(root).as_posix(): _hash(file) for file in files}


def _named(sources: tuple[Path, ...]) -> dict[str, Path]:
    """The sources under names that say nothing of this machine's folders."""
    named: dict[str, Path] = {}
    for file in sources:
        short = f"source {file.name}"
        named[f"source {len(named)} {file.name}" if short in named else short] = file
    return named


def _data_files(config: Mapping[str, Any], folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Files beside the YAML, and files in a hub repository as "owner/name:path"."""
    if config.get("dataset_path") not in BUILDERS:
        return {}, {}
    given = (config.get("dataset_kwargs") or {}).get("data_files") or {}
    if not isinstance(given, dict) or not all(isinstance(file, str) for file in given.values()):
        raise TaskError(
            f"The task {config['task']} has data_files {given!r}. Give one file a split."
        )
    hub = {split: _hub_file(file) for split, file in given.items() if file.startswith(HUB_FILE)}
    local = {split: file for split, file in given.items() if split not in hub}
    for file in local.values():
        if "://" in file:
            raise TaskError(
                f"The task {config['task']} takes its data from {file}, whose content nothing "
                "pins. Download it and name the file in the task's data_files."
            )
    return {split: (folder / file).resolve() for split, file in local.items()}, hub


def _hub_file(url: str) -> str:
    owner, name, path = url.removeprefix(HUB_FILE).split("/", 2)
    return f"{owner}/{name.partition('@')[0]}:{path}"


def _repository(config: Mapping[str, Any], hub_files: Mapping[str, str]) -> str | None:
    if hub_files:
        return next(iter(hub_files.values())).partition(":")[0]
    path = config.get("dataset_path")
    beside = path is None or path in BUILDERS or "custom_dataset" in config
    return None if beside else str(path)
