"""What holds in all tests of the screen, and places for decks."""

import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path

import platformdirs
import pytest
from textual._compositor import Compositor
from textual.notifications import Notification

import flashcards.app.decks.library as library_module
import flashcards.cards.shelf as shelf_module
from tests.app.edited import DECK
from tests.app.possible import check_views
from tests.app.remembered import remember
from tests.app.resting import wait_at_rest
from tests.app.script import undrawn
from tests.once import once

# On a busy machine a notice would be gone before a test has looked at it, unless the app ended it
Notification.time_left = property(  # type: ignore[method-assign, assignment]
    lambda self: 3600.0 if self.timeout else 0.0
)


# Nobody sees the frames that an app draws by itself; `rows()` and pictures draw what they look at
Compositor.render_update = undrawn  # type: ignore[method-assign, assignment]

wait_at_rest()

remember()

HERE = Path(__file__).parent
QUICK_LANGUAGES = {"de", None}  # German has the longest words, so that others fit where it does


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is slow
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The whole app in the other languages is tried by the slow tests."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            chosen = item.callspec.params if hasattr(item, "callspec") else {}
            if item.path.parent == HERE and chosen.get("language") not in QUICK_LANGUAGES:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _plain() -> None:
    """What an earlier test had a lesson show is forgotten."""
    Path(platformdirs.user_data_dir("flashcards", appauthor=False), "all-shown").unlink(True)


def remembering(
    read: Callable[[Path], library_module.DeckFacts],
) -> Callable[[Path], library_module.DeckFacts]:
    """Reads each deck once, until its file changes; the shipped ones once in a test run."""

    @cache
    def remembered(key: tuple[Path, int, int]) -> library_module.DeckFacts:
        if key[0].parent == SHIPPED and key[0].suffix == ".deck":
            return shipped()[key]
        return read(key[0])

    return lambda path: remembered(library_module.file_key(path))


@cache
def shipped() -> dict[tuple[Path, int, int], library_module.DeckFacts]:
    return once(read_shipped)


def read_shipped(_: Path) -> dict[tuple[Path, int, int], library_module.DeckFacts]:
    return {library_module.file_key(path): READ(path) for path in SHIPPED.glob("*.deck")}


SHIPPED, READ = shelf_module.shipped(), library_module.read
library_module.read = remembering(READ)  # type: ignore[assignment]
library_module.read_apart = remembering(library_module.read_apart)  # type: ignore[assignment]


CHECKED = {  # where all that is painted can be; others make up single values
    f"tests.app.test_{name}"
    for name in (
        "bets",
        "inside",
        "life",
        "memory",
        "newcomer",
        "play",
        "presenter",
        "reading",
        "recordings",
        "update",
    )
}


@pytest.fixture(autouse=True)
def _possible(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.module.__name__ in CHECKED:
        check_views(monkeypatch)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, the user's own, the shipped decks', and no editor."""
    for name in ("here", "own", "shipped"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name, **_: str(tmp_path / "own"))
    monkeypatch.setattr(shelf_module, "shipped", lambda: tmp_path / "shipped")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    (tmp_path / "shipped" / "capitals.deck").write_text("France :: Paris\n", "utf-8")
    (tmp_path / "here" / "words.deck").write_text(DECK, "utf-8")
    return tmp_path
