"""Two runs beside each other, from their logs: what they share, where they part, how they score at
equal cards. Steps that both logs speak of are compared; what a clock measured is left out."""

from pathlib import Path

import msgspec

from flashcards.runs import cursor, events
from flashcards.runs.answers import AnswerDiffers, PromptsAfter, first_difference, no_prompts
from flashcards.runs.events import AnyEvent
from flashcards.runs.folder import RunFolder
from flashcards.runs.state import RunState
from flashcards.runs.values import BranchChange, Knowledge, OrderName, Score
from flashcards.runs.verdict import Verdict

COMPARED: tuple[type[AnyEvent], ...] = (
    events.RunStarted,
    events.RunResumed,
    events.RunPlayed,
    events.RunBranched,
    events.RivalsGraded,
    events.DeckChanged,
    events.ChapterBegan,
    events.RecipeChanged,
    events.LearningRateChanged,
    events.OrderChanged,
    events.SpeedChanged,
    events.StepsTaken,
    events.TriesRewarded,
    events.PracticeChanged,
    events.CorrectionMeasured,
    events.ExamTaken,
    events.DeckMarked,
    events.LessonEnded,
)


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Scores are those of its last exam, None before the first. `order` is the one it
    began with, `learning_rate` None of an empty log. `before`: decks and texts taught before its
    deck, oldest first; `has_read`: the last of them is a text. Its last chapter began at
    `chapter_step`."""

    run: str
    deck: str
    deck_sha256: str
    seed: int
    n_taught: int = 0
    n_held_out: int = 0
    learning_rate: float | None = None
    order: OrderName = "shuffled"
    is_shuffled: bool = False
    parent: str = ""
    branch_step: int | None = None
    change: BranchChange = BranchChange()
    step: int = 0
    cards_taught: int = 0
    seen: Score | None = None
    unseen: Score | None = None
    loss_nats: float | None = None
    verdict: Verdict | None = None
    before: tuple[str, ...] = ()
    has_read: bool = False
    chapter_step: int = 0
    chapter_cards: int = 0


class AtEqualCards(msgspec.Struct, frozen=True, kw_only=True):
    """One run's last exam before either was taught more cards than the other, both counted from
    the first card of the deck, where one of them was taught something before."""

    step: int
    cards_taught: int
    seen: Score
    unseen: Score
    known: Knowledge | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs. `same_until_step`: the last step at which both logs say the same; `parted_step`:
    the first at which they don't, None when they never part. `answer`: the first that differs, None
    when none was seen to, or the decks are others. `at_equal_cards`: the scores of both."""

    first: Side = msgspec.field(name="one")
    second: Side = msgspec.field(name="other")
    same_until_step: int | None
    parted_step: int | None
    parted_what: str
    answer: AnswerDiffers | None
    at_equal_cards: tuple[AtEqualCards, AtEqualCards] | None

    @property
    def is_of_newcomer(self) -> bool:
        """True where one deck was taught to a model that had learned before and to a new one."""
        return _is_of_newcomer(self.first, self.second)

    @property
    def cards_apart(self) -> int:
        """The number of cards that the first had been taught more when both began with the deck."""
        return self.first.chapter_cards - self.second.chapter_cards if self.is_of_newcomer else 0


def compare(
    first: Path,
    second: Path,
    *,
    prompts: tuple[PromptsAfter, PromptsAfter] = (no_prompts, no_prompts),
) -> Comparison:
    """Compare the runs in two folders. Raises RunError: no run; OSError: a log can't be read."""
    folders = (RunFolder.open(first), RunFolder.open(second))
    logs = [cursor.read_run(folder.log_path, COMPARED) for folder in folders]
    sides = [_side(folder, log) for folder, log in zip(folders, logs, strict=True)]
    is_of_newcomer = _is_of_newcomer(*sides)
    same_until, parted, what = (None, None, "") if is_of_newcomer else _parting(*logs)
    is_answer_same = _is_deck_same(*sides) and not is_of_newcomer
    return Comparison(
        first=sides[0],
        second=sides[1],
        same_until_step=same_until,
        parted_step=parted,
        parted_what=what,
        answer=first_difference(logs[0], logs[1], prompts) if is_answer_same else None,
        at_equal_cards=_at_equal_cards(logs, tuple(sides) if is_of_newcomer else ()),
    )


def _side(folder: RunFolder, log: list[AnyEvent]) -> Side:
    info = folder.info
    state = RunState()
    for event in log:
        state.fold(event)
    starts = [e for e in log if isinstance(e, events.RunStarted)]
    branches = [e for e in log if isinstance(e, events.RunBranched)]
    starts += [e.start for e in log if isinstance(e, events.RunBranched | events.DeckChanged)]
    recipes = [e.order for e in log if isinstance(e, events.RecipeChanged)]
    left = branches[-1] if branches else None
    scores = state.latest_scores
    return Side(
        run=folder.path.resolve().name,
        deck=info.deck,
        deck_sha256=info.deck_sha256,
        seed=info.seed,
        n_taught=0 if state.start is None else state.start.n_taught,
        n_held_out=0 if state.start is None else state.start.n_held_out,
        learning_rate=starts[0].learning_rate if starts else None,
        order=recipes[0] if recipes else "shuffled",
        is_shuffled=info.is_shuffled,
        parent="" if left is None else left.parent,
        branch_step=None if left is None else left.step,
        change=BranchChange() if left is None else left.change,
        step=log[-1].step if log else 0,
        cards_taught=state.cards_taught,
        seen=None if scores is None else scores.seen,
        unseen=None if scores is None else scores.unseen,
        loss_nats=None if state.exams.last is None else state.exams.last.seen_loss_nats,
        verdict=state.latest_verdict,
        before=tuple(chapter.name for chapter in state.life.earlier),
        has_read=bool(state.life.earlier) and state.life.earlier[-1].is_text,
        chapter_step=state.life.since_step,
        chapter_cards=state.life.since_cards,
    )


def _is_deck_same(side: Side, other_side: Side) -> bool:
    return side.deck_sha256 == other_side.deck_sha256


def _is_of_newcomer(side: Side, other_side: Side) -> bool:
    return _is_deck_same(side, other_side) and bool(side.before) != bool(other_side.before)


def _facts(log: list[AnyEvent]) -> dict[tuple[int, str], tuple[object, str]]:
    """Return the facts by step and kind, without what a clock measured, and how to name each."""
    facts: dict[tuple[int, str], tuple[object, str]] = {}
    for event in log:
        kind = type(event).__name__
        fact: object = None
        name = ""
        match event:
            case events.StepsTaken():
                fact = (event.cards_taught, event.loss_nats, event.gradient_norm)
                name = f"error {event.loss_nats:.4g} nats after {event.cards_taught:,} cards"
            case events.CorrectionMeasured():
                # of decks that are not the same one card may have two places
                fact = msgspec.structs.replace(event.correction, card_index=0)
                name = f"the card {event.correction.prompt}"
            case events.TriesRewarded():
                fact = msgspec.structs.replace(event, gradient_norm=0.0)
                name = f"{event.counts.reward:.4g} rewards for {event.counts.n_tries:,} tries"
            case events.PracticeChanged():
                fact = event.practice
                name = f"practice {event.practice}"
            case events.ExamTaken():
                fact = event
                name = f"{event.seen.right:,} taught and {event.unseen.right:,} never taught right"
            case events.LearningRateChanged():
                fact = event.factor
                name = f"learning rate ×{event.factor:g}"
            case events.RecipeChanged():
                fact = event
                size = "one card" if event.is_single else "a batch"
                factor = event.learning_rate_factor
                order = event.order
                name = f"{size} an update, rate ×{factor:g}, order {order}, seed {event.seed}"
            case events.OrderChanged():
                fact = event.order
                name = f"order {event.order}"
            case _:
                continue
        facts[event.step, kind] = (fact, name)
    return facts


def _parting(
    first_log: list[AnyEvent], second_log: list[AnyEvent]
) -> tuple[int | None, int | None, str]:
    """The last step that is the same, the first that isn't, and what is different there."""
    facts = (_facts(first_log), _facts(second_log))
    same_until: int | None = None
    for key in sorted(facts[0].keys() & facts[1].keys()):
        (a, name_a), (b, name_b) = facts[0][key], facts[1][key]
        if a != b:
            if name_a == name_b:
                return same_until, key[0], f"{name_a}, measured differently"
            return same_until, key[0], f"{name_a} | {name_b}"
        same_until = key[0]
    return same_until, None, ""


def _at_equal_cards(
    logs: list[list[AnyEvent]], since: tuple[Side, ...]
) -> tuple[AtEqualCards, AtEqualCards] | None:
    """`since`: of each, only its last chapter, counted from its first card; () is all of both."""
    exams: list[list[AtEqualCards]] = []
    for i, log in enumerate(logs):
        step, n_cards = (since[i].chapter_step, since[i].chapter_cards) if since else (0, 0)
        exams.append(
            [
                AtEqualCards(
                    step=exam.step - step,
                    cards_taught=exam.cards_taught - n_cards,
                    seen=exam.seen,
                    unseen=exam.unseen,
                    known=exam.known,
                )
                for exam in log
                if isinstance(exam, events.ExamTaken) and exam.step >= step
            ]
        )
    if not exams[0] or not exams[1]:
        return None
    most = min(exams_of[-1].cards_taught for exams_of in exams)
    exams_until = [[exam for exam in exams_of if exam.cards_taught <= most] for exams_of in exams]
    if not exams_until[0] or not exams_until[1]:
        return None
    return exams_until[0][-1], exams_until[1][-1]
