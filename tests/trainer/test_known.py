"""The exam before the first card: what it finds is asked apart from then on, and is saved."""

from flashcards.learner.order import CardOrder
from flashcards.runs.marks import NOT_ASKED, RIGHT, WRONG
from flashcards.trainer.exams import Examiner, are_all_right
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.schedule import Cost
from flashcards.trainer.training_state import LessonMemory, TrainingState
from tests.learner.decks import fruit
from tests.learner.taught import taught


def some_known() -> TrainingState:
    """A lesson about to begin, whose model could answer some of the cards and not all."""
    learner = taught(fruit(), 40, batch_size=6)
    deck = fruit()
    order, ledger = CardOrder(deck.taught, seed=1), CardLedger(len(deck.cards))
    training = TrainingState(deck, learner, order, ledger, LessonMemory())
    training.ask_before(range(len(deck.cards)))
    assert training.ledger.before == bytearray(learner.grade(range(len(deck.cards))).marks)
    training.ledger.before[:3] = bytes([WRONG, WRONG, NOT_ASKED])  # whatever it has learned
    return training


def test_what_was_right_before_the_first_card_is_a_score_of_its_own() -> None:
    training = some_known()
    known, n = training.ledger.known_before, len(training.deck.cards)
    assert 0 < len(known) < n
    examiner = Examiner(training, Cost(5.0))
    exam = examiner.take(is_full=True)
    assert exam.known is not None
    assert exam.is_full
    assert exam.known.cards.total == len(known)
    assert exam.known.sentences is None  # its pieces are those of fruit: it can't say others
    asked_apart = (*examiner.taught, *examiner.never_seen)
    assert set(asked_apart) == set(range(n)) - known
    assert exam.seen.total == 0  # of those nothing was taught yet
    assert all(examiner.marks)
    assert exam.known.cards.right == sum(examiner.marks[i] == RIGHT for i in known)
    assert examiner.full_exam_s == Cost(5.0).exam_s(n)
    assert not are_all_right(exam, len(examiner.taught))


def test_it_is_saved_with_the_state_and_told_with_the_start() -> None:
    training = some_known()
    parts = training.learner.load(training.to_bytes())
    assert training.ledger.before is not None
    assert parts["before"] == bytes(training.ledger.before)
    again = training.ledger.remapped([None, 2, 1])
    assert again.before == bytearray([0, training.ledger.before[2], training.ledger.before[1]])
