"""lm-eval's own command line, with the model `partway` known to it.

    python -m core.evals.harness run --model partway --tasks tw_last_word \
        --model_args pair=tinyworld,lam=0.65 --include_path core/tasks/tinyworld

Everything behind the module's name is lm-eval's. `engine=inprocess` among the model's
arguments loads the pair here; without it the engine host is asked, and started when none runs.
"""

import sys

from core.errors import PartwayError


def main() -> int:
    """Run lm-eval's command line; a problem of Partway's own is one sentence."""
    from lm_eval.__main__ import cli_evaluate

    import core.evals.lm  # noqa: F401  # registers the name

    try:
        cli_evaluate()
    except PartwayError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
