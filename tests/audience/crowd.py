"""What a full room costs the lesson: `python -m tests.audience.crowd [N_PHONES [MINUTES]]`.

Teaches the addition deck at full speed while that many phones follow and ask. In turns of a few
seconds, in an order drawn anew each time, server and phones run or are stopped (SIGSTOP, so that
they take nothing): a third of the turns with them, two thirds without. What is printed is how many
cards were taught with them against without and, as a measure of noise, in one half of the turns
without them against the other. The phones are one process of the lowest priority: in a real room
they are other machines.
"""

import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from statistics import mean, quantiles

from flashcards.app.audience.sharing import facts_of
from flashcards.audience import messages as ms
from flashcards.base.system import lower_priority
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest
from tests.audience.server import Phone, Served, ask, enter, served
from tests.posix import cpu_s, send_signal

N_PHONES = 300
MINUTES = 6.0
BLOCK_S = 6.0
SETTLING_S = 0.5
"""After a change nothing is counted for so long."""

ASKS_EVERY_S = 10.0
N_DRAWN = 10_000


class Crowd:
    """Phones that follow, and now and then send a question."""

    def __init__(self, serving: Served) -> None:
        self.serving = serving
        self.phones: list[Phone] = []
        self.n_sent = self.n_taken = 0
        self.waits_s: list[float] = []

    async def come(self, n_phones: int) -> None:
        for _ in range(n_phones):
            cookie = await enter(self.serving)
            phone = Phone(self.serving, cookie)
            await phone.follow()
            self.phones.append(phone)

    async def stay(self, n_turns: int | None = None) -> None:
        """A tenth of the phones asks each second, so many times (None: for ever)."""
        for n in itertools.count() if n_turns is None else range(n_turns):
            now_s, turn = time.monotonic(), n % round(ASKS_EVERY_S)
            for phone in self.phones[turn :: round(ASKS_EVERY_S)]:
                at_s = time.monotonic()
                reply = await ask(self.serving, phone.cookie, f"{self.n_sent}+1")
                self.waits_s.append(time.monotonic() - at_s)
                self.n_sent += 1
                self.n_taken += reply.status == 202
            await asyncio.sleep(max(0.0, now_s + 1.0 - time.monotonic()))

    async def leave(self) -> None:
        await asyncio.gather(*(phone.leave() for phone in self.phones))


async def phones_of(link: str, n_phones: int) -> None:
    """The process of the phones, until its stdin ends."""
    lower_priority(19)
    serving = Served(None, [ms.Opened(link=link)])  # type: ignore[arg-type]
    crowd = Crowd(serving)
    await crowd.come(n_phones)
    staying = asyncio.create_task(crowd.stay())
    await asyncio.to_thread(sys.stdin.read)
    staying.cancel()
    shown = sum(phone.n_shown for phone in crowd.phones)
    waits = [f"{1000 * wait_s:.0f}" for wait_s in quantiles(crowd.waits_s, n=20)]
    print(f"{shown} updates shown, {crowd.n_taken} of {crowd.n_sent} questions taken;")
    print(f"a question waited {waits[9]} ms in the median, {waits[18]} ms at most in 95 %")


def interval(rounds: Sequence[tuple[float, float]]) -> str:
    """The sum of the first by that of the second, and where it lies in 95 % of draws of rounds with
    replacement."""

    def ratio(drawn: Sequence[tuple[float, float]]) -> float:
        return sum(one for one, _ in drawn) / sum(other for _, other in drawn)

    rng = random.Random(1)
    drawn = sorted(ratio(rng.choices(rounds, k=len(rounds))) for _ in range(N_DRAWN))
    low, high = drawn[round(0.025 * N_DRAWN)], drawn[round(0.975 * N_DRAWN)]
    return f"{ratio(rounds):.1%} (95 %: {low:.1%} to {high:.1%}, {len(rounds)} rounds)"


async def measure(n_phones: int, minutes: float) -> None:
    """Print cards a second, with and without the phones."""
    with tempfile.TemporaryDirectory() as runs:
        endless = Goal(step=10**6)
        teacher = TrainerClient(
            LessonRequest(deck="addition", speed="full", runs=runs, until=endless)
        )
        state = RunState()
        async with served() as serving:
            server = serving.client.child.pid
            assert server is not None

            async def teach() -> None:
                async for event in teacher.events():
                    state.fold(event)

            async def show() -> None:
                while True:
                    for part, facts in facts_of(state, is_stalled=False).items():
                        serving.show(part, facts)
                    for question in serving.questions:
                        dropped = ms.QuestionDropped(question=question.question)
                        serving.client.send(dropped)
                    serving.told[:] = [
                        m for m in serving.told if not isinstance(m, ms.QuestionSent)
                    ]
                    await asyncio.sleep(1.0)

            teaching = asyncio.create_task(teach())
            while state.step < 300:
                await asyncio.sleep(0.1)
            crowd = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.audience.crowd", "phones"),
                *(str(n_phones), serving.link),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            counted = ms.PhonesCounted(n_phones=n_phones)
            while counted not in serving.told:
                await asyncio.sleep(0.05)

            def let(is_running: bool) -> None:
                for pid in (server, crowd.pid):
                    send_signal(pid, "CONT" if is_running else "STOP")

            async def block(is_full: bool) -> float:
                let(is_full)
                showing = asyncio.create_task(show()) if is_full else None
                await asyncio.sleep(SETTLING_S)
                cards, at_s = state.cards_taught, time.monotonic()
                await asyncio.sleep(BLOCK_S)
                rate = (state.cards_taught - cards) / (time.monotonic() - at_s)
                if showing is not None:
                    showing.cancel()
                return rate

            print(f"{n_phones} phones follow", flush=True)
            rates: dict[str, list[float]] = {"with": [], "one": [], "other": []}
            server_s = full_s = 0.0
            rng, end_s = random.Random(1), time.monotonic() + 60 * minutes
            while time.monotonic() < end_s:
                for name in rng.sample(list(rates), 3):
                    before_s, at_s = cpu_s(server), time.monotonic()
                    rates[name].append(await block(name == "with"))
                    if name == "with":
                        server_s += cpu_s(server) - before_s
                        full_s += time.monotonic() - at_s
                print({name: round(part[-1]) for name, part in rates.items()}, flush=True)
            let(True)
            told = (await crowd.communicate(b""))[0].decode()  # with None its stdin stays open
            full, one, other = rates.values()
            without = [(a + b) / 2 for a, b in zip(one, other, strict=True)]
            print(f"with: {mean(full):,.0f} cards/s, without: {mean(without):,.0f}")
            print(f"with / without: {interval([*zip(full, without, strict=True)])}")
            print(f"without / without: {interval([*zip(one, other, strict=True)])}")
            a_part_s = server_s / int(told.split()[0])
            print(told, end="")
            print(
                f"the server took {server_s / full_s:.1%} of a core in {full_s:.0f} s, "
                f"{1e6 * a_part_s:.0f} µs for an update of a phone"
            )
            await teacher.stop(is_saved=False)
            await teaching


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["phones"]:
        asyncio.run(phones_of(given[2], int(given[1])))
    else:
        asyncio.run(
            measure(int(given[0]) if given else N_PHONES, float(given[1]) if given[1:] else MINUTES)
        )
