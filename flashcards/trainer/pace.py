"""The pace that is asked for: which cards are taught next, and how long what they show stands.

Only remembers and decides: `lesson` obeys, waits and emits. Knows no clock and no file.
"""

from flashcards.runs.values import Phase

PHASE_S: dict[Phase, float] = {
    "data": 0.5,
    "model": 0.3,
    "prediction": 0.6,
    "error": 0.6,
    "adjustment": 0.8,
    "repeat": 0.2,
}
"""Seconds that each phase stands while explaining: three in all for a card."""

STEPPED_PHASE_S = dict.fromkeys(PHASE_S, 0.12)
EXPLAINED_TRIES_S = 3.0
MINUTE_S = 60.0
SHORTEST_WAIT_S = 1e-4


class Pace:
    """The cards and phases that play, pause and steps asked for.

    Attributes:
        is_paused: Nothing is taught but the cards that were asked for.
        n_cards_asked: So many are still to be taught one by one.
        n_phases_asked: So many phases of the walked card are still to be gone on to.
        is_walking: A card's phases stand until the next one is asked for.
        is_stepping: The card in progress was asked for: a pause does not hold it.
        is_hurried: The card in progress is finished without further waits.
        held_step: The step at which the card in progress began, None between two cards.
    """

    def __init__(self, *, is_paused: bool) -> None:
        self.is_paused = is_paused
        self.n_cards_asked = self.n_phases_asked = 0
        self.is_walking = self.is_stepping = self.is_hurried = False
        self.held_step: int | None = None

    @property
    def is_waiting(self) -> bool:
        return self.is_paused and self.n_cards_asked == 0

    @property
    def is_held_by_hand(self) -> bool:
        """True where the card in progress goes on only when its next phase is asked for."""
        return self.is_walking and self.held_step is not None

    @property
    def is_card_in_progress(self) -> bool:
        """True where a card is being taught, or the next one is to be walked through."""
        return self.held_step is not None or (self.is_walking and self.n_cards_asked > 0)

    def begin_update(self) -> None:
        """The next update is made now: on one of the cards that were asked for, if any were."""
        self.is_hurried = False
        self.is_stepping = self.n_cards_asked > 0
        if self.is_stepping:
            self.n_cards_asked -= 1

    def begin_card(self, step: int) -> None:
        """The update, begun at this step, is on one card: its phases can be walked through."""
        self.held_step = step

    def begin_tries(self) -> None:
        """The update is on tries, which have no phases to walk through: it is one step."""
        self.is_walking = False

    def take_phase(self) -> bool:
        """Go on to the next phase of the card in progress; tell whether it was asked for."""
        if self.n_phases_asked == 0:
            return False
        self.n_phases_asked -= 1
        return True

    def hurry(self) -> None:
        """Finish the card in progress without further waits."""
        self.is_hurried = True

    def end_card(self, *, is_finite: bool) -> None:
        """The card was taught. Who walks through phases walks on in the next one."""
        if self.held_step is not None and self.is_walking and is_finite:
            self.n_cards_asked = 1
        self.held_step = None
        self.is_stepping = False

    def play(self) -> bool:
        """Teach on, card by card; tell whether that changes anything."""
        if not self.is_paused:
            return False
        self.stop_walking()
        self.is_paused = False
        self.n_cards_asked = 0
        return True

    def pause(self) -> bool:
        """Teach no more cards, none that were asked for; tell whether that changes anything."""
        self.n_cards_asked = 0
        was_paused = self.is_paused
        self.is_paused = True
        return not was_paused

    def halt(self) -> None:
        """Pause, and forget the phases that were asked for."""
        self.stop_walking()
        self.pause()

    def step(self, n_cards: int, step: int) -> None:
        """Teach so many more cards; the one in progress is the first, if it isn't taught yet."""
        is_untaught = self.held_step == step
        is_first = is_untaught and (self.is_walking or not self.is_stepping)
        self.stop_walking()
        self.is_paused = self.is_hurried = True
        self.n_cards_asked += n_cards - 1 if is_first else n_cards

    def begin_walk(self) -> None:
        """Walk through the next card: its first phase is asked for."""
        self.is_walking = self.is_paused = self.is_hurried = True
        self.n_cards_asked = 1
        self.n_phases_asked = 0

    def walk_on(self) -> bool:
        """Go to the next phase, of the card in progress if there is one. Whether that pauses."""
        is_new = self.held_step is not None and not self.is_walking
        was_paused = self.is_paused
        if is_new:
            self.is_walking = self.is_paused = True
            self.n_cards_asked = self.n_phases_asked = 0
        self.n_phases_asked += 1
        return is_new and not was_paused

    def stop_walking(self) -> None:
        if self.is_walking:
            self.is_walking = False
            self.is_hurried = True
            self.n_cards_asked = self.n_phases_asked = 0


class SpreadUpdates:
    """So many updates at full speed, spread over a minute that ends with the last of them."""

    def __init__(self, n_updates: int = 0) -> None:
        self._n_left = max(0, n_updates)
        self._part_s = MINUTE_S / max(1, n_updates)
        self._spare_s = 0.0

    def rest_s(self, took_s: float) -> float:
        """Seconds to wait after an update that took so long; a slow one shortens later waits."""
        if self._n_left == 0:
            return 0.0
        self._n_left -= 1
        self._spare_s += self._part_s - took_s
        if self._spare_s <= SHORTEST_WAIT_S:
            return 0.0
        rest_s, self._spare_s = self._spare_s, 0.0
        return rest_s
