"""Side by side with a plain loop over `transformers`: the same cards, in the same order, to 99 %.

The peer is Qwen3ForCausalLM of the same size, float32, one thread, batch 32, the loss on the
answer's pieces, fused AdamW. It is spared what can be spared: no attention mask (cards are padded
at the end), and it is graded in one forward pass with the right pieces before each, as ours is.
Needs transformers. `python -m tools.peers` prints the figures.
"""

from __future__ import annotations

import importlib
import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
import torch
from torch import Tensor

from flashcards.cards.card import Deck
from flashcards.cards.shelf import find, load
from flashcards.learner.kernels.compiled import where_compiled
from flashcards.learner.learner import Learner
from flashcards.learner.model import NORM_EPSILON
from flashcards.learner.order import CardOrder, shapes_of
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID, END_ID, Tokenizer, train_tokenizer
from flashcards.runs.marks import RIGHT
from tools.bench import Figure, figure

DECK, GOAL, BATCH_SIZE = "addition", 0.99, 32
SEEDS = (1, 2, 3)
"""One seed is a lottery: the peer's ratio was 4.7 with one and 8.7 with the next."""

LEARNING_RATE = 6e-3
"""The best of 1e-3, 3e-3 and 6e-3 (docs/experiments.md, "Speed")."""

N_SAMPLE = 400
STEPS_BETWEEN_EXAMS = 20
CAP = 25.0
"""The peer is stopped at this many times our time, with each seed."""

N_ROUNDS, N_ROUND_STEPS = 10, 40
"""Of updates in turn, for the cards/s; one round more goes before, and is not timed."""

IGNORED = -100  # of transformers: no loss at this position


class Taught(Protocol):
    @property
    def batch_size(self) -> int: ...

    def update(self, card_indices: Sequence[int]) -> None: ...

    def share_right(self, card_indices: Sequence[int]) -> float: ...


class Ours:
    def __init__(self, deck: Deck, seed: int = 1) -> None:
        settings = where_compiled(LearnerSettings.for_deck(deck), "cpu")
        self._learner = Learner.create(deck, settings, seed)

    @property
    def batch_size(self) -> int:
        return self._learner.settings.batch_size_at(self._learner.step)

    def update(self, card_indices: Sequence[int]) -> None:
        self._learner.adjust(self._learner.study(card_indices))

    def share_right(self, card_indices: Sequence[int]) -> float:
        """On the averaged weights, as a lesson grades."""
        return self._learner.grade(card_indices).marks.count(RIGHT) / len(card_indices)


class Theirs:
    """A plain loop over transformers."""

    def __init__(self, deck: Deck, seed: int = 1) -> None:
        settings = LearnerSettings.for_deck(deck)
        tokenizer = Tokenizer(train_tokenizer(deck, settings))
        answers = tokenizer.encode_all([card.answer for card in deck.cards])
        prompts = tokenizer.encode_all([card.prompt for card in deck.cards])
        self._answers = [[*answer, END_ID] for answer in answers]
        self._prompts = [[*prompt, ANSWER_ID] for prompt in prompts]
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        transformers: Any = importlib.import_module("transformers")  # takes seconds
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
        self._optimizer = torch.optim.AdamW(self._model.parameters(), lr=LEARNING_RATE, fused=True)

    @property
    def batch_size(self) -> int:
        return BATCH_SIZE

    def update(self, card_indices: Sequence[int]) -> None:
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

    def __init__(self, deck: Deck, taught: Taught, seed: int = 1) -> None:
        self._taught = taught
        shapes = shapes_of(deck, LearnerSettings.for_deck(deck))
        self._order = CardOrder(deck.taught, seed, shapes=shapes)
        self._never_seen = deck.never_seen
        self._sample = deck.never_seen[:: max(1, len(deck.never_seen) // N_SAMPLE)]
        self.seconds = 0.0
        self.best = 0.0

    @property
    def n_cards(self) -> int:
        return self._order.position

    def run(self, at_most_s: float) -> bool:
        """Teach until the goal is reached on all cards never taught, or for that much CPU time."""
        while self.seconds < at_most_s:
            started_s = time.thread_time()
            for _ in range(STEPS_BETWEEN_EXAMS):
                self._taught.update(self._order.next(self._taught.batch_size))
            self.seconds += time.thread_time() - started_s
            share = self._taught.share_right(self._sample)
            self.best = max(self.best, share)
            if share >= GOAL and self._taught.share_right(self._never_seen) >= GOAL:
                return True
        return False


def peers(say: Callable[[str], None]) -> list[Figure]:
    """The two, one after the other with each seed; `say` gets a line about what is going on."""
    deck = load(find(DECK))[0]
    met: list[Met] = []
    for seed in SEEDS:
        ours = Course(deck, Ours(deck, seed), seed)
        theirs = Course(deck, Theirs(deck, seed), seed)
        say(
            f"seed {seed} of {len(SEEDS)}: {DECK} to {GOAL:.0%} never taught, ours and then "
            f"the peer"
        )
        ours.run(math.inf)
        say(f"ours took {ours.seconds:.0f} s; the peer is stopped after {CAP * ours.seconds:.0f} s")
        met.append(Met(ours, theirs, theirs.run(CAP * ours.seconds)))
    say(f"updates of {BATCH_SIZE} cards in turn")
    return [time_figure(met), rate_figure(*step_seconds(deck, Ours(deck), Theirs(deck)))]


class Met(NamedTuple):
    """Both with one seed; `is_reached`: the peer came to the goal before it was stopped."""

    ours: Course
    theirs: Course
    is_reached: bool


def time_figure(met: Sequence[Met]) -> Figure:
    """How many times longer the peer took, all seeds together; at least, where it was stopped."""
    ratio = sum(match.theirs.seconds for match in met) / sum(match.ours.seconds for match in met)
    parts = (
        f"{match.ours.seconds:.0f} s, {match.ours.n_cards:,} cards against "
        + ("" if match.is_reached else "more than ")
        + f"{match.theirs.seconds:.0f} s, {match.theirs.n_cards:,}"
        + ("" if match.is_reached else f" (stopped at {match.theirs.best:.1%})")
        for match in met
    )
    unit = "× less time than transformers"
    unit += "" if all(match.is_reached for match in met) else ", or more"
    detail = "; ".join(parts) + "; CPU time of training, a seed each"
    return figure(f"{DECK} to {GOAL:.0%}, against peer", ratio, unit, detail, at_least=12)


def step_seconds(deck: Deck, ours: Taught, theirs: Taught) -> tuple[float, float]:
    """CPU seconds of one update of `BATCH_SIZE` cards, taken in turn."""
    order = CardOrder(deck.taught, 1)
    seconds = {id(ours): 0.0, id(theirs): 0.0}
    for n_round in range(N_ROUNDS + 1):
        for taught in (ours, theirs):
            started_s = time.thread_time()
            for _ in range(N_ROUND_STEPS):
                taught.update(order.next(BATCH_SIZE))
            if n_round > 0:
                seconds[id(taught)] += time.thread_time() - started_s
    n_steps = N_ROUNDS * N_ROUND_STEPS
    return seconds[id(ours)] / n_steps, seconds[id(theirs)] / n_steps


def rate_figure(ours_s: float, theirs_s: float) -> Figure:
    """Cards/s of an update of `BATCH_SIZE` cards; a lesson of ours begins with smaller ones."""
    name = f"cards/s at {BATCH_SIZE} an update, against peer"
    detail = f"{1000 * ours_s:.1f} against {1000 * theirs_s:.1f} ms a step, in turn"
    return figure(name, theirs_s / ours_s, "× transformers", detail, digits=2, at_least=1)


if __name__ == "__main__":
    figures = peers(lambda line: print(line, file=sys.stderr, flush=True))
    sys.stdout.buffer.write(msgspec.json.encode(figures))
