"""The play screen, driven by scripted events and painted by hand. All numbers are invented.

Long because it is one screen: every size, theme and state of it is asked here.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets._toast import Toast

from flashcards.app.kit.card_face import CardFace
from flashcards.app.kit.loop_words import LoopWords
from flashcards.app.kit.loss_chart import LossChart
from flashcards.app.kit.run_header import RunHeader
from flashcards.app.kit.score_bars import ScoreBars
from flashcards.app.kit.verdict_line import VerdictLine
from flashcards.app.lesson.card_wall import CardWall
from flashcards.app.lesson.change_sheet import ChangeSheet
from flashcards.app.lesson.guess_sheet import GuessSheet
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.runs.marks import RIGHT, WRONG, pack
from flashcards.runs.state import RunState
from tests.app.lesson import PlayHost, change, correction, folded, lesson, marks_of, started
from tests.app.pictures import check_picture
from tests.app.script import on_stage

SIZES = [(60, 20), (80, 24), (120, 40), (200, 60)]


def text_of(app: PlayHost, kind: type[Widget]) -> str:
    """What a widget of the play screen shows, line by line."""
    widget = app.play.query_one(kind)
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


@asynccontextmanager
async def showing(
    state: RunState,
    size: tuple[int, int] = (80, 24),
    theme: str = "textual-dark",
    *,
    is_stalled: bool = False,
    notice: str = "",
) -> AsyncIterator[PlayHost]:
    """The screen with that state painted on it."""
    app = PlayHost(theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.play.paint(state, is_stalled=is_stalled, notice=notice)
        await settled(pilot)
        yield app


async def settled(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await asyncio.sleep(0)


def explaining(phase: val.Phase, **known: object) -> list[ev.AnyEvent]:
    """A lesson in which one card is explained, up to a phase."""
    blank: dict[str, object] = {
        "guess": None,
        "mark": None,
        "pieces": None,
        "error_nats": None,
        "change": None,
    }
    card = msgspec.structs.replace(correction(n_cards=1), **{**blank, **known})
    return [
        *lesson(),
        ev.SpeedChanged(step=1284, speed="explain"),
        ev.PhaseEntered(step=1284, phase=phase, correction=card),
    ]


async def test_before_any_event_the_screen_says_what_it_waits_for() -> None:
    app = PlayHost(deck_name="past-tense")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "waking the model…" in text_of(app, GuessSheet)
        assert "past-tense" in text_of(app, CardFace)
        assert "STARTING" in text_of(app, RunHeader)
        app.play.paint(folded([ev.TrainerWoke(step=0, stage="reading the deck")]))
        await settled(pilot)
        assert "reading the deck" in text_of(app, GuessSheet)


@pytest.mark.parametrize("size", [(80, 24), (100, 24), (80, 30), (120, 40), (200, 60)])
async def test_a_notice_does_not_cover_the_score_bars(size: tuple[int, int]) -> None:
    async with on_stage(lesson(), size) as stage:
        stage.app.session.notify("What is said in a corner, in a sentence of several lines. " * 2)
        await stage.settle()
        (toast,) = stage.app.screen.query(Toast)
        bars = stage.app.screen.query_one(ScoreBars)
        assert 0 < toast.region.bottom <= bars.region.y


@pytest.mark.parametrize("size", SIZES)
async def test_guess_answer_and_error_are_there_at_every_size(size: tuple[int, int]) -> None:
    long = correction("understand", "understood", "understanded", mark="nearly")
    state = folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=long)])
    async with showing(state, size) as app:
        sheet = text_of(app, GuessSheet)
        assert "≈ nearly" in sheet
        assert "guess" in sheet
        assert "answer" in sheet
        assert "error" in sheet
        assert "0 = expected" in sheet
        assert "understand" in text_of(app, CardFace)


async def test_the_guess_stands_over_the_answer_with_a_mark_between() -> None:
    async with showing(folded(lesson())) as app:
        _, guess, marks, answer = text_of(app, GuessSheet).split("\n")[:4]
        assert guess.split() == ["guess", *"singed"]
        assert marks.split() == ["✗", "wrong", *"✓✗✓✓✗✗"]
        assert answer.split() == ["answer", *"sang⏎"]
        for sign, letter in (("i", "a"), ("n", "n"), ("g", "g")):
            assert guess.index(sign, 9) == answer.index(letter, 9)


async def test_the_header_says_deck_step_pace_time_speed_and_liveness() -> None:
    async with showing(folded(lesson())) as app:
        header = text_of(app, RunHeader)
        for said in ("past-tense", "step 1,284", "cards/s", "00:21", "speed full"):
            assert said in header
        assert "seed" not in header
        assert header.rstrip().endswith("● LIVE")


async def test_below_full_speed_no_pace_is_claimed() -> None:
    state = folded([*lesson(), ev.SpeedChanged(step=1284, speed="explain")])
    async with showing(state) as app:
        assert "cards/s" not in text_of(app, RunHeader)
        assert "speed explain" in text_of(app, RunHeader)


async def test_another_learning_rate_is_shown_first() -> None:
    state = folded([*lesson(), ev.LearningRateChanged(step=1284, factor=0.5)])
    async with showing(state, (60, 20)) as app:
        assert "rate ×1/2" in text_of(app, RunHeader)


@pytest.mark.parametrize(
    ("more", "is_stalled", "badge", "sentence"),
    [
        ([ev.RunPaused(step=1284)], False, "‖ PAUSED", ""),
        ([], True, "? STALLED", "ten seconds"),
        ([ev.TrainerFailed(step=1284, text="No space left.")], False, "✗ FAILED", "No space left."),
        ([ev.RunDiverged(step=1284)], False, "∞ DIVERGED", "stopped being a number"),
        (
            [
                ev.LessonEnded(
                    step=1284,
                    reason="all_right",
                    verdict_kind="memorised",
                    seen=val.Score(2880, 2880),
                    unseen=val.Score(12, 800),
                )
            ],
            False,
            "■ FINISHED",
            "It has memorised this deck: 2,880/2,880 seen, 12/800 never seen.",
        ),
    ],
)
async def test_liveness_is_a_word_a_shape_and_a_sentence(
    more: Sequence[ev.AnyEvent], is_stalled: bool, badge: str, sentence: str
) -> None:
    async with showing(folded([*lesson(), *more]), is_stalled=is_stalled) as app:
        assert badge in text_of(app, RunHeader)
        assert sentence in text_of(app, VerdictLine)


async def test_at_speed_the_screen_says_how_many_corrections_go_by() -> None:
    async with showing(folded(lesson())) as app:
        assert "one of 1,280 cards" in text_of(app, LoopWords)
        assert "correcting 32 cards" in text_of(app, ChangeSheet)


async def test_while_explaining_nothing_is_shown_before_it_is_known() -> None:
    whole = correction(n_cards=1)
    async with showing(folded(explaining("data"))) as app:
        assert "guess" in text_of(app, GuessSheet)
        assert "singed" not in text_of(app, GuessSheet).replace(" ", "")
        assert "sang" not in text_of(app, GuessSheet).replace(" ", "")
        assert "one of" not in text_of(app, LoopWords)
        assert "drawn from the deck" in text_of(app, VerdictLine)
        labels = text_of(app, GuessSheet).split("\n")
        app.play.paint(
            folded(
                explaining(
                    "error",
                    guess=whole.guess,
                    mark=whole.mark,
                    pieces=whole.pieces,
                    error_nats=whole.error_nats,
                )
            )
        )
        known = text_of(app, GuessSheet).split("\n")
        assert [line[:9].strip() for line in labels if line[:9].strip()] == [
            line[:9].strip() for line in known if line[:9].strip() and "wrong" not in line
        ]
        assert text_of(app, ChangeSheet).strip() == "one correction changed"
        app.play.paint(folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=whole)]))
        assert "36 ▸ 52 %" in text_of(app, ChangeSheet)


async def test_a_correction_that_made_it_worse_says_so() -> None:
    worse = correction(n_cards=1, change=change(0.36, 0.31))
    state = folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=worse)])
    async with showing(state) as app:
        assert "36 ▸ 31 % worse" in text_of(app, ChangeSheet)
        assert "◂" in text_of(app, ChangeSheet)


async def test_bigger_screens_say_whose_change_it_is() -> None:
    async with showing(folded(lesson()), (200, 60)) as app:
        assert "its own share is not separable" in text_of(app, ChangeSheet)


async def test_a_never_seen_card_that_was_helped_carries_a_diamond() -> None:
    async with showing(folded(lesson())) as app:
        assert "◆drink" in text_of(app, ChangeSheet)


@pytest.mark.parametrize(
    ("times_seen", "card_index", "said"),
    [(31, 1, "seen 31×"), (0, 1, "a new card"), (0, 0, "never seen")],
)
async def test_a_card_says_how_the_model_knows_it(
    times_seen: int, card_index: int, said: str
) -> None:
    card = correction(times_seen=times_seen, card_index=card_index)
    state = folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=card)])
    async with showing(state) as app:
        assert said in text_of(app, CardFace)


async def test_scores_tell_seen_and_never_seen_apart() -> None:
    async with showing(folded(lesson())) as app:
        seen, unseen = text_of(app, ScoreBars).split("\n")
        assert seen.split()[:2] == ["■", "SEEN"]
        assert "of 2,880" in seen
        assert unseen.split()[:3] == ["◆", "NEVER", "SEEN"]
        assert "of 800" in unseen


async def test_a_deck_without_never_seen_cards_says_so() -> None:
    async with showing(folded(lesson(n_taught=50, n_held_out=0))) as app:
        assert "every card of this deck is taught" in text_of(app, ScoreBars)
        assert "◆" not in text_of(app, CardWall)


async def test_the_wall_says_how_many_cards_a_cell_stands_for() -> None:
    async with showing(folded(lesson())) as app:
        assert "■ = all 24 right" in text_of(app, CardWall)


async def test_the_wall_never_contradicts_an_exam_in_which_all_was_right() -> None:
    marked = ev.DeckMarked(step=1, marks=pack(bytes([WRONG, RIGHT] * 35)))
    state = folded([started(50, 20), marked])
    async with showing(state) as app:
        assert "·" in text_of(app, CardWall)
        exam = ev.ExamTaken(
            step=2,
            cards_taught=64,
            is_full=True,
            seen=val.Score(50, 50),
            unseen=val.Score(0, 20),
            seen_loss_nats=0.1,
            unseen_loss_nats=3.0,
        )
        state.fold(exam)
        app.play.paint(state)
        wall = text_of(app, CardWall).rpartition("\n")[0]
        assert (wall.count("■"), wall.count("·")) == (50, 0)
        assert "◇" in wall, "what is never seen is as it was marked"


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


async def test_a_hundred_thousand_cards_fit_the_wall() -> None:
    n = 100_000
    state = folded([started(90_000, 10_000), ev.DeckMarked(step=1, marks=pack(marks_of(n)))])
    async with showing(state, (120, 40)) as app:
        assert "■ = all of" in text_of(app, CardWall)
        assert "◇" in text_of(app, CardWall)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("prompt", "answer", "guess"),
    [
        ("[/bold] [x", "[red]", "[/]"),
        ("\x1b]0;owned\x07", "\x1b[31m", "\x1b"),
        ("🍎", "apple", "pppp"),
        ("👩‍👩‍👧‍👦", "family", "fam"),
        ("りんごを食べる", "to eat an apple", "林檎"),
        ("שלום עולם", "hello", "שלום"),
        ("e\u0301te\u0301", "summer", "e\u0301"),
        ("a long prompt of many words " * 9, "x" * 60, "x" * 30 + "y" * 40),
        ("pneumonoultramicroscopicsilicovolcanoconiosis", "z", ""),
        ("", "", ""),
        ("two words", " a  b ", "a b"),
    ],
)
async def test_any_text_is_shown_as_text_and_stays_in_its_box(
    size: tuple[int, int], prompt: str, answer: str, guess: str
) -> None:
    more = val.Ripple(prompt, 0.1, True)
    moved = change()
    card = correction(
        prompt,
        answer,
        guess,
        section=prompt,
        history="wnr" * 40,
        change=val.Change(
            probability_before=moved.probability_before,
            probability_after=moved.probability_after,
            error_after_nats=0.1,
            gradient_norm=1e-7,
            relative_change=1e-9,
            layer_changes=(),
            n_parameters=1,
            up=(val.Push(answer, 1.0),),
            helped=(more,),
            hurt=(more,),
        ),
    )
    state = folded(
        [
            started(name=prompt),
            *lesson()[2:],
            ev.CorrectionMeasured(step=1300, correction=card),
            ev.TrainerFailed(step=1300, text=prompt),
        ]
    )
    async with showing(state, size) as app:
        for kind in (RunHeader, CardFace, GuessSheet, ChangeSheet, VerdictLine):
            widget = app.play.query_one(kind)
            for y in range(widget.size.height):
                strip = widget.render_line(y)
                assert strip.cell_length <= widget.size.width
                assert cell_len(strip.text) <= widget.size.width
                assert "\x1b" not in strip.text
                assert "\x07" not in strip.text


async def test_pieces_of_several_cells_stay_in_columns() -> None:
    pieces = tuple(
        val.AnswerPiece(text, 0.5, True) for text in ("Ha", "no", "ver", "ian", "s ", "⏎")
    )
    guess = tuple(val.GuessPiece(text, 0.5) for text in ("Han", "no", "verian", "x"))
    card = correction("p", "Hanoverians ", pieces=pieces)
    card = msgspec.structs.replace(card, guess=guess)
    async with showing(
        folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=card)]), (120, 40)
    ) as app:
        guess_row, marks, answer = text_of(app, GuessSheet).split("\n")[1:4]
        assert guess_row.split() == ["guess", "Han", "no", "verian", "x"]
        assert answer.split() == ["answer", "Ha", "no", "ver", "ian", "s␣", "⏎"]
        assert marks.split() == ["✗", "wrong", "✗", "✓", "✗", "✗", "✗"]
        assert guess_row.index("verian") == answer.index("ver")


async def test_numbers_that_are_not_numbers_leave_gaps() -> None:
    nan = math.nan
    pieces = (val.AnswerPiece("a", nan, False), val.AnswerPiece("⏎", 0.0, False))
    broken = correction(pieces=pieces, error_nats=nan, change=change(nan, nan))
    state = folded(
        [
            *lesson(),
            ev.StepsTaken(
                step=1300,
                cards_taught=50_000,
                train_seconds=22.0,
                loss_nats=nan,
                gradient_norm=math.inf,
                relative_change=nan,
            ),
            ev.ExamTaken(
                step=1300,
                cards_taught=50_000,
                is_full=True,
                seen=val.Score(0, 2880),
                unseen=val.Score(0, 800),
                seen_loss_nats=nan,
                unseen_loss_nats=None,
            ),
            ev.CorrectionMeasured(step=1300, correction=broken),
            ev.RunDiverged(step=1300),
        ]
    )
    async with showing(state) as app:
        assert "–  0 = expected it" in text_of(app, GuessSheet)
        assert "– ▸ –" in text_of(app, ChangeSheet)
        assert "━ seen –" in text_of(app, LossChart)


async def test_painting_the_same_state_again_draws_nothing() -> None:
    state = folded(lesson())
    async with showing(state) as app:
        widgets = [w for w in app.play.query("*") if hasattr(w, "show")]
        before = [w._repaint_required for w in widgets]
        app.play.paint(state)
        assert [w._repaint_required for w in widgets] == before


async def test_a_resize_keeps_guess_answer_and_error() -> None:
    app = PlayHost()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        app.play.paint(folded(lesson()))
        for size in ((60, 20), (80, 24), (200, 60), (40, 12)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert "error" in text_of(app, GuessSheet)
            assert "✗ wrong" in text_of(app, GuessSheet)


async def test_a_tiny_screen_names_the_phase_it_is_in() -> None:
    async with showing(folded(explaining("error")), (40, 14)) as app:
        assert text_of(app, LoopWords).strip() == "ERROR  4/6"
        assert not app.play.show_vertical_scrollbar


async def test_a_notice_is_shown_until_there_is_something_to_say() -> None:
    async with showing(folded(lesson()[:2]), notice="g go on with step 1,284") as app:
        assert "g go on with step 1,284" in text_of(app, VerdictLine)


async def test_without_colour_the_screen_still_says_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with showing(folded(lesson())) as app:
        assert "✗ wrong" in text_of(app, GuessSheet)
        await check_picture(app, "play-80x24-no-color")


@pytest.mark.parametrize(
    ("name", "size", "theme"),
    [
        ("play-80x24", (80, 24), "textual-dark"),
        ("play-80x24-light", (80, 24), "textual-light"),
        ("play-80x24-ansi", (80, 24), "ansi-dark"),
        ("play-60x20", (60, 20), "textual-dark"),
        ("play-120x40", (120, 40), "textual-dark"),
    ],
)
async def test_the_play_screen_looks_like_its_picture(
    name: str, size: tuple[int, int], theme: str
) -> None:
    async with showing(folded(lesson()), size, theme) as app:
        await check_picture(app, name)


async def test_explaining_looks_like_its_picture() -> None:
    whole = correction(n_cards=1)
    state = folded(
        explaining(
            "error",
            guess=whole.guess,
            mark=whole.mark,
            pieces=whole.pieces,
            error_nats=whole.error_nats,
        )
    )
    async with showing(state) as app:
        await check_picture(app, "explain-80x24")


async def test_failing_looks_like_its_picture() -> None:
    text = "no space left on the disk. All is saved up to step 1,250; make room, then press g."
    async with showing(folded([*lesson(), ev.TrainerFailed(step=1284, text=text)])) as app:
        await check_picture(app, "failed-80x24")


async def test_of_a_large_deck_the_screen_says_what_is_asked() -> None:
    sample = val.SampleFacts(n_asked=400, n_at_end=5_000, n_known=100_000)
    start = msgspec.structs.replace(
        started(4, 1), n_taught=9_000_000, n_held_out=1_000_000, held_out="", sample=sample
    )
    seen, unseen = val.Score(20, 400), val.Score(10, 400)
    exam = ev.ExamTaken(
        step=20,
        cards_taught=600,
        is_full=False,
        seen=seen,
        unseen=unseen,
        seen_loss_nats=1.0,
        unseen_loss_nats=1.0,
    )
    waiting = ev.TrainerWoke(step=0, stage="indexing the deck: 42 %")
    app = PlayHost(deck_name="past-tense")
    async with app.run_test(size=(80, 24)) as pilot:
        app.play.paint(folded([waiting]))
        await settled(pilot)
        assert "indexing the deck: 42 %" in text_of(app, GuessSheet)
        app.play.paint(folded([start, exam]))
        await settled(pilot)
        wall = " ".join(text_of(app, CardWall).split())
        assert "10,000,000 cards Exams ask 400 of the cards taught first" in wall
        assert text_of(app, ScoreBars).count("of 400 asked") == 2
