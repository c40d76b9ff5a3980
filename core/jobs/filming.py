"""Several columns answering one prompt at the same time, in threads of this process.

    film = Film(scene, open_engine, keep)       # begins at once
    film.look() · film.live · film.stop()       # a page polls; another one may, too

A thread a pair: its λ come in one stream, all in step where the engine blends. Where it does
not, each λ gets a stream of its own, and the engine lets them take turns (a tenth of a second
each, `core/engine/work_queue.py`), so that columns grow together all the same. Whatever
happens, what has come is kept: `keep` gets the filmstrip when every column has ended. It knows
no page; a reload finds it again by its id (`Reel`).
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from core.engine.protocol import Answers, Chunk, Engine, Form, LoadedPair, Prompt
from core.errors import PartwayError, StoreError
from core.jobs.scene import Place, Scene
from core.lam import Lam
from core.store.environment import now
from core.store.filmstrip import Asked, Column, ColumnAnswer, Ending, Filmstrip

State = Literal["waiting", "writing", "ended", "cut", "stopped", "failed"]
OVER: tuple[State, ...] = ("ended", "cut", "stopped", "failed")
ABANDONED_SECONDS = 120.0  # nobody looks: a closed tab; a hidden one looks once a minute
MOST_FILMS = 24  # that a process remembers
_STATES: dict[str | None, State] = {"stop": "ended", "length": "cut", None: "writing"}
_ENDINGS: dict[State, Ending] = {"ended": "stop", "cut": "length", "stopped": "cancelled"}
TURNS = "They take turns of a tenth of a second, so that all of them grow."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Take:
    """What one column has said so far."""

    place: Place
    state: State = "waiting"
    text: str = ""
    tokens: int = 0
    ids: tuple[int, ...] = ()  # the very tokens
    began: float | None = None  # monotonic seconds
    first: float | None = None  # seconds from the question to the first text
    seconds: float = 0.0  # of writing
    form: Form | None = None
    why: str = ""
    problem: str | None = None

    @property
    def open(self) -> bool:
        """More may come."""
        return self.state not in OVER


class Film:
    """All columns of one scene, growing."""

    def __init__(
        self,
        scene: Scene,
        open_engine: Callable[[], Engine],
        keep: Callable[[Filmstrip], object],
        done: Sequence[Take] = (),
    ) -> None:
        """Begin. Columns that have ended in `done` are taken as they are and not asked again."""
        self.film_id = secrets.token_hex(8)
        self.scene = scene
        self.stage = "starting the engine"
        self.prompts: dict[str, str] = {}  # pair → the very text that was encoded
        self.loaded: dict[str, LoadedPair] = {}
        self.strip_id: str | None = None  # known once every pair is loaded
        self.problem: str | None = None
        self.unkept: str | None = None  # why the answers could not be stored
        self.began = time.monotonic()
        self.ended: float | None = None
        ended = {
            take.place: replace(take, first=None)  # that was another question's clock
            for take in done
            if take.state in ("ended", "cut")
        }
        self._takes = tuple(ended.get(place, Take(place)) for place in scene.places)
        self._open_engine, self._keep = open_engine, keep
        self._looked = time.monotonic()
        self._stop = threading.Event()
        self._change = threading.Lock()  # several threads replace parts of one tuple
        threading.Thread(target=self._write_all, daemon=True, name="film").start()

    @property
    def live(self) -> bool:
        """Something may still come."""
        return self.ended is None

    def look(self) -> tuple[Take, ...]:
        """The columns so far; looking keeps them going."""
        self._looked = time.monotonic()
        return self._takes

    def seconds(self) -> float:
        """Since the question was asked, until the last column ended."""
        return (self.ended or time.monotonic()) - self.began

    def stop(self) -> None:
        """End within a step of the engine; the page sees it at once."""
        self._stop.set()
        self._settle("stopped")

    def as_strip(self) -> Filmstrip | None:
        """The columns as they are kept; None as long as a pair was never loaded."""
        if not set(self.scene.pairs) <= set(self.loaded):
            return None
        asked = asked_of(self.scene, self.loaded)
        answers = tuple(_answer(take, self.problem) for take in self._takes)
        return Filmstrip(asked, answers, dict(self.prompts), now(), self.scene.kind)

    def _write_all(self) -> None:
        try:
            self._ask(self._open_engine())
        except PartwayError as error:
            self._fail(str(error))
        except Exception as error:
            _log.exception("filming failed")
            self._fail(_bug(error))
        finally:
            self._settle("failed" if self.problem else "stopped")
            self._store()
            self.ended = time.monotonic()

    def _ask(self, engine: Engine) -> None:
        """Every pair is loaded and has its prompt before the first column begins."""
        for pair in self.scene.pairs:
            self.stage = f"loading {pair}"
            self.loaded[pair] = engine.load(pair)
            self.prompts[pair] = prompt_of(engine, self.scene, pair).text
            if self._over():
                return
        self.strip_id = asked_of(self.scene, self.loaded).strip_id
        self.stage = "writing"
        _together([lambda pair=pair: self._pair(engine, pair) for pair in self.scene.pairs])  # type: ignore[misc]

    def _pair(self, engine: Engine, pair: str) -> None:
        """The unfinished columns of one pair."""
        rows = [
            row for row, take in enumerate(self._takes) if take.place.pair == pair and take.open
        ]
        if not rows:
            return
        lams = [self._takes[row].place.lam for row in rows]
        prompt = Prompt(self.prompts[pair], chat=self.scene.mode == "chat")
        alone: Answers | None = None
        with self._told(rows):
            alone = self._stream(engine, rows, (lams, prompt))
        if alone is not None:
            self._in_turns(engine, rows, alone, prompt)

    def _stream(
        self, engine: Engine, rows: list[int], asked: tuple[list[Lam], Prompt]
    ) -> Answers | None:
        """All rows in one stream; the form instead where they would come one after the other."""
        lams, prompt = asked
        stream = engine.stream_many(
            self._takes[rows[0]].place.pair, lams, prompt, self.scene.decoding
        )
        with closing(stream) as parts:  # type: ignore[type-var]
            for part in parts:
                if isinstance(part, Chunk):
                    self._take(rows[part.row], part)
                elif part.form == "materialised" and len(rows) > 1:
                    return part
                else:
                    self._begin(rows, part)
                if self._over():
                    break
        return None

    def _in_turns(self, engine: Engine, rows: list[int], told: Answers, prompt: Prompt) -> None:
        self._begin(rows, replace(told, why=f"{told.why} {TURNS}"))
        _together([lambda row=row: self._alone(engine, row, prompt) for row in rows])  # type: ignore[misc]

    def _alone(self, engine: Engine, row: int, prompt: Prompt) -> None:
        place = self._takes[row].place
        stream = engine.stream(place.pair, place.lam, prompt, self.scene.decoding)
        with self._told([row]), closing(stream) as chunks:  # type: ignore[type-var]
            for chunk in chunks:
                self._take(row, chunk)
                if self._over():
                    return

    def _told(self, rows: Sequence[int]) -> "_Told":
        return _Told(self, rows)

    def _begin(self, rows: Sequence[int], told: Answers) -> None:
        for row in rows:
            self._change_take(
                row, state="writing", began=time.monotonic(), form=told.form, why=told.why
            )

    def _take(self, row: int, chunk: Chunk) -> None:
        take, moment = self._takes[row], time.monotonic()
        first = take.first
        if first is None and (chunk.text or chunk.finish):
            first = moment - self.began
        self._change_take(
            row,
            text=take.text + chunk.text,
            tokens=chunk.tokens,
            ids=take.ids + chunk.ids,
            first=first,
            seconds=moment - (take.began or moment),
            state=_STATES.get(chunk.finish, "stopped"),
        )

    def _change_take(self, row: int, **changes: object) -> None:
        with self._change:
            take = self._takes[row]
            if take.open:  # what was stopped stays as it is, whatever still arrives
                changed = replace(take, **changes)  # type: ignore[arg-type]
                self._takes = (*self._takes[:row], changed, *self._takes[row + 1 :])

    def _over(self) -> bool:
        abandoned = time.monotonic() - self._looked > ABANDONED_SECONDS
        return self._stop.is_set() or abandoned

    def _fail(self, sentence: str) -> None:
        self.problem = self.problem or sentence

    def _settle(self, ending: State) -> None:
        """Nothing may look as if it were still coming."""
        for row in range(len(self._takes)):
            self._change_take(row, state=ending)

    def _store(self) -> None:
        strip = self.as_strip()
        if strip is None or not any(take.tokens for take in self._takes):
            return
        try:
            self._keep(strip)
        except StoreError as error:
            self.unkept = str(error)


class _Told:
    """A part of the columns whose error is kept beside them, and ends nothing else."""

    def __init__(self, film: Film, rows: Sequence[int]) -> None:
        self._film, self._rows = film, rows

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Tell what went wrong where it went wrong; what has come stays."""
        if error is None or not isinstance(error, Exception):
            return False
        if not isinstance(error, PartwayError):
            _log.error("a column failed", exc_info=error)
        sentence = str(error) if isinstance(error, PartwayError) else _bug(error)
        for row in self._rows:
            self._film._change_take(row, state="failed", problem=sentence)
        self._film._fail(sentence)
        return True


class Still:
    """A kept filmstrip, to be looked at as a film that has ended."""

    live = False
    problem: str | None = None
    unkept: str | None = None
    film_id: str | None = None

    def __init__(self, strip: Filmstrip) -> None:
        self.strip = strip
        self.strip_id = strip.strip_id
        self.scene = scene_of(strip)
        self.prompts = dict(strip.prompts)
        self._takes = takes_of(strip)

    def look(self) -> tuple[Take, ...]:
        """The columns as they were kept."""
        return self._takes


class Reel:
    """The films of this process by their id; the oldest that have ended are forgotten."""

    def __init__(self) -> None:
        self._films: dict[str, Film] = {}

    def add(self, film: Film) -> Film:
        """Remember a film."""
        self._films[film.film_id] = film
        ended = [one for one in self._films.values() if not one.live]
        for old in ended[: max(0, len(self._films) - MOST_FILMS)]:
            del self._films[old.film_id]
        return film

    def find(self, film_id: str) -> Film | None:
        """The film of that id, or None when this process knows none."""
        return self._films.get(film_id)


def asked_of(scene: Scene, loaded: dict[str, LoadedPair]) -> Asked:
    """The scene with the pairs' content, as it is kept."""
    columns = tuple(Column(loaded[one.pair].identity, one.lam) for one in scene.places)
    return Asked(scene.mode, scene.messages, columns, scene.decoding)


def prompt_of(engine: Engine, scene: Scene, pair: str) -> Prompt:
    """The very text that this pair is given."""
    if scene.mode == "chat":
        return engine.render_chat(pair, scene.messages)
    return Prompt("".join(turn.content for turn in scene.messages))


def scene_of(strip: Filmstrip) -> Scene:
    """The question of a kept filmstrip, to be asked again."""
    asked = strip.asked
    places = tuple(Place(column.pair.name, column.lam) for column in asked.columns)
    return Scene(asked.mode, asked.messages, places, asked.decoding, strip.kind)


def takes_of(strip: Filmstrip) -> tuple[Take, ...]:
    """The columns of a kept filmstrip, as if they had just ended."""
    states: dict[Ending, State] = {ending: state for state, ending in _ENDINGS.items()}
    return tuple(
        Take(
            place,
            states.get(answer.finish, "failed"),
            answer.text,
            answer.tokens,
            answer.ids or (),
            seconds=answer.seconds or 0.0,
            form=answer.form,
            why=answer.why,
            problem=answer.problem,
        )
        for place, answer in zip(scene_of(strip).places, strip.answers, strict=True)
    )


def _answer(take: Take, problem: str | None) -> ColumnAnswer:
    finish = _ENDINGS.get(take.state, "failed")
    return ColumnAnswer(
        text=take.text,
        tokens=take.tokens,
        finish=finish,
        form=take.form,
        why=take.why,
        seconds=round(take.seconds, 3),
        problem=(take.problem or problem) if finish == "failed" else None,
        ids=take.ids,
    )


def _together(works: Sequence[Callable[[], None]]) -> None:
    """All at the same time, to their end; each tells its own errors."""
    threads = [
        threading.Thread(target=work, daemon=True, name=f"film-{number}")
        for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _bug(error: Exception) -> str:
    return (
        f"The engine could not answer ({type(error).__name__}). "
        "Its log holds the details; ask again."
    )
