"""View 3: the model beside its rivals and its twin, exceptions, pins."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from flashcards.app.memory.beside import TWIN, Twin
from flashcards.app.memory.memory_view import (
    NAME_WIDTH,
    Answerer,
    MemoryTitle,
    MemoryView,
    ScoreTable,
    overdone,
)
from flashcards.app.room import NO_LINE, LineRank, StatusLine
from flashcards.app.view import TALL
from flashcards.app.widgets.charts import Curve, ShareChart, SharesView
from flashcards.app.widgets.frame import VerdictView
from flashcards.app.widgets.pin_rows import PinRows, pins_of
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.runs import events as ev, values as val
from flashcards.runs.state import RunState
from flashcards.runs.verdict import percent
from flashcards.wording import facts, races
from flashcards.wording.numbers import count, percent_right
from tests import told
from tests.app.drawn import plain
from tests.app.lesson import correction, folded, lesson, started
from tests.app.script import on_stage
from tests.golden import check_words, words

RIVALS = (
    val.Rival("lookup", val.Score(2000, 2000), val.Score(0, 800)),
    val.Rival("ngram", val.Score(1800, 2000), val.Score(96, 800)),
    val.Rival("nearest", val.Score(2000, 2000), val.Score(248, 800)),
)


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("SmolLM2-135M-Instruct.Q4_1", "SmolLM2"),
        ("Qwen2.5-0.5B-bf16", "Qwen2.5"),
        ("tiny", "tiny"),
        ("", ""),
    ],
)
def test_a_brought_model_is_named_without_its_size(base: str, name: str) -> None:
    assert facts.model_name(base) == name


@pytest.mark.parametrize(
    ("n_cards", "unseen", "answer"),
    [
        (100, (700, 800), "once all 2,880 cards were taught: so far 100."),
        (0, (0, 800), "once all 2,880 cards were taught: so far none."),
        (90_000, (700, 800), "Yes."),
        (90_000, (240, 800), "No."),
        (90_000, (285, 800), "Not clearly."),
        (90_000, (7, 7), "Too few to tell."),
        (90_000, (0, 7), "No."),
    ],
)
async def test_whether_programs_that_copy_are_beaten_is_answered_once_all_were_taught(
    n_cards: int, unseen: tuple[int, int], answer: str
) -> None:
    exam = told.exam(1300, (2880, 2880), unseen, cards_taught=n_cards)
    graded = ev.RivalsGraded(step=1300, rivals=RIVALS)
    taught = told.steps(1300, cards_taught=n_cards)
    async with on_stage([started(), graded, taught, exam], (80, 24)) as stage:
        await stage.press("3")
        (row,) = [
            row
            for row in stage.rows()
            if "Programs that copy join in" in row or "Are they beaten" in row
        ]
        assert row.strip().endswith(answer)


class ScriptedTwin(Twin):
    state = RunState()


@asynccontextmanager
async def beside(
    happened: Sequence[ev.AnyEvent], size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[MemoryView, RunState]]:
    async with on_stage(verbs(), size) as stage:
        session = stage.app.session
        twin = session.run.followers[TWIN] = ScriptedTwin(session.run, session.teach)
        twin.state = folded([*happened])
        await stage.press("3")
        assert isinstance(stage.app.screen, MemoryView)
        yield stage.app.screen, twin.state


def verbs() -> list[ev.AnyEvent]:
    """A lesson with rivals, and exceptions that are over-regularised and then learned."""
    happened = lesson()
    happened[1] = started(exceptions=("irregular",), sections=("irregular", "regular"))
    with_sections: list[ev.AnyEvent] = []
    n_exams = 0
    for event in happened:
        if isinstance(event, ev.ExamTaken):
            n_exams += 1
            right = min(170, n_exams * 2)
            by_rule = max(0, min(n_exams * 6, 260 - 2 * n_exams) - 20)
            section = val.SectionScore(
                "irregular",
                val.Score(right, 179),
                val.Score(5, 46),
                rule_seen=min(by_rule, 179 - right),
                example=("goed", "went"),
            )
            event = msgspec.structs.replace(event, sections=(section,))
        with_sections.append(event)
    return [
        *with_sections,
        ev.RivalsGraded(step=1284, rivals=RIVALS),
        ev.CorrectionMeasured(
            step=1284, correction=correction("go", "went", "goed", is_by_rule=True)
        ),
    ]


def knows_nothing_new(event: ev.AnyEvent) -> ev.AnyEvent:
    """The event as a twin's: hardly a card right that it was not taught."""
    if isinstance(event, ev.ExamTaken):
        return msgspec.structs.replace(event, unseen=val.Score(8, 800))
    return event


def test_it_is_said_how_many_exceptions_wrongly_follow_the_rule() -> None:
    check_words("screen: exceptions", overdone(folded(verbs())))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_of_a_brought_model_two_lines_tell_it_and_a_tall_screen_has_all(
    size: tuple[int, int],
) -> None:
    kept = val.SentencesKept(before=100, now=90, total=100)
    known = val.Knowledge(seen=val.Score(26, 28), unseen=val.Score(3, 3), chosen=kept, others=kept)
    exams = [told.exam(step, (22, 22), (6, 17), known=known) for step in (0, 40)]
    start = told.started(n_taught=50, n_held_out=20, base="SmolLM2-135M")
    happened: list[ev.AnyEvent] = [start, exams[0], told.steps(40), exams[1]]
    is_tall = size[1] >= TALL
    async with on_stage(happened, size) as stage:
        await stage.press("3")
        text = "\n".join(stage.rows())
        assert words("screen: brought", model="SmolLM2") in text
        assert "everyday sentences" in text
        assert ("taught cards" in text, "knew it before" in text) == (not is_tall, is_tall)


def pinned() -> list[ev.AnyEvent]:
    said = (("xq", 3), ("splinged", 64), ("splang", 700), ("splung", 1284))
    return [
        ev.PromptPinned(step=3, prompt="spling"),
        *(
            ev.PinAnswered(step=step, prompt="spling", answer=answer, probability=0.61)
            for answer, step in said
        ),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_there_is_no_score_is_not_cut(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    for has_never_seen in (False, True):
        view = ((Answerer("x", None, None, is_model=True),), has_never_seen)
        assert "…" not in plain(ScoreTable().draw(view, 76, 3))[1]


def test_without_never_seen_cards_the_table_says_that_there_is_nothing_never_seen() -> None:
    view = ((Answerer("the model", val.Score(9, 9), val.Score(0, 0), is_model=True),), False)
    assert "0 kept back" in plain(ScoreTable().draw(view, 120, 3))[1]


def test_of_crossing_lines_the_first_one_is_seen_and_gaps_stay_gaps() -> None:
    line = tuple((step, 0.5) for step in range(100))
    gap = tuple((step, float("nan")) for step in range(100))
    view = SharesView(
        "answers",
        (Curve("two", line, ".taught"), Curve("one", line, ".muted"), Curve("none", gap, ".wrong")),
    )
    rows = ShareChart().draw(view, 40, 10)
    styles = {style for row in rows[2:-1] for text, style in row if text.strip("⠀ ")}
    assert ".taught" in styles
    assert ".wrong" not in styles
    assert plain(rows)[1] == "━ two 50 %  ━ one 50 %"


def test_a_pins_answers_are_told_where_they_changed_and_the_newest_always() -> None:
    state = folded(pinned())
    (pin,) = pins_of(state, 3)
    assert [turn.answer for turn in pin.turns] == ["xq", "splinged", "splang", "splung"]
    (row,) = plain(PinRows().draw((pin,), 100, 1))
    assert row.startswith("pinned spling  3 xq ▸ 64 splinged ▸ 700 splang ▸ 1,284 splung 61 %")
    (row,) = plain(PinRows().draw((pin,), 50, 1))
    assert "… ▸" in row
    assert row.endswith("1,284 splung 61 %")
    assert len(row) <= 50


async def test_the_view_at_120_columns_with_a_twin() -> None:
    happened = [knows_nothing_new(event) for event in lesson(n_exams=40)]
    moral = words("screen: twin tells")
    bet = StatusLine(LineRank.COURSE, "◎ You said 40 %; at step 9 it was 61 %.", about="bet")
    async with beside(happened, (120, 40)) as (view, twin):
        assert not view.is_due
        twin.fold(ev.RunPaused(step=1284))
        assert view.is_due
        state = view.session.state
        of_course = msgspec.structs.replace(bet, enter="Enter goes on.")
        drawn = view.draw(state, VerdictView(bet.text), of_course)
        assert (moral in drawn.text, drawn.tail) == (True, "Enter goes on.")
        assert view.draw(state, VerdictView(bet.text), bet).text.startswith(bet.text)


async def test_of_a_twin_that_was_not_asked_its_cards_yet_nothing_is_said_by_heart() -> None:
    def unasked(event: ev.AnyEvent) -> ev.AnyEvent:
        if isinstance(event, ev.ExamTaken):
            return msgspec.structs.replace(event, seen=val.Score(0, 0))
        return event

    async with beside([unasked(event) for event in lesson(n_exams=40)]) as (view, _):
        drawn = view.draw(view.session.state, VerdictView("so far"), NO_LINE)
        assert drawn.text.startswith("so far")


async def test_a_twin_whose_exam_asked_it_nothing_says_what_it_does() -> None:
    """Before its first card, where nothing is kept back, an exam has nothing to ask."""
    alone = told.started(n_taught=160, n_held_out=0)
    async with beside([alone, told.exam(0, (0, 0), (0, 0), cards_taught=0)]) as (view, twin):
        state = folded([alone, told.steps(314), told.exam(314, (160, 160), (0, 0))])
        twin.stage = "the first exam"
        for n_cards in (0, state.cards_taught):
            twin.cards_taught = n_cards
            assert view.draw(state, VerdictView("so far"), NO_LINE).text == "so far"
            table = view.query_one(ScoreTable)
            row = plain(table.draw(table.showing, 76, 9))[2]  # type: ignore[arg-type]
            assert row.split() == ["mixed-up", "twin", "the", "first", "exam"]


@pytest.mark.parametrize("n_taught", [0.09, 0.5, 0.95])
async def test_a_twin_is_compared_once_it_was_taught_as_many_cards(n_taught: float) -> None:
    """Before, its numbers say how far it is, and the model's of then stand beside them."""
    happened = [knows_nothing_new(event) for event in lesson(n_exams=40)]
    async with beside(happened) as (view, twin):
        state = view.session.state
        step = round(n_taught * 1284)
        twin.cards_taught = round(n_taught * state.cards_taught)
        (then,) = [
            share
            for at, share in state.exams.unseen_rates.points
            if at == max(at for at, _ in state.exams.unseen_rates.points if at <= step)
        ]
        drawn = view.draw(state, VerdictView("so far"), NO_LINE).text
        table = view.query_one(ScoreTable)
        row = plain(table.draw(table.showing, 76, 9))[2]  # type: ignore[arg-type]
        assert row[NAME_WIDTH - 1] == " ", "a name does not touch what stands beside it"
        is_due = n_taught > races.CAUGHT_UP
        assert twin.exams.last is not None
        assert row.startswith("mixed-up twin")
        so_far = words(
            "screen: twin behind",
            step=count(twin.exams.last.step),
            of=count(state.step - state.life.since_step),
            seen=percent_right(twin.exams.last.seen),
            unseen=percent_right(twin.exams.last.unseen),
        )
        assert (so_far in row) != is_due
        assert (words("screen: twin tells") in drawn) == is_due
        state.liveness = "finished"
        assert view.header(state, is_stalled=False).badge == (
            "finished" if is_due else "twin_behind"
        )
        asked_at = count(twin.exams.last.step)
        come = words("screen: twin comes", step=asked_at, knows="1 %", then=percent(then))
        assert (come in drawn) != is_due
        answered = words("screen: twin answers" if is_due else "screen: understood so far")
        title = view.query_one(MemoryTitle)
        (asked,) = plain(title.draw(title.showing, 76, 1))  # type: ignore[arg-type]
        assert asked.startswith(answered), "what the view asks is answered meanwhile"


def test_a_rival_that_was_asked_other_cards_has_no_count_beside_the_models() -> None:
    model = Answerer("model", val.Score(0, 22), val.Score(0, 48), is_model=True)
    rival = Answerer("rival", val.Score(152, 152), val.Score(6, 48))
    _, _, row = plain(ScoreTable().draw(((model, rival), True), 116, 3))
    assert "152" not in row
    assert "100 %" in row
    assert "6 of 48" in row


COMMON = val.CommonAnswer("don't know", val.Score(200, 2000), val.Score(400, 800))


async def test_what_a_common_answer_would_score_stands_below_the_rivals_that_copy_it() -> None:
    half = val.Rival("nearest", val.Score(2000, 2000), val.Score(404, 800))
    happened: list[ev.AnyEvent] = [
        started(2000, 800, common=COMMON),
        told.exam(9, (900, 2000), (395, 800), cards_taught=2000),
        told.steps(9, cards_taught=2000),
        ev.RivalsGraded(step=9, rivals=(*RIVALS[:2], half)),
    ]
    async with on_stage(happened) as stage:
        await stage.press("3")
        rows = stage.rows()
        (copied,) = (row for row in rows if facts.RIVALS["nearest"] in row)
        (always, *_) = (row for row in rows if facts.always_says(COMMON) in row)
        assert rows.index(always) == rows.index(copied) + 1
        assert ("51 %" in copied, "50 %" in always, "10 %" in always) == (True, True, True)


async def test_beside_a_twin_stands_what_a_common_answer_would_score() -> None:
    async with beside([knows_nothing_new(event) for event in lesson(n_exams=40)]) as (view, _):
        state = view.session.state
        assert state.start is not None
        state.start = msgspec.structs.replace(state.start, common=COMMON)
        view.paint(state)
        table = view.query_one(ScoreTable)
        last_row = plain(table.draw(table.showing, 76, 9))[-1]  # type: ignore[arg-type]
        assert last_row.startswith(f"who {facts.always_says(COMMON)}")


async def test_what_a_twin_has_by_a_common_answer_is_not_called_knowledge() -> None:
    async with beside([knows_nothing_new(event) for event in lesson(n_exams=40)]) as (view, twin):
        state = view.session.state
        exam = twin.exams.last
        assert state.start is not None
        assert exam is not None
        common = msgspec.structs.replace(COMMON, unseen=exam.unseen)
        twin.cards_taught = state.cards_taught // 2
        then = races.share_after(state, state.exams.unseen_rates, twin.cards_taught)
        assert then is not None
        for has_common in (False, True):
            state.start = msgspec.structs.replace(
                state.start, common=common if has_common else None
            )
            drawn = view.draw(state, VerdictView("so far"), NO_LINE).text
            step = count(exam.step)
            knows = words("screen: twin comes", step=step, knows="1 %", then=percent(then))
            assert (knows in drawn) is not has_common
            luck = words("screen: twin lucky", said=common.answer, share="1 %")
            assert (luck in drawn) is has_common


async def test_a_twin_that_is_behind_is_not_fair_to_compare_where_nothing_is_kept_back() -> None:
    def of_taught_alone(event: ev.AnyEvent) -> ev.AnyEvent:
        if isinstance(event, ev.ExamTaken):
            return msgspec.structs.replace(event, unseen=val.Score(0, 0))
        return event

    async with beside([of_taught_alone(event) for event in lesson(n_exams=9)]) as (view, twin):
        state = folded([of_taught_alone(event) for event in verbs()])
        unfair = words("screen: twin unfair")
        for n_taught, is_unfair in ((state.cards_taught // 2, True), (state.cards_taught, False)):
            twin.cards_taught = n_taught
            drawn = view.draw(state, VerdictView("so far"), NO_LINE).text
            assert (unfair in drawn) == is_unfair


@pytest.mark.parametrize(("n_right", "key"), [(90, "alike"), (10, "a rule")])
async def test_where_nothing_is_kept_back_a_twin_that_knows_less_tells_of_a_rule(
    n_right: int, key: str
) -> None:
    def exam(n: int) -> ev.AnyEvent:
        return told.exam(100, (n, 100), (0, 0), cards_taught=3200)

    taught = told.steps(100, cards_taught=3200)
    async with beside([told.started(n_taught=100, n_held_out=0), taught, exam(n_right)]) as (
        view,
        twin,
    ):
        state = folded([told.started(n_taught=100, n_held_out=0), taught, exam(95)])
        twin.cards_taught = state.cards_taught
        text = view.draw(state, VerdictView("so far"), NO_LINE).text
        check_words(f"twin and none kept back: {key}", text)


async def test_an_offer_waits_where_the_verdict_is_asked() -> None:
    offer = StatusLine(LineRank.OFFER, "Press p to bet.", "bet")
    async with on_stage(lesson()) as stage:
        await stage.press("3")
        view, state = stage.app.screen, stage.app.session.state
        assert isinstance(view, MemoryView)
        assert view.sentence(state, False, offer) == view.sentence(state, False, NO_LINE)
        first = StatusLine(LineRank.DECK, "The deck has a mistake.")
        assert view.sentence(state, False, first).text == first.text


@pytest.mark.parametrize(("n_leaks", "is_named"), [(40, True), (39, False)])
async def test_leaks_are_named_beside_the_scores_where_they_spoil_them(
    n_leaks: int, is_named: bool
) -> None:
    leak = val.DeckNote("leak_swapped", ("1+2", "2+1"), 3)
    async with on_stage([started(leaks=(leak,), n_leaks=n_leaks)]) as stage:
        await stage.press("3")
        n_held_out = started().n_held_out
        assert n_held_out == 800
        leaks = words("screen: leaks", n=n_leaks, total=n_held_out, view=7)
        assert (leaks in " ".join(" ".join(stage.rows()).split())) == is_named
