"""Facts of what happened: one frozen struct a kind, one JSON line each. Past tense, no tensors.

Every event carries `step`: the number of updates made when it happened. Readers fold events into a
`RunState`; the log on disk is the same lines. All text in them has passed `printable()`.
Here are the run's course and what somebody did; `measured` and `unlogged` are events too, all to
be named `events.X`.
"""

from collections.abc import Callable

import msgspec

from flashcards.runs import marks, measured, rewards, run_files, unlogged, values as v
from flashcards.runs.measured import *  # noqa: F403
from flashcards.runs.unlogged import *  # noqa: F403


class RunStarted(v.Event, frozen=True):
    """A run began. `guessing_nats`, the error of a blind guess, is ln of the pieces in use.

    `held_out` has one mark a card, 1 when it is never taught, packed as in `runs.marks`. `problem`
    is the deck's first error, None without any, of `n_problems`: those lines aren't taught. `leaks`
    are the first of `n_leaks` never-taught cards that a taught card gives away.
    `floor_nats` is the mean error per answer piece that contradicting cards make unavoidable, 0
    without any. `exceptions` are the sections whose cards don't follow the deck's rule.
    `is_shuffled`: the answers were shuffled among the cards, as for a twin.
    `text`: a text is read, whose windows are the cards; scores then count its pieces.
    `judge`: cards are practised by reward, and this one gives it; scores are still of the truth.
    `chosen`: settings of the learner that were chosen by hand.
    `known` has the mark of every card before it was taught, packed in the same way, of a model that
    others have trained: 0 for a card that was not asked then.
    `ask`: the template around each prompt when the model is asked, "" for the prompt alone.
    `filled_to`: characters up to which prompts are filled for the model, 0 for not at all.
    `is_aligned`: each letter of a prompt has one piece of the answer.
    `base`: the name of the brought model that is taught, "" for an own one; `n_learned` of its
    numbers, or of an adapter beside it, learn.
    """

    run: str
    folder: str
    deck: str
    name: str
    deck_path: str
    seed: v.WholeNumber
    device: str
    n_taught: v.CardCount
    n_held_out: v.CardCount
    n_parameters: v.Count
    n_pieces: v.Count
    guessing_nats: v.Number
    batch_size: v.Count
    learning_rate: v.Number
    held_out: str = ""
    problem: v.DeckProblem | None = None
    n_problems: v.Count = 0
    sections: tuple[str, ...] = ()
    description: str = ""
    shows: str = ""
    because: str = ""
    rivals: tuple[v.Rival, ...] = ()
    common: v.CommonAnswer | None = None
    floor_nats: v.Number = 0.0
    leaks: tuple[v.DeckNote, ...] = ()
    n_leaks: v.Count = 0
    exceptions: tuple[str, ...] = ()
    is_shuffled: bool = False
    text: v.TextFacts | None = None
    judge: rewards.JudgeFacts | None = None
    chosen: v.Settings = msgspec.field(default_factory=dict)
    ask: str = ""
    known: str = ""
    filled_to: v.Count = 0
    is_aligned: bool = False
    base: str = ""
    n_learned: v.Count = 0

    def __post_init__(self) -> None:
        """Raises ValueError where the marks are not of so many cards."""
        for packed in filter(None, (self.held_out, self.known)):
            marks.unpack(packed, self.n_taught + self.n_held_out)

    @property
    def is_part_learned(self) -> bool:
        """True of a brought model of which a part learns, chosen once; the rest stays as it is."""
        return bool(self.base) and 0 < self.n_learned < self.n_parameters


class DeckChanged(v.Event, frozen=True):
    """Another version of the deck is taught from here on: `start` describes it as the run's start
    would.
    `file` is its copy in the run folder; `prompts` are the first prompts that came or changed.
    `request` is that of the `TeachCard` that asked for it, 0 when none did."""

    start: RunStarted
    file: str
    n_added: v.Count = 0
    n_changed: v.Count = 0
    n_removed: v.Count = 0
    prompts: tuple[str, ...] = ()
    notes: tuple[v.DeckNote, ...] = ()
    request: v.Count = 0


class ChapterBegan(DeckChanged, frozen=True):
    """Another deck is taught from here on, and what was taught before is asked on.
    `start` describes the new deck, alone. `earlier` are the names of the decks taught before,
    oldest first, `after_cards` how many cards had been taught by then. `in_both` are the first of
    `n_in_both` prompts that an earlier deck asks too, with another answer."""

    earlier: tuple[str, ...] = ()
    after_cards: v.Count = 0
    in_both: tuple[str, ...] = ()
    n_in_both: v.Count = 0


class RunResumed(v.Event, frozen=True):
    """The run goes on from `step`; what was logged beyond it did not happen. Carries its start.
    `file` is the state that it goes on from: there may be several of that step."""

    start: RunStarted
    file: str = ""


class PromptPinned(v.Event, frozen=True):
    """A prompt is asked again from here on, at every exam."""

    prompt: str


class PromptUnpinned(v.Event, frozen=True):
    """This prompt is not asked again."""

    prompt: str


class VoteCast(v.Event, frozen=True):
    """Somebody preferred one of two answers that the model drew; the next update is by that.
    `is_left_true` and `is_right_true`: whether the deck accepts them; `answer` is the deck's."""

    choice: v.Vote
    prompt: str
    left: str
    right: str
    answer: str
    is_left_true: bool = False
    is_right_true: bool = False


class SpeedChanged(v.Event, frozen=True):
    """The speed of teaching from here on; below full, an update has one card."""

    speed: v.Speed


class LearningRateChanged(v.Event, frozen=True):
    """The learning rate from here on: the deck's, multiplied by `factor` (1.0 at the start)."""

    factor: v.Factor


class BookmarkSet(v.Event, frozen=True):
    """The user marked a moment: that of `at_step`, an earlier one; None is this one."""

    text: str = ""
    at_step: v.Count | None = None


class OrderChanged(v.Event, frozen=True):
    """The order in which cards are given out from here on."""

    order: v.OrderName


class BetPlaced(v.Event, frozen=True):
    """Somebody predicts what will happen: `share` (0 to 1) of a score, else `choice`.
    Its outcome is not logged: it follows from the events after it, see `runs.bets`. `hands` are how
    many of a room chose each answer, in the order of `runs.bets.CHOICES`; of a score, each of as
    many shares as there are numbers, from 0 to 1. `hands_before` are those of the same question
    before everybody talked to a neighbour. `is_of_class`: a class predicts it, whose hands somebody
    has looked at: without phones nothing counts them."""

    bet: v.BetQuestion
    share: v.Share | None = None
    choice: v.BetChoice | None = None
    hands: tuple[v.Count, ...] = ()
    hands_before: tuple[v.Count, ...] = ()
    is_of_class: bool = False


class RecipeChanged(v.Event, frozen=True):
    """The recipe of updates from here on, until the next one: all that decides them but the deck.

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
    learning_rate_factor: v.Factor = 1.0
    order: v.OrderName = "shuffled"
    seed: v.WholeNumber = 1
    rehearsal: v.Share = 0.0
    learns: v.Learns = "all"
    practice: v.Practice = "taught"
    vote: v.Vote | None = None


class RemedyChanged(v.Event, frozen=True):
    """A later chapter's remedies against forgetting from here on.
    `rehearsal` and `learns` are as in `RecipeChanged`; `n_learned` of the numbers learn."""

    rehearsal: v.Share = 0.0
    learns: v.Learns = "all"
    n_learned: v.Count = 0


class PracticeChanged(v.Event, frozen=True):
    """The way in which the cards of a deck with a judge are practised from here on."""

    practice: v.Practice


class AdapterSwitched(v.Event, frozen=True):
    """The adapter was put on or off: off, the model is the one from before it, bit for bit."""

    is_on: bool


class RunBranched(v.Event, frozen=True):
    """Here this run left another: what is logged before it is that run's, up to this step.
    `parent` is that run's name, `change` what is different from here on."""

    start: RunStarted
    parent: str
    change: v.BranchChange


class StepsAsked(v.Event, frozen=True):
    """Paused; from here this many cards are taught, one an update."""

    n_cards: v.Count


class RunPaused(v.Event, frozen=True):
    """No update is made until further notice."""


class RunPlayed(v.Event, frozen=True):
    """Updates go on."""


class LessonEnded(v.Event, frozen=True):
    """The lesson is over: why, the confirmed scores, the verdict. Playing goes on beyond it."""

    reason: v.EndReason
    verdict_kind: v.VerdictKind
    seen: v.Score
    unseen: v.Score


class RunDiverged(v.Event, frozen=True):
    """The weights or the loss are no longer finite: nothing is taught from here."""


class RunRewound(v.Event, frozen=True):
    """The run went back to the state of `step`: comes after the `RunResumed` that says so.
    `from_step` is where it had come to; `factor` is the learning rate's now. `undone`: the exams
    that were taken back with it, each by its step and the share right of the cards taught."""

    from_step: v.Count
    factor: v.Factor
    undone: tuple[tuple[v.Count, v.Share], ...] = ()


class StateSaved(v.Event, frozen=True):
    """Weights, optimizer and random state are durable at this step."""

    file: str


class DamageFound(v.Event, frozen=True):
    """A saved state could not be used; that of `step`, before it, was taken instead.
    `file` is the damaged one in the run folder."""

    file: str


_Course = RunStarted | DeckChanged | ChapterBegan | RunResumed | RunBranched | RunPaused | RunPlayed
_End = LessonEnded | RunDiverged | RunRewound | StateSaved | DamageFound
_Wish = PromptPinned | PromptUnpinned | VoteCast | SpeedChanged | LearningRateChanged | BookmarkSet
_Way = OrderChanged | BetPlaced | RemedyChanged | PracticeChanged | AdapterSwitched | StepsAsked
AnyEvent = _Course | _End | _Wish | _Way | RecipeChanged | measured.Measured | unlogged.Unlogged

encode: Callable[[AnyEvent], bytes] = run_files.json_line
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def decode(line: bytes) -> AnyEvent:
    """The event of one line; every number in it is one that there can be.
    Raises msgspec.DecodeError: not JSON, not an event, or a field that can't be so."""
    try:
        return _decoder.decode(line)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deep") from error
