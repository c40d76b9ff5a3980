"""What the Items page is asked for, as it stands in the URL: filters, order, item, two λ.

A value in the URL that means nothing here is told in a sentence and left out. An empty value
is "all" and is not written into the URL.
"""

from collections.abc import Collection

import streamlit as st

from core import api
from core.errors import LambdaError
from core.lam import INSTRUCT, Lam
from pages.ui import choices, lam_control, link
from pages.ui.guard import MEASUREMENT

OF, CATEGORY, GROUP, FIND, GAPS = "of", "category", "group", "find", "gaps"
SORT, ITEM, AGAINST, CELL = "sort", "item", "against", "cell"
BACKWARDS = "-"  # before the order's name
OF_LABELS: dict[str, str] = {"few-shot": "Few-shot items", "instructions": "Instructions"}
_LONGEST_TEXT = 200


def task_name(of: api.flips.Of) -> str:
    """A task of few-shot items, a kind of instructions: one does not disturb the other."""
    return choices.TASK if of == "few-shot" else "kind"


def seed_of() -> api.flips.Of:
    """Which ledger is shown."""
    chosen = choices.seed(OF, list(api.flips.OFS))
    return next(of for of in api.flips.OFS if of == chosen)


def read(pair: str, reference: str, of: api.flips.Of) -> api.flips.Ledger | None:
    """The ledger in the measurement that the Trade-off page shows; told where there is none."""
    asked = link.asked(MEASUREMENT)
    key = (link.taken(MEASUREMENT) or "") if asked is None else asked
    try:
        found = api.flips.ledger(pair, reference, of, key)
    except api.PartwayError as error:
        if not key:
            raise
        if asked is not None:  # else it was another pair's
            link.complain(MEASUREMENT, f"{error} Shown instead: the largest.")
        key, found = "", api.flips.ledger(pair, reference, of)
    link.note(MEASUREMENT, key)
    return found


def seed(ledger: api.flips.Ledger) -> None:
    """Take what is new in the URL."""
    flips = api.flips
    _seed(CATEGORY, {task.category for task in ledger.tasks})
    _seed(task_name(ledger.of), {task.name for task in ledger.tasks})
    _seed(GROUP, flips.GROUPS)
    _seed(GAPS, {"only"})
    _seed(SORT, {f"{sign}{sort}" for sort in flips.SORTS for sign in ("", BACKWARDS)})
    _seed(CELL, flips.CELLS)
    _seed_text()
    _seed_against(ledger)
    _seed_item(ledger)


def lam(ledger: api.flips.Ledger) -> Lam:
    """λ, or the measured one that is nearest to it."""
    return _nearest(ledger, lam_control.current())


def against(ledger: api.flips.Ledger) -> Lam:
    """What λ is crossed with: the chosen λ, else λ = 1, else an end of the line."""
    named = link.taken(AGAINST)
    if named:
        return _nearest(ledger, Lam.parse(named))
    here = lam(ledger)
    preferred = [one for one in (INSTRUCT, ledger.lams[0], ledger.lams[-1]) if one in ledger.lams]
    return next((one for one in preferred if one != here), here)


def asked(ledger: api.flips.Ledger) -> api.flips.Asked:
    """All of it."""
    flips = api.flips
    sort = link.taken(SORT) or ""
    return flips.Asked(
        category=link.taken(CATEGORY) or None if ledger.of == "few-shot" else None,
        task=link.taken(task_name(ledger.of)) or None,
        find=link.taken(FIND) or "",
        group=next((one for one in flips.GROUPS if one == link.taken(GROUP)), None),
        cell=next((one for one in flips.CELLS if one == link.taken(CELL)), None),
        first=lam(ledger),
        second=against(ledger),
        sort=next((one for one in flips.SORTS if one == sort.removeprefix(BACKWARDS)), "task"),
        backwards=sort.startswith(BACKWARDS),
        gaps=bool(link.taken(GAPS)),
    )


def open_row(ledger: api.flips.Ledger, view: api.flips.View) -> int | None:
    """The opened item: the link's, else the first that is listed, else none."""
    key = link.taken(ITEM)
    row = ledger.row(key) if key else None
    if row is None and len(view.rows):
        return int(view.rows[0])
    return row


def _seed(name: str, allowed: Collection[str]) -> None:
    found = link.asked(name)
    if found and found not in allowed:
        listed = ", ".join(sorted(allowed))
        link.complain(
            name, f"There is no {name} = {found[:40]!r} here; it can be {listed}. Shown: all."
        )
        found = ""
    elif found:
        link.withdraw(name)
    kept = link.taken(name) or ""
    link.note(name, found if found is not None else kept if kept in allowed else "")


def _seed_text() -> None:
    if (found := link.asked(FIND)) is not None:
        link.note(FIND, found[:_LONGEST_TEXT])


def _seed_against(ledger: api.flips.Ledger) -> None:
    found = link.asked(AGAINST)
    if not found:
        return
    try:
        named = Lam.parse(found)
    except LambdaError as error:
        link.complain(AGAINST, str(error))
        return
    link.withdraw(AGAINST)
    if named not in ledger.lams:
        link.complain(AGAINST, f"λ = {named} is not measured here; the nearest is taken.")
    link.note(AGAINST, str(named))


def _seed_item(ledger: api.flips.Ledger) -> None:
    found = link.asked(ITEM)
    kept = found or link.taken(ITEM) or ""
    known = bool(kept) and ledger.row(kept) is not None
    if found and not known:
        link.complain(ITEM, f"There is no item {found[:60]!r} here. Shown: the first of the list.")
    elif found:
        link.withdraw(ITEM)
    link.note(ITEM, kept if known else "")


def _nearest(ledger: api.flips.Ledger, wanted: Lam) -> Lam:
    return min(ledger.lams, key=lambda one: abs(one.thousandths - wanted.thousandths))


def chosen(name: str, key: str) -> None:
    """Write a widget's value into the URL; for callbacks."""
    link.write(name, st.session_state[key] or "")
