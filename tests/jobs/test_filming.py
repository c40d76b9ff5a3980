"""Films: columns grow together, stop at once, outlive a page, and keep what had come."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from core.engine import many_choice
from core.engine.fake import FakeEngine
from core.engine.many_choice import Known
from core.engine.protocol import Answers, Chunk, Engine, Form, Message, Prompt
from core.engine.torch_engine import TorchEngine
from core.errors import ContextOverflow, EngineUnavailable, StoreError
from core.jobs.filming import Film, Reel, Still, Take
from core.jobs.scene import Place, Scene
from core.lam import Lam
from core.spec import Decoding
from core.store.filmstrip import Filmstrip
from core.store.filmstrips import FilmstripStore
from tests.engine.served import serving

SECONDS = 10.0
LAMS = tuple(Lam(100 * step) for step in range(11))
PLACES = tuple(Place("tinyworld", lam) for lam in LAMS)


def scene(places: tuple[Place, ...] = PLACES, text: str = "Name a fruit.") -> Scene:
    return Scene("chat", (Message("user", text),), places, Decoding(40))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.003)


def filmed(engine: Engine, asked: Scene, done: Sequence[Take] = ()) -> tuple[Film, list[Filmstrip]]:
    """A film that has ended, and what it kept."""
    kept: list[Filmstrip] = []
    film = Film(asked, lambda: engine, kept.append, done)
    until(lambda: not film.live)
    return film, kept


class Endless(FakeEngine):
    """Writes until it is closed; blended, or each λ alone in turns as the host has it."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form
        self.open = 0
        self.asked: list[str] = []

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        self.open += 1
        try:
            yield Answers(self.form, "Made up.")
            for count in itertools.count(1):
                for row in range(len(lams)):
                    yield Chunk(row, "la ", count, ids=(count,))
                time.sleep(0.001)
        finally:
            self.open -= 1

    def stream(self, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> Iterator[Chunk]:
        self.open += 1
        self.asked.append(str(lam))
        try:
            for count in itertools.count(1):
                yield Chunk(0, "la ", count, ids=(count,))
                time.sleep(0.001)
        finally:
            self.open -= 1


class Dying(FakeEngine):
    """Ends after the first column has, as a killed process does."""

    def stream_many(
        self,
        pair: str,
        lams: Sequence[Lam],
        prompt: Prompt,
        decoding: Decoding,
        form: Form | None = None,
    ) -> Iterator[Answers | Chunk]:
        yield Answers("blended", "Made up.")
        yield Chunk(0, "all of it", 3, "stop", ids=(1, 2, 3))
        yield Chunk(1, "half a", 1, ids=(4,))
        raise EngineUnavailable("The engine does not answer.")


def test_every_column_says_what_the_engine_says_and_is_kept() -> None:
    engine = FakeEngine()
    film, (strip,) = filmed(engine, scene())
    prompt = engine.render_chat("tinyworld", [Message("user", "Name a fruit.")])
    assert film.prompts == {"tinyworld": prompt.text} == dict(strip.prompts)
    for take, answer in zip(film.look(), strip.answers, strict=True):
        (said,) = engine.generate("tinyworld", take.place.lam, [prompt], Decoding(40))
        assert (take.text, take.tokens, take.state) == (said.text, said.tokens, "ended")
        assert (answer.text, answer.finish, answer.form) == (said.text, "stop", "blended")
    assert strip.complete and strip.strip_id == film.strip_id


def test_a_kept_film_looks_as_it_did(tiny_engine: TorchEngine, tmp_path: Path) -> None:
    places = tuple(Place("tiny", lam) for lam in LAMS[:3])
    asked = Scene("completion", (Message("user", "the river"),), places, Decoding(12))
    film, (strip,) = filmed(tiny_engine, asked)
    assert all(len(take.ids) == take.tokens > 0 for take in film.look())  # the very tokens
    shelf = FilmstripStore(tmp_path)
    shelf.save(strip)
    still = Still(shelf.read(strip.strip_id))
    assert still.scene == film.scene and still.prompts == film.prompts and not still.live
    seen = [(one.place, one.state, one.text, one.tokens, one.ids) for one in film.look()]
    assert [(t.place, t.state, t.text, t.tokens, t.ids) for t in still.look()] == seen


@pytest.mark.parametrize("form", ["blended", "materialised"])
def test_all_columns_grow_at_the_same_time_and_stop_ends_the_engines_work(form: Form) -> None:
    engine = Endless(form)
    kept: list[Filmstrip] = []
    film = Film(scene(), lambda: engine, kept.append)
    until(lambda: all(take.tokens > 3 for take in film.look()))
    assert {take.state for take in film.look()} == {"writing"}
    assert {take.form for take in film.look()} == {form}
    assert ("take turns" in film.look()[0].why) == (form == "materialised")
    assert sorted(engine.asked) == (sorted(map(str, LAMS)) if form == "materialised" else [])
    film.stop()
    assert {take.state for take in film.look()} == {"stopped"}
    texts = [take.text for take in film.look()]
    until(lambda: not film.live)
    assert engine.open == 0
    assert [take.text for take in film.look()] == texts  # nothing grows after the stop
    assert [answer.finish for answer in kept[0].answers] == ["cancelled"] * 11


def test_several_pairs_are_written_together() -> None:
    places = (Place("tinyworld", Lam(500)), Place("pocketworld", Lam(500)), *PLACES[:2])
    engine = Endless("blended")
    film = Film(scene(places), lambda: engine, lambda strip: None)
    until(lambda: all(take.tokens > 3 for take in film.look()))
    film.stop()
    until(lambda: not film.live)
    assert set(film.prompts) == {"tinyworld", "pocketworld"} and engine.open == 0


def test_an_engine_that_dies_leaves_what_had_come_and_says_so() -> None:
    film, (strip,) = filmed(Dying(), scene(PLACES[:3]))
    assert film.problem == "The engine does not answer."
    assert [(take.state, take.text) for take in film.look()] == [
        ("ended", "all of it"),
        ("failed", "half a"),
        ("failed", ""),
    ]
    assert [answer.finish for answer in strip.answers] == ["stop", "failed", "failed"]
    assert strip.answers[1].problem == "The engine does not answer."


def test_the_unfinished_are_asked_again_and_the_others_are_not() -> None:
    first, _ = filmed(Dying(), scene(PLACES[:3]))
    again, (strip,) = filmed(FakeEngine(), first.scene, first.look())
    whole, _ = filmed(FakeEngine(), first.scene)
    assert again.look()[0].text == "all of it"
    assert [take.text for take in again.look()[1:]] == [take.text for take in whole.look()[1:]]
    assert strip.complete


def test_nobody_looking_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.filming.ABANDONED_SECONDS", 0.05)
    film, _ = filmed(Endless("blended"), scene())
    assert {take.state for take in film.look()} == {"stopped"}


@pytest.mark.parametrize("error", [ContextOverflow("Too long. Shorten it."), ValueError("bug")])
def test_a_prompt_that_is_refused_is_one_sentence_and_keeps_nothing(error: Exception) -> None:
    class Refusing(FakeEngine):
        def stream_many(self, *given: object, **more: object) -> Iterator[Answers | Chunk]:
            raise error
            yield

    film, kept = filmed(Refusing(), scene())
    assert film.problem is not None and film.problem.count(".") >= 1 and kept == []
    assert {take.state for take in film.look()} == {"failed"}


def test_an_engine_that_does_not_start_is_one_sentence() -> None:
    def refuse() -> Engine:
        raise EngineUnavailable("No engine. Try again.")

    film = Film(scene(), refuse, lambda strip: None)
    until(lambda: not film.live)
    assert film.problem == "No engine. Try again." and film.as_strip() is None


def test_a_full_disk_loses_no_answer_on_screen() -> None:
    def full(strip: Filmstrip) -> None:
        raise StoreError("The disk is full.")

    film = Film(scene(), FakeEngine, full)
    until(lambda: not film.live)
    assert film.unkept == "The disk is full." and film.problem is None
    assert all(take.text for take in film.look())


def test_another_page_finds_a_running_film_by_its_id() -> None:
    reel, gate = Reel(), threading.Event()

    class Slow(FakeEngine):
        def load(self, pair):  # type: ignore[no-untyped-def]
            gate.wait(SECONDS)
            return super().load(pair)

    film = reel.add(Film(scene(), Slow, lambda strip: None))
    assert reel.find(film.film_id) is film and film.live
    assert reel.find("another") is None
    gate.set()
    until(lambda: not film.live)
    for _ in range(30):
        reel.add(Film(scene(), FakeEngine, lambda strip: None))
    until(lambda: not any(one.live for one in reel._films.values()))
    reel.add(Film(scene(), FakeEngine, lambda strip: None))
    assert len(reel._films) <= 25  # the oldest that have ended are forgotten


def test_merged_models_take_turns_on_a_host(
    tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a pair cannot be blended the columns grow together all the same."""
    monkeypatch.setattr(many_choice, "what_is_known", lambda resident: Known(None, "by a test"))
    places = tuple(Place("tiny", lam) for lam in LAMS[:4])
    asked = Scene("completion", (Message("user", "the river"),), places, Decoding(200))
    with serving(lambda: tiny_engine) as (client, _):
        film = Film(asked, lambda: client, lambda strip: None)
        grown: set[tuple[bool, ...]] = set()
        while film.live:
            grown.add(tuple(take.open and take.tokens > 0 for take in film.look()))
            time.sleep(0.001)
    assert film.problem is None and {take.form for take in film.look()} == {"materialised"}
    assert any(sum(open_ones) > 1 for open_ones in grown)  # more than one in the middle of its text
    for take in film.look():
        (said,) = tiny_engine.generate("tiny", take.place.lam, [Prompt("the river")], Decoding(200))
        assert (take.text, take.tokens) == (said.text, said.tokens)
