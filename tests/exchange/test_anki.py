"""Packages that Anki wrote give their cards, and everything that is left out is counted."""

import json

import pytest

from flashcards.base.files import Refused
from flashcards.exchange.notes import Options
from tests.exchange.sources import (
    FIXTURES,
    collection,
    imported,
    lines_named,
    losses_of,
    package,
    source_of,
)
from tests.golden import check_words, raises_words

CARDS = [
    ("Capital of France?", ("Paris", "Lutetia"), "Europe"),
    ("Berlin is in", ("Germany\nEurope",), "Europe"),
    ("[city] is in Italy", ("Rome",), "Europe"),
    ("Rome is in [...]", ("Italy",), "Europe"),
    ("sleeping", ("card",), "Europe"),
    ("bark", ("dog",), "Sounds"),
    ("eau", ("water",), "Words"),
    ("water", ("eau",), "Words"),
    ("pain", ("bread",), "Words"),
    ("bread", ("pain",), "Words"),
    ("vin", ("wine",), "Words"),
    ("7*8", ("56",), "Sums"),
    ("\\(a^2\\)", ("[$]a a[/$]",), "Sums"),
]


@pytest.mark.parametrize("name", ["latest.apkg", "legacy.apkg", "latest.colpkg"])
def test_a_package_of_anki_gives_its_cards_sections_and_marks(name: str) -> None:
    deck = imported(str(FIXTURES / name))
    assert deck.code == 0
    assert [(card.prompt, card.answers, card.section) for card in deck.cards] == CARDS
    assert [card.prompt for card in deck.cards if card.is_never_seen] == ["7*8"]
    assert 'name = "Places"' in deck.text
    assert f'source = "imported from {name}"' in deck.text


@pytest.mark.parametrize("name", ["latest.apkg", "legacy.apkg", "latest.colpkg"])
def test_what_a_package_loses_is_counted_and_named(name: str) -> None:
    source = source_of((FIXTURES / name).read_bytes(), name)
    assert source.n_read == 12
    assert source.losses.counts() == {
        "tags": 1,
        "picture": 2,
        "empty": 1,
        "sound": 1,
        "cloze": 1,
        "fields": 1,
        "suspended": 1,
    }
    assert losses_of((FIXTURES / name).read_bytes(), name)["merged"] == 1
    report = imported(str(FIXTURES / name)).said.splitlines()
    check_words("import: the count of a package", report[1], target="standard output")
    assert "(note 1" in next(line for line in report if line.startswith("  2 notes"))


def test_ankis_notes_in_plain_text_give_the_same_but_for_the_other_directions() -> None:
    deck = imported(str(FIXTURES / "notes.txt"))
    expected = [card for card in CARDS if card[0] not in ("water", "bread")]
    assert [(card.prompt, card.answers, card.section) for card in deck.cards] == expected
    assert losses_of((FIXTURES / "notes.txt").read_bytes())["columns"] == 2
    assert [12, 15] in lines_named(deck.said)


def test_the_stub_of_a_new_package_is_never_read() -> None:
    stub = collection([("Please update to the latest Anki version", "")])
    data = package({"meta": b"\x08\x02", "collection.anki2": stub, "media": b"{}"})
    with raises_words(Refused, "import: a stub of a package"):
        source_of(data)
    real = collection([("dog", "chien")])
    data = package({"meta": b"\x08\x02", "collection.anki2": stub, "collection.anki21": real})
    assert [note.prompt for note in source_of(data).notes] == ["dog"]


def test_a_package_without_meta_is_the_oldest_kind_and_is_read() -> None:
    source = source_of(package({"collection.anki2": collection(), "media": b"{}"}))
    assert [(note.prompt, note.answers) for note in source.notes] == [("dog", ("chien",))]
    check_words("import: the oldest package", source.form)


def test_a_newer_package_says_how_to_export_it() -> None:
    with raises_words(Refused, "import: a newer package"):
        source_of(package({"meta": b"\x08\x04", "collection.anki99": b""}))


def kind(fields: list[str], templates: list[tuple[str, str]], **more: object) -> str:
    tmpls = [{"qfmt": q, "afmt": a, "ord": i} for i, (q, a) in enumerate(templates)]
    made = {"name": "Mine", "flds": [{"name": f} for f in fields], "tmpls": tmpls, **more}
    return json.dumps({"1": made})


def test_the_templates_say_which_field_is_asked() -> None:
    kinds = kind(["Number", "Word", "Meaning"], [("{{Word}}", "{{FrontSide}} {{Meaning}}")])
    source = source_of(collection([("1", "dog", "chien")], kinds=kinds))
    assert [(note.prompt, note.answers) for note in source.notes] == [("dog", ("chien",))]
    assert source.losses.counts() == {"fields": 1}


def test_without_templates_the_first_field_is_asked_and_the_others_answer() -> None:
    kinds = kind(["Word", "Meaning", "Example"], [])
    notes = [("dog", "chien", "un chien"), ("", "chat", "un chat")]
    source = source_of(collection(notes, kinds=kinds))
    assert [(note.prompt, note.answers[0]) for note in source.notes] == [("dog", "chien")]


def test_a_field_without_text_makes_way_for_the_next() -> None:
    kinds = kind(["Sound", "Word", "Meaning"], [("{{Sound}}{{Word}}", "{{Sound}}{{Meaning}}")])
    source = source_of(collection([("[sound:a.mp3]", "dog", "chien")], kinds=kinds))
    assert [(note.prompt, note.answers) for note in source.notes] == [("dog", ("chien",))]
    assert source.losses.counts() == {"sound": 1}


def test_a_picture_in_a_field_that_no_card_shows_is_counted_once() -> None:
    kinds = kind(["Word", "Meaning", "Picture"], [("{{Word}}", "{{Meaning}}")] * 2)
    note = ("<img src=a>dog", "chien", "<img src=b>")
    source = source_of(collection([note], kinds=kinds))
    assert source.losses.counts() == {"picture": 1}


def test_front_and_back_choose_the_fields_by_name() -> None:
    kinds = kind(["Word", "Meaning", "Gender"], [("{{Word}}", "{{Meaning}}")])
    data = collection([("chien", "dog", "m")], kinds=kinds)
    source = source_of(data, options=Options(front="Word", back="Gender"))
    assert [(note.prompt, note.answers) for note in source.notes] == [("chien", ("m",))]
    with raises_words(Refused, "import: no such field"):
        source_of(data, options=Options(front="Word", back="Genus"))
    with raises_words(Refused, "import: one field alone"):
        source_of(data, options=Options(front="Word"))


def test_a_note_that_hides_parts_of_a_picture_is_counted() -> None:
    kinds = kind(["Occlusion", "Image"], [("{{cloze:Occlusion}}", "{{Image}}")], type=1)
    notes = [("{{c1::image-occlusion:rect:left=1}}", "<img>"), ("no gap", "")]
    source = source_of(collection(notes, kinds=kinds))
    assert source.notes == []
    assert source.losses.counts() == {"occlusion": 1, "no-gap": 1}


def test_a_note_whose_type_is_missing_is_counted() -> None:
    source = source_of(collection([("dog", "chien")], kinds="{}"))
    assert source.losses.counts() == {"no-type": 1}
    (line,) = source.losses.lines()
    assert line.endswith("(note 1 “dog”)")


def test_decks_under_several_roots_keep_their_full_names() -> None:
    decks = '{"1": {"name": "French::A"}, "2": {"name": "Spanish"}}'
    data = collection([("a", "b"), ("c", "d")], decks=decks, more_sql="UPDATE cards SET did = nid")
    source = source_of(data)
    assert [note.section for note in source.notes] == ["French::A", "Spanish"]
    assert source.name == ""


@pytest.mark.parametrize(("queues", "n_suspended"), [((0, 0), 0), ((-1, 0), 1), ((0, -1), 1)])
def test_a_note_is_suspended_where_one_of_its_cards_is(
    queues: tuple[int, int], n_suspended: int
) -> None:
    cards = "".join(f"INSERT INTO cards VALUES (1, 1, 0, {i}, {q});" for i, q in enumerate(queues))
    source = source_of(collection(more_sql=f"DELETE FROM cards;{cards}"))
    assert source.losses.counts().get("suspended", 0) == n_suspended


def test_a_card_in_a_filtered_deck_belongs_to_its_own() -> None:
    decks = '{"1": {"name": "Cram"}, "7": {"name": "French::A"}}'
    source = source_of(collection(decks=decks, more_sql="UPDATE cards SET odid = 7"))
    assert (source.name, source.notes[0].section) == ("French", "A")


@pytest.mark.parametrize("number", ["-1", "'x'", "NULL", "1.5", "9223372036854775807"])
def test_a_card_with_an_impossible_number_does_no_harm(number: str) -> None:
    source = source_of(collection(more_sql=f"INSERT INTO cards VALUES (1, 1, 0, {number}, 0)"))
    assert [(note.prompt, note.answers) for note in source.notes] == [("dog", ("chien",))]


def test_an_empty_default_deck_hides_no_shared_root() -> None:
    decks = {"1": {"name": "My deck::Geo"}, "2": {"name": "Default"}}
    source = source_of(package({"collection.anki2": collection(decks=json.dumps(decks))}))
    assert (source.name, [note.section for note in source.notes]) == ("My deck", ["Geo"])
