"""Requests to the trainer: imperative, one frozen struct a kind, one JSON line each."""

from collections.abc import Callable

import msgspec

from flashcards.runs import values as v
from flashcards.runs.details import MapPoint
from flashcards.runs.goal import Goal

MAX_PINS = 8
LEARNING_RATE_FACTORS = (1 / 1024, 1024.0)  # The least and the largest that can be asked for


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all commands."""


class Play(Command, frozen=True):
    """Go on teaching."""


class Pause(Command, frozen=True):
    """Make no further update."""


class PauseAt(Command, frozen=True):
    """Go on teaching, and pause as soon as the goal is reached; `GoalReached` says so.
    Its seconds are nominal seconds of training from here, the same steps on every machine. Without
    any part of a goal, it pauses at once. `is_graded`: every card is asked there before."""

    goal: Goal = Goal()
    request: int = 0
    is_graded: bool = False


class Step(Command, frozen=True):
    """Pause, and teach this many single cards, one update each."""

    n_cards: int = 1


class NextPhase(Command, frozen=True):
    """Walk: hold the current update at its next phase, until the next `NextPhase`.
    Between updates the next card begins, held at DATA. Play, Step and SetSpeed end walking; the
    current update is finished at once then. Pausing leaves it held."""


class SetOrder(Command, frozen=True):
    """Give cards out in this order from the next update on."""

    order: v.OrderName


class SetRemedy(Command, frozen=True):
    """Teach a later chapter with these remedies against forgetting from the next update on.
    `rehearsal` is the share of cards drawn from those that earlier chapters taught; `learns` says
    which of the model's numbers change. None leaves one as it is."""

    rehearsal: float | None = None
    learns: v.Learns | None = None


class SetPractice(Command, frozen=True):
    """Practise the cards of a deck that has a judge in this way from the next update on.
    "rewarded" is what such a chapter begins with. The others are controls: "shuffled" gives the
    rewards to the wrong tries, "taught" shows the answers, as in any lesson."""

    practice: v.Practice


class CastVote(Command, frozen=True):
    """Prefer one of the two answers that were drawn at `step`: one update by that.
    It has no effect when other updates were made since."""

    step: int
    choice: v.Vote


class SwitchAdapter(Command, frozen=True):
    """Put the adapter on or off, if there is one. Off, the lesson is paused."""

    is_on: bool


class Rewind(Command, frozen=True):
    """Go back to the last good saved state before it went wrong; what came after is dropped.
    The learning rate goes back to the deck's own, or to half of what it was then if it was the
    deck's own or less. The lesson is paused there."""


class LookInside(Command, frozen=True):
    """Send the model as it is now as an `InsideSeen` with the same request number.
    `like` is a map that this one is turned to resemble, of another process or moment; without one
    it resembles the map sent before. `n_maps`: heat maps that there is room for; None for all."""

    like: tuple[MapPoint, ...] = ()
    n_maps: int | None = None
    request: int = 0


class SetSpeed(Command, frozen=True):
    """Teach at this speed from the next update on; at full speed so many updates, if any, are
    spread over a minute where this machine is fast enough: the run is the same."""

    speed: v.Speed
    n_in_minute: int = 0


class SetLearningRate(Command, frozen=True):
    """Multiply the deck's learning rate by this factor (absolute, 1.0 = the deck's own)."""

    factor: float


class Ask(Command, frozen=True):
    """Answer this prompt as the model is now; the answer carries the same request number."""

    prompt: str
    request: int = 0
    options: v.AskOptions = v.AskOptions()


class TakeExam(Command, frozen=True):
    """Examine the model as it is now, asked with these options; answered by `ExamVaried`."""

    options: v.AskOptions
    request: int = 0


class Pin(Command, frozen=True):
    """Ask this prompt again at every exam. With `MAX_PINS` of them the oldest makes room."""

    prompt: str


class Unpin(Command, frozen=True):
    prompt: str


class AskPast(Command, frozen=True):
    """Answer this prompt with every saved state of the run."""

    prompt: str
    request: int = 0


class TeachCard(Command, frozen=True):
    """Add a card to the deck and teach it from now on, or give a card of the deck this answer."""

    prompt: str
    answer: str
    request: int = 0


class TakeDeck(Command, frozen=True):
    """Teach the deck with this text, a deck file's, from now on; cards keep their history."""

    text: str


class ListCards(Command, frozen=True):
    """Send `n_rows` cards from `offset` on, in this order.
    `filter` keeps the cards with this text in prompt, answer or section, letter case apart."""

    sort: v.CardSort = "deck"
    filter: str = ""
    offset: int = 0
    n_rows: int = 50
    request: int = 0


class CutTexts(Command, frozen=True):
    """Say how the tokenizer cuts these texts into pieces: a prompt, then answers."""

    texts: tuple[str, ...]
    request: int = 0


class DrawPair(Command, frozen=True):
    """Draw two different answers to one prompt, to vote on; answered by `PairDrawn`."""

    request: int = 0


class SetBookmark(Command, frozen=True):
    """Mark the moment of `step`, this one or an earlier one, with a few words or none."""

    step: int
    text: str = ""


class PlaceBet(Command, frozen=True):
    """Note what somebody predicts; the fields are those of `BetPlaced`. Changes nothing."""

    bet: v.BetQuestion
    share: float | None = None
    choice: v.BetChoice | None = None
    hands: tuple[int, ...] = ()
    hands_before: tuple[int, ...] = ()
    is_of_class: bool = False


class FollowTo(Command, frozen=True):
    """A twin's: make no update beyond this step. `is_end`: the other model is taught no more, so
    there all cards are asked."""

    limit_step: int
    is_end: bool = False


class GoTo(Command, frozen=True):
    """A time machine's: be the model of this step; `StepReached` says how far it has come.
    What is asked meanwhile waits for the arrival. Another `GoTo` takes the place of this one."""

    step: int


class ShowUpdate(Command, frozen=True):
    """A time machine's: make update `step` once more and measure its first card's correction.
    Answered by `CorrectionMeasured(step)`, recomputed. 1 is a run's first update."""

    step: int


class Stop(Command, frozen=True):
    """End. With `is_saved` everything is saved first."""

    is_saved: bool = True


Pacing = Play | Pause | PauseAt | Step | NextPhase | SetSpeed | SetLearningRate

BetweenUpdates = TeachCard | TakeDeck | SetRemedy | SetPractice | CastVote | SwitchAdapter | Rewind
"""Commands that are obeyed only between two updates, never while a card is held."""

Question = Ask | TakeExam | AskPast | ListCards | CutTexts | DrawPair | LookInside
"""An event answers it, by the request number."""

Note = Pin | Unpin | SetBookmark | PlaceBet
Travelling = GoTo | ShowUpdate
AnyCommand = Pacing | SetOrder | BetweenUpdates | Question | Note | FollowTo | Travelling | Stop

decode: Callable[[bytes], AnyCommand] = msgspec.json.Decoder(AnyCommand).decode
"""Raises msgspec.DecodeError: not JSON, not a command, or a field of the wrong type."""
