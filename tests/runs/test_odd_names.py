"""Names that are no Unicode, and a standard output that can write ASCII alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs.catalog import list_runs
from flashcards.runs.folder import RunFolder
from tests.decks import write_capitals
from tests.runs import test_folder
from tests.runs.test_folder import create

ODD = os.fsdecode(b"caf\xe9")
posix = pytest.mark.skipif(sys.platform == "win32", reason="names on Windows are Unicode")


@posix
def test_a_deck_a_folder_and_a_run_may_have_names_that_are_no_unicode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deck = write_capitals(tmp_path).rename(tmp_path / f"{ODD}.deck")
    root = tmp_path / ODD
    assert main(["train", str(deck), "--steps", "3", "--runs", str(root)]) == 0
    (entry,) = list_runs(root)
    assert [path.name for path in root.iterdir()] == [entry.path.name]
    run = entry.path.rename(root / ODD)
    for words in (
        ["runs", "--runs", str(root)],
        ["train", "--resume", str(run), "--steps", "5", "--runs", str(root)],
        ["verify", str(run)],
        ["replay", str(run), "--plain"],
        ["report", str(run), "-o", str(tmp_path / "x.html")],
        ["ask", str(run), "France"],
        ["runs", "--runs", str(root), "--keep", ODD],
        ["runs", "--runs", str(root), "--delete", ODD],
    ):
        assert main(words) == 0, (words, capsys.readouterr())
    assert not run.exists()


def test_a_folder_that_cannot_be_filled_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(folder: RunFolder, path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RunFolder.create(
            tmp_path,
            test_folder.info(),
            deck_file="0000-x.deck",
            deck_bytes=b"",
            tokenizer_model=b"",
            now=test_folder.NOW,
            fill=interrupt,
        )
    assert list(tmp_path.iterdir()) == []


def test_an_ascii_output_ends_no_command(tmp_path: Path) -> None:
    folder = create(tmp_path, "été 日本")
    folder.release()
    script = (
        "from flashcards.cli import main\n"
        f"for words in (['runs', '--runs', {str(tmp_path)!r}],"
        f" ['replay', '--plain', {str(folder.path)!r}], ['decks'],"
        " ['check', '--explain', 'first-words'], ['export', 'first-words', '--to', 'csv']):\n"
        "    assert main(words) == 0, words\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert ended.returncode == 0, ended.stderr.decode()
    assert b"\\xe9t\\xe9" in ended.stdout


LONG = "x" * 5_000


@pytest.mark.parametrize(
    "words",
    [
        ["replay", LONG, "--plain"],
        ["ask", LONG, "x"],
        ["watch", LONG],
        ["course", LONG],
        ["curves", LONG, "-o", "x.svg"],
        ["check", "apple", "--after", LONG],
        ["runs", "--delete", LONG],
        ["runs", "--delete", ""],
        ["runs", "--keep", ""],
        ["runs", "--delete", ".."],
        ["runs", "--runs", LONG],
    ],
)
def test_a_name_that_no_file_can_have_is_one_sentence(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    if words[0] != "course" and "--runs" not in words:
        words = [*words, "--runs", str(runs)]
    main(words)
    printed = capsys.readouterr()
    assert len((printed.out + printed.err).splitlines()) <= 2
    assert "Errno" not in printed.out + printed.err


def test_a_talk_is_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no /dev")
    assert main(["talk", "/dev/zero", "--check"]) == 1
    assert "/dev/zero can't be read: it is a device" in capsys.readouterr().err
