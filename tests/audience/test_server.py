"""The page server over loopback: who is let in, what is taken, and what a hostile room can do."""

import asyncio
import contextlib
import re

import msgspec
import pytest

from flashcards.audience import messages as ms
from flashcards.audience.audience_client import missing
from tests.audience.server import Crowd, Phone, ask, closed, enter, request, served
from tests.golden import check_words
from tests.posix import send_signal
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason="needs '.[serve]'")]


async def test_a_phone_follows_asks_and_gets_its_answer() -> None:
    async with served() as serving:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/k7mqp", serving.link)
        cookie = await enter(serving)
        phone = Phone(serving, cookie)
        await phone.follow()
        serving.show("lesson", {"deck": "Verbs"})
        await until(lambda: phone.shown.get("lesson") == {"deck": "Verbs"})
        reply = await ask(serving, cookie, "  go ")
        assert reply.status == 202
        await until(lambda: bool(serving.questions))
        assert serving.questions == [ms.QuestionSent(question=1, prompt="go", phone=1)]
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
        assert await status("GET", "/wrong") == 403
        assert await status("GET", "/%ff%00") == 403
        assert await status("POST", serving.page, Origin=own) == 403
        for path in ("/events", "/page.js", "/page.css", f"/events{serving.page}"):
            assert await status("GET", path) == 403
        for key in ("wrong", "in" + "0" * 88, cookie.removeprefix("flashcards-phone=")[:-1] + "x"):
            assert await status("GET", "/", Cookie=f"flashcards-phone={key}") == 403
        assert await status("GET", serving.page.upper()) == 200  # a phone's keyboard
        for host in ("evil.example", f"evil.example:{serving.port}", "", "127.0.0.1"):
            assert await status("GET", serving.page, Host=host) in (400, 421)
        assert await status("GET", serving.page, Origin="http://evil.example") == 403
        assert await status("GET", "/page.js", Cookie=cookie, Origin="null") == 403
        assert (await ask(serving, cookie, "go", Origin="http://evil.example")).status == 403
        without = await request(serving, "POST", "/questions", b'{"prompt":"go"}', Cookie=cookie)
        assert without.status == 403
        assert (await ask(serving, "", "go")).status == 403
        # who is in gets five addresses and nothing else
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
        policy = "content-security-policy: default-src 'none'; script-src 'self'"
        for part in (policy, "httponly; samesite=lax", "nosniff", "no-referrer"):
            assert part in head
        assert "server:" not in head
        assert "<script>" not in reply.body
        again = await request(serving, "GET", "/", Cookie=reply.cookie())
        assert (again.status, again.cookie()) == (200, "")


async def test_after_the_start_a_newcomer_waits_until_it_is_let_in() -> None:
    """A fresh cookie is a newcomer: sixty of them can ask nothing."""
    async with served() as serving:
        early = Phone(serving, await enter(serving))
        await early.follow()
        serving.show("lesson", {"deck": "Verbs"})
        serving.client.send(ms.Bidden(what="close_door"))
        await until(lambda: early.shown.get("lesson") == {"deck": "Verbs"})
        late = [Phone(serving, await enter(serving)) for _ in range(3)]
        for phone in late:
            await phone.follow()
            assert (await ask(serving, phone.cookie, "go")).status == 403
        await until(lambda: serving.told[-1] == ms.PhonesCounted(n_phones=1, n_at_door=3))
        await until(lambda: all(phone.shown for phone in late))
        assert [phone.shown for phone in late] == [{"where": {"where": "door"}}] * 3
        assert (await ask(serving, early.cookie, "go")).status == 202
        assert early.shown["where"] == {"where": "lesson"}
        gone = await enter(serving)
        serving.client.send(ms.Bidden(what="let_in"))
        await until(lambda: serving.told[-1] == ms.PhonesCounted(n_phones=4))
        await until(lambda: all(p.shown.get("lesson") == {"deck": "Verbs"} for p in late))
        assert (await ask(serving, late[0].cookie, "go")).status == 202
        for cookie in (gone, await enter(serving)):
            assert (await ask(serving, cookie, "go")).status == 403
        for phone in (early, *late):
            await phone.leave()


async def test_everybody_answers_at_once_and_hears_how_near_it_was() -> None:
    async with served() as serving:
        phones = [Phone(serving, await enter(serving)) for _ in range(4)]
        for phone in phones:
            await phone.follow()

        async def vote(phone: Phone, place: object, ballot: int = 1) -> int:
            fields = {"Origin": f"http://{serving.host}", "Cookie": phone.cookie}
            body = msgspec.json.encode({"ballot": ballot, "place": place})
            return (await request(serving, "POST", "/votes", body, **fields)).status

        assert await vote(phones[0], 1) == 409  # nothing is asked
        serving.client.send(ms.BallotOpened(ballot=1, n_places=11))
        serving.show("ballot", {"question": "How many?"})
        await until(lambda: "ballot" in phones[0].shown)
        places = [await vote(phone, n) for n, phone in enumerate(phones[:3])]
        assert places == [202] * 3
        assert await vote(phones[0], 4) == 202  # another answer, not one more
        assert [await vote(phones[3], place) for place in (11, -1, "x", None)] == [400] * 4
        serving.client.send(ms.Bidden(what="end_ballot"))
        hands = (0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0)
        final = ms.PhonesCounted(n_phones=4, hands=hands)
        await until(lambda: serving.told[-1] == final)
        assert await vote(phones[3], 3) == 409
        serving.client.send(ms.BallotOpened(ballot=2, n_places=3))  # the next is asked before that
        asked = ms.PhonesCounted(n_phones=4, hands=(0, 0, 0), is_voting=True)
        await until(lambda: serving.told[-1] == asked)
        assert await vote(phones[0], 1) == 409  # an answer to the one before
        assert await vote(phones[0], 1, ballot=2) == 202
        texts = {4: "near", 1: "far"}
        settled = ms.BallotSettled(ballot=1, prompt="How many?", texts=texts, text="9")
        serving.client.send(settled)
        await until(lambda: all(phone.replies for phone in phones))
        said = [phone.replies[0]["answer"] for phone in phones]
        assert said == ["near", "far", "9", "9"]
        assert all("near" not in str(phone.shown) for phone in phones)
        for phone in phones:
            await phone.leave()


async def test_thirty_phones_come_back_to_a_room_that_was_opened_again() -> None:
    async with served() as before:
        cookies = [await enter(before) for _ in range(30)]
        port = before.port
    async with served(port) as serving:
        assert serving.port == port
        phones = [Phone(serving, cookie) for cookie in cookies]
        for phone in phones:
            await phone.follow()
        await until(lambda: serving.told[-1] == ms.PhonesCounted(n_phones=30))
        again = await request(serving, "GET", serving.page, Cookie=cookies[0])
        assert (again.status, again.cookie()) == (200, "")  # who scans again keeps the place
        assert (await ask(serving, cookies[0], "go")).status == 202
        for phone in phones:
            await phone.leave()


async def test_whoever_has_the_code_gets_in_while_another_guesses() -> None:
    """A school may sit behind one address: what one program there does keeps nobody out."""
    async with served() as serving:

        async def guess() -> None:
            for n in range(50):
                assert (await request(serving, "GET", f"/{n:05}")).status == 403

        async def come() -> list[Phone]:
            phones = [Phone(serving, await enter(serving)) for _ in range(10)]
            for phone in phones:
                await phone.follow()
            return phones

        phones, *_ = await asyncio.gather(come(), guess(), guess())
        await until(lambda: all(p.shown.get("where") == {"where": "lobby"} for p in phones))
        assert (await ask(serving, phones[0].cookie, "go")).status == 202
        for phone in phones:
            await phone.leave()


@pytest.mark.parametrize("typed", ["/{}/", "/{}%20", "/%20{}", "//{}", "/{}.", "/{}%C2%A0", "/{}?"])
async def test_a_slash_or_a_space_around_the_code_is_no_other_code(typed: str) -> None:
    async with served() as serving:
        code = serving.page.strip("/")
        reply = await request(serving, "GET", typed.format(code.upper()))
        assert reply.status == 200
        assert reply.cookie()
        assert (await request(serving, "GET", typed.format(code[:-1]))).status == 403
        assert (await request(serving, "GET", typed.format(f"{code}x"))).status == 403


MAX_SILENT = 256  # as in `audience.connections`, which needs uvicorn


async def test_a_lecture_that_answers_at_the_same_moment_is_heard() -> None:
    async with served() as serving:
        pages = (request(serving, "GET", serving.page) for _ in range(MAX_SILENT + 44))
        assert {page.status for page in await asyncio.gather(*pages)} == {200}


async def test_silent_connections_and_half_requests_keep_nobody_out() -> None:
    async with served() as serving:
        inside = Phone(serving, await enter(serving))
        await inside.follow()
        await until(lambda: "where" in inside.shown)
        cookie, idle = await enter(serving), []
        for n in range(2 * MAX_SILENT):
            reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
            if n % 2:
                writer.write(b"POST /questions HTTP/1.1\r\nHost: " + serving.host.encode())
            idle.append((reader, writer))
        assert (await request(serving, "GET", serving.page)).status == 200
        assert (await ask(serving, cookie, "go")).status == 202
        assert not inside.has_ended
        with contextlib.suppress(ConnectionError):
            assert await idle[0][0].read() == b""  # cut off
        await inside.leave()
        for _, writer in idle:
            await closed(writer)


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
        nested = b'{"x":' + b"[" * 4_000
        unread = b"", b"no json", b"[]", b'{"prompt":3}', b'{"prompt":"go","play":1}', b"\xff"
        for body in (*unread, nested):
            reply = await request(serving, "POST", "/questions", body, **fields)
            assert reply.status == 400
        long = await request(serving, "GET", "/" + "x" * 200_000, **fields)
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
    async with served() as serving:
        crowd = Crowd(serving)
        await crowd.come(50)
        await crowd.stay(3)
        n_sent = crowd.n_sent
        assert crowd.n_taken == n_sent >= 10
        await until(lambda: len(serving.questions) == n_sent)
        serving.show("lesson", {"n": 1})
        for sent in serving.questions:
            answered = ms.QuestionAnswered(question=sent.question, answer=sent.prompt, how="")
            serving.client.send(answered)
        await until(lambda: sum(len(phone.replies) for phone in crowd.phones) == n_sent)
        told = {str(reply["answer"]) for phone in crowd.phones for reply in phone.replies}
        assert told == {f"{n}+1" for n in range(n_sent)}
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
        check_words("phones: the server has ended", serving.told[-1].text.partition(" (")[0])
        serving.show("lesson", {})  # nobody reads it
