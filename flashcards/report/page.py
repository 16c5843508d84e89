"""The page itself: HTML that needs nothing else. Every text of a deck or a model is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from flashcards.charts.curves import Curve, curves
from flashcards.charts.lettering import escaped
from flashcards.report import words
from flashcards.report.questions import questions
from flashcards.report.story import Story, guess_of, hardest, tellable
from flashcards.report.styles import CSS
from flashcards.report.wall import cards_a_cell, wall
from flashcards.runs.events import ExamTaken
from flashcards.runs.folder import RunError, RunFolder, write_atomically
from flashcards.runs.log import read_run
from flashcards.runs.marks import RIGHT
from flashcards.runs.values import Score
from flashcards.runs.verdict import counted, percent, rival_name, wilson

N_HARDEST, N_HISTORIES, N_GUESSES = 12, 5, 12
NOTHING = "(nothing)"


def page(story: Story, exams: tuple[ExamTaken, ...]) -> str:
    """The report of a run as one HTML page."""
    start = story.start
    name = start.name or start.deck
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escaped(name)} · flashcards</title><style>{CSS}</style></head><body>",
        f"<header><p class=means>{words.TITLE}</p><h1>{escaped(name)}</h1>",
        f"<p class=shows>{escaped(start.shows)}</p>" if start.shows else "",
        *_facts(story),
        "</header><main>",
        *_verdict(story),
        *_scores(story),
        *_curves(story, exams),
        *_wall(story),
        *_hardest(story),
        *_histories(story),
        *_pins(story),
        *_again(story),
        *_questions(story),
        f"</main><p class=foot>{words.FOOT} {escaped(story.info.run)}.</p>",
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def write_report(folder: Path, story: Story, target: Path) -> None:
    """Write the page.

    Raises:
        RunError: the log can't be read, or the file can't be written.
    """
    try:
        happened = read_run(RunFolder.open(folder).log_path, [ExamTaken])
        exams = tuple(event for event in happened if isinstance(event, ExamTaken))
        write_atomically(target, page(story, exams).encode("utf-8", "replace"), mode=0o644)
    except OSError as error:
        raise RunError(f"{target} can't be written: {error.strerror or error}") from error


def _section(title: str, *body: str, style: str = "") -> Iterator[str]:
    yield f'<section class="{style}"><h2>{escaped(title)}</h2>'
    yield from body
    yield "</section>"


def _means(text: str) -> str:
    return f"<p class=means>{escaped(text)}</p>" if text else ""


def _facts(story: Story) -> Iterator[str]:
    start, state = story.start, story.state
    rows = [
        (words.CARDS, words.taught(start.n_taught, start.n_held_out)),
        (words.MODEL, words.numbers(start.n_parameters)),
        (words.TAUGHT, words.how_long(state.step, state.cards_taught, state.train_seconds)),
        (words.SEED, str(start.seed) + (f", {words.SHUFFLED}" if start.is_shuffled else "")),
    ]
    yield "<dl>"
    yield from (f"<dt>{escaped(name)}</dt><dd>{escaped(text)}</dd>" for name, text in rows)
    yield "</dl>"


def _verdict(story: Story) -> Iterator[str]:
    if story.said is None:
        yield f"<p class=verdict>{words.NO_VERDICT}</p>"
        return
    lead = "" if story.has_ended else f"{words.VERDICT_SO_FAR} "
    yield f'<p class="verdict {story.said.kind}">{escaped(lead + story.said.sentence)}</p>'


def _scores(story: Story) -> Iterator[str]:
    shown = story.state.ended or story.state.exam
    if shown is None:
        return
    rows = [(words.THE_MODEL, shown.seen, shown.unseen)]
    rows += [(rival_name(r.name), r.seen, r.unseen) for r in story.state.rivals]
    is_sample = isinstance(shown, ExamTaken) and not shown.is_full
    table = [
        f"<table><tr><th>{words.WHO}</th><th class=num>{words.SEEN}</th>"
        f"<th class=num>{words.NEVER_SEEN}</th></tr>",
        *(
            f"<tr><td>{escaped(name)}</td>{_score(seen)}{_score(unseen)}</tr>"
            for name, seen, unseen in rows
        ),
        "</table>",
    ]
    note = _means(words.SAMPLE) if is_sample else ""
    yield from _section(words.SCORES, *table, note, _means(words.SCORES_MEAN))


def _score(score: Score) -> str:
    if score.rate is None:
        return "<td class=num>–</td>"
    low, high = wilson(score)
    interval = f"{math.floor(100 * low)}–{math.ceil(100 * high)} %"
    return (
        f"<td class=num><b>{percent(score.rate)}</b> {counted(score)} "
        f"<span class=interval>{interval}</span></td>"
    )


def _curves(story: Story, exams: tuple[ExamTaken, ...]) -> Iterator[str]:
    if not exams:
        return
    start = story.start
    curve = Curve(
        title=start.name or start.deck,
        n_taught=start.n_taught,
        n_held_out=start.n_held_out,
        seed=start.seed,
        exams=exams,
    )
    yield from _section(words.CURVES, curves([curve], ""))


def _wall(story: Story) -> Iterator[str]:
    share = cards_a_cell(len(story.cards))
    means = " ".join((words.WALL_MEANS, words.worst_of(share))).strip()
    yield from _section(words.WALL, _means(means), wall(story.cards, words.WALL))


def _hardest(story: Story) -> Iterator[str]:
    cards = hardest(story, N_HARDEST)
    if not cards:
        yield from _section(words.HARDEST, f"<p>{words.HARDEST_NONE}</p>")
        return
    rows = [
        f"<tr><td>{escaped(card.prompt)}</td><td>{escaped(card.answer)}</td>"
        f"<td class=num>{words.exams(card.n_wrong, card.n_asked)}</td>"
        f"<td class=num>{_first_right(card.first_right_step)}</td></tr>"
        for card in cards
    ]
    head = (
        f"<table><tr><th>{words.PROMPT}</th><th>{words.ANSWER}</th>"
        f"<th class=num>{words.WRONG_IN}</th><th class=num>{words.FIRST_RIGHT}</th></tr>"
    )
    yield from _section(words.HARDEST, _means(words.HARDEST_MEANS), head, *rows, "</table>")


def _first_right(step: int | None) -> str:
    return words.NEVER if step is None else words.at_step(step)


def _histories(story: Story) -> Iterator[str]:
    prompts = tellable(story, N_HISTORIES)
    if not prompts:
        return
    records = {card.prompt: card for card in story.cards}
    body: list[str] = []
    for prompt in prompts:
        rows = story.by_prompt[prompt]
        if len(rows) > N_GUESSES:
            rows = [*rows[: N_GUESSES - 4], *rows[-4:]]
        answer = rows[-1][1].answer
        body.append(f"<h3>{escaped(prompt)} → {escaped(answer)}</h3><ul class=history>")
        body += [_guess(words.at_step(step), guess_of(c), c.mark or "wrong") for step, c in rows]
        record = records.get(prompt)
        if record is not None and record.last_mark:
            is_right = record.last_mark == RIGHT
            said = record.answer if is_right else words.NOT_RIGHT
            body.append(_guess(words.LAST_EXAM, said, "right" if is_right else "wrong", said=said))
        body.append("</ul>")
    yield from _section(words.HISTORIES, _means(words.HISTORIES_MEANS), *body, style="long")


def _guess(when: str, guess: str, mark: str, said: str | None = None) -> str:
    text = (guess.strip() or NOTHING) if said is None else said
    return (
        f"<li><small>{escaped(when)}</small> <span class={mark}>"
        f"{words.EXPLAINS_MARKS[mark]} {escaped(text)}</span></li>"
    )


def _pins(story: Story) -> Iterator[str]:
    if not story.state.pins:
        return
    body: list[str] = []
    for pin in story.state.pins.values():
        body.append(f"<h3>{escaped(pin.prompt)}</h3><ul class=history>")
        body += [
            f"<li><small>{words.at_step(answer.step)}</small> {escaped(answer.answer or NOTHING)} "
            f"<small>{percent(answer.probability)}</small></li>"
            for answer in pin.answers.items[-N_GUESSES:]
        ]
        body.append("</ul>")
    yield from _section(words.PINS, *body)


def _again(story: Story) -> Iterator[str]:
    info = story.info
    steered = _means(words.steered(story.n_steered)) if story.n_steered else ""
    settings = {
        **{name: value for name, value in info.settings.items() if value is not None},
        "device": info.device,
        "machine": info.machine,
        "started": info.started,
        "deck sha256": info.deck_sha256[:16],
        **info.versions,
    }
    rows = [
        f"<dt>{escaped(name)}</dt><dd>{escaped(str(value))}</dd>"
        for name, value in settings.items()
    ]
    yield from _section(
        words.AGAIN,
        f"<p class=again><code>{escaped(story.share)}</code></p>",
        _means(words.AGAIN_MEANS),
        steered,
        f"<h3>{words.SETTINGS}</h3><dl class=means>",
        *rows,
        "</dl>",
    )


def _questions(story: Story) -> Iterator[str]:
    asked = questions(story)
    yield from _section(
        words.QUESTIONS,
        _means(words.QUESTIONS_MEAN),
        '<ol class="questions">',
        *(f"<li>{escaped(question.text)}</li>" for question in asked),
        "</ol>",
        style="class",
    )
    yield from _section(
        words.NOTES,
        '<ol class="questions means">',
        *(f"<li>{escaped(question.note)}</li>" for question in asked),
        "</ol>",
        style="notes",
    )
