"""Turns what happens in a lesson into sentences, at a rate that can be read or listened to. Knows
no process, no terminal and no clock: `tell` is given the time."""

from collections.abc import Iterator
from pathlib import Path

from flashcards.base.language import tr
from flashcards.plain import words
from flashcards.plain.line_kinds import lines_about
from flashcards.runs import events as ev, markers as mk, state, values
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG
from flashcards.wording import bets, facts, markers, numbers, rates, rewards, texts, updates

CARD_EVERY_S: dict[values.Speed, float] = {"explain": 0.0, "slow": 0.0, "brisk": 0.5, "full": 1.0}
EXAM_EVERY_S = 3.0  # at most one card and summary in this time, but for slowly taught ones

SPEEDS: dict[values.Speed, str] = {
    "explain": "a card every few seconds, explained",
    "slow": "a card a second",
    "brisk": "ten cards a second",
    "full": "as fast as it can; from here only some corrections are shown",
}


class Narrator:
    """Follows one lesson; it folds the events itself."""

    def __init__(self) -> None:
        self.state = state.RunState()
        self._card_at_s = self._exam_at_s = float("-inf")
        self._told_verdict = ""

    def tell(self, event: ev.AnyEvent, now_s: float) -> list[str]:
        """The lines about this event, in order; none where too much happens to tell all of it."""
        return [*warnings(event), *self.facts(event, now_s)]

    def facts(self, event: ev.AnyEvent, now_s: float) -> list[str]:
        """The lines of `tell` without its warnings."""
        n_markers = len(self.state.markers.reached)
        self.state.fold(event)
        lines = [line for line in self._lines(event, now_s) if line]
        marked = [
            f"{_at(marker.step)} {markers.sentence(marker)}"
            for marker in self.state.markers.reached[n_markers:]
            if not _is_told_at_length(marker)
        ]
        is_cause = isinstance(event, ev.ChapterBegan | ev.DeckChanged)  # the lines are about it
        return marked + lines if is_cause else lines + marked

    def _lines(self, event: ev.AnyEvent, now_s: float) -> Iterator[str]:
        at = _at(event.step)
        lines = lines_about(self.state)
        if isinstance(event, lines.own_events):
            yield from self._read(event, now_s)
            return
        match event:
            case ev.RunStarted():
                yield from lines.begins(event)
            case ev.RunResumed():
                yield from lines.begins(event.start)
                yield at
            case ev.RivalsGraded():
                for rival in event.rivals:
                    yield tr(
                        "A program that {name}: {scores}.",
                        name=facts.rival_name(rival.name),
                        scores=facts.both_scores(rival.seen, rival.unseen),
                    )
                start = self.state.start
                if start is not None and start.common is not None:
                    yield facts.common_answer(start.common)
            case ev.CorrectionMeasured():
                if now_s - self._card_at_s >= CARD_EVERY_S[self.state.speed]:
                    self._card_at_s = now_s
                    is_alone = event.correction.n_cards == 1
                    parts = self._paragraph(event) if is_alone else self._short(event)
                    yield " ".join(part for part in parts if part)
            case ev.ExamTaken():
                if now_s - self._exam_at_s >= EXAM_EVERY_S:
                    self._exam_at_s = now_s
                    yield from self._exam(event)
                    yield rewards.judged(event.judged)
            case ev.TriesRewarded():
                if now_s - self._card_at_s >= EXAM_EVERY_S:
                    self._card_at_s = now_s
                    assert self.state.reward is not None
                    yield " ".join((at, *rewards.tries(event, self.state.reward.judge)))
            case ev.PracticeChanged():
                yield f"{at} {rewards.practice(event.practice)}"
            case ev.DeckMarked():
                if self._exam_at_s == now_s:
                    yield self._wall()
            case ev.PinAnswered() | ev.PromptAnswered():
                yield f"{at} {lines.answered(event)}"
            case ev.BetPlaced():
                yield f"{at} {bets.question_and_prediction(event, self.state.n_of_side(event.bet))}"
            case ev.SpeedChanged():
                yield tr("Speed: {speed}.", speed=tr(SPEEDS[event.speed]))
            case ev.RunPaused():
                yield f"{at} {tr('Paused.')}"
            case ev.RunPlayed():
                yield f"{at} {tr('The lesson goes on.')}"
            case ev.ChapterBegan():
                yield facts.taught_and_kept_back(event.start)
                earlier = ", ".join(deck.name for deck in self.state.life.earlier)
                yield tr("Every exam still asks about {earlier}.", earlier=earlier)
                yield from lines.judge(event.start)
            case ev.RemedyChanged():
                line = facts.remedy(event.rehearsal, event.learns, event.n_learned)
                yield f"{at} {line}"
            case ev.AdapterSwitched():
                start = self.state.start
                is_brought = start is not None and start.is_part_learned
                yield f"{at} {facts.adapter(event.is_on, is_brought=is_brought)}"
            case ev.DeckChanged():
                yield " ".join(map(facts.note, event.notes))
            case ev.RunDiverged():
                yield f"{at} {facts.broke_down(event.step)}"
            case ev.LessonEnded():
                yield from self._ends(event)

    def _ends(self, event: ev.LessonEnded) -> Iterator[str]:
        scores = facts.right(event.seen, event.unseen, is_sample=False)
        yield f"{_at(event.step)} {self._pace()} {scores}".rstrip()
        yield self._wall()
        yield from rewards.ends(self.state)
        yield from map(facts.kept_of, self.state.life.earlier)
        yield self._end_line()
        yield facts.usual_end(self.state)

    def _end_line(self) -> str:
        judged, ended = self.state.end_verdict, self.state.ended
        assert judged is not None
        assert ended is not None
        lead = tr("The lesson is over.")
        if self.state.steps.broken is not None:
            lead = f"{tr('BROKEN')} {rates.broken(self.state.steps, ended=ended.reason)}"
        return f"{lead} {facts.verdict(judged, keeps_back=self._keeps_back())}"

    def _read(self, event: ev.AnyEvent, now_s: float) -> Iterator[str]:
        """The lines about a text, where they differ from those about cards."""
        at = _at(event.step)
        match event:
            case ev.RivalsGraded():
                yield from texts.rivals(self.state)
            case ev.CorrectionMeasured() if now_s - self._card_at_s >= EXAM_EVERY_S:
                self._card_at_s = now_s
                yield f"{at} {texts.window(event)}"
            case ev.ExamTaken() if now_s - self._exam_at_s >= EXAM_EVERY_S:
                self._exam_at_s = now_s
                yield f"{at} {texts.exam(event)}"
            case ev.TextWritten() if self._exam_at_s == now_s:
                yield from texts.written(event)
            case ev.LessonEnded():
                if self.state.exams.last is not None:
                    yield f"{at} {texts.exam(self.state.exams.last)}"
                if self.state.written is not None:
                    yield from texts.written(self.state.written)
                yield self._end_line()
                yield facts.usual_end(self.state)

    def _paragraph(self, event: ev.CorrectionMeasured) -> Iterator[str]:
        correction = event.correction
        yield _at(event.step)
        yield words.card(self.state.n_cards, correction)
        yield words.guess(correction)
        if correction.is_by_rule:
            yield tr("That is what the rule of the other cards gives.")
        yield words.error(correction)
        if correction.change is not None and self.state.speed in ("explain", "slow"):
            yield words.change(correction.change, 1, self._n_learned)
            yield updates.repeat(correction, correction.change)
        if correction.history:
            yield words.history(correction.history)
        if correction.mark == "right" and "r" not in correction.history:
            prompt = facts.quoted(correction.prompt)
            yield tr("{prompt} is right for the first time.", prompt=prompt)

    def _short(self, event: ev.CorrectionMeasured) -> Iterator[str]:
        """One correction, which stands for its whole batch."""
        correction = event.correction
        yield _at(event.step)
        yield f"{facts.quoted(correction.prompt)}."
        yield words.guess(correction)
        yield words.error(correction)
        if correction.is_by_rule:
            yield tr("That is what the rule of the other cards gives.")
        if correction.change is not None:
            yield words.change(correction.change, correction.n_cards, self._n_learned)

    @property
    def _n_learned(self) -> int:
        return 0 if self.state.start is None else self.state.start.n_learned

    def _pace(self) -> str:
        n = self.state.cards_taught
        seconds = self.state.lesson_seconds
        if not seconds:  # nothing was taught yet in this sitting
            return facts.cards(n) + "."
        text = "{cards} in {s:.1f} s, {rate:,.0f} a second."
        return tr(text, cards=facts.cards(n), s=seconds, rate=n / seconds)

    def _exam(self, exam: ev.ExamTaken) -> Iterator[str]:
        scores = facts.right(exam.seen, exam.unseen, is_sample=not exam.is_full)
        known = ""
        if exam.known is not None:
            is_later = bool(self.state.life.earlier)
            known = facts.knew_before(exam.known.cards, is_later=is_later)
        known = f"{known} {facts.what_else(exam.known)}".strip()
        errors = facts.errors(exam.seen_loss_nats, exam.unseen_loss_nats)
        yield " ".join(filter(None, (_at(exam.step), self._pace(), scores, errors)))
        yield known
        yield from filter(None, map(facts.kept_of, self.state.life.earlier))
        if exam.seen.total:
            verdict = self.state.latest_verdict
            if verdict is not None and verdict.kind not in (
                "too_early",
                "knew",
                self._told_verdict,
            ):
                self._told_verdict = verdict.kind
                yield f"{facts.so_far(verdict)} {facts.verdict(verdict)}"

    def _keeps_back(self) -> str:
        start = self.state.start
        return "" if start is None else facts.in_deck_file(start.n_taught)

    def _wall(self) -> str:
        marks = self.state.marks.latest
        return tr(
            "Of the cards asked last: {n_right:,} right, {n_off:,} with one piece off, "
            "{n_wrong:,} wrong.",
            n_right=marks.count(RIGHT),
            n_off=marks.count(ONE_OFF),
            n_wrong=marks.count(WRONG),
        )


def warnings(event: ev.AnyEvent) -> Iterator[str]:
    """Say what somebody should mend or know: about the deck, about a saved state."""
    match event:
        case ev.RunStarted(problem=problem, n_problems=n):
            if problem is not None:
                problems = numbers.and_more(n, facts.deck_problem(problem))
                yield tr("{problem}: see `flashcards check`", problem=problems)
            for leak in event.leaks:
                yield tr("Careful: {leak}", leak=facts.note(leak))
        case ev.RunResumed():
            yield from warnings(event.start)
        case ev.DamageFound():
            yield facts.damaged(event)
        case ev.ChapterBegan():
            if event.n_in_both:
                yield facts.in_both_decks(event)
            yield from map(facts.note, event.notes)


def _is_told_at_length(marker: mk.FoundMarker) -> bool:
    """Tell whether the line of its event says all that the marker does."""
    is_no_number = isinstance(marker, mk.ModelBroke) and marker.loss_nats is None
    return is_no_number or isinstance(marker, mk.Ended)


def _at(step: int) -> str:
    return tr("Step {step:,}.", step=step)


def retell(run: Path) -> Iterator[str]:
    """The lines about a saved run, as thinned out as when it was taught. Raises RunError."""
    folder = RunFolder.open(run)
    try:
        happened = folder.events()
    except OSError as error:
        raise RunError(f"the log of {run.name} can't be read: {error.strerror}") from error
    narrator = Narrator()
    shown_s = 0.0
    for event in happened:
        state = narrator.state
        is_timed = state.lesson_seconds > state.train_seconds  # not where runs were made before
        if isinstance(event, ev.CorrectionMeasured) and not is_timed:
            shown_s += values.CARD_S[state.speed]
        yield from narrator.tell(event, shown_s + state.lesson_seconds)
