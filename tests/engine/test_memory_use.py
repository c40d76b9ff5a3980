"""After loading: what was taken stands beside what was planned, or why it is not known."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.engine import memory_meter
from core.engine.fake import FakeEngine
from core.engine.host_status import loaded_from_json, loaded_to_json
from core.engine.memory_meter import MemoryMeter
from core.engine.memory_use import MemoryUse
from core.engine.memory_words import memory_words
from core.engine.room import MIB, MemoryPlan
from core.engine.torch_engine import TorchEngine
from core.pairs.registry import PairEntry
from core.settings import Settings
from tests.private_settings import settings_for
from tests.tiny_pair import (
    make_config,
    make_model,
    make_tokenizer,
    write_checkpoint,
    write_registry,
)

CPU = torch.device("cpu")
PLAN = MemoryPlan("resident", 32 * MIB, 96 * MIB, 0, None, "It fits.")


def test_what_is_allocated_is_what_is_measured() -> None:
    meter = MemoryMeter(CPU)
    held = torch.ones(96 * MIB, dtype=torch.uint8)
    use = meter.use(PLAN)
    assert use.used_device is not None
    assert abs(use.used_device - held.nbytes) < 8 * MIB
    assert (use.planned_device, use.used_host) == (96 * MIB, None)
    there = MemoryMeter(CPU)
    del held
    gone = there.use(PLAN)  # less than before is no amount, and not nothing either
    assert gone.used_device is None and "gave back more" in memory_words(gone)


def test_a_system_that_does_not_tell_is_told_and_not_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status in (tmp_path / "absent", tmp_path / "foreign"):
        (tmp_path / "foreign").write_text("VmSize: 12 kB\n")
        monkeypatch.setattr(memory_meter, "STATUS", status)
        use = MemoryMeter(CPU).use(PLAN)
        assert use.used_device is None and "not measured, because" in memory_words(use)
    other = MemoryMeter(torch.device("meta")).use(PLAN)
    assert (other.used_device, other.used_host) == (None, None) and "nobody counts" in other.how


def test_a_loaded_pair_carries_both(tmp_path: Path) -> None:
    settings = _wide_pair(tmp_path)
    engine = TorchEngine(settings)
    plan = engine.memory_plan("wide")
    use = engine.load("wide").memory
    assert use is not None and use.used_device is not None
    assert use.planned_device == plan.device_bytes > 60 * MIB
    # Three private copies, and no fourth one left behind by loading.
    assert 0.9 * plan.device_bytes < use.used_device < 1.35 * plan.device_bytes
    engine.close()


def test_it_goes_over_the_wire() -> None:
    loaded = FakeEngine().load("tinyworld")
    use = MemoryUse("streamed", 7, 14, None, None, "nobody counts")
    for one in (loaded, replace(loaded, memory=use)):
        again = loaded_from_json(json.loads(json.dumps(loaded_to_json(one))))
        assert (again, again.memory) == (one, one.memory)
    older = loaded_to_json(loaded)
    older.pop("memory")  # an engine of before this field
    assert loaded_from_json(older) == loaded


def _wide_pair(folder: Path) -> Settings:
    """About 22 MiB a model: more than what is imported when the first pair is loaded."""
    tokenizer = make_tokenizer()
    config = make_config(8192)
    config.hidden_size, config.intermediate_size = 512, 512
    for seed, name in enumerate(("base", "instruct")):
        write_checkpoint(folder / name, make_model(config, seed), tokenizer)
    entry = PairEntry("wide", "wide", str(folder / "base"), str(folder / "instruct"))
    return settings_for(folder, write_registry(folder / "pairs.toml", entry))
