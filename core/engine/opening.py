"""Opens the engine that work is put to: the host (one owner of the weights), this process, or
engines on a Ray cluster ("ray:auto", "ray:local", "ray:HOST:PORT"), over which a sweep spreads.

Heavy imports stay inside: planning a sweep must not cost seconds. Torch comes with the second
choice alone.
"""

from typing import Literal, get_args

from core.engine.protocol import Engine
from core.errors import InputError
from core.settings import Settings

EngineName = Literal["host", "inprocess"]
RAY = "ray:"
PATIENCE_SECONDS = 90.0  # for a host that ended often and is left alone; nobody sits and waits


def open_engine(name: str, settings: Settings) -> Engine:
    """The engine of that name, ready to be asked.

    Raises:
        InputError: no such engine.  EngineUnavailable: the host or the cluster does not come up.
    """
    if name == "host":
        from core.engine.supervisor import ensure_engine

        return ensure_engine(settings, patience_seconds=PATIENCE_SECONDS)
    if name == "inprocess":
        from core.engine.torch_engine import TorchEngine

        return TorchEngine(settings)
    if name.startswith(RAY):
        from core.engine.ray_fleet import open_ray

        return open_ray(name.removeprefix(RAY), settings)
    known = " or ".join(get_args(EngineName))
    raise InputError(f"There is no engine {name!r}. Choose {known}.")


def sweep_engine(name: str, settings: Settings) -> str:
    """The engine's name, or the cluster's that the settings name: sweeps go there."""
    return name if settings.ray_address is None else f"{RAY}{settings.ray_address}"
