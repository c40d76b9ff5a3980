"""From two checked parents to a pair that answers: merge, tokenizer, stop tokens, probes."""

import logging
import time
from typing import Any

import torch
from transformers.utils import logging as transformers_logging

from core.engine.encoding import Encoder
from core.engine.prefix_cache import supports_padding
from core.engine.probe_memory import ProbeMemory, probe_key
from core.engine.protocol import LoadedPair
from core.engine.resident import BatchSize, Resident
from core.engine.room import MemoryPlan
from core.engine.sharing_probe import sharing_is_exact
from core.engine.time_limit import time_limit
from core.engine.tokenizer_files import TEMPLATE_SECONDS, context_length, load_tokenizer
from core.errors import PairError
from core.merge.materialised import Materialised
from core.merge.parents import load_materialised
from core.merge.spread import Placement
from core.pairs.fingerprint import file_marks
from core.pairs.preflight import PairReport

logger = logging.getLogger(__name__)
TEXT_MARK = "Zq7mark"
FORGETS = ProbeMemory(None)


def load_pair(
    report: PairReport,
    device: torch.device,
    plan: MemoryPlan | None = None,
    memory: ProbeMemory = FORGETS,
) -> Resident:
    """Everything that is needed to answer at any λ of a pair that passed the preflight.

    Without a plan the pair is held resident. What `memory` knows of it is not tried again.

    Raises:
        PairError: the parents do not fit each other, or cannot be loaded.
        NotBlendable: the plan's form is `paired`, and this model does not allow it.
        NotSpreadable: the plan's form is `spread`, and this model does not allow it.
    """
    started = time.monotonic()
    transformers_logging.disable_progress_bar()
    form = plan.form if plan is not None and plan.form != "refused" else "resident"
    merged = load_materialised(report, device, form, _placement(plan))
    tokenizer = load_tokenizer(report)
    template = tokenizer.chat_template if isinstance(tokenizer.chat_template, str) else None
    resident = Resident(
        loaded=_describe(
            report, merged, tokenizer, plan.why if plan and form != "resident" else None
        ),
        merged=merged,
        encoder=Encoder(tokenizer, _rows(merged.model)),
        stop_ids=_stop_ids(report, tokenizer, template),
        shares=False,
        pads=supports_padding(merged.model.config),
        chat_template=template,
        files=(*file_marks(report.base_folder), *file_marks(report.instruct_folder)),
        batch=BatchSize(device),
    )
    resident = resident.with_sharing(_shares(resident, memory, probe_key(report, device, form)))
    logger.info("loaded %s in %.2f s", report.identity.name, time.monotonic() - started)
    return resident


def _shares(resident: Resident, memory: ProbeMemory, key: str) -> bool:
    known = memory.recall(key)
    if known is None:
        known = sharing_is_exact(resident)
        memory.keep(key, known)
    return known


def _placement(plan: MemoryPlan | None) -> Placement | None:
    if plan is None or not plan.shares:
        return None
    devices = tuple(torch.device(share.device) for share in plan.shares)
    return Placement(devices, tuple(share.layers for share in plan.shares))


def changed_on_disk(resident: Resident) -> bool:
    """Whether a file of either parent is no longer the one that was loaded."""
    folders = dict.fromkeys(mark.path.parent for mark in resident.files)
    try:
        now = {mark for folder in folders for mark in file_marks(folder)}
    except (OSError, PairError):
        return True
    return now != set(resident.files)


def _rows(model: Any) -> int:
    return int(model.get_input_embeddings().weight.shape[0])


def _describe(
    report: PairReport, merged: Materialised, tokenizer: Any, note: str | None
) -> LoadedPair:
    model: Any = merged.model
    return LoadedPair(
        identity=report.identity,
        parameters=report.parameters,
        dtype=report.dtype,
        device="+".join(map(str, merged.devices)),
        context_length=context_length(model.config, tokenizer),
        chat_template=report.chat_template,
        endpoints_exact=True,  # `load_materialised` refuses a pair for which it is not so
        weights_bytes=sum(s.live.nbytes for s in merged.slots) or report.weights_bytes,
        notes=(*report.notes, note) if note else report.notes,
    )


def _stop_ids(report: PairReport, tokenizer: Any, template: str | None) -> frozenset[int]:
    """Union: both parents' generation configs, the tokenizer's end, the chat's end of turn."""
    ids = set(report.stop_ids)
    if tokenizer.eos_token_id is not None:
        ids.add(int(tokenizer.eos_token_id))
    end = _end_of_turn(tokenizer) if template else None
    return frozenset(ids if end is None else {*ids, end})


def _end_of_turn(tokenizer: Any) -> int | None:
    """The special token that the template writes behind an assistant's turn, if it does."""
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": TEXT_MARK}]
    try:
        with time_limit(TEMPLATE_SECONDS):
            text = str(tokenizer.apply_chat_template(turns, tokenize=False))
    except Exception as error:  # a template is foreign code and may raise anything
        logger.warning("the chat template does not render an assistant's turn: %s", error)
        return None
    tail = text.rpartition(TEXT_MARK)[2].lstrip()
    ids = tokenizer.encode(tail, add_special_tokens=False)
    special = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
    return int(ids[0]) if ids and ids[0] in special else None
