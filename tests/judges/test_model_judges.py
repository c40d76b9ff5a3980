"""Local judges on a real model: exact probabilities, rewards, and what does not fit."""

import math
from pathlib import Path

import pytest

from core.engine.protocol import Message
from core.engine.torch_engine import TorchEngine
from core.judges.named import JudgeOptions, Opener, open_asker, parse_judge
from core.lam import Lam
from core.settings import Settings
from tests.judges.questions import Memo, question
from tests.tiny_reward import write_tiny_reward

QUESTIONS = [question(f"q{number}", "the river", "town " * number) for number in range(3)]


@pytest.fixture
def options(tmp_path: Path) -> JudgeOptions:
    """A template that is short enough for the random pair's context."""
    file = tmp_path / "short.txt"
    file.write_text("{instruction}\nm {output_1}\nM {output_2}\nBetter:")
    return JudgeOptions(template=file)


def test_a_local_judge_says_what_its_next_token_says(
    tiny_engine: TorchEngine, tiny_settings: Settings, options: JudgeOptions
) -> None:
    opener = Opener(tiny_settings, lambda: tiny_engine, options)
    memo = Memo()
    open_asker(parse_judge("local:tiny@0.65"), opener).ask(QUESTIONS, memo.keep)
    told = f"Do q2.\nm {QUESTIONS[2].first}\nM {QUESTIONS[2].second}\nBetter:"
    prompt = tiny_engine.render_chat("tiny", [Message("user", told)])
    (chances,) = tiny_engine.option_chances("tiny", Lam(650), [prompt], ("m", "M"))
    assert chances.logprobs is not None
    first, second = map(math.exp, chances.logprobs)
    answer = memo.answers[QUESTIONS[2].content]
    assert answer.shown == pytest.approx(2 - first / (first + second), abs=1e-6)
    assert answer.mass == pytest.approx(first + second, rel=1e-5)
    assert (answer.model, answer.tokens_read) == ("tiny@0.65", chances.prompt_tokens)


def test_what_does_not_fit_is_missing_and_never_cut(
    tiny_engine: TorchEngine, tiny_settings: Settings, options: JudgeOptions
) -> None:
    opener = Opener(tiny_settings, lambda: tiny_engine, options)
    memo = Memo()
    long = question("long", "river " * 400)
    open_asker(parse_judge("local:tiny"), opener).ask([QUESTIONS[0], long], memo.keep)
    assert memo.answers[long.content].shown is None
    assert "longer than the judge's context of 256 tokens" in str(memo.answers[long.content].reason)
    assert memo.answers[QUESTIONS[0].content].shown is not None


def test_a_reward_judge_is_the_sigmoid_of_the_difference(
    tiny_engine: TorchEngine, tiny_settings: Settings, tmp_path: Path
) -> None:
    folder = write_tiny_reward(tmp_path / "reward")
    opener = Opener(tiny_settings, lambda: tiny_engine)
    memo = Memo()
    open_asker(parse_judge(f"reward:{folder}"), opener).ask(QUESTIONS, memo.keep)
    turns = [
        (Message("user", one.instruction), Message("assistant", text))
        for one in QUESTIONS
        for text in (one.first, one.second)
    ]
    scores = tiny_engine.rate(str(folder), turns)
    for at, one in enumerate(QUESTIONS):
        first, second = scores[2 * at], scores[2 * at + 1]
        assert first is not None
        assert second is not None
        expected = 2 - 1 / (1 + math.exp(second - first))
        assert memo.answers[one.content].shown == pytest.approx(expected, abs=1e-6)
