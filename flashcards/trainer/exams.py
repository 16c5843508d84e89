"""Exams: which cards are asked, what the scores are, and whether a lesson has come to its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from flashcards.cards.card import Deck
from flashcards.cards.exceptions import exception_sections, rule_forms
from flashcards.cards.judges import Attempt, Judge
from flashcards.cards.split import sample_by_hash
from flashcards.cards.text import WINDOW_PIECES, ReadBefore, TextDeck, sample
from flashcards.learner.grades import ReadScore
from flashcards.learner.learner import Learner
from flashcards.learner.written import CopyFinder
from flashcards.runs.events import ExamTaken, TextWritten
from flashcards.runs.goal import has_share
from flashcards.runs.marks import NOT_ASKED, RIGHT
from flashcards.runs.values import ChapterScore, Knowledge, Score, SectionScore, SentencesKept
from flashcards.trainer.schedule import Cost, exam_gap_s
from flashcards.trainer.training_state import LessonMemory, TrainingState

N_SAMPLE = 400
"""Cards of each side in an exam at speed: the share right is then known to about 2 points."""

N_LATER_SAMPLE, N_EARLIER = 200, 100
"""The same in a later chapter, and of each side of an earlier deck: forgetting is fast."""

N_SLOW_SAMPLE, SLOW_EXAM_S = 16, 4.0
"""The same of a brought model: as many as it answers in this (nominal) time, and some anyway."""

N_EARLIER_WINDOWS = 64  # Windows of each side of a text that was read before: 4,096 pieces

N_SENTENCES = 20  # Of each half of `general` in an exam at speed; a full exam asks all

FORGETTING_S = 2.0  # So long (nominal) half of the time goes into exams when a later chapter begins

PATIENCE_MIN_S, PATIENCE_MAX_S = 10.0, 60.0
PATIENCE_FACTOR = 2.0  # No progress for this many times the time that the best took

LOSS_PROGRESS = 0.9  # A taught error below this share of the best so far counts as progress too

CONFIRMATION_SHARE = 2.0  # A failed one delays the next by this many times its cost

NEAR_SHARE = 0.5
"""The same near a goal of never-taught cards: mostly few are asked, see `has_unseen_share`."""

ASKED_AT_ONCE = 128  # There; so few cards at once take no longer each


class Examiner:
    """Grades the deck that is in force now, on the averaged weights.
    `taught`, `never_seen`: the cards of each side that a full exam asks, without those that were
    right before they were taught.
    `has_marks`: an exam gives each card a mark."""

    has_marks = True

    def __init__(self, training: TrainingState, cost: Cost, judge: Judge | None = None) -> None:
        deck = training.deck.own
        self._judge = judge
        known = training.ledger.known_before
        self.taught = tuple(i for i in deck.taught if i not in known)
        self.never_seen = tuple(i for i in deck.never_seen if i not in known)
        self._training = training
        self._deck = deck
        self._earlier = tuple(
            _of_text(training, earlier)
            if isinstance(earlier, ReadBefore)
            else _of_cards(training, earlier.name, indices)
            for earlier, indices in zip(training.deck.earlier, training.deck.chapters, strict=True)
        )
        self._learner = training.learner
        self._cost = cost
        n_sample = N_LATER_SAMPLE if self._earlier else N_SAMPLE
        if cost.is_slow:
            n_sample = min(n_sample, max(N_SLOW_SAMPLE, cost.n_graded_in(SLOW_EXAM_S / 2)))
        self.taught_sample = sample_by_hash(deck, self.taught, n_sample)
        self.never_seen_sample = sample_by_hash(deck, self.never_seen, n_sample)
        sample = (*self.taught_sample, *self.never_seen_sample)
        self._before = None if training.ledger.before is None else _Before(training, n_sample)
        self.sections = Sections(deck, training.learner, sample)
        self.marks = bytearray(len(deck.cards))
        self._doubtful = list(self.never_seen)

    def n_asked(self, *, is_full: bool) -> int:
        """Count the questions of an exam, those of what was known before too."""
        n_before = 0 if self._before is None else self._before.n_asked(is_full=is_full)
        taught = self.taught if is_full else self.taught_sample
        never_seen = self.never_seen if is_full else self.never_seen_sample
        return len(taught) + len(never_seen) + n_before

    @property
    def full_exam_s(self) -> float:
        return self._cost.exam_s(self.n_asked(is_full=True))

    @property
    def unseen_exam_s(self) -> float:
        return self._cost.exam_s(len(self.never_seen))

    def gap_s(self, now_s: float) -> float:
        """Nominal time from one exam at speed to the next, `now_s` after the chapter began.
        It reads the sampled cards, and the answers that a rule would give."""
        n_cards = self.n_asked(is_full=False)
        n_cards += sum(earlier.n_cards(self._cost.tokens_per_card) for earlier in self._earlier)
        if self._judge is not None:
            n_cards += len(self.never_seen_sample or self.taught_sample)
        n_read = n_cards + len(self.sections.extra) + self.sections.n_forms
        if self._earlier and now_s < FORGETTING_S:
            return self._cost.exam_s(n_read)
        return exam_gap_s(self._cost, n_read, now_s)

    def take(self, *, is_full: bool, between: Callable[[int], None] | None = None) -> ExamTaken:
        """Ask the sample, or every card; `marks` has then what was asked and how it went.
        `between` is called now and then, as `Learner.grade` does."""
        taught = self.taught if is_full else self.taught_sample
        never_seen = self.never_seen if is_full else self.never_seen_sample
        taught_grades = self._training.grade(taught, between)
        never_seen_grades = self._training.grade(never_seen, between)
        self.marks = bytearray(len(self._deck.cards))
        for side, grades in ((taught, taught_grades), (never_seen, never_seen_grades)):
            self._mark(side, grades.marks)
        if not is_full:
            extra = self.sections.extra
            self._mark(extra, self._learner.grade(extra).marks)
        n_asked = len(taught) + len(never_seen)
        section_scores = self.sections.scores(
            self.marks, self._training.ledger.times_seen, is_full=is_full
        )
        known = None
        if self._before is not None:  # after the sections: no score counts what was known
            known = self._before.ask(self.marks, between, is_full=is_full)
            n_asked += known.cards.total
        return ExamTaken(
            step=self._learner.step,
            cards_taught=self._training.memory.cards_taught,
            is_full=n_asked == len(self._deck.cards),
            seen=self._seen_score(taught, taught_grades.marks),
            unseen=Score(never_seen_grades.marks.count(RIGHT), len(never_seen)),
            seen_loss_nats=taught_grades.loss_nats if taught else None,
            unseen_loss_nats=never_seen_grades.loss_nats if never_seen else None,
            sections=section_scores,
            earlier=tuple(examiner.score() for examiner in self._earlier),
            judged=self._judged(never_seen or taught),
            known=known,
        )

    def is_final(self, exam: ExamTaken) -> bool:
        """Tell whether the scores of this exam are those that a lesson ends with."""
        return exam.is_full

    def has_unseen_share(self, share: float) -> bool:
        """Tell whether this share of all never-taught cards is right; ask until too many are wrong.
        First those that were wrong when they were asked last, then those not asked for longest."""
        order = self._doubtful
        wrong = list[int]()
        right = list[int]()
        n_asked = n_cards = len(order)
        for first in range(0, n_cards, ASKED_AT_ONCE):
            slice_asked = order[first : first + ASKED_AT_ONCE]
            for i, mark in zip(slice_asked, self._learner.grade(slice_asked).marks, strict=True):
                (right if mark == RIGHT else wrong).append(i)
            if not has_share(Score(n_cards - len(wrong), n_cards), share):
                n_asked = first + len(slice_asked)
                break
        self._doubtful = [*wrong, *order[n_asked:], *right]
        return has_share(Score(n_cards - len(wrong), n_cards), share)

    def is_by_rule(self, card_index: int, guess: str) -> bool:
        return self.sections.is_by_rule(card_index, guess)

    def note_progress(self, memory: LessonMemory, exam: ExamTaken) -> None:
        """Remember the best scores so far, and when they came."""
        is_better = False
        seen = exam.seen.rate
        unseen = exam.unseen.rate
        loss = exam.seen_loss_nats
        if seen is not None and seen > memory.best_seen:
            memory.best_seen = seen
            is_better = True
        if unseen is not None and unseen > memory.best_unseen:
            memory.best_unseen = unseen
            is_better = True
        best = memory.best_loss_nats
        if loss is not None and (best is None or loss < LOSS_PROGRESS * best):
            memory.best_loss_nats = loss
            is_better = is_better or seen is None or seen < 1.0
        if is_better:
            memory.best_at_s = memory.nominal_s

    def write(self) -> TextWritten | None:
        """Have the model write by itself, where the deck is a text."""
        return None

    def _seen_score(self, card_indices: Sequence[int], marks: bytes) -> Score:
        times_seen = self._training.ledger.times_seen
        seen = [mark for i, mark in zip(card_indices, marks, strict=True) if times_seen[i]]
        return Score(seen.count(RIGHT), len(seen))

    def _judged(self, card_indices: Sequence[int]) -> Score | None:
        """Count the answers that earn the full reward; None without a judge."""
        if self._judge is None:
            return None
        cards = [self._deck.cards[i] for i in card_indices]
        draws = self._learner.draw_likeliest([card.prompt for card in cards])
        pairs = zip(cards, draws, strict=True)
        worth = self._judge([Attempt(card.prompt, draw.text, card.answers) for card, draw in pairs])
        full = [not draw.is_cut and w == 1.0 for draw, w in zip(draws, worth, strict=True)]
        return Score(sum(full), len(full))

    def _mark(self, card_indices: Sequence[int], marks: bytes) -> None:
        for card_index, mark in zip(card_indices, marks, strict=True):
            self.marks[card_index] = mark


N_LINES = 3
N_PIECES = 96  # In each of the lines that are written at every exam of a text

WRITING_WINDOWS = 64  # Writing that, and looking for it in the text, costs as much

PROGRESS = 0.995  # Progress is below this share of the best error in passages kept back


class TextExaminer(Examiner):
    """Grades a text that is read: how well each next piece is guessed, in two fixed samples of
    windows, one of what is read, one of the passages that are kept back; and what it writes."""

    has_marks = False

    def __init__(self, training: TrainingState, deck: TextDeck, cost: Cost) -> None:
        self._training = training
        self._deck = deck
        self._learner = training.learner
        self._cost = cost
        self.taught, self.never_seen = deck.taught, deck.never_seen
        self.taught_sample = sample(self.taught)
        self.never_seen_sample = sample(self.never_seen)
        self.marks = bytearray(len(deck.cards))

    def n_asked(self, *, is_full: bool) -> int:
        return len(self.taught_sample) + len(self.never_seen_sample)

    def gap_s(self, now_s: float) -> float:
        n_windows = len(self.taught_sample) + len(self.never_seen_sample) + WRITING_WINDOWS
        return exam_gap_s(self._cost, n_windows, now_s)

    def take(self, *, is_full: bool, between: Callable[[int], None] | None = None) -> ExamTaken:
        seen = self._learner.read_windows(self.taught_sample)
        unseen = self._learner.read_windows(self.never_seen_sample)
        return ExamTaken(
            step=self._learner.step,
            cards_taught=self._training.memory.cards_taught,
            is_full=False,
            seen=Score(seen.n_right, seen.n_pieces),
            unseen=Score(unseen.n_right, unseen.n_pieces),
            seen_loss_nats=_mean_nats(seen),
            unseen_loss_nats=_mean_nats(unseen),
        )

    def is_final(self, exam: ExamTaken) -> bool:
        """Every exam of a text asks the same."""
        return True

    def has_unseen_share(self, share: float) -> bool:
        unseen = self._learner.read_windows(self.never_seen_sample)
        return has_share(Score(unseen.n_right, unseen.n_pieces), share)

    def is_by_rule(self, card_index: int, guess: str) -> bool:
        """A text has no exceptions."""
        return False

    def note_progress(self, memory: LessonMemory, exam: ExamTaken) -> None:
        """Remember the least error so far where it counts, and when it came."""
        nats = exam.unseen_loss_nats if exam.unseen.total else exam.seen_loss_nats
        best = memory.best_loss_nats
        if nats is not None and (best is None or nats < PROGRESS * best):
            memory.best_loss_nats = nats
            memory.best_at_s = memory.nominal_s

    def write(self) -> TextWritten:
        """Have the model write by itself; with the longest part of that which is in the text."""
        lines = self._learner.write(self._training.order.seed, N_LINES, N_PIECES)
        return TextWritten(step=self._learner.step, lines=lines, copied=self._copies.longest(lines))

    @cached_property
    def _copies(self) -> CopyFinder:
        deck = self._training.deck
        assert isinstance(deck, TextDeck)
        return CopyFinder(deck.cards.read_text())


def _mean_nats(score: ReadScore) -> float | None:
    return score.nats / score.n_pieces if score.n_pieces else None


class _Before:
    """The part of an exam that asks what a model that others have trained knew before."""

    def __init__(self, training: TrainingState, n_sample: int) -> None:
        deck, known = training.deck.own, training.ledger.known_before
        self._training = training
        general = training.general_deck
        sides = [[i for i in side if i in known] for side in (deck.taught, deck.never_seen)]
        half = len(general.cards) // 2
        halves = [range(half), range(half, 2 * half)] if training.general else []
        self._full = sides, halves
        self._sample = (
            [sample_by_hash(deck, side, n_sample) for side in sides],
            [sample_by_hash(general, half, N_SENTENCES) for half in halves],
        )
        self._encoding = training.learner.encode(general) if halves else None

    def n_asked(self, *, is_full: bool) -> int:
        cards, sentences = self._full if is_full else self._sample
        return sum(map(len, (*cards, *sentences)))

    def ask(
        self, marks: bytearray, between: Callable[[int], None] | None, *, is_full: bool
    ) -> Knowledge:
        """Ask them; the marks of the cards are put into `marks`."""
        cards, sentences = self._full if is_full else self._sample
        scores = []
        for side in cards:
            marks_now = self._training.grade(side, between).marks
            for i, mark in zip(side, marks_now, strict=True):
                marks[i] = mark
            scores.append(Score(marks_now.count(RIGHT), len(side)))
        sentences_kept = []
        learner = self._training.learner
        before = self._training.general
        for half in sentences:
            new = [i for i in half if before[i] == NOT_ASKED]
            brought = learner.grade(new, between, self._encoding, is_as_brought=True)
            for i, mark in zip(new, brought.marks, strict=True):
                before[i] = mark
            n_before = now = sum(before[i] == RIGHT for i in half)
            if learner.step:
                now = learner.grade(half, between, self._encoding).marks.count(RIGHT)
            sentences_kept.append(SentencesKept(n_before, now, len(half)))
        chosen, others = sentences_kept or (None, None)
        return Knowledge(seen=scores[0], unseen=scores[1], chosen=chosen, others=others)


@dataclass(frozen=True)
class EarlierSample:
    """Cards of an earlier chapter that exams ask, or windows of a text that it read: some that were
    taught, some that were not. Of windows `score_of` gives how many next pieces are guessed."""

    name: str
    seen: Sequence[int]
    unseen: Sequence[int]
    score_of: Callable[[Sequence[int]], Score]

    def n_cards(self, tokens_per_card: float) -> int:
        """The number of cards that take as long to ask."""
        return len(self.seen) + len(self.unseen)

    def score(self) -> ChapterScore:
        seen = self.score_of(self.seen)
        unseen = self.score_of(self.unseen)
        return ChapterScore(deck=self.name, seen=seen, unseen=unseen)


class EarlierWindows(EarlierSample):
    def n_cards(self, tokens_per_card: float) -> int:
        return round(super().n_cards(tokens_per_card) * WINDOW_PIECES / tokens_per_card)


def _of_cards(training: TrainingState, name: str, indices: range) -> EarlierSample:
    deck, times_seen = training.deck, training.ledger.times_seen
    seen = [i for i in indices if not deck.cards[i].is_never_seen and times_seen[i]]
    unseen = [i for i in indices if deck.cards[i].is_never_seen]

    def score_of(cards: Sequence[int]) -> Score:
        marks = training.learner.grade(cards).marks
        return Score(marks.count(RIGHT), len(marks))

    return EarlierSample(
        name=name,
        seen=sample_by_hash(deck, seen, N_EARLIER),
        unseen=sample_by_hash(deck, unseen, N_EARLIER),
        score_of=score_of,
    )


def _of_text(training: TrainingState, earlier: ReadBefore) -> EarlierSample:
    learner, text = training.learner, earlier.windows
    encoding = learner.windows_of(text)

    def score_of(windows: Sequence[int]) -> Score:
        score = learner.read_windows(windows, encoding)
        return Score(score.n_right, score.n_pieces)

    return EarlierWindows(
        name=earlier.name,
        seen=sample(text.taught, N_EARLIER_WINDOWS),
        unseen=sample(text.never_seen, N_EARLIER_WINDOWS),
        score_of=score_of,
    )


def are_all_right(exam: ExamTaken, n_taught: int) -> bool:
    """Tell whether every taught and never-taught card asked is right; full exams ask them all."""
    return (
        (exam.known is None or exam.known.cards.right == exam.known.cards.total)
        and exam.seen.right == exam.seen.total
        and (not exam.is_full or exam.seen.total == n_taught)
        and exam.unseen.right == exam.unseen.total
    )


def has_stopped_improving(memory: LessonMemory) -> bool:
    patience_s = PATIENCE_FACTOR * memory.best_at_s
    patience_s = min(max(patience_s, PATIENCE_MIN_S), PATIENCE_MAX_S)
    return memory.nominal_s - memory.best_at_s >= patience_s


N_EXCEPTIONS = 200  # Cards of the sections of exceptions asked in an exam at speed, of each side


class Sections:
    """The sections of one deck.
    `names`: in the order of the file.
    `extra`: cards to ask beside the exam's sample: a sample that is fair to the whole deck has too
    few exceptions to follow them.
    `n_forms`: prompts for which the rule's answer is looked for in an exam at speed."""

    def __init__(self, deck: Deck, learner: Learner, sample: Sequence[int]) -> None:
        self._cards = deck.cards
        self._learner = learner
        self.names = deck.section_names
        exceptions = set(exception_sections(deck))
        cards_asked = set(sample)
        self.extra: tuple[int, ...] = ()
        for side in (deck.taught, deck.never_seen) if exceptions else ():
            of_side = [i for i in side if deck.cards[i].section in exceptions]
            chosen = sample_by_hash(deck, of_side, N_EXCEPTIONS)
            self.extra += tuple(i for i in chosen if i not in cards_asked)
        self._cards_asked = tuple(sorted(cards_asked.union(self.extra)))
        cards_asked.update(self.extra)
        self._forms = rule_forms(deck)
        of_prompt = {deck.cards[i].prompt: forms for i, forms in self._forms.items()}
        prompts = {deck.cards[i].prompt for i in cards_asked}
        self._all_forms = learner.forms(of_prompt)
        self._some_forms = learner.forms({p: f for p, f in of_prompt.items() if p in prompts})
        self.n_forms = len(self._some_forms.prompts)

    def is_by_rule(self, card_index: int, guess: str) -> bool:
        return guess in self._forms.get(card_index, ())

    def scores(
        self, marks: Sequence[int], times_seen: Sequence[int], *, is_full: bool
    ) -> tuple[SectionScore, ...]:
        """One for each section. `marks`: one byte a card, of this exam (see `runs.marks`)."""
        if not self.names:
            return ()
        by_rule = self._learner.prompts_answered_by(
            self._all_forms if is_full else self._some_forms
        )
        counts = {name: [[0, 0, 0], [0, 0, 0]] for name in self.names}
        examples: dict[tuple[str, bool], tuple[str, str]] = {}
        for card_index in range(len(self._cards)) if is_full else self._cards_asked:
            card, mark = self._cards[card_index], marks[card_index]
            if (
                card.section
                and mark != NOT_ASKED
                and (card.is_never_seen or times_seen[card_index])
            ):
                count = counts[card.section][card.is_never_seen]
                count[0] += mark == RIGHT
                count[1] += 1
                forms = self._forms.get(card_index, ()) if card.prompt in by_rule else ()
                count[2] += bool(forms)
                if len(forms) == 1:  # or it isn't known which of them it said
                    kind = card.section, card.is_never_seen
                    examples.setdefault(kind, (forms[0], card.answer))
        return tuple(
            SectionScore(
                name,
                Score(seen[0], seen[1]),
                Score(unseen[0], unseen[1]),
                rule_seen=seen[2],
                rule_unseen=unseen[2],
                example=examples.get((name, True)) or examples.get((name, False)),
            )
            for name, (seen, unseen) in counts.items()
        )
