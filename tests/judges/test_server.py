"""A judge behind a server: what is a verdict, what a counted failure, what the end."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import core.judges.server_calls
from core.engine.stepwise import StepwiseFake
from core.errors import JudgeError
from core.judges.protocol import Question
from core.judges.server import FAILURES_IN_A_ROW, ServerAsker
from core.judges.server_settings import (
    Prices,
    ServerSettings,
    read_secrets,
    read_server_settings,
)
from core.judges.spending import Spending
from core.judges.template import Template, read_template
from tests.engine.served import TOKEN, serving
from tests.judges.questions import Memo, question
from tests.judges.scripted_server import Said, Script, refusal, reply, scripted, user_text

KEY = "sk-a-secret-of-this-test"
TEMPLATE = read_template()
SURE = {"m": 0.75, "M": 0.25}
MANY = [question(f"q{number}", "one", f"text-{number}.") for number in range(12)]


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.02)


asked: list[dict[str, Any]] = []  # of the last server, also when asking ended in an error


def ask(
    script: Script,
    questions: list[Question],
    memo: Memo | None = None,
    template: Template = TEMPLATE,
    spending: Spending | None = None,
    seconds: float = 5.0,
    concurrency: int = 3,
) -> tuple[Memo, list[dict[str, Any]]]:
    """Everything the judge handed on, and everything the server was asked."""
    memo = memo or Memo()
    with scripted(script) as server:
        settings = ServerSettings(server.url, KEY, None, concurrency, seconds)
        asker = ServerAsker("gpt-x", settings, template, spending or Spending(None, None))
        try:
            asker.ask(questions, memo.keep)
        finally:
            asked.clear()
            asked.extend(server.asked)
            assert set(server.keys) <= {f"Bearer {KEY}"}
    return memo, server.asked


def test_log_probabilities_are_the_verdict() -> None:
    memo, sent = ask(lambda n, body: reply("M", SURE, model="gpt-x-2025"), [question()])
    (answer,) = memo.kept
    assert answer.shown == pytest.approx(1.25)
    assert answer.mass == pytest.approx(1.0)
    assert answer.model == "gpt-x-2025"
    assert (answer.tokens_read, answer.tokens_written) == (100, 1)
    (body,) = sent
    assert (body["max_tokens"], body["logprobs"], body["temperature"]) == (1, True, 0)
    assert body["top_logprobs"] == 20


def test_every_question_is_asked_once_and_answers_keep_to_their_question() -> None:
    def script(number: int, body: dict[str, Any]) -> Said:
        which = int(user_text(body).split("text-")[1].split(".")[0])
        return reply("m", {"m": (which + 1) / 20, "M": 1 - (which + 1) / 20})

    memo, sent = ask(script, MANY)
    assert len(sent) == len(MANY)
    for number, one in enumerate(MANY):
        assert memo.answers[one.content].shown == pytest.approx(2 - (number + 1) / 20)


def test_a_server_without_log_probabilities_is_asked_for_a_letter() -> None:
    memo, sent = ask(lambda n, body: reply("M", None), [question()])
    assert (memo.kept[0].shown, memo.kept[0].mass) == (2.0, None)
    assert len(sent) == 1


def test_a_cut_word_is_asked_again_with_more_room() -> None:
    def script(number: int, body: dict[str, Any]) -> Said:
        return reply("**", None, finish="length") if body["max_tokens"] == 1 else reply("**M**")

    memo, sent = ask(script, [question()])
    assert [body["max_tokens"] for body in sent] == [1, 8]
    assert [answer.shown for answer in memo.kept] == [2.0]


def test_refused_fields_are_left_out_from_then_on() -> None:
    def script(number: int, body: dict[str, Any]) -> Said:
        for name in ("max_tokens", "logprobs", "temperature"):
            if name in body:
                return refusal(400, f"Unsupported parameter: '{name}' with this model.")
        return reply("m")

    memo, sent = ask(script, MANY[:4], concurrency=1)
    assert [answer.shown for answer in memo.kept] == [1.0] * 4
    assert len(sent) == 3 + 4
    assert sent[-1].keys() == {"model", "messages", "max_completion_tokens"}


def test_fewer_candidates_where_twenty_are_too_many() -> None:
    def script(number: int, body: dict[str, Any]) -> Said:
        if body["top_logprobs"] > 5:
            return refusal(400, "top_logprobs must be at most 5")
        return reply("m", SURE)

    memo, _ = ask(script, [question()])
    assert memo.kept[0].shown == pytest.approx(1.25)


def test_prose_is_missing_with_its_words() -> None:
    memo, _ = ask(lambda n, body: reply("The first one is better"), [question()])
    assert memo.kept[-1].shown is None
    assert "'The first one is better'" in str(memo.kept[-1].reason)
    memo, _ = ask(lambda n, body: reply("The", {"The": 0.99}), [question()])
    assert (memo.kept[0].shown, memo.kept[0].mass) == (None, 0.0)


def test_too_many_requests_are_waited_out() -> None:
    def script(number: int, body: dict[str, Any]) -> Said:
        if number % 2 == 0:
            return refusal(429, "slow down", headers={"Retry-After": "0.02"})
        return reply("m", SURE)

    memo, sent = ask(script, MANY[:3], concurrency=1)
    assert [answer.shown for answer in memo.kept] == [pytest.approx(1.25)] * 3
    assert len(sent) == 6


def test_a_broken_server_is_a_counted_failure_and_no_verdict() -> None:
    def script(number: int, body: dict[str, Any]) -> Said:
        broken = "text-3." in user_text(body)
        return refusal(500, "something broke") if broken else reply("m", SURE)

    memo, _ = ask(script, MANY[:5])
    failed = [answer for answer in memo.kept if answer.shown is None]
    assert [answer.item for answer in failed] == ["q3"]
    assert "status 500: something broke" in str(failed[0].reason)
    assert len(memo.kept) == 5


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"id": "x", "choices": [{"index": 0, "mess', "could not be read"),
        (b'{"id": "x", "choices": []}', "could not be read"),
        (b"<html>gateway</html>", "could not be read"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_counted_failure(body: bytes, words: str) -> None:
    memo, _ = ask(lambda n, asked: Said(200, body), [question()])
    assert memo.kept[0].shown is None
    assert words in str(memo.kept[0].reason)


def test_silence_is_a_counted_failure() -> None:
    heard = threading.Event()

    def script(number: int, body: dict[str, Any]) -> Said:
        if "text-1." in user_text(body):
            heard.wait(1.0)
        return reply("m", SURE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.judges.server_calls, "RETRIES", 0)
        memo, _ = ask(script, MANY[:3], seconds=0.3)
    heard.set()
    failed = [answer for answer in memo.kept if answer.shown is None]
    assert [answer.item for answer in failed] == ["q1"]
    assert "no answer within 0.3 s" in str(failed[0].reason)


def test_a_server_that_only_fails_is_left_alone() -> None:
    memo = Memo()
    with pytest.raises(JudgeError, match=f"failed {FAILURES_IN_A_ROW} questions in a row"):
        ask(lambda n, body: refusal(503, "down"), MANY, memo, concurrency=1)
    assert len(memo.kept) >= FAILURES_IN_A_ROW


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (refusal(401, f"Incorrect API key provided: {KEY}"), "does not accept the key"),
        (refusal(404, "The model does not exist"), "has no model 'gpt-x'"),
        (refusal(429, "You exceeded", "insufficient_quota"), "no money left"),
    ],
)
def test_what_cannot_get_better_ends_it_in_a_sentence(said: Said, words: str) -> None:
    with pytest.raises(JudgeError, match=words) as told:
        ask(lambda n, body: said, MANY)
    assert KEY not in str(told.value)
    assert len(asked) <= 1 + 4


def test_an_address_where_nobody_listens_is_told_at_once() -> None:
    with scripted(lambda n, body: reply("m")) as server:
        url = server.url
    asker = ServerAsker("m", ServerSettings(url, ""), TEMPLATE, Spending(None, None))
    with pytest.raises(JudgeError, match=r"cannot be asked: no connection to http://127\.0\.0\.1"):
        asker.ask(MANY, Memo().keep)


def test_a_spending_limit_stops_before_it_is_passed() -> None:
    prices = Prices(read=1000.0, written=0.0)  # a tenth of a dollar for the 100 tokens of a reply
    spending = Spending("2.5", prices)
    memo = Memo()
    with pytest.raises(JudgeError, match=r"limit of \$2\.5 stops the judge after \d+ questions"):
        ask(lambda n, body: reply("m", SURE), MANY * 2, memo, spending=spending)
    assert 0 < spending.dollars <= 2.5
    assert spending.dollars == pytest.approx(0.1 * len(memo.kept))
    assert len(asked) == len(memo.kept)
    assert all(answer.dollars == pytest.approx(0.1) for answer in memo.kept)


@pytest.mark.parametrize("limit", ["0", "-1", "much", "nan", ""])
def test_a_limit_that_allows_nothing_is_refused(limit: str) -> None:
    with pytest.raises(JudgeError, match="allows no question"):
        Spending(limit, Prices(1, 1))


def test_a_limit_without_prices_is_refused() -> None:
    with pytest.raises(JudgeError, match="PARTWAY_JUDGE_PRICES"):
        Spending("5", None)


def test_a_judge_may_give_reasons(tmp_path: Path) -> None:
    file = tmp_path / "reasons.txt"
    file.write_text("max_tokens = 90\n{instruction} {output_1} {output_2}")
    memo, sent = ask(
        lambda n, body: reply("It is shorter.\nM"), [question()], template=read_template(file)
    )
    assert (memo.kept[0].shown, memo.kept[0].rationale) == (2.0, "It is shorter.")
    assert (sent[0]["max_tokens"], "logprobs" in sent[0]) == (90, False)


def test_settings_come_from_the_environment_and_hide_the_key() -> None:
    found = read_server_settings(
        {
            "PARTWAY_JUDGE_URL": "http://localhost:11434/v1/",
            "OPENAI_API_KEY": KEY,
            "PARTWAY_JUDGE_PRICES": "0.15,0.6",
        }
    )
    assert (found.url, found.key, found.prices) == (
        "http://localhost:11434/v1",
        KEY,
        Prices(0.15, 0.6),
    )
    assert KEY not in repr(found)
    read_server_settings({"PARTWAY_JUDGE_URL": "http://localhost:1/v1"}).need_key()
    with pytest.raises(JudgeError, match=r"no key for the judge at api\.openai\.com"):
        read_server_settings({}).need_key()


def test_streamlits_secrets_fill_what_the_environment_does_not_name(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    for folder, text in (
        (home, f'OPENAI_API_KEY = "{KEY}"\nPARTWAY_JUDGE_PRICES = "1,2"\nother = "x"'),
        (project, 'PARTWAY_JUDGE_PRICES = "3,4"'),
    ):
        (folder / ".streamlit").mkdir(parents=True)
        (folder / ".streamlit" / "secrets.toml").write_text(text)
    assert read_secrets((project, home)) == {"OPENAI_API_KEY": KEY, "PARTWAY_JUDGE_PRICES": "3,4"}
    (home / ".streamlit" / "secrets.toml").write_text(f"OPENAI_API_KEY = {KEY}")
    with pytest.raises(JudgeError, match="secrets file") as told:
        read_secrets((project, home))
    assert KEY not in str(told.value) and told.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "not an address"),
        ("URL", f"https://me:{KEY}@example.org/v1"),
        ("PRICES", "cheap"),
        ("PRICES", "1"),
        ("CONCURRENCY", "0"),
        ("SECONDS", "soon"),
    ],
)
def test_settings_that_cannot_be_used_are_told_without_secrets(name: str, value: str) -> None:
    with pytest.raises(JudgeError, match=f"PARTWAY_JUDGE_{name}") as told:
        read_server_settings({f"PARTWAY_JUDGE_{name}": value})
    assert KEY not in str(told.value)


@pytest.fixture(scope="module")
def own_host() -> Iterator[str]:
    with serving(StepwiseFake, ["fake"]) as (client, _):
        yield f"{client.url}/v1"


def test_our_own_host_is_such_a_server(own_host: str) -> None:
    memo = Memo()
    asker = ServerAsker("fake@0.5", ServerSettings(own_host, TOKEN), TEMPLATE, Spending(None, None))
    asker.ask(MANY[:4], memo.keep)
    assert len(memo.kept) == 4
    # The made-up engine knows ten words and neither letter: four failures, and no verdict.
    assert {answer.shown for answer in memo.kept} == {None}


def test_connections_are_closed(own_host: str) -> None:
    calls = core.judges.server_calls.ServerCalls("m", ServerSettings(own_host, TOKEN), TEMPLATE)
    with closing(calls):
        pass
    assert calls._client.is_closed()
