"""A deck file that is saved under the program's eyes, the way editors do."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flashcards.cards import followed
from flashcards.cards.followed import FollowedDeck, broken
from flashcards.cards.shelf import DeckUnusable
from tests.posix import make_pipe

OLD, NEW = b"a :: b\n", b"a :: b\nc :: d\n"


def in_place(path: Path, data: bytes) -> None:
    """nano, VS Code: the same file, written over."""
    path.write_bytes(data)


def by_rename(path: Path, data: bytes) -> None:
    """A new file, renamed over the old one."""
    new = path.with_name(".new~")
    new.write_bytes(data)
    os.replace(new, path)


def with_backup(path: Path, data: bytes) -> None:
    """vim, emacs: the old file becomes the backup, a new one takes its name."""
    os.replace(path, path.with_name(path.name + "~"))
    path.write_bytes(data)


def same_size_and_time(path: Path, data: bytes) -> None:
    """A save whose size and time of change say nothing."""
    found = os.stat(path)
    by_rename(path, data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize("save", [in_place, by_rename, with_backup, same_size_and_time])
def test_each_save_is_noticed_once(tmp_path: Path, save: Callable[[Path, bytes], None]) -> None:
    path = tmp_path / "x.deck"
    path.write_bytes(OLD)
    followed = FollowedDeck(path)
    assert followed.new_version() is None
    save(path, NEW)
    assert followed.new_version() == NEW
    assert followed.new_version() is None


def test_a_save_that_changes_nothing_is_nothing_new(tmp_path: Path) -> None:
    path = tmp_path / "x.deck"
    path.write_bytes(OLD)
    followed = FollowedDeck(path)
    by_rename(path, NEW)
    assert followed.new_version() == NEW
    by_rename(path, NEW)
    assert followed.new_version() is None
    by_rename(path, OLD)
    assert followed.new_version() == OLD


def test_a_file_that_is_empty_for_a_moment_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "x.deck"
    path.write_bytes(OLD)
    followed = FollowedDeck(path)
    path.write_bytes(b"")
    assert followed.new_version() is None
    path.write_bytes(NEW)
    assert followed.new_version() == NEW
    path.write_bytes(b"")
    assert [followed.new_version() for _ in range(3)] == [None, b"", None]


def test_a_file_that_goes_away_is_followed_until_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "x.deck"
    path.write_bytes(OLD)
    followed = FollowedDeck(path)
    path.unlink()
    assert followed.new_version() is None
    path.write_bytes(NEW)
    assert followed.new_version() == NEW


def test_what_is_no_file_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "x.deck"
    path.write_bytes(OLD)
    followed = FollowedDeck(path)
    path.unlink()
    make_pipe(path)
    with pytest.raises(DeckUnusable, match="not-a-file"):
        followed.new_version()
    assert followed.new_version() is None


def test_a_save_is_broken_when_it_costs_cards_and_not_when_cards_contradict() -> None:
    assert [p.code for p in broken(b"a :: b\nhalf a li", "x.deck")] == ["no-separator"]
    assert [p.code for p in broken(b"+++\nname = ", "x.deck")] == ["front-open"]
    assert [p.code for p in broken(b"\xff", "x.deck")] == ["utf8"]
    assert broken(b"a :: b\na :: c\n", "x.deck") == ()


def test_a_large_file_is_judged_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a :: b\nno card\n\x1b :: c\n"
    here = broken(data, "x.deck")
    assert [problem.code for problem in here] == ["no-separator", "control"]
    monkeypatch.setattr(followed, "APART_FROM_BYTES", 3)
    monkeypatch.setattr(followed, "broken", None)
    assert followed.judged(data, "x.deck") == here
