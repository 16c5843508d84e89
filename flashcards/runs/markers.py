"""The moments of a run that one jumps to, found while its events are folded."""

import msgspec

from flashcards.runs import answers, bets, events
from flashcards.runs.steps import Break, StepWatch
from flashcards.runs.values import BranchChange, OrderName, Rival, Score, text_of
from flashcards.runs.verdict import Verdict, best_of, is_ahead, is_better

MarkerKind = str  # The tag of a marker; `wording.markers` has a sign for each

FALL = 0.1  # A share of right answers that fell by less is not said to be forgotten
HALF = 0.5  # of what it knew of an earlier deck
NEARLY_ALL = 0.9  # of the same, from which on a deck that was lost is known again


class Marker(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """A moment: at which step, and what happened there; `wording.markers.marker` says it."""

    step: int

    @property
    def kind(self) -> MarkerKind:
        return str(self.__struct_config__.tag)


class FirstRight(Marker, frozen=True, tag="first_right"):
    """The first right answer: to this card, or, in an exam, so many at once."""

    prompt: str = ""
    answer: str = ""
    seen: Score | None = None


class AllRight(Marker, frozen=True, tag="all_right"):
    """The first exam in which every taught card asked was right."""

    seen: Score


class Forgotten(Marker, frozen=True, tag="forgotten"):
    """An exam well below the best one before. `deck`: of an earlier deck by this name, and below
    half of what it knew when another one was begun, or none of it right any more; "" of the deck
    that is taught."""

    seen: Score
    best: Score
    deck: str = ""


class Recovered(Marker, frozen=True, tag="recovered"):
    """An earlier deck that was half forgotten is known again, nearly as it was."""

    seen: Score
    deck: str


class Overtook(Marker, frozen=True, tag="overtook"):
    """More cards never taught right than the best rival has; None: than none at all. `is_text`:
    pieces of passages that are never read."""

    unseen: Score
    rival: Rival | None
    is_text: bool = False


class ModelBroke(Marker, frozen=True, tag="diverged"):
    """The steps broke the model; `loss_nats` is None where its error was no number any more."""

    broken: Break
    guessing_nats: float
    loss_nats: float | None


class Healed(Marker, frozen=True, tag="healed"):
    """A broken model came back by itself: nobody took the run back. `loss_nats`: its error then."""

    loss_nats: float


class DeckWasChanged(Marker, frozen=True, tag="deck"):
    n_added: int
    n_changed: int
    n_removed: int


class ChapterWasBegun(Marker, frozen=True, tag="chapter"):
    """Another deck is taught, or a text read, from here on, by this name."""

    deck: str
    is_text: bool = False


class RateWasChanged(Marker, frozen=True, tag="learning_rate"):
    """The deck's learning rate is multiplied by this."""

    factor: float


class OrderWasChanged(Marker, frozen=True, tag="order"):
    order: OrderName


class WentBack(Marker, frozen=True, tag="went_back"):
    """The model is that of this step again; the lesson had come to `from_step`."""

    from_step: int


class Ended(Marker, frozen=True, tag="ended"):
    """The lesson was over; `broken_since` is the step at which its model had broken."""

    verdict: Verdict
    broken_since: int | None


class Bookmark(Marker, frozen=True, tag="bookmark"):
    text: str


class BetWasSettled(Marker, frozen=True, tag="bet"):
    placed: events.BetPlaced
    outcome: bets.Outcome


class Parted(Marker, frozen=True, tag="branch"):
    """Two runs that race part here; None: they did not part by a branch with such a change."""

    change: BranchChange | None


class Differs(Marker, frozen=True, tag="differs"):
    """The first answer that two runs that race give differently."""

    answer: answers.AnswerDiffers


_OfExams = FirstRight | AllRight | Forgotten | Recovered | Overtook | ModelBroke | Healed | Ended
_OfHands = DeckWasChanged | ChapterWasBegun | RateWasChanged | OrderWasChanged | WentBack
FoundMarker = _OfExams | _OfHands | Bookmark | BetWasSettled
"""A marker that is found in a log; the others are known to whoever races two runs."""

AnyMarker = FoundMarker | Parted | Differs


class EarlierDeck(msgspec.Struct):
    """A deck taught before: what it knew of it then, whether half of that is lost or all of it,
    and whether half was lost and has not come back yet."""

    before: Score
    is_lost: bool = False
    is_gone: bool = False
    is_missed: bool = False


class Markers(msgspec.Struct):
    """The markers of one run, `found` event by event.

    Forgotten: an exam whose share of the taught cards right is below the best share so far by
    more than chance (95 %) and by at least a tenth of all. Said once a fall: again only after the
    share was level with that best once more, within chance, and of a deeper fall, since a model
    that comes and goes would fill the story. Of an earlier deck: half of the share that was right
    when its chapter ended, and then all of it; each again only after more than half was right.

    Recovered: after that, nine tenths of what was right then. Once a fall.

    Diverged: where the steps broke the model, found from the reports that follow (`runs.steps`), or
    where its numbers were no numbers any more. Once a break.

    Healed: where `runs.steps` says that it is broken no longer, though nobody took the run back.

    Overtook: the first exam in which the share of the cards never taught is above the best rival's
    by more than chance and by a twentieth of all. Where no rival has a single one, above none.
    """

    reached: list[FoundMarker] = []
    has_right: bool = False
    has_all_right: bool = False
    has_overtaken: bool = False
    is_fallen: bool = False
    lowest_rate: float = 1.0
    is_broken: bool = False
    best_seen: Score = Score(0, 0)
    last_seen: Score = Score(0, 0)
    earlier: list[EarlierDeck] = []

    def take(
        self,
        event: events.AnyEvent,
        steps: StepWatch,
        rivals: tuple[Rival, ...],
        verdict: Verdict | None,
        *,
        is_text: bool,
    ) -> None:
        """Find what this event marks. All others are of the run with this event: `verdict` is that
        of the lesson's end, None before it."""
        self.reached += self._break(event, steps)
        if isinstance(event, events.LessonEnded) and verdict is not None:
            since = None if steps.broken is None else steps.broken.step
            self.reached.append(Ended(step=event.step, verdict=verdict, broken_since=since))
        self.reached += self._find(event, rivals, is_text=is_text)

    def settle(self, step: int, bet: bets.Bet) -> None:
        assert bet.outcome is not None
        self.reached.append(BetWasSettled(step=step, placed=bet.placed, outcome=bet.outcome))

    def cut(self, step: int) -> None:
        self.reached = [marker for marker in self.reached if marker.step <= step]

    def _find(
        self, event: events.AnyEvent, rivals: tuple[Rival, ...], *, is_text: bool
    ) -> list[FoundMarker]:
        step = event.step
        match event:
            case events.CorrectionMeasured(correction=correction):
                if correction.mark == "right" and not self.has_right and not is_text:
                    self.has_right = True
                    guess = text_of(correction.guess)
                    return [FirstRight(step=step, prompt=correction.prompt, answer=guess)]
            case events.ExamTaken():
                lost = self._lose(event)
                self.last_seen = event.seen
                if is_text:  # of pieces, some are always right
                    return lost + (self._overtaken(event, rivals, is_text=True) if rivals else [])
                return lost + self._judge(event, rivals)
            case events.ChapterBegan():
                self.earlier.append(EarlierDeck(self.last_seen))
                self.has_right = self.has_all_right = False
                self.has_overtaken = self.is_fallen = False
                self.lowest_rate = 1.0
                self.best_seen = self.last_seen = Score(0, 0)
                name = event.start.name or event.start.deck
                is_read = event.start.text is not None
                return [ChapterWasBegun(step=step, deck=name, is_text=is_read)]
            case events.DeckChanged():
                self.has_all_right = self.has_overtaken = self.is_fallen = False
                self.lowest_rate = 1.0
                self.best_seen = Score(0, 0)
                return [
                    DeckWasChanged(
                        step=step,
                        n_added=event.n_added,
                        n_changed=event.n_changed,
                        n_removed=event.n_removed,
                    )
                ]
            case events.LearningRateChanged():
                factors = [mark.factor for mark in self.reached if isinstance(mark, RateWasChanged)]
                is_same = event.factor == (factors[-1] if factors else 1.0)
                return [] if is_same else [RateWasChanged(step=step, factor=event.factor)]
            case events.RunRewound():
                return [WentBack(step=step, from_step=event.from_step)]
            case events.OrderChanged():
                return [OrderWasChanged(step=step, order=event.order)]
            case events.BookmarkSet():
                at_step = step if event.at_step is None else event.at_step
                return [Bookmark(step=at_step, text=event.text)]
        return []

    def _break(self, event: events.AnyEvent, steps: StepWatch) -> list[FoundMarker]:
        broken = steps.broken
        was_broken = self.is_broken
        self.is_broken = broken is not None
        if was_broken and broken is None and isinstance(event, events.StepsTaken):
            assert steps.loss_nats is not None
            return [Healed(step=event.step, loss_nats=steps.loss_nats)]
        if was_broken or broken is None:
            return []
        return [
            ModelBroke(
                step=broken.step,
                broken=broken,
                guessing_nats=steps.guessing_nats,
                loss_nats=None if isinstance(event, events.RunDiverged) else steps.loss_nats,
            )
        ]

    def _lose(self, exam: events.ExamTaken) -> list[FoundMarker]:
        markers: list[FoundMarker] = []
        for deck, now in zip(self.earlier, exam.earlier, strict=False):
            was_lost, was_gone = deck.is_lost, deck.is_gone
            before = deck.before
            rate, rate_before = now.seen.rate or 0.0, before.rate or 0.0
            deck.is_lost = rate < HALF * rate_before
            deck.is_gone = deck.is_lost and (now.seen.right == 0 or was_gone)
            if (deck.is_lost and not was_lost) or (deck.is_gone and not was_gone):
                markers.append(Forgotten(step=exam.step, seen=now.seen, best=before, deck=now.deck))
                deck.is_missed = True
            if deck.is_missed and rate >= NEARLY_ALL * rate_before:
                markers.append(Recovered(step=exam.step, seen=now.seen, deck=now.deck))
                deck.is_missed = False
        return markers

    def _judge(self, exam: events.ExamTaken, rivals: tuple[Rival, ...]) -> list[FoundMarker]:
        markers: list[FoundMarker] = []
        step = exam.step
        seen = exam.seen
        unseen = exam.unseen
        if seen.right and not self.has_right:
            self.has_right = True
            markers.append(FirstRight(step=step, seen=seen))
        if seen.total and seen.right == seen.total and not self.has_all_right:
            self.has_all_right = True
            markers.append(AllRight(step=step, seen=seen))
        best = self.best_seen
        rate = seen.rate
        if rate is not None:
            has_fallen = (best.rate or 0.0) - rate >= FALL and is_better(best, seen)
            if has_fallen and not self.is_fallen and rate < self.lowest_rate:
                markers.append(Forgotten(step=step, seen=seen, best=best))
                self.lowest_rate = rate
            self.is_fallen = has_fallen or (self.is_fallen and is_better(best, seen))
            if best.rate is None or rate > best.rate:
                self.best_seen = seen
        if unseen.total:
            markers += self._overtaken(exam, rivals)
        return markers

    def _overtaken(
        self, exam: events.ExamTaken, rivals: tuple[Rival, ...], *, is_text: bool = False
    ) -> list[FoundMarker]:
        rival = best_of(rivals)
        unseen = exam.unseen
        if self.has_overtaken or not is_ahead(unseen, rival):
            return []
        self.has_overtaken = True
        return [Overtook(step=exam.step, unseen=unseen, rival=rival, is_text=is_text)]
