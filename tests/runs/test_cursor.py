"""What did not happen, known in one place: everybody who reads a log leaves out the same."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from flashcards.runs.cursor import LogCursor, Undone, happened, read_run, starts_of, undo
from flashcards.runs.events import AnyEvent, RunPaused, RunPlayed, RunResumed, encode
from tests.runs.test_events import START


def write(path: Path, happened: Sequence[AnyEvent]) -> Path:
    log = path / "events.jsonl"
    log.write_bytes(b"".join(map(encode, happened)))
    return log


def resumed(step: int) -> RunResumed:
    return RunResumed(step=step, start=START)


def test_a_cursor_reads_on_and_says_what_is_undone(tmp_path: Path) -> None:
    log = write(tmp_path, [RunPaused(step=1), RunPaused(step=4)])
    cursor = LogCursor()
    with log.open("rb") as file:
        assert [line.event.step for line in cursor.read(file)] == [1, 4]
    with log.open("ab") as file:
        file.write(encode(resumed(2)) + encode(resumed(2)) + encode(RunPaused(step=3))[:-1])
    with log.open("rb") as file:
        assert [line.undone_beyond for line in cursor.read(file)] == [2, None]
        assert cursor.last_step == 2
        assert list(cursor.read(file)) == []
    with log.open("ab") as file:
        file.write(b"\n")
    with log.open("rb") as file:
        assert [line.event.step for line in cursor.read(file)] == [3]


def test_a_cursor_knows_another_log_from_the_one_it_read(tmp_path: Path) -> None:
    log = write(tmp_path, [RunPaused(step=1), RunPaused(step=2)])
    cursor = LogCursor()
    with log.open("rb") as file:
        list(cursor.read(file))
        assert cursor.is_of(file)
    for other in ([RunPaused(step=1)], [RunPaused(step=1), RunPaused(step=9)] * 2):
        with write(tmp_path, other).open("rb") as file:
            assert not cursor.is_of(file)


def test_a_resume_counts_for_those_who_want_other_lines_alone(tmp_path: Path) -> None:
    log = write(tmp_path, [RunPlayed(step=3), RunPaused(step=3), resumed(1), RunPlayed(step=2)])
    cursor = LogCursor(lambda line: line.startswith(starts_of([RunPlayed])))
    with log.open("rb") as file:
        found = [(type(line.event), line.undone_beyond) for line in cursor.read(file)]
    assert found == [(RunPlayed, None), (RunResumed, 1), (RunPlayed, None)]


steps = st.integers(0, 6)
logs = st.lists(st.one_of(steps.map(lambda k: RunPaused(step=k)), steps.map(resumed)), max_size=25)


@given(logged=logs)
def test_any_log_is_read(logged: list[AnyEvent], tmp_path_factory: pytest.TempPathFactory) -> None:
    log = write(tmp_path_factory.mktemp("log"), logged)
    cursor, undone = LogCursor(), list[Undone]()
    with log.open("rb") as file:
        for line in cursor.read(file):
            if line.undone_beyond is not None:
                undo(undone, line)
        told = [line.event for line in happened(file, 0, cursor.n_bytes, undone)]
    assert told == read_run(log)
