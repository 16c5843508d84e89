"""What is exported and imported again is the same cards; real consumers open each format."""

import contextlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings, strategies as st

from flashcards.cards.card import Card
from flashcards.cards.format import parse
from flashcards.cli import main
from flashcards.exchange.deck_file import compose
from flashcards.exchange.exporting import Form, Only, export_deck
from flashcards.exchange.gathering import clean
from flashcards.exchange.notes import Losses, Note
from tests.exchange.sources import FIXTURES, Imported, imported, ran
from tests.golden import check_words, words

DECK = """+++
name = "French"
license = "CC0-1.0"
+++
plain :: card
# a comment
[animals]
dog :: chien
cat :: chat | minou | a \\| b
? horse :: cheval
seven ::: sept

[hard]
a <b>bold</b> &amp; :: 1 < 2, "quoted"; semi
[sound:x.mp3] :: {{c1::gap}}
\\#comment? :: =1+1
two  spaces :: \u00e9t\u00e9

Q: two
  lines
A: and
an answer
A: other
"""


def exported(
    path: Path, form: Form, only: Only | None = None, *, now_s: int = 1_800_000_000
) -> tuple[bytes, str]:
    code, out, said = ran(lambda: export_deck(str(path), form, None, only=only, now_s=now_s))
    assert code == 0, said
    return out, said


def deck_file(folder: Path, text: str = DECK) -> Path:
    path = folder / "french.deck"
    path.write_text(text, encoding="utf-8")
    return path


def again(folder: Path, data: bytes, form: Form) -> Imported:
    suffix = {"messages": "jsonl"}.get(form, form)
    path = folder / f"out.{suffix}"
    path.write_bytes(data)
    return imported(str(path))


def facts(cards: Sequence[Card]) -> list[tuple[object, ...]]:
    return [(c.id, c.prompt, c.answers, c.section, c.is_never_seen) for c in cards]


def cards_of(text: str) -> Sequence[Card]:
    deck = parse(text.encode(), "french.deck").deck
    assert deck is not None
    return deck.cards


def test_anki_shows_new_cards_in_the_order_of_the_deck(tmp_path: Path) -> None:
    deck, database = tmp_path / "french.deck", tmp_path / "collection"
    deck.write_text(DECK, encoding="utf-8")
    package = zipfile.ZipFile(io.BytesIO(exported(deck, "apkg")[0]))
    database.write_bytes(package.read("collection.anki2"))
    with contextlib.closing(sqlite3.connect(database)) as collection:
        rows = "SELECT due, sfld FROM cards JOIN notes ON notes.id = cards.nid ORDER BY notes.id"
        places, prompts = zip(*collection.execute(rows), strict=True)
    assert places == tuple(range(1, 12))
    assert prompts[:3] == ("plain", "dog", "cat")


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl", "parquet", "apkg"])
def test_the_same_cards_come_back(tmp_path: Path, form: Form) -> None:
    data, said = exported(deck_file(tmp_path), form)
    back = again(tmp_path, data, form)
    assert facts(back.cards) == facts(cards_of(DECK))
    is_named = form in ("tsv", "apkg")
    assert ('name = "French"' in back.text) == is_named
    left = "license" if is_named else "name, license"
    check_words("export: a deck", said, path=tmp_path / "french.deck", left=left)


def test_conversations_hold_what_is_taught_and_say_what_they_lose(tmp_path: Path) -> None:
    data, said = exported(deck_file(tmp_path), "messages")
    back = again(tmp_path, data, "messages")
    taught = [card for card in cards_of(DECK) if not card.is_never_seen]
    assert back.pairs == [(card.prompt, card.answer) for card in taught]
    check_words("export: conversations", said, path=tmp_path / "french.deck")
    for line in data.decode().splitlines():
        roles = [set(turn) for turn in json.loads(line)["messages"]]
        assert roles == [{"role", "content"}] * 2


def test_never_seen_cards_can_be_written_alone(tmp_path: Path) -> None:
    path = deck_file(tmp_path)
    data, said = exported(path, "messages", "held-out")
    assert [json.loads(line)["messages"][0]["content"] for line in data.splitlines()] == ["horse"]
    check_words("export: never taught alone", said, path=path)
    data, _ = exported(path, "csv", "taught")
    assert b"horse" not in data


def test_the_same_deck_gives_the_same_bytes_and_lasting_names(tmp_path: Path) -> None:
    path = deck_file(tmp_path)
    for form in get_args(Form):
        assert exported(path, form) == exported(path, form)
    before = _guids(exported(path, "tsv")[0])
    path.write_text(DECK.replace("dog :: chien", "dog :: toutou"), encoding="utf-8")
    assert _guids(exported(path, "tsv")[0]) == before


def _guids(tsv: bytes) -> list[str]:
    lines = [line for line in tsv.decode().splitlines() if not line.startswith("#")]
    return [line.split("\t")[0] for line in lines if "\t" in line]


def test_a_deck_that_is_missing_or_unusable_says_so(tmp_path: Path) -> None:
    (tmp_path / "bad.deck").write_text("+++\nno end\n")
    for name, key in (
        ("no-such", "export: no deck"),
        (str(tmp_path / "bad.deck"), "export: an unusable deck"),
        (str(tmp_path), "export: a folder"),
    ):
        code, _, said = ran(lambda name=name: export_deck(name, "csv", None))  # type: ignore[misc]
        assert code == 1
        check_words(key, said, path=name)


WORDS = st.text(
    st.sampled_from("ab1 é日🍎|:\\\"',;\t\n<>&[]{}#?=+-\u200d\xa0"), min_size=1, max_size=12
)
TEXTS = WORDS.map(lambda text: clean(text)[0]).filter(bool)


@st.composite
def deck_texts(draw: st.DrawFn) -> str:
    notes = [
        Note(
            draw(TEXTS),
            tuple(draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))),
            "",
            section=draw(st.sampled_from(["", "one", "Two words", "a::b"])),
            is_never_seen=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(1, 6)))
    ]
    notes.append(Note("taught", ("yes",), ""))
    return compose(notes, {"name": "French"}, Losses(), "note").text


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl", "parquet", "apkg"])
@settings(max_examples=10, deadline=None)
@given(text=deck_texts())
def test_all_cards_return(tmp_path_factory: pytest.TempPathFactory, form: Form, text: str) -> None:
    folder = tmp_path_factory.mktemp("deck")
    data, _ = exported(deck_file(folder, text), form)
    assert facts(again(folder, data, form).cards) == facts(cards_of(text))


def _anki(folder: Path) -> Any:
    module = pytest.importorskip("anki.collection", reason="pip install anki opens the packages")
    return module, module.Collection(str(folder / "user.anki2"))


def test_anki_opens_the_package_and_knows_it_again(tmp_path: Path) -> None:
    module, anki = _anki(tmp_path)
    path = deck_file(tmp_path)

    def bring(now_s: int) -> Any:
        (tmp_path / "out.apkg").write_bytes(exported(path, "apkg", now_s=now_s)[0])
        request = module.ImportAnkiPackageRequest(
            package_path=str(tmp_path / "out.apkg"), options=module.ImportAnkiPackageOptions()
        )
        return anki.import_anki_package(request).log

    cards = cards_of(DECK)
    try:
        assert len(bring(1_800_000_000).new) == len(cards)
        notes = [anki.get_note(number) for number in anki.find_notes("")]
        assert [note.fields[0] for note in notes][:2] == ["plain", "dog"]
        assert [n.fields[1] for n in notes if "held-out" in n.tags] == ["cheval"]
        decks = {anki.decks.name(note.cards()[0].did) for note in notes}
        assert decks == {"French", "French::animals", "French::hard"}
        bold = next(note for note in notes if "bold" in note.fields[0])
        assert "a &lt;b&gt;bold&lt;/b&gt; &amp;amp;" in bold.cards()[0].question()
        assert anki.fix_integrity()[1]

        path.write_text(DECK.replace("dog :: chien", "dog :: toutou"), encoding="utf-8")
        log = bring(1_800_000_100)
        assert (len(log.new), len(log.updated)) == (0, len(cards))
        assert anki.get_note(anki.find_notes("dog")[0]).fields[1] == "toutou"

        options = module.ExportAnkiPackageOptions(legacy=False)
        limit = module.DeckIdLimit(anki.decks.id("French"))
        anki.export_anki_package(out_path=str(tmp_path / "back.apkg"), options=options, limit=limit)
    finally:
        anki.close()
    back = imported(str(tmp_path / "back.apkg"))
    assert facts(back.cards) == facts(cards_of(path.read_text(encoding="utf-8")))


def test_anki_reads_the_tab_separated_text(tmp_path: Path) -> None:
    module, anki = _anki(tmp_path)
    (tmp_path / "out.txt").write_bytes(exported(deck_file(tmp_path), "tsv")[0])
    try:
        metadata = anki.get_csv_metadata(str(tmp_path / "out.txt"), None)
        assert list(metadata.column_labels) == ["guid", "prompt", "answer", "also", "deck", "tags"]
        request = module.ImportCsvRequest(path=str(tmp_path / "out.txt"), metadata=metadata)
        log = anki.import_csv(request).log
        assert len(log.new) == len(cards_of(DECK))
        decks = {deck.name for deck in anki.decks.all_names_and_ids()}
        assert decks == {"Default", "French", "French::animals", "French::hard"}
        assert len(anki.find_notes("tag:held-out")) == 1
    finally:
        anki.close()


@pytest.mark.parametrize("form", ["csv", "jsonl", "messages"])
def test_hugging_faces_datasets_load_each_table(tmp_path: Path, form: Form) -> None:
    datasets = pytest.importorskip("datasets", reason="pip install datasets loads the tables")
    data, _ = exported(deck_file(tmp_path), form)
    path = tmp_path / f"out.{form}"
    path.write_bytes(data)
    kind = "csv" if form == "csv" else "json"
    rows = datasets.load_dataset(
        kind, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    cards = [card for card in cards_of(DECK) if form != "messages" or not card.is_never_seen]
    if form == "csv":
        assert list(zip(rows["prompt"], rows["answer"], strict=True)) == [
            (card.prompt, card.answer) for card in cards
        ]
    elif form == "jsonl":
        assert rows["completion"][:] == [f" {card.answer}" for card in cards]
        assert rows["held_out"][:] == [card.is_never_seen for card in cards]
    else:
        assert [turns[0]["content"] for turns in rows["messages"]] == [c.prompt for c in cards]


def test_a_package_becomes_a_deck_that_check_has_nothing_against(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["import", str(FIXTURES / "latest.apkg"), "-o", "places"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    count = words("import: the count of a package", target="places.deck")
    assert count in printed.err.splitlines()
    assert main(["check", "places.deck"]) == 0
    check_words("check: an imported deck", capsys.readouterr().out.splitlines()[-1])
    assert main(["export", "places.deck", "--to", "csv", "-o", "places.csv"]) == 0
    assert main(["import", "places.csv", "-o", "again.deck"]) == 0
    before = Path("places.deck").read_text().replace(" ::: ", " :: ")
    assert Path("again.deck").read_text().count(" :: ") == before.count(" :: ") + 2


def test_wrong_columns_are_a_matter_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for columns in ("1", "0,2", "a,b"):
        with pytest.raises(SystemExit) as ended:
            main(["import", "x.csv", "--columns", columns])
        assert ended.value.code == 2
        error = capsys.readouterr().err.splitlines()[-1]
        check_words("import: wrong columns", error, columns=columns)


def test_an_export_goes_to_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.deck").write_text("dog :: chien\n? cat :: chat\n")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr("sys.stdout", out)
    assert main(["export", str(tmp_path / "x.deck"), "--to", "csv", "--only", "taught"]) == 0
    out.seek(0)
    assert out.read() == "prompt,answer\ndog,chien\n"
    assert words("loss: only").partition(" | ")[0].replace("row", "card") in capsys.readouterr().err
