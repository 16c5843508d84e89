"""What a parent asks a trainer to teach: the first line on its standard input."""

from __future__ import annotations

import msgspec

from flashcards.runs.values import Speed


class LessonRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deck to teach from the start, or a run to go on with.

    Attributes:
        deck: Path or name of a deck; with `resume` it is taken from the run.
        speed: None opens slowly, so that a first guess and its correction can be read.
        runs: Folder of the runs; None is the platform's.
        resume: Path of a run to go on with.
        is_shuffled: The answers are shuffled among the cards first: what is left to learn then
            is which card has which answer, and nothing about cards never seen.
        duty: Share of the time that is spent training, above 0 to 1: the rest is slept.
        is_following: No update is made before `FollowTo` allows it.
    """

    deck: str
    seed: int = 1
    speed: Speed | None = None
    runs: str | None = None
    device: str = "cpu"
    resume: str | None = None
    is_shuffled: bool = False
    duty: float = 1.0
    is_following: bool = False


def encode(request: LessonRequest) -> bytes:
    """The request as one JSON line, newline included."""
    return msgspec.json.encode(request) + b"\n"


def decode(line: bytes) -> LessonRequest:
    """The request of one line.

    Raises:
        msgspec.DecodeError: it is not one.
    """
    return msgspec.json.decode(line, type=LessonRequest)
