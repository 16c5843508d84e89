"""The moments of a run that one jumps to, found while its events are folded.

Knows no file: whoever folds a run gives each event, after the state took it in.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from flashcards.runs import events
from flashcards.runs.events import AnyEvent
from flashcards.runs.state import RunState
from flashcards.runs.steps import Break, StepWatch
from flashcards.runs.values import Rival, Score
from flashcards.runs.verdict import best_of, counted, is_better, rival_name

MarkerKind = Literal[
    "first_right",
    "all_right",
    "forgotten",
    "overtook",
    "diverged",
    "deck",
    "learning_rate",
    "order",
    "ended",
    "bookmark",
    "branch",
    "differs",
]
"""The last three are set by people, or by who races two runs; the rest are found in the log."""


FALL = 0.1
"""A share of right answers that fell by less is not said to be forgotten."""


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """A moment: at which step, of which kind, and what happened there in a few words."""

    step: int
    kind: MarkerKind
    text: str


class MarkerFinder(msgspec.Struct):
    """Finds the markers of one run, event by event.

    Forgotten: an exam whose share of the taught cards right is below the best share so far by
    more than chance (95 %) and by at least a tenth of all. Said once a fall: again only after the
    share was level with that best once more, within chance.

    Diverged: where the steps broke the model, found from the reports that follow (`runs.steps`), or
    where its numbers were no numbers any more. Once a break.

    Overtook: the first exam in which the share of the cards never seen is above the best rival's
    by more than chance. Where no rival has a single one, above none at all.
    """

    has_right: bool = False
    has_all_right: bool = False
    has_overtaken: bool = False
    is_fallen: bool = False
    is_broken: bool = False
    best_seen: Score = Score(0, 0)

    def find(self, event: AnyEvent, state: RunState) -> list[Marker]:
        """The markers that this event sets; `state` has taken it in already."""
        return [*self._break(event, state.steps), *self._find(event, state)]

    def _find(self, event: AnyEvent, state: RunState) -> list[Marker]:
        match event:
            case events.CorrectionMeasured(correction=correction):
                if correction.mark == "right" and not self.has_right:
                    return self._first_right(event.step, f"{correction.prompt} → {_said(event)}")
            case events.ExamTaken():
                return self._judge(event, state.rivals)
            case events.DeckChanged():
                self.has_all_right = self.has_overtaken = self.is_fallen = False
                self.best_seen = Score(0, 0)
                return [Marker(step=event.step, kind="deck", text=_changed(event))]
            case events.LearningRateChanged():
                text = f"learning rate {factor(event.factor)}"
                return [Marker(step=event.step, kind="learning_rate", text=text)]
            case events.OrderChanged():
                text = f"order of cards: {event.order}"
                return [Marker(step=event.step, kind="order", text=text)]
            case events.LessonEnded():
                text = event.verdict or "the lesson is over"
                if state.steps.broken is not None:
                    text = f"broken since step {state.steps.broken.step:,}; {text}"
                return [Marker(step=event.step, kind="ended", text=text)]
            case events.BookmarkSet():
                step = event.step if event.at_step is None else event.at_step
                return [Marker(step=step, kind="bookmark", text=event.text or "bookmark")]
        return []

    def _break(self, event: AnyEvent, steps: StepWatch) -> list[Marker]:
        broken, was_broken = steps.broken, self.is_broken
        self.is_broken = broken is not None
        if broken is None or was_broken:
            return []
        if isinstance(event, events.RunDiverged):
            text = f"broke down: {event.what}"
        else:
            text = f"broke at learning rate {factor(broken.factor)}: {_rise(broken, steps)}"
        return [Marker(step=broken.step, kind="diverged", text=text)]

    def _first_right(self, step: int, text: str) -> list[Marker]:
        self.has_right = True
        return [Marker(step=step, kind="first_right", text=f"first right: {text}")]

    def _judge(self, exam: events.ExamTaken, rivals: tuple[Rival, ...]) -> list[Marker]:
        found: list[Marker] = []
        seen, unseen = exam.seen, exam.unseen
        if seen.right and not self.has_right:
            found += self._first_right(exam.step, f"{counted(seen)} seen")
        if seen.total and seen.right == seen.total and not self.has_all_right:
            self.has_all_right = True
            text = f"all right: {counted(seen)} seen"
            found.append(Marker(step=exam.step, kind="all_right", text=text))
        best, rate = self.best_seen, seen.rate
        if rate is not None:
            has_fallen = (best.rate or 0.0) - rate >= FALL and is_better(best, seen)
            if has_fallen and not self.is_fallen:
                text = f"forgotten: {counted(seen)} seen, were {counted(best)}"
                found.append(Marker(step=exam.step, kind="forgotten", text=text))
            self.is_fallen = has_fallen or (self.is_fallen and is_better(best, seen))
            if best.rate is None or rate > best.rate:
                self.best_seen = seen
        if not self.has_overtaken and unseen.total:
            rival = best_of(rivals)
            beaten = Score(0, unseen.total) if rival is None else rival.unseen
            if is_better(unseen, beaten):
                self.has_overtaken = True
                name = "every rival" if rival is None else f"the {rival_name(rival.name)}"
                text = f"never seen: {counted(unseen)}, above {name}'s {counted(beaten)}"
                found.append(Marker(step=exam.step, kind="overtook", text=text))
        return found


def factor(value: float) -> str:
    """What the learning rate is multiplied by: ×2, ×1/16."""
    return f"×{value:g}" if value >= 1 else f"×1/{1 / value:g}"


def _rise(broken: Break, steps: StepWatch) -> str:
    now = math.nan if steps.loss_nats is None else steps.loss_nats
    error = f"{now:.2f} nats a piece"
    if broken.sign == "forgot":
        return f"error {broken.before_nats or 0.0:.2f} became {error}"
    return f"error {error}, a blind guess's {steps.guessing_nats:.2f}"


def _said(event: events.CorrectionMeasured) -> str:
    return "".join(piece.text for piece in event.correction.guess or ())


def _changed(event: events.DeckChanged) -> str:
    counts = ((event.n_added, "new"), (event.n_changed, "changed"), (event.n_removed, "gone"))
    parts = [f"{n:,} {what}" for n, what in counts if n]
    return "deck changed" + (f": {', '.join(parts)}" if parts else "")
