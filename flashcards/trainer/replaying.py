"""Gives a lesson again from its log: the same teaching makes the same updates, exams, corrections.

What comes of it is compared with what was written, or gone on from. Unlike a `Rerun`, which makes
the updates alone, everything that a lesson remembers is what it was. Writes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from itertools import takewhile

import msgspec

from flashcards.cards.difference import Difference
from flashcards.runs.commands import Ask
from flashcards.runs.events import (
    AnyEvent,
    CorrectionMeasured,
    DeckChanged,
    DeckMarked,
    ExamTaken,
    LearningRateChanged,
    LessonEnded,
    OrderChanged,
    PinAnswered,
    PromptAnswered,
    RecipeChanged,
    RunBranched,
    RunResumed,
    RunRewound,
    SpeedChanged,
    StateSaved,
    StepsTaken,
)
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import pack
from flashcards.runs.rounding import rounded
from flashcards.runs.values import PHASES
from flashcards.runs.verdict import verdict
from flashcards.trainer import versions
from flashcards.trainer.asking import answer
from flashcards.trainer.editing import remapped_marks
from flashcards.trainer.listener import Listener
from flashcards.trainer.pins import MARK_NAMES
from flashcards.trainer.prompts import PromptIndex
from flashcards.trainer.rerun import CannotRerun, follow_recipe, unknown_recipe
from flashcards.trainer.restoring import Restorer
from flashcards.trainer.teaching import Teaching

TAUGHT = (StepsTaken, CorrectionMeasured, ExamTaken, DeckMarked)
"""What teaching says by itself; the rest is asked for, or somebody's doing."""

Compare = Callable[[AnyEvent | None, AnyEvent | None], None]


class Replay:
    """One run given again, from a saved state on.

    Attributes:
        taught: The lesson as far as it was given.
        out_of_order: Facts that a log in its order can't have where they are: none of them is
            given.
    """

    def __init__(self, folder: RunFolder, *, at_most: int, device: str = "cpu") -> None:
        """Begin at the newest state up to step `at_most`.

        Raises:
            RunError: there is none.
            OSError: the log can't be read.
        """
        self._restorer = Restorer(folder, device)
        self._events, self.out_of_order = in_order(folder.events())
        self._resumes = {event.step for event in self._events if isinstance(event, RunResumed)}
        self._measured = {
            event.step: event for event in self._events if isinstance(event, CorrectionMeasured)
        }
        self._listener = Listener(self._hear)
        self._heard: deque[AnyEvent] = deque()
        self._states: dict[int, bytes] = {}
        self._changes: list[tuple[int, str]] = []
        self._difference: tuple[Difference, bytes] | None = None
        self._recipe: RecipeChanged | None = None
        self._is_rewound = False
        self.taught = self._restorer.restore(at_most, [])
        self._next = self._place_of(self.taught.learner.step)
        for event in self._events[: self._next]:
            self._note(event)
        self._restorer.make_changes(self.taught, self._changes)
        self._begin()

    @property
    def step(self) -> int:
        """Updates made."""
        return self.taught.learner.step

    @property
    def last_step(self) -> int:
        """The newest step the log tells of."""
        return max((event.step for event in self._events), default=0)

    def give(
        self,
        until: int,
        compare: Compare = lambda was, now: None,
        on_state: Callable[[StateSaved], None] = lambda saved: None,
    ) -> None:
        """Give everything up to step `until`, its end included.

        `compare` gets each computed fact as it was written and as it is now: None where only one
        of them is. `on_state` is called where a state was saved.

        Raises:
            CannotRerun: the log doesn't say how an update was made, or it broke the model.
            RunError: a deck is gone.
        """
        while self._next < len(self._events) and self._events[self._next].step <= until:
            event = self._events[self._next]
            self._advance(event.step, compare)
            try:
                self._give(event, compare, on_state)
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise CannotRerun(
                    f"What the log says of step {event.step:,} ({type(event).__name__}) can't "
                    f"have been: {error}."
                ) from error
            self._next += 1
        self._advance(until, compare)
        while self._heard:
            compare(None, self._heard.popleft())

    def give_first_exam(self, compare: Compare) -> None:
        """Compare what was said before the first state was saved. Call it before `give`.

        Raises:
            RunError: the state is gone.
        """
        said = [event for event in self._events[: self._next] if isinstance(event, TAUGHT)]
        if self.step or not said:
            return
        self._teaching.take_exam()
        if not any(isinstance(heard, DeckMarked) for heard in self._heard):
            self._teaching.mark_last_exam()
        for event in said:
            compare(event, self._next_heard(event, compare))
        self.taught = self._restorer.restore(0, [])
        self._restorer.make_changes(self.taught, self._changes)
        self._begin()

    def _advance(self, step: int, compare: Compare) -> None:
        while self.step < step:
            while self._heard:
                compare(None, self._heard.popleft())
            self._update()

    def _update(self) -> None:
        step = self.step
        if self._recipe is None:
            raise CannotRerun(unknown_recipe(step))
        follow_recipe(self.taught, self._recipe)
        self._is_rewound = False
        if not self._recipe.is_single:
            self._teaching.teach_batch()
        else:
            measured = self._measured.get(step + 1)
            is_explained = measured is not None and measured.correction.guess_after is not None
            self._teaching.teach_card(dict.fromkeys(PHASES, 0.0) if is_explained else {})
        if self.step == step:
            raise CannotRerun(
                f"Update {step + 1:,} broke the model: there is none of a later step."
            )

    def _give(
        self, event: AnyEvent, compare: Compare, on_state: Callable[[StateSaved], None]
    ) -> None:
        """What happened at this step, once it is reached."""
        match event:
            case StepsTaken() | CorrectionMeasured() | ExamTaken() | DeckMarked():
                if not any(type(heard) is type(event) for heard in self._heard):
                    self._say(event)
                compare(event, self._next_heard(event, compare))
            case PinAnswered():
                self._compare_pins(event, compare)
            case PromptAnswered():
                ask = Ask(request=event.request, prompt=event.prompt)
                compare(event, answer(ask, self.taught, PromptIndex(self.taught.deck)))
            case LessonEnded():
                self._teaching.report_steps()  # nothing is left when it was in the log
                exam = self._teaching.exam
                if exam is not None:
                    compare(event, self._ended(event, exam))
                self.taught.memory.has_ended = True
            case DeckChanged():
                marks = self._listener.state.marks
                deck = self._restorer.version(event.file)
                self._difference = (versions.change(self.taught, deck, event.file), marks)
                self._teaching.take_deck()
            case SpeedChanged():
                self.taught.memory.speed = event.speed
            case LearningRateChanged():
                self.taught.memory.learning_rate_factor = event.factor
            case OrderChanged():
                taught = self.taught
                taught.order.choose(event.order, taught.ledger.times_seen, taught.ledger.recent)
                taught.memory.order = event.order
            case StateSaved():
                if event.step in self._resumes:
                    self._states[event.step] = self.taught.to_bytes()
                on_state(event)
            case RunResumed():
                if event.step in self._states:
                    self.taught = self._restorer.from_saved(self._states[event.step])
                    self._restorer.make_changes(self.taught, self._changes)
                self._begin()
            case RunBranched():
                self._begin()
            case RunRewound():
                self._is_rewound = True
            case _:
                pass
        self._note(event)

    def _say(self, event: AnyEvent) -> None:
        """Somebody asked for this in the middle: a pause, an end, another deck."""
        teaching = self._teaching
        match event:
            case StepsTaken():
                teaching.report_steps()
            case ExamTaken():
                is_first = self._listener.state.exam is None or self._is_rewound
                self._is_rewound = False
                teaching.take_exam(is_full=not is_first)
            case DeckMarked() if self._difference is not None:
                difference, marks = self._difference
                self._hear(
                    DeckMarked(step=self.step, marks=pack(remapped_marks(marks, difference)))
                )
            case DeckMarked():
                teaching.mark_last_exam()
            case _:
                pass
        self._difference = None

    def _compare_pins(self, event: PinAnswered, compare: Compare) -> None:
        """All that were asked together are asked together again: the first of them asks."""
        if not any(isinstance(heard, PinAnswered) for heard in self._heard):
            rest = self._events[self._next :]
            asked = takewhile(lambda e: isinstance(e, PinAnswered), rest)
            self._ask_pins([e.prompt for e in asked if isinstance(e, PinAnswered)])
        compare(event, self._next_heard(event, compare))

    def _next_heard(self, event: AnyEvent, compare: Compare) -> AnyEvent | None:
        """The next of its kind; what comes before that is missing in the log."""
        if not any(type(heard) is type(event) for heard in self._heard):
            return None
        while type(heard := self._heard.popleft()) is not type(event):
            compare(None, heard)
        return heard

    def _ask_pins(self, prompts: list[str]) -> None:
        learner, index = self.taught.learner, PromptIndex(self.taught.deck)
        cards_of = {prompt: index.same(prompt) for prompt in prompts}
        asked = [i for cards in cards_of.values() for i in cards]
        mark_of = dict(zip(asked, learner.grade(asked).marks, strict=True)) if asked else {}
        for prompt, said in zip(prompts, learner.answer_each(prompts), strict=True):
            marks = [mark_of[i] for i in cards_of[prompt]]
            self._hear(
                PinAnswered(
                    step=learner.step,
                    prompt=prompt,
                    answer=said.text,
                    probability=said.probability,
                    mark=MARK_NAMES[max(marks)] if marks else None,
                )
            )

    def _ended(self, event: LessonEnded, exam: ExamTaken) -> LessonEnded:
        words = verdict(exam.seen, exam.unseen, self._listener.state.rivals)
        return msgspec.structs.replace(
            event,
            seen=exam.seen,
            unseen=exam.unseen,
            verdict=words.sentence,
            verdict_kind=words.kind,
        )

    def _begin(self) -> None:
        """A process begins to teach here."""
        self._heard.clear()
        self._teaching = Teaching(self.taught, self._listener, lambda: 0.0, lambda seconds: None)

    def _note(self, event: AnyEvent) -> None:
        if isinstance(event, RecipeChanged):
            self._recipe = event
        elif isinstance(event, DeckChanged):
            self._changes.append((event.step, event.file))
        self._listener.state.fold(event)

    def _hear(self, event: AnyEvent) -> None:
        if isinstance(event, (*TAUGHT, PinAnswered)):
            self._heard.append(rounded(event))

    def _place_of(self, step: int) -> int:
        """Where the log goes on from the state of this step."""
        saved = [
            place
            for place, event in enumerate(self._events)
            if isinstance(event, StateSaved) and event.step == step
        ]
        if saved:
            return saved[-1] + 1
        return next((i for i, e in enumerate(self._events) if e.step > step), len(self._events))


def in_order(events: Sequence[AnyEvent]) -> tuple[list[AnyEvent], list[AnyEvent]]:
    """Most of the events, in their order, whose steps never go down; and the others.

    A step that was altered is that of one line: it puts that line alone out of order.
    """
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, event in enumerate(events):
        length = bisect_right(tails, event.step)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1], ends[length : length + 1] = [event.step], [place]
    kept: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    return (
        [event for place, event in enumerate(events) if place in kept],
        [event for place, event in enumerate(events) if place not in kept],
    )
