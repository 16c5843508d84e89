"""What a trainer and the rivals' process say to each other: JSON lines, one struct a line."""

from __future__ import annotations

import msgspec

from flashcards.runs.values import Rival, RivalAnswer


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: which cards of the deck's file the lesson teaches, and so the rivals know.

    `never_seen`: one mark a card, 1 when it is never taught, packed as in `runs.marks`: the
    lesson's split may differ from the file's after the deck was changed.
    """

    deck: str
    never_seen: str
    shuffle_seed: int | None = None


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """Every further line: a prompt that was typed; the answers carry its request number."""

    request: int
    prompt: str


class Graded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    rival: Rival
    is_last: bool


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: int
    answers: tuple[RivalAnswer, ...]


Reply = Graded | Answered

_encoder = msgspec.json.Encoder()
_replies: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def encode(line: Table | Typed | Reply) -> bytes:
    return _encoder.encode(line) + b"\n"


def decode_reply(line: bytes) -> Reply:
    """Raises msgspec.DecodeError."""
    return _replies.decode(line)
