"""The page server: `python -m flashcards.audience`, see `client.py`. Its first line on stdin is an
`Opening`, the rest say what is shown; on stdout it tells its link, questions and how many phones
there are. It ends with its stdin, and gives way to the lesson."""

import asyncio
import contextlib
import os
import secrets
import socket
import sys
import threading
import time
from io import FileIO
from pathlib import Path

import msgspec

from flashcards.audience import messages as ms
from flashcards.audience.messages import MAX_PROMPT_CHARACTERS
from flashcards.audience.phone_room import PhoneRoom
from flashcards.audience.remote import ADDRESS, Remote
from flashcards.base.system import lower_priority
from flashcards.templates.rendering import render

NICENESS = 10
COUNTED_EVERY_S = 0.5
HEARTBEAT_S = 10.0
TOGETHER_S = 0.05  # what comes within this time is sent together
BACKLOG = 1024

FOLDER = Path(__file__).parent


def main() -> int:
    """Serve until stdin ends; 1 when that can't begin."""
    stdin = os.fdopen(os.dup(0), "rb", buffering=0)
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def emit(message: ms.Message) -> None:
        try:
            pipe.write(ms.line_of(message))
        except BrokenPipeError:
            os._exit(0)  # nobody is there to serve for

    lower_priority(NICENESS)
    try:
        opening = msgspec.json.decode(stdin.readline(), type=ms.Opening)
    except msgspec.DecodeError:
        emit(ms.Failed(text="the page server was asked for something unknown"))
        return 1
    for port in opening.ports:
        try:
            listener = socket.create_server((opening.host, port), backlog=BACKLOG)
        except OSError as error:
            problem = error
        else:
            asyncio.run(serve(opening, listener, stdin, emit))
            return 0
    text = f"nothing can listen on {opening.host}: {problem.strerror or problem}"
    emit(ms.Failed(text=text))
    return 1


async def serve(opening: ms.Opening, listener: socket.socket, stdin: FileIO, emit: ms.Emit) -> None:
    import uvicorn

    from flashcards.audience.connections import PatientProtocol
    from flashcards.audience.web import application

    room = PhoneRoom(time.monotonic, opening.secret, opening.refused, opening.muted)
    room.show("opening", msgspec.json.encode({"opening": secrets.token_hex(8)}))
    remote = Remote(secrets.token_hex(16))
    port = listener.getsockname()[1]
    hosts = frozenset(f"{name}:{port}" for name in (opening.host, "localhost"))
    counted = asyncio.Event()

    app = application(room, remote, opening.code, hosts, files(), emit, counted.set)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http=PatientProtocol,
            timeout_keep_alive=5,
        )
    )
    loop = asyncio.get_running_loop()
    threading.Thread(target=_read, args=(stdin, loop, room, remote, counted), daemon=True).start()
    tasks = [
        asyncio.create_task(_count(room, counted, emit)),
        asyncio.create_task(_tell(room, remote)),
    ]
    emit(ms.Opened(link=f"http://{opening.host}:{port}/{opening.code}"))
    await server.serve(sockets=[listener])
    for task in tasks:
        task.cancel()


def _read(
    stdin: FileIO,
    loop: asyncio.AbstractEventLoop,
    room: PhoneRoom,
    remote: Remote,
    counted: asyncio.Event,
) -> None:
    for line in stdin:
        try:
            message = ms.read_by_server(line)
        except msgspec.DecodeError:
            continue  # a newer app may say more
        loop.call_soon_threadsafe(take, room, remote, message)
        loop.call_soon_threadsafe(counted.set)
    os._exit(0)  # open pages are not waited for


def take(room: PhoneRoom, remote: Remote, message: ms.ToServer) -> None:
    match message:
        case ms.Shown():
            room.show(message.part, bytes(message.content))
        case ms.QuestionAnswered():
            room.settle(message.question, {"answer": message.answer, "how": message.how})
        case ms.QuestionDropped():
            room.settle(message.question, {})
        case ms.PhoneDropped():
            room.drop_phone(message.question)
        case ms.ModelGiven():
            room.give_model(message.html.encode())
        case ms.RemoteAllowed():
            remote.allow(message.secret, message.device)
        case ms.RemoteShown():
            remote.show(bytes(message.content))
        case ms.Bidden(what="close_questions" | "open_questions"):
            room.takes_questions = message.what == "open_questions"
        case ms.Bidden(what="close_door"):
            room.close_door()
        case ms.Bidden(what="let_in"):
            room.let_in()
        case ms.Bidden(what="end_ballot"):
            room.is_voting = False
        case ms.BallotOpened():
            room.open_ballot(message.ballot, message.n_places)
        case ms.BallotSettled():
            room.settle_ballot(message.ballot, message.prompt, message.texts, message.text)
        case ms.Opening():
            pass  # it is open


async def _tell(room: PhoneRoom, remote: Remote) -> None:
    """One timer for all phones: three hundred of their own cost more than what is sent."""
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S):
                await room.is_shown.wait()
                await asyncio.sleep(TOGETHER_S)
        room.wake()
        remote.phone.woken.set()


async def _count(room: PhoneRoom, counted: asyncio.Event, emit: ms.Emit) -> None:
    last = ms.PhonesCounted(n_phones=0)
    while True:
        await counted.wait()
        counted.clear()
        now = ms.PhonesCounted(
            n_phones=room.n_following,
            n_at_door=room.n_at_door,
            hands=tuple(room.hands),
            is_voting=room.is_voting,
            texts=() if room.is_voting else tuple(room.texts),
            muted=tuple(sorted(room.muted)),
        )
        if now != last:
            last = now
            emit(now)
            await asyncio.sleep(COUNTED_EVERY_S)


def files() -> dict[str, tuple[str, bytes]]:
    """Content type and content by address."""
    page = render("room.html", n_characters=MAX_PROMPT_CHARACTERS)
    style = (FOLDER / "page.css").read_bytes()
    sha256 = FOLDER / "js_sha256" / "sha256.min.js"
    return {
        "/": ("text/html", page.encode()),
        "/page.js": ("text/javascript", (FOLDER / "page.js").read_bytes()),
        "/page.css": ("text/css", style),
        ADDRESS: ("text/html", render("remote.html").encode()),
        f"{ADDRESS}/remote.js": ("text/javascript", (FOLDER / "remote.js").read_bytes()),
        f"{ADDRESS}/sha256.js": ("text/javascript", sha256.read_bytes()),
        f"{ADDRESS}/page.css": ("text/css", style + (FOLDER / "remote.css").read_bytes()),
    }


if __name__ == "__main__":
    sys.exit(main())
