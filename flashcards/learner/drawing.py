"""Part 8, the learner: answers tried by the model itself, and made likelier or less likely.

Rewards and votes need no right answer. The model draws several answers to a prompt from what it
finds probable (`Drawer`); a judge or a person says what each is worth; the loss (`weighted_loss`)
is minus the sum of weight times log probability, of whole answers.

With the advantage as weight, its derivative is the policy gradient (REINFORCE, Williams 1992). With
the mean of a group as what a reward is compared with, it is that of GRPO without its division by
the group's spread (arXiv 2402.03300 and 2503.20783), no KL and no clipping: each draw serves one
update. `learner.reinforce` makes the update.

All prompts of an update are read at once; what was read is kept for every try. Each prompt has its
own luck, which depends on seed, step and prompt alone: the same model draws the same answers again.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner import encoding, grades, reader
from flashcards.learner.model import Weights
from flashcards.learner.piece_by_piece import cached

HIDDEN = -1e9  # nobody looks at what pads a prompt: exp of this is 0, and no infinity meets another

PROMPTS_AT_ONCE = 256
FEW_LEFT = 0.75  # share of open answers below which those that have ended are left out


@dataclass(frozen=True)
class Draw:
    """One answer that was drawn."""

    text: str  # printable
    places: tuple[int, ...]  # places among the sayable pieces, the end included unless it is cut
    nats: float  # its error: minus the logarithm of its probability, all its places together
    is_cut: bool  # it had not come to an end within the longest answer's room

    @property
    def probability(self) -> float:
        """Of the whole answer, 0 to 1."""
        return math.exp(-self.nats)


VOTE_WEIGHT = 0.05
"""Of the answer that a vote prefers; the other one's is minus this.
With these weights the derivative of `weighted_loss` is that of DPO's loss for one pair, -log
sigmoid(beta * margin), where the model is its own reference: beta / 2, with the usual beta of 0.1
(Rafailov et al. 2023, arXiv:2305.18290)."""


@dataclass(frozen=True)
class Weighed:
    """An answer to a prompt, and its weight: above 0 it is made likelier.
    `places` are its pieces as places among the sayable ones, the end included where it has one."""

    prompt: str
    places: tuple[int, ...]
    weight: float


def advantages(rewards: Sequence[float]) -> list[float]:
    """Each reward of one group, less their mean; exactly 0 where all are alike."""
    if min(rewards) == max(rewards):
        return [0.0] * len(rewards)
    mean = math.fsum(rewards) / len(rewards)
    return [reward - mean for reward in rewards]


def merged(answers: Sequence[Weighed]) -> list[Weighed]:
    """The same answers as one with the sum of their weights, in order; those of weight 0 left out.
    The derivative is the same, and a model that is fairly sure says most things several times."""
    sums: dict[tuple[str, tuple[int, ...]], list[float]] = {}
    for answer in answers:
        sums.setdefault((answer.prompt, answer.places), []).append(answer.weight)
    all_merged = (
        Weighed(prompt, places, math.fsum(weights)) for (prompt, places), weights in sums.items()
    )
    return [answer for answer in all_merged if answer.weight]


def weighted_loss(
    logits: Tensor, batch: encoding.Batch, weights: Sequence[float], n: int
) -> Tensor:
    """Minus the sum of weight times log probability of the batch's rows, over `n` answers drawn."""
    by_row = torch.tensor(weights, dtype=logits.dtype, device=logits.device)
    nats = F.cross_entropy(logits, batch.targets, reduction="none")
    return (nats * by_row[batch.row_of]).sum() / n


class Drawer(reader.Reader):
    """A reader that also tries answers by luck."""

    @torch.no_grad()
    def draw(self, prompts: Sequence[str], n_draws: int, seed: int) -> list[list[Draw]]:
        """`n_draws` answers of the raw weights to each prompt, at temperature 1.
        The luck of each prompt is that of `seed`, the step, and the prompt."""
        return self._drawn(self.weights, prompts, self._luck(prompts, n_draws, seed))

    @torch.no_grad()
    def draw_averaged(
        self, prompts: Sequence[str], n_draws: int, temperature: float, seed: int
    ) -> Iterator[list[Draw]]:
        """`n_draws` answers of the averaged weights to each prompt at this temperature; with 0 the
        likeliest one alone. Their luck is that of `draw`."""
        for first in range(0, len(prompts), PROMPTS_AT_ONCE):
            block = prompts[first : first + PROMPTS_AT_ONCE]
            luck = self._luck(block, n_draws, seed) if temperature > 0 else None
            yield from self._drawn(self.averaged, block, luck, temperature or 1.0)

    def _luck(self, prompts: Sequence[str], n_draws: int, seed: int) -> Tensor:
        """[P, n, limit] 0 to 1, by which answers are drawn."""
        luck = [
            torch.rand(n_draws, self.answer_limit, generator=luck_of(seed, self.step, prompt))
            for prompt in prompts
        ]
        return torch.stack(luck).to(self._device)

    @torch.no_grad()
    def draw_likeliest(self, prompts: Sequence[str]) -> list[Draw]:
        """The averaged weights' answer to each prompt: the likeliest piece each time."""
        return [draw for (draw,) in self.draw_averaged(prompts, 1, 0.0, 0)]

    @torch.no_grad()
    def along(
        self, prompts: Sequence[str], answers: Sequence[Sequence[int]]
    ) -> list[list[tuple[int, float]]]:
        """At each piece of these answers, none of them empty: the place that the averaged weights
        find likeliest there, after what stands before, and its probability.
        An answer is the greedy one just when these are its own places."""
        pairs = zip(prompts, answers, strict=True)
        weighed = [Weighed(prompt, tuple(places), 1.0) for prompt, places in pairs]
        lengths = [len(self._asking(answer.prompt)) + len(answer.places) for answer in weighed]
        likeliest: list[list[tuple[int, float]]] = [[] for _ in weighed]
        for rows in encoding.chunks_of(lengths, grades.GRADED_PIECES):
            batch, _ = self._weighed([weighed[row] for row in rows])
            assert batch is not None
            spread = self._logits(self.averaged, batch).softmax(-1).nan_to_num(0.0)
            tops, places = (x.tolist() for x in spread.max(-1))
            for place, row in enumerate(rows):
                span = batch.span(place)
                likeliest[row] = list(zip(places[span], tops[span], strict=True))
        return likeliest

    @torch.no_grad()
    def piece_probabilities(
        self, prompt: str, answers: Sequence[Sequence[int]]
    ) -> list[tuple[float, ...]]:
        """The probability of each piece of these answers, by the raw weights. Answers are given as
        places among the sayable pieces."""
        batch, _ = self._weighed([Weighed(prompt, tuple(places), 1.0) for places in answers])
        assert batch is not None
        spread = self._logits(self.weights, batch).softmax(-1).nan_to_num(0.0)
        shares = spread.gather(1, batch.targets[:, None]).squeeze(1).tolist()
        return [tuple(shares[batch.span(row)]) for row in range(len(answers))]

    def _weighed(self, answers: Sequence[Weighed]) -> tuple[encoding.Batch | None, list[float]]:
        """The answers as a batch, with their weights; None without any."""
        if not answers:
            return None, []
        sayable = self.encoding.sayable
        sequences = [
            [*self._asking(answer.prompt), *(sayable[place] for place in answer.places)]
            for answer in answers
        ]
        batch = self.encoding.packed(sequences, [len(answer.places) for answer in answers])
        return batch, [answer.weight for answer in answers]

    def _drawn(
        self,
        weights: Weights,
        prompts: Sequence[str],
        luck: Tensor | None,
        temperature: float = 1.0,
    ) -> list[list[Draw]]:
        """Draws of answers to P prompts.

        Args:
            luck: [P, n, limit] 0 to 1, by which n answers are drawn to each prompt, of at most
                `limit` pieces. None for the likeliest pieces, one answer each.
            temperature: Divides the logits: below 1 what is likely gets likelier, above 1 less.
        """
        device = self._device
        n_draws = 1 if luck is None else luck.shape[1]
        prompt_ids = [self._asking(prompt) for prompt in prompts]
        longest = max(map(len, prompt_ids))
        context = longest + self.answer_limit
        # prompts end together, so that answers begin together; what pads them is hidden
        hidden = torch.zeros(len(prompt_ids), context)
        for row, ids in enumerate(prompt_ids):
            hidden[row, : longest - len(ids)] = HIDDEN
        end_id = self.tokenizer.end_id
        padded = [[end_id] * (longest - len(ids)) + ids for ids in prompt_ids]
        hidden = hidden.to(device)
        model = cached(self._model(weights, self.flat), context)
        logits = model.read(torch.tensor(padded, device=device), hidden=hidden)
        # each prompt was read once; from here on it is there once for each of its draws
        rows = torch.arange(len(prompt_ids), device=device).repeat_interleave(n_draws)
        model.take(rows)
        logits = logits[rows]  # [R, A], R rows that are still read
        hidden = hidden[rows]
        draw_of = torch.arange(len(rows), device=device)  # [R] the draw that each row is
        is_open = torch.ones(len(rows), dtype=torch.bool, device=device)
        end = self.encoding.sayable.index(end_id)
        answers = torch.full((len(rows), self.answer_limit), -1, device=device)  # -1: nothing
        nats = torch.zeros(len(rows), device=device)
        by_row = None if luck is None else luck.flatten(0, 1)
        for place in range(self.answer_limit):
            if temperature != 1.0:
                logits = logits / temperature
            # NaN would be no probability: a model that has diverged finds nothing probable
            spread = logits.softmax(-1).nan_to_num(0.0)
            if by_row is None:
                chosen = spread.argmax(-1, keepdim=True)
            else:
                # the first piece at which the probabilities add up to the luck
                chosen = torch.searchsorted(spread.cumsum(-1), by_row[draw_of, place, None])
                chosen = chosen.clamp_max(spread.shape[-1] - 1)
            at = draw_of[is_open]
            answers[at, place] = chosen[is_open, 0]
            nats[at] -= spread.gather(1, chosen)[is_open, 0].log()
            is_open = is_open & chosen[:, 0].ne(end)
            n_open = int(is_open.sum())
            if n_open == 0 or place == self.answer_limit - 1:
                break
            if n_open <= FEW_LEFT * len(is_open):  # leaving rows out costs a copy, too
                open_rows = is_open.nonzero()[:, 0]
                model.take(open_rows)
                draw_of = draw_of[open_rows]
                hidden = hidden[open_rows]
                chosen = chosen[open_rows]
                is_open = is_open[open_rows]
            logits = model.read(self._sayable[chosen], is_more=True, hidden=hidden)
        draws = []
        for row, error in zip(answers.tolist(), nats.tolist(), strict=True):
            pieces = [piece for piece in row if piece >= 0]
            is_cut = not pieces or pieces[-1] != end
            text = self._text_of(pieces if is_cut else pieces[:-1])
            draws.append(Draw(text, tuple(pieces), error, is_cut))
        return [draws[i : i + n_draws] for i in range(0, len(draws), n_draws)]

    def piece_texts(self, places: Sequence[int]) -> list[str]:
        return [self._piece_text(place) for place in places]


def luck_of(seed: int, step: int, prompt: str) -> torch.Generator:
    """The luck of this prompt's answers, at this step of the run with this seed."""
    key = f"{seed}/{step}/{prompt}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hashlib.blake2b(key, digest_size=8, person=b"tries").digest(), "big")
    return torch.Generator().manual_seed(number >> 1)
