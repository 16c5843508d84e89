"""A card's own page in view 2: every recorded guess, and what the saved states say."""

from pathlib import Path

import pytest
from textual.events import MouseScrollDown

from flashcards.app.cards.card_page import CardFacts, GuessList, guess_columns, tag_of
from flashcards.app.cards.card_table import CardTable
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.runs.guesses import PastGuess
from tests.app.card_rows import N_CARDS, Clock, answer, asked, card, view_of, with_sections
from tests.app.lesson import correction, started
from tests.app.pictures import check_pictures
from tests.app.script import Stage
from tests.golden import words


def log_of(tmp_path: Path) -> Path:
    happened: list[ev.AnyEvent] = [
        started(),
        taught(12, "singed", "wrong", "www"),
        taught(700, "sang", "right", "wwwn"),
        taught(900, "singed", "wrong", "wnr", probability=0.002),
        taught(1100, "sang", "right", "wnrw"),
    ]
    (tmp_path / "events.jsonl").write_bytes(b"".join(ev.encode(event) for event in happened))
    return tmp_path


def taught(
    step: int, guess: str, mark: val.Mark, history: str, probability: float = 0.36
) -> ev.CorrectionMeasured:
    change = val.Change(
        probability_before=probability,
        probability_after=0.5,
        gradient_norm=1.0,
        relative_change=0.001,
        n_parameters=1,
    )
    measured = correction(guess=guess, mark=mark, history=history, card_index=0, change=change)
    return ev.CorrectionMeasured(step=step, correction=measured)


HISTORY = "wwwwnrwrrrnrrr"


def sing(i: int) -> val.CardRow:
    if i:
        return card(i)
    return card(
        0, times_seen=14, history=HISTORY, first_right_step=700, n_forgotten=2, n_relearned=2
    )


PAST = (
    val.PastAnswer(0, "zzqz", 0.0001),
    val.PastAnswer(64, "singed", 0.61),
    val.PastAnswer(1024, "sang", 0.88),
)


async def open_card(stage: Stage) -> None:
    await stage.press("2")
    await answer(stage, N_CARDS, sing)
    await stage.press("enter")
    await stage.until(lambda: "reading…" not in "\n".join(stage.lines(GuessList)))


async def test_a_guess_made_while_the_card_is_open_comes_on_top(tmp_path: Path) -> None:
    clock = Clock()
    async with with_sections(clock, folder=str(log_of(tmp_path))) as stage:
        await open_card(stage)
        clock.now_s += 2
        await stage.say(taught(1290, "sang", "right", HISTORY))
        assert stage.lines(GuessList)[1].split()[:4] == ["1,290", "taught", "✓", "sang"]
        assert asked(stage)[-1] == cmd.ListCards(
            request=asked(stage)[-1].request, offset=0, n_rows=1
        )
        again = card(0, times_seen=15, history=HISTORY + "r")
        await stage.say(
            ev.CardsListed(
                step=1290, request=asked(stage)[-1].request, offset=0, total=N_CARDS, rows=(again,)
            )
        )
        assert "TAUGHT 15×" in "\n".join(stage.lines(CardFacts))
        await stage.press("escape")
        assert stage.lines(CardTable)[1].split()[:2] == ["▸", "sing"]


async def test_a_card_looks_as_it_should_without_answers_to_other_questions(tmp_path: Path) -> None:
    async with with_sections(folder=str(log_of(tmp_path))) as stage:
        await open_card(stage)
        (question,) = [c for c in stage.sent if isinstance(c, cmd.AskPast)]
        for request, prompt in ((question.request + 1, "sing"), (question.request, "ring")):
            await stage.say(
                ev.PastAnswered(step=1284, request=request, prompt=prompt, answers=PAST)
            )
        assert "state" not in "\n".join(stage.lines(GuessList)[:5])
        await stage.say(
            ev.PastAnswered(step=1284, request=question.request, prompt="sing", answers=PAST)
        )
        await check_pictures(stage, "card")


async def test_a_run_without_a_log_says_that_it_cannot_be_read(tmp_path: Path) -> None:
    async with with_sections(folder=str(tmp_path / "gone")) as stage:
        await open_card(stage)
        assert words("screen: no log") in stage.lines(GuessList)[1]


async def test_many_guesses_are_scrolled_through_to_the_very_first(tmp_path: Path) -> None:
    events = [taught(step, str(step), "wrong", "w") for step in range(1, 61)]
    (tmp_path / "events.jsonl").write_bytes(b"".join(ev.encode(event) for event in events))
    async with with_sections(folder=str(tmp_path)) as stage:
        await open_card(stage)
        assert stage.lines(GuessList)[1].split()[0] == "60"
        await stage.press("down", "pagedown")
        assert int(stage.lines(GuessList)[1].split()[0]) < 59
        await stage.press("end")
        steps = [line.split()[0] for line in stage.lines(GuessList)[1:9]]
        assert steps[-1] == "1"
        await stage.press("home")
        assert stage.lines(GuessList)[1].split()[0] == "60"


async def test_text_that_would_harm_a_terminal_is_shown_as_text(tmp_path: Path) -> None:
    hostile = "漢字\u0301[/b] [x \x1b[31m\u202e"

    def row(i: int) -> val.CardRow:
        return card(i, prompt=hostile, answer=hostile, section=hostile)

    async with with_sections(folder=str(tmp_path), size=(120, 40)) as stage:
        await stage.press("2")
        await answer(stage, 30, row)
        text = "\n".join(stage.lines(CardTable))
        assert "漢字\u0301[/b] [x" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        widget = view_of(stage).query_one(CardTable)
        widths = {widget.render_line(y).cell_length for y in range(1, 31)}
        assert widths == {120}
        await stage.press("enter")
        assert "\x1b" not in "\n".join(stage.lines(CardFacts))


async def test_an_answer_that_comes_as_the_program_ends_finds_no_widgets(tmp_path: Path) -> None:
    async with with_sections(folder=str(tmp_path)) as stage:
        await stage.press("2")
        await answer(stage, 30, sing)
        view = view_of(stage)
    view._draw()  # as its workers do


async def test_the_wheel_and_a_click_choose_and_a_second_click_opens(tmp_path: Path) -> None:
    async with with_sections(folder=str(log_of(tmp_path))) as stage:
        await stage.press("2")
        await answer(stage, N_CARDS, sing)
        await stage.pilot.click(CardTable, offset=(10, 3))
        await stage.settle()
        assert stage.lines(CardTable)[3].split()[0] == "▸"
        await stage.pilot._post_mouse_events([MouseScrollDown], CardTable, offset=(10, 3), button=0)
        await stage.settle()
        assert stage.lines(CardTable)[6].split()[0] == "▸"
        await stage.pilot.click(CardTable, offset=(10, 1), times=2)
        await stage.settle()
        assert view_of(stage).query_one("#card-page").display


def test_guesses_fit_their_width() -> None:
    for width in range(50, 200, 7):
        assert sum(n + 2 for _, n, _ in guess_columns(width)) <= max(width, 52), width


@pytest.mark.parametrize(
    ("step", "mark", "before", "tag"),
    [
        (700, "right", "n", "★ first right"),
        (900, "right", "w", "↑ relearned"),
        (900, "right", "r", ""),
        (900, "nearly", "r", "↓ forgotten"),
        (900, "wrong", "w", ""),
        (600, "right", "w", ""),
    ],
)
def test_a_guess_that_turned_is_tagged(step: int, mark: val.Mark, before: str, tag: str) -> None:
    guess = PastGuess(
        step=step, how="taught", guess="x", mark=mark, probability=0.1, mark_before=before
    )
    assert tag_of(guess, 700) == tag
    asked_guess = PastGuess(step=step, how="asked", guess="x", mark=mark, probability=0.1)
    assert tag_of(asked_guess, 700) == ""
