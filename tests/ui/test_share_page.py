"""The Share page: what an export would take is shown first, and nothing starts by itself."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.worker import run_job
from core.settings import read_settings
from tests.tiny_pair import write_registry, write_tiny_pair
from tests.ui.conftest import FakeWorkers, OpenApp

pytestmark = pytest.mark.usefixtures("no_engine", "unmeasured")


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A random pair of its own beside the embedded ones, and a home without exports."""
    registry = write_registry(tmp_path / "pairs.toml", write_tiny_pair(tmp_path / "parents"))
    monkeypatch.setenv("PARTWAY_PAIRS", str(registry))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()


def share(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app(**{"pair": "tiny", "lam": "0.7", "give": "Model", **parameters})
    app = app.switch_page("pages/share.py").run()
    assert not app.exception and not app.error
    return app


def words(app: AppTest) -> str:
    tables = " ".join(table.value.to_string() for table in app.table)
    shown = [*app.markdown, *app.caption, *app.warning, *app.info, *app.code]
    return (" ".join(one.value for one in shown) + tables).replace("\\", "")


def test_written_in_a_process_of_its_own_and_found_by_its_address(
    open_app: OpenApp, workers: FakeWorkers, tmp_path: Path
) -> None:
    app = share(open_app)
    out = tmp_path / "home/partway-exports/tiny-0.7"
    assert app.text_input(key="share_folder").value == str(out)
    assert "in float32" in words(app) and "nothing was measured" in words(app)
    assert workers.commands == [] and not out.exists()
    app.button(key="share_write").click().run()
    assert not app.exception and not app.error
    (command,) = workers.commands
    folder = Path(command[3])
    assert command[2] == "core.jobs.worker" and folder.parent.name == "jobs"
    assert any(one.key == "share_cancel" for one in app.button)
    workers.end()
    assert run_job(folder, read_settings()).event == "finished"
    again = share(open_app, export=folder.name)
    told = words(again)
    assert f"vllm serve {out}" in told and '"export_id"' in told and "merge_method" in told
    assert "This very λ of this pair lies in" in told
    assert again.button(key="share_write").disabled


def test_a_path_of_parts_has_a_folder_and_an_id_of_its_own(
    open_app: OpenApp, tmp_path: Path
) -> None:
    ids = set()
    for moves, folder in (("", "tiny-0.7"), ("attention", "tiny.attention-0.7")):
        app = share(open_app, moves=moves)
        assert app.text_input(key="share_folder").value == str(
            tmp_path / "home/partway-exports" / folder
        )
        rows = {key: value for table in app.table for key, value in table.value.iloc[:, 0].items()}
        ids.add(rows["Export id"])
    assert len(ids) == 2
    assert "--pair tiny~attention --lam 0.7" in words(app).replace("'", "")
    for bad in ("nonsense", "layers7..9", "attention-attention"):
        app = open_app(pair="tiny", lam="0.7", give="Model", moves=bad)
        app = app.switch_page("pages/share.py").run()
        assert not app.exception
        assert [*app.warning, *app.error], bad


def test_a_folder_that_is_refused_says_why_and_starts_nothing(
    open_app: OpenApp, workers: FakeWorkers, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    app = share(open_app)
    for folder, said in (
        (str(tmp_path / "full"), "not empty"),
        ("relative", "whole path"),
        (str(tmp_path / "parents/base/in"), "parent's own folder"),
    ):
        app.text_input(key="share_folder").set_value(folder).run()
        assert said in words(app) and app.button(key="share_write").disabled
    assert workers.commands == []


def test_an_address_of_no_export_and_a_pair_that_is_not_here(open_app: OpenApp) -> None:
    assert "is not the id of a job" in words(share(open_app, export="../../etc"))
    assert "not on this machine" in words(share(open_app, pair="llama-2-7b-chat-hf"))


def test_what_was_not_measured_has_no_report_and_its_links_keep_what_is_chosen(
    open_app: OpenApp,
) -> None:
    told = words(share(open_app, give="Report"))
    assert "Nothing was measured of tiny yet" in told and "Evaluate" in told
    shown = [one.value for one in share(open_app, give="Links", moves="mlp").code]
    assert len(shown) == 10
    assert any("/items?pair=tiny&lam=0.7" in one for one in shown)
    assert any("/share?pair=tiny&lam=0.7&moves=mlp" in one for one in shown)
    assert "present=1" in words(share(open_app, give="Presentation"))
    app = open_app(pair="tiny", give="Poster").switch_page("pages/share.py").run()
    assert "There is no give = 'Poster'" in words(app)
