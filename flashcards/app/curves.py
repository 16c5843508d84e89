"""A sweep on the screen, `flashcards curves SWEEP`: every seed's curve thin, the median thick."""

from collections.abc import Sequence

from textual.app import ComposeResult

from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.app.view import View, hidden
from flashcards.app.widgets.cells import Row, Sheet, cut, wrap
from flashcards.app.widgets.frame import TitleLine
from flashcards.app.widgets.share_chart import Curve, ShareChart, SharesView
from flashcards.base.errors import UserError
from flashcards.base.language import tr
from flashcards.runs.sweep import Sweep
from flashcards.runs.sweep_scores import Group, curves_of
from flashcards.runs.verdict import percent
from flashcards.wording import facts
from flashcards.wording.numbers import count


class SweepNumbers(Sheet[tuple[str, ...]]):
    def draw(self, view: tuple[str, ...], width: int, height: int) -> list[Row]:
        *numbers, follows = view
        rows: list[Row] = [[(cut(line, width), "")] for line in numbers]
        return rows + [[(line, ".strong")] for line in wrap(follows, width, 2)]


class CurvesScreen(View):
    """One choice of settings at a time; the arrow keys go to the next. It is never painted anew."""

    CSS = """
    CurvesScreen { layout: vertical; }
    TitleLine { height: 1; background: $panel; padding: 0 1; }
    ShareChart { height: 1fr; padding: 1 2 0 2; }
    SweepNumbers { height: 6; padding: 1 2 0 2; }
    """
    BINDINGS = hidden(
        left="go(-1)", right="go(1)", q="app.quit", escape="app.quit", ctrl_c="app.quit"
    )

    def __init__(self, sweep: Sweep, groups: Sequence[Group]) -> None:
        super().__init__(deck_name=sweep.info.deck)
        self._sweep = sweep
        self._groups = groups
        self._place = 0

    def compose(self) -> ComposeResult:
        yield TitleLine()
        yield ShareChart()
        yield SweepNumbers()

    def on_mount(self) -> None:
        self._show()

    def action_go(self, by: int) -> None:
        self._place = (self._place + by) % len(self._groups)
        self._show()

    def _show(self) -> None:
        group = self._groups[self._place]
        n = len(self._groups)
        keys = tr("q leaves")
        if n > 1:
            keys = tr("{i} of {n}, ← →", i=self._place + 1, n=n) + f" · {keys}"
        said = f"{group.label} · {keys}" if group.label else keys
        title = tr("The same lesson {n} times: how much is luck?", n=len(group.results))
        self.query_one(TitleLine).show(([(title, ".strong")], said))
        self.query_one(ShareChart).show(self._curves(group))
        self.query_one(SweepNumbers).show(numbers(group))

    def _curves(self, group: Group) -> SharesView:
        thin: list[Curve] = []
        thick: list[Curve] = []
        for score, name, style in (
            ("unseen", tr("never seen, median"), ".unseen"),
            ("seen", tr("seen, median"), ".taught"),
        ):
            curves, band = curves_of(self._sweep, group, score)
            thin += [Curve("", curve, style) for curve in curves]
            median = tuple((point.step, point.median) for point in band)
            thick.append(Curve(name, median, style, thickness=3))
        title = tr("right answers; thin: one lesson each, begun from other random numbers")
        return SharesView(title, (*thin, *thick), tr("no exam was taken"))


def numbers(group: Group) -> tuple[str, ...]:
    """A line for each number, and what follows."""
    said = []
    names = {
        "cards_taught": tr("taught cards"),
        "seen": tr("seen"),
        "unseen": tr("never seen"),
    }
    for score, name in names.items():
        spread = group.spread(score)
        if spread is not None:
            numbers = {
                key: count(round(value)) if score == "cards_taught" else percent(value)
                for key, value in spread._asdict().items()
            }
            said.append(tr("{name}: {median} ({low} to {high})", name=name, **numbers))
    taught = group.spread("cards_taught")
    return *said, "" if taught is None else facts.luck(taught.low, taught.high)


class CurvesApp(ColourApp):
    TITLE = "flashcards"
    CSS_PATH = "app.tcss"

    def __init__(self, sweep: Sweep, groups: Sequence[Group], theme: str | None = None) -> None:
        super().__init__()
        if problem := self.wear(theme, self.console.color_system):
            raise UserError(problem)
        self._sweep = sweep
        self._groups = groups

    def on_mount(self) -> None:
        self.push_screen(CurvesScreen(self._sweep, self._groups))
