"""Cards written before the question (in-context learning), as sequences. Knows no weights.

A brought model reads them as lines of text; one of this program as it is taught them, each with its
answer sign and its end.
"""

from collections.abc import Mapping, Sequence

from flashcards.learner.encoding import Encoding
from flashcards.learner.tokenizer import Tokenizer


class CardsBefore(Encoding):
    """The rows of a deck's encoding; those of the cards in `before` follow other cards."""

    def __init__(
        self, plain: Encoding, tokenizer: Tokenizer, before: Mapping[int, Sequence[int]]
    ) -> None:
        vars(self).update(vars(plain))
        is_own = bool(tokenizer.sign)
        start = [] if is_own else tokenizer.prompts([""])[0]
        after = [tokenizer.end_id] if is_own else tokenizer.encode("\n")
        self._n_start = len(start)
        self._written: dict[int, list[int]] = {}
        lengths = list(plain.lengths)
        for card_index, others in before.items():
            written = [*start]
            for other in others:
                written += [*plain.sequence(other)[len(start) : -1], *after]
            for row in (card_index, *plain.alternative_rows.get(card_index, ())):
                self._written[row] = written
                lengths[row] += len(written) - len(start)
        self.lengths = lengths

    def sequence(self, row: int) -> list[int]:
        return [*self._written[row], *super().sequence(row)[self._n_start :]]
