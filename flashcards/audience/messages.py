"""Messages between the app and the page server: one frozen struct a kind, one JSON line each."""

from collections.abc import Callable
from typing import Literal

import msgspec

from flashcards.cards.card import MAX_CARD_CHARACTERS

MAX_PROMPT_CHARACTERS = MAX_CARD_CHARACTERS
MAX_WAITING = 200  # questions; from then on a phone may only send one when none of its own waits

Part = Literal["opening", "lesson", "card", "curve", "ballot", "model"]

RemoteCommand = Literal[
    "on",
    "back",
    "question",
    "no_bet",
    "end_question",
    "second_round",
    "call_off",
    "ask",
    "drop",
    "drop_phone",
    "close_questions",
    "open_questions",
    "let_in",
    "give_model",
    "away",
]
"""The work of the remote's buttons; `ask`, `drop` and `drop_phone` are about one question."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all of them."""


class Opening(Message, frozen=True):
    """The app's first line: the address to listen on; ports, the first that is free is taken, 0 is
    any; the path that lets a phone in, in any letter case; and what signs the phones' cookies: with
    the same secret they have their places again. Texts with a word of `refused` are not taken, nor
    those of phones that are `muted`."""

    host: str
    code: str
    secret: str
    refused: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    ports: tuple[int, ...] = (0,)


class Shown(Message, frozen=True):
    """A part of the page, as phones show it from here on."""

    part: Part
    content: msgspec.Raw


class QuestionAnswered(Message, frozen=True):
    """The model answered; it goes to the phone that asked. `how` says how it knows the prompt."""

    question: int
    answer: str
    how: str


class QuestionDropped(Message, frozen=True):
    question: int


class BallotOpened(Message, frozen=True):
    """Phones may answer the question that is shown: with one of so many places, or with a text."""

    ballot: int
    n_places: int = 0


class PhoneDropped(Message, frozen=True):
    """All questions of the phone that sent this one are dropped, and it may send no more."""

    question: int


class Bidden(Message, frozen=True):
    """A command of the app: newcomers wait at the door; or those who wait come in; or time is over,
    and a last `PhonesCounted` tells the answers; or no phone may send a question, or each again."""

    what: Literal["close_door", "let_in", "end_ballot", "close_questions", "open_questions"]


class ModelGiven(Message, frozen=True):
    """The page with the model inside, which phones may open from here on."""

    html: str


class RemoteAllowed(Message, frozen=True):
    """Whoever holds this secret may command the app, "" for nobody; the first device that does is
    the only one, unless `device` is named."""

    secret: str
    device: str = ""


class RemoteShown(Message, frozen=True):
    """The remote shows this from here on."""

    content: msgspec.Raw


class BallotSettled(Message, frozen=True):
    """The outcome of a bet: its text for phones that gave each place, `text` for all others."""

    ballot: int
    prompt: str
    texts: dict[int, str]
    text: str


class Opened(Message, frozen=True):
    """The server listens. `link` ends with the code that lets a phone in."""

    link: str


class QuestionSent(Message, frozen=True):
    """Somebody in the room wants this prompt asked; cleaned, and cut to what the model holds.
    `phone` numbers the phones that asked, from 1."""

    question: int
    prompt: str
    phone: int = 0


class QuestionsWithdrawn(Message, frozen=True):
    """The phones that sent these have lost their places to others: nobody waits for an answer."""

    questions: tuple[int, ...]


class PhonesCounted(Message, frozen=True):
    """Counts of phones that follow the lesson, that wait at the door, and of those that answered
    the question of the moment, or the last one, by place; of a question without places `texts` are
    what was typed, once time is over. Phones that are `muted` may send no more texts."""

    n_phones: int
    n_at_door: int = 0
    hands: tuple[int, ...] = ()
    is_voting: bool = False
    texts: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()


class RemoteJoined(Message, frozen=True):
    """This device has the remote from now on."""

    device: str


class RemoteCommanded(Message, frozen=True):
    """The remote wants this done; `question` names what it is about, 0 where it is about none."""

    what: RemoteCommand
    question: int = 0


class Failed(Message, frozen=True):
    """The server ends; a sentence says why."""

    text: str


ToServer = (
    Opening
    | Shown
    | QuestionAnswered
    | QuestionDropped
    | PhoneDropped
    | Bidden
    | BallotOpened
    | BallotSettled
    | ModelGiven
    | RemoteAllowed
    | RemoteShown
)
FromServer = (
    Opened
    | QuestionSent
    | QuestionsWithdrawn
    | PhonesCounted
    | RemoteJoined
    | RemoteCommanded
    | Failed
)

Emit = Callable[[Message], None]

read_by_server: Callable[[bytes], ToServer] = msgspec.json.Decoder(ToServer).decode
read_by_app: Callable[[bytes], FromServer] = msgspec.json.Decoder(FromServer).decode
"""Of a line. Raises msgspec.DecodeError: it is no such message."""


def line_of(message: Message) -> bytes:
    return msgspec.json.encode(message) + b"\n"
