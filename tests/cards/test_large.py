"""A deck that stays in its file is the deck that is read into memory, card for card."""

import io
import os
import random
from pathlib import Path

import pytest

from flashcards.cards import deck_pass, loading
from flashcards.cards.audit import floor_nats
from flashcards.cards.check import check
from flashcards.cards.format import parse
from flashcards.cards.large import DeckChangedError, LargeDeck, index_paths
from flashcards.cards.loading import load_large
from flashcards.cards.shelf import DeckUnusable, load

HEADS = (
    "",
    "+++\nheld_out = 0.3\n+++\n",
    '+++\nheld_out = 0.3\ngroup = "commutes"\n+++\n',
    '+++\nheld_out = 0.4\ngroup = "section"\n+++\n',
    "+++\nheld_out = 0.2\nreverse = true\n+++\n",
    '\ufeff+++\nname = "x"\n+++\n',
)


def some_line(chance: random.Random) -> str:
    """A line as decks have them, or as they should not."""
    a, b = chance.randrange(30), chance.randrange(30)
    kinds = (
        *[f"{a}+{b} :: {a + b}"] * 4,
        *(f"{a}*{b}  ::  {a * b}  ", f" {a}+{b} :: 1", f"? {a}+{b} :: {a + b}", f"w{a} ::: m{b}"),
        *(
            f"été{a} :: summer",
            f"e\u0301{a} :: e",
            f"{a} :: x | y{b}",
            "# comment",
            "",
            f"[s{a % 3}]",
        ),
        *("Q: a block", f"A: answer {a}", "A: more\nlines :: here", "bad line", f"a\\:: b :: {a}"),
        *("x\ty :: z", "a :: b :: c", f"q{a} :: {b}\r", f"l{a} :: 1\rm{b} :: 2", "? [x] :: y"),
        *(":: y", "x ::", " :: ", "a :: ", f"   p{a} :: q  ", f"{a}+{b} :: :", "a: :: b"),
    )
    return chance.choice(kinds)


def written(tmp_path: Path, text: str, name: str = "x.deck") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def sums(n: int = 300) -> str:
    return "+++\nheld_out = 0.2\n+++\n" + "".join(
        f"{i // 20}+{i % 20} :: {i // 20 + i % 20}\n" for i in range(n)
    )


@pytest.mark.parametrize("head", HEADS)
def test_a_large_deck_is_the_deck_that_is_read_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    for seed in range(6):
        monkeypatch.setattr(deck_pass, "BLOCK_BYTES", 400 if seed % 2 else 1 << 16)
        chance = random.Random(f"{head}{seed}")
        lines = [some_line(chance) for _ in range(60)]
        path = written(tmp_path, head + "\n".join(lines) + "\n" * (seed % 3), f"{seed}.deck")
        plain, problems = load(path)
        deck = load_large(path)
        assert list(deck.cards) == list(plain.cards)
        assert list(deck.taught) == list(plain.taught)
        assert list(deck.never_seen) == list(plain.never_seen)
        assert deck.section_names == plain.section_names
        assert deck.sha256 == plain.sha256
        assert deck.facts.floor_nats == pytest.approx(floor_nats(plain))
        found = [(problem.code, problem.line, problem.text) for problem in deck.facts.problems]
        assert sorted(found) == sorted((p.code, p.line, p.text) for p in problems)
        assert deck.facts.n_characters == sum(len(c.prompt) + len(c.answer) for c in plain.cards)
        for prompt in ("a", *(card.prompt for card in plain.cards[:20])):
            same = [i for i, card in enumerate(plain.cards) if card.prompt == prompt]
            assert deck.cards.find(prompt) == same


def test_a_deck_with_tabs_is_the_same_deck(tmp_path: Path) -> None:
    path = written(tmp_path, "dog\tchien\n? cat\tchat\nfish\tpoisson | le poisson\n", "x.tsv")
    assert list(load_large(path).cards) == list(load(path)[0].cards)


def test_an_index_is_built_once(tmp_path: Path) -> None:
    path = written(tmp_path, sums())
    told: list[tuple[int, int]] = []
    load_large(path, lambda done, total: told.append((done, total)))
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    told.clear()
    load_large(path, lambda done, total: told.append((done, total)))
    assert not told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.deck", "x.deck.index"]


@pytest.mark.parametrize("place", [0, 20, 40, 60, -1])
def test_a_damaged_index_is_built_again(tmp_path: Path, place: int) -> None:
    path = written(tmp_path, sums())
    cards = list(load_large(path).cards)
    index = index_paths(path)[0]
    data = bytearray(index.read_bytes())
    data[place] ^= 1
    index.write_bytes(data)
    assert list(load_large(path).cards) == cards
    assert index.read_bytes() != data
    index.write_bytes(data[:-1])
    assert list(load_large(path).cards) == cards


def test_the_index_of_another_version_of_the_deck_is_built_again(tmp_path: Path) -> None:
    path = written(tmp_path, sums())
    load_large(path)
    path.write_bytes(path.read_bytes().replace(b"1+1 :: 2\n", b"1+1 :: 3\n"))
    os.utime(path, ns=(1, 1))
    deck = load_large(path)
    assert deck.cards[deck.cards.find("1+1")[0]].answer == "3"


def test_a_change_while_cards_are_read_is_one_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, sums())
    deck = load_large(path)
    assert deck.cards[5].prompt == "0+5"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DeckChangedError, match=r"x\.deck was changed while its cards were read"):
        deck.cards[6]


def test_an_index_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, sums())

    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_large(path, interrupt)
    assert [p.name for p in tmp_path.iterdir()] == ["x.deck"]


def test_where_nothing_can_be_written_the_index_goes_to_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_: str(tmp_path / "cache"))
    path = written(tmp_path, sums())
    beside, cached = index_paths(path)
    beside.mkdir()  # nothing takes its place
    load_large(path)
    assert cached.is_file()
    monkeypatch.setattr("flashcards.cards.indexing.build", None)
    assert len(load_large(path).cards) == 300


def test_a_sample_is_of_one_side_and_always_the_same(tmp_path: Path) -> None:
    deck = load_large(written(tmp_path, sums()))
    assert isinstance(deck, LargeDeck)
    chosen = deck.cards.sample(20, is_never_seen=True)
    assert len(chosen) == 20
    assert chosen == tuple(sorted(chosen))
    assert set(chosen) <= set(deck.never_seen)
    assert chosen != tuple(deck.never_seen)[:20]
    assert chosen == load_large(tmp_path / "x.deck").cards.sample(20, is_never_seen=True)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"dog :: chien\ncat :: ch\xe2t\n", "byte 0xE2 is not UTF-8"),
        (b"+++\nheld_out = 0.2\n", "no second"),
        (b"# nothing\n" * 9, "no card in it"),
        (b"? dog :: chien\n", "nothing to teach"),
        ("dog :: chien\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_deck_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.deck"
    path.write_bytes(data)
    with pytest.raises(DeckUnusable, match=said):
        load_large(path)


def test_a_line_without_an_end_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deck_pass, "BLOCK_BYTES", 400)
    monkeypatch.setattr(deck_pass, "MAX_LINE_BYTES", 1_000_000)
    path = written(tmp_path, "dog :: chien\n" + "x" * 2_000_000)
    with pytest.raises(DeckUnusable, match=r"x\.deck:2:1: error: a line of more than 0 MB"):
        load_large(path)


def test_check_says_what_is_sampled_and_how_many_problems_are_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "LARGE_BYTES", 100)
    monkeypatch.setattr(deck_pass, "N_PROBLEMS_KEPT", 2)
    monkeypatch.setattr("flashcards.cards.check.N_LEAKS_ASKED", 10)
    path = written(tmp_path, sums() + "bad line\n" * 5)
    out = io.StringIO()
    assert check([str(path)], out) == 1
    *_, last = out.getvalue().splitlines()
    n_held_out = len(parse(path.read_bytes(), path.name).deck.never_seen)  # type: ignore[union-attr]
    assert f"300 cards, {300 - n_held_out} taught, {n_held_out} never seen; 5 errors" in last
    assert last.endswith(
        f"the first 2 of 5 are listed; leaks looked for at 10 of {n_held_out} never seen cards"
    )
    assert out.getvalue().count("[no-separator]") == 2
    assert "[leak-near]" in out.getvalue()  # 1+2 is never taught, 2+1 taught
