"""What else a model might have said: never a special piece, such as `<|im_start|>`."""

import torch
from torch import Tensor

from flashcards.learner.piece_by_piece import decode, runners_up

END, SPECIAL, PARIS, ROME = range(4)
SHARES = {0: (0.05, 0.3, 0.5, 0.15), 1: (0.6, 0.3, 0.06, 0.04)}
"""The probability of each piece, by how many of an answer were said."""

AFTER_SPECIAL_COMES_ROME = (0.1, 0.05, 0.05, 0.8)


def next_logits(sequences: list[list[int]]) -> Tensor:
    return torch.tensor(
        [
            AFTER_SPECIAL_COMES_ROME if ids[-1] == SPECIAL else SHARES[min(len(ids) - 1, 1)]
            for ids in sequences
        ]
    ).log()


def test_the_second_choice_is_no_special_piece_and_probabilities_are_as_they_were() -> None:
    (plain,) = decode(next_logits, range(4), [[9]], 5, END)
    (first,) = decode(next_logits, range(4), [[9]], 5, END, (SPECIAL,))
    assert plain.ids == first.ids == (PARIS,)
    assert plain.probabilities == first.probabilities
    assert [piece for piece, _ in plain.seconds] == [SPECIAL, SPECIAL]
    assert [piece for piece, _ in first.seconds] == [ROME, PARIS]
    assert torch.tensor([share for _, share in first.seconds]).allclose(torch.tensor([0.15, 0.06]))


def test_where_the_model_would_say_a_special_piece_the_second_choice_is_the_next_best() -> None:
    def spread(sequences: list[list[int]]) -> Tensor:
        return torch.tensor([[0.1, 0.5, 0.1, 0.3]] * len(sequences)).log()

    (answer,) = decode(spread, range(4), [[9]], 1, END, (SPECIAL,))
    assert answer.ids == (SPECIAL,)
    assert answer.seconds[0][0] == ROME


def test_no_other_answer_has_a_special_piece_in_it() -> None:
    def spread(sequences: list[list[int]]) -> Tensor:
        rows = {(9,): (0.0, 0.0, 0.6, 0.4), (9, PARIS): (0.7, 0.0, 0.1, 0.2)}
        after_rome = (0.1, 0.9, 0.0, 0.0)
        return torch.tensor([rows.get(tuple(ids), after_rome) for ids in sequences]).log()

    (first,) = decode(spread, range(4), [[9]], 3, END, (SPECIAL,))
    assert first.ids == (PARIS,)
    plain = runners_up(spread, range(4), [9], first, 3, 2, END)
    assert [other.ids[:2] for other in plain] == [(ROME, SPECIAL), (PARIS, ROME)]
    assert runners_up(spread, range(4), [9], first, 3, 2, END, (SPECIAL,)) == []
