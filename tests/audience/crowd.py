"""What a full room costs the lesson: `python -m tests.audience.crowd [N_PHONES [MINUTES]]` (Linux).
In turns of a few seconds, in random order, that many phones follow and ask in class mode, and the
presenter's remote shows their texts; or all are stopped with their server. Printed is the trainer's
processor time for each update of the addition deck. Trainer, server and app have the first core of
the machine, the phones have another one where there is one."""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import msgspec

from flashcards.app.audience.remote_control import MAX_TEXTS, RemoteFacts
from flashcards.app.audience.shared_lesson import facts_of
from flashcards.app.class_mode import without_outcomes
from flashcards.audience import messages as ms
from flashcards.audience.remote import FOLLOW, Signed, signature
from flashcards.base.system import lower_priority
from flashcards.runs.commands import Ask
from flashcards.runs.events import PromptAnswered
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest
from tests.audience.server import Crowd, Phone, Served, challenge_of, served
from tests.posix import cores_of, keep_to, send_signal

BLOCK_S, SETTLING_S = 5.0, 0.5
N_BETWEEN = 40  # updates from a question to the next: as many questions an update, with and without
SECRET = "5e" * 16
TICKS_A_SECOND = 100  # what Linux counts a process's time in


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


async def phones_of(link: str, n_phones: int) -> None:
    lower_priority(19)
    cores = cores_of(0)
    keep_to(0, cores[1:] or cores)
    crowd = Crowd(Served(None, [ms.Opened(link=link)]))  # type: ignore[arg-type]
    await crowd.come(n_phones)
    staying = asyncio.create_task(crowd.stay(1_000_000))
    await asyncio.to_thread(sys.stdin.read)
    staying.cancel()
    shown = sum(phone.n_shown for phone in crowd.phones)
    print(f"{shown:,} parts shown, {crowd.n_taken:,} of {crowd.n_sent:,} questions taken")


async def with_remote(serving: Served) -> Phone:
    """Follow the lesson as the presenter's remote does."""
    serving.client.send(ms.RemoteAllowed(secret=SECRET))
    challenge = await challenge_of(serving)
    unsigned = Signed("a1" * 16, 1, FOLLOW, "")
    mac = signature(SECRET, challenge, unsigned)
    remote = Phone(serving, "")
    await remote.follow(f"/remote/events?device={unsigned.device}&counter=1&mac={mac}")
    return remote


def remote_facts(serving: Served, state: RunState) -> RemoteFacts:
    """The remote's contents while a class sends more texts than it shows."""
    texts = tuple(serving.questions[-MAX_TEXTS:])
    return RemoteFacts("addition", "", f"step {state.step}", "", "", (), "", (), texts, 0)


async def measure(n_phones: int, minutes: float) -> None:
    with tempfile.TemporaryDirectory() as runs:
        request = LessonRequest(deck="addition", speed="full", runs=runs, until=Goal(step=10**6))
        teacher, state = TrainerClient(request), RunState()
        answers: asyncio.Queue[None] = asyncio.Queue()

        async def teach() -> None:
            async for event in teacher.events():
                state.fold(event)
                if isinstance(event, PromptAnswered):
                    answers.put_nowait(None)

        teaching = asyncio.create_task(teach())
        async with served() as serving:
            remote = await with_remote(serving)
            while state.step < 100:
                await asyncio.sleep(0.1)
            command = [sys.executable, "-m", "tests.audience.crowd", "phones", str(n_phones)]
            pipe = asyncio.subprocess.PIPE
            crowd = await asyncio.create_subprocess_exec(
                *command, serving.link, stdin=pipe, stdout=pipe
            )
            while ms.PhonesCounted(n_phones=n_phones) not in serving.told:
                await asyncio.sleep(0.05)
            server, trainer = serving.client.child.pid, teacher.pid
            assert server is not None
            assert trainer is not None
            core = min(cores_of(0))
            for pid in (os.getpid(), server, trainer):
                keep_to(pid, [core])
            spent: dict[bool, list[float]] = {True: [], False: []}
            server_shares: list[float] = []
            waits_ms: dict[bool, list[float]] = {True: [], False: []}
            is_full = True

            async def show() -> None:
                while True:
                    if is_full:
                        hidden = without_outcomes(state)
                        for part, facts in facts_of(hidden, is_stalled=False).items():
                            serving.show(part, facts)
                        content = msgspec.Raw(msgspec.json.encode(remote_facts(serving, state)))
                        serving.client.send(ms.RemoteShown(content=content))
                    await asyncio.sleep(1.0)

            showing = asyncio.create_task(show())
            rng, end_s = random.Random(1), time.monotonic() + 60 * minutes
            while time.monotonic() < end_s:
                for is_full in rng.sample([True, False], 2):
                    for pid in (server, crowd.pid):
                        send_signal(pid, "CONT" if is_full else "STOP")
                    await asyncio.sleep(SETTLING_S)
                    step, before_s, at_s = state.step, cpu_s(trainer), time.monotonic()
                    server_before_s = cpu_s(server)
                    while time.monotonic() < at_s + BLOCK_S:
                        asked_s = time.monotonic()
                        teacher.send(Ask(prompt="12+34"))
                        await answers.get()
                        waits_ms[is_full].append(1000 * (time.monotonic() - asked_s))
                        asked = state.step
                        while state.step < asked + N_BETWEEN:
                            await asyncio.sleep(0.05)
                    trainer_s = cpu_s(trainer) - before_s
                    spent[is_full].append(trainer_s / (state.step - step))
                    if is_full:
                        server_shares.append(
                            (cpu_s(server) - server_before_s) / (time.monotonic() - at_s)
                        )
            showing.cancel()
            send_signal(server, "CONT")
            send_signal(crowd.pid, "CONT")
            told = (await crowd.communicate(b""))[0].decode()
            print(f"the remote was shown {remote.n_shown:,} times")
            await remote.leave()
        await teacher.stop(is_saved=False)
        await teaching
        print(f"{n_phones} phones, {len(spent[True])} turns of {BLOCK_S:g} s each; {told}", end="")
        for is_full, name in ((False, "without"), (True, "with")):
            mean_ms, waits = 1000 * median(spent[is_full]), quantiles(waits_ms[is_full], n=20)
            print(f"{name} them: {mean_ms:.2f} ms of the trainer's processor time an update;")
            print(f"  a question is answered in {waits[9]:.0f} ms, 95 % in {waits[18]:.0f} ms")
        rises = [a / b - 1 for a, b in zip(spent[True], spent[False], strict=True)]
        low, middle, high = quantiles(rises, n=4)
        share = median(server_shares)
        print(f"the server takes {1000 * share:.0f} ms of processor time a second")
        print(f"rise: {middle:+.1%} (half of the pairs from {low:+.1%} to {high:+.1%})")


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["phones"]:
        asyncio.run(phones_of(given[2], int(given[1])))
    else:
        asyncio.run(measure(int(given[0]) if given else 300, float(given[1]) if given[1:] else 4.0))
