"""What a pair is usually measured with: two suites and a benchmark of problems, by name.

    find_pair("my-pair", settings).usual.icl_suite

A pair that knows the world is asked about the world; the embedded pairs know only their own.
An entry of the registry may name others (`core/pairs/registry.py`). Names only: whether there are
such suites is told where they are read.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usual:
    """What stands in the forms, and what a command takes when it is not told."""

    icl_suite: str = "icl-classic"
    instruction_suite: str = "general-instructions"
    benchmark: str = "gsm8k"


FOR_ANY_PAIR = Usual()
