"""Part 1, the settings: every number that can be chosen, with its range, and one rule for all.

`LearnerSettings` is the form of the model and how it is taught. `LearnerSettings.for_deck` is the
one default rule: the same for every deck, by what is counted on it. All other parts take their
sizes and rates from here.

Knows the deck, not torch (`pick_device` alone imports it, when it is called).
"""

from __future__ import annotations

import functools
import math
import re
from typing import Annotated, TypeVar, get_args, get_type_hints

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards.card import Deck, TokenizerKind
from flashcards.cards.diagnostics import did_you_mean
from flashcards.learner.filling import has_sounds, length_of
from flashcards.runs.values import Settings

# -- what the default rule counts by
HEAD_WIDTH = 16  # D by default: a wider model has more heads, not wider ones
SMALL_DECK = 100  # taught cards, as in the next two
FEW_CARDS = 1000
LARGE_DECK = 4000
SHORT_PROMPT = 16  # characters
TEXT_VOCABULARY = 512  # pieces of a text, besides bytes and characters
N_DOUBLINGS = 2  # the batch at the first update is the full one divided by 2**N_DOUBLINGS
NEWTON_SCHULZ_STEPS = (3, 5)
SMALLEST_BATCH = 2  # a card alone would be taught at a tenth of the rate, as if it was explained

NO_SETTINGS: Settings = {}

# -- sizes and rates
FIRST_DECAY = 1 / 6  # the weight decay at the first update where it rises, as a share of all of it

SIZES: dict[str, int] = {"small": 64, "medium": 256, "large": 512, "xl": 1024}
"""The width of the model: with four layers 0.2, 3, 12 and 48 million numbers."""

LATER_RATE = 0.5  # a later chapter's learning rates, as a share of a new model's

REWARD_RATE = 0.1  # learning rates of an update by reward, as a share of a new model's

# -- limits
UPDATE_BYTES = 2 << 30  # memory of an update, from which follows how long a card may be
MIN_ROOM = 258  # pieces that fit even if an update takes more, up to `MAX_UPDATE_BYTES`
MAX_UPDATE_BYTES = 8 << 30
MAX_MILLIONS = 100  # millions of numbers in a model's layers; teaching them takes some 5 GB
LEAST_PIECES, MAX_PIECES = 8, 4096  # of the longest card
MOST_FILLED = 256  # characters
MAX_ATTENTION = 1 << 26  # numbers in the attention of one layer to the longest card: 268 MB


class SettingsError(UserError, ValueError):
    """A setting that cannot be used; the text says what it is and what is allowed."""


class LearnerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A learner's settings, each with the range that it can have.
    Defaults are for a deck of some thousand cards; docs/experiments.md says how they were found."""

    # -- the pieces
    tokenizer: TokenizerKind = "char"
    vocabulary: Annotated[int, (1, 65536)] = 256  # besides the 256 bytes (bpe, unigram, word)

    # -- the model
    n_layers: Annotated[int, (1, 24)] = 4
    width: Annotated[int, (HEAD_WIDTH, 1024)] = 64
    n_heads: Annotated[int, (1, 64)] = 4
    hidden: Annotated[int, (8, 8192)] = 160
    rope_base: Annotated[float, (2.0, 1e9)] = 1000.0  # base of the rotary position angles

    # -- an update
    batch_size: Annotated[int, (1, 4096)] = 32  # cards, when the batch has grown
    growing_steps: Annotated[int, (0, 1_000_000)] = 300
    """The batch begins with a quarter of the cards, and doubles after this many updates and again
    after as many; 0 for the full batch from the first update."""
    learning_rate: Annotated[float, (0.0, 1.0)] = 0.015  # Muon's, for the layers' matrices
    embedding_learning_rate: Annotated[float, (0.0, 1.0)] = 0.02  # AdamW's: head and gains, too
    head_rate: Annotated[float, (0.0, 1.0)] = 1.0  # a share of the embedding's
    momentum: Annotated[float, (0.0, 0.9999)] = 0.95
    weight_decay: Annotated[float, (0.0, 10.0)] = 0.1
    newton_schulz_steps: int = 5  # Muon's, 3 or 5; runs that don't say it were taught with 5
    is_fused: bool = False  # Muon takes queries, keys, values as one matrix; gate, up as one
    decay_steps: Annotated[int, (0, 1_000_000)] = 0
    """Updates over which the weight decay rises from a sixth to all of it, so that it doesn't slow
    down what is learned by heart first."""
    is_embedding_decayed: bool = False
    """Embedding and head have the weight decay of the layers' matrices; otherwise none."""
    warmup_steps: Annotated[int, (0, 100_000)] = 10  # updates over which the learning rates rise
    slowing_steps: Annotated[float, (1, 1e9)] = 500
    """From then on they fall as 1 / sqrt(1 + step / slowing_steps): a schedule without an end, so
    that stopping at any time is as good as at any other."""
    settling_nats: Annotated[float, (0.0, 10.0)] = 0.0
    """An update whose mean error a piece is below this is made smaller in proportion: Muon's steps
    are as large for a small error as for a large one, and would shake out again what is known by
    heart. Not at a raised rate. 0 for steps of one size."""
    settling_floor: Annotated[float, (0.0, 1.0)] = 0.0  # no step gets smaller than this share

    # -- the averaged weights, which give the answers
    ema_decay: Annotated[float, (0.0, 0.99999)] = 0.995
    """Of the averaged weights: min(ema_decay, (1 + step) / (1 + ema_ramp + step))."""
    ema_ramp: Annotated[float, (0.0, 1e6)] = 9.0  # larger: untrained weights are forgotten sooner

    # -- an update with one card, which somebody looks at
    single_card_factor: Annotated[float, (0.0, 1.0)] = 0.1  # multiplies the learning rates

    # -- the cards, and how they are cut and asked
    evenness: Annotated[float, (0.0, 1.0)] = 0.0
    """A shape with a share p of the taught cards has turns in proportion to p ** (1 - evenness):
    see `learner.order`. 0: every card has as many."""
    n_ahead: Annotated[int, (0, 8)] = 0  # pieces guessed beyond the next: `learner.loss`
    filled_to: Annotated[int, (0, MOST_FILLED)] = 0
    """Characters up to which prompts are filled on their right; then short words of the answers are
    pieces, too. 0: neither. See `learner.filling`."""
    is_aligned: bool = False  # then each letter of a prompt has one of those pieces, or silence
    max_pieces: Annotated[int, (LEAST_PIECES, MAX_PIECES)] = 1024
    """The longest card, prompt and answer, in pieces; see `room`."""

    # -- the machine
    n_shards: Annotated[int, (1, 64)] = 1  # parts of a batch: see `learner.shards`
    is_compiled: bool = False  # by compiled kernels where they are: quicker, rounded otherwise

    def check_ranges(self) -> None:
        """Raises SettingsError: a number is out of its range."""
        for name, (low, high) in ranges_of(type(self)).items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise SettingsError(f"{name} is {value}; it must be from {low:g} to {high:g}")

    def __post_init__(self) -> None:
        """Raises SettingsError: a number is out of its range, or width and heads do not fit."""
        self.check_ranges()
        if (n_steps := self.newton_schulz_steps) not in NEWTON_SCHULZ_STEPS:
            raise SettingsError(f"newton_schulz_steps is {n_steps}; it must be 3 or 5")
        if self.filled_to and self.tokenizer != "char":
            raise SettingsError(f"filled_to is {self.filled_to}; it needs the char tokenizer")
        millions = self.n_layers * self.width * (4 * self.width + 3 * self.hidden) / 1e6
        if millions > MAX_MILLIONS:
            size = f"{self.n_layers} layers of width {self.width} and hidden {self.hidden}"
            raise SettingsError(f"{size}: {millions:.0f} million numbers; {MAX_MILLIONS} at most")
        if self.n_heads * self.max_pieces**2 > MAX_ATTENTION:
            raise SettingsError(
                f"max_pieces is {self.max_pieces} for {self.n_heads} heads; that is too much"
            )
        if self.width % self.n_heads or (self.width // self.n_heads) % 2:
            raise SettingsError(
                f"width is {self.width} for {self.n_heads} heads; "
                "it must be a multiple of twice the number of heads"
            )

    def warmth_at(self, step: int) -> float:
        """The share of the learning rates after `step` updates of a chapter, 0 to 1."""
        warmth = min(1.0, (step + 1) / (self.warmup_steps + 1))
        return warmth / math.sqrt(1 + step / self.slowing_steps)

    def weight_decay_at(self, step: int) -> float:
        """The weight decay of the update after `step` others."""
        if step >= self.decay_steps:
            return self.weight_decay
        share = FIRST_DECAY + (1 - FIRST_DECAY) * (step + 1) / self.decay_steps
        return self.weight_decay * min(1.0, share)

    def batch_size_at(self, step: int) -> int:
        """Cards in an update at full speed after `step` updates.
        While nothing is known the error points the same way from card to card, and many small
        updates get further than few large ones; near the end its noise has to be averaged out
        (McCandlish et al. 2018, arXiv 1812.06162)."""
        n_doublings = step // self.growing_steps if self.growing_steps else N_DOUBLINGS
        smallest = min(self.batch_size, SMALLEST_BATCH)
        return max(smallest, self.batch_size >> max(0, N_DOUBLINGS - n_doublings))

    @classmethod
    def for_deck(
        cls, deck: Deck, chosen: Settings = NO_SETTINGS, *, is_later: bool = False
    ) -> LearnerSettings:
        """The one default rule, then what the deck wishes, then what was chosen by hand.
        `is_later`: to be taught to a model that was taught another.
        Raises SettingsError: a number is out of its range, or no setting is called so."""
        wished = msgspec.structs.asdict(deck.wishes).items()
        requested = _sized(
            {**{name: value for name, value in wished if value is not None}, **chosen}
        )
        if deck.is_text:
            # a card is a window; measured: docs/experiments.md, "Reading"
            default = cls(vocabulary=TEXT_VOCABULARY, batch_size=16, growing_steps=0)
            return _with(default, {**_sizes_of(requested), **requested})
        n_taught = len(deck.taught)
        is_small = n_taught <= SMALL_DECK
        # the fewer cards a rule must be found in, the more it helps to keep the weights small
        is_few = SMALL_DECK < n_taught <= FEW_CARDS
        # with a decay of its own a deck keeps what it was measured with
        is_rising = is_few and "weight_decay" not in requested
        is_large = n_taught > LARGE_DECK
        # a weight decay is to go on changing the weights when all is known
        is_settled_late = is_large and not requested.get("weight_decay")
        # full batches find a rule in many cards sooner; who says their size means every update
        is_full = is_large or "batch_size" in requested
        filled_to = length_of(deck) if is_few and "tokenizer" not in requested else 0
        # pieces of short prompts are told apart by shorter waves; long ones lose by them
        longest = max(map(len, deck.read_prompts(deck.taught)), default=0) if is_rising else 0
        is_short = 0 < longest <= SHORT_PROMPT and not filled_to
        default = cls(
            vocabulary=8192 if requested.get("tokenizer") == "word" else 256,
            batch_size=min(32, max(1, n_taught)),
            newton_schulz_steps=NEWTON_SCHULZ_STEPS[0],
            is_fused=is_settled_late,
            growing_steps=0 if is_full else 40 if is_small else 300,
            # with many cards large steps find more, and the average takes their noise away
            learning_rate=0.02 if n_taught > FEW_CARDS and not is_later else 0.015,
            # what is learned by heart in sixty updates never meets the noise of a high rate
            embedding_learning_rate=0.06 if is_small else 0.02,
            weight_decay=0.6 if is_few else 0.0 if is_large else 0.1,
            decay_steps=600 if is_rising else 0,
            # a few dozen cards are learned by heart; of more, steps that go on find what is common,
            # and of thousands the last are found when the noise of the many that are known is less
            settling_nats=0.005 if is_small else 0.3 if is_settled_late else 0.0,
            settling_floor=0.2 if is_settled_late else 0.0,
            rope_base=100.0 if is_short else 1000.0,
            # there is less noise to average out, or what is averaged goes on getting better
            ema_ramp=14.0 if is_settled_late else 20.0 if is_short and not is_later else 9.0,
            # a shape that one card in a hundred has would come late, or never, by chance
            evenness=0.5 if is_large else 0.0,
            # what comes later in an answer may decide how it begins, as a carry does
            n_ahead=2 if is_settled_late and not is_later else 0,
            filled_to=filled_to,
            # where letters answer letters, small weights help in the embedding as in the layers
            is_embedding_decayed=filled_to > 0,
            is_aligned=True,
        )
        settings = _with(default, {**_sizes_of(requested), **requested})
        is_aligned = settings.is_aligned and settings.filled_to > 0 and has_sounds(deck)
        settings = msgspec.structs.replace(settings, is_aligned=is_aligned)
        if "max_pieces" in requested:
            return settings
        return msgspec.structs.replace(settings, max_pieces=settings.room)

    @property
    def head_width(self) -> int:
        return self.width // self.n_heads

    @property
    def room(self) -> int:
        """The most pieces that every card of a batch may have, by `UPDATE_BYTES` and `MIN_ROOM`."""
        least = max(LEAST_PIECES, min(MIN_ROOM, self._room_in(MAX_UPDATE_BYTES)))
        return max(least, self._room_in(UPDATE_BYTES))

    def _room_in(self, n_bytes: int) -> int:
        """An update keeps some 32 numbers for each piece, layer and unit of width, and for each
        pair of pieces and head 1.25: measured, cards of 200 to 1,000 pieces, batches of 8 to 256.
        """
        n_numbers = n_bytes // (4 * self.batch_size * self.n_layers)
        # pairs * room**2 + pieces * room = n_numbers, solved for room
        pairs = 1.25 * self.n_heads
        pieces = 32 * self.width
        room = (math.sqrt(pieces**2 + 4 * pairs * n_numbers) - pieces) / (2 * pairs)
        return int(min(MAX_PIECES, math.isqrt(MAX_ATTENTION // self.n_heads), room))


@functools.cache
def ranges_of(kind: type[LearnerSettings]) -> dict[str, tuple[float, float]]:
    """The range of every number among these settings, by its name."""
    hints = get_type_hints(kind, include_extras=True).items()
    return {name: hint.__metadata__[0] for name, hint in hints if hasattr(hint, "__metadata__")}


def _sized(requested: Settings) -> Settings:
    """A size as the settings that it stands for; those asked for beside it stay.
    What a wider layer adds to its outputs must not grow with it. Muon's steps have the same
    spectral norm at any width, so its rate stays; a row of the head has a step for each of its
    inputs, so its rate falls as 1 / width (Yang et al. 2022, arXiv 2203.03466, table 8).
    Raises SettingsError: there is no such size."""
    size = requested.get("size")
    if size is None:
        return requested
    if size not in SIZES:
        raise SettingsError(f"no size is called {size}; there are {', '.join(SIZES)}")
    width = SIZES[str(size)]
    sized: Settings = {"width": width, "n_layers": 4, "head_rate": SIZES["small"] / width}
    return {**sized, **{name: value for name, value in requested.items() if name != "size"}}


def _sizes_of(requested: Settings) -> Settings:
    width = requested.get("width", SIZES["small"])
    if not isinstance(width, int) or width < HEAD_WIDTH or width % HEAD_WIDTH:
        text = f"it must be a multiple of {HEAD_WIDTH} from {HEAD_WIDTH} to 1024"
        raise SettingsError(f"width is {width}; {text}")
    return {"width": width, "n_heads": width // HEAD_WIDTH, "hidden": width * 5 // 2}


KINDS_OF_VALUES = {
    "float": "it is a number",
    "int": "it is a whole number",
    "bool": "it is true or false",
    "str": "it is a word",
}


def _with(default: LearnerSettings, requested: Settings) -> LearnerSettings:
    """Raises SettingsError: no setting is called so, or its value is of another type."""
    return converted(LearnerSettings, msgspec.structs.asdict(default), requested)


S = TypeVar("S", bound=LearnerSettings)


def converted(kind: type[S], known: dict[str, object], requested: Settings) -> S:
    """All settings of this kind: those known, then those asked for.
    Raises SettingsError: no setting is called so, or its value is of another type."""
    for name in requested:
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise SettingsError(f"no setting is called {name}{hint}")
    try:
        return msgspec.convert({**known, **requested}, kind, strict=False)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, SettingsError):
            raise error.__cause__ from None
        what, _, name = str(error).removesuffix("`").partition(" - at `$.")
        wanted = re.match(r"Expected `(\w+)`, got", what)
        kinds = ", ".join(map(str, get_args(get_type_hints(kind).get(name, TokenizerKind))))
        kind_of_value = KINDS_OF_VALUES.get(wanted[1], what) if wanted else f"it is one of {kinds}"
        text = f"{name}={requested.get(name, '')} can't be used: {kind_of_value}"
        raise SettingsError(text) from None


def in_chapter(settings: LearnerSettings, deck: Deck) -> LearnerSettings:
    """The settings of a later chapter: the model as it is, taught as suits its deck.
    Measured (docs/experiments.md, "A second deck"): at half the rates that a new model is taught
    with, and full batches from the first update, an earlier deck lasts longer and the new one is
    learned as well.
    Raises SettingsError: the deck wishes for a number out of its range."""
    own = LearnerSettings.for_deck(deck.own, is_later=True)
    return msgspec.structs.replace(
        settings,
        batch_size=own.batch_size,
        growing_steps=0,
        learning_rate=LATER_RATE * own.learning_rate,
        embedding_learning_rate=LATER_RATE * own.embedding_learning_rate,
        weight_decay=own.weight_decay,
        decay_steps=0,
        is_embedding_decayed=own.is_embedding_decayed,
        settling_nats=own.settling_nats,
        settling_floor=own.settling_floor,
        ema_ramp=own.ema_ramp,
        evenness=own.evenness,
        n_ahead=own.n_ahead,
        max_pieces=max(settings.max_pieces, own.max_pieces),
    )


def pick_device(name: str) -> str:
    """The torch device for `name`: cpu, cuda, mps, or auto (the first there is of cuda, mps, cpu).
    Raises SettingsError: no such name, or this machine has no such device."""
    import torch

    is_available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return next(device for device in is_available if is_available[device])
    if name not in is_available:
        raise SettingsError(f"device is {name!r}; it must be cpu, cuda, mps or auto")
    if not is_available[name]:
        text = f"this machine has no {name} that torch can use; try --device cpu"
        raise SettingsError(text, needs_option=True)
    return name
