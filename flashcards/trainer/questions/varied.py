"""A model asked otherwise than usual: answers drawn at a temperature, numbers rounded, heads of
attention left out. Changes nothing: what is rounded or left out is so in a copy.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from flashcards.base.errors import UserError
from flashcards.cards.split import sample_by_hash
from flashcards.learner.drawing import Draw
from flashcards.runs.commands import TakeExam
from flashcards.runs.events import ExamVaried
from flashcards.runs.values import AnswerCount, AskOptions, Score, SectionScore, Sureness
from flashcards.trainer.training_state import TrainingState

N_ASKED = 1_000  # Cards of each side, at most

N_GROUPS = 10  # Of answers that the model is about equally sure of


def as_asked(training: TrainingState, options: AskOptions) -> TrainingState:
    """The training with a copy of its model that is changed as these options say: heads left out,
    then numbers rounded. The very same training where they change no number.
    Raises UserError: it is a model that others have trained, or it has no such head."""
    if not (options.bits or options.without):
        return training
    if training.learner.base is not None:
        what = "asked without attention" if options.without else "rounded"
        raise UserError(f"a model that others have trained can't be {what} here")
    reader = training.learner.reader()
    for heads in options.heads_without:
        try:
            reader.ablate(heads.layer, heads.head)
        except IndexError as error:
            raise UserError(f"without {options.without}: the model has {error}") from None
    if options.bits:
        reader.round_to(options.bits)
    return TrainingState(training.deck, reader, training.order, training.ledger, training.memory)


def answers_of(
    prompts: Sequence[str], training: TrainingState, options: AskOptions
) -> Iterator[list[Draw]]:
    """The answers to each prompt, by these options; the numbers are as they are."""
    return training.learner.draw_averaged(
        prompts, options.n_answers, options.temperature, training.order.seed
    )


def counted(draws: Sequence[Draw]) -> tuple[AnswerCount, ...]:
    """Each answer and how often it was drawn, the most frequent first, of equals the first."""
    counts = Counter(draw.text for draw in draws)
    return tuple(AnswerCount(text, n) for text, n in counts.most_common())


def take_exam(command: TakeExam, training: TrainingState) -> ExamVaried:
    """Ask cards of both sides with these options. A deck that is a text has none.
    Raises UserError: the model can't be asked so."""
    options = command.options
    examined = as_asked(training, options)
    deck = training.deck.own
    sides = (deck.taught, deck.never_seen) if deck.prompted else ()
    indices = [i for side in sides for i in sample_by_hash(deck, side, N_ASKED)]
    cards = [deck.cards[i] for i in indices]
    right: dict[int, bool] = {}
    n_covered = 0
    groups = [[0, 0.0, 0] for _ in range(N_GROUPS)]
    drawn = answers_of([card.prompt for card in cards], examined, options)
    for i, card, draws in zip(indices, cards, drawn, strict=True):
        (first, *_) = counted(draws)
        right[i] = first.text in card.answers
        if not card.is_never_seen:
            continue
        n_covered += any(draw.text in card.answers for draw in draws)
        probability = first.n / len(draws) if len(draws) > 1 else draws[0].probability
        group = groups[min(N_GROUPS - 1, int(N_GROUPS * probability))]
        group[0] += 1
        group[1] += probability
        group[2] += right[i]

    def score(*, is_never_seen: bool, section: str | None = None) -> Score:
        of_side = [
            is_right
            for i, is_right in right.items()
            if deck.cards[i].is_never_seen == is_never_seen
            and section in (None, deck.cards[i].section)
        ]
        return Score(sum(of_side), len(of_side))

    unseen = score(is_never_seen=True)
    return ExamVaried(
        step=training.learner.step,
        request=command.request,
        options=options,
        seen=score(is_never_seen=False),
        unseen=unseen,
        covered=Score(n_covered, unseen.total),
        sections=tuple(
            SectionScore(
                name=name,
                seen=score(is_never_seen=False, section=name),
                unseen=score(is_never_seen=True, section=name),
            )
            for name in dict.fromkeys(card.section for card in cards)
            if name
        ),
        sureness=tuple(Sureness(int(n), expected, int(good)) for n, expected, good in groups),
    )
