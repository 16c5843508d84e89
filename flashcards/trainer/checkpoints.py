"""A lesson as a saved state has it: the newest one up to a step that is not damaged.

Reads the run folder, writes nothing, knows no clock.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from flashcards.base.decoding import decode_json
from flashcards.cards import card, chapters, shelf
from flashcards.learner import tokenizer
from flashcards.learner.brought import model_folder, opener
from flashcards.learner.brought.base import Base
from flashcards.learner.brought.pieces import pieces_of
from flashcards.learner.brought.pretrained_settings import PretrainedSettings, settings_of
from flashcards.learner.fingerprint import fingerprint
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder, shapes_of
from flashcards.learner.queues import order_named
from flashcards.learner.saving import SavedError, extra_of
from flashcards.runs.events import DamageFound
from flashcards.runs.folder import RunError, RunFolder, read_state
from flashcards.trainer import versions
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.questions.accounts import Accounts
from flashcards.trainer.training_state import LessonMemory, TrainingState

Changes = Sequence[tuple[int, str]]


class Restorer:
    """Reads the states of one run into one learner: the next lesson takes it from the last.
    `file`: the name of the file that was restored last, "" before."""

    def __init__(
        self,
        folder: RunFolder,
        device: str = "cpu",
        on_damage: Callable[[DamageFound], None] = lambda damage: None,
        *,
        is_to_ask: bool = False,
    ) -> None:
        """`on_damage` is told of each state that had to be passed over. `is_to_ask`: a state that
        only answers will do.
        Raises RunError: the settings or the tokenizer are damaged or gone."""
        self.folder = folder
        self._device = device
        self._on_damage = on_damage
        self._is_to_ask = is_to_ask
        try:
            self._settings = settings_of(folder.info.settings)
            self._tokenizer_model = pieces_of(folder.tokenizer_model()).model
            self._base: Base | None = None
            if folder.info.base is not None and isinstance(self._settings, PretrainedSettings):
                saved = msgspec.json.encode(self._settings)
                self._base = opener.bring_again(folder.info.base, saved)
        except msgspec.ValidationError as error:
            problem = f"{folder.path / 'run.json'} is damaged: {error}"
            raise RunError(problem) from error
        except (model_folder.PretrainedError, tokenizer.TokenizerError) as error:
            raise RunError(f"{folder.path} can't be used: {error}") from error
        self._learner: Learner | None = None
        self._deck: card.Deck | None = None
        self._versions: dict[str, card.Deck] = {}
        self.file = ""

    @property
    def rounding(self) -> str:
        """The way in which this machine rounds for the run's model: see `learner.fingerprint`."""
        n_vocabulary = pieces_of(self._tokenizer_model).n_vocabulary
        return fingerprint(self._settings, n_vocabulary, self._device, self._base)

    def restore(self, at_most: int | None = None, changes: Changes | None = None) -> TrainingState:
        """The lesson of the newest undamaged state up to step `at_most`, with that step's deck.
        `changes` are the run's changes of the deck, when they are known already.
        Raises RunError: there is no such state, or the deck is gone."""
        where = "" if at_most is None else f" up to step {at_most:,}"
        states = self.folder.state_files(at_most, is_to_ask=self._is_to_ask)
        return self._first_of(reversed(states), changes, where)

    def restore_first(self, named: str = "") -> TrainingState:
        """The lesson as it began, with the deck it began with. There may be several states of step
        0, of before and after a change of the deck: `named` is the file of the one that the log
        names first. Raises RunError: no state of that is left, or the deck is gone."""
        states = sorted(self.folder.state_files(0), key=lambda state: state[1].name != named)
        return self._first_of(states, [], " of its beginning")

    def _first_of(
        self, states: Iterable[tuple[int, Path]], changes: Changes | None, where: str
    ) -> TrainingState:
        passed_over: list[str] = []
        why = ""
        for step, path in states:
            saved = read_state(path)
            if saved is None and not path.exists():
                continue  # thinned out meanwhile
            try:
                if saved is None:
                    raise SavedError("it is not what was written")
                training = self.from_saved(saved)
                if training.learner.step != step:
                    raise SavedError("it is of another step than its name")
            except (SavedError, RunError, ValueError, KeyError, msgspec.DecodeError) as error:
                damage = f"the state of step {step:,} is damaged: {error}"
                why = why or f" ({error if isinstance(error, RunError) else damage})"
                passed_over.append(path.relative_to(self.folder.path).as_posix())
                continue
            at = training.learner.step
            self.make_changes(
                training, self.folder.deck_changes(at) if changes is None else changes
            )
            for file in passed_over:
                self._on_damage(DamageFound(step=at, file=file))
            self.file = path.name
            return training
        raise RunError(f"{self.folder.path.name} holds no state{where} to go on from{why}")

    def from_saved(self, saved: bytes) -> TrainingState:
        """The lesson of this state, with the deck that it was taught when it was saved.
        Raises SavedError, ValueError, KeyError or msgspec.DecodeError: it is damaged or another
        run's. Raises RunError: the deck is gone or can't be read."""
        parts = extra_of(saved)
        memory = decode_json(parts["memory"], LessonMemory)
        deck = self.version(memory.deck_file)
        ledger = CardLedger.from_bytes(parts["ledger"], len(deck.cards))
        if len(before := parts.get("before", b"")) == len(deck.cards):
            ledger.before = bytearray(before)
        deck = versions.with_seen_taught(deck, ledger.times_seen)
        learner = self._learned(deck, saved)
        learner.chapter_step = memory.chapter_step
        seed = self.folder.info.seed if memory.order_seed is None else memory.order_seed
        queue = order_named(memory.order, deck.taught, len(deck.cards), seed)
        if queue is not None:
            queue.restore(parts["order"])
        shapes = shapes_of(deck, learner.settings)
        order = CardOrder(deck.taught, seed, memory.position, memory.after_change, queue, shapes)
        accounts = Accounts()
        if "accounts" in parts:
            accounts = Accounts.from_bytes(parts["accounts"], self._device)
        training = TrainingState(deck, learner, order, ledger, memory, accounts)
        training.general[:] = parts.get("general", b"")
        training.first_nats.frombytes(parts.get("first_nats", b""))
        if (besides := self.folder.path / "deck" / shelf.GENERAL).is_file():
            training.general_deck = shelf.load(besides)[0]
        return training

    def make_changes(self, training: TrainingState, changes: Changes) -> None:
        """Teach the deck in force after those of the changes that come up to this step. A state may
        have been saved at the very step of a change, before it was made.
        Raises RunError: a version of the deck is gone or can't be read."""
        if not changes:
            return
        files = [file for step, file in changes if step <= training.learner.step]
        in_force = training.memory.deck_file
        n_made = len(files) - files[::-1].index(in_force) if in_force in files else 0
        for file in files[n_made:]:
            self.change(training, file)

    def change(self, training: TrainingState, file: str) -> chapters.Difference:
        """Teach the version of the deck with this file name; what is different in it.
        Raises RunError: it is gone or can't be read."""
        changes = versions.change(training, self.version(file), file)
        self._deck = training.deck
        return changes

    def version(self, file: str) -> card.Deck:
        """The version of the deck with this file name, "" for the first.
        Raises RunError: it is gone or cannot be read."""
        if file not in self._versions:
            self._versions[file] = versions.load_version(self.folder, file)
        return self._versions[file]

    def _learned(self, deck: card.Deck, saved: bytes) -> Learner:
        if self._learner is None:
            self._learner, _ = Learner.restore(
                deck, self._settings, self._tokenizer_model, saved, self._device, self._base
            )
        else:
            self._learner.load(saved)
            if deck is not self._deck:
                self._learner.take_deck(deck)
        self._deck = deck
        return self._learner
