"""Side by side with a plain loop over `transformers`: the same cards, in the same order, to 99 %.

The peer is Qwen3ForCausalLM of the same size, float32, one thread, batch 32, the loss on the
answer's pieces, fused AdamW. It is spared what can be spared: no attention mask (cards are padded
at the end), and it is graded in one forward pass with the right pieces before each, as ours is.
Needs transformers, a development dependency.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
import torch
from torch import Tensor

from flashcards.bench.figures import Figure
from flashcards.cards.card import Deck
from flashcards.cards.shelf import find, load
from flashcards.learner.learner import Learner
from flashcards.learner.model import NORM_EPSILON
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID, END_ID, Tokenizer, train_tokenizer
from flashcards.runs.marks import RIGHT

DECK, GOAL, BATCH_SIZE, SEED = "addition", 0.99, 32, 1
LEARNING_RATE = 6e-3
"""The best of 1e-3, 3e-3 and 6e-3 (docs/experiments.md, "Speed")."""

N_SAMPLE = 400
STEPS_BETWEEN_EXAMS = 20
CAP = 10.0
"""The peer is stopped at this many times our time."""

IGNORED = -100  # of transformers: no loss at this position


class Taught(Protocol):
    """One of the two, as it is taught."""

    @property
    def batch_size(self) -> int:
        """Cards in its next update."""

    def update(self, card_indices: Sequence[int]) -> None:
        """One update on these cards."""

    def share_right(self, card_indices: Sequence[int]) -> float:
        """The share of these cards that it answers without a mistake."""


class Ours:
    """This program's learner."""

    def __init__(self, deck: Deck) -> None:
        self._learner = Learner.create(deck, LearnerSettings.for_deck(deck), SEED)

    @property
    def batch_size(self) -> int:
        """Grows as in a lesson."""
        return self._learner.settings.batch_size_at(self._learner.step)

    def update(self, card_indices: Sequence[int]) -> None:
        """As a lesson makes it."""
        self._learner.adjust(self._learner.study(card_indices))

    def share_right(self, card_indices: Sequence[int]) -> float:
        """On the averaged weights, as a lesson grades."""
        return self._learner.grade(card_indices).marks.count(RIGHT) / len(card_indices)


class Theirs:
    """A plain loop over transformers.

    Raises:
        ImportError: transformers is not installed.
    """

    def __init__(self, deck: Deck, learning_rate: float = LEARNING_RATE) -> None:
        import transformers

        settings = LearnerSettings.for_deck(deck)
        tokenizer = Tokenizer(train_tokenizer(deck, settings))
        answers = tokenizer.encode_all([card.answer for card in deck.cards])
        prompts = tokenizer.encode_all([card.prompt for card in deck.cards])
        self._answers = [[*answer, END_ID] for answer in answers]
        self._prompts = [[*prompt, ANSWER_ID] for prompt in prompts]
        torch.manual_seed(SEED)
        torch.set_num_threads(1)
        config = transformers.Qwen3Config(
            vocab_size=tokenizer.n_vocabulary,
            hidden_size=settings.width,
            intermediate_size=settings.hidden,
            num_hidden_layers=settings.n_layers,
            num_attention_heads=settings.n_heads,
            num_key_value_heads=settings.n_heads,
            head_dim=settings.width // settings.n_heads,
            rms_norm_eps=NORM_EPSILON,
            rope_parameters={"rope_type": "default", "rope_theta": settings.rope_base},
            tie_word_embeddings=False,
            use_cache=False,
        )
        self._model: Any = transformers.Qwen3ForCausalLM(config)
        self._optimizer = torch.optim.AdamW(self._model.parameters(), lr=learning_rate, fused=True)

    @property
    def batch_size(self) -> int:
        """32 all along."""
        return BATCH_SIZE

    def update(self, card_indices: Sequence[int]) -> None:
        """Forward, backward, step."""
        ids, labels = self._sequences(card_indices)
        self._model(input_ids=ids, labels=labels).loss.backward()
        self._optimizer.step()
        self._optimizer.zero_grad()

    @torch.no_grad()
    def share_right(self, card_indices: Sequence[int]) -> float:
        """Of cards whose likeliest piece is the right one at every place of the answer."""
        ids, labels = self._sequences(card_indices)
        is_right = self._model(input_ids=ids).logits[:, :-1].argmax(-1) == labels[:, 1:]
        is_known = (is_right | (labels[:, 1:] == IGNORED)).all(1)
        return int(is_known.sum().item()) / len(card_indices)

    def _sequences(self, card_indices: Sequence[int]) -> tuple[Tensor, Tensor]:
        rows = [(self._prompts[i], self._answers[i]) for i in card_indices]
        length = max(len(prompt) + len(answer) for prompt, answer in rows)
        ids, labels = [], []
        for prompt, answer in rows:
            padding = length - len(prompt) - len(answer)
            ids.append(prompt + answer + [END_ID] * padding)
            labels.append([IGNORED] * len(prompt) + answer + [IGNORED] * padding)
        return torch.tensor(ids), torch.tensor(labels)


class Course:
    """One of them being taught a deck until it knows it; exams cost it nothing."""

    def __init__(self, deck: Deck, taught: Taught) -> None:
        self._taught = taught
        self._order = CardOrder(deck.taught, SEED)
        self._held_out = deck.held_out
        self._sample = deck.held_out[:: max(1, len(deck.held_out) // N_SAMPLE)]
        self.seconds = 0.0
        self.best = 0.0
        self.n_steps = 0

    @property
    def n_cards(self) -> int:
        """Cards taught so far."""
        return self._order.position

    @property
    def ms_a_step(self) -> float:
        """CPU milliseconds of an update so far."""
        return 1000 * self.seconds / max(1, self.n_steps)

    def run(self, at_most_s: float) -> bool:
        """Teach until the goal is reached on all cards never seen, or for that much CPU time."""
        while self.seconds < at_most_s:
            started_s = time.thread_time()
            for _ in range(STEPS_BETWEEN_EXAMS):
                self._taught.update(self._order.next(self._taught.batch_size))
                self.n_steps += 1
            self.seconds += time.thread_time() - started_s
            share = self._taught.share_right(self._sample)
            self.best = max(self.best, share)
            if share >= GOAL and self._taught.share_right(self._held_out) >= GOAL:
                return True
        return False


def peers(say: Callable[[str], None]) -> list[Figure]:
    """The two, one after the other; `say` gets a line about what is going on.

    Raises:
        ImportError: transformers is not installed.
    """
    deck = _deck()
    theirs = Course(deck, Theirs(deck))
    ours = Course(deck, Ours(deck))
    say(f"teaching {DECK} to {GOAL:.0%} never seen: first ours, then the peer; some minutes")
    is_ours_reached = ours.run(math.inf)
    say(f"ours took {ours.seconds:.0f} s; the peer is stopped after {CAP * ours.seconds:.0f} s")
    is_reached = theirs.run(CAP * ours.seconds)
    return figures(ours, theirs, is_reached=is_ours_reached and is_reached)


def figures(ours: Course, theirs: Course, *, is_reached: bool) -> list[Figure]:
    """What came of it; `is_reached`: the peer came to the goal before it was stopped."""
    ratio = theirs.seconds / ours.seconds
    ours_per_s, theirs_per_s = ours.n_cards / ours.seconds, theirs.n_cards / theirs.seconds
    more = "" if is_reached else "more than "
    return [
        Figure(
            name=f"{DECK} to {GOAL:.0%}, against peer",
            value=round(ratio, 1),
            unit="× less time than transformers",
            detail=f"{ours.seconds:.0f} s, {ours.n_cards:,} cards against {more}"
            f"{theirs.seconds:.0f} s, {theirs.n_cards:,} cards"
            + ("" if is_reached else f" (stopped at {theirs.best:.1%})")
            + "; CPU time of training",
            wanted="at least 7",
            is_met=ratio >= 7,
        ),
        Figure(
            name="cards/s, against peer",
            value=round(ours_per_s / theirs_per_s, 2),
            unit="× transformers",
            detail=f"{ours.ms_a_step:.1f} against {theirs.ms_a_step:.1f} ms a step",
            wanted="at least 1",
            is_met=ours_per_s >= theirs_per_s,
        ),
    ]


def _deck() -> Deck:
    deck, _ = load(find(DECK))
    return deck


def main() -> None:
    """The figures; or with --rate and --seconds one try of a learning rate for the peer."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="the figures, as JSON")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--seconds", type=float, default=300.0)
    options = parser.parse_args()
    if options.json:
        found = peers(lambda line: print(line, file=sys.stderr, flush=True))
        sys.stdout.buffer.write(msgspec.json.encode(found))
        return
    course = Course(_deck(), Theirs(_deck(), options.rate))
    is_reached = course.run(options.seconds)
    print(
        f"rate {options.rate:g}: {'reached' if is_reached else 'not reached'}, best "
        f"{course.best:.1%}, {course.n_cards:,} cards, {course.seconds:.0f} s, "
        f"{course.ms_a_step:.1f} ms a step"
    )


if __name__ == "__main__":
    main()
