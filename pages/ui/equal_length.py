"""The win rate were all answers equally long, on demand: the fit takes about a second."""

import streamlit as st

from core import api
from core.lam import Lam
from pages.ui.words import plain


def equal_length(judged_pair: tuple[str, str], judge: str, lam: Lam) -> None:
    """A switch and, when it is on, one sentence; `judged_pair` is (pair, reference)."""
    with st.container(key="equal-length", gap="xxsmall"):
        wanted = st.toggle(
            "At equal length",
            key="equal-length-on",
            help="AlpacaEval's length-controlled win rate, in its minimal form: a regression takes "
            "out what length explains. It is withheld, with the reason, where it would mislead.",
        )
        if not wanted:
            return
        with st.spinner("Fitting, and drawing again 200 times …"):
            said = api.equal_length(*judged_pair, judge, lam)
        st.caption(plain(said or "No verdicts to fit here."))
