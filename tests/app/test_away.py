"""The user's own editor: the screen goes away and comes back, and the lesson goes on meanwhile."""

import errno
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pytest
from textual.drivers.headless_driver import HeadlessDriver

import flashcards.cards.shelf as shelf_module
from flashcards.app.app import FlashcardsApp
from flashcards.app.decks.editor import EditScreen
from flashcards.app.decks.writing import edited_by, editor_command
from tests import told
from tests.app.edited import lesson_on
from tests.app.script import on_stage
from tests.decks import write_capitals
from tests.golden import check_words
from tests.waiting import until


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name, **_: str(tmp_path / "own"))
    monkeypatch.setattr(shelf_module, "shipped", lambda: tmp_path / "shipped")
    monkeypatch.delenv("VISUAL", raising=False)
    return write_capitals(tmp_path)


@pytest.fixture
def can_suspend(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can be lent, though there is none."""
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)


def editor(folder: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = folder / "an editor.py"
    head = "import os, sys, time\nfrom pathlib import Path\npath = Path(sys.argv[-1])\n"
    script.write_text(head + program, "utf-8")
    monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} {shlex.quote(str(script))} --wait")


@contextmanager
def painted(app: FlashcardsApp) -> Iterator[list[str]]:
    drawn: list[str] = []
    display = app._display

    def watch(*arguments: object) -> None:
        if not app.session.is_painting and not app._batch_count:
            drawn.append(str(arguments[-1]))
        display(*arguments)  # type: ignore[arg-type]

    app._display = watch  # type: ignore[method-assign, assignment]
    yield drawn


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, []),
        ({"EDITOR": "  "}, []),
        ({"EDITOR": "nano"}, ["nano"]),
        ({"EDITOR": "nano", "VISUAL": "code --wait"}, ["code", "--wait"]),
        ({"EDITOR": "'/opt/my editor' -n"}, ["/opt/my editor", "-n"]),
        ({"EDITOR": "it's"}, ["it's"]),
    ],
)
def test_the_editor_is_that_of_the_shell(environ: dict[str, str], command: list[str]) -> None:
    assert editor_command(environ) == command


@pytest.mark.parametrize("name", ["+:!touch X.deck", "-c.deck", "--cmd.deck"])
async def test_a_decks_name_is_never_an_argument_of_the_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code = "import sys; open('given', 'w').write(sys.argv[1])"
    assert await edited_by([sys.executable, "-c", code], Path(name)) == ""
    assert Path("given").read_text("utf-8") == str(tmp_path / name)


@pytest.mark.usefixtures("can_suspend")
async def test_events_are_read_and_not_painted(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(
        deck.parent, "while not Path(str(path) + '.done').exists(): time.sleep(0.02)", monkeypatch
    )
    done = Path(f"{deck}.done")
    async with on_stage(lesson_on(deck)) as stage:
        with painted(stage.app) as drawn:
            stage.app.action_do("edit")
            await until(lambda: not stage.app.session.is_painting)
            stage.teachers[-1].say(*(told.steps(step) for step in range(1, 200)))
            await until(lambda: stage.app.session.state.step == 199)
            stage.app.paint()
            assert not stage.app.session.is_painting
            stage.app.action_do("new_deck")  # pressed before the editor had the terminal
            done.touch()
            await stage.until(lambda: bool(stage.app.session.is_painting))
        assert drawn == []
        await stage.settle()
        assert stage.app.screen is stage.app.play
        assert ">199<" in stage.app.export_screenshot().replace("&#160;", "")


@pytest.mark.slow
@pytest.mark.usefixtures("can_suspend")
async def test_a_crash_gives_the_screen_back(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program, said in (
        ("os.kill(os.getpid(), 9)", "ended by signal 9"),
        ("sys.exit(3)", "ended with exit code 3"),
    ):
        editor(deck.parent, program, monkeypatch)
        async with on_stage(lesson_on(deck)) as stage:
            await stage.press(":edit")
            await stage.until(lambda: len(stage.said) > 0)
            assert said in stage.said[0]
            assert stage.app.screen is stage.app.play
            assert stage.app.session.is_painting


@pytest.mark.usefixtures("can_suspend")
async def test_a_missing_editor_is_said(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor --wait")
    async with on_stage(lesson_on(deck)) as stage:
        await stage.press(":edit")
        await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
        (said,) = stage.said
        check_words("screen: no editor", said, reason=os.strerror(errno.ENOENT))
        await stage.press("escape")


async def test_a_screen_that_stays_edits_here(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(deck.parent, "Path(str(path) + '.ran').touch()", monkeypatch)
    async with on_stage(lesson_on(deck)) as stage:
        await stage.press(":edit")
        await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
        assert not Path(f"{deck}.ran").exists()
        assert stage.app.session.is_painting
        await stage.press("escape")
