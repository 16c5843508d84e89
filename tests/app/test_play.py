"""The play screen, driven by scripted events and painted by hand. All numbers are invented."""

import math

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets._toast import Toast

from flashcards.app.lesson.card_wall import CardWall
from flashcards.app.lesson.change_sheet import ChangeSheet
from flashcards.app.lesson.guess_sheet import GuessSheet
from flashcards.app.lesson.play import right_in_exam
from flashcards.app.room import LineRank, StatusLine
from flashcards.app.view import sentence_of
from flashcards.app.widgets.bars import ScoreBars
from flashcards.app.widgets.card_face import CardFace
from flashcards.app.widgets.charts import LossChart
from flashcards.app.widgets.frame import LoopView, LoopWords, RunHeader, VerdictLine
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.runs import events as ev, values as val
from flashcards.runs.marks import RIGHT, WRONG, pack
from flashcards.wording.lesson import explanation
from tests import told
from tests.app.lesson import ENDED, PlayHost, change, correction, folded, lesson, marks_of, started
from tests.app.pictures import check_picture, picture
from tests.app.playing import PARTS, SIZES, explaining, settled, show, showing, text_of
from tests.app.script import on_stage
from tests.golden import words


async def test_before_any_event_the_screen_says_what_it_waits_for() -> None:
    app = PlayHost(deck_name="past-tense")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "waking the model" in text_of(app, GuessSheet)
        assert "past-tense" in text_of(app, CardFace)
        assert "STARTING" in text_of(app, RunHeader)
        app.play.paint(folded([ev.TrainerWoke(step=0, stage="reading the deck")]))
        await settled(pilot)
        assert "reading the deck" in text_of(app, GuessSheet)


@pytest.mark.parametrize("is_full", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_verdict_is_cut_off_at_80_columns(
    is_full: bool, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    rival = val.Rival("nearest", val.Score(2880, 2880), val.Score(40, 800))
    graded = ev.RivalsGraded(step=1284, rivals=(rival,))
    scores = {"understood": (2880, 800), "mostly": (2880, 700), "memory": (2880, 60)}
    async with on_stage([*lesson(), graded], (80, 24), is_full=is_full) as stage:
        for step, (seen, unseen) in enumerate(scores.values(), 1285):
            await stage.say(told.exam(step, (seen, 2880), (unseen, 800)))
            assert stage.text(VerdictLine)
            assert "…" not in stage.text(VerdictLine)


def test_a_card_that_is_explained_after_the_end_comes_before_the_verdict() -> None:
    happened = [*lesson(), ENDED]
    over = folded(happened)
    assert over.liveness == "finished"
    assert sentence_of(over, False).tone == "verdict"
    again = folded([*happened, ev.PhaseEntered(step=1285, phase="error", correction=correction())])
    again.liveness = "paused"
    assert sentence_of(again, False).lead == "ERROR"
    assert sentence_of(again, False, tells_phase=False).tone == "verdict"


async def test_a_notice_covers_no_curve_and_no_score() -> None:
    async with on_stage(lesson()) as stage:
        stage.app.session.notify("What is said in a corner, in a sentence of several lines. " * 2)
        for size in ((80, 24), (100, 24), (80, 30), (120, 40), (200, 60)):
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
            (toast,) = stage.app.screen.query(Toast)
            bars = stage.app.screen.query_one(ScoreBars)
            assert bars.region.bottom <= toast.region.y < toast.region.bottom <= size[1] - 1, size


@pytest.mark.parametrize("size", SIZES)
async def test_guess_and_answer_are_there_at_every_size_and_the_error_when_explained(
    size: tuple[int, int],
) -> None:
    long = correction("understand", "understood", "understod")
    state = folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=long)])
    async with showing(state, size) as app:
        sheet = text_of(app, GuessSheet)
        assert "≈ nearly" in sheet
        assert "it says" in sheet
        assert "right is" in sheet
        assert "error" not in sheet
    async with showing(folded(explaining("error", *PARTS[:4])), size) as app:
        sheet = text_of(app, GuessSheet)
        assert "error" in sheet
        assert "0 = expected" in sheet
        assert "31× before" in text_of(app, CardFace)


@pytest.mark.parametrize(
    ("guess", "n_right", "step", "is_said"),
    [
        ("singed", 100, 1310, True),
        ("sing", 100, 1310, True),
        ("sang", 100, 1310, False),
        ("singed", 60, 1310, False),
        ("singed", 100, 1300, False),
    ],
)
def test_a_wrong_guess_that_was_right_in_the_exam_says_so(
    guess: str, n_right: int, step: int, *, is_said: bool
) -> None:
    """Beside "100 %" it would look like a mistake; of an exam at the same step it would be one."""
    happened: list[ev.AnyEvent] = [
        started(100, 0),
        told.exam(1300, (n_right, 100), (0, 0)),
        ev.CorrectionMeasured(step=step, correction=correction(guess=guess, card_index=7)),
    ]
    remark = words("screen: right in the exam", step="1,300")
    assert right_in_exam(folded(happened)) == (remark if is_said else "")


WORSE = correction(n_cards=1, change=change(0.36, 0.31))


@pytest.mark.parametrize(
    ("happened", "size", "kind", "said", "unsaid"),
    [
        ([ev.SpeedChanged(step=1284, speed="explain")], 80, RunHeader, "speed explain", "cards/s"),
        (
            [ev.SpeedChanged(step=1284, speed="brisk"), ev.RunPaused(step=1284)],
            80,
            RunHeader,
            "PAUSED",
            "brisk",
        ),
        ([ev.LearningRateChanged(step=1284, factor=0.5)], 60, RunHeader, "rate ×1/2", "×1 "),
        (
            [ev.CorrectionMeasured(step=1300, correction=WORSE)],
            80,
            ChangeSheet,
            "▼ less likely",
            "▸▸",
        ),
        ([], 200, ChangeSheet, words("screen: step changed"), "less"),
        (lesson(n_taught=50, n_held_out=0), 80, ScoreBars, words("screen: none kept"), "of 800"),
    ],
)
async def test_what_happened_is_said(
    happened: list[ev.AnyEvent], size: int, kind: type[Widget], said: str, unsaid: str
) -> None:
    sizes = {width: (width, height) for width, height in SIZES}
    async with showing(folded([*lesson(), *happened]), sizes[size]) as app:
        assert said in text_of(app, kind)
        assert unsaid not in text_of(app, kind)


async def test_liveness_is_a_word_a_shape_and_a_sentence() -> None:
    ended = told.ended("memorised", (2880, 2880), (12, 800))
    said = "It has memorised: 2,880/2,880 taught right, 12/800 never taught."
    failed = ev.TrainerFailed(step=1284, text="No space left.")
    cases: list[tuple[list[ev.AnyEvent], bool, str, str]] = [
        ([ev.RunPaused(step=1284)], False, "‖ PAUSED", ""),
        ([], True, "? STALLED", "ten seconds"),
        ([failed], False, "✗ FAILED", "No space left."),
        ([ev.RunDiverged(step=1284)], False, "∞ DIVERGED", "stopped being a number"),
        ([ended], False, "■ FINISHED", said),
    ]
    async with showing(folded(lesson())) as app:
        for more, is_stalled, badge, sentence in cases:
            await show(app, folded([*lesson(), *more]), is_stalled=is_stalled)
            assert badge in text_of(app, RunHeader)
            assert sentence in text_of(app, VerdictLine), badge


def test_one_correction_alone_is_not_called_one_of_1_cards() -> None:
    for is_said in (False, True):
        (row,) = LoopWords().draw(LoopView(None, is_said), 120, 1)
        assert any("one card" in text for text, _ in row) is is_said


async def test_while_explaining_nothing_is_shown_before_it_is_known() -> None:
    whole = correction(n_cards=1)
    async with showing(folded(explaining("data"))) as app:
        assert "guess" in text_of(app, GuessSheet)
        assert "singed" not in text_of(app, GuessSheet).replace(" ", "")
        assert "sang" not in text_of(app, GuessSheet).replace(" ", "")
        assert "one card" not in text_of(app, LoopWords)
        assert explanation("data") in " ".join(text_of(app, VerdictLine).split())
        labels = text_of(app, GuessSheet).split("\n")
        app.play.paint(folded(explaining("error", *PARTS[:4])))
        known = text_of(app, GuessSheet).split("\n")
        assert [line[:9].strip() for line in labels if line[:9].strip()] == [
            line[:9].strip() for line in known if line[:9].strip() and "wrong" not in line
        ]
        assert text_of(app, ChangeSheet).strip() == words("screen: step changed")
        app.play.paint(folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=whole)]))
        assert "36 % ▸ 52 %" in text_of(app, ChangeSheet)


async def test_a_card_says_how_the_model_knows_it() -> None:
    async with showing(folded(lesson())) as app:
        for times_seen, card_index, said in ((31, 1, "taught 31×"), (0, 1, "first time taught")):
            history = "w" * times_seen
            card = correction(times_seen=times_seen, card_index=card_index, history=history)
            measured = ev.CorrectionMeasured(step=1300, correction=card)
            await show(app, folded([*lesson(), measured]))
            assert said in text_of(app, CardFace)


async def test_the_wall_never_contradicts_an_exam_in_which_all_was_right() -> None:
    marked = ev.DeckMarked(step=1, marks=pack(bytes([WRONG, RIGHT] * 35)))
    state = folded([started(50, 20), marked])
    async with showing(state) as app:
        assert "·" in text_of(app, CardWall)
        exam = told.exam(2, (50, 50), (0, 20), cards_taught=64)
        state.fold(exam)
        app.play.paint(state)
        wall = text_of(app, CardWall).rpartition("\n")[0]
        assert (wall.count("■"), wall.count("·")) == (50, 0)
        assert "◇" in wall, "what is never taught is as it was marked"
        state.fold(ev.RunPaused(step=2))
        app.play.paint(state)
        assert words("screen: as of", step=1) in text_of(app, CardWall)


async def test_a_wall_older_than_the_scores_says_of_which_step_it_is() -> None:
    marked = ev.DeckMarked(step=1100, marks=pack(marks_of(3680)))
    state = folded([event for event in lesson() if not isinstance(event, ev.DeckMarked)])
    state.fold(marked)
    async with showing(state) as app:
        as_of = words("screen: as of", step="1,100")
        assert text_of(app, CardWall).startswith(f"every card, {as_of}")
        state.fold(msgspec.structs.replace(marked, step=1284))
        app.play.paint(state)
        assert text_of(app, CardWall).startswith("every card  ")


async def test_the_card_being_explained_is_lit_on_the_wall() -> None:
    state = folded([*lesson(10, 50, 20)[:-3], ev.DeckMarked(step=1, marks=pack(marks_of(70)))])
    async with showing(state) as app:
        plain = text_of(app, CardWall)
        card = correction(n_cards=1, card_index=8)
        state.fold(ev.PhaseEntered(step=1, phase="data", correction=card))
        app.play.paint(state)
        assert text_of(app, CardWall) == plain
        wall = app.play.query_one(CardWall)
        reversed_ = [
            (y, segment.text)
            for y in range(wall.size.height)
            for segment in wall.render_line(y)
            if segment.style is not None and segment.style.reverse
        ]
        assert len(reversed_) == 1


async def test_a_notice_is_shown_until_there_is_something_to_say() -> None:
    offer = StatusLine(LineRank.OFFER, "g go on with step 1,284")
    async with showing(folded(lesson()[:2]), notice=offer) as app:
        assert offer.text in text_of(app, VerdictLine)


def test_a_line_is_shown_by_what_it_is_about_whatever_its_words() -> None:
    ended, walked = folded([*lesson(), ENDED]), folded(explaining("data"))
    course = StatusLine(LineRank.NEXT, enter="With this key the course begins.")
    assert sentence_of(ended, False, course).tail == course.enter
    assert sentence_of(walked, False, course).tail == course.enter
    offer = StatusLine(LineRank.OFFER, "Another deck; or go on.", about="end")
    said = sentence_of(ended, False, offer)
    assert (said.tail, said.longer_tail) == (words("screen: resumes"), offer.text)
    deck = StatusLine(LineRank.DECK, "Enter, line 3, is no card. Enter goes on.")
    assert sentence_of(ended, False, deck).tail == words("screen: resumes")
    assert sentence_of(walked, False, deck).tail == ""
    word = StatusLine(LineRank.NEXT, "Model 1 of 2 is taught 51 cards.", about="word")
    assert sentence_of(ended, False, word).text == word.text  # the verdict is about memory


async def test_guess_and_answer_are_whole_words_however_they_are_cut_into_pieces() -> None:
    pieces = tuple(val.AnswerPiece(text, 0.5, True) for text in ("Ha", "no", "ver", "ians", "⏎"))
    guess = tuple(val.GuessPiece(text, 0.5) for text in ("Han", "no", "verian", "x"))
    card = correction("p", "Hanoverians", pieces=pieces)
    card = msgspec.structs.replace(card, guess=guess)
    async with showing(
        folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=card)])
    ) as app:
        rows = [row for row in text_of(app, GuessSheet).split("\n") if row.strip()]
        assert rows[0].split() == ["it", "says", "Hannoverianx"]
        assert rows[1].split() == ["✗", "wrong"]
        assert rows[2].split() == ["right", "is", "Hanoverians"]


async def test_numbers_that_are_not_numbers_leave_gaps() -> None:
    nan = math.nan
    pieces = (val.AnswerPiece("a", nan, False), val.AnswerPiece("⏎", 0.0, False))
    broken = correction(pieces=pieces, error_nats=nan, change=change(nan, nan))
    state = folded(
        [
            *lesson(),
            told.steps(
                1300,
                cards_taught=50_000,
                train_seconds=22.0,
                loss_nats=nan,
                gradient_norm=math.inf,
                relative_change=nan,
            ),
            told.exam(
                1300,
                (0, 2880),
                (0, 800),
                cards_taught=50_000,
                seen_loss_nats=nan,
                unseen_loss_nats=None,
            ),
            ev.CorrectionMeasured(step=1300, correction=broken),
            ev.RunDiverged(step=1300),
        ]
    )
    async with showing(state) as app:
        assert "– ▸ –" in text_of(app, ChangeSheet)
        assert "━ taught" in text_of(app, LossChart)


async def test_painting_the_same_state_again_draws_nothing() -> None:
    state = folded(lesson())
    async with showing(state) as app:
        widgets = [w for w in app.play.query("*") if hasattr(w, "show")]
        before = [w._repaint_required for w in widgets]
        app.play.paint(state)
        assert [w._repaint_required for w in widgets] == before


async def test_a_tiny_screen_names_the_phase_it_is_in() -> None:
    async with showing(folded(explaining("error")), (40, 14)) as app:
        assert text_of(app, LoopWords).strip() == "ERROR  4/6"
        assert not app.play.show_vertical_scrollbar


async def test_without_colour_it_says_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with showing(folded(lesson())) as app:
        assert "✗ wrong" in text_of(app, GuessSheet)


async def test_nothing_of_another_size_is_left_on_the_play_screen() -> None:
    async with showing(folded(lesson())) as app:
        before = picture(app)
        for size in ((60, 20), (120, 40), (80, 24)):
            await Pilot(app).resize_terminal(*size)
            await settled(Pilot(app))
        assert picture(app) == before


async def test_explaining_and_failing_look_like_their_pictures() -> None:
    state = folded(explaining("error", *PARTS[:4]))
    text = "no space left on the disk. All is saved up to step 1,250; make room, then press g."
    async with showing(state) as app:
        await check_picture(app, "explain-80x24")
        await show(app, folded([*lesson(), ev.TrainerFailed(step=1284, text=text)]))
        await check_picture(app, "failed-80x24")
