"""Scores by `[section]`; for exceptions, also how often the rule was applied ("goed")."""

from __future__ import annotations

from collections.abc import Sequence

from flashcards.cards.card import Deck
from flashcards.cards.exceptions import exception_sections, rule_forms
from flashcards.cards.split import sample_by_hash
from flashcards.learner.learner import Learner
from flashcards.runs.marks import NOT_ASKED, RIGHT
from flashcards.runs.values import Score, SectionScore

N_EXCEPTIONS = 200
"""Cards of the sections of exceptions asked in an exam at speed, of each side."""


class Sections:
    """The sections of one deck.

    Attributes:
        names: In the order of the file.
        extra: Cards to ask beside the exam's sample: a sample that is fair to the whole deck has
            too few exceptions to follow them.
    """

    def __init__(self, deck: Deck, learner: Learner, sample: Sequence[int]) -> None:
        self._cards = deck.cards
        self._learner = learner
        self.names = deck.section_names
        exceptions = set(exception_sections(deck))
        asked = set(sample)
        self.extra: tuple[int, ...] = ()
        for side in (deck.taught, deck.never_seen) if exceptions else ():
            found = [i for i in side if deck.cards[i].section in exceptions]
            chosen = sample_by_hash(deck, found, N_EXCEPTIONS)
            self.extra += tuple(i for i in chosen if i not in asked)
        self._asked = tuple(sorted(asked.union(self.extra)))
        asked.update(self.extra)
        self._forms = rule_forms(deck)
        of_prompt = {deck.cards[i].prompt: said for i, said in self._forms.items()}
        prompts = {deck.cards[i].prompt for i in asked}
        self._all_forms = learner.forms(of_prompt)
        self._some_forms = learner.forms({p: f for p, f in of_prompt.items() if p in prompts})
        self._exceptions = exceptions

    @property
    def n_forms(self) -> int:
        """Prompts for which the rule's answer is looked for in an exam at speed."""
        return len(self._some_forms.prompts)

    def is_by_rule(self, card_index: int, said: str) -> bool:
        """Whether an exception was answered as the rule of the other sections would have it."""
        return said in self._forms.get(card_index, ())

    def scores(
        self, marks: Sequence[int], times_seen: Sequence[int], *, is_full: bool
    ) -> tuple[SectionScore, ...]:
        """One for each section. `marks`: one byte a card, of this exam (see `runs.marks`)."""
        if not self.names:
            return ()
        by_rule = self._learner.said(self._all_forms if is_full else self._some_forms)
        counts = {name: [[0, 0, 0], [0, 0, 0]] for name in self.names}
        for card_index in range(len(self._cards)) if is_full else self._asked:
            card, mark = self._cards[card_index], marks[card_index]
            if (
                card.section
                and mark != NOT_ASKED
                and (card.is_never_seen or times_seen[card_index])
            ):
                count = counts[card.section][card.is_never_seen]
                count[0] += mark == RIGHT
                count[1] += 1
                count[2] += card.section in self._exceptions and card.prompt in by_rule
        return tuple(
            SectionScore(
                name,
                Score(seen[0], seen[1]),
                Score(unseen[0], unseen[1]),
                rule_seen=seen[2],
                rule_unseen=unseen[2],
            )
            for name, (seen, unseen) in counts.items()
        )
