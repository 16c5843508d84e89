"""The first card that two runs answered differently, found in their logs.

Cards are known by their prompts, whatever deck was in force in either run; knows no file.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from flashcards.runs import events
from flashcards.runs.marks import NOT_ASKED, RIGHT, unpack
from flashcards.runs.values import text_of

ANSWERS: tuple[type[events.AnyEvent], ...] = (
    events.CorrectionMeasured,
    events.DeckMarked,
    events.RunStarted,
    events.RunBranched,
    events.DeckChanged,
)
PromptsAfter = Callable[[int], Sequence[str]]
"""The prompts of the deck in force after this step, in its order."""


def no_prompts(step: int) -> Sequence[str]:
    """Return no prompts: two runs of one and the same deck need none."""
    return ()


class AnswerDiffers(msgspec.Struct, frozen=True, kw_only=True):
    """The first card that was answered differently at the same step.
    What was said is "" where only the marks are known: then `is_first_right` tells which of both
    runs had it right; None for neither. `prompt` is "" when the logs never name the card."""

    step: int
    card_index: int
    prompt: str = ""
    first_guess: str = msgspec.field(default="", name="one")
    second_guess: str = msgspec.field(default="", name="other")
    is_first_right: bool | None = None


class Answers:
    """The answers in one run's events: guesses by step and prompt, marks by step."""

    def __init__(self, happened: Iterable[events.AnyEvent] = ()) -> None:
        self.guesses: dict[int, dict[str, tuple[int, str]]] = {}
        self.marks: dict[int, tuple[str, int]] = {}
        self.prompts: dict[int, str] = {}
        self._n_cards = 0
        for event in happened:
            self.take(event)

    def take(self, event: events.AnyEvent) -> None:
        match event:
            case events.CorrectionMeasured(correction=correction):
                index = correction.card_index
                prompt = correction.prompt
                self.prompts[index] = prompt
                if correction.guess is not None:
                    guess = text_of(correction.guess)
                    self.guesses.setdefault(event.step, {})[prompt] = index, guess
            case events.DeckMarked():
                self.marks[event.step] = event.marks, self._n_cards
            case events.RunStarted():
                self._count(event)
            case events.RunResumed() | events.RunRewound():
                self._cut(event.step)
            case events.RunBranched() | events.DeckChanged():
                self._count(event.start)

    def _count(self, start: events.RunStarted) -> None:
        self._n_cards = start.n_taught + start.n_held_out

    def _cut(self, step: int) -> None:
        self.guesses = {at: guesses for at, guesses in self.guesses.items() if at <= step}
        self.marks = {at: marks for at, marks in self.marks.items() if at <= step}

    @property
    def steps(self) -> set[int]:
        return self.guesses.keys() | self.marks.keys()


def first_difference(
    first_events: Iterable[events.AnyEvent],
    second_events: Iterable[events.AnyEvent],
    prompts: tuple[PromptsAfter, PromptsAfter] = (no_prompts, no_prompts),
) -> AnswerDiffers | None:
    answers = Answers(first_events), Answers(second_events)
    steps = sorted(answers[0].steps & answers[1].steps)
    differences = (difference_at(step, *answers, prompts) for step in steps)
    return next((differs for differs in differences if differs is not None), None)


def difference_at(
    step: int,
    first: Answers,
    second: Answers,
    prompts: tuple[PromptsAfter, PromptsAfter] = (no_prompts, no_prompts),
) -> AnswerDiffers | None:
    other_guesses = second.guesses.get(step, {})
    for prompt, (index, guess) in sorted(first.guesses.get(step, {}).items()):
        if prompt in other_guesses and other_guesses[prompt][1] != guess:
            return AnswerDiffers(
                step=step,
                card_index=index,
                prompt=prompt,
                first_guess=guess,
                second_guess=other_guesses[prompt][1],
            )
    return _marked_differently(step, first, second, prompts)


def _marked_differently(
    step: int, first: Answers, second: Answers, prompts: tuple[PromptsAfter, PromptsAfter]
) -> AnswerDiffers | None:
    marks = first.marks.get(step), second.marks.get(step)
    if marks[0] is None or marks[1] is None:
        return None
    names = prompts[0](step), prompts[1](step)
    if marks[0] == marks[1] and names[0] == names[1]:
        return None
    try:
        sides = [unpack(*packed) for packed in marks if packed is not None]
        if names[0] == names[1]:
            pairs = list(zip(*sides, strict=True))
        else:
            other_marks = dict(zip(_numbered(names[1]), sides[1], strict=True))
            cards = zip(_numbered(names[0]), sides[0], strict=True)
            pairs = [(mark, other_marks.get(card, NOT_ASKED)) for card, mark in cards]
        both = (i for i, (a, b) in enumerate(pairs) if a != b and NOT_ASKED not in (a, b))
        index = next(both, None)
    except ValueError:
        return None
    if index is None:
        return None
    prompt = names[0][index] if names[0] else first.prompts.get(index, "")
    is_first_right = pairs[index][0] == RIGHT if RIGHT in pairs[index] else None
    return AnswerDiffers(step=step, card_index=index, prompt=prompt, is_first_right=is_first_right)


def _numbered(prompts: Sequence[str]) -> list[tuple[str, int]]:
    """Each prompt with its occurrence, from 0: cards may share a prompt."""
    n_before: dict[str, int] = {}
    numbered = []
    for prompt in prompts:
        numbered.append((prompt, n_before.get(prompt, 0)))
        n_before[prompt] = n_before.get(prompt, 0) + 1
    return numbered
