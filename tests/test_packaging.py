"""What is installed from a wheel is whole, and how packages are added that not all need."""

import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from flashcards.base import extras
from tests.commands import run_python
from tests.source import PACKAGE, ROOT, tracked

DATA = {".css", ".html", ".js", ".json", ".sql", ".svg", ".tcss", ".toml", ".typed"}


@pytest.mark.slow
def test_the_shipped_decks_are_found_when_installed_from_a_wheel(tmp_path: Path) -> None:
    built = run_python("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=ROOT)
    assert built.returncode == 0, built.stderr
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
    ended = run_python("-c", code, cwd=empty, PYTHONPATH=str(site), PYTHONUTF8="1")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0] == str(site / "flashcards" / "shelf" / "apple.deck")
    shipped = {path.stem for path in (ROOT / "decks").glob("*.deck")}
    assert set(lines[1].split()) == shipped
    assert lines[2] == "🍎 apple"


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_packages_are_those_of_the_extras() -> None:
    of_project = {
        extra: {
            re.split("[>=<; ]", needed)[0] for needed in PROJECT["optional-dependencies"][extra]
        }
        for extra in extras.PACKAGES
    }
    assert {extra: set(names) for extra, names in extras.PACKAGES.items()} == of_project


def test_an_installed_program_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert extras.how_to_install("serve") == "pip install '.[serve]'"
    monkeypatch.setattr(extras, "checkout", lambda: None)
    assert extras.how_to_install("serve") == "pip install segno starlette uvicorn"


@pytest.mark.slow
def test_no_text_would_fetch_the_package_of_somebody_else() -> None:
    """On PyPI the name of the command belongs to another program."""
    name = "flashcards"
    assert PROJECT["name"] != name
    assert PROJECT["scripts"] == {name: f"{name}.cli:main"}
    fetched = re.compile(rf"pip3? install (-\S+ )*['\"]?{name}\b|\b{name}\[")
    places = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.py", "*.md", "*.toml", "*.html", "*.js", "*.yml", "*.txt", "run")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if fetched.search(line)
    ]
    assert places == []
