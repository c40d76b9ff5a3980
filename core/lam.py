"""λ as an exact value: a whole number of thousandths from −0.5 to 2.

Not a float: 0.1 + 0.2 is not 0.3, and a key that is nearly right serves the answers of
another model. `Lam.parse("0.35")` comes in from a slider, a URL or the command line;
`str(lam)` goes out into ids, file names and labels; `lam.value` is the Python float that
the arithmetic uses.
"""

import re
from collections import Counter
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
        LambdaError: an entry is no λ, or a range is malformed, goes down or never arrives.
    """
    found = {lam for entry in text.split(",") if entry.strip() for lam in _entry(entry.strip())}
    if not found:
        raise LambdaError(f"The λ grid {text[:60]!r} holds no value. Give one such as 0:1:0.1.")
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


def repeated(text: str) -> tuple[Lam, ...]:
    """The λ that a readable grid names more than once; each is measured once.

    Raises:
        LambdaError: as `parse_grid`.
    """
    counted = Counter(
        lam for entry in text.split(",") if entry.strip() for lam in _entry(entry.strip())
    )
    return tuple(sorted(lam for lam, count in counted.items() if count > 1))


def _entry(entry: str) -> Iterator[Lam]:
    parts = [part.strip() for part in entry.split(":")]
    if len(parts) == 1:
        yield Lam.parse(entry)
        return
    if len(parts) != 3:
        raise LambdaError(
            f"The λ range {entry[:60]!r} is not start:end:step. Give one such as 0:1:0.1."
        )
    start, end = Lam.parse(parts[0]), Lam.parse(parts[1])
    step = parse_step(parts[2], entry)
    if end < start:
        raise LambdaError(
            f"The λ range {entry!r} goes down from {start} to {end}. "
            f"Write it upwards: {end}:{start}:{format_thousandths(step)}."
        )
    for thousandths in range(start.thousandths, end.thousandths + 1, step):
        yield Lam(thousandths)


def parse_step(text: str, entry: str) -> int:
    """The distance between two λ of a grid, in thousandths; `entry` is what an error repeats.

    Raises:
        LambdaError: it is no number, not above 0, or finer than λ can be told apart.
    """
    if not _PLAIN.fullmatch(text) or not text.isascii():
        raise LambdaError(
            f"The step {text[:40]!r} of the λ grid {entry[:60]!r} is not a number. "
            "Give one such as 0.1."
        )
    scaled = Decimal(text) * THOUSANDTHS
    if scaled <= 0:
        raise LambdaError(
            f"The step {text[:40]} of the λ grid {entry[:60]!r} never arrives. "
            "Give one above 0, such as 0.1."
        )
    if scaled != scaled.to_integral_value():
        raise LambdaError(
            f"The step {text[:40]} of the λ grid {entry[:60]!r} is finer than λ, which has three "
            f"decimals. Give one such as {format_thousandths(max(1, round(scaled)))}."
        )
    return int(scaled)
