"""Which prompts are read in one forward: how many, how long, and what they begin with alike."""

from collections.abc import Iterator, Sequence

from core.engine.resident import Resident
from core.engine.row import Order
from core.engine.score_plan import WORTH_A_FORWARD, common_length

ROWS_A_BATCH = 64
Tokens = tuple[int, ...]


def portions(resident: Resident, orders: Sequence[Order]) -> Iterator[list[Order]]:
    """A request in parts to be written one after the other: similar lengths, longest first."""
    portion: list[Order] = []
    for order in sorted(orders, key=lambda order: -len(order.tokens)):
        wider = [*portion, order]
        if portion and not fits(resident, [order.tokens for order in wider]):
            yield portion
            wider = [order]
        portion = wider
    if portion:
        yield portion


def fits(resident: Resident, prompts: Sequence[Tokens]) -> bool:
    """Whether one forward may read these prompts."""
    lengths = [len(tokens) for tokens in prompts]
    if not resident.pads and min(lengths) != max(lengths):
        return False
    different = list(dict.fromkeys(prompts))  # equal prompts are read once
    own = max(lengths) - common_prefix(resident, different)
    return len(prompts) <= ROWS_A_BATCH and len(different) * own <= resident.prompt_budget


def read_together(resident: Resident, some: Sequence[Tokens], others: Sequence[Tokens]) -> bool:
    """Whether reading both in one forward is possible and no dearer than in two."""
    both = [*some, *others]
    apart = _cost(resident, some) + _cost(resident, others)
    return fits(resident, both) and _cost(resident, both) <= apart + WORTH_A_FORWARD


def common_prefix(resident: Resident, prompts: Sequence[Tokens]) -> int:
    """Tokens that all prompts share and that are read once, at least one of each left."""
    if len(prompts) < 2 or not resident.shares:
        return 0
    shared = min(
        common_length(min(prompts), max(prompts)), *(len(tokens) - 1 for tokens in prompts)
    )
    return shared if shared * (len(prompts) - 1) >= WORTH_A_FORWARD else 0


def _cost(resident: Resident, prompts: Sequence[Tokens]) -> int:
    """Tokens that are computed, padding among them."""
    prefix = common_prefix(resident, prompts)
    return prefix + len(prompts) * (max(map(len, prompts)) - prefix)
