"""Plays two recorded runs as a race, the second taught as many cards as the first. It opens at the
end, where both curves are whole; play plays the race from its start, or from the step shown."""

from collections.abc import AsyncIterator, Sequence
from functools import cache
from pathlib import Path

from flashcards.app.run.replay_teacher import BEFORE_ALL, ReplayTeacher
from flashcards.app.run.sources import SavedRun
from flashcards.base.language import tr
from flashcards.cards.shelf import prompts_of
from flashcards.runs import answers, commands
from flashcards.runs.events import AnyEvent, TrainerWoke
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.markers import AnyMarker, Differs, Parted
from flashcards.runs.recording import Recording
from flashcards.wording import comparison, races


def named_comparison(run: Path, other_run: Path) -> comparison.Comparison:
    """The whole comparison. Raises OSError, RunError: a run can't be read."""
    return comparison.compare(
        run, other_run, prompts=(prompts_of_decks(run), prompts_of_decks(other_run))
    )


def prompts_of_decks(run: Path) -> answers.PromptsAfter:
    """The prompts of the run's decks, each read when it is wanted first; none of a lost deck."""
    folder = RunFolder.open(run)
    changes = folder.deck_changes()

    @cache
    def read(file: str) -> Sequence[str]:
        try:
            return prompts_of(folder.deck_version(file))
        except RunError:
            return ()

    def after(step: int) -> Sequence[str]:
        return read(next((file for at, file in reversed(changes) if at <= step), ""))

    return after


class RaceReplay(ReplayTeacher):
    """Two runs, from the first one's first event to its last."""

    beside: SavedRun

    def __init__(self, folder: RunFolder, other: Path, pace: float = 1.0) -> None:
        super().__init__(folder, pace)
        self.beside = SavedRun(other)
        self.comparison: comparison.Comparison | None = None

    async def events(self) -> AsyncIterator[AnyEvent]:
        """The end, at once; then the race from where and as often as it is wanted."""
        yield TrainerWoke(step=0, stage=tr("reading…"))
        async for event in self._from(None):
            yield event

    def send(self, command: commands.AnyCommand) -> None:
        if isinstance(command, commands.Play) and self.is_at_end:
            self.play_from(BEFORE_ALL)
        else:
            super().send(command)

    def _go_to(self, start: int | None) -> None:
        self._read()
        super()._go_to(start)
        self.parting = self._parting()
        self.beside.go_to(self._recording.counts.cards_at(self._step))

    def _read(self) -> None:
        if self.comparison is None:
            self._recording = Recording.open(self.folder)  # with its index, where there is one
        is_new = self._recording.refresh()
        if self.beside.read() or is_new or self.comparison is None:
            self.comparison = named_comparison(self.folder.path, self.beside.path)
            self.beside.cards_apart = self.comparison.cards_apart

    def _parting(self) -> list[AnyMarker]:
        comparison = self.comparison
        assert comparison is not None
        markers: list[AnyMarker] = []
        step = races.fork_step(comparison)
        if step is not None:
            markers.append(Parted(step=step, change=races.change(comparison)))
        if comparison.answer is not None:
            markers.append(Differs(step=comparison.answer.step, answer=comparison.answer))
        return markers
