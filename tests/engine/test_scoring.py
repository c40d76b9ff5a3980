"""Scoring: whatever is shared or batched, the numbers are those of one plain forward a request."""

import random
from dataclasses import replace

import pytest
import torch
from lm_eval.api.model import TemplateLM

from core.engine import prefix_shelf
from core.engine.encoding import EncodedPair, Encoder
from core.engine.protocol import Prompt, Score, ScoreRequest
from core.engine.resident import Resident
from core.engine.score_plan import fit_context, make_groups
from core.engine.torch_engine import TorchEngine
from core.errors import ContextOverflow
from core.lam import BASE, INSTRUCT, Lam
from tests.tiny_pair import CONTEXT_LENGTH, make_tokenizer

LAM = Lam(350)
WORDS = ["the", "river", "runs", "past", "a", "small", "town", "people", "say", "never", "stops"]
SHOTS = "Question: where is the river? Answer: past a small town.\n" * 2


def sentences(count: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(1, 9))) for _ in range(count)]


def requests_of_many_kinds() -> list[ScoreRequest]:
    choices = [" the river", " town", " people say that", "\nno"]
    shared = [ScoreRequest(SHOTS + q, c) for q in sentences(9) for c in choices]
    letters = [ScoreRequest(f"{SHOTS}Pick: {q}?", f" {c}") for q in sentences(5) for c in "AB"]
    alone = [ScoreRequest(q, " never stops") for q in sentences(7, seed=2)]
    odd = [
        ScoreRequest("", "the river"),
        ScoreRequest("the river ", "runs"),
        ScoreRequest("the river", ""),
        ScoreRequest("  \n", "runs"),
        ScoreRequest("Zürich λ 🙂 ", "日本"),
        shared[0],
        ScoreRequest("<|bos|>the", " river"),
        ScoreRequest("the river runs " * 90, " past a town"),
    ]
    return [*shared, *letters, *alone, *odd]


def score_one_by_one(resident: Resident, lam: Lam, requests: list[ScoreRequest]) -> list[Score]:
    """The definition: one whole forward a request, float32 log-softmax, sum."""
    scores = []
    for pair in resident.encoder.encode_pairs(requests):
        fed = (pair.context + pair.continuation)[-(resident.context_length + 1) :]
        if not pair.continuation:
            kept = min(len(pair.context), resident.context_length + 1)
            scores.append(Score(0.0, True, 0, kept, len(pair.context) - kept))
            continue
        with torch.inference_mode():
            logits = resident.at(lam)(torch.tensor([fed[:-1]])).logits[0]
        wanted = torch.tensor(pair.continuation)
        logprobs = logits[-len(wanted) :].float().log_softmax(-1)
        total = float(logprobs.gather(1, wanted[:, None]).sum())
        greedy = bool((logprobs.argmax(-1) == wanted).all())
        kept = len(fed) - len(pair.continuation)
        cut = len(pair.context) - kept
        scores.append(Score(total, greedy, len(pair.continuation), kept, cut))
    return scores


def assert_same(found: list[Score], expected: list[Score]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.logprob == pytest.approx(other.logprob, abs=1e-4)
        assert replace(one, logprob=0.0) == replace(other, logprob=0.0)


def plain(engine: TorchEngine) -> TorchEngine:
    """The same engine on the same weights, told that it cannot share."""
    copy = TorchEngine(engine._settings)
    copy._residents.adopt("tiny", engine.resident("tiny").with_sharing(False))
    return copy


@pytest.mark.parametrize("lam", [BASE, LAM, INSTRUCT, Lam(1200)], ids=str)
def test_shared_scores_equal_plain_ones(tiny_engine: TorchEngine, lam: Lam) -> None:
    requests = requests_of_many_kinds()
    assert tiny_engine.resident("tiny").shares
    expected = score_one_by_one(tiny_engine.resident("tiny"), lam, requests)
    assert_same(tiny_engine.score("tiny", lam, requests), expected)


def test_scores_without_sharing_are_the_same(tiny_engine: TorchEngine) -> None:
    requests = requests_of_many_kinds()
    expected = tiny_engine.score("tiny", LAM, requests)
    assert_same(plain(tiny_engine).score("tiny", LAM, requests), expected)


def test_order_and_company_do_not_matter(tiny_engine: TorchEngine) -> None:
    requests = requests_of_many_kinds()
    together = dict(zip(requests, tiny_engine.score("tiny", LAM, requests), strict=True))
    shuffled = random.Random(1).sample(requests, len(requests))
    assert_same(
        tiny_engine.score("tiny", LAM, shuffled), [together[request] for request in shuffled]
    )
    assert_same(tiny_engine.score("tiny", LAM, requests[:1]), [together[requests[0]]])


def test_the_greedy_flag_is_true_for_what_the_model_would_write(tiny_engine: TorchEngine) -> None:
    from core.spec import Decoding

    context = SHOTS + "the"
    answer = tiny_engine.generate("tiny", LAM, [Prompt(context)], Decoding(4))[0]
    (score,) = tiny_engine.score("tiny", LAM, [ScoreRequest(context, answer.text)])
    encoder = tiny_engine.resident("tiny").encoder
    (pair,) = encoder.encode_pairs([ScoreRequest(context, answer.text)])
    if encoder.decode(pair.continuation) == answer.text and score.tokens == answer.tokens:
        assert score.greedy
    assert not tiny_engine.score("tiny", LAM, [ScoreRequest(context, " Zürich")])[0].greedy


def test_progress_ends_at_the_total(tiny_engine: TorchEngine) -> None:
    seen: list[tuple[int, int]] = []
    requests = requests_of_many_kinds()
    tiny_engine.score("tiny", LAM, requests, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen[-1] == (len(requests), len(requests))


def test_nothing_to_score_is_an_empty_list(tiny_engine: TorchEngine) -> None:
    assert tiny_engine.score("tiny", LAM, []) == []


def test_one_lam_never_serves_another(tiny_engine: TorchEngine) -> None:
    requests = requests_of_many_kinds()[:12]
    alone = {lam: tiny_engine.score("tiny", lam, requests) for lam in (BASE, LAM, INSTRUCT)}
    for lam in (INSTRUCT, BASE, LAM, INSTRUCT, LAM):
        assert tiny_engine.score("tiny", lam, requests) == alone[lam]
    assert len({scores[0].logprob for scores in alone.values()}) == 3


def test_a_shared_context_is_computed_once() -> None:
    context = tuple(range(300))
    pairs = [EncodedPair((*context, item), (c, 7, 8)) for item in (500, 501) for c in (1, 2, 3)]
    (group,) = make_groups(pairs, share=True)
    assert group.prefix == context
    assert [row.branch_columns for row in group.rows] == [6, 6]


def test_sharing_that_saves_less_than_a_forward_is_left() -> None:
    pairs = [EncodedPair((*range(40), item), (1,)) for item in (50, 51)]
    (group,) = make_groups(pairs, share=True)
    assert (group.prefix, len(group.rows)) == ((), 2)


def test_what_is_asked_twice_is_computed_once() -> None:
    (group,) = make_groups([EncodedPair((1, 2), (3,))] * 4, share=True)
    assert group.rows[0].requests == ((0, 1, 2, 3),)


def test_a_long_context_loses_its_beginning() -> None:
    fitted = fit_context(EncodedPair(tuple(range(20)), (1, 2, 3)), 10)
    assert fitted.context == tuple(range(12, 20))
    assert fitted.cut == 12
    with pytest.raises(ContextOverflow, match="continuation of 11 tokens"):
        fit_context(EncodedPair((1,), tuple(range(11))), 10)


class LmEvalEncoding(TemplateLM):  # type: ignore[misc]  # lm-eval has no types
    """lm-eval's own encoding over our tokenizer; it computes nothing."""

    backend = "causal"

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer = make_tokenizer()
        self.seen: list[tuple[tuple[str, str], list[int], list[int]]] = []

    @property
    def eot_token_id(self) -> int:
        return int(self.tokenizer.eos_token_id)

    @property
    def prefix_token_id(self) -> int:
        return int(self.tokenizer.bos_token_id)

    def tok_encode(self, string: str, add_special_tokens: bool | None = None) -> list[int]:
        special = {} if add_special_tokens is None else {"add_special_tokens": add_special_tokens}
        if add_special_tokens is None and string.startswith(self.tokenizer.bos_token):
            special = {"add_special_tokens": False}
        return list(self.tokenizer.encode(string, **special))

    def _loglikelihood_tokens(self, requests: object, **kwargs: object) -> list[object]:
        self.seen = list(requests)  # type: ignore[call-overload]
        return []

    def loglikelihood_rolling(self, requests: object, disable_tqdm: bool = False) -> list[object]:
        return []

    def generate_until(self, requests: object, disable_tqdm: bool = False) -> list[object]:
        return []


def test_pairs_are_encoded_as_lm_eval_encodes_them() -> None:
    from lm_eval.api.instance import Instance

    ours = Encoder(make_tokenizer())
    theirs = LmEvalEncoding()
    # lm-eval refuses empty continuations and contexts of white space alone; those are ours.
    requests = [r for r in requests_of_many_kinds() if r.continuation and r.context != "  \n"]
    arguments = [(r.context, r.continuation) for r in requests]
    theirs.loglikelihood(
        [Instance("loglikelihood", {}, pair, i) for i, pair in enumerate(arguments)], True
    )
    expected = [(tuple(context), tuple(cont)) for _, context, cont in theirs.seen]
    found = [(pair.context, pair.continuation) for pair in ours.encode_pairs(requests)]
    assert found == expected


def test_contexts_fit_the_model(tiny_engine: TorchEngine) -> None:
    (score,) = tiny_engine.score("tiny", LAM, [ScoreRequest("the " * 900, " river")])
    assert score.context_tokens + score.tokens == CONTEXT_LENGTH + 1


def counted(engine: TorchEngine, lam: Lam, part: list[ScoreRequest]) -> tuple[list[Score], int]:
    """Scores, and how many forwards they took."""
    seen: list[int] = []
    model = engine.resident("tiny").model
    hook = model.register_forward_pre_hook(lambda *given: seen.append(1))
    scores = engine.score("tiny", lam, part)
    hook.remove()
    return scores, len(seen)


def test_parts_of_a_task_compute_its_examples_once_at_each_lam(tiny_engine: TorchEngine) -> None:
    tiny_engine.resident("tiny").prefixes.clear()
    parts = [[ScoreRequest(SHOTS * 3 + q, " town") for q in sentences(9, at)] for at in (5, 6)]
    for lam in (LAM, INSTRUCT, LAM):
        (first, one), (second, two) = (counted(tiny_engine, lam, part) for part in parts)
        assert one == two + 1, "the examples are read with the first part alone"
        expected = plain(tiny_engine).score("tiny", lam, [*parts[0], *parts[1]])
        assert_same([*first, *second], expected)


def test_a_prefix_that_takes_much_memory_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix_shelf, "ALWAYS_KEPT_BYTES", 0)
    shelf, tokens = prefix_shelf.PrefixShelf(), tuple(range(40))
    prefix = [(torch.zeros(1, 2, 40, 8), torch.zeros(1, 2, 40, 8))]
    shelf.keep(LAM, tokens, prefix, weights_bytes=10 * 2 * 2 * 40 * 8 * 4)
    assert shelf.find(LAM, tokens) is not None and shelf.find(INSTRUCT, tokens) is None
    found = shelf.find(LAM, (*tokens[:38], 99, 98))
    assert found is not None and found[1] == 38 and found[0][0][0].shape[2] == 38
    assert shelf.find(LAM, (*tokens[:30], *tokens)) is None, "too little of it is there"
    shelf.keep(LAM, tokens, prefix, weights_bytes=10)
    assert shelf.find(LAM, tokens) is None


def test_another_view_of_a_pair_begins_without_a_prefix(tiny_engine: TorchEngine) -> None:
    resident = tiny_engine.resident("tiny")
    assert replace(resident, merged=resident.merged).prefixes is not resident.prefixes
