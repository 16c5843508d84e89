"""What happened, as facts: one frozen struct a kind, one JSON line each. Past tense, no tensors.

Every event carries `step`: the number of updates made when it happened. Readers fold events into a
`RunState`; the log on disk is the same lines. All text in them has passed `printable()`.
Long because it is the whole vocabulary: who reads a log finds every word of it here.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Mark = Literal["right", "nearly", "wrong"]
Phase = Literal["data", "model", "prediction", "error", "adjustment", "repeat"]
Speed = Literal["explain", "slow", "brisk", "full"]
CardSort = Literal["deck", "hardest", "forgotten", "section"]
Stamp = Literal["seen", "not_yet_taught", "held_out", "new"]
EndReason = Literal["all_right", "no_progress", "until", "limit", "stopped", "diverged"]
VerdictKind = Literal["memorised", "understood", "too_early"]

PHASES: tuple[Phase, ...] = ("data", "model", "prediction", "error", "adjustment", "repeat")
SPEEDS: tuple[Speed, ...] = ("explain", "slow", "brisk", "full")


class Score(msgspec.Struct, frozen=True):
    """How many of how many."""

    right: int
    total: int

    @property
    def rate(self) -> float | None:
        """Share right, 0 to 1; None when nothing was asked."""
        return self.right / self.total if self.total else None


class GuessPiece(msgspec.Struct, frozen=True):
    """One piece the model said (greedy), and how probable it found it (0 to 1)."""

    text: str
    probability: float


class AnswerPiece(msgspec.Struct, frozen=True):
    """One piece of the right answer, read with the right pieces before it.

    `before` and `after` are its probability (0 to 1) before and after this very update, on the raw
    weights; `after` is None until the update was made. The last piece is the end, text "⏎".
    `is_best` says whether the model would have said it.
    """

    text: str
    before: float
    is_best: bool
    after: float | None = None


class Push(msgspec.Struct, frozen=True):
    """A piece whose logit an update moved, and by how much."""

    text: str
    change: float


class Ripple(msgspec.Struct, frozen=True):
    """What one update did to another card: change of its error in nats, below 0 when it helped."""

    prompt: str
    change_nats: float
    is_held_out: bool


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one update changed, measured on the raw weights.

    Attributes:
        probability_before, probability_after: Of the whole right answer, 0 to 1.
        error_after_nats: Sum over the answer's pieces and the end.
        gradient_norm: L2 norm of the gradient over all parameters.
        relative_change: L2 norm of the change over L2 norm of the weights.
        layer_changes: The same for each layer, first to last.
        n_parameters: How many numbers the model has.
        up, down: Pieces whose logits moved most where the error was largest.
        helped, hurt: Other cards the update helped and hurt most, of `n_rippled` measured.
    """

    probability_before: float
    probability_after: float
    error_after_nats: float
    gradient_norm: float
    relative_change: float
    layer_changes: tuple[float, ...]
    n_parameters: int
    up: tuple[Push, ...] = ()
    down: tuple[Push, ...] = ()
    helped: tuple[Ripple, ...] = ()
    hurt: tuple[Ripple, ...] = ()
    n_rippled: int = 0


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """One card being corrected, as far as it has come: what is not known yet is None.

    Attributes:
        n_cards: Cards in this update: 1 while explaining, so that the change is this card's alone.
        times_seen: How often this card was taught before this update.
        history: Its marks so far, oldest first, one letter each: r right, n nearly, w wrong.
        guess: What the model said before the update; the end piece is left out.
        is_by_rule: An exception, answered as the rule of the other cards would have it ("goed").
        error_nats: Sum over the answer's pieces and the end, before the update.
    """

    card_index: int
    prompt: str
    answer: str
    section: str
    times_seen: int
    n_cards: int
    history: str = ""
    guess: tuple[GuessPiece, ...] | None = None
    mark: Mark | None = None
    is_by_rule: bool = False
    pieces: tuple[AnswerPiece, ...] | None = None
    error_nats: float | None = None
    change: Change | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all facts. `step` is the number of updates made when it happened."""

    step: int


class TrainerWoke(Event, frozen=True):
    """The trainer process is up and says what it is doing next. Not logged."""

    stage: str


class Rival(msgspec.Struct, frozen=True):
    """What an answerer that does not learn scores on the same cards, from the start."""

    name: str
    seen: Score
    unseen: Score


class RunStarted(Event, frozen=True):
    """A run began. `guessing_nats`, the error of a blind guess, is ln of the pieces in use.

    `held_out` has one mark a card, 1 when it is held out, packed as in `runs.marks`. `problem` is
    the deck's first error, "" without any, of `n_problems`: those lines aren't taught. `leaks` are
    the first of `n_leaks` held-out cards that a taught card gives away, a sentence each.
    `floor_nats` is the mean error per answer piece that contradicting cards make unavoidable, 0
    without any. `exceptions` are the sections whose cards don't follow the deck's rule.
    `is_shuffled`: the answers were shuffled among the cards, as for a twin.
    """

    run: str
    folder: str
    deck: str
    name: str
    deck_path: str
    seed: int
    device: str
    n_taught: int
    n_held_out: int
    n_parameters: int
    n_pieces: int
    guessing_nats: float
    batch_size: int
    learning_rate: float
    held_out: str = ""
    problem: str = ""
    n_problems: int = 0
    sections: tuple[str, ...] = ()
    shows: str = ""
    rivals: tuple[Rival, ...] = ()
    floor_nats: float = 0.0
    leaks: tuple[str, ...] = ()
    n_leaks: int = 0
    exceptions: tuple[str, ...] = ()
    is_shuffled: bool = False


class RivalsGraded(Event, frozen=True):
    """What the answerers that do not learn score on this split; replaces those of the start."""

    rivals: tuple[Rival, ...]


class DeckChanged(Event, frozen=True):
    """From here on this deck is taught: `start` describes it as the run's start would.

    `file` is its copy in the run folder; `prompts` are the first prompts that came or changed.
    `notes` are sentences for the user about it. `request` is that of the `TeachCard` that asked for
    it, 0 when none did.
    """

    start: RunStarted
    file: str
    n_added: int = 0
    n_changed: int = 0
    n_removed: int = 0
    prompts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    request: int = 0


class RunResumed(Event, frozen=True):
    """The run goes on from `step`; what was logged beyond it did not happen. Carries its start."""

    start: RunStarted


class PhaseEntered(Event, frozen=True):
    """While explaining or stepping: the update in hand really is in this phase now."""

    phase: Phase
    correction: Correction


class CorrectionMeasured(Event, frozen=True):
    """One card's correction from guess to change; `step` counts this very update."""

    correction: Correction


class StepsTaken(Event, frozen=True):
    """Progress since the last one. Loss is the mean per answer piece in those updates, raw weights.

    `cards_taught` counts from the run's start; `train_seconds` is training time alone.
    """

    cards_taught: int
    train_seconds: float
    loss_nats: float
    gradient_norm: float
    relative_change: float


class SectionScore(msgspec.Struct, frozen=True):
    """The scores of one `[section]`.

    `rule_seen` and `rule_unseen`, in a section of exceptions: how many of the same cards were
    answered as the rule of the other sections would have it ("goed").
    """

    name: str
    seen: Score
    unseen: Score
    rule_seen: int = 0
    rule_unseen: int = 0


class ExamTaken(Event, frozen=True):
    """The model was graded on the averaged (EMA) weights. Not `is_full`: on a fixed sample by hash.

    Losses are means per answer piece, None where nothing was asked.
    """

    cards_taught: int
    is_full: bool
    seen: Score
    unseen: Score
    seen_loss_nats: float | None
    unseen_loss_nats: float | None
    sections: tuple[SectionScore, ...] = ()


class ExamUnderWay(Event, frozen=True):
    """Every card is being asked, which takes a while: so many of them were by now."""

    n_asked: int
    n_cards: int


class DeckMarked(Event, frozen=True):
    """The mark of every card asked in the exam just taken, packed: see `runs.marks`."""

    marks: str


class PromptAnswered(Event, frozen=True):
    """A prompt was asked; the answer is of the averaged weights at `step`. Changes nothing.

    `near_duplicate` is the prompt of a card that is nearly this one, "" without any or when a card
    has this very prompt: case, accents, spacing, punctuation or leading zeros differ. `near_stamp`
    and `near_times_seen` are that card's. `is_cut`: no end came within the longest answer's room.
    """

    request: int
    prompt: str
    answer: str
    pieces: tuple[GuessPiece, ...]
    alternatives: tuple[str, ...]
    probability: float
    stamp: Stamp
    times_seen: int
    correct_answers: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    near_duplicate: str = ""
    near_stamp: Stamp = "new"
    near_times_seen: int = 0
    is_cut: bool = False


class RivalAnswer(msgspec.Struct, frozen=True):
    """What a rival says to a prompt; None when it has nothing to say."""

    name: str
    answer: str | None


class RivalsAnswered(Event, frozen=True):
    """What the rivals say to the prompt of the `PromptAnswered` with this request number."""

    request: int
    answers: tuple[RivalAnswer, ...]


class PromptPinned(Event, frozen=True):
    """From here on this prompt is asked again at every exam."""

    prompt: str


class PromptUnpinned(Event, frozen=True):
    """This prompt is not asked again."""

    prompt: str


class PinAnswered(Event, frozen=True):
    """The answer to a pinned prompt, of the averaged weights at `step`.

    `mark` is None when no card has the prompt.
    """

    prompt: str
    answer: str
    probability: float
    mark: Mark | None = None


class PastAnswer(msgspec.Struct, frozen=True):
    """What the model of a saved state said; `step` is that state's."""

    step: int
    answer: str
    probability: float


class PastAnswered(Event, frozen=True):
    """What each saved state answers to a prompt, oldest first, the newest model last. Not logged.

    Sent again with each answer more; `n_left` are still to come.
    """

    request: int
    prompt: str
    answers: tuple[PastAnswer, ...]
    n_left: int = 0


class TeachingRefused(Event, frozen=True):
    """A card could not be added to the deck; `text` says why, for the user. Not logged."""

    request: int
    text: str


class CardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One card in a list, with its history.

    Attributes:
        history: Its marks, oldest first, at most the last 31: r right, n nearly, w wrong. A taught
            card's are from when it was taught, a held-out one's from exams.
        times_seen: How often it was taught.
        first_right_step: The step of its first right answer; None when it never was.
        n_forgotten: How often a right answer was followed by one that was not.
        n_relearned: How often it was right again after that.
    """

    card_index: int
    prompt: str
    answer: str
    section: str
    is_held_out: bool
    times_seen: int
    history: str
    first_right_step: int | None
    n_forgotten: int
    n_relearned: int


class CardsListed(Event, frozen=True):
    """A part of the list that was asked for: `rows` from `offset` on, of `total`. Not logged.

    The rows are as of `step`, the order as of `sorted_step`.
    """

    request: int
    offset: int
    total: int
    rows: tuple[CardRow, ...]
    sorted_step: int = 0


class SpeedChanged(Event, frozen=True):
    """From here on cards are taught at this speed; below full, one card an update."""

    speed: Speed


class LearningRateChanged(Event, frozen=True):
    """From here on the deck's learning rate is multiplied by `factor` (1.0 at the start)."""

    factor: float


class StepsAsked(Event, frozen=True):
    """Paused; from here this many cards are taught, one an update."""

    n_cards: int


class RunPaused(Event, frozen=True):
    """No update is made until further notice."""


class RunPlayed(Event, frozen=True):
    """Updates go on."""


class LessonEnded(Event, frozen=True):
    """The lesson is over: why, the confirmed scores, the verdict. Playing goes on beyond it."""

    reason: EndReason
    verdict: str
    verdict_kind: VerdictKind
    seen: Score
    unseen: Score


class RunDiverged(Event, frozen=True):
    """The weights or the loss are no longer finite: nothing is taught from here."""

    what: str


class StateSaved(Event, frozen=True):
    """Weights, optimizer and random state are durable at this step."""

    file: str


class TrainerFailed(Event, frozen=True):
    """The trainer cannot go on; `text` says why in a sentence for the user. Not logged."""

    text: str


AnyEvent = (
    TrainerWoke
    | RunStarted
    | RivalsGraded
    | DeckChanged
    | RunResumed
    | PhaseEntered
    | CorrectionMeasured
    | StepsTaken
    | ExamTaken
    | ExamUnderWay
    | DeckMarked
    | PromptAnswered
    | RivalsAnswered
    | PromptPinned
    | PromptUnpinned
    | PinAnswered
    | PastAnswered
    | TeachingRefused
    | CardsListed
    | SpeedChanged
    | LearningRateChanged
    | StepsAsked
    | RunPaused
    | RunPlayed
    | LessonEnded
    | RunDiverged
    | StateSaved
    | TrainerFailed
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """The event as one JSON line, newline included."""
    return _encoder.encode(event) + b"\n"


def decode(line: bytes) -> AnyEvent:
    """The event of one line.

    Raises:
        msgspec.DecodeError: not JSON, not an event, or a field of the wrong type.
    """
    return _decoder.decode(line)
