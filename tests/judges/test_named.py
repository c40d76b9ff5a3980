"""Judges by name: who they are is known from files, and what cannot be used is told at once."""

from pathlib import Path

import pytest

from core.engine.fake import FakeEngine
from core.errors import JudgeError, LambdaError, NotKnown
from core.judges.named import JudgeOptions, Opener, judge_identity, open_asker, parse_judge
from core.judges.protocol import JudgeIdentity
from core.settings import Settings
from tests.judges.questions import Memo, question
from tests.tiny_reward import write_tiny_reward

NONE = JudgeOptions()


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.judges.server_settings.SECRETS_FOLDERS", ())
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "PARTWAY_JUDGE_KEY", "PARTWAY_JUDGE_URL"):
        monkeypatch.delenv(name, raising=False)


def identity(text: str, settings: Settings, options: JudgeOptions = NONE) -> JudgeIdentity:
    return judge_identity(parse_judge(text), (), settings, options)


@pytest.mark.parametrize(
    "text", ["", "gpt-4", "openai:", "openai", "local", "verifier:x", "longest:", "rewards:/x"]
)
def test_what_is_no_judge_is_told_with_all_that_are(text: str) -> None:
    with pytest.raises(NotKnown, match="local:PAIR@λ"):
        parse_judge(text)


def test_names_say_what_is_shown() -> None:
    shown = {
        "local:tiny": "local:tiny@1",
        "local:tiny@0.50": "local:tiny@0.5",
        "local:/models/judge-8b": "local:judge-8b",
        "local:org/judge-8b": "local:org/judge-8b",
        "reward:/models/reward": "reward:reward",
        "openai:gpt-x:mini": "openai:gpt-x:mini",
        "longest": "longest",
    }
    assert {text: parse_judge(text).shown for text in shown} == shown
    with pytest.raises(LambdaError):
        parse_judge("local:tiny@half")


def test_a_model_is_known_by_its_content_wherever_it_lies(tiny_settings: Settings) -> None:
    instruct = tiny_settings.pairs_file.parent / "instruct"
    one, other = identity("local:tiny@1", tiny_settings), identity("local:tiny@0.5", tiny_settings)
    alone = identity(f"local:{instruct}", tiny_settings)
    assert one.version == alone.version
    assert one.version != other.version
    assert one.name != alone.name
    assert one.prompt_hash == other.prompt_hash is not None


def test_another_template_is_another_judge(tiny_settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("{instruction} {output_1} {output_2}")
    own = identity("local:tiny", tiny_settings, JudgeOptions(template=file))
    assert own.prompt_hash != identity("local:tiny", tiny_settings).prompt_hash


def test_a_reward_model_is_known_by_its_content(tiny_settings: Settings, tmp_path: Path) -> None:
    folder = write_tiny_reward(tmp_path / "reward")
    found = identity(f"reward:{folder}", tiny_settings)
    assert (found.name, found.prompt_hash, found.order_free) == ("reward:reward", None, True)
    with pytest.raises(JudgeError, match="does not exist"):
        identity(f"reward:{tmp_path / 'nowhere'}", tiny_settings)


def test_a_server_is_known_without_its_key_and_not_asked_without(tiny_settings: Settings) -> None:
    found = identity("openai:gpt-x", tiny_settings)
    assert (found.name, found.version) == ("openai:gpt-x", "1@api.openai.com")
    opener = Opener(tiny_settings, FakeEngine)
    with pytest.raises(JudgeError, match=r"Set OPENAI_API_KEY"):
        open_asker(parse_judge("openai:gpt-x"), opener)


def test_a_limit_of_nothing_is_refused_before_anything_is_asked(tiny_settings: Settings) -> None:
    with pytest.raises(JudgeError, match="allows no question"):
        identity("openai:gpt-x", tiny_settings, JudgeOptions(spend="0"))


def test_weights_that_changed_under_a_judge_are_noticed(tiny_settings: Settings) -> None:
    asker = open_asker(parse_judge("local:tiny"), Opener(tiny_settings, FakeEngine))
    with pytest.raises(JudgeError, match="changed while it was judging"):  # made-up weights
        asker.ask([question()], Memo().keep)
