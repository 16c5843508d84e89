"""How a deck's lessons turn out is told when it has happened: before, somebody may be betting."""

from pathlib import Path

import pytest

from flashcards.app.audience.shared_lesson import facts_of
from flashcards.app.decks.library import DeckRow
from flashcards.app.decks.picker import line
from flashcards.app.lesson.guess_sheet import GuessSheet
from flashcards.app.rooms import VIEWS
from flashcards.app.widgets.frame import VerdictLine
from flashcards.cards.card import DeckMeta
from flashcards.cards.shelf import ShelfEntry
from flashcards.plain.narrator import Narrator
from flashcards.runs import events as ev
from flashcards.runs.marks import WRONG, pack
from flashcards.runs.values import Score
from flashcards.wording import facts
from tests import told
from tests.app.lesson import correction, folded, started
from tests.app.playing import showing, text_of
from tests.app.script import on_stage

ABOUT = "Fifty countries and their capitals."
OUTCOME = "TAUGHT climbs, the others stay unknown."
REASON = "Nothing in a name gives it away."
START = started(50, 20, description=ABOUT, shows=OUTCOME, because=REASON)
FIRST_STEPS: tuple[ev.AnyEvent, ...] = (
    ev.TrainerWoke(step=0, stage="reading the deck"),
    START,
    told.exam(0, (0, 0), (0, 20)),
    told.steps(3),
    ev.CorrectionMeasured(step=3, correction=correction(n_cards=1)),
    told.exam(4, (2, 50), (0, 20)),
    ev.DeckMarked(step=4, marks=pack(bytes([WRONG] * 70))),
)
UNDERSTOOD = told.ended("understood", (50, 50), (20, 20))
MEMORISED = told.ended("memorised", (50, 50), (0, 20))


def has_outcome(text: str) -> bool:
    together = " ".join(text.split())
    return OUTCOME in together or REASON in together


def joined(rows: list[str]) -> str:
    return " ".join(" ".join(row.strip() for row in rows).split())


@pytest.mark.parametrize("n_events", range(1, len(FIRST_STEPS) + 1))
def test_lines_and_phones_tell_no_outcome_before_the_end(n_events: int) -> None:
    happened, narrator = FIRST_STEPS[:n_events], Narrator()
    lines = [line for event in happened for line in narrator.tell(event, 0.0)]
    assert not has_outcome(" ".join(lines))
    lobby = facts_of(folded(happened), is_stalled=False)["lesson"]
    assert not has_outcome(str(lobby))
    if n_events == 2:
        assert ABOUT in lines
        assert lobby["sentence"] == ABOUT


@pytest.mark.parametrize(
    ("n_events", "size"),
    [(2, (120, 40)), pytest.param(len(FIRST_STEPS), (80, 24), marks=pytest.mark.slow)],
)
async def test_no_view_tells_an_outcome_before_the_end(
    n_events: int, size: tuple[int, int]
) -> None:
    async with on_stage(FIRST_STEPS[:n_events], size) as stage:
        for view in VIEWS:
            if view in ("slide", "predict", "reading", "reward", "vote"):
                continue  # those need a talk, a text or rewards
            stage.app.session.show(view)
            await stage.settle()
            assert not has_outcome(joined(stage.rows())), view


async def test_before_the_first_exam_the_lesson_says_what_is_in_the_deck() -> None:
    async with showing(folded(FIRST_STEPS[:2])) as app:
        assert ABOUT in joined(text_of(app, GuessSheet).splitlines())
        assert ABOUT in text_of(app, VerdictLine)


def test_a_deck_without_a_description_is_told_by_its_numbers() -> None:
    narrator = Narrator()
    lines = narrator.tell(started(50, 20, shows=OUTCOME), 0.0)
    assert facts.about(started(50, 20)) in lines


@pytest.mark.parametrize(("end", "expected"), [(UNDERSTOOD, OUTCOME), (MEMORISED, REASON)])
async def test_at_the_end_the_deck_says_it_once(end: ev.LessonEnded, expected: str) -> None:
    happened = (*FIRST_STEPS, end)
    narrator = Narrator()
    lines = " ".join(line for event in happened for line in narrator.tell(event, 0.0))
    assert expected in lines
    assert (OUTCOME in lines) != (REASON in lines)
    async with on_stage(happened, (120, 40)) as stage:
        assert expected in joined(stage.rows())


def test_a_lesson_that_was_stopped_has_not_come_so_far() -> None:
    for reason in ("limit", "stopped"):
        narrator = Narrator()
        stopped = told.ended("too_early", (20, 50), (0, 20), reason)
        lines = [line for event in (*FIRST_STEPS, stopped) for line in narrator.tell(event, 0.0)]
        assert OUTCOME not in lines


@pytest.mark.parametrize("width", [76, 116, 196])
def test_the_list_of_decks_says_what_is_in_a_deck(width: int) -> None:
    meta = DeckMeta(name="C", description=ABOUT, shows=OUTCOME, because=REASON, kind="memorise")
    entry = ShelfEntry(
        path=Path("c.deck"),
        slug="c",
        place="own",
        meta=meta,
        n_cards=70,
        n_held_out=20,
        is_estimate=False,
    )
    row = DeckRow(entry=entry, n_taught=50, n_held_out=20, step=9, seen=Score(50, 50))
    text = "".join(part[0] for part in line(row, width))
    assert not has_outcome(text)
    assert "heart" not in text
