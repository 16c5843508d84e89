"""The card as paper: ruled, cream, dark ink in every theme, with the prompt in the middle."""

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, Sheet, centred, cut, fitting, spread, wrap
from flashcards.app.widgets.large import large, line_by_line, n_lines
from flashcards.cards.printable import NEWLINE


class CardView(Struct, frozen=True):
    """A card's front. Where there is room the prompt stands beside the stamp, too, unless plain
    large letters on one line say it. `short_stamp` is for a card too narrow for the whole one."""

    prompt: str
    section: str = ""
    stamp: str = ""
    short_stamp: str = ""
    is_lit: bool = False


class CardFace(Sheet[CardView]):
    def draw(self, view: CardView, width: int, height: int) -> list[Row]:
        line = "━" if view.is_lit else "─"
        section = f" {cut(view.section, width - 4)} " if view.section and width > 6 else ""
        n_left = width - cell_len(section) - 1 if section else width
        head: Row = [(line * n_left, ".ink-rule"), (section, ".ink-faint")]
        head.append((line if section else "", ".ink-rule"))
        room = height - 2
        prompt = line_by_line(view.prompt, ".ink", width, room)
        prompt = prompt or large(view.prompt, ".ink", width, room, self.ground)
        room_beside = width - cell_len(view.prompt) - 1
        is_room = cell_len(view.stamp) <= room_beside
        stamp = fitting(width, view.stamp, view.short_stamp) or cut(view.stamp, width)
        is_plain = view.prompt.isascii() and n_lines(view.prompt, width, room, self.ground) == 1
        is_needed = bool(prompt) and not is_plain and NEWLINE not in view.prompt
        whole = view.prompt if is_needed and is_room else ""
        prompt = prompt or [[(line, ".ink")] for line in wrap(view.prompt, width, room)]
        above = (room - len(prompt)) // 2
        foot = spread([(whole, ".ink-faint")], [(stamp, ".ink-faint")], width)
        blanks: list[Row] = [[] for _ in range(room - len(prompt))]
        drawn = [centred(row, width) for row in prompt]
        return [head, *blanks[:above], *drawn, *blanks[above:], foot]
