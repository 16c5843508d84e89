"""The last line of a view: the keys of the moment and what they do."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding
from textual.screen import Screen

from flashcards.app.widgets.cells import HEADING, Part, Row, row_width, spread
from flashcards.app.widgets.sheet import Sheet

KEY, LABEL = ".footer-key", ".footer-label"
GAP = (" ", "")
LEAD = (" ", "not bold")
"""Before a group; its style keeps it a part of its own in pictures, as it was with Textual's."""


class FooterKey(NamedTuple):
    """A key's name as Textual knows it, what is written, and what the mouse is told."""

    key: str
    parts: tuple[Part, ...]
    tooltip: str


class Footer(Sheet[tuple[FooterKey, ...]]):
    """The keys that are bound in the screen it is in, as far as they are to be shown."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer-key", "footer-label", "footer-hover"}

    def __init__(self) -> None:
        super().__init__()
        self._hovered: FooterKey | None = None

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen.app.app_focus:
            self.call_after_refresh(self._show_bindings)

    def _show_bindings(self) -> None:
        shown: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show:
                shown.setdefault(active.binding.action, active.binding)
        keys: list[FooterKey] = []
        for group, members in groupby(shown.values(), lambda binding: binding.group):
            bindings = list(members)
            if group is None or len(bindings) == 1:
                keys += [self._key(binding) for binding in bindings]
                continue
            row: list[list[Part]] = [[(self.app.get_key_display(b), KEY)] for b in bindings]
            row[0].insert(0, LEAD)
            row[-1] += [GAP, (group.description, LABEL), GAP]
            keys += [
                FooterKey(binding.key, tuple(parts), binding.tooltip or binding.description)
                for binding, parts in zip(bindings, row, strict=True)
            ]
        self.show(tuple(keys))

    def _key(self, binding: Binding) -> FooterKey:
        key = (f" {self.app.get_key_display(binding)} ", KEY)
        return FooterKey(binding.key, (key, (f"{binding.description} ", LABEL)), binding.tooltip)

    def draw(self, view: tuple[FooterKey, ...], width: int, height: int) -> list[Row]:
        row: Row = []
        for key in view:
            row += key.parts if key is not self._hovered else lit(key.parts)
        return [row]

    def _key_at(self, x: int) -> FooterKey | None:
        for key in self._view or ():
            x -= row_width(list(key.parts))
            if x < 0:
                return key
        return None

    def _hover(self, key: FooterKey | None) -> None:
        if key is not self._hovered:
            self._hovered = key
            self.tooltip = key.tooltip if key else None
            self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(self._key_at(event.x))

    def on_leave(self) -> None:
        self._hover(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self._key_at(event.x)
        if key is not None:
            self.app.simulate_key(key.key)


def lit(parts: tuple[Part, ...]) -> Row:
    return [(text, ".footer-hover" if style == LABEL else style) for text, style in parts]


class KeysLine(Sheet[tuple[tuple[str, str], ...]]):
    def draw(self, view: tuple[tuple[str, str], ...], width: int, height: int) -> list[Row]:
        row: Row = []
        for key, label in view:
            part: Row = [(f" {key} ", HEADING), (f"{label} ", "")]
            if row_width(row) + row_width(part) <= width:
                row += part
        return [row]


class TitleLine(Sheet[tuple[Row, str]]):
    def draw(self, view: tuple[Row, str], width: int, height: int) -> list[Row]:
        title, remark = view
        return [spread(title, [(remark, ".muted")], width)]
