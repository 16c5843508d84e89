"""The report as one HTML page that needs nothing else; what it says is in templates/report.html."""

import errno
import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flashcards.base.language import format_number, tr
from flashcards.cards.text import why_not
from flashcards.charts.curves import SavedCurve, curves, save
from flashcards.report.questions import questions
from flashcards.report.story import CardRecord, Story, hardest, most_changed
from flashcards.runs import cursor, marks, values, verdict
from flashcards.runs.bets import Bet
from flashcards.runs.events import ExamTaken, TextWritten
from flashcards.runs.folder import RunError, RunFolder, RunInfo
from flashcards.templates.rendering import render
from flashcards.wording import bets, facts, lesson, texts

N_HARDEST = 12
N_HISTORIES = 5
N_GUESSES = 12
N_LAST_GUESSES = 4
N_WRITTEN = 14

WIDTH = 900
MAX_CELLS = 1_800
SMALL, LARGE = 16.0, 30.0


def shared(story: Story, keeps_back: str = "") -> dict[str, object]:
    """Return the values that every page of a run of cards has, by their names in `parts.html`.
    `keeps_back`: what would keep some cards back, where whoever reads it can do it."""
    start = story.start
    state = story.state
    latest = state.latest_scores
    scores = []
    if latest is not None:
        scores = [(tr("the model"), latest.seen, latest.unseen)]
        exam = state.exams.last
        if exam is not None and exam.known is not None:
            scores.append((tr("knew it before"), exam.known.seen, exam.known.unseen))
        scores += [
            (facts.rival_name(rival.name), rival.seen, rival.unseen) for rival in state.rivals
        ]
        if start.common is not None:
            name = facts.always_says(start.common)
            scores.append((name, start.common.seen, start.common.unseen))
    return {
        "name": start.name or start.deck,
        "story": story,
        "verdict": _verdict(story, keeps_back),
        "start": start,
        "never_seen": facts.n_never_seen(start.n_held_out),
        "about": facts.about(start),
        "usual_end": facts.usual_end(state),
        "state": state,
        "scores": scores,
        "is_sample": isinstance(latest, ExamTaken) and not latest.is_full,
        "settings": _settings(story.info),
        "percent": verdict.percent,
        "fraction": verdict.fraction,
        "interval": _interval,
    }


def _verdict(story: Story, keeps_back: str = "") -> str:
    if story.verdict is None:
        return ""
    lead = "" if story.has_ended else facts.so_far(story.verdict)
    return f"{lead} {facts.verdict(story.verdict, keeps_back=keeps_back)}".lstrip()


def page(story: Story, exams: tuple[ExamTaken, ...]) -> str:
    return render(
        "report.html",
        **shared(story, facts.in_deck_file(story.start.n_taught)),
        learning_curves=_learning_curves(story, exams),
        wall=wall_of(story.cards),
        hardest=hardest(story, N_HARDEST),
        histories=[_history(story, prompt) for prompt in most_changed(story, N_HISTORIES)],
        n_guesses=N_GUESSES,
        bets=_bets(story),
        questions=questions(story),
        mark_signs=lesson.MARK_SIGNS,
    )


def _learning_curves(story: Story, exams: tuple[ExamTaken, ...]) -> str:
    start = story.start
    curve = SavedCurve(
        title=start.name or start.deck,
        n_taught=start.n_taught,
        n_held_out=start.n_held_out,
        seed=start.seed,
        exams=exams,
    )
    return curves([curve], "") if exams else ""


Hands = list[tuple[str, tuple[int, ...], str]]
"""Of each place its name, how many gave it, before a talk and after, and the outcome's mark."""


def _bets(story: Story) -> list[tuple[int, str, str, Hands]]:
    """Each bet: its step, what was asked and said, how it ended ("" while it is open), hands."""
    state = story.state
    return [
        (
            bet.placed.step,
            bets.question_and_prediction(bet.placed, state.n_of_side(bet.placed.bet)),
            "" if bet.outcome is None else bets.settled(bet.placed, bet.outcome),
            hands_of(bet, state.n_of_side(bet.placed.bet)),
        )
        for bet in state.bets
    ]


def hands_of(bet: Bet, n_cards: int) -> Hands:
    """Count the answers of a class; `n_cards` are the cards of the side in question. Empty where
    nobody answered."""
    placed = bet.placed
    outcome = bet.outcome
    rounds = [hands for hands in (placed.hands_before, placed.hands) if hands]
    if not rounds:
        return []
    n_places = len(rounds[0])
    names = bets.places(placed.bet, n_cards)
    if len(names) != n_places:  # the deck had another number of cards then
        names = tuple(verdict.percent(place / (n_places - 1)) for place in range(n_places))
    rows = set() if outcome is None else bets.outcome_rows(placed, outcome, n_places)
    mark = "◀"  # of words: each row names its own
    if outcome is not None and placed.share is not None:
        mark = f"◀ {bets.came_out(placed, outcome)}"
    counts = zip(*rounds, strict=False)
    return [
        (name, hands, mark if place in rows else "")
        for place, (name, hands) in enumerate(zip(names, counts, strict=True))
    ]


def reading_page(story: Story, exams: tuple[ExamTaken, ...]) -> str:
    info = story.info
    start = story.start
    state = story.state
    name = start.name or start.deck
    errors: list[tuple[str, float | None, float | None]] = [
        (tr("a blind guess"), start.guessing_nats, start.guessing_nats)
    ]
    for rival in state.rivals:
        seen_nats, unseen_nats = texts.per_piece(state, rival)
        if seen_nats is not None and unseen_nats is not None:
            counting = tr("counting, {how}", how=facts.rival_name(rival.name))
            errors.append((counting, seen_nats, unseen_nats))
    exam = state.exams.last
    if exam is not None:
        errors.append((tr("the model"), exam.seen_loss_nats, exam.unseen_loss_nats))
    return render(
        "reading.html",
        name=name,
        story=story,
        verdict=_verdict(story),
        start=start,
        about=facts.about(start),
        usual_end=facts.usual_end(state),
        state=state,
        errors=[(who, _nats(seen), _nats(unseen)) for who, seen, unseen in errors],
        learning_curves=_learning_curves(story, exams),
        written=_spread(story.written, N_WRITTEN),
        settings=_settings(info),
    )


def _nats(nats: float | None) -> str:
    return "–" if nats is None else format_number(nats, ".2f")


def _spread(written: tuple[TextWritten, ...], n: int) -> list[TextWritten]:
    """Choose at most so many: each about as much later, in proportion, as the one before."""
    if len(written) <= n:
        return list(written)
    last = len(written) - 1
    places = {round(last ** (i / (n - 1))) for i in range(1, n)} | {0}
    return [written[place] for place in sorted(places)]


def _settings(info: RunInfo) -> dict[str, object]:
    return {
        **{name: value for name, value in info.settings.items() if value is not None},
        "device": info.device,
        "machine": info.machine,
        "started": info.started,
        "deck sha256": info.deck_sha256[:16],
        **info.versions,
    }


def write_report(folder: Path, story: Story, target: Path, *, is_worksheet: bool = False) -> None:
    """Write the page, or its questions alone with room to write.
    Raises RunError: the log can't be read, or the file can't be written; or it has no question."""
    if is_worksheet and story.state.is_reading:
        raise RunError(why_not("worksheet", folder.name))
    if is_worksheet:
        name = story.start.name or story.start.deck
        every_question = questions(story)
        save(render("worksheet.html", name=name, questions=every_question), target)
        return
    written = reading_page if story.state.is_reading else page
    save(written(story, exams_of(folder)), target)


def exams_of(folder: Path) -> tuple[ExamTaken, ...]:
    """The run's exams, oldest first. Raises RunError: the log can't be read."""
    try:
        happened = cursor.read_run(RunFolder.open(folder).log_path, [ExamTaken])
        return tuple(event for event in happened if isinstance(event, ExamTaken))
    except OSError as error:
        raise RunError(f"{folder.name} can't be read: {error.strerror or error}") from error


def check_writable(target: Path) -> None:
    """Raises RunError: no file can be written there, or the one there must not be replaced."""
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=target.parent):
            pass
        start = target.read_bytes().lstrip()[:1] if target.is_file() else b""
    except OSError as error:
        raise RunError(f"{target} can't be written: {error.strerror or error}") from error
    if start not in (b"", b"<"):
        text = "is there already and is neither a page nor an SVG picture; -o names another file"
        raise RunError(f"{target} {text}")


def _interval(score: values.Score) -> str:
    """Rounded outwards: never narrower than it is."""
    low, high = verdict.wilson(score)
    return f"{math.floor(100 * low)}–{math.ceil(100 * high)} %"


def _history(story: Story, prompt: str) -> tuple[str, str, list[tuple[str, values.Mark, str]]]:
    """A card's prompt and answer, and what the model said: (when, mark, text), oldest first."""
    rows = story.by_prompt[prompt]
    answer = rows[-1][1].answer
    if len(rows) > N_GUESSES:
        rows = [*rows[: N_GUESSES - N_LAST_GUESSES], *rows[-N_LAST_GUESSES:]]
    guesses: list[tuple[str, values.Mark, str]] = [
        (
            tr("step {n:,}", n=step),
            correction.mark or "wrong",
            values.text_of(correction.guess).strip() or lesson.nothing(),
        )
        for step, correction in rows
    ]
    record = next((card for card in reversed(story.cards) if card.prompt == prompt), None)
    if record is not None and record.last_mark:
        is_right = record.last_mark == marks.RIGHT
        text = record.answer if is_right else tr("not right")
        guesses.append((tr("last exam"), "right" if is_right else "wrong", text))
    return prompt, answer, guesses


@dataclass(frozen=True, slots=True)
class Wall:
    """All cells: the card that each shows, and its middle. `radius`: half the side of a square."""

    cells: tuple[tuple[CardRecord, float, float], ...]
    cards_per_cell: int
    height: float
    radius: float
    width: int = WIDTH

    @property
    def has_known(self) -> bool:
        return any(card.was_known for card, _, _ in self.cells)


def wall_of(cards: Sequence[CardRecord]) -> Wall:
    """Taught cards first, then those never taught; where a cell stands for several, right ones
    before others."""
    n = max(1, math.ceil(len(cards) / MAX_CELLS))
    taught = [card for card in cards if not card.is_never_seen]
    never_seen = [card for card in cards if card.is_never_seen]
    drawn_cards: list[CardRecord] = []
    for side in (taught, never_seen):
        if n > 1:
            side.sort(key=lambda card: card.last_mark, reverse=True)
        drawn_cards += [side[at] for at in marks.shown_in_cells(len(side), n)]
    size = LARGE if len(drawn_cards) <= 200 else SMALL
    n_columns = int(WIDTH // size)
    cells = [
        (card, (i % n_columns + 0.5) * size, (i // n_columns + 0.5) * size)
        for i, card in enumerate(drawn_cards)
    ]
    height = math.ceil(len(drawn_cards) / n_columns) * size
    return Wall(tuple(cells), n, height, size * 0.32)
