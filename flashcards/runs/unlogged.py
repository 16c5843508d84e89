"""Events that are not logged: answers to questions, and what the screen shows of one moment."""

from flashcards.runs import details, values as v


class TrainerWoke(v.Event, frozen=True):
    """The trainer process is up and says what it is doing next, and how far it is, if it knows."""

    stage: str
    percent: int | None = None


class TrainerFailed(v.Event, frozen=True):
    """The trainer cannot go on; `text` says why in a sentence for the user.
    `taken_run` is the folder of the run that another program is writing, "" for other reasons.
    `needs_option`: an option has to be given; no key gives one."""

    text: str
    taken_run: str = ""
    needs_option: bool = False


class GoalReached(v.Event, frozen=True):
    """The goal of the `PauseAt` with this request number holds; the lesson is paused."""

    request: v.Count


class StepReached(v.Event, frozen=True):
    """A time machine's model is the one of `step` now, on its way to `target`.
    Several a second while it goes there; the last has `is_arrived`. `target` is the step asked for,
    or the last one that the log knows, when that is earlier. `text` is "" or says, in a sentence
    for the user, why that step can't be reached: then `is_arrived` is False, and nothing more
    follows this `GoTo`."""

    target: v.Count
    is_arrived: bool = False
    text: str = ""


class PhaseEntered(v.Event, frozen=True):
    """While explaining or stepping: the current update really is in this phase now.
    `is_held`: it stays there until the next `NextPhase`."""

    phase: v.Phase
    correction: v.Correction
    is_held: bool = False


class UpdateDetails(v.Event, frozen=True):
    """The current update from within, as far as it has come; raw weights.

    Comes right after the `PhaseEntered` of the same phase; what is not known yet is None.

    Attributes:
        pieces: The card cut up: prompt, separator, answer, end. Known from DATA on.
        n_choices: How many pieces an answer can have: what is chosen among.
        n_ahead: So many pieces beyond the next are to be foreseen, too; that is corrected with it.
        reading: The card going through the model. Known from MODEL on.
        expectations: Each place of the answer, the end included. Known from PREDICTION on.
        error_nats: The sum of the expectations' errors. Known from ERROR on.
        adjustment: What was done to the numbers. Known from ADJUSTMENT on: it comes when the
            update was made, after its `CorrectionMeasured`.
    """

    phase: v.Phase
    card_index: v.Count
    pieces: tuple[details.CardPiece, ...]
    n_choices: v.Count
    n_ahead: v.Count = 0
    reading: details.Reading | None = None
    expectations: tuple[details.Expectation, ...] | None = None
    error_nats: v.Number | None = None
    adjustment: details.AdjustmentDetails | None = None


class ExamUnderWay(v.Event, frozen=True):
    """Every card is being asked, which takes a while: so many of them were by now."""

    n_asked: v.Count
    n_cards: v.Count


class InsideSeen(v.Event, frozen=True):
    """The model as it is at this step, raw weights.

    Attributes:
        points: The deck's pieces by their embeddings, on the plane in which they differ most
            (PCA), turned so that it resembles the map sent before.
        share: Of the embeddings' variance that the plane shows, 0 to 1.
        weights: Attention and mlp of each layer, embedding, head; `n_left` more have no room.
    """

    request: v.Count
    points: tuple[details.MapPoint, ...]
    share: v.Share
    weights: tuple[details.WeightMap, ...]
    n_left: v.Count = 0


class PastAnswered(v.Event, frozen=True):
    """Each saved state's answer to a prompt, oldest first, the newest model last.
    Sent again with each answer more; `n_left` are still to come."""

    request: v.Count
    prompt: str
    answers: tuple[v.PastAnswer, ...]
    n_left: v.Count = 0


class CardsListed(v.Event, frozen=True):
    """A part of the list that was asked for: `rows` from `offset` on, of `total`.
    The rows are as of `step`, the order as of `sorted_step`."""

    request: v.Count
    offset: v.Count
    total: v.Count
    rows: tuple[v.CardRow, ...]
    sorted_step: v.Count = 0


class TextsCut(v.Event, frozen=True):
    """The pieces into which the tokenizer cuts the texts that were sent, in that order.
    A space is written as one. `unlearned` is what no learned piece holds, and bytes stand for."""

    request: v.Count
    cuts: tuple[tuple[str, ...], ...]
    unlearned: tuple[str, ...] = ()


class PairDrawn(v.Event, frozen=True):
    """Two answers that the model drew to one prompt, to vote on.
    All are "" where it always says the same."""

    request: v.Count
    prompt: str = ""
    left: str = ""
    right: str = ""


class TeachingRefused(v.Event, frozen=True):
    """A card could not be added to the deck; `text` says why, for the user."""

    request: v.Count
    text: str


_Shown = TrainerWoke | TrainerFailed | PhaseEntered | UpdateDetails | ExamUnderWay
_Answer = GoalReached | StepReached | InsideSeen | PastAnswered | CardsListed | TextsCut | PairDrawn
Unlogged = _Shown | _Answer | TeachingRefused
