"""What is installed from a wheel is whole: decks, stylesheets and templates come along."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_shipped_decks_are_found_when_installed_from_a_wheel(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for needed in (
        "app/app.tcss",
        "app/widgets/splash.tcss",
        "app/lesson/lesson.tcss",
        "app/widgets/dialogs.tcss",
        "exchange/anki_package.json",
        "exchange/anki_schema.sql",
        "exchange/losses.toml",
        "py.typed",
        "report/questions.toml",
        "templates/base.html",
        "templates/chart.svg",
        "templates/lesson.css",
        "templates/lesson.html",
        "templates/lesson.js",
        "templates/parts.html",
        "templates/report.css",
        "shelf/README.md",
    ):
        assert (site / "flashcards" / needed).is_file(), needed
    code = (
        "from flashcards.cards.shelf import find, load, shelf\n"
        "print(find('apple'))\n"
        "print(*(entry.slug for entry in shelf()))\n"
        "deck, _ = load(find('apple'))\n"
        "print(deck.cards[0].prompt, deck.cards[0].answer)\n"
    )
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=empty,
        env={
            **os.environ,
            "PYTHONPATH": str(site),
            "PYTHONUTF8": "1",
            "XDG_DATA_HOME": str(tmp_path / "data"),
        },
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    ).stdout.splitlines()
    assert said[0] == str(site / "flashcards" / "shelf" / "apple.deck")
    shipped = {path.stem for path in (ROOT / "decks").glob("*.deck")}
    assert set(said[1].split()) == shipped
    assert said[2] == "🍎 apple"
