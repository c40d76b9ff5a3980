"""Every bench by its name: `python -m tests.bench icl` is `python -m tests.bench.icl`."""

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent
START = 'if __name__ == "__main__":'  # what a bench has, and what helps one has not


def names() -> list[str]:
    """The benches of this folder."""
    files = (file for file in HERE.glob("*.py") if not file.name.startswith("_"))
    return sorted(file.stem for file in files if START in file.read_text(encoding="utf-8"))


def main() -> None:
    """Run the bench that is named, with the arguments behind its name."""
    if len(sys.argv) < 2 or sys.argv[1] not in names():
        asked = f"There is no bench {sys.argv[1]!r}. " if len(sys.argv) > 1 else ""
        sys.exit(f"{asked}Choose one: python -m tests.bench {'|'.join(names())}")
    name = sys.argv.pop(1)
    runpy.run_module(f"tests.bench.{name}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
