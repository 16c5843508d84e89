"""The learner: a model, its optimizer and averaged weights, taught one update at a time.

Knows a deck; no files, no clock, no process. The same deck, settings, seed and calls give the same
weights bit for bit, on one thread of one machine. Long because it is what a lesson asks of a
learner, in one place; the model, the update, decoding, measuring and saving are modules of theirs.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.cards.card import Card, Deck, DeckMeta
from flashcards.learner.decoding import Next, NextOfEach, Said, decode, decode_each, runners_up
from flashcards.learner.encoding import Batch, Encoding
from flashcards.learner.heap import keep_heap
from flashcards.learner.inspection import Anatomy, adjustment_details
from flashcards.learner.measuring import change_of, finite, with_after
from flashcards.learner.model import Rotary, Weights, forward, n_parameters_of, new_weights, views
from flashcards.learner.optimizer import Optimizer
from flashcards.learner.saving import SavedError, pack, unpack
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.study import Adjustment, Answer, Grades, StepWeights, Study, mark_of
from flashcards.learner.tokenizer import ANSWER_ID, END_ID, Tokenizer, train_tokenizer
from flashcards.runs.marks import NEARLY, RIGHT, WRONG
from flashcards.runs.values import AnswerPiece, GuessPiece, Mark

__all__ = ["Learner", "SavedError"]

MARKS: dict[int, Mark] = {WRONG: "wrong", NEARLY: "nearly", RIGHT: "right"}
# Pieces in one forward pass of grading: bounds its memory
GRADED_PIECES = 4096
N_ALTERNATIVES = 3
# An answer is cut this many pieces after the length of the deck's longest
DECODING_MARGIN = 8
# Averaged weights forget the untrained ones: 9, from min(ema_decay, (1 + step) / (10 + step))
EMA_RAMP = 9


@dataclass(frozen=True)
class Forms:
    """Prompts with answers that need not be right, as tensors."""

    prompts: tuple[str, ...]
    encoding: Encoding | None


class Learner:
    """A small language model that is taught a deck.

    Attributes:
        step: Updates made.
        n_parameters: Numbers in the model.
        n_pieces: Pieces this deck's answers use, the end included: a blind guess among them costs
            ln(n_pieces) nats a piece.
        is_finite: False once a loss, a gradient or the weights were NaN or infinite. The update
            that would have spoilt the weights is not made.
    """

    def __init__(
        self,
        deck: Deck,
        settings: LearnerSettings,
        tokenizer_model: bytes,
        flat: Tensor,
        device: str,
    ) -> None:
        torch.set_num_threads(1)  # two gain nothing at this size; one is the same run every time
        torch.set_flush_denormal(True)
        keep_heap()
        self.settings = settings
        self.tokenizer_model = tokenizer_model
        self.step = 0
        self.is_finite = True
        self.n_parameters = flat.numel()
        self._device = device
        self._tokenizer = Tokenizer(tokenizer_model)
        self.take_deck(deck)
        self._rotary = Rotary(settings, device)
        self._flat = flat.to(device)
        self._averaged_flat = self._flat.clone()
        self._weights = self._views(self._flat)
        self._averaged = self._views(self._averaged_flat)
        self._optimizer = Optimizer(self._views(self._flat), settings)
        self._parameters = list(self._weights.named().values())
        for parameter in self._parameters:
            parameter.requires_grad_()

    @classmethod
    def create(
        cls, deck: Deck, settings: LearnerSettings, seed: int, device: str = "cpu"
    ) -> Learner:
        """A learner that knows nothing yet.

        Raises:
            SettingsError: a card is longer than the model can hold.
        """
        model = train_tokenizer(deck, settings)
        flat = new_weights(settings, Tokenizer(model).n_vocabulary, seed)
        return cls(deck, settings, model, flat, device)

    def take_deck(self, deck: Deck) -> None:
        """Teach this deck from now on: weights and tokenizer stay as they are.

        The answers' pieces are what the model now chooses from. Characters the tokenizer has never
        learned are read and said byte by byte: `unlearned` names them.

        Raises:
            SettingsError: a card is longer than the model can hold; the deck is the old one still.
        """
        self._encoding = Encoding(deck, self._tokenizer, self.settings.max_pieces, self._device)
        self._deck = deck
        self.n_pieces = len(self._encoding.sayable)
        self._sayable = torch.tensor(self._encoding.sayable, device=self._device)
        self._limit = self._encoding.longest_answer + DECODING_MARGIN

    def unlearned(self, texts: Iterable[str]) -> tuple[str, ...]:
        """What in the texts no learned piece holds: characters, or words where words are pieces."""
        return self._tokenizer.unlearned(texts)

    def cut(self, texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """The pieces each text is cut into, as they are shown; a lone byte as <0xC3>."""
        return tuple(self._tokenizer.shown_pieces(text) for text in texts)

    # -- saving

    def save(self, extra: Mapping[str, bytes]) -> bytes:
        """Everything needed to go on bit for bit, and `extra`, as safetensors."""
        return pack(self._state(), self.step, extra)

    @classmethod
    def restore(
        cls,
        deck: Deck,
        settings: LearnerSettings,
        tokenizer_model: bytes,
        saved: bytes,
        device: str = "cpu",
    ) -> tuple[Learner, dict[str, bytes]]:
        """The learner that was saved, and the extra bytes given to `save`.

        Raises:
            SavedError: the bytes are damaged or belong to another model.
        """
        n_parameters = n_parameters_of(settings, Tokenizer(tokenizer_model).n_vocabulary)
        learner = cls(deck, settings, tokenizer_model, torch.zeros(n_parameters), device)
        return learner, learner.load(saved)

    def load(self, saved: bytes) -> dict[str, bytes]:
        """Become the learner that was saved, of this deck; the extra bytes given to `save`.

        Raises:
            SavedError: the bytes are damaged or belong to another model; nothing was changed.
        """
        self.step, extra = unpack(saved, self._state())
        self._optimizer.n_steps = self.step
        self.is_finite = True
        return extra

    def weights_now(self) -> StepWeights:
        return StepWeights(self.step, self._flat.detach().clone(), self._averaged_flat.clone())

    @torch.no_grad()
    def become(self, other: Learner) -> None:
        """Be what the other one of this run is: weights, optimizer, step and deck."""
        for name, tensor in self._state().items():
            tensor.copy_(other._state()[name])
        self.step = self._optimizer.n_steps = other.step
        self.is_finite = True
        if other._deck is not self._deck:
            self.take_deck(other._deck)

    @property
    def has_finite_weights(self) -> bool:
        return bool(self._flat.isfinite().all()) and bool(self._averaged_flat.isfinite().all())

    def _state(self) -> dict[str, Tensor]:
        parts = {
            "weights": self._weights.named(),
            "averaged": self._averaged.named(),
            **self._optimizer.state(),
        }
        return {
            f"{part}.{name}": tensor.detach()
            for part, tensors in parts.items()
            for name, tensor in tensors.items()
        }

    @property
    def anatomy(self) -> Anatomy:
        """What a look from within needs: the raw weights as they are, to read."""
        return Anatomy(
            self._views(self._flat.detach()),
            self._tokenizer,
            self._encoding,
            self._sayable,
            self._rotary,
            self.settings,
        )

    @property
    def guessing_nats(self) -> float:
        """The error of a blind guess, in nats a piece: ln of the pieces answers use."""
        return math.log(self.n_pieces)

    @property
    def pieces_per_card(self) -> float:
        """Mean length of the deck's cards in pieces, separator and end included."""
        lengths = self._encoding.lengths[: self._encoding.n_cards]
        return sum(lengths) / len(lengths)

    @property
    def pieces_per_answer(self) -> float:
        """Mean length of the taught answers in pieces, the end included."""
        taught = self._deck.taught
        return sum(self._encoding.n_asked[i] for i in taught) / len(taught)

    def weights_sha256(self) -> str:
        """Hash of the weights as trained and as averaged, 64 hex digits."""
        both = {"weights": self._flat, "averaged": self._averaged_flat}
        return hashlib.sha256(pack(both, 0, {})).hexdigest()

    # -- one update

    def study(self, card_indices: Sequence[int]) -> Study:
        """The cards read with their right answers, on the raw weights, ready for `adjust`."""
        batch = self._encoding.batch(card_indices)
        logits = self._logits(self._weights, batch)
        loss = F.cross_entropy(logits, batch.targets)
        with torch.no_grad():
            nats, marks = _read_rows(logits, batch)
        return Study(tuple(card_indices), loss.item(), marks, nats, batch, loss, logits)

    @torch.no_grad()
    def guess(self, card_index: int) -> tuple[GuessPiece, ...]:
        """What the raw weights say to the card's prompt, the likeliest piece each time."""
        return self._guess_pieces(self._say(self._weights, self._encoding.prompt(card_index)))

    @torch.no_grad()
    def read_error(self, study: Study, row: int) -> tuple[tuple[AnswerPiece, ...], float, Mark]:
        """The studied card's answer pieces, its error in nats, and its mark.

        The last piece is the end. The card is right when any of its answers would have been said.
        """
        span = study.batch.span(row)
        targets, logits = study.batch.targets[span], study.logits[span]
        before = logits.softmax(-1).gather(1, targets[:, None]).squeeze(1).tolist()
        is_best = logits.argmax(-1).eq(targets).tolist()
        pieces = tuple(
            AnswerPiece(self._piece_text(target), finite(probability), best)
            for target, probability, best in zip(targets.tolist(), before, is_best, strict=True)
        )
        mark = study.marks[row]
        card_index = study.card_indices[row]
        if mark != RIGHT and card_index in self._encoding.alternative_rows:
            mark = self._grade(self._weights, (card_index,)).marks[0]
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
            is_detailed: Tell also what was done to the numbers; with a measured row only.
        """
        rippled = () if measured_row is None else tuple(ripple)
        ripple_before = self._grade(self._weights, rippled).card_nats
        gradients = torch.autograd.grad(study.loss, self._parameters)
        gradient_norm = torch.nn.utils.get_total_norm(gradients).item()
        if not (math.isfinite(gradient_norm) and math.isfinite(study.loss_nats)):
            self.is_finite = False
            return Adjustment(finite(gradient_norm), 0.0)
        flat = self._flat
        before = flat.clone()
        factor = self._rate_factor(study) * learning_rate_factor
        if learning_rate_factor <= 1.0:  # who raises the rate wants to see large steps
            factor *= self._settling(study)
        self._optimizer.update(gradients, factor)
        relative_change = ((flat - before).norm() / before.norm()).item()
        if not math.isfinite(relative_change):
            flat.copy_(before)
            self.is_finite = False
            return Adjustment(finite(gradient_norm), 0.0)
        self._averaged_flat.lerp_(flat, self._averaging(study))
        self.step += 1
        if measured_row is None:
            return Adjustment(gradient_norm, relative_change)
        with torch.no_grad():
            batch = self._encoding.batch((study.card_indices[measured_row],))
            logits = self._logits(self._weights, batch)
        pieces = with_after(self.read_error(study, measured_row)[0], logits, batch.targets)
        change = change_of(
            pieces,
            study.logits[study.batch.span(measured_row)].detach(),
            logits,
            batch.targets,
            (self._views(before), self._weights),
            [self._piece_text(i) for i in range(self.n_pieces)],
            [self._deck.cards[i] for i in rippled],
            (ripple_before, self._grade(self._weights, rippled).card_nats),
            gradient_norm,
            relative_change,
            self._n_others(study),
        )
        details = None
        if is_detailed:
            slopes = Weights(*gradients)
            rate = self.settings.learning_rate * factor
            details = adjustment_details(self._views(before), self._weights, slopes, rate)
        return Adjustment(gradient_norm, relative_change, change, pieces, details)

    def _n_others(self, study: Study) -> tuple[int, int]:
        """Taught cards not in this update, and never seen ones."""
        n_taught = len(set(self._deck.taught).difference(study.card_indices))
        return n_taught, len(self._deck.held_out)

    def _rate_factor(self, study: Study) -> float:
        warmth = min(1.0, (self.step + 1) / (self.settings.warmup_steps + 1))
        warmth /= math.sqrt(1 + self.step / self.settings.slowing_steps)
        return warmth * self.settings.single_card_factor if self._is_alone(study) else warmth

    def _settling(self, study: Study) -> float:
        """How much of a step an error leaves that is nearly nothing; 1 for all others."""
        settling_nats = self.settings.settling_nats
        return study.loss_nats / settling_nats if study.loss_nats < settling_nats else 1.0

    def _is_alone(self, study: Study) -> bool:
        return len(study.card_indices) == 1 < self.settings.batch_size

    def _averaging(self, study: Study) -> float:
        """How much of the new weights goes into the averaged ones.

        An update with one card counts for less: the raw weights then hardly move, and twenty of
        them would make the average as jittery as what it averages.
        """
        share = max(1 - self.settings.ema_decay, EMA_RAMP / (EMA_RAMP + 1 + self.step))
        return share * self.settings.single_card_factor if self._is_alone(study) else share

    # -- what it knows

    def reader(self) -> Learner:
        """A second learner whose weights are its own, to `read` or `take` those of other steps.

        Everything else is this one's: it answers and is not taught.
        """
        reader = copy.copy(self)
        reader._flat = self._flat.detach().clone()
        reader._weights = reader._views(reader._flat)
        reader._averaged_flat = self._averaged_flat.clone()
        reader._averaged = reader._views(reader._averaged_flat)
        return reader

    def read(self, saved: bytes, deck: Deck | None = None) -> None:
        """Answer as the saved state did, whose deck may have been another: of a `reader` alone.

        Raises:
            SavedError: the bytes are damaged or belong to another model.
        """
        averaged = {f"averaged.{name}": part for name, part in self._averaged.named().items()}
        self.step = unpack(saved, averaged, is_part=True)[0]
        if deck is not None and deck is not self._deck:
            self.take_deck(deck)

    def take(self, weights: StepWeights, deck: Deck) -> None:
        """Answer as the model of that step did, whose deck may be another: of a `reader` alone."""
        self.step = weights.step
        self._flat.copy_(weights.raw)
        self._averaged_flat.copy_(weights.averaged)
        if deck is not self._deck:
            self.take_deck(deck)

    def grade(
        self, card_indices: Sequence[int], between: Callable[[int], None] | None = None
    ) -> Grades:
        """How the averaged weights answer the cards.

        Read with the right pieces before each: the likeliest piece is the right one everywhere just
        when the greedy answer is right. Any accepted answer counts.

        Args:
            between: Called every few hundredths of a second with the number of cards graded since
                the last time; it must not teach.
        """
        return self._grade(self._averaged, card_indices, between=between)

    def forms(self, forms: Mapping[str, Sequence[str]]) -> Forms:
        """Prompts with answers of someone else's choosing, to see later whether one is said.

        Answers that this deck's pieces can't spell, or that are too long, can't be said.
        """
        sayable = set(self._encoding.sayable)
        cards = []
        for prompt, answers in forms.items():
            room = self.settings.max_pieces - len(self._tokenizer.encode(prompt)) - 2
            encoded = [(answer, self._tokenizer.encode(answer)) for answer in answers]
            said = tuple(
                answer
                for answer, pieces in encoded
                if len(pieces) <= room and sayable.issuperset(pieces)
            )
            if said:
                cards.append(Card(id=prompt, prompt=prompt, answers=said))
        encoding = None
        if cards:
            encoding = Encoding(
                Deck(slug="", meta=DeckMeta(), cards=tuple(cards)),
                self._tokenizer,
                self.settings.max_pieces,
                self._device,
                self._encoding.sayable,
            )
        return Forms(tuple(card.prompt for card in cards), encoding)

    def said(self, forms: Forms) -> frozenset[str]:
        """The prompts to which the averaged weights say one of the forms."""
        if forms.encoding is None:
            return frozenset()
        marks = self._grade(self._averaged, range(len(forms.prompts)), forms.encoding).marks
        pairs = zip(forms.prompts, marks, strict=True)
        return frozenset(prompt for prompt, mark in pairs if mark == RIGHT)

    @torch.no_grad()
    def answer_each(self, prompts: Sequence[str]) -> list[Answer]:
        """What the averaged weights say to several prompts, without what else they might say."""
        asked = [self._asking(prompt) for prompt in prompts]
        next_logits = self._next_of_each(self._averaged)
        return [
            Answer(
                self._tokenizer.text(said.ids),
                self._guess_pieces(said),
                (),
                said.probability,
                said.is_cut,
            )
            for said in decode_each(next_logits, self._encoding.sayable, asked, self._limit)
        ]

    @torch.no_grad()
    def answer(self, prompt: str) -> Answer:
        """What the averaged weights say to any prompt, and what else they might say."""
        ids = self._asking(prompt)
        said = self._say(self._averaged, ids)
        others = runners_up(
            self._next_of(self._averaged),
            self._encoding.sayable,
            ids,
            said,
            self._limit,
            N_ALTERNATIVES,
        )
        text = self._tokenizer.text(said.ids)
        alternatives = dict.fromkeys(self._tokenizer.text(other.ids) for other in others)
        return Answer(
            text,
            self._guess_pieces(said),
            tuple(other for other in alternatives if other != text),
            said.probability,
            said.is_cut,
        )

    @torch.no_grad()
    def _grade(
        self,
        weights: Weights,
        card_indices: Sequence[int],
        encoding: Encoding | None = None,
        between: Callable[[int], None] | None = None,
    ) -> Grades:
        encoding = self._encoding if encoding is None else encoding
        rows = list(card_indices)
        owners = list(range(len(rows)))
        for place, card_index in enumerate(card_indices):
            for row in encoding.alternative_rows.get(card_index, ()):
                rows.append(row)
                owners.append(place)
        nats = [0.0] * len(rows)
        marks = bytearray(len(card_indices))
        for places in encoding.chunks(rows, GRADED_PIECES):
            batch = encoding.batch([rows[place] for place in places])
            chunk_nats, chunk_marks = _read_rows(self._logits(weights, batch), batch)
            for place, error_nats, mark in zip(places, chunk_nats, chunk_marks, strict=True):
                nats[place] = error_nats
                marks[owners[place]] = max(marks[owners[place]], mark)
            if between is not None:
                between(len(places))
        card_nats = tuple(nats[: len(card_indices)])
        n_pieces = sum(encoding.n_asked[i] for i in card_indices)
        return Grades(bytes(marks), sum(card_nats) / n_pieces if n_pieces else None, card_nats)

    # -- shared

    def _views(self, flat: Tensor) -> Weights:
        return views(flat, self.settings, self._tokenizer.n_vocabulary)

    def _logits(self, weights: Weights, batch: Batch) -> Tensor:
        return forward(weights, batch.ids, batch.asked, self._sayable, self._rotary, self.settings)

    def _next_of(self, weights: Weights) -> Next:
        def next_logits(ids: list[int]) -> Tensor:
            asked = torch.tensor([len(ids) - 1], device=self._device)
            sequence = torch.tensor([ids], device=self._device)
            return forward(weights, sequence, asked, self._sayable, self._rotary, self.settings)[0]

        return next_logits

    def _next_of_each(self, weights: Weights) -> NextOfEach:
        def next_logits(sequences: list[list[int]]) -> Tensor:
            n_pieces = max(map(len, sequences))
            padded = [ids + [END_ID] * (n_pieces - len(ids)) for ids in sequences]
            last = [row * n_pieces + len(ids) - 1 for row, ids in enumerate(sequences)]
            asked = torch.tensor(last, device=self._device)
            ids = torch.tensor(padded, device=self._device)
            return forward(weights, ids, asked, self._sayable, self._rotary, self.settings)

        return next_logits

    def _asking(self, prompt: str) -> list[int]:
        """The prompt, as much of its end as the model can hold, and the answer sign."""
        room = self.settings.max_pieces - 1
        return [*self._tokenizer.encode(prompt)[-room:], ANSWER_ID]

    def _say(self, weights: Weights, prompt: list[int]) -> Said:
        return decode(self._next_of(weights), self._encoding.sayable, prompt, self._limit)

    def _piece_text(self, place: int) -> str:
        return self._tokenizer.piece_text(self._encoding.sayable[place])

    def _guess_pieces(self, said: Said) -> tuple[GuessPiece, ...]:
        return tuple(
            GuessPiece(self._tokenizer.piece_text(piece), probability)
            for piece, probability in zip(said.ids, said.probabilities, strict=False)
        )


def _read_rows(logits: Tensor, batch: Batch) -> tuple[tuple[float, ...], bytes]:
    """Each row's error in nats, summed over its answer pieces, and its mark."""
    nats = F.cross_entropy(logits, batch.targets, reduction="none")
    is_wrong = logits.argmax(-1).ne(batch.targets)
    sums = torch.zeros(2, len(batch.n_asked), device=logits.device)
    sums.index_add_(1, batch.row_of, torch.stack((nats, is_wrong.float())))
    card_nats, n_wrong = sums.tolist()
    marks = (mark_of(n, int(wrong)) for n, wrong in zip(batch.n_asked, n_wrong, strict=True))
    return tuple(card_nats), bytes(marks)
