"""What is changed in Textual: a screen is drawn once when it opens, and styles are read once."""

import itertools
import selectors
import time

import pytest
from textual._compositor import Compositor
from textual.app import App
from textual.constants import ESCAPE_DELAY
from textual.css.stylesheet import StylesheetParseError
from textual.geometry import Region, Size
from textual.widget import Widget

from flashcards.app.asking.ask_screen import AskScreen
from flashcards.app.cards.cards_view import CardsView
from flashcards.app.help.help_screen import Entries
from flashcards.app.lesson.lesson_actions import QuitScreen
from flashcards.app.memory.memory_view import MemoryView
from flashcards.app.textual_fixes.colours import RememberingStylesheet
from flashcards.app.textual_fixes.screens import PagedOptions, PromptSelector
from flashcards.app.textual_fixes.timers import PunctualApp
from flashcards.app.widgets.frame import VerdictLine, VerdictView
from tests.app.lesson import lesson
from tests.app.script import on_stage


def late_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second look at the clock on it is a minute later: the machine did something else."""
    begin_s = time.monotonic()
    looks = itertools.chain([begin_s], itertools.repeat(begin_s + 60))
    monkeypatch.setattr("textual._time.get_time", lambda: next(looks))


class BareApp(App[None]):
    """Textual as it is."""


@pytest.mark.parametrize(("kind", "n_fired"), [(BareApp, 0), (PunctualApp, 1)])
async def test_a_timer_that_fires_once_fires_on_a_busy_machine(
    kind: type[App[None]], n_fired: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, fired = kind(), []
    async with app.run_test() as pilot:
        await pilot.pause()
        late_clock(monkeypatch)
        once = app.set_timer(0.001, lambda: fired.append("fired"))
        assert once._task is not None
        await once._task
        await pilot.pause()
    assert len(fired) == n_fired


@pytest.mark.parametrize(("key", "kind"), [("2", CardsView), ("a", AskScreen)])
async def test_nothing_is_drawn_before_the_next_frame(
    key: str, kind: type[CardsView | AskScreen], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    render = Compositor._render_chops

    def counted(self: Compositor, *args: object) -> object:
        drawn.append("a frame")
        return render(self, *args)  # type: ignore[arg-type]

    async with on_stage(lesson(), is_drawn=True) as stage:
        monkeypatch.setattr(Compositor, "_render_chops", counted)
        await stage.press(key)
        screen = stage.app.screen
        assert isinstance(screen, kind)
        assert drawn
        assert not screen._dirty_widgets
        drawn.clear()
        screen._refresh_layout(Size(100, 30))
        assert not drawn
        await stage.settle()
        assert drawn


async def test_what_opens_is_laid_out_once_and_then_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    lay_out, render = Compositor.reflow, Compositor.render_full_update

    def laid_out(self: Compositor, parent: Widget, size: Size) -> object:
        done.append(f"{type(parent).__name__} laid out")
        return lay_out(self, parent, size)

    def drawn(self: Compositor, simplify: bool = False) -> object:
        done.append("drawn")
        return render(self, simplify)

    async with on_stage(lesson(), is_drawn=True) as stage:
        monkeypatch.setattr(Compositor, "reflow", laid_out)
        monkeypatch.setattr(Compositor, "render_full_update", drawn)
        await stage.press("a")
    assert done[:2] == ["AskScreen laid out", "drawn"]
    assert done.count("AskScreen laid out") == 1


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


async def test_behind_a_dialog_only_what_changed_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: set[int] = set()
    refresh = QuitScreen.refresh

    def refreshed(self: QuitScreen, *regions: Region, **how: bool) -> QuitScreen:
        lines.update(y for region in regions for y in region.line_range)
        return refresh(self, *regions, **how)

    async with on_stage(lesson(), is_drawn=True) as stage:
        await stage.press("q")
        await stage.settle()
        assert stage.app.play is not None
        monkeypatch.setattr(QuitScreen, "refresh", refreshed)
        stage.app.play.query_one(VerdictLine).show(VerdictView("It is said once."))
        await stage.until(lambda: bool(lines))
        line = stage.app.play.query_one(VerdictLine).region
        assert lines <= set(line.line_range)


def test_escape_is_waited_for_no_longer_than_its_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []

    def wait(self: object, timeout: float | None = None) -> list[object]:
        waits.append(timeout)
        return ["a key"] if len(waits) == 2 else []

    monkeypatch.setattr(selectors.SelectSelector, "select", wait)
    selector = PromptSelector()
    for _ in range(4):
        selector.select(0.1)
    assert waits == [0.1, 0.1, ESCAPE_DELAY, 0.1]


async def test_another_size_is_drawn() -> None:
    async with on_stage(lesson(), (80, 24), is_drawn=True) as stage:
        before = stage.rows()
        await stage.pilot.resize_terminal(120, 40)
        await stage.settle()
        assert len(stage.rows()) == 40 > len(before)
        assert stage.app.screen._compositor.size == (120, 40)
        assert not stage.app.screen._compositor._dirty_regions


CSS = "Label { color: $ink; }"


def of(ink: str, css: str = CSS) -> RememberingStylesheet:
    sheet = RememberingStylesheet(variables={"ink": ink})
    sheet.add_source(css, read_from=("test.tcss", ""))
    return sheet


def test_rules_are_shared_by_stylesheets_with_the_same_variables_only() -> None:
    first, same, other = of("red"), of("red"), of("blue")
    assert first.rules[0] is same.rules[0]
    assert first.rules[0].styles.color != other.rules[0].styles.color


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


def test_a_page_key_before_the_first_layout_does_nothing() -> None:
    options = PagedOptions("one", "two")
    options.highlighted = 0
    options._move_page(1)
    assert options.highlighted == 0
