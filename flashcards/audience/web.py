"""The addresses that a phone can ask for: page, script, style, the lesson as it goes, questions,
votes. Every request's Host, Origin, sender and size are checked first. There is no other address,
nothing is read from disk, and no text becomes markup."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flashcards.audience.messages import (
    Emit,
    QuestionSent,
    QuestionsWithdrawn,
    RemoteCommand,
    RemoteCommanded,
    RemoteJoined,
)
from flashcards.audience.phone_room import FullError, Phone, PhoneRoom
from flashcards.audience.remote import ADDRESS, FOLLOW, Refusal, Remote, Signed
from flashcards.base.decoding import decode_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kind = TypeVar("Kind", bound=msgspec.Struct)

COOKIE = "flashcards-phone"
KEPT_S = 12 * 3600  # a phone keeps its place while it sleeps, as long as a room is kept

MAX_BODY_BYTES = 4096
SEND_PATIENCE_S = 20.0  # a phone that takes nothing for so long is not waited for

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
}

OF_MODEL = {"content-security-policy": "sandbox allow-scripts allow-forms allow-downloads"}
"""The page with the model has a policy of its own inside: its scripts by their hashes, and nothing
is fetched. In a sandbox it also has no part in this server: no cookie, no storage. Its forms send
nothing anywhere; without `allow-forms` their scripts aren't told that Enter was pressed."""

WITHOUT_CODE = "Type the whole address that the presenter shows, with its last letters."

STATUS = {
    "empty": 400,
    "refused": 400,
    "not_now": 403,
    "too_soon": 429,
    "too_many": 429,
    "full": 503,
    "over": 409,
}
REMOTE_STATUS: dict[Refusal, int] = {
    "closed": 403,
    "forged": 403,
    "another_device": 409,
    "replayed": 409,
}


class Posted(msgspec.Struct, forbid_unknown_fields=True):
    """A question, or an answer to the ballot of that number: a place or, as `prompt`, a text."""

    prompt: str = ""
    place: int = -1
    ballot: int = 0


class Commanded(msgspec.Struct, forbid_unknown_fields=True):
    """The text that the remote signs. `join`: nothing but that it is here."""

    what: RemoteCommand | Literal["join"]
    question: int = 0


class Guard:
    """Lets through what comes from a phone of this room, or from the remote where there is one, and
    answers all else itself."""

    def __init__(
        self, app: ASGIApp, room: PhoneRoom, remote: Remote, code: str, hosts: frozenset[str]
    ) -> None:
        """`hosts` are what the server is called, with its port."""
        self._app = app
        self._room = room
        self._remote = remote
        self._code = code.encode()
        self._hosts = hosts
        self._origins = {f"http://{host}" for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        response = self._refusal(scope["method"], headers)
        phone = None
        has_code = self._has_code(scope)
        address, _ = scope["client"] or ("", 0)
        key = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        is_of_remote = self._remote.is_open and f"{scope['path']}/".startswith(f"{ADDRESS}/")
        if is_of_remote:  # the presenter is no phone of the room
            scope["state"] = {"phone": self._remote.phone}
        elif response is None:
            try:
                phone = self._room.phone(key, address)
                if phone is None and has_code:
                    phone = self._room.new_phone(address)
                elif phone is None:
                    response = PlainTextResponse(WITHOUT_CODE, 403)
            except FullError:
                response = PlainTextResponse("The room is full.", 503)
        if phone is not None:
            scope["state"] = {"phone": phone}
            if not phone.is_in and scope["method"] == "POST":
                response = PlainTextResponse("You wait at the door.", 403)
        if has_code:
            scope["path"], scope["raw_path"] = "/", b"/"
        given = phone.key if phone is not None and phone.key != key else ""
        await (response or self._app)(scope, receive, _with_headers(send, given))

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        origin = headers.get("origin")
        length = headers.get("content-length", "0")
        if len(headers.getlist("host")) != 1 or headers["host"] not in self._hosts:
            return PlainTextResponse("There is no such host here.", 421)
        if origin not in self._origins and (origin is not None or method == "POST"):
            return PlainTextResponse("Another page can't use this one.", 403)
        if not length.isdecimal() or int(length[:12]) > MAX_BODY_BYTES:
            return PlainTextResponse("That is too long.", 413, {"connection": "close"})
        return None

    def _has_code(self, scope: Scope) -> bool:
        """Tell whether the address is the code, in any case. Slashes, spaces and dots don't count:
        it may have been copied out of a sentence, or dictated."""
        typed = "".join(filter(str.isalnum, scope["path"])).lower().encode("utf-8", "replace")
        return scope["method"] == "GET" and hmac.compare_digest(typed, self._code)


def _with_headers(send: Send, key: str) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            if key:
                cookie = f"{COOKIE}={key}; HttpOnly; SameSite=Lax; Path=/; Max-Age={KEPT_S}"
                headers.append((b"set-cookie", cookie.encode()))
            own = [*message.get("headers", ())]
            own_names = {name for name, _ in own}
            message["headers"] = [*own, *(pair for pair in headers if pair[0] not in own_names)]
        await send(message)

    return sent


def application(
    room: PhoneRoom,
    remote: Remote,
    code: str,
    hosts: frozenset[str],
    files: Mapping[str, tuple[str, bytes]],
    emit: Emit,
    on_phones: Callable[[], None],
) -> ASGIApp:
    """`files`: content type and content by address; `on_phones`: one came, went or answered."""

    async def give(request: Request) -> Response:
        kind, content = files[request.url.path]
        return Response(content, media_type=kind)

    async def give_model(request: Request) -> Response:
        if room.model_page is None:
            return PlainTextResponse("No model is given yet.", 404)
        return Response(room.model_page, media_type="text/html", headers=OF_MODEL)

    async def ask(request: Request) -> Response:
        phone: Phone = request.state.phone
        posted = await _posted(request, Posted)
        if isinstance(posted, Response):
            return posted
        outcome = room.ask(phone, posted.prompt)
        if isinstance(outcome, str):
            return JSONResponse({"refused": outcome}, STATUS[outcome])
        if room.withdrawn:
            emit(QuestionsWithdrawn(questions=tuple(room.withdrawn)))
            room.withdrawn.clear()
        question, prompt = outcome
        emit(QuestionSent(question=question, prompt=prompt, phone=phone.number))
        return JSONResponse({"prompt": outcome[1], "n_waiting": room.n_waiting}, 202)

    async def vote(request: Request) -> Response:
        vote = await _posted(request, Posted)
        if isinstance(vote, Response):
            return vote
        if refused := room.vote(request.state.phone, vote.ballot, vote.place, vote.prompt):
            return JSONResponse({"refused": refused}, STATUS[refused])
        on_phones()
        return JSONResponse({}, 202)

    async def challenge(request: Request) -> Response:
        return JSONResponse({"challenge": remote.challenge})

    async def command(request: Request) -> Response:
        signed = await _posted(request, Signed)
        if isinstance(signed, Response):
            return signed
        if refusal := _refusal_of_remote(remote, signed, emit):
            return refusal
        try:
            commanded = decode_json(signed.command.encode(), Commanded)
        except msgspec.DecodeError:
            return JSONResponse({"refused": "unread"}, 400)
        if commanded.what != "join":
            emit(RemoteCommanded(what=commanded.what, question=commanded.question))
        return JSONResponse({}, 202)

    routes = [Route(address, give, methods=["GET"]) for address in files]
    routes.append(Route("/events", Following(room, on_phones), methods=["GET"]))
    routes.append(Route("/model", give_model, methods=["GET"]))
    routes.append(Route(f"{ADDRESS}/challenge", challenge, methods=["GET"]))
    routes.append(Route(f"{ADDRESS}/commands", command, methods=["POST"]))
    of_remote = SignedFollowing(remote, Following(remote, lambda: None), emit)
    routes.append(Route(f"{ADDRESS}/events", of_remote, methods=["GET"]))
    routes.append(Route("/questions", ask, methods=["POST"]))
    routes.append(Route("/votes", vote, methods=["POST"]))
    return Guard(Starlette(routes=routes), room, remote, code, hosts)


def _refusal_of_remote(remote: Remote, signed: Signed, emit: Emit) -> Response | None:
    """Take what the remote signed. Returns what it is told where that is not obeyed."""
    device = remote.device
    if why := remote.refusal(signed):
        return JSONResponse({"refused": why}, REMOTE_STATUS[why])
    if remote.device != device:
        emit(RemoteJoined(device=remote.device))
    return None


async def _posted(request: Request, kind: type[Kind]) -> Kind | Response:
    """Read the message of a phone. Returns a response for what is none, or longer than one can
    be."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return PlainTextResponse("That is too long.", 413, {"connection": "close"})
        return decode_json(body, kind)
    except msgspec.DecodeError:
        return JSONResponse({"refused": "unread"}, 400)
    except ClientDisconnect:
        return Response(status_code=400)


class SignedFollowing:
    """Server-sent events for the remote, once its address says who it is."""

    def __init__(self, remote: Remote, following: Following, emit: Emit) -> None:
        self._remote = remote
        self._following = following
        self._emit = emit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = Request(scope).query_params
        counter = query.get("counter", "")
        signed = Signed(
            device=query.get("device", ""),
            counter=int(counter) if counter.isascii() and counter.isdecimal() else 0,
            command=FOLLOW,
            mac=query.get("mac", ""),
        )
        refusal = _refusal_of_remote(self._remote, signed, self._emit)
        await (refusal or self._following)(scope, receive, send)


class Following:
    """Server-sent events for a phone, until it goes or opens the page again: the older tab is told
    so, else it would come back and end the newer one's, for ever."""

    def __init__(self, room: PhoneRoom | Remote, on_phones: Callable[[], None]) -> None:
        self._room = room
        self._on_phones = on_phones

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        phone: Phone = scope["state"]["phone"]
        stream = self._room.begin_stream(phone)
        self._on_phones()
        disconnect = asyncio.create_task(_until_gone(receive))
        disconnect.add_done_callback(lambda _: phone.woken.set())
        headers = [(b"content-type", b"text/event-stream"), (b"connection", b"close")]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while not disconnect.done() and phone.stream == stream:
                news = self._room.news(phone)
                body = b"".join(_event(kind, content) for kind, content in news) or b":\n\n"
                part = {"type": "http.response.body", "body": body, "more_body": True}
                async with asyncio.timeout(SEND_PATIENCE_S):  # `wait_for` costs a task
                    await send(part)
                await phone.woken.wait()
            if not disconnect.done():
                body = _event(self._room.farewell, {})
                async with asyncio.timeout(SEND_PATIENCE_S):
                    await send({"type": "http.response.body", "body": body, "more_body": False})
        except TimeoutError:
            pass  # uvicorn closes what is not ended
        finally:
            disconnect.cancel()
            self._room.end_stream(phone, stream)
            self._on_phones()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(kind: str, content: bytes | dict[str, object]) -> bytes:
    """One event; JSON has no line feed in it."""
    data = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
