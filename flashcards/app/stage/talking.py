"""Gives a talk with the real program, cue after cue, forwards and back, as keys would."""

import asyncio
import contextlib
from asyncio import Task
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, assert_never

import msgspec

from flashcards.app.predicting import predict
from flashcards.app.run.run import NoAnswer, Question, Reply, Run, first_of
from flashcards.app.session import OnStage, Session, TalkPlan
from flashcards.app.stage.cue_checkpoints import CueCheckpoint, CueCheckpoints, first_done
from flashcards.app.stage.cue_words import in_words
from flashcards.app.stage.large_text import SlideText
from flashcards.app.stage.slide_numbers import filled
from flashcards.app.widgets.bars import SIGN
from flashcards.base.language import tr
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.bets import Bet, Outcome
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.runs.values import BetQuestion, Score, Sureness
from flashcards.talks import talk
from flashcards.talks.claims import scores_of, scores_of_varied
from flashcards.talks.talk import AnyDirective, Cue, Talk
from flashcards.trainer.request import LessonRequest
from flashcards.wording import bets

PAUSE_PATIENCE_S = 5.0
BET_PATIENCE_S = 2.0  # a recording that stands in for the trainer keeps no bets
STOPPED = ("paused", "finished", "diverged", "failed")


class Talking:
    """One talk being given; `move` is all that keys do. `index` is the cue of the moment, -1 before
    the first; `done` the same, once it is over; `prediction` what the room is asked, or how that
    ended."""

    def __init__(self, session: Session, sheet: Talk) -> None:
        self.sheet = sheet
        self.index = -1
        self.has_begun = False
        self.done: int | None = None
        self.prediction = SlideText()
        self.exam: talk.ExamWithOptions | None = None  # that the model takes
        self._session = session
        self._stage = session.singleton(OnStage)
        self._moves: deque[int] = deque()
        self._is_moved = asyncio.Event()
        self._checkpoints = CueCheckpoints(
            session,
            lambda: self._show("slide" if self._cue.is_slide else "presenter"),
            partial(self._until_moved, is_back=True),
        )
        self._scores: dict[str, dict[str, Score]] = {}  # of runs, by their labels
        self._curves: dict[str, Sequence[Sureness]] = {}  # of exams with options, by their labels
        self._before: dict[int, tuple[CueCheckpoint, str]] = {}
        self._lesson: tuple[talk.Teach | None, Run | None] = None, None  # begun last
        self._folders: dict[str, str] = {}  # of runs, by the labels of their lessons
        self._view = "presenter"

    async def opened(self, run: Run) -> None:
        self._stage.answered = None

    def move(self, by: int) -> None:
        self._moves.append(by)
        self._is_moved.set()

    def slide(self) -> SlideText:
        cue = self._cue
        place = f"{self.index + 1}/{len(self.sheet.cues)}"
        return SlideText(cue.title, self._with_numbers(cue.text), place)

    def _with_numbers(self, text: tuple[str, ...]) -> tuple[str, ...]:
        """Return a slide's text with the scores of the talk's runs, as far as they have come."""
        self._keep_scores()
        return filled(text, self._session.state, self._scores, self._curves)

    def _keep_scores(self) -> None:
        """Keep what the run of the moment scores: slides may name it when another one is shown."""
        if (lesson := self._lesson_shown) is not None:
            self._scores[lesson.label] = scores_of(self._session.state)

    @property
    def _cue(self) -> Cue:
        return self.sheet.cues[max(0, self.index)]

    def plan(self) -> TalkPlan:
        cues, counted = self.sheet.cues, self._counted_cues
        following = in_words(cues[self.index + 1]) if self.index + 1 < len(cues) else ""
        place = f"{self.index + 1 - counted.start}/{len(counted)}"
        is_done = self.done == self.index
        return TalkPlan(in_words(self._cue), following, self._cue.notes, place, is_done)

    @property
    def _counted_cues(self) -> range:
        """The cues among which the place of the moment is said."""
        return range(len(self.sheet.cues))

    async def run(self) -> None:
        self.has_begun = True
        self._stage.plan = self.plan
        await first_done(self._stage.lobby.wait(), self._until_moved())
        if not self._moves:
            self.move(1)
        try:
            while True:
                by = await self._next_move()
                index = max(0, self.index + by)
                if index != self.index and index < len(self.sheet.cues):
                    await self._go_to(index, is_back=by < 0)
        finally:
            if self._stage.plan == self.plan:  # not yet another talk's
                self._stage.plan = None
            self._checkpoints.clear()

    async def _next_move(self) -> int:
        """Cues to go on (1) or back; several back are one way, and only its end is opened."""
        await self._until_moved()
        by = self._moves.popleft()
        while by < 0 and self._is_going_back:
            by += self._moves.popleft()
        return by

    async def _go_to(self, index: int, *, is_back: bool) -> None:
        await self._session.clear_stage()
        self.done = None
        if is_back and index in self._before:
            self.index = index
            checkpoint, self._view = self._before[index]
            await self._checkpoints.restore(checkpoint)
            self._lesson = self._last_lesson_before(index), self._session.run
        else:
            self._before[index] = await self._checkpoints.take(), self._view
            self.index = index
        cue = self._cue
        if cue.is_slide:
            self._show("slide")
        else:
            before = self._settled
            for directive in cue.directives:
                await self._obey(directive)
                if self._is_cut:
                    break
            self._reveal(
                [bet for bet in self._settled if not any(bet is earlier for earlier in before)]
            )
        self.done = index

    @property
    def _lesson_shown(self) -> talk.Teach | None:
        """The lesson of the talk that began the run of the moment; None of a run of somebody's
        own."""
        lesson, run = self._lesson
        return lesson if run is self._session.run else None

    def _last_lesson_before(self, index: int) -> talk.Teach | None:
        lessons = (
            directive
            for cue in reversed(self.sheet.cues[:index])
            for directive in reversed(cue.directives)
            if isinstance(directive, talk.Teach)
        )
        return next(lessons, None)

    @property
    def _is_cut(self) -> bool:
        return bool(self._moves)

    @property
    def _is_going_back(self) -> bool:
        return bool(self._moves) and self._moves[0] < 0

    def _show(self, view: str) -> None:
        self._session.show(view)
        self._session.paint()

    # What directives do

    async def _obey(self, directive: AnyDirective) -> None:
        session, run = self._session, self._session.run
        if not isinstance(directive, talk.Teach | talk.Show | talk.Present):
            self._show(self._view)
        match directive:
            case talk.Teach():
                await self._teach(directive)
            case talk.GoOn():
                await self._go_on(directive.goal)
            case talk.Send(command=command):
                run.send(command)
                await self._until(lambda: run.is_over or is_obeyed(command, run.state))
            case talk.Show():
                self._view = directive.view
                self._show(self._view)
            case talk.StepPhases():
                await self._step_phases()
            case talk.AskModel():
                await self._ask(directive.prompt)
            case talk.ExamWithOptions():
                await self._take_exam(directive)
            case talk.Present():
                self._view = "presenter" if directive.is_on else "lesson"
                self._show(self._view)
            case talk.WithTwin():
                if ("twin" in run.followers) != directive.is_on:
                    session.do("twin")
                    self._show(self._view)
            case talk.Voting():
                self._show("vote")
            case talk.Guessing():
                self._show("game")
            case talk.Predict():
                await self._predict(directive.bet)
            case talk.HandOver():
                pass
            case _:
                assert_never(directive)

    async def _teach(self, directive: talk.Teach) -> None:
        session = self._session
        if directive.is_after:
            await self._teach_after(directive)
            return
        self._keep_scores()
        self._keep_folder()
        request = request_of(directive, session.run.request)
        if directive.answered_by:
            request = msgspec.structs.replace(
                request,
                answers_of=self._folders.get(directive.answered_by),
                answers_temperature=directive.temperature,
            )
        if session.run.request != request or session.state.step > 0:
            session.open(request)
        self._lesson = directive, session.run
        self._show(self._view)
        await self._go_on(directive.goal)

    def _keep_folder(self) -> None:
        """Keep where the run of the lesson that ends is: it may answer another deck's cards."""
        start = self._session.state.start
        if (lesson := self._lesson_shown) is not None and start is not None:
            self._folders[lesson.label] = start.folder

    async def _teach_after(self, directive: talk.Teach) -> None:
        session = self._session
        self._keep_scores()
        await self._until(lambda: session.state.start is not None or session.run.is_over)
        start = session.state.start
        if start is None or self._is_cut:
            return
        self._keep_folder()
        request = request_of(directive, session.run.request)
        session.open(
            msgspec.structs.replace(
                request,
                seed=start.seed,
                after=start.folder,
                is_rewarded=directive.is_rewarded,
                judge=directive.judge,
            )
        )
        self._lesson = directive, session.run
        self._show(self._view)
        run, goal = session.run, directive.goal
        await self._until(lambda: run.is_up or run.is_over)
        if goal is not None and goal.step is not None:
            goal = msgspec.structs.replace(goal, step=goal.step + run.state.life.since_step)
        await self._go_on(goal)

    async def _go_on(self, goal: Goal | None) -> None:
        session = self._session
        await self._until(lambda: session.state.start is not None or session.run.is_over)
        if self._is_cut:
            return
        run = session.run
        if goal is None:
            run.send(cmd.Play())
            await self._until(lambda: run.state.liveness not in ("paused", "finished"))
            return
        ended = run.state.ended
        # slides compare the scores of a run with a name: they are to be of all cards, and of now
        lesson = self._lesson_shown
        is_graded = lesson is not None and lesson.name != ""
        reached = self._reply(cmd.PauseAt(goal=goal, is_graded=is_graded), ev.GoalReached)
        await self._until(
            lambda: (
                run.state.liveness in ("diverged", "failed")
                or (run.state.ended is not None and run.state.ended is not ended)
            ),
            reached,
        )
        if self._is_cut and not reached.done():
            run.send(cmd.Pause())
            # the next cue begins with the lesson as it is then: paused, not about to be
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_PATIENCE_S):
                    await run.until(lambda: run.state.liveness != "learning")
        reached.cancel()
        for follower in run.followers.values():
            follower.catch_up()

    async def _step_phases(self) -> None:
        run = self._session.run
        speed = run.state.speed
        run.send(cmd.SetSpeed(speed="explain"))
        await self._go_on(Goal(step=run.state.step + 1))
        run.send(cmd.SetSpeed(speed=speed))
        await self._until(lambda: run.state.speed == speed or run.is_over)

    async def _ask(self, prompt: str) -> None:
        run = self._session.run
        answer = self._reply(cmd.Ask(prompt=prompt), ev.PromptAnswered)
        await self._until(lambda: run.is_over, answer)
        self._stage.answered = answer.result() if answer.done() else None
        answer.cancel()
        self._show("presenter")

    async def _take_exam(self, directive: talk.ExamWithOptions) -> None:
        run = self._session.run
        taken = self._reply(cmd.TakeExam(options=directive.options), ev.ExamVaried)
        self.exam = directive
        try:
            await self._until(lambda: run.is_over, taken)
        finally:
            self.exam = None
        if taken.done() and (exam := taken.result()) is not None:
            self._scores[directive.label] = scores_of_varied(exam)
            self._curves[directive.label] = exam.sureness
        taken.cancel()

    async def _predict(self, question: BetQuestion) -> None:
        session = self._session
        await self._until(lambda: session.state.start is not None or session.run.is_over)
        if self._is_cut or session.run.is_over:
            return
        bet = await self._asked_for(question)
        if bet is None:
            return
        run = session.run
        n_bets = len(session.state.bets)
        run.send(bet)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BET_PATIENCE_S):
                await self._until(lambda: len(run.state.bets) > n_bets or run.is_over)

    async def _asked_for(self, question: BetQuestion) -> cmd.PlaceBet | None:
        n_cards = self._session.state.n_of_side(question)
        self.prediction = prediction_slide(question, n_cards)
        self._show("predict")
        bet = await self._predicted(question)
        self.prediction = prediction_slide(question, n_cards, bet)
        return bet

    async def _predicted(self, question: BetQuestion) -> cmd.PlaceBet | None:
        """Return what phones predict, or else whoever sits here; None when the talk moved on."""
        asking = asyncio.create_task(predict(self._session, question))
        await first_done(self._until_moved(), others=(asking,))
        if asking.done():
            return asking.result()
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        return None

    @property
    def _settled(self) -> list[Bet]:
        return [bet for bet in self._session.state.bets if bet.outcome is not None]

    def _reveal(self, bets: list[Bet]) -> None:
        if bets and not self._is_cut:
            self.prediction = came_out(bets)
            self._show("predict")

    def _reply(self, question: Question, kind: type[Reply]) -> Task[Reply | None]:
        """Ask the lesson, also while the past is shown; None when nobody will answer."""
        return asyncio.create_task(_first(self._session.run, question, kind))

    async def _until(self, is_so: Callable[[], bool], reply: Task[Any] | None = None) -> None:
        others = () if reply is None else (reply,)
        await first_done(self._session.run.until(is_so), self._until_moved(), others=others)

    async def _until_moved(self, *, is_back: bool = False) -> None:
        while not (self._is_going_back if is_back else self._moves):
            self._is_moved.clear()
            await self._is_moved.wait()


async def _first(run: Run, question: Question, kind: type[Reply]) -> Reply | None:
    with contextlib.suppress(NoAnswer):
        return await first_of(run.replies(question), kind)
    return None


def is_obeyed(command: cmd.AnyCommand, state: RunState) -> bool:
    """Tell whether the lesson does what the command asks, as far as it is waited for."""
    match command:
        case cmd.Pause():
            return state.liveness in STOPPED
        case cmd.SetLearningRate(factor=factor):
            return state.learning_rate_factor == factor or state.liveness == "diverged"
        case cmd.SetRemedy(rehearsal=share, learns=learns):
            remedies = state.remedies
            return share in (None, remedies.rehearsal) and learns in (None, remedies.learns)
        case cmd.SwitchAdapter(is_on=is_on):
            return state.remedies.is_adapter_off != is_on or not state.has_adapter
        case cmd.SetPractice(practice=practice):
            return state.reward is None or state.reward.practice == practice
        case _:
            return True


def request_of(directive: talk.Teach, like: LessonRequest) -> LessonRequest:
    """The lesson a directive asks for, with runs and device as in another; it begins paused."""
    return LessonRequest(
        deck=directive.deck,
        seed=directive.seed,
        speed=directive.speed,
        runs=like.runs,
        device=like.device,
        is_paused=True,
        is_shuffled=directive.is_shuffled,
        model=directive.model or None,
    )


def first_request(sheet: Talk, like: LessonRequest, first_cue: int = 0) -> LessonRequest:
    """The lesson that a talk begins with, to be woken while its first slide is read."""
    for cue in sheet.cues[first_cue:]:
        for directive in cue.directives:
            if isinstance(directive, talk.Teach):
                return request_of(directive, like)
    return msgspec.structs.replace(like, is_paused=True)


def prediction_slide(
    question: BetQuestion, n_cards: int, bet: cmd.PlaceBet | None = None
) -> SlideText:
    text = bets.question(question, n_cards)
    if bet is None:
        return SlideText("?", (text,))
    words = bets.prediction(bet)
    return SlideText(words, (text, tr("{sign} the room says {said}", sign=SIGN, said=words)))


def came_out(prediction: Sequence[Bet]) -> SlideText:
    texts = [bets.result(*_settled(bet)) for bet in prediction]
    if len(prediction) == 1 and prediction[0].placed.share is not None:  # few words, so large ones
        texts = [tr("You said {said}.", said=bets.prediction(prediction[0].placed))]
    reasons = [bet.placed.bet.because for bet in prediction if bet.placed.bet.because]
    return SlideText(bets.came_out(*_settled(prediction[-1])), (*texts, *dict.fromkeys(reasons)))


def _settled(bet: Bet) -> tuple[ev.BetPlaced, Outcome]:
    assert bet.outcome is not None
    return bet.placed, bet.outcome
