"""λ as an exact value: a whole number of thousandths from −0.5 to 2.

Not a float: 0.1 + 0.2 is not 0.3, and a key that is nearly right serves the answers of
another model. `Lam.parse("0.35")` comes in from a slider, a URL or the command line;
`str(lam)` goes out into ids, file names and labels; `lam.value` is the Python float that
the arithmetic uses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from core.errors import LambdaError

THOUSANDTHS = 1000
LOWEST, HIGHEST = -500, 2000
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


@dataclass(frozen=True, slots=True, order=True)
class Lam:
    """A point on the line between base (0) and instruct (1), in thousandths."""

    thousandths: int

    def __post_init__(self) -> None:
        if not LOWEST <= self.thousandths <= HIGHEST:
            raise LambdaError(
                f"λ = {format_thousandths(self.thousandths)} is out of range. "
                f"Give a number from {format_thousandths(LOWEST)} "
                f"to {format_thousandths(HIGHEST)}."
            )

    @classmethod
    def parse(cls, text: str | int | float) -> "Lam":
        """Read λ from what a person typed; at most three decimals.

        Raises:
            LambdaError: not a number, more than three decimals, or out of range.
        """
        return cls(_thousandths(str(text).strip()))

    @property
    def value(self) -> float:
        """The Python float nearest to this λ (what `torch.lerp` is given)."""
        return self.thousandths / THOUSANDTHS

    @property
    def is_base(self) -> bool:
        """True exactly at λ = 0."""
        return self.thousandths == 0

    @property
    def is_instruct(self) -> bool:
        """True exactly at λ = 1."""
        return self.thousandths == THOUSANDTHS

    def __str__(self) -> str:
        return format_thousandths(self.thousandths)


BASE = Lam(0)
INSTRUCT = Lam(THOUSANDTHS)


def format_thousandths(thousandths: int) -> str:
    """Shortest decimal text: 350 → "0.35", 1000 → "1", −500 → "-0.5"."""
    sign = "-" if thousandths < 0 else ""
    whole, rest = divmod(abs(thousandths), THOUSANDTHS)
    decimals = f"{rest:03d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def parse_grid(text: str) -> tuple[Lam, ...]:
    """Read a λ grid such as "0:1:0.1", "0,0.5,1" or "0:1:0.1,1.1,1.2".

    Returns the values in ascending order, each once.

    Raises:
        LambdaError: an entry is no λ, or a range is malformed, empty or never ends.
    """
    found = {lam for entry in text.split(",") if entry.strip() for lam in _entry(entry.strip())}
    if not found:
        raise LambdaError(f"The λ grid {text!r} holds no value. Give one such as 0:1:0.1.")
    return tuple(sorted(found))


def _thousandths(text: str) -> int:
    if not _PLAIN.fullmatch(text) or not text.isascii():
        raise LambdaError(f"λ = {text[:40]!r} is not a number. Give one such as 0.35.")
    try:
        scaled = Decimal(text) * THOUSANDTHS
    except InvalidOperation as error:
        raise LambdaError(f"λ = {text[:40]!r} is not a number. Give one such as 0.35.") from error
    if scaled != scaled.to_integral_value():
        raise LambdaError(
            f"λ = {text[:40]} has more than three decimals. "
            f"Give at most three, such as {format_thousandths(round(scaled))}."
        )
    return int(scaled)


def _entry(entry: str) -> Iterator[Lam]:
    parts = entry.split(":")
    if len(parts) == 1:
        yield Lam.parse(entry)
        return
    if len(parts) != 3:
        raise LambdaError(f"The λ range {entry!r} is not start:end:step. Give one such as 0:1:0.1.")
    start, end, step = (_thousandths(part.strip()) for part in parts)
    if step <= 0 or end < start:
        raise LambdaError(f"The λ range {entry!r} never arrives. Give one such as 0:1:0.1.")
    for thousandths in range(start, end + 1, step):
        yield Lam(thousandths)
