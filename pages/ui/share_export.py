"""An export on the page: what it would take, the button, how far it is, and what came of it.

Nothing is written before the button; what is refused is said where the button stands.
"""

import streamlit as st

from core import api
from core.errors import PartwayError
from core.lam import Lam
from pages.ui import link
from pages.ui.sweep_plan import duration
from pages.ui.waiting import waiting
from pages.ui.words import plain

sharing = api.sharing
POLL_SECONDS = 1.0
EXPORT = "export"
FOLDER, OFFERED, PROBLEM = "share_folder", "share_offered", "share_problem"
_ENDINGS = {
    "done": "Written",
    "cancelled": "Cancelled",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "paused": "Paused",
}
_ICONS = {
    "done": ":material/check_circle:",
    "cancelled": ":material/cancel:",
    "failed": ":material/error:",
    "interrupted": ":material/pause_circle:",
    "paused": ":material/pause_circle:",
}


def export_here(pair: api.PairEntry, lam: Lam, line: api.TradeOff | None) -> None:
    """Folder, numbers and button for the λ on the dial."""
    _offer(pair.name, lam)
    missing = api.not_here(pair)
    if missing is not None:
        st.info(plain(missing), icon=":material/info:")
        return
    with st.container(border=True, key="share-card"):
        st.text_input(
            "Folder on the machine that runs Partway (new or empty)",
            key=FOLDER,
            max_chars=1024,
        )
        plan = sharing.plan(pair.name, lam, st.session_state[FOLDER])
        _facts(plan, lam, line)
        with st.container(horizontal=True, vertical_alignment="center", key="share-start"):
            write = st.button(
                f"Write λ = {lam}" if not plan.kept_bytes else f"Go on writing λ = {lam}",
                type="primary",
                icon=":material/download:",
                key="share_write",
                disabled=plan.refused is not None,
            )
            if plan.refused is not None:
                st.markdown(f":material/block: {plain(plan.refused)}")
        if write and plan.export is not None:
            _start(plan.export)
            st.rerun()  # the whole page: what is being written stands below the dial's part
        if told := st.session_state.get(PROBLEM):
            st.error(plain(told), icon=":material/error:")
        st.caption("The same without a browser")
        st.code(sharing.command(pair.name, lam), language="bash", wrap_lines=True)


def _offer(pair: str, lam: Lam) -> None:
    """A folder named after pair and λ, until the person types another."""
    state, offer = st.session_state, sharing.default_folder(pair, lam)
    if state.get(FOLDER) in (None, "", state.get(OFFERED)):
        state[FOLDER] = offer
    else:
        state[FOLDER] = state[FOLDER]  # kept when another page was looked at
    state[OFFERED] = offer


def _facts(plan: "sharing.ExportPlan", lam: Lam, line: api.TradeOff | None) -> None:
    free = "not known" if plan.free_bytes is None else api.as_size(plan.free_bytes)
    needed = f"{api.as_size(plan.needed_bytes)}, with some to spare"
    facts = {
        "Weights": f"{api.as_size(plan.weights_bytes)} in {plan.dtype}",
        "Needed on the disk": needed if plan.export is not None else "nothing is written there",
        "Free there": free if plan.export is not None else "not looked at",
        "Export id": plan.export_id or "known once written: these parents take long to hash",
        "On its card": _measured(lam, line),
    }
    if plan.kept_bytes:
        kept = f"{api.as_size(plan.kept_bytes)} by an export that was interrupted"
        facts["Written already"] = kept
    st.table(
        {name: plain(fact) for name, fact in facts.items()}, hide_header=True, border="horizontal"
    )


def _measured(lam: Lam, line: api.TradeOff | None) -> str:
    point = line.at(lam) if line is not None else None
    if point is None:
        return "nothing was measured at this λ, and the card says so"
    return "few-shot accuracy and win rate as measured at this λ, with n and run ids"


def _start(export: "sharing.Export") -> None:
    st.session_state.pop(PROBLEM, None)
    try:
        job_id = sharing.start(export)
    except PartwayError as error:
        st.session_state[PROBLEM] = str(error)
        return
    link.write(EXPORT, job_id)


def exports(pair: api.PairEntry) -> None:
    """The export of the address, or the pair's newest; then a list of all."""
    known = {one.job_id: one for one in sharing.exports()}
    shown = _chosen(known, pair)
    if shown is None:
        return
    st.subheader(f"{shown.export.pair} at λ = {shown.export.lam}", anchor=False)
    _one(shown)
    if len(known) > 1:
        with st.expander(f"All exports ({len(known)})"):
            for one in known.values():
                _row(one, shown.job_id)


def _chosen(
    known: "dict[str, sharing.ExportState]", pair: api.PairEntry
) -> "sharing.ExportState | None":
    asked = link.asked(EXPORT) or link.taken(EXPORT)
    if asked:
        link.note(EXPORT, asked)
        if asked in known:
            return known[asked]
        try:
            return sharing.state(asked)
        except PartwayError as error:
            st.warning(plain(str(error)), icon=":material/link_off:")
    own = (one for one in known.values() if one.export.pair.partition("~")[0] == pair.name)
    return next(own, None)


def _row(one: "sharing.ExportState", shown: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"export-{one.job_id}"):
        st.markdown(
            f"**{plain(one.export.pair)}** λ = {one.export.lam} · "
            f"{plain(str(one.export.out))} · {one.job.status}",
            width="stretch",
        )
        st.button(
            "Show",
            key=f"show-{one.job_id}",
            disabled=one.job_id == shown,
            on_click=link.write,
            args=(EXPORT, one.job_id),
        )


def _one(state: "sharing.ExportState") -> None:
    job = state.job
    if job.under_way:
        st.fragment(_running, run_every=POLL_SECONDS)(state.job_id)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="share-ended"):
        words = f"{_ENDINGS[job.status]}. {'' if job.status == 'done' else job.message}"
        st.markdown(f"{_ICONS[job.status]} {plain(words.strip())}", width="stretch")
        if job.status != "done":
            st.button(
                "Go on",
                icon=":material/play_arrow:",
                key="share_on",
                on_click=_start,
                args=(state.export,),
            )
    if state.done is not None and job.status == "done":
        _result(state.done)


def _running(job_id: str) -> None:
    state = sharing.state(job_id)
    job = state.job
    if not job.under_way:
        st.rerun()
    share = min(job.done / job.total, 1.0) if job.total else 0.0
    st.progress(share, plain(_so_far(state)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Cancel",
            icon=":material/close:",
            key="share_cancel",
            on_click=sharing.cancel,
            args=(job_id,),
        )
        st.caption("It goes on when this page is closed; its address finds it again.")


def _so_far(state: "sharing.ExportState") -> str:
    job = state.job
    if (told := waiting(job)) is not None or not job.total:
        return told or job.message or "Starting…"
    left = "" if job.eta_seconds is None else f" · about {duration(job.eta_seconds)} left"
    return f"{api.queueing.amount(job)} written to {state.export.out}{left}"


def _result(done: "sharing.ExportDone") -> None:
    found = sharing.recipes(done)
    if found.own is None:
        st.warning(
            plain(f"{done.folder} is not there any more, or was changed. Write it again above."),
            icon=":material/folder_off:",
        )
        return
    kept = f", {api.as_size(done.kept_bytes)} of them before" if done.kept_bytes else ""
    told = "with what was measured" if done.measured else "nothing was measured at this λ"
    facts = {
        "Weights": f"{api.as_size(done.size_bytes)}{kept}, in {done.seconds:.1f} s",
        "Export id": done.export_id,
        "Card": f"README.md, {told}",
    }
    st.table(
        {name: plain(fact) for name, fact in facts.items()}, hide_header=True, border="horizontal"
    )
    st.caption("It lies in")
    st.code(done.folder, language=None, wrap_lines=True)
    st.caption("Serve it elsewhere, or load it in transformers by that folder's name")
    st.code("\n".join(sharing.serve_lines(done.folder)), language="bash", wrap_lines=True)
    with st.expander("Recipe: the same bits again"):
        st.code(sharing.again(done), language="bash", wrap_lines=True)
        st.code(found.own, language="json")
        if found.mergekit is not None:
            st.caption("For mergekit (mergekit.yaml)")
            st.code(found.mergekit, language="yaml")
