"""Every sentence and label of looking back, branching and racing, in one place."""

from __future__ import annotations

from flashcards.app.numbers import count
from flashcards.runs.markers import MarkerKind

MARKER_SIGNS: dict[MarkerKind, str] = {
    "first_right": "✓",
    "all_right": "★",
    "forgotten": "▼",
    "overtook": "▲",
    "diverged": "∞",
    "deck": "≡",
    "learning_rate": "~",
    "order": "↕",
    "ended": "■",
    "bookmark": "⚑",
}

RECOMPUTED = "RECOMPUTED"
AS_RECORDED = "as recorded"
READING = "reading the log…"
NOTHING_YET = "Nothing was taught yet that one could go back to."
NO_MARKER = "No marker there: ⚑ m sets one."
EXECUTING = "re-executing…"
ENDED = "the time machine ended without a word"
TWIN_IS_LIVE = "not shown in the past"
OPENING = "opening the time machine…"
TEACH_IS_LIVE = "Teaching a card is for now, not for then: End follows live first."


def live_is_at(step: int) -> str:
    """How far the lesson is meanwhile."""
    return f"live is at step {count(step)}"


def executing(step: int, target: int) -> str:
    """How far the time machine is on its way."""
    return f"re-executing: step {count(step)} of {count(target)}"


def card_of(step: int, at: int) -> str:
    """The card that is shown was recorded some steps before."""
    return AS_RECORDED if step == at else f"card of step {count(step)}"


def machine_failed(text: str) -> str:
    """Why there is nothing recomputed."""
    reason = text or ENDED
    return f"{reason[0].upper()}{reason[1:]}. What was recorded is all there."


def cant_read(text: str) -> str:
    """Why one can't look back."""
    return f"The run's log can't be read: {text}"


def past(step: int, live_key: str) -> str:
    """Where one is, when nothing more special is to be said of it."""
    return f"The run as it was at step {count(step)}. {live_key} follows live again."


def as_of(step: int) -> str:
    """Whose answers these are."""
    return f"as it was at step {count(step)}"


def bookmarked(step: int) -> str:
    """A bookmark was set."""
    return f"⚑ bookmark at step {count(step)}"


BOOKMARK_PLACEHOLDER = "a word, if you like"
BOOKMARK_HINT = "⏎ sets it   esc leaves it"


def bookmark_title(step: int) -> str:
    """What a word is asked for."""
    return f"⚑ Bookmark at step {count(step)}"


BRANCH_KEEP = "Keep it"
BRANCH_END = "End it"
BRANCH_END_TITLE = "End the branch?"
BRANCH_END_DOES = "It is saved first, and listed with the other runs."
BRANCH_KEEP_DOES = "Back to the race."
CANCEL = "Cancel"
CANCEL_DOES = "No branch."
NO_BRANCH_YET = "The lesson is still starting; then it can branch."
NO_BRANCH = "b branches: the same model from here on, with one thing done differently."
RACE_TITLE = "Race"
MAIN = "this lesson"
BRANCH = "the branch"
RACE_STARTING = "the branch is being made…"
FIRST_DIFFERS = "First different answer:"
SAME_SO_FAR = "No answer was different so far."
RACE_WAITING = "the first exam is coming"
TAKEN = "The branch is the lesson now; the run it left is saved."
RACE_CURVES = "right answers   (⏎ goes on with the branch, b ends it)"
RACE_COLUMNS = ("step", "cards", "SEEN", "NEVER SEEN", "error")
RACE_FEW_COLUMNS = ("step", "SEEN", "NEVER SEEN")


def branch_title(step: int) -> str:
    """What one is asked."""
    return f"Branch at step {count(step)}"


BRANCH_TEXT = "A second run from here, one thing different, taught as many cards."


def wish_rate(factor: float) -> str:
    """Another learning rate."""
    return f"with learning rate ×{factor:g}"


def wish_without(prompt: str) -> str:
    """A card left out."""
    return f"without {prompt}"


def wish_seed(seed: int) -> str:
    """Another order of cards, by another seed."""
    return f"with seed {seed}"


def wish_order(order: str) -> str:
    """Another policy."""
    return f"in another order: {order}"


RATE_DOES = "Half the learning rate: smaller corrections."
RATE_DOUBLE_DOES = "Twice the learning rate: larger corrections."
WITHOUT_DOES = "This card is not taught any more: is its answer kept?"
SEED_DOES = "The same cards, drawn in another random order."
ORDER_DOES = "Which cards come next is decided another way."


def race_title(step: int, what: str) -> str:
    """What the two differ in."""
    return f"{RACE_TITLE} from step {count(step)}: the branch goes on {what}"


def first_differs(step: int, prompt: str, one: str, other: str) -> str:
    """The first answer that was not the same."""
    if not one and not other:
        return (
            f"First different answer: step {count(step)}, {prompt or 'a card'} (right in one only)"
        )
    return f"First different answer: step {count(step)}, {prompt} → {one or '—'} | {other or '—'}"


def behind(n_steps: int) -> str:
    """How far the branch has to go to have been taught as many cards."""
    return f"{count(n_steps)} steps to catch up" if n_steps > 1 else ""


def branch_failed(text: str) -> str:
    """The branch is gone."""
    return f"The branch stopped: {text}. The lesson goes on without it."
