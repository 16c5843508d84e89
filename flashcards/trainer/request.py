"""The parent's request to a process with a model: the first line on its standard input."""

import msgspec

from flashcards.base.errors import UserError
from flashcards.runs.goal import Goal
from flashcards.runs.values import Learns, OrderName, Practice, Settings, Speed


class LessonRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deck to teach from the start, or a run to go on with.

    Attributes:
        deck: Path or name of a deck; with `resume` it is taken from the run.
        is_read: The file is read as a text, whatever it is called.
        speed: None opens slowly, so that a first guess and its correction can be read.
        runs: Folder of the runs; None is the platform's.
        is_shuffled: The answers are shuffled among the cards first: what is left to learn then
            is which card has which answer, and nothing about cards never taught.
        duty: Share of the time that is spent training, above 0 to 1: the rest is slept.
        is_following: No update is made before `FollowTo` allows it.
        order: In which order cards are given out; None is shuffled, or as the run has it.
        until: Where the lesson pauses with its verdict; None is where a lesson ends.
        is_paused: No update is made before `Play` or `PauseAt`.
        branch_of: Path or name of a run to leave at step `branch_step`, as a run of its own: the
            same model, optimizer and order of cards. What follows is different only in what is
            said here. The parent is left as it is, and may be written meanwhile.
        branch_seed: Of the order of cards from there on; None for the parent's.
        learning_rate_factor: Of the branch; None for the parent's.
        without_prompt: The branch is not taught the cards with this prompt; None for all cards.
        after: Path or name of a run whose model is taught `deck` from its last step on: a new
            chapter, in a run of its own. The goal's step counts from there.
        rehearsal: Share of the cards drawn from those that earlier chapters taught.
        settings: Settings of a new learner that are not what the deck asks for.
        is_rewarded: The cards are practised by reward: their answers are hidden.
        judge: Who gives the rewards, by name; None is whom the deck names, or its hidden answers.
        practice: How it begins to be practised; None is by reward.
        ask: The template around each prompt when the model is asked; None is the deck's own for a
            model that others have trained, and the prompt alone for others.
        order_seed: Of the order and of the tries in a chapter after a run; None is that run's.
        model: Path of a model that others have trained, to be taught; None for an untaught one.
        answers_of: Path or name of a run whose model answers the cards that are taught: these
            answers take the place of the deck's own. None for the deck's own.
        answers_temperature: At which they are drawn; 0 for the likeliest ones.
    """

    deck: str
    is_read: bool = False
    seed: int = 1
    speed: Speed | None = None
    runs: str | None = None
    device: str = "cpu"
    resume: str | None = None
    is_shuffled: bool = False
    duty: float = 1.0
    is_following: bool = False
    order: OrderName | None = None
    until: Goal | None = None
    is_paused: bool = False
    branch_of: str | None = None
    branch_step: int = 0
    branch_seed: int | None = None
    learning_rate_factor: float | None = None
    without_prompt: str | None = None
    after: str | None = None
    rehearsal: float | None = None
    learns: Learns | None = None
    settings: Settings = {}
    is_rewarded: bool = False
    judge: str | None = None
    practice: Practice | None = None
    order_seed: int | None = None
    ask: str | None = None
    model: str | None = None
    answers_of: str | None = None
    answers_temperature: float = 0.0


class TravelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A run whose steps are to be gone to. `duty`: share of the time that is spent on what nobody
    waits for, above 0 to 1."""

    run: str
    duty: float = 0.5


def encode(request: msgspec.Struct) -> bytes:
    """The request as one JSON line, newline included.
    Raises UserError: a name in it is no Unicode, which another process can't be told."""
    try:
        return msgspec.json.encode(request) + b"\n"
    except UnicodeEncodeError as error:
        problem = (
            f"{error.object}: this name is no UTF-8 text; rename it, or use `flashcards train`"
        )
        raise UserError(problem) from error


def with_paths(request: LessonRequest) -> LessonRequest:
    """The request with its runs named by their paths.
    Raises UserError: the deck or a run is not there, in the words of `open_lesson`."""
    from flashcards.cards.shelf import find
    from flashcards.runs.catalog import find_run, runs_root

    runs = {
        field: name
        for field in ("resume", "after", "branch_of", "answers_of")
        if (name := getattr(request, field)) is not None
    }
    try:
        if not {"resume", "branch_of"} & runs.keys():
            find(request.deck)
        root = runs_root(request.runs)
        return msgspec.structs.replace(
            request, **{field: str(find_run(root, name)) for field, name in runs.items()}
        )
    except OSError:  # to be said when it is opened
        return request
