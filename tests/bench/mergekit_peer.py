"""mergekit, asked for the same merge: as its command, and in its own process when warm.

mergekit lives in an environment of its own (its pins differ from ours); it is found by the
path of its `mergekit-yaml` command and never imported here.
"""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.lam import Lam

QUICK = """\
merge_method: linear
models:
  - model: {base}
    parameters: {{weight: {rest!r}}}
  - model: {instruct}
    parameters: {{weight: {weight!r}}}
dtype: {dtype}
"""
EXACT = """\
merge_method: task_arithmetic
base_model: {base}
models:
  - model: {instruct}
    parameters: {{weight: {weight!r}}}
dtype: float32
out_dtype: {dtype}
"""
IN_PROCESS = """\
import json, sys, time, yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge
times = []
for number in range(3):
    config = MergeConfiguration.model_validate(yaml.safe_load(open(sys.argv[1])))
    began, busy = time.perf_counter(), time.process_time()
    run_merge(config, sys.argv[2] + str(number), MergeOptions(write_model_card=False, quiet=True))
    times.append((time.perf_counter() - began, time.process_time() - busy))
print(json.dumps([min(one) for one in zip(*times[1:])]))
"""
SEVERAL = """\
import sys, yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge
for recipe in sys.argv[1:]:
    config = MergeConfiguration.model_validate(yaml.safe_load(open(recipe)))
    run_merge(config, recipe + ".out", MergeOptions(write_model_card=False, quiet=True))
"""
OFFLINE = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Merge:
    """Two parents and λ as a merge of mergekit's.

    Its quickest method rounds the two weights and divides by their sum; `exact` asks for
    base + λ · (instruct − base) in float32, rounded once.
    """

    base: Path
    instruct: Path
    lam: Lam
    dtype: str = "bfloat16"
    exact: bool = False

    def write_recipe(self, path: Path) -> Path:
        """The recipe file."""
        text = (EXACT if self.exact else QUICK).format(
            base=self.base,
            instruct=self.instruct,
            rest=(1000 - self.lam.thousandths) / 1000,
            weight=self.lam.value,
            dtype=self.dtype,
        )
        path.write_text(text, encoding="utf-8")
        return path


def run_command(command: Path, merge: Merge, scratch: Path, out: Path) -> float:
    """Write the merge to `out` with `mergekit-yaml`; seconds by the clock."""
    recipe = merge.write_recipe(scratch / "recipe.yaml")
    began = time.perf_counter()
    run_yaml(command, recipe, out)
    return time.perf_counter() - began


def run_yaml(command: Path, recipe: Path, out: Path) -> None:
    """Write the merge of a recipe file."""
    _run([str(command), str(recipe), str(out), "--no-write-model-card", "--quiet"])


def run_in_process(command: Path, merge: Merge, scratch: Path, out: Path) -> tuple[float, float]:
    """Seconds of a merge in a process that has merged before: imports and caches are paid.

    By the clock, and of the processor.
    """
    recipe = merge.write_recipe(scratch / "recipe.yaml")
    python = command.parent / "python"
    wall, processor = json.loads(_run([str(python), "-c", IN_PROCESS, str(recipe), str(out)]))
    return float(wall), float(processor)


def run_several(command: Path, merges: Sequence[Merge], scratch: Path) -> list[Path]:
    """All merges in one process; the folders they were written to."""
    recipes = [
        merge.write_recipe(scratch / f"{number}.yaml") for number, merge in enumerate(merges)
    ]
    _run([str(command.parent / "python"), "-c", SEVERAL, *map(str, recipes)])
    return [Path(f"{recipe}.out") for recipe in recipes]


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **OFFLINE},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
