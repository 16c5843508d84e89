"""A lesson told in plain text: starts the trainer, prints what it says, ends when it ends.

Needs no terminal and no keys. Ctrl-C saves, says so and leaves.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from flashcards.base.columns import joined
from flashcards.base.errors import ENDED_BY_SIGNAL
from flashcards.base.language import tr
from flashcards.plain import words
from flashcards.plain.narrator import Narrator
from flashcards.runs.bets import read_share
from flashcards.runs.commands import PlaceBet
from flashcards.runs.events import CorrectionMeasured, LessonEnded, RunStarted, TrainerFailed
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.share import share_line
from flashcards.runs.values import BetQuestion, BetSide, Speed
from flashcards.terminal.output import OutputError
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest
from flashcards.wording import bets

FAILED = 1

CARD_S: dict[Speed, float] = {"explain": 3.0, "slow": 1.0, "brisk": 0.1, "full": 0.0}
"""How long a card was shown, beside the training time that the log tells."""


def teach(request: LessonRequest, out: TextIO | None = None, *, bets_fd: int | None = None) -> int:
    """Teach to the end of the lesson; 0, or 1 when the trainer failed. Ctrl-C and SIGTERM save
    first; then it is 130 or 143.

    With `bets_fd` it asks for a prediction as it begins; a number of per cent is read from there.
    """
    return asyncio.run(_teach(request, sys.stdout if out is None else out, bets_fd))


async def _teach(request: LessonRequest, out: TextIO, bets_fd: int | None) -> int:
    client, narrator = TrainerClient(request), Narrator()
    loop = asyncio.get_running_loop()
    endings: list[asyncio.Task[None]] = []
    stopped_by: list[int] = []

    def end(*, is_said: bool = True) -> None:
        if not endings:
            if is_said:
                print(tr("Stopping; what was learned is being saved."), file=out, flush=True)
            endings.append(loop.create_task(client.stop()))

    def obey(number: int, _: object) -> None:
        stopped_by.append(number)
        loop.call_soon_threadsafe(end)

    for number in (signal.SIGINT, signal.SIGTERM):
        # `loop.add_signal_handler` is not there on Windows; this is the same on both.
        signal.signal(number, obey)
    code = 0
    async for event in client.events():
        try:
            for line in narrator.tell(event, time.monotonic()):
                print(line, file=out, flush=True)
        except OutputError:
            await client.stop()
            raise
        if isinstance(event, RunStarted) and bets_fd is not None:
            _ask(event, bets_fd, out, lambda bet: loop.call_soon_threadsafe(client.send, bet))
        if isinstance(event, TrainerFailed):
            code = FAILED
            print(f"flashcards: {event.text}", file=sys.stderr)
        elif isinstance(event, LessonEnded):
            end(is_said=False)
    for ending in endings:
        await ending
    start, state = narrator.state.start, narrator.state
    if start is not None:
        print(joined(words.saved(state.last_saved_step, Path(start.folder))), file=out, flush=True)
        if state.ended is not None:
            line = share_line(start, state.ended, state.step, request.speed or "")
            print(tr("The same again elsewhere: {line}", line=line), file=out, flush=True)
    is_at_its_end = state.ended is not None and state.ended.reason != "stopped"
    return (
        ENDED_BY_SIGNAL + stopped_by[0] if stopped_by and not code and not is_at_its_end else code
    )


def _ask(start: RunStarted, bets_fd: int, out: TextIO, place: Callable[[PlaceBet], object]) -> None:
    """Ask for a prediction and go on; what is typed is read beside the lesson."""
    side: BetSide = "unseen" if start.n_held_out else "seen"
    bet = BetQuestion(kind="score", side=side)
    n_cards = start.n_held_out or start.n_taught
    asked = bets.question(bet, n_cards)
    how = tr("Type a number of per cent and press Enter; Enter alone skips.")
    print(f"{asked} {how}", file=out, flush=True)

    def read() -> None:
        # not `sys.stdin`: its lock, held here, would end the program badly
        share = read_share(os.read(bets_fd, 200).decode("utf-8", "replace"))
        if share is not None:
            place(PlaceBet(bet=bet, share=share))

    threading.Thread(target=read, name="bets", daemon=True).start()


def retell(run: Path) -> Iterator[str]:
    """The lines, as thinned out as they were when it was taught.
    Raises RunError: it is no run, or its log can't be read."""
    folder = RunFolder.open(run)
    try:
        happened = folder.events()
    except OSError as error:
        raise RunError(f"the log of {run.name} can't be read: {error.strerror}") from error
    narrator, shown_s = Narrator(), 0.0
    for event in happened:
        if isinstance(event, CorrectionMeasured):
            shown_s += CARD_S[narrator.state.speed]
        yield from narrator.tell(event, shown_s + narrator.state.train_seconds)
