"""Part 8, the learner: a model that answers a deck's cards, graded, and any prompt, decoded.

A learner is made in four steps, each a class of its own file: `Reader` answers, `Drawer` also tries
answers by luck, `TrainedModel` has weights that change, `Learner` is taught.

There are two sets of weights. The raw ones are those that updates change; the averaged ones are
their mean over the last updates, steadier and usually better, and give all answers and exams.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flashcards.cards.card import Card, Deck, DeckMeta, filled
from flashcards.cards.passages import LINE_END
from flashcards.cards.text import WINDOW_PIECES, TextDeck
from flashcards.learner import grades, inspection, passes, saving, shards
from flashcards.learner.brought.base import Base
from flashcards.learner.brought.pieces import BroughtPieces, pieces_of
from flashcards.learner.encoding import Batch, Encoding, Ends, TextEncoding, encoding_of
from flashcards.learner.grades import Grades, ReadScore
from flashcards.learner.model import Rotary, Weights, views
from flashcards.learner.piece_by_piece import (
    Answer,
    Decoded,
    Next,
    by_cache,
    by_reading_again,
    cached,
    decode,
    runners_up,
)
from flashcards.learner.saving import StepWeights
from flashcards.learner.settings import MAX_PIECES, LearnerSettings, in_chapter
from flashcards.learner.tokenizer import TokenizerError
from flashcards.learner.written import Written, generator_of, write_lines
from flashcards.runs.marks import ONE_OFF, RIGHT
from flashcards.runs.values import GuessPiece

N_ALTERNATIVES = 3
DECODING_MARGIN = 8  # an answer is cut so many pieces after the length of the deck's longest
CONTINUED_PIECES = 120  # that a reader of a text adds to a beginning


@dataclass(frozen=True)
class Forms:
    """Prompts with answers that need not be right, as tensors."""

    prompts: tuple[str, ...]
    encoding: Encoding | None


class Reader:
    """A small language model and the deck whose cards it answers.

    Attributes:
        tokenizer, encoding: Cut text into pieces; the deck in pieces.
        flat, weights: The raw numbers, as one tensor and as views of it.
        averaged_flat, averaged: The same of the averaged ones, which answer.
        step: Updates so far.
        n_pieces: Pieces that this deck's answers use, the end included: a blind guess among them
            costs ln(n_pieces) nats a piece.
        answer_limit: Pieces after which an answer is cut.
        base: Of a brought model the numbers that don't learn; else None.
    """

    def __init__(
        self,
        deck: Deck,
        settings: LearnerSettings,
        tokenizer_model: bytes,
        flat: Tensor,
        device: str,
        base: Base | None = None,
    ) -> None:
        """`flat`: the numbers that learn, all of them but for a brought model."""
        self._first_settings = settings  # those of the run's first chapter
        self.settings = settings  # those in force
        self.base = None if base is None else base.on(device)
        self.tokenizer_model = tokenizer_model
        self.step = 0
        self.n_parameters = flat.numel() if base is None else base.n_numbers
        self._device = device
        self.tokenizer = pieces_of(tokenizer_model, settings.filled_to)
        # a saved tokenizer may be anybody's: it must be what the settings say
        if settings.is_aligned != (self.tokenizer.letter_sounds is not None):
            raise TokenizerError("the tokenizer is damaged")
        self.take_deck(deck)
        self._rotary = Rotary(settings, device)
        self.flat = flat.to(device)
        self.averaged_flat = self.flat.clone()
        self.weights = self.views(self.flat)
        self.averaged = self.views(self.averaged_flat)
        self._team: shards.Team | None = None  # other processes that compute with this one

    def take_deck(self, deck: Deck) -> None:
        """Teach this deck from now on: weights and tokenizer stay as they are.
        The answers' pieces are what the model now chooses from. Characters the tokenizer has never
        learned are read and said byte by byte: `unlearned` names them.
        Raises SettingsError: a card is longer than the model can hold; the deck is the old one
        still."""
        settings = self._first_settings
        if deck.earlier and self.base is None:
            settings = in_chapter(settings, deck)
        if isinstance(self.tokenizer, BroughtPieces):
            # what stands between prompt and answer: after a line's end nothing
            self.tokenizer.space = "" if deck.ask.endswith("\n") else " "
        self.encoding = encoding_of(deck, self.tokenizer, settings.max_pieces, self._device)
        self._deck = deck
        self.settings = settings
        self._n_sides = (len(deck.taught), len(deck.never_seen))
        self.n_pieces = len(self.encoding.sayable)
        self._sayable = torch.tensor(self.encoding.sayable, device=self._device)
        self.answer_limit = self.encoding.longest_answer + DECODING_MARGIN
        self._ends = None
        if self.tokenizer.ends is not None:
            end = self.encoding.sayable.index(self.tokenizer.end_id)
            is_end = torch.tensor(self.tokenizer.ends, device=self._device)[self._sayable]
            self._ends = Ends(end, is_end)

    @property
    def sayable(self) -> tuple[int, ...]:
        return tuple(self.encoding.sayable)

    @property
    def anatomy(self) -> inspection.Anatomy:
        """The parts that a look from within needs: the raw weights as they are, to read."""
        return inspection.Anatomy(
            self.views(self.flat.detach()),
            self.tokenizer,
            self.encoding,
            self._sayable,
            self._rotary,
            self.settings,
        )

    @property
    def guessing_nats(self) -> float:
        """The error of a blind guess, in nats a piece."""
        return math.log(self.n_pieces)

    @property
    def pieces_per_card(self) -> float:
        if not self._deck.earlier:
            return self.encoding.pieces_per_card
        lengths = self.encoding.lengths[: self._deck.n_own]
        return sum(lengths) / len(lengths)

    @property
    def pieces_per_answer(self) -> float:
        """Mean length of the taught answers in pieces, the end included."""
        taught = self.encoding.measured
        return sum(self.encoding.n_asked[i] for i in taught) / len(taught)

    def averages(self) -> dict[str, Tensor]:
        """The averaged weights by their names in a saved state."""
        return {f"averaged.{name}": part for name, part in self.averaged.named().items()}

    def read(self, saved: bytes, deck: Deck | None = None) -> None:
        """Answer as the saved state did, whose deck may have been another: of a `reader` alone.
        Raises SavedError: the bytes are damaged or belong to another model."""
        self.step = saving.unpack(saved, self.averages(), is_part=True)[0]
        if deck is not None and deck is not self._deck:
            self.take_deck(deck)

    @torch.no_grad()
    def round_to(self, bits: int) -> None:
        """Round the averaged weights' matrices to so many bits: of a `reader` alone.
        The largest number of each row keeps its size, and all others of the row become whole
        multiples of a part of it: with 4 bits of a seventh. Of the numbers that scale the stream
        (the gains of norms), there are few, and they stay. As simple as it can be; better ways to
        choose the steps are needed for large models (Dettmers et al. 2022, arXiv 2208.07339)."""
        largest = 2 ** (bits - 1) - 1
        for name, matrix in self.averaged.named().items():
            if not name.endswith("norm"):
                step = matrix.abs().amax(-1, keepdim=True).clamp_min(1e-12) / largest
                matrix.copy_((matrix / step).round() * step)

    @torch.no_grad()
    def ablate(self, layer: int | None, head: int | None) -> None:
        """Let this head of attention give nothing, on the averaged weights: of a `reader` alone.
        Layers and heads count from 1; None is every one. This is zero ablation (Michel et al.
        2019, arXiv 1905.10650): a head reaches the stream through its columns of the output matrix
        alone, so with zeros there the pass as it is leaves it out.
        Raises IndexError: the model has no such head."""
        n_layers, n_heads = self.settings.n_layers, self.settings.n_heads
        if (layer or 1) > n_layers or (head or 1) > n_heads:
            raise IndexError(f"{n_layers} layers of {n_heads} heads")
        outputs = self.averaged.attention[:, 3]  # [L, C, C]
        columns = outputs.view(*outputs.shape[:-1], n_heads, -1)  # [L, C, H, D]
        layers = slice(None) if layer is None else layer - 1
        heads = slice(None) if head is None else head - 1
        columns[layers][..., heads, :] = 0.0

    def take(self, weights: StepWeights, deck: Deck) -> None:
        """Answer as the model of that step did, whose deck may be another: of a `reader` alone."""
        self.step = weights.step
        self.flat.copy_(weights.raw)
        self.averaged_flat.copy_(weights.averaged)
        if deck is not self._deck:
            self.take_deck(deck)

    @torch.no_grad()
    def guess(self, card_index: int) -> tuple[GuessPiece, ...]:
        """The raw weights' answer to the card's prompt, the likeliest piece each time. Of a window
        of a text: the likeliest piece at each place, after what really stands before."""
        if isinstance(self.encoding, TextEncoding):
            logits = self._logits(self.weights, self.encoding.batch((card_index,)))
            tops, places = (x.tolist() for x in logits.softmax(-1).nan_to_num(0.0).max(-1))
            return tuple(map(GuessPiece, map(self._piece_text, places), tops))
        limit = self.answer_limit if self.base is None else self.encoding.n_asked[card_index]
        prompt = self.encoding.prompt(card_index)
        return self._guess_pieces(self._decoded_one(self.weights, prompt, limit))

    def grade(
        self,
        card_indices: Sequence[int],
        between: Callable[[int], None] | None = None,
        of: Encoding | None = None,
        *,
        is_as_brought: bool = False,
    ) -> Grades:
        """Grade the averaged weights' answers to the cards; any accepted answer counts.

        Args:
            between: Called every few hundredths of a second with the number of cards graded since
                the last time: so an exam can be interrupted. It must not teach.
            of: The cards of another deck, by `encode`.
            is_as_brought: Ask a brought model as it was before the first update.
        """
        weights = self.averaged
        if is_as_brought:
            assert self.base is not None
            weights = self.base.as_brought()
        return self._grade(weights, card_indices, of, between)

    def encode(self, deck: Deck) -> Encoding:
        """Another deck of short cards, to `grade` them; answers are chosen among this one's pieces.
        They have room where that for the cards that are taught was chosen smaller."""
        sayable = self.encoding.sayable
        return Encoding(deck, self.tokenizer, MAX_PIECES, self._device, sayable)

    def forms(self, forms: Mapping[str, Sequence[str]]) -> Forms:
        """Prompts with answers of someone else's choosing, for `prompts_answered_by`.
        Answers that this deck's pieces can't spell, or that are too long, are left out."""
        sayable = set(self.encoding.sayable)
        cards = []
        for prompt, answers in forms.items():
            room = self.settings.max_pieces - len(self._asking(prompt)) - 1
            prompt_texts = [filled(self._deck.ask, prompt)] * len(answers)
            encoded = zip(answers, self.tokenizer.answers(answers, prompt_texts), strict=True)
            possible = tuple(
                answer
                for answer, pieces in encoded
                if len(pieces) <= room and sayable.issuperset(pieces)
            )
            if possible:
                cards.append(Card(id=prompt, prompt=prompt, answers=possible))
        encoding = None
        if cards:
            meta = DeckMeta()
            encoding = self.encode(Deck(slug="", meta=meta, cards=tuple(cards), ask=self._deck.ask))
        return Forms(tuple(card.prompt for card in cards), encoding)

    def prompts_answered_by(self, forms: Forms) -> frozenset[str]:
        """The prompts to which the averaged weights answer with one of their forms."""
        if forms.encoding is None:
            return frozenset()
        marks = self._grade(self.averaged, range(len(forms.prompts)), forms.encoding).marks
        pairs = zip(forms.prompts, marks, strict=True)
        return frozenset(prompt for prompt, mark in pairs if mark == RIGHT)

    @torch.no_grad()
    def answer_each(self, prompts: Sequence[str]) -> list[Answer]:
        """The averaged weights' answers to several prompts, without alternatives."""
        if isinstance(self.encoding, TextEncoding):
            return [self._continued(prompt) for prompt in prompts]
        prompt_ids = [self._asking(prompt) for prompt in prompts]
        next_logits = self._next_of(self.averaged)
        decoded = self._decoded(next_logits, prompt_ids, self.answer_limit)
        return [self._answer(answer, ()) for answer in decoded]

    @torch.no_grad()
    def answer(self, prompt: str) -> Answer:
        """The averaged weights' answer to any prompt, with alternatives.
        A model that reads a text goes on with the prompt, and draws from what it finds probable."""
        if isinstance(self.encoding, TextEncoding):
            return self._continued(prompt)
        ids = self._asking(prompt)
        first = self._decoded_one(self.averaged, ids, self.answer_limit)
        others = runners_up(
            self._next_of(self.averaged),
            self.encoding.sayable,
            ids,
            first,
            self.answer_limit,
            N_ALTERNATIVES,
            self.tokenizer.end_id,
            self.encoding.special,
        )
        return self._answer(first, others)

    def windows_of(self, text: TextDeck) -> Encoding:
        """A text that was read before, to `read_windows` of it while cards are taught."""
        return encoding_of(text, self.tokenizer, self.settings.max_pieces, self._device)

    @torch.no_grad()
    def read_windows(self, windows: Sequence[int], of: Encoding | None = None) -> ReadScore:
        """Score the averaged weights' guesses of each next piece of these windows of a text.
        `of`: an earlier text, by `windows_of`; else the one that is read."""
        encoding = self.encoding if of is None else of
        sayable = torch.tensor(encoding.sayable, device=self._device)
        model = self._model(self.averaged, self.averaged_flat)._replace(sayable=sayable)
        return grades.read_windows(model, encoding, windows, self._team, self._graded_pieces)

    def write(self, seed: int, n_lines: int, n_pieces: int) -> tuple[str, ...]:
        """Lines that the averaged weights write at this step, of a text's reader alone."""
        generator = generator_of(seed, self.step)
        start = self.tokenizer.encode(LINE_END)
        start = start if set(start) <= set(self.encoding.sayable) else []
        lines = self._written(start, n_lines, n_pieces, generator)
        return tuple(self._text_of(line.places) for line in lines)

    def _continued(self, prompt: str) -> Answer:
        seed = int.from_bytes(hashlib.blake2b(prompt.encode(), digest_size=4).digest(), "big")
        known = set(self.encoding.sayable)
        start = [piece for piece in self.tokenizer.encode(prompt) if piece in known]
        (line,) = self._written(start, 1, CONTINUED_PIECES, generator_of(seed, self.step))
        pieces = tuple(map(GuessPiece, map(self._piece_text, line.places), line.probabilities))
        text = self._text_of(line.places)
        return Answer(text, pieces, (), math.prod(line.probabilities), is_cut=True)

    def _written(
        self, start: Sequence[int], n_lines: int, n_pieces: int, generator: torch.Generator
    ) -> list[Written]:
        model = cached(self._model(self.averaged, self.averaged_flat), WINDOW_PIECES)
        start_id = self.tokenizer.start_id
        return write_lines(model, self._sayable, start, n_lines, n_pieces, generator, start_id)

    def _text_of(self, places: Sequence[int]) -> str:
        return self.tokenizer.text(self.encoding.sayable[place] for place in places)

    def _answer(self, first: Decoded, others: Sequence[Decoded]) -> Answer:
        text = self.tokenizer.text(first.ids)
        alternatives = dict.fromkeys(self.tokenizer.text(other.ids) for other in others)
        return Answer(
            text,
            self._guess_pieces(first),
            tuple(other for other in alternatives if other != text),
            first.probability,
            first.is_cut,
        )

    @torch.no_grad()
    def _grade(
        self,
        weights: Weights,
        card_indices: Sequence[int],
        encoding: Encoding | None = None,
        between: Callable[[int], None] | None = None,
    ) -> Grades:
        model = self._model(weights, self.averaged_flat)
        team = self._team if weights is self.averaged else None
        encoding = self.encoding if encoding is None else encoding
        graded = grades.grade(model, encoding, card_indices, team, self._graded_pieces, between)
        if self.tokenizer.letter_sounds is None:
            return graded
        # two cuts of an answer may read the same: then one piece differs, with the right before it
        marks = bytearray(graded.marks)
        one_off = [place for place, mark in enumerate(marks) if mark == ONE_OFF]
        prompt_ids = [encoding.prompt(card_indices[place]) for place in one_off]
        decoded = self._decoded(self._next_of(weights), prompt_ids, self.answer_limit)
        for place, answer in zip(one_off, decoded, strict=True):
            rows = (card_indices[place], *encoding.alternative_rows.get(card_indices[place], ()))
            answers = (encoding.sequence(row)[-encoding.n_asked[row] : -1] for row in rows)
            if self.tokenizer.text(answer.ids) in map(self.tokenizer.text, answers):
                marks[place] = RIGHT
        return replace(graded, marks=bytes(marks))

    def views(self, flat: Tensor) -> Weights:
        if self.base is not None:
            return self.base.views(flat)
        return views(flat, self.settings, self.tokenizer.n_vocabulary)

    @property
    def _graded_pieces(self) -> int:
        if self.base is not None:
            return grades.SLOW_GRADED_PIECES
        divided = grades.GRADED_PIECES // self.settings.n_shards
        return min(grades.GRADED_PIECES, max(grades.LEAST_GRADED_PIECES, divided))

    def _model(self, weights: Weights, flat: Tensor) -> passes.Model:
        return passes.Model(weights, flat, self._sayable, self._rotary, self.settings, self._ends)

    def _logits(self, weights: Weights, batch: Batch) -> Tensor:
        return self._model(weights, self.flat).logits(batch)

    def _next_of(self, weights: Weights) -> Next:
        model = self._model(weights, self.flat)
        if self.base is None:
            return by_reading_again(model, self.tokenizer.end_id)
        return by_cache(model, self.tokenizer.end_id, self.answer_limit)

    def _asking(self, prompt: str) -> list[int]:
        """The prompt as the deck asks, as much of its end as the model can hold, and the answer
        sign."""
        (pieces,) = self.tokenizer.prompts([filled(self._deck.ask, prompt)])
        sign = self.tokenizer.sign
        return [*pieces[-(self.settings.max_pieces - len(sign)) :], *sign]

    def _decoded_one(self, weights: Weights, prompt: list[int], limit: int) -> Decoded:
        (answer,) = self._decoded(self._next_of(weights), [prompt], limit)
        return answer

    def _decoded(self, next_logits: Next, prompts: list[list[int]], limit: int) -> list[Decoded]:
        sayable, special = self.encoding.sayable, self.encoding.special
        return decode(next_logits, sayable, prompts, limit, self.tokenizer.end_id, special)

    def _piece_text(self, place: int) -> str:
        return self.tokenizer.piece_text(self.encoding.sayable[place])

    def _guess_pieces(self, answer: Decoded) -> tuple[GuessPiece, ...]:
        texts = self.tokenizer.answer_pieces(answer.ids)
        return tuple(map(GuessPiece, texts, answer.probabilities))
