"""The room: the phones in it, what they see and what they ask. Knows no network, no process and no
clock. A phone is known by a signed number in its cookie, so a room that is opened again with the
same secret knows its phones. Each holds only the newest content of each part of the page and a few
answers, so a slow one costs no more than a fast one."""

import asyncio
import hmac
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal
from unicodedata import category

from flashcards.audience.messages import MAX_PROMPT_CHARACTERS, MAX_WAITING, Part
from flashcards.cards.grammar import as_taught

MAX_PHONES = 1_000
MAX_OF_ADDRESS = 400  # phones: a lecture may sit behind one, and nobody can take every place

MAX_WAITING_OF_ONE = 5  # questions, so that one phone can't fill the queue

MAX_REPLIES = 8
KEY_PART = 24  # random characters of a phone's key, before its signature

EVERY_S = 1.0  # a phone's questions are at least so far apart

MAX_MARKS = 8  # of one letter; no language stacks more

STACKED = ("Mn", "Me")  # Unicode's marks without a width of their own

Where = Literal["door", "lobby", "lesson"]
Refusal = Literal["empty", "refused", "too_soon", "too_many", "full", "over", "not_now"]


@dataclass(slots=True)
class Phone:
    """One phone. `replies` are what it has not been told yet; `seen` and `where` what it has been
    told: the version of each part of the page, and where it is. `number` is its place among the
    phones that asked, from 1, and 0 before it asks."""

    key: str
    address: str = ""
    is_in: bool = True
    asked_at_s: float = float("-inf")
    waiting: set[int] = field(default_factory=set)
    replies: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=MAX_REPLIES))
    seen: dict[Part, int] = field(default_factory=dict)
    where: Where | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    stream: int = 0
    is_following: bool = False
    places: dict[int, int] = field(default_factory=dict)
    number: int = 0

    @property
    def identity(self) -> str:
        """Random characters that tell it from all other phones, in a room opened again, too."""
        return self.key[:KEY_PART]


class FullError(Exception): ...


class PhoneRoom:
    def __init__(
        self,
        clock: Callable[[], float],
        secret: str,
        refused: Collection[str] = (),
        muted: Collection[str] = (),
    ) -> None:
        """A lobby until the door is closed. A text with a `refused` word is not taken, nor any of
        phones whose identities are `muted`."""
        self._clock = clock
        self._secret = secret.encode()
        self._refused = {word.casefold() for word in refused}
        self.muted = set(muted)
        self.is_lobby = True
        self._phones: OrderedDict[str, Phone] = OrderedDict()
        self._contents: dict[Part, tuple[int, bytes]] = {}
        self._askers: dict[int, tuple[Phone, str]] = {}
        self.withdrawn: list[int] = []  # questions of phones that lost their place
        self.takes_questions = True
        self.model_page: bytes | None = None
        self._n_questions = self._n_askers = 0
        self._ballot = 0
        self.hands = list[int]()
        self.texts = dict[str, int]()
        self._is_typed = False
        self.is_voting = False
        self.is_shown = asyncio.Event()  # since all were woken last

    @property
    def n_following(self) -> int:
        """Phones in the room that have the page open."""
        return sum(phone.is_following and phone.is_in for phone in self._phones.values())

    @property
    def n_at_door(self) -> int:
        return sum(phone.is_following and not phone.is_in for phone in self._phones.values())

    @property
    def n_waiting(self) -> int:
        return len(self._askers)

    def phone(self, key: str, address: str = "") -> Phone | None:
        """The phone with this key, of an earlier room too; None for no such. Raises FullError."""
        phone = self._phones.get(key)
        if phone is None and hmac.compare_digest(key.encode(), self._key(key[:KEY_PART]).encode()):
            return self._add(Phone(key, address, self.is_lobby))
        return phone

    def new_phone(self, address: str = "") -> Phone:
        """One more phone; the one that left longest ago makes room.
        Raises FullError: all that there can be, or can be of this address, follow the lesson."""
        return self._add(Phone(self._key(secrets.token_hex(KEY_PART // 2)), address, self.is_lobby))

    def _key(self, part: str) -> str:
        return part + hmac.digest(self._secret, part.encode(), "sha256").hex()

    def _add(self, phone: Phone) -> Phone:
        phones = list(self._phones.values())
        beside = [other for other in phones if other.address == phone.address]
        if len(beside) >= MAX_OF_ADDRESS or len(phones) >= MAX_PHONES:
            among = beside if len(beside) >= MAX_OF_ADDRESS else phones
            idle = next((other for other in among if not other.is_following), None)
            if idle is None:
                raise FullError
            del self._phones[idle.key]
            for question in idle.waiting:  # else new phones without end could fill the queue
                del self._askers[question]
            self.withdrawn += idle.waiting
        self._phones[phone.key] = phone
        return phone

    def close_door(self) -> None:
        """The lesson begins: newcomers wait at the door from here on."""
        self.is_lobby = False
        self.is_shown.set()

    def let_in(self) -> None:
        """Let in those who wait at the door now, not everyone who knocked."""
        for phone in self._phones.values():
            phone.is_in |= phone.is_following
            phone.woken.set()

    def show(self, part: Part, content: bytes) -> None:
        version, _ = self._contents.get(part, (0, b""))
        self._contents[part] = (version + 1, content)
        self.is_shown.set()

    def give_model(self, page: bytes) -> None:
        """Let phones open this page; each is told that it is there."""
        self.model_page = page
        self.show("model", b"{}")

    def wake(self) -> None:
        """Let every phone be told what is new, or that the room is still open."""
        self.is_shown.clear()
        for phone in self._phones.values():
            phone.woken.set()

    def news(self, phone: Phone) -> list[tuple[str, bytes | dict[str, object]]]:
        """Return the messages this phone has not had: where it is, parts with their contents,
        replies."""
        phone.woken.clear()
        messages: list[tuple[str, bytes | dict[str, object]]] = []
        where: Where = "door" if not phone.is_in else "lobby" if self.is_lobby else "lesson"
        if phone.where != where:
            phone.where = where
            messages.append(("where", {"where": where}))
        if not phone.is_in:
            return messages
        for part, (version, content) in self._contents.items():
            if phone.seen.get(part) != version:
                phone.seen[part] = version
                messages.append((part, content))
        while phone.replies:
            messages.append(("reply", phone.replies.popleft()))
        return messages

    def begin_stream(self, phone: Phone) -> int:
        """The phone opened the page, again perhaps: it is told everything; an older one ends."""
        phone.stream += 1
        phone.seen.clear()
        phone.where = None
        phone.is_following = True
        phone.woken.set()
        self._phones.move_to_end(phone.key)
        return phone.stream

    def end_stream(self, phone: Phone, stream: int) -> None:
        if phone.stream == stream:
            phone.is_following = False

    @property
    def farewell(self) -> str:
        """The last event of a stream that ends before its phone goes."""
        return "elsewhere"

    def ask(self, phone: Phone, text: str) -> tuple[int, str] | Refusal:
        """Take in a question; its number and the prompt, or why not. Every phone has a place for
        one question, so nobody can fill the queue, from one address or from many."""
        now_s = self._clock()
        if phone.identity in self.muted or not self.takes_questions:
            return "not_now"
        if now_s - phone.asked_at_s < EVERY_S:
            return "too_soon"
        prompt = _cleaned(text)
        if why := self._why_refused(prompt):
            return why
        if len(phone.waiting) >= MAX_WAITING_OF_ONE:
            return "too_many"
        if phone.waiting and self.n_waiting >= MAX_WAITING:
            return "full"
        phone.asked_at_s = now_s
        if not phone.number:
            self._n_askers += 1
            phone.number = self._n_askers
        self._n_questions += 1
        phone.waiting.add(self._n_questions)
        self._askers[self._n_questions] = (phone, prompt)
        return self._n_questions, prompt

    def _why_refused(self, text: str) -> Refusal | None:
        if not text:
            return "empty"
        words = {text.casefold(), *re.findall(r"\w+", text.casefold())}
        return None if words.isdisjoint(self._refused) else "refused"

    def settle(self, question: int, reply: dict[str, object]) -> None:
        """Tell the phone that sent a question whether it was asked; nothing if no phone did."""
        asker = self._askers.pop(question, None)
        if asker is None:
            return
        phone, prompt = asker
        phone.waiting.discard(question)
        phone.replies.append({"prompt": prompt, **reply})
        phone.woken.set()

    def drop_phone(self, question: int) -> None:
        """Drop all that the phone which sent this asks, and take no more of it."""
        if question not in self._askers:
            return
        phone, _ = self._askers[question]
        self.muted.add(phone.identity)
        for waiting in sorted(phone.waiting):
            self.settle(waiting, {})

    def open_ballot(self, ballot: int, n_places: int) -> None:
        self._ballot = ballot
        self.hands = [0] * n_places
        self.is_voting = True
        self.texts = {}
        self._is_typed = not n_places

    def vote(self, phone: Phone, ballot: int, place: int, text: str = "") -> Refusal | None:
        """Take a phone's answer, its last one until time is over. Returns why it does not count,
        if so: a phone that slept may still show an earlier question."""
        if not self.is_voting or ballot != self._ballot:
            return "over"
        if self._is_typed:
            answer = _cleaned(text)
            if why := self._why_refused(answer):
                return why
            place = self.texts.get(answer, len(self.texts))
            if place == MAX_PHONES:
                return "full"
            if place == len(self.hands):
                self.texts[answer] = place
                self.hands.append(0)
        if not 0 <= place < len(self.hands):
            return "empty"
        if self._ballot in phone.places:
            self.hands[phone.places[self._ballot]] -= 1
        self.hands[place] += 1
        phone.places[self._ballot] = place
        return None

    def settle_ballot(self, ballot: int, prompt: str, texts: Mapping[int, str], text: str) -> None:
        for phone in self._phones.values():
            place = phone.places.pop(ballot, -1)  # not known if the room was opened again since
            reply = {"prompt": prompt, "answer": texts.get(place, text), "how": ""}
            phone.replies.append({**reply, "is_for_all": place not in texts})
            phone.woken.set()


def unstacked(text: str) -> str:
    """The text with at most `MAX_MARKS` on a letter: more would run over other lines."""
    chars: list[str] = []
    n_marks = 0
    for char in text:
        n_marks = n_marks + 1 if category(char) in STACKED else 0
        if n_marks <= MAX_MARKS:
            chars.append(char)
    return "".join(chars)


def _cleaned(text: str) -> str:
    prompt = as_taught(text[:MAX_PROMPT_CHARACTERS].replace("\n", " "))
    return unstacked(prompt[:MAX_PROMPT_CHARACTERS]).strip()
