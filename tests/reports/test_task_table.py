"""The table of one λ as CSV: measured rows only, empty where a value is absent."""

import csv
import io
from dataclasses import replace

from core.lam import Lam
from core.reports.outcomes import OutcomeCounts
from core.reports.points import Measure
from core.reports.task_table import as_csv, task_rows
from tests.made_trade_off import made_trade_off

LAM = Lam(800)


def test_the_csv_holds_what_the_point_holds() -> None:
    line = made_trade_off()
    rows = list(csv.DictReader(io.StringIO(as_csv(task_rows(line, LAM)))))
    point = line.at(LAM)
    assert point is not None
    assert [row["run_id"] for row in rows] == [task.run_id for task in point.tasks]
    assert {row["lam"] for row in rows} == {"0.8"}
    assert float(rows[0]["score"]) == point.tasks[0].score.value


def test_a_lambda_in_between_has_no_row() -> None:
    assert task_rows(made_trade_off(), Lam(750)) == ()


def test_an_absent_value_is_an_empty_cell() -> None:
    line = made_trade_off()
    point = line.points[0]
    empty = Measure(None, 0, reason="not measured yet")
    task = replace(point.tasks[0], score=empty, chance=None)
    line = replace(line, points=(replace(point, tasks=(task,)),))
    (row,) = csv.DictReader(io.StringIO(as_csv(task_rows(line, point.lam))))
    assert (row["score"], row["score_low"], row["chance"], row["n"]) == ("", "", "", "0")


def test_outcomes_of_written_answers_stand_beside_the_score() -> None:
    line = made_trade_off()
    point = line.points[0]
    counts = OutcomeCounts(right=5, chatter=2, out_of_tokens=1, unparsable=0, wrong=3, unknown=0)
    tasks = (replace(point.tasks[0], outcomes=counts), point.tasks[1])
    line = replace(line, points=(replace(point, tasks=tasks),))
    told, chosen = csv.DictReader(io.StringIO(as_csv(task_rows(line, point.lam))))
    assert (told["right"], told["chatter"], told["unparsable"], told["wrong"]) == tuple("5203")
    assert chosen["right"] == ""
