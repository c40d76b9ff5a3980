"""How the numbers on the page were made, and what they can and cannot say."""

import streamlit as st

from core import api
from pages.ui.words import plain

_MEANING = """
**Few-shot accuracy** is the unweighted mean over the suite's tasks. **Win rate** compares each
answer with the reference's answer to the same instruction: the one that passes the larger
share of its checks wins, equal is a draw and counts half. **Pass rate** is the share of
instructions of which every check passed.

**An interval** says how far the number could be off because of the items that happened to be
asked. Differences to λ = 1 are paired: the same item at both λ. The two axes of the plane have
different items, which are drawn independently; an ellipse is the 95 % region of both together, and
therefore a little wider than either interval. "No difference shown" means that the
interval of the difference contains 0; it does not mean that the two are equal. Each interval is
that of one λ, fixed beforehand: the best-looking of many λ looks better than it is.

**Dots are measured; lines only lead the eye.** A λ between two dots is drawn as a hollow ring,
without an interval, and enters no sentence, table or file.
"""


def how_made(line: api.TradeOff) -> None:
    """Command, runs, dates, versions; then what the words mean."""
    box = st.expander("How was this made, and what do the intervals mean?", on_change="rerun")
    with box:
        if not box.open:
            return
        made = api.provenance(line)
        st.caption("Repeats it (a finished run is never computed again):")
        st.code(made.command, language="bash", wrap_lines=True)
        st.table(_facts(line, made), hide_header=True, border="horizontal")
        st.markdown(_MEANING)


def _facts(line: api.TradeOff, made: api.Provenance) -> dict[str, str]:
    largest = max(line.points, key=lambda point: point.icl.n)
    return {
        "Suites": plain(f"{line.icl_suite} ({largest.icl.n:,} items), {line.instruction_suite}"),
        "Judge, reference": plain(f"{line.judge}, against {line.reference_label}"),
        "Sweep": plain(f"{line.sweep_id} ({made.runs} runs)"),
        "Measured": plain(f"{made.first or 'unknown'} to {made.last or 'unknown'}"),
        "On": plain(f"{', '.join(made.devices) or 'unknown'}, weights in {line.dtype}"),
        "With": plain(", ".join(made.packages) or "unknown"),
        "Code": plain(", ".join(made.commits) or "unknown"),
        "Intervals": plain("; ".join(made.methods) or "none"),
    }
