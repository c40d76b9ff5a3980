"""What a host says of itself to those who look at it, and its way through JSON; torch-free."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.engine.loading_now import LoadingNow
from core.engine.memory_use import MemoryUse
from core.engine.protocol import Form, LoadedPair
from core.lam import Lam
from core.spec import PairIdentity

HostPhase = Literal["starting", "ready", "busy", "failed"]


@dataclass(frozen=True, slots=True)
class AtWork:
    """One piece of work that has begun and is not finished."""

    kind: str  # the route, such as "stream" or "score"
    pair: str | None
    lams: tuple[Lam, ...]


@dataclass(frozen=True, slots=True)
class HostStatus:
    """The host now; None where there is nothing to tell yet."""

    status: HostPhase
    message: str
    pid: int
    code: str  # fingerprint of the code it runs
    pairs: tuple[LoadedPair, ...]
    leases: dict[str, int]  # by pair: pieces of work that hold it in memory now
    at_work: tuple[AtWork, ...]
    interactive: int  # unfinished pieces of work, at work or waiting
    batch: int
    tokens_per_second: float | None  # written over the last seconds
    resident_bytes: int
    form: Form | None  # of the last answer
    device: str | None
    dtype: str | None
    loading: LoadingNow | None = None


def in_requests(count: int) -> str:
    """How many requests, in words."""
    return "1 request" if count == 1 else f"{count} requests"


def status_to_json(status: HostStatus) -> dict[str, Any]:
    """All fields as plain values; λ as texts."""
    at_work = [{**asdict(one), "lams": [str(lam) for lam in one.lams]} for one in status.at_work]
    return {**asdict(status), "at_work": at_work}


def status_from_json(content: dict[str, Any]) -> HostStatus:
    """The inverse."""
    at_work = tuple(
        AtWork(one["kind"], one["pair"], tuple(Lam.parse(lam) for lam in one["lams"]))
        for one in content["at_work"]
    )
    pairs = tuple(loaded_from_json(pair) for pair in content["pairs"])
    told = content.get("loading")
    loading = None if told is None else LoadingNow(**told)
    return HostStatus(**{**content, "at_work": at_work, "pairs": pairs, "loading": loading})


def loaded_to_json(loaded: LoadedPair) -> dict[str, Any]:
    """All fields as plain values."""
    return asdict(loaded)


def loaded_from_json(content: dict[str, Any]) -> LoadedPair:
    """The inverse."""
    identity, notes = PairIdentity(**content["identity"]), tuple(content["notes"])
    told = content.get("memory")
    memory = None if told is None else MemoryUse(**told)
    return LoadedPair(**{**content, "identity": identity, "notes": notes, "memory": memory})
