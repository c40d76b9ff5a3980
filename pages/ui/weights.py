"""Where instruction tuning changed the weights, and what each part does when it moves alone."""

import shlex

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui.charts import CONFIG
from pages.ui.sweep_plan import duration
from pages.ui.words import plain

POLL_SECONDS = 1.0
_SAID = "weights_said"


def weights(pair: api.PairEntry) -> None:
    """The map of changes; a button where nobody has read the weights yet."""
    st.subheader("Where did tuning change the weights?", anchor=False)
    found = api.weights.seen(pair.name)
    if found.anatomy is None:
        _not_looked(pair, found.reason)
        return
    st.markdown(plain(api.weights.sentence(found.anatomy)))
    drawn = api.weights.figure(found.anatomy)
    with st.container(border=True, key="weights-card"):
        st.plotly_chart(drawn.figure, key="weights", alt=drawn.words, config=CONFIG)
    st.caption(
        "Each number: how far a part of a layer lies from the base, relative to its own size. A "
        "large change of weights is not a large change of answers; that is measured below."
    )
    with st.expander("Every tensor"):
        st.dataframe(
            api.weights.rows(found.anatomy),
            hide_index=True,
            placeholder="–",
            column_config={
                name: st.column_config.NumberColumn(format=form)
                for name, form in (
                    ("Change / base", "%.4f"),
                    ("Cosine", "%.4f"),
                    ("Share of change (%)", "%.2f"),
                    ("Unchanged (%)", "%.2f"),
                )
            },
        )


def _not_looked(pair: api.PairEntry, reason: str | None) -> None:
    if reason is not None:
        st.caption(plain(reason))
        return
    diary = api.weights.looking(pair.name)
    if diary is not None and diary.active:
        st.fragment(_looking, run_every=POLL_SECONDS)(pair.name)
        return
    if diary is not None and diary.status != "done":
        st.error(plain(diary.message), icon=":material/error:")
    st.info(
        "Nobody has read these parents' weights yet. It takes about as long as copying both.",
        icon=":material/info:",
    )
    st.button("Read them now", type="primary", on_click=_look, args=(pair.name,))
    st.code(f"python -m core pairs weights {shlex.quote(pair.name)}", language="bash")
    if said := st.session_state.get(_SAID):
        st.error(plain(said), icon=":material/error:")


def _look(pair: str) -> None:
    st.session_state.pop(_SAID, None)
    try:
        api.weights.look(pair)
    except PartwayError as error:
        st.session_state[_SAID] = str(error)


def _looking(pair: str) -> None:
    diary = api.weights.looking(pair)
    if diary is None or not diary.active:
        st.rerun()
    share = min(diary.done / diary.total, 1.0) if diary.total else 0.0
    left = "" if diary.eta_seconds is None else f" · about {duration(diary.eta_seconds)} left"
    sizes = f"{api.as_size(diary.done)} of {api.as_size(diary.total)} read" if diary.total else ""
    st.progress(share, plain(f"{sizes or diary.message or 'Starting…'}{left}"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Cancel",
            icon=":material/close:",
            key="weights_cancel",
            on_click=api.weights.stop,
            args=(pair,),
        )
        st.caption("It goes on when this page is closed.")


def parts_alone(pair: api.PairEntry) -> None:
    """Few-shot accuracy and instructions followed when one part moves to λ = 1."""
    st.subheader("Where does it live?", anchor=False)
    if pair.path:
        st.caption("This line moves some parts only. Choose the whole pair to compare parts.")
        return
    st.markdown(
        "One part of the model is taken to λ = 1 while the rest stays at the base. What moves the "
        "numbers is where the ability lies, as far as it lies in one place."
    )
    found = api.weights.parts(pair.name)
    st.dataframe(
        [_row(one) for one in found],
        hide_index=True,
        placeholder="–",
        alt="What each part does alone",
        column_config={
            "Few-shot accuracy (%)": st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%.1f"
            ),
            "Instructions followed (%)": st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%.1f"
            ),
        },
    )
    st.caption(
        "95 % intervals, all items of the embedded or the last measured suites. Parts are not "
        "added up: they work on one another."
    )
    missing = [one.command for one in found if one.icl is None]
    with st.expander("Measure another part", expanded=bool(missing)):
        st.markdown(
            "Behind the pair's name stands what moves: `attention`, `mlp`, `norms`, `embeddings`, "
            "`layersA..B`, `gradientA..B` (from the first layer to the last), joined by `-`; "
            "`rest1` keeps the rest at the instruct parent."
        )
        st.code(
            "\n".join(missing)
            or f"python -m core sweep --pair '{pair.name}~attention-layers0..1' --grid 0:1:0.25",
            language="bash",
            wrap_lines=True,
        )


def _row(one: "api.weights.PartAlone") -> dict[str, str | float | None]:
    return {
        "At λ = 1": one.label,
        "Few-shot accuracy (%)": one.icl.value if one.icl else None,
        "95 % interval": _span(one.icl),
        "Instructions followed (%)": one.followed.value if one.followed else None,
        "95 % interval ": _span(one.followed),  # a column needs a name of its own
        "n": f"{one.icl.n:,} and {one.followed.n:,}"
        if one.icl and one.followed
        else "not measured",
    }


def _span(measure: "api.Measure | None") -> str | None:
    if measure is None or measure.interval is None:
        return None
    return f"{measure.interval.low:.1f} to {measure.interval.high:.1f}"
