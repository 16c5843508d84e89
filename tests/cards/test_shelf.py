"""Decks are found by name and path, and what is no deck file is refused without waiting."""

import errno
import os
import sys
from pathlib import Path

import platformdirs
import pytest

import flashcards.cards.shelf as shelf_module
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.cards.shelf import (
    MAX_FILE_BYTES,
    DeckNotFound,
    DeckUnusable,
    find,
    first_deck,
    load,
    loose,
    refusal,
    shelf,
)
from tests.golden import check_words
from tests.posix import is_root, make_pipe

ONE = '+++\nname = "One"\nshows = "It shows."\nkind = "rule"\n+++\n# a :: b\na :: b\n? c ::: d\n'


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("here/decks", "own/decks", "shipped"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name: str(tmp_path / "own"))
    monkeypatch.setattr(shelf_module, "shipped", lambda: tmp_path / "shipped")
    return tmp_path


def test_a_name_is_looked_up_here_then_among_the_own_then_the_shipped(places: Path) -> None:
    for folder in ("shipped", "own/decks", "here/decks"):
        (places / folder / "one.deck").write_text(ONE, "utf-8")
        assert find("one").resolve() == places / folder / "one.deck"
        assert [entry.path.resolve() for entry in shelf()] == [places / folder / "one.deck"]


def test_an_entry_knows_its_front_matter_and_counts(places: Path) -> None:
    (places / "shipped" / "one.deck").write_text(ONE, "utf-8")
    (places / "here" / "decks" / "two.tsv").write_text("a\tb\n? c\td\n", "utf-8")
    share = "+++\nheld_out = 0.5\n+++\r\na :: b\r\n? c :: d\r\n\r\nQ: e\r\nA: f\r\n"
    (places / "own" / "decks" / "three.deck").write_text(share, "utf-8", newline="")
    two, three, one = shelf()
    assert (one.name, one.meta.shows, one.meta.kind, one.place) == (
        "One",
        "It shows.",
        "rule",
        "shipped",
    )
    assert (one.n_cards, one.n_held_out, one.is_estimate) == (3, 2, False)
    assert (two.name, two.place, two.n_cards, two.n_held_out) == ("two", "here", 2, 1)
    assert (three.place, three.n_cards, three.n_held_out, three.is_estimate) == ("own", 3, 2, True)


def test_shipped_decks_come_in_the_order_of_their_story(places: Path) -> None:
    for slug in ("zebra", "addition", "bee", "apple", "capitals"):
        (places / "shipped" / f"{slug}.deck").write_text("a :: b\n", "utf-8")
    slugs = [entry.slug for entry in shelf()]
    assert slugs == ["apple", "capitals", "addition", "bee", "zebra"]


def test_decks_of_the_language_that_is_spoken_come_first(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slugs_of = (
        ("apple", "en"),
        ("first-words", "fr"),
        ("binary", ""),
        ("uhrzeit", "de"),
        ("numeros", "es"),
    )
    for slug, language in slugs_of:
        deck = f'+++\nlanguage = "{language}"\n+++\na :: b\n'
        (places / "shipped" / f"{slug}.deck").write_text(deck, "utf-8")
    (places / "own" / "decks" / "mine.deck").write_text("a :: b\n", "utf-8")
    wanted = {
        "en": ["mine", "apple", "first-words", "binary", "uhrzeit", "numeros"],
        "de": ["mine", "uhrzeit", "binary", "apple", "first-words", "numeros"],
        "es": ["mine", "numeros", "binary", "apple", "first-words", "uhrzeit"],
    }
    for language, slugs in wanted.items():
        monkeypatch.setenv(VARIABLE, language)
        assert [entry.slug for entry in shelf()] == slugs


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_deck_is_in_the_language_that_is_spoken(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    shipped_decks = [entry for entry in shelf() if entry.place == "shipped"]
    assert first_deck() == shipped_decks[0].slug
    assert shipped_decks[0].meta.language == language


def test_a_path_is_taken_as_it_is(places: Path) -> None:
    own = places / "elsewhere.txt"
    own.write_text("a :: b\n", "utf-8")
    assert find(str(own)) == own
    (places / "shipped" / "one.deck").write_text(ONE, "utf-8")
    assert find("one.deck") == find("decks/one.deck") == find("one")
    (places / "here" / "one").mkdir()
    assert find("one") == places / "shipped" / "one.deck"


@pytest.mark.parametrize("name", ["capitols", "a/b/capitals.deck", "", "\0", "x" * 5000])
def test_a_name_that_means_nothing_is_refused(places: Path, name: str) -> None:
    (places / "shipped" / "capitals.deck").write_text("a :: b\n", "utf-8")
    with pytest.raises(DeckNotFound) as caught:
        find(name)
    if name == "capitols":
        check_words("deck: a name misspelled", str(caught.value))


def unusable(path: Path) -> str:
    with pytest.raises(DeckUnusable) as caught:
        load(path)
    [problem] = caught.value.diagnostics
    assert problem.level == "fatal"
    assert str(caught.value).endswith(f"[{problem.code}]")
    return problem.code


def test_what_is_no_deck_file_is_refused(places: Path) -> None:
    assert unusable(places / "nothing.deck") == "not-found"
    assert unusable(places / "a\0b.deck") == "not-found"
    assert unusable(places) == "is-a-directory"
    (places / "empty.deck").touch()
    assert unusable(places / "empty.deck") == "empty-deck"


def test_pipes_devices_and_looping_links_are_refused_without_waiting(places: Path) -> None:
    make_pipe(places / "shipped" / "pipe.deck")
    assert unusable(places / "shipped" / "pipe.deck") == "not-a-file"
    assert unusable(Path("/dev/zero")) == "not-a-file"
    os.symlink(places / "loop.deck", places / "loop.deck")
    assert unusable(places / "loop.deck") == "unreadable"
    os.symlink(places / "gone", places / "shipped" / "dangling.deck")
    assert unusable(places / "shipped" / "dangling.deck") == "not-found"
    assert shelf() == []


@pytest.mark.skipif(sys.platform == "win32" or is_root(), reason="root reads anything")
def test_a_file_the_user_may_not_read_is_refused(places: Path) -> None:
    (places / "secret.deck").write_text("a :: b\n", "utf-8")
    (places / "secret.deck").chmod(0)
    assert unusable(places / "secret.deck") == "unreadable"


def test_a_file_larger_than_any_deck_is_refused(places: Path) -> None:
    with (places / "big.deck").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    assert unusable(places / "big.deck") == "too-big"
    with pytest.raises(DeckUnusable) as caught:
        load(places / "big.deck")
    check_words("problem: too-big", caught.value.diagnostics[0].text)


def test_a_program_is_no_deck_and_is_told_what_makes_one(places: Path) -> None:
    path = places / "here" / "made.py"
    path.write_text("def cards():\n    yield 'a', 'b'\n", "utf-8")
    assert unusable(path) == "program"
    with pytest.raises(DeckUnusable, match=r"flashcards generate .*made\.py"):
        load(path)


def test_of_a_long_path_the_end_is_shown_where_the_name_is(tmp_path: Path) -> None:
    long = tmp_path / "a-folder-with-a-long-name" / ("x" * 90) / "nowhere.deck"
    with pytest.raises(DeckNotFound, match=r"…x+/nowhere.deck”"):
        find(str(long))


def test_decks_here_are_listed_up_to_a_limit(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = places / "here"
    for name in ("b.deck", "a.deck", ".hidden.deck", "notes.tsv"):
        (here / name).write_text(ONE, "utf-8")
    (here / "folder.deck").mkdir()
    (here / "gone.deck").symlink_to("nowhere")
    make_pipe(here / "pipe.deck")
    (here / "long.deck").write_text("a :: b\n" * 200_000, "utf-8")
    found = loose()
    assert [str(entry.path) for entry in found] == ["a.deck", "b.deck", "long.deck"]
    assert {entry.place for entry in found} == {"here"}
    assert found[-1].is_estimate
    assert found[-1].n_cards == pytest.approx(200_000, rel=1e-4)
    assert find(str(found[0].path)).resolve() == here / "a.deck"
    monkeypatch.setattr(shelf_module, "MAX_LOOSE_DECKS", 2)
    assert len(loose()) == 2
    monkeypatch.setattr(shelf_module, "MAX_LOOSE_NAMES", 0)
    assert loose() == []
    monkeypatch.chdir(here / "decks")
    (here / "decks" / "a.deck").write_text(ONE, "utf-8")
    monkeypatch.setattr(shelf_module, "folders", lambda: (("own", here / "decks"),))
    assert loose() == []


def test_a_deck_that_was_changed_is_listed_as_it_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries are kept from one look to the next."""
    monkeypatch.chdir(tmp_path)
    deck = tmp_path / "mine.deck"
    deck.write_text("a :: 1\n")
    assert [entry.n_cards for entry in loose()] == [1]
    deck.write_text("a :: 1\nb :: 2\n")
    assert [entry.n_cards for entry in loose()] == [2]


def test_what_cannot_be_opened_is_refused_at_the_beginning_of_the_file(tmp_path: Path) -> None:
    file, folder = tmp_path / "one.deck", tmp_path
    for error, path, code in (
        (FileNotFoundError(), file, "not-found"),
        (ValueError(), file, "not-found"),
        (IsADirectoryError(), folder, "is-a-directory"),
        (PermissionError(), folder, "is-a-directory"),
        (PermissionError(), file, "unreadable"),
        (OSError(errno.ENXIO, "no such device"), file, "not-a-file"),
        (OSError(errno.ELOOP, "too many links"), file, "unreadable"),
        (OSError(errno.EIO, "it is damaged"), file, "unreadable"),
    ):
        problem = refusal(error, path)
        assert (problem.code, problem.line, problem.column) == (code, 1, 1), error
