"""The frame of a view: the top line, the loop, one sentence, the keys of the moment."""

from collections.abc import Sequence
from itertools import chain, groupby
from typing import ClassVar, Literal, NamedTuple

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.screen import Screen

from flashcards.app.textual_fixes.screens import Covered
from flashcards.app.widgets.cells import (
    HEADING,
    LIT,
    Part,
    Row,
    Sheet,
    cut,
    fitting,
    merged,
    row_width,
    spread,
    with_lit_keys,
    wrap,
    wrap_row,
)
from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.runs.values import PHASES, Phase, Speed
from flashcards.wording import lesson, numbers

Badge = (
    Literal["starting", "live", "paused", "finished", "stalled", "failed", "diverged", "past"]
    | Literal["broken", "broken_paused", "broken_finished", "replay", "watching"]
    | Literal["branch_behind", "twin_behind"]
)
GAP = "   "

BADGES: dict[Badge, tuple[str, str]] = {  # reverse, to stand out without colour as well
    "starting": ("◌ STARTING", "bold"),
    "live": ("● LIVE", "bold reverse $text-success"),
    "paused": ("‖ PAUSED", "bold reverse $text-warning"),
    "finished": ("■ FINISHED", "bold reverse $text-primary"),
    "stalled": ("? STALLED", "bold reverse $text-warning"),
    "failed": ("✗ FAILED", "bold reverse $text-error"),
    "diverged": ("∞ DIVERGED", "bold reverse $text-error"),
    "broken": ("BROKEN", "bold reverse $text-error"),
    "replay": ("↺ REPLAY", "bold reverse $text-accent"),
    "watching": ("◉ WATCHING", "bold reverse $text-accent"),
    "past": ("◂ EARLIER", "bold reverse $text-accent"),
    "branch_behind": ("● COPY CATCHES UP", "bold reverse $text-success"),
    "twin_behind": ("● TWIN CATCHES UP", "bold reverse $text-success"),
}


def badge_of(badge: Badge) -> Part:
    """Return what a badge says, and its style; a broken lesson may be paused or finished, too."""
    if badge in ("broken_paused", "broken_finished"):
        liveness: Badge = "paused" if badge == "broken_paused" else "finished"
        return f"{tr(BADGES['broken'][0])} {tr(BADGES[liveness][0])}", BADGES["broken"][1]
    text, style = BADGES[badge]
    return tr(text), style


class HeaderView(Struct, frozen=True):
    """The contents of the top line. `cards_per_s` is None below full speed, where it would mislead;
    without a step `deck` has all of the room; `order`: that in which cards are given out, "" of the
    usual one; `room_waits`: as in `Session`."""

    deck: str
    badge: Badge
    step: int | None = None
    cards_per_s: int | None = None
    lesson_seconds: int = 0
    speed: Speed = "full"
    learning_rate: str = ""
    order: str = ""
    room_waits: str = ""


def badge_row(view: HeaderView) -> Row:
    """Show what the lesson is doing, behind what in the room waits for somebody."""
    text, style = badge_of(view.badge)
    badge: Part = (f" {text} ", style)
    if not view.room_waits:
        return [badge]
    return [(f" {view.room_waits} ", "bold reverse $text-accent"), (" ", ""), badge]


class RunHeader(Sheet[HeaderView]):
    def draw(self, view: HeaderView, width: int, height: int) -> list[Row]:
        badges = badge_row(view)
        room = width - row_width(badges) - 2
        row: Row = [
            (" ", ""),
            (cut(view.deck, max(4, min(30 if view.step else room, room - 1))), ".deck"),
        ]
        fitting_facts: dict[str, Row] = {}
        for gap in (GAP, "  "):
            fitting_facts = {}
            left = room - row_width(row)
            for name, fact in _facts(view):
                needed = len(gap) + row_width(fact)
                if needed <= left:
                    fitting_facts[name] = fact
                    left -= needed
            if len(fitting_facts) == len(_facts(view)):
                break
        for name in ("step", "cards", "order", "time", "speed", "rate"):
            if name in fitting_facts:
                row += [(gap, ""), *fitting_facts[name]]
        space = width - row_width(row) - row_width(badges)
        return [[*row, (" " * max(0, space), ""), *badges]]


def _facts(view: HeaderView) -> list[tuple[str, Row]]:
    if view.step is None:
        return []
    muted = ".muted"
    facts: list[tuple[str, Row]] = [
        ("step", [(f"{tr('step')} ", muted), (numbers.count(view.step), ".strong")])
    ]
    if view.learning_rate:
        rate = view.learning_rate, ".strong"
        facts.append(("rate", [(f"{tr('learning rate')} ", muted), rate]))
    if view.order:
        facts.append(("order", [(f"{tr('cards')} ", muted), (view.order, ".strong")]))
    facts.append(("time", [(numbers.duration(view.lesson_seconds), "")]))
    is_paused = view.badge in ("paused", "broken_paused")
    if not is_paused and view.badge not in ("finished", "broken_finished", "failed"):
        facts.append(("speed", [(f"{tr('speed')} ", muted), (tr(view.speed), ".strong")]))
    if view.cards_per_s is not None:
        pace: Row = [(numbers.count(view.cards_per_s), ".strong"), (f" {tr('cards/s')}", muted)]
        facts.append(("cards", pace))
    return facts


Tone = Literal["calm", "verdict", "bad"]

MOST_LINES = 9

_STYLES: dict[Tone, str] = {"calm": ".title", "verdict": ".strong", "bad": ".wrong"}

ALARM = "bold reverse $text-error"  # as the badge: it stands out without colour as well


class VerdictView(Struct, frozen=True):
    """A sentence, how it is meant, a word before it, and a tail that is never cut off.
    `longer_tail`: what stands in place of the tail where nothing of the sentence is lost by it."""

    text: str = ""
    tone: Tone = "calm"
    lead: str = ""
    tail: str = ""
    longer_tail: str = ""


class VerdictLine(Sheet[VerdictView]):
    def draw(self, view: VerdictView, width: int, height: int) -> list[Row]:
        style = _STYLES[view.tone]
        lead = (view.lead, ALARM if view.tone == "bad" else ".lit-text")
        text = with_lit_keys(view.text, style)
        sentence = [lead, (" ", style), *text] if view.lead and view.text else [lead, *text]
        for tail in filter(None, (view.longer_tail, view.tail)):
            *before, last = wrap_row(sentence, width, height + 1)
            ending = with_lit_keys(tail, style)
            joined = merged([*last, (" ", style), *ending]) if last else ending
            rows = [*before, joined]
            if row_width(joined) > width:
                rows = [*before, last, *wrap_row(ending, width, height + 1)]
            if len(rows) <= height:
                return rows
        rows = wrap_row(sentence, width, height)
        if view.tail and rows:
            shortened = wrap_row(rows[-1], width - cell_len(view.tail) - 1, 1)
            ending = with_lit_keys(view.tail, style)
            rows[-1] = merged([*chain.from_iterable(shortened), (" ", style), *ending])
        return rows


def n_lines(view: VerdictView, width: int) -> int:
    """In how many lines nothing of the sentence is cut: with its tail, not with the longer one."""
    return len(wrap(sentences(view.lead, view.text, view.tail), width, MOST_LINES))


KEY, LABEL = ".footer-key", ".footer-label"
SPACE = (" ", "")
LEAD = (" ", "not bold")  # before a group; the style keeps it a part of its own in pictures


class FooterKey(NamedTuple):
    """A key's name as Textual knows it, what is written, and what the mouse is told."""

    key: str
    parts: tuple[Part, ...]
    tooltip: str
    is_leaving: bool = False


def fitting_keys(keys: Sequence[Row], leaving: int, width: int) -> list[tuple[int, Row]]:
    """The keys that fit in one line, each with its index: all of them, if need be with one space
    between them in place of two, else those for which the earlier ones leave room; the one that
    leaves always. Behind the last one a cell stays free, so that it does not look cut."""
    numbered = list(enumerate(keys))
    if sum(map(row_width, keys)) <= width:
        return numbered
    numbered = [(i, _without_last_space(row)) for i, row in numbered]
    room = width - 1 - sum(row_width(row) for i, row in numbered if i == leaving)
    fitting = []
    for i, row in numbered:
        if i == leaving:
            fitting.append((i, row))
        elif row_width(row) <= room:
            room -= row_width(row)
            fitting.append((i, row))
    return fitting


def _without_last_space(row: Row) -> Row:
    *before, (text, style) = row
    return [*before, (text.removesuffix(" "), style)]


class Footer(Sheet[tuple[FooterKey, ...]]):
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer-key", "footer-label", "footer-hover"}

    _hovered: FooterKey | None = None

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        is_hidden = isinstance(screen, Covered) and screen.is_hidden
        if screen.app.app_focus and not is_hidden:
            self.call_after_refresh(self._show_bindings)

    def _show_bindings(self) -> None:
        footer_bindings: dict[str, Binding] = {}
        offered = getattr(self.app, "offered_key", "")
        for active in self.screen.active_bindings.values():
            if active.binding.show or (offered and active.binding.id == offered):
                footer_bindings.setdefault(active.binding.action, active.binding)
        keys: list[FooterKey] = []
        first = sorted(
            footer_bindings.values(), key=lambda binding: (binding.id != offered, binding.priority)
        )
        for group, members in groupby(first, lambda binding: binding.group):
            bindings = list(members)
            if group is None or len(bindings) == 1:
                keys += [self._key(binding) for binding in bindings]
                continue
            row: list[list[Part]] = [[(self.app.get_key_display(b), KEY)] for b in bindings]
            row[0].insert(0, LEAD)
            row[-1] += [SPACE, (group.description, LABEL), SPACE]
            keys += [
                FooterKey(binding.key, tuple(parts), binding.tooltip or binding.description)
                for binding, parts in zip(bindings, row, strict=True)
            ]
        self.show(tuple(keys))

    def _key(self, binding: Binding) -> FooterKey:
        key = (f" {self.app.get_key_display(binding)} ", KEY)
        describe = getattr(self.app, "describe", lambda binding: binding.description)
        label = (f"{describe(binding)} ", LABEL)
        return FooterKey(binding.key, (key, label), binding.tooltip, binding.id == "quit")

    def draw(self, view: tuple[FooterKey, ...], width: int, height: int) -> list[Row]:
        row: Row = []
        for key, parts in self._fitting(width):
            style = ".footer-hover" if key is self._hovered else LABEL
            row += [(text, style if own == LABEL else own) for text, own in parts]
        return [row]

    def _fitting(self, width: int) -> list[tuple[FooterKey, Row]]:
        keys = self.showing or ()
        rows = [list(key.parts) for key in keys]
        leaving = next((i for i, key in enumerate(keys) if key.is_leaving), -1)
        return [(keys[i], row) for i, row in fitting_keys(rows, leaving, width)]

    def _key_at(self, x: int) -> FooterKey | None:
        for key, parts in self._fitting(self.size.width):
            x -= row_width(parts)
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


class KeysLine(Sheet[tuple[tuple[str, str], ...]]):
    """Keys and what they do; the last one leaves."""

    def draw(self, view: tuple[tuple[str, str], ...], width: int, height: int) -> list[Row]:
        keys: list[Row] = [[(f" {key} ", HEADING), (f"{label} ", "")] for key, label in view]
        fitting = fitting_keys(keys, len(keys) - 1, width)
        return [[part for _, row in fitting for part in row]]


class TitleLine(Sheet[tuple[Row, str]]):
    def draw(self, view: tuple[Row, str], width: int, height: int) -> list[Row]:
        title, remark = view
        return [spread(title, [(remark, ".muted")], width)]


TURNS = "◐◓◑◒"


class LoopView(Struct, frozen=True):
    """`phase` is None at speed: then one of many corrections is shown. `turns` counts what goes
    by."""

    phase: Phase | None = None
    is_one_of_many: bool = False
    turns: int = 0


class LoopWords(Sheet[LoopView]):
    def draw(self, view: LoopView, width: int, height: int) -> list[Row]:
        row: Row = []
        for phase in PHASES:
            if row:
                row.append(("▸", ".muted"))
            style = LIT if phase == view.phase else ".muted"
            row.append((f" {tr(lesson.PHASES[phase][0])} ", style))
        if row_width(row) > width:
            row = _only(view.phase)
        room = width - row_width(row) - 2
        if not view.is_one_of_many:
            return [row]
        text = fitting(room - 2, tr("showing one card of many"), tr("one card of many"))
        if not text:
            return [row]
        wheel = TURNS[view.turns % len(TURNS)]
        return [spread(row, [(f"{wheel} ", ".lit-text"), (f"{text} ", ".muted")], width)]


def _only(phase: Phase | None) -> Row:
    if phase is None:
        return []
    place = PHASES.index(phase) + 1
    return [(f" {tr(lesson.PHASES[phase][0])} ", LIT), (f" {place}/{len(PHASES)}", ".muted")]
