"""The words in which a judge is asked, as a file that a person can replace.

A template is text with `{instruction}`, `{output_1}` and `{output_2}`: the answer shown first
has the identifier `m`, the second `M`, as in AlpacaEval's protocol. Parts begin with a line
`[system]` or `[user]`; AlpacaEval's own prompt files (`<|im_start|>system`) are read as well,
and a file without parts is one user's message. `{mark}` becomes a code that differs for every
question, so that no answer can pretend to be a line of the prompt. A first line
`max_tokens = 300` lets the judge explain itself: it then writes its letter alone on the first
or the last line, and log-probabilities are not asked for.

    read_template().messages("Name a river.", "The Elm.", "A river.")
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.canon import text_hash
from core.engine.protocol import Message
from core.errors import JudgeError

OWN = Path(__file__).with_name("templates") / "pairwise-1.txt"
FIRST, SECOND = "m", "M"  # identifiers of the answers in the order shown
NEEDED = ("instruction", "output_1", "output_2")
MARK_DIGITS = 8
_PLACE = re.compile(r"\{(instruction|output_1|output_2|mark)\}")
_PART = re.compile(r"^\[(system|user)\][ \t]*$", re.MULTILINE)
_CHATML = re.compile(r"<\|im_start\|>(system|user)\s*\n(.*?)<\|im_end\|>", re.DOTALL)
_LENGTH = re.compile(r"\A\s*max_tokens\s*=\s*([1-9][0-9]{0,4})[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt with places for one instruction and two outputs."""

    system: str | None
    user: str
    max_tokens: int = 1

    @property
    def explains(self) -> bool:
        """Whether the judge may write more than its letter."""
        return self.max_tokens > 1

    @property
    def prompt_hash(self) -> str:
        """Sha256 over everything that the judge is told beside the texts."""
        return text_hash("\0".join([self.system or "", self.user, str(self.max_tokens)]))

    def messages(self, instruction: str, first: str, second: str) -> tuple[Message, ...]:
        """The conversation that the judge is to continue."""
        texts = {"instruction": instruction, "output_1": first, "output_2": second}
        texts["mark"] = text_hash("\0".join(texts.values()))[:MARK_DIGITS]
        told = [Message("user", _filled(self.user, texts))]
        if self.system:
            told.insert(0, Message("system", _filled(self.system, texts)))
        return tuple(told)


def read_template(path: Path | None = None) -> Template:
    """The template of a file, or our own.

    Raises:
        JudgeError: it cannot be read, or lacks one of the three places.
    """
    file = OWN if path is None else path
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise JudgeError(
            f"The judge's template {file} cannot be read ({error}). Give a text file with "
            "{instruction}, {output_1} and {output_2}."
        ) from error
    return _template(text, file)


def _template(text: str, file: Path) -> Template:
    length = _LENGTH.match(text)
    body = text[length.end() :] if length else text
    parts = _parts(body)
    user = parts.get("user", "")
    missing = [f"{{{name}}}" for name in NEEDED if user.count(f"{{{name}}}") != 1]
    if missing:
        raise JudgeError(
            f"The judge's template {file} must hold {', '.join(missing)} exactly once in what the "
            "user says. Put it there."
        )
    return Template(parts.get("system") or None, user, int(length[1]) if length else 1)


def _parts(text: str) -> dict[str, str]:
    chatml = {role: part.strip() for role, part in _CHATML.findall(text)}
    if chatml:
        return chatml
    pieces = _PART.split(text)
    if len(pieces) == 1:
        return {"user": text.strip()}
    return {role: part.strip() for role, part in zip(pieces[1::2], pieces[2::2], strict=True)}


def _filled(text: str, texts: Mapping[str, str]) -> str:
    """In one pass: what stands in an output is never taken for a place."""
    return _PLACE.sub(lambda found: texts[found[1]], text)
