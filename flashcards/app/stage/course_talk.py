"""A course on the screen: a talk at one's own pace, with the run's real numbers on its slides."""

from collections.abc import Sequence

from flashcards.app.room import LineRank, StatusLine
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.app.stage.large_text import SlideText
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.stage.talking import Talking
from flashcards.app.widgets.bars import SIGN
from flashcards.app.widgets.dialog import Choice, ChoiceScreen
from flashcards.base.language import format_number, tr
from flashcards.cards.shelf import first_deck
from flashcards.runs import commands, events, marks, values
from flashcards.runs.bets import Bet
from flashcards.runs.folder import RunFolder
from flashcards.talks.course import (
    OF_WORDS,
    Course,
    all_done,
    lessons_done,
    note_done,
    read_course,
    read_words,
    words,
)
from flashcards.talks.talk import (
    AnyDirective,
    GoOn,
    HandOver,
    Predict,
    StepPhases,
    Talk,
    Teach,
    with_names,
)
from flashcards.wording import bets
from flashcards.wording.lesson import stage
from flashcards.wording.run_kinds import kind_of

ENTER_VIEWS = ("lesson", "reading", "memory", "inside", "slide", "presenter")  # where Enter is free

SAID_FOR_S = 20.0

TEACHING = ("step", "play", "rewind", "rate_down", "rate_up")  # shown by the lesson alone


class Attending(Talking):
    """Somebody goes through a course, from one of its lessons (counted from 0) on."""

    def __init__(
        self, session: Session, course: Course, lesson: int = 0, *, is_choosing: bool = False
    ) -> None:
        """`is_choosing`: it is asked first whether another lesson is wanted."""
        super().__init__(session, _with_recordings(session, course))
        self.course = course
        self.index = course.starts[min(max(lesson, 0), len(course.starts) - 1)] - 1
        self._view = "lesson"
        self._is_choosing = is_choosing
        self._is_to_predict = False
        self._revealed: list[Bet] = []
        self._until_s = 0.0

    async def run(self) -> None:
        self._session.before_doing = self._uncover
        try:
            if self._is_choosing:
                await choose(self._session)
            await super().run()
        finally:
            if self._session.before_doing == self._uncover:  # not yet another course's
                self._session.before_doing = lambda id_: None

    def _uncover(self, id_: str) -> None:
        """Show the lesson for a key that teaches, where a slide waits, so that one sees it done."""
        if self.done is not None and id_ in TEACHING and self._session.shell.view_name == "slide":
            self._session.show("lesson")

    @property
    def is_waiting(self) -> bool:
        """Tell whether a cue is over and another one follows."""
        return self.done is not None and self.index + 1 < len(self.sheet.cues)

    @property
    def _counted_cues(self) -> range:
        """The cues of this lesson."""
        starts = (*self.course.starts, len(self.sheet.cues))
        lesson = self.course.lesson_of(max(0, self.index))
        return range(starts[lesson], starts[lesson + 1])

    def slide(self) -> SlideText:
        lesson = self.course.lesson_of(max(0, self.index))
        place = tr("lesson {n} of {total}", n=lesson + 1, total=len(self.course.starts))
        if self.course.name == OF_WORDS:
            place = tr("word {n} of {total}", n=lesson + 1, total=len(self.course.starts))
        if self.is_waiting:
            place = f"{self._enter()} · {place}"
        elif self._session.state.liveness == "starting" and not self._cue.is_slide:
            place = f"{stage(self._session.state)} · {place}"
        before = self.sheet.cues[: max(0, self.index) + 1]
        cue = next((cue for cue in reversed(before) if cue.is_slide), self._cue)
        return SlideText(cue.title, self._with_numbers(cue.text), place)

    def _enter(self) -> str:
        """Say what Enter does, where it goes on."""
        if self.index + 1 not in self.course.starts:
            return tr("Enter goes on")
        is_word = self.course.name == OF_WORDS
        return tr("Enter begins the next word" if is_word else "Enter begins the next lesson")

    def _show(self, view: str) -> None:
        """A first question is asked over the slide: the lesson's view would say the answer."""
        state = self._session.state
        is_asking = self._is_to_predict and state.step == state.life.since_step
        super()._show("slide" if is_asking else view)

    async def _obey(self, directive: AnyDirective) -> None:
        left = self._cue.directives[self._cue.directives.index(directive) :]
        self._is_to_predict = is_asked_first(left)
        await super()._obey(directive)

    async def _go_to(self, index: int, *, is_back: bool) -> None:
        self._session.unnotify("bet")
        self._revealed = []
        self._is_to_predict = False
        lesson, n_lessons = self.course.lesson_of(index), len(self.course.starts)
        done = set[int]()  # lessons, from 0
        if self.done is not None and index == self.index + 1 and index in self.course.starts:
            done.add(lesson - 1)
        if index == len(self.sheet.cues) - 1:
            done.add(lesson)
        next_lesson = n_lessons if lesson in done else lesson
        note_done(self.course.name, next_lesson, {self.course.keys[i] for i in done})
        await super()._go_to(index, is_back=is_back)

    async def opened(self, run: Run) -> None:
        """A deck of somebody's own waits for its question; the course's lessons begin paused."""
        is_own = any(isinstance(directive, HandOver) for directive in self._cue.directives)
        if is_own and run.viewer is None and not run.request.is_paused:
            await run.until(lambda: run.is_up or run.is_over)
            run.send(commands.Pause())

    async def _asked_for(self, question: values.BetQuestion) -> commands.PlaceBet | None:
        return await self._predicted(question)

    def _reveal(self, settled: list[Bet]) -> None:
        """The line under the lesson says it, and the next slide: the lesson stays in sight."""
        self._revealed, self._until_s = settled, self._session.clock() + SAID_FOR_S

    def line(self) -> StatusLine:
        """Say how a bet came out, and what goes on with the course that waits."""
        state = self._session.state
        if self._session.shell.view_name not in ENTER_VIEWS:
            key = self._session.key("view_lesson")
            text = tr("{key} shows the lesson; there Enter goes on with the course.", key=key)
            if self._session.kind.view not in ENTER_VIEWS:  # of rewards: there Enter looks deeper
                key = self._session.key("view_memory")
                text = tr("{key} shows the scores; there Enter goes on with the course.", key=key)
            return StatusLine(LineRank.COURSE, text)
        now = self._revealed if self._session.clock() < self._until_s else []
        results = [bets.result(bet.placed, bet.outcome) for bet in now if bet.outcome]
        enter, text = f"{tr('Enter goes on')}.", " ".join((SIGN, *results))
        is_told = bool(results) and state.card.phase is None
        if self.course.name == OF_WORDS:
            if is_told and state.ended is None:
                return StatusLine(LineRank.COURSE, text, enter=enter, about="bet")
            return StatusLine(LineRank.COURSE, text if is_told else "", enter=enter, about="word")
        if not is_told or state.ended is not None:
            return StatusLine(LineRank.COURSE, enter=tr("Enter goes on with the course."))
        return StatusLine(LineRank.COURSE, text, enter=enter, about="bet")

    def line_of_word(self) -> StatusLine | None:
        """Say which of a word's models is taught, and what. The word has its own conclusion, on its
        slide: what the scores say of memory would be about something else."""
        state, lesson = self._session.state, self._lesson_shown
        if self.exam is not None:
            return StatusLine(LineRank.COURSE, asks_again(self.exam.options), about="word")
        if self.course.name != OF_WORDS or lesson is None:
            return None
        if state.start is None or state.liveness not in ("learning", "paused", "finished"):
            return None
        if any(bet.is_open for bet in state.bets):
            return None  # it is said in this place
        word = self.course.lesson_of(self.index)
        lessons = [
            directive
            for i, cue in enumerate(self.sheet.cues)
            for directive in cue.directives
            if isinstance(directive, Teach) and self.course.lesson_of(i) == word
        ]
        if lesson not in lessons:
            return None  # of the word before
        n_begun = lessons.index(lesson) + 1
        is_new = [not known.is_after for known in lessons]
        text = learns(state.start, lesson, sum(is_new[:n_begun]), sum(is_new))
        return StatusLine(LineRank.NEXT, text, about="word")


def learns(start: events.RunStarted, lesson: Teach, place: int, n_models: int) -> str:
    """Say what the model in this place, from 1, of so many of a word is taught."""
    model = tr("Model {n} of {total}", n=place, total=n_models) if n_models > 1 else tr("The model")
    n_asked = start.n_held_out
    match lesson.is_after, n_asked > 0:
        case False, False:
            text = "{model} is taught {n:,} cards."
        case False, True:
            text = "{model} is taught {n:,} cards; {n_asked:,} more are only asked."
        case True, False:
            text = "{model} is now taught {n:,} other cards."
        case _:
            text = "{model} is now taught {n:,} other cards; {n_asked:,} more are only asked."
    return tr(text, model=model, n=start.n_taught, n_asked=n_asked)


def _with_recordings(session: Session, course: Course) -> Talk:
    """The course's talk; where its model is not here, the recordings beside it teach instead."""
    if not course.recordings or not course.talk.wants_model:
        return course.talk
    from flashcards.app.stage.net import Net

    stage = session.singleton(StageState)
    if stage.net is None:
        stage.net = Net(list(course.recordings), session.teach, has_model=False)
        session.teach = stage.net.teach
    bases = (RunFolder.open(folder).info.base for *_, folder in course.recordings)
    return with_names(course.talk, {}, next((base.path for base in bases if base), ""))


def asks_again(options: values.AskOptions) -> str:
    """Say what goes on while all cards are asked once more, which takes seconds."""
    if options.without == values.ATTENTION:
        return tr("All cards are asked again, without attention…")
    if options.without:
        text = "All cards are asked again, without part of its attention ({heads})…"
        return tr(text, heads=options.without)
    if options.bits:
        return tr("All cards are asked again, its numbers rounded to {n} bits…", n=options.bits)
    if options.n_answers > 1:
        text = "All cards are asked again, {n} times each; the answer it gives most often counts…"
        return tr(text, n=options.n_answers)
    if options.is_drawn:
        return tr(
            "All cards are asked again, at temperature {temperature}…",
            temperature=format_number(options.temperature, "g"),
        )
    return tr("All cards are asked again, to see how sure it is…")


def is_asked_first(directives: Sequence[AnyDirective]) -> bool:
    """Tell whether somebody is asked to predict before a card is taught."""
    for directive in directives:
        match directive:
            case Predict():
                return True
            case Teach(goal=goal) if goal is None or goal.step != 0:
                return False
            case GoOn() | StepPhases():
                return False
    return False


def go_on(session: Session) -> None:
    """Enter: the next part of the course, or its beginning after the very first lesson."""
    talking = session.singleton(StageState).talking
    if talking is not None:
        talking.move(1)
    else:
        _begin(session, read_course(None)[0])


def _begin(session: Session, course: Course, lesson: int = 0) -> None:
    session.is_offering = False
    session.singleton(StageState).talking = talking = Attending(session, course, lesson)
    session.spawn(talking.run(), "talk", is_alone=True)


def has_course(session: Session) -> bool:
    return isinstance(session.singleton(StageState).talking, Attending | None)


async def choose(session: Session) -> None:
    """Pick a lesson: of the course that somebody goes through, else of the one that is shipped."""
    course = _attended(session)
    if course is None or course.name == OF_WORDS:
        course = read_course(None)[0]
    await _pick(session, course, tr("The lessons of the course; those with ✓ are done"))


async def choose_word(session: Session) -> None:
    await _pick(session, read_words()[0], tr("The words of the week; those with ✓ are done"))


def open_word(session: Session, name: str) -> None:
    """Begin this word of the week, in place of the course or lesson of the moment."""
    go_to(session, read_words()[0], [word.name for word in words()].index(name))


def _attended(session: Session) -> Course | None:
    talking = session.singleton(StageState).talking
    return talking.course if isinstance(talking, Attending) else None


async def _pick(session: Session, course: Course, title: str) -> None:
    done = all_done(course.name)
    ways: tuple[Choice[int | None], ...] = tuple(
        Choice(f"{lesson} ✓" if course.keys[i] in done else lesson, "", i)
        for i, lesson in enumerate(course.titles)
    )
    ways += (Choice(tr("back"), "", None),)
    picked = await session.dialog(ChoiceScreen(title, "", ways))
    if picked is not None:
        go_to(session, course, picked)


def go_to(session: Session, course: Course, lesson: int) -> None:
    """Go to a lesson of this course, which is begun unless somebody is in it."""
    talking = session.singleton(StageState).talking
    if isinstance(talking, Attending) and talking.course.name == course.name:
        talking.move(talking.course.starts[lesson] - talking.index)
    else:
        _begin(session, course, lesson)


def is_enter(session: Session) -> bool:
    is_free = session.shell.screen is session.shell.front and session.shell.screen.focused is None
    if not is_free or session.shell.view_name not in ENTER_VIEWS:
        return False
    talking = session.singleton(StageState).talking
    if talking is None:
        return _is_offered(session)
    return isinstance(talking, Attending) and talking.is_waiting


def _is_offered(session: Session) -> bool:
    """After the very first lesson of all."""
    state = session.state
    is_over = state.liveness == "finished"
    return is_over and "course" not in kind_of(state).lacks and _is_newcomer(session)


def _is_newcomer(session: Session) -> bool:
    is_own = session.is_offering and session.run.viewer is None
    is_own = is_own and session.shell.view_name != "memory"  # there the verdict is the last word
    return is_own and session.singleton(EarlierRuns).is_first and lessons_done("") == 0


def line(session: Session) -> StatusLine | None:
    talking = session.singleton(StageState).talking
    if isinstance(talking, Attending) and talking.is_waiting:
        return talking.line()
    if isinstance(talking, Attending) and (of_word := talking.line_of_word()) is not None:
        return of_word
    if talking is None and session.shell.view_name in ENTER_VIEWS and _is_offered(session):
        return StatusLine(LineRank.NEXT, enter=tr("Enter begins a short course."))
    state = session.state
    is_at_start = state.liveness == "learning" and marks.RIGHT not in state.marks.latest
    if session.run.deck == first_deck() and is_at_start and _is_newcomer(session):
        text = tr(
            "New here? {key} for the course: it shows how it learns.", key=session.press("lessons")
        )
        return StatusLine(LineRank.NEXT, text)
    return None
