"""The presenter view and a talk's slides: one thing at a time, readable from the back row."""

import math
from collections.abc import Callable

from msgspec.structs import replace
from textual.app import ComposeResult

from flashcards.app.room import NO_LINE, LineRank, StatusLine
from flashcards.app.session import OnStage, Session
from flashcards.app.stage.large_text import SlideSheet, SlideText, StageLine, StageSheet, StageView
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.view import View, broken_line, hidden, is_broken, sentence_of
from flashcards.app.widgets.cells import LIT, Row
from flashcards.app.widgets.frame import TURNS, badge_row
from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.runs import events, values
from flashcards.runs.state import RunState
from flashcards.wording import facts, lesson, markers, numbers, updates
from flashcards.wording.pieces import in_pieces

MOST_PIECES = 12  # of a prompt that is on stage as the model reads it
CARDS_FOR_S, SCORES_FOR_S = 6, 4  # seconds of training time that each is on stage, in turns
SHORT_CHANGE = 16  # characters of two probabilities that stand in one line of large letters


class PresenterView(View):
    CSS_PATH = "stage.tcss"
    SHOWS_PAST = True
    BINDINGS = hidden(escape="app.do('present')")

    _painted: tuple[events.PromptAnswered | None, str] = (None, "")

    def __init__(self, deck_name: str, stage: OnStage) -> None:
        super().__init__(deck_name=deck_name)
        self._stage = stage

    @property
    def is_due(self) -> bool:
        """Another question is on stage, or none any more; or there is another code."""
        return (self._stage.answered, self._stage.code) != self._painted

    def compose(self) -> ComposeResult:
        yield StageSheet()

    def paint(
        self, state: RunState, *, is_stalled: bool = False, notice: StatusLine = NO_LINE
    ) -> None:
        badges = badge_row(self.header(state, is_stalled))
        self._painted = answered, code = self._stage.answered, self._stage.code
        deck = self.deck_of(state)
        if answered is not None and self.past is None:
            view = answer_stage(answered, badges)
            view = replace(view, sentence=f"{view.sentence} {notice.enter}".rstrip())
        else:
            view = replace(stage_of(state, deck, badges, is_stalled=is_stalled), code=code)
        if view.lines and view.lines[0].text != deck:  # where it is, it is on stage itself
            view = replace(view, title=deck)
        if self.past is not None:
            word = markers.as_of(self.past.step)
            view = replace(view, before="", word=word, word_style=".strong")
        self.query_one(StageSheet).show(view)


def stage_of(state: RunState, deck: str, badges: Row, *, is_stalled: bool = False) -> StageView:
    sentence, style = _sentence(state, is_stalled)
    before = ""
    if state.card.phase is not None:
        place = values.PHASES.index(state.card.phase)
        before = tr(lesson.PHASES[values.PHASES[place - 1]][0]) if place else ""
        word, word_style = tr(lesson.PHASES[state.card.phase][0]), LIT
    elif state.liveness == "learning":
        wheel = TURNS[state.n_folded % len(TURNS)]
        word, word_style = f"{wheel} {tr('TRAINING')}", ".lit-text"
    else:
        word, word_style = "", ".muted"
    return StageView(_lines(state, deck), sentence, style, before, word, word_style, badges)


def answer_stage(answered: events.PromptAnswered, badges: Row) -> StageView:
    mark = answered.mark_of(answered.answer)
    style = ".strong" if mark is None else f".{mark}"
    sentence = _how_known(answered.stamp, answered.times_seen)
    if judged := lesson.judgement(mark, answered.probability):
        sentence += f" {judged[0].upper()}{judged[1:]}."
    read = ""
    if len(answered.prompt_pieces) <= MOST_PIECES:
        read = in_pieces(answered.prompt_pieces)
    lines: tuple[StageLine, ...] = (
        StageLine(answered.prompt, ".strong"),
        *((StageLine(read, ".lit-text", label=tr("it reads")),) if read else ()),
        StageLine(answered.answer or numbers.UNKNOWN, style, tr("the model says"), mark),
    )
    if answered.calls:
        lines = (*lines, StageLine(answered.worked_out, ".strong", label=tr("so it is")))
    return StageView(lines, sentence, word=tr("ASKED"), word_style=".lit-text", badges=badges)


def _how_known(stamp: values.Stamp, times_seen: int) -> str:
    match stamp:
        case "seen":
            return tr("It was taught this card {n:,} times before.", n=times_seen)
        case "not_yet_taught":
            return tr("A card of the deck, not taught yet.")
        case "held_out":
            return tr("NEVER TAUGHT: this card is only asked.")
        case "new":
            return tr("NOT IN THE DECK: no card asks this.")


def _sentence(state: RunState, is_stalled: bool) -> tuple[str, str]:
    """Return what to say, and its style; not why a trainer failed, which may name files."""
    if state.liveness == "failed":
        return tr("The trainer has stopped."), ".wrong"
    if is_stalled:
        return tr("The trainer is thinking."), ".wrong"
    if is_broken(state):
        return broken_line(LineRank.REGIME, state).whole, ".wrong"
    if state.ended is not None and state.end_verdict is not None:
        return facts.verdict(state.end_verdict), ".strong"
    correction = state.card.now
    if state.card.phase is None and correction is not None and not _is_time_for_scores(state):
        text = tr("It is taught this card for the first time.")
        if correction.times_seen:
            text = _how_known("seen", correction.times_seen)
        return text, ".strong"
    waits = ""
    if state.card.phase is not None and state.liveness == "paused":
        waits = tr("Paused: nothing is taught until somebody goes on.")
    if state.card.phase == "repeat":  # what the step changed stands above
        return sentences(lesson.explanation("repeat"), waits), ".strong"
    sentence = sentence_of(state, is_stalled)
    text = (
        f"{sentence.lead} {sentence.text}"
        if sentence.lead and state.card.phase is None
        else sentence.text
    )
    return sentences(text, waits), ".wrong" if sentence.tone == "bad" else ".strong"


def _stage(state: RunState) -> tuple[StageLine, ...]:
    return () if state.liveness == "failed" else (StageLine(lesson.stage(state), ".muted"),)


def _lines(state: RunState, deck: str) -> tuple[StageLine, ...]:
    correction = state.card.now
    if state.start is None:
        return (StageLine(deck, ".strong"), *_stage(state))
    if correction is None:
        return (StageLine(deck, ".strong"),)
    if state.ended is not None or _is_time_for_scores(state):
        return _scores(state)
    prompt = StageLine(correction.prompt, ".strong", label=tr("it is asked"))
    guess, answer = _guess(correction), StageLine(correction.answer, ".right", label=tr("right is"))
    match state.card.phase:
        case "data" | "model":
            return (prompt,)
        case "prediction":
            return (prompt, StageLine(guess.text, ".strong", label=tr("it says")))
        case "error":
            return (prompt, guess, answer)
        case "adjustment" | "repeat":
            return (prompt, answer, *_change(correction))
        case None:
            lines = [prompt, guess]
            if correction.mark != "right":
                lines.append(answer)
            return tuple(lines)


def _guess(correction: values.Correction) -> StageLine:
    guess = "".join(piece.text for piece in correction.guess or ()) or numbers.UNKNOWN
    if correction.mark is None:
        return StageLine(guess, ".strong", label=tr("it says"))
    return StageLine(guess, f".{correction.mark}", tr("it says"), correction.mark)


def _change(correction: values.Correction) -> tuple[StageLine, ...]:
    change = correction.change
    if change is None or not math.isfinite(change.probability_before + change.probability_after):
        return ()
    shares = change.probability_before, change.probability_after
    first, last = numbers.odds_apart(*shares)
    if first == last or min(shares) >= updates.SETTLED:  # an arrow would claim a change
        label = tr("probability of the right answer, as before")
        if first != last:
            label = tr("probability of the right answer, hardly changed")
        return (StageLine(numbers.chance(shares[1]), ".lit-text", label=label),)
    together = f"{first} ▸ {last}"
    if len(together) <= SHORT_CHANGE:
        label = tr("probability of the right answer: before ▸ now")
        return (StageLine(together, ".lit-text", label=label),)
    times = updates.times_as_likely(*shares)
    return (
        StageLine(
            first,
            ".lit-text",
            label=tr("probability of the right answer before"),
            is_like_next=True,
        ),
        StageLine(last, ".lit-text", label=f"{tr('and now')}  {times}".rstrip()),
    )


def _is_time_for_scores(state: RunState) -> bool:
    """Tell whether the scores are on stage in place of a card: they are of all cards, so they never
    stand under one. At full speed alone, in turns of training time."""
    is_turn = int(state.train_seconds) % (CARDS_FOR_S + SCORES_FOR_S) >= CARDS_FOR_S
    return is_turn and state.card.phase is None and state.exams.last is not None


def _scores(state: RunState) -> tuple[StageLine, ...]:
    latest = state.latest_scores
    if latest is None:
        return ()
    lines = [
        StageLine(numbers.percent_right(latest.seen), ".taught", label=tr("right of ■ TAUGHT"))
    ]
    if latest.unseen.total:
        unseen = StageLine(
            numbers.percent_right(latest.unseen), ".unseen", label=tr("right of ◆ NEVER TAUGHT")
        )
        lines.append(unseen)
    if state.exams.knew is not None:
        knew = numbers.percent_right(state.exams.knew)
        lines.append(StageLine(knew, ".strong", label=tr("● KNEW IT BEFORE")))
    return tuple(lines)


def make(session: Session) -> PresenterView:
    return PresenterView(session.run.deck, session.singleton(OnStage))


class SlideView(View):
    CSS_PATH = "stage.tcss"

    def __init__(self, slide: Callable[[], SlideText]) -> None:
        super().__init__()
        self.slide = slide
        self._painted: SlideText | None = None

    def compose(self) -> ComposeResult:
        yield SlideSheet()

    @property
    def is_due(self) -> bool:
        return self.slide() != self._painted

    def paint(
        self, state: RunState, *, is_stalled: bool = False, notice: StatusLine = NO_LINE
    ) -> None:
        self._painted = self.slide()
        self.query_one(SlideSheet).show(self._painted)


def make_slide(session: Session) -> SlideView:
    talking = session.singleton(StageState).talking
    return SlideView(SlideText if talking is None else talking.slide)


def make_prediction(session: Session) -> SlideView:
    talking = session.singleton(StageState).talking
    return SlideView(lambda: SlideText() if talking is None else talking.prediction)
