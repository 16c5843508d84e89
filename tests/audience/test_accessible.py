"""The pages of a room by axe (WCAG rules), light and dark, and by the keyboard alone.
`pip install -e '.[browser,serve]'`, then `pytest -n0 -m browser`."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from flashcards.audience import messages as ms
from flashcards.audience.audience_client import missing
from tests.audience.server import challenge_of, served
from tests.audience.test_page import CARD, chromium
from tests.waiting import PATIENCE_S, until

pytestmark = [
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


async def test_axe_finds_no_fault_in_the_pages_of_a_room() -> None:
    async with served() as serving, chromium() as browser:
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


async def test_a_phone_votes_and_asks_by_the_keyboard_alone() -> None:
    async with served() as serving, chromium() as browser:
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
