"""Going to any step of a real run, through the real time machine, and what that costs a lesson.

`python -m flashcards.bench.travelling RUN` prints the figures as JSON. Times are those of a clock
on the wall: whatever else the machine does is in them, and its load is said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from flashcards.base.system import lower_priority, python
from flashcards.runs import events
from flashcards.runs.commands import AnyCommand, GoTo, Play
from flashcards.runs.folder import RunFolder
from flashcards.trainer.again.time_machine import NICENESS
from flashcards.trainer.client import ModelClient, TimeMachineClient, TrainerClient
from flashcards.trainer.request import LessonRequest, TravelRequest

DECK = "plurals"
WINDOW_S, BEGIN_S, REST_S = 6.0, 2.5, 8.0
N_NEAR = 50

ALONE, JUMPING = "alone", "beside jumps"
MULTIPLYING, TEACHING = "beside a matrix product", "beside another lesson"

MULTIPLIER = """
import torch
torch.set_num_threads(1)
a = torch.randn(128, 128)
print(flush=True)
while True:
    a @ a
"""


class Listening:
    """A client and what it said last, heard in a task of its own."""

    def __init__(self, client: ModelClient) -> None:
        self.client = client
        self._waiting: list[
            tuple[Callable[[events.AnyEvent], bool], asyncio.Future[events.AnyEvent]]
        ] = []
        self.last: events.AnyEvent | None = None
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for event in self.client.events():
            if isinstance(event, events.TrainerFailed):
                raise RuntimeError(event.text)
            if isinstance(event, events.StepsTaken):
                self.last = event
            for is_it, future in self._waiting:
                if is_it(event) and not future.done():
                    future.set_result(event)
            self._waiting = [waiting for waiting in self._waiting if not waiting[1].done()]

    async def heard(self, is_it: Callable[[events.AnyEvent], bool]) -> events.AnyEvent:
        """The next event that is what is waited for."""
        future: asyncio.Future[events.AnyEvent] = asyncio.get_running_loop().create_future()
        self._waiting.append((is_it, future))
        both: set[asyncio.Future[Any]] = {future, self._task}
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if future not in done:
            self._task.result()
            raise RuntimeError("it ended")
        return future.result()

    def send(self, command: AnyCommand) -> None:
        self.client.send(command)

    async def close(self) -> None:
        await self.client.stop(is_saved=False)
        await self._task


async def arrival_s(machine: Listening, step: int) -> float:
    """Seconds until the weights of this step are there."""
    started = time.perf_counter()
    machine.send(GoTo(step=step))
    await machine.heard(
        lambda e: isinstance(e, events.StepReached) and e.target == step and e.is_arrived
    )
    return time.perf_counter() - started


async def to_random_steps(run: Path, n_jumps: int, rest_s: float) -> dict[str, object]:
    """From a process that runs already: any step, the two farthest from any state; then, after a
    rest, those near the last one."""
    folder = RunFolder.open(run)
    last = max(step for step, _ in folder.state_files())
    at = sorted(step for step, _ in folder.state_files())
    chosen = random.Random(4)
    started = time.perf_counter()
    machine = Listening(TimeMachineClient(TravelRequest(run=str(run))))
    while machine.client.pid is None:
        await asyncio.sleep(0.01)
    first_s = await arrival_s(machine, chosen.randrange(last + 1))
    from_start_s = time.perf_counter() - started
    jumps: list[float] = []
    updates: list[int] = []
    for _ in range(n_jumps):
        step = chosen.randrange(last + 1)
        updates.append(step - max(k for k in at if k <= step))
        jumps.append(await arrival_s(machine, step))
    gaps = sorted(pairwise(at), key=lambda gap: gap[1] - gap[0])
    farthest = [await arrival_s(machine, after - 1) for _, after in gaps[-2:]]
    middle = last * 3 // 5
    await arrival_s(machine, middle)
    await asyncio.sleep(rest_s)
    near = [
        await arrival_s(machine, middle + sign * k)
        for k in range(1, N_NEAR + 1)
        for sign in (1, -1)
        if 0 <= middle + sign * k <= last
    ]
    await machine.close()
    return {
        "first, with the start of the process, s": round(max(first_s, from_start_s), 2),
        "jumps, s": [round(s, 2) for s in jumps],
        "updates made again": updates,
        "median, s": round(statistics.median(jumps), 2),
        "largest, s": round(max(jumps), 2),
        "farthest from a state, updates": gaps[-1][1] - gaps[-1][0] - 1,
        "farthest, s": [round(s, 2) for s in farthest],
        f"{N_NEAR} either way, median, ms": round(statistics.median(near) * 1000, 1),
        f"{N_NEAR} either way, largest, ms": round(max(near) * 1000, 1),
    }


async def beside_a_lesson(run: Path, n_rounds: int) -> dict[str, object]:
    """A lesson's updates a second while nobody looks back, and while somebody jumps all the time.

    Also beside a process that only multiplies small matrices, which is what a busy second core
    costs by itself, and beside another lesson: what it costs to share its cache and memory too.
    All three give way alike.
    """
    last = max(step for step, _ in RunFolder.open(run).state_files())
    chosen = random.Random(5)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        lesson = Listening(TrainerClient(LessonRequest(deck=DECK, speed="full", runs=runs)))
        await lesson.heard(lambda e: isinstance(e, events.RunStarted))
        machine = Listening(TimeMachineClient(TravelRequest(run=str(run))))
        while machine.client.pid is None:
            await asyncio.sleep(0.01)
        await arrival_s(machine, 0)
        await lesson.heard(lambda e: isinstance(e, events.LessonEnded))
        lesson.send(Play())  # from here on every update has as many cards
        rates: dict[str, list[float]] = {ALONE: [], JUMPING: [], MULTIPLYING: [], TEACHING: []}
        for _ in range(n_rounds):
            for kind in chosen.sample(list(rates), len(rates)):
                async with _beside(kind, machine, last, chosen, runs):
                    rate = await _updates_a_second(lesson)
                rates[kind].append(round(rate, 1))
                print(f"{kind}: {rate:.1f} updates/s", file=sys.stderr)
        await machine.close()
        await lesson.close()
    medians = {kind: statistics.median(some) for kind, some in rates.items()}
    return {f"updates/s of a lesson, {kind}": some for kind, some in rates.items()} | {
        f"slower, {kind}, %": round(100 * (1 - medians[kind] / medians[ALONE]), 1)
        for kind in (JUMPING, MULTIPLYING, TEACHING)
    }


@asynccontextmanager
async def _beside(
    kind: str, machine: Listening, last: int, chosen: random.Random, runs: str
) -> AsyncIterator[None]:
    """While what a lesson is measured beside is done."""
    if kind == JUMPING:
        jumping = asyncio.create_task(jump(machine, last, chosen))
        yield
        jumping.cancel()
        machine.send(GoTo(step=0))
        await machine.heard(lambda e: isinstance(e, events.StepReached) and e.is_arrived)
        await asyncio.sleep(REST_S)  # what is near step 0 is in memory by then
    elif kind == ALONE:
        yield
    else:
        other = ["-m", "flashcards", "train", DECK, "--seed", "2", "--runs", runs]
        process = await asyncio.create_subprocess_exec(
            *python(*(["-c", MULTIPLIER] if kind == MULTIPLYING else other)),
            stdout=asyncio.subprocess.PIPE,
            preexec_fn=None if sys.platform == "win32" else lambda: lower_priority(NICENESS),
        )
        assert process.stdout is not None
        await process.stdout.readline()
        yield
        process.kill()
        await process.wait()


async def _updates_a_second(lesson: Listening) -> float:
    await asyncio.sleep(BEGIN_S)
    before, began = await steps_taken(lesson), time.perf_counter()
    await asyncio.sleep(WINDOW_S)
    after, ended = await steps_taken(lesson), time.perf_counter()
    return (after.step - before.step) / (ended - began)


async def steps_taken(lesson: Listening) -> events.StepsTaken:
    event = await lesson.heard(lambda e: isinstance(e, events.StepsTaken))
    assert isinstance(event, events.StepsTaken)
    return event


async def jump(machine: Listening, last: int, chosen: random.Random) -> None:
    while True:
        await arrival_s(machine, chosen.randrange(last + 1))


def main() -> int:
    parser = argparse.ArgumentParser(description="Going to any step of a run.")
    parser.add_argument("run", type=Path, help="a run's folder")
    parser.add_argument("--jumps", type=int, default=10, help="0 leaves them out")
    parser.add_argument("--rest", type=float, default=15.0, help="seconds before steps near one")
    parser.add_argument("--rounds", type=int, default=4, help="0 leaves out the lesson beside it")
    parsed = parser.parse_args()
    found: dict[str, object] = {}
    if parsed.jumps:
        found |= asyncio.run(to_random_steps(parsed.run, parsed.jumps, parsed.rest))
    if parsed.rounds:
        found |= asyncio.run(beside_a_lesson(parsed.run, parsed.rounds))
    if hasattr(os, "getloadavg"):
        found["load"] = [round(load, 1) for load in os.getloadavg()]
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
