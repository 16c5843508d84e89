"""A run's numbers as tables, and in TensorBoard's own reader."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from flashcards.cli import main
from flashcards.runs.events import AnyEvent, ExamTaken, RunResumed, StepsTaken
from flashcards.runs.folder import RunFolder
from tests import told
from tests.export.runs import N_STEPS, a_run
from tests.golden import check_words
from tests.report.test_report import HAPPENED, a_run as a_scripted_run, exam, start


def exported(run: Path, form: str, folder: Path) -> Path:
    assert main(["export", str(run), "--to", form, "-o", str(folder / form)]) == 0
    return folder / form


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def a_scripted(folder: Path, happened: tuple[AnyEvent, ...] = HAPPENED) -> Path:
    path = a_scripted_run(folder, happened)
    info = json.loads((path / "run.json").read_text(encoding="utf-8"))
    (path / "run.json").write_text(json.dumps(info | {"settings": {}}), encoding="utf-8")
    return path


def steps(step: int, loss: float = 1.0) -> AnyEvent:
    return told.steps(
        step, cards_taught=step * 4, train_seconds=step / 10, loss_nats=loss, relative_change=0.25
    )


def test_the_tables_hold_what_the_log_says(tmp_path: Path) -> None:
    folder = exported(a_run("char"), "csv", tmp_path)
    assert {path.name for path in folder.iterdir()} == {"steps.csv", "exams.csv", "cards.csv"}
    happened = RunFolder.open(a_run("char")).events()
    taken = [event for event in happened if isinstance(event, StepsTaken)]
    written = rows(folder / "steps.csv")
    assert [float(row["loss_nats"]) for row in written] == [event.loss_nats for event in taken]
    assert written[-1]["step"] == str(N_STEPS)
    rates = [float(row["learning_rate"]) for row in written]
    assert 0 < rates[-1] < max(rates) <= 0.015
    exams = [event for event in happened if isinstance(event, ExamTaken)]
    scores = [row for row in rows(folder / "exams.csv") if row["part"] == "deck"]
    assert [int(row["seen_right"]) for row in scores] == [event.seen.right for event in exams]
    cards = {row["prompt"]: row for row in rows(folder / "cards.csv")}
    assert len(cards) == 70
    assert cards["France"]["answer"] == "Paris"
    assert cards["France"]["is_held_out"] == "0"
    assert cards["France"]["also"] == ""
    assert int(cards["France"]["n_asked"]) >= 1


def test_parquet_holds_the_same_tables(tmp_path: Path) -> None:
    tables = exported(a_run("char"), "csv", tmp_path)
    (tmp_path / "columns").mkdir()
    columns = exported(a_run("char"), "parquet", tmp_path / "columns")
    for name in ("steps", "exams", "cards"):
        read = parquet.read_table(columns / f"{name}.parquet").to_pylist()
        as_text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in read]
        assert as_text == rows(tables / f"{name}.csv")


def test_what_a_resume_took_back_is_not_written(tmp_path: Path) -> None:
    resumed = RunResumed(step=4, start=start())
    run = a_scripted(
        tmp_path, (steps(4), exam(4, 1), steps(8, 9.0), exam(8, 0), resumed, steps(6), exam(6, 3))
    )
    folder = exported(run, "csv", tmp_path)
    assert [row["step"] for row in rows(folder / "steps.csv")] == ["4", "6"]
    assert [row["seen_right"] for row in rows(folder / "exams.csv")] == ["1", "3"]


def test_no_numbers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = a_scripted(tmp_path, ())
    assert main(["export", str(run), "--to", "csv", "-o", str(tmp_path / "out")]) == 1
    check_words("export: no numbers", capsys.readouterr().err, run=run.name)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_losses_scores_rates_and_samples(tmp_path: Path) -> None:
    accumulators: Any = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="needs '.[tensorboard]'"
    )
    run = a_scripted(tmp_path, (*HAPPENED[:3], steps(1, 2.5), *HAPPENED[3:], steps(8)))
    read = accumulators.EventAccumulator(str(exported(run, "tensorboard", tmp_path)))
    read.Reload()
    losses = read.Scalars("training/loss_nats")
    assert [(point.step, point.value) for point in losses] == [(1, 2.5), (8, 1.0)]
    assert losses[1].wall_time - losses[0].wall_time == pytest.approx(0.7)
    scores = read.Scalars("exam/right, taught")
    assert [(point.step, point.value) for point in scores] == [(0, 0), (4, 0.75), (8, 0.75)]
    assert "training/learning_rate" in read.Tags()["scalars"]
    said = [
        point.tensor_proto.string_val[0].decode()
        for point in read.Tensors("samples/card/text_summary")
    ]
    assert said[0] == "France → xqx (wrong: Paris)"
    assert any("\\<b\\>bold" in text for text in said)
