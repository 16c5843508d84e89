"""What the list of decks knows of a file, read in this process or in one of its own."""

from pathlib import Path

import pytest

from flashcards.app.decks import library


@pytest.mark.parametrize(
    "text", ["a :: b\n? c :: d\n", "a :: b\na :: c\nnothing\n", "nothing\n", "é :: 🍎\n", ""]
)
def test_a_large_deck_is_read_alike_in_a_process_of_its_own(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.deck"
    path.write_text(text, "utf-8")
    assert library._read_apart(path) == library._read(path)


def test_what_is_large_is_read_apart_and_what_is_not_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "decks").mkdir()
    (tmp_path / "decks" / "large.deck").write_text("a :: b\n" * 20, "utf-8")
    (tmp_path / "decks" / "small.deck").write_text("a :: b\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(library, "APART_FROM_BYTES", 100)
    apart: list[str] = []

    def read_apart(path: Path) -> library.DeckFacts:
        apart.append(path.name)
        return library._read(path)

    monkeypatch.setattr(library, "_read_apart", read_apart)
    decks = library.Library()
    rows = {row.entry.slug: row for row in decks.rows(tmp_path / "runs")}
    assert decks.examine(rows["large"]).n_taught == 20
    assert decks.examine(rows["small"]).n_taught == 1
    assert apart == ["large.deck"]
