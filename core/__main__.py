"""`python -m core VERB`: the command line (see `core/commands`)."""

import signal
import sys

from core.commands.cli import main

if __name__ == "__main__":
    # Ended from outside, it says the same as with Ctrl-C: what was measured is kept.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
