"""Literature: what others have published, with what has to be known to read it.

Nothing on this page was measured here, and everything is drawn in outline to say so. A person's
own tables can stand beside it; they are taken as given.
"""

import streamlit as st

from core import api
from pages.ui import choices, frame
from pages.ui.charts import fetch_early
from pages.ui.own_table import own_table
from pages.ui.paper_claims import paper_claims
from pages.ui.published_table import published_table

TABLE, PAPER, OWN = "table", "partial_adaptation", "own"
frame.open_page("Literature")
fetch_early()


def labels() -> dict[str, str]:
    """Everything there is to look at; the published tables first."""
    return {
        **api.literature.published_tables(),
        PAPER: "Partial adaptation: what is known",
        OWN: "Your own table",
    }


with frame.boundary():
    st.title("What others have published", anchor=False)
    st.markdown(
        "Printed numbers of two studies and a leaderboard, each beside what weakens it. "
        "**Nothing here was measured by this dashboard**, and nothing is drawn as if it were: "
        "markers are hollow, and no value of this page enters another one."
    )
    offered = labels()
    chosen = choices.seed(TABLE, list(offered))
    frame.complaints()
    choices.pick(TABLE, "Show", offered, chosen)
    if chosen == OWN:
        own_table()
    elif chosen == PAPER:
        paper_claims()
    else:
        published_table(chosen)
frame.close_page()
