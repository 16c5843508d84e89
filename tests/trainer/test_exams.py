"""Exams: when they are due, the one before the first card, and one that is obeyed through."""

from pathlib import Path

import pytest

from flashcards.learner import grades
from flashcards.learner.order import CardOrder
from flashcards.runs import events as ev
from flashcards.runs.commands import Ask, Pause, Play, Stop
from flashcards.runs.goal import Goal
from flashcards.runs.marks import NOT_ASKED, RIGHT, WRONG
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.trainer import ending, exams, teaching
from flashcards.trainer.exams import Examiner, are_all_right
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.schedule import Cost, exam_gap_s
from flashcards.trainer.training_state import LessonMemory, TrainingState
from tests.learner.decks import fruit, taught
from tests.trainer.lessons import Clock, ScriptedInbox, Watched, run_lesson

CARDS = "".join(f"{a}+{b} :: {a + b}\n" for a in range(6) for b in range(6))


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(grades, "GRADED_PIECES", 16)
    monkeypatch.setattr(teaching, "LONG_EXAM_CARDS", 1)
    monkeypatch.setattr(exams, "N_SAMPLE", 10)
    # gives up soon: what is learned until then is no matter
    monkeypatch.setattr(exams, "PATIENCE_MIN_S", 0.05)
    monkeypatch.setattr(exams, "PATIENCE_FACTOR", 0.05)
    path = tmp_path / "sums.deck"
    path.write_text(f"+++\nn_layers = 1\nwidth = 16\n+++\n{CARDS}")
    return path


class Reactor:
    """At the first slice of the exam that ends the lesson, puts these commands into the inbox."""

    def __init__(self, *commands: Ask | Pause | Play | Stop) -> None:
        self.inbox = ScriptedInbox(Clock(), [])
        self.commands = list(commands)

    def __call__(self, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.ExamUnderWay):
            while self.commands:
                self.inbox.put(self.commands.pop(0))
        if isinstance(event, ev.LessonEnded):
            self.inbox.put(Stop())


def learn(
    deck: Path, runs: Path, *commands: Ask | Pause | Play | Stop, resume: str | None = None
) -> Watched:
    reactor = Reactor(*commands)
    _, watched = run_lesson(
        deck, runs, react=reactor, inbox=reactor.inbox, resume=resume, is_noted=True
    )
    return watched


def places(watched: Watched, *kinds: type[ev.AnyEvent]) -> list[int]:
    return [i for i, event in enumerate(watched.events) if isinstance(event, kinds)]


def test_a_pause_within_it_holds_it_and_play_goes_on(deck: Path, tmp_path: Path) -> None:
    watched = learn(deck, tmp_path / "runs", Pause(), Play())
    (begun,) = watched.of(ev.ExamUnderWay)
    assert 0 < begun.n_asked < begun.n_cards == 36
    (paused,), (played,) = places(watched, ev.RunPaused), places(watched, ev.RunPlayed)
    full = [i for i in places(watched, ev.ExamTaken) if i > played]
    assert watched.events.index(begun) < paused < played < full[0]
    assert places(watched, ev.LessonEnded) > full[:1]


def test_what_is_asked_within_it_is_answered_before_its_end(deck: Path, tmp_path: Path) -> None:
    watched = learn(deck, tmp_path / "runs", Ask(request=1, prompt="2+2"))
    begun = watched.events.index(watched.of(ev.ExamUnderWay)[0])
    (answered,) = places(watched, ev.PromptAnswered)
    assert begun < answered < min(i for i in places(watched, ev.ExamTaken) if i > begun)


def test_told_to_stop_it_is_left_and_the_run_can_go_on(deck: Path, tmp_path: Path) -> None:
    watched = learn(deck, tmp_path / "runs", Stop())
    begun = watched.events.index(watched.of(ev.ExamUnderWay)[0])
    assert not [i for i in places(watched, ev.ExamTaken, ev.LessonEnded) if i > begun]
    (run,) = (tmp_path / "runs").iterdir()
    step = watched.events[-1].step
    resumed = learn(deck, tmp_path / "runs", resume=str(run))
    assert resumed.of(ev.LessonEnded)[0].step >= step


@pytest.mark.slow
def test_obeying_within_it_changes_nothing_of_what_is_learned(deck: Path, tmp_path: Path) -> None:
    plain = learn(deck, tmp_path / "plain")
    held = learn(deck, tmp_path / "held", Pause(), Ask(request=1, prompt="3+3"), Play())
    assert held.of(ev.PromptAnswered)
    assert held.hashes == plain.hashes


def test_the_screen_knows_of_it_until_it_is_over() -> None:
    state = RunState()
    state.fold(ev.ExamUnderWay(step=7, n_asked=300, n_cards=100_000))
    assert state.exams.under_way is not None
    assert state.exams.under_way.n_cards == 100_000


def test_a_small_deck_is_asked_every_few_updates_at_first() -> None:
    cost = Cost(tokens_per_card=15)
    gap_s = exam_gap_s(cost, 70, now_s=0.0)
    assert gap_s == pytest.approx(3 * cost.exam_s(70))
    assert 1 < gap_s / cost.step_s(16) < 5


def test_exams_come_less_often_until_they_take_a_tenth_of_the_time() -> None:
    cost = Cost(tokens_per_card=15)
    gaps_s = [exam_gap_s(cost, 800, now_s) for now_s in (0.0, 8.0, 10.0, 60.0, 3600.0)]
    exam_s = cost.exam_s(800)
    assert gaps_s == pytest.approx([3 * exam_s, 0.8, 1.0, 10 * exam_s, 10 * exam_s])


@pytest.mark.parametrize(
    ("seen", "unseen", "loss_nats", "is_better"),
    [
        (Score(5, 10), Score(5, 10), 1.0, False),
        (Score(6, 10), Score(5, 10), 1.0, True),
        (Score(5, 10), Score(6, 10), 1.0, True),
        (Score(5, 10), Score(5, 10), 0.5, True),
        (Score(5, 10), Score(5, 10), 2.0, False),
        (Score(10, 10), Score(5, 10), 0.5, True),
        (Score(0, 0), Score(0, 0), None, False),
    ],
)
def test_a_better_score_or_a_smaller_error_is_progress(
    seen: Score, unseen: Score, loss_nats: float | None, is_better: bool
) -> None:
    memory = LessonMemory(best_seen=0.5, best_unseen=0.5, best_loss_nats=1.0, nominal_s=9.0)
    exam = ev.ExamTaken(
        step=9,
        cards_taught=9,
        is_full=True,
        seen=seen,
        unseen=unseen,
        seen_loss_nats=loss_nats,
        unseen_loss_nats=None,
    )
    deck = fruit()
    learner, ledger = taught(deck, 0), CardLedger(len(deck.cards))
    training = TrainingState(deck, learner, CardOrder(deck.taught, seed=1), ledger, memory)
    Examiner(training, Cost(5.0)).note_progress(memory, exam)
    assert (memory.best_at_s == 9.0) == is_better


def some_known() -> TrainingState:
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


@pytest.mark.parametrize(("quick_exam_s", "is_asked_anew"), [(1000.0, True), (0.0, False)])
def test_a_lesson_that_is_stopped_asks_every_card_only_if_that_is_quick(
    deck: Path, monkeypatch: pytest.MonkeyPatch, quick_exam_s: float, is_asked_anew: bool
) -> None:
    monkeypatch.setattr(teaching, "LONG_EXAM_CARDS", 1000)
    monkeypatch.setattr(ending, "QUICK_EXAM_S", quick_exam_s)
    _, watched = run_lesson(deck, script=[(13, Stop())], goal=Goal(step=100))
    *_, last = watched.of(ev.ExamTaken)
    (ended,) = watched.of(ev.LessonEnded)
    assert last.is_full == is_asked_anew
    assert ended.seen == last.seen
