"""A deck whose answers a saved run gives: cards for another model, which nobody has written.

Only the cards that the deck teaches get new answers. Those that are never taught keep their own,
so that exams still ask for the truth.
"""

from pathlib import Path

from flashcards.base.errors import UserError
from flashcards.cards.card_edits import CannotWrite, with_every_answer
from flashcards.cards.format import parse
from flashcards.cards.shelf import read
from flashcards.runs.run_files import write_atomically
from flashcards.runs.values import AskOptions
from flashcards.trainer.questions.varied import answers_of
from flashcards.trainer.training_state import TrainingState

FOLDER = "answers"


def answered_text(deck_path: Path, training: TrainingState, temperature: float = 0.0) -> str:
    """The text of the deck with the answers of this model, drawn at this temperature. A card to
    which it says nothing, or what no card can hold, is left out.
    Raises UserError: the deck or the model can't be used so."""
    parsed = parse(read(deck_path), deck_path.name)
    if parsed.deck is None:
        raise UserError(f"{deck_path.name} can't be used; `flashcards check` says why")
    if why := training.deck.why_not("exam", training.deck.name):
        raise UserError(why)
    taught = list(parsed.deck.taught)
    prompts = [parsed.deck.cards[i].prompt for i in taught]
    drawn = answers_of(prompts, training, AskOptions(temperature=temperature))
    answers = {i: draw.text for i, (draw,) in zip(taught, drawn, strict=True)}
    try:
        return with_every_answer(parsed.document, answers)
    except CannotWrite as error:
        raise UserError(f"{deck_path.name}: {error}") from error


def save_answered(deck_path: Path, training: TrainingState, temperature: float, run: Path) -> Path:
    """Write the answered deck into the folder of the run that answers, and return its path.
    Raises UserError: as `answered_text` does. Raises OSError: it can't be written."""
    target = run / FOLDER / deck_path.name
    text = answered_text(deck_path, training, temperature)
    target.parent.mkdir(exist_ok=True)
    write_atomically(target, text.encode("utf-8", "surrogateescape"))
    return target
