"""View 3: memory or understanding? The model beside its rivals and its twin, over all of time."""

import math
from functools import partial
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Horizontal

from flashcards.app.memory.beside import TWIN, Twin
from flashcards.app.room import NO_LINE, LineRank, StatusLine
from flashcards.app.view import TALL, WIDE, KeyedView, hidden
from flashcards.app.widgets import bars
from flashcards.app.widgets.bars import bar
from flashcards.app.widgets.cells import Row, Sheet, cut, padded, spread, wrap
from flashcards.app.widgets.charts import (
    Curve,
    ShareChart,
    SharesView,
    breaking,
    end_of_taken_back,
    since_chapter,
    taken_back,
)
from flashcards.app.widgets.frame import HeaderView, VerdictLine, VerdictView
from flashcards.app.widgets.pin_rows import PinRows, pins_of
from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.runs import values, verdict
from flashcards.runs.events import ExamTaken
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.wording import facts, lesson, numbers, races, trends
from flashcards.wording.facts import rival_name
from flashcards.wording.run_kinds import kind_of

NAME_WIDTH = 30
NARROW = 60  # below it a name has a third of the width
PERCENT_WIDTH = 5
COUNTS_FROM_HALF = 36  # half of the width, from which on it is also said how many of how many


class Answerer(Struct, frozen=True):
    """A line of the table: whose answers, with both scores, or a `remark` in their place.
    `is_heading`: the name is that of the lines below."""

    name: str
    seen: values.Score | None = None
    unseen: values.Score | None = None
    is_model: bool = False
    remark: str = ""
    is_heading: bool = False


ScoreTableView = tuple[tuple[Answerer, ...], bool]
"""All lines, the model first, and whether there is anything never taught."""


class ScoreTable(Sheet[ScoreTableView]):
    def draw(self, view: ScoreTableView, width: int, height: int) -> list[Row]:
        n_name = _name_width(width)
        half = (width - n_name - 2) // 2
        heading: Row = [
            (" " * n_name, ""),
            (padded(tr("■ TAUGHT"), half), ".taught"),
            ("  ", ""),
            (cut(tr("◆ NEVER TAUGHT"), half), ".unseen"),
        ]
        answerers, has_never_seen = view
        model = answerers[0] if answerers else Answerer("")
        lines = [_line(answerer, model, has_never_seen, half, width) for answerer in answerers]
        return [heading, *lines]


def _name_width(width: int) -> int:
    return NAME_WIDTH if width >= NARROW else width // 3


def _line(answerer: Answerer, model: Answerer, has_never_seen: bool, half: int, width: int) -> Row:
    if answerer.is_heading:
        return [(cut(answerer.name, width), "")]
    n_name = _name_width(width)
    name: Row = [(padded(answerer.name, n_name), ".strong" if answerer.is_model else "")]
    if answerer.remark:
        return [*name, (cut(answerer.remark, width - n_name), ".muted")]
    missing = tr("not asked yet")
    style = ".taught" if answerer.is_model else ".muted"
    has_none = answerer.seen is not None and not answerer.seen.total
    none_seen = tr("none taught yet") if has_none else missing
    seen = _share(answerer.seen, model.seen, half, style, none_seen)
    missing = missing if has_never_seen else tr("0 kept back")
    style = ".unseen" if answerer.is_model else ".muted"
    unseen = _share(answerer.unseen, model.unseen, half, style, missing)
    return [*name, *seen, ("  ", ""), *unseen]


def _share(
    score: values.Score | None, models: values.Score | None, width: int, style: str, missing: str
) -> Row:
    """A score as a bar. How many are right is said only beside a model that was asked as many:
    152 of 152 beside 0 of 22 looks like another exam."""
    if score is None or score.total == 0:
        return [(padded(f"{'–':>{PERCENT_WIDTH}}  {missing}", width), ".muted")]
    has_counts = width >= COUNTS_FROM_HALF
    n_counts = max(16, len(lesson.right_of(score))) if has_counts else 0
    is_comparable = models is not None and models.total == score.total
    counts = lesson.right_of(score) if has_counts and is_comparable else ""
    length = max(3, width - PERCENT_WIDTH - 1 - n_counts)
    return [
        (f"{numbers.percent_right(score):>{PERCENT_WIDTH}} ", ".strong"),
        *bar(score.rate, length, style, is_fine=True),
        (f"{counts:>{n_counts}}", ".muted"),
    ]


V = TypeVar("V")

N_PINS_SHOWN = 3
RIVALS = ("lookup", "ngram", "nearest")
MANY_BY_RULE = 0.1
"""From this share of the exceptions on it is said that the rule spread to them."""
KNOWS_ITS_CARDS = 0.3  # before its twin has this share by heart nothing is concluded from it
MOST_LINES = 4
FEW_LEAKS = 0.05  # of the cards never taught


class MemoryTitle(Sheet[tuple[str, str, str]]):
    def draw(self, view: tuple[str, str, str], width: int, height: int) -> list[Row]:
        question, graded, leak = view
        title: Row = [(question, ".strong")]
        rows = [spread(title, [(cut(graded, width), ".muted")], width)]
        return rows + [[(line, ".wrong")] for line in wrap(leak, width, height - 1) if line]


class MemoryView(KeyedView):
    CSS_PATH = "memory.tcss"
    SHOWS_PAST = True
    GOES_ON = True
    BINDINGS = hidden(enter="app.do('ask_past')")
    _n_folded_of_twin = 0

    def body(self) -> ComposeResult:
        yield MemoryTitle()
        yield ScoreTable()
        with Horizontal(id="shares"):
            yield ShareChart(id="answers")
            yield ShareChart(id="lane")
        yield PinRows()

    @property
    def twin(self) -> Twin | None:
        """None in the past: of that the twin has nothing to show."""
        is_alone = self.is_film or self.past is not None
        follower = None if is_alone else self.session.run.followers.get(TWIN)
        return follower if isinstance(follower, Twin) else None

    def is_brief(self, state: RunState) -> bool:
        """The verdict compares with nobody who is not in the table yet."""
        return super().is_brief(state) or state.is_first_round

    @property
    def is_due(self) -> bool:
        n_folded = 0 if self.twin is None else self.twin.state.n_folded
        return n_folded != self._n_folded_of_twin

    def header(self, state: RunState, is_stalled: bool) -> HeaderView:
        """Name as going on what goes on: a lesson that is over waits for its twin."""
        header = super().header(state, is_stalled)
        twin = self.twin
        if header.badge != "finished" or twin is None or twin.state.liveness == "failed":
            return header
        is_behind = not races.is_due(twin.state.cards_taught, state.cards_taught)
        return replace(header, badge="twin_behind") if is_behind else header

    def sentence(self, state: RunState, is_stalled: bool, notice: StatusLine) -> VerdictView:
        """Here the verdict is what is asked: the offer of something else waits."""
        is_offer = notice.rank == LineRank.OFFER and not notice.about
        return super().sentence(state, is_stalled, NO_LINE if is_offer else notice)

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        twin = self.twin
        self._n_folded_of_twin = 0 if twin is None else twin.state.n_folded
        is_tall = self.size.height >= TALL
        is_broken = state.steps.broken is not None  # then it is compared with nobody
        table = _table(state, twin, has_rivals=(twin is None or is_tall) and not is_broken)
        pins = pins_of(state, N_PINS_SHOWN)
        lane = _lane(state)
        self.name_keys()
        doctor_key = self.key("view_doctor", "7")
        title = _title(state, twin, doctor_key, is_past=self.past is not None)
        self._show(MemoryTitle, title, 3 if title[2] else 1)
        # then the chart names both scores
        is_lone = twin is None and state.is_brought and not is_tall
        self._show(ScoreTable, table, 0 if is_lone else len(table[0]) + 1)
        answers = _answers(state, twin, is_tall=is_tall, is_past=self.past is not None)
        self.query_one("#answers", ShareChart).show(answers)
        lane_chart = self.query_one("#lane", ShareChart)
        lane_chart.display = lane is not None and self.size.width >= WIDE
        if lane is not None:
            lane_chart.show(lane)
        self._show(PinRows, pins, sum(pin.n_rows for pin in pins))
        if sentence.tone != "bad":
            is_bet = notice.about == "bet" and not notice.enter
            if twin is not None and not is_bet and (moral := _moral(state, twin)):
                sentence = VerdictView(moral, tail=notice.enter)
            text = sentences(sentence.text, overdone(state), _had_understood(state))
            sentence = replace(sentence, text=text)
        room = max(20, self.size.width - 4)
        whole = sentences(sentence.lead, sentence.text, sentence.tail)
        n_lines = len(wrap(whole, room, MOST_LINES))
        self.query_one(VerdictLine).styles.height = max(2, n_lines)
        return sentence

    def _show(self, kind: type[Sheet[V]], view: V, n_rows: int) -> None:
        sheet = self.query_one(kind)
        sheet.show(view)
        height = sheet.styles.height
        if height is None or height.value != n_rows:
            sheet.styles.height = n_rows
            sheet.display = n_rows > 0


def _title(
    state: RunState, twin: Twin | None, doctor_key: str, *, is_past: bool
) -> tuple[str, str, str]:
    """Return what is asked and its answer, of which cards that is, and what may have given it away:
    not of so few cards that it changes nothing, which only the doctor names."""
    start = state.start
    if start is None:
        return "", "", ""
    leak = ""
    if start.n_leaks and start.n_leaks >= FEW_LEAKS * start.n_held_out:
        text = (
            "Careful: {n} of {total} cards never taught are much like taught ones, so these {n} "
            "prove little (key {key} shows which)."
        )
        if start.n_leaks <= 1:
            text = (
                "Careful: 1 of {total} cards never taught is much like a taught one, so that one "
                "proves little (key {key} shows which)."
            )
        n, total = map(numbers.count, (start.n_leaks, start.n_held_out))
        leak = tr(text, n=n, total=total, key=doctor_key)
    question = tr("Memory or understanding?")
    if not start.n_held_out:  # what tells them apart
        question = tr("How much did it know?") if is_past else tr("How much does it know?")
    if start.base:
        model = facts.model_name(start.base)
        question = tr("A model that had read a lot ({model}): does it forget?", model=model)
    if twin is None or not races.is_due(twin.state.cards_taught, state.cards_taught):
        question = trends.memory_or_understanding(state) or question
    elif start.n_held_out:
        question = sentences(question, _shown_by(state, twin))
    return question, _how_many_asked(state, twin), leak


def _shown_by(state: RunState, twin: Twin) -> str:
    """Answer in a few words what a twin that has caught up shows; "" where it knows too little."""
    latest, exam = state.latest_scores, _exam_of(twin)
    if latest is None or exam is None or (exam.seen.rate or 0.0) < KNOWS_ITS_CARDS:
        return ""
    if verdict.is_better(latest.unseen, exam.unseen):
        return tr("Not only memory.")
    return tr("No sign of understanding.")


def _how_many_asked(state: RunState, twin: Twin | None) -> str:
    exam = state.exams.last
    is_behind = twin is not None and twin.state.cards_taught < state.cards_taught
    if exam is None or is_behind:  # they are asked at different times
        return ""
    scores, text = state.ended or exam, "asked: {n_seen:,} taught, {n_unseen:,} never taught"
    if not scores.seen.total + scores.unseen.total:
        return ""
    if exam.is_full or state.ended is not None:
        text = "asked: all {n_seen:,} taught, all {n_unseen:,} never taught"
        if scores.seen.total == 1:
            text = "asked: 1 card taught, all {n_unseen:,} never taught"
        if not scores.seen.total:
            text = "asked: all {n_unseen:,} never taught"
        if exam.known is not None or not scores.unseen.total:
            text = "all cards asked"
    return tr(text, n_seen=scores.seen.total, n_unseen=scores.unseen.total)


def _table(state: RunState, twin: Twin | None, *, has_rivals: bool) -> ScoreTableView:
    start = state.start
    if start is None:
        return (), True
    latest = state.latest_scores
    scores = (None, None) if latest is None else (latest.seen, latest.unseen)
    name = facts.model_name(start.base) or tr("the model")
    model = Answerer(name, scores[0], scores[1], is_model=True)
    graded = {rival.name: rival for rival in state.rivals}
    rivals = [
        Answerer(f" {rival_name(name)}", graded[name].seen, graded[name].unseen)
        for name in dict.fromkeys((*RIVALS, *graded))
        if name in graded
    ]
    others = [] if twin is None else [_twin_line(twin, state)]
    is_asked_how = start.n_held_out > 0 and not start.base  # not only what it knows, or knew
    if rivals and has_rivals and is_asked_how:
        if state.is_first_round:  # programs that copy have all cards
            n_so_far = state.life.cards_of(state.cards_taught)
            text = "Programs that copy join in once all {n} cards were taught: so far {so_far}."
            if not n_so_far:
                text = "Programs that copy join in once all {n} cards were taught: so far none."
            text = tr(text, n=numbers.count(start.n_taught), so_far=numbers.count(n_so_far))
            return (model, *others, Answerer(text, is_heading=True)), True
        others += [Answerer(_question_of_rivals(state), is_heading=True), *rivals]
    if others and start.common is not None:  # why those who can't know have as much
        if any(other.is_heading for other in others):
            name = f" {facts.always_says(start.common)}"
        else:  # below the twin's line it would be said of the twin
            name = tr("who always says {answer}", answer=facts.quoted(start.common.answer))
        others.append(Answerer(name, start.common.seen, start.common.unseen))
    return (model, *others), start.n_held_out > 0


def _question_of_rivals(state: RunState) -> str:
    """Ask whether the programs below, which don't learn, are beaten, and answer that."""
    question = tr("For comparison, programs that only copy. ◆ Are they beaten?")
    latest = state.latest_verdict
    if latest is None:
        return question
    answer = tr("No.")
    best = None if latest.best is None else latest.best.unseen.rate
    has_more = (latest.unseen.rate or 0.0) > (best or 0.0)
    if has_more and latest.unseen.total < verdict.MIN_NEVER_SEEN:
        answer = tr("Too few to tell.")
    elif verdict.is_ahead(latest.unseen, latest.best):
        answer = tr("Yes.")
    elif has_more:
        answer = tr("Not clearly.")
    return sentences(question, answer)


def _exam_of(twin: Twin) -> ExamTaken | None:
    """Return its latest exam that asked it a card: the one before its first card may ask none."""
    exam = twin.state.exams.last
    return exam if exam is not None and exam.seen.total + exam.unseen.total else None


def _twin_line(twin: Twin, state: RunState) -> Answerer:
    exam = _exam_of(twin)
    if twin.state.liveness == "failed":
        return Answerer(tr("mixed-up twin"), remark=lesson.failed(twin.state.failure))
    if exam is None:
        return Answerer(tr("mixed-up twin"), remark=lesson.stage(twin.state))
    if not races.is_due(twin.state.cards_taught, state.cards_taught):
        return Answerer(tr("mixed-up twin"), remark=_so_far(exam, state))
    return Answerer(tr("mixed-up twin"), exam.seen, exam.unseen)


def _so_far(exam: ExamTaken, state: RunState) -> str:
    """Say what a twin that is still behind had right of the taught and the never taught cards, in
    the order of the columns, and at which step of how many. It has no bars, which would compare."""
    shares = [numbers.percent_right(score) for score in (exam.seen, exam.unseen) if score.total]
    text = "step {step} of {of}: {seen} right"
    if len(shares) == 2:
        text = "step {step} of {of}: {seen} and {unseen} right"
    return tr(
        text,
        step=numbers.count(exam.step),
        of=numbers.count(state.step - state.life.since_step),
        seen=shares[0],
        unseen=shares[-1],
    )


def _answers(state: RunState, twin: Twin | None, *, is_tall: bool, is_past: bool) -> SharesView:
    """The curves, of which a chart with little room has two: beside a twin those of the cards that
    neither was taught. Their shares are named where the table does not say them."""
    is_named = twin is not None or state.is_brought
    last_step = 0 if state.exams.last is None else state.exams.last.step - state.life.since_step
    since = partial(since_chapter, state)
    seen, name, rates, style = tr("taught"), tr("never taught"), state.exams.unseen_rates, ".unseen"
    if not is_tall and state.exams.else_rates.points:
        seen, name = tr("taught cards"), tr("everyday sentences")
        rates, style = state.exams.else_rates, ".strong"
    lines = [
        Curve(seen, since(state.exams.seen_rates), ".taught", thickness=2),
        Curve(name, since(rates), style, "╍", 2, dash=(4, 2)),
    ]
    if not is_named:
        lines = [replace(line, has_share=False) for line in lines]
    if is_tall:
        lines += [
            Curve(tr("knew it before"), since(state.exams.known_rates), ".strong", "┅"),
            Curve(
                tr("everyday sentences"),
                since(state.exams.else_rates),
                ".muted",
                "╌",
                dash=(2, 2),
            ),
        ]
    if twin is not None:
        unseen = _points(twin.state.exams.unseen_rates)
        lines += [
            Curve(
                tr("taught, twin"), _points(twin.state.exams.seen_rates), ".muted", "─", thickness=2
            ),
            Curve(tr("never taught, twin"), unseen, ".muted", "┄", dash=(2, 2)),
        ]
        if not is_tall and len(state.exams.unseen_rates) and not state.exams.else_rates.points:
            # the twin's dashes lie above the model's line, so that both show where they are equal
            lines = [replace(lines[1], sample="━", dash=None), lines[3]]
    lines += bars.lines(state.bets, last_step)
    spoilt = None if state.life.earlier else taken_back(state)
    end = ""
    if spoilt is not None:
        lines.append(spoilt)
        end = end_of_taken_back(state, spoilt)
    waiting = tr("The trainer has stopped.") if state.liveness == "failed" else ""
    title = kind_of(state).chart_title(state, is_past=is_past)
    answer = trends.is_it_getting_better(state, is_past=is_past)
    if is_named:
        title, answer = tr("right answers"), ""
    begin = tr("this deck begins") if state.life.earlier else ""
    marks = breaking(state, state.life.since_step)
    return SharesView(title, tuple(lines), waiting, marks, begin, end, answer)


MUCH_LOST = 0.3  # of the share right at its best


def _had_understood(state: RunState) -> str:
    """Say how many cards never taught a model had right, if too large steps spoil it; else ""."""
    if not state.steps.can_rewind:
        return ""
    shares = [share for _, share in state.exams.unseen_rates.points if math.isfinite(share)]
    if not shares or max(shares) - shares[-1] < MUCH_LOST:
        return ""
    best = verdict.percent(max(shares))
    return tr("At its best it had {share} of the cards never taught right.", share=best)


def _moral(state: RunState, twin: Twin) -> str:
    """Say what the twin shows, in numbers, as far as the scores say it; "" before they do."""
    latest, exam = state.latest_scores, _exam_of(twin)
    if latest is None or exam is None:
        return ""
    has_unseen = latest.unseen.total > 0 and exam.unseen.total > 0
    figures = {
        "twin_seen": verdict.percent(exam.seen.rate or 0.0),
        "twin_unseen": verdict.percent(exam.unseen.rate or 0.0),
        "seen": verdict.percent(latest.seen.rate or 0.0),
        "unseen": verdict.percent(latest.unseen.rate or 0.0),
    }
    n_cards = twin.state.cards_taught
    if not races.is_due(n_cards, state.cards_taught):
        n_then = dict(twin.state.exams.cards.points).get(exam.step, n_cards)
        share_then = races.share_after(state, state.exams.unseen_rates, min(n_cards, int(n_then)))
        coming = tr(
            "The twin is taught the same cards with their answers mixed up: it can only learn by "
            "heart."
        )
        so_far = sentences(coming, tr("It is still behind: too early to compare."))
        if not has_unseen:
            return so_far
        common = None if state.start is None else state.start.common
        if common is not None and facts.are_alike(exam.unseen, common.unseen):
            luck = tr(
                "Its {twin_unseen} is luck: always saying {answer} gives {share}.",
                **figures,
                answer=facts.quoted(common.answer),
                share=verdict.percent(common.unseen.rate or 0.0),
            )
            return f"{so_far} {luck}"  # else it would be said to know them
        if share_then is None:
            return so_far
        return tr(
            "{coming} It is still behind: at its step {step} the model had {then} of the cards "
            "never taught right, the twin has {twin_unseen}.",
            **figures,
            coming=coming,
            step=numbers.count(exam.step),
            then=verdict.percent(share_then),
        )
    if not exam.seen.total:
        return ""
    if state.start is not None and not state.start.n_held_out:
        return _hint_of_twin(latest.seen, exam.seen, figures)
    if not has_unseen:
        return ""
    if (exam.seen.rate or 0.0) < KNOWS_ITS_CARDS:
        return tr(
            "Its twin was taught the same cards about as often, with the answers mixed up, which "
            "it can only learn by heart. It has {twin_seen} of those right and {twin_unseen} of "
            "the never taught; the model {seen} and {unseen}.",
            **figures,
        )
    text = (
        "No sign of understanding: of cards never taught the model has {unseen} right, its twin "
        "{twin_unseen}. A fair comparison: the twin was taught the same cards as often, with "
        "mixed-up answers. It knows {twin_seen} of its own by heart."
    )
    if verdict.is_better(latest.unseen, exam.unseen):
        text = (
            "A fair comparison: the twin is the same model, taught the same cards as often, with "
            "mixed-up answers. It knows {twin_seen} of those by heart, and {twin_unseen} of cards "
            "never taught. The model knows {unseen}: it did not only learn by heart."
        )
    return tr(text, **figures)


def _hint_of_twin(seen: values.Score, twin_seen: values.Score, figures: dict[str, str]) -> str:
    """Say of a deck without a card kept back what a twin that knows less of its own cards hints
    at; "" while it knows as little as the model."""
    hint = tr("no sign of a rule")
    if verdict.is_better(seen, twin_seen):
        hint = tr("there may be a rule")
    elif (twin_seen.rate or 0.0) < KNOWS_ITS_CARDS:
        return ""
    return tr(
        "No card is kept back, so nobody can tell. A hint: mixed-up answers are learned by heart "
        "alone. Taught about as often, the twin knows {twin_seen} of its own, the model {seen}: "
        "{hint}.",
        **figures,
        hint=hint,
    )


def _lane(state: RunState) -> SharesView | None:
    start = state.start
    names = () if start is None else start.exceptions
    if not names:
        return None
    section = state.exams.sections.get(names[0])
    name = facts.section_name(names[0])
    exam = None if state.exams.last is None else state.exams.last.sections
    n = next((section.seen.total for section in exam or () if section.name == names[0]), None)
    if start is None or section is None or n is None:
        return SharesView(name)
    title = tr("{n:,} {name} cards, of {total:,} taught", n=n, name=name, total=start.n_taught)
    by_rule = tr("by the rule")
    if section.example:
        by_rule = tr("by the rule, like {example}", example=_instead(*section.example))
    lines = (
        Curve(tr("right"), _points(section.seen), ".right", thickness=2),
        Curve(by_rule, _points(section.rule_seen), ".wrong", "╍", 2, dash=(6, 2)),
    )
    return SharesView(title, lines)


def overdone(state: RunState) -> str:
    """Say how many exceptions are answered by the rule, where many ever were; else ""."""
    names = () if state.start is None else state.start.exceptions
    section = state.exams.sections.get(names[0]) if names else None
    points = () if section is None else _points(section.rule_seen)
    if section is None or max((share for _, share in points), default=0.0) < MANY_BY_RULE:
        return ""
    exam = None if state.exams.last is None else state.exams.last.sections
    score = next((section for section in exam or () if section.name == names[0]), None)
    if score is None:
        return ""
    text = "{n:,} of {of:,} exceptions it was taught wrongly follow the rule{example}."
    of, n = score.seen.total, score.rule_seen
    if score.unseen.total:
        text = "{n:,} of {of:,} exceptions it was never taught wrongly follow the rule{example}."
        of, n = score.unseen.total, score.rule_unseen
    example = f" ({_instead(*section.example)})" if n and section.example else ""
    return tr(text, of=of, n=n, example=example)


def _instead(guess: str, right: str) -> str:
    return tr("{said}, not {right}", said=guess, right=right)


def _points(history: History) -> tuple[tuple[int, float], ...]:
    return tuple(history.points)
