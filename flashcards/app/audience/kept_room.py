"""The room's code and secret, kept for half a day: opened again, it has the link it had."""

import contextlib
import secrets
import time
from pathlib import Path

import msgspec

from flashcards.runs.files import read_file, write_atomically

KEPT_S = 12 * 3600
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another


class KeptRoom(msgspec.Struct, frozen=True):
    """`secret` signs the cookies of phones that are known."""

    code: str
    secret: str
    opened_at_s: float


def kept_room() -> KeptRoom:
    """The room that was open today, else a new one, kept from now on."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        room = msgspec.json.decode(read_file(_file(), 1_000), type=KeptRoom)
        if 0 <= time.time() - room.opened_at_s < KEPT_S:
            return room
    code = "".join(secrets.choice(LETTERS) for _ in range(5))
    room = KeptRoom(code, secrets.token_hex(), time.time())
    with contextlib.suppress(OSError):  # else the next room is another one
        _file().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_file(), msgspec.json.encode(room))
    return room


def forget() -> None:
    with contextlib.suppress(OSError):
        _file().unlink()


def _file() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("flashcards", appauthor=False)) / "room.json"
