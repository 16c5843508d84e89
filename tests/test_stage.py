"""`talk --check` and `rehearse` as a user types them."""

from pathlib import Path

import pytest

from flashcards.cli import main
from flashcards.runs.catalog import list_runs, read_summary
from flashcards.runs.folder import RunFolder
from flashcards.talks import rehearsal
from tests.decks import write_capitals
from tests.golden import check_words

TALKS = sorted((Path(__file__).parents[1] / "docs" / "talks").glob("*.md"))


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_the_shipped_talks_are_sound(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["talk", str(path), "--check"]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


def test_mistakes_have_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.md"
    path.write_text("# T\n```flashcards\nteach no-such-deck\ndance\n```\n", encoding="utf-8")
    assert main(["talk", str(path), "--check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" error:")[0] for line in lines] == [f"{path}:3:", f"{path}:4:"]


@pytest.mark.parametrize(
    ("directive", "text", "said"),
    [
        ("teach", '+++\nsize = "xl"\nn_layers = 24\n+++\na :: b\n', "289 million numbers; 100 at"),
        ("read", '+++\nsize = "xl"\nn_layers = 24\n+++\n' + "a b\n" * 999, "100 at most"),
        ("teach", "nothing here\n", "no card in it"),
        ("read", "short\n", "reading needs 2,000 at least"),
    ],
)
def test_a_deck_that_no_lesson_can_begin_with_is_a_mistake_of_the_talk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], directive: str, text: str, said: str
) -> None:
    name = "x.deck" if directive == "teach" else "x.txt"
    (tmp_path / name).write_text(text, encoding="utf-8")
    path = tmp_path / "t.md"
    path.write_text(f"# T\n```flashcards\n{directive} {name}\n```\n", encoding="utf-8")
    assert main(["talk", str(path), "--check"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{path}:3: error: ")
    assert said in line
    assert main(["rehearse", str(path)]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_a_rehearsal_is_recorded(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_capitals(tmp_path)
    path, runs = tmp_path / "t.md", tmp_path / "runs"
    path.write_text(
        "# T\n```flashcards\nteach capitals.deck seed=3 until step=12\nwait\nask France\n```\n",
        encoding="utf-8",
    )
    assert main(["rehearse", str(path), "--runs", str(runs)]) == 0
    said = capfd.readouterr().out
    assert "to step 12" in said
    (first,) = [line for line in said.splitlines() if "first rehearsal" in line]
    check_words("rehearsal: the first", first)
    folder = rehearsal.folder_of(runs, path)
    rehearsed = rehearsal.load(folder)
    assert rehearsed is not None
    (lesson,) = rehearsed.lessons
    assert (lesson.seed, read_summary(RunFolder.open(folder / lesson.run)).step) == (3, 12)
    assert list_runs(runs) == []
    assert main(["rehearse", str(path), "--runs", str(runs)]) == 0
    assert first not in capfd.readouterr().out


def test_a_moved_key_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "talk.md"
    path.write_text("# Break it\nPress L five times, then `z`.\nA vote of p = 3 is no key.\n")
    assert main(["talk", str(path), "--check"]) == 0
    output = capsys.readouterr().out
    notes = [line for line in output.splitlines() if "note:" in line]
    for line, (letter, command) in zip(notes, (("L", "double"), ("z", "rewind")), strict=True):
        check_words("talk: a moved key", line, path=path, letter=letter, command=command)
