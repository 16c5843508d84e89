"""The model's answer to a typed prompt, the most important first: the end may not fit."""

import math
from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.widgets.cells import (
    MUTED,
    Row,
    Sheet,
    cut,
    cut_row,
    flowing,
    padded,
    row_width,
    spread,
    wrap,
)
from flashcards.app.widgets.large import large
from flashcards.app.widgets.pin_rows import teachers
from flashcards.base.language import format_number, tr
from flashcards.runs import events, values
from flashcards.wording import facts, lesson
from flashcards.wording.numbers import chance, count
from flashcards.wording.pieces import in_pieces, quoted_piece

MARKS: dict[values.Mark, tuple[str, str]] = {
    "right": (lesson.MARK_SIGNS["right"], "bold $text-success"),
    "nearly": (lesson.MARK_SIGNS["nearly"], "bold $text-warning"),
    "wrong": (lesson.MARK_SIGNS["wrong"], "bold $text-error"),
}
NO_MARK = (" ", "bold $text-primary")
PERCENT_WIDTH = 8
ANSWER_SHARE = 3  # answers take up to a third of the width


def idea_rows(moments: Sequence[events.PinAnswered], width: int, height: int) -> list[Row]:
    if not moments or height < 2:
        return []
    picked, step = pick(moments, height - 1), tr("step")
    step_width = max(len(step), *(len(count(moment.step)) for moment in picked))
    longest = max(len(moment.answer or lesson.nothing()) for moment in picked)
    answer_width = min(max(6, longest), width // ANSWER_SHARE)
    heading = f"{step:>{step_width}}  {padded(tr('says'), answer_width)}    {tr('how sure')}"
    rows = [_row(moment, step_width, answer_width, width) for moment in picked]
    return [[(padded(heading, width), MUTED)], *rows]


def _row(moment: events.PinAnswered, step_width: int, answer_width: int, width: int) -> Row:
    sign, style = NO_MARK if moment.mark is None else MARKS[moment.mark]
    answer = cut(moment.answer or lesson.nothing(), answer_width)
    row: Row = [
        (f"{count(moment.step):>{step_width}}  ", MUTED),
        (padded(answer, answer_width), style if moment.mark == "right" else "bold"),
        (f" {sign}  ", style),
        (padded(chance(moment.probability), PERCENT_WIDTH), MUTED),
    ]
    room = width - row_width(row)
    if room >= 4:
        n_full = min(room, max(0, round(moment.probability * room)))
        row += [("━" * n_full, style), ("─" * (room - n_full), "$track")]
    return row


def pick(moments: Sequence[events.PinAnswered], n: int) -> list[events.PinAnswered]:
    """At most `n` of them in order: the ends, then the newest turns, then others, evenly."""
    if len(moments) <= n:
        return list(moments)
    last = len(moments) - 1
    turns = [i for i in range(last, 0, -1) if moments[i].answer != moments[i - 1].answer]
    chosen = dict.fromkeys([last, 0, *turns][:n])
    rest = [i for i in range(len(moments)) if i not in chosen]
    n_more = n - len(chosen)
    for k in range(n_more):
        chosen[rest[k * len(rest) // n_more]] = None
    return [moments[i] for i in sorted(chosen)]


LABEL_WIDTH = 9
LEAST_GAP = 3  # between what stands at the two ends of a line
N_TEACHERS = 5
N_ALTERNATIVES = 2
TAUGHT_LINES = 2
MEANING_LINES = 3
MESSAGE_LINES = 4
TALL = 12
THEY_HAVE: tuple[values.Stamp, ...] = ("seen", "not_yet_taught")
"""Prompts whose very card programs that copy have: of these nothing is compared."""

N_OF_RIVALS = 7  # rows of what they say: a gap, a heading, three answers, a gap and what that means
LARGE = (8, 4)
"""The rows that an answer takes in letters of each size, the largest first."""

HISTORY_LINES = (1, 3)  # a history takes so many rows, on a sheet of `TALL` rows and more
MAX_CHANGES = 40
HISTORY_WIDTHS = (10, 20)
"""One answer in a history is cut at this: on a narrow sheet, on one of 100 cells and more."""

STAMPS: dict[values.Stamp, tuple[str, str]] = {
    "seen": ("bold reverse $text-primary", "a card whose answer it was taught"),
    "not_yet_taught": ("bold reverse $text-muted", "a card whose turn to be taught has not come"),
    "held_out": ("bold reverse $text-accent", "a card it is only asked, never taught"),
    "new": ("bold underline", "no card asks this"),
}
"""The style of each stamp, and what it means, in English."""


class AnswerView(Struct, frozen=True):
    """An answer, or a `message` in its place; a field that is None was not said yet, or not asked.

    Attributes:
        before: Earlier answers to the same prompt, newest first.
        taught: The outcome of teaching it, "" when it was not taught; `is_refused`: nor will be.
        pinned: Its answers at the exams since it was pinned.
        past: Its answers at the saved states, of which `n_left` come yet; alone `is_past_shown`.
        pins: Every pinned prompt with its answers, for when nothing is asked.
        is_text: The model reads a text: what it says goes on with what was typed.
        common: An answer that is right for many cards of the deck; None without one.
        deck: The name of what the model is taught.
        can_switch: F6 asks the same without the adapter, or with it again.
    """

    message: str = ""
    answered: events.PromptAnswered | None = None
    before: tuple[events.PromptAnswered, ...] = ()
    rivals: tuple[values.RivalAnswer, ...] | None = None
    taught: str = ""
    is_refused: bool = False
    pinned: tuple[events.PinAnswered, ...] | None = None
    learned_from: events.PinTaught | None = None
    past: tuple[events.PinAnswered, ...] | None = None
    n_left: int = 0
    is_past_shown: bool = False
    pins: tuple[tuple[str, tuple[events.PinAnswered, ...]], ...] = ()
    is_text: bool = False
    common: values.CommonAnswer | None = None
    can_switch: bool = False
    deck: str = ""


class AnswerSheet(Sheet[AnswerView]):
    def draw(self, view: AnswerView, width: int, height: int) -> list[Row]:
        answered = view.answered
        if answered is None:
            rows = _taught(view, width)
            rows += [[(line, MUTED)] for line in wrap(view.message, width, MESSAGE_LINES)]
            widths = (max(LABEL_WIDTH, width // 5), width)
            for prompt, moments in view.pins:
                rows += _history(prompt, "bold", moments, widths)
            return rows
        if view.is_past_shown:
            return _idea(view, answered, width, height)
        if answered.spread:
            return _drawn(view, answered, width, height)
        if view.is_text:
            return _continued(answered, width, height)
        n_large = _letters(view, answered, width, height)
        rows = _about_one(view, answered, width, height, n_large)
        return [*rows, *(_earlier(earlier, width) for earlier in _before(view)[1])]


def _letters(view: AnswerView, answered: events.PromptAnswered, width: int, height: int) -> int:
    """Return how many rows the letters of an answer take: the most that leave room for all else.
    What copying programs say has its room before it comes, so that letters keep their size."""
    alone = replace(view, rivals=None)
    n_left = height - (0 if answered.stamp in THEY_HAVE else N_OF_RIVALS)
    return next(
        (n for n in LARGE if len(_about_one(alone, answered, width, math.inf, n)) <= n_left), 0
    )


def _about_one(
    view: AnswerView, answered: events.PromptAnswered, width: int, height: float, n_large: int
) -> list[Row]:
    """Show one answer in letters of `n_large` rows, and all that belongs to it."""
    correct = " | ".join(answered.correct_answers)
    gap: Row = [(" ", "")]
    read = _labelled(tr("it reads"), in_pieces(answered.prompt_pieces), width)
    about = _about_truth(answered)
    truth: list[Row] = [[(line, "bold")] for line in wrap(about, width, 2) if line]
    instead: Row = []
    is_between = lesson.GUESSING <= answered.probability < lesson.QUITE_SURE
    if height >= TALL and is_between:  # beside a sure answer, or a mere guess, others say nothing
        alternatives = "   ".join(answered.alternatives[:N_ALTERNATIVES])
        instead = _labelled(tr("or maybe"), alternatives, width)
    rows = [
        _stamped(view, answered, width),
        gap,
        *_taught(view, width),
        read,
        *_answer_rows(answered, width, n_large),
        *_calls(answered, width),
        *_other_adapter(view, width),
        gap,
        *([*truth, gap] if truth else []),
        *([instead, gap] if instead else []),
        _switch(view, answered, width),
        *([*_correct_rows(answered, width, n_large), gap] if correct else []),
    ]
    n_lines = HISTORY_LINES[height >= TALL]
    widths = (LABEL_WIDTH, width)
    if view.pinned is not None:
        rows += _history(tr("pinned"), MUTED, view.pinned, widths, n_lines)
    if view.learned_from is not None:
        label = f"{tr('learned from')} "
        n_lines = TAUGHT_LINES if height >= TALL else 1
        room = width - LABEL_WIDTH
        lines = teachers(view.learned_from, label, room, n_lines, N_TEACHERS)
        rows += [[(" " * LABEL_WIDTH, ""), (line, "")] for line in lines]
    rivals = _compared(view, answered)
    names = [facts.rival_name(rival.name) for rival in rivals]
    n_name = max(map(cell_len, names), default=0) + 2
    if names:
        rows.append(gap)
        heading = tr("For comparison, programs that only copy taught cards would say:")
        rows += [[(line, MUTED)] for line in wrap(heading, width, 2)]
    for name, rival in zip(names, rivals, strict=True):
        row: Row = [(" " * LABEL_WIDTH + padded(name, n_name), MUTED)]
        rows.append(cut_row([*row, (_copied(rival, answered), "")], width))
    if meaning := _about_rivals(view, answered):
        rows += [gap, *([(line, "bold")] for line in wrap(meaning, width, MEANING_LINES))]
    rows = _without_second_gaps([row for row in rows if row], gap)
    for row in (*[gap] * rows.count(gap), instead, read):
        if row in rows and len(rows) > height:
            rows.remove(row)  # rather than the last rival
    return rows


def _without_second_gaps(rows: list[Row], gap: Row) -> list[Row]:
    """Leave out each gap that follows another one: what stood between them has nothing to say."""
    spaced: list[Row] = []
    for row in rows:
        if row != gap or spaced[-1:] != [gap]:
            spaced.append(row)
    return spaced


def _drawn(view: AnswerView, answered: events.PromptAnswered, width: int, height: int) -> list[Row]:
    """Show several answers to one prompt, each with how often it was drawn."""
    n = sum(drawn.n for drawn in answered.spread)
    text = tr(
        "{n} answers, drawn by chance (temperature {temperature}):",
        n=n,
        temperature=format_number(answered.options.temperature, "g"),
    )
    rows: list[Row] = [
        _stamped(view, answered, width),
        [(" ", "")],
        [(cut(text, width), MUTED)],
    ]
    longest = max(cell_len(drawn.text or lesson.nothing()) for drawn in answered.spread)
    answer_width = min(longest, width // ANSWER_SHARE) + 1
    for drawn in answered.spread[: max(1, height - 5)]:
        mark = answered.mark_of(drawn.text)
        row: Row = [
            (f"{drawn.n:>3} × ", MUTED),
            (padded(cut(drawn.text or lesson.nothing(), answer_width), answer_width), "bold"),
            *(_mark(mark) or [("  ", "")]),
            (" ", ""),
        ]
        room = width - row_width(row)
        n_full = round(drawn.n / n * room)
        rows.append(
            [
                *row,
                ("━" * n_full, MARKS[mark][1] if mark else NO_MARK[1]),
                ("─" * (room - n_full), "$track"),
            ]
        )
    if answered.correct_answers:
        rows += [
            [(" ", "")],
            _labelled(tr("right is"), " | ".join(answered.correct_answers), width, "bold"),
        ]
    return rows


def _copied(rival: values.RivalAnswer, answered: events.PromptAnswered) -> str:
    """Give a rival's answer; of the one that copies the most similar card, with that card."""
    if rival.answer is None:
        return tr("(not among the taught cards)")
    answer = rival.answer or lesson.nothing()
    if rival.name != "nearest" or not answered.nearest:
        return answer
    nearest = quoted_piece(answered.nearest[0])  # both go by the fewest edits
    return tr("{answer}   (the card {prompt})", answer=answer, prompt=nearest)


def _compared(view: AnswerView, answered: events.PromptAnswered) -> tuple[values.RivalAnswer, ...]:
    """Return what copying programs say. Of a taught card they have the card itself; where nobody
    knows what is right, and the model only guesses, there is nothing to compare."""
    is_idle_guess = not answered.correct_answers and answered.probability < lesson.GUESSING
    if answered.stamp in THEY_HAVE or is_idle_guess:
        return ()
    return view.rivals or ()


def _about_rivals(view: AnswerView, answered: events.PromptAnswered) -> str:
    """Compare the rivals' answers with the model's: say that it formed its own, why those who learn
    nothing have the same, or who of them is right; "" where that says nothing."""
    rivals = _compared(view, answered)
    if not rivals:
        return ""
    answers = {rival.answer for rival in rivals} - {None}
    right = set(answered.correct_answers)
    is_sensible = bool(answered.step and answered.answer) and (
        not right or answered.answer in right
    )
    is_sure = answered.probability >= lesson.SURE
    if is_sensible and is_sure and answered.answer not in answers:
        what = "None of them says {answer}: the model formed it by what it has learned."
        if not right:
            what = "None of them says {answer}: the model put it together itself, right or wrong."
        return tr(what, answer=quoted_piece(answered.answer))
    if view.common is not None and view.common.answer in answers & {answered.answer, *right}:
        return facts.common_answer(view.common)
    if not right:
        return ""
    match answered.mark_of(answered.answer), bool(answers & right):
        case "right", True:
            return tr("A program that copies has the right answer, too.")
        case "wrong", True:
            return tr("A program that copies has the right answer, the model hasn't.")
        case "wrong", False if answered.step:
            return tr("None of them has the right answer, and the model hasn't either.")
        case _:
            return ""


def _about_truth(answered: events.PromptAnswered) -> str:
    """Say that the program can't tell what is right, where no card has this prompt."""
    if answered.correct_answers or answered.near_duplicate or not answered.answer:
        return ""
    return tr("No card has this prompt, so the program can't tell what is right. You judge.")


def _continued(answered: events.PromptAnswered, width: int, height: int) -> list[Row]:
    title: Row = [(tr("It goes on, drawn from what it finds probable"), MUTED)]
    rows = [spread(title, [(tr("at step {step}", step=count(answered.step)), MUTED)], width)]
    n_bold = len(answered.prompt)
    begin = 0
    for line in wrap(answered.prompt + answered.answer, width, max(1, height - 1)):
        n_muted = max(0, min(len(line), n_bold - begin))
        rows.append([(line[:n_muted], MUTED), (line[n_muted:], "bold")])
        begin += len(line) + 1
    return rows


def _idea(view: AnswerView, answered: events.PromptAnswered, width: int, height: int) -> list[Row]:
    correct = " | ".join(answered.correct_answers)
    title = f"{answered.prompt} → {correct}" if correct else answered.prompt
    moments = view.past or ()
    rows = idea_rows(moments, width, height - 1)
    n_shown = len(rows) - 1
    n = len(moments)
    if view.n_left or not moments:
        note = tr("{n_left} more…", n_left=view.n_left)
    elif n_shown < n:
        note = tr("{n_shown} of {n} saved states", n_shown=count(n_shown), n=count(n))
    else:
        note = tr("what each of {n} saved states says", n=count(n))
    room = width - len(note) - 2
    head = spread([(cut(title, room), "bold")], [(note, MUTED)], width)
    return [head, *rows]


def _stamped(view: AnswerView, answered: events.PromptAnswered, width: int) -> Row:
    """Say whether the prompt is a card that was taught, and which model answered."""
    stamp = f" {lesson.stamp_label(answered.stamp, answered.times_seen)} "
    right: Row = [(_when(answered), MUTED)]
    left: Row = [(stamp, STAMPS[answered.stamp][0])]
    room = width - row_width(left) - row_width(right) - 2
    if answered.near_duplicate:
        near = lesson.stamp_label(answered.near_stamp, answered.near_times_seen)
        meaning = tr(
            "but nearly a card: “{prompt}”, {stamp}",
            prompt=cut(answered.near_duplicate, max(4, room - 22 - len(near))),
            stamp=near,
        )
    else:
        meaning = tr(STAMPS[answered.stamp][1])
    style = "bold" if answered.near_duplicate else MUTED
    left.append((f" {cut(meaning, room)}", style))
    of_deck = f"{view.deck}, {_when(answered)}"
    if view.deck and row_width(left) + cell_len(of_deck) + LEAST_GAP <= width:
        right = [(of_deck, MUTED)]
    return spread(left, right, width)


def _taught(view: AnswerView, width: int) -> list[Row]:
    if not view.taught:
        return []
    label = tr("refused") if view.is_refused else tr("taught")
    style = "bold $text-error" if view.is_refused else "bold $text-success"
    lines = wrap(view.taught, width - LABEL_WIDTH, TAUGHT_LINES)
    labels = [padded(label, LABEL_WIDTH), *[" " * LABEL_WIDTH] * len(lines)]
    return [[(label, style), (line, "")] for label, line in zip(labels, lines, strict=False)]


def _answer_rows(answered: events.PromptAnswered, width: int, n_large: int) -> list[Row]:
    """Return what the model says, large where there is room, and how good that is."""
    answer = answered.answer or lesson.nothing()
    mark = answered.mark_of(answered.answer)
    judged: Row = [*_mark(mark, "  "), (f"  {lesson.judgement(mark, answered.probability)}", "")]
    room = width - LABEL_WIDTH
    label: Row = [(padded(tr("it says"), LABEL_WIDTH), MUTED)]
    below: Row = [(" " * (LABEL_WIDTH - 2), ""), *judged]
    style = "bold" if mark is None else MARKS[mark][1]
    if drawn := _large(tr("it says"), answered.answer, style, width, n_large):
        return [*drawn, cut_row(below, width)]
    if cell_len(answer) + row_width(judged) <= room:
        rows: list[Row] = [[*label, (answer, "bold"), *judged]]
    else:
        rows = [[*label, (cut(answer, room), "bold")], cut_row(below, width)]
    return rows


def _correct_rows(answered: events.PromptAnswered, width: int, n_large: int) -> list[Row]:
    """The right answer; as large as what the model says, where that is another."""
    correct = " | ".join(answered.correct_answers)
    n_rows = 0 if answered.mark_of(answered.answer) == "right" else n_large
    normal = _labelled(tr("right is"), correct, width, "bold")
    return _large(tr("right is"), correct, "bold", width, n_rows) or [normal]


def _large(label: str, text: str, style: str, width: int, n_rows: int) -> list[Row]:
    """A text in large letters behind its label; [] where it can't be drawn, or has no room."""
    rows = large(text, style, width - LABEL_WIDTH, n_rows) if n_rows and text else []
    labels = {len(rows) // 2: label}
    return [[(padded(labels.get(i, ""), LABEL_WIDTH), MUTED), *row] for i, row in enumerate(rows)]


def _calls(answered: events.PromptAnswered, width: int) -> list[Row]:
    """Show what the tool made of each call, and the answer with the results in it."""
    if not answered.calls:
        return []
    results = "   ".join(f"{call.call} → {call.result or '?'}" for call in answered.calls)
    worked_out = _labelled(tr("so it is"), answered.worked_out, width, "bold")
    return [_labelled(tr("tool"), results, width), worked_out]


def _mark(mark: values.Mark | None, space: str = " ") -> Row:
    return [] if mark is None else [(space + MARKS[mark][0], MARKS[mark][1])]


def _labelled(label: str, text: str, width: int, style: str = "") -> Row:
    if not text:
        return []
    label = padded(label, LABEL_WIDTH)
    return [(label, MUTED), (cut(text, width - LABEL_WIDTH), style)]


def _when(answered: events.PromptAnswered) -> str:
    text = "at step {step}, without the adapter" if answered.is_adapter_off else "at step {step}"
    return tr(text, step=count(answered.step))


def _before(
    view: AnswerView,
) -> tuple[events.PromptAnswered | None, list[events.PromptAnswered]]:
    """Return what it answered last without its adapter, where this is an answer with it, or the
    other way round; then the other earlier answers."""
    before = [earlier for earlier in view.before if not earlier.spread]
    for earlier in before:
        if view.answered is not None and earlier.is_adapter_off != view.answered.is_adapter_off:
            return earlier, [other for other in before if other is not earlier]
    return None, before


def _other_adapter(view: AnswerView, width: int) -> list[Row]:
    """Show what it answered without its adapter, or with it."""
    other = _before(view)[0]
    if other is None:
        return []
    when = tr("at step {step}, with the adapter", step=count(other.step))
    return [_earlier(other, width, _when(other) if other.is_adapter_off else when)]


def _switch(view: AnswerView, answered: events.PromptAnswered, width: int) -> Row:
    """Name the key that asks the same without the adapter, or with it."""
    text = "the same question without the adapter"
    if answered.is_adapter_off:
        text = "the same question with the adapter"
    return _labelled("F6", tr(text), width) if view.can_switch else []


def _earlier(answered: events.PromptAnswered, width: int, time: str = "") -> Row:
    when: Row = [(time or _when(answered), MUTED)]
    sure = chance(answered.probability)
    room = width - LABEL_WIDTH - row_width(when) - len(sure) - 4
    left: Row = [
        (padded(tr("before"), LABEL_WIDTH), MUTED),
        (cut(answered.answer or lesson.nothing(), room), ""),
        *_mark(answered.mark_of(answered.answer), "  "),
        (f"  {sure}", MUTED),
    ]
    return spread(left, when, width)


def _history(
    label: str,
    style: str,
    moments: Sequence[events.PinAnswered],
    widths: tuple[int, int],
    n_lines: int = 1,
) -> list[Row]:
    """Show how the answer changed: `step 0 xqz · 64 bana · 128 banana ✓`; what does not fit into so
    many lines is an ellipsis behind the first change. `widths`: of the label, and of all of it."""
    label_width, width = widths
    answer_width = HISTORY_WIDTHS[width >= 100]
    alike = groupby(moments, key=lambda moment: (moment.answer, moment.mark))
    changes = [next(same) for _, same in alike]
    changes = [*changes[:1], *changes[1:][-MAX_CHANGES:]]
    parts: list[Row] = [
        [
            (f"{count(moment.step)} ", MUTED),
            (cut(moment.answer, answer_width) or lesson.nothing(), ""),
            *_mark(moment.mark),
        ]
        for moment in changes
    ]
    if not parts:
        parts = [[(tr("asked at the next exam"), MUTED)]]
    else:
        parts[0] = [(f"{tr('step')} ", MUTED), *parts[0]]
    dot = (" · ", MUTED)
    room = width - label_width
    lines = flowing(parts, room, dot)
    n_newest = len(parts) - 1
    while len(lines) > n_lines and n_newest > 0:
        n_newest -= 1
        newest = parts[len(parts) - n_newest :]
        lines = flowing([parts[0], [("…", MUTED)], *newest], room, dot)
    labels = [padded(cut(label, label_width - 1), label_width), *[" " * label_width] * n_lines]
    rows = zip(labels, lines[:n_lines], strict=False)
    return [cut_row([(start, style), *row], width) for start, row in rows]
