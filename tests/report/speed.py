"""How soon a page answers, in Chromium: `python -m tests.report.speed PAGE.html`.
Times are of the processor (page and worker), from Chromium's trace, and multiplied: what else runs
has no part in them, and the browser's own throttle would not reach the worker."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.report.pages import ANSWERED, QUIET
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SLOWER = 4
BETWEEN_KEYS_MS = 150
LENGTHS = (5, 10, 20, 40, 80, 160, 320, 640)
LETTERS = "the quick brown fox jumps over a lazy dog while five wizards box " * 11
ACT = """([field, value]) => {
  const pieces = document.getElementById("pieces"), input = document.getElementById(field);
  const look = () => {
    if (pieces.classList.contains("waits")) return;
    watching.disconnect();
    performance.mark("answered");
    window.isAnswered = true;
  };
  window.isAnswered = false;
  const watching = new MutationObserver(look);
  watching.observe(pieces, { attributes: true, childList: true });
  performance.mark("begun");
  input.value = value;
  input.dispatchEvent(new Event("input"));
}"""


@dataclass(frozen=True)
class Taken:
    """In ms of the processor, multiplied."""

    answer_ms: float  # of both threads, until the state that is shown had answered
    longest_ms: float  # the longest task of the page's own thread
    worker_ms: float  # of the worker, until all had answered


def taken(browser: Browser, page: Page, field: str, value: str, *, is_whole: bool = True) -> Taken:
    browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing"])
    page.evaluate(ACT, [field, value])
    page.wait_for_function("() => window.isAnswered")
    if is_whole:
        page.wait_for_function(ANSWERED)
    return _taken(json.loads(browser.stop_tracing())["traceEvents"])


def typed(browser: Browser, page: Page, text: str) -> Taken:
    """A letter at a time, each while the one before is still being answered."""
    page.fill("#prompt", "")
    browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing"])
    page.evaluate("performance.mark('begun')")
    page.focus("#prompt")
    for letter in text:
        page.keyboard.type(letter)
        page.wait_for_timeout(BETWEEN_KEYS_MS)
    page.wait_for_function(ANSWERED)
    page.evaluate("performance.mark('answered')")
    return _taken(json.loads(browser.stop_tracing())["traceEvents"])


def _taken(events: list[dict[str, Any]]) -> Taken:
    names = {
        (event["pid"], event["tid"]): event["args"]["name"]
        for event in events
        if event["name"] == "thread_name"
    }
    marks = {event["name"]: event for event in events if event["name"] in ("begun", "answered")}
    begun, answered = marks["begun"]["ts"], marks["answered"]["ts"]
    main = marks["begun"]["pid"], marks["begun"]["tid"]
    answer = longest = worker = 0.0
    for event in events:
        thread = event["pid"], event["tid"]
        # a task that is cut off by the end of the trace has no time
        is_task = event["name"].endswith("RunTask") and "tdur" in event
        is_worker = "DedicatedWorker" in names.get(thread, "") and thread[0] == main[0]
        if not is_task or event["ts"] + event["dur"] < begun or not (is_worker or thread == main):
            continue
        share = min(1.0, max(0.0, answered - event["ts"]) / max(1, event["dur"]))
        answer += share * event["tdur"]
        if is_worker:
            worker += event["tdur"]
        else:
            longest = max(longest, event["tdur"])
    return Taken(*(SLOWER * us / 1000 for us in (answer, longest, worker)))


def main(path: Path) -> None:
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(1000 * PATIENCE_S)
        page.goto(path.absolute().as_uri())
        page.wait_for_function(ANSWERED)
        print(f"ms at 1/{SLOWER} of the speed: until the shown state answers, pasted, and with one")
        print("letter more; all states; the longest task of the page's own thread")
        for n in LENGTHS:
            cases = [
                taken(browser, page, "prompt", text)
                for text in (LETTERS[3 : n + 2], LETTERS[3 : n + 3])
            ]
            numbers = (cases[0].answer_ms, cases[1].answer_ms, cases[0].worker_ms)
            longest = max(case.longest_ms for case in cases)
            print(f"{n:5} letters", *(f"{number:8.0f}" for number in (*numbers, longest)))
        keys = [typed(browser, page, LETTERS[3:27]).longest_ms for _ in range(3)]
        print("the longest task while 24 letters are typed, three times:", *map(round, keys))
        page.evaluate(ACT, ["prompt", LETTERS[7:47]])
        steps = [
            taken(browser, page, "step", str(place), is_whole=False)
            for place in range(page.locator("#formed button").count())
        ]
        slowest = max(step.answer_ms for step in steps)
        longest = max(step.longest_ms for step in steps)
        print(
            f"the slowest step of the slider, 40 letters: {slowest:.0f}, longest task {longest:.0f}"
        )
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
