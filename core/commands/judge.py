"""`python -m core judge`: judge stored answers, without making one of them again."""

import argparse
from dataclasses import asdict
from functools import partial
from typing import Any

from core.commands.bar import Bar
from core.commands.judging import add_judges, given_template, judge_lines
from core.commands.output import aside, columns, say, show_json
from core.commands.verbs import Verbs, add_engine, add_results, add_verb, with_results
from core.engine.opening import open_engine
from core.jobs.judge_plan import VERIFIER, JudgePlan
from core.jobs.judge_stored import JudgeOutcome, Places, judge_stored
from core.lam import parse_grid
from core.settings import PUBLISHED, Settings
from core.spec import JudgmentSpec, RunSpec
from core.store.runs import RunStore

EXAMPLE = "python -m core judge --pair tinyworld --judge longest --judge local:tinyworld@1"
ABOUT = (
    "Judge answers that are stored already. Every answer of a judge is kept as it comes, so a "
    "second run asks nothing twice. A served judge is found by PARTWAY_JUDGE_URL (or "
    "OPENAI_BASE_URL) and OPENAI_API_KEY."
)
ITSELF = "itself"
HEAD = ("judge", "λ", "against", "win rate", "error", "n", "missing")


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = add_verb(verbs, "judge", ABOUT, EXAMPLE)
    parser.add_argument("--pair", required=True, help="a pair of `pairs list`")
    add_judges(parser)
    parser.add_argument("--grid", metavar="λ", help="only these λ (default: all that are stored)")
    parser.add_argument(
        "--reference", metavar="NAME", help="only this one, such as lam:1 (default: all stored)"
    )
    parser.add_argument(
        "--instruction-suite", metavar="SUITE", help="whose answers (default: measured best)"
    )
    parser.add_argument(
        "--official",
        action="store_true",
        help="each instruction in AlpacaEval's own single order, in place of both",
    )
    add_results(parser)
    add_engine(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Judge and print the win rates."""
    settings = with_results(settings, options)
    plan = JudgePlan(
        pair=options.pair,
        judges=tuple(options.judge) or (VERIFIER,),
        lams=parse_grid(options.grid) if options.grid else (),
        reference=options.reference,
        template=given_template(options),
        spend=options.spend,
        order="official" if options.official else "both",
        suite=options.instruction_suite,
    )
    store = RunStore(settings.results, (PUBLISHED,))
    places = Places(settings, store, partial(open_engine, options.engine, settings))
    outcome = _judge(plan, places)
    rows = [_row(store, run_id) for run_id in outcome.verdicts]
    if options.json:
        show_json({**asdict(outcome), "verdicts": rows})
    else:
        say("\n".join([columns(HEAD, [_cells(row) for row in rows]), *judge_lines(outcome)]))
    return 0


def _judge(plan: JudgePlan, places: Places) -> JudgeOutcome:
    try:
        with Bar() as bar:
            return judge_stored(plan, places, bar.show)
    except KeyboardInterrupt:
        aside("What was judged is kept: the same command goes on from there.")
        raise


def _row(store: RunStore, run_id: str) -> dict[str, Any]:
    spec, summary = store.spec(run_id), store.summary(run_id)
    assert isinstance(spec, JudgmentSpec)
    candidate = store.spec(spec.candidate)
    assert isinstance(candidate, RunSpec)
    return {
        "judge": spec.judge,
        "lambda": str(candidate.lam),
        "reference": _reference(store, spec),
        "order": spec.order,
        "verdicts": run_id,
        **summary["verdicts"],
        "asked": summary.get("asked"),
    }


def _reference(store: RunStore, spec: JudgmentSpec) -> str:
    """A pair at its λ, "itself", or the beginning of a file's hash."""
    if spec.reference == spec.candidate:
        return ITSELF
    if not store.is_complete(spec.reference):
        return spec.reference[:13]
    model = store.spec(spec.reference)
    return f"{model.pair.name}@{model.lam}" if isinstance(model, RunSpec) else spec.reference


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    rate, error = row["win_rate"], row["standard_error"]
    head = (row["judge"], row["lambda"], row["reference"])
    if row["reference"] == ITSELF:
        return (*head, "50 by definition", "–", "–", "–")
    return (
        *head,
        "–" if rate is None else f"{rate:.1f} %",
        "–" if error is None else f"{error:.1f}",
        str(row["n_total"]),
        str(row["n_missing"]),
    )
