"""What is said of branching and racing."""

from __future__ import annotations

from flashcards.app.kit.numbers import count
from flashcards.language import say

BRANCH_KEEP = say("Keep it")
BRANCH_END = say("End it")
BRANCH_END_TITLE = say("End the branch?")
BRANCH_END_DOES = say("It is saved first, and listed with the other runs.")
BRANCH_KEEP_DOES = say("Back to the race.")
CANCEL = say("Cancel")
CANCEL_DOES = say("No branch.")
NO_BRANCH_YET = say("The lesson is still starting; then it can branch.")
NO_BRANCH = say("b branches: the same model from here on, with one thing done differently.")
MAIN = say("this lesson")
BRANCH = say("the branch")
RACE_STARTING = say("the branch is being made…")
SAME_SO_FAR = say("No answer was different so far.")
NOT_SO_FAR = say("the branch has not come so far")
NO_RACE = say("A recording has no branch. Two runs: flashcards compare RUN RUN --screen")
TAKEN = say("The branch is the lesson now; the run it left is saved.")
RACE_CURVES = say("right answers   (⏎ goes on with the branch, b ends it)")
RACE_LINES = {
    "lesson": (say("lesson seen"), say("lesson never seen")),
    "branch": (say("branch seen"), say("branch never seen")),
}
RACE_COLUMNS = (say("step"), say("cards"), say("SEEN"), say("NEVER SEEN"), say("error"))
RACE_FEW_COLUMNS = (say("step"), say("SEEN"), say("NEVER SEEN"))


BRANCH_TEXT = say("A second run from here, one thing different, taught as many cards.")


RATE_DOES = say("Half the learning rate: smaller corrections.")
RATE_DOUBLE_DOES = say("Twice the learning rate: larger corrections.")
WITHOUT_DOES = say("This card is not taught any more: is its answer kept?")
SEED_DOES = say("The same cards, drawn in another random order.")
ORDER_DOES = say("Which cards come next is decided another way.")


def curves(note: str) -> str:
    """Over the curves of a race, with what there is to say of them."""
    return say("right answers   ({note})", note=note)


def behind(n_steps: int) -> str:
    """How far the branch has to go to have been taught as many cards."""
    return say("{n_steps} steps to catch up", n_steps=count(n_steps)) if n_steps > 1 else ""


def branch_failed(text: str) -> str:
    return say("The branch stopped: {text}. The lesson goes on without it.", text=text)
