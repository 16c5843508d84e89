"""New decks, copies of shipped ones, saving in place, and the trash."""

import ast
import os
from pathlib import Path

import platformdirs
import pytest

import flashcards.cards.shelf as shelf_module
from flashcards.base.files import Refused
from flashcards.cards import own_decks
from flashcards.cards.format import parse
from flashcards.cards.own_decks import checked_name, new_deck, own_copy, to_trash


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("here", "own", "shipped"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name: str(tmp_path / "own"))
    monkeypatch.setattr(shelf_module, "shipped", lambda: tmp_path / "shipped")
    (tmp_path / "shipped" / "capitals.deck").write_text("France :: Paris\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["verbs", 'my "own" \\ list', "動物 🍎"])
def test_a_new_deck_has_five_cards_and_no_problem(name: str) -> None:
    text = own_decks.deck_text("mine")
    assert max(map(len, text.splitlines())) <= 70, "a line is cut in the editor at 80 columns"
    parsed = parse(own_decks.deck_text(name).encode(), "x.deck")
    assert parsed.diagnostics == ()
    assert parsed.deck is not None
    assert parsed.deck.meta.name == name
    assert [card.answer for card in parsed.deck.cards] == ["un", "deux", "trois", "quatre", "cinq"]


def test_a_new_deck_keeps_nothing_back_unless_it_is_asked_for() -> None:
    for share in (0.0, 0.3):
        deck = parse(own_decks.deck_text("x", share).encode(), "x.deck").deck
        assert deck is not None
        assert deck.meta.held_out == share
    assert '"held_out": 0.2}' in own_decks.program_text("x", "x.py")
    assert '"held_out": 0.4}' in own_decks.program_text("x", "x.py", 0.4)
    assert "held_out" not in own_decks.program_text("x", "x.py", 0.0)


def test_a_new_program_is_python_that_yields_a_hundred_cards() -> None:
    scope: dict[str, object] = {}
    exec(compile(ast.parse(own_decks.program_text("x", "x.py")), "x.py", "exec"), scope)
    cards = scope["cards"]
    assert callable(cards)
    assert len(list(cards())) == 100


def test_new_decks_go_to_the_users_folder_or_to_decks_of_this_one(places: Path) -> None:
    assert new_deck("verbs") == places / "own" / "decks" / "verbs.deck"
    (places / "here" / "decks").mkdir()
    assert new_deck("nouns.deck") == places / "here" / "decks" / "nouns.deck"


def test_among_the_shipped_none_is_made(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (places / "here" / "decks").mkdir()
    monkeypatch.setattr(shelf_module, "shipped", lambda: places / "here" / "decks")
    assert new_deck("verbs") == places / "own" / "decks" / "verbs.deck"


@pytest.mark.parametrize("name", ["capitals", "Capitals", "verbs"])
def test_a_name_that_is_taken_is_refused(places: Path, name: str) -> None:
    new_deck("verbs")
    with pytest.raises(Refused, match="already"):
        new_deck(name)
    assert own_decks.own_folder().joinpath("verbs.deck").read_text("utf-8").count(" :: ") > 4


@pytest.mark.parametrize(
    "name",
    ["", "  ", ".deck", "a/b", "..", "-x", "a\nb", "a\x1b[31m", "con", "x" * 61, "a:b", "a\u202eb"],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        checked_name(name)


def test_a_shipped_deck_is_copied_once_and_the_copy_is_kept(places: Path) -> None:
    shipped = places / "shipped" / "capitals.deck"
    copy = own_copy(shipped)
    assert copy == places / "own" / "decks" / "my-capitals.deck"
    copy.write_text("Spain :: Madrid\n", "utf-8")
    assert own_copy(shipped) == copy
    assert copy.read_text("utf-8") == "Spain :: Madrid\n"
    assert shipped.read_text("utf-8") == "France :: Paris\n"


def test_saving_keeps_the_rights_and_follows_a_link(places: Path) -> None:
    real, link = places / "real.deck", places / "link.deck"
    real.write_text("a :: b\n", "utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    own_decks.save(link, b"c :: d\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"c :: d\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(places)) == ["here", "link.deck", "own", "real.deck", "shipped"]


def test_a_save_that_fails_leaves_the_old_file(places: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        own_decks.save(places / "gone" / "x.deck", b"a :: b\n")


def test_the_trash_keeps_the_name_and_never_overwrites(places: Path) -> None:
    trash = places / "own" / "trash"
    for number, text in enumerate(("one :: 1\n", "two :: 2\n", "three :: 3\n"), 1):
        path = places / "verbs.deck"
        path.write_text(text, "utf-8")
        target = to_trash(path)
        assert target == trash / ("verbs.deck" if number == 1 else f"verbs-{number}.deck")
        assert target.read_text("utf-8") == text
        assert not path.exists()


def test_shipped_decks_are_not_deleted(places: Path) -> None:
    with pytest.raises(Refused, match="Shipped"):
        to_trash(places / "shipped" / "capitals.deck")
    assert (places / "shipped" / "capitals.deck").exists()


def test_of_a_linked_deck_the_text_goes_to_the_trash_and_the_other_file_stays(places: Path) -> None:
    real, link = places / "real.deck", places / "link.deck"
    real.write_text("a :: b\n", "utf-8")
    link.symlink_to(real)
    target = to_trash(link)
    assert target.read_text("utf-8") == real.read_text("utf-8") == "a :: b\n"
    assert not os.path.lexists(link)
