"""The verdict never claims more than the scores."""

import pytest
from hypothesis import example, given, strategies as st

from flashcards.runs.values import CommonAnswer, Rival, Score
from flashcards.runs.verdict import (
    Verdict,
    difference,
    is_ahead,
    is_better,
    percent,
    verdict,
    wilson,
)
from flashcards.wording import facts
from tests.golden import words


def lookup(right: int, total: int) -> tuple[Rival, ...]:
    return (Rival("lookup", Score(1, 1), Score(right, total)),)


NO_RIVALS = lookup(0, 20)


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(Score(10, 20))
    assert (round(low, 4), round(high, 4)) == (0.2993, 0.7007)
    assert wilson(Score(0, 0)) == (0.0, 1.0)
    assert wilson(Score(0, 20))[0] == 0.0
    assert round(wilson(Score(0, 20))[1], 4) == 0.1611


def test_scores_that_a_common_answer_has_as_well_are_explained_by_it() -> None:
    common = CommonAnswer("home", Score(30, 60), Score(20, 40))
    said = words("verdict: no more than a common answer")
    for unseen, sentence in ((Score(19, 40), said), (Score(2, 40), "")):
        judged = verdict(Score(31, 60), unseen, NO_RIVALS)
        assert facts.no_more_than_common(judged, common) == sentence
        assert facts.no_more_than_common(judged, None) == ""
    understood = verdict(Score(60, 60), Score(40, 40), NO_RIVALS)
    assert facts.no_more_than_common(understood, common) == ""


@pytest.mark.parametrize(
    ("seen", "unseen", "reason"),
    [
        (Score(0, 59), Score(6, 400), "That NEVER TAUGHT leads may be chance."),
        (
            Score(2, 59),
            Score(100, 400),
            "NEVER TAUGHT leads: the cards it was taught may be harder.",
        ),
        (Score(6, 59), Score(6, 400), ""),
        (Score(0, 59), Score(0, 400), ""),
        (Score(0, 0), Score(6, 400), ""),
    ],
)
def test_a_lead_of_cards_never_seen_is_explained(seen: Score, unseen: Score, reason: str) -> None:
    sentence = facts.verdict(verdict(seen, unseen, NO_RIVALS))
    assert sentence.endswith(reason)
    assert ("leads" in sentence) is bool(reason)


def test_a_deck_that_gives_nothing_away_is_not_held_against_the_model() -> None:
    why = "Nothing in a country's name gives its capital away."
    learned_nothing = words("verdict: memorised, none never taught").rpartition(". ")[2]
    for because, end in (("", learned_nothing), (why, why)):
        said = verdict(Score(50, 50), Score(0, 20), NO_RIVALS, because=because)
        assert said.kind == "memorised"
        assert said == Verdict("memorised", Score(50, 50), Score(0, 20), because=because)
        assert facts.verdict(said).endswith(end)
    understood = verdict(Score(50, 50), Score(20, 20), NO_RIVALS, because=why)
    assert why not in facts.verdict(understood)


def test_whoever_always_says_the_commonest_answer_is_a_rival() -> None:
    copies = Rival("ngram", Score(150, 150), Score(17, 50))
    common = CommonAnswer("blue", Score(85, 150), Score(21, 50))
    told = verdict(Score(150, 150), Score(16, 50), [copies], common=common)
    assert told.case == "no_better_than_rival"
    assert told.best is not None
    assert told.best.unseen == common.unseen
    assert "“blue”" in facts.verdict(told)
    mostly_none = CommonAnswer("none", Score(90, 100), Score(46, 50))
    told = verdict(Score(100, 100), Score(46, 50), [copies], common=mostly_none)
    assert told.kind == "too_early"  # else it would have understood


@pytest.mark.parametrize("unseen", [Score(0, 0), Score(19, 19)])
def test_fewer_than_twenty_never_seen_say_nothing(unseen: Score) -> None:
    said = verdict(Score(10, 10), unseen)
    assert said.kind == "too_early"
    why = "So few cards prove little" if unseen.total else "No card was kept back"
    assert why in facts.verdict(said)


def rivals(lookup: int, ngram: int, nearest: int, total: int) -> tuple[Rival, ...]:
    scores = {"lookup": lookup, "ngram": ngram, "nearest": nearest}
    return tuple(Rival(name, Score(1, 1), Score(n, total)) for name, n in scores.items())


@pytest.mark.parametrize(
    ("seen", "unseen", "others", "case", "best"),
    [
        (Score(8000, 8000), Score(1984, 2000), lookup(0, 2000), "understood", None),
        (Score(400, 400), Score(1984, 2000), rivals(0, 200, 246, 2000), "understood", "nearest"),
        (
            Score(824, 824),
            Score(176, 176),
            rivals(0, 176, 158, 176),
            "understood_by_rival",
            "ngram",
        ),
        (Score(60, 60), Score(2, 40), rivals(0, 0, 24, 40), "memorised", "nearest"),
        (Score(60, 60), Score(1, 40), rivals(0, 2, 1, 40), "memorised", "ngram"),
        (Score(100, 100), Score(50, 100), rivals(0, 52, 30, 100), "no_better_than_rival", "ngram"),
        (Score(100, 100), Score(55, 100), rivals(0, 52, 30, 100), "between", "ngram"),
        (Score(10, 50), Score(3, 100), rivals(0, 52, 30, 100), "learning", "ngram"),
        (Score(10, 50), Score(40, 100), rivals(0, 12, 10, 100), "learning", "ngram"),
        (Score(0, 0), Score(0, 20), (), "learning", None),
        (Score(0, 0), Score(0, 5), (), "few_never_seen", None),
    ],
)
def test_the_verdict_is_what_the_rivals_allow_and_has_the_best(
    seen: Score, unseen: Score, others: tuple[Rival, ...], case: str, best: str | None
) -> None:
    judged = verdict(seen, unseen, others)
    assert (judged.case, judged.best and judged.best.name) == (case, best)


@pytest.mark.parametrize(
    ("right", "kind"),
    [(76, "understood"), (86, "understood"), (87, "too_early"), (100, "too_early")],
)
def test_understanding_is_more_than_chance_above_the_best_rival(right: int, kind: str) -> None:
    assert verdict(Score(9, 9), Score(95, 100), lookup(right, 100)).kind == kind


@pytest.mark.parametrize("others", [(), lookup(18, 20)])
def test_a_share_that_may_be_large_or_has_no_rival_is_not_called_learned_by_heart(
    others: tuple[Rival, ...],
) -> None:
    assert verdict(Score(20, 20), Score(14, 20), others).kind == "too_early"
    assert verdict(Score(20, 20), Score(8, 20), others).kind == (
        "memorised" if others else "too_early"
    )


def test_the_interval_of_a_difference_is_newcombes() -> None:
    for a, b, low, high in (  # his table II, rows a and c: 56/70 less 48/80, and 9/10 less 3/10
        (Score(56, 70), Score(48, 80), 0.0524, 0.3339),
        (Score(9, 10), Score(3, 10), 0.1705, 0.8090),
    ):
        assert [round(end, 4) for end in difference(a, b)] == [low, high]
    assert difference(Score(0, 0), Score(1, 2)) == (-1.0, 1.0)


@given(
    st.integers(0, 60), st.integers(20, 60), st.integers(0, 60), st.integers(20, 60), st.booleans()
)
@example(right=0, total=20, rival_right=1, rival_total=20, is_learned=True)
def test_understood_is_never_said_without_being_far_above_every_rival(
    right: int, total: int, rival_right: int, rival_total: int, is_learned: bool
) -> None:
    unseen, rival = (
        Score(min(right, total), total),
        Score(min(rival_right, rival_total), rival_total),
    )
    seen = Score(50 if is_learned else 20, 50)
    said = verdict(seen, unseen, (Rival("ngram", Score(1, 1), rival),))
    if said.kind == "understood":
        assert unseen.right / total > max(0.75, rival.right / rival_total)
    if said.kind == "memorised":
        assert is_learned
        assert unseen.right / total < 0.75
    if "Nothing" in facts.verdict(said):
        assert unseen.right == 0
        assert not is_better(rival, unseen)


def test_a_rate_is_never_rounded_to_all_or_nothing() -> None:
    rates = (0.0, 1e-6, 0.123, 0.99999, 1.0)
    assert [percent(rate) for rate in rates] == ["0 %", "<1 %", "12 %", "99 %", "100 %"]


def test_where_no_rival_has_a_card_the_model_is_ahead_of_none() -> None:
    """5 of 20 are clearly more than 0 of 20, and not clearly more than 1 of 20."""
    assert not is_ahead(Score(4, 20), None)
    assert is_ahead(Score(5, 20), None)
    assert not is_ahead(Score(5, 20), lookup(1, 20)[0])


def test_of_a_model_that_has_nothing_right_neither_is_said() -> None:
    assert facts.verdict(verdict(Score(0, 50), Score(0, 9))).startswith("Nothing is right")
    assert not facts.verdict(verdict(Score(1, 50), Score(0, 9))).startswith("Nothing")
