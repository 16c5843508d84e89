"""What the model says to a typed prompt, and what is known of it, row by row.

The dearest first: what does not fit is left out from the end. Knows no screen and no keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flashcards.app import dialog_words as words
from flashcards.app.numbers import count, percent
from flashcards.app.styles import MUTED
from flashcards.app.widgets.cells import Row, cut, cut_row, padded, row_width, spread
from flashcards.app.widgets.sheet import Sheet
from flashcards.cards.printable import printable
from flashcards.runs.events import Mark, PromptAnswered, RivalAnswer, Stamp
from flashcards.runs.verdict import rival_name

LABEL_WIDTH = 9
PIECE_WIDTH = 8
HISTORY_WIDTH = 20
"""One answer in a history is cut at this."""

STAMP_STYLES: dict[Stamp, str] = {
    "seen": "bold reverse $text-primary",
    "not_yet_taught": "bold reverse $text-warning",
    "held_out": "bold reverse $text-accent",
    "new": "bold reverse $text-accent",
}
MARKS: dict[Mark, tuple[str, str]] = {
    "right": (" ✓", "bold $text-success"),
    "nearly": (" ≈", "bold $text-warning"),
    "wrong": (" ✗", "bold $text-error"),
}


@dataclass(frozen=True)
class Moment:
    """What was said at one step; `mark` is None where no card says what is right."""

    step: int
    answer: str
    mark: Mark | None


@dataclass(frozen=True)
class AnswerView:
    """What the sheet shows.

    Attributes:
        message: A sentence in the place of an answer.
        answered: The latest answer to what is asked; `before` the earlier ones, newest first.
        rivals: What those say who do not learn; None until they have said it.
        taught: What became of teaching it, "" when it was not; `is_refused` when nothing did.
        pinned: Its answers at the exams since it was pinned; None when it is not.
        past: Its answers at the saved states; None when they were not asked. `n_left` come yet.
        pins: Every pinned prompt with its answers, for when nothing is asked.
    """

    message: str = ""
    answered: PromptAnswered | None = None
    before: tuple[PromptAnswered, ...] = ()
    rivals: tuple[RivalAnswer, ...] | None = None
    taught: str = ""
    is_refused: bool = False
    pinned: tuple[Moment, ...] | None = None
    past: tuple[Moment, ...] | None = None
    n_left: int = 0
    pins: tuple[tuple[str, tuple[Moment, ...]], ...] = ()


class AnswerSheet(Sheet[AnswerView]):
    """The answer to a typed prompt."""

    def draw(self, view: AnswerView, width: int, height: int) -> list[Row]:
        answered = view.answered
        if answered is None:
            return [*_taught(view, width), [(cut(view.message, width), MUTED)], *_pins(view, width)]
        rows = [
            _stamped(answered, width),
            *_taught(view, width),
            *_said(answered, width),
            _labelled(words.ALSO, "   ".join(answered.alternatives[: words.N_ALSO]), width),
            _correct(answered, width),
            _labelled(words.NEAREST, "   ".join(answered.nearest), width),
            _rivals(view.rivals, width),
        ]
        if view.pinned is not None:
            rows.append(_history(words.PINNED, view.pinned, width))
        if view.past is not None:
            rows.append(_history(words.PAST, view.past, width, view.n_left))
        rows += [_earlier(earlier, width) for earlier in view.before]
        return [row for row in rows if row]


def _stamped(answered: PromptAnswered, width: int) -> Row:
    stamp = f" {words.stamp(answered.stamp, answered.times_seen)} "
    right: Row = [(words.at_step(answered.step), MUTED)]
    left: Row = [(stamp, STAMP_STYLES[answered.stamp])]
    room = width - row_width(left) - row_width(right) - 2
    if answered.near_duplicate:
        near_stamp = words.stamp(answered.near_stamp, answered.near_times_seen)
        meaning = words.nearly(answered.near_duplicate, near_stamp, room)
    else:
        meaning = words.stamp_meaning(answered.stamp)
    style = "bold" if answered.near_duplicate else MUTED
    return spread([*left, (f" {cut(meaning, room)}", style)], right, width)


def _taught(view: AnswerView, width: int) -> list[Row]:
    if not view.taught:
        return []
    label = words.REFUSED if view.is_refused else words.TAUGHT
    style = "bold $text-error" if view.is_refused else "bold $text-success"
    return [[(padded(label, LABEL_WIDTH), style), (cut(view.taught, width - LABEL_WIDTH), "")]]


def _said(answered: PromptAnswered, width: int) -> list[Row]:
    """The pieces, and after each how sure the model was of it, in per cent."""
    answer = answered.answer or words.SAYS_NOTHING
    sure: Row = [(f"  {percent(answered.probability)} ", "bold"), (words.CERTAIN, MUTED)]
    mark = _mark(_mark_of(answered.answer, answered.correct_answers), "  ")
    room = width - LABEL_WIDTH - row_width(sure) - row_width(mark)
    said: Row = [(padded(words.ANSWERS, LABEL_WIDTH), MUTED), (cut(answer, room), "bold")]
    pieces: Row = [(padded(words.PIECES, LABEL_WIDTH), MUTED)]
    for piece in answered.pieces:
        text = cut(printable(piece.text), PIECE_WIDTH)
        share = f"{piece.probability * 100:.0f}"
        part: Row = [(f"{text} ", ""), (f"{share}   ", MUTED)]
        if row_width(pieces) + row_width(part) > width:
            pieces.append(("…", MUTED))
            break
        pieces += part
    return [[*said, *mark, *sure], cut_row(pieces, width)]


def _mark_of(answer: str, correct_answers: Sequence[str]) -> Mark | None:
    if not correct_answers:
        return None
    return "right" if answer in correct_answers else "wrong"


def _mark(mark: Mark | None, space: str = " ") -> Row:
    return [] if mark is None else [(space + MARKS[mark][0].strip(), MARKS[mark][1])]


def _correct(answered: PromptAnswered, width: int) -> Row:
    if not answered.correct_answers:
        return []
    return _labelled(words.CORRECT, " | ".join(answered.correct_answers), width, "bold")


def _labelled(label: str, text: str, width: int, style: str = "") -> Row:
    if not text:
        return []
    label = padded(label, LABEL_WIDTH)
    return [(label, MUTED), (cut(text, width - LABEL_WIDTH), style)]


def _rivals(rivals: tuple[RivalAnswer, ...] | None, width: int) -> Row:
    """What the rivals say, each as wide as its share of the row allows."""
    if not rivals:
        return []
    names = [rival_name(rival.name) for rival in rivals]
    taken = LABEL_WIDTH + sum(len(name) + 1 for name in names) + 3 * (len(names) - 1)
    room = max(3, (width - taken) // len(rivals))
    row: Row = [(padded(words.RIVALS, LABEL_WIDTH), MUTED)]
    for place, (name, rival) in enumerate(zip(names, rivals, strict=True)):
        answer = words.NO_ANSWER if rival.answer is None else rival.answer or words.SAYS_NOTHING
        row += [(f"{'   ' if place else ''}{name} ", MUTED), (cut(answer, room), "")]
    return cut_row(row, width)


def _earlier(answered: PromptAnswered, width: int) -> Row:
    when: Row = [(words.at_step(answered.step), MUTED)]
    sure = percent(answered.probability)
    room = width - LABEL_WIDTH - row_width(when) - len(sure) - 4
    left: Row = [
        (padded(words.BEFORE, LABEL_WIDTH), MUTED),
        (cut(answered.answer or words.SAYS_NOTHING, room), ""),
        *_mark(_mark_of(answered.answer, answered.correct_answers), "  "),
        (f"  {sure}", MUTED),
    ]
    return spread(left, when, width)


def _pins(view: AnswerView, width: int) -> list[Row]:
    return [_history(prompt, moments, width, style="bold") for prompt, moments in view.pins]


def _history(
    label: str, moments: Sequence[Moment], width: int, n_left: int = 0, style: str = MUTED
) -> Row:
    """How the answer changed: `step 0 xqz · 64 bana · 128 banana ✓`.

    The first and the newest changes that fit; what lies between them is an ellipsis.
    """
    room = max(LABEL_WIDTH, width // 5) if style != MUTED else LABEL_WIDTH
    row: Row = [(padded(cut(label, room - 1), room), style)]
    parts = [_moment(moment, is_first=not place) for place, moment in enumerate(_changes(moments))]
    coming: Row = [(f" · {words.coming(n_left)}", MUTED)] if n_left else []
    if not parts:
        return [*row, *(coming or [(words.NOT_ASKED_YET, MUTED)])]
    left = width - row_width(row) - row_width(parts[0]) - row_width(coming)
    newest: list[Row] = []
    gap: Row = [(" · …", MUTED)]
    for part in reversed(parts[1:]):
        needed = row_width(part) + (0 if len(newest) == len(parts) - 2 else row_width(gap))
        if needed > left:
            break
        left -= row_width(part)
        newest.insert(0, part)
    if len(newest) < len(parts) - 1:
        newest.insert(0, gap)
    return cut_row([*row, *parts[0], *(part for new in newest for part in new), *coming], width)


def _changes(moments: Iterable[Moment]) -> list[Moment]:
    """Those moments at which something else was said than before."""
    changes: list[Moment] = []
    for moment in moments:
        if not changes or (moment.answer, moment.mark) != (changes[-1].answer, changes[-1].mark):
            changes.append(moment)
    return changes


def _moment(moment: Moment, *, is_first: bool) -> Row:
    when = f"{words.STEP} {count(moment.step)} " if is_first else f" · {count(moment.step)} "
    answer = cut(moment.answer, HISTORY_WIDTH) or words.SAYS_NOTHING
    return [(when, MUTED), (answer, ""), *_mark(moment.mark)]
