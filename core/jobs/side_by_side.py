"""Everything a page asks about reading side by side.

    film = api.side_by_side.begin(scene, api.open_engine)
    api.side_by_side.find_film(film_id) · api.side_by_side.read(strip_id)

A part of the pages' door (`core.api`): settings come from the environment, importing it is
cheap. The films that are running belong to this process, so a reload finds them again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.engine import supervisor
from core.engine.protocol import Engine, Message
from core.engine.tracing import Trace
from core.jobs.explaining import Seen, flips_at, narrow, see, seen_key
from core.jobs.filming import Film, Reel, State, Still, Take, prompt_of, scene_of
from core.jobs.scene import Columns, Place, Scene, as_text, columns, read_conversation
from core.reports import badges, parting, token_flips
from core.settings import PUBLISHED, read_settings
from core.spec import Decoding
from core.store.filmstrip import MOST_COLUMNS, OWN, Filmstrip, Mode
from core.store.filmstrips import FilmstripStore
from core.store.runs import RunStore

if TYPE_CHECKING:
    from core.reports.asked_checks import AskedChecks
    from core.reports.points import TradeOff
    from core.reports.stored_prompts import StoredPrompt

__all__ = [
    "MOST_COLUMNS",
    "OWN",
    "Columns",
    "Decoding",
    "Film",
    "Filmstrip",
    "Message",
    "Mode",
    "Place",
    "Room",
    "Scene",
    "Seen",
    "State",
    "Still",
    "Take",
    "Trace",
    "as_text",
    "badges",
    "columns",
    "flips_at",
    "narrow",
    "parting",
    "read_conversation",
    "scene_of",
    "see",
    "seen_key",
    "token_flips",
]
_REEL = Reel()


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a pair's context a scene takes; tokens as its tokenizer counts them."""

    pair: str
    prompt: int
    longest: int  # of the answer
    context: int

    @property
    def over(self) -> int:
        """Tokens too many; 0 where it fits."""
        return max(0, self.prompt + self.longest - self.context)


def begin(scene: Scene, open_engine: Callable[[], Engine], done: Sequence[Take] = ()) -> Film:
    """Ask at once, in threads of this process; what ended in `done` is not asked again."""
    return _REEL.add(Film(scene, open_engine, _shelf().save, done))


def find_film(film_id: str) -> Film | None:
    """The film of that id, if this process is showing it or has shown it lately."""
    return _REEL.find(film_id)


def read(strip_id: str) -> Still:
    """A filmstrip that is kept, yours or published.

    Raises:
        NameRefused: no id.  NotKnown: none of that id.  StoreError: its file is broken.
    """
    return Still(_shelf().read(strip_id))


def room(scene: Scene) -> tuple[Room, ...]:
    """What fits, of the pairs that a running engine has loaded; starts and loads nothing."""
    client = supervisor.running_engine(read_settings())
    if client is None:
        return ()
    loaded = {one.identity.name: one for one in client.status().pairs}
    found = []
    for pair in scene.pairs:
        if pair in loaded:
            text = prompt_of(client, scene, pair).text
            (count,) = client.count_tokens(pair, [text])
            context = loaded[pair].context_length
            found.append(Room(pair, count, scene.decoding.max_new_tokens, context))
    return tuple(found)


def checks(text: str, system: str | None) -> "AskedChecks | None":
    """The checks of the suite's instruction that this prompt is, or None."""
    from core.reports.asked_checks import find_checks

    return find_checks(text, system)


def few_shot(line: "TradeOff | None") -> dict[str, str]:
    """Measured few-shot tasks, each with the run that holds its prompts."""
    from core.reports.stored_prompts import few_shot

    return few_shot(_runs(), line)


def few_shot_item(run_id: str, number: int) -> "StoredPrompt":
    """A task's item by its place, counted from 0.

    Raises:
        NotKnown, InputError: there is no such run or item, or its prompt is not stored.
    """
    from core.reports.stored_prompts import item

    return item(_runs(), run_id, number)


def _shelf() -> FilmstripStore:
    return FilmstripStore(read_settings().results, also=(PUBLISHED,))


def _runs() -> RunStore:
    return RunStore(read_settings().results, also=(PUBLISHED,))
