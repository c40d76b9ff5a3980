"""The checks of a prompt that is one of an instruction suite: any answer can be held to them.

Found by the very text, among the suites that are on this machine; a prompt of one's own has
none. Not here: the checks (`core/judges/checks.py`), and measuring with them.
"""

from dataclasses import dataclass

from core.errors import PartwayError
from core.judges.checks import Check, describe, parse_check, passes
from core.tasks.instructions import load_instructions
from core.tasks.overview import instruction_suites


@dataclass(frozen=True, slots=True)
class AskedChecks:
    """An instruction's checks, and whose it is."""

    suite: str
    item: str
    checks: tuple[Check, ...]

    def failed(self, output: str) -> tuple[str, ...]:
        """The demands that an answer does not meet, to finish "the answer …"."""
        return tuple(describe(check) for check in self.checks if not passes(check, output))


def find_checks(text: str, system: str | None) -> AskedChecks | None:
    """The checks of the instruction with this very text and system prompt, or None."""
    wanted = text.strip(), (system or "").strip()
    if not wanted[0]:
        return None
    for suite in instruction_suites():
        if suite.instructions is None or suite.instructions.hub is not None:
            continue  # those of the hub carry no checks, and may not be here
        try:
            items = load_instructions(suite)
        except PartwayError:  # its data are not here
            continue
        for item in items:
            if (item.instruction.strip(), (item.system or "").strip()) == wanted and item.checks:
                return AskedChecks(suite.title, item.id, tuple(map(parse_check, item.checks)))
    return None
