"""A run beside the lesson, taught no more cards: a branch with one thing done differently, or a new
model; what the keys for it do; and both as they were in the past."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from flashcards.app.race.replay import prompts_of_decks
from flashcards.app.room import LineRank, StatusLine
from flashcards.app.run.follower import Follower
from flashcards.app.run.run import Run
from flashcards.app.run.sources import SavedRun, Teacher, cant_read
from flashcards.app.session import Session
from flashcards.app.widgets.dialog import Choice, ChoiceScreen
from flashcards.base.language import capital, tr
from flashcards.runs import commands, cursor, events as ev, markers, values
from flashcards.runs.answers import ANSWERS, AnswerDiffers, Answers, difference_at
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest
from flashcards.wording import facts, numbers
from flashcards.wording.races import before_of
from flashcards.wording.run_kinds import kind_of

BRANCH_DUTY = 0.7
"""Share of the time it trains until it has caught up; then it waits for the main lesson anyway."""


class Branch(Follower):
    differs: AnswerDiffers | None = None
    """The first answer that it gave otherwise than the lesson."""

    def __init__(
        self,
        lead: Run,
        teach: Callable[[LessonRequest], Teacher],
        step: int,
        change: values.BranchChange,
        runs: str | None,
        dropped_answer: str = "",
    ) -> None:
        """From this step on, with this change. `runs` is where the main run is kept too.
        `dropped_answer`: the right one of the card that it is not taught any more, if it is that.
        """
        super().__init__(lead, teach, BRANCH_DUTY)
        self.step = step
        self.change = change
        self.dropped_answer = dropped_answer
        self._runs = runs
        self._is_dropped_pinned = False
        self._saved: SavedRun | None = None
        self._sent_speed: values.Speed = lead.state.speed

    @property
    def folder(self) -> str:
        """Its run's folder, "" until it has begun."""
        return "" if self.state.start is None else self.state.start.folder

    @property
    def cards_taught(self) -> int:
        """As the main lesson counts them."""
        return self.state.cards_taught + self.cards_apart

    def state_by(self, n_cards: int) -> RunState:
        """The run when it had been taught so many cards. In a thread. Raises OSError, RunError."""
        if self._saved is None:
            self._saved = SavedRun(Path(self.folder))
            self._saved.cards_apart = self.cards_apart
        return self._saved.state_by(n_cards)

    @property
    def _cards_a_step(self) -> int:
        return 1 if self.lead.state.speed != "full" else super()._cards_a_step

    def _follow_more(self) -> None:
        """At the speed of the main lesson: below full, one card an update."""
        if self.lead.state.speed != self._sent_speed:
            self._sent_speed = self.lead.state.speed
            self._send(commands.SetSpeed(speed=self._sent_speed))
        dropped = self.change.without_prompt
        if dropped is not None and not self._is_dropped_pinned and self.state.start is not None:
            self._is_dropped_pinned = True
            self._send(commands.Pin(prompt=dropped))  # asked at every exam: does it still know it?

    def unpin_dropped(self) -> None:
        """Leave no pin behind that nobody set, where it goes on as a lesson."""
        if self._is_dropped_pinned and self.change.without_prompt is not None:
            self._send(commands.Unpin(prompt=self.change.without_prompt))

    def dropped_outcome(self, state: RunState) -> str:
        """Say whether the copy, in this state, still knows the card that it is not taught any more;
        "" where it is taught every card, or was not asked yet."""
        prompt = self.change.without_prompt
        pin = None if prompt is None else state.pins.get(prompt)
        last = None if pin is None else pin.answers.last
        if prompt is None or last is None or not self.dropped_answer:
            return ""
        text = "The copy, not taught {prompt} any more, says {answer}: that is right."
        if last.answer != self.dropped_answer:
            text = "The copy, not taught {prompt} any more, says {answer}; the card says {right}."
        named = {
            "prompt": facts.quoted(prompt),
            "answer": facts.quoted(last.answer),
            "right": facts.quoted(self.dropped_answer),
        }
        return tr(text, **named)

    def _prepare(self) -> tuple[LessonRequest, list[ev.AnyEvent]]:
        start = self.lead.state.start
        assert start is not None
        request = self._request(
            deck=start.deck_path,
            seed=start.seed,
            speed=self._sent_speed,
            runs=self._runs,
            branch_of=start.folder,
            branch_step=self.step,
            branch_seed=self.change.seed,
            order=self.change.order,
            learning_rate_factor=self.change.learning_rate_factor,
            without_prompt=self.change.without_prompt,
        )
        return request, []


class Newcomer(Branch):
    """A new model that is taught the deck of the lesson's chapter, with the same seed and order."""

    def __init__(
        self, lead: Run, teach: Callable[[LessonRequest], Teacher], runs: str | None
    ) -> None:
        super().__init__(lead, teach, lead.state.life.since_step, values.BranchChange(), runs)
        self.cards_apart = lead.state.life.since_cards

    def _prepare(self) -> tuple[LessonRequest, list[ev.AnyEvent]]:
        state = self.lead.state
        assert state.start is not None
        folder = RunFolder.open(Path(state.start.folder))
        copy = folder.deck_path()
        base = folder.info.base
        deck = Path(state.start.deck_path)
        if not deck.is_file() or deck.read_bytes() != copy.read_bytes():
            deck = copy  # the file was edited or moved since
        request = self._request(
            deck=str(deck),
            seed=state.start.seed if state.recipe is None else state.recipe.seed,
            speed=self._sent_speed,
            runs=self._runs,
            order=None if state.order == "shuffled" else state.order,
            settings=state.start.chosen,
            ask=state.start.ask or None,
            model=None if base is None else base.path,
        )
        return request, []


Recorded = Branch | SavedRun


class PastMoment(msgspec.Struct, frozen=True):
    """A step of the lesson, as it was recorded, and the run to be read beside it."""

    main: RunState
    step: int
    n_cards: int
    other: Recorded
    is_reached: bool


class RacePast:
    """Both runs as they were; `version` changes whenever there is another pair to show."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.version = 0
        self.problem = ""
        self._on_change = on_change
        self._wanted: PastMoment | None = None
        self._read_moment: PastMoment | None = None
        self._pair: tuple[RunState, RunState | None] | None = None
        self._reading: asyncio.Task[None] | None = None

    def at(
        self, main: RunState, step: int, n_cards: int, other: Recorded
    ) -> tuple[RunState, RunState | None]:
        """The two to show: those of that step, or the ones before until they are read."""
        is_reached = other.cards_taught >= n_cards
        self._wanted = PastMoment(main, step, n_cards, other, is_reached)
        if self._read_moment is None or self._read_moment.other is not other:
            self._read_moment = self._pair = None
        if not self._is_read and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read())
        return self._pair or (lesson_then(main, step, n_cards), None)

    def leave(self) -> None:
        """Live is shown: what is read from here on is not asked for any more."""
        self._wanted = self._read_moment = self._pair = None

    @property
    def has_read(self) -> bool:
        return self._read_moment is not None and self._is_read

    @property
    def _is_read(self) -> bool:
        """Tell whether nothing else is to be read of the moment that is wanted."""
        wanted, read = self._wanted, self._read_moment
        if wanted is None or read is None:
            return wanted is None
        return wanted.main is read.main and wanted.is_reached == read.is_reached

    async def _read(self) -> None:
        while (wanted := self._wanted) is not None and not self._is_read:
            state = None
            problem = ""
            try:
                state = await asyncio.to_thread(wanted.other.state_by, wanted.n_cards)
            except (OSError, RunError) as error:
                problem = cant_read(error)
            if self._wanted is None or self._wanted.other is not wanted.other:
                continue
            self._read_moment, self.problem = wanted, problem
            self._pair = lesson_then(wanted.main, wanted.step, wanted.n_cards), state
            self.version += 1
            self._on_change()


def lesson_then(recorded: RunState, step: int, n_cards: int) -> RunState:
    """The lesson at a step between two of its lines, when it had been taught so many cards."""
    return msgspec.structs.replace(recorded, step=step, cards_taught=n_cards)


BRANCH = "branch"
NEW: Literal["new"] = "new"  # in place of a change: a model that was taught nothing before


async def branch(session: Session) -> None:
    if session.run.followers.get(BRANCH) is not None:
        await _ask_to_end(session)
        return
    if session.state.start is None:
        session.notify(tr("The lesson is still starting."), timeout=4)
        return
    step = session.step
    title = tr("Branch at step {step}", step=numbers.count(step))
    text = tr("A second run from here, one thing different, taught as many cards.")
    offered, card = choices(session.shown_state), session.shown_state.card.now
    change = await session.dialog(ChoiceScreen(title, text, offered))  # the lesson goes on
    if change is None or session.run.followers.get(BRANCH) is not None:
        return
    run, runs = session.run, session.run.request.runs
    if change == NEW:
        branch: Branch = Newcomer(run, session.teach, runs)
    else:
        is_dropped = card is not None and card.prompt == change.without_prompt
        answer = card.answer if card is not None and is_dropped else ""
        branch = Branch(run, session.teach, step, change, runs, answer)
        run.parting.append(markers.Parted(step=step, change=change))
    run.followers[BRANCH] = branch
    session.spawn(_follow(session, branch), "branch")
    session.travel.follow_live()
    session.show("race")


def choices(state: RunState) -> tuple[Choice[values.BranchChange | Literal["new"] | None], ...]:
    factor = state.learning_rate_factor
    start, correction = state.start, state.card.now
    seed = 1 if start is None else start.seed
    order: values.OrderName = "shuffled" if state.order != "shuffled" else "hardest"
    half, double = (values.BranchChange(learning_rate_factor=factor * by) for by in (0.5, 2))
    offered = [
        (tr("Half the learning rate: does it learn more slowly, or better?"), half),
        (tr("Twice the learning rate: does it learn faster, or break?"), double),
        (tr("The same cards, drawn in another random order."), values.BranchChange(seed=seed + 1)),
        (tr("The next cards are chosen in another way."), values.BranchChange(order=order)),
    ]
    if correction is not None:
        does = tr("This card is not taught any more: is its answer kept?")
        offered.insert(2, (does, values.BranchChange(without_prompt=correction.prompt)))
    branch_choices: list[Choice[values.BranchChange | Literal["new"] | None]] = [
        Choice(facts.branch(change), does, change) for does, change in offered
    ]
    before = before_of(state)
    if before is not None and "newcomer" not in kind_of(state).lacks:
        does = tr("New, and taught the same cards: what did {deck} bring?", deck=before.name)
        branch_choices.insert(0, Choice(before.newcomer(), does, NEW))
    return (*branch_choices, Choice(capital(tr("cancel")), tr("No branch."), None))


def line(session: Session) -> StatusLine | None:
    """Offer the key for a copy in the view that is about one, as long as there is none."""
    is_alone = BRANCH not in session.run.followers and session.run.viewer is None
    if session.shell.view_name != "race" or not is_alone:
        return None
    return StatusLine(LineRank.OFFER, key="branch")


async def _ask_to_end(session: Session) -> None:
    options = (
        Choice(tr("End it"), tr("It is saved first, and listed with the other runs."), True),
        Choice(capital(tr("keep it")), tr("Back to the race."), False),
    )
    screen: ChoiceScreen[bool] = ChoiceScreen(tr("End the branch?"), "", options)
    ended = session.run.followers.get(BRANCH)
    if await session.dialog(screen) and ended is not None:
        session.run.followers.pop(BRANCH, None)
        await ended.close()
        session.paint()


async def take(session: Session) -> None:
    branch = session.run.followers.get(BRANCH)
    if not isinstance(branch, Branch) or not branch.folder:
        return
    session.run.followers.pop(BRANCH, None)
    branch.unpin_dropped()
    await branch.close()
    session.open(msgspec.structs.replace(session.run.request, resume=branch.folder))
    session.notify(tr("The branch is the lesson now; the run it left is saved."), timeout=6)


async def _follow(session: Session, branch: Branch) -> None:
    watching = None
    if not isinstance(branch, Newcomer):  # of two models the same step has nothing in common
        watching = asyncio.create_task(_watch_answers(session, branch))
    try:
        await branch.listen()
    finally:
        if watching is not None:
            watching.cancel()
    if branch.state.liveness == "failed" and session.run.followers.get(BRANCH) is branch:
        session.notify(branch_failed(branch.state.failure), severity="warning", timeout=20)
        session.paint()


def branch_failed(text: str) -> str:
    return tr(
        "{name} stopped: {reason}. The lesson goes on.", name=capital(tr("branch")), reason=tr(text)
    )


async def _watch_answers(session: Session, branch: Branch) -> None:
    """Find the first answer that differs as both runs go on; again, when one of them went back."""
    run = session.run
    lesson_answers, branch_answers = Answers(), Answers()
    steps: asyncio.Queue[int] = asyncio.Queue()

    def take_answer(answers: Answers, event: ev.AnyEvent) -> None:
        answers.take(event)
        if isinstance(event, ev.CorrectionMeasured | ev.DeckMarked):
            steps.put_nowait(event.step)
        went_back = isinstance(event, ev.RunResumed | ev.RunRewound)
        if went_back and branch.differs is not None and branch.differs.step > event.step:
            branch.differs = None

    run.on_event(lambda event: take_answer(lesson_answers, event))
    branch.listeners.append(lambda event: take_answer(branch_answers, event))
    assert run.state.start is not None
    folder = Path(run.state.start.folder)
    with contextlib.suppress(OSError):  # what was logged of the lesson before the branch began
        for event in await asyncio.to_thread(cursor.read_run, folder / "events.jsonl", ANSWERS):
            lesson_answers.take(event)
    while True:
        step = await steps.get()
        if branch.differs is not None or not branch.folder:
            continue
        prompts = prompts_of_decks(folder), prompts_of_decks(Path(branch.folder))
        difference = await asyncio.to_thread(
            difference_at, step, lesson_answers, branch_answers, prompts
        )
        if difference is not None and run.followers.get(BRANCH) is branch:
            branch.differs = difference
            run.parting.append(markers.Differs(step=difference.step, answer=difference))
