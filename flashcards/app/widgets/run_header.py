"""The top line: which deck, how far, how fast, and whether it is alive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flashcards.app.widgets.cells import Part, Row, cut, row_width
from flashcards.app.widgets.sheet import Sheet
from flashcards.base.language import tr
from flashcards.runs.values import Speed
from flashcards.wording.numbers import count, duration, rate_factor

Badge = (
    Literal["starting", "live", "paused", "finished", "stalled", "failed", "diverged", "past"]
    | Literal["broken", "broken_paused", "broken_finished", "replay", "watching"]
)
GAP = "   "

BADGES: dict[Badge, tuple[str, str]] = {
    "starting": ("◌ STARTING", "bold"),
    "live": ("● LIVE", "bold reverse $text-success"),
    "paused": ("‖ PAUSED", "bold reverse $text-warning"),
    "finished": ("■ FINISHED", "bold reverse $text-primary"),
    "stalled": ("? STALLED", "bold reverse $text-warning"),
    "failed": ("✗ FAILED", "bold reverse $text-error"),
    "diverged": ("∞ DIVERGED", "bold reverse $text-error"),
    "broken": ("∞ BROKEN", "bold reverse $text-error"),
    "replay": ("↺ REPLAY", "bold reverse $text-accent"),
    "watching": ("◉ WATCHING", "bold reverse $text-accent"),
    "past": ("◂ PAST", "bold reverse $text-accent"),
}
"""Reverse, so that the badge stands out without colour as well."""


def badge_of(badge: Badge) -> Part:
    """What a badge says, and its style; a broken lesson may be paused or finished, too."""
    if badge in ("broken_paused", "broken_finished"):
        then: Badge = "paused" if badge == "broken_paused" else "finished"
        return f"{tr(BADGES['broken'][0])} {tr(BADGES[then][0])}", BADGES["broken"][1]
    text, style = BADGES[badge]
    return tr(text), style


@dataclass(frozen=True, slots=True)
class HeaderView:
    """What the top line says. `cards_per_s` is None where it would mislead: below full speed.

    `live_step` is how far the lesson is while another step of it is shown. `n_questions` came from
    the room and wait.
    """

    deck: str
    badge: Badge
    step: int | None = None
    cards_per_s: int | None = None
    live_step: int | None = None
    train_seconds: int = 0
    speed: Speed = "full"
    learning_rate_factor: float = 1.0
    n_questions: int = 0


class RunHeader(Sheet[HeaderView]):
    """Deck and badge always; between them as many facts as fit, the most important first.

    The learning rate only when it is not the deck's own. Seed and settings are in the help.
    """

    def draw(self, view: HeaderView, width: int, height: int) -> list[Row]:
        text, style = badge_of(view.badge)
        badge: Part = (f" {text} ", style)
        badges = [badge] if not view.n_questions else [asked(view.n_questions), (" ", ""), badge]
        room = width - row_width(badges) - 2
        row: Row = [(" ", ""), (cut(view.deck, max(4, min(30, room - 1))), ".deck")]
        kept: dict[str, Row] = {}
        for gap in (GAP, "  "):
            kept = {}
            left = room - row_width(row)
            for name, fact in _facts(view):
                needed = len(gap) + row_width(fact)
                if needed <= left:
                    kept[name] = fact
                    left -= needed
            if len(kept) == len(_facts(view)):
                break
        for name in ("step", "live", "cards", "time", "speed", "rate"):
            if name in kept:
                row += [(gap, ""), *kept[name]]
        space = width - row_width(row) - row_width(badges)
        return [[*row, (" " * max(0, space), ""), *badges]]


def asked(n_questions: int) -> Part:
    return f" ?{n_questions} ", "bold reverse $text-accent"


def _facts(view: HeaderView) -> list[tuple[str, Row]]:
    if view.step is None:
        return []
    muted = ".muted"
    facts: list[tuple[str, Row]] = [
        ("step", [(f"{tr('step')} ", muted), (count(view.step), ".strong")]),
    ]
    if view.live_step is not None:
        live = tr("live is at step {step}", step=count(view.live_step))
        facts.append(("live", [(live, ".strong")]))
    if view.learning_rate_factor != 1.0:
        factor = rate_factor(view.learning_rate_factor)
        facts.append(("rate", [(f"{tr('learning rate')} ", muted), (factor, ".strong")]))
    speed: Row = [(f"{tr('speed')} ", muted), (tr(view.speed), ".strong")]
    facts += [("time", [(duration(view.train_seconds), "")]), ("speed", speed)]
    if view.cards_per_s is not None:
        pace: Row = [(count(view.cards_per_s), ".strong"), (f" {tr('cards/s')}", muted)]
        facts.append(("cards", pace))
    return facts
