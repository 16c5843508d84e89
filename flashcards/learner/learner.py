"""Part 8, the learner: a model, its optimizer and averaged weights, taught one update at a time.

One update, from cards to new weights:

    study       encoding.batch      the cards with their right answers, as tensors
                read_with_loss      logits, error, objective                   loss.py, passes.py
    adjust      gradients_of        the objective's derivative by each weight
                optimizer.update    the raw weights change                     optimizer.py
                lerp_               the averaged weights follow

`reinforce` and `prefer` make an update without right answers, by rewards and votes (drawing.py).

Knows a deck; no files, no clock, no process. The same deck, settings, seed and calls give the same
weights bit for bit, on one thread of one machine. What it answers is in `reader.py`; who calls
`study` and `adjust`, and when, in `trainer/update.py`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner import drawing, encoding, grades, inspection, trained
from flashcards.learner.fingerprint import fingerprint
from flashcards.learner.kernels import compiled
from flashcards.learner.loss import read_with_loss
from flashcards.learner.passes import Model
from flashcards.learner.saving import SavedError
from flashcards.learner.settings import LATER_RATE, REWARD_RATE
from flashcards.learner.shards import Shards, Team, ranges, read_shards
from flashcards.learner.study import (
    Adjustment,
    Study,
    change_of,
    finite,
    norm_of,
    relative_change,
    with_after,
)
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG
from flashcards.runs.values import AnswerPiece, Mark

__all__ = ["Learner", "SavedError"]

MARKS: dict[int, Mark] = {WRONG: "wrong", ONE_OFF: "nearly", RIGHT: "right"}

VOTE_AVERAGING = 0.3  # of the last three: votes are few, and hundreds of updates would hide them


class Learner(trained.TrainedModel):
    """A model that is taught, one update at a time: see `study` and `adjust`."""

    # -- an update with cards

    def study(
        self,
        card_indices: Sequence[int],
        windows: Sequence[int] = (),
        of: encoding.Encoding | None = None,
    ) -> Study:
        """The cards read with their right answers, on the raw weights, ready for `adjust`.
        With `windows` of an earlier text (`windows_of`) the gradient is of the mean over all pieces
        of both; everything else in the study is of the cards alone."""
        batch = self.encoding.batch(card_indices)
        model = self._model(self.weights, self.flat)
        shards = None
        if self.settings.n_shards > 1:
            shards = self._shards(model, card_indices, len(batch.targets))
            logits = shards.logits
            error = F.cross_entropy(logits, batch.targets, reduction="sum")
            objective = error  # its gradient is the shards'
        else:
            logits, error, objective = read_with_loss(model, batch)
        with torch.no_grad():
            nats, marks = grades.read_rows(logits, batch, model.kernels, self._ends)
        n_asked = len(batch.targets)
        return Study(
            card_indices=tuple(card_indices),
            loss_nats=(error / n_asked).item(),
            marks=marks,
            card_nats=nats,
            batch=batch,
            loss=objective / n_asked,
            logits=logits,
            shards=shards,
            reread=self.read_again(windows, of) if windows and of is not None else None,
        )

    def read_again(self, windows: Sequence[int], of: encoding.Encoding) -> tuple[Tensor, int]:
        """The error of these windows of an earlier text, summed, with its graph; their pieces."""
        batch = of.batch(windows)
        sayable = torch.tensor(of.sayable, device=self._device)
        model = self._model(self.weights, self.flat)._replace(sayable=sayable)
        return read_with_loss(model, batch)[-1], len(batch.targets)

    def _shards(self, model: Model, card_indices: Sequence[int], n_asked: int) -> Shards:
        parts = ranges(len(card_indices), self.settings.n_shards)
        batches = [self.encoding.batch([card_indices[i] for i in part]) for part in parts]
        if self._team is None or len(batches) == 1:
            return read_shards(model, batches, n_asked, 0, len(batches))
        return self._team.study(model, batches, n_asked)

    def work_with(self, team: Team) -> None:
        """From here on share gradients and exams with other processes: a batch must be divided."""
        self._team = team
        self.optimizer.orthogonalise = team.orthogonalise

    @torch.no_grad()
    def read_error(self, study: Study, row: int) -> tuple[tuple[AnswerPiece, ...], float, Mark]:
        """The studied card's answer pieces, the last of which is the end; its error in nats; its
        mark by pieces: right when the model would have given any of its answers."""
        span = study.batch.span(row)
        targets = study.batch.targets[span]
        logits = study.logits[span]
        before = logits.softmax(-1).gather(1, targets[:, None]).squeeze(1).tolist()
        is_best = logits.argmax(-1).eq(targets).tolist()
        texts = self.tokenizer.answer_pieces([self.encoding.sayable[i] for i in targets.tolist()])
        pieces = tuple(
            AnswerPiece(text, finite(probability), best)
            for text, probability, best in zip(texts, before, is_best, strict=True)
        )
        mark = study.marks[row]
        card_index = study.card_indices[row]
        is_one_off = mark == ONE_OFF and self.tokenizer.letter_sounds is not None
        if mark != RIGHT and (is_one_off or card_index in self.encoding.alternative_rows):
            mark = self._grade(self.weights, (card_index,)).marks[0]
        return pieces, study.card_nats[row], MARKS[mark]

    def adjust(
        self,
        study: Study,
        learning_rate_factor: float = 1.0,
        measured_row: int | None = None,
        ripple: Sequence[int] = (),
        *,
        is_detailed: bool = False,
    ) -> Adjustment:
        """One update from the study's error; a study serves one `adjust`.

        An update with one card also applies `settings.single_card_factor`.

        Args:
            learning_rate_factor: Multiplies the learning rates.
            measured_row: The row whose card is read again afterwards, on the raw weights.
            ripple: Other cards whose error is read before and after; with a measured row only.
            is_detailed: Give also what was done to the numbers; with a measured row only.
        """
        # -- before
        rippled = () if measured_row is None else tuple(ripple)
        ripple_before = self._grade(self.weights, rippled).card_nats
        gradients = self.gradients_of(study)
        before = self.flat.clone()
        # -- the size of the step
        is_alone = len(study.card_indices) == 1 and self.settings.batch_size > 1
        alone = self.settings.single_card_factor if is_alone else 1.0
        factor = self.settings.warmth_at(self.step - self.chapter_step) * alone
        factor *= learning_rate_factor
        if learning_rate_factor <= 1.0:  # who raises the rate wants to see large steps
            factor *= self._settling(study)
        # One card counts for less in the average, too: the raw weights hardly move, and twenty such
        # updates would make the average as jittery as what it averages.
        share = self._averaging_share() * alone
        # -- the step
        update = self._descend(gradients, study.loss_nats, factor, share, before)
        if measured_row is None or not self.is_finite:
            return update
        # -- what it changed, for those who look
        with torch.no_grad():
            batch = self.encoding.batch((study.card_indices[measured_row],))
            logits = self._logits(self.weights, batch)
        pieces = with_after(self.read_error(study, measured_row)[0], logits, batch.targets)
        change = change_of(
            pieces,
            study.logits[study.batch.span(measured_row)].detach(),
            logits,
            self.n_parameters,
            self._piece_text,
            [self._deck.cards[i] for i in rippled],
            (ripple_before, self._grade(self.weights, rippled).card_nats),
            update.gradient_norm,
            update.relative_change,
            self._n_others(study),
        )
        details = None
        if is_detailed:
            slopes = self.views(torch.cat([gradient.flatten() for gradient in gradients]))
            rate = self.settings.learning_rate * factor
            details = inspection.adjustment_details(self.views(before), self.weights, slopes, rate)
        return Adjustment(update.gradient_norm, update.relative_change, change, pieces, details)

    def _n_others(self, study: Study) -> tuple[int, int]:
        """The number of cards outside the study: those taught, and those never taught."""
        deck = self._deck
        n_taught, n_never_seen = self._n_sides
        studied = [i for i in set(study.card_indices) if i < deck.n_own]
        return n_taught - sum(not deck.cards[i].is_never_seen for i in studied), n_never_seen

    def gradients_of(self, study: Study) -> list[Tensor]:
        """The derivative of the study's objective by each weight; once. Windows that are read again
        have a part in it by their pieces."""
        if study.shards is None:
            gradients = list(torch.autograd.grad(study.loss, self.parameters))
        else:
            gradients = study.shards.gradients
        if study.reread is None:
            return gradients
        nats, n_pieces = study.reread
        n_asked = len(study.batch.targets)
        of_windows = torch.autograd.grad(nats, self.parameters)
        return [
            (of_cards * n_asked + of_window) / (n_asked + n_pieces)
            for of_cards, of_window in zip(gradients, of_windows, strict=True)
        ]

    def _descend(
        self,
        gradients: Sequence[Tensor],
        loss_nats: float,
        factor: float,
        averaging: float,
        before: Tensor,
    ) -> Adjustment:
        """One update by these gradients; none that would spoil the weights, which were `before`.

        Args:
            factor: Multiplies the learning rates.
            averaging: The share of the new weights in the averaged ones.
        """
        kernels = compiled.kernels_for(self.settings, self.flat.device.type)
        gradient_norm = norm_of(gradients, kernels)
        # a gradient or weights that are no numbers any more would spoil the model for good
        if not (math.isfinite(gradient_norm) and math.isfinite(loss_nats)):
            self.is_finite = False
            return Adjustment(finite(gradient_norm), 0.0)
        flat = self.flat
        self._learn(gradients, factor, before)
        change = relative_change(flat, before, kernels)
        if not math.isfinite(change):
            flat.copy_(before)  # as if the update had not been made
            self.is_finite = False
            return Adjustment(finite(gradient_norm), 0.0)
        self.averaged_flat.lerp_(flat, averaging)  # averaged += share * (raw - averaged)
        self.step += 1
        return Adjustment(gradient_norm, change)

    # -- an update by rewards or votes

    def reinforce(
        self,
        answers: Sequence[drawing.Weighed],
        learning_rate_factor: float = 1.0,
        averaging: float | None = None,
    ) -> Adjustment:
        """One update that makes answers likelier or less likely, each by its weight.
        Without any weight nothing is changed, and the update is counted as one all the same: the
        optimizer takes a step of one size however small the gradient is.

        Args:
            averaging: The share of the new weights in the averaged ones, 0 to 1; None is that of an
                update with cards.
        """
        batch, weights = self._weighed(drawing.merged(answers))
        if batch is None:
            self.step += 1
            self.optimizer.n_steps = self.step
            return Adjustment(0.0, 0.0)
        logits = self._logits(self.weights, batch)
        loss = drawing.weighted_loss(logits, batch, weights, len(answers))
        gradients = torch.autograd.grad(loss, self.parameters)
        warmth = self.settings.warmth_at(self.step - self.chapter_step)
        factor = warmth * REWARD_RATE / (LATER_RATE if self._deck.earlier else 1.0)
        before = self.flat.clone()
        share = self._averaging_share() if averaging is None else averaging
        return self._descend(gradients, loss.item(), factor * learning_rate_factor, share, before)

    def prefer(
        self,
        prompt: str,
        preferred: Sequence[int],
        other: Sequence[int],
        learning_rate_factor: float = 1.0,
    ) -> Adjustment:
        """One update by a vote for one of two drawn answers, as `Draw.places`: online DPO."""
        pair = (
            drawing.Weighed(prompt, tuple(preferred), drawing.VOTE_WEIGHT),
            drawing.Weighed(prompt, tuple(other), -drawing.VOTE_WEIGHT),
        )
        return self.reinforce(pair, learning_rate_factor, VOTE_AVERAGING)

    # -- sizes of steps, and more

    @property
    def rounding(self) -> str:
        """The `fingerprint` of this machine, for such a learner."""
        n_vocabulary = self.tokenizer.n_vocabulary
        return fingerprint(self._first_settings, n_vocabulary, self._device, self.base)

    def _settling(self, study: Study) -> float:
        """The share of a step that is made; below 1 where the error is nearly nothing."""
        settings = self.settings
        if not study.loss_nats < settings.settling_nats:  # NaN is no small error
            return 1.0
        return max(settings.settling_floor, study.loss_nats / settings.settling_nats)

    def _averaging_share(self) -> float:
        """The share of the new weights in the averaged ones: large at first, so that the untrained
        ones are forgotten soon (an exponential average, after Polyak & Juditsky 1992)."""
        settings = self.settings
        step = self.step - self.chapter_step
        return max(1 - settings.ema_decay, settings.ema_ramp / (1 + settings.ema_ramp + step))

    def reader(self) -> Learner:
        """A copy whose weights are its own, to `read` or `take` those of other steps.
        Everything else is this one's: it answers and is not taught."""
        reader = copy.copy(self)
        reader._team = None
        reader.flat = self.flat.detach().clone()
        reader.weights = reader.views(reader.flat)
        reader.averaged_flat = self.averaged_flat.clone()
        reader.averaged = reader.views(reader.averaged_flat)
        return reader
