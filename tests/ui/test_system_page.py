"""What the System page says of an engine, and what it does only when asked."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.engine.fake import FakeEngine
from core.engine.pair_plan import plan_pair
from core.engine.room import GIB, MIB, Room
from core.lam import Lam
from core.pairs.sizes import Sizes
from tests.ui.conftest import OpenApp

LOADED = replace(FakeEngine().load("tinyworld"), parameters=3_400_000, weights_bytes=13 * MIB)
HOST = api.HostStatus(
    status="busy",
    message="",
    pid=4242,
    code="",
    pairs=(LOADED, replace(LOADED, identity=replace(LOADED.identity, name="other"))),
    leases={"tinyworld": 2, "other": 0},
    at_work=(
        api.AtWork("score", "tinyworld", (Lam(300),)),
        *[api.AtWork("stream", "tinyworld", (Lam(650),))] * 3,
    ),
    interactive=0,
    batch=2,
    tokens_per_second=41.6,
    resident_bytes=39 * MIB,
    form="blended",
    device="cpu",
    dtype="float32",
)
BUSY = api.EngineState("busy", "http://127.0.0.1:9", 4242, ("tinyworld", "other"), "cpu", host=HOST)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that scores at λ = 0.3 and holds two pairs."""
    monkeypatch.setattr(api, "engine_state", lambda: BUSY)
    monkeypatch.setattr(api, "memory_plan", lambda pair: None)


def system(open_app: OpenApp) -> AppTest:
    app = open_app().switch_page("pages/system.py").run()
    assert not app.exception and not app.error
    return app


def words(app: AppTest) -> str:
    """Everything that a person can read."""
    tables = " ".join(table.value.to_string() for table in app.table)
    said = [one.value for kind in (app.markdown, app.caption, app.warning) for one in kind]
    return (" ".join(said) + tables).replace("\\", "")


@pytest.mark.usefixtures("busy", "no_engine")
def test_the_page_says_what_the_engine_does_and_holds(open_app: OpenApp) -> None:
    said = words(system(open_app))
    assert "in use by 2 requests" in said and "· idle" in said
    assert "scoring tinyworld @ 0.3; writing tinyworld @ 0.65 (3 requests)" in said
    for expected in ("scoring tinyworld @ 0.3", "41.6 tokens/s", "blended", "39.0 MiB"):
        assert expected in said
    assert "0 from people, 2 from batches" in said


@pytest.mark.usefixtures("busy")
def test_only_an_idle_pair_can_be_unloaded(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(api, "unload", asked.append)
    buttons = {one.key: one for one in system(open_app).button if one.label == "Unload"}
    assert buttons["unload-tinyworld"].disabled
    buttons["unload-other"].click().run()
    assert asked == ["other"]


@pytest.mark.usefixtures("busy")
def test_a_refused_plan_is_told_with_its_sum(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = api.MemoryPlan("refused", GIB, 3 * GIB, 0, GIB, "It needs 3 × 1.0 GiB = 3.0 GiB.")
    monkeypatch.setattr(api, "memory_plan", lambda pair: plan)
    said = words(system(open_app))
    assert "Does not fit" in said and "It needs 3 × 1.0 GiB = 3.0 GiB." in said


@pytest.mark.usefixtures("no_engine")
def test_an_engine_that_died_is_told_and_nothing_is_started(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = api.EngineState("absent", message="The engine ended unexpectedly.", died=1)
    monkeypatch.setattr(api, "engine_state", lambda: state)
    app = system(open_app)
    assert "ended unexpectedly" in app.warning[0].value
    assert "ended unexpectedly" in words(app)


@pytest.mark.usefixtures("busy")
def test_a_pair_on_several_devices_is_told_by_device(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = Sizes(16 * GIB, (GIB // 2,) * 30, GIB)
    plan = plan_pair(sizes, [Room(f"cuda:{n}", 40 * GIB, GIB) for n in range(2)])
    monkeypatch.setattr(api, "memory_plan", lambda pair: plan)
    said = words(system(open_app))
    assert "Fits on several devices together" in said
    for share in plan.shares:
        assert f"On {share.device}" in said and f"{share.layers} layers" in said
