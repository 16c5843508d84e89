"""The rivals at the table: graded, asked, failing, ended; what is learned stays the same."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from flashcards.cards.card import Deck
from flashcards.cards.shelf import load
from flashcards.cards.split import shuffled
from flashcards.rivals.grading import NAMES, grade
from flashcards.runs import events as ev
from flashcards.runs.commands import Ask, Pause, Stop, TeachCard
from flashcards.runs.goal import Goal
from flashcards.runs.run_files import json_line
from flashcards.runs.values import RivalAnswer, Score
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.questions import rival_table
from flashcards.trainer.questions.rival_table import RivalTable
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals, write_sums
from tests.posix import send_signal, wait_for_end
from tests.trainer.lessons import Clock, Script, ScriptedInbox, run_lesson
from tests.trainer.test_process import start_bare
from tests.waiting import PATIENCE_S, wait_until


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_capitals(tmp_path)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Too large to be graded at once: the rivals get their process."""
    path = write_sums(tmp_path, 32)
    assert path.stat().st_size > 2 * rival_table.AT_ONCE_CHARACTERS
    return path


def deck_of(path: Path) -> Deck:
    return load(path)[0]


def test_a_small_deck_is_graded_before_the_first_card_and_no_process_is_started(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rival_table, "COMMAND", ("/no/such/program",))
    _, watched = run_lesson(small, tmp_path / "runs", goal=Goal(step=2))
    assert watched.of(ev.RivalsGraded) == [ev.RivalsGraded(step=0, rivals=grade(deck_of(small)))]


@pytest.mark.pair
def test_a_large_deck_is_graded_by_the_process_and_logged(large: Path, tmp_path: Path) -> None:
    opened, watched = run_lesson(large, tmp_path / "runs", goal=Goal(step=3))
    (graded,) = watched.of(ev.RivalsGraded)
    assert graded.rivals == grade(deck_of(large))
    assert tuple(rival.name for rival in graded.rivals) == NAMES
    assert graded in opened.keeper.folder.events()
    assert opened.keeper.state.rivals == graded.rivals
    assert watched.events.index(graded) < watched.events.index(watched.of(ev.LessonEnded)[0])


@pytest.mark.parametrize("name", ["small", "large"])
@pytest.mark.pair
def test_the_model_answers_before_its_rivals(name: str, request: pytest.FixtureRequest) -> None:
    deck: Path = request.getfixturevalue(name)
    prompt = "Francs" if name == "small" else "3+90"
    script: Script = [(2, Ask(request=7, prompt=f" {prompt}\x1b"))]
    _, watched = run_lesson(deck, goal=Goal(step=3), script=script)
    (answered,) = watched.of(ev.PromptAnswered)
    (rivals,) = watched.of(ev.RivalsAnswered)
    assert watched.events.index(rivals) > watched.events.index(answered)
    assert rivals.request == 7
    assert tuple(answer.name for answer in rivals.answers) == NAMES
    assert rivals.answers[0] == RivalAnswer("lookup", None)
    assert None not in {answer.answer for answer in rivals.answers[1:]}


@pytest.mark.slow
@pytest.mark.pair
def test_rivals_teach_nothing(large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script: Script = [(1, Ask(request=1, prompt="1+1"))]
    with_them, _ = run_lesson(large, tmp_path / "runs", goal=Goal(step=6), script=script)
    monkeypatch.setattr(RivalTable, "open", lambda self: None)
    monkeypatch.setattr(RivalTable, "wait_for_scores", lambda self: ())
    without, watched = run_lesson(large, tmp_path / "runs", goal=Goal(step=6))
    assert watched.of(ev.RivalsGraded) == []
    assert with_them.training.learner.weights_sha256() == without.training.learner.weights_sha256()


FAILURES = {
    "missing": ("/no/such/program",),
    "dead": (sys.executable, "-c", "raise SystemExit(1)"),
    "talks nonsense": (sys.executable, "-c", "print('nonsense'); print(b'\\xff'); input()"),
    "silent": (sys.executable, "-c", "input(); input()"),
    "dies half way": (
        sys.executable,
        "-c",
        'print(\'{"type":"Graded","rival":{"name":"lookup","seen":{"right":1,\''
        '\'"total":1},"unseen":{"right":0,"total":0}},"is_last":false}\')',
    ),
}


@pytest.mark.parametrize(
    "how",
    ["missing", *(pytest.param(how, marks=pytest.mark.slow) for how in list(FAILURES)[1:])],
)
@pytest.mark.pair
def test_when_the_process_fails_the_lesson_goes_on_and_its_verdict_has_all_rivals(
    how: str, large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rival_table, "COMMAND", FAILURES[how])
    monkeypatch.setattr(rival_table, "PATIENCE_S", 0.5)
    script: Script = [(1, Ask(request=1, prompt="1+1"))]
    opened, watched = run_lesson(large, tmp_path / "runs", goal=Goal(step=3), script=script)
    assert [event.reason for event in watched.of(ev.LessonEnded)] == ["limit"]
    assert [event.rivals for event in watched.of(ev.RivalsGraded)] == [grade(deck_of(large))]
    assert opened.training.learner.step == 3


@pytest.mark.slow
@pytest.mark.pair
def test_a_shuffled_lessons_rivals_know_the_shuffled_cards(large: Path, tmp_path: Path) -> None:
    _, watched = run_lesson(large, tmp_path / "runs", goal=Goal(step=1), is_shuffled=True, seed=3)
    (graded,) = watched.of(ev.RivalsGraded)
    assert graded.rivals == grade(shuffled(deck_of(large), 3))
    assert graded.rivals != grade(deck_of(large))


@pytest.mark.slow
@pytest.mark.pair
def test_a_resumed_lesson_grades_its_rivals_again(large: Path, tmp_path: Path) -> None:
    part, before = run_lesson(large, tmp_path / "runs", goal=Goal(step=1))
    resume = str(part.keeper.folder.path)
    _, after = run_lesson(large, tmp_path / "runs", goal=Goal(step=2), resume=resume)
    (graded,) = after.of(ev.RivalsGraded)
    (resumed,) = after.of(ev.RunResumed)
    assert resumed.start.rivals == graded.rivals == before.of(ev.RivalsGraded)[0].rivals


def test_a_lesson_that_follows_another_has_no_rivals(small: Path, tmp_path: Path) -> None:
    _, watched = run_lesson(small, tmp_path / "runs", is_following=True, script=[(0, Stop())])
    assert watched.of(ev.RivalsGraded) == []


@pytest.mark.parametrize("name", ["small", pytest.param("large", marks=pytest.mark.slow)])
@pytest.mark.pair
def test_a_card_by_hand_is_known_to_rivals(name: str, request: pytest.FixtureRequest) -> None:
    deck: Path = request.getfixturevalue(name)
    taught = TeachCard(request=1, prompt="100+3", answer="103")
    inbox = ScriptedInbox(Clock(), [(2, taught)])
    changed: list[ev.AnyEvent] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.DeckChanged):
            inbox.put(Ask(request=2, prompt="100+3"))
        if isinstance(event, ev.DeckChanged) or (
            changed and isinstance(event, (ev.RivalsGraded, ev.RivalsAnswered))
        ):
            changed.append(event)
            if len(changed) == 3:
                inbox.put(Stop())

    n_taught = len(deck_of(deck).taught)
    run_lesson(deck, react=react, inbox=inbox)
    (answered,) = (event for event in changed if isinstance(event, ev.RivalsAnswered))
    (graded,) = (event for event in changed if isinstance(event, ev.RivalsGraded))
    assert answered.request == 2
    assert {answer.answer for answer in answered.answers} == {"103"}
    assert {rival.seen for rival in graded.rivals} == {Score(n_taught + 1, n_taught + 1)}


def test_a_wait_is_ended_by_a_reply_and_no_command_comes_of_it() -> None:
    inbox = Inbox()
    inbox.wake()
    started = time.monotonic()
    inbox.wait(PATIENCE_S)
    assert time.monotonic() - started < PATIENCE_S / 2
    inbox.wake()
    inbox.put(Pause())
    inbox.wake()
    assert inbox.drain() == [Pause()]


def rivals_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def started(deck: Path, runs: Path) -> subprocess.Popen[bytes]:
    """A trainer, its process as the app starts it; back when it has taught something."""
    process = start_bare(LessonRequest(deck=str(deck), speed="full", runs=str(runs)))
    read_to(process, b'"StepsTaken"')
    return process


def read_to(process: subprocess.Popen[bytes], kind: bytes) -> None:
    assert process.stdout is not None
    while kind not in (line := process.stdout.readline()):
        assert line


proc = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are read there")


@pytest.mark.slow
@pytest.mark.pair
@proc
def test_the_rivals_process_ends_with_a_killed_trainer(large: Path, tmp_path: Path) -> None:
    with started(large, tmp_path / "runs") as process:
        (rivals,) = rivals_of(process.pid)
        process.kill()
        process.wait(PATIENCE_S)
        wait_for_end(rivals)


@pytest.mark.slow
@pytest.mark.pair
@proc
def test_a_lesson_outlives_its_rivals_process(large: Path, tmp_path: Path) -> None:
    with started(large, tmp_path / "runs") as process:
        (rivals,) = rivals_of(process.pid)
        send_signal(rivals, "KILL")
        assert process.stdin is not None
        process.stdin.write(json_line(Ask(request=1, prompt="1+1")))
        process.stdin.flush()
        read_to(process, b'"PromptAnswered"')
        read_to(process, b'"StepsTaken"')
        wait_until(lambda: rivals_of(process.pid) == [])
        process.stdin.close()
        assert process.stdout is not None
        assert b"StateSaved" in process.stdout.read()
        assert process.wait(PATIENCE_S) == 0
