"""The program's source, parsed once for all tests that read it."""

import ast
import functools
from pathlib import Path

import flashcards

PACKAGE = Path(flashcards.__file__).parent
ROOT = Path(__file__).parent.parent


FOLDERS = ("flashcards", "tests", "tools", "docs", "decks", ".ci", ".github")


def tracked(*patterns: str) -> list[Path]:
    """The checkout's files of these names; a virtual environment beside them is none of it."""
    places = [(ROOT, "glob"), *((ROOT / folder, "rglob") for folder in FOLDERS)]
    found = {path for at, look in places for name in patterns for path in getattr(at, look)(name)}
    return sorted(path for path in found if path.is_file())


@functools.cache
def trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_bytes())
        for path in sorted(PACKAGE.rglob("*.py"))
    }
