"""Every sentence of the dialogs, in one place, so that it can be translated."""

from __future__ import annotations

from collections.abc import Sequence

from flashcards.app.numbers import count
from flashcards.app.styles import MUTED as HINT
from flashcards.app.widgets.cells import cut
from flashcards.runs.events import DeckChanged, RunStarted
from flashcards.runs.state import RunState
from flashcards.runs.values import Score, Stamp

CLOSE = "esc close"

QUIT_TITLE = "Leave the lesson?"
SAVE_AND_QUIT = "save and quit"
QUIT_NOW = "quit without saving"
CANCEL = "cancel"
STAY = "The lesson goes on."
SAVING = "Saving…"

RESTART_TITLE = "Start over?"
RESTART_TEXT = "A new model that knows nothing. What this one learned is saved first."
SAME_SEED = "same seed"
NEW_SEED = "new seed"

COUNT_TITLE = "Teach how many cards?"
COUNT_TEXT = "One card an update, as fast as it can; then it pauses."
COUNT_HINT = "enter teach · esc cancel"
COUNT_WRONG = "a whole number from 1 to 1,000,000"

ASK_TITLE = "Ask the model"
ASK_PLACEHOLDER = "a prompt: one of the deck's, or one it has never seen"
ASK_EMPTY = "Type a prompt and press enter. The lesson goes on meanwhile; asking changes nothing."
ASK_WAITING = "asking…"
ASK_STARTING = "The model is waking; it answers as soon as it can."
ASK_GONE = "The trainer has stopped; nobody is there to answer."
TEACH_PLACEHOLDER = "the answer it should learn"
TEACHING = "putting it into the deck…"
ANSWERS = "says"
CERTAIN = "sure"
PIECES = "in %"
ALSO = "or"
CORRECT = "correct"
NEAREST = "nearest"
BEFORE = "before"
SAYS_NOTHING = "(nothing)"
NO_ANSWER = "–"
PINNED = "pinned"
PAST = "past"
TAUGHT = "taught"
REFUSED = "refused"
STEP = "step"
NOT_ASKED_YET = "asked at the next exam"
N_ALSO = 2

DECKS_TITLE = "Decks"
DECKS_FILTER = "type to filter"
DECKS_LOOKING = "looking for decks…"
DECKS_NONE = "No deck says that. Backspace widens the search."
DECKS_EMPTY = "There are no decks. A deck is a text file: prompt :: answer, a line a card."
DECKS_HINT = "enter teach · F4 edit · del delete · esc back"
NOT_TAUGHT_YET = "not taught yet"
CANNOT_BE_USED = "✗ cannot be taught"

HELP_TITLE = "Help"
HELP_HINT = "keys, then what the numbers mean · ↑↓ pgdn scroll · esc back"
HELP_KEYS = "Keys"
HELP_NUMBERS = "What the screen says"

PLACES = {"here": "in this folder", "own": "your own", "shipped": "shipped"}
KINDS = {
    "memorise": "to memorise",
    "rule": "a rule",
    "relations": "relations",
    "grokking": "grokking",
}


def saves(step: int, go_on: str) -> str:
    """What the first choice does."""
    return f"Keeps all up to step {count(step)}; {go_on} goes on from there."


def loses(last_saved_step: int | None, step: int) -> str:
    """What the second choice does."""
    if last_saved_step is None:
        return "Nothing is saved yet: all of it is lost."
    if last_saved_step >= step:
        return f"Step {count(last_saved_step)} is saved already: nothing is lost."
    return f"Keeps what is saved, step {count(last_saved_step)}; the rest is lost."


def same_seed(seed: int) -> str:
    """What the same seed does."""
    return f"Seed {seed}: the same first guesses, the same order of cards."


def new_seed(seed: int) -> str:
    """What a new seed does."""
    return f"Seed {seed}: other random numbers to begin with, and another order."


def twin(state: RunState, n_cards: int, duty: float) -> str:
    """How far the shuffled twin is."""
    if state.liveness == "failed":
        return f"twin: stopped. {state.failure}"
    if state.start is None:
        return "twin: starting"
    share = "half the time" if duty == 0.5 else f"{duty:.0%} of the time".replace("%", " %")
    return f"twin: {state.cards_taught:,} of {max(n_cards, state.cards_taught):,} cards, {share}"


def twin_failed(reason: str) -> str:
    """The twin is gone, the lesson is not."""
    return f"The twin stopped: {reason}. The lesson goes on without it."


def no_twin(start: RunStarted | None) -> str:
    """Why a lesson can't have a twin."""
    if start is None:
        return "The lesson is still starting; then it can have a twin."
    if start.is_shuffled:
        return "The answers of this deck are shuffled already."
    return "A deck with one card has nothing to shuffle."


def goes_on(key: str, step: int, seen: Score | None) -> str:
    """The line that offers the last run."""
    scores = "" if seen is None else f" (seen {score(seen)})"
    return f"{key} goes on with step {count(step)} of the last time{scores}."


def asking_all(n_asked: int, n_cards: int) -> str:
    """An exam of every card takes a while."""
    return f"Asking all {n_cards:,} cards: {n_asked / max(1, n_cards):.0%} done"


def first_run(ask: str, memory: str, new_deck: str) -> str:
    """The line for somebody who is here for the first time."""
    return (
        f"{ask} asks it anything. {memory}: memory or understanding? {new_deck} begins a deck of "
        "your own (docs/write-a-deck.md says how)."
    )


def deck_problem(problem: str, n_problems: int) -> str:
    """The line about a deck with errors: its first, and how many more."""
    more = f" (and {count(n_problems - 1)} more)" if n_problems > 1 else ""
    are_taught = problem.endswith(("[conflict]", "[leak]"))
    return f"{problem}{more}. {'All cards' if are_taught else 'The other cards'} are taught."


def deck_broken(problem: str) -> str:
    """The line about a save that isn't taught."""
    return f"{problem}. The deck as it was is taught until that is mended."


def deck_changed(change: DeckChanged) -> str:
    """What a saved deck brought."""
    counts = f"+{count(change.n_added)} cards" if change.n_added != 1 else "+1 card"
    said = f"{counts}, {count(change.n_changed)} changed, {count(change.n_removed)} gone"
    named = ", ".join(change.prompts)
    return ". ".join(
        [f"The deck was saved: {said}" + (f" ({named})" if named else "")]
        + [note.rstrip(".") for note in change.notes]
    )


def failed_offer(go_on: str, step: int | None, restart: str, decks: str) -> str:
    """What can be done after the trainer stopped."""
    first = "" if step is None else f"{go_on} goes on from step {count(step)}, saved. "
    return f"{first}{restart} starts over. {decks} chooses another deck."


def rate(factor: float) -> str:
    """The learning rate's factor: ×2, ×½, ×1/16."""
    if factor >= 1:
        return f"learning rate ×{factor:g}"
    return f"learning rate ×1/{1 / factor:g}"


def score(value: Score) -> str:
    """50/50."""
    return f"{value.right:,}/{value.total:,}"


def result(seen: Score | None, unseen: Score | None) -> str:
    """SEEN 50/50 · NEVER SEEN 0/20."""
    parts = []
    if seen is not None and seen.total:
        parts.append(f"SEEN {score(seen)}")
    if unseen is not None and unseen.total:
        parts.append(f"NEVER SEEN {score(unseen)}")
    return " · ".join(parts)


def cards(n_taught: int, n_held_out: int, *, is_estimate: bool) -> str:
    """50 taught, 20 held out."""
    about = "about " if is_estimate else ""
    held_out = f", {n_held_out:,} held out" if n_held_out else ""
    return f"{about}{n_taught:,} taught{held_out}"


def n_decks(n_shown: int, n: int) -> str:
    """13 decks, or 2 of 13 decks."""
    noun = "deck" if n == 1 else "decks"
    return f"{n:,} {noun}" if n_shown == n else f"{n_shown:,} of {n:,} {noun}"


def problems(n: int, first: str) -> str:
    """A deck's problems, the first of them in words."""
    return f"{first}" if n == 1 else f"{first} · and {n - 1:,} more"


def stamp(value: Stamp, times_seen: int) -> str:
    """How the model knows a prompt."""
    match value:
        case "seen":
            return f"SEEN {times_seen:,}×"
        case "not_yet_taught":
            return "NOT YET TAUGHT"
        case "held_out":
            return "HELD OUT"
        case "new":
            return "NEW"


def stamp_meaning(value: Stamp) -> str:
    """What the stamp means."""
    match value:
        case "seen":
            return "a card whose answer it was taught"
        case "not_yet_taught":
            return "a card whose turn has not come"
        case "held_out":
            return "a card it is only asked, never taught"
        case "new":
            return "not in the deck: nobody ever told it"


def nearly(prompt: str, stamp: str, room: int) -> str:
    """What a new prompt nearly is, its prompt cut so that all of it fits."""
    return f"but nearly a card: “{cut(prompt, max(4, room - 22 - len(stamp)))}”, {stamp}"


def ask_title(is_pinned: bool) -> str:
    """The dialog's first line, with what can be done; each can be clicked."""
    pin = "unpin" if is_pinned else "pin"
    return (
        f"[b]{ASK_TITLE}[/b]   [{HINT}]enter ask · [@click=screen.pin]F2 {pin}[/] · "
        "[@click=screen.teach]F3 teach it[/] · [@click=screen.past]F4 past[/] · "
        "[@click=screen.close]esc close[/][/]"
    )


def teach_title() -> str:
    """The dialog's first line while an answer is typed."""
    return (
        f"[b]Teach it this[/b]   [{HINT}]enter puts it into the deck · "
        "[@click=screen.close]esc back[/][/]"
    )


def teach_prompt(prompt: str) -> str:
    """What stands before the answer that is typed."""
    return f"{cut(prompt, 30)} → "


def taught(notes: Sequence[str], is_paused: bool) -> str:
    """What became of a card taught by hand."""
    first = "when the lesson goes on." if is_paused else "from now on."
    return " ".join((first, *notes))


def coming(n_left: int) -> str:
    """How many saved states are still to answer."""
    return f"{n_left} more…"


def pinned(prompt: str, replaced: str | None) -> str:
    """A card was pinned from the lesson."""
    instead = "" if replaced is None else f" “{cut(replaced, 30)}” is not followed any more."
    return f"“{cut(prompt, 30)}” is pinned: asked at every exam. a shows its answers.{instead}"


def unpinned(prompt: str) -> str:
    """A card was unpinned from the lesson."""
    return f"“{cut(prompt, 30)}” is not pinned any more."


def at_step(step: int) -> str:
    """When it was asked."""
    return f"at step {count(step)}"


GLOSSARY: tuple[tuple[str, str], ...] = (
    ("■ SEEN", "Of the cards taught at least once, how many it answers right."),
    (
        "◆ NEVER SEEN",
        "Of the cards held out and never taught, how many it answers right. Only this tells "
        "understanding from memory.",
    ),
    ("lookup table", "What a list of the taught cards would score: all of SEEN, no NEVER SEEN."),
    ("guess", "What the model finds most probable, piece by piece, before it is corrected."),
    ("✓ ≈ ✗", "Right; nearly: one piece of three or more is off; wrong."),
    ("surprise", "Per piece of the right answer: the taller, the less it was expected."),
    (
        "error",
        "The surprises added up, in nats: −ln of the probability it gave the right answer. 0 is "
        "certain and right; 0.69 is one chance in two; 4.6 one in a hundred.",
    ),
    (
        "36 % ▸ 52 %",
        "Probability of the right answer before and after this very correction, on the weights "
        "as they are (the scores use their running average).",
    ),
    ("up, down", "Pieces this correction made likelier and less likely, in logits."),
    ("helped, hurt", "Other cards whose error this correction lowered and raised most."),
    ("moved, grad", "How far all numbers moved, against their size; how strong the pull was."),
    (
        "the curve",
        "Error over time, nats a piece. “Blind guess” is knowing nothing: ln of the number of "
        "pieces. Both lines falling: it understands. Only the first: it memorises.",
    ),
    ("every card", "A cell a card: right, nearly, wrong; ◆ are held out. Many cards share a cell."),
    (
        "marks ✗≈✓",
        "In the list of cards: how a card was answered each time it was taught, newest right; a "
        "held-out card is marked in the exams that ask it. The last 31 are kept.",
    ),
    (
        "first ✓",
        "The step at which a card was right for the first time. Forgot: how often a right answer "
        "was followed by one that was not; again: how often it was right after that.",
    ),
    (
        "hardest",
        "By the share of its last 31 marks that are not right; among equals first what never was "
        "right, then what was taught most often.",
    ),
    ("step", "How many times the model was corrected. One step is one update of all its numbers."),
    ("cards/s", "Cards taught a second. Below full speed it waits for you, so none is shown."),
    ("00:21", "Training time, minutes and seconds; waiting and pauses are left out."),
    ("seed", "Where the random numbers start. Same seed, deck and keys: the same run, exactly."),
    ("rate ×2", "The learning rate against the deck's own: how far one correction goes."),
)
"""Each thing on the screen: what it is, its unit, how to read it. The dearest first."""
