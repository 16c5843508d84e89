"""One update by reward: prompts are tried, the tries are judged, and what earned more is pushed up.

The learner is told nothing but rewards; right or wrong is counted beside them, for people.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from flashcards.cards.card import Card
from flashcards.cards.judges import Attempt, Judge
from flashcards.learner.drawing import Draw, Weighed, advantages
from flashcards.learner.learner import Learner
from flashcards.learner.study import Adjustment
from flashcards.runs.events import TriesRewarded
from flashcards.runs.marks import RIGHT, WRONG
from flashcards.runs.rewards import Exploit, RewardCounts, Try, TryGroup, TryPiece
from flashcards.trainer.judging import N_TRIES
from flashcards.trainer.training_state import TrainingState

N_EXPLOITS_TOLD = 3


@dataclass(frozen=True)
class Rewarded:
    """An update by reward that was made.

    Attributes:
        marks: One byte a prompt as in `runs.marks`: right when at least half of its tries are.
        piece_nats: Mean error of a piece of the tries, for each prompt.
        loss_nats: The same over all tries.
        n_taught: Answers that the model read to be changed.
        tries: What is told of it; None unless it was to be shown.
    """

    marks: bytes
    piece_nats: tuple[float, ...]
    loss_nats: float
    n_taught: int
    counts: RewardCounts
    adjustment: Adjustment
    tries: TriesRewarded | None


@dataclass(frozen=True)
class _Group:
    """The tries at one prompt: what the judge said of them, and what they were given."""

    card: Card
    draws: list[Draw]
    earned: list[float]
    rewards: list[float]
    advantages: list[float]
    is_right: list[bool]

    @property
    def is_alike(self) -> bool:
        return min(self.rewards) == max(self.rewards)

    @property
    def exploits(self) -> list[str]:
        triples = zip(self.draws, self.earned, self.is_right, strict=True)
        return [draw.text for draw, earned, is_right in triples if earned == 1.0 and not is_right]


def reward_update(
    training: TrainingState, card_indices: Sequence[int], judge: Judge, *, is_shown: bool
) -> Rewarded | None:
    """Try these cards' prompts and learn from the rewards; None when that broke the model.
    Raises JudgeError: the judge failed; nothing was changed."""
    learner, memory = training.learner, training.memory
    is_shuffled = memory.practice == "shuffled"
    groups = _judged(training, card_indices, judge, is_shuffled=is_shuffled)
    counts = _counted(groups)
    shown_group = next((group for group in groups if not group.is_alike), groups[0])
    before = _probabilities(learner, shown_group) if is_shown else []
    answers = [
        Weighed(group.card.prompt, draw.places, advantage)
        for group in groups
        for draw, advantage in zip(group.draws, group.advantages, strict=True)
    ]
    adjustment = learner.reinforce(answers, memory.learning_rate_factor)
    if not learner.is_finite:
        return None
    tries = None
    if is_shown:
        tries = TriesRewarded(
            step=learner.step,
            prompts=tuple(group.card.prompt for group in groups),
            rewards=tuple(sum(group.rewards) / len(group.rewards) for group in groups),
            groups=(_measured(learner, shown_group, before),),
            counts=counts,
            exploits=_exploits(groups),
            is_shuffled=is_shuffled,
            gradient_norm=adjustment.gradient_norm,
            relative_change=adjustment.relative_change,
        )
    return Rewarded(
        marks=bytes(RIGHT if 2 * sum(g.is_right) >= len(g.is_right) else WRONG for g in groups),
        piece_nats=tuple(_nats(group.draws) for group in groups),
        loss_nats=_nats([draw for group in groups for draw in group.draws]),
        n_taught=len({(a.prompt, a.places) for a in answers if a.weight}),
        counts=counts,
        adjustment=adjustment,
        tries=tries,
    )


def _judged(
    training: TrainingState, card_indices: Sequence[int], judge: Judge, *, is_shuffled: bool
) -> list[_Group]:
    cards = [training.deck.cards[i] for i in card_indices]
    learner, seed = training.learner, training.order.seed
    drawn = learner.draw([card.prompt for card in cards], N_TRIES, seed)
    pairs = [(card, draw) for card, draws in zip(cards, drawn, strict=True) for draw in draws]
    worth = judge([Attempt(card.prompt, draw.text, card.answers) for card, draw in pairs])
    earned = [0.0 if draw.is_cut else w for (_, draw), w in zip(pairs, worth, strict=True)]
    rewards = list(earned)
    if is_shuffled:
        random.Random(f"{seed}/shuffled/{learner.step}").shuffle(rewards)
    groups = []
    for place, (card, draws) in enumerate(zip(cards, drawn, strict=True)):
        own = slice(place * N_TRIES, (place + 1) * N_TRIES)
        given = rewards[own]
        is_right = [not draw.is_cut and draw.text in card.answers for draw in draws]
        groups.append(_Group(card, draws, earned[own], given, advantages(given), is_right))
    return groups


def _counted(groups: Sequence[_Group]) -> RewardCounts:
    alike = [group.rewards[0] for group in groups if group.is_alike]
    return RewardCounts(
        n_updates=1,
        n_skipped=int(len(alike) == len(groups)),
        n_groups=len(groups),
        n_all_rewarded=alike.count(1.0),
        n_none_rewarded=alike.count(0.0),
        n_alike=len(alike) - alike.count(1.0) - alike.count(0.0),
        n_tries=sum(len(group.draws) for group in groups),
        reward=round(sum(sum(group.rewards) for group in groups), 6),
        n_right=sum(sum(group.is_right) for group in groups),
        n_exploits=sum(len(group.exploits) for group in groups),
    )


def _probabilities(learner: Learner, group: _Group) -> list[tuple[float, ...]]:
    return learner.piece_probabilities(group.card.prompt, [draw.places for draw in group.draws])


def _measured(learner: Learner, group: _Group, before: list[tuple[float, ...]]) -> TryGroup:
    """The group's tries as they were and as they are now, the same ones as one."""
    after = _probabilities(learner, group)
    tries: dict[tuple[tuple[int, ...], float], Try] = {}
    n_same: dict[tuple[tuple[int, ...], float], int] = {}
    for i, draw in enumerate(group.draws):
        key = (draw.places, group.rewards[i])
        n_same[key] = n_same.get(key, 0) + 1
        texts = learner.piece_texts(draw.places)
        pieces = zip(texts, before[i], after[i], strict=True)
        tries[key] = Try(
            text=draw.text,
            reward=group.rewards[i],
            advantage=group.advantages[i],
            pieces=tuple(TryPiece(*piece) for piece in pieces),
            is_right=group.is_right[i],
            is_cut=draw.is_cut,
            n_same=n_same[key],
        )
    return TryGroup(
        prompt=group.card.prompt,
        answer=group.card.answer,
        mean_reward=sum(group.rewards) / len(group.rewards),
        tries=tuple(tries.values()),
    )


def _exploits(groups: Sequence[_Group]) -> tuple[Exploit, ...]:
    exploits = {
        (group.card.prompt, answer): Exploit(
            prompt=group.card.prompt, guess=answer, answer=group.card.answer
        )
        for group in groups
        for answer in group.exploits
    }
    return tuple(exploits.values())[:N_EXPLOITS_TOLD]


def _nats(draws: Sequence[Draw]) -> float:
    return sum(draw.nats for draw in draws) / sum(len(draw.places) for draw in draws)
