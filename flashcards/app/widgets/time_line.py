"""The slider: where in the run one looks, and the markers; all steps are equally wide."""

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.message import Message

from flashcards.app.widgets.cells import Row, Sheet, clusters, merged
from flashcards.base.language import tr
from flashcards.runs.markers import AnyMarker, MarkerKind
from flashcards.wording import markers, numbers

MARKER_STYLES: dict[MarkerKind, str] = {
    "first_right": ".right",
    "all_right": ".right",
    "forgotten": ".wrong",
    "recovered": ".right",
    "overtook": ".unseen",
    "diverged": ".wrong",
    "healed": ".right",
    "deck": ".strong",
    "chapter": ".strong",
    "learning_rate": ".strong",
    "order": ".strong",
    "went_back": ".lit-text",
    "ended": ".strong",
    "bookmark": ".lit-text",
    "bet": ".lit-text",
    "branch": ".strong",
    "differs": ".lit-text",
}
BY_HAND: tuple[MarkerKind, ...] = ("deck", "learning_rate", "order")  # left out first

MIN_TRACK = 12
NOTE_STYLE = "bold $text-accent"


class TimeLineView(Struct, frozen=True):
    """A step of `last_step`, the markers of the run, and a word on what is shown of that step."""

    step: int
    last_step: int
    markers: tuple[AnyMarker, ...] = ()
    note: str = ""


def weight_of(marker: AnyMarker) -> tuple[bool, bool, int]:
    """Return the key to sort markers by: those that must be seen come first."""
    return marker.kind in BY_HAND, marker.kind != "diverged", marker.step


def place_of(step: int, last_step: int, n_places: int) -> int:
    """The cell of a step, 0 to n_places - 1."""
    return (n_places - 1) * min(max(step, 0), last_step) // max(1, last_step)


def step_of(place: int, last_step: int, n_places: int) -> int:
    return round(min(max(place, 0), n_places - 1) / max(1, n_places - 1) * last_step)


class TimeLine(Sheet[TimeLineView]):
    class Moved(Message):
        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def draw(self, view: TimeLineView, width: int, height: int) -> list[Row]:
        left, n_places, right, note = self._layout(view, width)
        place = place_of(view.step, view.last_step, n_places)
        cells = [("━", ".taught") if x < place else ("─", ".track") for x in range(n_places)]
        ordered = sorted(view.markers, key=weight_of, reverse=True)
        signs = {place_of(m.step, view.last_step, n_places): m for m in ordered}
        n_left = n_places // 2  # for words: what is mostly words is no line any more
        for x, marker in reversed(signs.items()):  # the weightiest, which came last, first
            cells[x] = (markers.MARKER_SIGNS[marker.kind], MARKER_STYLES[marker.kind])
            word = tr(markers.MARKER_WORDS[marker.kind])
            word = f" {tr('later: {word}', word=word) if marker.step > view.step else word} "
            ends = x + 1 + cell_len(word)
            is_free = not any(x < taken < ends for taken in (*signs, place))
            if ends < n_places and is_free and cell_len(word) <= n_left:
                n_left -= cell_len(word)
                cells[x + 1 : ends] = [(char, ".muted") for char in clusters(word)]
        at = next((m for m in reversed(view.markers) if m.step == view.step), None)
        cells[place] = (markers.MARKER_SIGNS[at.kind] if at else "●", "bold reverse $text-accent")
        row: Row = [(left, ".strong"), *merged(cells), (right, ".muted"), (note, NOTE_STYLE)]
        return [row]

    def _layout(self, view: TimeLineView, width: int) -> tuple[str, int, str, str]:
        step = f"{numbers.count(view.step):>{len(numbers.count(view.last_step))}}"
        left = f" ◂ {tr('step')} {step} ▸ "
        right = f" {tr('of {last} steps', last=numbers.count(view.last_step))} "
        note = f" {view.note} " if view.note else ""
        for right_part, note_part in ((right, note), ("  ", note), (right, ""), ("", "")):
            n_places = width - cell_len(left + right_part + note_part)
            if n_places >= MIN_TRACK:
                return left, n_places, right_part, note_part
        return left, max(2, width - cell_len(left)), "", ""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        self.capture_mouse()
        self._go(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            event.stop()
            self._go(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        event.stop()
        self.release_mouse()

    def _go(self, x: int) -> None:
        if (view := self.showing) is not None:
            left, n_places, _, _ = self._layout(view, self.size.width)
            step = step_of(x - cell_len(left), view.last_step, n_places)
            if step != view.step:
                self.post_message(self.Moved(step))
