"""Processes killed at random moments: what was lost is little, and the rest is the same."""

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from flashcards.runs import events as ev
from flashcards.runs.commands import AnyCommand, NextPhase, Pause, PauseAt, Pin, Play, Stop
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.run_files import json_line
from flashcards.runs.values import Speed
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.request import LessonRequest
from tests.pretrained.tiny import ASK, a_model
from tests.reading.texts import write_text
from tests.terminal import FLASHCARDS, Terminal, children_of
from tests.trainer.lessons import Script, run_lesson
from tests.trainer.test_process import start_bare
from tests.waiting import PATIENCE_S

pytestmark = [
    pytest.mark.slow,
    pytest.mark.pair,
    pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX"),
]
N_KILLS = int(os.environ.get("FLASHCARDS_KILLS", "3"))
SIGKILL = 9  # a name that Windows lacks
SEED = int(os.environ.get("FLASHCARDS_KILLS_SEED", "6"))

PINNED = "Egypt"
KILLED = ("trainer", "app", "both")


def taught_until_killed(
    request: LessonRequest, who: str, n_events: int, delay_s: float, *asked: AnyCommand
) -> list[ev.AnyEvent]:
    """What it says until it is killed, or until its stdin ends, so long after so many events."""
    heard: list[ev.AnyEvent] = []

    def hear(n: int) -> None:
        assert trainer.stdout is not None
        while len(heard) < n and (line := trainer.stdout.readline()).endswith(b"\n"):
            heard.append(ev.decode(line))
            if isinstance(heard[-1], ev.LessonEnded):
                return  # it waits

    with start_bare(request, *asked) as trainer:
        hear(n_events)

        time.sleep(delay_s)
        if who != "trainer":
            assert trainer.stdin is not None
            trainer.stdin.close()
        if who != "app":
            trainer.kill()
        hear(sys.maxsize)
    return heard


def lost(heard: list[ev.AnyEvent], step: int) -> tuple[int, float]:
    """Updates that are gone when it goes on from this step, and seconds of them but one."""
    after = [e.train_seconds for e in heard if isinstance(e, ev.StepsTaken) and e.step > step]
    longest_s = max((b - a for a, b in pairwise(after)), default=0.0)
    last = max((event.step for event in heard), default=0)
    return max(0, last - step), (after[-1] - after[0] - longest_s if after else 0.0)


N_FIRST = 60


def taught_first(deck: Path) -> str:
    opened, _ = run_lesson(deck, deck.parent / "first", goal=Goal(step=N_FIRST))
    return str(opened.keeper.folder.path)


KINDS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "cards": lambda deck: {},
    "text": lambda deck: {"deck": str(write_text(deck.parent)), "is_read": True},
    "reward": lambda deck: {"after": taught_first(deck), "is_rewarded": True},
    "real model": lambda deck: {"model": str(a_model("qwen3")), "ask": ASK},
}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.monkey] * (kind != "cards")) for kind in KINDS]
)
def test_a_run_killed_at_random_moments_is_the_run_that_never_was(kind: str, deck: Path) -> None:
    chosen = random.Random(SEED)
    wishes = {"deck": str(deck), **KINDS[kind](deck)}
    pins = [Pin(prompt=PINNED)] * (kind == "cards")
    n_of, gone, n_runs = Counter[str](), [], 0
    while n_of.total() < N_KILLS:
        n_runs += 1
        root = deck.parent / f"killed{n_runs}"
        request = LessonRequest(**wishes, speed="full", seed=n_runs, runs=str(root))
        last: list[ev.AnyEvent] = []
        while n_of.total() < N_KILLS and not any(isinstance(e, ev.LessonEnded) for e in last):
            who = KILLED[n_of.total() % 3]
            n, delay_s = chosen.randint(2, 80), chosen.uniform(0, 0.4)
            heard = taught_until_killed(request, who, n, delay_s, *pins)
            n_of[who] += 1
            step = next((e.step for e in heard if isinstance(e, ev.RunResumed)), None)
            if step is not None:
                gone.append(lost(last, step))
                assert gone[-1][0] <= 2 or gone[-1][1] <= 2.0
            if step is not None or not last:
                last = heard  # else it was killed before it had gone on
            for run in root.glob("2*"):
                if RunFolder.open(run).state_files():  # else it was killed in its first exam
                    request = LessonRequest(deck="", speed="full", runs=str(root), resume=str(run))
        if request.resume is None:
            continue
        run, last_step = Path(request.resume), max(event.step for event in last)
        again, _ = run_lesson(deck, root, goal=Goal(step=last_step + 20), resume=str(run))
        script = pinned_as_in(run) if pins else None
        goal = Goal(step=last_step + 20 - N_FIRST * ("after" in wishes))
        whole, _ = run_lesson(
            runs=deck.parent / "whole", script=script, seed=n_runs, goal=goal, **wishes
        )
        assert again.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
        assert again.training.memory.cards_taught == whole.training.memory.cards_taught
        told = who_taught(run)
        assert told == who_taught(whole.keeper.folder.path)
        assert told or last_step < 100 or not pins
        assert verify(run).differences == ()
    print(f"\n{kind}, killed: {dict(n_of)}; {n_runs} runs; steps and seconds lost: {gone}")


def killed_at_once(
    request: LessonRequest, n_updates: int, *asked: AnyCommand, by_hand: AnyCommand | None = None
) -> list[tuple[float, int]]:
    """When each step was heard of, by the clock of whoever watches. The process is killed as soon
    as it has told of so many updates. `by_hand` asks for the next phase, each time that one is
    held."""
    heard = [(time.monotonic(), 0)]
    with start_bare(request, *asked) as trainer:
        assert trainer.stdout is not None
        assert trainer.stdin is not None
        for line in trainer.stdout:
            event = ev.decode(line)
            if isinstance(event, ev.StepsTaken):
                heard.append((time.monotonic(), event.step))
                n_updates -= 1
            if not n_updates:
                break
            if by_hand is not None and isinstance(event, ev.PhaseEntered) and event.is_held:
                trainer.stdin.write(json_line(by_hand))
                trainer.stdin.flush()
        trainer.kill()
        trainer.stdout.read()
    return heard


@pytest.mark.parametrize(("speed", "most"), [("explain", 3), ("slow", 8), ("brisk", 60)])
def test_a_kill_at_any_speed_loses_two_seconds_or_two_cards(
    deck: Path, speed: Speed, most: int
) -> None:
    n_updates = random.Random(f"{SEED}{speed}").randint(2, most)
    request = LessonRequest(deck=str(deck), speed=speed, runs=str(deck.parent / "runs"))
    check_little_is_lost(deck, killed_at_once(request, n_updates))


def test_a_kill_while_cards_are_taught_by_hand_loses_two_of_them(deck: Path) -> None:
    n_updates = random.Random(SEED).randint(20, 40)
    request = LessonRequest(deck=str(deck), speed="full", runs=str(deck.parent / "runs"))
    asked = Pause(), NextPhase()
    heard = killed_at_once(request, n_updates, *asked, by_hand=NextPhase())
    assert check_little_is_lost(deck, heard) <= 2


def check_little_is_lost(deck: Path, heard: list[tuple[float, int]]) -> int:
    """Go on with the run that was killed; how many updates are lost."""
    (run,) = (deck.parent / "runs").glob("2*")
    _, watched = run_lesson(deck, resume=str(run), script=[(0, Stop())])
    (resumed,) = watched.of(ev.RunResumed)
    before, after = max(at for at, step in heard if step <= resumed.step), heard[-1]
    n_lost = after[1] - resumed.step
    assert n_lost <= 2 or after[0] - before <= 2.0
    return n_lost


def pinned_as_in(run: Path) -> Script:
    """The same card pinned at the same step: as soon as it was heard, and durable."""
    events = RunFolder.open(run).events()
    step = next(event.step for event in events if isinstance(event, ev.PromptPinned))
    if step == 0:
        return [(0, Pin(prompt=PINNED))]
    return [
        (0, PauseAt(request=1, goal=Goal(step=step))),
        (step, Pin(prompt=PINNED)),
        (step, Play()),
    ]


def who_taught(run: Path) -> list[ev.PinTaught]:
    return [event for event in RunFolder.open(run).events() if isinstance(event, ev.PinTaught)]


@pytest.mark.monkey
def test_a_sweep_killed_at_random_moments_is_the_sweep_that_never_was(deck: Path) -> None:
    chosen, n_of = random.Random(SEED), Counter[str]()
    words = [*FLASHCARDS, "sweep", str(deck), "--until", "step=400", "--seeds", "1-4"]
    whole = {seed: run_lesson(deck, goal=Goal(step=400), seed=seed)[0] for seed in (1, 2, 3, 4)}
    root = deck.parent / "swept"
    while n_of.total() < N_KILLS:
        sweep = subprocess.Popen(
            [*words, "--jobs", "2", "--runs", str(root)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chosen.uniform(1, 6))
        at_work = children_of(sweep.pid)
        if at_work and n_of.total() % 2:
            os.kill(chosen.choice(at_work), SIGKILL)
            n_of["run"] += 1
            time.sleep(chosen.uniform(0, 1))
        sweep.kill()
        sweep.wait()
        n_of["sweep"] += 1
    words += ["--runs", str(root), "--json"]
    while b"another program" in (ended := subprocess.run(words, capture_output=True)).stderr:
        time.sleep(0.5)  # a run of a sweep that was killed comes to its end by itself
    assert ended.returncode == 0, ended.stderr
    for report in json.loads(ended.stdout)["runs"]:
        lesson = whole[report["seed"]]
        assert report["weights_sha256"] == lesson.training.learner.weights_sha256()
        assert verify(Path(report["run"])).differences == ()
    print(f"\nsweep, killed: {dict(n_of)}")


@pytest.mark.monkey
def test_a_served_lesson_killed_at_random_moments_is_the_run_that_never_was(deck: Path) -> None:
    chosen, n_of, what, gone = random.Random(SEED), Counter[str](), str(deck), []
    root, shown = deck.parent / "served", 0
    while n_of.total() < N_KILLS:
        words = ["serve", what, "--runs", str(root), "--speed", "full"]
        terminal = Terminal([*FLASHCARDS, *words])
        try:
            terminal.wait_for("phones", timeout_s=PATIENCE_S)
            terminal.type("\r")
            terminal.drain(chosen.uniform(1, 6))
            is_app = n_of.total() % 2 == 0
            os.kill(terminal.pid if is_app else chosen.choice(terminal.children), SIGKILL)
            n_of["app" if is_app else "its child"] += 1
            terminal.drain(chosen.uniform(0, 1))
        finally:
            terminal.close()
        begun = [run for run in root.glob("2*") if RunFolder.open(run).state_files()]
        if begun:
            what, events = str(begun[0]), list(RunFolder.open(begun[0]).events())
            again = [event.step for event in events if isinstance(event, ev.RunResumed)]
            taken = [event for event in events if isinstance(event, ev.StepsTaken)]
            if again and taken:
                n = max(0, shown - again[-1])
                gone.append((n, n * taken[-1].train_seconds / taken[-1].step))
        steps = re.findall(rb"step ([\d,]+)", terminal.output)
        shown = int(steps[-1].replace(b",", b"")) if steps else 0
    assert all(n <= 1 or seconds <= 2.0 for n, seconds in gone)
    (start,) = (event for event in events if isinstance(event, ev.RunStarted))
    goal = Goal(step=max(event.step for event in events) + 20)
    resumed, _ = run_lesson(deck, root, goal=goal, resume=what)
    whole, _ = run_lesson(deck, deck.parent / "whole", goal=goal, seed=start.seed)
    assert resumed.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
    assert verify(Path(what)).differences == ()
    print(f"\nserved, killed: {dict(n_of)}; steps and seconds lost: {gone}")
