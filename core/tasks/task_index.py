"""Every task, group and tag that lm-eval brings or that you added, by name.

    expand("mmlu_stem", settings)      the tasks of a group, a tag or a pattern, or one task
    nearest("hellswag", settings)      ("hellaswag", …)

lm-eval walks its 14,000 files for this (5 to 15 s, more on a busy machine); what it finds is
kept in `STATE/lm-eval-<release>.json` and read from there afterwards (the file may be deleted
at any time). Your own folder is read anew each time and goes first. Not here: what a task asks.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from core.errors import TaskError
from core.settings import Settings
from core.store.files import write_json
from core.tasks.task_yaml import lmeval_tasks, read_task_yaml

LAYOUT = 1  # of the kept file
SHOWN_NAMES = 4
# What a group says about a member that does not change how the member is asked.
NOT_ASKED = frozenset({"task", "task_alias", "group", "group_alias", "metadata", "tag"})


@dataclass(frozen=True, slots=True)
class TaskRef:
    """One task: its file, and what the group laid over it as JSON."""

    name: str
    path: Path
    overrides: str | None = None


@dataclass(frozen=True, slots=True)
class TaskIndex:
    """Names → files below `root`; a tag → the names of its tasks."""

    root: Path
    tasks: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that can be expanded."""
        return tuple(sorted({*self.tasks, *self.groups, *self.tags}))


@dataclass(frozen=True, slots=True)
class Indexes:
    """Your own tasks first, then those of the installed lm-eval, which are read when asked for."""

    settings: Settings

    def __iter__(self) -> Iterator[TaskIndex]:
        own = self.settings.tasks
        if own is not None and own.is_dir():
            yield _read_own(own)
        yield _lmeval_index(self.settings.state)


def all_names(settings: Settings) -> tuple[str, ...]:
    """Every name there is, in alphabetical order."""
    return tuple(sorted({name for index in Indexes(settings) for name in index.names}))


def expand(name: str, settings: Settings) -> tuple[TaskRef, ...]:
    """The tasks of a task name, a group, a tag, or a pattern such as `mmlu_*`; each once.

    Raises:
        TaskError: nothing of that name, with the nearest ones; a group that needs more than YAML.
    """
    known = Indexes(settings)
    names = [name]
    if "*" in name or "?" in name:
        tasks = sorted({task for index in known for task in index.tasks})
        names = [task for task in tasks if fnmatchcase(task, name)]
        if not names:
            raise TaskError(f"No task fits the pattern {name!r}. See: python -m core icl list.")
    found = [ref for one in names for ref in _expand(one, known, ())]
    return tuple(dict.fromkeys(found))


def nearest(name: str, settings: Settings) -> tuple[str, ...]:
    """The known names that look most like this one."""
    return tuple(get_close_matches(name, all_names(settings), SHOWN_NAMES, 0.5))


def _expand(name: str, known: Indexes, above: tuple[str, ...]) -> Iterator[TaskRef]:
    for index in known:
        if name in index.tasks:
            yield TaskRef(name, index.root / index.tasks[name])
            return
        if name in index.groups and name not in above:
            content, _ = read_task_yaml(index.root / index.groups[name])
            yield from _members(name, content, known, (*above, name))
            return
        if name in index.tags:
            for task in index.tags[name]:
                yield from _expand(task, known, (*above, name))
            return
    raise TaskError(unknown_task(name, known))


def _members(
    group: str, content: Mapping[str, Any], known: Indexes, above: tuple[str, ...]
) -> Iterator[TaskRef]:
    members = content.get("task") or []
    for member in [members] if isinstance(members, str) else members:
        if isinstance(member, str):
            yield from _expand(member, known, above)
        elif isinstance(member.get("task"), list):
            yield from _members(str(member.get("group", group)), member, known, above)
        elif isinstance(member.get("task"), str) and "include" not in member:
            laid = {key: value for key, value in member.items() if key not in NOT_ASKED}
            for ref in _expand(member["task"], known, above):
                yield _laid_over(ref, laid)
        else:
            raise TaskError(
                f"The group {group} defines a task inside itself, which Partway does not read. "
                "Give the names of single tasks."
            )


def _laid_over(ref: TaskRef, laid: Mapping[str, Any]) -> TaskRef:
    both = {**json.loads(ref.overrides or "{}"), **laid}
    return TaskRef(ref.name, ref.path, json.dumps(both, sort_keys=True) if both else None)


def unknown_task(name: str, known: Indexes) -> str:
    """The sentence for a name that nobody knows."""
    names = sorted({one for index in known for one in index.names})
    near = get_close_matches(name, names, SHOWN_NAMES, 0.5)
    told = f"Did you mean {', '.join(near)}?" if near else "See: python -m core icl list --all."
    return f"No task, group or tag is called {name[:80]!r}. {told}"


def _read_own(folder: Path) -> TaskIndex:
    tasks: dict[str, str] = {}
    groups: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.yaml")):
        content, _ = read_task_yaml(path)
        where = path.relative_to(folder).as_posix()
        if "group" in content:
            groups[str(content["group"])] = where
        elif isinstance(content.get("task"), str):
            tasks[content["task"]] = where
            for tag in _listed(content.get("tag")):
                tags.setdefault(tag, []).append(content["task"])
    return TaskIndex(folder.resolve(), tasks, groups, tags)


def _listed(tag: Any) -> list[str]:
    return [] if tag is None else [tag] if isinstance(tag, str) else list(tag)


def index_is_kept(settings: Settings) -> bool:
    """False when the next question makes lm-eval walk its files, which a person should know."""
    return _kept(settings.state).is_file()


def _kept(state: Path) -> Path:
    return state / f"lm-eval-{version('lm-eval')}.json"


@lru_cache(maxsize=4)
def _lmeval_index(state: Path) -> TaskIndex:
    root = lmeval_tasks()
    kept = _kept(state)
    try:
        content = json.loads(kept.read_bytes())
        if content["layout"] == LAYOUT and content["root"] == str(root):
            return TaskIndex(root, content["tasks"], content["groups"], content["tags"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not there, or of another kind: made again
    from core.tasks.lmeval import lmeval_names

    tasks, groups, tags = lmeval_names(root)
    told = {"layout": LAYOUT, "root": str(root), "tasks": tasks, "groups": groups, "tags": tags}
    write_json(kept, told)
    return TaskIndex(root, tasks, groups, tags)
