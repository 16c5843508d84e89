"""The page for phones, in Chromium: it follows the lesson, asks, and shows every text as text.
`pip install -e '.[browser,serve]'`, a `chromium` in the path, then `pytest -n0 -m browser`."""

import asyncio
import os
import re
from typing import Any

import msgspec
import pytest

from flashcards.audience import messages as ms
from flashcards.audience.audience_client import missing
from flashcards.base.language import VARIABLE, tr
from tests.audience.server import Served, challenge_of, request, served
from tests.waiting import PATIENCE_S, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(bool(missing()), reason="needs '.[serve]'"),
]

HOSTILE = "<img src=x onerror=\"document.title='stolen'\">\u202e"
CARD = {"prompt": HOSTILE, "guess": "goed", "answer": "went", "mark": "wrong", "sign": "✗"}


async def test_a_phone_follows_the_lesson_and_asks(browser: Any) -> None:
    async with served() as serving:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(1000 * PATIENCE_S)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        await page.goto(serving.link)
        lesson = {"deck": HOSTILE, "status": "● LIVE", "sentence": "It has understood."}
        serving.show("lesson", {**lesson, "seen": "94.0 %", "unseen": "61.5 %"})
        serving.show("card", CARD)
        serving.show("curve", {"seen": [[0, 0], [100, 0.94]], "unseen": [[0, 0], [100, 0.615]]})
        # not wait_for_function: the page's policy allows no eval
        await page.locator("#unseen", has_text="61.5 %").wait_for(state="attached")
        await page.wait_for_selector("#card:not([hidden])")
        assert page.url == serving.link  # who has lost the cookie can open it again
        assert await page.inner_text("#prompt") == HOSTILE
        assert await page.inner_text("#guess") == "goed"
        assert await page.get_attribute("#curve path.seen", "d") == "M0.0 98.0L320.0 7.8"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        await page.fill("#question", f"  {HOSTILE} ")
        await page.press("#question", "Enter")
        await until(lambda: bool(serving.questions))
        await page.locator("#told", has_text="Sent").wait_for(state="attached")
        asked = serving.questions[0]
        assert asked.prompt == HOSTILE.replace("\u202e", "⟨U+202E⟩")
        serving.client.send(
            ms.QuestionAnswered(question=asked.question, answer="<b>went</b>", how="99 %")
        )
        await page.wait_for_selector("#replies li b")
        assert await page.inner_text("#replies li b") == "<b>went</b>"
        if target := os.environ.get("FLASHCARDS_PAGE_PICTURE"):
            await page.screenshot(path=target)
        serving.client.close()
        lost, closed = await page.evaluate(
            "[document.body.dataset.lost, document.body.dataset.closed]"
        )
        said = re.compile("|".join(map(re.escape, (lost, closed))))
        await page.locator("#status", has_text=said).wait_for(state="attached")
        assert await page.title() == "A lesson for a language model"
        assert await page.locator("img").count() == 0
        own = [fault for fault in faults if "ERR_" not in fault]  # the server went, in the end
        assert own == []


@pytest.mark.parametrize("language", ["de"])
async def test_a_phone_in_the_lobby_says_that_it_is_in(
    browser: Any, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with served() as serving:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(1000 * PATIENCE_S)
        await page.goto(f"{serving.link}/")
        serving.show("lesson", {"deck": "Verbs", "status": "‖ PAUSED", "sentence": ""})
        serving.show("curve", {"seen": [[0, 0]], "unseen": [[0, 0]]})
        text = tr("You are in. Wait here: the lesson begins when the presenter starts it.")
        await page.get_by_role("status").filter(has_text=text).wait_for()
        assert not await page.is_visible("#curve")  # one point is no line
        serving.show(
            "card", {"prompt": "walk", "guess": None, "answer": "", "mark": "", "sign": ""}
        )
        await page.get_by_text("walk").wait_for()
        assert not await page.is_visible("#guess")  # it has said nothing, and not "(nothing)"
        cut = "[...document.querySelectorAll('input')].filter((one) => one.placeholder).length"
        assert await page.evaluate(cut) == 0  # a phone shows half of a placeholder
        serving.client.send(ms.Bidden(what="close_door"))
        await page.locator("#lobby").wait_for(state="hidden")
        serving.show("curve", {"seen": [[0, 0], [9, 0.5]], "unseen": [[0, 0], [9, 0]]})
        await page.locator("#curve").wait_for()


async def test_a_phone_answers_waits_at_the_door_and_comes_back_by_itself(browser: Any) -> None:
    async with served() as serving:
        page, late = [await (await browser.new_context()).new_page() for _ in range(2)]
        for each in (page, late):
            each.set_default_timeout(1000 * PATIENCE_S)
        await page.goto(serving.link)
        ballot = {"number": 1, "question": "How many?", "places": ["0 %", "50 %", "100 %"]}
        serving.client.send(ms.BallotOpened(ballot=1, n_places=3))
        serving.show("ballot", {**ballot, "left": "23 s"})
        await page.get_by_role("button", name="50 %").click()
        await page.locator("#voted", has_text="Your answer is in").wait_for()
        serving.show("ballot", {**ballot, "left": "22 s"})
        await page.locator("#left", has_text="22 s").wait_for()
        assert await page.locator("button[aria-pressed=true]").inner_text() == "50 %"
        serving.client.send(ms.Bidden(what="end_ballot"))
        counted = ms.PhonesCounted(n_phones=1, hands=(0, 1, 0))
        await until(lambda: serving.told[-1] == counted)
        serving.show("ballot", {"question": ""})
        texts = {1: "You said 50 %"}
        settled = ms.BallotSettled(ballot=1, prompt="How many?", texts=texts, text="")
        serving.client.send(settled)
        await page.locator("#replies", has_text="You said 50 %").wait_for()
        serving.client.send(ms.BallotOpened(ballot=2))
        serving.show("ballot", {"number": 2, "question": "walk", "places": [], "left": "9 s"})
        await page.get_by_label("Your answer").fill("walked")
        await page.get_by_role("button", name="Send").first.click()
        await page.locator("#voted", has_text="Your answer is in").wait_for()
        serving.client.send(ms.Bidden(what="end_ballot"))
        counted = ms.PhonesCounted(n_phones=1, hands=(1,), texts=("walked",))
        await until(lambda: serving.told[-1] == counted)
        serving.show("ballot", {"question": ""})
        serving.client.send(ms.Bidden(what="close_door"))
        await late.goto(serving.link)
        await late.locator("#status", has_text="until the presenter lets you in").wait_for()
        assert not await late.is_visible("#form")
        serving.client.send(ms.Bidden(what="let_in"))
        await late.wait_for_selector("#form")
        port = serving.port
    async with served(port) as again:
        again.show("lesson", {"deck": "Verbs", "status": "● LIVE", "sentence": ""})
        for each in (page, late):
            await each.locator("#status", has_text="LIVE").wait_for()


async def test_a_text_that_waited_when_the_program_crashed_is_sent_again(browser: Any) -> None:
    """Nothing of it is kept but by the phone that wrote it."""

    async def answer(serving: Served, n: int, answer: str) -> None:
        while await page.evaluate("waiting.length") == 0:  # it does not know yet that it was taken
            await asyncio.sleep(0.01)
        serving.client.send(ms.QuestionAnswered(question=n, answer=answer, how="99 %"))
        await page.locator("#replies", has_text=answer).wait_for()

    async with served() as serving:
        page = await browser.new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        await page.goto(serving.link)
        for text in ("go", "sing\u202e"):
            await page.fill("#question", text)
            n_sent = len(serving.questions)
            await until(
                lambda n_sent=n_sent: len(serving.questions) > n_sent,  # type: ignore[misc]
                lambda _: page.press("#question", "Enter"),  # again: one a second is taken
            )
        await answer(serving, 1, "went")
        port, waiting = serving.port, serving.questions[1].prompt
    async with served(port) as again:
        await until(lambda: bool(again.questions))
        assert again.questions == [ms.QuestionSent(question=1, prompt=waiting, phone=1)]
        await answer(again, 1, "sang")
    async with served(port) as third:  # what was answered is not sent once more
        third.show("lesson", {"deck": "Verbs", "status": "● LIVE", "sentence": ""})
        await page.locator("#status", has_text="LIVE").wait_for()
        assert await page.evaluate("ask('walk')")
        await until(lambda: bool(third.questions))
        assert [question.prompt for question in third.questions] == ["walk"]


@pytest.mark.parametrize("language", ["es"])
async def test_the_page_needs_no_colour(
    browser: Any, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with served() as serving:
        page = await (await browser.new_context(forced_colors="active")).new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        await page.goto(serving.link)
        serving.show("card", CARD)
        ballot = {"number": 1, "question": "?", "places": ["0 %", "100 %"], "left": "9 s"}
        serving.client.send(ms.BallotOpened(ballot=1, n_places=2))
        serving.show("ballot", ballot)
        await page.get_by_role("button", name="100 %").click()
        await page.get_by_role("button", name="100 %", pressed=True).wait_for()
        assert await page.inner_text("#mark") == "✗"  # a sign says what red says
        assert await page.get_attribute("html", "lang") == language
        unnamed = (
            "[...document.querySelectorAll('input')].filter((one) => !one.labels.length).length"
        )
        assert await page.evaluate(unnamed) == 0
        assert await page.get_by_role("status").count() >= 3
        bare = await (await browser.new_context(java_script_enabled=False)).new_page()
        await bare.goto(serving.link)
        assert tr("This page needs JavaScript: allow it, or use another browser.") in (
            await bare.inner_text("body")
        )
        assert not await bare.is_visible("form")
        assert tr("Waiting for the lesson…") not in await bare.inner_text("body")


async def test_of_two_tabs_the_one_that_is_looked_at_follows_the_lesson(browser: Any) -> None:
    async with served() as serving:
        context = await browser.new_context(viewport={"width": 320, "height": 568})
        context.set_default_timeout(1000 * PATIENCE_S)
        first, second = await context.new_page(), await context.new_page()
        n_streams = 0

        def note(request: Any) -> None:
            nonlocal n_streams
            n_streams += request.url.endswith("/events")

        context.on("request", note)
        lesson = {"deck": "W" * 300, "sentence": "", "seen": "", "unseen": ""}
        serving.show("lesson", {**lesson, "status": "● LIVE"})
        for page in (first, second):
            await page.goto(serving.link)
            await page.locator("#status", has_text="LIVE").wait_for()
        elsewhere = "Open in another tab; tap to follow the lesson here."
        await first.locator("#status", has_text=elsewhere).wait_for()
        assert await first.evaluate("document.documentElement.scrollWidth <= innerWidth")
        place = await first.locator("#status").bounding_box()
        assert place["y"] < 100  # a long name leaves room for the lesson
        await first.click("#deck")
        await first.locator("#status", has_text="LIVE").wait_for()
        await second.locator("#status", has_text=elsewhere).wait_for()
        serving.show("lesson", {**lesson, "status": "‖ PAUSED"})
        await first.locator("#status", has_text="PAUSED").wait_for()
        assert await second.inner_text("#status") == elsewhere
        assert n_streams == 3


async def test_the_remote_signs_what_is_tapped_and_goes_when_it_is_withdrawn(browser: Any) -> None:
    secret, device_of_another = "5e" * 16, "0f" * 16
    async with served() as serving:
        page = await (await browser.new_context(viewport={"width": 390, "height": 844})).new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        serving.client.send(ms.RemoteAllowed(secret=secret))
        await challenge_of(serving)
        await page.goto(f"http://{serving.host}/remote#{secret}")
        await until(lambda: any(isinstance(m, ms.RemoteJoined) for m in serving.told))
        assert secret not in page.url  # nobody reads it over a shoulder
        content = {
            "title": HOSTILE,
            "status": "● LIVE · 24 phones",
            "now": "One card",
            "next": "A rule",
            "notes": ["Breathe."],
            "clock": "03:20 · 3/12",
            "buttons": [{"what": "on", "label": "On"}, {"what": "back", "label": "Back"}],
            "texts": [{"kind": "QuestionSent", "question": 7, "prompt": HOSTILE, "phone": 2}],
            "more": 0,
        }
        serving.client.send(ms.RemoteShown(content=msgspec.Raw(msgspec.json.encode(content))))
        await page.get_by_role("button", name="On", exact=True).click()
        await page.get_by_role("button", name=tr("ask on stage")).click()
        drop = page.get_by_role("button", name=tr("drop all of this phone"))
        await drop.click()  # once asks whether one is sure
        await page.get_by_role("button", name="Tap again").click()
        wanted = [
            ms.RemoteCommanded(what="on"),
            ms.RemoteCommanded(what="ask", question=7),
            ms.RemoteCommanded(what="drop_phone", question=7),
        ]
        await until(
            lambda: [m for m in serving.told if isinstance(m, ms.RemoteCommanded)] == wanted
        )
        assert await page.locator("img").count() == 0
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if target := os.environ.get("FLASHCARDS_REMOTE_PICTURE"):
            await page.screenshot(path=target)

        other = await (await browser.new_context()).new_page()
        await other.goto(f"http://{serving.host}/remote#{secret}")
        taken = tr("Another device has the remote. Withdraw it on the presenter's screen first.")
        await other.get_by_text(taken).wait_for()

        await page.reload()  # it has its secret, and counts on
        await page.get_by_role("button", name="On", exact=True).click()
        await until(lambda: serving.told[-1] == ms.RemoteCommanded(what="on"))
        serving.client.send(ms.RemoteAllowed(secret=device_of_another))
        gone = tr("This remote was withdrawn. The presenter's screen shows a new link.")
        await page.get_by_text(gone).wait_for()
        assert not await page.get_by_role("button", name="On", exact=True).is_visible()
        assert faults == []


async def test_a_remote_that_comes_before_the_room_knows_it_tries_again(browser: Any) -> None:
    """After a restart the server listens a moment before the app has told it the secret."""
    secret = "5e" * 16
    async with served() as serving:
        page = await browser.new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        serving.client.send(ms.RemoteAllowed(secret=secret))
        await challenge_of(serving)
        await page.goto(f"http://{serving.host}/remote#{secret}")
        await until(lambda: any(isinstance(m, ms.RemoteJoined) for m in serving.told))
        serving.client.send(ms.RemoteAllowed(secret=""))
        async with asyncio.timeout(PATIENCE_S):
            while (await request(serving, "GET", "/remote/challenge")).status == 200:
                await asyncio.sleep(0.02)
        await page.evaluate("follow()")
        await page.locator("#status", has_text=tr("No connection; trying again…")).wait_for()
        serving.told.clear()
        serving.client.send(ms.RemoteAllowed(secret=secret))
        await until(lambda: any(isinstance(m, ms.RemoteJoined) for m in serving.told))


async def test_a_phone_keeps_its_bet_in_sight_and_takes_the_model_with_it(browser: Any) -> None:
    async with served() as serving:
        context = await browser.new_context(viewport={"width": 390, "height": 844})
        page = await context.new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        await page.goto(serving.link)
        serving.client.send(ms.Bidden(what="close_door"))
        question = {"number": 3, "question": "How many?", "places": ["10 %", "20 %"], "left": "9 s"}
        serving.client.send(ms.BallotOpened(ballot=3, n_places=2))
        serving.show("ballot", question)
        await page.get_by_role("button", name="20 %").click()
        await until(lambda: any(isinstance(m, ms.PhonesCounted) and m.hands for m in serving.told))
        open_bet = {"question": "How many?", "counts": "20 % (9) · 10 % (4)"}
        serving.show("ballot", {"question": "", "open": open_bet})
        await page.get_by_text(tr("Your answer: {said}.", said="20 %")).wait_for()
        await page.get_by_text("20 % (9) · 10 % (4)").wait_for()
        serving.show("ballot", {"question": "", "open": None})
        await page.locator("#bet").wait_for(state="hidden")
        settled = ms.BallotSettled(ballot=0, prompt="How many?", texts={}, text="30 %")
        serving.client.send(settled)  # of a room that was opened again: it knows no phone's answer
        last = page.locator("#replies li").first
        await last.get_by_text(tr("Your answer: {said}.", said="20 %")).wait_for()

        script = "document.title = new Worker(URL.createObjectURL(new Blob(['']))) && 'it runs'"
        steal = "try { localStorage.x = document.cookie } catch { document.body.id = 'apart' }"
        html = f"<!doctype html><body><script>{script}; {steal}</script>"
        serving.client.send(ms.ModelGiven(html=html))
        async with context.expect_page() as opened:
            await page.get_by_role("link").click()
        model = await opened.value
        await model.locator("body#apart").wait_for(state="attached")
        assert await model.title() == "it runs"
