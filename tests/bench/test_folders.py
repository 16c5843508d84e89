"""The long run that is measured is like a real one; its index opens it without reading it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from flashcards.runs import cursor
from flashcards.runs import recording as recordings
from flashcards.runs.events import AnyEvent
from flashcards.runs.recording import Recording
from flashcards.runs.run_index import FILE
from tests.bench.long_run import write_long_run


def test_a_long_run_is_read_like_any_and_grows_like_one(tmp_path: Path) -> None:
    folder = write_long_run(tmp_path / "long", 3_000)
    recording = Recording.open(folder)
    assert recording.last_step == 3_000
    assert recording.state.exams.last is not None
    assert 50 <= folder.log_path.stat().st_size / 3_000 <= 150


def test_the_index_spares_reading_and_gives_the_same_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "INDEX_EVERY_BYTES", 1)
    monkeypatch.setattr(recordings, "SNAPSHOT_EVERY_BYTES", 20_000)
    monkeypatch.setattr(recordings, "SNAPSHOT_MOST_BYTES", 20_000)
    folder = write_long_run(tmp_path / "long", 3_000)
    read = Recording.open(folder)
    assert read.save_index()
    decoded: list[bytes] = []
    real = cursor.decoded

    def counted(line: bytes) -> AnyEvent | None:
        decoded.append(line)
        return real(line)

    monkeypatch.setattr(cursor, "decoded", counted)
    indexed = Recording.open(folder)
    assert len(decoded) < 300
    assert indexed.markers == read.markers
    assert indexed.counts == read.counts
    for step in (0, 1_000, 1_777, 3_000):
        ours, theirs = indexed.state_at(step), read.state_at(step)
        assert ours.n_folded == theirs.n_folded
        assert ours.exams.seen_losses.points == theirs.exams.seen_losses.points
        assert list(ours.card.recent) == list(theirs.card.recent)
        assert ours.marks == theirs.marks


@pytest.mark.parametrize("damage", ["cut", "garbage", "another log"])
def test_an_index_that_is_wrong_is_as_if_it_were_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(recordings, "INDEX_EVERY_BYTES", 1)
    monkeypatch.setattr(recordings, "SNAPSHOT_EVERY_BYTES", 20_000)
    folder = write_long_run(tmp_path / "long", 2_400)
    assert Recording.open(folder).save_index()
    index = folder.path / FILE
    match damage:
        case "cut":
            index.write_bytes(index.read_bytes()[:-100])
        case "garbage":
            index.write_bytes(b"\x93garbage")
        case _:
            other = write_long_run(tmp_path / "other", 1_800)
            log = other.log_path.read_bytes().replace(b'"seed":1', b'"seed":2')
            folder.log_path.write_bytes(log)
    recording = Recording.open(folder)
    assert recording.last_step in (1_800, 2_400) if damage != "another log" else 1_800
    assert recording.state.start is not None
    assert recording.state.start.seed == (2 if damage == "another log" else 1)


def test_a_folder_that_cant_be_written_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "INDEX_EVERY_BYTES", 1)
    monkeypatch.setattr(recordings, "SNAPSHOT_EVERY_BYTES", 20_000)

    def refuse(path: Path, index: object) -> None:
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(recordings, "write_index", refuse)
    recording = Recording.open(write_long_run(tmp_path / "long", 1_200))
    assert not recording.save_index()
    assert recording.last_step == 1_200
