"""A text being read, in lines: what it is, how well it is guessed, what the model writes."""

from __future__ import annotations

from collections.abc import Iterator

from flashcards.base.language import format_number, tr
from flashcards.runs import events as ev
from flashcards.runs.state import RunState
from flashcards.runs.values import Rival, TextFacts
from flashcards.runs.verdict import percent
from flashcards.wording import facts
from flashcards.wording.facts import quoted


def begins(start: ev.RunStarted, text: TextFacts) -> Iterator[str]:
    n_windows = start.n_taught + start.n_held_out
    yield tr(
        "{name}: a text of {n_characters:,} characters, cut into {n_windows:,} windows; "
        "{n_held_out:,} are kept back and never read. The model is {n_numbers:,} numbers, random "
        "at first. Seed {seed}.",
        name=start.name or start.deck,
        n_characters=text.n_characters,
        n_windows=n_windows,
        n_held_out=start.n_held_out,
        n_numbers=start.n_parameters,
        seed=start.seed,
    )
    yield start.shows
    yield error_scale(start)


def error_scale(start: ev.RunStarted) -> str:
    """What an error of cards or of a text is measured against."""
    return tr(
        "Error: 0 is certain and right; a blind guess among {n:,} pieces has {nats:.2f}.",
        n=start.n_pieces,
        nats=start.guessing_nats,
    )


def window(event: ev.CorrectionMeasured) -> str:
    """The window of an update that was measured: what surprised the model most."""
    correction = event.correction
    pieces = correction.pieces or ()
    if not pieces:
        return ""
    # a window's first piece follows nothing, so that it surprises says nothing
    places = range(int(len(pieces) > 1), len(pieces))
    worst = min(places, key=lambda i: pieces[i].before)
    guess = correction.guess or ()
    facts = {
        "text": quoted(correction.answer),
        "n_right": sum(piece.is_best for piece in pieces),
        "n": len(pieces),
        "before": quoted("".join(piece.text for piece in pieces[max(0, worst - 12) : worst])),
        "piece": _piece(pieces[worst].text),
    }
    if pieces[worst].is_best:
        return tr(
            "It read {text}: {n_right} of {n} next pieces guessed right. After {before} it was "
            "least sure, and right: {piece}.",
            **facts,
        )
    return tr(
        "It read {text}: {n_right} of {n} next pieces guessed right. After {before} it expected "
        "{guess}, and there stood {piece}.",
        **facts,
        guess=_piece(guess[worst].text if worst < len(guess) else ""),
    )


def went_on(event: ev.PinAnswered | ev.PromptAnswered) -> str:
    """What it wrote after a beginning. It was drawn, so how probable all of it is says nothing."""
    return tr(
        "Given the beginning {prompt} it writes on: {answer}",
        prompt=quoted(event.prompt),
        answer=quoted(event.answer),
    )


def _piece(text: str) -> str:
    return tr("a space") if text and not text.strip() else quoted(text)


def exam(taken: ev.ExamTaken) -> str:
    """How well next pieces are guessed."""
    said = tr(
        "Next pieces guessed right: {seen} where it reads, {unseen} in passages kept back.",
        seen=_share(taken.seen.rate),
        unseen=_share(taken.unseen.rate),
    )
    errors = tr(
        "Error: {seen} and {unseen}.",
        seen=_nats(taken.seen_loss_nats),
        unseen=_nats(taken.unseen_loss_nats),
    )
    return f"{said} {errors}"


def written(event: ev.TextWritten) -> Iterator[str]:
    """What the model writes by itself, and how much of it is copied."""
    yield tr("It writes: {text}", text=quoted(event.lines[0] if event.lines else ""))
    if event.copied:
        yield copied(event)


def copied(event: ev.TextWritten) -> str:
    """The longest stretch that stands in the text."""
    return tr(
        "Longest stretch that stands word for word in the text: {n} letters, {text}.",
        n=len(event.copied),
        text=quoted(event.copied),
    )


def rivals(state: RunState) -> Iterator[str]:
    """What mere counting gets, one line each."""
    for rival in state.rivals:
        if rival.unseen_nats is not None:
            yield rival_line(state, rival)


def ends(state: RunState) -> Iterator[str]:
    """What is said beside the verdict when a text was read: the rivals, and what was copied."""
    yield from rivals(state)
    if state.written is not None and state.written.copied:
        yield copied(state.written)


def rival_line(state: RunState, rival: Rival) -> str:
    """One rival, in the unit of the model's error."""
    seen, unseen = per_piece(state, rival)
    return tr(
        "Counting, {name}: error {seen} where it reads, {unseen} in passages kept back.",
        name=facts.rival_name(rival.name),
        seen=_nats(seen),
        unseen=_nats(unseen),
    )


def per_piece(state: RunState, rival: Rival) -> tuple[float | None, float | None]:
    """A rival's errors in nats a piece, read and kept back."""
    text = None if state.start is None else state.start.text
    factor = 1.0 if text is None else text.characters_per_piece
    seen, unseen = rival.seen_nats, rival.unseen_nats
    return (
        None if seen is None else factor * seen,
        None if unseen is None else factor * unseen,
    )


def _share(rate: float | None) -> str:
    return "–" if rate is None else percent(rate)


def _nats(nats: float | None) -> str:
    return "–" if nats is None else format_number(nats, ".2f")
