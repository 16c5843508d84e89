"""View 4: one update, walked phase by phase, from what the trainer told of it. Knows no trainer.
Phases that are over are looked at again without a word to it. In the past it shows the update that
led to the step that is looked at, made once more."""

from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.room import StatusLine
from flashcards.app.run.travel import PastShown
from flashcards.app.session import Session
from flashcards.app.update.adjustment_bars import most_moved
from flashcards.app.update.sheet import UpdateSheet, UpdateShown
from flashcards.app.view import KeyedView, hidden
from flashcards.app.widgets.cells import Row, Sheet, cut, spread
from flashcards.app.widgets.frame import LoopView, LoopWords, VerdictView
from flashcards.base.language import format_number, tr
from flashcards.runs import commands, events
from flashcards.runs.details import Reading
from flashcards.runs.state import RunState
from flashcards.runs.values import PHASES, Correction, Phase, text_of
from flashcards.wording import lesson, numbers, pieces, updates


class CardLine(Sheet[tuple[Correction | None, str, bool]]):
    """The card, how often it was taught and, until it is asked again, what the model said."""

    def draw(self, view: tuple[Correction | None, str, bool], width: int, height: int) -> list[Row]:
        correction, stamp, is_guess_named = view
        title = tr("One correction, phase by phase")
        weights = ""
        if correction is None:
            return [[(cut(title, width), ".strong")]]
        if correction.n_cards > 1:
            weights = tr("one of {n} cards", n=numbers.count(correction.n_cards))
        data = f"{tr('card')} "
        room = width - cell_len(data + weights) - 2
        card = card_line(correction, stamp, room)
        row: Row = [(data, ".muted"), (card, ".strong")]
        mark = correction.mark
        if is_guess_named and mark is not None:
            guess = pieces.visible(text_of(correction.guess)) or lesson.nothing()
            text = f"{guess} {lesson.MARK_SIGNS[mark]}"
            label = f"   {tr('it says')} "
            if cell_len(card + label + text) <= room:
                row += [(label, ".muted"), (text, f".{mark}")]
        return [spread(row, [(weights, ".muted")], width)]


class UpdateView(KeyedView):
    SHOWS_PAST = True
    SHOWS_CARD = True
    CSS_PATH = "update.tcss"
    PARTS = (LoopWords, CardLine, UpdateSheet)
    BINDINGS = hidden(
        enter="deepen", tab="move(1)", shift_tab="move(-1)", down="layer(1)", up="layer(-1)"
    )

    _details: events.UpdateDetails | None = None
    _correction: Correction | None = None
    _at: Phase | None = None
    _looked_at: Phase | None = None  # also one that is over; None for the one it has come to
    _is_beginning = False  # the update that is held next is looked at from DATA on
    _past_step: int | None = None
    _rewound: events.RunRewound | None = None
    _sheet_view = UpdateShown()
    _has_chosen = False

    @property
    def phase(self) -> Phase | None:
        """The phase whose picture is shown; None without an update."""
        return self._looked_at or self._at

    def walk(self, by: int) -> bool:
        """Look at another phase of the current update; False when it has not come so far."""
        if by > 0 and self._looked_at in (None, self._at):
            return False
        if by < 0 and self._past_step is not None and self.phase == "data":
            return False
        if self.phase is not None:
            self._looked_at = PHASES[max(0, PHASES.index(self.phase) + by)]
            self._is_beginning = False
            self._is_changed = True
        return True

    def begin(self, state: RunState, *, is_to_be_held: bool) -> None:
        """Look at the current update from DATA on, however far it has come.
        `is_to_be_held`: it goes on until the trainer holds it, and another may begin by then."""
        self._follow(state)
        self._looked_at = PHASES[0]
        self._is_beginning = is_to_be_held
        self._is_changed = True

    def turn_to(self, phase: Phase) -> None:
        self._at = "repeat"
        self._looked_at = phase
        self._is_changed = True

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        self._follow(state)
        phase = self.phase
        sheet_view = self._view(state)
        is_shown = self.past is None or self._details is not None
        self.query_one(LoopWords).show(LoopView(phase if is_shown else None))
        self.query_one(CardLine).show(self._card_line(state))
        self.query_one(UpdateSheet).show(sheet_view)
        self._name_keys(phase)
        # one that waits at a phase is not in trouble, whatever its learning rate does
        is_walked = (
            state.liveness == "paused" and state.card.phase is not None and state.card.is_held
        )
        if sentence.tone == "bad" and not is_walked:
            return sentence
        if phase is None or (self.past is not None and self._details is None):
            return VerdictView(notice.whole)
        return _sentence(sheet_view, phase, state)

    def _follow(self, state: RunState) -> None:
        """Take over what is known of the current update; of one that is over, keep the pictures."""
        if self.past is not None:
            self._look_back(self.past, state)
            return
        if self._past_step is not None or state.rewound != self._rewound:
            self._past_step = self._at = self._details = self._correction = None
            self._looked_at = None
            self._rewound = state.rewound
        if state.card.phase is None:
            return
        if state.card.phase != self._at and not self._is_beginning:
            is_looked_back = state.card.is_held and self._looked_at != self._at
            self._looked_at = self._looked_at if is_looked_back else None
        self._is_beginning = self._is_beginning and not state.card.is_held
        is_new = state.card.phase == "data" and self._at != "data"
        if is_new:
            self._sheet_view = replace(self._sheet_view, place=0, is_deep=False)
            self._has_chosen = False
        self._at = state.card.phase
        self._details = state.card.details
        self._correction = state.card.now

    def _look_back(self, past: PastShown, state: RunState) -> None:
        if past.step != self._past_step:
            self.turn_to(self.phase or "repeat")
            self._past_step = past.step
            self._has_chosen = False
        is_there = past.is_recomputed and state.card.step == past.step
        self._details = state.card.details if is_there else None
        self._correction = state.card.now if is_there else None

    def _view(self, state: RunState) -> UpdateShown:
        press = self.session.press("phase_next")
        message = tr(
            "{press} to take the next card and see, phase by phase, what one correction does.",
            press=press,
        )
        if state.steps.broken is not None:
            message = tr(
                "{press} to see, phase by phase, a correction that is too large.", press=press
            )
        if self.past is not None:
            message = tr("At step 0 nothing was corrected yet.")
            if self.past.step:
                step = numbers.count(self.past.step)
                message = tr(
                    "This is the past: step {step} of {last}. It is being computed, one moment.",
                    step=step,
                    last=numbers.count(self.past.end_step),
                )
        elif state.card.phase is not None:
            message = tr("the next card is coming")
        elif state.liveness == "failed":
            message = tr("The trainer has stopped.")
        elif state.start is None:
            message = lesson.stage(state)
        elif state.liveness == "finished":
            message = tr(
                "The lesson is over. {press} to teach one more card and see, phase by phase, what "
                "one correction does.",
                press=press,
            )
        if not self._has_chosen:
            self._sheet_view = replace(
                self._sheet_view, place=place_of_update(self._details, self.phase)
            )
        n_places = replace(self._sheet_view, details=self._details).n_places
        self._sheet_view = replace(
            self._sheet_view,
            phase=self.phase or "data",
            details=self._details,
            correction=self._correction,
            place=min(self._sheet_view.place, max(0, n_places - 1)),
            message=message,
            is_past=self.past is not None,
            is_broken=state.steps.broken is not None,
        )
        return self._sheet_view

    def _card_line(self, state: RunState) -> tuple[Correction | None, str, bool]:
        correction = self._correction
        if correction is None:
            return None, "", False
        index = correction.card_index
        is_never_seen = state.marks.never_seen[index : index + 1] == b"\1"
        is_guess_named = self.phase in ("prediction", "error", "adjustment")
        stamp = lesson.stamp(correction.times_seen, is_never_seen)
        if correction.times_seen and not is_never_seen:
            stamp = tr("taught {n}× before this step", n=numbers.count(correction.times_seen))
        return correction, stamp, is_guess_named

    def _name_keys(self, phase: Phase | None) -> None:
        on = self.session.key("phase_next")
        does = tr("next phase")
        if self.past is not None and phase in ("repeat", None):
            does = tr("next update")
        elif phase == "repeat":
            does = tr("next card")
        elif phase is None:
            does = tr("explain")
        named = [(on, does)]
        if phase is not None:
            named.append((tr("enter"), tr("plainer") if self._sheet_view.is_deep else tr("deeper")))
        if phase == "model" and self._sheet_view.is_deep:
            named += [(tr("tab"), tr("next head")), ("↑↓", tr("layer"))]
        elif phase in ("model", "prediction") and not self._sheet_view.is_deep:
            named.append((tr("tab"), tr("next piece")))
        self.name_keys(*named)

    # Keys

    def action_deepen(self) -> None:
        self._change(is_deep=not self._sheet_view.is_deep)

    @property
    def _attended(self) -> Reading | None:
        """The attention of the update's card, where that is shown."""
        is_shown = self.phase == "model" and self._sheet_view.is_deep
        return self._details.reading if is_shown and self._details else None

    def action_move(self, by: int) -> None:
        if (reading := self._attended) is not None:
            self._change(head=(self._sheet_view.head + by) % reading.n_heads)
        elif self._sheet_view.n_places:
            self._has_chosen = True
            self._change(place=(self._sheet_view.place + by) % self._sheet_view.n_places)

    def action_layer(self, by: int) -> None:
        if (reading := self._attended) is not None:
            self._change(layer=(self._sheet_view.layer + by) % reading.n_layers)

    def _change(self, **changes: int) -> None:
        self._sheet_view = replace(self._sheet_view, **changes)
        self._is_changed = True


def _sentence(view: UpdateShown, phase: Phase, state: RunState) -> VerdictView:
    general = lesson.explanation(phase)
    if view.details is None or view.correction is None:
        return VerdictView(general)
    text = _explanation(view, view.details, view.correction)
    return VerdictView(text or general, lead=tr(lesson.PHASES[phase][0]))


def place_of_update(details: events.UpdateDetails | None, phase: Phase | None) -> int:
    """The place to begin with: where its layers help most, or where it would first go wrong. The
    answer's end is one only where they help nowhere else."""
    if details is None or details.reading is None or not details.reading.emerging:
        return 0
    first = details.reading.emerging[0]
    last = details.reading.emerging[-1]
    gains = [after - before for before, after in zip(first.right, last.right, strict=True)]
    within = gains[:-1] if len(gains) > 1 and max(gains[:-1]) > 0 else gains
    if phase == "model" and within and max(within) > 0:
        return within.index(max(within))
    places = last.places
    return next((i for i, candidates in enumerate(places) if not candidates[0].is_right), 0)


def _explanation(view: UpdateShown, details: events.UpdateDetails, correction: Correction) -> str:
    reading = details.reading
    expectations = details.expectations
    adjustment = details.adjustment
    match view.phase:
        case "data":
            return updates.data(details)
        case "model" if reading is not None:
            if view.is_deep:
                return _attention(view, details)
            return updates.model(reading, view.place, view.right)
        case "prediction" if expectations:
            if view.is_deep:
                return updates.prediction_deeper(expectations)
            place = min(view.place, len(expectations) - 1)
            given = "" if place == 0 else expectations[place - 1].right
            return updates.prediction(expectations[place], given, details.n_choices)
        case "error" if expectations:
            if view.is_deep:
                return updates.error_deeper(expectations, details.n_choices)
            total = sum(expected.error_nats for expected in expectations)
            return updates.error(expectations, details.error_nats or total, details.n_ahead)
        case "adjustment" if adjustment is not None:
            if view.is_deep:
                cosine = (
                    "–" if adjustment.cosine is None else format_number(adjustment.cosine, ".2f")
                )
                return tr(
                    "The gradient says which way is down; the optimizer's step goes that way only "
                    "in part (direction {cosine}; 1 is straight down) and evens out how far each "
                    "number moves.",
                    cosine=cosine,
                )
            return updates.adjustment(adjustment, correction, most_moved(adjustment))
        case "repeat" if correction.change is not None:
            return updates.repeat(correction, correction.change)
        case _:
            return ""


def _attention(view: UpdateShown, details: events.UpdateDetails) -> str:
    reading = details.reading
    assert reading is not None
    layer = min(view.layer, reading.n_layers - 1)
    head = min(view.head, reading.n_heads - 1)
    rows = reading.attended(layer, head)
    row = min(len(rows) - 1, max(0, view.read_before() - reading.first_attended))
    texts = pieces.piece_labels(details.pieces)[reading.first_attended :]
    target, share = pieces.looked_at(texts, rows[row], reading.first_attended)
    return tr(
        "Layer {layer}, head {head}: reading {text} it looks mostly at {target} "
        "({share}). The fuller a cell, the more the row's piece takes from the "
        "column's.",
        layer=layer + 1,
        head=head + 1,
        text=pieces.quoted_piece(texts[row]),
        target=target,
        share=numbers.chance(share),
    )


def card_line(correction: Correction, stamp: str, width: int) -> str:
    """Name the card, and how often it was taught; of a long one the start of either side."""
    prompt = pieces.visible(correction.prompt)
    answer = pieces.visible(correction.answer)
    room = width - cell_len(f" →    {stamp}")
    if room >= width // 2 and cell_len(prompt) + cell_len(answer) > room:
        answer = cut(answer, max(room // 2, room - cell_len(prompt)))
        prompt = cut(prompt, room - cell_len(answer))
    return cut(f"{prompt} → {answer}   {stamp}", width)


def can_go_back(session: Session) -> bool:
    view = session.shell.front
    is_there = isinstance(view, UpdateView) and view.phase not in (None, "data")
    return is_there or session.travel.step is not None


def walk(session: Session, by: int) -> None:
    """Open view 4 and hold the next card at DATA; from there on, phase by phase."""
    view = session.shell.front
    is_past = session.travel.step is not None
    is_opened = not isinstance(view, UpdateView)
    if is_opened:
        session.show("update")
        view = session.shell.front
    if not isinstance(view, UpdateView):
        return
    is_at_end = not is_opened and not view.walk(by)
    if is_past and is_at_end:
        session.travel.move(by)
    if is_past and (is_opened or is_at_end):
        view.turn_to(PHASES[0] if by > 0 else PHASES[-1])
    state = session.state
    is_learning = state.liveness == "learning"
    is_under_way = is_opened and by > 0 and state.card.phase is not None and not state.card.is_held
    if is_under_way and not is_past:
        view.begin(state, is_to_be_held=is_learning)
    is_held = state.card.is_held or (is_under_way and not is_learning)
    is_next_wanted = is_at_end or (is_opened and by > 0 and not is_held)
    if is_next_wanted and not is_past and session.state.start is not None:
        session.send(commands.NextPhase())
    session.paint()
