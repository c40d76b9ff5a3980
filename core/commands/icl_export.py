"""`python -m core icl export`."""

from core.commands.verbs import Verbs


def add_export(actions: Verbs) -> None:
    """Declare the action."""
