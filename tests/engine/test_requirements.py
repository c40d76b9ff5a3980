"""A machine that has requirements.txt alone can load a pair and answer.

The tests' own packages stand beside it here, and would hide that one of them is needed.
"""

import subprocess
import sys

import pytest

from core.settings import ROOT

OF_TESTS = ("peft", "ray", "playwright", "jsonschema", "tenacity", "pytest", "xdist")
ASK = f"""
import sys
for name in {OF_TESTS}:
    sys.modules[name] = None  # as if it were not installed
from core.commands.cli import main
sys.exit(main(["generate", "--pair", "tinyworld", "--lam", "0.7", "--engine", "inprocess",
               "--max-new-tokens", "8", "Name three animals."]))
"""


@pytest.mark.weights
def test_an_answer_without_the_packages_of_the_tests() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
