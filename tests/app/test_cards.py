"""View 2 with a scripted trainer that answers from a list of its own.

Long because that trainer serves the list, a card's page and a hundred thousand cards alike.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from textual.widget import Widget
from textual.widgets import Input

from flashcards.app.asking.dialog import AskScreen
from flashcards.app.cards.page import CardFacts, GuessList, guess_columns, tag_of
from flashcards.app.cards.table import CardTable, columns, scroll_bar
from flashcards.app.cards.view import CardsView
from flashcards.app.kit.keys_line import KeysLine
from flashcards.app.kit.run_header import RunHeader
from flashcards.app.lesson.play import PlayScreen
from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.runs.guesses import PastGuess
from tests.app.lesson import correction, lesson, started
from tests.app.pictures import check_picture
from tests.app.script import Stage, on_stage

N_CARDS = 3680
SECTIONS = ("irregular", "regular")
VERBS = [
    "sing:sang",
    "walk:walked",
    "go:went",
    "call:called",
    "bring:brought",
    "play:played",
    "think:thought",
    "ask:asked",
    "buy:bought",
    "help:helped",
    "catch:caught",
    "look:looked",
    "teach:taught",
    "turn:turned",
    "drink:drank",
    "open:opened",
    "swim:swam",
    "start:started",
    "write:wrote",
    "learn:learned",
    "drive:drove",
    "push:pushed",
    "fall:fell",
    "laugh:laughed",
    "give:gave",
    "dance:danced",
    "know:knew",
    "count:counted",
    "grow:grew",
    "paint:painted",
    "throw:threw",
    "climb:climbed",
    "break:broke",
    "jump:jumped",
    "speak:spoke",
    "wash:washed",
    "wear:wore",
    "cook:cooked",
    "take:took",
    "visit:visited",
]
"""Irregular and regular in turn, as the sections are."""


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def card(i: int, **changes: object) -> val.CardRow:
    """Made up: every fifth is held out, some are forgotten."""
    prompt, answer = VERBS[i % len(VERBS)].split(":")
    is_held_out = i % 5 == 2
    history = "wwwwnwrwwnrnrrwrrrrrnrrrrrrrrrr"[: (i * 7) % 32]
    fields: dict[str, object] = {
        "card_index": i,
        "prompt": prompt if i < len(VERBS) else f"{prompt}{i}",
        "answer": answer if i < len(VERBS) else f"{answer}{i}",
        "section": SECTIONS[i % 2],
        "is_held_out": is_held_out,
        "times_seen": 0 if is_held_out else len(history),
        "history": history,
        "first_right_step": 40 + i if "r" in history else None,
        "n_forgotten": history.count("rw") + history.count("rn"),
        "n_relearned": history.count("wr") + history.count("nr") - ("r" in history),
    }
    return val.CardRow(**{**fields, **changes})  # type: ignore[arg-type]


def reply(
    asked: cmd.ListCards, total: int = N_CARDS, row: Callable[[int], val.CardRow] = card
) -> ev.CardsListed:
    """What a trainer with so many cards answers."""
    offset = min(asked.offset, max(0, total - asked.n_rows))
    places = range(offset, min(total, offset + asked.n_rows))
    return ev.CardsListed(
        step=1284,
        request=asked.request,
        offset=offset,
        total=total,
        rows=tuple(row(i) for i in places),
        sorted_step=1284,
    )


def asked(stage: Stage) -> list[cmd.ListCards]:
    return [command for command in stage.sent if isinstance(command, cmd.ListCards)]


async def answer(
    stage: Stage, total: int = N_CARDS, row: Callable[[int], val.CardRow] = card
) -> None:
    """The trainer answers what was asked last."""
    await stage.say(reply(asked(stage)[-1], total, row))


def view_of(stage: Stage) -> CardsView:
    assert isinstance(stage.app.screen, CardsView)
    return stage.app.screen


def lines(stage: Stage, kind: type[Widget] | str) -> list[str]:
    widget = view_of(stage).query(kind).first()
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def with_sections(
    clock: Clock | None = None, *, folder: Path | str = "r", size: tuple[int, int] = (80, 24)
) -> AbstractAsyncContextManager[Stage]:
    """A lesson on a deck with two sections, whose run is in this folder."""
    happened = [e for e in lesson() if not isinstance(e, ev.RunStarted)]
    begun = started(sections=SECTIONS, exceptions=("irregular",), folder=str(folder))
    return on_stage([begun, *happened], size, clock=clock or Clock())


async def test_nothing_is_asked_while_the_list_is_closed() -> None:
    clock = Clock()
    async with on_stage(lesson(), clock=clock) as stage:
        clock.now_s += 5
        await stage.say(*lesson()[-3:])
        assert asked(stage) == []
        await stage.press("2")
        assert len(asked(stage)) == 1
        await answer(stage)
        await stage.press("1")
        stage.sent.clear()
        for step in (1300, 1400):
            clock.now_s += 5
            await stage.say(ev.CorrectionMeasured(step=step, correction=correction()))
        assert stage.sent == []


async def test_the_list_opens_with_its_first_page_and_closes_to_the_lesson() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        assert [(a.request, a.sort, a.filter, a.offset) for a in asked(stage)] == [
            (1, "deck", "", 0)
        ]
        assert "the cards are coming…" in lines(stage, CardTable)[2]
        await answer(stage)
        table = lines(stage, CardTable)
        assert table[0].split() == [
            *("card", "prompt", "answer", "known", "as"),
            *("marks", "first", "✓", "forgot", "again"),
        ]
        assert table[1].split()[:3] == ["▸", "1", "sing"]
        assert table[17].split()[:2] == ["17", "swim"]
        assert "1–17 of 3,680" in lines(stage, "#cards-title")[0]
        for key in ("1", "escape"):
            await stage.press(key)
            assert isinstance(stage.app.screen, PlayScreen)
            await stage.press("2")


async def test_the_key_of_the_view_in_front_leaves_it_as_it_is() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage)
        await stage.press("down", "2")
        assert lines(stage, CardTable)[2].split()[:2] == ["▸", "2"]
        assert len(asked(stage)) == 1


async def test_a_trainer_that_fails_is_said_to_have_failed_in_the_list_too() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage)
        await stage.say(ev.TrainerFailed(step=1284, text="The disk is full."))
        assert "The disk is full." in lines(stage, "#cards-note")[0]
        assert lines(stage, CardTable)[1].split()[:2] == ["▸", "1"]


async def test_the_play_screen_below_is_as_it_was_and_follows_again() -> None:
    async with on_stage(lesson()) as stage:
        play = stage.app.play
        await stage.press("2")
        await answer(stage)
        await stage.say(ev.CorrectionMeasured(step=1999, correction=correction()))
        assert "1,999" in view_of(stage).query_one(RunHeader).render_line(0).text
        await stage.press("1")
        assert stage.app.screen is play
        assert play is not None
        assert "1,999" in play.query_one(RunHeader).render_line(0).text


async def test_a_row_says_number_stamp_marks_and_what_became_of_the_card() -> None:
    def some(i: int) -> val.CardRow:
        return [
            card(
                0,
                times_seen=1031,
                history="wwrwr",
                first_right_step=40,
                n_forgotten=1,
                n_relearned=1,
            ),
            card(1, times_seen=0, history="", first_right_step=None, n_forgotten=0, n_relearned=0),
            card(
                2, is_held_out=True, history="rn", first_right_step=42, n_forgotten=3, n_relearned=2
            ),
        ][i]

    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage, 3, some)
        first, second, third = lines(stage, CardTable)[1:4]
        assert first.split() == [
            "▸",
            "1",
            "sing",
            "sang",
            "SEEN",
            "1,031×",
            "✗✗✓✗✓",
            "40",
            "1×",
            "1×",
        ]
        assert second.split() == ["2", "walk", "walked", "NOT", "YET", "TAUGHT", "–"]
        assert third.split() == ["3", "go", "went", "NEVER", "SEEN", "✓≈", "42", "3×", "2×"]


async def test_keys_move_the_cursor_and_what_comes_next_is_asked_for_in_time() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage)
        await stage.press(*["down"] * 18, "up")
        assert lines(stage, CardTable)[16].split()[:2] == ["▸", "18"]
        await stage.press(*["pagedown"] * 3)
        assert lines(stage, CardTable)[16].split()[:2] == ["▸", "66"]
        assert [a.offset for a in asked(stage)] == [0, 16]
        await answer(stage)
        await stage.press("end")
        assert lines(stage, CardTable)[17].split() == ["▸", "·", "█"]
        await answer(stage)
        assert lines(stage, CardTable)[17].split()[:3] == ["▸", "3,680", "visit3679"]
        await stage.press("home")
        await answer(stage)
        assert lines(stage, CardTable)[1].split()[:2] == ["▸", "1"]


async def test_the_orders_come_one_after_another_and_each_says_what_it_means() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage)
        said = []
        for _ in range(4):
            await stage.press("s")
            await answer(stage)
            said.append((asked(stage)[-1].sort, lines(stage, "#cards-title")[0].split("   ")[1]))
        assert said == [
            ("hardest", "hardest first"),
            ("forgotten", "most forgotten first"),
            ("section", "by section"),
            ("deck", "as in the deck"),
        ]


async def test_a_filter_is_asked_for_as_it_is_typed_and_ended_by_escape() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage)
        await stage.press("slash", "s")
        await answer(stage, 40)
        await stage.press("1", "2")
        await answer(stage, 4)
        await answer(stage, 4)
        assert [a.filter for a in asked(stage)] == ["", "s", "s1", "s12"]
        assert "of 4" in lines(stage, "#cards-title")[0]
        await stage.press("down", "enter")
        assert view_of(stage).focused is None
        assert "/s12" in lines(stage, "#cards-title")[0]
        assert lines(stage, CardTable)[2].split()[:2] == ["▸", "2"]
        await stage.press("escape")
        await answer(stage)
        assert asked(stage)[-1].filter == ""
        assert "of 3,680" in lines(stage, "#cards-title")[0]
        assert not view_of(stage).query_one(Input).display


async def test_a_filter_that_keeps_no_card_says_so() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage)
        await stage.press("slash", "z")
        await answer(stage, 0)
        assert "No card says that." in lines(stage, CardTable)[2]
        await stage.press("down", "pagedown", "enter", "enter")
        assert view_of(stage).query_one("#card-list").display


async def test_an_open_list_is_asked_for_again_each_second_while_the_lesson_goes_on() -> None:
    clock = Clock()
    async with on_stage(lesson(), clock=clock) as stage:
        await stage.press("2")
        await answer(stage)
        clock.now_s += 5
        await stage.settle()
        assert len(asked(stage)) == 1
        await stage.say(ev.CorrectionMeasured(step=1300, correction=correction()))
        assert len(asked(stage)) == 2
        await answer(stage)
        await stage.say(ev.CorrectionMeasured(step=1301, correction=correction()))
        assert len(asked(stage)) == 2
        clock.now_s += 1
        await stage.settle()
        assert len(asked(stage)) == 3


async def test_the_lessons_keys_work_in_the_list() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        await answer(stage)
        stage.sent.clear()
        await stage.press("space", "right", "minus", "L")
        assert stage.sent == [
            cmd.Pause(),
            cmd.Step(),
            cmd.SetSpeed(speed="brisk"),
            cmd.SetLearningRate(factor=2.0),
        ]
        await stage.press("a")
        assert isinstance(stage.app.screen, AskScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, CardsView)


async def test_another_lesson_closes_the_list() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        stage.app.session.open_deck("capitals")
        await stage.settle()
        assert isinstance(stage.app.screen, PlayScreen)
        await stage.press("2")
        assert len(asked(stage)) == 1


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
        error_after_nats=0.6,
        gradient_norm=1.0,
        relative_change=0.001,
        layer_changes=(),
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
    """Open the first card, and let the log be read."""
    await stage.press("2")
    await answer(stage, N_CARDS, sing)
    await stage.press("enter")
    await stage.until(lambda: "reading the log…" not in "\n".join(lines(stage, GuessList)))


async def test_a_card_opens_with_every_recorded_guess_and_the_saved_states(tmp_path: Path) -> None:
    async with with_sections(folder=str(log_of(tmp_path)), size=(120, 40)) as stage:
        await open_card(stage)
        (question,) = [c for c in stage.sent if isinstance(c, cmd.AskPast)]
        assert question.prompt == "sing"
        early = ev.PastAnswered(
            step=1284, request=question.request, prompt="sing", answers=PAST[:1]
        )
        await stage.say(early)
        await stage.say(
            ev.PastAnswered(step=1284, request=question.request, prompt="sing", answers=PAST)
        )
        guesses = [
            line.replace("█", "").replace("│", "").rstrip() for line in lines(stage, GuessList)
        ]
        assert [line.split() for line in guesses[:8]] == [
            ["step", "how", "guess", "sure", "right", "answer", "error"],
            ["1,100", "taught", "✓", "sang", "36", "%", "36", "%", *error(), "↑", "relearned"],
            ["1,024", "state", "✓", "sang", "88", "%", "88", "%", "–"],
            ["900", "taught", "✗", "singed", "–", "0.2", "%", *error(), "↓", "forgotten"],
            ["700", "taught", "✓", "sang", "36", "%", "36", "%", *error(), "★", "first", "right"],
            ["64", "state", "✗", "singed", "61", "%", "–", "–"],
            ["12", "taught", "✗", "singed", "–", "36", "%", *error()],
            ["0", "state", "✗", "zzqz", "0.01", "%", "–", "–"],
        ]
        facts = "\n".join(lines(stage, CardFacts))
        assert "SEEN 14×" in facts
        assert "✗✗✗✗≈✓✗✓✓✓≈✓✓✓" in facts
        assert "at step 700" in facts
        assert "2 times" in facts
        assert "one guess a second" in "\n".join(lines(stage, GuessList))


def error() -> list[str]:
    return [f"{correction().error_nats:.2f}"]


async def test_a_guess_made_while_the_card_is_open_comes_on_top_and_its_row_is_asked_for(
    tmp_path: Path,
) -> None:
    clock = Clock()
    async with with_sections(clock, folder=str(log_of(tmp_path))) as stage:
        await open_card(stage)
        clock.now_s += 2
        await stage.say(taught(1290, "sang", "right", HISTORY))
        assert lines(stage, GuessList)[1].split()[:4] == ["1,290", "taught", "✓", "sang"]
        assert asked(stage)[-1] == cmd.ListCards(
            request=asked(stage)[-1].request, offset=0, n_rows=1
        )
        again = card(0, times_seen=15, history=HISTORY + "r")
        await stage.say(
            ev.CardsListed(
                step=1290, request=asked(stage)[-1].request, offset=0, total=N_CARDS, rows=(again,)
            )
        )
        assert "SEEN 15×" in "\n".join(lines(stage, CardFacts))
        await stage.press("escape")
        assert lines(stage, CardTable)[1].split()[:2] == ["▸", "1"]


async def test_answers_of_the_past_to_another_question_are_not_this_cards(tmp_path: Path) -> None:
    async with with_sections(folder=str(log_of(tmp_path))) as stage:
        await open_card(stage)
        (question,) = [c for c in stage.sent if isinstance(c, cmd.AskPast)]
        for request, prompt in ((question.request + 1, "sing"), (question.request, "ring")):
            await stage.say(
                ev.PastAnswered(step=1284, request=request, prompt=prompt, answers=PAST)
            )
        assert "state" not in "\n".join(lines(stage, GuessList)[:5])


async def test_a_run_without_a_log_says_that_it_cannot_be_read(tmp_path: Path) -> None:
    async with with_sections(folder=str(tmp_path / "gone")) as stage:
        await open_card(stage)
        assert "The log can't be read" in lines(stage, GuessList)[1]


async def test_many_guesses_are_scrolled_through_to_the_very_first(tmp_path: Path) -> None:
    events = [taught(step, str(step), "wrong", "w") for step in range(1, 61)]
    (tmp_path / "events.jsonl").write_bytes(b"".join(ev.encode(event) for event in events))
    async with with_sections(folder=str(tmp_path)) as stage:
        await open_card(stage)
        assert lines(stage, GuessList)[1].split()[0] == "60"
        await stage.press("down", "pagedown")
        assert int(lines(stage, GuessList)[1].split()[0]) < 59
        await stage.press("end")
        steps = [line.split()[0] for line in lines(stage, GuessList)[1:9]]
        assert steps[-1] == "1"
        await stage.press("home")
        assert lines(stage, GuessList)[1].split()[0] == "60"


async def test_text_that_would_harm_a_terminal_is_shown_as_text(tmp_path: Path) -> None:
    hostile = "漢字\u0301[/b] [x \x1b[31m\u202e"

    def row(i: int) -> val.CardRow:
        return card(i, prompt=hostile, answer=hostile, section=hostile)

    async with with_sections(folder=str(tmp_path), size=(120, 40)) as stage:
        await stage.press("2")
        await answer(stage, 30, row)
        text = "\n".join(lines(stage, CardTable))
        assert "漢字\u0301[/b] [x" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        widget = view_of(stage).query_one(CardTable)
        widths = {widget.render_line(y).cell_length for y in range(1, 31)}
        assert widths == {120}
        await stage.press("enter")
        assert "\x1b" not in "\n".join(lines(stage, CardFacts))


async def test_of_a_hundred_thousand_cards_only_what_is_shown_is_drawn() -> None:
    total = 100_000
    async with on_stage(lesson(n_exams=2, n_taught=total, n_held_out=0), (120, 40)) as stage:
        await stage.press("2")
        await answer(stage, total)
        await stage.press("end")
        await answer(stage, total)
        await stage.press(*["pageup"] * 3)
        table = lines(stage, CardTable)
        assert len(table) == 32
        assert table[1].split()[0] == "99,880"
        assert table[31].split()[:2] == ["▸", "99,910"]
        assert "of 100,000" in lines(stage, "#cards-title")[0]
        assert max(a.n_rows for a in asked(stage)) <= 160


async def test_a_click_chooses_and_a_second_one_opens(tmp_path: Path) -> None:
    async with with_sections(folder=str(log_of(tmp_path))) as stage:
        await stage.press("2")
        await answer(stage, N_CARDS, sing)
        await stage.pilot.click(CardTable, offset=(10, 3))
        await stage.settle()
        assert lines(stage, CardTable)[3].split()[0] == "▸"
        await stage.pilot.click(CardTable, offset=(10, 1), times=2)
        await stage.settle()
        assert view_of(stage).query_one("#card-page").display


@pytest.mark.parametrize("width", range(30, 200, 7))
@pytest.mark.parametrize("n_cards", [5, 100_000])
def test_columns_fill_the_width_and_never_exceed_it(width: int, n_cards: int) -> None:
    drawn, gap = columns(width, n_cards, has_sections=True)
    used = 2 + sum(column.width for column in drawn) + len(gap) * (len(drawn) - 1)
    assert used <= max(width, 52)
    if width >= 60:
        assert width - 2 <= used
    names = [column.name for column in drawn]
    assert names[:5] == ["card", "prompt", "answer", "stamp", "marks"]


@pytest.mark.parametrize("width", range(50, 200, 7))
def test_guesses_fit_their_width(width: int) -> None:
    assert sum(n + 2 for _, n, _ in guess_columns(width)) <= max(width, 52)


def test_the_bar_is_at_the_top_at_first_and_at_the_bottom_at_last() -> None:
    def bar(top: int, shown: int = 20, total: int = 100_000) -> str:
        return "".join(sign for sign, _ in scroll_bar(top, shown, total, 20))

    assert bar(0) == "█" + "│" * 19
    assert bar(99_980) == "│" * 19 + "█"
    assert bar(0, 20, 40) == "█" * 10 + "│" * 10
    assert bar(0, 5, 5) == " " * 20


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
def test_a_guess_is_tagged_when_it_turned_something(
    step: int, mark: val.Mark, before: str, tag: str
) -> None:
    guess = PastGuess(
        step=step, how="taught", guess="x", mark=mark, probability=0.1, mark_before=before
    )
    assert tag_of(guess, 700) == tag
    asked_guess = PastGuess(step=step, how="asked", guess="x", mark=mark, probability=0.1)
    assert tag_of(asked_guess, 700) == ""


async def test_the_keys_that_are_named_are_the_remapped_ones(tmp_path: Path) -> None:
    keymap = tmp_path / "keys.toml"
    keymap.write_text('ask = "y"\n')
    async with on_stage(lesson(), keymap=keymap) as stage:
        await stage.press("2")
        assert " y ask " in lines(stage, KeysLine)[0]


@pytest.mark.parametrize(("name", "size"), [("cards-80x24", (80, 24)), ("cards-120x40", (120, 40))])
async def test_the_list_looks_as_it_should(name: str, size: tuple[int, int]) -> None:
    async with with_sections(size=size) as stage:
        await stage.press("2")
        await answer(stage)
        await stage.press("down", "down")
        await check_picture(stage.app, name)


async def test_a_card_looks_as_it_should(tmp_path: Path) -> None:
    async with with_sections(folder=str(log_of(tmp_path))) as stage:
        await open_card(stage)
        (question,) = [c for c in stage.sent if isinstance(c, cmd.AskPast)]
        await stage.say(
            ev.PastAnswered(step=1284, request=question.request, prompt="sing", answers=PAST)
        )
        await check_picture(stage.app, "card-80x24")
