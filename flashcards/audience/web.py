"""The addresses that a phone can ask for: page, script, style, the lesson as it goes, questions,
votes. Every request's Host, Origin, sender and size are checked first. There is no other address,
nothing is read from disk, and no text becomes markup."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request, cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flashcards.audience.phone_room import FullError, Phone, PhoneRoom
from flashcards.base.decoding import decode_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

WITHOUT_CODE = "Type the whole address that the presenter shows, with its last letters."

STATUS = {"empty": 400, "refused": 400, "too_soon": 429, "too_many": 429, "full": 503, "over": 409}


class Posted(msgspec.Struct, forbid_unknown_fields=True):
    prompt: str = ""
    place: int = -1


class Guard:
    """Lets through what comes from a phone of this room, and answers all else itself."""

    def __init__(self, app: ASGIApp, room: PhoneRoom, code: str, hosts: frozenset[str]) -> None:
        """`hosts` are what the server is called, with its port."""
        self._app = app
        self._room = room
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
        if response is None:
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
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return sent


def application(
    room: PhoneRoom,
    code: str,
    hosts: frozenset[str],
    files: Mapping[str, tuple[str, bytes]],
    on_question: Callable[[int, str], None],
    on_phones: Callable[[], None],
) -> ASGIApp:
    """`files`: content type and content by address; `on_phones`: one came, went or answered."""

    async def give(request: Request) -> Response:
        kind, content = files[request.url.path]
        return Response(content, media_type=kind)

    async def ask(request: Request) -> Response:
        phone: Phone = request.state.phone
        posted = await _posted(request)
        if isinstance(posted, Response):
            return posted
        outcome = room.ask(phone, posted.prompt)
        if isinstance(outcome, str):
            return JSONResponse({"refused": outcome}, STATUS[outcome])
        on_question(*outcome)
        return JSONResponse({"prompt": outcome[1], "n_waiting": room.n_waiting}, 202)

    async def vote(request: Request) -> Response:
        vote = await _posted(request)
        if isinstance(vote, Response):
            return vote
        if refused := room.vote(request.state.phone, vote.place, vote.prompt):
            return JSONResponse({"refused": refused}, STATUS[refused])
        on_phones()
        return JSONResponse({}, 202)

    routes = [Route(address, give, methods=["GET"]) for address in files]
    routes.append(Route("/events", Following(room, on_phones), methods=["GET"]))
    routes.append(Route("/questions", ask, methods=["POST"]))
    routes.append(Route("/votes", vote, methods=["POST"]))
    return Guard(Starlette(routes=routes), room, code, hosts)


async def _posted(request: Request) -> Posted | Response:
    """Read the message of a phone. Returns a response for what is none, or longer than one can
    be."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return PlainTextResponse("That is too long.", 413, {"connection": "close"})
        return decode_json(body, Posted)
    except msgspec.DecodeError:
        return JSONResponse({"refused": "unread"}, 400)
    except ClientDisconnect:
        return Response(status_code=400)


class Following:
    """Server-sent events for a phone, until it goes or opens the page again: the older tab is told
    so, else it would come back and end the newer one's, for ever."""

    def __init__(self, room: PhoneRoom, on_phones: Callable[[], None]) -> None:
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
                body = _event("elsewhere", {})
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
