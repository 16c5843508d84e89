"""A deck answered by a run: what is taught from then on is what its model says."""

from pathlib import Path

import pytest

from flashcards import Deck, Run
from flashcards.base.errors import UserError
from flashcards.cards.card_edits import CannotWrite, with_every_answer
from flashcards.cards.format import parse
from flashcards.cli import main
from flashcards.runs.goal import Goal
from flashcards.trainer.answered_deck import answered_text
from flashcards.trainer.opening import LessonError, open_learner
from tests.export.runs import a_run
from tests.trainer.lessons import run_lesson

DECK = """\
+++
name = "Some"
+++
# a note
France :: x
? Narnia :: none
[far]
  Japan :: y | z
Q: Peru
A: w
"""


def test_only_the_taught_cards_get_the_answers_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "some.deck"
    path.write_text(DECK, "utf-8")
    run = Run.open(a_run("char"))
    france, japan, peru = (reply.answer for reply in run.ask_each(["France", "Japan", "Peru"]))
    expected = DECK.replace(":: x", f":: {france}").replace("y | z", japan)
    expected = expected.replace("A: w", f"A: {peru}")
    assert answered_text(path, open_learner(run.path)) == expected
    assert run.answered(Deck.open(path)).text == expected


def test_the_command_line_prints_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.deck"
    path.write_text(DECK, "utf-8")
    run = str(a_run("char"))
    assert main(["ask", run, "--deck", str(path)]) == 0
    assert capsys.readouterr().out == answered_text(path, open_learner(Path(run)))
    assert main(["ask", run, "--deck", str(path), "France"]) == 2
    assert main(["ask", run, "--deck", str(path), "--json"]) == 2
    path.write_text("France ::: Paris\n", "utf-8")
    assert main(["ask", run, "--deck", str(path)]) == 1
    assert "in both directions" in capsys.readouterr().err


def test_an_answer_that_no_card_can_hold_is_left_out() -> None:
    document = parse(DECK.encode(), "some.deck").document
    text = with_every_answer(document, {0: "", 2: " spaces ", 3: "w :: | \\"})
    assert "France" not in text
    assert "Japan :: spaces" in text
    again = parse(text.encode(), "some.deck").deck
    assert again is not None
    assert [card.answers for card in again.cards] == [("none",), ("spaces",), ("w :: | \\",)]
    with pytest.raises(CannotWrite):
        with_every_answer(parse(b"a ::: b\n", "some.deck").document, {0: "c"})


def test_a_lesson_teaches_what_a_run_answers_and_can_go_on_without_that_run(tmp_path: Path) -> None:
    path = tmp_path / "some.deck"
    path.write_text(DECK, "utf-8")
    teacher = a_run("char")
    opened, _ = run_lesson(path, goal=Goal(step=2), answers_of=str(teacher))
    deck = opened.training.deck
    (answer,) = Run.open(teacher).ask_each(["France"])
    assert (deck.slug, deck.cards[0].answer) == ("some", answer.answer)
    assert deck.cards[1].answers == ("none",)
    folder = opened.keeper.folder
    again, _ = run_lesson("", tmp_path / "runs", goal=Goal(step=3), resume=str(folder.path))
    assert again.training.deck.cards == deck.cards
    path.write_text("France ::: Paris\n", "utf-8")
    with pytest.raises(LessonError, match="in both directions"):
        run_lesson(path, goal=Goal(step=2), answers_of=str(teacher))


@pytest.mark.slow
def test_a_reader_of_texts_answers_no_cards(tmp_path: Path) -> None:
    text = tmp_path / "tale.txt"
    text.write_text("The cat sat on the mat. " * 100, "utf-8")
    opened, _ = run_lesson(text, goal=Goal(step=1))
    deck = tmp_path / "some.deck"
    deck.write_text(DECK, "utf-8")
    with pytest.raises(UserError, match="is a text"):
        answered_text(deck, opened.training)
