"""Run folders that a stranger made: nothing outside them is touched, nothing waits or grows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards.runs.cursor import MAX_LINE_BYTES, read_run
from flashcards.runs.files import open_file, read_file
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.log import LogWriter
from tests.runs.test_folder import create

NEEDS_LINKS = pytest.mark.skipif(os.name == "nt", reason="links and pipes are POSIX's")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = create(tmp_path / "runs")
    folder.release()
    return folder.path


def _linked(path: Path, target: Path) -> None:
    """The file or folder is at `target`, and a link where it was."""
    shutil.move(path, target)
    path.symlink_to(target)


@NEEDS_LINKS
@pytest.mark.parametrize(
    "name", ["run.json", "events.jsonl", "deck", "keyframes", "tokenizer.model", "writer.lock"]
)
def test_a_folder_with_a_link_is_not_opened(run: Path, tmp_path: Path, name: str) -> None:
    _linked(run / name, tmp_path / "outside")
    with pytest.raises(RunError, match="link"):
        RunFolder.open(run)
    with pytest.raises(RunError, match="link"):
        RunFolder.open(run, is_writer=True)


@NEEDS_LINKS
@pytest.mark.parametrize("name", ["deck/0001-more.deck", "keyframes/x", "summary.json", "twin"])
def test_nor_one_with_a_link_anywhere_in_it(run: Path, tmp_path: Path, name: str) -> None:
    (run / name).symlink_to(tmp_path / "nothing")
    with pytest.raises(RunError, match=f"{name} in it is a link"):
        RunFolder.open(run)
    assert not (tmp_path / "nothing").exists()


@NEEDS_LINKS
def test_the_log_writer_leaves_what_a_link_leads_to(tmp_path: Path) -> None:
    outside = tmp_path / ".bashrc"
    outside.write_bytes(b"alias ll=ls\nno newline")
    (tmp_path / "events.jsonl").symlink_to(outside)
    with pytest.raises(OSError, match="link"):
        LogWriter(tmp_path / "events.jsonl")
    assert outside.read_bytes() == b"alias ll=ls\nno newline"


@NEEDS_LINKS
@pytest.mark.parametrize("name", ["run.json", "events.jsonl", "summary.json", "writer.lock"])
def test_a_pipe_in_place_of_a_file_does_not_hang(run: Path, name: str) -> None:
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)
    with pytest.raises(RunError, match=r"device|pipe"):
        RunFolder.open(run, is_writer=True)
    with pytest.raises(OSError):
        open_file(run / name)
    with pytest.raises(OSError):
        open_file(run / name, "ab")


def test_a_run_without_a_log_is_no_run(run: Path) -> None:
    (run / "events.jsonl").unlink()
    with pytest.raises(RunError, match=r"is not a run: No such file or directory \(events.jsonl\)"):
        RunFolder.open(run)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_that_is_nested_without_end_is_damage(run: Path, opening: str) -> None:
    (run / "run.json").write_text(opening * 100_000)
    with pytest.raises(RunError, match=r"run\.json is damaged"):
        RunFolder.open(run)


def test_a_file_larger_than_its_kind_is_not_read(run: Path) -> None:
    with (run / "run.json").open("ab") as file:
        file.truncate(1 << 33)
    with pytest.raises(RunError, match="larger than 1 MB"):
        RunFolder.open(run)
    with pytest.raises(OSError, match="larger than"):
        read_file(run / "run.json", 1000)


def test_a_line_longer_than_any_event_is_no_event(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    long = b'{"kind":"RunPaused","step":1,"x":"' + b"x" * 2 * MAX_LINE_BYTES + b'"}\n'
    log.write_bytes(b'{"kind":"RunPaused","step":1}\n' + long + b'{"kind":"RunPlayed","step":2}\n')
    assert [event.step for event in read_run(log)] == [1, 2]
    log.write_bytes(b'{"kind":"RunPaused","step":1}\n' + long[:-1])
    assert [event.step for event in read_run(log)] == [1]


def test_the_deck_of_a_run_names_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.runs import test_folder

    made: Callable[..., object] = test_folder.info
    monkeypatch.setattr(test_folder, "info", lambda deck: made("x/../../evil"))
    folder = create(tmp_path / "runs")
    assert folder.path.parent == tmp_path / "runs"
    assert folder.save_deck("../../evil.deck", b"a :: b\n") == "0001-..-..-evil.deck"
    folder.release()
