"""View 2 and its list of cards, with a scripted trainer that answers from a list of its own."""

import re

import pytest
from textual.widgets import Input

from flashcards.app.cards.card_table import (
    MAX_ASKED,
    CardList,
    CardTable,
    TableView,
    _prompt,
    as_many_as_fit,
    columns,
    course_of,
    found_in,
    legend,
    n_marks_drawn,
    says_courses,
    scroll_bar,
)
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.widgets.frame import KeysLine
from flashcards.app.widgets.table import line
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.runs import events as ev, values as val
from flashcards.runs.commands import ListCards
from flashcards.runs.state import Liveness, RunState
from tests import told
from tests.app.card_rows import Clock, answer, asked, card, reply, the_list, view_of
from tests.app.drawn import plain
from tests.app.lesson import correction, lesson
from tests.app.script import on_stage
from tests.golden import check_words, words


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


async def test_the_list_opens_with_its_first_page_and_closes_to_this_or_another_lesson() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("2")
        assert [(a.request, a.sort, a.filter, a.offset) for a in asked(stage)] == [
            (1, "deck", "", 0)
        ]
        assert words("screen: cards coming") in stage.lines(CardTable)[2]
        await answer(stage)
        table = stage.lines(CardTable)
        heads = f"taught last 10 {words('screen: how it went')}"
        assert " ".join(table[0].split()).endswith(heads)
        assert table[1].split()[:3] == ["▸", "1", "sing"]
        assert table[16].split()[:2] == ["16", "open"]
        assert "1–16 of 3,680" in stage.lines("#cards-title")[0]
        for key in ("1", "escape"):
            await stage.press(key)
            assert isinstance(stage.app.screen, PlayScreen)
            await stage.press("2")
        stage.app.session.open_deck("capitals")
        await stage.settle()
        assert isinstance(stage.app.screen, PlayScreen)
        await stage.press("2")
        assert len(asked(stage)) == 1


async def test_the_key_of_the_view_in_front_and_a_trainer_that_fails_leave_the_list() -> None:
    async with the_list() as stage:
        await stage.press("down", "2")
        assert stage.lines(CardTable)[2].split()[:2] == ["▸", "2"]
        assert len(asked(stage)) == 1
        await stage.press("up")
        await stage.say(ev.TrainerFailed(step=1284, text="The disk is full."))
        assert "The disk is full." in stage.lines("#cards-note")[0]
        assert stage.lines(CardTable)[1].split()[:2] == ["▸", "1"]


async def test_a_card_that_is_wrong_now_is_seen_by_its_prompt() -> None:
    def some(i: int) -> val.CardRow:
        return card(i, times_seen=3, history="wrr" if i else "rrw")

    async with the_list(2, some) as stage:
        table = stage.app.screen.query_one(CardTable)
        wrong, right = table.draw(table.showing, 100, 9)[1:3]  # type: ignore[arg-type]
        styles = {text.strip(): style for text, style in (*wrong, *right)}
        assert styles["sing"].endswith(".wrong")
        assert styles["walk"] == ".strong"


async def test_a_row_says_number_stamp_marks_and_what_became_of_the_card() -> None:
    names = ("times_seen", "history", "first_right_step", "n_forgotten", "n_relearned")
    cards = ((1031, "wwrwr", 40, 1, 1), (0, "", None, 0, 0), (0, "rn", 42, 3, 2))

    def some(i: int) -> val.CardRow:
        return card(i, is_never_seen=i == 2, **dict(zip(names, cards[i], strict=True)))

    async with the_list(3, some) as stage:
        rows = [" ".join(line.split()) for line in stage.lines(CardTable)[1:4]]
        assert rows == [
            "▸ 1 sing sang TAUGHT 1,031× ✗✗✓✗✓ lost 1×, right again",
            "2 walk walked NOT YET TAUGHT",
            "3 go went NEVER TAUGHT ✓✗ lost 3×, wrong now",
        ]


async def test_the_last_line_names_no_key_twice() -> None:
    ended = told.ended("memorised", (9, 9), (0, 9))
    async with on_stage([*lesson(), ended]) as stage:
        await stage.press("2")
        await answer(stage)
        named = [key for key, _ in stage.app.screen.query_one(KeysLine).showing or ()]
        assert "s" in named
        assert len(named) == len(set(named))


@pytest.mark.parametrize("width", [80, 120])
async def test_every_sign_and_column_of_the_list_is_explained(width: int) -> None:
    async with the_list(size=(width, 40)) as stage:
        heads, note = stage.lines(CardTable)[0], " ".join(stage.text("#cards-note").split())
        assert words("screen: signs") in note
        assert words("screen: lost") in note
        assert "…" not in note
        newest = r"last answers" if width > 80 else r"last \d+"
        assert re.search(f" {newest} ", heads)
        assert words("screen: how it went") in heads


async def test_keys_move_the_cursor_and_what_comes_next_is_asked_for_in_time() -> None:
    async with the_list() as stage:
        await stage.press(*["down"] * 18, "up")
        assert stage.lines(CardTable)[15].split()[:2] == ["▸", "18"]
        await stage.press(*["pagedown"] * 4)
        assert stage.lines(CardTable)[15].split()[:2] == ["▸", "78"]
        assert [a.offset for a in asked(stage)] == [0, 31]
        await answer(stage)
        await stage.press("end")
        assert stage.lines(CardTable)[16].split() == ["▸", "·", "█"]
        await answer(stage)
        assert stage.lines(CardTable)[16].split()[:3] == ["▸", "3,680", "visit3679"]
        await stage.press("home")
        await answer(stage)
        assert stage.lines(CardTable)[1].split()[:2] == ["▸", "1"]


async def test_the_orders_come_one_after_another_and_each_says_what_it_means() -> None:
    async with the_list() as stage:
        said = []
        for _ in range(4):
            await stage.press("s")
            await answer(stage)
            said.append((asked(stage)[-1].sort, stage.lines("#cards-title")[0].split("   ")[1]))
        assert said == [
            ("hardest", words("screen: hardest first")),
            ("forgotten", words("screen: forgotten first")),
            ("section", "by section"),
            ("deck", words("screen: deck order")),
        ]


async def test_a_filter_is_asked_for_as_it_is_typed_and_ended_by_escape() -> None:
    async with the_list() as stage:
        await stage.press("slash", "s")
        await answer(stage, 40)
        await stage.press("1", "2")
        await answer(stage, 4)
        await answer(stage, 4)
        assert [a.filter for a in asked(stage)] == ["", "s", "s1", "s12"]
        assert "of 4" in stage.lines("#cards-title")[0]
        await stage.press("down", "enter")
        assert view_of(stage).focused is None
        assert words("screen: only cards", text="“s12”") in stage.lines("#cards-title")[0]
        assert stage.lines(CardTable)[2].split()[:2] == ["▸", "2"]
        await stage.press("escape")
        await answer(stage)
        assert asked(stage)[-1].filter == ""
        assert "of 3,680" in stage.lines("#cards-title")[0]
        assert not view_of(stage).query_one(Input).display
        await stage.press("slash", "z")
        await answer(stage, 0)
        assert "No card matches." in stage.lines(CardTable)[2]
        await stage.press("down", "pagedown", "enter", "enter")
        assert view_of(stage).query_one("#card-list").display


async def test_an_open_list_is_asked_for_again_each_second_while_the_lesson_goes_on() -> None:
    clock = Clock()
    async with the_list(clock=clock) as stage:
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


@pytest.mark.parametrize("n_cards", [5, 100_000])
def test_columns_fill_the_width_and_never_exceed_it(n_cards: int) -> None:
    for width in range(30, 200, 7):
        drawn, gap = columns(width, n_cards, has_sections=True)
        used = 2 + sum(column.width for column in drawn) + len(gap) * (len(drawn) - 1)
        assert used <= max(width, 52), width
        if width >= 60:
            assert width - 2 <= used
        heads = [column.head for column in drawn if column.head not in ("card", "section")]
        assert heads[:3] == ["prompt", "right is", "taught"], width


def test_the_bar_is_at_the_top_at_first_and_at_the_bottom_at_last() -> None:
    def bar(top: int, shown: int = 20, total: int = 100_000) -> str:
        return "".join(sign for sign, _ in scroll_bar(top, shown, total, 20))

    assert bar(0) == "█" + "│" * 19
    assert bar(99_980) == "│" * 19 + "█"
    assert bar(0, 20, 40) == "█" * 10 + "│" * 10
    assert bar(0, 5, 5) == " " * 20


def at_step(step: int, liveness: Liveness = "learning") -> RunState:
    state = RunState()
    state.step, state.liveness = step, liveness
    return state


def listed(total: int = 100_000, n_visible: int = 20) -> CardList:
    cards = CardList()
    cards.show(n_visible)
    asked = cards.wanted(0.0, at_step(1))
    assert asked is not None
    cards.take(asked, reply(asked, total, step=1))
    return cards


def ask(cards: CardList, now_s: float = 0.0, step: int = 1) -> ListCards:
    asked = cards.wanted(now_s, at_step(step))
    assert asked is not None
    return asked


def shown(cards: CardList) -> list[int | None]:
    return [None if r is None else r.card_index for r in cards.rows_in_sight]


def test_a_reply_fills_the_page_and_a_foreign_one_does_not() -> None:
    cards = CardList()
    cards.show(3)
    asked = ask(cards)
    foreign = ListCards(n_rows=15)
    cards.take(foreign, reply(foreign, 90, step=1))
    assert cards.total is None
    cards.take(asked, reply(asked, 90, step=1))
    assert shown(cards) == [0, 1, 2]
    assert cards.rows_in_sight[0] == card(0)


def test_leafing_within_what_is_known_shows_it_at_once_and_asks_ahead() -> None:
    cards = listed()
    cards.page(1)
    assert (cards.top, cards.cursor, shown(cards)) == (19, 19, list(range(19, 39)))
    assert cards.wanted(0.0, at_step(1)) is None
    for _ in range(2):
        cards.page(1)
    assert shown(cards) == list(range(57, 77))
    assert cards.wanted(0.0, at_step(1)) is None
    cards.page(1)
    assert shown(cards) == list(range(76, 96))
    assert ask(cards) == ListCards(offset=36, n_rows=100)


def test_the_cursor_stays_in_the_list_and_in_sight() -> None:
    cards = listed(total=30)
    cards.move(-1)
    assert (cards.cursor, cards.top) == (0, 0)
    cards.move(20)
    assert (cards.cursor, cards.top) == (20, 1)
    cards.page(5)
    assert (cards.cursor, cards.top) == (29, 10)
    cards.move(-19)
    assert (cards.cursor, cards.top) == (10, 10)
    cards.show(5)
    cards.move_to(29)
    cards.show(20)
    assert (cards.cursor, cards.top) == (29, 10)


def test_an_order_of_before_the_last_update_is_asked_for_once_more() -> None:
    cards = listed()
    asked = ask(cards, now_s=1.0, step=2)
    cards.take(asked, reply(asked, 100_000, step=2, sorted_step=1))
    assert cards.is_due(2.0, at_step(2))
    asked = ask(cards, now_s=2.0, step=2)
    cards.take(asked, reply(asked, 100_000, step=2))
    assert not cards.is_due(99.0, at_step(2))


def test_a_lesson_that_ends_within_a_second_is_listed_as_it_ended() -> None:
    cards = listed()
    asked = ask(cards, now_s=1.0, step=266)
    cards.take(asked, reply(asked, 100_000, step=266))
    assert not cards.is_due(1.2, at_step(287))
    for liveness in ("finished", "paused", "diverged"):
        assert cards.is_due(1.2, at_step(287, liveness))


def test_a_lesson_that_has_stopped_is_asked_at_once_only_once() -> None:
    cards = listed()
    asked = cards.wanted(1.0, at_step(287, "finished"))
    assert asked is not None
    cards.take(asked, reply(asked, 100_000, step=287, sorted_step=266))
    assert not cards.is_due(1.2, at_step(287, "finished"))
    assert cards.is_due(2.0, at_step(287, "finished"))


def test_a_list_that_became_shorter_keeps_the_cursor_in_it() -> None:
    cards = listed(total=100, n_visible=10)
    cards.move_to(99)
    asked = ask(cards)
    cards.take(asked, reply(asked, 100, step=1))
    asked = ask(cards, now_s=5.0, step=9)
    cards.take(asked, reply(asked, 40, step=9))
    assert (cards.cursor, cards.top) == (39, 30)
    assert shown(cards) == list(range(30, 40))


def test_a_tall_screen_asks_for_no_more_than_a_trainer_gives() -> None:
    cards = CardList()
    cards.show(400)
    assert ask(cards).n_rows == MAX_ASKED


@pytest.mark.parametrize("section", ["irregular", "regular"])
def test_what_the_hardest_cards_have_in_common_is_said(section: str) -> None:
    cards = CardList()
    cards.sort, cards.n_visible = "hardest", 2
    rows = (card(1, history="www", section="irregular"), card(2, history="www", section=section))
    cards.take(ask(cards), reply(ListCards(n_rows=2), 2, lambda i: rows[i]))
    said = words("screen: hardest alike", n=2, section="irregular")
    assert found_in(cards) == (said if section == "irregular" else "")


def test_a_card_that_is_only_asked_and_was_not_asked_yet_says_so() -> None:
    waiting = card(8, is_never_seen=True, times_seen=0, history="", first_right_step=None)
    (_, row) = plain(CardTable().draw(TableView((waiting,), total=1, n_cards=9), 80, 2))
    assert "not asked yet" in row


def test_on_a_wide_screen_all_answers_that_are_counted_are_shown() -> None:
    often_wrong = card(3, history="wr" * 15 + "w", n_forgotten=3)
    view = TableView((often_wrong,), total=1, n_cards=200, counts_wrong=True)
    (_, row) = plain(CardTable().draw(view, 120, 2))
    assert row.count("✗") == 16 + course_of(often_wrong).count("✗")
    assert "16 of 31" in row


def test_who_looks_for_cards_that_are_kept_back_is_told_how_many_there_are() -> None:
    said = words("screen: kept back in all", n=1, of=7)
    assert said in legend([card(2)], n_kept_back=7)
    assert said not in legend([card(3)])
    assert words("screen: none kept back") in legend([card(3)])


def test_the_card_that_is_hardest_is_named_where_one_is() -> None:
    easy, hard = card(3, history="wrrr"), card(3, prompt="zig", history="wwrw")
    said = words("screen: hardest", prompt="zig", n=3, of=4)
    assert said in legend([easy, None, hard])
    others = {
        "two are as hard": [easy, hard, card(3, history="rwww")],
        "one that was asked once may be harder": [easy, hard, card(3, history="w")],
        "a kept-back card is asked otherwise": [easy, card(2, prompt="zig", history="wwrw")],
        "there is no other": [hard],
    }
    for why, rows in others.items():
        assert said not in legend(rows), why
    few = [easy, card(3, prompt="zig", history="ww")]
    assert words("screen: hardest", prompt="zig", n=2, of=2) not in legend(few), "too few answers"


def test_the_hardest_card_is_that_of_the_answers_that_are_shown() -> None:
    got_better = card(3, prompt="zag", history="wwwww" + "r" * 26)
    got_worse = card(3, prompt="zig", history="r" * 29 + "wr")
    rows = [got_better, got_worse]
    assert words("screen: hardest", prompt="zig", n=1, of=10) in legend(rows, n_marks=10)
    assert words("screen: hardest", prompt="zag", n=5, of=31) in legend(rows, n_marks=31)
    counted = legend(rows, n_marks=10, counts_wrong=True)
    assert words("screen: hardest", prompt="zag", n=5, of=31) in counted
    for width in (80, 120, 200):
        drawn, gap = columns(width, 900, False, rows=rows)
        marks = "".join(text for text, _ in line(drawn, card(3, history="w" * 31), gap))
        assert f" {'✗' * n_marks_drawn(drawn)} " in marks


def test_a_page_without_a_card_kept_back_says_that_some_are() -> None:
    taught, kept_back = card(3), card(2)
    elsewhere = words("screen: kept back elsewhere", n=7)
    assert elsewhere in legend([taught], n_kept_back=7)
    assert elsewhere not in legend([taught, kept_back], n_kept_back=7)


def test_in_a_list_of_several_decks_the_kept_back_cards_are_said_to_be_of_this_one() -> None:
    said = words("screen: kept back of this deck", n=7)
    assert said in legend([card(2), card(3)], n_kept_back=7, is_of_several=True)
    assert said not in legend([card(2), card(3)], n_kept_back=7)
    none = words("screen: none kept back")
    assert none in legend([card(3)], n_kept_back=0, is_of_several=True)


def test_a_coloured_name_is_explained_where_no_words_do_it() -> None:
    said = words("screen: coloured name")
    wrong, right = card(3, history="rw"), card(3, history="wr")
    assert said in legend([wrong, right], says_courses=False)
    assert said not in legend([wrong, right])
    assert said not in legend([right], says_courses=False)
    picture = card(3, prompt="🐝", history="rw")  # is drawn in its own colours
    assert said not in legend([picture, right], says_courses=False)


COURSES: dict[str, dict[str, object]] = {
    "never": {"history": "ww", "first_right_step": None, "n_forgotten": 0},
    "lost": {"history": "wrw", "first_right_step": 12, "n_forgotten": 1},
    "back": {"history": "wrwr", "first_right_step": 12, "n_forgotten": 1},
    "once": {"history": "r", "first_right_step": 12, "n_forgotten": 0},
    "each time": {"history": "rrr", "first_right_step": 12, "n_forgotten": 0},
    "ever since": {"history": "wrr", "first_right_step": 12, "n_forgotten": 0},
}


@pytest.mark.parametrize("key", COURSES)
def test_how_a_card_went_is_said_in_a_few_words(key: str) -> None:
    check_words(f"course of a card: {key}", course_of(card(3, **COURSES[key])))


@pytest.mark.parametrize(("history", "is_said"), [("rrr", True), ("wrr", False), ("", False)])
async def test_where_no_card_was_wrong_the_order_says_so(history: str, is_said: bool) -> None:
    def all_alike(i: int) -> val.CardRow:
        return card(i, history=history, n_forgotten=0, is_never_seen=False)

    async with the_list(30, all_alike) as stage:
        await stage.press("s")
        await answer(stage, 30, all_alike)
        said = words("screen: none was wrong") in stage.lines("#cards-title")[0]
        assert said == is_said


@pytest.mark.parametrize("n_held_out", [0, 10])
async def test_where_all_cards_are_taught_they_do_not_come_first(n_held_out: int) -> None:
    async with on_stage(lesson(n_taught=30, n_held_out=n_held_out)) as stage:
        await stage.press("2", "s")
        (title,) = stage.lines("#cards-title")
        assert words("screen: most often wrong") in title
        assert ("taught cards first" in title) == (n_held_out > 0)


def test_of_a_card_that_was_not_asked_nothing_is_said() -> None:
    waiting = card(8, history="", first_right_step=None, times_seen=0, is_never_seen=False)
    assert course_of(waiting) == ""
    assert course_of(card(3, history="rr", first_right_step=3, is_known_before=True)) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_row_says_how_its_card_went_where_there_is_room(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cut; prompts and answers keep their room; the legend knows of the column."""
    monkeypatch.setenv(VARIABLE, language)
    lost = card(3, prompt="zig", history="wrw", first_right_step=12, n_forgotten=2)
    late = card(3, history="w" + "r" * 30, first_right_step=123_456, n_forgotten=0)
    n_with_words = 0
    for width in (60, 78, 80, 100, 101, 120, 160):
        for counts_wrong in (False, True):
            rows = (lost, late)
            drawn, _ = columns(
                width - 1, 9, has_sections=True, counts_wrong=counts_wrong, rows=rows
            )
            view = TableView(rows, total=2, n_cards=9, has_sections=True, counts_wrong=counts_wrong)
            text = "\n".join(plain(CardTable().draw(view, width, 3)))
            has_words = says_courses(drawn)
            n_with_words += has_words
            assert (course_of(lost) in text, course_of(late) in text) == (has_words, has_words)
            if has_words:
                assert sum(column.width for column in drawn if column.cell is _prompt) >= 9
    assert n_with_words >= 6


def test_a_card_that_was_right_as_often_as_is_kept_may_have_been_wrong_before() -> None:
    kept = card(3, history="r" * 31, first_right_step=12, n_forgotten=0)
    assert course_of(kept) == course_of(card(3, history="wr", first_right_step=12, n_forgotten=0))


def test_sentences_that_do_not_fit_are_left_out_whole() -> None:
    parts = ["One two.", "Three four five.", "Six."]
    assert as_many_as_fit(parts, 40, 1) == "One two. Three four five. Six."
    assert as_many_as_fit(parts, 26, 1) == "One two. Three four five."
    assert as_many_as_fit(parts, 9, 1) == "One two."
    assert as_many_as_fit(parts, 4, 1) == "One two.", "the first one is cut, not left out"


def test_it_is_said_that_more_answers_are_counted_than_drawn() -> None:
    said = words("screen: wrong counts", n=31)
    many, few = card(3, history="r" * 31), card(3, history="rw")
    assert said in legend([many, few], counts_wrong=True)
    assert said not in legend([many])
    assert said not in legend([few], counts_wrong=True)
    assert words("screen: wrong so far") in legend([few], counts_wrong=True)


def test_a_card_that_is_never_wrong_has_no_alarming_number() -> None:
    for history, style in (("r" * 31, ".muted"), ("rw", ".wrong")):
        view = TableView((card(3, history=history),), total=1, n_cards=9, counts_wrong=True)
        (_, row) = CardTable().draw(view, 80, 2)
        assert next(part[1] for part in row if " of " in part[0]).endswith(style)
