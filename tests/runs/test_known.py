"""What was right before the first card counts apart: no other score has it, and no verdict."""

import re

import pytest

from flashcards.app.lesson.card_wall import CardWall, WallView, kinds_of
from flashcards.app.widgets.bars import ScoreBars, scores_of
from flashcards.plain.narrator import Narrator
from flashcards.runs import events as ev, values as val
from flashcards.runs.marks import RIGHT, WRONG, pack
from flashcards.runs.state import RunState
from flashcards.runs.verdict import verdict
from flashcards.wording import facts
from tests import told
from tests.app.drawn import plain
from tests.golden import check_words, words

SENTENCES = {"chosen": val.SentencesKept(100, 50, 100), "others": val.SentencesKept(41, 40, 100)}
KNOWN = val.Knowledge(seen=val.Score(26, 28), unseen=val.Score(3, 3), **SENTENCES)


def scripted(known: val.Knowledge | None = KNOWN) -> RunState:
    state = RunState()
    before = bytes([RIGHT] * 28 + [WRONG] * 22 + [RIGHT] * 3 + [WRONG] * 17)
    held_out = pack(bytes(50) + bytes([1] * 20))
    packed = "" if known is None else pack(before)
    start = told.started(n_taught=50, n_held_out=20, held_out=held_out, known=packed)
    for event in (start, told.steps(40), told.exam(40, (22, 22), (17, 17), known=known)):
        state.fold(event)
    return state


def test_no_score_calls_what_was_known_before_understood() -> None:
    said = scripted().latest_verdict
    assert said is not None
    assert (said.kind, said.known, said.unseen) == ("knew", KNOWN, val.Score(17, 17))
    check_words("verdict of a brought model: knew", facts.verdict(said))
    alone = verdict(val.Score(50, 50), val.Score(20, 20))
    assert alone.kind == "understood"  # the same scores, of a model that knew nothing


def test_what_this_program_may_have_taught_is_not_what_it_had_read() -> None:
    state = scripted()
    start = told.started(n_taught=50, n_held_out=20)
    state.fold(ev.ChapterBegan(step=40, start=start, file="d", earlier=("Capitals",)))
    state.fold(told.exam(41, (22, 22), (17, 17), known=KNOWN))
    text = facts.knew_before(KNOWN.cards, is_later=True)
    assert KNOWN.cards == val.Score(29, 31)
    assert state.latest_verdict is not None
    assert facts.verdict(state.latest_verdict).startswith(text)
    lines = Narrator()
    lines.state = state
    told_lines = lines.tell(told.exam(42, (22, 22), (17, 17), known=KNOWN), 9.0)
    assert any(line.startswith(text) for line in told_lines)
    assert not any(facts.knew_before(KNOWN.cards) in line for line in told_lines)


def test_the_end_is_judged_in_the_same_way() -> None:
    state = scripted()
    state.fold(told.ended("knew", (22, 22), (17, 17)))
    assert state.end_verdict is not None
    assert state.end_verdict == state.latest_verdict
    assert facts.verdict(state.end_verdict) == words("verdict of a brought model: knew")


def test_the_wall_and_the_bars_have_a_fourth_kind() -> None:
    state = scripted()
    assert [kinds_of(state.marks).count(kind) for kind in range(3)] == [22, 17, 31]
    state.marks.latest = bytes([RIGHT] * 70)
    drawn = plain(CardWall().draw(WallView(state.marks.latest, kinds_of(state.marks)), 30, 12))
    signs = "".join(drawn[1:-1])
    assert [signs.count(sign) for sign in "■●◆"] == [22, 31, 17]
    assert drawn[-1].endswith("● knew before")
    bars = plain(ScoreBars().draw(scores_of(state), 100, 3))
    assert [(row.strip()[0], re.findall(r"\d+", row)) for row in bars] == [
        ("■", ["100", "22", "22"]),
        ("◆", ["100", "17", "17"]),
        ("●", ["94", "29", "31"]),
    ]


@pytest.mark.parametrize("width", [76, 116])
def test_a_model_that_knew_nothing_before_shows_nothing_new(width: int) -> None:
    state = scripted(known=None)
    assert state.marks.known == b""
    assert len(ScoreBars().draw(scores_of(state), width, 4)) == 2
    assert state.exams.known_rates.points == state.exams.else_rates.points == []
    assert set(kinds_of(state.marks)) == {0, 1}


def test_a_lesson_s_curve_of_the_taught_is_drawn_though_most_were_known() -> None:
    state = RunState()
    known = val.Knowledge(seen=val.Score(45, 45), unseen=val.Score(0, 0))
    state.fold(told.started(n_taught=50, n_held_out=0))
    state.fold(told.exam(9, (4, 5), (0, 0), known=known))
    assert state.exams.seen_rates.last == 0.8
