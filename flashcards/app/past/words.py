"""What is said of looking back."""

from __future__ import annotations

from flashcards.app.kit.numbers import count
from flashcards.language import tr

NOTHING_YET = tr("Nothing was taught yet that one could go back to.")
NO_MARKER = tr("No marker there: ⚑ m sets one.")


def past(step: int, live_key: str, *, broken_since: int | None = None) -> str:
    """Where one is, when nothing more special is to be said of it but that it was broken."""
    if broken_since is not None:
        return tr(
            "The run as it was at step {step}, broken since step {broken_since}. {live_key} "
            "follows live again.",
            step=count(step),
            broken_since=count(broken_since),
            live_key=live_key,
        )
    return tr(
        "The run as it was at step {step}. {live_key} follows live again.",
        step=count(step),
        live_key=live_key,
    )


def bookmarked(step: int) -> str:
    return tr("⚑ bookmark at step {step}", step=count(step))
