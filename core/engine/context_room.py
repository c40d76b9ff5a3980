"""Whether a prompt and its answer fit into a model's context, in plain sentences."""

from core.engine.resident import Resident
from core.errors import ContextOverflow, InputError


def room_for_prompt(resident: Resident, longest: int) -> int:
    """Tokens of a prompt that fit beside an answer of `longest` tokens.

    Raises:
        InputError: no prompt fits, or no answer is wanted.
    """
    room = resident.context_length - longest
    if longest < 1 or room < 1:
        raise InputError(
            f"max_new_tokens = {longest} cannot be used: give at least 1 and less "
            f"than the model's context of {resident.context_length}."
        )
    return room


def refuse_overflow(resident: Resident, prompt: int, longest: int) -> None:
    """Accept a prompt of so many tokens, or say by how many it is too long.

    Raises:
        InputError: no prompt fits, or no answer is wanted.  ContextOverflow: this one does not.
    """
    room_for_prompt(resident, longest)
    refuse_long(resident, prompt, longest)


def refuse_long(resident: Resident, prompt: int, longest: int) -> None:
    """As `refuse_overflow`, where an answer of no tokens is a thing one may ask for.

    Raises:
        ContextOverflow: the prompt does not fit.
    """
    over = prompt + longest - resident.context_length
    if over > 0:
        raise ContextOverflow(
            f"The prompt has {prompt} tokens and the answer may have {longest}, together {over} "
            f"more than the model's context of {resident.context_length}. Shorten the prompt, or "
            "ask for fewer tokens."
        )
