"""The presenter's remote: one device that holds the secret, and signs what it wants. Knows no
network.

The secret stands in the fragment of the remote's link, which no browser sends. A command is signed
with it by HMAC-SHA256 (RFC 2104), together with the challenge of this server, the device and a
counter that only grows: so a command that somebody listens to can't be sent again, not even to a
room that was opened again. Who can change what a page is made of can read the secret on the phone:
`docs/share-a-lesson.md` says so.
"""

import hmac
import re
from collections import Counter
from typing import Literal

import msgspec

from flashcards.audience.phone_room import Phone

DEVICE = re.compile(r"[0-9a-f]{32}")
MAX_COUNTER = 2**53 - 1  # the largest whole number that JavaScript counts to
FOLLOW = "follow"
ADDRESS = "/remote"  # and what is below it

Refusal = Literal["closed", "forged", "another_device", "replayed"]


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command as a device sends it: `mac` is the hexadecimal signature of all else."""

    device: str
    counter: int
    command: str
    mac: str


class Remote:
    """The door for commands, and the page behind it; closed as long as no secret is allowed."""

    def __init__(self, challenge: str) -> None:
        """`challenge`: random, and another one each time a server starts."""
        self.challenge = challenge
        self.device = ""
        self.refused = Counter[Refusal]()
        self.phone = Phone("remote")
        self._secret = ""
        self._counter = 0
        self._content: bytes | None = None
        self._is_told = False

    @property
    def is_open(self) -> bool:
        return bool(self._secret)

    def allow(self, secret: str, device: str = "") -> None:
        """Obey whoever has this secret from now on, and nobody for "". The first device that signs
        with it is the only one, unless `device` is named."""
        if secret != self._secret:
            self._counter = 0
            self._content = None
            self.phone.stream += 1  # who follows is told, and comes back only with the new secret
            self.phone.is_following = False
            self.phone.woken.set()
        self._secret, self.device = secret, device

    def refusal(self, signed: Signed) -> Refusal | None:
        """Take a signed command. Returns why it is not obeyed; None for one that is."""
        why = self._why_refused(signed)
        if why is not None:
            self.refused[why] += 1
            return why
        self.device = signed.device
        self._counter = signed.counter
        return None

    def _why_refused(self, signed: Signed) -> Refusal | None:
        if not self._secret:
            return "closed"
        wanted = signature(self._secret, self.challenge, signed)
        # non-ASCII text can't be compared in constant time as text
        if not hmac.compare_digest(wanted.encode(), signed.mac.encode("utf-8", "replace")):
            return "forged"
        if not DEVICE.fullmatch(signed.device):
            return "forged"
        if self.device not in ("", signed.device):
            return "another_device"
        if not self._counter < signed.counter <= MAX_COUNTER:
            return "replayed"
        return None

    # What it is shown: as a phone follows the lesson

    def show(self, content: bytes) -> None:
        self._content, self._is_told = content, False
        self.phone.woken.set()

    def begin_stream(self, phone: Phone) -> int:
        """The remote follows from here on, perhaps in another tab: an older stream ends."""
        phone.stream += 1
        phone.is_following = True
        self._is_told = False
        phone.woken.set()
        return phone.stream

    @property
    def farewell(self) -> str:
        """The last event of a stream that ends: another tab follows, or the secret is a new one."""
        return "elsewhere" if self.phone.is_following else "withdrawn"

    def end_stream(self, phone: Phone, stream: int) -> None:
        if phone.stream == stream:
            phone.is_following = False

    def news(self, phone: Phone) -> list[tuple[str, bytes | dict[str, object]]]:
        phone.woken.clear()
        if self._is_told or self._content is None:
            return []
        self._is_told = True
        return [("remote", self._content)]


def signature(secret: str, challenge: str, signed: Signed) -> str:
    """HMAC-SHA256 of what a command says, in hexadecimal; `remote.js` makes the same."""
    parts = (challenge, signed.device, str(signed.counter), signed.command)
    text = "\n".join(parts).encode("utf-8", "replace")
    return hmac.digest(secret.encode(), text, "sha256").hex()
