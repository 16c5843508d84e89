"""The lesson on phones: the page server of the moment, and the questions that came from it.

A room outlives its lessons. Opened again by another start of the program, or after its server died,
it has the link it had, and its phones come back.

A phone is told facts that are shown on the screen, and nothing of files or settings.
"""

from __future__ import annotations

import asyncio
import math

import msgspec

from flashcards.app.audience.kept_room import USUAL_PORT, forget, keep, kept_room
from flashcards.app.session import OnStage, Session
from flashcards.app.view import sentence_of
from flashcards.app.widgets.frame import BADGES
from flashcards.audience import messages as ms
from flashcards.audience.client import AudienceClient, lan_address
from flashcards.base.language import tr
from flashcards.runs.commands import Pause, Play
from flashcards.runs.history import History
from flashcards.runs.state import RunState
from flashcards.wording.lesson import MARK_SIGNS
from flashcards.wording.numbers import count, percent_right

LOOPBACK = "127.0.0.1"
SHOWN_EVERY_S = 1.0
STEADY_S = 5.0
"""A server that dies after so long is started again; before, it would only die again."""

MAX_POINTS = 60
"""Of a curve on a phone."""

QUIET = 2
"""Light modules around a QR code: the norm says four, phones read two."""

HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class Sharing:
    """What is shared, while it is.

    Attributes:
        wanted: How the room is to be opened once there is a lesson: "here", "lan" or "".
        link: The page's address with its code; "" while no room is open.
        is_lobby: Whoever comes is in; once the lesson goes on, newcomers wait at the door.
        is_code_on_stage: The presenter view shows the link as a QR code.
        questions: Those that wait, oldest first.
        failure: Why the last room closed by itself, "" if it did not.
    """

    def __init__(self) -> None:
        self.wanted = ""
        self.link = ""
        self.is_lan = False
        self.is_code_on_stage = True
        self.is_lobby = False
        self.n_phones = self.n_at_door = 0
        self.questions: list[ms.QuestionSent] = []
        self.failure = ""
        self._client: AudienceClient | None = None
        self._told: dict[ms.Part, bytes] = {}

    @property
    def is_open(self) -> bool:
        return self._client is not None

    def open(self, session: Session, *, is_lan: bool) -> None:
        """Open it with a lobby; the lesson waits, unless a talk has its own plan."""
        self.wanted, self.is_lobby = "", True
        self.is_lan = is_lan and bool(lan_address())
        self.is_code_on_stage = True
        self.hold(session)
        self._start(session)

    def hold(self, session: Session) -> None:
        """Let the lesson wait for the end of the lobby."""
        if self.is_lobby and _can_wait(session):
            session.send(Pause())

    def _start(self, session: Session) -> None:
        address, kept = lan_address() if self.is_lan else LOOPBACK, kept_room()
        opening = ms.Opening(
            host=address,
            ports=(kept.port, USUAL_PORT, 0),
            names=() if self.is_lan else ("localhost",),
            code=kept.code,
            secret=kept.secret,
            is_lobby=self.is_lobby,
        )
        self._told, self.failure = {}, ""
        self._client = client = AudienceClient(opening)
        session.spawn(self._serve(session, client), "room")

    def begin(self, session: Session) -> None:
        """Leave the lobby: the lesson begins, or goes on."""
        self.close_door(session)
        if _can_wait(session):
            session.send(Play())

    def close_door(self, session: Session) -> None:
        """The lesson goes on: newcomers wait from here on, and what is opened later does not."""
        if self.is_lobby:
            run = session.run
            run.request = msgspec.structs.replace(run.request, is_paused=False)
            self.is_lobby = False
            self.tell(ms.DoorClosed())

    def close(self, session: Session) -> None:
        """Let nobody in any more; questions that wait are gone, and so is the link."""
        forget()
        self._end(session)

    def _end(self, session: Session) -> None:
        client, self._client = self._client, None
        self.link, self.questions, self.n_phones, self.n_at_door = "", [], 0, 0
        session.n_questions, session.kept(OnStage).code = 0, ""
        if client is not None:
            client.close()

    def put_code(self, session: Session, *, is_on_stage: bool) -> None:
        self.is_code_on_stage = is_on_stage
        session.kept(OnStage).code = self.way_in if is_on_stage else ""

    @property
    def way_in(self) -> str:
        """The code, and below it what can be typed; "" where no phone could open the page."""
        code = code_of(self.link) if self.is_lan else ""
        return code and f"{code}\n{self.typed.center(code.index(chr(10)))}"

    @property
    def typed(self) -> str:
        return self.link.removeprefix("http://")

    async def _serve(self, session: Session, client: AudienceClient) -> None:
        showing = asyncio.create_task(self._show(session))
        opened_at_s = math.inf
        try:
            async for message in client.told():
                if client is self._client:
                    self._take(message)
                    session.n_questions = len(self.questions)
                    if isinstance(message, ms.Opened):
                        self.put_code(session, is_on_stage=self.is_code_on_stage)
                        opened_at_s = session.clock()
        finally:
            showing.cancel()
            client.close()
        if client is not self._client:
            return
        is_new = session.clock() - opened_at_s < STEADY_S
        self._end(session)
        if not is_new:
            self._start(session)
        else:
            text = tr("The room is closed: {why}. The lesson goes on.", why=self.failure)
            session.notify(text, severity="error", timeout=10, kind="room")

    def _take(self, message: ms.FromServer) -> None:
        match message:
            case ms.Opened():
                self.link = message.link
                keep(int(message.link.split(":")[2].split("/")[0]))
            case ms.PhonesCounted():
                self.n_phones, self.n_at_door = message.n_phones, message.n_at_door
            case ms.QuestionSent():
                self.questions.append(message)
            case ms.Failed():
                self.failure = message.text

    async def _show(self, session: Session) -> None:
        while True:
            self.show(session.state, session.run.is_stalled)
            await asyncio.sleep(SHOWN_EVERY_S)

    def show(self, state: RunState, is_stalled: bool) -> None:
        for part, facts in facts_of(state, is_stalled).items():
            content = msgspec.json.encode(facts)
            if self._told.get(part) != content and self._client is not None and self.link:
                self._told[part] = content
                self._client.send(ms.Shown(part=part, content=msgspec.Raw(content)))

    def take(self, question: ms.QuestionSent, session: Session) -> None:
        """It does not wait any more: it is asked or dropped."""
        self.questions = [other for other in self.questions if other != question]
        session.n_questions = len(self.questions)

    def tell(self, message: ms.ToServer) -> None:
        if self._client is not None:
            self._client.send(message)


def _can_wait(session: Session) -> bool:
    """Whether the lesson waits for the room; a talk has its own plan."""
    return session.is_offering and session.state.liveness in ("starting", "learning", "paused")


def facts_of(state: RunState, is_stalled: bool) -> dict[ms.Part, dict[str, object]]:
    """What phones show of a lesson, in each part of the page."""
    exam = state.exams.last if state.ended is None else state.ended
    start = state.start
    seen = unseen = ""
    if exam is not None and not state.is_reading:
        seen = percent_right(exam.seen) if exam.seen.total else ""
        unseen = percent_right(exam.unseen) if exam.unseen.total else ""
    lesson: dict[str, object] = {
        "deck": "" if start is None else start.name or start.deck,
        "status": f"{_badge(state, is_stalled)} · {tr('step')} {count(state.step)}",
        "sentence": _sentence(state, is_stalled),
        "seen": seen,
        "unseen": unseen,
    }
    curve: dict[str, object] = {
        "seen": _points(state.exams.seen_rates),
        "unseen": _points(state.exams.unseen_rates),
    }
    return {"lesson": lesson, "curve": curve, "card": _card(state)}


def _badge(state: RunState, is_stalled: bool) -> str:
    if is_stalled:
        return tr(BADGES["stalled"][0])
    return tr(BADGES["live" if state.liveness == "learning" else state.liveness][0])


def _sentence(state: RunState, is_stalled: bool) -> str:
    """Not why a trainer failed, which may name somebody's files."""
    if state.liveness == "failed":
        return tr("The trainer has stopped.")
    said = sentence_of(state, is_stalled, "")
    return f"{said.lead} {said.text}".strip()


def _card(state: RunState) -> dict[str, object]:
    """The card as far as its correction has come: the answer is not told before the guess."""
    card = None if state.is_reading else state.card.now
    if card is None:
        return {"prompt": "", "guess": "", "answer": "", "mark": "", "sign": ""}
    is_marked = card.mark is not None
    return {
        "prompt": card.prompt,
        "guess": "".join(piece.text for piece in card.guess or ()),
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


def code_of(link: str) -> str:
    """A QR code as text, two modules to a cell; "" without a link. Of capitals it is smaller; in
    a link from here their case means nothing."""
    if not link:
        return ""
    import segno

    code = segno.make(link.upper(), error="l", boost_error=False, micro=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=QUIET)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join(
        "".join(HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs
    )
