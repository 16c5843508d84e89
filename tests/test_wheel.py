"""What is installed from a wheel is whole: decks, stylesheets and templates come along."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.source import PACKAGE, ROOT

DATA = {".css", ".html", ".js", ".json", ".sql", ".svg", ".tcss", ".toml", ".typed"}


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
    data = (path for path in PACKAGE.rglob("*") if path.suffix in DATA)
    needed = {path.relative_to(PACKAGE).as_posix() for path in data} | {"shelf/README.md"}
    assert len(needed) > 15
    assert [name for name in needed if not (site / "flashcards" / name).is_file()] == []
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
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    ).stdout.splitlines()
    assert said[0] == str(site / "flashcards" / "shelf" / "apple.deck")
    shipped = {path.stem for path in (ROOT / "decks").glob("*.deck")}
    assert set(said[1].split()) == shipped
    assert said[2] == "🍎 apple"
