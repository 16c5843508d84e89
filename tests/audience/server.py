"""A page server in a process of its own, and phones that speak to it over loopback."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from flashcards.audience import messages as ms
from flashcards.audience.audience_client import AudienceClient
from tests.waiting import PATIENCE_S, until

CODE = "k7mqp"


@dataclass
class Served:
    client: AudienceClient
    told: list[ms.FromServer] = field(default_factory=list)
    has_ended: bool = False

    @property
    def link(self) -> str:
        return next(m.link for m in self.told if isinstance(m, ms.Opened))

    @property
    def host(self) -> str:
        return self.link.split("/")[2]

    @property
    def port(self) -> int:
        return int(self.host.rpartition(":")[2])

    @property
    def page(self) -> str:
        return self.link.removeprefix(f"http://{self.host}")

    @property
    def questions(self) -> list[ms.QuestionSent]:
        return [m for m in self.told if isinstance(m, ms.QuestionSent)]

    def show(self, part: ms.Part, content: object) -> None:
        self.client.send(ms.Shown(part=part, content=msgspec.Raw(msgspec.json.encode(content))))


@asynccontextmanager
async def served(port: int = 0, secret: str = "of this room") -> AsyncIterator[Served]:
    """A server at this port, if it is free; with another secret it knows no phone of before."""
    opening = ms.Opening(host="127.0.0.1", code=CODE, secret=secret, ports=(port, 0))
    client = AudienceClient(opening)
    serving = Served(client)

    async def listen() -> None:
        async for message in client.messages():
            serving.told.append(message)
        serving.has_ended = True

    listening = asyncio.create_task(listen())
    try:
        await until(lambda: bool(serving.told))
        yield serving
    finally:
        client.close()
        await listening


@dataclass
class Reply:
    status: int
    head: str
    body: str

    def cookie(self) -> str:
        found = re.search(r"set-cookie: ([^;]+)", self.head, re.IGNORECASE)
        return "" if found is None else found[1]


async def request(
    serving: Served, method: str, path: str, body: bytes = b"", /, **headers: str
) -> Reply:
    """One request with these headers and Host, on its own connection; status 0: it was cut off."""
    fields = {"Host": serving.host, "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    if body:
        fields.setdefault("Content-Length", str(len(body)))
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    try:
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
        raw = await reader.read()
    except ConnectionError:
        return Reply(0, "", "")
    finally:
        await closed(writer)
    start, _, rest = raw.decode("utf-8", "replace").partition("\r\n\r\n")
    return Reply(int(start.split()[1]), start, rest)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def challenge_of(serving: Served) -> str:
    """Return what the remote has to sign, once there is one."""
    async with asyncio.timeout(PATIENCE_S):
        while (reply := await request(serving, "GET", "/remote/challenge")).status != 200:
            await asyncio.sleep(0.02)
    return str(msgspec.json.decode(reply.body)["challenge"])


async def enter(serving: Served) -> str:
    reply = await request(serving, "GET", serving.page)
    assert reply.status == 200
    return reply.cookie()


async def ask(serving: Served, cookie: str, prompt: object, **headers: str) -> Reply:
    headers = {"Origin": f"http://{serving.host}", "Cookie": cookie} | headers
    return await request(
        serving, "POST", "/questions", msgspec.json.encode({"prompt": prompt}), **headers
    )


class Phone:
    def __init__(self, serving: Served, cookie: str) -> None:
        self.serving = serving
        self.cookie = cookie
        self.shown: dict[str, object] = {}
        self.n_shown = 0
        self.replies: list[dict[str, object]] = []
        self.has_ended = False
        self.task: asyncio.Task[None] | None = None

    async def follow(self, path: str = "/events") -> None:
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.serving.port)
        head = f"GET {path} HTTP/1.1\r\nHost: {self.serving.host}\r\nCookie: {self.cookie}\r\n"
        self.writer.write(f"{head}\r\n".encode())
        self.task = asyncio.create_task(self.read(reader))

    async def read(self, reader: asyncio.StreamReader) -> None:
        kind = ""
        while line := (await reader.readline()).decode():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ").strip()
            elif line.startswith("data: "):
                content = msgspec.json.decode(line.removeprefix("data: "))
                self.n_shown += 1
                if kind == "reply":
                    self.replies.append(content)
                else:
                    self.shown[kind] = content
        self.has_ended = True

    async def leave(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        await closed(self.writer)


class Crowd:
    def __init__(self, serving: Served) -> None:
        self.serving = serving
        self.phones: list[Phone] = []
        self.n_sent = self.n_taken = 0

    async def come(self, n_phones: int) -> None:
        for _ in range(n_phones):
            phone = Phone(self.serving, await enter(self.serving))
            await phone.follow()
            self.phones.append(phone)

    async def stay(self, n_turns: int) -> None:
        for turn in range(n_turns):
            for phone in self.phones[turn % 10 :: 10]:
                reply = await ask(self.serving, phone.cookie, f"{self.n_sent}+1")
                self.n_sent += 1
                self.n_taken += reply.status == 202
            await asyncio.sleep(1.0)

    async def leave(self) -> None:
        await asyncio.gather(*(phone.leave() for phone in self.phones))
