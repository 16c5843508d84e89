"""The pages of a room by axe (WCAG rules), light and dark, and by the keyboard alone.
`pip install -e '.[browser,serve]'`, then `pytest -n0 -m browser`."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from flashcards.audience import messages as ms
from flashcards.audience.audience_client import missing
from flashcards.base.language import VARIABLE, tr
from tests.audience.server import challenge_of, served
from tests.audience.test_page import CARD
from tests.decks import write_capitals
from tests.report import pages
from tests.waiting import PATIENCE_S, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(bool(missing()), reason="needs '.[serve]'"),
]

AXE = """async (code) => {
  (0, eval)(code);
  const { violations } = await axe.run();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
}"""
SECRET = "5e" * 16
REMOTE = {
    "title": "Verbs",
    "status": "● LIVE",
    "step": "step 81 · 24 phones",
    "now": "One card",
    "next": "A rule",
    "notes": ["Breathe."],
    "clock": "03:20",
    "buttons": [{"what": "on", "label": "On"}, {"what": "back", "label": "Back"}],
    "texts": [{"question": 7, "prompt": "go", "phone": 2}],
    "more": 2,
}


async def violations(page: Any) -> list[str]:
    """What axe complains of, in both colour schemes."""
    package = pytest.importorskip("axe_playwright_python", reason="needs '.[browser]'")
    code = Path(package.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    wrong: list[str] = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        wrong += await page.evaluate(AXE, code)
    return wrong


async def test_axe_finds_no_fault_in_the_pages_of_a_room(browser: Any) -> None:
    async with served() as serving:
        size = {"width": 390, "height": 844}
        page = await (await browser.new_context(viewport=size, bypass_csp=True)).new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        await page.goto(serving.link)
        await page.get_by_text("You are in. Wait here").wait_for()
        assert await violations(page) == []
        serving.client.send(ms.Bidden(what="close_door"))
        lesson = {"deck": "Verbs", "status": "● LIVE", "sentence": "So far."}
        serving.show("lesson", {**lesson, "seen": "94 %", "unseen": "61 %", "knew": "5 %"})
        serving.show("card", CARD)
        serving.show("curve", {"seen": [[0, 0], [100, 0.9]], "unseen": [[0, 0], [100, 0.6]]})
        serving.client.send(ms.ModelGiven(html="<p>the model</p>"))
        question = {"number": 1, "question": "How many?", "places": ["10 %", "20 %"], "left": "9 s"}
        open_bet = {"question": "How many?", "counts": "20 % (9)"}
        serving.show("ballot", {**question, "open": open_bet})
        await page.get_by_role("button", name="20 %").wait_for()
        assert await violations(page) == []

        serving.client.send(ms.RemoteAllowed(secret=SECRET))
        await challenge_of(serving)
        remote = await (await browser.new_context(viewport=size, bypass_csp=True)).new_page()
        remote.set_default_timeout(1000 * PATIENCE_S)
        await remote.goto(f"http://{serving.host}/remote#{SECRET}")
        serving.client.send(ms.RemoteShown(content=msgspec.Raw(msgspec.json.encode(REMOTE))))
        await remote.get_by_role("button", name="On", exact=True).wait_for()
        assert await violations(remote) == []


async def test_a_phone_votes_and_asks_by_the_keyboard_alone(browser: Any) -> None:
    async with served() as serving:
        page = await browser.new_page()
        page.set_default_timeout(1000 * PATIENCE_S)
        await page.goto(serving.link)
        serving.client.send(ms.BallotOpened(ballot=1, n_places=2))
        question = {"number": 1, "question": "How many?", "places": ["10 %", "20 %"], "left": "9 s"}
        serving.show("ballot", question)
        await page.get_by_role("button", name="20 %").wait_for()
        for key in ("Tab", "Tab", "Enter", "Tab", "g", "o", "Enter"):
            await page.keyboard.press(key)
        await until(lambda: bool(serving.questions))
        assert serving.questions[0].prompt == "go"
        await until(
            lambda: any(isinstance(m, ms.PhonesCounted) and m.hands == (0, 1) for m in serving.told)
        )


# What a screen reader reads: Chromium's accessibility tree

Node = tuple[str, str]  # role and name
CONTROLS = {"button", "link", "textbox", "slider", "application", "DisclosureTriangle"}
NAMELESS = {"paragraph", "generic", "none", "list", "listitem", "ListMarker", "InlineTextBox"}


async def tree_of(page: Any) -> list[dict[str, Any]]:
    """The nodes that are not ignored, in the order in which they are read."""
    session = await page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    node_of = {node["nodeId"]: node for node in nodes}
    to_read, in_order = [nodes[0]["nodeId"]], []
    while to_read:
        node = node_of[to_read.pop(0)]
        to_read = [*node.get("childIds", ()), *to_read]
        if not node["ignored"]:
            in_order.append(node)
    return in_order


def value_of(node: dict[str, Any], field: str) -> str:
    return str(node.get(field, {}).get("value", "")).strip()


async def read_aloud(page: Any) -> list[Node]:
    """Role and name of all that is read, in its order, without text that stands in another one."""
    read = [(value_of(node, "role"), value_of(node, "name")) for node in await tree_of(page)]
    return [(role, name) for role, name in read if role not in NAMELESS and name]


async def announced(page: Any) -> str:
    """The text of all live regions."""
    script = "[...document.querySelectorAll('[role=status], [aria-live]')]"
    texts = await page.evaluate(
        f"{script}.filter((one) => one.offsetParent).map((one) => one.innerText)"
    )
    return " | ".join(filter(None, texts))


async def check_names(page: Any, language: str) -> None:
    """Every control has a name and a role, and the page says its language."""
    assert await page.get_attribute("html", "lang") == language
    for node in await tree_of(page):
        properties = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
        role = value_of(node, "role")
        if properties.get("focusable") and role != "RootWebArea":
            assert role in CONTROLS
            assert value_of(node, "name")


async def in_german(browser: Any) -> Any:
    page = await (await browser.new_context(locale="de-DE")).new_page()
    page.set_default_timeout(1000 * PATIENCE_S)
    return page


async def test_a_screen_reader_reads_a_phone_in_order(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    async with served() as serving:
        page = await in_german(browser)
        await page.goto(serving.link)
        lesson = {"deck": "Mehrzahl", "status": "● LIVE", "step": "Schritt 81", "sentence": "Gut."}
        lesson |= {"seen": "94 %", "unseen": "61 %", "knew": ""}
        serving.show("lesson", lesson)
        serving.show("card", {**CARD, "prompt": "Hund", "guess": "Hunds", "answer": "Hunde"})
        serving.client.send(ms.BallotOpened(ballot=1, n_places=2))
        ballot = {"number": 1, "question": "Wie viele?", "places": ["10 %", "20 %"], "left": "9 s"}
        serving.show("ballot", {**ballot, "order": "Sprich erst."})
        await page.get_by_role("button", name="20 %").wait_for()
        read = await read_aloud(page)
        ask = tr("Ask the model something: a prompt of the deck, or one it was never taught")
        wanted = [
            ("RootWebArea", tr("A lesson for a language model")),
            ("heading", "Mehrzahl"),
            ("group", "Sprich erst. Wie viele?"),
            ("button", "10 %"),
            ("button", "20 %"),
            ("StaticText", "94 %"),
            ("StaticText", "61 %"),
            ("heading", tr("The card being corrected")),
            ("StaticText", "Hunds"),
            ("StaticText", "Hunde"),
            ("textbox", ask),
            ("button", tr("Send")),
        ]
        assert [node for node in read if node in wanted] == wanted
        await check_names(page, "de")

        # what changes is announced, and what only ticks is not
        before = await announced(page)
        assert "● LIVE" in before
        assert "Wie viele?" in before
        serving.show("lesson", {**lesson, "step": "Schritt 82", "seen": "95 %"})
        serving.show("ballot", {**ballot, "order": "Sprich erst.", "left": "8 s"})
        await page.locator("#left", has_text="8 s").wait_for()
        await page.locator("#step", has_text="82").wait_for()
        assert await announced(page) == before
        serving.show(
            "ballot", {"question": "", "open": {"question": "Wie viele?", "counts": "10 % (9)"}}
        )
        await page.get_by_text("10 % (9)").wait_for()
        assert "10 % (9)" in await announced(page)
        serving.show("lesson", {**lesson, "status": "‖ PAUSE"})
        await page.locator("#status", has_text="PAUSE").wait_for()
        assert "‖ PAUSE" in await announced(page)


async def test_a_screen_reader_reads_the_lobby_the_door_and_a_closed_room(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    in_lobby = tr("You are in. Wait here: the lesson begins when the presenter starts it.")
    at_door = tr("The lesson has begun. Wait until the presenter lets you in.")
    closed = tr("The room is closed.")
    ask = tr("Ask the model something: a prompt of the deck, or one it was never taught")
    controls = [("textbox", ask), ("button", tr("Send"))]
    async with served() as serving:
        page, late = await in_german(browser), await in_german(browser)
        await page.goto(serving.link)
        await page.get_by_text(in_lobby).wait_for()
        read = await read_aloud(page)
        wanted = [("heading", tr("A lesson for a language model")), *controls]
        assert [node for node in read if node in wanted] == wanted
        assert in_lobby in await announced(page)
        await check_names(page, "de")

        serving.client.send(ms.Bidden(what="close_door"))
        serving.show("lesson", {"deck": "Mehrzahl", "status": "● LIVE", "sentence": "Gut."})
        await page.locator("#lobby").wait_for(state="hidden")
        await late.goto(serving.link)
        await late.get_by_text(at_door).wait_for()
        read = await read_aloud(late)
        assert not {"textbox", "button", "link"} & {role for role, _ in read}
        assert await announced(late) == at_door
        await check_names(late, "de")
        serving.client.send(ms.Bidden(what="let_in"))
        await late.get_by_role("textbox", name=ask).wait_for()
        await late.locator("#status", has_text="● LIVE").wait_for()
        assert at_door not in await announced(late)
        port = serving.port
    async with served(port):  # in its lobby: the phone is told that it is in
        await page.get_by_text(in_lobby).wait_for()
    async with served(port, "another"):
        await page.get_by_text(closed).wait_for()
        assert await announced(page) == closed
        await check_names(page, "de")


async def test_a_screen_reader_reads_the_model_that_a_phone_takes_with_it(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = pages.lesson(write_capitals(tmp_path), tmp_path / "runs", n_updates=8)
    monkeypatch.setenv(VARIABLE, "de")
    html = pages.page_of(run, tmp_path / "model.html", "--quick").read_text(encoding="utf-8")
    async with served() as serving:
        page = await in_german(browser)
        await page.goto(serving.link)
        serving.client.send(ms.ModelGiven(html=html))
        take = tr("Take the model with you: teach it your own cards, on this phone")
        link = page.get_by_role("link", name=take)
        await link.wait_for()
        assert take in await announced(page)
        async with page.context.expect_page() as opened:
            await link.press("Enter")
        model = await opened.value
        model.set_default_timeout(1000 * PATIENCE_S)
        await model.locator(".piece").first.wait_for()
        read = await read_aloud(model)
        wanted = [
            ("textbox", tr("Ask it anything")),
            ("heading", tr("Teach it this card")),
            ("textbox", tr("The right answer to this prompt")),
            ("button", tr("Correct it")),
            ("button", tr("Play the lesson")),
            ("slider", tr("Saved state of the model")),
            ("heading", tr("How this answer came about")),
            ("application", tr("Every card as a cell. Arrow keys move, Enter asks the card.")),
        ]
        assert [node for node in read if node in wanted] == wanted
        await check_names(model, "de")
        assert await violations(model) == []


async def test_a_screen_reader_reads_the_remote_and_keeps_its_place(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    async with served() as serving:
        page = await in_german(browser)
        serving.client.send(ms.RemoteAllowed(secret=SECRET))
        await challenge_of(serving)
        await page.goto(f"http://{serving.host}/remote#{SECRET}")

        def show(**changed: object) -> None:
            content = msgspec.Raw(msgspec.json.encode({**REMOTE, **changed}))
            serving.client.send(ms.RemoteShown(content=content))

        texts = [{"question": n, "prompt": f"Wort {n}", "phone": 2} for n in (7, 8)]
        show(texts=texts)
        await page.get_by_text("Wort 8").wait_for()
        read = await read_aloud(page)
        wanted = [
            ("RootWebArea", tr("Remote")),
            ("heading", "Verbs"),
            ("button", "On"),
            ("button", "Back"),
            ("heading", tr("Texts from phones: only you see them")),
            ("button", tr("ask on stage")),
            ("button", tr("drop")),
            ("button", tr("drop all of this phone")),
        ]
        assert list(dict.fromkeys(node for node in read if node in wanted)) == wanted
        await check_names(page, "de")
        described = [value_of(node, "description") for node in await tree_of(page)]
        assert {"Wort 7", "Wort 8"} <= set(described)  # which text a button is about

        before = await announced(page)
        assert "Wort 7" in before
        show(texts=texts, step="Schritt 82 · 24 Handys", clock="03:21")
        await page.locator("#clock", has_text="03:21").wait_for()
        assert await announced(page) == before

        await page.get_by_role("button", name="On", exact=True).focus()
        show(texts=texts, buttons=[{"what": "on", "label": "Pause"}])
        await page.get_by_role("button", name="Pause").wait_for()
        assert await page.evaluate("document.activeElement.textContent") == "Pause"
        await page.locator("[data-question='7'] button").nth(1).focus()
        show(texts=texts[1:], buttons=[{"what": "on", "label": "Pause"}])
        await page.locator("[data-question='7']").wait_for(state="detached")
        focused = "document.activeElement.closest('[data-question]').dataset.question"
        assert await page.evaluate(focused) == "8"
