"""The time machine as the app follows it: the model of one step of the run, in its own process."""

from collections.abc import AsyncIterator, Callable

from flashcards.app.run.run import Question, Replies
from flashcards.app.run.sources import Teacher
from flashcards.base.language import tr
from flashcards.runs import events as ev, values
from flashcards.runs.commands import AnyCommand, GoTo, ShowUpdate
from flashcards.wording.numbers import count

N_UPDATES_KEPT = 200


class TimeMachine:
    """`updates` were made once more, by step: the card corrected, and the same from within."""

    def __init__(self, client: Teacher, on_event: Callable[[ev.AnyEvent | None], None]) -> None:
        """`on_event` gets what it says; None when it has failed."""
        self.updates: dict[int, tuple[values.Correction, ev.UpdateDetails | None]] = {}
        self._details: ev.UpdateDetails | None = None
        self.failure = ""
        self._client = client
        self._on_event = on_event
        self._reached: ev.StepReached | None = None
        self._wanted: int | None = None
        self._waiting: list[AnyCommand] = []
        self._is_up = False
        self._is_closed = False
        self._replies = Replies()

    @property
    def progress(self) -> str:
        """Say how far it is on its way; "" when it is there, or can't get there."""
        reached = self._reached
        if self._wanted is None:
            return ""
        if not self._is_up:
            return tr("opening the time machine…")
        if reached is not None and reached.text:
            return reached.text
        if reached is None or reached.is_arrived:
            is_there = reached is not None and self.is_there(self._wanted)
            return "" if is_there else tr("soon you can ask it")
        step, target = count(reached.step), count(reached.target)
        return tr("being computed: step {step} of {target}", step=step, target=target)

    def is_there(self, step: int) -> bool:
        """Tell whether this step is recomputed: its update, or before the first the model."""
        reached = self._reached
        is_at_start = reached is not None and reached.is_arrived and reached.target == 0
        return step in self.updates or (step == 0 and is_at_start)

    def show(self, step: int) -> None:
        if step == self._wanted:
            return
        self._wanted = step
        self._reached = None
        self._waiting = [c for c in self._waiting if not isinstance(c, GoTo | ShowUpdate)]
        self._send(GoTo(step=step))
        if step > 0 and step not in self.updates:
            self._send(ShowUpdate(step=step))

    def forget(self) -> None:
        """The run went back: the updates that were made again may not have happened."""
        self.updates.clear()
        self._wanted = None

    def replies(self, question: Question, patience_s: float | None) -> AsyncIterator[ev.AnyEvent]:
        return self._replies.of(question, self._send, patience_s)

    async def listen(self) -> None:
        try:
            async for event in self._client.events():
                self._take(event)
        except OSError as error:
            why = error.strerror or str(error)
            self._fail(tr("the time machine cannot be started: {why}", why=why))
        if not self._is_closed and not self.failure:
            self._fail("")

    async def close(self) -> None:
        self._is_closed = True
        self._replies.close()
        await self._client.stop()

    def _take(self, event: ev.AnyEvent) -> None:
        if not self._is_up:
            self._is_up = True
            for command in self._waiting:
                self._client.send(command)
            self._waiting = []
        match event:
            case ev.StepReached():
                self._reached = event
            case ev.UpdateDetails():
                self._details = event
            case ev.CorrectionMeasured():
                details = self._details
                is_its = details is not None and details.step == event.step
                self.updates[event.step] = event.correction, details if is_its else None
                while len(self.updates) > N_UPDATES_KEPT:
                    del self.updates[next(iter(self.updates))]
            case ev.TrainerFailed():
                self._fail(event.text)
                return
        self._replies.take(event)
        self._on_event(event)

    def _send(self, command: AnyCommand) -> None:
        if self._is_up:
            self._client.send(command)
        else:
            self._waiting.append(command)

    def _fail(self, text: str) -> None:
        self.failure = text or tr("the time machine ended without a word")
        self._replies.close()
        self._on_event(None)
