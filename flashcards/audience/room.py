"""Who is in the room, what they see and what they ask. Knows no network, no process and no clock.

A phone is known by a number that its cookie holds. Every phone has room for the newest content of
each part of the page and for a few answers, so a slow one costs no more than a fast one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from flashcards.audience.messages import MAX_PROMPT_CHARACTERS, MAX_WAITING, Part
from flashcards.cards.grammar import as_taught

MAX_PHONES = 1_000
MAX_WAITING_OF_ONE = 5
"""Questions of one phone that wait, so that one alone can't fill the queue."""

MAX_REPLIES = 8
EVERY_S = 1.0
"""A phone's questions are at least so far apart."""

Refusal = Literal["empty", "too_soon", "too_many", "full"]


@dataclass(slots=True)
class Phone:
    """One phone. `replies` are what it has not been told yet: (kind, question, fields)."""

    key: str
    asked_at_s: float = float("-inf")
    waiting: set[int] = field(default_factory=set)
    replies: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=MAX_REPLIES))
    seen: dict[Part, int] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    stream: int = 0
    is_following: bool = False


class FullError(Exception):
    """There are as many phones as there can be."""


class PhoneRoom:
    """Everybody in it, the newest content, and the questions that wait."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._phones: OrderedDict[str, Phone] = OrderedDict()
        self._contents: dict[Part, tuple[int, bytes]] = {}
        self._askers: dict[int, tuple[Phone, str]] = {}
        self._n_questions = 0

    @property
    def n_following(self) -> int:
        """Phones that have the page open."""
        return sum(phone.is_following for phone in self._phones.values())

    @property
    def n_waiting(self) -> int:
        return len(self._askers)

    def phone(self, key: str) -> Phone | None:
        return self._phones.get(key)

    def new_phone(self) -> Phone:
        """One more phone; the one that left longest ago makes room.
        Raises FullError: all that there can be follow the lesson."""
        if len(self._phones) >= MAX_PHONES:
            gone = next((p for p in self._phones.values() if not p.is_following), None)
            if gone is None:
                raise FullError
            del self._phones[gone.key]
        phone = Phone(secrets.token_urlsafe(12))
        self._phones[phone.key] = phone
        return phone

    def show(self, part: Part, content: bytes) -> None:
        version, _ = self._contents.get(part, (0, b""))
        self._contents[part] = (version + 1, content)
        for phone in self._phones.values():
            phone.woken.set()

    def news(self, phone: Phone) -> list[tuple[str, bytes | dict[str, object]]]:
        """What this phone has not been told yet: a part and its content, or "reply"."""
        phone.woken.clear()
        told: list[tuple[str, bytes | dict[str, object]]] = []
        for part, (version, content) in self._contents.items():
            if phone.seen.get(part) != version:
                phone.seen[part] = version
                told.append((part, content))
        while phone.replies:
            told.append(("reply", phone.replies.popleft()))
        return told

    def begin_stream(self, phone: Phone) -> int:
        """The phone opened the page, again perhaps: it is told everything; an older one ends."""
        phone.stream += 1
        phone.seen.clear()
        phone.is_following = True
        phone.woken.set()
        self._phones.move_to_end(phone.key)
        return phone.stream

    def end_stream(self, phone: Phone, stream: int) -> None:
        if phone.stream == stream:
            phone.is_following = False

    def ask(self, phone: Phone, text: str) -> tuple[int, str] | Refusal:
        """Take in a question; its number and the prompt, or why not."""
        now_s = self._clock()
        if now_s - phone.asked_at_s < EVERY_S:
            return "too_soon"
        prompt = as_taught(text[:MAX_PROMPT_CHARACTERS].replace("\n", " "))
        prompt = prompt[:MAX_PROMPT_CHARACTERS].strip()
        if not prompt:
            return "empty"
        if len(phone.waiting) >= MAX_WAITING_OF_ONE:
            return "too_many"
        if self.n_waiting >= MAX_WAITING:
            return "full"
        phone.asked_at_s = now_s
        self._n_questions += 1
        phone.waiting.add(self._n_questions)
        self._askers[self._n_questions] = (phone, prompt)
        return self._n_questions, prompt

    def settle(self, question: int, reply: dict[str, object]) -> None:
        """Tell the phone that sent a question whether it was asked; nothing if no phone did."""
        found = self._askers.pop(question, None)
        if found is None:
            return
        phone, prompt = found
        phone.waiting.discard(question)
        phone.replies.append({"prompt": prompt, **reply})
        phone.woken.set()
