"""A rehearsed talk as a film: its slides, and what its recorded runs show between them."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from flashcards.app.lesson.play import PlayScreen
from flashcards.app.memory.memory_view import MemoryView
from flashcards.app.session import OnStage
from flashcards.app.stage import large_text, presenter
from flashcards.app.stage.slide_numbers import filled
from flashcards.app.textual_fixes.colours import STAGE_DARK
from flashcards.app.view import View
from flashcards.record.moments import TimedEvents, moments
from flashcards.record.screen import Frame, RecordedScreen
from flashcards.runs.events import AnyEvent, ExamVaried, LessonEnded, PromptAnswered, RunPaused
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.talks import talk
from flashcards.talks.claims import scores_of, scores_of_varied
from flashcards.talks.rehearsal import TalkRehearsal

LEAST_SLIDE_S = 2.0
LEAST_CUE_S = 3.0
LEAST_LESSON_S = 12.0  # of each lesson that a cue begins: a fast machine would rush through it
END_SHARE = 0.25
TEACHING = (talk.Teach, talk.GoOn, talk.StepPhases)


@dataclass(frozen=True, slots=True)
class Shot:
    """One cue: a slide, or moments of a lesson (counted from 0) in a view. A slide speaks of the
    lesson before it."""

    seconds: float
    slide: large_text.SlideText | None = None
    view: str = "presenter"
    lesson: int = 0
    answer: PromptAnswered | None = None
    happened: tuple[AnyEvent, ...] = ()
    exams: Mapping[str, ExamVaried] = field(default_factory=dict)  # with options, by their labels


def shots(
    sheet: talk.Talk, rehearsal: TalkRehearsal, happened: Sequence[Sequence[AnyEvent]]
) -> Iterator[Shot]:
    """The cues that a film can show, each with what happened in it in the events of its lesson."""
    lesson = -1
    view = "presenter"
    done = [0] * len(happened)
    exams: dict[str, ExamVaried] = {}
    exams_left = [iter([e for e in events if isinstance(e, ExamVaried)]) for events in happened]
    for i, (cue, rehearsed) in enumerate(zip(sheet.cues, rehearsal.cues, strict=False)):
        if cue.is_slide:
            slide = large_text.SlideText(cue.title, cue.text, f"{i + 1}/{len(sheet.cues)}")
            seconds = max(LEAST_SLIDE_S, rehearsed.reading_s)
            yield Shot(seconds, slide, lesson=max(0, lesson), exams=exams.copy())
            continue
        n_lessons = sum(isinstance(directive, talk.Teach) for directive in cue.directives)
        seconds = max(LEAST_CUE_S, rehearsed.seconds)
        if n_lessons:
            seconds = max(LEAST_LESSON_S, seconds / n_lessons)
        for at in range(lesson + 1, min(lesson + n_lessons, len(happened))):  # all but the last
            done[at] = len(happened[at])
            yield Shot(seconds, None, "lesson", at, None, tuple(happened[at]))
        at = lesson
        for directive in cue.directives:
            if isinstance(directive, talk.Teach):
                at += 1
            elif isinstance(directive, talk.ExamWithOptions) and 0 <= at < len(happened):
                if (exam := next(exams_left[at], None)) is not None:
                    exams[directive.label] = exam
            elif isinstance(directive, talk.Show):
                view = directive.view
            elif isinstance(directive, talk.Present):
                view = "presenter" if directive.is_on else "lesson"
        lesson += n_lessons
        at = max(0, lesson)
        if at >= len(happened):
            return
        prompt = next((d.prompt for d in cue.directives if isinstance(d, talk.AskModel)), None)
        end, answer = _end_of(happened[at], done[at], cue, rehearsed.step, prompt)
        stretch = tuple(happened[at][done[at] : end])
        done[at] = end
        if all(isinstance(d, talk.Guessing | talk.HandOver) for d in cue.directives):
            continue  # only people act in it
        yield Shot(seconds, None, "presenter" if answer else view, at, answer, stretch)


def _end_of(
    happened: Sequence[AnyEvent], begin: int, cue: talk.Cue, step: int, prompt: str | None
) -> tuple[int, PromptAnswered | None]:
    """Return where a cue's events end, and the answer to what was asked in it."""
    end = begin
    is_teaching = any(isinstance(directive, TEACHING) for directive in cue.directives)
    for i in range(begin, len(happened)):
        event = happened[i]
        if event.step > step:
            break
        is_end = is_teaching and event.step == step and isinstance(event, RunPaused | LessonEnded)
        if is_end:
            end = i + 1
            is_teaching = False
            if prompt is None:
                return end, None
        if prompt is not None and isinstance(event, PromptAnswered) and event.prompt == prompt:
            return i + 1, event
        if is_teaching:
            end = i + 1
    return end, None


async def film_of(
    sheet: talk.Talk,
    rehearsal: TalkRehearsal,
    happened: Sequence[Sequence[AnyEvent]],
    size: tuple[int, int],
    seconds: float | None = None,
    theme: str | None = None,
    *,
    is_drawn: bool = False,
) -> AsyncIterator[Frame]:
    planned = list(shots(sheet, rehearsal, happened))
    pace = 1.0 if seconds is None else seconds / max(1e-9, sum(shot.seconds for shot in planned))
    states = [RunState() for _ in happened]
    labels = [lesson.label for lesson in sheet.lessons]
    app = RecordedScreen(theme or STAGE_DARK, PlayScreen())
    async with app.run_test(size=size) as pilot:
        for shot in planned:
            state = states[shot.lesson] if states else RunState()
            scores = {label: scores_of(state) for label, state in zip(labels, states, strict=False)}
            await app.show(view_of(shot, state, scores))
            await pilot.pause()
            timed: Iterable[TimedEvents] = [TimedEvents(shot.happened, shot.seconds * pace)]
            if shot.slide is None and shot.answer is None:
                timed = moments(shot.happened, shot.seconds * pace, END_SHARE)
            async for frame in app.frames(pilot, state, timed, is_drawn=is_drawn):
                yield frame


def view_of(shot: Shot, state: RunState, scores: Mapping[str, Mapping[str, Score]]) -> View:
    """Make the view of a shot; a slide's numbers are those of the runs as they are by then, and of
    the exams with options before it."""
    slide = shot.slide
    if slide is not None:
        varied = {label: scores_of_varied(exam) for label, exam in shot.exams.items()}
        curves = {label: exam.sureness for label, exam in shot.exams.items()}
        text = filled(slide.text, state, {**scores, **varied}, curves)
        slide = msgspec.structs.replace(slide, text=text)
        return presenter.SlideView(lambda: slide)
    deck = "" if state.start is None else state.start.name
    match shot.view:
        case "presenter":
            stage = OnStage()
            stage.answered = shot.answer
            return presenter.PresenterView(deck, stage)
        case "memory":
            return MemoryView(deck_name=deck)
        case _:
            return PlayScreen(deck_name=deck)
