"""`python -m core VERB`: the command line (see `core/commands`)."""

import sys

from core.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
