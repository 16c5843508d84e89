"""How packages are added that not everybody needs: by an extra in a checkout, else by name."""

import re
import tomllib

import pytest

from flashcards.base import extras
from tests.source import ROOT, tracked

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


def test_no_text_would_fetch_the_package_of_somebody_else() -> None:
    """On PyPI the name of the command belongs to another program."""
    name = "flashcards"
    assert PROJECT["name"] != name
    assert PROJECT["scripts"] == {name: f"{name}.cli:main"}
    fetched = re.compile(rf"pip3? install (-\S+ )*['\"]?{name}\b|\b{name}\[")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.py", "*.md", "*.toml", "*.html", "*.js", "*.yml", "*.txt", "run")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if fetched.search(line)
    ]
    assert found == []
