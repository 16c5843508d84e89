"""What the list of decks knows of a file, read in this process or in one of its own."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from flashcards.app.decks import library
from flashcards.app.decks.library import Library


@pytest.mark.parametrize(
    "text", ["a :: b\n? c :: d\n", "a :: b\na :: c\nnothing\n", "nothing\n", "é :: 🍎\n", ""]
)
def test_a_large_deck_is_read_alike_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    started: list[object] = []
    run = subprocess.run

    def noted(*words: Any, **options: Any) -> object:
        started.append(words)
        return run(*words, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    monkeypatch.chdir(tmp_path)
    found = []
    for n_apart, from_bytes in enumerate((1_000_000, -1)):
        path = Path(f"deck{n_apart}.deck")
        path.write_text(text, "utf-8")
        monkeypatch.setattr(library, "APART_FROM_BYTES", from_bytes)
        decks = Library()
        (row,) = (row for row in decks.rows(tmp_path) if row.entry.path == path)
        row = decks.examine(row)
        assert len(started) == n_apart
        found.append((row.n_taught, row.n_held_out, row.is_usable, row.n_problems, row.problem))
    assert found[0] == found[1]
