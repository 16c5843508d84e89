"""What is said of branching and racing."""

from __future__ import annotations

from flashcards.app.kit.numbers import count
from flashcards.language import tr

BRANCH_KEEP = tr("Keep it")
BRANCH_END = tr("End it")
BRANCH_END_TITLE = tr("End the branch?")
BRANCH_END_DOES = tr("It is saved first, and listed with the other runs.")
BRANCH_KEEP_DOES = tr("Back to the race.")
CANCEL = tr("Cancel")
CANCEL_DOES = tr("No branch.")
NO_BRANCH_YET = tr("The lesson is still starting; then it can branch.")
NO_BRANCH = tr("b branches: the same model from here on, with one thing done differently.")
MAIN = tr("this lesson")
BRANCH = tr("the branch")
RACE_STARTING = tr("the branch is being made…")
SAME_SO_FAR = tr("No answer was different so far.")
NOT_SO_FAR = tr("the branch has not come so far")
NO_RACE = tr("A recording has no branch. Two runs: flashcards compare RUN RUN --screen")
TAKEN = tr("The branch is the lesson now; the run it left is saved.")
RACE_CURVES = tr("right answers   (⏎ goes on with the branch, b ends it)")
RACE_LINES = {
    "lesson": (tr("lesson seen"), tr("lesson never seen")),
    "branch": (tr("branch seen"), tr("branch never seen")),
}
RACE_COLUMNS = (tr("step"), tr("cards"), tr("SEEN"), tr("NEVER SEEN"), tr("error"))
RACE_FEW_COLUMNS = (tr("step"), tr("SEEN"), tr("NEVER SEEN"))


BRANCH_TEXT = tr("A second run from here, one thing different, taught as many cards.")


RATE_DOES = tr("Half the learning rate: smaller corrections.")
RATE_DOUBLE_DOES = tr("Twice the learning rate: larger corrections.")
WITHOUT_DOES = tr("This card is not taught any more: is its answer kept?")
SEED_DOES = tr("The same cards, drawn in another random order.")
ORDER_DOES = tr("Which cards come next is decided another way.")


def curves(note: str) -> str:
    """Over the curves of a race, with what there is to say of them."""
    return tr("right answers   ({note})", note=note)


def behind(n_steps: int) -> str:
    """How far the branch has to go to have been taught as many cards."""
    return tr("{n_steps} steps to catch up", n_steps=count(n_steps)) if n_steps > 1 else ""


def branch_failed(text: str) -> str:
    return tr("The branch stopped: {text}. The lesson goes on without it.", text=text)
