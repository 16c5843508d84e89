"""A page with the model inside, used: it answers in a worker while one types, on any screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.report.pages import ANSWERED, ASK, INSIDE, Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

SHOWN = """() => [
  [...document.querySelectorAll("#formed .said")].map((one) => one.textContent),
  [...document.querySelectorAll("#pieces b")].map((one) => one.textContent).join(""),
]"""


def shown(page: Page) -> tuple[list[str], str]:
    page.wait_for_function(ANSWERED)
    rows, said = page.evaluate(SHOWN)
    return rows, said


def test_the_worker_says_what_the_model_says(small: Path, opened: Opened) -> None:
    """Typed, changed, cut, too long: keys and values that are kept from before change nothing."""
    page = opened(small)
    page.focus("#prompt")
    for typed in ("👩‍👩‍👧 and 🍎", "👍🏽", "x" * 600):
        page.fill("#prompt", "")
        if len(typed) < 20:
            page.keyboard.type(typed)
        else:
            page.fill("#prompt", typed)
        for keys in ((), ("Home", "a", "b"), ("End", "Backspace", "c")):
            for key in keys:
                page.keyboard.press(key)
            rows, said = shown(page)
            prompt = page.input_value("#prompt")
            fresh = [
                page.evaluate(ASK, [[prompt], place])[0]["answer"] for place in (0, -1 % len(rows))
            ]
            assert [rows[0] or "(nothing)", rows[-1]] == [one or "(nothing)" for one in fresh]
            assert said.replace("␣", " ") == fresh[-1]


def test_the_page_computes_no_answer_itself(small: Path, opened: Opened) -> None:
    page = opened(small)
    page.evaluate("() => { Model.prototype.feed = () => { throw new Error(); }; }")
    page.fill("#prompt", "🍎🍎")
    assert shown(page)[1]


TOLD = f"""async ([first, second]) => {{
  {INSIDE}
  const told = [], answering = new Answering(await lesson(), (message) => told.push(message));
  answering.ask({{ prompt: first, place: 1 }});
  const n = told.length;
  answering.ask({{ prompt: second, place: 1 }});
  answering.ask({{ prompt: second, place: 2 }});
  while (answering.isAtWork) await new Promise((go) => setTimeout(go, 5));
  return told.slice(n).map(({{ kind, typed, place }}) => [kind, typed, place ?? -1]);
}}"""


def test_the_next_key_ends_what_was_asked_before(small: Path, opened: Opened) -> None:
    page = opened(small)
    n_states = page.locator("#formed button").count()
    assert n_states > 3
    value = page.evaluate(TOLD, ["y" * 640, "🍎"])
    assert {typed for _, typed, _ in value} == {"🍎"}
    others = [("answered", (2 + i) % n_states) for i in range(1, n_states)]
    expected = [("answered", 2), ("compared", -1), *others]
    assert [(kind, place) for kind, _, place in value] == expected


def test_the_slider_shows_what_is_known_at_once(small: Path, opened: Opened) -> None:
    page = opened(small)
    page.fill("#prompt", "🍏")
    rows, _ = shown(page)
    page.focus("#step")
    page.keyboard.press("Home")
    for place, row in enumerate(rows):
        value = page.evaluate(SHOWN)[1].replace("␣", " ")
        assert page.input_value("#step") == str(place)
        assert value == row or (value, row) == ("", "(nothing)")
        page.keyboard.press("ArrowRight")


def test_the_focus_stays_on_the_row_that_is_pressed(small: Path, opened: Opened) -> None:
    page = opened(small)
    shown(page)
    page.focus("#formed li:nth-child(2) button")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-current')") == "step"
    page.keyboard.press("Tab")
    is_next = "document.activeElement === document.querySelector('#formed li:nth-child(3) button')"
    assert page.evaluate(is_next)


SIZES = [(390, 844, "dark"), (320, 700, "light"), (1280, 900, "light"), (1280, 900, "dark")]


@pytest.mark.parametrize(("width", "height", "scheme"), SIZES)
def test_numbers_are_whole_and_axe_finds_nothing(
    small: Path, opened: Opened, width: int, height: int, scheme: Any
) -> None:
    page = opened(small)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    shown(page)
    broken = """() => [...document.querySelectorAll(".num *")].filter((one) =>
      one.offsetHeight > 1.9 * parseFloat(getComputedStyle(one).fontSize) ||
      one.getClientRects().length > 1).map((one) => one.textContent)"""
    assert page.evaluate(broken) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("#chips button, #play, #prompt").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 40
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response
    assert [(one["id"], one["nodes"][0]["html"][:80]) for one in found["violations"]] == []


def test_without_javascript_one_sentence_says_so(small: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(small.as_uri())
    assert page.locator("noscript p").is_visible()
    for dead in (".desk", "#wall", "#counts"):
        assert page.locator(dead).is_hidden()
    assert page.get_by_text("Right answers").is_visible()
    context.close()


ESCAPES = """async () => {
  const said = [];
  const tried = (code) => new Promise((done) => {
    const worker = new Worker(URL.createObjectURL(new Blob([code])));
    worker.onmessage = ({ data }) => done(said.push(data));
  });
  await tried(`fetch("https://example.invalid/").then(() => postMessage("fetched"),
    () => postMessage("not fetched"))`);
  await tried(`try { importScripts("https://example.invalid/x.js"); postMessage("imported"); }
    catch { postMessage("not imported"); }`);
  await new Promise((done) => {
    const note = (event) => done(said.push(event.effectiveDirective));
    addEventListener("securitypolicyviolation", note);
    new Worker("data:text/javascript,0");
  });
  return said;
}"""


def test_a_worker_may_fetch_nothing_from_elsewhere(small: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(small.as_uri())
    assert page.evaluate(ESCAPES) == ["not fetched", "not imported", "worker-src"]
    page.close()
