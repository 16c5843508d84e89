"""A run's model at several steps, for a page: saved states, and some trained again.

Reads the run folder and writes nothing. What is in a page and how: `templates/lesson.js` reads it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from flashcards.cards.card import PLACE, Deck
from flashcards.cards.chapters import difference
from flashcards.cards.split import sample_by_hash
from flashcards.learner import optimizer, portable
from flashcards.learner.settings import LearnerSettings
from flashcards.runs import cursor, events
from flashcards.runs.details import Portable
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.marks import NOT_ASKED, RIGHT
from flashcards.trainer.again.logged import CannotReplay
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.verifying import elsewhere_than
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.training_state import TrainingState

N_STATES = 12
EARLIEST = 1 / 100
"""The second state is at this share of the lesson, the others in equal proportions after it."""

NEAR_ENOUGH = 1.2
"""A saved state is taken where it is at most this factor away from the step that is wanted."""

MOST_CARDS = 50_000
N_COMPARED = 200  # Cards that are asked at each state, to tell what rounding its numbers changes

Told = Callable[[int, int], None]


def portable_of(
    folder: RunFolder,
    most_bytes: float,
    *,
    n_states: int = N_STATES,
    is_quick: bool = False,
    on_begin: Told = lambda n_states, n_updates: None,
    on_step: Told = lambda step, target: None,
) -> Portable:
    """The model of a run at so many steps, in about `most_bytes`.
    `on_begin` is told how many states are trained again, and in how many updates, if any are;
    `on_step` of each of these. With `is_quick` there are only saved states, as there are where this
    machine or its versions would not train the very same numbers again.
    Raises RunError: the run has no usable state, or is too large.
    Raises OSError: the log can't be read."""
    base = folder.info.base
    if base is not None and "family" in folder.info.settings:
        raise RunError(
            f"{folder.path.name} teaches {base.name}, {base.n_numbers:,} numbers in the form of "
            "others: a page holds models of this program's own form; `flashcards report` writes "
            "one without the model"
        )
    since = _chapter_step(folder)
    saved = sorted({step for step, _ in folder.state_files() if step >= since})
    if not saved:
        raise RunError(f"{folder.path.name} holds no state of its model to put into a page")
    is_elsewhere = elsewhere_than(folder.info, Restorer(folder).rounding) != ""
    is_quick = is_quick or folder.info.device != "cpu" or is_elsewhere
    steps = chosen(saved, n_states, is_quick=is_quick)
    trained = [step for step in steps if step not in saved]
    if trained:
        on_begin(len(trained), sum(last - first for first, last in _ways(steps, saved)))
    states: list[_State] = []
    training: TrainingState | None = None
    for training in visited(folder, steps, saved, on_step):
        if (n_cards := len(training.deck.cards)) > MOST_CARDS:
            raise RunError(f"{folder.path.name} has {n_cards:,} cards; a page holds {MOST_CARDS:,}")
        states.append(_State.of(training))
    assert training is not None
    changed = [step for step, _ in folder.deck_changes() if step > since]
    return _portable(training, states, len(trained), most_bytes, max(changed, default=None), since)


def _chapter_step(folder: RunFolder) -> int:
    """The step from which on the deck of the end is taught, edited or not."""
    begun = cursor.read_run(folder.log_path, [events.ChapterBegan])
    return max((event.step for event in begun if isinstance(event, events.ChapterBegan)), default=0)


def chosen(saved: Sequence[int], n: int, *, is_quick: bool) -> list[int]:
    """At most `n` steps from the first saved one to the last: dense at the beginning, where most is
    learned. Saved ones where they are near enough, or with `is_quick` no others."""
    first, last = saved[0], saved[-1]
    length = last - first
    ratio = EARLIEST ** (1 / max(1, n - 2))
    wanted = [first + max(i, round(length * ratio ** (n - 1 - i))) for i in range(1, n)]
    wanted = [step for step in wanted if step < last]
    steps = {first, last}

    def distance(at: int, other: int) -> float:
        return abs(math.log((at - first + 0.5) / (other - first + 0.5)))

    for step in wanted:
        near = min(saved, key=lambda at: distance(at, step))
        is_near = is_quick or distance(near, step) <= math.log(NEAR_ENOUGH)
        steps.add(near if is_near else step)
    while is_quick and len(steps) < min(n, len(saved)):
        left = [at for at in saved if at not in steps]
        steps.add(max(left, key=lambda at: min(distance(at, step) for step in steps)))
    return sorted(steps)


def _ways(steps: Sequence[int], saved: Sequence[int]) -> Iterator[tuple[int, int]]:
    before = steps[0]
    for step in steps:
        start = max([before, *(at for at in saved if at <= step)])
        if start < step:
            yield start, step
        before = step


def visited(
    folder: RunFolder,
    steps: Sequence[int],
    saved: Sequence[int],
    on_step: Told = lambda step, target: None,
) -> Iterator[TrainingState]:
    """The lesson at each of these steps, one after another. Raises RunError: it can't get there."""
    replay = Replay(folder, at_most=steps[0], is_quick=True)
    for step in steps:
        if max(at for at in saved if at <= step) > replay.step:
            replay.start_from(step)
        try:
            while replay.step < step:
                on_step(replay.step, step)
                replay.forward()
            replay.give(step)  # a change of the deck there, which a saved state may be older than
        except CannotReplay as problem:
            raise RunError(f"step {step:,} can't be trained again: {problem}") from problem
        yield replay.training


@dataclass(frozen=True)
class _State:
    """The model at one step. `deck`: as it was then; its answers use the `sayable` pieces."""

    step: int
    n_cards: int
    rate: float
    decay: float
    deck: Deck
    times_seen: tuple[int, ...]
    sayable: tuple[int, ...]
    matrices: list[portable.Floats]

    @classmethod
    def of(cls, training: TrainingState) -> _State:
        learner, settings = training.learner, training.learner.settings
        warmth = settings.warmth_at(learner.step - learner.chapter_step)
        return cls(
            learner.step,
            training.memory.cards_taught,
            warmth * (settings.single_card_factor if settings.batch_size > 1 else 1.0),
            settings.weight_decay_at(learner.step),
            training.deck,
            tuple(training.ledger.times_seen),
            learner.sayable,
            portable.matrices(learner.averaged, learner.sayable),
        )

    def with_rows_for(self, sayable: Sequence[int]) -> list[portable.Floats]:
        """Its matrices, with a row of zeros in the head for each of these pieces that no answer of
        its deck had."""
        *others, head = self.matrices
        rows = dict(zip(self.sayable, head, strict=True))
        nothing = np.zeros(head.shape[1], np.float32)
        return [*others, np.stack([rows.get(piece, nothing) for piece in sayable])]


def _portable(
    training: TrainingState,
    states: Sequence[_State],
    n_trained: int,
    most_bytes: float,
    changed_at: int | None,
    began_at: int,
) -> Portable:
    deck, learner = training.deck, training.learner
    sayable = sorted(set().union(*(state.sayable for state in states)))
    wholes = [state.with_rows_for(sayable) for state in states]
    packed = portable.packed_within(wholes, most_bytes)
    reader, deck_read = learner.reader(), deck
    compared = sample_by_hash(deck, range(len(deck.cards)), N_COMPARED)
    prompts = [deck.cards[i].prompt for i in compared]
    sides = deck.taught, deck.never_seen
    n_different, largest_change = 0, 0.0
    descriptions: list[dict[str, object]] = []
    behind: list[bytes] = []
    for state, whole, parts, rounded in zip(
        states, wholes, packed.parts, packed.rounded, strict=True
    ):
        if state.deck is not deck_read:
            deck_read = state.deck
            reader.take_deck(deck_read)
        portable.put(whole, reader.averaged, sayable)
        guesses = [draw.places for draw in reader.draw_likeliest(prompts)]
        exact = reader.along(prompts, guesses)
        portable.put(rounded, reader.averaged, sayable)
        graded = reader.grade(range(len(state.deck.cards))).marks
        places = _places_in(state.deck, deck)
        marks = bytes(NOT_ASKED if place is None else graded[place] for place in places)
        times_seen = [0 if place is None else state.times_seen[place] for place in places]
        for was, now in zip(exact, reader.along(prompts, guesses), strict=True):
            is_other, change = _compared(was, now)
            n_different += is_other
            largest_change = max(largest_change, change)
        seen = [min(n, 0xFFFF) for n in times_seen]
        behind += [marks, bytes(n & 0xFF for n in seen), bytes(n >> 8 for n in seen)]
        descriptions.append(
            {
                "step": state.step,
                "n_cards": state.n_cards,
                "rate": state.rate,
                "decay": state.decay,
                "right": [sum(marks[i] == RIGHT for i in side) for side in sides],
                "parts": [[part.unit, part.n_low, int(part.is_difference)] for part in parts],
                "sayable": None if list(state.sayable) == sayable else state.sayable,
                "limit": reader.answer_limit,
            }
        )
    settings = learner.settings
    high = packed.high + b"".join(behind)
    head: dict[str, object] = {
        "n_taught": len(deck.taught),
        "n_held_out": len(deck.never_seen),
        "model": {
            "layers": settings.n_layers,
            "width": settings.width,
            "heads": settings.n_heads,
            "hidden": settings.hidden,
            "rope": settings.rope_base,
            "room": settings.max_pieces,
        },
        "tokenizer": portable.pieces_of(learner.tokenizer, settings.tokenizer),
        "sayable": sayable,
        "correction": _correction(settings),
        "template": deck.ask or PLACE,
        "sizes": [matrix.size for matrix in wholes[0]],
        "states": descriptions,
        "cards": [[int(card.is_never_seen), card.prompt, *card.answers] for card in deck.cards],
    }
    return Portable(
        head=msgspec.to_builtins(head),
        high=portable.compressed(high),
        low=packed.low,
        steps=tuple(state.step for state in states),
        began_at=began_at,
        changed_at=changed_at,
        n_trained=n_trained,
        bits=packed.bits,
        n_compared=len(prompts) * len(states),
        n_different=n_different,
        largest_change=largest_change,
    )


def _places_in(deck_then: Deck, deck_now: Deck) -> list[int | None]:
    """For each card of the deck now its place then; None: there was none with its answers."""
    before = difference(deck_then, deck_now).before
    return [
        None if place is None or deck_then.cards[place].answers != card.answers else place
        for card, place in zip(deck_now.cards, before, strict=True)
    ]


def _correction(settings: LearnerSettings) -> dict[str, object]:
    """Describe a step, for `templates/learning.js`: groups of a layer's matrices that Muon takes as
    one (the first, how many, the scale of its step); the rates of the other matrices, and
    which of them decay."""
    growth = math.sqrt(settings.hidden / settings.width)
    groups: list[tuple[int, int, float]] = [(place, 1, 1.0) for place in range(4)]
    groups += [(4, 1, growth), (5, 1, growth), (6, 1, 1.0)]
    if settings.is_fused:
        groups = [(0, 3, math.sqrt(3)), (3, 1, 1.0), (4, 2, math.sqrt(2) * growth), (6, 1, 1.0)]
    rate, n_steps = settings.embedding_learning_rate, settings.newton_schulz_steps
    return {
        "rate": settings.learning_rate,
        "groups": groups,
        "coefficients": optimizer.NEWTON_SCHULZ[n_steps],
        "is_by_norm": n_steps == optimizer.NEWTON_SCHULZ_OF_POST,
        "other_rates": [rate, rate, rate * settings.head_rate],
        "is_decayed": [settings.is_embedding_decayed, False, settings.is_embedding_decayed],
        "settling": [settings.settling_nats, settings.settling_floor],
    }


def _compared(
    was: Sequence[tuple[int, float]], now: Sequence[tuple[int, float]]
) -> tuple[bool, float]:
    """Tell whether the answers differ, with the largest change of a probability before they do."""
    largest_change = 0.0
    for (piece, share), (other, other_share) in zip(was, now, strict=True):
        if piece != other:
            return True, largest_change
        largest_change = max(largest_change, abs(share - other_share))
    return False, largest_change
