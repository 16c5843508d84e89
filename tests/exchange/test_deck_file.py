"""A new deck has no error: prompts stand once, and what had to go is counted."""

import errno
import os
from pathlib import Path

import pytest

from flashcards.cards.format import parse
from flashcards.exchange.deck_file import compose, section_name
from flashcards.exchange.importing import import_file
from flashcards.exchange.notes import Losses, Note, Options
from tests.exchange.sources import imported_text
from tests.golden import check_words


def note(prompt: str, *answers: str, **more: object) -> Note:
    return Note(prompt, answers, "here", **more)  # type: ignore[arg-type]


def composed(*notes: Note) -> tuple[list[str], dict[str, int]]:
    losses = Losses()
    text = compose(notes, {"name": "x"}, losses, "note").text
    parsed = parse(text.encode(), "x.deck")
    assert [p for p in parsed.diagnostics if p.level == "error"] == []
    return text.split("\n")[4:-1], losses.counts()


def test_the_same_card_again_is_left_out() -> None:
    assert composed(note("a", "b"), note("a", "b")) == (["a :: b"], {"duplicate": 1})


def test_another_answer_to_a_prompt_counts_as_right() -> None:
    lines, counts = composed(note("a", "b"), note("c", "d"), note("a", "e"))
    assert lines == ["a :: b | e", "c :: d"]
    assert counts == {"merged": 1}


def test_a_prompt_that_is_never_seen_once_is_never_seen() -> None:
    lines, _ = composed(note("a", "b"), note("a", "b", is_never_seen=True), note("c", "d"))
    assert lines == ["? a :: b", "c :: d"]


def test_both_directions_are_one_line_until_another_note_says_more() -> None:
    assert composed(note("a", "b", is_both_ways=True)) == (["a ::: b"], {})
    lines, counts = composed(note("a", "b", is_both_ways=True), note("c", "b", is_both_ways=True))
    assert lines == ["a :: b", "b :: a | c", "c :: b"]
    assert counts == {"merged": 1}


def test_both_directions_of_several_lines_are_two_blocks() -> None:
    lines, _ = composed(note("a\nb", "c", is_both_ways=True), note("d", "e"))
    assert lines == ["", "Q: a", "b", "A: c", "", "Q: c", "A: a", "b", "", "d :: e"]


def test_cards_without_a_section_come_first() -> None:
    lines, _ = composed(note("a", "b", section="S"), note("c", "d"), note("e", "f", section="S"))
    assert lines == ["c :: d", "", "[S]", "a :: b", "e :: f"]


def test_too_many_answers_are_counted() -> None:
    notes = [note("a", "x" * 200 + str(index)) for index in range(20)]
    lines, counts = composed(*notes)
    assert counts == {"merged": 6, "crowded": 13}
    assert lines[0].count(" | ") == 6


def test_a_section_is_on_one_line_and_closed() -> None:
    assert section_name("a]\n [b  c") == "a) (b c"
    assert len(section_name("x" * 500)) == 100


def test_a_section_whose_name_changes_is_counted() -> None:
    lines, counts = composed(note("a", "b", section="[S]"), note("c", "d", section=" T  t "))
    assert lines == ["", "[(S)]", "a :: b", "", "[T t]", "c :: d"][1:]
    assert counts == {"section-name": 1}


def test_a_deck_needs_a_card_that_is_taught() -> None:
    text = "prompt\tanswer\ttags\na\tb\theld-out\n"
    check_words("import: no card is taught", imported_text(text).said)
    check_words("import: no card", imported_text("a\t\nb\t\n").said)


def run(tmp_path: Path, output: str, *, is_forced: bool = False) -> int:
    (tmp_path / "x.csv").write_text("dog,chien\n")
    source = str(tmp_path / "x.csv")
    return import_file(source, str(tmp_path / output), Options(), is_forced=is_forced)


def test_a_file_there_stays_unless_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.deck").write_text("mine :: yes\n")
    assert run(tmp_path, "x.deck") == 1
    path = tmp_path / "x.csv"
    error = capsys.readouterr().err
    check_words("import: a deck is there", error, path=path, target=tmp_path / "x.deck")
    assert (tmp_path / "x.deck").read_text() == "mine :: yes\n"
    assert run(tmp_path, "x.deck", is_forced=True) == 0
    assert "dog :: chien\n" in (tmp_path / "x.deck").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.deck"]


def test_a_deck_has_a_name_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {
        "import: into a table": "y.tsv",
        "import: into a folder": ".",
        "import: into no folder": "no/such/x.deck",
    }
    for key, name in names.items():
        assert run(tmp_path, name) == 1
        error = capsys.readouterr().err.replace(os.strerror(errno.ENOENT), "(no such folder)")
        check_words(key, error, path=tmp_path / "x.csv", target=tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_front_matter_survives_any_name(tmp_path: Path) -> None:
    path = tmp_path / 'a"\\ \x7f\n+++.csv'
    path.write_text("dog,chien\n")
    out = tmp_path / "x.deck"
    assert import_file(str(path), str(out), Options()) == 0
    deck = parse(out.read_bytes(), "x.deck").deck
    assert deck is not None
    assert deck.name == 'a"\\ ␡ +++'
