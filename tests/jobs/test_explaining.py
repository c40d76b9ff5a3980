"""Why it changed: flips on the grid are told as such, and hundredths hold what they say."""

from pathlib import Path

import pytest

from core.engine.fake import FakeEngine
from core.engine.protocol import Message, TokenChance
from core.engine.torch_engine import TorchEngine
from core.errors import InputError
from core.jobs.explaining import flips_at, narrow, see
from core.jobs.filming import Film
from core.jobs.scene import Place, Scene
from core.lam import BASE, INSTRUCT, Lam
from core.reports.token_flips import Flip, between, flips, in_words, leavings, show
from core.spec import Decoding
from tests.jobs.test_filming import filmed

LAMS = (BASE, Lam(500), INSTRUCT)
TEXT = "the river runs past"


@pytest.fixture(scope="module")
def film(tiny_engine: TorchEngine) -> Film:
    places = tuple(Place("tiny", lam) for lam in LAMS)
    scene = Scene("completion", (Message("user", TEXT),), places, Decoding(12))
    return filmed(tiny_engine, scene)[0]


def test_a_greedy_answer_is_what_its_own_lambda_never_leaves(
    tiny_engine: TorchEngine, film: Film
) -> None:
    for row, lam in enumerate(LAMS):
        seen = see(tiny_engine, film, row, 600)
        assert seen.lams == LAMS and seen.trace.tokens == film.look()[row].ids
        left = {one.lam: one.at for one in leavings(seen.lams, seen.trace)}
        assert left[lam] is None
        for lam_left, place in left.items():
            own, theirs = film.look()[row].ids, film.look()[LAMS.index(lam_left)].ids
            same = next(
                (at for at, (a, b) in enumerate(zip(own, theirs, strict=False)) if a != b), None
            )
            assert place == same


def test_hundredths_are_where_the_engine_says_they_are(
    tiny_engine: TorchEngine, film: Film
) -> None:
    seen = see(tiny_engine, film, 1, 600)
    place = next(at for at in range(len(seen.trace.tokens)) if flips_at(seen, at))
    found = narrow(tiny_engine, seen, place)
    assert found and all(flip.width <= 10 and not between(flip) for flip in found)
    again = see(tiny_engine, film, 1, place + 1).request
    lams = [lam for flip in found for lam in (flip.left, flip.right)]
    trace = tiny_engine.trace("tiny", lams, again, "materialised")
    tops = [told.top[place][0].token for told in trace.lams]
    assert tops == [top.token for flip in found for top in (flip.before, flip.after)]


def test_a_column_alone_of_its_pair_is_read_under_both_parents_too(
    tiny_engine: TorchEngine,
) -> None:
    scene = Scene("completion", (Message("user", TEXT),), (Place("tiny", Lam(300)),), Decoding(4))
    alone, _ = filmed(tiny_engine, scene)
    assert see(tiny_engine, alone, 0, 600).lams == (BASE, Lam(300), INSTRUCT)


def test_an_answer_without_a_token_is_one_sentence(tmp_path: Path, film: Film) -> None:
    class Silent(FakeEngine):
        def stream_many(self, *given, **more):  # type: ignore[no-untyped-def]
            yield from ()

    scene = Scene("completion", (Message("user", TEXT),), (Place("tiny", Lam(300)),), Decoding(4))
    empty, kept = filmed(Silent(), scene)
    assert kept == []
    with pytest.raises(InputError, match="nothing to read"):
        see(FakeEngine(), empty, 0, 600)


def chance(text: str) -> TokenChance:
    return TokenChance(text, ord(text[-1]), -0.1)


def test_flips_are_between_neighbours_whatever_the_order_asked() -> None:
    found = flips((Lam(1000), BASE, Lam(500)), (chance("b"), chance("a"), chance("a")))
    assert found == (Flip(Lam(500), INSTRUCT, chance("a"), chance("b")),)
    words = in_words(found, False)
    assert "between λ 0.5 and 1 from “a” to “b”" in words and "the λ of the columns" in words
    assert "nothing is said of λ in between" in in_words((), False)
    assert "every hundredth" in in_words(found, True)


def test_looking_closer_takes_hundredths_and_ends() -> None:
    flip = Flip(Lam(200), Lam(300), chance("a"), chance("b"))
    assert [lam.thousandths for lam in between(flip)] == list(range(210, 300, 10))
    assert between(Flip(Lam(200), Lam(210), chance("a"), chance("b"))) == ()
    assert between(Flip(Lam(201), Lam(209), chance("a"), chance("b"))) == ()
    whole = between(Flip(Lam(-500), Lam(2000), chance("a"), chance("b")))
    assert 5 < len(whole) <= 11 and all(lam.thousandths % 10 == 0 for lam in whole)


def test_a_tokens_spaces_can_be_seen() -> None:
    assert show("  a\n") == "“··a↵”"
