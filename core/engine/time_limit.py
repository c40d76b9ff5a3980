"""An end for foreign code that may never come to one, such as a model's chat template.

    with time_limit(5.0):
        tokenizer.apply_chat_template(turns)      # TookTooLong is raised inside it

Works in any thread. It ends loops of Python; not what takes all its time or memory within one
operation, such as a string of ten billion letters.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(Exception):
    """The code did not come to an end in its time."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TookTooLong` in this thread if the block has not ended by then."""
    ours, ended, deciding = threading.get_ident(), False, threading.Lock()

    def end() -> None:
        with deciding:  # else a block that ends just now would be interrupted behind its end
            if not ended:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(ours), ctypes.py_object(TookTooLong)
                )

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with deciding:
            ended = True
        timer.cancel()
