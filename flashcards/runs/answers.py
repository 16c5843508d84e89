"""The first card that two runs answered differently, found in their logs.

Cards are known by their prompts, whatever deck was in force in either run; knows no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from flashcards.runs import events
from flashcards.runs.events import AnyEvent
from flashcards.runs.marks import NOT_ASKED, unpack

ANSWERS: tuple[type[AnyEvent], ...] = (
    events.CorrectionMeasured,
    events.DeckMarked,
    events.RunStarted,
    events.RunBranched,
    events.DeckChanged,
)
PromptsAfter = Callable[[int], Sequence[str]]
"""The prompts of the deck in force after this step, in its order."""


def no_prompts(step: int) -> Sequence[str]:
    """Of decks that are one and the same."""
    return ()


class AnswerDiffers(msgspec.Struct, frozen=True, kw_only=True):
    """The first card that was answered differently at the same step.

    What was said is "" where only the marks are known: right in one run, wrong in the other.
    `prompt` is "" when the logs never name the card.
    """

    step: int
    card_index: int
    prompt: str = ""
    one: str = ""
    other: str = ""


def first_difference(
    one: Iterable[AnyEvent],
    other: Iterable[AnyEvent],
    prompts: tuple[PromptsAfter, PromptsAfter] = (no_prompts, no_prompts),
) -> AnswerDiffers | None:
    """The first card answered differently at the same step of both runs."""
    answers = _Answers.of(one), _Answers.of(other)
    found = [_first_guess(*answers), _first_mark(*answers, prompts)]
    return min(
        (differs for differs in found if differs is not None),
        key=lambda differs: differs.step,
        default=None,
    )


class _Answers(msgspec.Struct):
    """What one log says of answers: guesses by step and prompt, marks by step."""

    guesses: dict[tuple[int, str], tuple[int, str]]
    marks: dict[int, tuple[str, int]]
    prompts: dict[int, str]

    @classmethod
    def of(cls, log: Iterable[AnyEvent]) -> _Answers:
        answers, n_cards = cls({}, {}, {}), 0
        for event in log:
            match event:
                case events.CorrectionMeasured(correction=correction):
                    index, prompt = correction.card_index, correction.prompt
                    answers.prompts[index] = prompt
                    if correction.guess is not None:
                        said = "".join(piece.text for piece in correction.guess)
                        answers.guesses[event.step, prompt] = index, said
                case events.DeckMarked():
                    answers.marks[event.step] = event.marks, n_cards
                case events.RunStarted():
                    n_cards = event.n_taught + event.n_held_out
                case events.RunBranched() | events.DeckChanged():
                    n_cards = event.start.n_taught + event.start.n_held_out
                case _:
                    pass
        return answers


def _first_guess(one: _Answers, other: _Answers) -> AnswerDiffers | None:
    for step, prompt in sorted(one.guesses.keys() & other.guesses.keys()):
        index, said = one.guesses[step, prompt]
        _, then = other.guesses[step, prompt]
        if said != then:
            return AnswerDiffers(step=step, card_index=index, prompt=prompt, one=said, other=then)
    return None


def _first_mark(
    one: _Answers, other: _Answers, prompts: tuple[PromptsAfter, PromptsAfter]
) -> AnswerDiffers | None:
    """The first card that both were asked and marked differently."""
    for step in sorted(one.marks.keys() & other.marks.keys()):
        if one.marks[step] == other.marks[step]:
            continue
        names = prompts[0](step), prompts[1](step)
        try:
            sides = [unpack(*answers.marks[step]) for answers in (one, other)]
            if names[0] == names[1]:
                pairs = list(zip(*sides, strict=True))
            else:
                then = dict(zip(_numbered(names[1]), sides[1], strict=True))
                cards = zip(_numbered(names[0]), sides[0], strict=True)
                pairs = [(mark, then.get(card, NOT_ASKED)) for card, mark in cards]
            index = _first_other(pairs)
        except ValueError:
            continue
        if index is not None:
            prompt = names[0][index] if names[0] else one.prompts.get(index, "")
            return AnswerDiffers(step=step, card_index=index, prompt=prompt)
    return None


def _first_other(pairs: Iterable[tuple[int, int]]) -> int | None:
    """The first pair of two marks of which neither is missing."""
    both = (i for i, (a, b) in enumerate(pairs) if a != b and NOT_ASKED not in (a, b))
    return next(both, None)


def _numbered(prompts: Sequence[str]) -> list[tuple[str, int]]:
    """Each with how often it was there before: cards may share a prompt."""
    n_before: dict[str, int] = {}
    numbered = []
    for prompt in prompts:
        numbered.append((prompt, n_before.get(prompt, 0)))
        n_before[prompt] = n_before.get(prompt, 0) + 1
    return numbered
