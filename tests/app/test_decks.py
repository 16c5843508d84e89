"""The deck picker: what it lists, filters and starts."""

import subprocess
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from flashcards.app.decks import library, picker
from flashcards.app.decks.library import Library
from flashcards.app.decks.picker import DeckDetails, DecksScreen, columns, heading
from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.app.textual_fixes.keys import KeysInOrder
from flashcards.app.widgets.cells import Fitted
from flashcards.app.widgets.model_screen import ModelScreen
from flashcards.base.language import LANGUAGES, VARIABLE, tr
from flashcards.cards.card import DeckMeta
from flashcards.cards.shelf import Place, ShelfEntry
from flashcards.runs import catalog, events as ev
from flashcards.runs.catalog import RunSummary
from flashcards.runs.folder import RunFolder
from tests.app import script
from tests.app.drawn import plain
from tests.app.lesson import STYLESHEET, lesson
from tests.app.saved_run import a_run, logged
from tests.app.script import on_stage
from tests.golden import words
from tests.waiting import PATIENCE_S, until


def entry(
    folder: Path,
    slug: str,
    text: str = "",
    *,
    name: str = "",
    description: str = "",
    topic: str = "",
    kind: str = "rule",
    place: Place = "shipped",
) -> ShelfEntry:
    path = folder / f"{slug}.deck"
    path.write_text(text or "sing :: sang\n? walk :: walked\n", encoding="utf-8")
    meta = DeckMeta(
        name=name,
        description=description,
        topic=topic,
        kind=kind,
        source="own list",
        license="CC0-1.0",
    )
    return ShelfEntry(
        path=path, slug=slug, place=place, meta=meta, n_cards=2, n_held_out=1, is_estimate=True
    )


def some_decks(folder: Path) -> list[ShelfEntry]:
    cards = "".join(f"{'? ' if i % 5 == 0 else ''}{i} :: {i * i}\n" for i in range(1, 101))
    return [
        entry(
            folder,
            "capitals",
            name="Capitals of the world",
            kind="memorise",
            description="50 countries and their capitals to learn, and 20 that are asked and "
            "never taught.",
            topic="geography",
        ),
        entry(
            folder,
            "squares",
            cards,
            name="Squares",
            description="Numbers and their squares.",
            topic="arithmetic",
        ),
        entry(folder, "past-tense", name="Past tense", description="Verbs and their past tense."),
        entry(folder, "mine", name="動物の名前 and 🍎", kind="", place="own"),
        entry(folder, "halfdone", "one :: eins\ntwo zwei\n", name="Half done", place="here"),
        entry(folder, "broken", "+++\nname = \n+++\na :: b\n", place="here"),
    ]


class DecksHost(KeysInOrder, ColourApp):
    CSS_PATH = STYLESHEET

    def __init__(self, library: Library, runs_root: Path, title: str = "") -> None:
        super().__init__()
        self.theme = "textual-dark"
        self.decks = DecksScreen(library, runs_root, title)
        self.chosen: list[str | Path | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.decks, self.chosen.append)

    def lines(self) -> list[str]:
        options = self.decks.query_one(OptionList)
        width = options.scrollable_content_region.width - 2
        prompts = [option.prompt for option in options.options]
        lines = [line.draw(width) for line in prompts if isinstance(line, Fitted)]
        return plain([row for rows in lines if isinstance(rows, list) for row in rows])

    def title_line(self) -> str:
        return self.decks.query_one(".dialog-title").render_line(0).text.rstrip()

    def details(self) -> str:
        return str(self.decks.query_one(DeckDetails).render())


@asynccontextmanager
async def picking(
    entries: list[ShelfEntry], runs_root: Path, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[DecksHost, Pilot[None]]]:
    library = Library(lambda: entries)
    host = DecksHost(library, runs_root)
    rows = library.rows(runs_root)
    async with host.run_test(size=size) as pilot:

        def is_read() -> bool:
            return len(host.lines()) == len(rows) and all(map(library.is_examined, rows))

        await pilot.pause()
        await until(is_read, pilot.pause)
        await pilot.pause()
        yield host, pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    await script.press(pilot, *keys)
    await pilot.pause()


async def test_every_deck_is_listed_with_its_cards_and_its_last_result(tmp_path: Path) -> None:
    a_run(tmp_path / "runs", deck="capitals")
    async with picking(some_decks(tmp_path), tmp_path / "runs") as (host, _):
        lines = host.lines()
        assert len(lines) == 6
        assert "Capitals of the world" in lines[0]
        assert "100 %" in lines[0]
        assert lines[0].rstrip().endswith("0 %")
        assert lines[1].split() == ["Squares", "arithmetic", "100", "not", "taught", "yet"]
        assert "TAUGHT 50/50 · NEVER TAUGHT 0/20" in host.details()


async def test_the_first_frame_has_all_decks_unless_they_take_long_to_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decks, are_found = some_decks(tmp_path), threading.Event()
    are_found.set()

    def look() -> list[ShelfEntry]:
        are_found.wait(PATIENCE_S)
        return decks

    async def first_frame(waits_s: float) -> tuple[int, str]:
        """How many decks the first frame lists, and its title."""
        monkeypatch.setattr(picker, "WHOLE_FRAME_S", waits_s)
        host = DecksHost(Library(look), tmp_path)
        async with host.run_test() as pilot:
            drawn: list[tuple[int, str]] = []
            host.decks.call_after_refresh(
                lambda: drawn.append((len(host.lines()), host.title_line()))
            )
            await until(lambda: bool(drawn), pilot.pause)
            are_found.set()
            await until(lambda: len(host.lines()) == len(decks), pilot.pause)
        return drawn[0]

    n_listed, title = await first_frame(PATIENCE_S)
    assert (n_listed, title[:7]) == (len(decks), "6 decks")
    are_found.clear()
    assert (await first_frame(0.0))[0] == 0


async def test_a_click_on_a_list_that_was_filtered_teaches_the_deck(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        decks = host.decks.query_one(OptionList)
        clicked = OptionList.OptionSelected(decks, decks.options[2], 2)
        await press(pilot, *"squares")
        assert len(host.lines()) == 1
        decks.post_message(clicked)
        await pilot.pause()
        assert host.chosen == [str(tmp_path / "past-tense.deck")]


async def test_a_broken_deck_cannot_be_started_and_one_with_a_mistake_can(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        *_, half, broken = host.lines()
        assert half.startswith("! Half done")
        assert broken.startswith("✗ broken")
        assert "line 2" in broken
        await press(pilot, *"broken", "enter")
        assert host.chosen == []
        assert f"{words('screen: untaught')}: line 2" in host.details()
        await press(pilot, "ctrl+u", *"half")
        assert "line 2" in host.details()
        await press(pilot, "enter")
        assert host.chosen == [str(tmp_path / "halfdone.deck")]


async def test_typing_filters_by_every_word_in_any_order(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        await press(pilot, *"RULE", "space", *"tense")
        (line,) = host.lines()
        assert line.startswith("Past tense")
        await press(pilot, "q")
        assert host.lines() == []
        await press(pilot, "enter")
        assert host.chosen == []
        await press(pilot, "backspace", "enter")
        assert host.chosen == [str(tmp_path / "past-tense.deck")]


async def test_a_deck_is_found_by_its_topic_and_age(tmp_path: Path) -> None:
    meta = DeckMeta(topic="geography", ages="10+")
    decks = [entry(tmp_path, "verbs"), msgspec.structs.replace(entry(tmp_path, "a"), meta=meta)]
    async with picking(decks, tmp_path) as (host, pilot):
        await press(pilot, *"10+", "space", *"geo")
        assert len(host.lines()) == 1
        assert "geography · " in host.details()


async def test_a_deck_with_the_word_in_its_name_comes_first(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        await press(pilot, *"an")
        lines = host.lines()
        assert len(lines) > 1
        assert lines[0].startswith("動物の名前 and")
        await press(pilot, "enter")
        assert host.chosen == [str(tmp_path / "mine.deck")]


async def test_keys_that_arrive_together_are_obeyed_in_their_order(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        await press(pilot, *"past")
        line = host.decks.query_one(Input)
        burst = [Key("ctrl+u", "\x15"), *(Key(letter, letter) for letter in "squas")]
        for key in [*burst, Key("backspace", "\x7f"), Key("r", "r")]:
            host.post_message(key)
        await until(lambda: line.value == "squar", pilot.pause)


async def test_enter_before_the_decks_are_read_teaches_what_was_typed(tmp_path: Path) -> None:
    is_readable = threading.Event()

    def slowly() -> list[ShelfEntry]:
        is_readable.wait(PATIENCE_S)
        return some_decks(tmp_path)

    host = DecksHost(Library(slowly), tmp_path)
    async with host.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"squares", "enter")
        assert host.chosen == []
        is_readable.set()
        await until(lambda: host.chosen == [str(tmp_path / "squares.deck")], pilot.pause)


async def test_arrows_move_while_typing_goes_on(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        await press(pilot, "down", "down", "up", "enter")
        assert host.chosen == [str(tmp_path / "squares.deck")]


async def test_a_click_starts_a_deck(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        await pilot.click(OptionList, offset=(4, 2))
        await pilot.pause()
        assert host.chosen == [str(tmp_path / "past-tense.deck")]


async def test_a_text_is_listed_and_read_and_has_no_cards_to_edit(tmp_path: Path) -> None:
    text = '+++\nname = "The sea"\nkind = "text"\n+++\nThe sea is wide.\n'
    decks = [*some_decks(tmp_path)[:1], entry(tmp_path, "sea", text, name="The sea", kind="text")]
    async with picking(decks, tmp_path) as (host, pilot):
        await press(pilot, "down", "f4")
        assert host.lines()[1].split()[-3:] == ["not", "read", "yet"]
        assert "not read yet" in host.details()
        assert host.chosen == []
        await press(pilot, "enter")
        await until(lambda: host.chosen == [str(tmp_path / "sea.deck")], pilot.pause)
    host = DecksHost(Library(lambda: decks), tmp_path, "Then teach it…")
    async with host.run_test() as pilot:
        await until(lambda: bool(host.lines()), pilot.pause)
        assert [line.split()[0] for line in host.lines()] == ["Capitals"]


def test_the_shipped_texts_are_in_the_list(tmp_path: Path) -> None:
    rows = {row.entry.slug: row for row in Library().rows(tmp_path)}
    assert rows["valley"].is_text
    assert not rows["valley-questions"].is_text


async def test_escape_goes_back_without_a_deck(tmp_path: Path) -> None:
    async with picking(some_decks(tmp_path), tmp_path) as (host, pilot):
        await press(pilot, "escape")
        assert host.chosen == [None]


async def test_without_decks_it_says_what_a_deck_is(tmp_path: Path) -> None:
    async with picking([], tmp_path) as (host, pilot):
        await press(pilot, "x", "enter", "down")
        await until(lambda: "prompt :: answer" in host.title_line(), pilot.pause)


async def test_text_of_a_deck_is_no_markup_nor_reaches_the_terminal(tmp_path: Path) -> None:
    nasty = "[/bold] [x \x1b]0;owned\x07"
    decks = [entry(tmp_path, "nasty", name=nasty, description=nasty, topic=nasty)]
    async with picking(decks, tmp_path, (120, 40)) as (host, pilot):
        await press(pilot, *"[/bold]")
        (line,) = host.lines()
        assert "[/bold] [x" in line
        assert "\x1b" not in line + host.details()


async def test_a_changed_deck_is_read_again(tmp_path: Path) -> None:
    (deck,) = decks = [entry(tmp_path, "mine")]
    library = Library(lambda: decks)
    (row,) = library.rows(tmp_path)
    assert library.examine(row).n_taught == 1
    deck.path.write_text("a :: b\nc :: d\ne :: f\n", encoding="utf-8")
    (row,) = library.rows(tmp_path)
    assert not library.is_examined(row)
    assert library.examine(row).n_taught == 3


async def test_the_run_that_is_taught_is_listed_as_it_is_now_and_its_log_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(folder: RunFolder) -> RunSummary:
        raise AssertionError(f"the log of {folder.path} was read")

    monkeypatch.setattr(catalog, "read_summary", unread)
    async with on_stage(logged(tmp_path, lesson()), (120, 40), runs=tmp_path) as stage:
        await stage.press("d", *"past tense")
        await stage.until(lambda: "past-tense.deck" in stage.text(DeckDetails))
        assert "2,708/2,880" in stage.text(DeckDetails)


@pytest.mark.slow
async def test_a_chosen_deck_is_taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "decks").mkdir()
    entry(tmp_path / "decks", "zoo", name="Zoo")
    monkeypatch.chdir(tmp_path)
    ended = ev.TrainerFailed(step=0, text="x")
    async with on_stage(lesson()) as stage:
        await stage.press("d")
        screen = stage.app.screen
        assert isinstance(screen, DecksScreen)
        await stage.until(lambda: bool(screen.query_one(OptionList).options))
        await stage.press(*"zoo", "enter")
        first, second = stage.teachers
        assert first.stopped == [True]
        assert second.request.deck == str(Path("decks") / "zoo.deck")
        assert second.request.resume is None
        assert stage.app.screen is stage.app.play
        await stage.say(ended)
        assert stage.app.session.state.liveness == "failed"


@pytest.mark.parametrize("width", [34, 56, 66, 76, 116])
def test_a_name_can_be_read_however_narrow_the_list_is(width: int) -> None:
    assert columns(width)[0].width >= 18
    heads = "".join(text for text, _ in heading(width))
    assert len(heads) <= width
    assert ("NEVER TAUGHT" in heads) == (width > 34)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("title", ["", "Then teach it…", "Reward it on…"])
async def test_the_keys_beside_the_title_are_never_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, language: str
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    decks = some_decks(tmp_path)
    host = DecksHost(Library(lambda: decks), tmp_path, tr(title) if title else "")
    async with host.run_test(size=(60, 18)) as pilot:
        await until(lambda: bool(host.lines()), pilot.pause)
        for key in ("c", "#"):
            line = host.title_line()
            assert line.endswith(tr("esc back"))
            assert cell_len(line) <= 60 - 4
            assert ("F4" in line) <= (not title)
            await press(pilot, key)


async def test_the_key_for_a_model_fits_beside_its_name_and_can_be_clicked(tmp_path: Path) -> None:
    decks = some_decks(tmp_path)
    host = DecksHost(Library(lambda: decks), tmp_path)
    host.decks.model = str(tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf")
    async with host.run_test(size=(80, 24)) as pilot:
        await until(lambda: bool(host.lines()), pilot.pause)
        title = host.decks.query_one(".dialog-title")
        text = host.title_line()
        assert "SmolLM2-135M-Instruct" in text
        assert text.endswith("F6 other model · esc back")
        await pilot.click(title, offset=(text.index("F6") + 1, 0))
        await until(lambda: isinstance(host.screen, ModelScreen), pilot.pause)


async def test_a_deck_chosen_for_the_model_is_not_edited_instead(tmp_path: Path) -> None:
    decks = some_decks(tmp_path)
    host = DecksHost(Library(lambda: decks), tmp_path, "Then teach it…")
    async with host.run_test() as pilot:
        await until(lambda: bool(host.lines()), pilot.pause)
        await press(pilot, "f4")
        assert host.chosen == []
        await press(pilot, "enter")
        assert host.chosen == [str(decks[0].path)]


async def test_a_deck_of_this_folder_is_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    entry(tmp_path, "capitals", '+++\nname = "Capitals of mine"\n+++\na :: b\n')
    entry(tmp_path, "broken", "nothing\n")
    a_run(tmp_path / "runs", deck="capitals")
    host = DecksHost(Library(), tmp_path / "runs")
    async with host.run_test() as pilot:
        await until(lambda: "✗ broken" in " ".join(host.lines()), pilot.pause)
        names = [line[:24].rstrip() for line in host.lines()]
        assert {"Capitals of mine", "Capitals of the world"} <= set(names)
        taught = {line[:16] for line in host.lines() if "100 %" in line}
        assert taught == {"Capitals of mine"}, "the run of the deck here, not of the one shipped"
        await press(pilot, *"of mine")
        assert "in this folder" in host.details()
        await press(pilot, "enter")
        assert host.chosen == ["capitals.deck"]


@pytest.mark.parametrize(
    "text",
    [
        "a :: b\n? c :: d\n",
        *(
            pytest.param(text, marks=pytest.mark.slow)
            for text in ("a :: b\na :: c\nnothing\n", "nothing\n", "é :: 🍎\n", "")
        ),
    ],
)
def test_another_process_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
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
