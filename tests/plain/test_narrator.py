"""The lesson as sentences: every fact of the screen, no faster than it can be followed."""

import re
from pathlib import Path

import msgspec
import pytest

from flashcards import cli
from flashcards.base.language import VARIABLE
from flashcards.plain import words
from flashcards.plain.narrator import Narrator, warnings
from flashcards.runs import events as ev
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG, pack
from flashcards.runs.values import (
    AnswerPiece,
    BetQuestion,
    DeckNote,
    GuessPiece,
    Rival,
    Score,
    TextFacts,
)
from tests import told
from tests.app import recordings
from tests.app.lesson import change, correction, started
from tests.app.test_broken import broken
from tests.report.test_report import a_run
from tests.test_language import TRANSLATED


def exam(step: int, right: int = 50) -> ev.ExamTaken:
    return told.exam(step, (right, 50), (0, 20), seen_loss_nats=0.25, unseen_loss_nats=3.5)


def begun(n_taught: int = 50, n_held_out: int = 20) -> Narrator:
    narrator = Narrator()
    narrator.tell(started(n_taught, n_held_out), 0.0)
    return narrator


def test_an_explained_card_is_one_paragraph_with_all_that_the_screen_shows() -> None:
    narrator = begun(2880, 800)
    assert narrator.tell(ev.SpeedChanged(step=0, speed="explain"), 0.0)
    (line,) = narrator.tell(
        ev.CorrectionMeasured(step=7, correction=correction(n_cards=1, history="wrw")), 0.0
    )
    for fact in (
        "Step 7.",
        "Card 213 of 3,680, irregular: “sing”, taught 31× before.",
        "It says “singed”: ✗ wrong. The answer is “sang”.",
        "(0 = expected it); least expected is “a”, with 40 %.",
        "moved 190,336 numbers by 0.02 %.",
        "The chance of the right answer went from 36 % to 52 %.",
        "Likelier now: “a”, “n”. Less likely: “i”, “e”.",
        "It helped: “ring”, “drink”. It hurt: “hang”.",
        "Its last times: wrong, right, wrong.",
    ):
        assert fact in line


def test_before_any_time_was_spent_no_rate_is_told() -> None:
    (line,) = (line for line in begun().tell(exam(3), 0.0) if "96 cards" in line)
    assert "96 cards." in line
    assert "a second" not in line


def test_a_right_answer_for_the_first_time_is_said() -> None:
    narrator = begun()
    right = correction(guess="sang", mark="right", n_cards=1, history="ww")
    narrator.tell(ev.SpeedChanged(step=0, speed="slow"), 0.0)
    line, milestone = narrator.tell(ev.CorrectionMeasured(step=9, correction=right), 1.0)
    assert line.endswith("“sing” is right for the first time.")
    assert milestone == "Step 9. First right answer: sing → sang."


def test_every_marker_is_told_when_it_comes_and_once() -> None:
    narrator = begun()
    rivals = (Rival("nearest", Score(50, 50), Score(1, 20)),)
    narrator.tell(ev.RivalsGraded(step=0, rivals=rivals), 0.0)
    happened = (
        exam(10, right=2),
        exam(20),
        exam(30),
        msgspec.structs.replace(exam(40), unseen=Score(18, 20)),
        ev.OrderChanged(step=41, order="hardest"),
        exam(50, right=5),
        ev.BookmarkSet(step=51, text="look here"),
        ev.LearningRateChanged(step=52, factor=64.0),
        ev.RunDiverged(step=53),
    )
    # all at the same moment: no pause between lines keeps a marker back
    told = [line for event in happened for line in narrator.tell(event, 0.0)]
    assert [line for line in told if " cards. Right" not in line and "So far" not in line] == [
        "Step 10. First right answers: 2 of 50 taught cards.",
        "Step 20. All right: 50 of 50 taught cards.",
        "Step 40. Beats copying on cards never taught: 90 % then, copying 5 %.",
        "Step 41. Order of cards: hardest.",
        "Step 50. Forgotten: 10 % of the taught cards right then, 100 % at best.",
        "Step 51. look here",
        "Step 52. Learning rate ×64 (how far a correction goes).",
        "Step 53. Training broke down: The error stopped being a number after step 53: the "
        "steps were too large. That update was left out; everything before it is saved.",
    ]


def test_at_full_speed_no_more_than_a_line_a_second_and_a_summary_every_three() -> None:
    narrator = begun()
    lines: list[str] = []
    for i in range(100):
        now_s = i / 10
        event = ev.CorrectionMeasured(step=i, correction=correction())
        lines += narrator.tell(event, now_s)
        lines += narrator.tell(exam(i, right=20), now_s)
        lines += narrator.tell(ev.DeckMarked(step=i, marks=pack(bytes([RIGHT] * 70))), now_s)
    assert 10 <= len(lines) <= 10 + 2 * 4 + 1


def test_a_summary_tells_scores_errors_marks_and_what_they_mean() -> None:
    narrator = begun()
    lines = narrator.tell(exam(300), 5.0)
    assert "Right: 50/50 taught, 0/20 never taught." in lines[0]
    assert "Error (0 = expected it): taught 0.25, never taught 3.50." in lines[0]
    assert lines[1].startswith("So far: It has memorised")
    marks = bytes([RIGHT] * 48 + [ONE_OFF] + [WRONG] * 21)
    assert narrator.tell(ev.DeckMarked(step=300, marks=pack(marks)), 5.0) == [
        "Of the cards asked last: 48 right, 1 with one piece off, 21 wrong."
    ]


def test_rivals_rate_pause_pins_and_the_end_are_told() -> None:
    narrator = begun()
    rivals = (Rival("nearest", Score(50, 50), Score(1, 20)),)
    lines = [
        *narrator.tell(ev.RivalsGraded(step=0, rivals=rivals), 0.0),
        *narrator.tell(ev.LearningRateChanged(step=2, factor=0.5), 0.0),
        *narrator.tell(ev.RunPaused(step=2), 0.0),
        *narrator.tell(ev.PromptPinned(step=2, prompt="wug"), 0.0),
        *narrator.tell(ev.PinAnswered(step=3, prompt="wug", answer="wugged", probability=0.5), 0.0),
        *narrator.tell(told.ended("memorised", (50, 50), (0, 20), "until", step=4), 0.0),
    ]
    assert lines[:4] == [
        "A rival that copies the most similar card: 50/50 taught, 1/20 never taught.",
        "Step 2. Learning rate ×1/2 (how far a correction goes).",
        "Step 2. Paused.",
        "Step 3. Asked “wug” it says “wugged”: it is fairly sure of it (50 % sure).",
    ]
    assert lines[-1].startswith("The lesson is over. It has memorised: 50/50 taught right, 0/20")


def test_where_no_card_was_kept_back_the_lines_say_so_and_how_to_change_it() -> None:
    narrator = Narrator()
    rivals = (Rival("lookup", Score(40, 40), Score(0, 0)),)
    lines = [
        *narrator.tell(started(40, 0), 0.0),
        *narrator.tell(ev.RivalsGraded(step=0, rivals=rivals), 0.0),
        *narrator.tell(told.exam(300, (40, 40), (0, 0)), 5.0),
        *narrator.tell(told.ended("too_early", (40, 40), (0, 0), step=400), 6.0),
    ]
    text = " ".join(lines)
    assert "40 cards are taught, none is kept back." in lines[0]
    assert "A rival that looks it up: 40/40 taught." in lines
    assert "Right: 40/40 taught." in text
    assert (
        "The lesson is over. 40/40 cards right. No card was kept back, so memory and "
        "understanding can't be told apart. Write `held_out = 0.5` at the deck's top to test it."
    ) in text
    assert "0/0" not in text


def test_a_recorded_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["replay", str(a_run(tmp_path)), "--plain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "It says “xqx”: ✗ wrong. The answer is “Paris”." in "\n".join(lines)
    assert lines[-1].startswith("The lesson is over. 3/4 taught cards right.")
    assert cli.main(["replay", str(tmp_path / "none"), "--plain", "--runs", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("flashcards: no run is called")


def test_a_break_is_told_where_it_is_found_and_at_the_end() -> None:
    narrator = Narrator()
    lines = [line for event in broken() for line in narrator.tell(event, event.step / 60)]
    said = [line for line in lines if "Broke at learning" in line]
    assert len(said) == 1
    assert said[0].startswith("Step 806. Broke at learning rate ×32: its error rose from 0.2")
    ended = told.ended("too_early", (0, 50), (0, 20), "no_progress", step=1001)
    assert narrator.tell(ended, 20.0)[-1] == (
        "BROKEN noticed at step 806: at learning rate ×32 each correction is so large that it "
        "destroys what the model knew. Nothing got better any more, so the lesson is over. "
        "Memory or understanding? Too early to say. Right so far: 0/50 taught, 0/20 never taught."
    )


def test_a_bet_is_told_and_settled() -> None:
    narrator = begun()
    narrator.tell(exam(1, right=0), 0.0)
    bet = ev.BetPlaced(step=2, bet=BetQuestion(kind="score", side="seen"), share=0.4)
    (told,) = narrator.tell(bet, 0.0)
    assert told.startswith("Step 2. What share of cards TAUGHT ")
    assert told.endswith(" will be right when it stops? You said 40 %.")
    narrator.tell(exam(9, right=5), 0.0)
    told = narrator.tell(ev.RunPaused(step=10), 0.0)[-1]
    assert told == (
        "Step 10. You said 40 %; at step 9 it was 10 %. Not near enough to win. "
        "Right: 5 of 50 taught."
    )


TEXT = TextFacts(n_characters=640)


def test_a_text_that_is_read_is_told_without_nonsense_about_spaces_and_sureness() -> None:
    narrator = Narrator()
    narrator.tell(started(8, 2, text=TEXT), 0.0)
    cut = tuple(
        AnswerPiece(letter, 0.01 if letter == " " else 0.9, letter != " ") for letter in "Bo sat up"
    )
    seen = msgspec.structs.replace(
        correction(answer="Bo sat up"), guess=(GuessPiece("x", 0.5),) * len(cut), pieces=cut
    )
    (line,) = narrator.tell(ev.CorrectionMeasured(step=1, correction=seen), 10.0)
    assert "Biggest surprise: a space; it expected “x”." in line
    right = tuple(msgspec.structs.replace(piece, is_best=True) for piece in cut)
    seen = msgspec.structs.replace(seen, pieces=right)
    (line,) = narrator.tell(ev.CorrectionMeasured(step=2, correction=seen), 20.0)
    assert "Least sure of a space: it had 1 %." in line
    answered = told.answered(2, "Ada went to", " the lake.", probability=1e-7)
    (line,) = narrator.tell(answered, 20.0)
    assert line == "Step 2. Given the beginning “Ada went to” it writes on: “the lake.”"


def test_what_a_correction_moved_is_a_share_and_a_chance_that_stays_is_said_to() -> None:
    small = msgspec.structs.replace(change(0.9912, 0.9913), relative_change=0.000048)
    said = words.change(small, 1)
    assert "by 0.0048 %. The chance of the right answer went from 99.12 % to 99.13 %." in said
    still = words.change(change(0.99, 0.99), 1)
    assert "0.02 %. The chance of the right answer stays 99 %." in still


def test_a_card_that_is_given_away_is_told_in_words() -> None:
    leak = DeckNote("leak_reversed", ("Rom :: Italien", "Italien :: Rom"), 3)
    (warning,) = warnings(started(4, 1, leaks=(leak,), n_leaks=1))
    assert warning == (
        "Careful: “Rom :: Italien” is never taught, but “Italien :: Rom” on line 3 is: the same "
        "card reversed; put both in one group, or teach neither"
    )


RAW_VALUE = re.compile(r"\b[A-Z]\w+\(\w*=?['\d]|\bNone\b|<\w+[. ].*object at")


@pytest.mark.parametrize("name", recordings.names())
@pytest.mark.parametrize(
    "language", ["en", *(pytest.param(other, marks=pytest.mark.slow) for other in TRANSLATED)]
)
def test_no_line_shows_a_value_as_python_writes_it(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    for log in recordings.logs(name):
        narrator = Narrator()
        lines = [line for at, event in enumerate(log) for line in narrator.tell(event, at)]
        assert [line for line in lines if RAW_VALUE.search(line)] == []
