"""Where things are and what is allowed, read once from the environment.

Not a settings file and not a place for secrets: the engine's token is read here when it is
given by the environment and is masked in `repr`. Variables:

    PARTWAY_RESULTS        folder of measured results            (default: results/ of the project)
    PARTWAY_STATE          the engine's token, address and log   (default: ~/.cache/partway)
    PARTWAY_PAIRS          an extra registry of pairs in TOML    (default: STATE/pairs.toml)
    PARTWAY_TASKS          your own suites and task files        (default: STATE/tasks)
    PARTWAY_DATA           copies of data sets, one folder a hub id, used instead of the hub
    PARTWAY_ENGINE_URL     a running engine host, e.g. through an SSH tunnel
    PARTWAY_ENGINE_TOKEN   its token
    PARTWAY_DEVICE         cpu, cuda, cuda:1, mps, or fake: an engine without a model; GPUs that a
                           large pair may be spread over: cuda:0,cuda:1 (cuda: all of them)
                                                                 (default: a GPU if there, else cpu)
    PARTWAY_THREADS        CPU threads of the engine             (default: all cores)
    PARTWAY_ENGINE_BYTES   what loaded pairs may take on the device together: 24G, 500M or bytes
                                                                 (default: all that is free)
    PARTWAY_RAY_ADDRESS    spread sweeps over a Ray cluster: local, auto or HOST:PORT
    PARTWAY_RAY_ACTORS     engines on it         (default: one a GPU, else one a CPU slot)
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "results" / "published"
RAY_WORDS = ("local", "auto")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's view of its surroundings; immutable."""

    results: Path
    state: Path
    pairs_file: Path
    engine_url: str | None = None
    engine_token: str | None = field(default=None, repr=False)
    device: str | None = None
    threads: int | None = None
    engine_bytes: int | None = None
    tasks: Path | None = None
    data: Path | None = None
    ray_address: str | None = None
    ray_actors: int | None = None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the given environment, or from the process's own.

    Raises:
        InputError: an engine address beyond loopback, or a count that is no number.
    """
    given = os.environ if environment is None else environment
    state = Path(given.get("PARTWAY_STATE") or Path.home() / ".cache" / "partway")
    return Settings(
        results=Path(given.get("PARTWAY_RESULTS") or ROOT / "results"),
        state=state,
        pairs_file=Path(given.get("PARTWAY_PAIRS") or state / "pairs.toml"),
        engine_url=_loopback_url(given.get("PARTWAY_ENGINE_URL")),
        engine_token=given.get("PARTWAY_ENGINE_TOKEN") or None,
        device=given.get("PARTWAY_DEVICE") or None,
        threads=count("PARTWAY_THREADS", given.get("PARTWAY_THREADS")),
        engine_bytes=_bytes(given.get("PARTWAY_ENGINE_BYTES")),
        tasks=Path(given.get("PARTWAY_TASKS") or state / "tasks"),
        data=Path(given["PARTWAY_DATA"]) if given.get("PARTWAY_DATA") else None,
        ray_address=ray_address(given.get("PARTWAY_RAY_ADDRESS")),
        ray_actors=count("PARTWAY_RAY_ACTORS", given.get("PARTWAY_RAY_ACTORS")),
    )


def _loopback_url(url: str | None) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise InputError(
            f"PARTWAY_ENGINE_URL = {url!r} does not point to this machine. "
            "Open an SSH tunnel to the engine and give http://127.0.0.1:PORT."
        )
    return url.rstrip("/")


def ray_address(text: str | None) -> str | None:
    """The address of a Ray cluster as it was given; None for nothing.

    Raises:
        InputError: it is none.
    """
    if not text:
        return None
    if text not in RAY_WORDS and not re.fullmatch(r"[A-Za-z0-9.-]+:[0-9]{1,5}", text):
        raise InputError(
            f"{text!r} is no address of a Ray cluster. Give local (this machine), auto (the "
            "cluster that runs here) or HOST:PORT, as ray start told it."
        )
    return text


def count(name: str, text: str | None) -> int | None:
    """A whole number above 0; None for nothing.

    Raises:
        InputError: it is none.
    """
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise InputError(f"{name} = {text!r} is not a whole number above 0.")
    return int(text)


def _bytes(text: str | None) -> int | None:
    if not text:
        return None
    found = re.fullmatch(r"([0-9]+)([KMG]?)", text.strip().upper())
    if found is None or int(found[1]) == 0:
        raise InputError(
            f"PARTWAY_ENGINE_BYTES = {text!r} is not an amount of memory. Give one such as 24G."
        )
    exponent = "_KMG".index(found[2] or "_")
    return int(found[1]) * int(1024**exponent)
