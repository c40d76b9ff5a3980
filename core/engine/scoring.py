"""Log-likelihoods of continuations at one λ, as a sequence of small steps.

Each step is one forward, so the host can put a conversation between two of them. Two ways
give the same numbers: shared (prefix computed once, choices as branches) and plain (one row a
request, nothing shared), which is for architectures that cannot share and is the measure the
other is tested against.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache

from core.engine.encoding import EncodedPair
from core.engine.out_of_memory import in_parts
from core.engine.protocol import Progress, Score
from core.engine.resident import Resident
from core.engine.row_layout import Layout, lay_out
from core.engine.score_plan import WORTH_A_FORWARD, Row, batches, make_groups
from core.engine.tree_attention import Prefix, tree_attention
from core.lam import Lam


@dataclass(frozen=True, slots=True)
class BranchScore:
    """One continuation's sum of log-probabilities, and whether it was the greedy one."""

    logprob: float
    greedy: bool


def score_steps(
    resident: Resident, lam: Lam, pairs: Sequence[EncodedPair], worth: int = WORTH_A_FORWARD
) -> Generator[Progress, None, list[Score]]:
    """Score encoded requests (already cut to the model's context); yields after each forward."""
    scores: dict[int, Score] = {
        index: Score(0.0, True, 0, len(pair.context), pair.cut)
        for index, pair in enumerate(pairs)
        if not pair.continuation
    }
    for group in make_groups(pairs, share=resident.shares, worth=worth):
        prefix, length = None, 0
        if group.prefix:
            prefix, length = _prefix(resident, lam, group.prefix)
            yield Progress(len(scores), len(pairs))
        budgets = resident.token_budget, resident.read_budget
        for rows in batches(group.rows, length, *budgets):
            work = partial(_score_rows, resident, lam, prefix, length)
            for index, found in in_parts(work, rows, resident):
                scores[index] = _score(pairs[index], found)
            yield Progress(len(scores), len(pairs))
    return [scores[index] for index in range(len(pairs))]


def joined(windows: Sequence[Score]) -> Score:
    """The score of a text from those of its windows; of an empty text, that of nothing."""
    return Score(
        sum(window.logprob for window in windows),
        all(window.greedy for window in windows),
        sum(window.tokens for window in windows),
        sum(window.context_tokens for window in windows),
    )


def _score(pair: EncodedPair, found: BranchScore) -> Score:
    read, given = len(pair.context), len(pair.continuation)
    return Score(found.logprob, found.greedy, given, read, pair.cut)


@torch.inference_mode()
def _prefix(resident: Resident, lam: Lam, tokens: tuple[int, ...]) -> tuple[Prefix, int]:
    """Keys and values of the prefix, or of most of it where they are there already."""
    found = resident.prefixes.find(lam, tokens)
    if found is not None:
        return found
    cache = DynamicCache(config=resident.model.config)
    ids = torch.tensor([tokens], device=resident.device)
    resident.at(lam)(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
    prefix = [(layer.keys, layer.values) for layer in cache.layers]
    resident.prefixes.keep(lam, tokens, prefix, resident.loaded.weights_bytes)
    return prefix, len(tokens)


@torch.inference_mode()
def _score_rows(
    resident: Resident, lam: Lam, prefix: Prefix | None, length: int, rows: Sequence[Row]
) -> list[tuple[int, BranchScore]]:
    if not resident.shares:
        return list(_score_plain(resident, lam, rows))
    layout = lay_out(rows, length).to(resident.device)
    model = resident.at(lam)
    with tree_attention(model, layout, prefix):
        logits: Tensor = model(
            input_ids=layout.tokens[None],
            position_ids=layout.positions[None],
            use_cache=False,
            logits_to_keep=layout.kept,
        ).logits
    return list(_read(logits[0], layout, rows))


def _read(logits: Tensor, layout: Layout, rows: Sequence[Row]) -> Iterator[tuple[int, BranchScore]]:
    places = [place for read in layout.reads for place in read.places]
    targets = [t for read in layout.reads for t in rows[read.row].branches[read.branch]]
    chosen = logits.float()
    picked = torch.tensor(places, device=logits.device)
    wanted = torch.tensor(targets, device=logits.device)
    values = chosen[picked, wanted] - torch.logsumexp(chosen, dim=-1)[picked]
    hits = (chosen.argmax(dim=-1)[picked] == wanted).tolist()
    numbers = values.tolist()
    start = 0
    for read in layout.reads:
        end = start + len(read.places)
        found = BranchScore(sum(numbers[start:end]), all(hits[start:end]))
        for index in rows[read.row].requests[read.branch]:
            yield index, found
        start = end


def _score_plain(
    resident: Resident, lam: Lam, rows: Sequence[Row]
) -> Iterator[tuple[int, BranchScore]]:
    """Whole rows, padded on the right, with an ordinary mask: any architecture can do this."""
    fed = [list(row.context + row.branches[0][:-1]) for row in rows]
    width = max(len(tokens) for tokens in fed)
    tokens = torch.tensor([row + [0] * (width - len(row)) for row in fed])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in fed])
    kept = _read_places(rows, fed)
    logits: Tensor = resident.at(lam)(
        input_ids=tokens.to(resident.device),
        attention_mask=mask.to(resident.device),
        use_cache=False,
        logits_to_keep=torch.tensor(kept, device=resident.device),
    ).logits
    for number, row in enumerate(rows):
        wanted = torch.tensor(row.branches[0], device=logits.device)
        first = kept.index(len(fed[number]) - len(wanted))
        own = logits[number, first : first + len(wanted)].float().log_softmax(dim=-1)
        picked = own.gather(1, wanted[:, None])[:, 0].tolist()
        greedy = bool((own.argmax(dim=-1) == wanted).all())
        for index in row.requests[0]:
            yield index, BranchScore(sum(picked), greedy)


def _read_places(rows: Sequence[Row], fed: Sequence[Sequence[int]]) -> list[int]:
    """Columns at which some row's logits are read, in order; those of one row are neighbours."""
    return sorted(
        {
            column
            for row, tokens in zip(rows, fed, strict=True)
            for column in range(len(tokens) - len(row.branches[0]), len(tokens))
        }
    )
