"""The Pairs page: what lies between the parents, with and without anything measured."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import api
from core.jobs.look_worker import run_folder
from core.pairs.registry import PairEntry
from core.settings import read_settings
from tests.tiny_pair import write_registry, write_tiny_pair
from tests.ui.conftest import FakeWorkers, OpenApp


def pairs(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app(**parameters).switch_page("pages/pairs.py").run()
    assert not app.exception and not app.error
    return app


def words(app: AppTest) -> str:
    return "\n".join(one.value.replace("\\", "") for one in [*app.markdown, *app.caption])


@pytest.mark.usefixtures("no_engine")
def test_the_embedded_pair_shows_where_it_changed(open_app: OpenApp) -> None:
    app = pairs(open_app)
    assert "of the change lies in the MLP" in words(app)
    table = next(one.value for one in app.dataframe if "At λ = 1" in one.value)
    assert table["At λ = 1"].iloc[0] == "nothing (base)"
    line = api.trade_off("tinyworld", "lam:1")
    assert line is not None
    base = line.at(api.Lam(0))
    assert base is not None
    assert table["Few-shot accuracy (%)"].iloc[0] == base.icl.value


@pytest.mark.usefixtures("no_engine")
def test_a_pair_that_is_not_here_says_so(open_app: OpenApp) -> None:
    app = pairs(open_app, pair="llama-2-7b-chat-hf")
    assert any("not on this machine" in one.value.replace("\\", "") for one in app.info)
    assert "llama-2-7b-chat-hf --online" in "\n".join(one.value for one in app.code)


@pytest.mark.usefixtures("no_engine")
def test_a_pair_of_ones_own_is_added_and_can_be_chosen(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTWAY_PAIRS", str(tmp_path / "pairs.toml"))
    parents = write_tiny_pair(tmp_path)
    app = pairs(open_app)
    for label, text in (("Name", "mine"), ("Base", parents.base), ("Instruct", "no hub id")):
        next(one for one in app.text_input if one.label == label).set_value(text)
    next(one for one in app.button if one.label == "Add").click().run()
    assert any("no hub id" in one.value for one in app.error)
    next(one for one in app.text_input if one.label == "Instruct").set_value(parents.instruct)
    next(one for one in app.button if one.label == "Add").click().run()
    assert any("mine is added" in one.value for one in app.success)
    app.selectbox(key="pair_picker").set_value("mine").run()
    assert not app.exception and "Yes, by their configs and headers." in words(app)


@pytest.mark.usefixtures("no_engine")
def test_weights_are_read_in_a_process_of_its_own(
    open_app: OpenApp, workers: FakeWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path))
    for name, path in (("PAIRS", registry), ("RESULTS", tmp_path / "r"), ("STATE", tmp_path / "s")):
        monkeypatch.setenv(f"PARTWAY_{name}", str(path))
    app = pairs(open_app, pair="tiny")
    next(one for one in app.button if one.label == "Read them now").click().run()
    (command,) = workers.commands
    assert command[2] == "core.jobs.look_worker"
    assert any(one.key == "weights_cancel" for one in app.button)
    workers.end()
    assert run_folder(Path(command[3]), read_settings()) == 0
    assert "Tuning moved the weights by" in words(pairs(open_app, pair="tiny"))


@pytest.mark.usefixtures("no_engine")
def test_a_folder_that_is_gone_is_no_question_for_the_hub(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = PairEntry("gone", "gone", str(tmp_path / "no"), "org/model")
    monkeypatch.setenv("PARTWAY_PAIRS", str(write_registry(tmp_path / "pairs.toml", gone)))
    app = pairs(open_app, pair="gone")
    assert "No, as it is." in words(app) and "does not exist" in words(app)
    assert all(one.label != "Ask the hub" for one in app.button)
