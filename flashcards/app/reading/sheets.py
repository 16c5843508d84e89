"""The boxes of the reading view: the passage with its surprises, the writing, the rivals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, clusters, cut, padded, spread
from flashcards.app.widgets.plot import merged
from flashcards.app.widgets.sheet import Sheet
from flashcards.base.language import tr
from flashcards.runs.events import TextWritten
from flashcards.runs.values import AnswerPiece, Correction
from flashcards.runs.verdict import percent
from flashcards.wording import facts
from flashcards.wording.numbers import nats

LINE_END = "↵"
BARS = " ▁▂▃▄▅▆▇█"
FULL_NATS = 6.0
"""A surprise at which the bar is full: the piece had been given one chance in 400."""

EXPECTED, UNSURE = 0.5, 0.1
"""A piece with at least this probability was expected; with less than the other, a surprise."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The window of an update that was measured; None before the first."""

    correction: Correction | None = None
    waiting: str = ""


class PassageSheet(Sheet[Passage]):
    """Each next piece, a bar for how surprising it was, and what was expected in its place."""

    def draw(self, view: Passage, width: int, height: int) -> list[Row]:
        title: Row = [(tr("It reads, and guesses what comes next"), ".title")]
        legend: Row = [
            (tr("▁ expected"), ".right"),
            ("  ", ""),
            (tr("▄ unsure"), ".nearly"),
            ("  ", ""),
            (tr("█ surprise"), ".wrong"),
        ]
        rows = [spread(title, legend, width)]
        correction = view.correction
        if correction is None:
            return [*rows, [(view.waiting, ".muted")]]
        if not correction.pieces:  # it is being read just now
            return [*rows, [(cut(correction.answer, width), ".muted")]]
        pieces, guess = correction.pieces, correction.guess or ()
        n_fit = _n_fitting(pieces, width)
        reads, bars, said = Row(), Row(), Row()
        for place, piece in enumerate(pieces[:n_fit]):
            text, style = printed(piece.text), style_of(piece.before)
            cells = cell_len(text)
            reads.append((text, style))
            bars.append((bar(piece.before) * cells, style))
            expected = guess[place].text if place < len(guess) else ""
            shown = "·" if piece.is_best else cut(printed(expected), cells)
            said.append((shown + " " * (cells - cell_len(shown)), ".muted"))
        rows += [merged(reads), merged(bars), merged(said)]
        rows += [[], _worst(pieces[:n_fit], guess)] if height > 5 else [_worst(pieces, guess)]
        return rows


def printed(text: str) -> str:
    """A piece as it is shown: never empty."""
    return text or "?"


def style_of(probability: float) -> str:
    if probability >= EXPECTED:
        return ".right"
    return ".nearly" if probability >= UNSURE else ".wrong"


def bar(probability: float) -> str:
    """The higher the more surprising: a sign that works without colour."""
    surprise = -math.log(max(probability, 1e-9))
    return BARS[1 + min(len(BARS) - 2, int(surprise / FULL_NATS * (len(BARS) - 1)))]


def _n_fitting(pieces: Sequence[AnswerPiece], width: int) -> int:
    """How many of the pieces fit into so many cells."""
    used = 0
    for n, piece in enumerate(pieces):
        used += cell_len(printed(piece.text))
        if used > width:
            return n
    return len(pieces)


def _worst(pieces: Sequence[AnswerPiece], guess: Sequence[object]) -> Row:
    """The most surprising place, in a sentence."""
    if not pieces:
        return []
    # a window's first piece follows nothing, so that it surprises says nothing
    places = range(int(len(pieces) > 1), len(pieces))
    at = min(places, key=lambda i: pieces[i].before)
    facts = {
        "n_right": sum(piece.is_best for piece in pieces),
        "n": len(pieces),
        "before": "".join(piece.text for piece in pieces[max(0, at - 8) : at]),
        "piece": pieces[at].text,
        "share": percent(pieces[at].before),
    }
    if pieces[at].is_best:
        said = tr(
            "{n_right} of {n} guessed. Least sure after “{before}”, and right: “{piece}” had "
            "{share}.",
            **facts,
        )
    else:
        said = tr(
            "{n_right} of {n} guessed. After “{before}” it expected “{expected}”: “{piece}” had "
            "{share}.",
            **facts,
            expected=getattr(guess[at], "text", "") if at < len(guess) else "",
        )
    return [(said, ".muted")]


@dataclass(frozen=True, slots=True)
class Writing:
    """What was written last; None before the first exam. Or, a level deeper, the places of the
    passage that it expected least."""

    written: TextWritten | None = None
    surprises: Correction | None = None


class WritingSheet(Sheet[Writing]):
    """The lines, and the longest stretch of them that stands in the text. A level deeper, a table
    of surprises."""

    def draw(self, view: Writing, width: int, height: int) -> list[Row]:
        if view.surprises is not None:
            return _surprises(view.surprises, width, height)
        title: Row = [
            (tr("It writes, by itself"), ".title"),
            (f"  {tr('enter: its surprises')}", ".muted"),
        ]
        written = view.written
        if written is None:
            return [title]
        n = len(written.copied)
        told = tr("copied: {n} letters", n=n) if n != 1 else tr("copied: 1 letter")
        rows = [spread(title, [(told, ".strong")], width)]
        n_left, is_marked = height - 1, False
        for i, line in enumerate(written.lines):
            n_lines = max(1, n_left // (len(written.lines) - i))
            at = -1 if is_marked else line.find(written.copied)
            is_marked = is_marked or at >= 0
            lit = range(at, at + n) if at >= 0 and n else range(0)
            rows += _lines(line, lit, width, n_lines)
            n_left = height - len(rows)
        return rows


def _surprises(correction: Correction, width: int, height: int) -> list[Row]:
    """The passage's least expected pieces: what came before, what it expected, what came."""
    pieces, guess = correction.pieces or (), correction.guess or ()
    title: Row = [(tr("Least expected in this passage"), ".title")]
    rows = [spread(title, [(tr("enter: what it writes"), ".muted")], width)]
    # a window's first piece follows nothing
    places = sorted(range(int(len(pieces) > 1), len(pieces)), key=lambda i: pieces[i].before)
    for at in places[: height - 1]:
        before = "".join(piece.text for piece in pieces[max(0, at - 12) : at])
        expected = tr("expected nothing")
        if at < len(guess):
            chance = percent(guess[at].probability)
            expected = tr("expected “{piece}” {share}", piece=guess[at].text, share=chance)
        share = percent(pieces[at].before)
        came = tr("came “{piece}” {share}", piece=pieces[at].text, share=share)
        error = tr("error {nats}", nats=nats(-math.log(max(pieces[at].before, 1e-9))))
        row: Row = [
            (padded(cut(f"…{before}", 19), 20), ""),
            (padded(cut(expected, 21), 22), ".muted"),
            (padded(cut(came, 17), 18), style_of(pieces[at].before)),
            (error, ".strong"),
        ]
        rows.append(row)
    return rows


def _lines(text: str, lit: range, width: int, n_lines: int) -> list[Row]:
    """The text in lines; what is copied is underlined, line ends are faint."""
    rows: list[Row] = [[("› ", ".muted")]]
    used = 2
    place = 0
    for cluster in clusters(text):
        cells = cell_len(cluster)
        if used + cells > width:
            if len(rows) == n_lines:
                break
            rows.append([("  ", "")])
            used = 2
        style = "underline" if place in lit else ""
        rows[-1].append((cluster, ".muted" if cluster == LINE_END else style))
        used += cells
        place += len(cluster)
        if cluster == LINE_END and len(rows) < n_lines and place < len(text):
            rows.append([("  ", "")])
            used = 2
    return [merged(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the comparison: a name, its error in passages kept back, the model's or not."""

    name: str
    error_nats: float
    is_model: bool = False


@dataclass(frozen=True, slots=True)
class Standings:
    """The model among its rivals, largest error first; `guessing_nats` fills a bar."""

    lines: tuple[Standing, ...] = ()
    guessing_nats: float = 1.0


class RivalSheet(Sheet[Standings]):
    """A bar each: the shorter, the better the next letter is guessed."""

    def draw(self, view: Standings, width: int, height: int) -> list[Row]:
        rows: list[Row] = [[(tr("error, kept back"), ".title")]]
        lines = view.lines[-(height - 1) :] if height > 1 else ()
        longest = max((cell_len(line.name) for line in lines), default=0)
        room = width - longest - 6
        for line in lines:
            n_cells = max(1, round(room * line.error_nats / max(view.guessing_nats, 1e-6)))
            style = ".unseen" if line.is_model else ".muted"
            name = line.name + " " * (longest - cell_len(line.name))
            sign = "█" if line.is_model else "▒"
            rows.append(
                [
                    (f"{name} ", ".strong" if line.is_model else ".muted"),
                    (sign * min(room, n_cells), style),
                    (f" {nats(line.error_nats)}", ".strong" if line.is_model else ".muted"),
                ]
            )
        return rows


def standings(
    rivals: Iterator[tuple[str, float]], model_nats: float | None, guessing_nats: float
) -> Standings:
    lines = [Standing(facts.rival_name(name), error) for name, error in rivals]
    lines.append(Standing(tr("blind guess"), guessing_nats))
    if model_nats is not None:
        lines.append(Standing(tr("the model"), model_nats, is_model=True))
    lines.sort(key=lambda line: -line.error_nats)
    return Standings(tuple(lines), guessing_nats)
