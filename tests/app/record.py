"""Record the real program for the pictures of README and docs, a lesson a take (`takes.py`):
`python -m tests.app.record [TAKE…]`, then
`FLASHCARDS_PICTURES=write pytest tests/app/test_recordings.py`."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from flashcards.app.app import FlashcardsApp
from flashcards.app.density import Density
from flashcards.app.textual_fixes.colours import DEFAULT
from flashcards.cards.shelf import shipped
from flashcards.runs import events as ev
from flashcards.runs.commands import AnyCommand
from flashcards.trainer.client import ModelClient, TimeMachineClient, TrainerClient
from flashcards.trainer.request import LessonRequest, TravelRequest
from tests.app import recordings as rec
from tests.app.takes import TAKES, Take

PATIENCE_S, SETTLE_S = 400.0, 2.0  # for a moment to come; for what an act makes the program ask

KEPT: dict[type[ev.AnyEvent], int] = {  # of these only so many before each act can be seen
    **dict.fromkeys((ev.TrainerWoke, ev.DeckMarked, ev.ExamUnderWay, ev.TextWritten), 1),
    ev.StateSaved: 1,
    ev.UpdateDetails: 1,
    ev.CorrectionMeasured: 3,
}


class Heard:
    def __init__(self, by: str, client: ModelClient, lines: list[rec.AnyLine]) -> None:
        self._by, self._client, self._lines = by, client, lines
        self._answers: dict[int, list[ev.AnyEvent]] = {}

    async def events(self) -> AsyncIterator[ev.AnyEvent]:
        async for event in self._client.events():
            answers = self._answers.get(getattr(event, "request", 0))
            if answers is None:
                self._lines.append(rec.Told(self._by, event))
            else:
                answers.append(event)
            yield event

    def send(self, command: AnyCommand) -> None:
        number = getattr(command, "request", 0)
        if number:
            self._answers[number] = []
            self._lines.append(rec.Answered(self._by, command, self._answers[number]))
        self._client.send(command)

    async def stop(self, is_saved: bool = True) -> None:
        await self._client.stop(is_saved)


async def record(take: Take, runs: Path) -> list[rec.AnyLine]:
    lines: list[rec.AnyLine] = [rec.Asked(take.request)]
    n_started = [0, 0]

    def start(asked: LessonRequest | TravelRequest) -> Heard:
        is_machine = isinstance(asked, TravelRequest)
        client: ModelClient = (
            TimeMachineClient(asked) if isinstance(asked, TravelRequest) else TrainerClient(asked)
        )
        n_started[is_machine] += 1
        return Heard(rec.name_of(n_started[is_machine] - 1, is_machine=is_machine), client, lines)

    request = msgspec.structs.replace(take.request, runs=str(runs))
    app = FlashcardsApp(request, start, DEFAULT, machine=start)
    async with app.run_test(size=rec.SIZE) as pilot:
        app.session.singleton(Density).is_full = True
        for step in take.script:
            if isinstance(step, rec.Act):
                lines.append(step)
                await rec.do(app, pilot, step)
                await asyncio.sleep(SETTLE_S)
                continue
            async with asyncio.timeout(PATIENCE_S):
                while not (app.is_running and app.play and step(app)):
                    await asyncio.sleep(0.02)
        await app.session.travel.close()
        await app.session.run.close(is_saved=False)
        app.exit()
    return lines


def thinned(lines: list[rec.AnyLine]) -> list[rec.AnyLine]:
    """Without what nobody can see any more when something is done next."""
    kept: list[rec.AnyLine] = []
    n_later: dict[object, int] = {}
    for line in reversed(lines):
        if isinstance(line, rec.Act):
            n_later.clear()
        if isinstance(line, rec.Told):
            event = line.event
            is_by_rule = isinstance(event, ev.CorrectionMeasured) and event.correction.is_by_rule
            key = (line.by, type(event), is_by_rule)
            n_later[key] = n_later.get(key, 0) + 1
            if n_later[key] > KEPT.get(type(event), len(lines)):
                continue
        kept.append(line)
    return kept[::-1]


def save(name: str, lines: list[rec.AnyLine], runs: Path) -> None:
    def text(raw: bytes) -> str:
        decks = shipped().as_posix()
        return raw.decode().replace(runs.as_posix(), rec.RUNS).replace(decks, rec.DECKS)

    file, folder = rec.FOLDER / f"{name}.jsonl", rec.FOLDER / name
    file.write_text(text(b"\n".join(map(msgspec.json.encode, thinned(lines)))) + "\n", "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    has_second = any(isinstance(line, rec.Told) and line.by != "0" for line in lines)
    is_read = has_second or rec.Did("decks") in lines
    for run in sorted(runs.iterdir()) if is_read else ():
        (folder / run.name / "deck").mkdir(parents=True)
        for path in (*run.glob("*.json*"), *(run / "deck").iterdir()):
            (folder / path.relative_to(runs)).write_text(text(path.read_bytes()), "utf-8")


def main() -> None:
    rec.FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or TAKES:
        take = TAKES[name]
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
            runs = Path(root) / "runs"
            save(name, asyncio.run(record(take, runs)), runs)
        print(name, *(f"{shot.name}.svg" for shot in rec.shots_of(name)))


if __name__ == "__main__":
    main()
