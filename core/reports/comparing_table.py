"""The numbers behind the words about all λ: one row a λ, for a page and as CSV for a file."""

import csv
import io
from dataclasses import asdict, dataclass, fields

from core.reports.choosing import Choice
from core.reports.points import TradeOff
from core.reports.together import Together


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One λ among all; values on the scale 0–100, p after Holm, shares of resamples 0–1."""

    pair: str
    lam: str
    few_shot: float
    few_shot_p_to_instruct: float | None  # None at λ=1
    few_shot_tied_with_best: bool
    following: float
    following_measure: str
    following_p_to_instruct: float | None
    following_tied_with_best: bool
    on_front: bool
    front_share: float
    rate: float  # few-shot points that one point of following is worth
    worth_to_instruct: float | None  # few-shot points at that rate; None without λ=1
    in_best_set: bool
    few_shot_n: int
    following_n: int
    sweep_id: str


def compared_rows(line: TradeOff, compared: Together, choice: Choice) -> tuple[ComparedRow, ...]:
    """One row a compared λ."""
    worth = dict(choice.utilities)
    return tuple(
        ComparedRow(
            pair=line.pair,
            lam=str(one.lam),
            few_shot=one.icl,
            few_shot_p_to_instruct=one.icl_p,
            few_shot_tied_with_best=one.best_icl,
            following=one.follow,
            following_measure=compared.side,
            following_p_to_instruct=one.follow_p,
            following_tied_with_best=one.best_follow,
            on_front=one.on_front,
            front_share=one.front_share,
            rate=choice.rate,
            worth_to_instruct=None if compared.one is None else worth[one.lam],
            in_best_set=one.lam in choice.members,
            few_shot_n=compared.icl.n,
            following_n=compared.follow.n,
            sweep_id=line.sweep_id,
        )
        for one in compared.standings
    )


def compared_csv(rows: tuple[ComparedRow, ...]) -> str:
    """The rows as RFC 4180 text with a header line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(ComparedRow)])
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return out.getvalue()
