"""The card as paper: ruled, cream, dark ink in every theme, with the prompt in the middle."""

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, Sheet, centred, cut, spread, wrap
from flashcards.app.widgets.letters import big_lines

MIN_HEIGHT_AIRY = 8  # from so many rows on the first and the last one are empty


class CardView(Struct, frozen=True):
    prompt: str
    section: str = ""
    stamp: str = ""
    is_lit: bool = False


class CardFace(Sheet[CardView]):
    def draw(self, view: CardView, width: int, height: int) -> list[Row]:
        line = "━" if view.is_lit else "─"
        section = f" {cut(view.section, width - 4)} " if view.section and width > 6 else ""
        n_left = width - cell_len(section) - 1 if section else width
        head: Row = [(line * n_left, ".ink-rule"), (section, ".ink-faint")]
        head.append((line if section else "", ".ink-rule"))
        margin: list[Row] = [[]] if height >= MIN_HEIGHT_AIRY else []
        room = height - 2 - 2 * len(margin)
        lines = big_lines(view.prompt, width, room)
        stamp = cut(view.stamp, width)
        whole = ""
        if lines:
            is_room = cell_len(view.prompt) + 1 + cell_len(stamp) <= width
            whole = view.prompt if is_room else ""
        else:
            lines = wrap(view.prompt, width, room)
        above = (room - len(lines)) // 2
        prompt = [centred([(line, ".ink")], width) for line in lines]
        foot = spread([(whole, ".ink-faint")], [(stamp, ".ink-faint")], width)
        blanks: list[Row] = [[] for _ in range(room - len(lines))]
        return [*margin, head, *blanks[:above], *prompt, *blanks[above:], foot]
