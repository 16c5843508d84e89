"""Answers `LookInside`: the model as it is now. Changes nothing; costs nothing while not asked."""

from __future__ import annotations

from flashcards.learner import inside, inspection
from flashcards.runs.commands import LookInside
from flashcards.runs.events import InsideSeen
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.teaching import Taught


class Insight:
    """Keeps what one look needs of the one before: the map's orientation, the untrained weights."""

    def __init__(self, taught: Taught, keeper: Keeper) -> None:
        self._taught = taught
        self._keeper = keeper
        self._map = inside.Map()
        self._start: inside.Start | None = None
        self._ids: list[int] | None = None

    def take_deck(self) -> None:
        """Another deck has other pieces."""
        self._ids = None

    def look(self, command: LookInside) -> InsideSeen:
        """The model as it is."""
        taught, learner = self._taught, self._taught.learner
        anatomy = learner.anatomy
        if self._start is None:
            self._start = inside.Start(anatomy, self._keeper.folder.info.seed)
        if self._ids is None:
            self._ids = inside.pieces_on_map(anatomy, len(taught.deck.cards))
        points, share = self._map.draw(anatomy, self._ids)
        correction = self._keeper.state.correction
        card_index = 0 if correction is None else correction.card_index
        card_index = min(card_index, len(taught.deck.cards) - 1)
        return InsideSeen(
            step=learner.step,
            request=command.request,
            points=points,
            share=share,
            weights=inside.weight_maps(anatomy.weights, self._start.weights, self._ids),
            pieces=inspection.cut(anatomy, card_index),
            reading=inspection.read(anatomy, card_index),
        )
