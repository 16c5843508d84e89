"""Answers `LookInside`: the model as it is now. Changes nothing; costs nothing while not asked."""

from flashcards.cards.card import Deck
from flashcards.learner import inspection, model
from flashcards.learner.learner import Learner
from flashcards.runs.commands import LookInside
from flashcards.runs.events import InsideSeen


class Insight:
    """Caches between looks: the map's orientation and the untrained weights."""

    def __init__(self, seed: int) -> None:
        """`seed` is the run's: its untrained weights are made again from it."""
        self._seed = seed
        self._map = inspection.Map()
        self._start: model.Weights | None = None
        self._deck: Deck | None = None
        self._ids: list[int] = []

    def look(self, command: LookInside, learner: Learner, deck: Deck) -> InsideSeen:
        anatomy = learner.anatomy
        if self._start is None:
            self._start = inspection.untrained(anatomy, self._seed)
        if self._deck is not deck:
            self._deck = deck
            self._ids = inspection.pieces_on_map(anatomy, len(deck.cards))
        if command.like:
            self._map.resemble(anatomy, self._ids, command.like)
        points, share = self._map.draw(anatomy, self._ids)
        weights, n_left = inspection.weight_maps(
            anatomy.weights, self._start, self._ids, command.n_maps
        )
        return InsideSeen(
            step=learner.step,
            request=command.request,
            points=points,
            share=share,
            weights=weights,
            n_left=n_left,
        )
