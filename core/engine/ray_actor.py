"""What runs on a node of a Ray cluster: the same engine as anywhere, in the actor's process.

Ray starts it from `ray_fleet.py`; nothing else makes one. It sees this project's code, the
pairs' files and its device. Tasks, judges and results stay with the driver.
"""

import os
from collections.abc import Iterator
from typing import Any

from core.engine.fingerprint import code_fingerprint
from core.engine.protocol import Engine
from core.engine.ray_sight import Sight
from core.settings import Settings
from core.store.environment import read_environment

FAKE_DEVICE = "fake"


class EngineActor:
    """One engine, asked by name; a plain class until Ray makes an actor of it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: Engine | None = None  # with the first question, so that errors are answers

    @property
    def _engine(self) -> Engine:
        if self._made is None:
            self._made = _make_engine(self._settings)
        return self._made

    def sight(self) -> Sight:
        """Start the engine and say where it is.

        Raises:
            EngineError: the device cannot be used.
        """
        import ray

        hardware, threads = _hardware(self._settings, self._engine)
        return Sight(
            node=ray.util.get_node_ip_address(),
            pid=os.getpid(),
            code=code_fingerprint(),
            hardware=hardware,
            guarded=_guarded(),
            environment=read_environment("", threads),
        )

    def ask(self, method: str, *given: Any) -> Any:
        """Any method of the engine."""
        return getattr(self._engine, method)(*given)

    def tell(self, method: str, *given: Any) -> Iterator[Any]:
        """A method that answers piece by piece."""
        yield from getattr(self._engine, method)(*given)


def _make_engine(settings: Settings) -> Engine:
    if settings.device == FAKE_DEVICE:
        from core.engine.fake import FakeEngine

        return FakeEngine()
    from core.engine.torch_engine import TorchEngine

    return TorchEngine(settings)


def _hardware(settings: Settings, engine: Engine) -> tuple[str, int | None]:
    """The device in words, and how many threads the (running) engine computes with."""
    if settings.device == FAKE_DEVICE:
        return FAKE_DEVICE, None
    import torch

    from core.engine.device import choose_device

    device = choose_device(settings)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return name, torch.get_num_threads()


def _guarded() -> bool:
    # Ray offers no public way to ask; its own tools read it here.
    from ray._private.authentication.authentication_utils import is_token_auth_enabled

    return bool(is_token_auth_enabled())
