"""What a full room costs the lesson: `python -m tests.audience.crowd [N_PHONES]`.

Teaches the addition deck at full speed and lets that many phones follow in every other block of
time. The phones are a process of the lowest priority: in a real room they are other machines.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from statistics import median

from flashcards.app.audience.sharing import facts_of
from flashcards.audience import messages as ms
from flashcards.runs.state import RunState
from flashcards.system import lower_priority
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest
from tests.audience.server import Phone, Served, ask, enter, served

N_PHONES = 300
N_BLOCKS = 3
BLOCK_S = 20.0
ASKS_EVERY_S = 10.0


class Crowd:
    """Phones that follow, and now and then send a question."""

    def __init__(self, serving: Served) -> None:
        self._serving = serving
        self.phones: list[Phone] = []
        self.n_sent = self.n_taken = 0

    async def come(self, n_phones: int) -> None:
        for _ in range(n_phones):
            cookie = await enter(self._serving)
            phone = Phone(self._serving, cookie)
            await phone.follow()
            self.phones.append(phone)

    async def stay(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while (now_s := time.monotonic()) < until_s:
            for phone in self.phones[:: max(1, round(ASKS_EVERY_S))]:
                self.n_sent += 1
                reply = await ask(self._serving, phone.cookie, f"{self.n_sent}+1")
                self.n_taken += reply.status == 202
            await asyncio.sleep(max(0.0, now_s + 1.0 - time.monotonic()))

    async def leave(self) -> None:
        await asyncio.gather(*(phone.leave() for phone in self.phones))


async def phones_of(link: str, n_phones: int, seconds: float) -> None:
    """The process of the phones."""
    lower_priority(19)
    serving = Served(None, [ms.Opened(link=link)])  # type: ignore[arg-type]
    crowd = Crowd(serving)
    await crowd.come(n_phones)
    await crowd.stay(seconds)
    n_shown = sum(phone.n_shown for phone in crowd.phones)
    await crowd.leave()
    print(
        f"{n_shown / n_phones:.0f} updates a phone, {crowd.n_taken}/{crowd.n_sent} questions taken"
    )


async def measure(n_phones: int) -> None:
    """Print cards a second, with and without the phones."""
    with tempfile.TemporaryDirectory() as runs:
        teacher = TrainerClient(LessonRequest(deck="addition", speed="full", runs=runs))
        state = RunState()
        async with served() as serving:

            async def teach() -> None:
                async for event in teacher.events():
                    state.fold(event)

            async def show() -> None:
                while True:
                    for part, facts in facts_of(state, is_stalled=False).items():
                        serving.show(part, facts)
                    for question in serving.questions:
                        serving.client.send(ms.QuestionDropped(question=question.question))
                    serving.told[:] = [
                        m for m in serving.told if not isinstance(m, ms.QuestionSent)
                    ]
                    await asyncio.sleep(1.0)

            teaching, showing = asyncio.create_task(teach()), asyncio.create_task(show())
            while state.step < 300:
                await asyncio.sleep(0.1)
            rates: dict[bool, list[float]] = {False: [], True: []}
            for block in range(2 * N_BLOCKS):
                is_full = block % 2 == 1
                crowd = None
                if is_full:
                    crowd = await asyncio.create_subprocess_exec(
                        *(sys.executable, "-m", "tests.audience.crowd", str(n_phones)),
                        *(serving.link, str(BLOCK_S + 5)),
                    )
                    while not any(
                        isinstance(m, ms.PhonesCounted) and m.n_phones == n_phones
                        for m in serving.told
                    ):
                        await asyncio.sleep(0.05)
                cards, at_s = state.cards_taught, time.monotonic()
                await asyncio.sleep(BLOCK_S)
                rates[is_full].append((state.cards_taught - cards) / (time.monotonic() - at_s))
                print(f"{'with' if is_full else 'without'}: {rates[is_full][-1]:,.0f} cards/s")
                if crowd is not None:
                    await crowd.wait()
            print(f"median with / without: {median(rates[True]) / median(rates[False]):.1%}")
            showing.cancel()
            await teacher.stop(is_saved=False)
            await teaching


if __name__ == "__main__":
    given = sys.argv[1:]
    if len(given) == 3:
        asyncio.run(phones_of(given[1], int(given[0]), float(given[2])))
    else:
        asyncio.run(measure(int(given[0]) if given else N_PHONES))
