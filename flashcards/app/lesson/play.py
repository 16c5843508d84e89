"""The play screen: a lesson as it happens. Paints a `RunState`; knows no trainer and no keys."""

from functools import partial

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Container

from flashcards.app.density import Density
from flashcards.app.lesson.card_wall import CardWall, WallView, kinds_of
from flashcards.app.lesson.change_sheet import ChangeSheet
from flashcards.app.lesson.guess_sheet import GuessSheet, GuessView
from flashcards.app.room import StatusLine
from flashcards.app.run.travel import PastShown
from flashcards.app.view import View
from flashcards.app.widgets import charts
from flashcards.app.widgets.bars import ScoreBars, ScoresView, scores_of, share_bet
from flashcards.app.widgets.card_face import CardFace, CardView
from flashcards.app.widgets.charts import Curve, LossChart, Mark, ShareChart, SharesView
from flashcards.app.widgets.frame import LoopView, LoopWords, VerdictView, n_lines
from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.cards.card import filled
from flashcards.cards.printable import printable
from flashcards.runs.markers import AnyMarker
from flashcards.runs.marks import RIGHT
from flashcards.runs.state import RunState
from flashcards.wording import facts, lesson, trends
from flashcards.wording.numbers import count

MIN_WIDTH_PLAIN = 80  # a narrower screen shows little more anyway
N_EARLIER = 2  # decks of earlier chapters that have room: the newest
LONG_SENTENCE = 2.3  # of the width: three lines may not hold more
MOST_LINES_AT_END = 2  # of the verdict with the deck's words behind it


class PlayScreen(View):
    CSS_PATH = "lesson.tcss"
    SHOWS_PAST = True
    GOES_ON = True
    TELLS_PHASE = True
    SHOWS_CARD = True
    HAS_SCORES = True
    _was_full = False

    def body(self) -> ComposeResult:
        yield LoopWords()
        with Container(id="lesson"):
            with Container(id="asked"):
                yield CardFace()
                yield GuessSheet()
            yield ChangeSheet()
        with Container(id="run"):
            yield LossChart()
            yield ShareChart()
            yield CardWall()
        yield ScoreBars()

    def on_mount(self) -> None:
        self.paint(RunState())

    @property
    def is_full(self) -> bool:
        """Tell whether all that is known is shown, or only what one asks first, as in films."""
        return self.viewing is None if self.is_film else self.session.singleton(Density).is_full

    @property
    def is_plain(self) -> bool:
        return not self.is_full and self.size.width >= MIN_WIDTH_PLAIN

    def is_brief(self, state: RunState) -> bool:
        return self.is_plain or super().is_brief(state)

    @property
    def is_due(self) -> bool:
        return self.is_full != self._was_full

    def show_past(self, past: PastShown | None, markers: tuple[AnyMarker, ...]) -> None:
        if past is not None and not self.is_full:  # there nothing names them
            markers = tuple(marker for marker in markers if marker.step == past.step)
        super().show_past(past, markers)

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        self._was_full = self.is_full
        self.query_one(LoopWords).show(_loop(state))
        card = self._card(state)
        if not self.is_full and state.card.now is not None:
            is_now = self.past is None and state.ended is None
            label = tr("taught now") if is_now else tr("the card")
            if is_now and state.liveness == "paused" and state.card.phase is None:
                label = tr("taught last")
            card = replace(card, section=card.section or label)
        self.query_one(CardFace).show(card)
        is_plain = self.is_plain
        self.set_class(is_plain, "-plain")
        self.set_class(state.card.phase is not None, "-walk")
        guess = replace(
            _guess(state),
            is_plain=is_plain or state.card.phase is None,
            has_history=not is_plain,
            remark=right_in_exam(state),
            is_over=_older_step(state) is not None,
        )
        self.query_one(GuessSheet).show(guess)
        self.query_one(ChangeSheet).show((state.card.now, state.card.phase, _older_step(state)))
        n_earlier = 0 if is_plain else len(state.life.earlier)
        self.set_class(n_earlier > 0, "-later")
        self.set_class(n_earlier > 1, "-third")
        exam = state.exams.last
        self.set_class(exam is not None and exam.known is not None, "-knew")
        self.query_one(LossChart).show(charts.losses_of(state, self.markers))
        shares = _shares(state, is_plain=is_plain, is_past=self.past is not None)
        is_live = self.past is None and not shares.end
        if is_live and state.start is not None and _corrects_several(state):
            text = "a step corrects up to {cards} cards · last exam: step {n}"
            shares = replace(shares, end=tr(text, cards=state.start.batch_size, n="{n}"))
        if state.card.phase is not None:  # the sentence tells of the phase, not of this
            shares = replace(shares, also=trends.memory_or_understanding(state))
        self.query_one(ShareChart).show(
            replace(shares, waiting=" ") if state.liveness == "failed" else shares
        )
        current = state.card.now if state.card.phase is not None else None
        index = None if current is None else current.card_index
        wall = WallView(
            _marks(state),
            kinds_of(state.marks),
            index,
            state.order,
            as_of=_marked_before(state),
            is_first_round=state.is_first_round,
        )
        self.query_one(CardWall).show(wall)
        scores = replace(_scores(state, is_past=self.past is not None), keeps_back=self.keeps_back)
        if is_plain:
            scores = replace(scores, earlier=())
        bars = self.query_one(ScoreBars)
        bars.show(scores)
        bars.display = not (is_plain and state.life.earlier) or bool(state.bets)
        is_ended = sentence.tone == "verdict"
        sentence = self._with_usual_end(sentence, state)
        self.set_class(is_ended, "-ended")
        self.set_class(is_ended and n_lines(sentence, self.size.width - 4) > 2, "-three")
        self.set_class(len(sentence.text) > LONG_SENTENCE * self.size.width, "-long")
        return sentence

    def _with_usual_end(self, sentence: VerdictView, state: RunState) -> VerdictView:
        """The verdict of a lesson that ended, with what its deck usually shows where it fits."""
        usual = facts.usual_end(state) if sentence.tone == "verdict" else ""
        longer = replace(sentence, text=sentences(sentence.text, usual))
        return longer if n_lines(longer, self.size.width - 4) <= MOST_LINES_AT_END else sentence

    def _card(self, state: RunState) -> CardView:
        correction = state.card.now
        if correction is None:
            waiting = tr("the first card is coming")
            if self.past is not None:
                waiting = tr("before the first card")
            if state.start is None:
                waiting = tr("waking the model") + "…"
            is_over = state.liveness == "failed"
            return CardView(
                self.deck_of(state),
                stamp="" if is_over else waiting,
                short_stamp="" if is_over or state.start is None else tr("first card coming"),
            )
        index = correction.card_index
        is_never_seen = state.marks.never_seen[index : index + 1] == b"\1"
        knew = tr("knew it before") if state.marks.known[index : index + 1] == b"\1" else ""
        ask = "" if state.start is None else state.start.ask
        older = _older_step(state)
        before_end = "" if older is None else tr("taught at step {step}", step=count(older))
        old = correction.rehearsed and tr("old: {deck}", deck=correction.rehearsed)
        stamp = lesson.stamp(correction.times_seen, is_never_seen)
        return CardView(
            printable(filled(ask, correction.prompt)),
            section=facts.section_name(correction.section),
            stamp=before_end or knew or old or stamp,
            short_stamp=""
            if before_end or knew or old
            else lesson.short_stamp(correction.times_seen, is_never_seen),
            is_lit=state.card.phase == "data",
        )


def _older_step(state: RunState) -> int | None:
    """The step of the card that is still shown after the end, where later ones followed."""
    if state.ended is None or not state.card.recent or state.card.recent[-1][0] >= state.step:
        return None
    return state.card.recent[-1][0]


def right_in_exam(state: RunState) -> str:
    """Say of a card whose guess is wrong that it was right when many were asked, before or since;
    "" elsewhere, and while so much is wrong that nobody wonders."""
    correction, exam = state.card.now, state.exams.last
    if correction is None or exam is None or not state.card.recent or correction.rehearsed:
        return ""
    if correction.mark in (None, "right") or (exam.seen.rate or 0.0) < facts.KNOWN_BY_HEART:
        return ""
    index = correction.card_index
    is_right = state.marks.latest[index : index + 1] == bytes([RIGHT])
    asked_at = exam.step if _is_all_right(state) else state.marks.step
    if not (is_right or _is_all_right(state)) or asked_at == state.card.recent[-1][0]:
        return ""
    return tr("right in the exam at step {step}", step=count(asked_at))


def _marks(state: RunState) -> bytes:
    """The newest marks. An exam since then in which all that is taught was right knows better."""
    marks = state.marks.latest
    if not marks or not _is_all_right(state):
        return marks
    mask = state.marks.never_seen.ljust(len(marks), b"\0")
    return bytes(
        mark if never_seen else RIGHT for mark, never_seen in zip(marks, mask, strict=True)
    )


def _is_all_right(state: RunState) -> bool:
    exam, n_taught = state.exams.last, 0 if state.start is None else state.start.n_taught
    if exam is None or not exam.is_full or exam.known is not None:
        return False
    return exam.seen.right == exam.seen.total == n_taught


def _marked_before(state: RunState) -> int | None:
    """The step of marks older than the scores."""
    exam = state.exams.last
    if not state.marks.latest or exam is None:
        return None
    is_known = _is_all_right(state) and not exam.unseen.total
    return state.marks.step if state.marks.step < exam.step and not is_known else None


def _loop(state: RunState) -> LoopView:
    if state.card.phase is not None or state.start is None:
        return LoopView(state.card.phase)
    is_one_of_many = False
    if len(state.card.recent) >= 2:
        (before, _), (step, correction) = state.card.recent[-2], state.card.recent[-1]
        is_one_of_many = step - before > 1 or correction.n_cards > 1
    return LoopView(None, is_one_of_many=is_one_of_many, turns=state.n_folded)


def _corrects_several(state: RunState) -> bool:
    """Tell whether the last step corrected more than one card: slow speeds take one at a time."""
    return state.card.now is not None and state.card.now.n_cards > 1


def _guess(state: RunState) -> GuessView:
    if state.card.now is None:
        stage = "" if state.liveness == "failed" else lesson.stage(state)
        return GuessView(message=stage if state.start is None else facts.about(state.start))
    guessing = 1.0 if state.start is None else state.start.guessing_nats
    return GuessView(state.card.now, state.card.phase, guessing)


def _shares(state: RunState, *, is_plain: bool, is_past: bool) -> SharesView:
    """Right answers of this deck and those before; without any before on a plain screen alone."""
    earlier = state.life.earlier[-N_EARLIER:]
    if not earlier:
        return charts.getting_better(state, is_past=is_past) if is_plain else SharesView()
    since = partial(charts.since_chapter, state)
    name = "" if state.start is None else state.start.name
    now = tr("new: {deck}", deck=facts.quoted(name))
    lines = [Curve(now, since(state.exams.seen_rates), ".taught", thickness=2)]
    for old in reversed(earlier):
        before = tr("old: {deck}", deck=facts.quoted(old.name))
        lines.append(Curve(before, since(old.seen_rates), ".wrong", "╍", dash=(6, 2)))
    title, marks = tr("Does it forget?"), tuple[Mark, ...]()
    if state.remedies.rehearsal:
        step, word = state.remedies.since_step - state.life.since_step, tr("old cards again")
        marks = (Mark(step, "↑", ".strong", word),)
    answer = trends.does_it_forget(earlier[-1]) if len(earlier) == 1 else ""
    begin = tr("this deck begins")
    return SharesView(title, tuple(lines), marks=marks, begin=begin, answer=answer)


def _scores(state: RunState, *, is_past: bool) -> ScoresView:
    if state.start is None:
        return ScoresView()
    return replace(
        scores_of(state, is_past=is_past),
        earlier=tuple(
            (chapter.name, chapter.seen, chapter.unseen)
            for chapter in state.life.earlier[-N_EARLIER:]
        ),
        seen_bet=share_bet(state.bets, "seen"),
        unseen_bet=share_bet(state.bets, "unseen"),
    )
