"""Predict first: a bet is asked for while the lesson stands still, marked, and settled aloud."""

from pathlib import Path

import msgspec
import pytest
from textual.widgets._toast import Toast

from flashcards.app.bets.bets_actions import questions, toggle_class_mode
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.run.replay_teacher import ReplayTeacher
from flashcards.app.widgets.ballot import BallotScreen, BetScreen, BetSheet
from flashcards.app.widgets.bars import SIGN, marked
from flashcards.app.widgets.cells import LIT, wrap
from flashcards.base.language import LANGUAGES, VARIABLE, tr
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.bets import Outcome
from flashcards.runs.values import BetQuestion, Score
from flashcards.wording import bets, numbers
from tests import told, waiting
from tests.app.lesson import correction, folded, lesson, started
from tests.app.script import Stage, on_stage, strips
from tests.app.test_viewer import RUN_JSON, looking, until
from tests.golden import check_words, words
from tests.runs.test_recording import folder_of, in_order, write

UNSEEN = BetQuestion(kind="score", at_step=1390)
BET = ev.BetPlaced(step=1284, bet=UNSEEN, share=0.4)


async def open_bet(stage: Stage) -> None:
    await stage.press("p")
    await stage.say(ev.RunPaused(step=1284))
    assert isinstance(stage.app.screen, BetScreen)


def exam(step: int, seen: int, unseen: int) -> ev.ExamTaken:
    losses = {"seen_loss_nats": 0.1, "unseen_loss_nats": 0.2}
    return told.exam(step, (seen, 2880), (unseen, 800), **losses)


async def test_while_a_bet_is_open_the_lesson_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    async with on_stage(lesson()) as stage:
        await open_bet(stage)
        assert stage.sent == [cmd.Pause()]
        await stage.press(*["right"] * 5)
        await stage.press("enter", "left", "left", "enter")
        assert isinstance(stage.app.screen, PlayScreen)
        placed = [command for command in stage.sent if isinstance(command, cmd.PlaceBet)]
        assert [(one.bet.side, one.share) for one in placed] == [("seen", 0.4), ("unseen", 0.9)]
        assert stage.sent[-1] == cmd.Play()


async def test_a_bet_says_how_much_longer_in_a_round_number_of_steps() -> None:
    async with on_stage(lesson()) as stage:  # 60 steps a second
        await open_bet(stage)
        in_500 = bets.exam_of(BetQuestion(kind="score", at_step=1784))
        assert any(f"right {in_500}" in row for row in stage.rows())
    async with on_stage(lesson(), deck="capitals") as stage:
        await stage.press("minus")  # 463 in a minute: 77 in ten seconds
        await open_bet(stage)
        in_100 = bets.exam_of(BetQuestion(kind="score", at_step=1384))
        assert any(f"right {in_100}" in row for row in stage.rows())


def test_the_moment_of_every_bet_is_a_step() -> None:
    explained = [*lesson(), ev.SpeedChanged(step=1284, speed="explain")]
    large = [*lesson(), ev.LearningRateChanged(step=1284, factor=32.0)]
    for happened, ahead in ((explained, 100), (large, 200), ([started(50, 0)], 100)):
        state = folded(happened)
        for question in questions(state):
            assert question.at_seconds is None
            assert question.at_step == state.step + ahead
            assert numbers.count(question.at_step) in bets.question(question, 50)


@pytest.mark.parametrize(
    ("value", "round_value"),
    [
        (0, 0),
        (4.9, 0),
        (5, 10),
        (14, 10),
        (16, 20),
        (94, 100),
        (340, 200),
        (360, 500),
        (1e4, 10_000),
    ],
)
def test_round_numbers_begin_with_one_two_or_five(value: float, round_value: int) -> None:
    assert numbers.round_number(value) == round_value


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_only_goes_on_is_asked_once_more_and_has_not_bet(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson(), (80, 24)) as stage:
        await open_bet(stage)
        assert not any(SIGN in row for row in stage.rows()[-3:])
        await stage.press("enter")
        text = tr(words("screen: choose first"))
        assert any(text in row for row in stage.rows())
        assert stage.sent == [cmd.Pause()]
        await stage.press("right")
        assert not any(text in row for row in stage.rows())
        assert any(tr(words("screen: bet keys")) in row for row in stage.rows())
        await stage.press("escape", "p", "enter", "enter")
        assert stage.sent == [cmd.Pause(), cmd.Play()]


async def test_a_bet_without_phones_in_class_mode_is_that_of_the_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    async with on_stage(lesson(), (80, 24)) as stage:
        stage.app.session.class_mode.is_on = True
        await open_bet(stage)
        question = " ".join(" ".join(stage.rows()).split())
        await stage.press("right", "enter", "escape")
        (placed,) = [command for command in stage.sent if isinstance(command, cmd.PlaceBet)]
        assert placed.is_of_class
        bet = ev.BetPlaced(step=1284, bet=placed.bet, share=placed.share, is_of_class=True)
        whose = tr("The class's bet")
        assert f"{whose}: {bets.question(bet.bet, 2880)}" in question
        await stage.say(bet)
        assert bets.open_scores([bet], 1284) in " ".join(" ".join(stage.rows()).split())
        assert not any("Dein" in row for row in stage.rows())


def test_what_a_class_said_is_not_what_you_said_but_on_its_phones() -> None:
    by_hand = msgspec.structs.replace(BET, is_of_class=True)
    by_phones = msgspec.structs.replace(BET, hands=(0, 0, 0, 0, 9, *[0] * 6))
    outcome = Outcome(step=1390, score=Score(720, 800))
    for bet in (by_hand, by_phones):
        said = words("screen: class said", said="40 %", step="1,390", now="90 %")
        assert said in bets.settled(bet, outcome)
        check_words("screen: class's bet settled", bets.is_settled(bet))
    check_words("screen: bet settled", bets.is_settled(BET))
    on_phone = bets.of_each_place(by_phones, outcome, by_phones.hands)[4]
    assert words("screen: you said", said="40 %", step="1,390", now="90 %") in on_phone


async def test_what_is_chosen_looks_chosen_and_before_that_it_is_said_that_nothing_is() -> None:
    async with on_stage(lesson()) as stage:
        await open_bet(stage)
        assert any(words("screen: nothing chosen") in row for row in stage.rows())
        assert any("Enter bet" in row for row in stage.rows()), "how one confirms what one chooses"
        await stage.press("right")
        assert any("Enter bet" in row for row in stage.rows())
        rows = stage.app.screen.query_one(BetSheet)._rows()
        assert [text for row in rows for text, style in row if style == LIT] == [SIGN, "0 %"]


@pytest.mark.parametrize("keys", [("1",), ("2", "enter"), ("3",)])
async def test_a_bet_hides_the_sentence_behind_it_whole_and_no_more(keys: tuple[str, ...]) -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press(*keys)
        await open_bet(stage)
        assert 3 <= stage.app.screen.query_one(BetSheet).size.height <= 6


def test_a_score_that_can_only_stay_is_no_question() -> None:
    all_seen = folded([*lesson(), exam(1300, 2880, 720)])
    assert [one.side for one in questions(all_seen)] == ["unseen"]
    assert questions(folded([*lesson(), exam(1300, 2880, 800)])) == ()
    right = correction(guess="sang")
    entered = ev.PhaseEntered(step=1284, phase="error", correction=right)
    held = folded([*lesson(), ev.SpeedChanged(step=1284, speed="explain"), entered])
    assert [one.kind for one in questions(held)] == ["score", "score"]


@pytest.mark.slow
async def test_where_all_is_right_it_is_said_that_there_is_nothing_to_bet_on() -> None:
    async with on_stage([*lesson(), exam(1300, 2880, 800)]) as stage:
        await stage.press("p")
        await stage.say(ev.RunPaused(step=1300))
        assert isinstance(stage.app.screen, PlayScreen)
        assert stage.said == [words("screen: no bet")]
        assert stage.sent == [cmd.Pause(), cmd.Play()]


async def test_a_bet_is_marked_and_settled_aloud() -> None:
    async with on_stage([*lesson(), BET]) as stage:
        bar = next(row for row in stage.rows() if "NEVER TAUGHT" in row)
        assert SIGN in bar
        text = " ".join(" ".join(stage.rows()).split())
        assert bets.open_scores([BET], stage.app.session.state.step) in text
        await stage.press("3")
        assert any(f"{SIGN} your bet 40 %" in row for row in stage.rows())
        await stage.press("1")
        steps = told.steps(1400, cards_taught=40_000, train_seconds=31.5, loss_nats=0.1)
        await stage.say(steps, exam(1400, 2870, 720))
        result = words("screen: you said", said="40 %", step="1,400", now="90 %")
        await stage.until(lambda: result in " ".join(" ".join(stage.rows()).split()))
        (bar,) = (row for row in stage.rows() if "720 right of 800" in row)
        assert f"{SIGN} your bet 40 %" in bar
        assert SIGN in bar.split("720")[0]


@pytest.mark.parametrize(("n_right", "severity"), [(320, "information"), (720, "warning")])
async def test_a_bet_that_is_lost_is_not_green(n_right: int, severity: str) -> None:
    entered = ev.PhaseEntered(step=1284, phase="error", correction=correction())
    async with on_stage([*lesson(), BET, entered]) as stage:
        await stage.say(told.steps(1400, cards_taught=40_000), exam(1400, 2870, n_right))
        await stage.until(lambda: bool(stage.app.screen.query(Toast)))
        (toast,) = stage.app.screen.query(Toast)
        assert toast.has_class(f"-{severity}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("seen", "won"), [(0.8, "Both lost."), (1.0, "One won, one lost.")])
def test_two_scores_that_are_settled_at_once_fit_two_lines(
    language: str, seen: float, won: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    taught = msgspec.structs.replace(BET, bet=BetQuestion(kind="score", side="seen"), share=seen)
    both = [
        (taught, Outcome(step=1400, score=Score(2880, 2880))),
        (BET, Outcome(step=1400, score=Score(0, 800))),
    ]
    text = bets.settled_at_once(both)
    assert text.endswith(tr(won))
    said_first = f"{SIGN} {tr('Your bet is settled.')} {text}"
    assert len(wrap(said_first, 76, 9)) == 2
    assert bets.settled_at_once(both[:1]) == bets.settled(*both[0])


async def test_of_a_card_that_is_explained_its_correction_is_bet_on() -> None:
    entered = ev.PhaseEntered(step=1284, phase="error", correction=correction())
    explained = [*lesson(), ev.SpeedChanged(step=1284, speed="explain"), entered]
    async with on_stage(explained) as stage:
        await open_bet(stage)
        question = bets.question(BetQuestion(kind="correction", prompt="sing"), 1)
        assert any(question in row for row in stage.rows())
        await stage.press("escape")
        assert stage.sent == [cmd.Pause(), cmd.Play()]


async def test_a_bet_on_a_few_cards_is_one_of_whole_cards() -> None:
    async with on_stage(lesson(n_taught=5, n_held_out=0)) as stage:
        await open_bet(stage)
        assert any(row.split() == ["0", "1", "2", "3", "4", "5"] for row in stage.rows())
        await stage.press(*["right"] * 4, "enter")
        (placed,) = (command for command in stage.sent if isinstance(command, cmd.PlaceBet))
        assert placed.share == 0.6


async def test_a_replay_shows_a_bet_and_what_came_of_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "run")
    (folder.path / "run.json").write_bytes(RUN_JSON)
    question = BetQuestion(kind="score", at_step=400)
    bet = ev.BetPlaced(step=0, bet=question, share=0.4, hands=(0, 0, 0, 0, 9, *[0] * 6))
    write(folder, in_order([*lesson()[1:], bet]))
    async with looking(ReplayTeacher(folder, pace=1024.0)) as (app, pilot):
        await until(app, pilot, 1284)
        (shown,) = app.session.state.bets
        assert shown.outcome is not None
        assert shown.outcome.step >= 400
        assert any(marker.kind == "bet" for marker in app.session.run.markers)
        assert not isinstance(app.screen, BallotScreen)  # nobody is in the room any more
        rows = [strip.text for strip in strips(app)]
        assert any(SIGN in row for row in rows if "NEVER TAUGHT" in row)
        app.session.travel.go(200)
        await waiting.until(lambda: app.session.shown_state.step <= 200, pilot.pause)
        assert app.session.shown_state.bets[0].is_open


def test_what_is_asked_is_what_is_about_to_happen() -> None:
    assert [one.kind for one in questions(folded(lesson()))] == ["score", "score"]
    assert len(questions(folded([started(50, 0)]))) == 1
    large = folded([*lesson(), ev.LearningRateChanged(step=1284, factor=32.0)])
    assert [(one.kind, one.factor) for one in questions(large)] == [("rate", 32.0)]
    entered = ev.PhaseEntered(step=1284, phase="error", correction=correction())
    held = folded([*lesson(), ev.SpeedChanged(step=1284, speed="explain"), entered])
    assert [(one.kind, one.prompt) for one in questions(held)] == [("correction", "sing")]
    assert questions(folded([])) == ()


def test_the_mark_is_within_its_bar() -> None:
    for share in (0.0, 0.005, 0.5, 0.999, 1.0):
        text = "".join(part for part, _ in marked([("─" * 20, "")], share, 20))
        assert len(text) == 20
        assert text.index(SIGN) == min(19, round(share * 19))


async def test_class_mode_leaves_a_view_that_shows_how_a_lesson_comes_out() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("8")
        toggle_class_mode(stage.app.session)
        await stage.pilot.pause()
        assert stage.app.view_name == "lesson"
        await stage.press("b")
        assert stage.app.screen is stage.app.front, "a copy's scores would show it, too"
