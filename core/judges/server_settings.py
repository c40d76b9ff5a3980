"""Where an OpenAI-compatible judge is and what it may cost, read from the environment.

    PARTWAY_JUDGE_URL           base address     (default: OPENAI_BASE_URL, else OpenAI's own)
    PARTWAY_JUDGE_KEY           its key          (default: OPENAI_API_KEY; none for this machine)
    PARTWAY_JUDGE_PRICES        dollars a million tokens, read and written: 0.15,0.60
    PARTWAY_JUDGE_CONCURRENCY   questions at the same time         (default: 4)
    PARTWAY_JUDGE_SECONDS       patience with one question         (default: 60)

What the environment does not name is looked for under the same name in Streamlit's secrets
(`.streamlit/secrets.toml` of the project or the home folder), so that one place serves pages and
commands. The key is never stored, logged or shown.
"""

import math
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import JudgeError
from core.settings import LOOPBACK, ROOT

OPENAI_URL = "https://api.openai.com/v1"
HIGHEST_CONCURRENCY = 64
NAMES = (
    "PARTWAY_JUDGE_URL", "PARTWAY_JUDGE_KEY", "PARTWAY_JUDGE_PRICES", "PARTWAY_JUDGE_CONCURRENCY",
    "PARTWAY_JUDGE_SECONDS", "OPENAI_API_KEY", "OPENAI_BASE_URL",
)  # fmt: skip
SECRETS_FOLDERS = (ROOT, Path.home())
NO_KEY = "-"  # what a server on this machine is told; the SDK wants something


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars a million tokens."""

    read: float
    written: float

    def dollars(self, read: int, written: int) -> float:
        """What so many tokens cost."""
        return (read * self.read + written * self.written) / 1e6


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server; `prices` None: not given."""

    url: str
    key: str = field(repr=False)
    prices: Prices | None = None
    concurrency: int = 4
    seconds: float = 60.0

    @property
    def host(self) -> str:
        """The server's name, without port and path."""
        return urlsplit(self.url).hostname or ""

    def need_key(self) -> None:
        """Accept a server that can be asked.

        Raises:
            JudgeError: it is elsewhere and there is no key for it.
        """
        if not self.key and self.host not in LOOPBACK:
            raise JudgeError(
                f"There is no key for the judge at {self.host}. Set OPENAI_API_KEY (or "
                "PARTWAY_JUDGE_KEY), or PARTWAY_JUDGE_URL to a server on this machine."
            )


def read_server_settings(environment: Mapping[str, str] | None = None) -> ServerSettings:
    """Read the settings from the given environment, or from the process's own.

    Raises:
        JudgeError: a value that cannot be used.
    """
    given = {**read_secrets(), **os.environ} if environment is None else environment
    return ServerSettings(
        url=_url(given.get("PARTWAY_JUDGE_URL") or given.get("OPENAI_BASE_URL") or OPENAI_URL),
        key=given.get("PARTWAY_JUDGE_KEY") or given.get("OPENAI_API_KEY") or "",
        prices=_prices(given.get("PARTWAY_JUDGE_PRICES")),
        concurrency=int(_number(given, "PARTWAY_JUDGE_CONCURRENCY", 4, HIGHEST_CONCURRENCY)),
        seconds=_number(given, "PARTWAY_JUDGE_SECONDS", 60.0, 3600),
    )


def read_secrets(folders: Sequence[Path] | None = None) -> dict[str, str]:
    """The judge's settings in Streamlit's secrets; the first folder's win.

    Raises:
        JudgeError: a secrets file is no TOML; its content is not told.
    """
    found: dict[str, str] = {}
    for folder in reversed(SECRETS_FOLDERS if folders is None else folders):
        path = folder / ".streamlit" / "secrets.toml"
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise JudgeError(
                f"The secrets file {path} cannot be read ({type(error).__name__}). Correct it, or "
                "set the judge's key in the environment."
            ) from None  # the parser's words may quote a line of it
        found |= {name: str(content[name]) for name in NAMES if name in content}
    return found


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise JudgeError(
            f"PARTWAY_JUDGE_URL = {_without_user(text)!r} is no address of a server. "
            "Give one such as http://localhost:11434/v1."
        )
    if parts.username or parts.password:
        raise JudgeError(
            f"PARTWAY_JUDGE_URL for {parts.hostname} holds a name or a password. "
            "Leave it out and set PARTWAY_JUDGE_KEY."
        )
    return text.rstrip("/")


def _without_user(text: str) -> str:
    return text.rpartition("@")[2][:80]


def _prices(text: str | None) -> Prices | None:
    if not text:
        return None
    try:
        read, written = (float(part) for part in text.split(","))
        if min(read, written) >= 0 and math.isfinite(read + written):
            return Prices(read, written)
    except ValueError:
        pass
    raise JudgeError(
        f"PARTWAY_JUDGE_PRICES = {text[:40]!r} are no two prices. Give dollars a million tokens, "
        "read and written, such as 0.15,0.60."
    )


def _number(given: Mapping[str, str], name: str, default: float, highest: float) -> float:
    text = given.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 1 <= value <= highest:
        raise JudgeError(f"{name} = {text[:40]!r} cannot be used. Give 1 to {highest:g}.")
    return value
