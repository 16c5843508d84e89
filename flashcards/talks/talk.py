"""The parts of a talk: cues in order, each a slide or directives that drive the program."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from flashcards.runs.commands import (
    Pause,
    SetLearningRate,
    SetPractice,
    SetRemedy,
    SetSpeed,
    SwitchAdapter,
)
from flashcards.runs.goal import Goal
from flashcards.runs.values import AskOptions, BetQuestion, Speed
from flashcards.talks.claims import ScoreComparison, hyphened

View = Literal["lesson", "cards", "memory", "update", "inside", "doctor"]


class Directive(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all directives. `line` is where it stands in the file, from 1."""

    line: int


class Teach(Directive, frozen=True):
    """Begin a lesson; without a goal it goes on behind the next cues. The goal's seconds are
    nominal ones, the same steps on every machine. `is_after`: as a chapter of the lesson before,
    with its seed; the goal's step counts from there. `is_rewarded`: by `judge`, None is whom the
    deck names. `model`: a brought model's path, "" where any is wanted, None for none.
    `answered_by`: the label of an earlier lesson, whose model gives the answers, drawn at
    `temperature`; "" for the deck's own."""

    deck: str
    seed: int = 1
    speed: Speed = "full"
    goal: Goal | None = None
    is_after: bool = False
    is_rewarded: bool = False
    judge: str | None = None
    model: str | None = None
    is_shuffled: bool = False
    answered_by: str = ""
    temperature: float = 0.0
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or hyphened(Path(self.deck).stem)


class GoOn(Directive, frozen=True):
    """Go on with the lesson; without a goal behind the next cues."""

    goal: Goal | None = None


class Send(Directive, frozen=True):
    """Pause, or change how the lesson teaches; the next directive waits until it does."""

    command: Pause | SetSpeed | SetLearningRate | SetRemedy | SetPractice | SwitchAdapter


class Show(Directive, frozen=True):
    view: View


class StepPhases(Directive, frozen=True):
    """Pause, and teach one card, phase by phase."""


class AskModel(Directive, frozen=True):
    """Ask this prompt and show the answer to the room."""

    prompt: str


class ExamWithOptions(Directive, frozen=True):
    """Examine the model of the lesson once more, asked with options; its scores have a label."""

    label: str
    options: AskOptions


class Present(Directive, frozen=True):
    """The presenter view, or the program as it is otherwise."""

    is_on: bool


class WithTwin(Directive, frozen=True):
    """The shuffled twin beside the lesson, or no longer."""

    is_on: bool


class Voting(Directive, frozen=True):
    """Two answers for the room to choose from; the presenter has the keyboard."""


class Guessing(Directive, frozen=True):
    """A round of humans against the model."""


class Predict(Directive, frozen=True):
    """Ask the room what will happen; what does is told when the talk gets there."""

    bet: BetQuestion


class HandOver(Directive, frozen=True):
    """The presenter has the keyboard; the next cue comes with its key."""


class Claim(Directive, frozen=True):
    """Something that holds between runs, on every seed; nothing on the screen."""

    comparisons: tuple[ScoreComparison, ...]


_OfLesson = Teach | GoOn | Send | StepPhases | AskModel | ExamWithOptions
_OfRoom = Show | Present | WithTwin | Voting | Guessing | Predict | HandOver
AnyDirective = _OfLesson | _OfRoom


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """One press of the next key, from `line` on: a slide (`title`, `text`: a paragraph or a list
    item a line), or directives, with `written`, their lines. `notes` are the comments beside it,
    for the speaker alone."""

    line: int
    title: str = ""
    text: tuple[str, ...] = ()
    directives: tuple[AnyDirective, ...] = ()
    written: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outline(self) -> str:
        """The cue in few words: its title, its first line, or its directives as written."""
        return self.title or next(iter(self.text), "") or " · ".join(self.written)

    @property
    def is_slide(self) -> bool:
        """True where the cue is only read, and nothing is done."""
        return not self.directives


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A cue sheet. `title` is its first headline's, `language` the one it wants, "" for any.
    `claims` are in no cue; `week` is its place among the words, 0 where it has none."""

    title: str
    language: str = ""
    cues: tuple[Cue, ...]
    claims: tuple[Claim, ...] = ()
    week: int = 0

    @property
    def lessons(self) -> list[Teach]:
        return [
            directive
            for cue in self.cues
            for directive in cue.directives
            if isinstance(directive, Teach)
        ]

    @property
    def wants_model(self) -> bool:
        """True where a lesson wants a model that others have trained, and none is named."""
        return any(lesson.model == "" for lesson in self.lessons)

    @property
    def labels(self) -> list[str]:
        """The labels of all scores: of each lesson, and of each exam with options."""
        directives = (directive for cue in self.cues for directive in cue.directives)
        return [
            directive.label
            for directive in directives
            if isinstance(directive, Teach | ExamWithOptions)
        ]

    @property
    def exams(self) -> list[str]:
        """The labels of the exams with options."""
        directives = (directive for cue in self.cues for directive in cue.directives)
        return [exam.label for exam in directives if isinstance(exam, ExamWithOptions)]


class Problem(msgspec.Struct, frozen=True):
    """A mistake in line `line` (from 1), in a sentence that says how to mend it."""

    line: int
    text: str


def with_names(talk: Talk, decks: Mapping[str, str], model: str = "") -> Talk:
    """The talk with its decks named as in `decks`, others as they are, and its model so."""

    def named(directive: AnyDirective) -> AnyDirective:
        if not isinstance(directive, Teach):
            return directive
        deck = decks.get(directive.deck, directive.deck)
        brought = None if directive.model is None else model
        return msgspec.structs.replace(directive, deck=deck, model=brought)

    cues = tuple(
        msgspec.structs.replace(cue, directives=tuple(map(named, cue.directives)))
        for cue in talk.cues
    )
    return msgspec.structs.replace(talk, cues=cues)
