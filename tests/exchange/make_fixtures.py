"""Have Anki (`pip install anki`) write `fixtures/`: `python -m tests.exchange.make_fixtures`."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"

NOTES: tuple[tuple[str, list[str], str, list[str]], ...] = (
    ("Basic", ["Capital of <b>France</b>?", "Paris"], "Places::Europe", ["eu"]),
    ("Basic", ["Berlin&nbsp;is in", "Germany<br>Europe"], "Places::Europe", []),
    ("Basic", ['<img src="x.png">', "a picture"], "Places::Europe", []),
    ("Basic", ["bark [sound:b.mp3]", "dog <img src='d.jpg'>"], "Places::Sounds", []),
    ("Basic (and reversed card)", ["eau", "water"], "Places::Words", []),
    ("Basic (optional reversed card)", ["pain", "bread", "y"], "Places::Words", []),
    ("Basic (optional reversed card)", ["vin", "wine", ""], "Places::Words", []),
    ("Basic (type in the answer)", ["7*8", "56"], "Places::Sums", ["held-out"]),
    ("Cloze", ["{{c1::Rome::city}} is in {{c2::Italy}}", "extra"], "Places::Europe", []),
    ("Basic", ["sleeping", "card"], "Places::Europe", []),
    ("Basic", [r"\(a^2\)", "[$]a a[/$]"], "Places::Sums", []),
    ("Basic", ["Capital of France?", "Lutetia"], "Places::Europe", []),
)


def main() -> None:
    from anki.collection import (  # type: ignore[import-not-found,unused-ignore]
        Collection,
        DeckIdLimit,
        ExportAnkiPackageOptions,
    )

    folder = Path(tempfile.mkdtemp())
    anki: Any = Collection(str(folder / "made.anki2"))
    for kind, fields, deck, tags in NOTES:
        note = anki.new_note(anki.models.by_name(kind))
        note.fields[: len(fields)] = fields
        note.tags = tags
        anki.add_note(note, anki.decks.id(deck))
        if fields[0] == "sleeping":
            anki.sched.suspend_cards([card.id for card in note.cards()])
    for name, is_legacy in (("latest.apkg", False), ("legacy.apkg", True)):
        anki.export_anki_package(
            out_path=str(folder / name),
            options=ExportAnkiPackageOptions(legacy=is_legacy, with_scheduling=True),
            limit=DeckIdLimit(anki.decks.id("Places")),
        )
    anki.export_note_csv(
        out_path=str(folder / "notes.txt"),
        limit=None,
        with_html=True,
        with_tags=True,
        with_deck=True,
        with_notetype=True,
        with_guid=True,
    )
    anki.export_collection_package(str(folder / "latest.colpkg"), include_media=False, legacy=False)
    for name in ("latest.apkg", "legacy.apkg", "latest.colpkg", "notes.txt"):
        shutil.copyfile(folder / name, FIXTURES / name)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
