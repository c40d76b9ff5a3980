"""The loaded pairs: which are there, which are in use, and which leave for a new one.

    with residents.lease("tinyworld") as resident: …   # stays until the work is done

What will be needed is known before anything is loaded (`core/engine/room.py`). The pair used
longest ago leaves before the new one comes; a pair in use never leaves. One thread at a time
loads (the engine sees to that); leases may end in any thread.
"""

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch

from core.engine.device import choose_device, free_bytes, give_back_cached, host_free_bytes
from core.engine.host_status import in_requests
from core.engine.loading import changed_on_disk, load_pair
from core.engine.memory_meter import MemoryMeter
from core.engine.out_of_memory import ran_out
from core.engine.resident import Resident
from core.engine.room import WORKING_SHARE, MemoryPlan, Room, plan_memory
from core.errors import EngineError, PairInUse
from core.merge.blended_kinds import NotBlendable
from core.pairs.preflight import PairReport, check_pair
from core.pairs.registry import find_model
from core.settings import Settings

logger = logging.getLogger(__name__)
FreeBytes = Callable[[torch.device], int | None]


@dataclass(slots=True)
class _Held:
    resident: Resident
    plan: MemoryPlan
    device: str
    leases: int = 0


class Residents:
    """Pairs by name, the one used longest ago first."""

    def __init__(
        self,
        settings: Settings,
        free: FreeBytes = free_bytes,
        leaving: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._free = settings, free
        self._leaving = leaving  # called before a pair's memory is given back
        self._held: dict[str, _Held] = {}
        self._counting = threading.RLock()  # leases begin and end in several threads

    def get(self, pair: str) -> Resident:
        """The pair, loaded when needed; used most recently from now on.

        Raises:
            NotKnown, PairError: no such pair, or no line between its parents.
            EngineError: it does not fit.
        """
        return self._ready(pair).resident

    def fresh(self, pair: str) -> Resident:
        """The same, loaded again when its files have changed.

        Raises:
            PairInUse: they have changed while it is in use.
        """
        held = self._held.get(pair)
        if held is not None and changed_on_disk(held.resident):
            if held.leases:
                raise PairInUse(
                    f"The files of {pair} have changed while work with them is going on. "
                    "Wait until it is done, or cancel it."
                )
            del held
            self._drop(pair)
        return self.get(pair)

    @contextmanager
    def lease(self, pair: str) -> Iterator[Resident]:
        """The pair, which stays loaded until this ends."""
        with self._counting:
            held = self._ready(pair)
            held.leases += 1
        try:
            yield held.resident
        finally:
            with self._counting:
                held.leases -= 1

    def unload(self, pair: str) -> bool:
        """Give back a pair's memory; False when it was not loaded.

        Raises:
            PairInUse: requests work with it.
        """
        with self._counting:
            held = self._held.get(pair)
            if held is None:
                return False
            if held.leases:
                raise PairInUse(
                    f"The pair {pair} is in use by {in_requests(held.leases)} and stays loaded. "
                    "Wait until they are done, or cancel them."
                )
            del held
            self._drop(pair)
        return True

    def adopt(self, pair: str, resident: Resident) -> None:
        """Hold a pair that is loaded already, as another view of weights held elsewhere."""
        why = "Its weights are held elsewhere."
        plan = MemoryPlan("resident", resident.loaded.weights_bytes, 0, 0, None, why)
        self._held[pair] = _Held(resident, plan, str(resident.device))

    def clear(self) -> None:
        """Forget every pair; work still going on keeps its own until it ends."""
        self._leaving()
        self._held.clear()

    def all(self) -> tuple[Resident, ...]:
        """What is loaded, the one used longest ago first."""
        return tuple(held.resident for held in list(self._held.values()))

    @property
    def leases(self) -> dict[str, int]:
        """How many pieces of work hold each pair now."""
        return {pair: held.leases for pair, held in list(self._held.items())}

    @property
    def device_bytes(self) -> int:
        """Bytes of weights on devices."""
        return sum(held.plan.device_bytes for held in list(self._held.values()))

    def plan(self, pair: str) -> MemoryPlan:
        """How the pair is held, or would be if it were asked for now.

        Raises:
            NotKnown, PairError: no such pair, or no line between its parents.
        """
        held = self._held.get(pair)
        if held is not None:
            return held.plan
        report = check_pair(find_model(pair, self._settings), self._settings, download=False)
        return self._plan(report, choose_device(self._settings))

    def make_room(self, weights_bytes: int, device: torch.device) -> None:
        """Let idle pairs leave until a model that is held elsewhere fits on the device.

        Raises:
            EngineError: it does not fit.
        """
        plan = plan_memory(weights_bytes, self._room(device), copies=1)
        if plan.form == "refused":
            raise EngineError(plan.why)
        self._make_room(plan, device)

    def _ready(self, pair: str) -> _Held:
        held = self._held.pop(pair, None) or self._load(pair)
        self._held[pair] = held  # last in the order: used most recently
        return held

    def _load(self, pair: str) -> _Held:
        report = check_pair(find_model(pair, self._settings), self._settings)
        device = choose_device(self._settings)
        try:
            return self._hold(report, device, self._plan(report, device))
        except NotBlendable as error:
            logger.warning("%s cannot be held without a live copy: %s", pair, str(error))
        gc.collect()
        give_back_cached(device)
        return self._hold(report, device, self._plan(report, device, paired=False))

    def _hold(self, report: PairReport, device: torch.device, plan: MemoryPlan) -> _Held:
        if plan.form == "refused":
            raise EngineError(plan.why)
        self._make_room(plan, device)
        meter = MemoryMeter(device)
        resident = _load_or_say(report, device, plan)
        loaded = replace(resident.loaded, memory=meter.use(plan))
        return _Held(replace(resident, loaded=loaded), plan, str(device))

    def _plan(self, report: PairReport, device: torch.device, *, paired: bool = True) -> MemoryPlan:
        scratch = report.layer_bytes if paired and not report.path else None
        return plan_memory(report.weights_bytes, self._room(device), report.copies, scratch)

    def _room(self, device: torch.device) -> Room:
        here = [held for held in self._held.values() if held.device == str(device)]
        used = [held for held in here if held.leases]
        return Room(
            device=str(device),
            free=self._free(device),
            host_free=host_free_bytes(),
            budget=self._settings.engine_bytes,
            held=sum(held.plan.device_bytes for held in here),
            in_use=sum(held.plan.device_bytes for held in used),
            host_held=sum(held.plan.host_bytes for held in here),
            host_in_use=sum(held.plan.host_bytes for held in used),
        )

    def _make_room(self, plan: MemoryPlan, device: torch.device) -> None:
        """Drop idle pairs until the new one fits."""
        while not self._fits(plan, device):
            idle = (n for n, h in self._held.items() if not h.leases and h.device == str(device))
            oldest = next(idle, None)
            if oldest is None:
                raise EngineError(
                    f"{plan.why} The memory of dropped pairs has not come back yet. "
                    "Try again in a moment."
                )
            self._drop(oldest)

    def _fits(self, plan: MemoryPlan, device: torch.device) -> bool:
        room = self._room(device)
        if room.budget is not None and room.held + plan.device_bytes > room.budget:
            return False
        if room.host_free is not None and plan.host_bytes > room.host_free:
            return False
        needed = plan.device_bytes + plan.weights_bytes // WORKING_SHARE
        return room.free is None or needed <= room.free

    def _drop(self, pair: str) -> None:
        self._leaving()
        device = self._held.pop(pair).resident.device
        logger.info("%s leaves the memory", pair)
        gc.collect()  # models hold themselves in cycles
        give_back_cached(device)


def _load_or_say(report: PairReport, device: torch.device, plan: MemoryPlan) -> Resident:
    try:
        return load_pair(report, device, plan)
    except Exception as error:
        if not ran_out(error):
            raise
    gc.collect()
    give_back_cached(device)
    raise EngineError(
        f"Memory ran out on {device} while {report.identity.name} was being loaded. "
        "Unload another pair, or end other programs on this machine."
    )
