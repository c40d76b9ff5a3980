"""Other pairs in the same picture, chosen by name and kept in the URL as `with`.

What may not be drawn in one picture is not drawn, and the page says what differs and what can
still be shown.
"""

from dataclasses import dataclass

import streamlit as st

from core import api
from core.figures.beside import MOST, Beside
from core.lam import Lam
from pages.ui import link, tasks
from pages.ui.words import plain

WITH = "with"
_PICKED = "with_picked"


@dataclass(frozen=True, slots=True)
class Company:
    """The other pairs' lines, and which of them stand on which chart."""

    held: tuple[api.showing.Held, ...] = ()

    @property
    def plane(self) -> tuple[Beside, ...]:
        """On the plane."""
        return self._some("plane")

    @property
    def curves(self) -> tuple[tuple[Beside, ...], tuple[Beside, ...]]:
        """On the curve of few-shot accuracy, and on that of following."""
        return self._some("few_shot"), self._some("following")

    @property
    def answers(self) -> tuple[Beside, ...]:
        """On the curves of output length and of answers cut."""
        return self._some("lengths")

    def _some(self, where: str) -> tuple[Beside, ...]:
        return tuple(
            Beside(one.line, at) for at, one in enumerate(self.held) if getattr(one, where)
        )


ALONE = Company()


def picker(pair: str) -> None:
    """Choose other measured pairs. Nothing is shown where there are none."""
    measured = api.showing.measured_pairs()
    known = [name for name in api.pairs() if name in measured and name != pair]
    chosen = _seed(pair, known)
    if known:
        st.session_state[_PICKED] = list(chosen)
        st.multiselect(
            "Pairs beside it",
            known,
            key=_PICKED,
            max_selections=MOST,
            on_change=lambda: link.write(WITH, ",".join(st.session_state[_PICKED])),
            placeholder="None; choose pairs to overlay",
        )


def company(line: api.TradeOff, counted: frozenset[str], axis: api.Axis) -> Company:
    """Read the chosen pairs' lines and hold each against the one on show."""
    found = []
    for name in filter(None, (link.taken(WITH) or "").split(",")):
        references = api.references(name)
        if not references:
            continue
        reference = line.reference if line.reference in references else next(iter(references))
        other = api.trade_off(name, reference, api.showing.Asked(counted))
        if other is not None:
            found.append(api.showing.overlay(line, other, axis))
    return Company(tuple(found))


def beside_words(together: Company, lam: Lam, axis: api.Axis) -> None:
    """Each other pair at this λ against its own λ=1, and how far it may be compared."""
    for held in together.held:
        said = api.sentence(held.line, lam, axis)
        claim = "".join(f"**{plain(p.text)}**" if p.strong else plain(p.text) for p in said.parts)
        st.markdown(f"**{plain(held.line.pair)}**: {claim}")
        st.caption(plain(f"{said.detail} {held.words}"))
    if together.held:
        st.caption(
            "Each pair is compared with its own λ = 1; nothing here tests one pair against another."
        )


def shared_tasks(together: Company) -> None:
    """Count the tasks that a pair measured alike, where it is not all of them."""
    for held in together.held:
        if held.shared:
            st.button(
                f"Count only the {len(held.shared)} tasks that {held.line.pair} measured alike",
                key=f"alike-{held.line.pair}",
                on_click=link.write,
                args=(tasks.TASKS, ",".join(held.shared)),
            )


def _seed(pair: str, known: list[str]) -> tuple[str, ...]:
    asked = link.asked(WITH)
    text = asked if asked is not None else link.taken(WITH) or ""
    names = [name.strip() for name in text.split(",") if name.strip()]
    bad = [name for name in names if name not in known and name != pair]
    if asked is not None and bad:
        listed = ", ".join(known) or "none is measured"
        link.complain(WITH, f"{bad[0][:40]!r} cannot stand beside {pair}; these can: {listed}.")
    elif asked is not None:
        link.withdraw(WITH)
    kept = tuple(dict.fromkeys(name for name in names if name in known))[:MOST]
    link.note(WITH, ",".join(kept))
    return kept
