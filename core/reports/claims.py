"""What the partial-adaptation paper is known to say, and what could not be found out.

Not numbers to draw: sentences, each with how it is known.
"""

import tomllib
from dataclasses import dataclass
from typing import Literal

from core.reports.literature import FOLDER

Status = Literal["read", "reported", "missing"]
MEANING: dict[Status, str] = {
    "read": "read in the paper",
    "reported": "reported by others, not checked against the paper",
    "missing": "looked for, not found",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence and how it is known."""

    says: str
    status: Status


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper by its claims."""

    title: str
    authors: str
    source: str
    url: str
    claims: tuple[Claim, ...]

    def known(self, status: Status) -> tuple[Claim, ...]:
        """The claims that are known in this way."""
        return tuple(claim for claim in self.claims if claim.status == status)


def read_claims() -> Paper:
    """The paper that partial adaptation comes from."""
    about = tomllib.loads((FOLDER / "partial_adaptation.toml").read_text(encoding="utf-8"))
    return Paper(
        title=about["title"],
        authors=about["authors"],
        source=about["source"],
        url=about["url"],
        claims=tuple(Claim(**claim) for claim in about["claims"]),
    )
