"""What people's votes say of λ: the chance of beating λ = 1, and how far a judge agrees.

    preference(votes, INSTRUCT).points · people_and_judge(votes, judge_line)

Bradley–Terry over λ (`core/stats/bradley_terry.py`): every λ is a player, a draw is half a win
each, units are prompts. "Both bad" is counted and stays out of the fit, because it says
nothing about which is better. Not here: collecting votes (`tasting.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.judges.metrics import credit
from core.lam import Lam
from core.reports.judging_points import JudgeLine
from core.stats.agreement import Agreement, agreement
from core.stats.bradley_terry import RESAMPLES, Chance, Game, chances
from core.stats.span import Span
from core.store.records import JudgmentRecord
from core.store.votes import Vote

FIRST, SAME, SECOND = 0, 1, 2  # classes of a verdict
HALF = 0.5


@dataclass(frozen=True, slots=True)
class PreferencePoint:
    """One λ; counts are of its votes against any other λ."""

    lam: Lam
    chance: Chance  # of beating the λ that is compared with
    wins: int
    draws: int
    losses: int
    both_bad: int


@dataclass(frozen=True, slots=True)
class Preference:
    """All votes on a pair."""

    against: Lam
    votes: int
    decided: int  # without "both bad"
    both_bad: int
    prompts: int
    people: tuple[str, ...]
    points: tuple[PreferencePoint, ...]  # ascending in λ
    resamples: int = RESAMPLES  # of the prompts, for the intervals

    def at(self, lam: Lam) -> PreferencePoint | None:
        """The point of this λ."""
        return next((point for point in self.points if point.lam == lam), None)


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """People and a judge about the same two texts."""

    judge: str
    agreement: Agreement
    unjudged: int  # votes on texts that the judge did not compare
    both_bad: int  # votes that no verdict of the judge can equal


def preference(votes: Sequence[Vote], against: Lam) -> Preference:
    """The fit; a λ without enough votes has its n and the reason."""
    decided = [vote for vote in votes if vote.outcome is not None]
    lams = sorted({lam for vote in votes for lam in (vote.first, vote.second)} | {against})
    place = {lam: at for at, lam in enumerate(lams)}
    prompts = {vote.prompt: at for at, vote in enumerate(votes)}
    games = [
        Game(place[vote.first], place[vote.second], vote.outcome, prompts[vote.prompt])
        for vote in decided
        if vote.outcome is not None
    ]
    found = chances(len(lams), place[against], games)
    return Preference(
        against=against,
        votes=len(votes),
        decided=len(decided),
        both_bad=len(votes) - len(decided),
        prompts=len(prompts),
        people=tuple(dict.fromkeys(vote.who for vote in votes)),
        points=tuple(_point(lam, found[place[lam]], votes) for lam in lams),
    )


def in_words(found: Preference) -> str:
    """What the votes allow to say of all λ together, and of which only one looked at alone."""
    others = [point for point in found.points if point.lam != found.against]
    above, below = _apart([(point.lam, point.chance.together) for point in others])
    better, worse = _apart([(point.lam, point.chance.interval) for point in others])
    alone = [lam for lam in better + worse if lam not in above + below]
    absent = [str(point.lam) for point in others if point.chance.value is None]
    said = {*above, *below, *alone, *absent}
    unsettled = [str(point.lam) for point in others if str(point.lam) not in said]
    parts = (
        (above, f"People prefer λ = {{}} to λ = {found.against}."),
        (below, f"People prefer λ = {found.against} to λ = {{}}."),
        (alone, "Settled only for who looks at it alone, not among all λ: λ = {}."),
        (unsettled, "Not settled by these votes: λ = {}."),
        (absent, "Without a value: λ = {}."),
    )
    told = [words.format(", ".join(lams)) for lams, words in parts if lams]
    return " ".join(told) or "No two λ were compared."


def _apart(spans: Sequence[tuple[Lam, Span | None]]) -> tuple[list[str], list[str]]:
    """The λ that lie wholly above an even chance, and those wholly below."""
    above = [str(lam) for lam, span in spans if span is not None and span.low > HALF]
    below = [str(lam) for lam, span in spans if span is not None and span.high < HALF]
    return above, below


def _point(lam: Lam, chance: Chance, votes: Sequence[Vote]) -> PreferencePoint:
    own = [_from_side(vote, lam) for vote in votes if lam in (vote.first, vote.second)]
    counts = (own.count(1.0), own.count(0.5), own.count(0.0), own.count(None))
    return PreferencePoint(lam, chance, *counts)


def _from_side(vote: Vote, lam: Lam) -> float | None:
    """The outcome as this λ sees it."""
    if vote.outcome is None:
        return None
    return vote.outcome if vote.first == lam else 1 - vote.outcome


def people_and_judge(votes: Sequence[Vote], line: JudgeLine, suite: str) -> JudgeAgreement:
    """Vote by vote, three classes; clusters are prompts.

    A judge compared every λ with its reference, λ = 1. Two other λ can be compared by it only
    where it gives each text a score of its own, as the verifier does.
    """
    records = {
        (point.lam, f"{suite}/{one.item}"): one.record
        for point in line.points
        for one in point.compared
    }
    reference = next((point.lam for point in line.points if point.by_definition), None)
    said, judged, units, unjudged = [], [], [], 0
    prompts = {vote.prompt: at for at, vote in enumerate(votes)}
    decided = [vote for vote in votes if vote.outcome is not None]
    for vote in decided:
        other = _judged(vote, records, reference)
        if other is None:
            unjudged += 1
            continue
        said.append({1.0: FIRST, 0.5: SAME, 0.0: SECOND}[vote.outcome or 0.0])
        judged.append(other)
        units.append(prompts[vote.prompt])
    numbers = {unit: at for at, unit in enumerate(dict.fromkeys(units))}
    found = agreement(said, judged, 3, [numbers[unit] for unit in units])
    return JudgeAgreement(line.name, found, unjudged, len(votes) - len(decided))


def _judged(
    vote: Vote, records: dict[tuple[Lam, str], JudgmentRecord], reference: Lam | None
) -> int | None:
    """What the judge says of the vote's two texts; None where it has not compared them."""
    first, second = (records.get((lam, vote.prompt)) for lam in (vote.first, vote.second))
    if vote.second == reference and first is not None:
        return _class(credit(first), 0.5)
    if vote.first == reference and second is not None:
        return _class(0.5, credit(second))
    if first is None or second is None:
        return None
    return _class(first.candidate_score, second.candidate_score)


def _class(first: float | None, second: float | None) -> int | None:
    if first is None or second is None:
        return None
    return FIRST if first > second else SECOND if first < second else SAME
