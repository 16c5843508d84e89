"""Where a run has come to, in a small file beside its log, so that lists need not read the log."""

from __future__ import annotations

import contextlib

import msgspec

from flashcards.runs.files import MAX_JSON_BYTES, decode_json, read_file, write_atomically
from flashcards.runs.folder import RunFolder
from flashcards.runs.recording import Recording
from flashcards.runs.state import RunState
from flashcards.runs.values import Score

FILE = "summary.json"


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run has come to: rebuildable from its log at any time.

    `log_bytes` is the length of the log that it is of; None before it is saved.
    `is_text`: the scores are of the pieces of a text.
    """

    step: int = 0
    cards_taught: int = 0
    train_seconds: float = 0.0
    seen: Score | None = None
    unseen: Score | None = None
    log_bytes: int | None = None
    is_text: bool = False


def save_summary(folder: RunFolder, summary: RunSummary) -> None:
    """Write the file, with the length of the log as it is now.
    Raises OSError: it can't be written."""
    n_bytes = folder.log_path.stat().st_size
    summary = msgspec.structs.replace(summary, log_bytes=n_bytes)
    write_atomically(folder.path / FILE, msgspec.json.encode(summary))


def read_summary(folder: RunFolder) -> RunSummary:
    """Where the run has come to; read from the log when the file is not, or not of all of it.

    A summary of a run that was killed, or is being written, is behind its log.
    """
    summary = None
    with contextlib.suppress(OSError, msgspec.DecodeError):
        summary = decode_json(read_file(folder.path / FILE, MAX_JSON_BYTES), RunSummary)
    try:
        n_bytes = folder.log_path.stat().st_size
        if summary is not None and summary.log_bytes == n_bytes:
            return summary
        return summary_of(Recording.open(folder).state)
    except OSError:
        return summary or RunSummary()


def summary_of(state: RunState) -> RunSummary:
    shown = state.ended or state.exams.last
    return RunSummary(
        step=state.step,
        cards_taught=state.cards_taught,
        train_seconds=state.train_seconds,
        seen=None if shown is None else shown.seen,
        unseen=None if shown is None else shown.unseen,
        is_text=state.is_reading,
    )
