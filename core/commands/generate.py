"""`python -m core generate`: one prompt, one λ, the answer as it is written."""

import argparse
import sys
from decimal import Decimal, InvalidOperation

from core.commands.output import say, show_json
from core.commands.verbs import Verbs, add_engine, add_verb
from core.engine.opening import open_engine
from core.engine.protocol import Engine, Message, Prompt
from core.errors import InputError
from core.lam import Lam
from core.settings import Settings
from core.spec import Decoding

HIGHEST_TEMPERATURE = 5


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "generate",
        "Answer one prompt at one λ.",
        "python -m core generate --pair tinyworld --lam 0.7 'Name three rivers.'",
    )
    parser.add_argument("prompt", metavar="PROMPT", help="the text, or - for standard input")
    parser.add_argument("--pair", required=True, help="a pair of `pairs list`")
    parser.add_argument("--lam", default="1", metavar="λ", help="from -0.5 to 2 (default 1)")
    parser.add_argument(
        "--form",
        choices=("chat", "completion"),
        default="chat",
        help="through the instruct parent's chat template (default), or the bare text",
    )
    parser.add_argument("--system", metavar="TEXT", help="a system message (form chat)")
    parser.add_argument("--max-new-tokens", type=int, default=128, metavar="N")
    parser.add_argument("--temperature", default="0", metavar="T", help="0 is greedy (default)")
    parser.add_argument("--seed", type=int, default=0)
    add_engine(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Stream the answer, or print it as JSON."""
    lam, decoding = Lam.parse(options.lam), read_decoding(options)
    text = sys.stdin.read() if options.prompt == "-" else options.prompt
    engine = open_engine(options.engine, settings)
    engine.load(options.pair)
    prompt = _prompt(engine, options, text)
    if options.json:
        return _whole(engine, options.pair, lam, prompt, decoding)
    for chunk in engine.stream(options.pair, lam, prompt, decoding):
        sys.stdout.write(chunk.text)
        sys.stdout.flush()
    say("")
    return 0


def _whole(engine: Engine, pair: str, lam: Lam, prompt: Prompt, decoding: Decoding) -> int:
    (answer,) = engine.generate(pair, lam, [prompt], decoding)
    show_json(
        {
            "pair": pair,
            "lambda": str(lam),
            "prompt": prompt.text,
            "output": answer.text,
            "tokens": answer.tokens,
            "prompt_tokens": answer.prompt_tokens,
            "finish": answer.finish,
        }
    )
    return 0


def _prompt(engine: Engine, options: argparse.Namespace, text: str) -> Prompt:
    if options.form == "completion":
        return Prompt(text)
    system = [Message("system", options.system)] if options.system else []
    return engine.render_chat(options.pair, [*system, Message("user", text)])


def read_decoding(options: argparse.Namespace) -> Decoding:
    """What --max-new-tokens, --temperature and --seed say.

    Raises:
        InputError: one of them cannot be used.
    """
    if options.max_new_tokens < 1:
        raise InputError(
            f"--max-new-tokens {options.max_new_tokens} writes nothing. Give 1 or more."
        )
    try:
        temperature = Decimal(options.temperature)
    except InvalidOperation:
        temperature = Decimal(-1)
    if not temperature.is_finite() or not 0 <= temperature <= HIGHEST_TEMPERATURE:
        raise InputError(
            f"The temperature {options.temperature!r} is no number from 0 to "
            f"{HIGHEST_TEMPERATURE}. Give one such as 0.7."
        )
    exact = format(temperature.normalize(), "f")
    return Decoding(options.max_new_tokens, temperature=exact, seed=options.seed)
