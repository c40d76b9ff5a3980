"""Everything a page asks about lists of prompts: reading one, running it over λ, its rows.

    plan = api.batching.plan("tinyworld", lams, prompts, decoding)
    batch_id = api.batching.start(plan); api.batching.state(batch_id)

A part of the pages' door (`core.api`): settings come from the environment, importing it is cheap.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.jobs.batch_plan import BatchPlan
from core.jobs.batches import (
    BatchState,
    cancel_batch,
    delete_batch,
    list_batches,
    read_batch,
    start_batch,
)
from core.jobs.jobs import advance
from core.reports import tasting
from core.reports.answer_rows import Row, strip_rows
from core.settings import PUBLISHED, read_settings
from core.store.filmstrips import FilmstripStore
from core.tasks.prompt_list import (
    ListedPrompt,
    PromptList,
    decode_upload,
    form_of,
    read_prompt_list,
)
from core.tasks.shipped_prompts import shipped_prompts

if TYPE_CHECKING:
    from core.reports.row_filter import RowFilter

__all__ = [
    "BatchPlan",
    "BatchState",
    "ListedPrompt",
    "PromptList",
    "Row",
    "decode_upload",
    "form_of",
    "read_prompt_list",
    "shipped_prompts",
]


def start(plan: BatchPlan) -> str:
    """Put it into the queue, or go on with it; returns its id at once.

    Raises:
        StoreError: results cannot be written.
    """
    return start_batch(plan, read_settings())


def state(batch_id: str) -> BatchState:
    """How far it is.

    Raises:
        NameRefused: no id.  NotKnown: no such batch.
    """
    settings = read_settings()
    found = read_batch(batch_id, settings)
    if found.job is not None and found.job.ready:
        advance(settings)  # whoever looks goes on with a queue that stands still
    return found


def batches() -> tuple[BatchState, ...]:
    """Every batch, the newest first."""
    return list_batches(read_settings())


def cancel(batch_id: str) -> None:
    """End its job; what is written is kept."""
    cancel_batch(batch_id, read_settings())


def delete(batch_id: str) -> None:
    """Forget the list; its filmstrips stay in the history."""
    delete_batch(batch_id, read_settings())


def rows(batch: BatchState) -> tuple[Row, ...]:
    """The prompts that are answered, in the order of the list."""
    shelf = FilmstripStore(read_settings().results, (PUBLISHED,))
    ids = [strip_id for strip_id in batch.rows if strip_id is not None]
    strips = [shelf.read(strip_id) for strip_id in ids if shelf.has(strip_id)]
    if not strips:
        return ()
    return strip_rows(strips, strips[0].asked.columns[0].pair)


def filtered(found: Sequence[Row], wanted: "RowFilter") -> tuple[Row, ...]:
    """The rows that are as wanted.

    Raises:
        InputError: the pattern is none, or takes too long.
    """
    from core.reports.row_filter import filter_rows

    return filter_rows(found, wanted)


def badges(found: Sequence[Row]) -> tuple[str, ...]:
    """Every badge that some answer has."""
    from core.reports.row_filter import known_badges

    return known_badges(found)


def suite(pair_name: str) -> tuple[Row, ...]:
    """The instructions that the pair's sweep answered; none where there is no sweep."""
    rows = tasting.suite(pair_name, tasting.identity(pair_name))
    return () if rows is None else rows.rows


def wanted(**chosen: object) -> "RowFilter":
    """A filter; see `core.reports.row_filter.RowFilter` for the names."""
    from core.reports.row_filter import RowFilter

    return RowFilter(**chosen)  # type: ignore[arg-type]
