"""The pin key: pin the card that is shown, or unpin it."""

from __future__ import annotations

from collections.abc import Iterable

from flashcards.app.session import Session
from flashcards.app.widgets.cells import cut
from flashcards.base.language import tr
from flashcards.runs.commands import MAX_PINS, Pin, Unpin

PROMPT_WIDTH = 30


def pin(session: Session) -> None:
    correction, pins = session.shown.card.now, session.state.pins
    if correction is None or session.view_name != "lesson" or session.screen is not session.view:
        return
    prompt = correction.prompt
    if prompt in pins:
        session.send(Unpin(prompt=prompt))
        said = tr("“{prompt}” is not pinned any more.", prompt=cut(prompt, PROMPT_WIDTH))
    else:
        session.send(Pin(prompt=prompt))
        said = pinned(prompt, pins)
    session.notify(said, timeout=4, kind="pin")


def pinned(prompt: str, pins: Iterable[str]) -> str:
    """That it is pinned, and which of the pins goes where there are too many."""
    before = list(pins)
    instead = ""
    if len(before) >= MAX_PINS:
        oldest = cut(before[0], PROMPT_WIDTH)
        instead = tr(" “{replaced}” is not followed any more.", replaced=oldest)
    return tr(
        "“{prompt}” is pinned: asked at every exam. a shows its answers.{instead}",
        prompt=cut(prompt, PROMPT_WIDTH),
        instead=instead,
    )
