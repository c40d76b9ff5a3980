"""Which code and which settings a host runs with, as two short hashes.

A host left over from other code, or started for another device, must be replaced and not
asked. Hashed are the source files that decide an answer, read in a few milliseconds.
"""

import functools
import hashlib

from core.canon import content_id
from core.settings import ROOT, Settings

SOURCES = (
    "core/engine/*.py", "core/merge/*.py", "core/pairs/*.py", "core/pairs/*.toml",
    "core/errors.py", "core/lam.py", "core/canon.py", "core/settings.py", "core/spec.py",
)  # fmt: skip


@functools.cache
def code_fingerprint() -> str:
    """Twenty hex digits over the engine's own source, as it was when this process began."""
    files = sorted(path for pattern in SOURCES for path in ROOT.glob(pattern))
    return content_id(
        {
            str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        }
    )


def settings_fingerprint(settings: Settings) -> str:
    """Twenty hex digits over what was asked of the device and the registry's place."""
    return content_id(
        {
            "device": settings.device,
            "threads": settings.threads,
            "engine_bytes": settings.engine_bytes,
            "pairs_file": str(settings.pairs_file),
        }
    )
