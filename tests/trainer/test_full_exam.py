"""An exam of every card is obeyed through: it pauses, goes on, and is left when told to stop."""

from pathlib import Path

import pytest

from flashcards.learner import grading
from flashcards.runs import events as ev
from flashcards.runs.commands import Ask, Pause, Play, Stop
from flashcards.runs.state import RunState
from flashcards.trainer import exams, lesson
from tests.trainer.lessons import Clock, ScriptedInbox, Watched, run_lesson

CARDS = "".join(f"{a}+{b} :: {a + b}\n" for a in range(6) for b in range(6))


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(grading, "GRADED_PIECES", 16)
    monkeypatch.setattr(lesson, "LONG_EXAM_CARDS", 1)
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
