"""Which device the engine works on, and with how many threads."""

import torch

from core.errors import EngineError
from core.settings import Settings


def choose_device(settings: Settings) -> torch.device:
    """The device asked for, else a GPU where there is one, else the CPU.

    Raises:
        EngineError: the device asked for does not exist here.
    """
    name = settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "not usable"
        raise EngineError(
            f"PARTWAY_DEVICE = {name!r} cannot be used here ({reason}). Give cpu, or cuda."
        ) from error
    return device


def use_threads(settings: Settings) -> None:
    """Apply the thread count of the settings, if one was given."""
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
