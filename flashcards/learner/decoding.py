"""Greedy decoding: what the model says, piece by piece, and what else it might have said."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from flashcards.learner.tokenizer import END_ID

# Logits [B, A] of the piece that follows each of several sequences
Next = Callable[[list[list[int]]], Tensor]


@dataclass(frozen=True)
class Said:
    """A decoded answer."""

    ids: tuple[int, ...]  # its pieces, the end left out
    probabilities: tuple[float, ...]  # of each of them, and of the end unless the answer is cut
    seconds: tuple[tuple[int, float], ...]  # the second choice for each, and its probability
    is_cut: bool  # no end came within the limit

    @property
    def probability(self) -> float:
        """Of all of it, 0 to 1."""
        return math.prod(self.probabilities, start=1.0)


def decode(
    next_logits: Next,
    sayable: Sequence[int],
    prompts: Sequence[list[int]],
    limit: int,
    end_id: int = END_ID,
) -> list[Said]:
    """The likeliest of the `sayable` pieces each time after each prompt, at most `limit` of them;
    all prompts in one pass a piece."""
    ids: list[list[int]] = [[] for _ in prompts]
    probabilities: list[list[float]] = [[] for _ in prompts]
    seconds: list[list[tuple[int, float]]] = [[] for _ in prompts]
    open_ = list(range(len(prompts)))
    for _ in range(limit):
        if not open_:
            break
        # NaN would be no probability: a model that has diverged finds nothing probable
        spread = next_logits([prompts[i] + ids[i] for i in open_]).softmax(-1).nan_to_num(0.0)
        tops, places = (x.tolist() for x in spread.topk(min(2, len(sayable))))
        still_open = []
        for i, top, place in zip(open_, tops, places, strict=True):
            probabilities[i].append(top[0])
            seconds[i].append((sayable[place[-1]], top[-1]))
            if sayable[place[0]] != end_id:
                ids[i].append(sayable[place[0]])
                still_open.append(i)
        open_ = still_open
    return [
        Said(tuple(ids[i]), tuple(probabilities[i]), tuple(seconds[i]), i in open_)
        for i in range(len(prompts))
    ]


def runners_up(
    next_logits: Next,
    sayable: Sequence[int],
    prompt: list[int],
    said: Said,
    limit: int,
    n: int,
    end_id: int = END_ID,
) -> list[Said]:
    """Other answers, likelier first: from each of the `n` places where the model was least sure,
    its second choice, gone on with greedily."""
    places = sorted(range(len(said.seconds)), key=lambda i: -said.seconds[i][1])[:n]
    others: list[Said] = []
    for place in places:
        piece, probability = said.seconds[place]
        ids = said.ids[:place]
        probabilities = (*said.probabilities[:place], probability)
        if piece == end_id:
            others.append(Said(ids, probabilities, (), False))
            continue
        ids = (*ids, piece)
        room = max(1, limit - len(ids))
        (rest,) = decode(next_logits, sayable, [[*prompt, *ids]], room, end_id)
        others.append(Said(ids + rest.ids, probabilities + rest.probabilities, (), rest.is_cut))
    return sorted(others, key=lambda other: -other.probability)
