"""Every sentence and label of looking back, branching and racing, in one place."""

from __future__ import annotations

from flashcards import sentences
from flashcards.app.kit.cells import cut
from flashcards.app.kit.numbers import count
from flashcards.language import say
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.markers import AnyMarker, Differs, MarkerKind, Parted
from flashcards.runs.values import BranchChange

MOST_ANSWER_CELLS = 18
"""So much of each of two answers, so that both are on the line."""

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
    "branch": "⋎",
    "differs": "≠",
}
"""Each one cell wide, and in DejaVu Sans Mono."""

RECOMPUTED = say("RECOMPUTED")
AS_RECORDED = say("as recorded")
READING = say("reading the log…")
NOTHING_YET = say("Nothing was taught yet that one could go back to.")
NO_MARKER = say("No marker there: ⚑ m sets one.")
EXECUTING = say("re-executing…")
ENDED = say("the time machine ended without a word")
TWIN_IS_LIVE = say("not shown in the past")
OPENING = say("opening the time machine…")
TEACH_IS_LIVE = say("Teaching a card is for now, not for then: End follows live first.")


def live_is_at(step: int) -> str:
    """How far the lesson is meanwhile."""
    return say("live is at step {step}", step=count(step))


def executing(step: int, target: int) -> str:
    """How far the time machine is on its way."""
    return say("re-executing: step {step} of {target}", step=count(step), target=count(target))


def card_of(step: int, at: int) -> str:
    """The card that is shown was recorded some steps before."""
    return AS_RECORDED if step == at else say("card of step {step}", step=count(step))


def machine_failed(text: str) -> str:
    """Why there is nothing recomputed."""
    reason = text or ENDED
    return say("{reason}. What was recorded is all there.", reason=reason[0].upper() + reason[1:])


def cant_read(text: str) -> str:
    """Why one can't look back."""
    return say("The run's log can't be read: {text}", text=text)


def past(step: int, live_key: str, *, broken_since: int | None = None) -> str:
    """Where one is, when nothing more special is to be said of it but that it was broken."""
    if broken_since is not None:
        return say(
            "The run as it was at step {step}, broken since step {broken_since}. {live_key} "
            "follows live again.",
            step=count(step),
            broken_since=count(broken_since),
            live_key=live_key,
        )
    return say(
        "The run as it was at step {step}. {live_key} follows live again.",
        step=count(step),
        live_key=live_key,
    )


def as_of(step: int) -> str:
    """Whose answers these are."""
    return say("as it was at step {step}", step=count(step))


def bookmarked(step: int) -> str:
    """A bookmark was set."""
    return say("⚑ bookmark at step {step}", step=count(step))


BOOKMARK_PLACEHOLDER = say("a word, if you like")
BOOKMARK_HINT = say("⏎ sets it   esc leaves it")


def bookmark_title(step: int) -> str:
    """What a word is asked for."""
    return say("⚑ Bookmark at step {step}", step=count(step))


BRANCH_KEEP = say("Keep it")
BRANCH_END = say("End it")
BRANCH_END_TITLE = say("End the branch?")
BRANCH_END_DOES = say("It is saved first, and listed with the other runs.")
BRANCH_KEEP_DOES = say("Back to the race.")
CANCEL = say("Cancel")
CANCEL_DOES = say("No branch.")
NO_BRANCH_YET = say("The lesson is still starting; then it can branch.")
NO_BRANCH = say("b branches: the same model from here on, with one thing done differently.")
RACE_TITLE = say("Race")
MAIN = say("this lesson")
BRANCH = say("the branch")
RACE_STARTING = say("the branch is being made…")
FIRST_DIFFERS = say("First different answer:")
SAME_SO_FAR = say("No answer was different so far.")
NOT_SO_FAR = say("the branch has not come so far")
NO_RACE = say("A recording has no branch. Two runs: flashcards compare RUN RUN --screen")
RACE_WAITING = say("the first exam is coming")
TAKEN = say("The branch is the lesson now; the run it left is saved.")
RACE_CURVES = say("right answers   (⏎ goes on with the branch, b ends it)")
RACE_LINES = {
    "lesson": (say("lesson seen"), say("lesson never seen")),
    "branch": (say("branch seen"), say("branch never seen")),
}
RACE_COLUMNS = (say("step"), say("cards"), say("SEEN"), say("NEVER SEEN"), say("error"))
RACE_FEW_COLUMNS = (say("step"), say("SEEN"), say("NEVER SEEN"))


def branch_title(step: int) -> str:
    """What one is asked."""
    return say("Branch at step {step}", step=count(step))


BRANCH_TEXT = say("A second run from here, one thing different, taught as many cards.")


RATE_DOES = say("Half the learning rate: smaller corrections.")
RATE_DOUBLE_DOES = say("Twice the learning rate: larger corrections.")
WITHOUT_DOES = say("This card is not taught any more: is its answer kept?")
SEED_DOES = say("The same cards, drawn in another random order.")
ORDER_DOES = say("Which cards come next is decided another way.")


def marker(found: AnyMarker) -> str:
    """What happened there, with its sign."""
    match found:
        case Parted(change=change):
            said = (
                say("The two runs part here.") if change is None else race_title(found.step, change)
            )
        case Differs():
            said = first_differs(found.answer)
        case _:
            said = sentences.marker(found)
    return f"{MARKER_SIGNS[found.kind]} {said}"


def race_title(step: int, change: BranchChange) -> str:
    """What the two differ in."""
    return say(
        "{title} from step {step}: the branch goes on {what}",
        title=RACE_TITLE,
        step=count(step),
        what=sentences.branch(change),
    )


def first_differs(found: AnswerDiffers) -> str:
    """The first answer that was not the same."""
    if not found.one and not found.other:
        return say(
            "First different answer: step {step}, {prompt} (right in one only)",
            step=count(found.step),
            prompt=found.prompt or say("a card"),
        )
    return say(
        "First different answer: step {step}, {prompt} → {one} | {other}",
        step=count(found.step),
        prompt=found.prompt,
        one=cut(found.one, MOST_ANSWER_CELLS) or "—",
        other=cut(found.other, MOST_ANSWER_CELLS) or "—",
    )


def curves(note: str) -> str:
    """Over the curves of a race, with what there is to say of them."""
    return say("right answers   ({note})", note=note)


def one_run_until(step: int) -> str:
    """The moment that is shown is before they part."""
    return say("they are one run until step {step}", step=count(step))


def behind(n_steps: int) -> str:
    """How far the branch has to go to have been taught as many cards."""
    return say("{n_steps} steps to catch up", n_steps=count(n_steps)) if n_steps > 1 else ""


def branch_failed(text: str) -> str:
    """The branch is gone."""
    return say("The branch stopped: {text}. The lesson goes on without it.", text=text)
