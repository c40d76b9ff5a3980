"""The embedded model as a judge behind our own host, asked through the official client.

What comes back over the protocol must be what the engine says of its 20 most probable tokens;
asked directly, all of the vocabulary counts. The embedded pair is no good judge, and nothing
here says that it is: only that the ways agree.
"""

import pytest

from core.engine.torch_engine import TorchEngine
from core.judges.letters import from_tokens
from core.judges.local_model import LocalAsker, local_version
from core.judges.protocol import JudgeIdentity, Question
from core.judges.server import ServerAsker
from core.judges.server_settings import ServerSettings
from core.judges.spending import Spending
from core.judges.template import read_template
from core.lam import INSTRUCT
from tests.engine.served import TOKEN, serving
from tests.judges.questions import Memo

pytestmark = pytest.mark.weights
TEMPLATE, MODEL = read_template(), "tinyworld@1"
QUESTIONS = [
    Question(f"q{n}", "Name an animal.", f"The {noun} is here.", "A cat sleeps.", False)
    for n, noun in enumerate(("dog", "river", "cook", "lamp"))
]


def test_the_protocol_says_what_the_engine_says(shipped: TorchEngine) -> None:
    version = local_version(shipped.load("tinyworld").identity, INSTRUCT)
    identity = JudgeIdentity(f"local:{MODEL}", version, TEMPLATE.prompt_hash)
    local, served = Memo(), Memo()
    asker = LocalAsker(lambda: shipped, "tinyworld", INSTRUCT, TEMPLATE, identity)
    asker.ask(QUESTIONS, local.keep)
    with serving(lambda: shipped, ["tinyworld"]) as (client, _):
        settings = ServerSettings(f"{client.url}/v1", TOKEN)
        ServerAsker(MODEL, settings, TEMPLATE, Spending(None, None)).ask(QUESTIONS, served.keep)
        assert len(served.kept) == len(QUESTIONS)
    for question in QUESTIONS:
        own, told = local.answers[question.content], served.answers[question.content]
        texts = TEMPLATE.messages(question.instruction, question.first, question.second)
        prompt = shipped.render_chat("tinyworld", texts)
        (top,) = shipped.next_tokens("tinyworld", [INSTRUCT], prompt, 20)
        expected = from_tokens([(one.text, one.logprob) for one in top])
        assert expected.shown is not None and own.mass is not None and told.mass is not None
        assert told.shown == pytest.approx(expected.shown, abs=1e-4)
        assert told.mass == pytest.approx(expected.mass, rel=1e-3)
        assert told.mass <= own.mass + 1e-6
        assert told.tokens_read == own.tokens_read
        assert told.model == MODEL
