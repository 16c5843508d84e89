"""A time machine: it answers as the model of a step did, made again while the run goes on."""

import asyncio
import errno
import os
from array import array
from pathlib import Path
from typing import TypeVar

import pytest
import torch

from flashcards.learner.saving import StepWeights
from flashcards.runs import events as ev
from flashcards.runs.commands import Ask, AskPast, GoTo, ListCards, ShowUpdate
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.again.logged import CannotReplay, LoggedRun
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.traveller import Traveller
from flashcards.trainer.again.visited import Visited, VisitedSteps
from flashcards.trainer.client import TimeMachineClient
from flashcards.trainer.request import TravelRequest
from tests.decks import deck_of, write_capitals
from tests.golden import check_words, raises_words, words
from tests.trainer.eventful import N_STEPS, Eventful
from tests.trainer.kept import contents
from tests.trainer.lessons import Clock, run_lesson
from tests.trainer.test_faults import damage
from tests.waiting import PATIENCE_S

E = TypeVar("E")


def make_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on an update that is made again, or a state that is read, is an error."""

    def never(self: object, *_: object) -> None:
        raise AssertionError("an update is made again")

    for way in ("forward", "start_from", "take"):
        monkeypatch.setattr(f"flashcards.trainer.again.replaying.Replay.{way}", never)


class Travelling:
    def __init__(self, folder: RunFolder) -> None:
        self.said: list[ev.AnyEvent] = []
        self.clock = Clock()
        self.traveller = Traveller(folder, self.said.append, self.clock)

    def arrive(self) -> None:
        while self.traveller.is_awaited:
            self.clock.now_s += 0.05
            self.traveller.work()

    def settle(self) -> None:
        self.arrive()
        for _ in range(1000):
            self.clock.now_s += 0.05
            if not self.traveller.work():
                return
        raise AssertionError("it never comes to rest")

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.said if isinstance(event, kind)]

    def hash(self) -> str:
        assert self.traveller.reader is not None
        return self.traveller.reader.weights_sha256()


def test_any_step_is_gone_to_and_its_weights_are_those_it_had(eventful: Eventful) -> None:
    before = contents(eventful.folder.path)
    travelling = Travelling(eventful.folder)
    for target in (77, 3, 130, 0, 26, 25, 81, 80, 128):
        travelling.traveller.take(GoTo(step=target))
        travelling.arrive()
        reached = travelling.of(ev.StepReached)[-1]
        assert reached == ev.StepReached(step=target, target=target, is_arrived=True)
        assert travelling.hash() == eventful.hashes[target], target
    assert contents(eventful.folder.path) == before


@pytest.mark.slow
def test_progress_is_told_and_the_goal_is_never_beyond_the_log(eventful: Eventful) -> None:
    for _, path in eventful.folder.state_files():
        if not path.name.startswith("00000000"):
            path.unlink()
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=10_000))
    travelling.arrive()
    events = travelling.of(ev.StepReached)
    steps = [reached.step for reached in events]
    assert len(events) > 10
    assert steps == sorted(steps)
    assert {reached.target for reached in events} == {N_STEPS}
    assert [reached.is_arrived for reached in events[-2:]] == [False, True]


def test_a_prompt_is_answered_with_what_was_taught_by_the_step(eventful: Eventful) -> None:
    recorded = [e for e in eventful.folder.events() if isinstance(e, ev.PromptAnswered)]
    (then,) = recorded
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=then.step))
    travelling.traveller.take(Ask(request=2, prompt="France"))
    travelling.traveller.take(GoTo(step=then.step))
    travelling.arrive()
    assert travelling.of(ev.PromptAnswered) == [then]
    for step, stamp in ((20, "new"), (69, "seen"), (79, "new")):
        travelling.traveller.take(GoTo(step=step))
        travelling.traveller.take(Ask(request=3, prompt="Atlantis"))
        travelling.arrive()
        event = travelling.of(ev.PromptAnswered)[-1]
        assert (event.step, event.stamp) == (step, stamp)


def test_the_cards_are_listed_as_they_were_known_then(eventful: Eventful) -> None:
    travelling = Travelling(eventful.folder)
    times_seen = []
    for step in (20, 79, 20):
        travelling.traveller.take(GoTo(step=step))
        travelling.traveller.take(ListCards(request=step, n_rows=100))
        travelling.arrive()
        listed = travelling.of(ev.CardsListed)[-1]
        assert (listed.step, listed.request) == (step, step)
        times_seen.append([row.times_seen for row in listed.rows])
    assert times_seen[0] == times_seen[2]
    assert sum(times_seen[0]) < sum(times_seen[1])


@pytest.mark.slow
def test_an_update_is_made_once_more_as_it_was_measured_then(eventful: Eventful) -> None:
    recorded = [e for e in eventful.folder.events() if isinstance(e, ev.CorrectionMeasured)]
    assert {event.correction.n_cards for event in recorded} > {1}
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=64))
    for event in recorded[::3]:
        travelling.traveller.take(ShowUpdate(step=event.step))
        travelling.arrive()
        again = travelling.of(ev.CorrectionMeasured)[-1]
        assert again.step == event.step
        was, now = event.correction, again.correction
        assert now.guess is not None
        for same in ("prompt", "times_seen", "n_cards", "mark"):
            assert getattr(now, same) == getattr(was, same)
        assert now.change is not None
        assert was.change is not None
        assert now.change.probability_after == pytest.approx(was.change.probability_after, rel=1e-5)
    for step in (0, N_STEPS + 1):
        travelling.traveller.take(ShowUpdate(step=step))
        travelling.arrive()
        assert f"no update {step}" in travelling.of(ev.StepReached)[-1].text
    travelling.traveller.take(GoTo(step=66))
    travelling.arrive()
    assert travelling.hash() == eventful.hashes[66]


def test_a_damaged_keyframe_is_said_and_the_one_before_is_taken(eventful: Eventful) -> None:
    (keyframe,) = eventful.folder.path.glob("keyframes/00000064-*")
    damage(keyframe)
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=70))
    travelling.arrive()
    (found,) = travelling.of(ev.DamageFound)
    assert found.file == f"keyframes/{keyframe.name}"
    assert travelling.hash() == eventful.hashes[70]


def test_an_old_log_is_said_and_saved_steps_can_be_seen(eventful: Eventful) -> None:
    log = eventful.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"RecipeChanged"' not in line))
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=70))
    travelling.arrive()
    event = travelling.of(ev.StepReached)[-1]
    assert not event.is_arrived
    check_words("replay: an old log", event.text, step=65)
    travelling.traveller.take(GoTo(step=64))
    travelling.settle()
    assert travelling.of(ev.StepReached)[-1].is_arrived
    assert travelling.hash() == eventful.hashes[64]


@pytest.mark.slow
def test_a_run_that_goes_on_and_goes_back_is_followed(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    opened, _ = run_lesson(deck, goal=Goal(step=40))
    folder = opened.keeper.folder
    travelling = Travelling(folder)
    travelling.traveller.take(GoTo(step=40))
    travelling.settle()
    longer, _ = run_lesson(deck, goal=Goal(step=60), resume=str(folder.path))
    travelling.traveller.take(GoTo(step=60))
    travelling.arrive()
    assert travelling.of(ev.StepReached)[-1].step == 60
    assert travelling.hash() == longer.training.learner.weights_sha256()


def test_the_past_of_a_prompt_is_what_every_keyframe_says(eventful: Eventful) -> None:
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(AskPast(request=9, prompt="France"))
    travelling.arrive()
    events = travelling.of(ev.PastAnswered)
    assert [past.n_left for past in events] == sorted((p.n_left for p in events), reverse=True)
    assert [answer.step for answer in events[-1].answers][:6] == [0, 1, 2, 4, 8, 16]
    assert events[-1].n_left == 0


def test_memory_has_a_budget_and_what_is_farthest_goes_first() -> None:
    weights = StepWeights(0, torch.zeros(100), torch.zeros(100))
    one = Visited(weights, deck_of("a :: b\n"), array("I", [0]), None)
    small = VisitedSteps()
    small.budget_bytes = 10 * one.n_bytes
    for step in range(60, 90):
        small.keep(step, one, centre=70)
    assert small.n_bytes <= 10 * one.n_bytes
    kept = [step for step in range(60, 90) if step in small]
    assert len(kept) == 10
    assert set(range(66, 75)) < set(kept)
    assert not small.has_room


@pytest.mark.pair
@pytest.mark.slow
async def test_the_process_goes_answers_and_ends_with_its_parent(eventful: Eventful) -> None:
    client = TimeMachineClient(TravelRequest(run=str(eventful.folder.path)))
    said: list[ev.AnyEvent] = []
    ends: set[asyncio.Task[None]] = set()
    async with asyncio.timeout(3 * PATIENCE_S):  # it gives way to all others
        async for event in client.events():
            said.append(event)
            if len(said) == 1:
                client.send(GoTo(step=77))
                client.send(Ask(request=4, prompt="France"))
            if isinstance(event, ev.PromptAnswered):
                ends.add(asyncio.create_task(client.stop()))
    (answered,) = (event for event in said if isinstance(event, ev.PromptAnswered))
    assert (answered.step, answered.request) == (77, 4)
    assert not any(isinstance(event, ev.TrainerFailed) for event in said)


@pytest.mark.pair
async def test_a_run_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    client = TimeMachineClient(TravelRequest(run=str(tmp_path / "nowhere")))
    async with asyncio.timeout(PATIENCE_S):
        events = [event async for event in client.events()]
    assert isinstance(events[-1], ev.TrainerFailed)
    reason = os.strerror(errno.ENOENT)
    no_run = words("run: no run", run="nowhere", reason=reason, file="run.json")
    assert events[-1].text == no_run


def without(eventful: Eventful, kind: bytes) -> None:
    log = eventful.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b'"%s"' % kind not in line]
    assert len(kept) < len(lines)
    log.write_bytes(b"".join(kept))


@pytest.mark.slow
def test_weights_and_ledger_are_those_of_every_step(eventful: Eventful) -> None:
    without(eventful, b"DeckMarked")
    replay = Replay(eventful.folder, at_most=0, is_quick=True)
    for step in range(N_STEPS):
        assert replay.training.learner.weights_sha256() == eventful.hashes[step], step
        assert replay.training.ledger.to_bytes() == eventful.ledgers[step], step
        assert replay.forward().correction is None, step
    assert replay.training.deck == eventful.deck
    with raises_words(CannotReplay, "replay: the end"):
        replay.forward()


def test_a_log_is_read_on_as_it_grows_and_goes_back_with_a_resume(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    opened, _ = run_lesson(deck, goal=Goal(step=20))
    folder = opened.keeper.folder
    logged = LoggedRun(folder.log_path)
    assert logged.last_step == 20
    assert logged.refresh() is None
    run_lesson(deck, goal=Goal(step=30), resume=str(folder.path))
    assert logged.refresh() == 20
    assert logged.last_step == 30
    with folder.log_path.open("ab") as log:
        log.write(b'{"kind":"RunResumed","step":12,"start"')
        log.flush()
        assert logged.refresh() is None
    assert logged.events == LoggedRun(folder.log_path).events
