"""Which view a key opens, and what each is given. Imported when the first is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app.keys import KEYS

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.kit.view import View

NAMED_KEYS = ("play", "ask", "help", "quit")
"""Keys that a view names beside its own."""


def new_view(app: FlashcardsApp, name: str) -> View:
    """A view of the app's lesson.

    Raises:
        ValueError: there is none of that name.
    """
    deck = app.lesson.deck
    match name:
        case "cards":
            from flashcards.app.cards.view import CardsView

            named = tuple((app.key_of(k.id), k.label) for k in KEYS if k.id in NAMED_KEYS)
            return CardsView(deck, app.requests, app.clock, named)
        case "memory":
            from flashcards.app.memory.view import MemoryView

            return MemoryView(deck, lambda: app.lesson.twin, app.key_of("twin"))
        case "update":
            from flashcards.app.update.view import UpdateView

            named = tuple((app.key_of(k.id), k.label) for k in KEYS if k.id in NAMED_KEYS)
            walking = (app.key_of("phase_next"), app.key_of("phase_before"))
            return UpdateView(deck, walking, named)
        case "presenter":
            from flashcards.app.stage.presenter import PresenterView

            return PresenterView(deck, lambda: app.stage.asked_request)
        case "game":
            from flashcards.app.stage.game import GameView

            stage = app.stage
            return GameView(app.requests, stage.points, stage.used_cards, stage.random)
        case "slide" if app.stage.talking is not None:
            from flashcards.app.stage.slide import SlideView

            return SlideView(app.stage.talking.slide)
        case "race":
            from flashcards.app.race.past import RacePast
            from flashcards.app.race.racing import race_of
            from flashcards.app.race.view import RaceView

            return RaceView(deck, lambda: race_of(app), RacePast(app.paint))
        case "inside":
            from flashcards.app.inside.view import InsideView

            named = tuple((app.key_of(k.id), k.label) for k in KEYS if k.id in NAMED_KEYS)
            return InsideView(deck, app.requests, app.clock, named)
        case "doctor":
            from flashcards.app.decks.doctor import DoctorView
            from flashcards.app.decks.doctor_process import diagnosis_of

            return DoctorView(deck, diagnosis_of)
        case _:
            raise ValueError(f"there is no view {name}")
