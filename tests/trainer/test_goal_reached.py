"""A lesson that is told where to pause: at a step, a share or a time, the same every time."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from flashcards.cards.format import parse
from flashcards.learner.grades import Grades
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.commands import AnyCommand, PauseAt, Stop
from flashcards.runs.events import AnyEvent, ExamTaken, GoalReached, RunPaused, StateSaved
from flashcards.runs.goal import Goal
from flashcards.runs.marks import RIGHT, WRONG
from flashcards.runs.values import Score
from flashcards.trainer import exams
from flashcards.trainer.ending import LessonEnding
from flashcards.trainer.exams import Examiner
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.opening import LessonError, open_lesson
from flashcards.trainer.request import LessonRequest
from flashcards.trainer.schedule import Cost
from flashcards.trainer.training_state import LessonMemory, TrainingState
from tests.decks import write_capitals
from tests.golden import words
from tests.trainer.lessons import Clock, ScriptedInbox, run_lesson


class Impatient(ScriptedInbox):
    def __init__(self, turns: list[AnyCommand]) -> None:
        super().__init__(Clock(), [])
        self.turns = turns

    def wait(self, timeout_s: float) -> None:
        self.put(self.turns.pop(0))


def taught(folder: Path, *turns: AnyCommand) -> list[AnyEvent]:
    folder.mkdir(exist_ok=True)
    inbox = Impatient([*turns, Stop()])
    return run_lesson(write_capitals(folder), inbox=inbox, is_paused=True)[1].events


@pytest.mark.parametrize(
    ("goal", "is_refused"),
    [
        (Goal(unseen=0.5), True),
        (Goal(unseen=0.5, seen=1.0, needs_both=True), True),
        (Goal(unseen=0.5, seen=0.1), False),
        (Goal(unseen=0.5, step=3), False),
    ],
)
def test_a_share_of_no_cards_is_no_goal(tmp_path: Path, goal: Goal, is_refused: bool) -> None:
    deck, runs = tmp_path / "all.deck", tmp_path / "runs"
    deck.write_text("+++\nn_layers = 1\nwidth = 32\n+++\na :: b\n", "utf-8")
    if not is_refused:
        opened, _ = run_lesson(deck, runs, goal=goal)
        assert opened.training.learner.step > 0
        return
    with pytest.raises(LessonError) as caught:
        run_lesson(deck, runs, goal=goal)
    assert f"{caught.value}\n" == words("goal: never reached", goal="unseen=0.5")
    assert not runs.exists()
    for request in (
        LessonRequest(deck=str(deck), runs=str(runs), until=goal),
        LessonRequest(deck=str(deck), runs=str(runs), after="any", until=goal),
    ):
        with pytest.raises(LessonError, match="every card of"):
            open_lesson(
                request,
                inbox=Inbox(),
                watch=lambda _: None,
                on_stage=lambda stage, percent=None: None,
            )


def goals(happened: list[AnyEvent]) -> list[tuple[int, int]]:
    return [(e.request, e.step) for e in happened if isinstance(e, GoalReached)]


def test_a_lesson_that_begins_paused_makes_no_update(tmp_path: Path) -> None:
    happened = taught(tmp_path)
    assert max(event.step for event in happened) == 0
    assert any(isinstance(event, RunPaused) for event in happened)


def test_it_pauses_at_exactly_this_step_and_goes_on_to_the_next(tmp_path: Path) -> None:
    happened = taught(
        tmp_path, PauseAt(request=1, goal=Goal(step=7)), PauseAt(request=2, goal=Goal(step=9))
    )
    assert goals(happened) == [(1, 7), (2, 9)]
    assert max(event.step for event in happened) == 9
    saved = [event.step for event in happened if isinstance(event, StateSaved)]
    assert {7, 9} <= set(saved)


def test_it_pauses_at_the_exam_with_this_share(tmp_path: Path) -> None:
    happened = taught(tmp_path, PauseAt(request=3, goal=Goal(seen=0.5)))
    ((request, step),) = goals(happened)
    exams = [event for event in happened if isinstance(event, ExamTaken)]
    assert request == 3
    assert exams[-1].step == step
    assert (exams[-1].seen.rate or 0) >= 0.5
    assert all((exam.seen.rate or 0) < 0.5 for exam in exams[:-1])


@pytest.mark.slow
def test_seconds_are_the_same_steps_each_time(tmp_path: Path) -> None:
    ends = [
        goals(taught(tmp_path / str(i), PauseAt(request=1, goal=Goal(seconds=0.3))))
        for i in range(2)
    ]
    assert ends[0] == ends[1]
    assert ends[0][0][1] > 5


@pytest.mark.parametrize("seen", [None, 0.01])
def test_what_holds_already_pauses_at_once(tmp_path: Path, seen: float | None) -> None:
    first, second = Goal(step=30), Goal(step=30, seen=seen)
    happened = taught(tmp_path, PauseAt(request=1, goal=first), PauseAt(request=2, goal=second))
    assert goals(happened) == [(1, 30), (2, 30)]


class Sampled:
    """A lesson of which 1,000 cards are never taught, as an ending sees it: exams ask 400."""

    def __init__(self, sampled_right: int, all_right: int, n_seen_right: int = 1000) -> None:
        self.n_right = all_right
        self.memory = LessonMemory(nominal_s=10.0, next_exam_s=11.0, best_at_s=9.0)
        self.learner = SimpleNamespace(step=5, is_finite=True)
        self.examiner = SimpleNamespace(
            taught=range(1000),
            never_seen=range(1000),
            unseen_exam_s=0.1,
            full_exam_s=0.2,
            has_unseen_share=lambda share: self.n_right / 1000 >= share,
        )
        self._n_seen_right = n_seen_right
        self.exam = self._exam(Score(sampled_right, 400))
        self.n_full_exams = 0

    def _exam(self, unseen: Score) -> ExamTaken:
        return ExamTaken(
            step=5,
            cards_taught=160,
            is_full=unseen.total == 1000,
            seen=Score(self._n_seen_right, 1000),
            unseen=unseen,
            seen_loss_nats=0.1,
            unseen_loss_nats=0.1,
        )

    def take_exam(self, *, is_full: bool) -> ExamTaken:
        assert is_full
        self.n_full_exams += 1
        return self._exam(Score(self.n_right, 1000))

    def end(self, goal: Goal) -> LessonEnding:
        nothing = cast(Any, None)
        return LessonEnding(cast(Any, self), nothing, nothing, goal, is_pausing_there=False)


@pytest.mark.parametrize(
    ("sampled_right", "all_right", "reason", "next_look_s"),
    [
        (396, 990, "until", 10.4),
        (390, 990, "until", 10.4),  # 97.5 % of the sample: all may have more
        (390, 989, None, 10.05),  # they have not, and are asked again soon
        (396, 989, None, 10.05),
        (387, 990, None, 0.0),  # further off than the sample's error
    ],
)
def test_near_the_goal_all_never_seen_cards_are_asked(
    sampled_right: int, all_right: int, reason: str | None, next_look_s: float
) -> None:
    teaching = Sampled(sampled_right, all_right)
    assert teaching.end(Goal(unseen=0.99)).find() == reason
    assert teaching.memory.next_confirmation_s == pytest.approx(next_look_s)
    assert teaching.memory.next_exam_s == 11.0


def test_near_the_goal_it_is_looked_at_again_without_another_sample() -> None:
    teaching = Sampled(390, 985)
    ending = teaching.end(Goal(unseen=0.99))
    assert ending.find() is None
    teaching.n_right = 990
    teaching.memory.nominal_s = 10.04
    assert ending.find() is None  # not due yet
    teaching.memory.nominal_s = 10.05
    assert ending.find() == "until"
    assert teaching.n_full_exams == 1


@pytest.mark.parametrize(
    ("needs_both", "n_seen_right", "reason", "n_full_exams"),
    [(False, 1000, "until", 1), (False, 900, None, 0), (True, 1000, None, 0)],
)
def test_where_either_share_is_enough_the_other_need_not_be_near(
    needs_both: bool, n_seen_right: int, reason: str | None, n_full_exams: int
) -> None:
    teaching = Sampled(390, 985, n_seen_right)
    ending = teaching.end(Goal(seen=0.95, unseen=0.99, needs_both=needs_both))
    assert ending.find() == reason
    assert teaching.n_full_exams == n_full_exams


def test_wrong_cards_are_asked_first_and_settle_it(monkeypatch: pytest.MonkeyPatch) -> None:
    deck = parse(
        "".join(["a :: b\n", *(f"? {i} :: b\n" for i in range(50))]).encode(), "x.deck"
    ).deck
    assert deck is not None
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), seed=1)
    order = CardOrder(deck.taught, seed=1)
    ledger = CardLedger(len(deck.cards))
    examiner = Examiner(TrainingState(deck, learner, order, ledger, LessonMemory()), Cost(5.0))
    asked: list[list[int]] = []
    wrong = {7, 8, 9}

    def grade(card_indices: Sequence[int], _: object = None) -> Grades:
        asked.append(list(card_indices))
        marks = bytes(WRONG if i in wrong else RIGHT for i in card_indices)
        return Grades(marks, None, ())

    monkeypatch.setattr(learner, "grade", grade)
    monkeypatch.setattr(exams, "ASKED_AT_ONCE", 10)
    assert not examiner.has_unseen_share(0.96)  # 47 of 50
    assert not examiner.has_unseen_share(0.96)
    assert asked == [[*range(1, 11)], [7, 8, 9, *range(11, 18)]]  # then three settle it
    wrong.remove(7)
    del asked[:]
    assert examiner.has_unseen_share(0.96)
    assert sum(map(len, asked)) == 50
    assert not examiner.has_unseen_share(0.98)
    assert asked[5][:2] == [8, 9]
    wrong.update({20, 21})  # what went wrong since is found by asking others
    assert not examiner.has_unseen_share(0.96)


@pytest.mark.slow
def test_a_graded_goal_has_an_exam_of_every_card_at_its_very_step(tmp_path: Path) -> None:
    plain = taught(tmp_path / "plain", PauseAt(goal=Goal(step=60), request=1))
    asked = {event.step for event in plain if isinstance(event, ExamTaken)}
    step = max(set(range(60)) - asked)  # by itself no exam is taken there
    events = taught(tmp_path / "graded", PauseAt(goal=Goal(step=step), request=1, is_graded=True))
    place = next(i for i, event in enumerate(events) if isinstance(event, GoalReached))
    exam = next(event for event in reversed(events[:place]) if isinstance(event, ExamTaken))
    assert (exam.step, exam.is_full) == (step, True)
