"""What happened, as facts: one frozen struct a kind, one JSON line each. Past tense, no tensors.

Every event carries `step`: the number of updates made when it happened. Readers fold events into a
`RunState`; the log on disk is the same lines. All text in them has passed `printable()`.
Long because it is the whole vocabulary: who reads a log finds every word of it here.
"""

from __future__ import annotations

import msgspec

from flashcards.runs.details import (
    AdjustmentDetails,
    CardPiece,
    Expectation,
    MapPoint,
    Reading,
    WeightMap,
)
from flashcards.runs.files import as_unicode
from flashcards.runs.marks import unpack
from flashcards.runs.older import as_now
from flashcards.runs.rewards import (
    Exploit,
    JudgeFacts,
    RewardCounts,
    TryGroup,
)
from flashcards.runs.values import (
    BetChoice,
    BetQuestion,
    BranchChange,
    CardCount,
    CardRow,
    ChapterScore,
    Correction,
    Count,
    DeckProblem,
    EndReason,
    Factor,
    GuessPiece,
    Learns,
    Mark,
    Note,
    Number,
    OrderName,
    PastAnswer,
    Phase,
    Practice,
    Rival,
    RivalAnswer,
    SampleFacts,
    Score,
    SectionScore,
    Share,
    Speed,
    Stamp,
    TaughtBy,
    TextFacts,
    VerdictKind,
    WholeNumber,
)
from flashcards.runs.votes import Vote


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all facts. `step` is the number of updates made when it happened."""

    step: Count


class TrainerWoke(Event, frozen=True):
    """The trainer process is up and says what it is doing next. Not logged."""

    stage: str


class RunStarted(Event, frozen=True):
    """A run began. `guessing_nats`, the error of a blind guess, is ln of the pieces in use.

    `held_out` has one mark a card, 1 when it is never taught, packed as in `runs.marks`. `problem`
    is the deck's first error, None without any, of `n_problems`: those lines aren't taught. `leaks`
    are the first of `n_leaks` never-seen cards that a taught card gives away.
    `floor_nats` is the mean error per answer piece that contradicting cards make unavoidable, 0
    without any. `exceptions` are the sections whose cards don't follow the deck's rule.
    `is_shuffled`: the answers were shuffled among the cards, as for a twin.
    `text`: a text is read, whose windows are the cards; scores then count its pieces.
    `judge`: cards are practised by reward, and this one gives it; scores are still of the truth.
    `sample`: the deck is so large that exams ask only some cards, and nothing is said of each.
    """

    run: str
    folder: str
    deck: str
    name: str
    deck_path: str
    seed: WholeNumber
    device: str
    n_taught: CardCount
    n_held_out: CardCount
    n_parameters: Count
    n_pieces: Count
    guessing_nats: Number
    batch_size: Count
    learning_rate: Number
    held_out: str = ""
    problem: DeckProblem | None = None
    n_problems: Count = 0
    sections: tuple[str, ...] = ()
    shows: str = ""
    because: str = ""
    rivals: tuple[Rival, ...] = ()
    floor_nats: Number = 0.0
    leaks: tuple[Note | str, ...] = ()
    n_leaks: Count = 0
    exceptions: tuple[str, ...] = ()
    is_shuffled: bool = False
    text: TextFacts | None = None
    judge: JudgeFacts | None = None
    sample: SampleFacts | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where the marks are not of so many cards."""
        if self.held_out:
            unpack(self.held_out, self.n_taught + self.n_held_out)


class RivalsGraded(Event, frozen=True):
    """What the answerers that do not learn score on this split; replaces those of the start."""

    rivals: tuple[Rival, ...]


class DeckChanged(Event, frozen=True):
    """From here on this deck is taught: `start` describes it as the run's start would.

    `file` is its copy in the run folder; `prompts` are the first prompts that came or changed.
    `request` is that of the `TeachCard` that asked for it, 0 when none did. Earlier versions wrote
    sentences where a `Note` stands.
    """

    start: RunStarted
    file: str
    n_added: Count = 0
    n_changed: Count = 0
    n_removed: Count = 0
    prompts: tuple[str, ...] = ()
    notes: tuple[Note | str, ...] = ()
    request: Count = 0


class ChapterBegan(DeckChanged, frozen=True):
    """From here on another deck is taught, and what was taught before is asked on.

    `start` describes the new deck, alone. `earlier` are the names of the decks taught before,
    oldest first, `after_cards` how many cards had been taught by then. `in_both` are the first of
    `n_in_both` prompts that an earlier deck asks too, with another answer.
    """

    earlier: tuple[str, ...] = ()
    after_cards: Count = 0
    in_both: tuple[str, ...] = ()
    n_in_both: Count = 0


class RunResumed(Event, frozen=True):
    """The run goes on from `step`; what was logged beyond it did not happen. Carries its start.

    `file` is the state that it goes on from: there may be several of that step.
    """

    start: RunStarted
    file: str = ""


class PhaseEntered(Event, frozen=True):
    """While explaining or stepping: the update in hand really is in this phase now.

    `is_held`: it stays there until the next `NextPhase`.
    """

    phase: Phase
    correction: Correction
    is_held: bool = False


class UpdateDetails(Event, frozen=True):
    """The update in hand from within, as far as it has come; raw weights. Not logged.

    Comes right after the `PhaseEntered` of the same phase; what is not known yet is None.

    Attributes:
        pieces: The card cut up: prompt, separator, answer, end. Known from DATA on.
        n_choices: How many pieces an answer can have: what is chosen among.
        reading: The card going through the model. Known from MODEL on.
        expectations: Each place of the answer, the end included. Known from PREDICTION on.
        error_nats: The sum of the expectations' errors. Known from ERROR on.
        adjustment: What was done to the numbers. Known from ADJUSTMENT on: it comes when the
            update was made, after its `CorrectionMeasured`.
    """

    phase: Phase
    card_index: Count
    pieces: tuple[CardPiece, ...]
    n_choices: Count
    reading: Reading | None = None
    expectations: tuple[Expectation, ...] | None = None
    error_nats: Number | None = None
    adjustment: AdjustmentDetails | None = None


class CorrectionMeasured(Event, frozen=True):
    """One card's correction from guess to change; `step` counts this very update."""

    correction: Correction


class StepsTaken(Event, frozen=True):
    """Progress since the last one. Loss is the mean per answer piece in those updates, raw weights.

    `cards_taught` counts from the run's start; `train_seconds` is training time alone. `reward`:
    what became of all tries since the chapter began, where rewards teach; the loss is then the mean
    error of the tries themselves, which says how unsure the model is and not how wrong.
    """

    cards_taught: Count
    train_seconds: Number
    loss_nats: Number
    gradient_norm: Number
    relative_change: Number
    reward: RewardCounts | None = None


class TriesRewarded(Event, frozen=True):
    """One update by reward: what was tried, what it earned, and what was pushed where.

    `step` counts this very update. One comes every second or so, of one update.

    Attributes:
        prompts: Those of the update; `rewards` is the mean reward of each one's tries.
        groups: Some of them with every try: first one that told something, if any did.
        counts: What became of all tries of the update.
        exploits: The first tries that were rewarded fully and are wrong.
        is_shuffled: The tries were given one another's rewards.
        gradient_norm, relative_change: As in `Change`; 0 when nothing was changed.
    """

    prompts: tuple[str, ...]
    rewards: tuple[Share, ...]
    groups: tuple[TryGroup, ...]
    counts: RewardCounts
    exploits: tuple[Exploit, ...] = ()
    is_shuffled: bool = False
    gradient_norm: Number = 0.0
    relative_change: Number = 0.0


class ExamTaken(Event, frozen=True):
    """The model was graded on the averaged (EMA) weights. Not `is_full`: on a fixed sample by hash.

    Losses are means per answer piece, None where nothing was asked. `earlier` are the scores of the
    decks of earlier chapters, oldest first, each on a fixed sample. `judged`: to how many of the
    never seen prompts (of the seen ones, where none are) the answer earns the full reward.
    """

    cards_taught: Count
    is_full: bool
    seen: Score
    unseen: Score
    seen_loss_nats: Number | None
    unseen_loss_nats: Number | None
    sections: tuple[SectionScore, ...] = ()
    earlier: tuple[ChapterScore, ...] = ()
    judged: Score | None = None


class TextWritten(Event, frozen=True):
    """What the model wrote by itself: averaged weights, drawn at temperature 0.7 by seed and step.

    `copied` is the longest stretch of it that stands word for word in what it reads.
    """

    lines: tuple[str, ...]
    copied: str = ""


class ExamUnderWay(Event, frozen=True):
    """Every card is being asked, which takes a while: so many of them were by now."""

    n_asked: Count
    n_cards: Count


class DeckMarked(Event, frozen=True):
    """The mark of every card asked in the exam just taken, packed: see `runs.marks`."""

    marks: str


class PromptAnswered(Event, frozen=True):
    """A prompt was asked; the answer is of the averaged weights at `step`. Changes nothing.

    `near_duplicate` is the prompt of a card that is nearly this one, "" without any or when a card
    has this very prompt: case, accents, spacing, punctuation or leading zeros differ. `near_stamp`
    and `near_times_seen` are that card's. `is_cut`: no end came within the longest answer's room.
    """

    request: Count
    prompt: str
    answer: str
    pieces: tuple[GuessPiece, ...]
    alternatives: tuple[str, ...]
    probability: Share
    stamp: Stamp
    times_seen: Count
    correct_answers: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    near_duplicate: str = ""
    near_stamp: Stamp = "new"
    near_times_seen: Count = 0
    is_cut: bool = False


class RivalsAnswered(Event, frozen=True):
    """What the rivals say to the prompt of the `PromptAnswered` with this request number."""

    request: Count
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
    probability: Share
    mark: Mark | None = None


class PinTaught(Event, frozen=True):
    """Who taught the model a pinned prompt that has a right answer: since it was pinned.

    Attributes:
        by: The taught cards whose updates lowered its error most, most first (below 0 nats).
        against: Those whose updates raised it most, most first.
        is_exact: Every update had one card, whose share is the measured change of the error. If
            not, a batch's measured change was shared among its cards by an estimate.
        n_updates: Updates counted; `n_cards` taught cards had a share.
        total_nats: Sum of all the changes: how much updates changed the error since, those on cards
            that the deck has no more included.
        since_step: Counted from here on.
    """

    prompt: str
    by: tuple[TaughtBy, ...]
    against: tuple[TaughtBy, ...]
    is_exact: bool
    n_updates: Count
    n_cards: Count
    total_nats: Number
    since_step: Count


class InsideSeen(Event, frozen=True):
    """The model as it is at this step, raw weights. Not logged.

    Attributes:
        points: The deck's pieces by their embeddings, on the plane in which they differ most
            (PCA), turned so that it resembles the map sent before.
        share: Of the embeddings' variance that the plane shows, 0 to 1.
        weights: Attention and mlp of each layer, embedding, head.
        pieces, reading: The card corrected last (before one was, the first), going through the
            model now.
    """

    request: Count
    points: tuple[MapPoint, ...]
    share: Share
    weights: tuple[WeightMap, ...]
    pieces: tuple[CardPiece, ...] = ()
    reading: Reading | None = None


class PastAnswered(Event, frozen=True):
    """What each saved state answers to a prompt, oldest first, the newest model last. Not logged.

    Sent again with each answer more; `n_left` are still to come.
    """

    request: Count
    prompt: str
    answers: tuple[PastAnswer, ...]
    n_left: Count = 0


class TeachingRefused(Event, frozen=True):
    """A card could not be added to the deck; `text` says why, for the user. Not logged."""

    request: Count
    text: str


class CardsListed(Event, frozen=True):
    """A part of the list that was asked for: `rows` from `offset` on, of `total`. Not logged.

    The rows are as of `step`, the order as of `sorted_step`.
    """

    request: Count
    offset: Count
    total: Count
    rows: tuple[CardRow, ...]
    sorted_step: Count = 0


class TextsCut(Event, frozen=True):
    """How the tokenizer cuts the texts that were sent, in that order. Not logged.

    A space is written as one. `unlearned` is what no learned piece holds, and bytes stand for.
    """

    request: Count
    cuts: tuple[tuple[str, ...], ...]
    unlearned: tuple[str, ...] = ()


class PairDrawn(Event, frozen=True):
    """Two answers that the model drew to one prompt, to vote on. Not logged.

    All are "" where it always says the same.
    """

    request: Count
    prompt: str = ""
    left: str = ""
    right: str = ""


class VoteCast(Event, frozen=True):
    """Somebody preferred one of two answers that the model drew; the next update is by that.

    `is_left_true` and `is_right_true`: whether the deck accepts them; `answer` is the deck's.
    """

    choice: Vote
    prompt: str
    left: str
    right: str
    answer: str
    is_left_true: bool = False
    is_right_true: bool = False


class SpeedChanged(Event, frozen=True):
    """From here on cards are taught at this speed; below full, one card an update."""

    speed: Speed


class LearningRateChanged(Event, frozen=True):
    """From here on the deck's learning rate is multiplied by `factor` (1.0 at the start)."""

    factor: Factor


class BookmarkSet(Event, frozen=True):
    """The user marked a moment: that of `at_step`, an earlier one; None is this one."""

    text: str = ""
    at_step: Count | None = None


class OrderChanged(Event, frozen=True):
    """From here on cards are given out in this order."""

    order: OrderName


class BetPlaced(Event, frozen=True):
    """Somebody predicts what will happen: `share` (0 to 1) of a score, else `choice`.

    What comes of it is not logged: it follows from the events after it, see `runs.bets`. `hands`
    are how many of a room chose each answer, in the order of `runs.bets.CHOICES`.
    """

    bet: BetQuestion
    share: Share | None = None
    choice: BetChoice | None = None
    hands: tuple[Count, ...] = ()


class RecipeChanged(Event, frozen=True):
    """How updates are made from here on, until the next one: all that decides them but the deck.

    Logged before the first update after a start, a resume or a branch, and before any whose recipe
    is another than that of the update before it.

    Attributes:
        is_single: One card an update; else as many as `LearnerSettings.batch_size_at` says.
        learning_rate_factor: Multiplies the deck's learning rate.
        order: The policy by which cards are drawn.
        seed: Of the order of cards; a branch may have another than the run it came from.
        rehearsal: Share of the cards that are drawn from those taught in earlier chapters.
        learns: Which of the model's numbers are changed.
        practice: How cards are practised: with answers, by reward, by shuffled rewards.
        vote: The update is by a vote for one of two answers, and no card is practised.
    """

    is_single: bool
    learning_rate_factor: Factor = 1.0
    order: OrderName = "shuffled"
    seed: WholeNumber = 1
    rehearsal: Share = 0.0
    learns: Learns = "all"
    practice: Practice = "taught"
    vote: Vote | None = None


class RemedyChanged(Event, frozen=True):
    """From here on a later chapter is taught with these remedies against forgetting.

    `rehearsal` and `learns` are as in `RecipeChanged`; so many of the model's numbers are changed.
    """

    rehearsal: Share = 0.0
    learns: Learns = "all"
    n_learned: Count = 0


class PracticeChanged(Event, frozen=True):
    """From here on the cards of a deck with a judge are practised so."""

    practice: Practice


class AdapterSwitched(Event, frozen=True):
    """The adapter was put on or off: off, the model is the one from before it, bit for bit."""

    is_on: bool


class RunBranched(Event, frozen=True):
    """Here this run left another: what is logged before it is that run's, up to this step.

    `parent` is that run's name, `change` what is different from here on.
    """

    start: RunStarted
    parent: str
    change: BranchChange


class StepsAsked(Event, frozen=True):
    """Paused; from here this many cards are taught, one an update."""

    n_cards: Count


class RunPaused(Event, frozen=True):
    """No update is made until further notice."""


class GoalReached(Event, frozen=True):
    """What the `PauseAt` of this request waited for holds; the lesson is paused. Not logged."""

    request: Count


class RunPlayed(Event, frozen=True):
    """Updates go on."""


class LessonEnded(Event, frozen=True):
    """The lesson is over: why, the confirmed scores, the verdict. Playing goes on beyond it."""

    reason: EndReason
    verdict_kind: VerdictKind
    seen: Score
    unseen: Score


class RunDiverged(Event, frozen=True):
    """The weights or the loss are no longer finite: nothing is taught from here."""


class RunRewound(Event, frozen=True):
    """The run went back to the state of `step`: comes after the `RunResumed` that says so.

    `from_step` is where it had come to; `factor` is the learning rate's now.
    """

    from_step: Count
    factor: Factor


class StateSaved(Event, frozen=True):
    """Weights, optimizer and random state are durable at this step."""

    file: str


class DamageFound(Event, frozen=True):
    """A saved state could not be used; that of `step`, before it, was taken instead.

    `file` is the damaged one in the run folder.
    """

    file: str


class StepReached(Event, frozen=True):
    """A time machine's model is the one of `step` now, on its way to `target`. Not logged.

    Several a second while it goes there; the last has `is_arrived`. `target` is the step asked
    for, or the last one that the log knows, when that is earlier. `text` is "" or says, in a
    sentence for the user, why that step can't be reached: then `is_arrived` is False, and no more
    comes of this `GoTo`.
    """

    target: Count
    is_arrived: bool = False
    text: str = ""


class TrainerFailed(Event, frozen=True):
    """The trainer cannot go on; `text` says why in a sentence for the user. Not logged.

    `taken_run` is the folder of the run that another program is writing, "" where that isn't why.
    """

    text: str
    taken_run: str = ""


AnyEvent = (
    TrainerWoke
    | RunStarted
    | RivalsGraded
    | DeckChanged
    | ChapterBegan
    | RunResumed
    | PhaseEntered
    | UpdateDetails
    | CorrectionMeasured
    | StepsTaken
    | TriesRewarded
    | ExamTaken
    | TextWritten
    | ExamUnderWay
    | DeckMarked
    | PromptAnswered
    | RivalsAnswered
    | PromptPinned
    | PromptUnpinned
    | PinAnswered
    | PinTaught
    | InsideSeen
    | PastAnswered
    | TeachingRefused
    | CardsListed
    | TextsCut
    | PairDrawn
    | VoteCast
    | SpeedChanged
    | LearningRateChanged
    | OrderChanged
    | BookmarkSet
    | BetPlaced
    | RecipeChanged
    | RemedyChanged
    | PracticeChanged
    | AdapterSwitched
    | RunBranched
    | StepsAsked
    | RunPaused
    | GoalReached
    | RunPlayed
    | LessonEnded
    | RunDiverged
    | RunRewound
    | StateSaved
    | DamageFound
    | StepReached
    | TrainerFailed
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """The event as one JSON line, newline included; what of a path is no Unicode becomes �."""
    try:
        return _encoder.encode(event) + b"\n"
    except UnicodeEncodeError:
        return _encoder.encode(as_unicode(msgspec.to_builtins(event))) + b"\n"


def decode(line: bytes) -> AnyEvent:
    """The event of one line; every number in it is one that there can be.

    Raises:
        msgspec.DecodeError: not JSON, not an event, or a field that can't be so.
    """
    try:
        try:
            return _decoder.decode(line)
        except msgspec.ValidationError:
            older: AnyEvent = msgspec.convert(as_now(msgspec.json.decode(line)), AnyEvent)
            return older
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deep") from error
