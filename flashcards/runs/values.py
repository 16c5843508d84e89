"""Values that events are made of: their base, marks, scores, pieces, one correction.

All text in them has passed `printable()`. Those of which one correction has dozens are written as
arrays, in the order of their fields: new fields come last, with a default.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from flashcards.runs import value_types as k
from flashcards.runs.marking import mark_of
from flashcards.runs.value_types import *  # noqa: F403


class BranchChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The difference of a branch from the run it left; None is as before.

    Attributes:
        learning_rate_factor: Multiplies the deck's learning rate.
        seed: Of the order of cards.
        order: The policy by which cards are drawn.
        without_prompt: The cards with this prompt are not taught.
        after: Another deck is taught from here on, by name: a new chapter.
    """

    learning_rate_factor: k.Factor | None = None
    seed: k.WholeNumber | None = None
    order: k.OrderName | None = None
    without_prompt: str | None = None
    after: str | None = None


class DeckProblem(msgspec.Struct, frozen=True, kw_only=True):
    """An error in a deck's file, by its code; lines and columns count from 1.
    `text` is what the reader of the file says, in English: it quotes what stands there."""

    file: str
    line: k.Count
    column: k.Count
    code: str
    text: str


NoteKind = Literal[
    "leak_near",
    "leak_reversed",
    "leak_swapped",
    "unlearned",
    "no_longer_held_out",
    "taught_before",
    "file_unknown",
    "file_shipped",
    "file_changed",
    "file_unwritable",
    "file_has_it",
]


class DeckNote(msgspec.Struct, frozen=True):
    """Something about a deck that a person should know.
    `names` are what it is about, by kind: the never-taught prompt and the taught one that gives it
    away, on line `n` (`leak_…`); texts that no learned piece holds; the prompt that is kept back no
    longer; the deck's file, and why it can't be written. `n` are the cards that were taught
    before."""

    kind: NoteKind
    names: tuple[str, ...] = ()
    n: k.Count = 0


class Score(msgspec.Struct, frozen=True):
    """A number of right cards (or pieces of a text), of so many that were asked."""

    right: k.Count
    total: k.Count

    def __post_init__(self) -> None:
        """Raises ValueError where more are right than there are."""
        if self.right > self.total:
            raise ValueError(f"{self.right} of {self.total} can't be right")

    @property
    def rate(self) -> float | None:
        """Share right, 0 to 1; None when nothing was asked."""
        return self.right / self.total if self.total else None


class SentencesKept(msgspec.Struct, frozen=True):
    """Sentences of the deck `general`: how many were right before the first card, and are now."""

    before: k.Count
    now: k.Count
    total: k.Count


class Knowledge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The score now of what a model that others have trained knew before it was taught.
    `seen`, `unseen`: of the cards that were right before: taught ones, and those never taught.
    `chosen`: sentences of `general` that were chosen because one such model knew them: their score
    can hardly rise. None where nothing else was asked.
    `others`: those that were written before any model was asked."""

    seen: Score
    unseen: Score
    chosen: SentencesKept | None = None
    others: SentencesKept | None = None

    @property
    def cards(self) -> Score:
        return Score(self.seen.right + self.unseen.right, self.seen.total + self.unseen.total)

    @property
    def sentences(self) -> SentencesKept | None:
        if self.chosen is None or self.others is None:
            return None
        chosen, others = self.chosen, self.others
        return SentencesKept(
            chosen.before + others.before, chosen.now + others.now, chosen.total + others.total
        )


class GuessPiece(msgspec.Struct, frozen=True, array_like=True):
    """One piece the model said (greedy), and how probable it found it (0 to 1)."""

    text: str
    probability: k.Share


def text_of(guess: Sequence[GuessPiece] | None) -> str:
    """The guess as one text; "" without one."""
    return "".join(piece.text for piece in guess or ())


class AnswerPiece(msgspec.Struct, frozen=True, array_like=True):
    """One piece of the right answer, read with the right pieces before it.
    `before` and `after` are its probability (0 to 1) before and after this very update, on the raw
    weights; `after` is None until the update was made. The last piece is the end, text "⏎".
    `is_best` says whether the model would have said it."""

    text: str
    before: k.Share
    is_best: bool
    after: k.Share | None = None


class Push(msgspec.Struct, frozen=True, array_like=True):
    """A piece whose logit an update moved, and by how much."""

    text: str
    change: k.Number


class Ripple(msgspec.Struct, frozen=True, array_like=True):
    """The effect of one update on another card: the change of its error, below 0 when it helped."""

    prompt: str
    change_nats: k.Number
    is_never_seen: bool = msgspec.field(name="is_held_out")


class RippleSide(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of one update on the other cards of one side, the taught or the never taught ones.

    Attributes:
        n_cards: How many others there are; `n_measured` of them were read, fewer on a sample.
        n_helped, n_hurt: Of the measured ones: error down, error up (by more than a rounding).
        mean_change_nats: Mean change of their error, below 0 when it helped.
        helped, hurt: Those it helped and hurt most, most first.
    """

    n_cards: k.Count
    n_measured: k.Count
    n_helped: k.Count
    n_hurt: k.Count
    mean_change_nats: k.Number
    helped: tuple[Ripple, ...] = ()
    hurt: tuple[Ripple, ...] = ()

    @property
    def is_sample(self) -> bool:
        return self.n_measured < self.n_cards


class TaughtBy(msgspec.Struct, frozen=True):
    """The effect of one taught card's updates on the error of another card: below 0 when
    lowered."""

    prompt: str
    change_nats: k.Number


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The change of the model by one update, measured on the raw weights.

    Attributes:
        probability_before, probability_after: Of the whole right answer, 0 to 1.
        gradient_norm: L2 norm of the gradient over all parameters.
        relative_change: L2 norm of the change over L2 norm of the weights.
        n_parameters: How many numbers the model has.
        up, down: Pieces whose logits moved most where the error was largest.
        helped, hurt: Other cards the update helped and hurt most.
        ripple_taught, ripple_unseen: The same for the other taught and the cards never taught; None
            when none of them was read.
    """

    probability_before: k.Share
    probability_after: k.Share
    gradient_norm: k.Number
    relative_change: k.Number
    n_parameters: k.Count
    up: tuple[Push, ...] = ()
    down: tuple[Push, ...] = ()
    helped: tuple[Ripple, ...] = ()
    hurt: tuple[Ripple, ...] = ()
    ripple_taught: RippleSide | None = None
    ripple_unseen: RippleSide | None = None


class Correction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One card being corrected, as far as it has come: what is not known yet is None.

    Attributes:
        n_cards: Cards in this update: 1 while explaining, so that the change is this card's alone.
        times_seen: How often this card was taught before this update.
        history: Its marks so far, oldest first, one letter each: r right, n one piece off, w wrong.
        guess: What the model said before the update; the end piece is left out.
        piece_mark: `mark` in the file: the card's, as exams count, by pieces, each guessed after
            the right ones before it. What stands beside the guess is decided by its letters.
        is_by_rule: An exception, answered as the rule of the other cards would have it ("goed").
        error_nats: Sum over the answer's pieces and the end, before the update.
        guess_after: What it says after the update, as in `guess`; of a card taught alone.
        rehearsed: The earlier deck that this card is rehearsed from, "" for a card of this deck.
    """

    card_index: k.Count
    prompt: str
    answer: str
    section: str
    times_seen: k.Count
    n_cards: k.Count
    history: k.MarkLetters = ""
    guess: tuple[GuessPiece, ...] | None = None
    piece_mark: k.Mark | None = msgspec.field(default=None, name="mark")
    is_by_rule: bool = False
    pieces: tuple[AnswerPiece, ...] | None = None
    error_nats: k.Number | None = None
    change: Change | None = None
    guess_after: tuple[GuessPiece, ...] | None = None
    rehearsed: str = ""

    @property
    def mark(self) -> k.Mark | None:
        """The mark of the guess as it is shown; None until it is compared with the answer."""
        is_open = self.piece_mark is None or self.guess is None
        return self.piece_mark if is_open else self.mark_of(self.guess)

    def mark_of(self, guess: Sequence[GuessPiece] | None) -> k.Mark:
        """The mark of a guess to this card, such as `guess_after`."""
        if self.piece_mark == "right" and guess == self.guess:
            return "right"  # by another accepted answer, too
        return mark_of(text_of(guess), (self.answer,))


class Rival(msgspec.Struct, frozen=True, omit_defaults=True):
    """The scores of an answerer that does not learn, on the same cards, from the start.
    `seen_nats`, `unseen_nats`: of a text, the mean error a character."""

    name: str
    seen: Score
    unseen: Score
    seen_nats: k.Number | None = None
    unseen_nats: k.Number | None = None


class CommonAnswer(msgspec.Struct, frozen=True):
    """One answer that is right for many cards. Whoever always says it scores `seen`, `unseen`."""

    answer: str
    seen: Score
    unseen: Score


class TextFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts of the text where one is read: then cards are its windows.
    `n_characters`: of the whole text.
    `characters_per_piece`: 1 where a piece is a character."""

    n_characters: k.Count
    characters_per_piece: k.Number = 1.0

    @property
    def is_by_character(self) -> bool:
        return self.characters_per_piece == 1.0


class SectionScore(msgspec.Struct, frozen=True, omit_defaults=True):
    """The scores of one `[section]`.
    `rule_seen` and `rule_unseen`, in a section of exceptions: how many of the same cards were
    answered as the rule of the other sections would have it ("goed"). `example`: such an answer, to
    a card never taught if to any, and the right one."""

    name: str
    seen: Score
    unseen: Score
    rule_seen: k.Count = 0
    rule_unseen: k.Count = 0
    example: tuple[str, str] | None = None


class ChapterScore(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of a deck that was taught in an earlier chapter, by its name."""

    deck: str
    seen: Score
    unseen: Score


class RivalAnswer(msgspec.Struct, frozen=True):
    """A rival's answer to a prompt; None when it has none."""

    name: str
    answer: str | None


class PastAnswer(msgspec.Struct, frozen=True):
    """The answer of a saved state's model; `step` is that state's."""

    step: k.Count
    answer: str
    probability: k.Share


MAX_ANSWERS = 64  # that are drawn to one prompt
MAX_TEMPERATURE = 10.0
FEWEST_BITS, MOST_BITS = 2, 16
ATTENTION = "attention"  # all of its heads, in all layers
HEADS = re.compile(r"[1-9]\d{0,2}(\.[1-9]\d{0,2})?")


class Heads(NamedTuple):
    """Heads of attention, counted from 1; None stands for every layer, or every head of it."""

    layer: int | None = None
    head: int | None = None


class AskOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Options of asking a model; by default it gives its likeliest answer.

    Attributes:
        n_answers: Drawn to each prompt; the one that comes most often is what it says.
        temperature: Logits are divided by it before a piece is drawn; 0 takes the likeliest piece.
        bits: Of each number in each matrix, rounded row by row; 0 for the numbers as they are.
        without: Heads of attention that give nothing: "attention" is all of them, "2" those of
            layer 2, "2.3" head 3 of layer 2; several are separated by commas. "" is none.
    """

    n_answers: k.Count = 1
    temperature: k.Number = 0.0
    bits: k.Count = 0
    without: str = ""

    @property
    def is_drawn(self) -> bool:
        return self.temperature > 0

    @property
    def heads_without(self) -> tuple[Heads, ...]:
        """The heads that `without` names."""
        if self.without == ATTENTION:
            return (Heads(),)
        names = (name.split(".") for name in self.without.split(",") if name)
        return tuple(Heads(*map(int, numbers)) for numbers in names)

    def __post_init__(self) -> None:
        """Raises ValueError: an option is out of its range; the text says which, for the user."""
        if not 1 <= self.n_answers <= MAX_ANSWERS:
            raise ValueError(f"{self.n_answers} answers; 1 to {MAX_ANSWERS} can be drawn")
        if not 0 <= self.temperature <= MAX_TEMPERATURE:
            raise ValueError(f"temperature {self.temperature:g}; 0 to {MAX_TEMPERATURE:g} works")
        if self.bits and not FEWEST_BITS <= self.bits <= MOST_BITS:
            raise ValueError(f"{self.bits} bits; {FEWEST_BITS} to {MOST_BITS} work")
        if self.n_answers > 1 and not self.is_drawn:
            raise ValueError("several answers differ only at a temperature above 0")
        are_heads = all(HEADS.fullmatch(name) for name in self.without.split(","))
        if self.without not in ("", ATTENTION) and not are_heads:
            raise ValueError(
                f"without {self.without}: attention, a layer such as 2, or a head of it such as "
                "2.3 is wanted"
            )


class ToolCall(msgspec.Struct, frozen=True, array_like=True):
    """A call in an answer, such as `calc(47*83)`, and its result; "" where it has none."""

    call: str
    result: str


class AnswerCount(msgspec.Struct, frozen=True, array_like=True):
    """An answer, and how often it was drawn."""

    text: str
    n: k.Count


class Sureness(msgspec.Struct, frozen=True, array_like=True):
    """The answers that the model was about equally sure of: so many, how many it would have right
    if it was as often right as it was sure (the sum of their probabilities), and how many are."""

    n: k.Count
    expected: k.Number
    right: k.Count


class BetQuestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The question of a bet: what is predicted before it happens.

    It is settled at `at_step`, after `at_seconds` of training, or, without either, when the lesson
    next stops; what is asked or corrected, as soon as it is.

    Attributes:
        kind: "score", the share of the cards of `side` that are right; "first", which of two
            curves first has half of its cards right; "answer", whether the answer to `prompt` is
            right; "correction", what the next correction of a card alone does to that card;
            "rate", how many taught cards are right after the learning rate was multiplied.
        names: Of the two curves: "seen", "unseen", or sections of the deck.
        prompt: The card or prompt in question; of a correction "" is any card.
        answer: What counts as right where no card has the prompt.
        factor: The learning rate is multiplied by this.
        is_of_options: The next exam with options (`ExamVaried`) settles a score, and nothing else.
        text, because: The asker's own question, and why it comes out as it does; "" for the
            program's words.
    """

    kind: k.BetKind
    side: k.BetSide = "unseen"
    names: tuple[str, str] = ("seen", "unseen")
    prompt: str = ""
    answer: str = ""
    factor: k.Factor = 1.0
    at_step: k.Count | None = None
    at_seconds: k.Number | None = None
    is_of_options: bool = False
    text: str = ""
    because: str = ""


class CardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One card in a list, with its history.

    Attributes:
        history: Its marks, oldest first, at most the last 31: r right, n one piece off, w wrong.
            A taught card's are from when it was taught, a never-taught one's from exams.
        first_right_step: The step of its first right answer; None when it never was.
        n_forgotten: How often a right answer was followed by one that was not.
        n_relearned: How often it was right again after that.
        is_known_before: A model that others have trained had it right before it was taught.
    """

    card_index: k.Count
    prompt: str
    answer: str
    section: str
    is_never_seen: bool = msgspec.field(name="is_held_out")
    times_seen: k.Count
    history: str
    first_right_step: k.Count | None
    n_forgotten: k.Count
    n_relearned: k.Count
    is_known_before: bool = False


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Base of all facts. `step` is the number of updates made when it happened."""

    step: k.Count
