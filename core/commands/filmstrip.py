"""`python -m core filmstrip make|list|show`: prompts answered at many λ, and kept.

The same filmstrips as on the page Side by side: a question that is kept is not asked again.
`--prompts shipped` takes the list that results/published was made from.
"""

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.commands.bar import Bar
from core.commands.generate import read_decoding
from core.commands.job_words import started
from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_engine, add_results, add_verb, with_results
from core.engine.opening import open_engine
from core.errors import InputError
from core.jobs.batch import run_batch
from core.jobs.batch_job import told
from core.jobs.batch_plan import BatchPlan
from core.jobs.batches import read_batch, start_batch
from core.lam import parse_grid
from core.pairs.registry import find_pair
from core.settings import PUBLISHED, Settings
from core.store.filmstrip import Filmstrip
from core.store.filmstrips import FilmstripStore, Wanted
from core.tasks.prompt_list import ListedPrompt, decode_upload, form_of, read_prompt_list
from core.tasks.shipped_prompts import SHIPPED, shipped_prompts

EXAMPLE = "python -m core filmstrip make --pair tinyworld --grid 0:1:0.1 'Name three rivers.'"


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verbs.add_parser("filmstrip", help="answer prompts at many λ, and read what is kept")
    actions = parser.add_subparsers(dest="action", required=True, metavar="make|list|show")
    _add_make(actions)
    listing = add_verb(
        actions,
        "list",
        "List what is kept, newest first.",
        "python -m core filmstrip list --text rivers",
    )
    listing.add_argument("--text", default="", help="in the prompt or in an answer")
    listing.add_argument("--kind", default="", help="of the prompt")
    listing.set_defaults(run=list_all)
    show = add_verb(
        actions, "show", "Print one, column by column.", "python -m core filmstrip show ID"
    )
    show.add_argument("strip", metavar="ID", help="an id of `filmstrip list`")
    show.set_defaults(run=show_one)
    for one in (listing, show):
        add_results(one)


def _add_make(actions: Verbs) -> None:
    make = add_verb(actions, "make", "Answer prompts at every λ of a grid.", EXAMPLE)
    make.add_argument("prompt", nargs="?", metavar="PROMPT", help="one prompt")
    make.add_argument(
        "--prompts",
        metavar="FILE",
        help=f"a list: one a line, .jsonl or .csv; {SHIPPED!r} for the one that ships",
    )
    make.add_argument("--pair", required=True, help="a pair of `pairs list`")
    make.add_argument("--grid", default="0:1:0.1", metavar="λ…", help="2 to 11 λ (default 0:1:0.1)")
    make.add_argument(
        "--form",
        choices=("chat", "completion", "few-shot"),
        default="chat",
        help="through the chat template (default), or the bare text",
    )
    make.add_argument("--max-new-tokens", type=int, default=80, metavar="N")
    make.add_argument("--temperature", default="0", metavar="T", help="0 is greedy (default)")
    make.add_argument("--seed", type=int, default=0)
    make.add_argument("--background", action="store_true", help="put it into the queue; see `jobs`")
    add_engine(make)
    add_results(make)
    make.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Ask what is not kept yet."""
    settings = with_results(settings, options)
    plan = BatchPlan(
        options.pair, parse_grid(options.grid), _prompts(options), read_decoding(options)
    )
    if options.background:
        return _start(plan, options, settings)
    rows: dict[int, str] = {}
    engine = open_engine(options.engine, settings)
    with Bar() as bar:
        outcome = run_batch(plan, engine, _shelf(settings), bar.show, rows.__setitem__)
    if options.json:
        show_json({**asdict(outcome), "filmstrips": [rows[at] for at in sorted(rows)]})
    else:
        say(told(outcome))
        for at, strip_id in sorted(rows.items()):
            say(f"{strip_id}  {' '.join(plan.prompts[at].text.split())[:70]}")
    return 0


def _start(plan: BatchPlan, options: argparse.Namespace, settings: Settings) -> int:
    find_pair(plan.pair, settings)
    batch_id = start_batch(plan, settings, options.engine)
    job = read_batch(batch_id, settings).job
    started(job.job_id if job else batch_id, options.json)
    return 0


def list_all(options: argparse.Namespace, settings: Settings) -> int:
    """Print a line a filmstrip."""
    listed = _shelf(with_results(settings, options)).search(Wanted(options.text, kind=options.kind))
    if options.json:
        show_json([asdict(head) for head in listed.heads])
        return 0
    rows = [
        (head.strip_id, head.created[:16], head.kind, str(len(head.columns)), head.title[:60])
        for head in listed.heads
    ]
    say(columns(("ID", "WHEN", "KIND", "λ", "PROMPT"), rows) if rows else f"None yet. {EXAMPLE}")
    return 0


def show_one(options: argparse.Namespace, settings: Settings) -> int:
    """Print the prompt and every answer."""
    strip = _shelf(with_results(settings, options)).read(options.strip)
    if options.json:
        show_json(_as_json(strip))
        return 0
    say(strip.asked.text)
    for column, answer in zip(strip.asked.columns, strip.answers, strict=True):
        say(f"\n── {column.name} · {answer.tokens} tokens · {answer.finish}")
        say(answer.problem or answer.text)
    return 0


def _as_json(strip: Filmstrip) -> dict[str, Any]:
    from core.reports.strip_exports import as_json

    return as_json(strip)


def _prompts(options: argparse.Namespace) -> tuple[ListedPrompt, ...]:
    if (options.prompt is None) == (options.prompts is None):
        raise InputError("Give either one PROMPT or a list with --prompts FILE.")
    if options.prompt is not None:
        return (replace(ListedPrompt(options.prompt), mode=options.form),)
    if options.prompts == SHIPPED:
        return shipped_prompts()
    path = Path(options.prompts)
    try:
        text = decode_upload(path.read_bytes(), path.name)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Give a file.") from error
    return read_prompt_list(text, form_of(path.name), options.form).prompts


def _shelf(settings: Settings) -> FilmstripStore:
    return FilmstripStore(settings.results, (PUBLISHED,))
