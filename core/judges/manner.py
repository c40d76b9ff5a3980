"""How a server wants to be asked, found out from its refusals: no table of models, no guessing.

Asked first for one token with the 20 most probable ones beside it (OpenAI's and vLLM's
maximum). A server that refuses a field by name is asked without it from then on: fewer
candidates, none at all (then a letter is read), the newer name of the length, no temperature.
"""

from dataclasses import dataclass, replace
from typing import Any

from core.judges.template import Template

MOST, FEWER = 20, 5  # candidates beside the token
LETTER_TOKENS = 8  # room for a letter with quotes around it, where no log-probabilities are had
THINKING_TOKENS = 2048  # for models that take the newer name of the length: those may think first


@dataclass(frozen=True, slots=True)
class Manner:
    """The fields of a request."""

    top: int | None = MOST  # None: no log-probabilities
    newer_length: bool = False  # max_completion_tokens in place of max_tokens
    temperature: bool = True

    def fields(self, template: Template) -> dict[str, Any]:
        """What goes into the request beside model and messages."""
        length = self.longest(template)
        found: dict[str, Any] = {
            "max_completion_tokens" if self.newer_length else "max_tokens": length
        }
        if self.temperature:
            found["temperature"] = 0
        if self.top and not template.explains:
            found |= {"logprobs": True, "top_logprobs": self.top}
        return found

    def longest(self, template: Template) -> int:
        """Tokens that the judge may write."""
        if template.explains:
            return template.max_tokens
        if self.top:
            return 1
        return THINKING_TOKENS if self.newer_length else LETTER_TOKENS

    def after(self, refusal: str) -> "Manner | None":
        """Another manner for a server that refused this one in these words; None: no idea."""
        said = refusal.lower()
        if "max_tokens" in said and not self.newer_length:
            return replace(self, newer_length=True)
        if "top_logprobs" in said and self.top == MOST:
            return replace(self, top=FEWER)
        if "logprob" in said and self.top:
            return replace(self, top=None)
        if "temperature" in said and self.temperature:
            return replace(self, temperature=False)
        return None
