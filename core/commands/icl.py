"""`python -m core icl list|show|pin|export`: few-shot tasks, their data sets, their results."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace

from core.commands.icl_export import add_export
from core.commands.output import aside, columns, say, show_json
from core.commands.verbs import Verbs, add_verb
from core.errors import InputError, TaskError
from core.settings import Settings
from core.tasks.hub import HubUnreachable, commit_on_hub
from core.tasks.overview import DataSet, TaskOverview, data_sets, find_tasks, icl_suites, overview
from core.tasks.revisions import write_pin
from core.tasks.suites import Suite, SuiteTask, load_suite
from core.tasks.task_index import all_names, index_is_kept

CLASSIC = "icl-classic"
SHOWN_MEMBERS = 20
SHOWN_SETS = 4
HASH_SHOWN = 12
UNVERIFIED = "unverified"


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verbs.add_parser("icl", help="list few-shot tasks, pin data sets, export results")
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|pin|export")
    listing = add_verb(
        actions, "list", "List suites and their tasks.", "python -m core icl list --find mmlu"
    )
    listing.add_argument("--suite", metavar="NAME", help="one suite's tasks")
    listing.add_argument("--all", action="store_true", help="every name that lm-eval knows")
    listing.add_argument("--find", metavar="TEXT", help="names of lm-eval that hold this text")
    listing.set_defaults(run=list_tasks)
    show = add_verb(
        actions,
        "show",
        "Show one task, group or tag, of a suite or of lm-eval.",
        "python -m core icl show arc_challenge --prompt",
    )
    show.add_argument("task", metavar="TASK", help="a task, group or tag")
    show.add_argument("--prompt", action="store_true", help="and the first item (loads the data)")
    show.set_defaults(run=show_task)
    pin = add_verb(
        actions,
        "pin",
        "Look up on the hub which commit each data set is, and keep it for every later run.",
        "python -m core icl pin --suite icl-classic",
    )
    pin.add_argument("--suite", metavar="NAME", default=CLASSIC, help=f"default: {CLASSIC}")
    pin.add_argument("--again", action="store_true", help="look up those that are pinned, too")
    pin.set_defaults(run=pin_data)
    add_export(actions)


def tell_of_index(settings: Settings) -> None:
    """Say why the next moment is long, the first time."""
    if not index_is_kept(settings):
        aside("Looking through lm-eval's task files; this takes a moment once.")


def tell_of_lookups(tasks: Sequence[SuiteTask], settings: Settings) -> None:
    """Say so when data sets without a pin are about to be looked up on the hub."""
    found = data_sets(tasks, settings)
    open_ones = [one.repo for one in found if one.commit is None and one.local is None]
    if open_ones:
        shown = ", ".join(open_ones[:SHOWN_SETS]) + (" …" if len(open_ones) > SHOWN_SETS else "")
        aside(f"Asking the hub for the commits of {len(open_ones)} data sets: {shown}")


def list_tasks(options: argparse.Namespace, settings: Settings) -> int:
    """Print suites with their tasks, or the names that lm-eval knows."""
    if options.all or options.find is not None:
        return _list_names(options.find or "", options.json, settings)
    suites = (load_suite(options.suite),) if options.suite else icl_suites()
    if options.json:
        show_json([_suite_json(suite, settings) for suite in suites])
        return 0
    for suite in suites:
        say(f"{suite.name}: {suite.description}")
        rows = [_row(overview(task, settings)) for task in suite.tasks]
        say(columns(("  TASK", "FORM", "SHOTS", "METRIC", "CATEGORY", "DATA SET"), rows) + "\n")
    return 0


def show_task(options: argparse.Namespace, settings: Settings) -> int:
    """Print one task, or the members of a group."""
    if not any(task.name == options.task for suite in icl_suites() for task in suite.tasks):
        tell_of_index(settings)
    tasks = find_tasks(options.task, settings)
    if not tasks:
        raise TaskError(f"{options.task} holds no tasks. See: python -m core icl list --all.")
    if options.json:
        found = [asdict(overview(task, settings)) for task in tasks]
        show_json(found[0] if len(found) == 1 else found)
    elif len(tasks) > 1:
        say(f"{options.task} stands for {len(tasks)} tasks:")
        names = [f"  {task.name}" for task in tasks[:SHOWN_MEMBERS]]
        more = len(tasks) - SHOWN_MEMBERS
        say("\n".join([*names, f"  and {more} more (--json shows all)"] if more > 0 else names))
    else:
        say(_text(overview(tasks[0], settings)))
    if options.prompt and not options.json:
        from core.tasks.lmeval import build_task

        [first, *_] = build_task(tasks[0]).items
        say("\nThe first item:\n" + str(first.instances[0].args[0]))
        say("Scored after it: " + " | ".join(repr(str(one.args[1])) for one in first.instances))
    return 0


def pin_data(options: argparse.Namespace, settings: Settings) -> int:
    """Look up what is open; problems with one data set do not keep the others from it."""
    found = data_sets(load_suite(options.suite).tasks, settings)
    if not found:
        raise InputError(f"The suite {options.suite} takes no data from the hub: nothing to pin.")
    results = [_pin(one, options.again, settings) for one in found]
    if options.json:
        show_json([{**asdict(one), "problem": problem} for one, problem in results])
    else:
        say(columns(("DATA SET", "COMMIT", "TASKS"), [_pinned(one) for one, _ in results]))
    problems = [problem for _, problem in results if problem]
    for problem in problems:
        aside(problem)
    return TaskError.exit_code if problems else 0


def _pin(one: DataSet, again: bool, settings: Settings) -> tuple[DataSet, str | None]:
    if one.local is not None or (one.commit is not None and not again):
        return one, None
    try:
        commit = commit_on_hub(one.repo, one.asked)
    except HubUnreachable as error:
        raise TaskError(
            f"The hub cannot be reached ({error}), so {one.repo} was not pinned. "
            "Go online and run the same command again; what was pinned is kept."
        ) from error
    except TaskError as error:
        return one, str(error)
    write_pin(one.repo, one.asked, commit, settings)
    return replace(one, commit=commit), None


def _pinned(one: DataSet) -> tuple[str, str, str]:
    shown = "a local copy" if one.local else (one.commit or UNVERIFIED)
    return one.repo, shown, ", ".join(one.tasks)


def _list_names(text: str, as_json: bool, settings: Settings) -> int:
    tell_of_index(settings)
    names = [name for name in all_names(settings) if text.casefold() in name.casefold()]
    if as_json:
        show_json(names)
    else:
        say("\n".join(names) if names else f"No name of lm-eval holds {text!r}.")
    return 0


def _suite_json(suite: Suite, settings: Settings) -> dict[str, object]:
    tasks = [asdict(overview(task, settings)) for task in suite.tasks]
    return {"name": suite.name, "title": suite.title, "about": suite.description, "tasks": tasks}


def _row(task: TaskOverview) -> tuple[str, ...]:
    data = task.data_set or "–"
    if task.data_set is not None and task.commit is not None:
        data = f"{data} @ {task.commit[:HASH_SHOWN]}"
    return f"  {task.name}", task.form, str(task.shots), task.metric, task.category, data


def _text(task: TaskOverview) -> str:
    of = f"{task.data_set or 'its own'}{f', {task.data_name}' if task.data_name else ''}"
    lines = [
        f"{task.name}, version {task.version}",
        f"  form      {task.form} ({task.answered_by}), headline {task.metric}",
        f"  examples  {task.shots} from {task.examples_from}, sampler {task.sampler}, "
        f"seed {task.fewshot_seed}",
        f"  chance    {_chance(task)}",
        f"  data      {of}, split {task.split}: {task.data}",
        f"  file      {task.file}",
    ]
    return "\n".join(lines)


def _chance(task: TaskOverview) -> str:
    if task.chance is not None:
        return f"{task.chance:g}"
    return "none: one right text" if task.form == "G" else "computed: it differs between items"
