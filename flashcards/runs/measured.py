"""Events that say what teaching did to the model: corrections, exams, answers."""

import msgspec

from flashcards.runs import values as v
from flashcards.runs.marking import mark_of
from flashcards.runs.rewards import Exploit, RewardCounts, TryGroup


class CorrectionMeasured(v.Event, frozen=True):
    """One card's correction from guess to change; `step` counts this very update."""

    correction: v.Correction


class StepsTaken(v.Event, frozen=True):
    """Progress since the last one. Loss is the mean per answer piece in those updates, raw weights.
    `cards_taught` counts from the run's start; `train_seconds` is what updates took alone, and
    `lesson_seconds` what the lesson took, pauses left out; None in runs made before. `reward`: the
    counts of all tries since the chapter began, where rewards teach; the loss is then the mean
    error of the tries themselves, which says how unsure the model is and not how wrong."""

    cards_taught: v.Count
    train_seconds: v.Number
    loss_nats: v.Number
    gradient_norm: v.Number
    relative_change: v.Number
    reward: RewardCounts | None = None
    lesson_seconds: v.Number | None = None


class TriesRewarded(v.Event, frozen=True):
    """One update by reward: what was tried, what it earned, and what was pushed where.

    `step` counts this very update. One comes every second or so, of one update.

    Attributes:
        prompts: Those of the update; `rewards` is the mean reward of each one's tries.
        groups: Some of them with every try: first one that told something, if any did.
        counts: The counts of all tries of the update.
        exploits: The first tries that were rewarded fully and are wrong.
        is_shuffled: The tries were given one another's rewards.
        gradient_norm, relative_change: As in `Change`; 0 when nothing was changed.
    """

    prompts: tuple[str, ...]
    rewards: tuple[v.Share, ...]
    groups: tuple[TryGroup, ...]
    counts: RewardCounts
    exploits: tuple[Exploit, ...] = ()
    is_shuffled: bool = False
    gradient_norm: v.Number = 0.0
    relative_change: v.Number = 0.0


class ExamTaken(v.Event, frozen=True):
    """The model was graded on the averaged (EMA) weights. Not `is_full`: on a fixed sample by hash.
    Losses are means per answer piece, None where nothing was asked. `earlier` are the scores of the
    decks of earlier chapters, oldest first, each on a fixed sample. `judged`: to how many of the
    never taught prompts (of taught ones, where none are) the answer earns the full reward. `known`:
    of a model that others have trained, what it knew before; no other score counts that."""

    cards_taught: v.Count
    is_full: bool
    seen: v.Score
    unseen: v.Score
    seen_loss_nats: v.Number | None
    unseen_loss_nats: v.Number | None
    sections: tuple[v.SectionScore, ...] = ()
    earlier: tuple[v.ChapterScore, ...] = ()
    judged: v.Score | None = None
    known: v.Knowledge | None = None


class ExamVaried(v.Event, frozen=True):
    """The model was examined once more, asked with options; averaged weights. Changes nothing.
    Up to 1,000 cards of each side, chosen by hash, are asked.

    Attributes:
        seen, unseen: An answer counts as right when the deck accepts it, letter by letter.
        sections: The same by section.
        covered: To so many never-taught prompts one of the drawn answers is right.
        sureness: How sure the model was of its answers to never-taught prompts, and how often it
            was right: ten groups, from below 10 % up to 90 % and more. Of several answers, the
            share that were alike stands for how sure it was.
    """

    request: v.Count
    options: v.AskOptions
    seen: v.Score
    unseen: v.Score
    covered: v.Score
    sections: tuple[v.SectionScore, ...] = ()
    sureness: tuple[v.Sureness, ...] = ()


class TextWritten(v.Event, frozen=True):
    """A text that the model wrote by itself: averaged weights, drawn at temperature 0.7 by seed and
    step. `copied` is the longest stretch of it that stands word for word in what it reads."""

    lines: tuple[str, ...]
    copied: str = ""


class DeckMarked(v.Event, frozen=True):
    """The mark of every card asked in the exam just taken, packed: see `runs.marks`."""

    marks: str


class RivalsGraded(v.Event, frozen=True):
    """The scores on this split of the answerers that do not learn; replaces those of the start."""

    rivals: tuple[v.Rival, ...]


class PromptAnswered(v.Event, frozen=True):
    """A prompt was asked; the answer is of the averaged weights at `step`. Changes nothing.
    `near_duplicate` is the prompt of a card that is nearly this one, "" without any or when a card
    has this very prompt: case, accents, spacing, punctuation or leading zeros differ. `near_stamp`
    and `near_times_seen` are that card's. `is_cut`: no end came within the longest answer's
    room. Where answers were drawn, by its `options`, `spread` counts them, the most frequent first:
    that one is the `answer`, and `probability` the share of them that are alike. Where the
    deck has a tool, `calls` are those in the answer, and `worked_out` is it with their results.
    `prompt_pieces` is the prompt as the model reads it, where a piece has several letters.
    `is_adapter_off`: the model answered without its adapter."""

    request: v.Count
    prompt: str
    answer: str
    pieces: tuple[v.GuessPiece, ...]
    alternatives: tuple[str, ...]
    probability: v.Share
    stamp: v.Stamp
    times_seen: v.Count
    correct_answers: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    near_duplicate: str = ""
    near_stamp: v.Stamp = "new"
    near_times_seen: v.Count = 0
    is_cut: bool = False
    options: v.AskOptions = v.AskOptions()
    spread: tuple[v.AnswerCount, ...] = ()
    calls: tuple[v.ToolCall, ...] = ()
    worked_out: str = ""
    prompt_pieces: tuple[str, ...] = ()
    is_adapter_off: bool = False

    def mark_of(self, answer: str) -> v.Mark | None:
        """The mark of an answer to this prompt; None where no card says."""
        if not self.correct_answers:
            return None
        return mark_of(answer, self.correct_answers, is_cut=self.is_cut)


class RivalsAnswered(v.Event, frozen=True):
    """The rivals' answers to the prompt of the `PromptAnswered` with this request number."""

    request: v.Count
    answers: tuple[v.RivalAnswer, ...]


class PinAnswered(v.Event, frozen=True):
    """The answer to a pinned prompt, of the averaged weights at `step`.

    Attributes:
        piece_mark: `mark` in the file: its card's, as exams count, by pieces; None when no card has
            the prompt. What stands beside the answer is decided by its letters.
        correct_answers: Those of its card; runs written before don't say.
    """

    prompt: str
    answer: str
    probability: v.Share
    piece_mark: v.Mark | None = msgspec.field(default=None, name="mark")
    correct_answers: tuple[str, ...] = ()

    @property
    def mark(self) -> v.Mark | None:
        """The mark of the answer as it is shown; None when no card has the prompt."""
        if self.piece_mark in (None, "right"):
            return self.piece_mark
        return mark_of(self.answer, self.correct_answers)


class PinTaught(v.Event, frozen=True):
    """The cards that taught the model a pinned prompt with a right answer, since it was pinned.
    `by`: the taught cards whose updates lowered its error most, most first (below 0 nats).
    `is_exact`: every update had one card, whose share is the measured change of the error. If not,
    a batch's measured change was shared among its cards by an estimate.
    `since_step`: counted from here on."""

    prompt: str
    by: tuple[v.TaughtBy, ...]
    is_exact: bool
    since_step: v.Count


_Taught = CorrectionMeasured | StepsTaken | TriesRewarded | ExamTaken | TextWritten | DeckMarked
_Asked = ExamVaried | RivalsGraded | PromptAnswered | RivalsAnswered | PinAnswered | PinTaught
Measured = _Taught | _Asked
