"""What an actor says of itself, and what must be alike before it may measure.

One curve is measured by all actors of a sweep, so they run the driver's code and versions (but
for the build of torch, which the driver does not compute with) on one kind of device. The
comparability guard (`core/store/environment.py`) would find packages and kind of device
afterwards; GPUs of two models it would not. No Ray here.
"""

from dataclasses import dataclass, replace

from core.engine.fingerprint import code_fingerprint
from core.errors import EngineError
from core.settings import ROOT
from core.store.environment import Environment, read_environment


@dataclass(frozen=True, slots=True)
class Sight:
    """What an actor says of itself, to be compared with the driver and the other actors."""

    node: str  # the address that Ray knows it by
    pid: int
    code: str  # fingerprint of the engine's sources
    hardware: str  # the GPU's name, or the kind of device
    guarded: bool  # the node asks everyone for the token
    environment: Environment  # its device is told by the pair, once that is loaded


def refuse_unlike(sight: Sight, first: Sight) -> None:
    """Compare an actor with this process, and with the first actor.

    Raises:
        EngineError: its node is open to everyone, or it would measure another curve.
    """
    if not sight.guarded:
        raise EngineError(
            f"The Ray node {sight.node} asks nobody for a token, so everyone who reaches it "
            "can run code there. Restart every node with RAY_AUTH_MODE=token."
        )
    if sight.code != code_fingerprint():
        raise EngineError(
            f"The node {sight.node} has other code of Partway than this machine. "
            f"Bring {ROOT} to the same commit everywhere, and restart the nodes."
        )
    here = read_environment("")
    # torch computes over there alone; a head node without a GPU has another build of it
    here = replace(here, packages=here.packages | {"torch": sight.environment.packages["torch"]})
    for other, where in ((here, "this machine"), (first.environment, first.node)):
        if differing := unlike(sight.environment, other):
            raise EngineError(
                f"The node {sight.node} differs from {where} in {differing}, so one curve would "
                "be measured by two. Install the same versions everywhere."
            )
    if sight.hardware != first.hardware:
        raise EngineError(
            f"The engines are of two kinds: {first.hardware} on {first.node} and "
            f"{sight.hardware} on {sight.node}. One curve is measured on one kind."
        )


def unlike(there: Environment, here: Environment) -> str:
    """In words what two environments do not share and a number may depend on; "" for nothing."""
    names = [name for name, one in there.packages.items() if here.packages.get(name) != one]
    told = [f"{name} ({there.packages[name]} and {here.packages.get(name)})" for name in names]
    if there.python != here.python:
        told.append(f"Python ({there.python} and {here.python})")
    return ", ".join(told)
