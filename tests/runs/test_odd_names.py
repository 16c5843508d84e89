"""Names that are no Unicode, and a standard output that can write ASCII alone."""

import os
import re
import sys
from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs.catalog import list_runs
from flashcards.runs.folder import RunFolder
from tests.decks import write_capitals
from tests.golden import check_words
from tests.written_run import STARTED, info_of

ODD = os.fsdecode(b"caf\xe9")
posix = pytest.mark.skipif(sys.platform == "win32", reason="names on Windows are Unicode")


@posix
def test_names_need_no_unicode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deck = write_capitals(tmp_path).rename(tmp_path / f"{ODD}.deck")
    root = tmp_path / ODD
    assert main(["train", str(deck), "--steps", "3", "--runs", str(root)]) == 0
    (entry,) = list_runs(root)
    assert [path.name for path in root.iterdir()] == [entry.path.name]
    run = entry.path.rename(root / ODD)
    for command in (
        ["runs", "--runs", str(root)],
        ["train", "--resume", str(run), "--steps", "5", "--runs", str(root)],
        ["verify", str(run)],
        ["replay", str(run), "--plain"],
        ["report", str(run), "-o", str(tmp_path / "x.html")],
        ["ask", str(run), "France"],
        ["runs", "--runs", str(root), "--keep", ODD],
        ["runs", "--runs", str(root), "--delete", ODD],
    ):
        assert main(command) == 0, (command, capsys.readouterr())
    assert not run.exists()


def test_a_folder_that_cannot_be_filled_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(folder: RunFolder, path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        RunFolder.create(
            tmp_path,
            info_of("x"),
            deck_file="0000-x.deck",
            deck_bytes=b"",
            tokenizer_model=b"",
            now=STARTED,
            fill=interrupt,
        )
    assert list(tmp_path.iterdir()) == []


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


def test_a_talks_odd_deck_has_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk = tmp_path / "talk.md"
    talk.write_text(f"# One\n---\n```flashcards\nteach {'x' * 300}.deck\n```\n", encoding="utf-8")
    assert main(["talk", str(talk), "--check"]) == 1
    line = capsys.readouterr().out.splitlines()[0]
    assert re.search(r":4: error: .*x{50}", line)


def test_a_talk_is_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no /dev")
    assert main(["talk", "/dev/zero", "--check"]) == 1
    check_words("talk: a device", capsys.readouterr().err)


@posix
def test_a_name_that_is_no_unicode_is_one_sentence_where_it_can_not_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deck = write_capitals(tmp_path).rename(tmp_path / f"{ODD}.deck")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    sweep = ["sweep", str(deck), "--seeds", "1", "--until", "step=1", "--jobs", "1"]
    for command in (
        ["play", str(deck)],
        ["read", str(deck)],
        [*sweep, "--runs", str(tmp_path / ODD)],
    ):
        assert main(command) == 1
        check_words("run: an odd name", capsys.readouterr().err.rpartition(": ")[2])


@posix
def test_any_other_file_may_have_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deck = tmp_path / f"{ODD}.deck"
    deck.write_text("a :: b\n", encoding="utf-8")
    assert main(["export", str(deck), "--to", "apkg", "-o", str(tmp_path / "x.apkg")]) == 0
    program = tmp_path / f"{ODD}.py"
    program.write_text("def cards():\n    yield 'a', 'b'\n", encoding="utf-8")
    assert main(["generate", str(program), "-o", str(tmp_path / "made.deck")]) == 0
    talk = tmp_path / f"{ODD}.md"
    talk.write_text("# One\n", encoding="utf-8")
    assert main(["record", str(talk), "-o", str(tmp_path / "x.cast")]) == 1
    assert "was not rehearsed" in capsys.readouterr().err
