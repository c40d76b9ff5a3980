"""Sections of `tests/bench/gpu.py` about answers: decoding, several λ, prompts, scores."""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.engine.device import steady_attention
from core.engine.encoding import EncodedPair
from core.engine.many_choice import what_is_known
from core.engine.protocol import Answers, Form, Prompt, ScoreRequest
from core.engine.resident import Resident
from core.engine.scoring import score_steps
from core.lam import BASE, INSTRUCT, Lam
from core.merge.blended import Blended
from core.spec import Decoding
from tests.bench import half_precision
from tests.bench.gpu_state import State, fastest, say, seconds
from tests.bench.made_pair import make_pair

COUNTS = (8, 11)
PROMPT_TOKENS = 128
LENGTHS = (32, 128, 512, 1024)
TOLERANCE = 1e-4
WORDS = ("the", "river", "runs", "past", "a", "small", "town", "and", "people", "never", "stops")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of whole answers, and for one more token of every row."""

    whole: float
    token: float
    texts: tuple[str, ...]


def decode(state: State) -> None:
    """One row, token by token, at a λ that is already there; with and without cuDNN's attention."""
    tokens = 8 if state.tiny else 48

    def take(prompt: Prompt, longest: int) -> float:
        decoding = Decoding(longest)
        told = state.engine.stream(state.shape, INSTRUCT, prompt, decoding)
        return seconds(lambda: list(told), state.device)

    take(made_up(PROMPT_TOKENS), 2)
    for number, cudnn in enumerate((False, True)):
        torch.backends.cuda.enable_cudnn_sdp(cudnn)
        prompt = made_up(PROMPT_TOKENS * (number + 1))
        for told in ("lengths never seen", "the same again"):
            first, whole = take(prompt, 1), take(prompt, tokens)
            each = (whole - first) / (tokens - 1)
            say(
                f"cuDNN {'on ' if cudnn else 'off'} {told:20}first token {1000 * first:7.1f} ms, "
                f"then {1 / each:6.1f} tokens/s, {1000 * each:.2f} ms each"
            )
    steady_attention()
    if state.copied:
        floor = state.resident.loaded.weights_bytes / state.copied
        say(f"reading the weights alone takes {1000 * floor:.2f} ms at the copying speed")


def many(state: State) -> None:
    """Whole answers and decoding alone; the prompt is read at every λ."""
    tokens = 8 if state.tiny else 48
    (probing,) = [seconds(lambda: what_is_known(state.resident), state.device)]
    known = what_is_known(state.resident)
    say(f"trying whether it can be blended: {probing:.2f} s; {known.reason or 'it can'}")
    one = _answer(state, [Lam(500)], None, tokens)
    say(f"{'':24}{'s':>8}{'× one':>8}{'speed-up':>10}{'ms/token':>10}{'× one':>8}{'speed-up':>10}")
    _line("one λ", one, one, one)
    for count in COUNTS:
        lams = [Lam(1000 * number // (count - 1)) for number in range(count)]
        after = _answer(state, lams, "materialised", tokens)
        _line(f"{count} λ, one after another", after, one, after)
        at_once = _answer(state, lams, "blended", tokens)
        _line(f"{count} λ at once", at_once, one, after)
        same = sum(a == b for a, b in zip(after.texts, at_once.texts, strict=True))
        say(f"   {same} of {count} texts the same; {count * tokens / at_once.whole:.0f} tokens/s")
    chosen = next(state.engine.stream_many(state.shape, lams, made_up(PROMPT_TOKENS), Decoding(1)))
    say(f"   {chosen.why if isinstance(chosen, Answers) else chosen}")


def read(state: State) -> None:
    """Milliseconds until the first token of 8 λ, three ways."""
    resident, blended = state.resident, _blended(state.resident)
    lams = [Lam(1000 * number // 7) for number in range(8)]
    say(f"{'tokens':>8}{'blended':>12}{'merged modules':>16}{'live copy':>12}   ms, 8 λ")
    for length in LENGTHS[:2] if state.tiny else LENGTHS:
        ids = torch.tensor([made_up(length).tokens or ()] * len(lams), device=state.device)
        ways = fastest(
            [
                lambda: _read(blended.at(lams), ids),  # noqa: B023
                lambda: _read(blended.at(lams, 1), ids),  # noqa: B023
                lambda: _read_live(resident, lams, ids),  # noqa: B023
            ],
            state.device, 2,
        )  # fmt: skip
        say(f"{length:>8}{ways[0] * 1000:>12.1f}{ways[1] * 1000:>16.1f}{ways[2] * 1000:>12.1f}")
    say(f"scratch: {blended.scratch_bytes / 1e9:.3f} GB")


def equal(state: State) -> None:
    """Rows at 8 λ against the merged model at each: all positions of one text."""
    _compare(state.resident, "bfloat16, the made pair", None)
    small = make_pair("tiny" if state.tiny else "small", state.device, torch.float32)
    _compare(small, "float32, a small pair", TOLERANCE)


def score(state: State) -> None:
    """Five examples for all, four choices each; with the prefix shared and without."""
    items = 4 if state.tiny else 64
    for words in (1, 10):
        requests = _requests(items, words)
        resident = state.resident
        pairs = resident.encoder.encode_pairs(requests)
        tokens = sum(len(pair.context) + len(pair.continuation) for pair in pairs)
        took = {}
        for shares in (True, False):
            if shares and not resident.shares:
                say("this pair's prefixes cannot be shared")
                continue
            state.engine._residents.adopt(state.shape, resident.with_sharing(shares))
            state.engine.score(state.shape, INSTRUCT, requests[:8])
            took[shares] = seconds(
                lambda: state.engine.score(state.shape, INSTRUCT, requests), state.device  # noqa: B023
            )  # fmt: skip
            told = "prefix shared" if shares else "nothing shared"
            say(
                f"{words:2}-word choices, {told:15}{items / took[shares]:8.1f} items/s"
                f"{tokens / took[shares]:12,.0f} tokens/s of {tokens:,}"
            )
        state.engine._residents.adopt(state.shape, resident)
        if len(took) == 2:
            say(f"   shared is {took[False] / took[True]:.1f} times faster")


def share(state: State) -> None:
    """A small pair in bfloat16 against the same weights in float32: what sharing changes."""
    shape = "tiny" if state.tiny else "small"
    coarse = make_pair(shape, state.device, torch.bfloat16)
    fine = make_pair(shape, state.device, torch.float32)
    for one, other in zip(fine.merged.slots, coarse.merged.slots, strict=True):
        one.base.copy_(other.base)
    pairs = coarse.encoder.encode_pairs(_requests(8, 5))
    truth = _scores(fine.with_sharing(False), pairs)
    for told, shares in (("nothing shared", False), ("prefix shared", True)):
        found = _scores(coarse.with_sharing(shares), pairs)
        gaps = [abs(one - other) for one, other in zip(found, truth, strict=True)]
        mean = sum(gap * gap for gap in gaps) / len(gaps)
        say(
            f"bfloat16, {told:15} off by {mean**0.5:.3f} (root mean square), "
            f"{max(gaps):.3f} at most"
        )


def _scores(resident: Resident, pairs: Sequence[EncodedPair]) -> list[float]:
    steps = score_steps(resident, BASE, pairs)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return [score.logprob for score in done.value]


def half(state: State) -> None:
    """How often an answer of the embedded pair is the same alone and among others."""
    prompts, tokens = (4, 8) if state.tiny else (16, 32)
    state.forget()
    with tempfile.TemporaryDirectory() as folder:
        half_precision.measure(Path(folder), prompts, tokens, str(state.device), say)


def made_up(length: int) -> Prompt:
    """So many tokens that every made pair has, drawn anew by length."""
    draw = random.Random(length)
    return Prompt("", tokens=tuple(draw.randrange(6, 300) for _ in range(length)))


def _answer(state: State, lams: Sequence[Lam], form: Form | None, tokens: int) -> Took:
    def take(longest: int) -> tuple[str, ...]:
        texts = [""] * len(lams)
        prompt = made_up(PROMPT_TOKENS)
        for piece in state.engine.stream_many(state.shape, lams, prompt, Decoding(longest), form):
            if not isinstance(piece, Answers):
                texts[piece.row] += piece.text
        return tuple(texts)

    take(2)
    found: list[tuple[str, ...]] = []
    first = seconds(lambda: take(1), state.device)
    whole = seconds(lambda: found.append(take(tokens)), state.device)
    return Took(whole, (whole - first) / (tokens - 1), found[0])


def _line(name: str, took: Took, one: Took, after: Took) -> None:
    whole = f"{took.whole:8.2f}{took.whole / one.whole:8.2f}{after.whole / took.whole:10.2f}"
    token = (
        f"{1000 * took.token:10.1f}{took.token / one.token:8.2f}{after.token / took.token:10.2f}"
    )
    say(f"{name:24}{whole}{token}")


def _blended(resident: Resident) -> Blended:
    known = what_is_known(resident)
    if known.blended is None:
        raise AssertionError(f"the pair cannot be blended: {known.reason}")
    return known.blended


@torch.inference_mode()
def _read(model: torch.nn.Module, ids: Tensor) -> None:
    model(input_ids=ids, use_cache=True, logits_to_keep=1)


def _read_live(resident: Resident, lams: Sequence[Lam], ids: Tensor) -> None:
    for row, lam in enumerate(lams):
        _read(resident.at(lam), ids[row : row + 1])


@torch.inference_mode()
def _compare(resident: Resident, title: str, tolerance: float | None) -> None:
    blended = _blended(resident)
    lams = [Lam(t) for t in (0, 150, 300, 500, 650, 850, 1000, 1200)]
    ids = torch.tensor([list(made_up(64).tokens or ())] * len(lams), device=resident.device)
    for way, merge_from in (("products blended", None), ("modules merged", 1)):
        found = _logprobs(blended.at(lams, merge_from), ids)
        _tell(f"{title}, {way}", found, resident, lams, ids, tolerance)
    same = all(
        torch.equal(
            _logprobs(blended.at([lam], 1), ids[:1]),
            _logprobs(resident.at(lam), ids[:1]),
        )
        for lam in lams
    )
    say(f"{title}: one row read through merged modules is bit for bit the live model: {same}")


def _tell(
    title: str,
    found: Tensor,
    resident: Resident,
    lams: Sequence[Lam],
    ids: Tensor,
    tolerance: float | None,
) -> None:
    worst, agreed, ends = 0.0, 0.0, 0
    for row, lam in enumerate(lams):
        alone = _logprobs(resident.at(lam), ids[:1])[0]
        worst = max(worst, float((found[row] - alone).abs().max()))
        agreed += float((found[row].argmax(-1) == alone.argmax(-1)).float().mean()) / len(lams)
        if lam.is_base or lam.is_instruct:  # as one row, or in the same shape of batch
            together = _logprobs(resident.at(lam), ids)[row]
            ends += torch.equal(found[row], alone) or torch.equal(found[row], together)
    say(
        f"{title}: log-probabilities differ by {worst:.2g} at most, greedy tokens agree in "
        f"{agreed:.2%}, ends bit for bit: {ends} of 2"
    )
    if tolerance is not None and worst > tolerance:
        raise AssertionError(f"{worst:.2g} is more than {tolerance}")


def _logprobs(model: torch.nn.Module, ids: Tensor) -> Tensor:
    logits: Tensor = model(input_ids=ids, use_cache=False).logits
    return logits.float().log_softmax(-1)


def _requests(items: int, words: int) -> list[ScoreRequest]:
    draw = random.Random(words)

    def sentence(words: int) -> str:
        return " ".join(draw.choice(WORDS) for _ in range(words))

    shots = "\n".join(f"Question: {sentence(40)}? Answer: {sentence(3)}." for _ in range(5))
    return [
        ScoreRequest(f"{shots}\nQuestion: {question}? Answer:", " " + sentence(words))
        for question in (sentence(30) for _ in range(items))
        for _ in range(4)
    ]
