"""What is known of the chosen pair before it is loaded, every known pair, and adding one."""

from pathlib import Path

import streamlit as st

from core import api
from core.errors import PartwayError
from pages.ui.words import plain

_ICONS = {"green": ":material/check_circle:", "amber": ":material/info:", "red": ":material/block:"}
_COLOURS = {"green": "green", "amber": "orange", "red": "red"}
_SAID, _DONE, _ASKED = "pair_said", "pair_done", "pair_asked"
_REFUSED = "pair_refused"  # which pair the hub was asked about, and what was said
_OWN = "your own"
GROUPS = {
    "embedded": "ships with Partway",
    "partial-adaptation": "partial-adaptation study, likely",
    "reasoning": "reasoning study, likely",
    "starter": "small, to start with",
}


def fits(pair: api.PairEntry) -> None:
    """Findings from the files here, or from the hub when it is asked."""
    st.subheader("May these two be merged?", anchor=False)
    found = api.pairs_known.findings(pair)
    if found is None:
        asked: dict[str, api.pairs_known.Checked] = st.session_state.setdefault(_ASKED, {})
        found = asked[pair.name].findings if pair.name in asked else None
    if found is None:
        _ask_first(pair)
        return
    red = [one for one in found if one.level == "red"]
    st.markdown(plain("No, as it is." if red else "Yes, by their configs and headers."))
    for one in sorted(found, key=lambda one: list(_ICONS).index(one.level), reverse=True):
        # The level stands in an icon of its own shape and in a colour.
        mark = f":{_COLOURS[one.level]}[{_ICONS[one.level]}]"
        st.markdown(f"{mark} **{plain(one.topic)}**: {plain(one.words)}")
    if api.not_here(pair) is not None and not red:
        st.caption("Fetches the weights, and goes on where it was cut:")
        st.code(f"python -m core pairs check {pair.name} --download", language="bash")


def _ask_first(pair: api.PairEntry) -> None:
    st.info(
        "Its weights are not on this machine. The hub can be asked for configs, headers, licence "
        "and size: a few hundred kilobytes, no weights.",
        icon=":material/info:",
    )
    st.button("Ask the hub", type="primary", on_click=_ask, args=(pair.name,))
    st.code(f"python -m core pairs check {pair.name} --online", language="bash")
    about, said = st.session_state.get(_REFUSED, ("", ""))
    if about == pair.name:
        st.error(plain(said), icon=":material/error:")


def _ask(name: str) -> None:
    st.session_state.pop(_REFUSED, None)
    try:
        with st.spinner("Asking the hub: configs, headers, licence, size …"):
            st.session_state.setdefault(_ASKED, {})[name] = api.pairs_known.ask(name)
    except PartwayError as error:
        st.session_state[_REFUSED] = (name, str(error))


def known() -> None:
    """Every pair, and a form for one's own."""
    st.subheader("Every known pair", anchor=False)
    checked = api.pairs_known.verified()
    st.dataframe(
        [_row(one, checked) for one in api.pairs().values()],
        hide_index=True,
        placeholder="–",
        height=320,
        alt="Known pairs",
    )
    st.caption(
        "Ids are as published, as far as is known here; commit, licence and size stay unverified "
        "until the hub is asked (`python -m core pairs check NAME --online`)."
    )
    _form()


def _row(
    entry: api.PairEntry, checked: "dict[str, api.pairs_known.Verified]"
) -> dict[str, str | int | None]:
    model = checked[entry.instruct].model if entry.instruct in checked else None
    unknown = "in a folder" if Path(entry.instruct).is_absolute() else "unverified"
    return {
        "Pair": entry.name,
        "From": GROUPS.get(entry.group, _OWN),
        "Base": entry.base.rsplit("/", 1)[-1] if entry.embedded else entry.base,
        "Instruct": entry.instruct.rsplit("/", 1)[-1] if entry.embedded else entry.instruct,
        "Commit": (entry.instruct_revision or "")[:12] or unknown,
        "Licence": (model.licence if model else None) or unknown,
        "Parameters": model.parameters if model else None,
        "To know": entry.note,
    }


def _form() -> None:
    with st.expander("Add a pair of your own"), st.form("new-pair", border=False):
        with st.container(key="study-row"):
            columns = st.columns(3, gap="medium")
        name = columns[0].text_input("Name", placeholder="my-pair")
        base = columns[1].text_input("Base", placeholder="/models/base or org/model")
        instruct = columns[2].text_input("Instruct", placeholder="/models/instruct or org/model")
        if st.form_submit_button("Add", type="primary", icon=":material/add:"):
            _add(api.pairs_known.NewPair(name, base, instruct))
        if said := st.session_state.get(_SAID):
            st.error(plain(said), icon=":material/error:")
        if done := st.session_state.get(_DONE):
            st.success(plain(done), icon=":material/check:")
    st.caption(
        plain(
            f"It is written into {api.pairs_known.where()}, which may be edited by hand. A LoRA "
            "adapter as the instruct side is added from the command line, where it is merged "
            "first: python -m core pairs add NAME --base PLACE --instruct ADAPTER"
        )
    )


def _add(new: "api.pairs_known.NewPair") -> None:
    st.session_state[_SAID] = st.session_state[_DONE] = None
    try:
        entry = api.pairs_known.add(new)
    except PartwayError as error:
        st.session_state[_SAID] = str(error)
        return
    st.session_state[_DONE] = f"{entry.name} is added. Choose it in the list of pairs on the left."
    st.rerun()  # the list of pairs was drawn before
