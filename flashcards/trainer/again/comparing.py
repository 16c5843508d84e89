"""Holds what a replay says against what the log says.

Facts that no update decides follow from the deck in force, and are made again. Writes nothing.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.chapters import Difference, prompts_of
from flashcards.rivals.grading import Rivals, rivals_of
from flashcards.runs import commands, events, values
from flashcards.runs.folder import RunFolder
from flashcards.runs.log import rounded
from flashcards.trainer import voting
from flashcards.trainer.describing import chapter_event, with_problems
from flashcards.trainer.lesson_kinds import lesson_about, started
from flashcards.trainer.questions import asking, prompts, varied
from flashcards.trainer.training_state import TrainingState

TAUGHT = (
    events.StepsTaken,
    events.CorrectionMeasured,
    events.ExamTaken,
    events.TextWritten,
    events.DeckMarked,
    events.TriesRewarded,
)
"""Events that teaching alone brings; the others are asked for, or somebody's doing."""

COMPUTED = (
    *TAUGHT,
    events.PinAnswered,
    events.PinTaught,
    events.PromptAnswered,
    events.ExamVaried,
    events.VoteCast,
    events.LessonEnded,
)
"""Events that say what the model computed: the last digits depend on the machine."""

UNIMPORTANT = (
    events.StepsTaken,
    events.CorrectionMeasured,
    events.TriesRewarded,
    events.PinTaught,
    events.StateSaved,
    events.PromptAnswered,
    events.ExamVaried,
    events.RivalsAnswered,
)
"""Events that no later event of a replay depends on."""

NEWER = ("description", "common")
"""Fields of a start that logs of earlier versions lack: there nothing is compared."""

Compare = Callable[[events.AnyEvent | None, events.AnyEvent | None], None]


class Comparing:
    """Each fact as it was written and as it is now.
    `is_on`: somebody wants to know. `prompts`: those that were asked, by request."""

    def __init__(self, folder: RunFolder, compare: Compare | None) -> None:
        self.is_on = compare is not None
        self._compare = compare
        self._recount = _Recount(folder)
        self._emitted: deque[events.AnyEvent] = deque()
        self.prompts: dict[int, str] = {}

    def clear(self) -> None:
        self._emitted.clear()

    def hear(self, event: events.AnyEvent) -> None:
        if isinstance(event, (*TAUGHT, events.PinAnswered, events.PinTaught)):
            self._emitted.append(rounded(event))

    def has_heard(self, kind: type[events.AnyEvent]) -> bool:
        return any(type(emitted) is kind for emitted in self._emitted)

    def check(self, was: events.AnyEvent | None, now: events.AnyEvent | None) -> None:
        if self._compare is not None:
            self._compare(was, now)

    def take(self, event: events.AnyEvent) -> None:
        """Compare it with the next emitted event of its kind. Events skipped before that are
        missing in the log."""
        emitted = None
        if self.has_heard(type(event)):
            while type(emitted := self._emitted.popleft()) is not type(event):
                self.check(None, emitted)
        self.check(event, emitted)

    def miss(self) -> None:
        """Events that were emitted and are not in the log are reported as missing."""
        while self._emitted:
            self.check(None, self._emitted.popleft())

    def pin(
        self, event: events.PinAnswered, prompts_asked: list[str], training: TrainingState
    ) -> None:
        """Pins asked in one pass are asked in one pass again, when the first of them comes."""
        if not self.is_on:
            return
        if not self.has_heard(events.PinAnswered):
            index = prompts.PromptIndex(training.deck)
            for answered in asking.answers_to(prompts_asked, training.learner, index):
                if not event.correct_answers:  # runs written before don't say them
                    answered = msgspec.structs.replace(answered, correct_answers=())
                self.hear(answered)
        self.take(event)

    def answer(self, event: events.PromptAnswered, training: TrainingState) -> None:
        if self.is_on:
            ask = commands.Ask(request=event.request, prompt=event.prompt, options=event.options)
            answered = asking.answer(ask, training, prompts.PromptIndex(training.deck))
            if not event.prompt_pieces:  # runs written before don't say them
                answered = msgspec.structs.replace(answered, prompt_pieces=())
            if not event.is_adapter_off:  # the same
                answered = msgspec.structs.replace(answered, is_adapter_off=False)
            tokenizer = training.learner.tokenizer
            special = [tokenizer.piece_text(i) for i in tokenizer.special]
            if any(text in other for text in special for other in event.alternatives):
                # runs written before name such pieces, which are no answers, as alternatives
                answered = msgspec.structs.replace(answered, alternatives=event.alternatives)
            self.check(event, answered)

    def vary(self, event: events.ExamVaried, training: TrainingState) -> None:
        if self.is_on:
            command = commands.TakeExam(request=event.request, options=event.options)
            self.check(event, varied.take_exam(command, training))

    def vote(self, event: events.VoteCast, training: TrainingState) -> None:
        if self.is_on:
            pair = voting.pair_of(training)
            self.check(event, None if pair is None else pair.cast(event.step, event.choice))

    def change(
        self, event: events.DeckChanged, training: TrainingState, changes: Difference
    ) -> None:
        if self.is_on:
            self.check(event, self._recount.change(event, training, changes))

    def end(
        self, event: events.LessonEnded, exam: events.ExamTaken | None, training: TrainingState
    ) -> None:
        if exam is not None and self.is_on:
            self.check(event, self.confirmed_end(event, exam, training))

    def confirmed_end(
        self, event: events.LessonEnded, exam: events.ExamTaken, training: TrainingState
    ) -> events.LessonEnded:
        """Return the end as its exam and the rivals of the deck confirm it."""
        scores = self._recount.scores(training.deck)
        judged = lesson_about(training.deck).verdict(exam, scores)
        confirmed = {"seen": exam.seen, "unseen": exam.unseen, "verdict_kind": judged.kind}
        return msgspec.structs.replace(event, **confirmed)

    def recount(
        self, event: events.AnyEvent, training: TrainingState, rivals: tuple[values.Rival, ...]
    ) -> None:
        """Compare a fact that no update decides; `rivals` are those known when the run went on."""
        if not self.is_on:
            return
        recount = self._recount
        match event:
            case events.RunStarted():
                self.check(event, recount.start_of_file(event, training))
            case events.RunResumed() | events.RunBranched():
                known = rivals if isinstance(event, events.RunResumed) else None
                start = recount.start(event.start, training, known)
                self.check(event, msgspec.structs.replace(event, start=start))
            case events.RivalsGraded():
                scores = recount.scores(training.deck)
                self.check(event, msgspec.structs.replace(event, rivals=scores))
            case events.RivalsAnswered():
                prompt, answered = self.prompts.get(event.request), None
                if prompt is not None:
                    answers = recount.answers(training.deck, prompt)
                    answered = msgspec.structs.replace(event, answers=answers)
                self.check(event, answered)


class _Recount:
    """Facts that no update decides: who is taught what, what rivals score and answer. All of it
    follows from a deck, so it is made again from the deck in force."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._described: tuple[Deck, events.RunStarted] | None = None
        self._graded: tuple[Deck, Rivals, tuple[values.Rival, ...]] | None = None

    def start(
        self,
        was: events.RunStarted,
        training: TrainingState,
        rivals: tuple[values.Rival, ...] | None = None,
    ) -> events.RunStarted:
        """The start that was said, of what is taught now; where it stood is taken as it was.
        `rivals` are those that were known, when that is not the lookup table alone."""
        if self._described is None or self._described[0] is not training.deck:
            start = started(self._folder, training)
            self._described = (training.deck, start)
        now = self._described[1]
        if self._folder.info.chapter:
            now = lesson_about(training.deck).named_as(was, now)
        return msgspec.structs.replace(
            now,
            step=was.step,
            run=was.run,
            folder=was.folder,
            deck_path=was.deck_path,
            device=was.device,
            rivals=rivals or now.rivals,
            **{name: getattr(was, name) for name in NEWER if not getattr(was, name)},
        )

    def start_of_file(self, was: events.RunStarted, training: TrainingState) -> events.RunStarted:
        """The same where the deck's file had just been read: with its problems.
        Raises RunError: the file is gone. Raises OSError: it can't be read."""
        copy = self._folder.deck_version(training.memory.deck_file)
        name = Path(self._folder.info.deck_path).name
        problems = lesson_about(training.deck).problems(copy, name)
        return with_problems(self.start(was, training), problems)

    def change(
        self, was: events.DeckChanged, training: TrainingState, changes: Difference
    ) -> events.DeckChanged:
        """The change of the deck that was said, as it is; its notes and who asked as they were.
        Raises RunError or OSError: the deck's file can't be read."""
        start = self.start_of_file(was.start, training)
        if isinstance(was, events.ChapterBegan):
            now = chapter_event(training, start, was.file, changes)
            return msgspec.structs.replace(now, step=was.step)
        return msgspec.structs.replace(
            was,
            start=start,
            n_added=len(changes.added),
            n_changed=len(changes.changed),
            n_removed=changes.n_removed,
            prompts=prompts_of(changes, training.deck),
        )

    def scores(self, deck: Deck) -> tuple[values.Rival, ...]:
        return self._graded_on(deck)[1]

    def answers(self, deck: Deck, prompt: str) -> tuple[values.RivalAnswer, ...]:
        return self._graded_on(deck)[0].answers(prompt)

    def _graded_on(self, deck: Deck) -> tuple[Rivals, tuple[values.Rival, ...]]:
        if self._graded is None or self._graded[0] is not deck:
            rivals = rivals_of(deck)
            self._graded = (deck, rivals, rivals.scores())
        return self._graded[1:]
