"""Every sentence of the dialogs, in one place, so that it can be translated.

Long because it is a list: a dialog after the other, a sentence a function.
"""

from __future__ import annotations

from collections.abc import Sequence

from flashcards import sentences
from flashcards.app.kit.cells import cut
from flashcards.app.kit.numbers import count
from flashcards.app.kit.styles import MUTED as HINT
from flashcards.language import format_number, say
from flashcards.runs.events import DeckChanged, RunStarted
from flashcards.runs.state import RunState
from flashcards.runs.values import DeckProblem, Score, Stamp
from flashcards.runs.verdict import counted

CLOSE = say("esc close")

QUIT_TITLE = say("Leave the lesson?")
SAVE_AND_QUIT = say("save and quit")
QUIT_NOW = say("quit without saving")
CANCEL = say("cancel")
STAY = say("The lesson goes on.")
SAVING = say("Saving…")

RESTART_TITLE = say("Start over?")
RESTART_TEXT = say("A new model that knows nothing. What this one learned is saved first.")
SAME_SEED = say("same seed")
NEW_SEED = say("new seed")

COUNT_TITLE = say("Teach how many cards?")
COUNT_TEXT = say("One card an update, as fast as it can; then it pauses.")
COUNT_HINT = say("enter teach · esc cancel")
COUNT_WRONG = say("a whole number from 1 to 1,000,000")

ASK_TITLE = say("Ask the model")
ASK_PLACEHOLDER = say("a prompt: one of the deck's, or one it has never seen")
ASK_EMPTY = say(
    "Type a prompt and press enter. The lesson goes on meanwhile; asking changes nothing."
)
ASK_WAITING = say("asking…")
ASK_STARTING = say("The model is waking; it answers as soon as it can.")
ASK_GONE = say("The trainer has stopped; nobody is there to answer.")
TEACH_PLACEHOLDER = say("the answer it should learn")
TEACHING = say("putting it into the deck…")
ANSWERS = say("says")
CERTAIN = say("sure")
PIECES = say("in %")
ALSO = say("or")
CORRECT = say("correct")
NEAREST = say("nearest")
BEFORE = say("before")
SAYS_NOTHING = say("(nothing)")
NO_ANSWER = "–"
PINNED = say("pinned")
OVER_TIME = say("enter: how it came about")
TAUGHT = say("taught")
REFUSED = say("refused")
STEP = say("step")
HOW_SURE = say("how sure")
NOT_ASKED_YET = say("asked at the next exam")
N_ALSO = 2

DECKS_TITLE = say("Decks")
DECKS_FILTER = say("type to filter")
DECKS_LOOKING = say("looking for decks…")
DECKS_NONE = say("No deck says that. Backspace widens the search.")
DECKS_EMPTY = say("There are no decks. A deck is a text file: prompt :: answer, a line a card.")
DECKS_HINT = say("enter teach · F4 edit · del delete · esc back")
NOT_TAUGHT_YET = say("not taught yet")
CANNOT_BE_USED = say("✗ cannot be taught")

HELP_TITLE = say("Help")
HELP_HINT = say("keys, then what the numbers mean · ↑↓ pgdn scroll · esc back")
HELP_KEYS = say("Keys")
HELP_NUMBERS = say("What the screen says")

PLACES = {"here": say("in this folder"), "own": say("your own"), "shipped": say("shipped")}
KINDS = {
    "memorise": say("to memorise"),
    "rule": say("a rule"),
    "relations": say("relations"),
    "grokking": say("grokking"),
}


def saves(step: int, go_on: str) -> str:
    """What the first choice does."""
    return say(
        "Keeps all up to step {step}; {go_on} goes on from there.", step=count(step), go_on=go_on
    )


def loses(last_saved_step: int | None, step: int) -> str:
    """What the second choice does."""
    if last_saved_step is None:
        return say("Nothing is saved yet: all of it is lost.")
    if last_saved_step >= step:
        return say(
            "Step {step} is saved already: nothing is lost.",
            step=count(last_saved_step),
        )
    return say(
        "Keeps what is saved, step {step}; the rest is lost.",
        step=count(last_saved_step),
    )


def same_seed(seed: int) -> str:
    """What the same seed does."""
    return say("Seed {seed}: the same first guesses, the same order of cards.", seed=seed)


def new_seed(seed: int) -> str:
    """What a new seed does."""
    return say("Seed {seed}: other random numbers to begin with, and another order.", seed=seed)


def twin(state: RunState, n_cards: int, duty: float) -> str:
    """How far the shuffled twin is."""
    if state.liveness == "failed":
        return say("twin: stopped. {failure}", failure=state.failure)
    if state.start is None:
        return say("twin: starting")
    share = (
        say("half the time")
        if duty == 0.5
        else say("{share} of the time", share=f"{100 * duty:.0f} %")
    )
    return say(
        "twin: {cards_taught:,} of {n_cards:,} cards, {share}",
        cards_taught=state.cards_taught,
        n_cards=max(n_cards, state.cards_taught),
        share=share,
    )


def twin_failed(reason: str) -> str:
    """The twin is gone, the lesson is not."""
    return say("The twin stopped: {reason}. The lesson goes on without it.", reason=reason)


def no_twin(start: RunStarted | None) -> str:
    """Why a lesson can't have a twin."""
    if start is None:
        return say("The lesson is still starting; then it can have a twin.")
    if start.is_shuffled:
        return say("The answers of this deck are shuffled already.")
    return say("A deck with one card has nothing to shuffle.")


def goes_on(key: str, step: int, seen: Score | None) -> str:
    """The line that offers the last run."""
    scores = "" if seen is None else say(" (seen {seen})", seen=score(seen))
    return say(
        "{key} goes on with step {step} of the last time{scores}.",
        key=key,
        step=count(step),
        scores=scores,
    )


def asking_all(n_asked: int, n_cards: int) -> str:
    """An exam of every card takes a while."""
    return say(
        "Asking all {n_cards:,} cards: {share:.0%} done",
        n_cards=n_cards,
        share=n_asked / max(1, n_cards),
    )


def first_run(ask: str, memory: str, new_deck: str) -> str:
    """The line for somebody who is here for the first time."""
    return say(
        "{ask} asks it anything. {memory}: memory or understanding? {new_deck} "
        "begins a deck of your own (docs/write-a-deck.md says how).",
        ask=ask,
        memory=memory,
        new_deck=new_deck,
    )


def deck_problem(problem: DeckProblem, n_problems: int) -> str:
    """The line about a deck with errors: its first, and how many more."""
    more = (
        say(" (and {n_problems} more)", n_problems=count(n_problems - 1)) if n_problems > 1 else ""
    )
    are_taught = problem.code in ("conflict", "leak")
    return say(
        "{problem}{more}. {who} are taught.",
        problem=sentences.deck_problem(problem),
        more=more,
        who=say("All cards") if are_taught else say("The other cards"),
    )


def deck_broken(problem: str) -> str:
    """The line about a save that isn't taught."""
    return say("{problem}. The deck as it was is taught until that is mended.", problem=problem)


def deck_changed(change: DeckChanged) -> str:
    """What a saved deck brought."""
    counts = say("+{n} cards", n=count(change.n_added)) if change.n_added != 1 else say("+1 card")
    said = say(
        "{counts}, {n_changed} changed, {n_removed} gone",
        counts=counts,
        n_changed=count(change.n_changed),
        n_removed=count(change.n_removed),
    )
    named = ", ".join(change.prompts)
    return ". ".join(
        [say("The deck was saved: {said}", said=said) + (f" ({named})" if named else "")]
        + [note.rstrip(".") for note in change.notes]
    )


def failed_offer(go_on: str, step: int | None, restart: str, decks: str) -> str:
    """What can be done after the trainer stopped."""
    first = (
        ""
        if step is None
        else say("{go_on} goes on from step {step}, saved. ", go_on=go_on, step=count(step))
    )
    return say(
        "{first}{restart} starts over. {decks} chooses another deck.",
        first=first,
        restart=restart,
        decks=decks,
    )


def rate(factor: float) -> str:
    """The learning rate's factor: ×2, ×½, ×1/16."""
    if factor >= 1:
        return say("learning rate ×{factor:g}", factor=factor)
    return say("learning rate ×1/{factor:g}", factor=1 / factor)


def rate_at_end(factor: float) -> str:
    """The same where it can't be changed any further that way."""
    if factor >= 1:
        return say("{rate}: larger it can't be", rate=rate(factor))
    return say("{rate}: smaller it can't be", rate=rate(factor))


def score(value: Score) -> str:
    """50/50."""
    return counted(value)


def result(seen: Score | None, unseen: Score | None) -> str:
    """SEEN 50/50 · NEVER SEEN 0/20."""
    parts = []
    if seen is not None and seen.total:
        parts.append(say("SEEN {seen}", seen=score(seen)))
    if unseen is not None and unseen.total:
        parts.append(say("NEVER SEEN {unseen}", unseen=score(unseen)))
    return " · ".join(parts)


def cards(n_taught: int, n_held_out: int, *, is_estimate: bool) -> str:
    """50 taught, 20 held out."""
    about = say("about ") if is_estimate else ""
    held_out = say(", {n_held_out:,} held out", n_held_out=n_held_out) if n_held_out else ""
    return say(
        "{about}{n_taught:,} taught{held_out}", about=about, n_taught=n_taught, held_out=held_out
    )


def n_decks(n_shown: int, n: int) -> str:
    """13 decks, or 2 of 13 decks."""
    noun = say("deck") if n == 1 else say("decks")
    return (
        f"{format_number(n, ',')} {noun}"
        if n_shown == n
        else say("{n_shown:,} of {n:,} {noun}", n_shown=n_shown, n=n, noun=noun)
    )


def problems(n: int, first: str) -> str:
    """A deck's problems, the first of them in words."""
    return f"{first}" if n == 1 else say("{first} · and {n:,} more", first=first, n=n - 1)


def stamp(value: Stamp, times_seen: int) -> str:
    """How the model knows a prompt."""
    match value:
        case "seen":
            return say("SEEN {times_seen:,}×", times_seen=times_seen)
        case "not_yet_taught":
            return say("NOT YET TAUGHT")
        case "held_out":
            return say("HELD OUT")
        case "new":
            return say("NEW")


def stamp_meaning(value: Stamp) -> str:
    """What the stamp means."""
    match value:
        case "seen":
            return say("a card whose answer it was taught")
        case "not_yet_taught":
            return say("a card whose turn has not come")
        case "held_out":
            return say("a card it is only asked, never taught")
        case "new":
            return say("not in the deck: nobody ever told it")


def nearly(prompt: str, stamp: str, room: int) -> str:
    """What a new prompt nearly is, its prompt cut so that all of it fits."""
    return say(
        "but nearly a card: “{prompt}”, {stamp}",
        prompt=cut(prompt, max(4, room - 22 - len(stamp))),
        stamp=stamp,
    )


def ask_title(is_pinned: bool, *, as_of: str = "", is_past: bool = False) -> str:
    """The dialog's first line, with what can be done; each can be clicked.

    Args:
        as_of: Which step's model is asked, "" for the lesson's: only that is taught anything.
        is_past: Whether it is shown how the answer came about.
    """
    pin = say("unpin") if is_pinned else say("pin")
    past = say("now") if is_past else say("past")
    ways = [f"[@click=screen.pin]F2 {pin}[/]"]
    if not as_of:
        ways = [say("enter ask"), *ways, f"[@click=screen.teach]F3 {say('teach it')}[/]"]
    ways += [f"[@click=screen.past]F4 {past}[/]", f"[@click=screen.close]{CLOSE}[/]"]
    when = f" [b $text-accent]{as_of}[/]" if as_of else ""
    return f"[b]{ASK_TITLE}[/b]{when}   [{HINT}]{' · '.join(ways)}[/]"


def teach_title() -> str:
    """The dialog's first line while an answer is typed."""
    return (
        f"[b]{say('Teach it this')}[/b]   [{HINT}]{say('enter puts it into the deck')} · "
        f"[@click=screen.close]{say('esc back')}[/][/]"
    )


def teach_prompt(prompt: str) -> str:
    """What stands before the answer that is typed."""
    return f"{cut(prompt, 30)} → "


def taught(notes: Sequence[str], is_paused: bool) -> str:
    """What became of a card taught by hand."""
    first = say("when the lesson goes on.") if is_paused else say("from now on.")
    return " ".join((first, *notes))


def coming(n_left: int) -> str:
    """How many saved states are still to answer."""
    return say("{n_left} more…", n_left=n_left)


def states(n_shown: int, n: int) -> str:
    """Whose answers these are."""
    if n_shown < n:
        return say("{n_shown} of {n} saved states", n_shown=count(n_shown), n=count(n))
    return say("what each of {n} saved states says", n=count(n))


def pinned(prompt: str, replaced: str | None) -> str:
    """A card was pinned from the lesson."""
    instead = (
        ""
        if replaced is None
        else say(" “{replaced}” is not followed any more.", replaced=cut(replaced, 30))
    )
    return say(
        "“{prompt}” is pinned: asked at every exam. a shows its answers.{instead}",
        prompt=cut(prompt, 30),
        instead=instead,
    )


def unpinned(prompt: str) -> str:
    """A card was unpinned from the lesson."""
    return say("“{prompt}” is not pinned any more.", prompt=cut(prompt, 30))


def at_step(step: int) -> str:
    """When it was asked."""
    return say("at step {step}", step=count(step))


def last_time(step: int, scores: str) -> str:
    """What the last run on a deck had reached."""
    return say("last time, step {step}: {scores}", step=count(step), scores=scores)


THEME_COMMAND = (say("theme"), say("Other colours, light or dark."))
PICTURE_COMMAND = (say("picture"), say("Save the screen as an SVG file."))

GLOSSARY: tuple[tuple[str, str], ...] = (
    (say("■ SEEN"), say("Of the cards taught at least once, how many it answers right.")),
    (
        say("◆ NEVER SEEN"),
        say(
            "Of the cards held out and never taught, how many it answers right. Only "
            "this tells understanding from memory."
        ),
    ),
    (
        say("lookup table"),
        say("What a list of the taught cards would score: all of SEEN, no NEVER SEEN."),
    ),
    (
        say("guess"),
        say("What the model finds most probable, piece by piece, before it is corrected."),
    ),
    ("✓ ≈ ✗", say("Right; nearly: one piece of three or more is off; wrong.")),
    (say("surprise"), say("Per piece of the right answer: the taller, the less it was expected.")),
    (
        say("error"),
        say(
            "The surprises added up, in nats: −ln of the probability it gave the right "
            "answer. 0 is certain and right; 0.69 is one chance in two; 4.6 one in a "
            "hundred."
        ),
    ),
    (
        "36 % ▸ 52 %",
        say(
            "Probability of the right answer before and after this very correction, on "
            "the weights as they are (the scores use their running average)."
        ),
    ),
    (
        say("up, down"),
        say("Pieces whose leaning (logit) this correction pushed up and down most."),
    ),
    (
        say("helped, hurt"),
        say(
            "Other cards whose error this correction lowered and raised most; of a large deck, "
            "and at full speed, among a sample."
        ),
    ),
    (
        say("moved, grad"),
        say("How far all numbers moved, against their size; how strong the pull was."),
    ),
    (
        say("the curve"),
        say(
            "Error over time, nats a piece. “Blind guess” is knowing nothing: ln of "
            "the number of pieces. Both lines falling: it understands. Only the first: "
            "it memorises."
        ),
    ),
    (
        say("every card"),
        say("A cell a card: right, nearly, wrong; ◆ are held out. Many cards share a cell."),
    ),
    (
        say("marks ✗≈✓"),
        say(
            "In the list of cards: how a card was answered each time it was taught, "
            "newest right; a held-out card is marked in the exams that ask it. The "
            "last 31 are kept."
        ),
    ),
    (
        say("first ✓"),
        say(
            "The step at which a card was right for the first time. Forgot: how often "
            "a right answer was followed by one that was not; again: how often it was "
            "right after that."
        ),
    ),
    (
        say("hardest"),
        say(
            "By the share of its last 31 marks that are not right; among equals first "
            "what never was right, then what was taught most often."
        ),
    ),
    (
        say("step"),
        say("How many times the model was corrected. One step is one update of all its numbers."),
    ),
    (
        say("cards/s"),
        say("Cards taught a second. Below full speed it waits for you, so none is shown."),
    ),
    ("00:21", say("Training time, minutes and seconds; waiting and pauses are left out.")),
    (
        say("seed"),
        say("Where the random numbers start. Same seed, deck and keys: the same run, exactly."),
    ),
    (say("rate ×2"), say("The learning rate against the deck's own: how far one correction goes.")),
)
"""Each thing on the screen: what it is, its unit, how to read it. The dearest first."""
