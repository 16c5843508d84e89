"""`check` names every problem in a form that editors read, and its exit code says it all."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from flashcards.cards.card import Deck
from flashcards.cards.check import check
from flashcards.cards.diagnostics import Diagnostic, diagnostic
from flashcards.cli import main
from tests.golden import check_words


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(*names: str) -> tuple[int, list[str]]:
    out = io.StringIO()
    code = check(names, out)
    return code, out.getvalue().splitlines()


def test_a_warning_leaves_the_exit_code_at_nothing(folder: Path) -> None:
    (folder / "x.deck").write_text("dog :: chien\n? Dog :: chien\n", "utf-8")
    code, lines = checked(str(folder / "x.deck"))
    assert code == 0
    check_words("check: two warnings", "\n".join(lines))


def test_errors_of_any_deck_make_the_exit_code_one(folder: Path) -> None:
    (folder / "x.deck").write_text("a :: b\n", "utf-8")
    (folder / "y.deck").write_text("a\nb :: c\nb :: d\n", "utf-8")
    (folder / "z.deck").write_bytes(b"\xff")
    code, lines = checked("x.deck", "y.deck", "z.deck", "nothing")
    assert code == 1
    assert [line.split(": ")[0] for line in lines] == [
        "x.deck",
        "y.deck:1:1",
        "y.deck:3:1",
        "y.deck",
        "z.deck:1:1",
        "z.deck",
        "nothing:1:1",
        "nothing",
    ]
    check_words("check: an unusable deck", lines[-3], deck="z.deck")
    assert lines[-2].endswith("[not-found]")


def test_a_deck_that_the_learner_cannot_take_cannot_be_used(folder: Path) -> None:
    (folder / "x.deck").write_text("a :: b\nc :: d\n", "utf-8")
    out = io.StringIO()
    found = diagnostic("no-room", 2, 1, "this card is 9 pieces long")
    assert check(["x.deck"], out, find_more=lambda deck: [found]) == 1
    problem, summary = out.getvalue().splitlines()
    assert problem == f"x.deck:2:1: error: {found.text} [no-room]"
    check_words("check: an unusable deck", summary, deck="x.deck")


def test_whoever_explains_gets_usable_decks_and_its_lines_come_last(folder: Path) -> None:
    (folder / "x.deck").write_text("dog :: chien\n? Dog :: chien\n", "utf-8")
    (folder / "y.deck").write_bytes(b"\xff")

    def explain(name: str, deck: Deck, problems: Sequence[Diagnostic]) -> list[str]:
        return [f"{name} {len(deck.cards)} {[problem.code for problem in problems]}"]

    out = io.StringIO()
    check(("x.deck", "y.deck"), out, explain=explain)
    lines = out.getvalue().splitlines()
    assert lines[3] == "x.deck 2 ['few-held-out', 'leak-near']"
    assert len(lines) == 6


def test_a_floor_under_the_error_is_named_without_being_asked(folder: Path) -> None:
    (folder / "x.deck").write_text("a :: b\na :: c\nd :: e\nf :: g\n", "utf-8")
    _, lines = checked("x.deck")
    # two cards cost ln 2 each: 2 ln 2 / 4
    check_words("check: contradictions", lines[-1])


LONG = "".join(f"{'x' * 700}{n} :: y\n" for n in range(40))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (LONG, "check: every card is too long"),
        (f"a :: b\nc :: d\n{LONG}", "check: many cards are too long"),
        (f"a :: b\nc :: d\n{'x' * 700} :: y\n", "check: a card is too long"),
    ],
)
def test_check_and_train_say_how_many_and_where(
    text: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deck = tmp_path / "long.deck"
    deck.write_text(text, encoding="utf-8")
    assert main(["check", str(deck)]) == 1
    (problem,) = [line for line in capsys.readouterr().out.splitlines() if "too long and" in line]
    sentence = re.sub(r"^.*(error: |; )| \[.*", "", problem)
    check_words(key, sentence)
    main(["train", str(deck), "--steps", "2", "--runs", str(tmp_path / "runs")])
    assert sentence in capsys.readouterr().err
