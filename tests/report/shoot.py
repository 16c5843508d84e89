"""The pictures of pages in docs/: `python -m tests.report.shoot PAGE.html REPORT.html`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.report.pages import ANSWERED

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(__file__).parents[2] / "screenshots"
PROMPT = "gling"
N_COLOURS = 128


def shoot(
    browser: Browser,
    page: Path,
    name: str,
    size: tuple[int, int],
    scheme: Literal["light", "dark"] = "light",
) -> None:
    """The top of a page as screenshots/NAME.png, with few colours so that it is small."""
    width, height = size
    scale = 2 if width < 600 else 1
    opened = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=scale
    )
    opened.goto(page.absolute().as_uri())
    if opened.locator("#prompt").count():
        opened.wait_for_selector("body.ready", state="attached")
        opened.fill("#prompt", PROMPT)
        opened.wait_for_function(ANSWERED)
    target = PICTURES / f"{name}.png"
    opened.screenshot(path=target)
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(N_COLOURS).save(target, optimize=True)


def main(page: Path, report: Path) -> None:
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        shoot(browser, page, "page", (1000, 860))
        shoot(browser, page, "page-phone", (390, 780), "dark")
        shoot(browser, report, "report", (1000, 860))
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
