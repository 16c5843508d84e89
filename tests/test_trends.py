"""Whether the model is getting better, in words."""

import pytest

from flashcards.runs import events as ev
from flashcards.runs.exam_history import Chapter
from flashcards.runs.values import Score
from flashcards.wording.trends import does_it_forget, is_it_getting_better
from tests import told
from tests.app.lesson import folded
from tests.golden import check_words

SCORES = {  # of 100 taught cards and 50 never taught, exam by exam
    "better: rising": [(20 * i, 10) for i in range(1, 5)],
    "better: falling": [(90 - 20 * i, 10) for i in range(4)],
    "better: hardly": [(20, 0), *[(50, 10)] * 12],
    "better: never as good": [(20, 0), *[(50, 10), (52, 10)] * 6, (54, 10)],
    "better: not yet": [(0, 0)] * 6,
    "better: knew more": [(80, 20), *[(30, 10)] * 20],
    "better: lost all": [(80, 20), (60, 10), (20, 0), (0, 0)],
    "better: learned all": [(100, 10)] * 6,
    "better: learned nearly all": [(99, 10)] * 6,
    "better: on what is never taught": [(100, 10 * i) for i in range(1, 5)],
}


@pytest.mark.parametrize("key", SCORES)
def test_the_exams_answer_it(key: str) -> None:
    exams = [
        told.exam(100 * i, (seen, 100), (unseen, 50))
        for i, (seen, unseen) in enumerate(SCORES[key], 1)
    ]
    check_words(key, is_it_getting_better(folded([told.started(), *exams])))


@pytest.mark.parametrize(
    "key",
    [
        "better: falling, past",
        "better: not yet, past",
    ],
)
def test_of_the_past_it_is_answered_in_the_past_tense(key: str) -> None:
    exams = [
        told.exam(100 * i, (seen, 100), (unseen, 50))
        for i, (seen, unseen) in enumerate(SCORES[key.removesuffix(", past")], 1)
    ]
    state = folded([told.started(), *exams])
    check_words(key, is_it_getting_better(state, is_past=True))


def test_a_few_exams_answer_nothing_and_those_of_another_deck_do_not_count() -> None:
    exams = [told.exam(100 * i, (20 * i, 100), (0, 50)) for i in range(1, 5)]
    assert is_it_getting_better(folded([told.started(), *exams[:3]])) == ""
    state = folded([told.started(), *exams])
    state.life.since_step = 250
    assert is_it_getting_better(state) == ""


CHAPTERS = {  # right of 100: at the end of its chapter, now
    "forgets: all": ((90, 0), "Yes, all of it."),
    "forgets: some": ((90, 40), "Yes."),
    "forgets: nothing": ((90, 90), "Not so far."),
    "forgets: was not known": ((0, 0), ""),
}


@pytest.mark.parametrize("key", CHAPTERS)
def test_whether_an_earlier_deck_is_forgotten_is_answered(key: str) -> None:
    (before, now), said = CHAPTERS[key]
    chapter = Chapter(name="Old", since_step=0, until_step=400, seen_before=Score(before, 100))
    assert does_it_forget(chapter) == "", "it was not asked since"
    chapter.seen = Score(now, 100)
    assert does_it_forget(chapter) == said


def test_while_corrections_do_harm_a_rise_between_two_falls_is_no_answer() -> None:
    exams = [told.exam(100 * i, (20 * i, 100), (10, 50)) for i in range(1, 5)]
    state = folded([told.started(), *exams])
    state.steps.factor, state.steps.is_stuck = 32.0, True
    state.steps.step, state.steps.guessing_nats, state.steps.reports = 500, 3.0, [(1, 3.0)] * 40
    assert state.steps.can_rewind
    check_words("better: harm", is_it_getting_better(state))
    state.steps.is_stuck = False
    assert is_it_getting_better(state) == "Yes.", "steps that are merely large do no harm"


def test_right_after_it_was_taken_back_nothing_is_answered() -> None:
    exams = [told.exam(100 * i, (20 * i, 100), (10, 50)) for i in range(1, 5)]
    back = ev.RunRewound(step=400, from_step=700, factor=1.0)
    state = folded([told.started(), *exams, back])
    assert is_it_getting_better(state) == ""
