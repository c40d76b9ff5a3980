"""People's preference over λ: what is absent leaves a gap, what has no interval is hollow."""

from core.figures.preference import in_words, preference_curve
from core.lam import INSTRUCT, Lam
from core.reports.preference import Preference, PreferencePoint
from core.stats.bradley_terry import Chance
from core.stats.span import Span


def point(lam: str, chance: Chance) -> PreferencePoint:
    return PreferencePoint(Lam.parse(lam), chance, 1, 0, 1, 0)


FOUND = Preference(
    INSTRUCT,
    votes=30,
    decided=30,
    both_bad=0,
    prompts=9,
    people=("Ada",),
    points=(
        point("0", Chance(6, 0.2, Span(0.1, 0.35))),
        point("0.5", Chance(6, None, reason="no chain of votes links the two")),
        point("0.9", Chance(6, 0.6, reason="fewer than 5 prompts")),
        point("1", Chance(12, 0.5)),
    ),
)


def test_every_lam_is_drawn_as_far_as_it_is_known() -> None:
    (people,) = preference_curve(FOUND).data
    assert list(people.y) == [20.0, None, 60.0, 50.0] and people.connectgaps is False
    assert list(people.error_y.arrayminus) == [10.0, 0.0, 0.0, 0.0]
    assert [round(value, 6) for value in people.error_y.array] == [15.0, 0.0, 0.0, 0.0]
    hollow = [symbol.endswith("-open") for symbol in people.marker.symbol]
    assert hollow == [False, True, True, False]


def test_the_words_hold_every_number_or_its_reason() -> None:
    said = in_words(FOUND)
    assert "λ 0: 20 %, 10 to 35 (n = 6)" in said
    assert "λ 0.5: no value, no chain of votes links the two (n = 6)" in said
    assert "λ 1:" not in said  # by definition
