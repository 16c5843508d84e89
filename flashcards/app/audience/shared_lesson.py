"""The lesson on phones: the page server of the moment, and the questions that came from it.

A room outlives its lessons. Opened again, by another start of the program too, it has the link it
had, and its phones come back.

A phone is told facts that are shown on the screen, and nothing of files or settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import msgspec

from flashcards.app.room import NO_LINE, LineRank
from flashcards.app.session import OnStage, Session
from flashcards.app.view import badge_at, broken_line, is_broken, sentence_of
from flashcards.app.widgets.ballot import COUNTDOWN_S, TALK_S, Ballot, BallotScreen, How
from flashcards.app.widgets.frame import badge_of
from flashcards.audience import messages as ms
from flashcards.audience.audience_client import AudienceClient
from flashcards.audience.remote import ADDRESS
from flashcards.base.decoding import decode_json
from flashcards.base.language import tr
from flashcards.base.system import python
from flashcards.runs import commands, run_files, values
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.wording.lesson import MARK_SIGNS
from flashcards.wording.numbers import count, percent_right
from flashcards.wording.run_kinds import kind_of

INK = "#000000 on #ffffff"  # of a code

KEPT_S = 12 * 3600
MAX_ROOM_BYTES = 100_000  # with a thousand phones that are muted
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another

REMOTE_BYTES = 16  # nobody guesses 128 random bits

N_LETTERS = 6  # who tries 1,000 codes a second for ten minutes finds one of 1,500 rooms


class KeptRoom(msgspec.Struct, frozen=True):
    """`secret` signs the cookies of phones that are known; `remote_secret` the commands of the
    presenter's remote, which `remote_device` has, "" for no device yet. `n_ballots`: questions to
    all so far; phones that stay through a restart know a question by its number. Phones that are
    `muted`, by the random characters of their cookies, may send no more texts."""

    code: str
    secret: str
    opened_at_s: float
    remote_secret: str = msgspec.field(default_factory=lambda: secrets.token_hex(REMOTE_BYTES))
    remote_device: str = ""
    n_ballots: int = 0
    muted: tuple[str, ...] = ()


def kept_room() -> KeptRoom:
    """The room that was open today, else a new one."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        room = decode_json(run_files.read_file(room_file(), MAX_ROOM_BYTES), KeptRoom)
        if 0 <= time.time() - room.opened_at_s < KEPT_S:
            return room
    code = "".join(secrets.choice(LETTERS) for _ in range(N_LETTERS))
    return KeptRoom(code, secrets.token_hex(), time.time())


def keep(room: KeptRoom) -> None:
    with contextlib.suppress(OSError):  # else the next room is another one
        room_file().parent.mkdir(parents=True, exist_ok=True)
        run_files.write_atomically(room_file(), msgspec.json.encode(room))


def forget() -> None:
    for file in (room_file(), remote_file()):
        with contextlib.suppress(OSError):
            file.unlink()


def room_file() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("flashcards", appauthor=False)) / "room.json"


def remote_file() -> Path:
    """The file with the remote's link, which its owner alone can read."""
    return room_file().with_name("remote.txt")


LOOPBACK = "127.0.0.1"
PORTS = (8080, 8081, 8082, 0)  # the same each time, as a rule: so a link is the same
SHOWN_EVERY_S = 1.0
STATES_ON_PHONES = 6  # of a model that phones are given: the page stays below a megabyte
MAX_POINTS = 60  # of a curve on a phone
QUIET = 2  # light modules around a QR code: the norm says four, phones read two
HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


Wanted = Literal["lan", "here", ""]  # open to the network, to this machine alone, or not at all


@dataclass(frozen=True)
class RemoteEnd:
    """The contents of the presenter's remote, and the work of its buttons."""

    facts: Callable[[Session, Sharing], msgspec.Struct]
    obey: Callable[[Session, Sharing, ms.RemoteCommanded], Coroutine[Any, Any, None]]


class Sharing:
    """The sharing of a lesson. `link`: the page's address, "" while no room is open; `wanted`:
    how it is to be opened once there is a lesson; `address`: where it is or was
    open last; `refused`: words that no text from a phone may have; `failure`: why the last room
    closed by itself. In the lobby whoever comes is in; later newcomers wait at the door."""

    def __init__(self) -> None:
        self.wanted: Wanted = ""
        self.refused: tuple[str, ...] = ()
        self.link = ""
        self.address = ""
        self.is_lobby = False
        self.n_phones = self.n_at_door = 0
        self.questions: list[ms.QuestionSent] = []
        self.failure = ""
        self.polled: Ballot | None = None
        self.takes_questions = True
        self.began_at_s: float | None = None
        self._room = KeptRoom("", "", 0.0, "")
        self._client: AudienceClient | None = None
        self._sent_parts: dict[ms.Part, bytes] = {}
        self._sent_remote = b""
        self._remote: RemoteEnd | None = None

    @property
    def is_open(self) -> bool:
        return self._client is not None

    def open(self, session: Session, address: str, remote: RemoteEnd) -> None:
        """Open it with a lobby at this address; the lesson waits, a talk before its first cue."""
        self._room = room = kept_room()
        keep(room)
        self._remote = remote
        self._sent_remote = b""
        self.takes_questions = True
        self.began_at_s = None
        self.address = address
        opening = ms.Opening(
            host=address,
            ports=PORTS,
            code=room.code,
            secret=room.secret,
            refused=self.refused,
            muted=room.muted,
        )
        self._sent_parts, self.wanted, self.failure, self.is_lobby = {}, "", "", True
        self._client = client = AudienceClient(opening)
        session.spawn(self._serve(session, client), "room")
        self.hold(session)

    def hold(self, session: Session) -> None:
        if self.is_lobby and _can_wait(session):
            session.send(commands.Pause())

    def begin(self, session: Session) -> None:
        self.close_door(session)
        if _can_wait(session):
            session.send(commands.Play())

    def close_door(self, session: Session) -> None:
        """The lesson goes on: newcomers wait from here on, and what is opened later does not."""
        if self.is_lobby:
            run = session.run
            if session.is_offering:
                run.request = msgspec.structs.replace(run.request, is_paused=False)
            self.is_lobby = False
            self.began_at_s = session.clock()
            session.singleton(OnStage).lobby.set()
            self.tell(ms.Bidden(what="close_door"))

    def close(self, session: Session) -> None:
        client, self._client = self._client, None
        self.link, self.questions, self.n_phones, self.n_at_door = "", [], 0, 0
        stage = session.singleton(OnStage)
        stage.lobby.set()
        session.room_waits, stage.code, stage.poll, stage.tell_outcome = "", "", None, None
        if client is not None:
            client.close()

    # The remote

    @property
    def has_remote(self) -> bool:
        """Tell whether a device has the remote: then texts of phones are read there alone."""
        return self.is_open and bool(self._room.remote_device)

    @property
    def remote_link(self) -> str:
        """The remote's link, with its secret in the fragment; "" while the room is not open."""
        server = self.link.rpartition("/")[0]
        return f"{server}{ADDRESS}#{self._room.remote_secret}" if server else ""

    def withdraw_remote(self) -> None:
        """Give the remote another secret: the device that had it commands no more."""
        remote_secret = secrets.token_hex(REMOTE_BYTES)
        self._room = msgspec.structs.replace(
            self._room, remote_secret=remote_secret, remote_device=""
        )
        keep(self._room)
        self._sent_remote = b""
        self.tell(ms.RemoteAllowed(secret=remote_secret))
        self._write_remote_link()

    def _write_remote_link(self) -> None:
        text = f"{self.remote_link}\n\n{code_of(self.remote_link)}\n"
        with contextlib.suppress(OSError):  # a key shows it, too
            run_files.write_atomically(remote_file(), text.encode())

    # The questions of phones

    def drop(self, question: ms.QuestionSent, session: Session) -> None:
        self.take(question, session)
        self.tell(ms.QuestionDropped(question=question.question))

    def drop_phone(self, question: ms.QuestionSent, session: Session) -> None:
        """Drop all that this question's phone asks; it may send no more until the room is closed,
        not even after a restart of the program."""
        self.questions = [other for other in self.questions if other.phone != question.phone]
        session.room_waits = self.waits
        self.tell(ms.PhoneDropped(question=question.question))

    async def give_model(self, session: Session) -> None:
        """Give phones the page with the model inside, as it is now; a text has none."""
        start = session.state.start
        if start is None or not self.is_open:
            return
        page = await asyncio.to_thread(_model_page, start.folder)
        if page is None:
            text = tr("There is no page with a model of this lesson yet.")
            session.notify(text, severity="warning", kind="room")
            return
        self.tell(ms.ModelGiven(html=page))
        session.notify(tr("Phones may take the model with them."), kind="room")

    def take_questions(self, *, is_open: bool) -> None:
        self.takes_questions = is_open
        self.tell(ms.Bidden(what="open_questions" if is_open else "close_questions"))

    @property
    def is_lan(self) -> bool:
        """Open to the network, and not to browsers on this machine alone."""
        return self.address not in ("", LOOPBACK)

    @property
    def way_in(self) -> str:
        code = code_of(self.link) if self.is_lan else ""
        return code and f"{code}\n{self.typed.center(code.index(chr(10)))}"

    @property
    def waits(self) -> str:
        """Badge of what waits for the presenter: questions, and phones at the door."""
        questions = f"?{len(self.questions)}" if self.questions else ""
        at_door = tr("at the door: {n}", n=count(self.n_at_door)) if self.n_at_door else ""
        return " · ".join(filter(None, (questions, at_door)))

    @property
    def typed(self) -> str:
        return self.link.removeprefix("http://")

    async def _serve(self, session: Session, client: AudienceClient) -> None:
        showing = asyncio.create_task(self._show_on(session))
        try:
            async for message in client.messages():
                if client is self._client:
                    self._take(message, session)
                    session.room_waits = self.waits
                    poll = partial(self.poll, session) if self.n_phones else None
                    session.singleton(OnStage).poll = poll
                    session.singleton(OnStage).tell_outcome = self._tell_outcome
                    session.singleton(OnStage).code = self.way_in
        finally:
            showing.cancel()
            client.close()
        if client is self._client:  # it ended by itself
            self.close(session)
            text = tr("The room is closed: {why}. The lesson goes on.", why=self.failure)
            session.notify(text, severity="error", timeout=10, kind="room")

    def _take(self, message: ms.FromServer, session: Session) -> None:
        match message:
            case ms.Opened():
                self.link = message.link
                self._write_remote_link()
                room = self._room
                self.tell(ms.RemoteAllowed(secret=room.remote_secret, device=room.remote_device))
            case ms.PhonesCounted():
                self.n_phones, self.n_at_door = message.n_phones, message.n_at_door
                if message.muted != self._room.muted:
                    self._room = msgspec.structs.replace(self._room, muted=message.muted)
                    keep(self._room)
                if self.polled is not None:
                    self.polled.hands, self.polled.texts = message.hands, message.texts
                    self.polled.has_ended = not message.is_voting
            case ms.QuestionSent():
                self.questions.append(message)
            case ms.QuestionsWithdrawn():
                # the first one may be on the screen: Enter must not ask another in its place
                first, rest = self.questions[:1], self.questions[1:]
                withdrawn = set(message.questions)
                self.questions = first + [
                    question for question in rest if question.question not in withdrawn
                ]
            case ms.RemoteJoined():
                self._room = msgspec.structs.replace(self._room, remote_device=message.device)
                keep(self._room)
            case ms.RemoteCommanded() if self._remote is not None:
                session.spawn(self._remote.obey(session, self, message), "remote")
            case ms.RemoteCommanded():
                pass
            case ms.Failed():
                self.failure = message.text

    async def _show_on(self, session: Session) -> None:
        while True:
            self.show(session)
            await asyncio.sleep(SHOWN_EVERY_S)

    def show(self, session: Session) -> None:
        parts = facts_of(session.visible_state, session.run.is_stalled)
        ballot = self.polled
        parts["ballot"] = {"question": "", "open": _open_bet(session)}
        if ballot is not None:
            parts["ballot"] = ballot.facts(session.clock())
        for part, facts in parts.items():
            content = msgspec.json.encode(facts)
            if self._sent_parts.get(part) != content and self._client is not None and self.link:
                self._sent_parts[part] = content
                self._client.send(ms.Shown(part=part, content=msgspec.Raw(content)))
        if self.has_remote and self._remote is not None:
            content = msgspec.json.encode(self._remote.facts(session, self))
            if content != self._sent_remote:
                self._sent_remote = content
                self.tell(ms.RemoteShown(content=msgspec.Raw(content)))

    async def poll(self, session: Session, text: str, places: tuple[str, ...]) -> Ballot | None:
        """Ask all phones at once, again after a talk if that is wanted; None: it was called off."""
        ballot = self._opened(session, text, places)
        try:
            while (how := await self._decided(session, ballot)) == "again":
                ballot = self._opened(session, text, places, ballot.hands)
        finally:
            self.polled = None
            self.show(session)
        return ballot if how == "go_on" else None

    def _opened(
        self, session: Session, text: str, places: tuple[str, ...], before: tuple[int, ...] = ()
    ) -> Ballot:
        number = self._room.n_ballots + 1
        self._room = msgspec.structs.replace(self._room, n_ballots=number)
        keep(self._room)

        def tell(texts: Mapping[int, str], others: str) -> None:
            settled = ms.BallotSettled(ballot=number, prompt=text, texts=dict(texts), text=others)
            self.tell(settled)

        ends_at_s = session.clock() + (TALK_S if before else COUNTDOWN_S)
        self.polled = ballot = Ballot(number, text, places, ends_at_s, tell, before)
        self.tell(ms.BallotOpened(ballot=number, n_places=len(places)))
        self.show(session)
        return ballot

    def _tell_outcome(self, question: str, outcome: str) -> None:
        self.tell(ms.BallotSettled(ballot=0, prompt=question, texts={}, text=outcome))

    async def _decided(self, session: Session, ballot: Ballot) -> How:
        """Return what the presenter decides; then no answer comes any more."""
        end_ballot = partial(self.tell, ms.Bidden(what="end_ballot"))
        try:
            how = await session.dialog(
                BallotScreen(ballot, session.clock, lambda: self.n_phones, end_ballot)
            )
        finally:
            end_ballot()
        while self.is_open and not ballot.has_ended:
            await asyncio.sleep(SHOWN_EVERY_S / 10)
        return how or "off"

    def take(self, question: ms.QuestionSent, session: Session) -> None:
        self.questions = [other for other in self.questions if other != question]
        session.room_waits = self.waits

    def tell(self, message: ms.ToServer) -> None:
        if self._client is not None:
            self._client.send(message)


def _open_bet(session: Session) -> dict[str, object] | None:
    """The class's last bet that is not settled, as phones show it; None without one."""
    ballots = session.singleton(OnStage).ballots
    if not ballots:
        return None
    ballot = ballots[-1]
    given = sorted(zip(ballot.hands, ballot.places, strict=True), key=lambda pair: -pair[0])
    counts = " · ".join(f"{place} ({count(n)})" for n, place in given if n)
    return {"question": ballot.text, "counts": counts}


def _model_page(folder: str) -> str | None:
    """The page of a run, made by another process; None where that has none."""
    with tempfile.TemporaryDirectory() as own_folder:
        page = Path(own_folder) / "model.html"
        options = ("--quick", "--states", str(STATES_ON_PHONES), "-o", str(page))
        command = python("-m", "flashcards", "page", folder, *options)
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return page.read_text(encoding="utf-8") if page.exists() else None


def _can_wait(session: Session) -> bool:
    """Tell whether the lesson waits for the room; a talk has its own plan."""
    return session.is_offering and session.state.liveness in ("starting", "learning", "paused")


def status_of(state: RunState, is_stalled: bool) -> str:
    return badge_of(badge_at(state, is_stalled))[0]


def step_of(state: RunState) -> str:
    return f"{tr('step')} {count(state.step)}"


def facts_of(state: RunState, is_stalled: bool) -> dict[ms.Part, dict[str, object]]:
    exam = state.latest_scores
    start = state.start
    seen = unseen = ""
    if exam is not None:
        kind = kind_of(state)
        seen, unseen = kind.share(exam.seen), kind.share(exam.unseen)
    notice = broken_line(LineRank.REGIME, state) if is_broken(state) else NO_LINE
    verdict_view = sentence_of(state, is_stalled, notice)
    sentence = f"{verdict_view.lead} {verdict_view.text}".strip()
    if state.liveness == "failed":  # not why: that may name somebody's files
        sentence = tr("The trainer has stopped.")
    lesson: dict[str, object] = {
        "deck": "" if start is None else start.name or start.deck,
        "status": status_of(state, is_stalled),
        "step": step_of(state),
        "sentence": sentence,
        "seen": seen,
        "unseen": unseen,
        "knew": "" if state.exams.knew is None else percent_right(state.exams.knew),
    }
    curve: dict[str, object] = {
        "seen": _points(state.exams.seen_rates),
        "unseen": _points(state.exams.unseen_rates),
    }
    return {"lesson": lesson, "curve": curve, "card": _card(state)}


def _card(state: RunState) -> dict[str, object]:
    """The card as far as its correction has come: a guess of None is not made yet, and the answer
    is not told before it."""
    card = kind_of(state).card(state)
    if card is None:
        return {"prompt": "", "guess": None, "answer": "", "mark": "", "sign": ""}
    is_marked = card.mark is not None
    return {
        "prompt": card.prompt,
        "guess": None if card.guess is None else values.text_of(card.guess),
        "answer": card.answer if is_marked else "",
        "mark": card.mark or "",
        "sign": MARK_SIGNS[card.mark] if card.mark is not None else "",
    }


def _points(history: History) -> list[tuple[int, float]]:
    points = [(step, round(share, 4)) for step, share in history.points if math.isfinite(share)]
    if len(points) <= MAX_POINTS:
        return points
    stride = -(-len(points) // MAX_POINTS)
    return [*points[:-1:stride], points[-1]]


@cache
def code_of(link: str) -> str:
    """A QR code as text, two modules to a cell; "" without a link. Capitals make it smaller, where
    the case of no letter counts: it does behind a fragment."""
    if not link:
        return ""
    import segno

    text = link if "#" in link else link.upper()
    code = segno.make(text, error="l", boost_error=False, micro=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join(
        "".join(HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs
    )
