"""`flashcards context`: cards in the prompt, beside the same cards taught by updates."""

import contextlib
import itertools
import random
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from flashcards.base.language import tr
from flashcards.cards.card import Card, Deck
from flashcards.cards.split import sample_by_hash
from flashcards.learner.encoding import Encoding
from flashcards.learner.learner import Learner
from flashcards.learner.tokenizer import Tokenizer
from flashcards.runs import cursor, events, values
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import NOT_ASKED, RIGHT, unpack
from flashcards.terminal.output import print_json, print_line
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.opening import LessonError
from flashcards.trainer.training_state import TrainingState
from flashcards.wording.numbers import n_of

SIZES = (0, 1, 2, 4, 8, 16)
N_ASKED = 16  # of each side, by hash: they are among those that every exam asks

COLUMNS = 76  # the app shows the lines between margins

Scores = Sequence[values.Score]  # of the asked cards: taught, never taught


class CardsBefore(Encoding):
    """The rows of a deck's encoding; those of the cards in `before` follow other cards: as lines of
    text for a brought model, else as they are taught, each with its answer sign and its end."""

    def __init__(
        self, plain: Encoding, tokenizer: Tokenizer, before: Mapping[int, Sequence[int]]
    ) -> None:
        vars(self).update(vars(plain))
        is_own = bool(tokenizer.sign)
        start = [] if is_own else tokenizer.prompts([""])[0]
        after = [tokenizer.end_id] if is_own else tokenizer.encode("\n")
        self._n_start = len(start)
        self._written: dict[int, list[int]] = {}
        lengths = list(plain.lengths)
        for card_index, others in before.items():
            written = [*start]
            for other in others:
                written += [*plain.sequence(other)[len(start) : -1], *after]
            for row in (card_index, *plain.alternative_rows.get(card_index, ())):
                self._written[row] = written
                lengths[row] += len(written) - len(start)
        self.lengths = lengths

    def sequence(self, row: int) -> list[int]:
        return [*self._written[row], *super().sequence(row)[self._n_start :]]


def report(path: Path, at: int | None, seed: int, *, is_json: bool) -> int:
    """Ask and print; 0. Raises LessonError: the run can't be asked."""
    folder = RunFolder.open(path)
    is_brought = folder.info.base is not None
    training = learner_at(path, 0 if at is None and is_brought else at)
    deck = training.deck.own
    learner = training.learner
    if why := deck.why_not("prompt", path.name):
        raise LessonError(why)
    sides = [sample_by_hash(deck, side, N_ASKED) for side in (deck.taught, deck.never_seen)]
    by_prompt: dict[int, Scores] = {}
    updates = _by_updates(folder, training, sides)
    if not is_json:
        _print_head(training, sides)
    n_pieces = 0
    room = learner.settings.max_pieces
    for n_cards, encoding in with_cards_before(deck, learner, [*sides[0], *sides[1]], seed):
        n_pieces = max(encoding.lengths[i] for side in sides for i in side)
        if n_pieces > room:
            break
        by_prompt[n_cards] = _scores([learner.grade(side, of=encoding).marks for side in sides])
        if not is_json:
            print_line(_row(n_cards, by_prompt, updates))
    longest = 0 if is_brought else max(learner.encoding.lengths[i] for i in deck.taught)
    conclusion = _conclusion(by_prompt, n_pieces, longest, room)
    if is_json:
        rows = {"in_prompt": _rows(by_prompt), "by_updates": _rows(updates)}
        print_json({"step": learner.step, **rows, "said": conclusion})
        return 0
    for n_cards in (1 << i for i in range(max(updates, default=0).bit_length())):
        if n_cards > max(by_prompt) and any(n_cards <= n < 2 * n_cards for n in updates):
            print_line(_row(n_cards, by_prompt, updates))
    for line in ("", *textwrap.wrap(conclusion, COLUMNS)):
        print_line(line)
    return 0


def with_cards_before(
    deck: Deck, learner: Learner, card_indices: Sequence[int], seed: int
) -> Iterator[tuple[int, CardsBefore]]:
    """The exam with more and more taught cards before each question; never the one that is asked,
    nor another with its prompt or of its group."""
    order = list(deck.taught)
    cards = deck.cards
    random.Random(f"before/{seed}").shuffle(order)

    def others(of: Card) -> Iterator[int]:
        for i in order:
            if cards[i].prompt != of.prompt and (not of.group or cards[i].group != of.group):
                yield i

    for n_cards in SIZES:
        before = {i: [*itertools.islice(others(cards[i]), n_cards)] for i in card_indices}
        if all(len(written) == n_cards for written in before.values()):
            yield n_cards, CardsBefore(learner.encoding, learner.tokenizer, before)


def _by_updates(
    folder: RunFolder, training: TrainingState, sides: Sequence[Sequence[int]]
) -> dict[int, Scores]:
    """Return the log's scores of the same cards, by cards taught; nothing in a later chapter."""
    by_cards: dict[int, Scores] = {}
    n_cards = 0
    for event in cursor.read_run(folder.log_path, [events.ExamTaken, events.DeckMarked]):
        if isinstance(event, events.ExamTaken):
            n_cards = event.cards_taught
        elif isinstance(event, events.DeckMarked) and not training.deck.earlier:
            with contextlib.suppress(ValueError):  # damaged, or of a deck before an edit
                marks = unpack(event.marks, len(training.deck.cards))
                by_cards[n_cards] = _scores([[marks[i] for i in side] for side in sides])
    return by_cards


def _rows(of: Mapping[int, Scores]) -> list[dict[str, object]]:
    return [
        {"cards": n, "seen": msgspec.to_builtins(seen), "unseen": msgspec.to_builtins(unseen)}
        for n, (seen, unseen) in of.items()
    ]


def _scores(marks: Sequence[Sequence[int]]) -> Scores:
    return [
        values.Score(sum(mark == RIGHT for mark in side), sum(mark != NOT_ASKED for mark in side))
        for side in marks
    ]


def _print_head(training: TrainingState, sides: Sequence[Sequence[int]]) -> None:
    deck = training.deck.own
    intro = tr(
        "{deck}, the model of step {step:,}: the same exam with more and more taught cards written "
        "before each question, while no number of the model changes (in-context learning). It asks "
        "a sample: {seen} taught cards, {never_seen}. On the right, the same cards after as many "
        "cards (or up to twice as many) were taught by updates.",
        deck=deck.name,
        step=training.learner.step,
        seen=n_of(len(sides[0]), len(deck.taught)),
        never_seen=tr("{unseen} never taught", unseen=n_of(len(sides[1]), len(deck.never_seen)))
        if deck.never_seen
        else tr("none kept back"),
    )
    columns = f"{tr('taught'):>12}{tr('never taught'):>13}"
    heads = (
        f"{tr('in the prompt'):>32}{tr('by updates'):>27}",
        f"{tr('cards'):>7}{columns}  {columns}",
    )
    for line in (*textwrap.wrap(intro, COLUMNS), "", *heads):
        print_line(line)


def _row(n_cards: int, by_prompt: Mapping[int, Scores], updates: Mapping[int, Scores]) -> str:
    most = max(1, 2 * n_cards)
    after_updates = next((scores for n, scores in updates.items() if n_cards <= n < most), None)
    cells = [
        n_of(score.right, score.total) if score.total else "–"
        for scores in (by_prompt.get(n_cards), after_updates)
        for score in scores or [values.Score(0, 0)] * 2
    ]
    return f"{n_cards:>7,}{cells[0]:>12}{cells[1]:>13}  {cells[2]:>12}{cells[3]:>13}"


def _conclusion(
    by_prompt: Mapping[int, Scores], n_pieces: int, longest_taught: int, room: int
) -> str:
    """`n_pieces`: of the longest prompt, there may be no room for it. `longest_taught`: of the
    longest card; 0 where others have trained the model."""
    right = {n: sum(score.right for score in scores) for n, scores in by_prompt.items()}
    best = max(right, key=lambda n: right[n])
    text = tr("Cards in the prompt don't help this model.")
    if best:
        text = tr(
            "Cards in the prompt: {n_cards}. Right: {right}, without them {before}. The model "
            "itself has not changed.",
            n_cards=best,
            right=n_of(right[best], sum(score.total for score in by_prompt[best])),
            before=right[0],
        )
    elif longest_taught:
        text += " " + tr(
            "It was taught one card at a time, of {longest:,} pieces at most, and never learned to "
            "use what stands before a card; these prompts have up to {n_pieces:,}.",
            longest=longest_taught,
            n_pieces=n_pieces,
        )
    if n_pieces > room:
        text += " " + tr("The model holds {room:,} pieces: more cards do not fit.", room=room)
    return text
