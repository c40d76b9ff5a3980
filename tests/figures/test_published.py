"""What others printed looks like nothing measured here, and a name is never HTML."""

from core.figures.literature import own_figure, published_figures
from core.reports.literature import read_published
from core.reports.own_tables import parse_table


def test_every_marker_is_hollow_and_the_corner_says_whose_numbers() -> None:
    for figure, words in published_figures(read_published("gsm8k_pass_at_20")):
        markers = [t.marker.symbol for t in figure.data if t.mode == "markers"]
        assert len(markers) == 2 and all(symbol.endswith("-open") for symbol in markers)
        assert figure.layout.annotations[0].text == "published, not measured here"
        assert "published, not measured here" in words and "Llama3-3B: base" in words


def test_panels_share_a_window() -> None:
    figures = published_figures(read_published("medcalc_pass_at_20"), "dosage")
    windows = {drawn.figure.layout.xaxis.range for drawn in figures}
    assert len(figures) == 3 and len(windows) == 1


def test_a_table_by_a_person_is_text() -> None:
    table = parse_table("t", "name,a\n<b>x</b><img src=y>,1\n")
    figure, _ = own_figure(table, "a", None)
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;x&lt;/b&gt;&lt;img src=y&gt;",)
