"""A person's own table: given as CSV, kept in the results folder, drawn as it was given."""

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui.charts import CONFIG
from pages.ui.words import plain

_CHOSEN, _FILE, _SAID, _ROUND = "own_chosen", "own_file", "own_said", "own_round"


def own_table() -> None:
    """Add one, choose one, look at it."""
    st.markdown(
        "A CSV with a header line: one column of names, one or more columns of numbers. It stays "
        "on this machine, in the folder of results."
    )
    # A number in the key empties the box after each file, so that none is taken twice.
    key = f"{_FILE}_{st.session_state.get(_ROUND, 0)}"
    st.file_uploader("Add a table (CSV)", "csv", key=key, on_change=_added, args=(key,))
    if said := st.session_state.get(_SAID):
        st.error(plain(said), icon=":material/error:")
    names = api.own_tables.own_tables(api.settings())
    if not names:
        st.info("There is no table of yours yet.", icon=":material/info:")
        return
    if st.session_state.get(_CHOSEN) not in names:
        st.session_state[_CHOSEN] = names[0]
    name = st.selectbox("Your tables", names, key=_CHOSEN)
    _show(api.own_tables.read_table(name, api.settings()))
    st.button("Remove this table", icon=":material/delete:", on_click=_removed, args=(name,))


def _show(table: "api.own_tables.OwnTable") -> None:
    with st.container(key="choices-row"):
        left, right = st.columns(2, gap="medium")
    first = left.selectbox("Values", table.numbers, key=f"own_first_{table.name}")
    others = [None, *(one for one in table.numbers if one != first)]
    second = right.selectbox(
        "Beside them",
        others,
        format_func=lambda one: one or "nothing",
        key=f"own_second_{table.name}",
    )
    drawn = api.own_figure(table, first, second)
    with st.container(border=True, key="own-card"):
        st.plotly_chart(drawn.figure, key="own", alt=drawn.words, config=CONFIG)
    st.dataframe(list(table.rows), hide_index=True, placeholder="–", alt=f"Your table {table.name}")


def _added(key: str) -> None:
    given = st.session_state[key]
    st.session_state[_SAID] = None
    if given is None:
        return
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    try:
        name = api.own_tables.keep_table(given.name, given.getvalue(), api.settings())
    except PartwayError as error:
        st.session_state[_SAID] = str(error)
        return
    st.session_state[_CHOSEN] = name


def _removed(name: str) -> None:
    api.own_tables.forget_table(name, api.settings())
