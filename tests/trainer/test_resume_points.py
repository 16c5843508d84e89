"""How much a lesson could lose at any moment, if its process were killed there."""

import itertools
from pathlib import Path

import pytest

from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.values import Speed
from flashcards.trainer.keeper import MOST_LOST_S, MOST_SAVING_SHARE, Keeper
from tests.trainer.lessons import Clock, Script, ScriptedInbox, run_lesson

MOST_LOST_CARDS = 2


class TickingClock(Clock):
    """Seconds that pass with every look at the clock, too: five of them are an update."""

    def __init__(self, a_look_s: float = 0.008) -> None:
        super().__init__()
        self._a_look_s = a_look_s

    def __call__(self) -> float:
        self.now_s += self._a_look_s
        return self.now_s


class Watcher:
    """Notes after each event how many updates a kill would undo, and since when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._saved_step, self._saved_at = 0, 0.0
        self.n_updates = 0
        self.lost: list[tuple[int, float]] = []

    def __call__(self, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StateSaved):
            self._saved_step, self._saved_at = event.step, self._clock.now_s
        self.n_updates = max(self.n_updates, event.step)
        n_lost = event.step - self._saved_step
        self.lost.append((n_lost, self._clock.now_s - self._saved_at if n_lost else 0.0))


@pytest.mark.parametrize(
    ("speed", "n_updates"),
    [
        ("explain", 6),
        *(
            pytest.param(*way, marks=pytest.mark.slow)
            for way in (("slow", 20), ("brisk", 100), ("full", 200))
        ),
    ],
)
def test_no_speed_risks_more_than_two_seconds_or_two_cards(
    deck: Path, speed: Speed, n_updates: int
) -> None:
    clock = TickingClock()
    watcher = Watcher(clock)
    inbox = ScriptedInbox(clock, [(n_updates, cmd.Stop(is_saved=False))])
    run_lesson(deck, inbox=inbox, react=watcher, speed=speed)
    assert watcher.n_updates >= n_updates
    assert [lost for lost in watcher.lost if lost[0] > MOST_LOST_CARDS and lost[1] > 2.0] == []


@pytest.mark.parametrize(
    "by_hand", [cmd.NextPhase(), pytest.param(cmd.Step(n_cards=1), marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(
    "gap_s", [0.3, *(pytest.param(gap_s, marks=pytest.mark.slow) for gap_s in (0.0, 5.0))]
)
def test_cards_taught_by_hand_while_paused_are_saved(
    deck: Path, by_hand: cmd.AnyCommand, gap_s: float
) -> None:
    clock = Clock()
    watcher = Watcher(clock)
    n_left = itertools.count(60, -1)

    class Presser(ScriptedInbox):
        def wait(self, timeout_s: float) -> None:
            clock.now_s += gap_s
            self.put(by_hand if next(n_left) else cmd.Stop(is_saved=False))

    run_lesson(deck, inbox=Presser(clock, [(0, cmd.Pause()), (0, by_hand)]), react=watcher)
    assert watcher.n_updates >= 9
    assert max(n_lost for n_lost, _ in watcher.lost) <= MOST_LOST_CARDS


def test_a_rate_that_was_asked_for_while_paused_is_there_after_a_kill(deck: Path) -> None:
    asked: Script = [(9, cmd.Pause()), (9, cmd.SetLearningRate(0.5)), (9, cmd.Stop(is_saved=False))]
    opened, _ = run_lesson(deck, script=asked)
    path = str(opened.keeper.folder.path)
    again, _ = run_lesson(deck, resume=path, script=[(0, cmd.Stop())])
    assert again.training.memory.learning_rate_factor == 0.5
    assert again.keeper.state.learning_rate_factor == 0.5


@pytest.mark.slow
def test_states_that_take_long_to_save_are_saved_for_a_small_share_of_the_time(
    deck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, saving_s = TickingClock(0.032), 0.2
    save = Keeper.save

    def save_slowly(keeper: Keeper, step: int, state: object, **wishes: bool) -> None:
        def packed() -> bytes:
            clock.now_s += saving_s
            return state()  # type: ignore[operator,no-any-return]

        save(keeper, step, packed, **wishes)

    monkeypatch.setattr(Keeper, "save", save_slowly)
    saved: list[float] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StateSaved):
            saved.append(clock.now_s)

    monkeypatch.setattr("flashcards.runs.keyframes.is_keyframe", lambda step: step == 0)
    inbox = ScriptedInbox(clock, [(100, cmd.Stop(is_saved=False))])
    run_lesson(deck, inbox=inbox, react=react)
    gaps = [after - before for before, after in itertools.pairwise(saved)]
    assert len(gaps) > 2
    assert min(gaps) >= saving_s / MOST_SAVING_SHARE > MOST_LOST_S
