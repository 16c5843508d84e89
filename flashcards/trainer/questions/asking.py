"""The model's answer to a prompt, and what is known of that prompt. Changes nothing.

Pinned prompts are asked again at every exam. They cost no nominal time, so that a lesson with pins
takes the same exams as one without.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flashcards.cards.grammar import as_taught
from flashcards.cards.tools import BUILT_IN, Tool, with_calls
from flashcards.learner.learner import MARKS, Learner
from flashcards.learner.piece_by_piece import Answer
from flashcards.runs.commands import MAX_PINS, Ask
from flashcards.runs.events import PinAnswered, PromptAnswered, PromptPinned, PromptUnpinned
from flashcards.runs.values import AnswerCount, AskOptions, Stamp, ToolCall
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.questions import varied
from flashcards.trainer.questions.prompts import PromptIndex
from flashcards.trainer.training_state import TrainingState

N_NEAREST = 3

NO_TOOLS: Mapping[str, Tool] = {}


class DeckIndex:
    """The index of the prompts of the deck in force: another one once the deck is another."""

    def __init__(self, training: TrainingState) -> None:
        self._training = training
        self._deck = training.deck
        self._index = PromptIndex(training.deck)

    @property
    def now(self) -> PromptIndex:
        if self._deck is not self._training.deck:
            self._deck = self._training.deck
            self._index = PromptIndex(self._deck)
        return self._index


def answer(
    ask: Ask, training: TrainingState, index: PromptIndex, tools: Mapping[str, Tool] = NO_TOOLS
) -> PromptAnswered:
    """The answer to this prompt, by its options. A model that reads a text goes on with the prompt
    as it always does. `tools`: those that the answer may call besides its deck's.
    Raises UserError: the model can't be asked so."""
    prompt = as_taught(ask.prompt)
    options = ask.options if training.deck.prompted else AskOptions()
    training = varied.as_asked(training, options)
    reply = _drawn(prompt, training, options) if options.is_drawn else _likeliest(prompt, training)
    own = training.deck.meta.tool
    tools = {**({own: BUILT_IN[own]} if own else {}), **tools}
    worked_out, calls = with_calls(reply.answer.text, tools)
    same = index.same(prompt)
    stamp, times_seen = stamp_of(training, same)
    near = index.nearly(prompt)
    near_stamp, near_times_seen = stamp_of(training, [] if near is None else [near])
    return PromptAnswered(
        step=training.learner.step,
        request=ask.request,
        prompt=prompt,
        answer=reply.answer.text,
        pieces=reply.answer.pieces,
        alternatives=reply.answer.alternatives,
        probability=reply.answer.probability,
        is_cut=reply.answer.is_cut,
        options=options,
        spread=reply.spread,
        calls=tuple(ToolCall(call, result) for call, result in calls),
        worked_out=worked_out if calls else "",
        stamp=stamp,
        times_seen=times_seen,
        correct_answers=index.correct_answers(prompt),
        nearest=index.nearest(prompt, N_NEAREST),
        near_duplicate="" if near is None else training.deck.cards[near].prompt,
        near_stamp=near_stamp,
        near_times_seen=near_times_seen,
        prompt_pieces=_several_letters(training.learner.tokenizer.printable_pieces([prompt])[0]),
        is_adapter_off=training.learner.is_adapter_off,
    )


def _several_letters(pieces: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pieces; () where each is one letter, as everybody expects."""
    letters = (piece.strip() for piece in pieces if not piece.startswith("<0x"))
    return pieces if any(len(text) > 1 for text in letters) else ()


@dataclass(frozen=True)
class _Reply:
    """An answer, and how often each was drawn, where answers were."""

    answer: Answer
    spread: tuple[AnswerCount, ...] = ()


def _likeliest(prompt: str, training: TrainingState) -> _Reply:
    return _Reply(training.learner.answer(prompt))


def _drawn(prompt: str, training: TrainingState, options: AskOptions) -> _Reply:
    (draws,) = varied.answers_of([prompt], training, options)
    spread = varied.counted(draws)
    first = spread[0]
    is_cut = next(draw.is_cut for draw in draws if draw.text == first.text)
    return _Reply(Answer(first.text, (), (), first.n / len(draws), is_cut), spread)


def stamp_of(training: TrainingState, card_indices: Sequence[int]) -> tuple[Stamp, int]:
    """The stamp of these cards, which share a prompt, and how often one was taught."""
    times_seen = max((training.ledger.times_seen[i] for i in card_indices), default=0)
    if times_seen:
        return "seen", times_seen
    if not card_indices:
        return "new", 0
    is_never_seen = all(training.deck.cards[i].is_never_seen for i in card_indices)
    return "held_out" if is_never_seen else "not_yet_taught", 0


class Pins:
    """The pinned prompts of one lesson: which they are is in the run's state."""

    def __init__(self, training: TrainingState, keeper: Keeper, index: DeckIndex) -> None:
        self._training = training
        self._keeper = keeper
        self._index = index

    def pin(self, prompt: str) -> None:
        """Ask it now and at every exam. Beyond `MAX_PINS` the oldest pin is dropped."""
        prompt = as_taught(prompt)
        pins = self._keeper.state.pins
        if not prompt or prompt in pins:
            return
        while len(pins) >= MAX_PINS:
            self.unpin(next(iter(pins)))
        self._keeper.emit(PromptPinned(step=self._training.learner.step, prompt=prompt))
        self._ask([prompt])

    def unpin(self, prompt: str) -> None:
        prompt = as_taught(prompt)
        if prompt in self._keeper.state.pins:
            self._keeper.emit(PromptUnpinned(step=self._training.learner.step, prompt=prompt))

    def tell(self) -> None:
        """Emit earlier pins, their answers and who taught them again, for a new screen."""
        for pin in self._keeper.state.pins.values():
            answers = pin.answers.items
            step = answers[0].step if answers else 0
            self._keeper.tell(PromptPinned(step=step, prompt=pin.prompt))
            for answer in answers:
                self._keeper.tell(answer)
            if pin.taught is not None:
                self._keeper.tell(pin.taught)

    def answer(self) -> None:
        """Ask those that were not asked at this step yet."""
        step = self._training.learner.step
        pins = self._keeper.state.pins.values()
        due = [pin.prompt for pin in pins if pin.last_step != step]
        if due:
            self._ask(due)

    def _ask(self, prompts: list[str]) -> None:
        for answered in answers_to(prompts, self._training.learner, self._index.now):
            self._keeper.emit(answered)


def answers_to(prompts: list[str], learner: Learner, index: PromptIndex) -> Iterator[PinAnswered]:
    """Ask the model all prompts, in one pass for each piece, and grade all cards in one pass."""
    cards_of = {prompt: index.same(prompt) for prompt in prompts}
    cards_asked = [i for cards in cards_of.values() for i in cards]
    mark_of = (
        dict(zip(cards_asked, learner.grade(cards_asked).marks, strict=True)) if cards_asked else {}
    )
    for prompt, reply in zip(prompts, learner.answer_each(prompts), strict=True):
        marks = [mark_of[i] for i in cards_of[prompt]]
        yield PinAnswered(
            step=learner.step,
            prompt=prompt,
            answer=reply.text,
            probability=reply.probability,
            piece_mark=MARKS[max(marks)] if marks else None,
            correct_answers=index.correct_answers(prompt),
        )
