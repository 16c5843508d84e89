"""A view and a dialog are drawn once when they open, and all of them when the size is another."""

import pytest
from textual._compositor import Compositor
from textual.geometry import Size

from flashcards.app.asking.dialog import AskScreen
from flashcards.app.cards.view import CardsView
from tests.app.lesson import lesson
from tests.app.script import on_stage


@pytest.mark.parametrize(("key", "kind"), [("2", CardsView), ("a", AskScreen)])
async def test_nothing_is_drawn_before_the_next_frame(
    key: str, kind: type[CardsView | AskScreen], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    render = Compositor._render_chops

    def counted(self: Compositor, *args: object) -> object:
        drawn.append("a frame")
        return render(self, *args)  # type: ignore[arg-type]

    async with on_stage(lesson()) as stage:
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


async def test_another_size_is_drawn() -> None:
    async with on_stage(lesson(), (80, 24)) as stage:
        before = stage.rows()
        await stage.pilot.resize_terminal(120, 40)
        await stage.settle()
        assert len(stage.rows()) == 40 > len(before)
        assert stage.app.screen._compositor.size == (120, 40)
        assert not stage.app.screen._compositor._dirty_regions
