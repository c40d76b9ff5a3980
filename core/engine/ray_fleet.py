"""Engines on a Ray cluster: one actor for each GPU, or for each CPU slot where there is none.

    engine = open_ray("auto", settings)      # the first of them; engine.fleet has all
    engine.fleet.close()

Every actor must run the driver's code and versions, on one kind of device, and see the same
parents: anything else is refused in a sentence, because one curve is measured by all of them.
Not here: who measures what (`core/jobs/spread.py`).
"""

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from core.engine.fleet import NoReplacement
from core.engine.protocol import Engine, LoadedPair
from core.engine.ray_actor import FAKE_DEVICE, EngineActor
from core.engine.ray_cluster import LOCAL, Connection, connect
from core.engine.ray_engine import RayEngine, answer
from core.engine.ray_sight import Sight, refuse_unlike
from core.engine.turn import Turn
from core.errors import EngineUnavailable, InputError, PairError
from core.pairs.preflight import check_pair
from core.pairs.registry import find_pair
from core.settings import ROOT, Settings
from core.store.environment import Environment

logger = logging.getLogger(__name__)
START_SECONDS = 120.0  # for all actors: a node may have to import torch from a slow disk
REPLACE_SECONDS = 60.0
_open: list["RayFleet"] = []  # Ray allows one connection a process


@dataclass(frozen=True, slots=True)
class Slots:
    """How many actors there are, and what each of them takes."""

    count: int
    cpus: int
    gpus: int
    device: str | None


def open_ray(address: str, settings: Settings) -> RayEngine:
    """Join the cluster and start its engines; returns the first. A fleet of before is closed.

    Raises:
        EngineUnavailable: no cluster, or fewer engines come up than asked for.
        EngineError: Ray is not installed, or the nodes differ.  InputError: a bad device.
    """
    for fleet in list(_open):
        fleet.close()
    _refuse_numbered(settings.device)
    fleet = RayFleet(address, settings)
    _open.append(fleet)
    try:
        fleet.start()
    except BaseException:
        fleet.close()
        raise
    return fleet.engines[0]


class RayFleet:
    """Implements `Fleet`."""

    def __init__(self, address: str, settings: Settings) -> None:
        self.turn = Turn()
        self._address, self._settings = address, settings
        self._connection: Connection = connect(address, *_own_size(address, settings))
        self._engines: list[RayEngine] = []
        self._abandoned = False

    @property
    def engines(self) -> tuple[RayEngine, ...]:
        """All that came up."""
        return tuple(self._engines)

    def start(self) -> None:
        """Start an actor for every slot, and compare them."""
        import ray

        self._slots = slots(ray.cluster_resources(), self._settings)
        actors = [self._actor() for _ in range(self._slots.count)]
        asked = [actor.sight.remote() for actor in actors]
        ready, late = ray.wait(asked, num_returns=len(asked), timeout=START_SECONDS)
        sights = [self._seen(one) for one in ready]
        if late:
            raise EngineUnavailable(
                f"Only {len(ready)} of {len(asked)} engines came up on the cluster at "
                f"{self._address} in {START_SECONDS:.0f} s. Wait until it has room, or give "
                f"--ray-actors {max(1, len(ready))}."
            )
        of = dict(zip(asked, actors, strict=True))
        for one, sight in zip(ready, sights, strict=True):
            refuse_unlike(sight, sights[0])
            self._engines.append(RayEngine(self, of[one], sight))

    def another(self, lost: Engine) -> RayEngine:
        """An engine in the place of a lost one, wherever the cluster has room."""
        import ray

        assert isinstance(lost, RayEngine)
        with self.turn.away():
            self._end(lost.actor)
            if self._abandoned:
                raise NoReplacement("The sweep is ending.")
            actor = self._actor()
            ready, _ = ray.wait([asked := actor.sight.remote()], timeout=REPLACE_SECONDS)
            if not ready:
                self._end(actor)
                raise NoReplacement(
                    f"An engine on {lost.sight.node} was lost, and the cluster has no room for "
                    "another. Start the sweep again when it has: what was measured is kept."
                )
            sight = self._seen(asked)
        refuse_unlike(sight, self._engines[0].sight)
        logger.warning("the engine on %s is replaced by one on %s", lost.sight.node, sight.node)
        engine = RayEngine(self, actor, sight)
        self._engines = [engine if one is lost else one for one in self._engines]
        return engine

    def environment(self, engine: Engine, loaded: LoadedPair) -> Environment:
        """As the actor told it, with the pair's device."""
        assert isinstance(engine, RayEngine)
        shared = loaded.prefixes_shared
        return replace(engine.sight.environment, device=loaded.device, prefixes_shared=shared)

    def refuse_other_parents(self, loaded: LoadedPair, sight: Sight) -> None:
        """Compare what an actor loaded with the files that this machine sees.

        Raises:
            PairError: they are not the same.
        """
        if self._settings.device == FAKE_DEVICE:
            return  # it has no files
        name = loaded.identity.name
        here = check_pair(find_pair(name, self._settings), self._settings).identity
        for side in ("base", "instruct"):
            there, ours = getattr(loaded.identity, side), getattr(here, side)
            if there != ours:
                raise PairError(
                    f"The {side} parent of {name} on {sight.node} is not the one on this machine "
                    f"(content {there}, here {ours}). Copy the same files to every node."
                )

    def release(self, engine: RayEngine) -> None:
        """End one engine; the connection goes with the last."""
        self._end(engine.actor)
        self._engines = [one for one in self._engines if one is not engine]
        if not self._engines:
            self.close()

    def abandon(self) -> None:
        """End every actor now."""
        self._abandoned = True
        for engine in self._engines:
            self._end(engine.actor)

    def close(self) -> None:
        """Leave the cluster; actors that are still there end with it."""
        self._abandoned = True
        self._engines = []
        self._connection.close()
        if self in _open:
            _open.remove(self)

    def _actor(self) -> Any:
        import ray

        wanted = {"num_cpus": self._slots.cpus, "num_gpus": self._slots.gpus}
        # A lost actor's work is done again by the sweep, from its last flushed batch.
        made = ray.remote(**wanted, max_restarts=0, max_task_retries=0)(EngineActor)
        safe = replace(
            self._settings, engine_url=None, engine_token=None, device=self._slots.device
        )
        return made.remote(safe)

    def _seen(self, asked: Any) -> Sight:
        try:
            sight: Sight = answer(asked, "the cluster")
        except EngineUnavailable as error:
            raise EngineUnavailable(
                f"An engine did not come up on the cluster at {self._address} "
                f"({_reason(error)}). Every node needs this project at {ROOT}, what "
                "requirements.txt lists, and a start with RAY_AUTH_MODE=token and this token."
            ) from error
        return sight

    def _end(self, actor: Any) -> None:
        import ray

        with suppress(Exception):  # gone already
            ray.kill(actor)


def slots(resources: Mapping[str, float], settings: Settings) -> Slots:
    """One actor a GPU, or one for every so many CPUs as it has threads.

    Raises:
        EngineUnavailable: the cluster has no such slot, or fewer than asked for.
    """
    gpus, cpus = int(resources.get("GPU", 0)), int(resources.get("CPU", 0))
    threads = settings.threads or 1
    on_gpus = settings.device == "cuda" or (settings.device is None and gpus > 0)
    most = gpus if on_gpus else cpus // threads
    count = settings.ray_actors or most
    if not most or count > most:
        room = f"{gpus} GPUs" if on_gpus else f"{cpus} CPUs, {threads} for each"
        raise EngineUnavailable(
            f"The cluster has {room}, so it cannot hold {max(count, 1)} engines. "
            "Give --ray-actors a smaller number, or add nodes."
        )
    return Slots(count, threads, int(on_gpus), settings.device or ("cuda" if on_gpus else "cpu"))


def _own_size(address: str, settings: Settings) -> tuple[int | None, int | None]:
    """CPU and GPU slots of a cluster of our own; of one that runs they are what they are."""
    if address != LOCAL:
        return None, None
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cpus = (settings.ray_actors or 0) * (settings.threads or 1) or own
    return cpus, None if settings.device in (None, "cuda") else 0


def _refuse_numbered(device: str | None) -> None:
    if device is not None and device.startswith("cuda:"):
        raise InputError(
            f"PARTWAY_DEVICE = {device!r} names one GPU, and on a cluster each engine sees only "
            "its own. Give cuda, or nothing."
        )


def _reason(error: EngineUnavailable) -> str:
    """The last line of what Ray tells of a process that did not start: the error itself."""
    lines = str(error.__cause__).strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else "no reason is known"
