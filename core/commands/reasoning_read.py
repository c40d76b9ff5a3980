"""`python -m core reasoning show|compare`: stored reasoning in tables."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.commands.output import columns, say, show_json
from core.commands.verbs import Verbs, add_results, add_verb, with_results
from core.errors import InputError, NotKnown
from core.lam import Lam
from core.reports.reasoning import ReasoningRun, chosen, read_answers, read_runs
from core.reports.reasoning_curves import equal_budget, where_they_cross
from core.reports.reasoning_items import read_disagreements, shares
from core.reports.reasoning_protocols import protocol_rows
from core.reports.reasoning_scores import Measure, Told, difference, score
from core.reports.reasoning_twins import twins
from core.settings import PUBLISHED, Settings
from core.store.runs import RunStore
from core.tasks.problems.benchmark import load_benchmark

HEAD = ("BENCHMARK", "PART", "HOW", "λ", "ITEMS", "MEASURE", "", "maj", "NO ANSWER", "TOKENS OUT")


def add_reading(actions: Verbs) -> None:
    """Declare show and compare."""
    show = add_verb(
        actions, "show", "Show stored runs.", "python -m core reasoning show --pair tinyworld"
    )
    compare = add_verb(
        actions,
        "compare",
        "Compare two λ: paired difference, crossing of their curves, protocols, twins.",
        "python -m core reasoning compare --pair tinyworld --lam 1 --against 0 "
        "--style few-shot-cot",
    )
    for one in (show, compare):
        one.add_argument("--pair", required=True, help="a pair of `pairs list`")
        one.add_argument("--grader", default="rules", help="rules (default) or math-verify")
        one.add_argument("--k", type=int, metavar="K", help="answers counted (default: all)")
        add_results(one)
    show.add_argument("--disagreements", action="store_true", help="where the graders differ")
    show.set_defaults(run=show_runs)
    compare.add_argument("--lam", default="1", metavar="λ")
    compare.add_argument("--against", default="0", metavar="λ")
    compare.add_argument("--benchmark", help="default: the first that is stored")
    compare.add_argument("--style", default="few-shot-cot")
    compare.set_defaults(run=compare_lams)


def show_runs(options: argparse.Namespace, settings: Settings) -> int:
    """Print every run, or the graders' disagreements."""
    store, runs = _stored(options, settings)
    if options.disagreements:
        return _show_disagreements(store, runs, options)
    rows = [_row(store, run, options) for run in runs if options.grader in run.grades]
    if options.json:
        show_json(rows)
    else:
        say(columns(HEAD, [_cells(row) for row in rows]))
    return 0


def _stored(
    options: argparse.Namespace, settings: Settings
) -> tuple[RunStore, tuple[ReasoningRun, ...]]:
    store = RunStore(with_results(settings, options).results, (PUBLISHED,))
    runs = read_runs(store, options.pair)
    if not runs:
        raise NotKnown(
            f"No graded reasoning of {options.pair} is stored. Measure it with: "
            f"python -m core reasoning run --pair {options.pair}."
        )
    return store, runs


def _row(store: RunStore, run: ReasoningRun, options: argparse.Namespace) -> dict[str, Any]:
    answers = read_answers(store, run, options.grader)
    k = answers.n if options.k is None else options.k
    measure = Measure("pass", k)
    return {
        "run": run.run_id,
        "benchmark": run.benchmark,
        "part": run.part,
        "how": run.setting.words,
        "lambda": str(run.lam),
        "items": len(answers.items),
        "measure": measure.name(answers),
        "score": asdict(score(answers, measure)),
        "first": asdict(score(answers, Measure("pass", 1))),
        "maj": asdict(score(answers, Measure("maj", k))),
        "shares": asdict(shares(answers)),
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    part = row["shares"]
    return (
        row["benchmark"], row["part"], row["how"], row["lambda"], str(row["items"]),
        row["measure"], _percent(Told(**row["score"])), _percent(Told(**row["maj"])),
        f"{part['no_answer']:.1%}", f"{part['out_of_tokens']:.1%}",
    )  # fmt: skip


def _percent(told: Told, sign: bool = False) -> str:
    if told.value is None:
        return f"– ({told.reason})"
    text = f"{100 * told.value:+.1f}" if sign else f"{100 * told.value:.1f}"
    if told.interval is None:
        return text
    low, high = told.interval
    return f"{text} [{100 * low:.1f}, {100 * high:.1f}]"


def _show_disagreements(
    store: RunStore, runs: Sequence[ReasoningRun], options: argparse.Namespace
) -> int:
    both = [run for run in runs if {"rules", "math-verify"} <= set(run.grades)]
    found = [(run, one) for run in both for one in read_disagreements(store, run)]
    if options.json:
        show_json([{"run": run.run_id, **asdict(one)} for run, one in found])
        return 0
    rows = [
        (one.item, one.target, one.answer, str(one.rules), str(one.math_verify), one.reason or "")
        for _, one in found
    ]
    head = ("ITEM", "RIGHT ANSWER", "ANSWER", "RULES", "MATH-VERIFY", "")
    say(columns(head, rows) if rows else f"The graders agree on all answers of {len(both)} runs.")
    return 0


def compare_lams(options: argparse.Namespace, settings: Settings) -> int:
    """Print everything that compares two λ."""
    store, runs = _stored(options, settings)
    name = options.benchmark or runs[0].benchmark
    own = [r for r in runs if r.benchmark == name and r.setting.style == options.style]
    if not own:
        raise InputError(
            f"Nothing of {name} in the style {options.style!r} is stored. "
            "See: python -m core reasoning show."
        )
    lams = Lam.parse(options.lam), Lam.parse(options.against)
    told = {
        "differences": _differences(store, own, lams, options),
        "protocols": _protocols(store, own, name, options),
        "twins": _twins(store, own, name, options),
        "budgets": _budgets(store, own, options),
    }
    if options.json:
        show_json(told)
    else:
        _say_comparison(told, lams)
    return 0


def _differences(
    store: RunStore,
    runs: Sequence[ReasoningRun],
    lams: tuple[Lam, Lam],
    options: argparse.Namespace,
) -> list[dict[str, Any]]:
    found = []
    for part in dict.fromkeys(run.part for run in runs):
        for setting in sorted({run.setting for run in runs if run.part == part}):
            by_lam = chosen(runs, part, setting)
            if lams[0] not in by_lam or lams[1] not in by_lam:
                continue
            one, other = (read_answers(store, by_lam[lam], options.grader) for lam in lams)
            measure = Measure("pass", options.k or min(one.n, other.n))
            found.append(
                {
                    "part": part,
                    "how": setting.words,
                    "measure": measure.name(one),
                    "difference": asdict(difference(one, other, measure)),
                    "crossing": asdict(where_they_cross(one, other)),
                }
            )
    return found


def _protocols(
    store: RunStore, runs: Sequence[ReasoningRun], name: str, options: argparse.Namespace
) -> list[dict[str, Any]]:
    found = []
    for part in dict.fromkeys(run.part for run in runs):
        where = (name, part, options.style)
        for row in protocol_rows(store, runs, where, options.grader, options.k):
            if row.difference.value is not None:
                found.append(
                    {
                        "part": part,
                        "protocol": row.protocol.name,
                        "base": asdict(row.base),
                        "base_measure": row.base_measure,
                        "instruct": asdict(row.instruct),
                        "instruct_measure": row.instruct_measure,
                        "difference": asdict(row.difference),
                    }
                )
    return found


def _twins(
    store: RunStore, runs: Sequence[ReasoningRun], name: str, options: argparse.Namespace
) -> list[dict[str, Any]]:
    benchmark = load_benchmark(name)
    original = benchmark.original
    if original is None:
        return []
    found = []
    for run in runs:
        if benchmark.part(run.part).role != "perturbed":
            continue
        first = chosen(runs, original.name, run.setting).get(run.lam)
        if first is None:
            continue
        told = twins(
            read_answers(store, first, options.grader),
            read_answers(store, run, options.grader),
            Measure("pass", 1),
        )
        row = {"part": run.part, "how": run.setting.words, "lambda": str(run.lam), "pairs": told.n}
        table = {k: getattr(told, k) for k in ("both", "only_original", "only_perturbed", "none")}
        ends = {"drop": asdict(told.drop), "gave_original": asdict(told.gave_original)}
        found.append({**row, **table, **ends})
    return found


def _budgets(
    store: RunStore, runs: Sequence[ReasoningRun], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Branches against samples of the same prompt, λ and part."""
    found = []
    for run in runs:
        if run.setting.pooling != "branches":
            continue
        for other in runs:
            same = (other.part, other.lam, other.setting.form) == (
                run.part, run.lam, run.setting.form,
            )  # fmt: skip
            if other.setting.pooling == "samples" and same and other.benchmark == run.benchmark:
                pair = [read_answers(store, one, options.grader) for one in (run, other)]
                rows = [asdict(row) for row in equal_budget(pair[0], pair[1])]
                found += [{"part": run.part, "lambda": str(run.lam), **row} for row in rows]
    return found


def _say_comparison(told: dict[str, Any], lams: tuple[Lam, Lam]) -> None:
    rows: list[tuple[str, ...]] = [
        (
            r["part"], r["how"], r["measure"], _percent(Told(**r["difference"]), sign=True),
            _crossing(r["crossing"]),
        )
        for r in told["differences"]
    ]  # fmt: skip
    say(f"λ = {lams[0]} minus λ = {lams[1]}, paired by item, in points")
    say(columns(("PART", "HOW", "MEASURE", "DIFFERENCE", "CURVES CROSS"), rows))
    say("\nInstruct minus base by protocol, in points")
    rows = [
        (r["part"], r["protocol"], _percent(Told(**r["base"])), _percent(Told(**r["instruct"])),
         _percent(Told(**r["difference"]), sign=True))
        for r in told["protocols"]
    ]  # fmt: skip
    say(columns(("PART", "PROTOCOL", "BASE", "INSTRUCT", "DIFFERENCE"), rows))
    say("\nTwins: expected pairs solved, one answer each")
    rows = [
        (r["part"], r["how"], r["lambda"], f"{r['both']:.1f}", f"{r['only_original']:.1f}",
         f"{r['only_perturbed']:.1f}", f"{r['none']:.1f}", _percent(Told(**r["drop"]), sign=True),
         _percent(Told(**r["gave_original"])))
        for r in told["twins"]
    ]  # fmt: skip
    head = ("PART", "HOW", "λ", "BOTH", "ORIGINAL", "PERTURBED", "NONE", "DROP", "GAVE ORIGINAL'S")
    say(columns(head, rows))
    if told["budgets"]:
        say("\nEqual tokens an item: branches by Δ confidence, samples by majority")
        rows = [
            (r["part"], r["lambda"], str(r["tokens"]), _percent(Told(**r["cot_max"])),
             _percent(Told(**r["cot_sum"])), _percent(Told(**r["majority"])))
            for r in told["budgets"]
        ]  # fmt: skip
        say(columns(("PART", "λ", "TOKENS", "CoT max", "CoT sum", "MAJORITY"), rows))


def _crossing(found: dict[str, Any]) -> str:
    if found["at"] is None:
        return str(found["reason"])
    if found["interval"] is None:
        return f"k = {found['at']:.1f} ({found['reason']})"
    low, high = found["interval"]
    return f"k = {found['at']:.1f} [{low:.1f}, {high:.1f}]"
