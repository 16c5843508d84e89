"""A run's numbers as an event file of TensorBoard, written by `torch.utils.tensorboard`.

What TensorBoard shows as the time of a number is the run's start and its seconds of training.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused
from flashcards.cards.printable import as_markdown
from flashcards.export.run_tables import Examined, Numbers

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

STEPS = ("loss_nats", "learning_rate", "gradient_norm", "relative_change", "cards_taught")


def event_file_of(numbers: Numbers) -> tuple[str, bytes]:
    """Return the file's name and content. Raises Refused: tensorboard is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        how = how_to_install("tensorboard")
        raise Refused(f"an event file needs the package tensorboard: {how}") from None
    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            _write(writer, numbers)
        (path,) = Path(folder).iterdir()  # its own name says which computer wrote it
        return f"events.out.tfevents.{int(numbers.started_s)}.flashcards", path.read_bytes()


def _write(writer: SummaryWriter, numbers: Numbers) -> None:
    for row in numbers.steps:
        at_s = numbers.started_s + row.train_seconds
        for name in STEPS:
            writer.add_scalar(f"training/{name}", getattr(row, name), row.step, at_s)
    for exam in numbers.exams:
        _write_exam(writer, exam, numbers.started_s + exam.train_seconds)
    for sample in numbers.samples:
        at_s = numbers.started_s + sample.train_seconds
        text = "  \n".join(as_markdown(line) for line in sample.text.split("\n"))
        writer.add_text(f"samples/{sample.about}", text, sample.step, at_s)


def _write_exam(writer: SummaryWriter, exam: Examined, at_s: float) -> None:
    tag = "exam" if exam.part == "deck" else f"{exam.part}/{exam.name}"
    for name, score in (("taught", exam.seen), ("never taught", exam.unseen)):
        if (share := score.rate) is not None:
            writer.add_scalar(f"{tag}/right, {name}", share, exam.step, at_s)
    for name, loss in (("taught", exam.seen_loss_nats), ("never taught", exam.unseen_loss_nats)):
        if loss is not None:
            writer.add_scalar(f"{tag}/loss_nats, {name}", loss, exam.step, at_s)
