"""The verdict never claims more than the scores."""

from __future__ import annotations

import pytest

from flashcards.runs.events import Rival, Score
from flashcards.runs.verdict import percent, verdict, wilson


def lookup(right: int, total: int) -> tuple[Rival, ...]:
    return (Rival("lookup", Score(1, 1), Score(right, total)),)


NO_RIVALS = lookup(0, 20)


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(Score(10, 20))
    assert (round(low, 4), round(high, 4)) == (0.2993, 0.7007)
    assert wilson(Score(0, 0)) == (0.0, 1.0)
    assert wilson(Score(0, 20))[0] == 0.0
    assert round(wilson(Score(0, 20))[1], 4) == 0.1611


def test_all_seen_and_none_unseen_is_memorised() -> None:
    said = verdict(Score(50, 50), Score(0, 20), NO_RIVALS)
    assert said.kind == "memorised"
    assert said.sentence == (
        "It has memorised this deck: 50/50 seen, 0/20 never seen. "
        "Nothing in these prompts gave the answers away."
    )


def test_nearly_all_unseen_is_understood_with_its_interval() -> None:
    said = verdict(Score(8000, 8000), Score(1984, 2000), lookup(0, 2000))
    assert said.kind == "understood"
    assert said.sentence == (
        "It has understood: 99.2 % of 2,000 cards it was never shown are right "
        "(95 % interval 99–100 %)."
    )


@pytest.mark.parametrize("unseen", [Score(0, 0), Score(19, 19)])
def test_fewer_than_twenty_held_out_say_nothing(unseen: Score) -> None:
    said = verdict(Score(10, 10), unseen)
    assert said.kind == "too_early"
    assert "can't be told apart" in said.sentence


def test_half_learned_is_too_early() -> None:
    assert verdict(Score(10, 50), Score(0, 20), NO_RIVALS).kind == "too_early"


def test_between_memory_and_understanding_is_too_early() -> None:
    assert verdict(Score(100, 100), Score(50, 100), lookup(0, 100)).kind == "too_early"


def test_a_rival_as_good_as_the_model_means_no_understanding() -> None:
    said = verdict(Score(100, 100), Score(95, 100), lookup(96, 100))
    assert said.kind == "memorised"
    assert "lookup" in said.sentence


def test_a_rate_is_never_rounded_to_all_or_nothing() -> None:
    assert [percent(rate) for rate in (0.0, 1e-6, 0.123, 0.99999, 1.0)] == [
        "0 %",
        "0.1 %",
        "12.3 %",
        "99.9 %",
        "100 %",
    ]
