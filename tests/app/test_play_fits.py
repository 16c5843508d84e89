"""The play screen holds any text and number, at any size and without colour."""

import math

import msgspec
import pytest
from textual.pilot import Pilot

from flashcards.app.lesson.change_sheet import ChangeSheet
from flashcards.app.lesson.guess_sheet import GuessSheet
from flashcards.app.widgets.charts import LossChart
from flashcards.app.widgets.frame import LoopWords
from flashcards.runs import events as ev
from flashcards.runs import values as val
from tests import told
from tests.app.lesson import change, correction, folded, lesson
from tests.app.pictures import check_picture
from tests.app.playing import PARTS, explaining, settled, show, showing, text_of


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


async def test_a_tiny_screen_names_the_phase_it_is_in() -> None:
    async with showing(folded(explaining("error")), (40, 14)) as app:
        assert text_of(app, LoopWords).strip() == "ERROR  4/6"
        assert not app.play.show_vertical_scrollbar


async def test_without_colour_the_screen_still_says_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with showing(folded(lesson())) as app:
        assert "✗ wrong" in text_of(app, GuessSheet)
        await check_picture(app, "play-80x24-no-color")


async def test_the_play_screen_looks_like_its_pictures() -> None:
    async with showing(folded(lesson())) as app:
        await check_picture(app, "play-80x24")
        for size in ((60, 20), (120, 40), (80, 24)):
            await Pilot(app).resize_terminal(*size)
            await settled(Pilot(app))
            await check_picture(app, f"play-{size[0]}x{size[1]}")
        for theme, name in (("textual-light", "light"), ("ansi-dark", "ansi")):
            app.theme = theme
            await settled(Pilot(app))
            await check_picture(app, f"play-80x24-{name}")


async def test_explaining_and_failing_look_like_their_pictures() -> None:
    state = folded(explaining("error", *PARTS[:4]))
    text = "no space left on the disk. All is saved up to step 1,250; make room, then press g."
    async with showing(state) as app:
        await check_picture(app, "explain-80x24")
        await show(app, folded([*lesson(), ev.TrainerFailed(step=1284, text=text)]))
        await check_picture(app, "failed-80x24")
