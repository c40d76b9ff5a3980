"""`python -m core pairs list|check|add|weights`: the known pairs, and what may be merged."""

import argparse
import shutil
from dataclasses import asdict, replace
from pathlib import Path

from core.commands import weights
from core.commands.bar import Bar
from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_verb
from core.errors import EngineError, PairError
from core.jobs.adapting import adapted
from core.jobs.checking import Checked, check_online, fetch_parents
from core.jobs.device_room import memory_finding
from core.jobs.hashing import hashing_told
from core.pairs.adding import NewPair, add_pair, refuse_name
from core.pairs.checkpoint import read_checkpoint
from core.pairs.preflight import PairReport, check_pair
from core.pairs.registry import find_pair, read_registry
from core.settings import Settings

MEBIBYTE = 1 << 20
MARKS = {"green": "ok", "amber": "note", "red": "NO"}


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verbs.add_parser("pairs", help="list the known pairs, check one, or add your own")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|check|add|weights")
    listing = add_verb(actions, "list", "List the known pairs.", "python -m core pairs list")
    listing.set_defaults(run=list_pairs)
    check = add_verb(
        actions,
        "check",
        "Say whether a pair can be merged, from its files alone. Online it asks the hub for "
        "commit, licence and size, and reads configs and headers, no weights; what the hub says "
        "of the commit is kept and used from then on.",
        "python -m core pairs check tinyworld",
    )
    check.add_argument("name", metavar="NAME", help="a pair of `pairs list`")
    check.add_argument("--online", action="store_true", help="ask the hub; fetches no weights")
    check.add_argument(
        "--download", action="store_true", help="fetch from the hub what is not here, then check"
    )
    check.set_defaults(run=check_one)
    _add_add(actions)
    weights.add(actions)


def _add_add(actions: Verbs) -> None:
    parser = add_verb(
        actions,
        "add",
        "Add a pair of your own to your pairs file.",
        "python -m core pairs add mine --base /models/base --instruct org/model",
    )
    parser.add_argument("name", metavar="NAME", help="letters, digits, '.', '_' and '-'")
    parser.add_argument("--base", required=True, metavar="PLACE", help="a folder or a hub id")
    parser.add_argument(
        "--instruct",
        required=True,
        metavar="PLACE",
        help="a folder or a hub id; a folder with a LoRA adapter is merged into the base first",
    )
    parser.add_argument("--note", default="", help="what to remember about it")
    parser.set_defaults(run=add_one)


def list_pairs(options: argparse.Namespace, settings: Settings) -> int:
    """Print the registry."""
    entries = list(read_registry(settings).values())
    if options.json:
        show_json([asdict(entry) for entry in entries])
    else:
        rows = [
            (
                entry.name,
                entry.group,
                "yes" if entry.base_revision else "no",
                entry.base,
                entry.instruct,
            )
            for entry in entries
        ]
        say(columns(("NAME", "GROUP", "COMMIT KNOWN", "BASE", "INSTRUCT"), rows))
    return 0


def check_one(options: argparse.Namespace, settings: Settings) -> int:
    """Print what was found of one pair; exit code 3 where it cannot be merged."""
    if options.online:
        from core.merge.fit import check_fit  # torch

        checked = _with_memory(check_online(options.name, settings, check_fit), settings)
        if options.json:
            show_json(checked.to_json())
        else:
            say(_found(checked))
        if not checked.can_be_merged:
            return PairError.exit_code
    if options.download:
        with Bar() as bar:
            fetch_parents(options.name, settings, bar.show)
    if options.online and not options.download:
        return 0
    with Bar() as bar, hashing_told(bar.show):
        known = check_pair(find_pair(options.name, settings), settings, download=False)
    report = _fitting(known)
    if options.json:
        show_json(asdict(report))
    else:
        say(_text(report, memory_finding(report.sizes, settings).words))
    return 0


def _fitting(report: PairReport) -> PairReport:
    """With what transformers says of the two; refused where it cannot build one."""
    from core.merge.fit import check_fit  # torch

    folders = dict.fromkeys((report.base_folder, report.instruct_folder))
    told = [check_fit(read_checkpoint(folder)) for folder in folders]
    told.append(_template_note(report))
    return replace(report, notes=(*report.notes, *(note for note in told if note)))


def _template_note(report: PairReport) -> str | None:
    """Of a tokenizer that loads: does its chat template render a plain question?"""
    from core.engine.protocol import Message
    from core.engine.tokenizer_files import load_tokenizer, render_chat  # transformers

    tokenizer = load_tokenizer(report)
    if report.chat_template is None:
        return None
    try:
        render_chat(tokenizer, report.identity.name, [Message("user", "Name a river.")])
    except EngineError as error:
        return str(error)
    return None


def _with_memory(checked: Checked, settings: Settings) -> Checked:
    if checked.sizes is None:
        return checked
    memory = memory_finding(checked.sizes, settings)
    return replace(checked, findings=(*checked.findings, memory))


def add_one(options: argparse.Namespace, settings: Settings) -> int:
    """Write the entry; an adapter is merged into its base before."""
    refuse_name(options.name, settings)  # before gigabytes are merged
    with Bar() as bar:
        instruct = adapted(options.name, options.base, options.instruct, settings, bar.show)
    entry = add_pair(NewPair(options.name, options.base, instruct, options.note), settings)
    if options.json:
        show_json(asdict(entry))
    else:
        say(f"{entry.name} is in {settings.pairs_file}.")
        say(f"Now: python -m core pairs check {entry.name}")
    return 0


def _found(checked: Checked) -> str:
    lines = [
        f"{checked.pair} {'can' if checked.can_be_merged else 'cannot'} be merged"
        f"{'' if checked.can_be_merged else ' as it is'}, by configs and headers alone.",
        *(f"  {MARKS[one.level]:5} {one.topic:13} {one.words}" for one in checked.findings),
    ]
    return "\n".join(lines)


def _text(report: PairReport, memory: str) -> str:
    size = report.weights_bytes / MEBIBYTE
    free = shutil.disk_usage(Path.home()).free / MEBIBYTE
    lines = [
        f"{report.identity.name} can be merged.",
        f"  architecture  {report.architecture}, {report.parameters:,} parameters, {report.dtype}",
        f"  weights       {size:,.1f} MiB for one model",
        f"  memory        {memory}",
        f"  base          {report.identity.base}  {report.base_folder}",
        f"  instruct      {report.identity.instruct}  {report.instruct_folder}",
        f"  chat template {'yes' if report.chat_template else 'no'}",
        f"  disk          {free:,.0f} MiB free in your home folder",
        *(f"  note          {note}" for note in report.notes),
    ]
    return "\n".join(lines)
