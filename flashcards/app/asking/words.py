"""What the asking dialog says: its title, what it waits for, and whether a card was taught."""

from __future__ import annotations

from typing import assert_never

from flashcards.app.widgets.cells import MUTED
from flashcards.base.language import tr
from flashcards.runs import events as ev
from flashcards.runs.state import Liveness
from flashcards.wording import facts
from flashcards.wording.markers import as_of


def title(is_reading: bool, step: int | None, is_pinned: bool, shows_past: bool) -> str:
    """What can be done, each to be clicked; only the lesson's own model is taught anything.
    `step`: of the past whose model is asked; None is the lesson's own."""
    ways = [f"[@click=screen.pin]F2 {tr('unpin') if is_pinned else tr('pin')}[/]"]
    when = ""
    if step is None:
        ways = [tr("enter ask"), *ways]
        if not is_reading:
            ways.append(f"[@click=screen.teach]F3 {tr('teach it')}[/]")
    else:
        when = f" [b $text-accent]{as_of(step)}[/]"
    ways.append(f"[@click=screen.past]F4 {tr('now') if shows_past else tr('past')}[/]")
    ways.append(f"[@click=screen.close]{tr('esc close')}[/]")
    name = tr("Write a beginning") if is_reading else tr("Ask the model")
    return f"[b]{name}[/b]{when}   [{MUTED}]{' · '.join(ways)}[/]"


def teach_title() -> str:
    ways = f"{tr('enter puts it into the deck')} · [@click=screen.close]{tr('esc back')}[/]"
    return f"[b]{tr('Teach it this')}[/b]   [{MUTED}]{ways}[/]"


def message(liveness: Liveness, is_answered: bool, is_waiting: bool, progress: str) -> str:
    """The sentence in the place of an answer; "" where there is one to show."""
    if not is_waiting and not is_answered:
        return tr(
            "Type a prompt and press enter. The lesson goes on; asking changes nothing. "
            "Up offers what was asked before, down and tab cards that have what is typed."
        )
    if not is_waiting:
        return ""
    match liveness:
        case "starting":
            return tr("The model is waking; it answers as soon as it can.")
        case "failed":
            return tr("The trainer has stopped.")
        case _:
            return "" if is_answered else progress or tr("asking…")


def outcome(
    taught: ev.TeachingRefused | ev.DeckChanged | None, is_paused: bool
) -> tuple[str, bool]:
    """Whether a card was taught or refused, in words; and whether refused."""
    match taught:
        case ev.TeachingRefused(text=text):
            return tr(text), True
        case ev.DeckChanged(notes=notes):
            first = tr("when the lesson goes on.") if is_paused else tr("from now on.")
            return " ".join((first, *map(facts.note, notes))), False
        case None:
            return tr("putting it into the deck…"), False
        case other:
            assert_never(other)


def answers_of(
    past: ev.PastAnswered | None, answered: ev.PromptAnswered
) -> tuple[ev.PinAnswered, ...] | None:
    """What the saved states said to the prompt that was answered; None when another was asked."""
    if past is None or past.prompt != answered.prompt:
        return None
    return tuple(
        ev.PinAnswered(
            step=said.step,
            prompt=past.prompt,
            answer=said.answer,
            probability=said.probability,
            mark=answered.mark_of(said.answer),
        )
        for said in past.answers
    )
