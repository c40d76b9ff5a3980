"""An answer under several λ: the same numbers as one λ at a time, whichever form reads it."""

import math
from dataclasses import replace

import pytest
import torch

from core.engine.protocol import Chunk, Form, Prompt
from core.engine.stepwise import StepwiseFake
from core.engine.torch_engine import TorchEngine
from core.engine.tracing import TraceRequest
from core.errors import ContextOverflow, InputError
from core.lam import BASE, INSTRUCT, Lam
from core.spec import Decoding
from tests.engine.served import serving

LAMS = (Lam(-200), BASE, Lam(350), Lam(800), INSTRUCT)
PROMPT = Prompt("the river runs past")
ANSWER = Prompt(" a small town and the people")
CLOSE = 2e-4
FORMS: tuple[Form, ...] = ("blended", "materialised")


def asked(answer: Prompt = ANSWER, top: int = 3) -> TraceRequest:
    return TraceRequest(PROMPT, answer, top)


def wrote(engine: TorchEngine, lam: Lam, decoding: Decoding) -> list[Chunk]:
    return list(engine.stream("tiny", lam, PROMPT, decoding))


@pytest.mark.parametrize("form", FORMS)
def test_every_lam_says_what_it_says_of_the_whole_text_alone(
    tiny_engine: TorchEngine, form: Form
) -> None:
    trace = tiny_engine.trace("tiny", LAMS, asked(), form)
    assert trace.form == form and "".join(trace.texts) == ANSWER.text
    whole = Prompt(PROMPT.text + ANSWER.text)
    for lam, row in zip(LAMS, trace.lams, strict=True):
        scores = tiny_engine.token_scores("tiny", lam, whole, 3)[-len(trace.tokens) :]
        for value, best, score in zip(row.logprobs, row.top, scores, strict=False):
            assert score is not None
            assert value == pytest.approx(score.logprob, abs=CLOSE)
            assert [one.logprob for one in best] == pytest.approx(
                [one.logprob for one in score.top], abs=CLOSE
            )
        (behind,) = tiny_engine.next_tokens("tiny", [lam], whole, 3)
        assert len(row.top) == len(trace.tokens) + 1
        assert [one.token for one in row.top[-1]] == [one.token for one in behind]


def test_the_end_is_the_chance_of_any_stop_token(tiny_engine: TorchEngine) -> None:
    resident = tiny_engine.resident("tiny")
    trace = tiny_engine.trace("tiny", [Lam(350)], asked())
    ids = resident.encoder.encode_prompt(Prompt(PROMPT.text + ANSWER.text))
    with torch.inference_mode():
        logits = resident.at(Lam(350))(input_ids=torch.tensor([ids])).logits[0, -1]
    chances = logits.float().softmax(-1)
    stop = sum(float(chances[token]) for token in resident.stop_ids)
    assert math.exp(trace.lams[0].end) == pytest.approx(stop, abs=1e-6)


def test_the_very_tokens_of_a_greedy_answer_are_its_own_lams_first_choice(
    tiny_engine: TorchEngine,
) -> None:
    chunks = wrote(tiny_engine, Lam(350), Decoding(12))
    ids = tuple(token for chunk in chunks for token in chunk.ids)
    assert len(ids) == chunks[-1].tokens  # none is lost where a chunk had no text
    trace = tiny_engine.trace("tiny", LAMS, asked(Prompt("not read", tokens=ids)))
    own = trace.lams[LAMS.index(Lam(350))]
    assert trace.tokens == ids
    assert tuple(best[0].token for best in own.top[:-1]) == ids


def test_a_long_answer_is_read_in_pieces_and_few_lams_at_a_time(
    tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiny_engine.trace("tiny", LAMS, asked(), "blended")
    resident = tiny_engine.resident("tiny")
    vocabulary = int(resident.model.config.vocab_size)
    monkeypatch.setattr("core.engine.resident.HIGHEST_LOGITS", 5 * vocabulary)
    steps = tiny_engine.trace_steps("tiny", LAMS, asked(), "blended")
    assert len(list(steps)) == len(LAMS)
    pieces = tiny_engine.trace("tiny", LAMS, asked(), "blended")
    assert pieces.tokens == whole.tokens
    for one, other in zip(pieces.lams, whole.lams, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=CLOSE)
        assert one.end == pytest.approx(other.end, abs=CLOSE)
        assert [best[0].token for best in one.top] == [best[0].token for best in other.top]


def test_a_pair_that_cannot_be_blended_is_read_lam_by_lam_and_says_so(
    tiny_engine: TorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.engine.many_choice import Known

    monkeypatch.setattr(
        "core.engine.trace_steps.what_is_known", lambda resident: Known(None, "because of a test")
    )
    trace = tiny_engine.trace("tiny", LAMS, asked())
    assert trace.form == "materialised" and "because of a test" in trace.why


def test_a_host_tells_what_the_engine_tells(tiny_engine: TorchEngine) -> None:
    near = tiny_engine.trace("tiny", LAMS, asked(), "materialised")
    with serving(lambda: tiny_engine) as (client, _):
        assert client.trace("tiny", LAMS, asked(), "materialised") == near
        with pytest.raises(InputError, match="nothing to read"):
            client.trace("tiny", LAMS, asked(Prompt("")))


def test_the_made_up_engine_is_the_same_near_and_far() -> None:
    near = StepwiseFake().trace("made-up", LAMS, asked(Prompt("river lamp")))
    assert len(near.lams) == len(LAMS) and len(near.lams[0].top) == 3
    with serving(StepwiseFake) as (client, _):
        assert client.trace("made-up", LAMS, asked(Prompt("river lamp"))) == near


def test_impossible_wishes_are_one_sentence(tiny_engine: TorchEngine) -> None:
    with pytest.raises(InputError, match="no λ"):
        tiny_engine.trace("tiny", [], asked())
    with pytest.raises(InputError, match="Ask for 0 to 20"):
        tiny_engine.trace("tiny", LAMS, asked(top=21))
    with pytest.raises(InputError, match="ids from 0 to"):
        tiny_engine.trace("tiny", LAMS, asked(Prompt("", tokens=(10**6,))))
    with pytest.raises(ContextOverflow, match="Shorten the prompt"):
        tiny_engine.trace("tiny", LAMS, replace(asked(), prompt=Prompt("the river " * 300)))
