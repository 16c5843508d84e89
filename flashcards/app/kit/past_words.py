"""What every view says of a moment of the past."""

from __future__ import annotations

from flashcards.app.widgets.cells import cut
from flashcards.base.language import tr
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.markers import AnyMarker, Differs, MarkerKind, Parted
from flashcards.runs.values import BranchChange
from flashcards.wording import facts, markers
from flashcards.wording.numbers import count

MOST_ANSWER_CELLS = 18
"""So much of each of two answers, so that both are on the line."""

MARKER_SIGNS: dict[MarkerKind, str] = {
    "first_right": "✓",
    "all_right": "★",
    "forgotten": "▼",
    "overtook": "▲",
    "diverged": "∞",
    "deck": "≡",
    "chapter": "§",
    "learning_rate": "~",
    "order": "↕",
    "ended": "■",
    "bookmark": "⚑",
    "bet": "◎",
    "branch": "⋎",
    "differs": "≠",
}
"""Each one cell wide, and in DejaVu Sans Mono."""


def as_of(step: int) -> str:
    return tr("as it was at step {step}", step=count(step))


def marker(found: AnyMarker) -> str:
    """What happened there, with its sign."""
    match found:
        case Parted(change=change):
            said = (
                tr("The two runs part here.") if change is None else race_title(found.step, change)
            )
        case Differs():
            said = first_differs(found.answer)
        case _:
            said = markers.marker(found)
    return f"{MARKER_SIGNS[found.kind]} {said}"


def race_title(step: int, change: BranchChange) -> str:
    return tr(
        "{title} from step {step}: the branch goes on {what}",
        title=tr("Race"),
        step=count(step),
        what=facts.branch(change),
    )


def first_differs(found: AnswerDiffers) -> str:
    if not found.one and not found.other:
        return tr(
            "First different answer: step {step}, {prompt} (right in one only)",
            step=count(found.step),
            prompt=found.prompt or tr("a card"),
        )
    return tr(
        "First different answer: step {step}, {prompt} → {one} | {other}",
        step=count(found.step),
        prompt=found.prompt,
        one=cut(found.one, MOST_ANSWER_CELLS) or "—",
        other=cut(found.other, MOST_ANSWER_CELLS) or "—",
    )
