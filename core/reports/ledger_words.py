"""The ledger in sentences: the headline, two λ crossed, gaps and scores that are shares."""

from core.reports.ledger import Ledger
from core.reports.ledger_groups import GROUPS, Group
from core.reports.ledger_view import Crossed, View

ONE_LAM = "Only one λ is measured, so nothing can flip: every item is always or never right."
_SURE_BELOW = 0.001
_BEFOREHAND = "; it holds for two λ that were chosen before looking."


def headline(ledger: Ledger, view: View) -> str:
    """How many items flip, and which way, over the scope."""
    size = {group: int(n) for group, n in zip(GROUPS, view.table.sizes, strict=True)}
    flip = view.scope - size["always"] - size["never"]
    items = "instructions" if ledger.of == "instructions" else "few-shot items"
    right = "followed" if ledger.of == "instructions" else "right"
    if not view.scope:
        return f"No {items[:-1]} is like that."
    if len(ledger.lams) == 1:
        return ONE_LAM
    lowest, highest = ledger.lams[0], ledger.lams[-1]
    return (
        f"Of {view.scope:,} {items}, {flip:,} change along λ = {lowest} … {highest}: "
        f"gained as λ falls {size['gained']:,}, lost {size['lost']:,}, "
        f"{right} only inside {size['inside']:,}, mixed {size['mixed']:,}. "
        f"Always {right} {size['always']:,}, never {size['never']:,}."
    )


def notes(ledger: Ledger, view: View) -> tuple[str, ...]:
    """What must be known to read the numbers."""
    told = list(ledger.notes)
    if view.gaps:
        told.append(
            f"{view.gaps:,} of these items have no answer at some λ (shown as ·). A gap is neither "
            "right nor wrong: an item's group is told from the λ that it has, and each λ's "
            "accuracy is over the items that are there."
        )
    shares = [task.name for task in ledger.tasks if task.partly]
    if shares:
        told.append(
            f"{', '.join(shares)}: the score of an item is a share. ✓ says that it is 1, so what "
            "is counted here is the share of full marks, not the task's mean score."
        )
    return tuple(told)


def crossed_words(crossed: Crossed) -> str:
    """Which of the two λ has more right, and whether that is more than chance."""
    if not crossed.n:
        return "No item has an answer at both λ."
    more = crossed.only_first - crossed.only_second
    lead = f"λ = {crossed.first} has {abs(more):,} {'more' if more > 0 else 'fewer'} right than "
    counted = (
        f"{lead if more else f'λ = {crossed.first} has as many right as '}"
        f"λ = {crossed.second}, of {crossed.n:,} items that both answered."
    )
    apart = f" {crossed.apart:,} lack one of the two and are left out." if crossed.apart else ""
    return f"{counted}{apart} {_test(crossed)}"


def _test(crossed: Crossed) -> str:
    if crossed.p is None:
        return "There is nothing to test: the two do not differ in any item or passage."
    p = "p < 0.001" if crossed.p < _SURE_BELOW else f"p = {crossed.p:.3f}"
    if crossed.clustered:
        return (
            f"{p} by an exact sign test over {crossed.units:,} passages or templates, because "
            f"items share them{_BEFOREHAND}"
        )
    return f"{p} by McNemar's exact test{_BEFOREHAND}"


def group_sizes(view: View) -> dict[Group, int]:
    """Group → how many of the scope's items."""
    return {group: int(n) for group, n in zip(GROUPS, view.table.sizes, strict=True)}
