"""Imports go down only, and heavy packages stay on their floors (see README, "How it is built").

The floors are read here from the source with `ast`, so that an import inside a function
counts too: a page that imports torch late still imports torch.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "core.errors": 0,
    "core.lam": 0,
    "core.canon": 0,
    "core.settings": 0,
    "core.spec": 1,
    "core.pairs": 2,
    "core.tasks": 2,
    "core.stats": 2,
    "core.store": 2,
    "core.merge": 3,
    "core.engine": 3,
    "core.evals": 4,
    "core.judges": 4,
    "core.jobs": 5,
    "core.figures": 5,
    "core.reports": 5,
    "core.api": 6,
    "core.commands": 6,
    "core.__main__": 7,
    "pages.ui": 7,
    "pages": 8,
    "app": 8,
}
# core.demo makes the embedded pair; it may read everything below the pages, and nothing
# but its own folder and the tests may read it.
DEMO = "core.demo"
# The engine's vocabulary is plain data that every floor above the ids may speak.
SHARED = {
    "core.engine.protocol": 1,
    "core.engine.pool": 1,
    "core.engine.tracing": 1,
    "core.engine.memory_use": 1,
}
LIGHT_ENGINE = {
    "protocol", "pool", "tracing", "memory_use", "wire_trace", "client", "fake", "supervisor",
    "__init__",
}  # fmt: skip
HEAVY_AT_HOME = {
    "torch": ("core.merge", "core.engine", DEMO),
    "transformers": ("core.merge", "core.engine", DEMO),
    "streamlit": ("pages", "app"),
    "plotly": ("core.figures",),
    "lm_eval": ("core.evals", "core.tasks.lmeval"),
    "ray": ("core.engine",),
}
DOORS = ("torch", "transformers", "lm_eval", "datasets", "ray", "streamlit")


def source_files() -> list[Path]:
    return [ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("core/**/*.py")]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, *, at_run_time: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    unseen = {id(node) for node in typing_only(tree)} if at_run_time else set()
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def typing_only(tree: ast.Module) -> Iterator[ast.AST]:
    """What stands under `if TYPE_CHECKING:` names a type and imports nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                yield from ast.walk(statement)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def floor(name: str) -> int | None:
    for shared, own in SHARED.items():
        if within(name, shared):  # also a name imported from it
            return own
    homes = [package for package in FLOORS if within(name, package)]
    return FLOORS[max(homes, key=len)] if homes else None


@pytest.mark.parametrize("path", source_files(), ids=module_name)
def test_imports_go_down_only(path: Path) -> None:
    name = module_name(path)
    own = floor(name)
    assert own is not None or within(name, DEMO) or name in ("core", "pages"), f"{name}: no floor"
    if own is None:
        return
    for other in imported(path):
        above = floor(other)
        assert above is None or above <= own, f"{name} (floor {own}) imports {other} ({above})"
        assert not within(other, DEMO), f"{name} imports {other}: nothing may need the demo"


@pytest.mark.parametrize("path", source_files(), ids=module_name)
def test_heavy_packages_stay_at_home(path: Path) -> None:
    name = module_name(path)
    for other in imported(path, at_run_time=True):
        homes = HEAVY_AT_HOME.get(other.split(".")[0])
        assert homes is None or any(within(name, home) for home in homes), f"{name}: {other}"
        light = within(name, "core.engine") and name.split(".")[-1] in LIGHT_ENGINE
        assert not (light and other.split(".")[0] in ("torch", "transformers")), f"{name}: {other}"


def test_the_pages_door_is_light() -> None:
    code = f"import core.api, sys; print([m for m in {DOORS!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_file_grows_beyond_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*source_files(), *ROOT.glob("tests/**/*.py")]
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no git checkout, so what belongs to the project is not known")
    top = {name.split("/")[0] for name in listed.stdout.splitlines()}
    known = {"app.py", "pages", "core", "results", "tests", "requirements.txt", "README.md"}
    visible = {name.strip('"') for name in top if not name.startswith(".")}
    assert visible - {"LICENSE"} == known
