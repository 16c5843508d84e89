"""The program's source, parsed once for all tests that read it."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import flashcards

PACKAGE = Path(flashcards.__file__).parent


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Every module by its path below the package, in order."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_bytes())
        for path in sorted(PACKAGE.rglob("*.py"))
    }
