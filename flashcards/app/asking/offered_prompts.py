"""Prompts that the asking dialog offers and pins, and its texts. Knows no widget."""

from collections.abc import Iterable
from typing import assert_never

from flashcards.app.session import Session
from flashcards.app.widgets.cells import MUTED, cut
from flashcards.base.language import tr
from flashcards.runs import events as ev
from flashcards.runs.commands import MAX_PINS, Pin, Unpin
from flashcards.runs.state import Liveness
from flashcards.wording import facts, markers
from flashcards.wording.run_kinds import CardRun

MAX_EARLIER = 50


class AskedBefore:
    def __init__(self) -> None:
        self.prompts: list[str] = []

    def add(self, prompt: str) -> None:
        self.prompts = [*(p for p in self.prompts if p != prompt), prompt][-MAX_EARLIER:]


class Offers:
    """Prompts to go through, and the place among them: 0 as typed, less is earlier, more a card."""

    def __init__(self, typed: str, earlier: Iterable[str]) -> None:
        self.typed = typed
        self._earlier = [prompt for prompt in earlier if prompt != typed]
        self._cards: list[str] | None = None
        self._place = 0

    def needs_cards(self, by: int) -> bool:
        return self._cards is None and self._place + by > 0

    def take(self, prompts: Iterable[str]) -> None:
        """Take the cards that contain what is typed; those that begin with it come first."""
        others = [prompt for prompt in dict.fromkeys(prompts) if prompt != self.typed]
        self._cards = sorted(others, key=lambda prompt: not prompt.startswith(self.typed))

    def move(self, by: int) -> str:
        last = len(self._cards or ())
        self._place = min(max(self._place + by, -len(self._earlier)), last)
        if self._place == 0:
            return self.typed
        if self._place < 0:
            return self._earlier[self._place]
        assert self._cards is not None
        return self._cards[self._place - 1]


PROMPT_WIDTH = 30


def pin(session: Session) -> None:
    correction, pins, shell = session.shown_state.card.now, session.state.pins, session.shell
    if correction is None or shell.view_name != "lesson" or shell.screen is not shell.front:
        return
    session.notify(toggle_pin(session, correction.prompt, pins), timeout=4, kind="pin")


def toggle_pin(session: Session, prompt: str, pins: Iterable[str]) -> str:
    """Pin or unpin the prompt; the sentence that says so, and which pin gave way."""
    before = list(pins)
    if prompt in before:
        session.send(Unpin(prompt=prompt))
        return tr("“{prompt}” is not pinned any more.", prompt=cut(prompt, PROMPT_WIDTH))
    session.send(Pin(prompt=prompt))
    instead = ""
    if len(before) >= MAX_PINS:
        oldest = cut(before[0], PROMPT_WIDTH)
        instead = tr(" “{replaced}” is not followed any more.", replaced=oldest)
    text = "“{prompt}” is pinned: asked at every exam. a shows its answers.{instead}"
    return tr(text, prompt=cut(prompt, PROMPT_WIDTH), instead=instead)


def title(kind: CardRun, step: int | None, is_pinned: bool, shows_past: bool) -> str:
    """Name what can be done, each to be clicked. `step`: of the past whose model is asked."""
    ways = []
    if step is None:
        when = ""
        ways.append(f"[@click=screen.pin]F2 {tr('unpin') if is_pinned else tr('pin')}[/]")
        if "make_card" not in kind.lacks:
            ways.append(f"[@click=screen.teach]F3 {tr('make it a card')}[/]")
    else:
        when = f" [b $text-accent]{markers.as_of(step)}[/]"
    ways.append(f"[@click=screen.past]F4 {tr('now') if shows_past else tr('earlier answers')}[/]")
    way_out = tr("esc back") if shows_past else tr("esc close")
    ways.append(f"[@click=screen.close]{way_out}[/]")
    return f"[b]{kind.ask_title()}[/b]{when}  [{MUTED}]{' · '.join(ways)}[/]"


def message(liveness: Liveness, is_answered: bool, is_waiting: bool, progress: str) -> str:
    """The sentence in the place of an answer; "" where there is one to show."""
    if not is_waiting and not is_answered:
        return tr(
            "Type a prompt and press enter. The lesson goes on; asking changes nothing. Up offers "
            "earlier prompts, down and tab offer cards that contain what is typed. F5 asks the "
            "prompt eight times, by chance."
        )
    if not is_waiting:
        return ""
    match liveness:
        case "starting":
            return tr("The model is waking; it answers as soon as it can.")
        case "failed":
            return tr("The trainer has stopped.")
        case _:
            return "" if is_answered else progress or tr("asking…")


def outcome(
    taught: ev.TeachingRefused | ev.DeckChanged | None, is_paused: bool
) -> tuple[str, bool]:
    match taught:
        case ev.TeachingRefused(text=text):
            return tr(text), True
        case ev.DeckChanged(notes=notes):
            first = tr("when the lesson goes on.") if is_paused else tr("from now on.")
            return " ".join((first, *map(facts.note, notes))), False
        case None:
            return tr("putting it into the deck…"), False
        case other:
            assert_never(other)


def answers_of(
    past: ev.PastAnswered | None, answered: ev.PromptAnswered
) -> tuple[ev.PinAnswered, ...] | None:
    """Return what the saved states said to the answered prompt; None when another was asked."""
    if past is None or past.prompt != answered.prompt:
        return None
    return tuple(
        ev.PinAnswered(
            step=past_answer.step,
            prompt=past.prompt,
            answer=past_answer.answer,
            probability=past_answer.probability,
            piece_mark=answered.mark_of(past_answer.answer),
            correct_answers=answered.correct_answers,
        )
        for past_answer in past.answers
    )
