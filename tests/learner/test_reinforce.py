"""The update by reward and by vote: its gradient, its draws, and what it leaves alone."""

import math

import pytest
import torch
import torch.nn.functional as F

from flashcards.learner.drawing import Draw, Weighed, advantages, merged
from flashcards.learner.learner import Learner
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID
from tests.learner import plainly
from tests.learner.decks import deck_of

PAIRS = {"ba": "ab", "dca": "acd", "ab": "ab", "fd": "df", "cb": "bc", "eda": "ade"}
PROMPTS = tuple(PAIRS)


def taught(n_steps: int = 8) -> Learner:
    deck = deck_of(PAIRS.items())
    settings = LearnerSettings(n_layers=2, width=32, n_heads=2, hidden=48)
    learner = Learner.create(deck, settings, seed=3)
    for _ in range(n_steps):
        learner.adjust(learner.study(range(len(PAIRS))))
    return learner


def answers_of(learner: Learner) -> list[Weighed]:
    weighed = []
    for prompt, draws in zip(PROMPTS, learner.draw(PROMPTS, 8, seed=1), strict=True):
        rewards = [float((len(draw.places) + i) % 3 == 0) for i, draw in enumerate(draws)]
        for draw, weight in zip(draws, advantages(rewards), strict=True):
            weighed.append(Weighed(prompt, draw.places, weight))
    return weighed


def plain_log_probability(learner: Learner, prompt: str, places: tuple[int, ...]) -> torch.Tensor:
    """Of an answer, by the model written once more, differentiable by its weights."""
    sayable = learner.encoding.sayable
    answer = [sayable[place] for place in places]
    ids = [*learner.tokenizer.encode(prompt), ANSWER_ID, *answer]
    weights = learner.weights
    stream = plainly.passed(weights, ids[:-1], learner.settings).streams[-1]
    logits = plainly.rms(stream, weights.final_norm) @ weights.head[sayable].T
    asked = logits[-len(places) :]
    return F.log_softmax(asked, -1).gather(1, torch.tensor(places)[:, None]).sum()


def margin_of(
    learner: Learner, preferred: tuple[int, ...], rejected: tuple[int, ...]
) -> torch.Tensor:
    """The log probability of the preferred answer to "dca", less the rejected one's."""
    log_probability = plain_log_probability(learner, "dca", preferred)
    return log_probability - plain_log_probability(learner, "dca", rejected)


def given_gradients(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    gradients_given: list[torch.Tensor] = []
    monkeypatch.setattr(
        learner,
        "_learn",
        lambda gradients, factor, before: gradients_given.extend(g.clone() for g in gradients),
    )
    return gradients_given


@pytest.mark.slow
def test_the_gradient_is_that_of_a_plain_policy_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = taught()
    answers = answers_of(learner)
    assert len({a.weight for a in answers}) > 2
    gradients = given_gradients(learner, monkeypatch)
    learner.reinforce(answers)
    each = [a.weight * plain_log_probability(learner, a.prompt, a.places) for a in answers]
    plain = -torch.stack(each).mean()
    wanted = torch.autograd.grad(plain, learner.parameters)
    for name, gradient, right in zip(learner.weights.named(), gradients, wanted, strict=True):
        torch.testing.assert_close(gradient, right, rtol=1e-3, atol=1e-6, msg=name)


def test_a_vote_pulls_as_dpo_does(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = taught()
    (draws,) = learner.draw(["dca"], 8, seed=1)
    preferred = draws[0].places
    rejected = next(draw.places for draw in draws if draw.places != preferred)
    gradients = given_gradients(learner, monkeypatch)
    learner.prefer("dca", preferred, rejected)
    margin = margin_of(learner, preferred, rejected)
    loss = -F.logsigmoid(0.1 * (margin - margin.detach())) / 2
    wanted = torch.autograd.grad(loss, learner.parameters)
    for name, given, plain in zip(learner.weights.named(), gradients, wanted, strict=True):
        torch.testing.assert_close(given, plain, rtol=1e-3, atol=1e-6, msg=name)


def test_draws_are_those_of_seed_step_and_prompt_alone() -> None:
    learner = taught()
    drawn = learner.draw(PROMPTS, 8, seed=1)
    assert learner.draw(PROMPTS, 8, seed=1) == drawn
    assert [d.places for d in learner.draw(["fd"], 8, 1)[0]] == [
        d.places for d in drawn[PROMPTS.index("fd")]
    ]
    assert learner.draw(PROMPTS, 8, seed=2) != drawn
    learner.reinforce([])
    assert (learner.step, learner.draw(PROMPTS, 8, seed=1) != drawn) == (9, True)


def test_what_was_drawn_has_the_probability_that_it_was_drawn_with() -> None:
    learner = taught(8)
    for prompt, draws in zip(PROMPTS, learner.draw(PROMPTS, 8, seed=5), strict=True):
        shares = learner.piece_probabilities(prompt, [draw.places for draw in draws])
        for draw, share in zip(draws, shares, strict=True):
            assert -math.log(math.prod(share)) == pytest.approx(draw.nats, rel=1e-3, abs=1e-4)


def test_draws_are_as_frequent_as_they_are_probable() -> None:
    learner = taught(8)
    (draws,) = learner.draw(["dca"], 2_000, seed=7)
    by_places: dict[tuple[int, ...], list[Draw]] = {}
    for draw in draws:
        by_places.setdefault(draw.places, []).append(draw)
    common = [same for same in by_places.values() if len(same) > 60]
    assert common
    for same in common:
        share = math.exp(-same[0].nats)
        error = 4 * math.sqrt(share * (1 - share) / len(draws))
        assert len(same) / len(draws) == pytest.approx(share, abs=error)


def test_an_answer_is_the_greedy_one_just_when_its_places_are_the_likeliest_along_it() -> None:
    learner = taught()
    draws = learner.draw_likeliest(PROMPTS)
    answers = [draw.places for draw in draws]
    assert [draw.text for draw in draws] == [a.text for a in learner.answer_each(PROMPTS)]
    along = learner.along(PROMPTS, answers)
    assert [tuple(place for place, _ in answer) for answer in along] == answers
    for answer, alone in zip(along, map(learner.answer, PROMPTS), strict=True):
        product = math.prod(share for _, share in answer)
        assert product == pytest.approx(alone.probability, rel=1e-4)
    others = [(*places[:-1], (places[-1] + 1) % learner.n_pieces) for places in answers]
    assert [answer[-1] for answer in learner.along(PROMPTS, others)] == [a[-1] for a in along]


def test_the_same_answers_count_together_and_groups_all_alike_not_at_all() -> None:
    assert advantages([1.0, 1.0]) == [0.0, 0.0]
    assert advantages([0.1] * 3) == [0.0] * 3
    assert advantages([1.0, 0.0, 0.0, 0.0]) == [0.75, -0.25, -0.25, -0.25]
    same = [Weighed("a", (1, 0), 0.5), Weighed("a", (2, 0), -0.25), Weighed("a", (1, 0), 0.25)]
    assert merged(same) == [Weighed("a", (1, 0), 0.75), Weighed("a", (2, 0), -0.25)]
    assert merged([Weighed("a", (1,), 0.0)]) == []
