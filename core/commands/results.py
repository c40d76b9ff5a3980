"""The verb `results`: work everything stored out again from the lowest level that is here."""

import argparse
from dataclasses import asdict

from core.commands.bar import Bar
from core.commands.output import say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.errors import StoreError
from core.jobs.audit import Audit, audit
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore

EXAMPLE = "python -m core results check"
MOST_SHOWN = 20


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    about = "Does every stored number follow from stored records?"
    parser = verbs.add_parser("results", help=about, description=about)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = add_verb(
        actions,
        "check",
        "Work ids, summaries and accuracies out again from what is stored, yours and published. "
        "No model is asked.",
        EXAMPLE,
    )
    add_results(check)
    check.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Check and print; exit code 5 where anything does not hold."""
    settings = with_results(settings, options)
    with Bar() as bar:
        found = audit(RunStore(settings.results, (PUBLISHED,)), bar.show)
    if options.json:
        show_json({**asdict(found), "faults": [str(fault) for fault in found.faults]})
    else:
        say("\n".join(_lines(found)))
    return StoreError.exit_code if found.faults else 0


def _lines(found: Audit) -> list[str]:
    head = (
        f"{found.runs:,} runs with {found.records:,} records and {found.prompts:,} prompts, and "
        f"{found.choices:,} accuracies of single items from their log-likelihoods"
    )
    near = f" ({found.too_near:,} too near to tell on the disk)" if found.too_near else ""
    if not found.faults:
        return [f"{head}{near}: all of it holds together."]
    more = len(found.faults) - MOST_SHOWN
    shown = [str(fault) for fault in found.faults[:MOST_SHOWN]]
    rest = [f"… and {more:,} more; --json has them all."] if more > 0 else []
    step = "Delete the folders named here and measure again: whatever else is stored stays."
    return [f"{head}{near}: {len(found.faults):,} things do not hold.", *shown, *rest, step]
