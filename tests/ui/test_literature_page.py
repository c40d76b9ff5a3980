"""The Literature page: every table opens, and a link that means nothing is told."""

import pytest
from streamlit.testing.v1 import AppTest

from core.reports import own_tables
from core.reports.literature import NAMES
from core.settings import read_settings
from tests.ui.conftest import OpenApp


def literature(open_app: OpenApp, **parameters: str) -> AppTest:
    app = open_app(**parameters).switch_page("pages/literature.py").run()
    assert not app.exception and not app.error
    return app


@pytest.mark.usefixtures("unmeasured", "no_engine")
def test_every_table_opens_with_its_caveats(open_app: OpenApp) -> None:
    app = literature(open_app)
    for name in (*NAMES[1:], "partial_adaptation", "own", NAMES[0]):
        app.selectbox(key="table_pick").set_value(name).run()
        assert not app.exception and not app.error
        assert name in app.query_params["table"]
    assert any("Read with care" in one.value for one in app.markdown)


@pytest.mark.usefixtures("unmeasured", "no_engine")
def test_a_link_to_no_table_is_told(open_app: OpenApp) -> None:
    app = literature(open_app, table="nonsense")
    assert any("nonsense" in one.value for one in app.warning)


@pytest.mark.usefixtures("unmeasured", "no_engine")
def test_an_own_table_is_shown_and_removed(open_app: OpenApp) -> None:
    own_tables.keep_table("mine.csv", b"name,a,b\nx,1,2\n", read_settings())
    app = literature(open_app, table="own")
    assert app.dataframe[0].value["a"].tolist() == [1.0]
    next(one for one in app.button if one.label == "Remove this table").click().run()
    assert any("no table of yours" in one.value for one in app.info)
