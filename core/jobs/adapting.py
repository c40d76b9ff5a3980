"""The instruct side of a new pair, where a person gives a LoRA adapter: merged into its base once.

adapted("mine", "/models/base", "/adapters/mine", settings, report)   # the merged folder
"""

import time
from pathlib import Path

from core.canon import safe_name
from core.jobs.progress import Progress, Report
from core.pairs.adding import ADAPTER
from core.pairs.locate import locate
from core.pairs.source import is_there, read_source
from core.settings import Settings


def adapted(name: str, base: str, instruct: str, settings: Settings, report: Report) -> str:
    """The place of the instruct side: as given, or the folder that the adapter was merged into.

    Raises:
        PairError: no plain LoRA adapter, made for another base, or the base is not here.
        StoreError: the merged folder cannot be written, or is there already.
    """
    folder = Path(read_source(instruct, Path.cwd()).place)
    if not is_there(folder) or not (folder / ADAPTER).is_file():
        return instruct
    if (folder / "config.json").is_file():
        return instruct
    from core.merge.adapter import merge_adapter  # torch

    parent = read_source(base, Path.cwd())
    base_folder = locate(parent.place, parent.revision)
    out = settings.state / "merged-adapters" / safe_name(name, "pair name")
    began = time.monotonic()

    def tell(done: int, total: int) -> None:
        left = (time.monotonic() - began) * (total - done) / done if done else None
        report(Progress("merging", done, total, left, "Putting the adapter into its base (bytes)."))

    return str(merge_adapter(base_folder.resolve(), folder.resolve(), out, tell))
