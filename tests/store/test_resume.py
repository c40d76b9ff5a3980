"""A run that was cut short goes on after its last whole line, and has one writer."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import RunLocked
from core.settings import ROOT
from core.store.runs import RunStore
from tests.store.made_runs import HERE, answer_record, answer_spec, icl_record, icl_spec

HOLD = """
import sys
from pathlib import Path
from core.store.runs import RunStore
from tests.store.made_runs import HERE, icl_spec
with RunStore(Path(sys.argv[1])).open(icl_spec(), HERE):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_torn_last_line_is_dropped_and_done_again(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    with store.open(spec, HERE) as run:
        run.append([icl_record("1"), icl_record("2")])
    path = tmp_path / "runs" / spec.run_id / "records.jsonl"
    path.write_bytes(path.read_bytes()[:-7])
    with store.open(spec, HERE) as run:
        assert run.done == {"1"}
        run.append([icl_record("2")])
        run.finish({"n": 2})
    assert list(store.records(spec.run_id)) == [icl_record("1"), icl_record("2")]


@pytest.mark.parametrize("kept", range(0, 400, 37))
def test_wherever_the_file_is_cut_the_end_is_the_same(tmp_path: Path, kept: int) -> None:
    store, spec = RunStore(tmp_path), answer_spec()
    records = [answer_record(str(number), "é\u2028" * number) for number in range(4)]
    with store.open(spec, HERE) as run:
        run.append(records)
    path = tmp_path / "generations" / spec.run_id / "records.jsonl"
    path.write_bytes(path.read_bytes()[:kept])
    with store.open(spec, HERE) as run:
        run.append([record for record in records if record.item not in run.done])
        run.finish({"n": 4})
    assert list(store.records(spec.run_id)) == records


def test_a_torn_prompt_is_kept_again(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), answer_spec()
    with store.open(spec, HERE) as run:
        run.append([answer_record("1")], {"h1": "first", "h2": "second"})
    (path,) = (tmp_path / "prompts").glob("*.jsonl")
    path.write_bytes(path.read_bytes()[:-4])
    with store.open(spec, HERE) as run:
        run.append([answer_record("2")], {"h2": "second"})
        run.finish({"n": 2})
    assert store.prompts(spec.run_id) == {"h1": "first", "h2": "second"}


def test_an_item_is_never_kept_twice(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    with store.open(spec, HERE) as run:
        run.append([icl_record("1")])
        run.append([icl_record("1"), icl_record("2")])
        run.finish({"n": 2})
    assert len(store.records(spec.run_id)) == 2


def test_a_second_writer_in_this_process_is_refused(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    with store.open(spec, HERE):
        with pytest.raises(RunLocked, match="Another process"), store.open(spec, HERE):
            pass
        with store.open(icl_spec("0.4"), HERE):
            pass  # another λ is another run


def test_a_second_writer_in_another_process_is_refused_until_it_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    store, spec = RunStore(tmp_path), icl_spec()
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as holder:  # type: ignore[call-overload]
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunLocked), store.open(spec, HERE):
            pass
        holder.kill()
        holder.wait()
        with store.open(spec, HERE) as run:  # the kernel gave the lock back
            run.append([icl_record("1")])
            run.finish({"n": 1})
    assert store.is_complete(spec.run_id)


def test_a_finished_run_says_so_to_a_late_writer(tmp_path: Path) -> None:
    store, spec = RunStore(tmp_path), icl_spec()
    with store.open(spec, HERE) as run:
        run.append([icl_record("1")])
        run.finish({"n": 1})
    with store.open(spec, HERE) as run:
        assert run.complete
    assert not list(tmp_path.rglob(".lock"))
