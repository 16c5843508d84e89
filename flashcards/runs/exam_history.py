"""Exams over time: of the deck that is taught now, and of those of earlier chapters."""

import msgspec

from flashcards.runs import events, measured, reward_state, unlogged, values
from flashcards.runs.history import History

KNOWN = 0.8  # From the first exam on with this share (never taught, if any are) a deck is known
MIN_ASKED = 20  # Of fewer taught cards (or all there are, if fewer) no share over time is drawn

field = msgspec.field


class SectionHistory(msgspec.Struct):
    """Shares of one section over time, 0 to 1: right, and answered as the rule would have it.
    `example`: the last such answer, and the right one."""

    seen: History = field(default_factory=History)
    unseen: History = field(default_factory=History)
    rule_seen: History = field(default_factory=History)
    rule_unseen: History = field(default_factory=History)
    example: tuple[str, str] | None = None

    def take(self, step: int, score: values.SectionScore) -> None:
        self.example = score.example or self.example
        for rates, rule_rates, score_of_side, n_rule in (
            (self.seen, self.rule_seen, score.seen, score.rule_seen),
            (self.unseen, self.rule_unseen, score.unseen, score.rule_unseen),
        ):
            if score_of_side.total:
                rates.append(step, score_of_side.rate)
                rule_rates.append(step, n_rule / score_of_side.total)


class ExamHistory(msgspec.Struct, kw_only=True):
    """The exams of the deck that is taught now.

    Attributes:
        last: None before the first of this chapter.
        under_way: How far an exam of every card has come; None when none is being held.
        seen_losses, unseen_losses: Mean nats per answer piece at each exam.
        seen_rates, unseen_rates: Share right, 0 to 1, at each exam; NaN while only a few cards were
            taught, of which one more or less would be a bump.
        cards: Cards taught in this chapter at each exam.
        known_rates, else_rates: Share right, 0 to 1, of the cards that it knew before, and of the
            sentences of `general`.
        sections: Scores of the deck's sections over time, by name.
        n_cards_to_know: Cards taught in this chapter until its deck was known; None if not yet.
        is_hidden: There may have been exams, and nobody is to see them yet.
    """

    is_hidden: bool = False

    last: measured.ExamTaken | None = None
    under_way: unlogged.ExamUnderWay | None = None
    seen_losses: History = field(default_factory=History)
    unseen_losses: History = field(default_factory=History)
    seen_rates: History = field(default_factory=History)
    unseen_rates: History = field(default_factory=History)
    cards: History = field(default_factory=History)
    known_rates: History = field(default_factory=History)
    else_rates: History = field(default_factory=History)
    sections: dict[str, SectionHistory] = {}
    n_cards_to_know: int | None = None

    @property
    def knew(self) -> values.Score | None:
        """The score in the last exam of the cards that were right before the first one; None
        without."""
        known = None if self.last is None else self.last.known
        return known.cards if known is not None and known.cards.total else None

    def take(self, exam: measured.ExamTaken, n_taught: int, n_cards: int) -> None:
        """Take in an exam after `n_cards` of this chapter; `n_taught` of the deck are taught."""
        step = exam.step
        self.last = exam
        self.under_way = None
        self.seen_losses.append(step, exam.seen_loss_nats)
        is_telling = exam.seen.total >= min(MIN_ASKED, n_taught)
        rate = exam.seen.rate if is_telling else None
        if exam.known is not None:  # what is new was asked and wrong before the first card
            rate = exam.seen.rate or 0.0
        self.seen_rates.append(step, rate)
        if exam.unseen.total:
            self.unseen_losses.append(step, exam.unseen_loss_nats)
            self.unseen_rates.append(step, exam.unseen.rate)
        self.cards.append(step, float(n_cards))
        if exam.known is not None:
            self.known_rates.append(step, exam.known.cards.rate)
            sentences = exam.known.sentences
            self.else_rates.append(
                step, None if sentences is None else sentences.now / max(1, sentences.total)
            )
        rate = truth_of(exam)
        if self.n_cards_to_know is None and rate is not None and rate >= KNOWN:
            self.n_cards_to_know = n_cards
        for score in exam.sections:
            self.sections.setdefault(score.name, SectionHistory()).take(step, score)

    def cut(self, step: int) -> None:
        histories = [self.seen_losses, self.unseen_losses, self.seen_rates, self.unseen_rates]
        histories += [self.cards, self.known_rates, self.else_rates]
        for section in self.sections.values():
            histories += [section.seen, section.unseen, section.rule_seen, section.rule_unseen]
        for history in histories:
            history.cut(step)
        self.under_way = None


class Chapter(msgspec.Struct, kw_only=True):
    """A deck that was taught before the one that is taught now, and is asked on.

    Attributes:
        is_text: A text that was read; its scores are of next pieces.
        since_step, until_step: It was taught from the one step to the other.
        n_cards: Cards taught by then, in this chapter.
        n_cards_to_know: Cards taught in it until the deck was known; None if it never was.
        seen, unseen: Its last scores; None before the first exam that asked it again.
        seen_before, unseen_before: Its scores when its chapter was over.
        seen_rates, unseen_rates: Share right over time, 0 to 1, while it was taught and since.
        reward: Of a chapter in which rewards taught; None of others.
    """

    name: str
    since_step: int
    until_step: int
    n_cards: int = 0
    is_text: bool = False
    n_cards_to_know: int | None = None
    seen: values.Score | None = None
    unseen: values.Score | None = None
    seen_before: values.Score | None = None
    unseen_before: values.Score | None = None
    seen_rates: History = field(default_factory=History)
    unseen_rates: History = field(default_factory=History)
    reward: reward_state.RewardState | None = None


class Life(msgspec.Struct, kw_only=True):
    """The chapters of a model that is taught several decks, one after another.
    `began`: how the chapter that is taught now began; None in the first one.
    `earlier`: the decks taught before, oldest first.
    `since_step`, `since_cards`: updates made and cards taught when this chapter began."""

    began: events.ChapterBegan | None = None
    earlier: list[Chapter] = []
    since_step: int = 0
    since_cards: int = 0

    def cards_of(self, cards_taught: int) -> int:
        return max(0, cards_taught - self.since_cards)

    def take(self, exam: measured.ExamTaken) -> None:
        for chapter, exam_of_chapter in zip(self.earlier, exam.earlier, strict=False):
            chapter.seen, chapter.unseen = exam_of_chapter.seen, exam_of_chapter.unseen
            chapter.seen_rates.append(exam.step, exam_of_chapter.seen.rate)
            if exam_of_chapter.unseen.total:
                chapter.unseen_rates.append(exam.step, exam_of_chapter.unseen.rate)

    def cut(self, step: int) -> None:
        for chapter in self.earlier:
            chapter.seen_rates.cut(step)
            chapter.unseen_rates.cut(step)

    def begin(
        self,
        began: events.ChapterBegan,
        name: str,
        exams: ExamHistory,
        reward: reward_state.RewardState | None,
        *,
        is_text: bool,
    ) -> None:
        """Another chapter: `exams` and `reward` are of the deck until now, called `name`."""
        exam = exams.last
        self.earlier.append(
            Chapter(
                name=began.earlier[-1] if began.earlier else name,
                since_step=self.since_step,
                until_step=began.step,
                n_cards=self.cards_of(began.after_cards),
                is_text=is_text,
                n_cards_to_know=None if is_text else exams.n_cards_to_know,
                seen_before=None if exam is None else exam.seen,
                unseen_before=None if exam is None else exam.unseen,
                seen_rates=exams.seen_rates,
                unseen_rates=exams.unseen_rates,
                reward=reward,
            )
        )
        self.began = began
        self.since_step = began.step
        self.since_cards = began.after_cards


def truth_of(exam: measured.ExamTaken) -> float | None:
    """Share right of the cards never taught, 0 to 1; of those seen, where none are."""
    return (exam.unseen if exam.unseen.total else exam.seen).rate
