"""View 5: two runs side by side, taught as many cards: a lesson and its branch, or two saved."""

import math

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import ComposeResult

from flashcards.app.race import race_branch, replay
from flashcards.app.room import StatusLine
from flashcards.app.run.sources import SavedRun
from flashcards.app.session import Session
from flashcards.app.view import View, hidden
from flashcards.app.widgets import table
from flashcards.app.widgets.cells import Row, Sheet, cut_row, with_lit_keys
from flashcards.app.widgets.charts import Curve, Mark, ShareChart, SharesView
from flashcards.app.widgets.frame import (
    HeaderView,
    TitleLine,
    VerdictLine,
    VerdictView,
    n_lines,
)
from flashcards.app.widgets.table import Column
from flashcards.app.widgets.time_line import MARKER_STYLES
from flashcards.base.keyed_text import sentences
from flashcards.base.language import capital, tr
from flashcards.runs import answers, markers, verdict
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.wording import races
from flashcards.wording.before import Before, learned_before
from flashcards.wording.markers import MARKER_SIGNS, first_differs, race_title
from flashcards.wording.numbers import count, rate_factor

SEEN_WIDTH, UNSEEN_WIDTH = 17, 18
MIN_NAME_WIDTH = 14


class Runner(Struct, frozen=True):
    """One of the two. `name` begins with the sign of its curve, `style` is that curve's."""

    name: str
    style: str
    seen: str
    unseen: str


class RaceTable(Sheet[tuple[Runner, ...]]):
    def draw(self, view: tuple[Runner, ...], width: int, height: int) -> list[Row]:
        wanted = max((cell_len(runner.name) for runner in view), default=0) + 1
        room = width - SEEN_WIDTH - UNSEEN_WIDTH
        n_name = max(MIN_NAME_WIDTH, min(max(24, wanted), room))
        seen, unseen = tr("taught").upper(), tr("never taught").upper()
        columns: list[Column[Runner]] = [
            Column("", n_name, lambda runner: (runner.name, runner.style)),
            Column(seen, SEEN_WIDTH, lambda runner: (runner.seen, ".strong"), is_right=True),
            Column(unseen, UNSEEN_WIDTH, lambda runner: (runner.unseen, ".strong"), is_right=True),
        ]
        rows = [table.heading(columns, ""), *(table.line(columns, runner, "") for runner in view)]
        return [cut_row(row, width) for row in rows]


def _right(score: Score | None, n_cards: int | None) -> str:
    """Say how many are right of `n_cards` of a kind (None: not known), or why nobody knows."""
    if n_cards == 0:
        return tr("none kept back")
    return tr("not asked yet") if score is None or score.rate is None else races.right(score)


NEARLY_EQUAL = 3  # points; an exam of 800 cards is known to about so many


class Race(Struct, frozen=True):
    """Two runs side by side, and what there is to say of them.

    Attributes:
        sides: The names of the two.
        other: The one beside the lesson; None where there is no race.
        problem: Why there is nothing to see, in place of the title.
        is_by_cards: The chart says that both were taught as many cards.
        fork_step: Up to here they are one run; None when they never were.
        no_answer: Said before an answer `differs`.
        falls_short, goes_on: Said where the other one was taught fewer cards, or more.
        before: What one of the two learned before the deck that both are taught, if that is what
            they differ in. Steps and cards are then counted from that deck on, `since_step`.
        is_other_new: The other one is the one that did not.
        has_begun: False while the other model is being made.
    """

    sides: tuple[str, str]
    cards_taught: int = 0
    other: race_branch.Branch | SavedRun | None = None
    title: str = ""
    problem: str = ""
    is_by_cards: bool = False
    fork_step: int | None = None
    differs: answers.AnswerDiffers | None = None
    no_answer: str = ""
    falls_short: str = ""
    goes_on: str = ""
    before: Before | None = None
    is_other_new: bool = True
    since_step: int = 0
    has_begun: bool = True


def race_of(session: Session) -> Race:
    viewer = session.run.viewer
    branch = session.run.followers.get(race_branch.BRANCH)
    if isinstance(viewer, replay.RaceReplay):
        return _saved(viewer, session)
    rates = ("", "")
    if isinstance(branch, race_branch.Branch) and (factor := branch.change.learning_rate_factor):
        rates = (
            f" {rate_factor(session.shown_state.learning_rate_factor)}",
            f" {rate_factor(factor)}",
        )
    sides = tr("this lesson") + rates[0], tr("the copy") + rates[1]
    n_cards = session.travel.cards_taught
    if not isinstance(branch, race_branch.Branch):
        problem = tr(
            "Press {key} for a copy, a branch, that goes on with one thing different.",
            key=session.key("branch"),
        )
        if session.run.badge is not None:
            problem = tr("A recording has no branch. Two runs: flashcards compare RUN RUN --screen")
        return Race(sides, n_cards, problem=problem)
    state = branch.state
    has_begun = state.start is not None
    is_past = session.travel.step is not None
    problem = race_branch.branch_failed(state.failure) if state.liveness == "failed" else ""
    falls_short = ""
    if is_past:
        falls_short = tr("the copy has not got that far")
    elif has_begun and branch.is_behind_steps > 1:
        falls_short = tr("the copy has come to step {step} so far", step=count(state.step))
    race = Race(
        sides,
        n_cards,
        branch,
        problem=problem,
        no_answer="" if has_begun else tr("The copy is being made…"),
        falls_short=falls_short,
        has_begun=has_begun,
    )
    before = races.before_of(session.state) if isinstance(branch, race_branch.Newcomer) else None
    if before is not None:
        return replace(
            race,
            sides=before.models(),
            title=before.title(),
            before=before,
            since_step=session.state.life.since_step,
        )
    return replace(
        race,
        title=race_title(branch.step, branch.change, has_begun=has_begun),
        fork_step=branch.step,
        differs=branch.differs,
        no_answer=race.no_answer or races.same_so_far(),
    )


def _saved(viewer: replay.RaceReplay, session: Session) -> Race:
    comparison = viewer.comparison
    other = viewer.beside
    travel = session.travel
    paths = viewer.folder.path, other.path
    name, other_name = races.names(*paths)
    sides = name, other_name
    if comparison is None:
        is_coming = session.state.liveness != "failed"
        return Race(sides, title=tr("reading…") if is_coming else "")
    is_at_end = viewer.is_at_end and travel.step is None
    learned = comparison.first if comparison.first.before else comparison.second
    before = None
    if comparison.is_of_newcomer:
        before = learned_before(learned.before[-1], is_text=learned.has_read)
    is_one_run = paths[0].resolve() == paths[1].resolve()
    end = {"run": other_name, "step": count(other.last_step)}
    return Race(
        sides,
        travel.cards_taught,
        other,
        title=tr("One run twice: nothing can differ.")
        if is_one_run
        else races.title(comparison, (name, other_name)),
        is_by_cards=True,
        before=before,
        is_other_new=bool(comparison.first.before),
        since_step=comparison.first.chapter_step if comparison.is_of_newcomer else 0,
        fork_step=races.fork_step(comparison),
        differs=comparison.answer,
        no_answer=races.no_answer(comparison, is_all=is_at_end),
        falls_short=tr("{run} ends at step {step}", **end),
        goes_on=tr("{run} goes on to step {step}", **end) if is_at_end else "",
    )


class RaceView(View):
    CSS_PATH = "race.tcss"
    SHOWS_PAST = True
    BINDINGS = hidden(enter="app.do('take_branch')")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._race_past = race_branch.RacePast(session.paint)
        self._painted = (0, 0)

    def body(self) -> ComposeResult:
        yield TitleLine(id="race-purpose")
        yield TitleLine(id="race-title")
        yield RaceTable()
        yield ShareChart(id="race-curves")
        yield TitleLine(id="race-answer")

    def on_unmount(self) -> None:
        self._race_past.leave()

    @property
    def is_due(self) -> bool:
        return self._painted != self._known

    @property
    def has_read(self) -> bool:
        return self._race_past.has_read

    @property
    def _known(self) -> tuple[int, int]:
        race = race_of(self.session)
        other = race.other
        if other is None:
            return 0, self._race_past.version
        if self.past is None:
            return other.state.n_folded + (race.differs is not None), self._race_past.version
        is_reached = other.cards_taught >= race.cards_taught
        return (other.state.start is not None) + is_reached, self._race_past.version

    def header(self, state: RunState, is_stalled: bool) -> HeaderView:
        """Name as going on what goes on: a lesson that is over waits for its branch."""
        header = super().header(state, is_stalled)
        is_over = header.badge == "finished" and self.past is None
        if is_over and _is_catching_up(race_of(self.session), state):
            return replace(header, badge="branch_behind")
        return header

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        self._painted = self._known
        race = race_of(self.session)
        main, other = self._pair(race, state)
        samples, both_asked = _sampled(main, other), _both_asked(race, main, other)
        runners = [_runner(race, 0, main, both_asked, samples[0])]
        is_asked = _was_asked(race, main, other)
        if other is not None:
            is_behind = self.past is None and both_asked is None  # else the sentence says it
            behind = _behind(race, main) if is_behind else ""
            behind = behind if race.has_begun else tr("not started")
            remarks = behind, samples[1]
            runners.append(_runner(race, 1, other, both_asked, *remarks, is_asked=is_asked))
        question = tr("The model and a changed copy: which learns more?")
        if self.viewing is not None:
            question = tr("Two runs side by side: which learns more?")
        if race.other is None and self.viewing is None:
            question = tr("Here a model can race against a copy of itself. There is no copy yet.")
        elif self.past is None and self.viewing is None and not race.has_begun:
            question = tr("A copy is being made, with one thing different: which will learn more?")
        outcome, leader = _outcome(race, main, other)
        if not outcome:
            outcome = _not_comparable(race, main, self.session.key("play"))
        elif _is_catching_up(race, main):
            outcome = sentences(outcome, _steps_to_go(main, other))
        if race.before is not None:
            question, leader = race.before.question(), ""
            outcome = races.outcome(race.before, *_ordered(race, main, other))
        self.query_one("#race-purpose", TitleLine).show(
            ([(sentences(question, leader), ".strong")], "")
        )
        self.query_one("#race-title", TitleLine).show(_title(race))
        self.query_one(RaceTable).show(tuple(runners))
        self.query_one("#race-curves", ShareChart).show(_curves(race, main, other))
        self.query_one("#race-answer", TitleLine).show((self._answer(race, main, other), ""))
        verdict_view = sentence
        is_saved = self.viewing is not None
        if outcome and self.past is None and sentence.tone != "bad":
            verdict_view = VerdictView(outcome, tail=notice.whole if is_saved else "")
        elif race.other is not None and self.past is None and sentence.tone != "bad":
            verdict_view = VerdictView(notice.whole)  # the sentence is of one run alone
        self.query_one(VerdictLine).styles.height = max(
            2, n_lines(verdict_view, self.size.width - 4)
        )
        return verdict_view

    def _pair(self, race: Race, state: RunState) -> tuple[RunState, RunState | None]:
        other = race.other
        if self.past is None:
            self._race_past.leave()
            return state, None if other is None else other.state
        is_before = self.past.step < race.since_step
        if other is None or other.state.start is None or is_before:
            return race_branch.lesson_then(state, self.past.step, race.cards_taught), None
        return self._race_past.at(state, self.past.step, race.cards_taught, other)

    def _answer(self, race: Race, main: RunState, other: RunState | None) -> Row:
        if self.past is not None and self._race_past.problem:
            return [(self._race_past.problem, ".wrong")]
        if race.before is not None and not race.no_answer:
            is_below = self.past is None  # the sentence says it
            outcome = "" if is_below else races.outcome(race.before, *_ordered(race, main, other))
            return [(outcome, ".title")]
        if other is not None and isinstance(race.other, race_branch.Branch):
            dropped = race.other.dropped_outcome(other)
            if dropped:
                return [(dropped, ".strong")]
        mark = _differing(race, main, other)
        difference = race.differs
        if mark is None or difference is None:
            is_new = race.has_begun and not _was_asked(race, main, other)
            return [] if is_new else [(race.no_answer, ".title")]
        style = ".muted" if _behind(race, main) else ".strong"  # it may be the first of many
        return [(f"{mark.sign} ", mark.style), (first_differs(difference, race.sides[1]), style)]


def _steps_to_go(main: RunState, other: RunState | None) -> str:
    """Say that a copy is still behind its lesson, by how many steps."""
    n_steps = 0 if other is None else max(1, main.step - other.step)
    text = "The copy is {n} steps behind, so that may change."
    if n_steps == 1:
        text = "The copy is one step behind, so that may change."
    return tr(text, n=count(n_steps))


def _not_comparable(race: Race, main: RunState, space: str) -> str:
    """Say why nothing can be said yet of which is ahead; "" where it can. `space`: the key by which
    a lesson that is over goes on."""
    branch = race.other
    if not race.has_begun or not isinstance(branch, race_branch.Branch):
        return ""
    if race.fork_step == main.step and main.liveness == "finished":
        text = "This lesson is over, and both are still the same model: {key} teaches both more."
        return tr(text, key=space)
    if race.fork_step == main.step:
        return tr("The race has just begun: both are still the same model.")
    if main.liveness == "finished" and _is_catching_up(race, main):
        return tr(
            "This lesson is over, its copy is not: it is still taught the same cards. Who is "
            "ahead is said when it has caught up."
        )
    if not _behind(race, main):
        is_asked = _was_asked(race, main, branch.state)
        return "" if is_asked else tr("The copy was not asked yet: too early to compare the two.")
    return tr("The copy was taught fewer cards so far: the two can't be compared yet.")


def _is_catching_up(race: Race, main: RunState) -> bool:
    """Tell whether the branch still has cards to be taught before both can be compared."""
    branch = race.other
    has_stopped = branch is not None and branch.state.liveness in ("failed", "diverged")
    if not isinstance(branch, race_branch.Branch) or has_stopped:
        return False
    return branch.is_behind_steps > 1 or bool(_behind(race, main))


def _outcome(race: Race, main: RunState, other: RunState | None) -> tuple[str, str]:
    """Say which of the two is ahead at the last step both have reached, in a sentence and in a few
    words; "" before it is known."""
    unknown = "", ""
    if other is None:
        return unknown
    rates = [state.exams.unseen_rates for state in (main, other)]
    cards = tr("of the cards never taught")
    if main.start is not None and not main.start.n_held_out:
        rates = [state.exams.seen_rates for state in (main, other)]
        cards = tr("of the taught cards")
    if not all(rates):
        return unknown
    step = min(rate.points[-1][0] for rate in rates)
    if race.fork_step is not None and step <= race.fork_step:
        return unknown  # until then both are one
    shares = [share for share in (_share_at(rate, step) for rate in rates) if share is not None]
    if len(shares) < len(rates):
        return unknown
    ahead = shares[1] > shares[0]  # its place
    percents = [verdict.percent(share) for share in shares]
    figures = {
        "cards": cards,
        "name": capital(race.sides[ahead]),
        "first": race.sides[ahead],
        "one": percents[ahead],
        "other": percents[not ahead],
    }
    text = (
        "{name} is ahead: where both were last asked, {one} {cards} were right, the other has "
        "{other}."
    )
    is_early = _is_catching_up(race, main)
    leader = f"{race.sides[ahead]}."
    if is_early:
        leader = tr("So far {name}.", name=race.sides[ahead])
    elif isinstance(race.other, race_branch.Branch):
        leader = capital(leader)
    if abs(verdict.shown_percent(shares[1]) - verdict.shown_percent(shares[0])) <= NEARLY_EQUAL:
        text = (
            "No clear lead: where both were last asked, {first} had {one} {cards} right, the "
            "other {other}."
        )
        leader = tr("No clear lead so far." if is_early else "No clear lead.")
    if percents[0] == percents[1]:
        text = "A draw: where both were last asked, {one} {cards} were right."
        leader = tr("A draw so far." if is_early else "A draw.")
    start = main.start
    n_cards = 0 if start is None else start.n_held_out or start.n_taught
    return tr(text, **figures), leader if n_cards >= verdict.MIN_NEVER_SEEN else ""


def _forking(race: Race) -> Mark | None:
    if race.fork_step is None:
        return None
    mark = _mark("branch", race.fork_step)
    if not isinstance(race.other, race_branch.Branch):
        return mark  # of two saved runs neither need be a copy
    return replace(mark, word=tr("copy from step {step}", step=count(race.fork_step)))


def _differing(race: Race, main: RunState, other: RunState | None) -> Mark | None:
    """The answer that differs, once both have come to it."""
    difference = race.differs
    if difference is None or other is None or difference.step > min(main.step, other.step):
        return None
    return _mark("differs", difference.step)


def _mark(kind: markers.MarkerKind, step: int) -> Mark:
    return Mark(step, MARKER_SIGNS[kind], MARKER_STYLES[kind])


def _title(race: Race) -> tuple[Row, str]:
    if race.problem:
        return with_lit_keys(race.problem, ".title" if race.other is None else ".wrong"), ""
    mark = _forking(race)
    sign: Row = [] if mark is None else [(f"{mark.sign} ", mark.style)]
    return [*sign, (race.title, ".strong")], ""


def _sampled(main: RunState, other: RunState | None) -> tuple[str, str]:
    """Of each of the two: that it was asked a sample, where the other one was asked all cards at
    the same step."""
    exams = main.exams.last, None if other is None else other.exams.last
    if exams[0] is None or exams[1] is None or exams[0].is_full == exams[1].is_full:
        return "", ""
    if exams[0].step != exams[1].step:
        return "", ""
    sample = tr("not all cards asked")
    return ("", sample) if exams[0].is_full else (sample, "")


def _both_asked(race: Race, main: RunState, other: RunState | None) -> int | None:
    """The last step at which both had been asked, where one has been asked since; None where none
    has, and of one that learned something before, whose steps are no measure."""
    exam, other_exam = main.exams.last, None if other is None else other.exams.last
    if exam is None or other_exam is None or race.before is not None:
        return None
    both_asked = min(exam.step, other_exam.step)
    if race.fork_step is not None and both_asked <= race.fork_step < main.step:
        return None
    return None if exam.step == other_exam.step else both_asked


def _was_asked(race: Race, main: RunState, other: RunState | None) -> bool:
    """Tell whether the copy was asked since it is one: its scores before are the lesson's. As long
    as both are one run, they are its own, too."""
    exam = None if other is None else other.exams.last
    if exam is None or race.fork_step is None or main.step <= race.fork_step:
        return exam is not None
    return exam.step > race.fork_step


def _share_at(rates: History, step: int) -> float | None:
    """The share right when it was last asked, up to this step; None where it was not."""
    shares = (share for at, share in reversed(rates.points) if at <= step and math.isfinite(share))
    return next(shares, None)


def _percent_at(rates: History, step: int) -> str:
    share = _share_at(rates, step)
    return tr("not asked yet") if share is None else verdict.percent(share)


def _runner(
    race: Race,
    place: int,
    state: RunState,
    both_asked: int | None,
    *remarks: str,
    is_asked: bool = True,
) -> Runner:
    """One of the two with its scores; those of step `both_asked`, if that is not None."""
    sign, style = (("━", ".strong"), ("╍", ".wrong"))[place]
    asked_at = "" if both_asked is None else tr("at step {step}", step=count(both_asked))
    name = ", ".join(filter(None, (race.sides[place], *remarks, asked_at)))
    n_kept_back = None if state.start is None else state.start.n_held_out
    exam = state.exams.last if is_asked else None
    if both_asked is not None:
        taught = _percent_at(state.exams.seen_rates, both_asked)
        never_taught = tr("none kept back")
        if n_kept_back != 0:
            never_taught = _percent_at(state.exams.unseen_rates, both_asked)
        return Runner(f"{sign} {name}", style, taught, never_taught)
    seen, unseen = (None, None) if exam is None else (exam.seen, exam.unseen)
    return Runner(f"{sign} {name}", style, _right(seen, None), _right(unseen, n_kept_back))


def _behind(race: Race, main: RunState) -> str:
    """Say how far the branch is while it catches up: its scores are of fewer cards."""
    if not isinstance(race.other, race_branch.Branch):
        return ""
    apart = race.other.cards_apart
    return races.catches_up(race.other.cards_taught - apart, main.cards_taught - apart)


def _ordered(
    race: Race, main: RunState, other: RunState | None
) -> tuple[RunState, RunState | None]:
    """The one that learned something before, and the one that is new."""
    return (main, other) if race.is_other_new else (other or RunState(), main)


def _curves(race: Race, main: RunState, other: RunState | None) -> SharesView:
    fork = race.fork_step
    note = ""
    n_cards = main.cards_taught if race.other is None else race.other.cards_taught
    if fork is not None and main.step < fork:
        note = tr("they are one run until step {step}", step=count(fork))
    elif n_cards < main.cards_taught:
        note = race.falls_short
    elif n_cards > main.cards_taught:
        note = race.goes_on
    if main.step < race.since_step:
        return SharesView(waiting=tr("the race begins at step {step}", step=count(race.since_step)))
    sources = [source for source in (main, other) if source is not None]
    # one line each: of the cards never taught as soon as any of them is right
    is_of_unseen = any(
        rate > 0 for source in sources for _, rate in source.exams.unseen_rates.points
    )
    lines: list[Curve] = []
    for name, source, style in zip(race.sides, (main, other), (".strong", ".wrong"), strict=True):
        if source is None:
            continue
        dash, sample = ((6, 4), "╍") if source is other else (None, "━")
        rates = source.exams.unseen_rates if is_of_unseen else source.exams.seen_rates
        points = tuple(rates.points) if race.before is None else _by_cards(source, rates)
        if source is other and fork is not None:  # until then it is the lesson's line
            shared = [(fork, rate) for at, rate in points if at <= fork]
            points = (*shared[-1:], *((at, rate) for at, rate in points if at > fork))
            points = points if _was_asked(race, main, source) else ()
        lines.append(Curve(name, points, style, sample, 2, dash, has_share=False))
    marks = [_forking(race), _differing(race, main, other)]
    happened = tuple(mark for mark in marks if mark is not None and mark.step <= main.step)
    if other is not None and race.has_begun and len(lines[-1].points) < 2:
        text = "{name}: not asked yet" if fork is None else "{name}: not asked since it began"
        note = note or tr(text, name=race.sides[1])
    title = tr("Right of the cards taught")
    if is_of_unseen:
        title = tr("Right of the cards never taught")
    if race.is_by_cards and not note:
        title = tr("{curves}, both taught as many cards", curves=title)
    title = f"{title}   ({note})" if note else title
    waiting = tr("The trainer has stopped.") if main.liveness == "failed" else ""
    begin = "" if race.before is None else tr("this deck begins")
    return SharesView(title, tuple(lines), waiting, marks=happened, begin=begin)


def _by_cards(state: RunState, rates: History) -> tuple[tuple[int, float], ...]:
    """The shares by how many cards of this chapter had been taught."""
    n_cards = dict(state.exams.cards.points)
    return tuple((int(n_cards[step]), share) for step, share in rates.points if step in n_cards)
