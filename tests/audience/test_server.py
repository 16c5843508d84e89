"""The page server over loopback: who is let in, what is taken, and what a hostile room can do."""

from __future__ import annotations

import asyncio
import itertools
import re

import pytest

from flashcards.audience import messages as ms
from flashcards.audience.client import missing
from tests.audience.crowd import Crowd
from tests.audience.server import Phone, ask, closed, enter, request, served
from tests.posix import send_signal
from tests.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing()), reason="needs '.[serve]'"),
]


async def test_a_phone_follows_asks_and_gets_its_answer() -> None:
    async with served() as serving:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?t=[\w-]{16}", serving.link)
        cookie = await enter(serving)
        phone = Phone(serving, cookie)
        await phone.follow()
        serving.show("lesson", {"deck": "Verbs"})
        await until(lambda: phone.shown.get("lesson") == {"deck": "Verbs"})
        reply = await ask(serving, cookie, "  go ")
        assert reply.status == 202
        await until(lambda: bool(serving.questions))
        assert serving.questions == [ms.QuestionSent(question=1, prompt="go")]
        assert ms.PhonesCounted(n_phones=1) in serving.told
        serving.client.send(ms.QuestionAnswered(question=1, answer="went", how="seen"))
        await until(lambda: bool(phone.replies))
        assert phone.replies == [{"prompt": "go", "answer": "went", "how": "seen"}]
        # too soon or, when a busy machine took longer, too many that wait
        statuses = [(await ask(serving, cookie, "sing")).status for _ in range(6)]
        assert 429 in statuses
        await phone.leave()
        await until(lambda: serving.told[-1] == ms.PhonesCounted(n_phones=0))


async def test_nobody_else_is_let_in() -> None:
    async with served() as serving:
        cookie = await enter(serving)
        own = f"http://{serving.host}"

        async def status(method: str, path: str, **headers: str) -> int:
            return (await request(serving, method, path, **headers)).status

        assert await status("GET", "/") == 403
        assert await status("GET", "/?t=wrong") == 403
        assert await status("GET", "/?t=%ff%00") == 403
        for path in ("/events", "/page.js", "/page.css", f"/events{serving.page[1:]}"):
            assert await status("GET", path) == 403
        assert await status("GET", "/", Cookie="flashcards-phone=wrong") == 403
        for host in ("evil.example", f"evil.example:{serving.port}", "", "127.0.0.1"):
            assert await status("GET", serving.page, Host=host) in (400, 421)
        assert await status("GET", serving.page, Origin="http://evil.example") == 403
        assert await status("GET", "/page.js", Cookie=cookie, Origin="null") == 403
        assert (await ask(serving, cookie, "go", Origin="http://evil.example")).status == 403
        without = await request(serving, "POST", "/questions", b'{"prompt":"go"}', Cookie=cookie)
        assert without.status == 403
        assert (await ask(serving, "", "go")).status == 403
        # who is in gets four addresses and nothing else
        for path in ("/page.css", "/page.js", "/"):
            assert await status("GET", path, Cookie=cookie, Origin=own) == 200
        for path in ("/../page.html", "/etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/page.html"):
            assert await status("GET", path, Cookie=cookie) == 404
        for method, path in (("POST", "/"), ("PUT", "/questions"), ("DELETE", "/events")):
            assert await status(method, path, Cookie=cookie, Origin=own) == 405
        assert serving.questions == []


async def test_a_page_carries_its_protections_and_a_phone_its_cookie() -> None:
    async with served() as serving:
        reply = await request(serving, "GET", serving.page)
        head = reply.head.lower()
        assert "content-security-policy: default-src 'none'; script-src 'self'" in head
        assert "httponly; samesite=strict" in head
        assert "nosniff" in head
        assert "no-referrer" in head
        assert "server:" not in head
        token = serving.page.removeprefix("/?t=")
        assert token not in reply.body
        assert "<script>" not in reply.body
        again = await request(serving, "GET", "/", Cookie=reply.cookie())
        assert again.status == 200
        assert again.cookie() == ""


async def test_what_is_too_long_or_no_question_is_refused() -> None:
    async with served() as serving:
        cookie = await enter(serving)
        fields = {"Cookie": cookie, "Origin": f"http://{serving.host}"}
        huge = b'{"prompt":"' + b"x" * 10_000_000 + b'"}'
        told = await request(serving, "POST", "/questions", Content_Length="10000000", **fields)
        assert told.status == 413  # before any of it was sent
        cut_off = 0
        sent = await request(serving, "POST", "/questions", huge, **fields)
        assert sent.status in (cut_off, 413)
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        chunked = await request(
            serving,
            "POST",
            "/questions",
            chunk * 160 + b"0\r\n\r\n",
            Transfer_Encoding="chunked",
            Content_Length="0",
            **fields,
        )
        assert chunked.status in (cut_off, 400, 413)
        for body in (b"", b"no json", b"[]", b'{"prompt":3}', b'{"prompt":"go","play":1}', b"\xff"):
            reply = await request(serving, "POST", "/questions", body, **fields)
            assert reply.status == 400
        long = await request(serving, "GET", "/?t=" + "x" * 200_000, **fields)
        assert long.status in (cut_off, 400, 403, 414, 431)
        assert serving.questions == []
        assert (await ask(serving, cookie, "go")).status == 202


async def test_a_slow_reader_and_a_hundred_reconnects_cost_the_others_nothing() -> None:
    async with served() as serving:
        slow = await enter(serving)
        _, stuck = await asyncio.open_connection("127.0.0.1", serving.port, limit=1)
        head = f"GET /events HTTP/1.1\r\nHost: {serving.host}\r\nCookie: {slow}\r\n\r\n"
        stuck.write(head.encode())
        cookie = await enter(serving)
        phones = [Phone(serving, cookie) for _ in range(100)]
        for phone in phones:
            await phone.follow()
        big = {"text": "x" * 8_000}
        for n in range(100):
            serving.show("lesson", {**big, "n": n})
        await until(lambda: phone.shown.get("lesson") == {**big, "n": 99})
        await until(lambda: serving.told[-1] == ms.PhonesCounted(n_phones=2))
        await until(lambda: all(phone.has_ended for phone in phones[:-1]))
        assert all("elsewhere" in phone.shown for phone in phones[:-1])
        for phone in phones:
            await phone.leave()
        await closed(stuck)


async def test_fifty_phones_follow_ask_and_get_their_answers() -> None:
    """A small crowd; three hundred are measured by `python -m tests.audience.crowd`."""
    async with served() as serving:
        crowd, answered = Crowd(serving), list[ms.QuestionSent]()
        await crowd.come(50)

        async def on_stage() -> None:
            for n in itertools.count():
                serving.show("lesson", {"n": n})
                for sent in serving.questions[len(answered) :]:
                    serving.client.send(
                        ms.QuestionAnswered(question=sent.question, answer=sent.prompt, how="")
                    )
                    answered.append(sent)
                await asyncio.sleep(0.1)

        lesson = asyncio.create_task(on_stage())
        await crowd.stay(3)
        assert crowd.n_taken == crowd.n_sent >= 10
        n_replies = crowd.n_sent
        await until(lambda: sum(len(phone.replies) for phone in crowd.phones) == n_replies)
        lesson.cancel()
        assert {str(reply["answer"]) for phone in crowd.phones for reply in phone.replies} == {
            f"{n}+1" for n in range(n_replies)
        }
        await until(lambda: len({str(phone.shown) for phone in crowd.phones}) == 1)
        assert not any(phone.has_ended for phone in crowd.phones)
        await crowd.leave()


async def test_its_death_is_told_in_a_sentence() -> None:
    async with served() as serving:
        pid = serving.client.child.pid
        assert pid is not None
        send_signal(pid, "KILL")
        await until(lambda: serving.has_ended)
        assert isinstance(serving.told[-1], ms.Failed)
        assert "the page server ended" in serving.told[-1].text
        serving.show("lesson", {})  # nobody reads it
