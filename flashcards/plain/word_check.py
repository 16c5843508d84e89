"""`word --check`: teaches the models of a word without a screen, and sees whether its claims hold.

The runs are those of the screen: the same commands, with goals in nominal seconds, so that they
make the same steps on every machine. Only the seed is another one.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct

from flashcards.base.errors import UserError
from flashcards.runs import commands, events
from flashcards.runs.goal import Goal
from flashcards.runs.values import Score
from flashcards.talks import claims, talk
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest

CPU_SECONDS = 90
"""All models of a word together take at most so long on one core, so that nobody has to wait."""


class SeedResult(Struct, frozen=True):
    """The scores of all runs of one seed, by label, and the processor's seconds for them."""

    seed: int
    runs: Mapping[str, Mapping[str, Score]]
    steps: Mapping[str, int]
    cpu_seconds: float


class WordResult(Struct, frozen=True):
    """The outcome of a word's claims. `alone`: the run whose scores alone make them hold, so
    that they say nothing about a difference; "" for none."""

    word: str
    seeds: tuple[SeedResult, ...]
    compared: tuple[claims.Compared, ...]
    alone: str

    @property
    def holds(self) -> bool:
        is_there = bool(self.compared) and not self.alone
        return is_there and all(comparison.holds for comparison in self.compared)


def check(
    word: str,
    sheet: talk.Talk,
    seeds: Sequence[int],
    device: str,
    on_run: Callable[[str, int], None] = lambda label, seed: None,
) -> WordResult:
    """Teach the models of a word with each seed. `on_run` is told the label and seed of each.
    Raises UserError: a run can't be made, or a claim is about a score that it does not have."""
    results = []
    comparisons = [comparison for claim in sheet.claims for comparison in claim.comparisons]
    for seed in seeds:
        result = _taught(sheet, seed, device, on_run)
        if why := claims.missing(comparisons, result.runs):
            raise UserError(f"{word}: {why}")
        results.append(result)
    runs = [result.runs for result in results]
    return WordResult(
        word=word,
        seeds=tuple(results),
        compared=tuple(claims.compared(comparison, runs) for comparison in comparisons),
        alone=claims.holds_alone(comparisons, runs),
    )


def _taught(
    sheet: talk.Talk, seed: int, device: str, on_run: Callable[[str, int], None]
) -> SeedResult:
    began_s = time.process_time()
    runs: dict[str, dict[str, Score]] = {}
    steps: dict[str, int] = {}
    with TemporaryDirectory(prefix="flashcards-word-") as folder:
        folders: dict[str, Path] = {}
        for lesson, orders in _lessons(sheet):
            on_run(lesson.label, seed)
            request = _request(lesson, seed, device, folder, folders)
            label = lesson.label
            folders.pop(label, None)  # the lesson before is the last one
            folders[label], taught, steps[label] = _teach(lesson, orders, request)
            runs |= taught
    return SeedResult(seed, runs, steps, time.process_time() - began_s)


Order = commands.AnyCommand | talk.ExamWithOptions
"""An order to a lesson's trainer; an exam with options still has its label."""


def _lessons(sheet: talk.Talk) -> Iterator[tuple[talk.Teach, list[Order]]]:
    """The lessons in their order, each with the commands that its trainer gets, as on the screen.
    What only a room sees or answers is left out."""
    lesson: talk.Teach | None = None
    orders: list[Order] = []
    for directive in (directive for cue in sheet.cues for directive in cue.directives):
        match directive:
            case talk.Teach(goal=goal):
                if lesson is not None:
                    yield lesson, orders
                lesson, orders = directive, _until(goal)
            case talk.GoOn(goal=goal):
                orders += _until(goal)
            case talk.Send(command=command):
                orders.append(command)
            case talk.ExamWithOptions():
                orders.append(directive)
    if lesson is not None:
        yield lesson, orders


def _until(goal: Goal | None) -> list[Order]:
    return [] if goal is None else [commands.PauseAt(goal=goal, is_graded=True)]


def _request(
    lesson: talk.Teach, seed: int, device: str, runs: str, folders: dict[str, Path]
) -> LessonRequest:
    """The request for a lesson; `folders` are those of the runs before it, by label, in order."""
    if lesson.is_after and not folders:
        raise UserError(f"{lesson.label} goes on after a lesson, and there is none before it")
    return LessonRequest(
        deck=lesson.deck,
        seed=seed,
        speed=lesson.speed,
        runs=runs,
        device=device,
        is_paused=True,
        is_shuffled=lesson.is_shuffled,
        model=lesson.model or None,
        after=str(folders[next(reversed(folders))]) if lesson.is_after else None,
        answers_of=str(folders[lesson.answered_by]) if lesson.answered_by else None,
        answers_temperature=lesson.temperature,
        is_rewarded=lesson.is_rewarded,
        judge=lesson.judge,
    )


def _teach(
    lesson: talk.Teach, orders: Sequence[Order], request: LessonRequest
) -> tuple[Path, dict[str, dict[str, Score]], int]:
    """The run's folder, its scores and those of its exams with options by label, its last step."""
    inbox = Inbox()
    waiting = deque(orders)
    labels: list[str] = []  # of exams, by the numbers of their requests
    examined: dict[str, dict[str, Score]] = {}

    def give_orders() -> None:
        """Put the commands up to the next goal, whose end is waited for; at last to stop."""
        while waiting:
            command = waiting.popleft()
            if isinstance(command, talk.ExamWithOptions):
                labels.append(command.label)
                command = commands.TakeExam(options=command.options, request=len(labels) - 1)
            inbox.put(command)
            if isinstance(command, commands.PauseAt):
                return
        inbox.put(commands.Stop())

    def watch(event: events.AnyEvent) -> None:
        if isinstance(event, events.GoalReached | events.LessonEnded):
            give_orders()
        elif isinstance(event, events.ExamVaried):
            examined[labels[event.request]] = claims.scores_of_varied(event)

    opened = open_lesson(request, inbox=inbox, watch=watch)
    state = opened.keeper.state
    if lesson.is_after and waiting and isinstance(waiting[0], commands.PauseAt):
        waiting[0] = _from_step(waiting[0], state.life.since_step)
    give_orders()
    opened.teach()
    scores = {lesson.label: claims.scores_of(state), **examined}
    return opened.keeper.folder.path, scores, state.step


def _from_step(pause: commands.PauseAt, step: int) -> commands.PauseAt:
    """The same with its step counted from this one, as in a chapter."""
    if pause.goal.step is None:
        return pause
    goal = msgspec.structs.replace(pause.goal, step=pause.goal.step + step)
    return msgspec.structs.replace(pause, goal=goal)


def figures(result: WordResult) -> list[claims.Figure]:
    """The scores to print: each run's two sides, and what claims are about."""
    first = result.seeds[0].runs
    sides = [claims.Figure(label, side) for label in first for side in ("seen", "unseen")]
    claimed = claims.figures_of([compared.comparison for compared in result.compared])
    every = dict.fromkeys([*sides, *claimed])
    return [figure for figure in every if first[figure.label][figure.score].total]


def lines_of(result: WordResult) -> Iterator[str]:
    """The result as a table: a row a score, a column a seed; then each claim."""
    seconds = [seed.cpu_seconds for seed in result.seeds]
    mark = "holds" if result.holds else "does not hold"
    yield f"{result.word}: {mark if result.compared else 'claims nothing'}"
    rows = figures(result)
    width = max((len(str(row)) for row in rows), default=0)
    names = "".join(f"{f'seed {seed.seed}':>14}" for seed in result.seeds)
    yield f"  {'':{width}}{names}"
    for row in rows:
        scores = [seed.runs[row.label][row.score] for seed in result.seeds]
        cells = "".join(f"{f'{score.right} of {score.total}':>14}" for score in scores)
        yield f"  {row!s:{width}}{cells}"
    cpu = "".join(f"{f'{cpu_s:.0f} s':>14}" for cpu_s in seconds)
    yield f"  {'processor':{width}}{cpu}"
    if max(seconds) > CPU_SECONDS:
        yield f"  that is more than the {CPU_SECONDS} s of one core that a word may take"
    for compared in result.compared:
        sign = "✓" if compared.holds else "✗"
        low, high = compared.low, compared.high
        apart = f"at least {low:.3f}, at most {high:.3f}, apart {low - high:+.3f}"
        yield f"  {sign} {compared.comparison}: {apart}"
    if result.alone:
        yield f"  ✗ the scores of {result.alone} alone make it hold: compare two runs"


def report_of(result: WordResult) -> dict[str, object]:
    """The same as the object that `--json` prints."""
    report = {
        "word": result.word,
        "holds": result.holds,
        "alone": result.alone,
        "claims": [
            {
                "claim": str(compared.comparison),
                "smallest": compared.low,
                "largest": compared.high,
                "holds": compared.holds,
            }
            for compared in result.compared
        ],
        "seeds": result.seeds,
    }
    builtins: dict[str, object] = msgspec.to_builtins(report)
    return builtins
