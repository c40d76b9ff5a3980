"""The loaded pairs: which are there, which are in use, and which leave for a new one.

    with residents.lease("tinyworld") as resident: …   # stays until the work is done

What will be needed is known before anything is loaded (`core/engine/room.py`). The pair used
longest ago leaves before the new one comes; a pair in use never leaves. One thread at a time
loads (the engine sees to that); leases may end in any thread.
"""

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch

from core.engine.device import choose_devices, free_bytes, give_back_cached, host_free_bytes
from core.engine.host_status import in_requests
from core.engine.loading import changed_on_disk, load_pair
from core.engine.loading_now import LoadingWatch
from core.engine.memory_meter import MemoryMeter
from core.engine.out_of_memory import ran_out
from core.engine.pair_plan import plan_pair
from core.engine.probe_memory import ProbeMemory
from core.engine.resident import Resident
from core.engine.room import WORKING_SHARE, MemoryPlan, PlanForm, Room, plan_memory
from core.errors import EngineError, PairInUse
from core.merge.blended_kinds import NotBlendable
from core.merge.spread import NotSpreadable
from core.pairs.hearing import heard_by
from core.pairs.preflight import PairReport, check_pair
from core.pairs.registry import find_model
from core.settings import Settings

logger = logging.getLogger(__name__)
FreeBytes = Callable[[torch.device], int | None]
Devices = Sequence[torch.device]  # the one a pair is put on alone, then others to spread it over


@dataclass(slots=True)
class _Held:
    resident: Resident
    plan: MemoryPlan
    device: str
    leases: int = 0

    def bytes_on(self, device: torch.device) -> int:
        """What it takes there."""
        return self.plan.bytes_on(str(device), self.device)


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
        self.loading = LoadingWatch()
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
        return self._plan(report, choose_devices(self._settings))

    def make_room(self, weights_bytes: int, device: torch.device) -> None:
        """Let idle pairs leave until a model that is held elsewhere fits on the device.

        Raises:
            EngineError: it does not fit.
        """
        plan = plan_memory(weights_bytes, self._room(device), copies=1)
        if plan.form == "refused":
            raise EngineError(plan.why)
        self._make_room(plan, (device,))

    def _ready(self, pair: str) -> _Held:
        held = self._held.pop(pair, None) or self._load_heard(pair)
        self._held[pair] = held  # last in the order: used most recently
        return held

    def _load_heard(self, pair: str) -> _Held:
        self.loading.begin(pair)
        try:
            with heard_by(self.loading):
                return self._load(pair)
        finally:
            self.loading.end()

    def _load(self, pair: str) -> _Held:
        report = check_pair(find_model(pair, self._settings), self._settings)
        devices = choose_devices(self._settings)
        without: frozenset[PlanForm] = frozenset()
        while True:
            plan = self._plan(report, devices, without)
            try:
                return self._hold(report, devices, plan)
            except (NotBlendable, NotSpreadable) as error:
                logger.warning("%s cannot be held %s: %s", pair, plan.form, str(error))
            without |= {plan.form}
            gc.collect()
            give_back_cached(devices[0])

    def _hold(self, report: PairReport, devices: Devices, plan: MemoryPlan) -> _Held:
        if plan.form == "refused":
            raise EngineError(plan.why)
        used = _used(plan, devices)
        self._make_room(plan, used)
        meter = MemoryMeter(*used)
        resident = _load_or_say(report, devices[0], plan, ProbeMemory(self._settings.state))
        loaded = replace(resident.loaded, memory=meter.use(plan))
        return _Held(replace(resident, loaded=loaded), plan, str(devices[0]))

    def _plan(
        self, report: PairReport, devices: Devices, without: frozenset[PlanForm] = frozenset()
    ) -> MemoryPlan:
        """The quickest form that fits; `without` are forms that this pair does not allow."""
        if report.path:
            without |= {"paired"}  # a module is merged at one λ there
        rooms = [self._room(device) for device in devices]
        return plan_pair(report.sizes, rooms, report.copies, without)

    def _room(self, device: torch.device) -> Room:
        here = list(self._held.values())
        used = [held for held in here if held.leases]
        return Room(
            device=str(device),
            free=self._free(device),
            host_free=host_free_bytes(),
            budget=self._settings.engine_bytes,
            held=sum(held.bytes_on(device) for held in here),
            in_use=sum(held.bytes_on(device) for held in used),
            host_held=sum(held.plan.host_bytes for held in here),
            host_in_use=sum(held.plan.host_bytes for held in used),
        )

    def _make_room(self, plan: MemoryPlan, devices: Devices) -> None:
        """Drop idle pairs until the new one fits on each of its devices."""
        for device in devices:
            while not self._fits(plan, device, devices):
                oldest = next(self._idle(device), None)
                if oldest is None:
                    raise EngineError(
                        f"{plan.why} The memory of dropped pairs has not come back yet. "
                        "Try again in a moment."
                    )
                self._drop(oldest)

    def _idle(self, device: torch.device) -> Iterator[str]:
        """Pairs that give memory back there, or in the host, when they leave."""
        for name, held in list(self._held.items()):
            if not held.leases and (held.bytes_on(device) or held.plan.host_bytes):
                yield name

    def _fits(self, plan: MemoryPlan, device: torch.device, devices: Devices) -> bool:
        room = self._room(device)
        if room.budget is not None:
            held = sum(self._room(each).held for each in devices)
            if held + plan.device_bytes > room.budget:
                return False
        if room.host_free is not None and plan.host_bytes > room.host_free:
            return False
        own = plan.bytes_on(str(device), str(devices[0]))
        working = plan.weights_bytes * own // max(1, plan.device_bytes) // WORKING_SHARE
        return room.free is None or own + working <= room.free

    def _drop(self, pair: str) -> None:
        self._leaving()
        device = self._held.pop(pair).resident.device
        logger.info("%s leaves the memory", pair)
        gc.collect()  # models hold themselves in cycles
        give_back_cached(device)


def _used(plan: MemoryPlan, devices: Devices) -> Devices:
    """Those on which the plan takes memory, the home first."""
    names = [share.device for share in plan.shares] or [str(devices[0])]
    return [device for device in devices if str(device) in names]


def _load_or_say(
    report: PairReport, device: torch.device, plan: MemoryPlan, memory: ProbeMemory
) -> Resident:
    try:
        return load_pair(report, device, plan, memory)
    except Exception as error:
        if not ran_out(error):
            raise
    gc.collect()
    give_back_cached(device)
    raise EngineError(
        f"Memory ran out on {device} while {report.identity.name} was being loaded. "
        "Unload another pair, or end other programs on this machine."
    )
