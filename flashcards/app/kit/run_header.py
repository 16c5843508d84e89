"""The top line: which deck, how far, how fast, and whether it is alive."""

from __future__ import annotations

from dataclasses import dataclass

from flashcards.app.kit import words
from flashcards.app.kit.cells import Part, Row, cut, row_width
from flashcards.app.kit.numbers import count, duration
from flashcards.app.kit.sheet import Sheet
from flashcards.language import tr
from flashcards.runs.values import Speed
from flashcards.sentences import rate_factor

GAP = "   "

BADGE_STYLES: dict[words.Badge, str] = {
    "starting": "bold",
    "live": "bold reverse $text-success",
    "paused": "bold reverse $text-warning",
    "finished": "bold reverse $text-primary",
    "stalled": "bold reverse $text-warning",
    "failed": "bold reverse $text-error",
    "diverged": "bold reverse $text-error",
    "broken": "bold reverse $text-error",
    "broken_paused": "bold reverse $text-error",
    "broken_finished": "bold reverse $text-error",
    "replay": "bold reverse $text-accent",
    "watching": "bold reverse $text-accent",
    "past": "bold reverse $text-accent",
}
"""Reverse, so that the badge stands out without colour as well."""


@dataclass(frozen=True, slots=True)
class HeaderView:
    """What the top line says. `cards_per_s` is None where it would mislead: below full speed.

    `live_step` is how far the lesson is while another step of it is shown.
    """

    deck: str
    badge: words.Badge
    step: int | None = None
    cards_per_s: int | None = None
    live_step: int | None = None
    train_seconds: int = 0
    speed: Speed = "full"
    learning_rate_factor: float = 1.0
    seed: int | None = None


class RunHeader(Sheet[HeaderView]):
    """Deck and badge always; between them as many facts as fit, the dearest first."""

    def draw(self, view: HeaderView, width: int, height: int) -> list[Row]:
        badge: Part = (f" {words.BADGES[view.badge]} ", BADGE_STYLES[view.badge])
        room = width - row_width([badge]) - 2
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
        for name in ("step", "live", "cards", "time", "speed", "rate", "seed"):
            if name in kept:
                row += [(gap, ""), *kept[name]]
        space = width - row_width(row) - row_width([badge])
        return [[*row, (" " * max(0, space), ""), badge]]


def _facts(view: HeaderView) -> list[tuple[str, Row]]:
    """What can be said, most important first."""
    if view.step is None:
        return []
    facts: list[tuple[str, Row]] = [
        ("step", [(f"{tr('step')} ", ".muted"), (count(view.step), ".strong")]),
    ]
    if view.live_step is not None:
        facts.append(
            ("live", [(tr("live is at step {step}", step=count(view.live_step)), ".strong")])
        )
    if view.cards_per_s is not None:
        facts.append(
            ("cards", [(count(view.cards_per_s), ".strong"), (f" {tr('cards/s')}", ".muted")])
        )
    speed: Row = [(f"{tr('speed')} ", ".muted"), (words.SPEEDS[view.speed], ".strong")]
    facts += [("time", [(duration(view.train_seconds), "")]), ("speed", speed)]
    rate: Row = [
        (f"{tr('rate')} ", ".muted"),
        (rate_factor(view.learning_rate_factor), ".strong"),
    ]
    seed: Row = [(f"{tr('seed')} ", ".muted"), (str(view.seed), "")]
    if view.learning_rate_factor == 1.0:
        return [*facts, ("seed", seed), ("rate", rate)]
    return [*facts[:1], ("rate", rate), *facts[1:], ("seed", seed)]
