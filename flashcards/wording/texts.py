"""A text being read, in lines: what it is, how well it is guessed, what the model writes."""

from collections.abc import Iterator, Sequence

from flashcards.base.language import tr
from flashcards.runs import events as ev
from flashcards.runs.state import RunState
from flashcards.runs.values import AnswerPiece, GuessPiece, Rival, TextFacts
from flashcards.runs.verdict import percent
from flashcards.wording import facts, numbers


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
    yield facts.about(start)
    yield error_scale(start)


def error_scale(start: ev.RunStarted) -> str:
    return tr(
        "Error: 0 is certain and right; a blind guess among {n:,} pieces has {nats:.2f}.",
        n=start.n_pieces,
        nats=start.guessing_nats,
    )


def window(event: ev.CorrectionMeasured) -> str:
    """The window of an update that was measured: what surprised the model most."""
    pieces = event.correction.pieces or ()
    guess = event.correction.guess or ()
    if not pieces:
        return ""
    read = tr("It read {text}.", text=facts.quoted(event.correction.answer))
    n = n_before(pieces)
    return f"{read} {least_expected(pieces[n:], guess[n:])}"


N_BEFORE = 8  # so many at least are before a piece whose surprise is told


def n_before(pieces: Sequence[AnswerPiece]) -> int:
    """Return how many of a window's pieces, to the end of a word if one ends soon, follow hardly
    anything: that they surprise says nothing."""
    n = min(N_BEFORE, len(pieces) // 3)
    ends = (i + 1 for i in range(n, min(2 * n, len(pieces))) if pieces[i].text[-1:] in (" ", "↵"))
    return next(ends, n)


def least_expected(pieces: Sequence[AnswerPiece], guess: Sequence[GuessPiece]) -> str:
    """Say how many pieces it guessed, and which surprised it most."""
    worst = min(range(len(pieces)), key=lambda i: pieces[i].before)
    text = (
        "{n_right} of {n} guessed right. Biggest surprise: {piece}; it expected {expected}."
        if not pieces[worst].is_best
        else "{n_right} of {n} guessed right. Least sure of {piece}: it had {share}."
    )
    names: dict[str, str | float] = {
        "n_right": sum(piece.is_best for piece in pieces),
        "n": len(pieces),
        "piece": _piece(pieces[worst].text),
        "share": percent(pieces[worst].before),
    }
    if not pieces[worst].is_best:
        names["expected"] = _piece(guess[worst].text if worst < len(guess) else "")
    return tr(text, **names)


def went_on(event: ev.PinAnswered | ev.PromptAnswered) -> str:
    """Quote what it wrote after a beginning. It was drawn: how probable all of it is says
    nothing."""
    return tr(
        "Given the beginning {prompt} it writes on: {answer}",
        prompt=facts.quoted(event.prompt),
        answer=facts.quoted(event.answer),
    )


def _piece(text: str) -> str:
    return tr("a space") if text and not text.strip() else facts.quoted(text)


def exam(exam_taken: ev.ExamTaken) -> str:
    errors = facts.errors(exam_taken.seen_loss_nats, exam_taken.unseen_loss_nats)
    return f"{facts.next_pieces(exam_taken.seen, exam_taken.unseen)} {errors}".rstrip()


def written(event: ev.TextWritten) -> Iterator[str]:
    yield tr("It writes: {text}", text=facts.quoted(event.lines[0] if event.lines else ""))
    if event.copied:
        yield tr(
            "Longest stretch that stands word for word in the text: {n} letters, {text}.",
            n=len(event.copied),
            text=facts.quoted(event.copied),
        )


def rivals(state: RunState) -> Iterator[str]:
    """Say what mere counting gets, in the unit of the model's error, one line each."""
    for rival in state.rivals:
        if rival.unseen_nats is not None:
            seen, unseen = per_piece(state, rival)
            yield tr(
                "Counting, {name}: error {seen} where it reads, {unseen} in passages kept back.",
                name=facts.rival_name(rival.name),
                seen=numbers.nats(seen),
                unseen=numbers.nats(unseen),
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
