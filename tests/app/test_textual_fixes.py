"""What Textual lacks, and what stands in for it here. A test with a bare app shows a fault of
Textual's own: when it fails, that fault is mended, and the workaround beside it may go."""

import os
import selectors
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.app import App, ComposeResult
from textual.constants import ESCAPE_DELAY
from textual.css.parse import parse
from textual.css.stylesheet import Stylesheet, StylesheetParseError
from textual.dom import DOMNode
from textual.events import Key
from textual.geometry import Region, Size
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static

from flashcards.app.cards.cards_view import CardsView
from flashcards.app.help.help_screen import Entries
from flashcards.app.inside.inside_view import InsideView
from flashcards.app.memory.memory_view import MemoryView
from flashcards.app.textual_fixes.colours import OnceParsed
from flashcards.app.textual_fixes.keys import KeysInOrder
from flashcards.app.textual_fixes.screens import (
    Covered,
    DismissedOnce,
    PagedOptions,
    PromptInput,
    PromptSelector,
    strips_of,
)
from flashcards.app.view import View
from flashcards.base.columns import JOINER
from tests.app.lesson import lesson
from tests.app.remembered import PARSE_RULES
from tests.app.resting import rest
from tests.app.script import DRAW, on_stage, pressed
from tests.waiting import until


class BareApp(App[None]):
    """Textual as it is."""

    def compose(self) -> ComposeResult:
        yield Static("painted")


# A size that comes while the machine is busy


def never_firing(app: App[None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the timers of this app skip their time, as Textual's do that are overdue at once."""
    set_timer = app.set_timer

    def paused(delay: float, callback: object = None, **_: object) -> Timer:
        return set_timer(delay, callback, pause=True)  # type: ignore[arg-type]

    monkeypatch.setattr(app, "set_timer", paused)


async def test_textual_lays_out_no_new_size_when_its_timer_did_not_fire(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bare Textual: a timer that fires once skips its time on a busy machine, and then the timer
    that waits for the last of many sizes is there for ever and never fires."""
    app = BareApp()
    async with app.run_test(size=(80, 24)) as pilot:
        never_firing(app, monkeypatch)
        for size in ((100, 30), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert app.size == (120, 40)
        assert app.screen.outer_size == (80, 24)


async def test_a_size_whose_timer_did_not_fire_is_laid_out_with_the_next_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        never_firing(stage.app, monkeypatch)
        await stage.resize((120, 40))
        assert stage.app.screen.outer_size == (80, 24)
        stage.app.tick()
        await stage.settle()
        assert stage.app.screen.outer_size == (120, 40)
        assert len(stage.rows()) == 40


async def test_another_size_is_drawn() -> None:
    async with on_stage(lesson(), (80, 24), is_drawn=True) as stage:
        before = stage.rows()
        await stage.pilot.resize_terminal(120, 40)
        await stage.settle()
        assert len(stage.rows()) == 40 > len(before)
        assert stage.app.screen._compositor.size == (120, 40)
        assert not stage.app.screen._compositor._dirty_regions


# What opens, and closes


class WideScreen(Screen[None]):
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-wide")]  # noqa: RUF012


async def test_textual_draws_a_screen_before_it_has_the_class_of_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bare Textual: the first frame of a screen is laid out as if it had no breakpoints."""
    is_wide: list[bool] = []

    def drawn(self: Compositor, *args: object, **given: object) -> object:
        if isinstance(self.root, WideScreen):
            is_wide.append(self.root.has_class("-wide"))
        return DRAW(self, *args, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Compositor, "render_update", drawn)
    app = BareApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(WideScreen())
        await pilot.pause()
        assert is_wide[0] is False
        assert is_wide[-1] is True


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow)])
@pytest.mark.parametrize(("key", "kind"), [("2", CardsView), ("3", MemoryView), ("6", InsideView)])
async def test_the_first_frame_of_a_view_is_laid_out_as_it_stays(
    key: str, kind: type[View], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[list[str]] = []

    def drawn(self: Compositor, full: bool = False, **given: object) -> object:
        if isinstance(self.root, kind):
            frames.append([strip.text for strip in self.render_strips()])
        return DRAW(self, full, **given)  # type: ignore[arg-type]

    async with on_stage(lesson(), size, is_drawn=True) as stage:
        monkeypatch.setattr(Compositor, "render_update", drawn)
        await stage.press(key)
        assert frames[0] == frames[-1]


async def test_the_first_frame_of_a_view_shows_the_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[str] = []
    render = Compositor.render_full_update

    def drawn(self: Compositor, simplify: bool = False) -> object:
        if isinstance(self.root, MemoryView):
            frames.append("".join(strip.text for strip in self.render_strips()))
        return render(self, simplify)

    async with on_stage(lesson()) as stage:
        monkeypatch.setattr(Compositor, "render_full_update", drawn)
        await stage.press("3")
        stage.rows()
    assert "94 %" in frames[0]


async def test_of_a_sheet_only_the_rows_that_differ_are_drawn() -> None:
    async with on_stage(lesson(), size=(80, 24)) as stage:
        await stage.press("question_mark")
        sheet = stage.app.screen.query_one(Entries)
        sheet.show((("a", "b"), ("b", "c"), ("d", "e")))
        first = [sheet.render_line(y) for y in range(3)]
        sheet.show((("a", "b"), ("b", "other"), ("d", "e")))
        then = [sheet.render_line(y) for y in range(3)]
        assert [one is other for one, other in zip(first, then, strict=True)] == [True, False, True]
        assert "other" in then[1].text
        assert "d" in then[2].text


# What lies below a dialog


class Below(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("[red]first[/]", id="first")
        yield Static("[b]second[/] and [@click=app.bell]link[/]", id="second")


class BelowOurs(Below, Covered):
    pass


def rows_drawn(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """Give the rows of each frame, as they are drawn from here on."""
    frames: list[set[int]] = []

    def drawn(self: Compositor, full: bool = False, **given: object) -> object:
        update = DRAW(self, full, **given)  # type: ignore[arg-type]
        if isinstance(update, ChopsUpdate):
            frames.append({y for y, _, _ in update.spans})
        elif update is not None:
            frames.append(set(range(self.size.height)))
        return update

    monkeypatch.setattr(Compositor, "render_update", drawn)
    return frames


@asynccontextmanager
async def covered(
    screen: Screen[None], dialog: Screen[None], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[set[int]]]:
    """Put a dialog over the screen; gives the rows of the frames from then on."""
    frames = rows_drawn(monkeypatch)
    app = BareApp()
    async with app.run_test(size=(40, 8)) as pilot:
        for pushed in (screen, dialog):
            await app.push_screen(pushed)
            await pilot.pause(0.05)
        frames.clear()
        yield frames


def change(screen: Screen[None], text: str) -> None:
    screen.query_one(text, Static).update("other", layout=False)


async def test_textual_draws_all_that_ever_changed_below_a_dialog(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with covered(screen := Below(), ModalScreen(), monkeypatch) as frames:
        change(screen, "#first")
        await until(lambda: any(0 in rows for rows in frames))
        frames.clear()
        change(screen, "#second")
        await until(lambda: any({0, 1} <= rows for rows in frames))


async def test_below_a_dialog_only_what_changed_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with covered(screen := BelowOurs(), DismissedOnce(), monkeypatch) as frames:
        for text, row in (("#first", 0), ("#second", 1)):
            change(screen, text)
            await until(lambda: bool(frames))
            assert frames == [{row}]
            frames.clear()


async def test_what_a_dialog_hides_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    dialog: DismissedOnce[None] = DismissedOnce()
    dialog.styles.background = "blue"
    async with covered(screen := BelowOurs(), dialog, monkeypatch) as frames:
        change(screen, "#first")
        await rest()
        dialog.refresh(Region(0, 5, 1, 1))
        await until(lambda: bool(frames))
        assert frames == [{5}]


async def test_what_is_mounted_below_a_dialog_is_laid_out_and_seen() -> None:
    app = BareApp()
    async with app.run_test(size=(40, 8)) as pilot:
        for screen in (below := BelowOurs(), dialog := DismissedOnce[None]()):
            await app.push_screen(screen)
            await pilot.pause(0.05)
        await below.mount(Static("third"))
        await until(lambda: "third" in strips_of(dialog)[2].text)


async def test_below_a_dialog_another_size_is_seen() -> None:
    async with on_stage(lesson(), is_drawn=True) as stage:
        await stage.press("q")
        await stage.resize((120, 40))
        assert stage.app.play is not None
        assert stage.app.play.has_class("-wider")
        for edge in ((0, 20), (100, 120)):
            behind, lesson_rows = (
                [strip.crop(*edge).text for strip in strips_of(screen)]
                for screen in (stage.app.screen, stage.app.play)
            )
            assert behind == lesson_rows


@pytest.mark.parametrize("background", ["black 60%", "transparent"])
async def test_what_is_seen_through_a_dialog_looks_as_with_textual_alone(background: str) -> None:
    app = BareApp()
    async with app.run_test(size=(40, 8)) as pilot:
        await app.push_screen(Below())
        drawn = []
        for dialog in (ModalScreen[None](), DismissedOnce[None]()):
            dialog.styles.background = background
            await app.push_screen(dialog)
            await pilot.pause()
            update = DRAW(dialog._compositor, True, app._background_screens)
            assert isinstance(update, LayoutUpdate)
            drawn.append([[list(strip.simplify()) for strip in row] for row in update.strips])
            await app.pop_screen()
        assert drawn[0] == drawn[1]


class Opened:
    """How often a screen was laid out for a size that it has, and styled after it was mounted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n_resized = self.n_styled = 0
        resized, update = Screen._screen_resized, App.update_styles

        def laid_out(screen: Screen[None], size: Size) -> None:
            self.n_resized += screen.is_modal
            resized(screen, size)

        def styled(app: App[None], node: DOMNode, animate: bool = True) -> None:
            self.n_styled += isinstance(node, ModalScreen)
            update(app, node, animate)

        monkeypatch.setattr(Screen, "_screen_resized", laid_out)
        monkeypatch.setattr(App, "update_styles", styled)


async def test_textual_lays_out_and_styles_a_screen_twice_when_it_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = BareApp()
    opened = Opened(monkeypatch)
    async with app.run_test() as pilot:
        await app.push_screen(ModalScreen())
        await pilot.pause()
        assert opened.n_resized == opened.n_styled == 1


async def test_a_dialog_is_laid_out_and_styled_once_when_it_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_stage(lesson()) as stage:
        opened = Opened(monkeypatch)
        await stage.press("q")
        assert opened.n_resized == opened.n_styled == 0
        await stage.resize((120, 40))
        assert opened.n_resized > 0


async def test_textual_closes_what_lies_above_a_screen_that_is_dismissed() -> None:
    """Bare Textual, where `DismissedOnce` closes itself alone: `test_faults.py` has more of it."""
    app, below, above = BareApp(), ModalScreen[None](), ModalScreen[None]()
    async with app.run_test():
        await app.push_screen(below)
        await app.push_screen(above)
        below.dismiss()
        assert app.screen is not above


# Keys


class TypingApp(BareApp):
    def compose(self) -> ComposeResult:
        yield Input()


class TypingInOrderApp(KeysInOrder, TypingApp): ...


@pytest.mark.parametrize(("kind", "typed"), [(TypingApp, ""), (TypingInOrderApp, "a")])
async def test_keys_pressed_at_once_are_typed_in_their_order(
    kind: type[App[None]], typed: str
) -> None:
    """Bare Textual types a letter at once, but obeys Ctrl-U only after all screens have seen it."""
    app = kind()
    async with app.run_test() as pilot:
        app.post_message(pressed("ctrl+u"))
        app.post_message(pressed("a"))
        await rest()
        await pilot.pause()
        assert app.query_one(Input).value == typed


@pytest.mark.parametrize(("kind", "typed"), [(Input, ""), (PromptInput, JOINER)])
async def test_what_joins_emoji_is_typed(kind: type[Input], typed: str) -> None:
    """Bare Textual types what Python calls printable alone."""
    app = BareApp()
    async with app.run_test() as pilot:
        line = kind()
        await app.mount(line)
        line.focus()
        app.post_message(Key("zero_width_joiner", JOINER))
        await pilot.pause()
        assert line.value == typed


async def waits_s(selector: object, monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The time limits with which Textual waits for input, before Escape was read and after it."""
    linux_driver = pytest.importorskip("textual.drivers.linux_driver")
    ours, theirs = os.pipe()
    waits: list[float | None] = []
    is_left = threading.Event()
    select = selectors.SelectSelector.select

    def waited(
        self: selectors.SelectSelector, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        waits.append(timeout)
        if len(waits) == 2:
            os.write(theirs, b"\x1b")
        if len(waits) == 4:
            is_left.set()
        return select(self, 0)

    monkeypatch.setattr(selectors.SelectSelector, "select", waited)
    monkeypatch.setattr(linux_driver, "selectors", selector)
    driver = SimpleNamespace(
        fileno=ours, exit_event=is_left, process_message=lambda _: None, _debug=False
    )
    linux_driver.LinuxDriver.run_input_thread(driver)
    os.close(ours)
    os.close(theirs)
    return waits[:4]


async def test_textual_looks_for_the_end_of_a_sequence_a_tenth_of_a_second_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bare Textual: Escape is known to be one after ESCDELAY, but looked at after 100 ms."""
    assert await waits_s(selectors, monkeypatch) == [0.1] * 4


async def test_escape_is_waited_for_no_longer_than_its_delay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await waits_s(PromptSelector, monkeypatch) == [0.1, 0.1, ESCAPE_DELAY, 0.1]


def test_textual_fails_at_a_page_key_before_the_first_layout() -> None:
    """Bare Textual: an option has no line yet."""
    options = OptionList("one", "two")
    options.highlighted = 0
    with pytest.raises(KeyError):
        options.action_page_down()  # type: ignore[no-untyped-call]


def test_a_page_key_before_the_first_layout_does_nothing() -> None:
    options = PagedOptions("one", "two")
    options.highlighted = 0
    options.action_page_down()
    assert options.highlighted == 0


# Cells, and a fault


async def test_textual_has_no_public_way_to_the_cells_of_a_screen() -> None:
    """Bare Textual: the lines of a screen are without its widgets."""
    app = BareApp()
    async with app.run_test():
        lines = app.screen.render_lines(app.screen.region)
        assert not any("painted" in line.text for line in lines)
        assert any("painted" in line.text for line in strips_of(app.screen))


class FailingApp(BareApp):
    def on_key(self) -> None:
        raise ValueError("on purpose")


async def test_textual_ends_at_any_fault() -> None:
    """Bare Textual: `test_faults.py` shows that this program goes on."""
    app = FailingApp()
    with pytest.raises(ValueError, match="on purpose"):
        async with app.run_test() as pilot:
            await pilot.press("x")
    assert app.return_code == 1


# Styles


async def test_textual_paints_grey_where_no_colour_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bare Textual under NO_COLOR: `test_no_colour.py` shows what this program paints."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = BareApp()
    async with app.run_test():
        styles = [part.style for line in strips_of(app.screen) for part in line if part.style]
        assert any(style.color is not None for style in styles)


CSS = "Label { color: $ink; }"


def of(ink: str, css: str = CSS) -> OnceParsed:
    sheet = OnceParsed(variables={"ink": ink})
    sheet.add_source(css, read_from=("test.tcss", ""))
    return sheet


@pytest.mark.parametrize(("kind", "n_parsed"), [(Stylesheet, 2), (OnceParsed, 1)])
def test_what_was_parsed_once_is_parsed_again_by_textual_alone(
    kind: type[Stylesheet], n_parsed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bare Textual: a screen that brings styles has those of all others parsed anew."""
    monkeypatch.setattr(Stylesheet, "_parse_rules", PARSE_RULES)
    sheet = kind(variables={"ink": "red"})
    sheet.add_source(CSS, read_from=("first.tcss", ""))
    sheet.parse()
    parsed: list[object] = []

    def counted(scope: str, css: str, *args: object, **given: object) -> object:
        parsed.append(css)
        return parse(scope, css, *args, **given)  # type: ignore[arg-type]

    monkeypatch.setattr("textual.css.stylesheet.parse", counted)
    sheet.add_source("Label { color: green; }", read_from=("second.tcss", ""))
    sheet.reparse()
    assert len(parsed) == n_parsed


def test_new_variables_are_read_with_the_next_look() -> None:
    sheet = of("red")
    red = sheet.rules[0].styles.color
    sheet.set_variables({"ink": "blue"})
    sheet.reparse()
    assert sheet.rules[0].styles.color != red


def test_a_wrong_style_leaves_the_rules_of_before() -> None:
    sheet = of("red")
    before = sheet.rules
    sheet.add_source("Label { color: no-such-colour; }", read_from=("wrong.tcss", ""))
    with pytest.raises(StylesheetParseError):
        sheet.reparse()
    sheet._require_parse = False
    assert sheet.rules == before
