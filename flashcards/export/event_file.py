"""A run's numbers as an event file of TensorBoard, by the package `tensorboard`; no TensorFlow."""

from __future__ import annotations

import importlib
import io
from typing import Any

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused
from flashcards.cards.printable import as_markdown
from flashcards.export.numbers import Examined, Numbers, Sample

STEPS = ("loss_nats", "learning_rate", "gradient_norm", "relative_change", "cards_taught")


def event_file_of(numbers: Numbers) -> tuple[str, bytes]:
    """The file's name and content. Times are the run's start and its seconds of training.
    Raises Refused: the package is not installed."""
    writer = _Writer(numbers.started_s)
    for row in numbers.steps:
        for name in STEPS:
            writer.add_number(row.step, row.train_seconds, f"training/{name}", getattr(row, name))
    for exam in numbers.exams:
        _add_exam(writer, exam)
    for sample in numbers.samples:
        writer.add_text(sample)
    return f"events.out.tfevents.{int(numbers.started_s)}.flashcards", writer.content()


def _add_exam(writer: _Writer, exam: Examined) -> None:
    tag = "exam" if exam.part == "deck" else f"{exam.part}/{exam.name}"
    for name, score in (("taught", exam.seen), ("never seen", exam.unseen)):
        if (share := score.rate) is not None:
            writer.add_number(exam.step, exam.train_seconds, f"{tag}/right, {name}", share)
    for name, loss in (("taught", exam.seen_loss_nats), ("never seen", exam.unseen_loss_nats)):
        if loss is not None:
            writer.add_number(exam.step, exam.train_seconds, f"{tag}/loss_nats, {name}", loss)


class _Writer:
    def __init__(self, started_s: float) -> None:
        try:
            protocol = "tensorboard.compat.proto"
            self._event: Any = importlib.import_module(f"{protocol}.event_pb2").Event
            self._summary: Any = importlib.import_module(f"{protocol}.summary_pb2")
            self._tensor: Any = importlib.import_module(f"{protocol}.tensor_pb2").TensorProto
            records = importlib.import_module("tensorboard.summary.writer.record_writer")
        except ImportError:
            how = how_to_install("tensorboard")
            raise Refused(f"an event file needs the package tensorboard: {how}") from None
        self._file = io.BytesIO()
        self._records: Any = records.RecordWriter(self._file)
        self._started_s = started_s
        begin = self._event(wall_time=started_s, file_version="brain.Event:2")
        self._records.write(begin.SerializeToString())

    def add_number(self, step: int, train_seconds: float, tag: str, value: float) -> None:
        self._add(step, train_seconds, self._summary.Summary.Value(tag=tag, simple_value=value))

    def add_text(self, sample: Sample) -> None:
        """TensorBoard shows texts as Markdown."""
        plugin = self._summary.SummaryMetadata.PluginData(plugin_name="text")
        shown = "  \n".join(as_markdown(line) for line in sample.text.split("\n"))
        value = self._summary.Summary.Value(
            tag=f"samples/{sample.about}",
            metadata=self._summary.SummaryMetadata(plugin_data=plugin),
            tensor=self._tensor(dtype="DT_STRING", string_val=[shown.encode("utf-8", "replace")]),
        )
        self._add(sample.step, sample.train_seconds, value)

    def _add(self, step: int, train_seconds: float, value: Any) -> None:
        at_s = self._started_s + train_seconds
        summary = self._summary.Summary(value=[value])
        event = self._event(wall_time=at_s, step=step, summary=summary)
        self._records.write(event.SerializeToString())

    def content(self) -> bytes:
        return self._file.getvalue()
