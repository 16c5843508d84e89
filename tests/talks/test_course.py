"""Courses: lessons in the order of their names, and mistakes by file and line."""

import re
from pathlib import Path

import pytest

from flashcards.base.errors import UserError
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.cards.shelf import find, load
from flashcards.cli import main
from flashcards.talks.course import read_course
from flashcards.talks.talk import Predict, Teach
from tests.golden import check_words, raises_words


def test_lessons_come_by_the_numbers_in_their_names(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        (tmp_path / f"{number}-x.md").write_text(f"# Lesson {number}\n\n# More\n", "utf-8")
    (tmp_path / "notes.txt").write_text("not a lesson", "utf-8")
    course, problems = read_course(tmp_path)
    assert problems == []
    assert course.titles == ("Lesson 1", "Lesson 9", "Lesson 10")
    assert course.starts == (0, 2, 4)
    assert [course.lesson_of(cue) for cue in range(6)] == [0, 0, 1, 1, 2, 2]
    alone, _ = read_course(tmp_path / "9-x.md")
    assert (alone.titles, len(alone.talk.cues)) == (("Lesson 9",), 2)


def test_mistakes_are_named_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "1.md").write_text("# A\n\n```flashcards\npredict whether\n```\n", "utf-8")
    assert main(["course", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    check_words("talk: no such prediction", out, path=tmp_path / "1.md")


def test_no_lesson_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with raises_words(UserError, "course: no lesson", course=tmp_path):
        read_course(tmp_path)
    assert main(["course", str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["course", "--check"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 8
    assert main(["course", "--lesson", "9"]) == 1


def test_an_unknown_name_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slides = ("# A\n\nRight: {seen} and\n{unsen}. {Not a name}\n", "# {x}\n\n- {zebra}\n")
    text = "\n```flashcards\nview memory\n```\n\n".join(slides)
    (tmp_path / "1.md").write_text(text, "utf-8")
    assert main(["course", "--check", str(tmp_path)]) == 1
    file = tmp_path / "1.md"
    first, second = capsys.readouterr().out.splitlines()
    check_words("talk: a number misspelled", first, path=file)
    check_words("talk: no such number", second, path=file)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_lessons_are_right(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    course, problems = read_course(None)
    assert problems == []
    assert len(course.titles) == 8


OF_OTHERS = {"first-words", "capitals"}
"""Decks of the course in another language than the lesson's: one that nobody in the class speaks,
and one for models that others have trained, which have read mostly English."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lesson_teaches_cards_of_its_own_language_and_asks_for_as_many_as_there_are(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    course, _ = read_course(None)
    n_own = 0
    numbers = set[int]()
    for directive in (directive for cue in course.talk.cues for directive in cue.directives):
        match directive:
            case Teach():
                deck, _ = load(find(directive.deck))
                n_cards, n_never = len(deck.cards), sum(card.is_never_seen for card in deck.cards)
                numbers = {n_cards - n_never, n_never, 100, 32}  # more steps, and times as large
                is_own = deck.meta.language == language
                n_own += is_own
                assert is_own or Path(directive.deck).stem in OF_OTHERS
            case Predict() if directive.bet.text:
                asked = re.findall(r"\d+", re.sub(r"(?<=\d)[.,](?=\d{3})", "", directive.bet.text))
                assert {int(number) for number in asked} <= numbers
    assert n_own >= 6
