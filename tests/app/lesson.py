"""Scripted lessons for the tests of the screen. Every number here is made up for the test."""

import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
from textual.binding import Binding

from flashcards.app.lesson.play import PlayScreen
from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.app.view import View
from flashcards.runs import events as ev, values as val
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG, pack
from flashcards.runs.state import RunState
from tests import told

STYLESHEET = Path(__file__).parents[2] / "flashcards" / "app" / "app.tcss"


class Host(ColourApp):
    CSS_PATH = STYLESHEET

    def __init__(self, view: View, theme: str) -> None:
        super().__init__()
        self.theme, self.view = theme, view

    def on_mount(self) -> None:
        self.push_screen(self.view)


class PlayHost(Host):
    """With the keys that the footer of a play screen shows."""

    BINDINGS = [  # noqa: RUF012
        Binding("space", "noop(1)", "play"),
        Binding("right", "noop(2)", "one card", key_display="→"),
        Binding("plus", "noop(3)", "faster", key_display="+"),
        Binding("minus", "noop(4)", "slower", key_display="−"),
        Binding("a", "noop(5)", "ask"),
        Binding("d", "noop(6)", "decks"),
        Binding("question_mark", "noop(7)", "help", key_display="?"),
        Binding("q", "noop(8)", "quit"),
    ]

    def __init__(self, theme: str = "textual-dark", deck_name: str = "past-tense") -> None:
        self.play = PlayScreen(deck_name=deck_name)
        super().__init__(self.play, theme)


def started(n_taught: int = 2880, n_held_out: int = 800, **changes: object) -> ev.RunStarted:
    n = n_taught + n_held_out
    mask = bytearray(n)
    for i in range(n_held_out):
        mask[i * n // n_held_out] = 1
    fields: dict[str, object] = {
        "deck": "past-tense",
        "name": "past-tense",
        "deck_path": "past-tense.deck",
        "n_taught": n_taught,
        "n_held_out": n_held_out,
        "rivals": (val.Rival("lookup", val.Score(n_taught, n_taught), val.Score(0, n_held_out)),),
        "n_parameters": 190_336,
        "n_pieces": 37,
        "guessing_nats": math.log(37),
        "batch_size": 32,
        "learning_rate": 0.02,
        "held_out": pack(bytes(mask)),
        "shows": "English verbs: the rule is learned, and the irregular ones are over-regularised.",
    }
    return told.started(**{**fields, **changes})


def change(before: float = 0.36, after: float = 0.52) -> val.Change:
    return val.Change(
        probability_before=before,
        probability_after=after,
        gradient_norm=0.84,
        relative_change=0.0002,
        n_parameters=190_336,
        up=(val.Push("a", 1.1), val.Push("n", 0.2)),
        down=(val.Push("i", -1.3), val.Push("e", -0.4)),
        helped=(val.Ripple("ring", -0.2, False), val.Ripple("drink", -0.1, True)),
        hurt=(val.Ripple("hang", 0.1, False),),
    )


def correction(
    prompt: str = "sing",
    answer: str = "sang",
    guess: str = "singed",
    probabilities: tuple[float, ...] = (0.98, 0.4, 0.97, 0.99, 0.95),
    mark: val.Mark | None = None,
    n_cards: int = 32,
    **changes: object,
) -> val.Correction:
    """A correction with a piece for each character; without a mark, right or wrong as guessed."""
    is_right = guess == answer
    texts = [*answer, "⏎"]
    odds = [probabilities[i % len(probabilities)] for i in range(len(texts))]
    given = changes.get("pieces")
    if isinstance(given, tuple):
        odds = [piece.before for piece in given]
    fields: dict[str, object] = {
        "card_index": 212,
        "prompt": prompt,
        "answer": answer,
        "section": "irregular",
        "times_seen": 31,
        "n_cards": n_cards,
        "history": "wwwwnwrwwnrn",
        "guess": tuple(val.GuessPiece(c, 0.8) for c in guess),
        "piece_mark": mark or ("right" if is_right else "wrong"),
        "pieces": tuple(
            val.AnswerPiece(t, p, is_right or p > 0.5, min(1.0, p + 0.1))
            for t, p in zip(texts, odds, strict=False)
        ),
        "error_nats": -sum(math.log(p) for p in odds if p),
        "change": change(float(f"{math.prod(odds):.2g}")),
    }
    return val.Correction(**{**fields, **changes})  # type: ignore[arg-type]


def marks_of(n: int) -> bytes:
    """Mostly right, some not."""
    values = bytearray([RIGHT]) * n
    for i in range(n):
        if i * 7919 % 411 < 2:
            values[i] = ONE_OFF
        elif i * 104_729 % 397 < 2:
            values[i] = WRONG
    return bytes(values)


def lesson(n_exams: int = 120, n_taught: int = 2880, n_held_out: int = 800) -> list[ev.AnyEvent]:
    return [*_lesson(n_exams, n_taught, n_held_out)]


@cache
def _lesson(n_exams: int, n_taught: int, n_held_out: int) -> tuple[ev.AnyEvent, ...]:
    happened: list[ev.AnyEvent] = [
        ev.TrainerWoke(step=0, stage="reading the deck"),
        started(n_taught, n_held_out),
    ]
    for i in range(n_exams):
        step = 1284 * i // max(1, n_exams - 1)
        wobble = 0.12 * math.sin(i * 2.1) * math.exp(-i / 60)
        seen = 3.6 * math.exp(-i / 18) + 0.08 + wobble
        unseen = 3.6 * math.exp(-i / 24) + 0.21 + wobble / 2
        share = 1 - math.exp(-i / 40)
        happened.append(
            told.exam(
                step,
                (int(n_taught * min(1.0, 0.991 * share)), n_taught),
                (int(n_held_out * min(1.0, 0.927 * share)), n_held_out),
                seen_loss_nats=max(0.02, seen),
                unseen_loss_nats=max(0.1, unseen) if n_held_out else None,
            )
        )
        happened.append(
            told.steps(step, train_seconds=21.1 * i / max(1, n_exams - 1), loss_nats=seen)
        )
    happened += [
        ev.CorrectionMeasured(step=1244, correction=correction("ring", "rang", "rang")),
        ev.CorrectionMeasured(step=1284, correction=correction()),
        ev.DeckMarked(step=1284, marks=pack(marks_of(n_taught + n_held_out))),
    ]
    return tuple(happened)


def worse(event: ev.AnyEvent) -> ev.AnyEvent:
    if not isinstance(event, ev.ExamTaken) or event.step <= 410:
        return event
    share = 0.9 + 0.1 * math.exp((410 - event.step) / 200)
    seen, unseen = (
        val.Score(int(score.right * share), score.total) for score in (event.seen, event.unseen)
    )
    return msgspec.structs.replace(event, seen=seen, unseen=unseen)


def folded(happened: Iterable[ev.AnyEvent]) -> RunState:
    state = RunState()
    for event in happened:
        state.fold(event)
    return state


ENDED = told.ended("understood", (50, 50), (20, 20))
