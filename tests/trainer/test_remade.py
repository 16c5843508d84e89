"""What is told of an update is of the weights around it, in a lesson and in a time machine."""

import math
from pathlib import Path

import msgspec
import pytest
import torch

from flashcards.learner.learner import Learner
from flashcards.learner.model import Weights
from flashcards.runs.commands import GoTo, LookInside, ShowUpdate, Step, Stop
from flashcards.runs.events import CorrectionMeasured, InsideSeen, StepReached, UpdateDetails
from flashcards.runs.log import rounded
from flashcards.runs.values import Change, RippleSide
from flashcards.trainer import update
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.visited import N_NEAR
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.opening import OpenedLesson
from flashcards.trainer.questions.insight import Insight
from flashcards.trainer.training_state import TrainingState
from tests.decks import write_sums
from tests.learner import plainly
from tests.trainer.eventful import Eventful
from tests.trainer.lessons import Script, Watched, run_lesson
from tests.trainer.test_traveller import Travelling, make_nothing_again


def lesson_at(eventful: Eventful, step: int) -> TrainingState:
    replay = Replay(eventful.folder, at_most=max(0, step - 1))
    replay.give(step)
    assert replay.training.learner.weights_sha256() == eventful.hashes[step]
    return replay.training


@pytest.mark.slow
@pytest.mark.parametrize("step", [30, 42])
def test_an_update_of_the_past_is_that_of_its_weights(eventful: Eventful, step: int) -> None:
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=step))
    travelling.traveller.take(ShowUpdate(step=step))
    travelling.arrive()
    details, told = travelling.of(UpdateDetails)[-1], travelling.of(CorrectionMeasured)[-1]
    correction = told.correction
    assert (details.step, told.step, details.phase) == (step, step, "repeat")
    assert (correction.n_cards == 1) == (step == 42)
    before, after = (lesson_at(eventful, at).learner for at in (step - 1, step))
    old, new = (
        nats(learner.anatomy.weights, learner, correction.card_index) for learner in (before, after)
    )
    assert details.expectations is not None
    assert [e.error_nats for e in details.expectations] == pytest.approx(old, abs=1e-3)
    assert details.error_nats == pytest.approx(sum(old), abs=1e-3)
    assert correction.change is not None
    assert correction.change.probability_after == pytest.approx(math.exp(-sum(new)), abs=1e-3)
    assert details.reading is not None
    said_last = details.reading.emerging[-1].right
    assert said_last == pytest.approx([e.probability for e in details.expectations], abs=1e-4)
    made = details.adjustment
    assert made is not None
    moved = (after.flat - before.flat).detach()
    assert made.change_norm == pytest.approx(moved.norm().item(), rel=1e-4)
    assert made.n_moved == int(moved.count_nonzero())
    relative = (moved.norm() / before.flat.norm()).item()
    assert correction.change.relative_change == pytest.approx(relative, rel=1e-3)
    assert correction.guess_after == after.guess(correction.card_index)


def test_a_walked_update_is_told_again_as_it_was_then(tmp_path: Path) -> None:
    script: Script = [(32, Step(n_cards=1)), (33, Stop())]
    opened, watched = run_lesson(write_sums(tmp_path), script=script)
    then = watched.of(UpdateDetails)[-1]
    travelling = Travelling(opened.keeper.folder)
    travelling.traveller.take(GoTo(step=then.step))
    travelling.traveller.take(ShowUpdate(step=then.step))
    travelling.arrive()
    assert travelling.of(UpdateDetails)[-1] == then
    now = rounded(travelling.of(CorrectionMeasured)[-1])
    assert now == watched.of(CorrectionMeasured)[-1]


@pytest.mark.slow
@pytest.mark.parametrize("step", [0, 26])
def test_a_look_inside_is_of_the_weights_of_that_step(eventful: Eventful, step: int) -> None:
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=step))
    travelling.traveller.take(LookInside(request=7))
    travelling.arrive()
    (seen,) = travelling.of(InsideSeen)
    assert (seen.step, seen.request) == (step, 7)
    lesson = lesson_at(eventful, step)
    here = Insight(eventful.folder.info.seed)
    assert seen == here.look(LookInside(request=7), lesson.learner, lesson.deck)
    assert all(one.relative_moved == 0 for one in seen.weights) == (step == 0)


def test_a_map_of_the_past_is_turned_like_the_one_it_is_compared_with(eventful: Eventful) -> None:
    here = Insight(eventful.folder.info.seed)
    lesson = lesson_at(eventful, 100)
    learner, deck = lesson.learner, lesson.deck
    seen = here.look(LookInside(request=1), learner, deck)
    turned = tuple(msgspec.structs.replace(p, x=-p.y, y=p.x) for p in seen.points)
    there = Insight(eventful.folder.info.seed)
    again = there.look(LookInside(request=2, like=turned), learner, deck)
    for like, point in zip(turned, again.points, strict=True):
        # the scale is each map's own: only the direction is taken over
        assert point.x * like.y - point.y * like.x == pytest.approx(0, abs=2e-3)
        assert point.x * like.x + point.y * like.y >= -1e-6


@pytest.mark.slow
def test_updates_nearby_are_made_early(eventful: Eventful, monkeypatch: pytest.MonkeyPatch) -> None:
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=70))
    travelling.settle()
    make_nothing_again(monkeypatch)
    for step in (70, 70 + N_NEAR, 70 - N_NEAR, 90):
        travelling.traveller.take(GoTo(step=step))
        travelling.traveller.take(ShowUpdate(step=step))
        travelling.traveller.work()
        travelling.traveller.work()
        assert travelling.of(UpdateDetails)[-1].step == step
    assert not any(reached.text for reached in travelling.of(StepReached))


AT = 33


@pytest.fixture
def stepped(tmp_path: Path) -> tuple[OpenedLesson, Watched, Weights, Weights, Learner]:
    """A lesson of 32 updates at speed, then one step: its events, and the weights around it."""
    script: Script = [(32, Step(n_cards=1)), (33, Stop())]
    opened, watched = run_lesson(write_sums(tmp_path, n_layers=2), script=script)
    folder = opened.keeper.folder
    last = watched.of(UpdateDetails)[-1].step
    before = Restorer(folder).restore(last - 1).learner
    after = Restorer(folder).restore(last).learner
    assert (before.step, after.step) == (last - 1, last)
    return opened, watched, before.anatomy.weights, after.anatomy.weights, after


def nats(weights: Weights, learner: Learner, card_index: int) -> list[float]:
    encoding = learner.anatomy.encoding
    sequence = encoding.sequence(card_index)
    stream = plainly.passed(weights, sequence[:-1], learner.settings).streams[-1]
    n_asked = encoding.n_asked[card_index]
    spread = plainly.spread(weights, stream[-n_asked:], encoding.sayable)
    targets = [encoding.sayable.index(i) for i in sequence[-n_asked:]]
    return [-spread[i, target].log().item() for i, target in enumerate(targets)]


def test_guess_error_pushes_and_ripple_are_those_of_the_saved_weights(
    stepped: tuple[OpenedLesson, Watched, Weights, Weights, Learner],
) -> None:
    opened, watched, before, after, learner = stepped
    correction = watched.of(CorrectionMeasured)[-1].correction
    change = correction.change
    assert change is not None
    assert correction.pieces is not None
    old, new = (nats(w, learner, correction.card_index) for w in (before, after))
    assert correction.error_nats == pytest.approx(sum(old), abs=1e-3)
    for piece, was, now in zip(correction.pieces, old, new, strict=True):
        assert piece.before == pytest.approx(torch.tensor(-was).exp().item(), abs=1e-4)
        assert piece.after == pytest.approx(torch.tensor(-now).exp().item(), abs=1e-4)
    pushes_are_right(change, correction.card_index, old, before, after, learner)
    cards = opened.training.deck.cards
    for side in (change.ripple_taught, change.ripple_unseen):
        assert side is not None
        for ripple in (*side.helped, *side.hurt):
            index = next(i for i, card in enumerate(cards) if card.prompt == ripple.prompt)
            moved = sum(nats(after, learner, index)) - sum(nats(before, learner, index))
            assert ripple.change_nats == pytest.approx(moved, abs=1e-3)


def pushes_are_right(
    change: Change,
    card_index: int,
    errors: list[float],
    before: Weights,
    after: Weights,
    learner: Learner,
) -> None:
    """Where the error was largest, the logits that moved most moved by so much."""
    encoding = learner.anatomy.encoding
    ids = encoding.sequence(card_index)[:-1]
    place = len(ids) - len(errors) + errors.index(max(errors))
    logits = [
        plainly.rms(plainly.passed(w, ids, learner.settings).streams[-1], w.final_norm)
        @ w.head[encoding.sayable].T
        for w in (before, after)
    ]
    moved = (logits[1] - logits[0])[place]
    by_text = {learner.anatomy.printable_piece(i): m.item() for i, m in enumerate(moved)}
    assert change.up[0].change == pytest.approx(moved.max().item(), abs=1e-3)
    assert change.down[0].change == pytest.approx(moved.min().item(), abs=1e-3)
    for push in (*change.up, *change.down):
        assert push.change == pytest.approx(by_text[push.text], abs=1e-3)


def test_the_details_are_those_of_the_saved_weights(
    stepped: tuple[OpenedLesson, Watched, Weights, Weights, Learner],
) -> None:
    _, watched, before, _, learner = stepped
    details = watched.of(UpdateDetails)[-1]
    assert details.expectations is not None
    assert details.reading is not None
    errors = nats(before, learner, details.card_index)
    assert [e.error_nats for e in details.expectations] == pytest.approx(errors, abs=1e-3)
    assert details.error_nats == pytest.approx(sum(errors), abs=1e-3)
    ids = learner.anatomy.encoding.sequence(details.card_index)[:-1]
    plain = plainly.passed(before, ids, learner.settings)
    shares = details.reading.attended(1, 0)[-1]
    assert shares == pytest.approx(plain.shares[1][0, -1].tolist(), abs=0.5 / 255 + 1e-5)


def test_explaining_reads_every_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deck = write_sums(tmp_path, 12)

    def sides(runs: str) -> tuple[RippleSide, RippleSide]:
        script: Script = [(0, Step(n_cards=1)), (1, Stop())]
        _, watched = run_lesson(deck, tmp_path / runs, script=script)
        change = watched.of(CorrectionMeasured)[-1].correction.change
        assert change is not None
        assert change.ripple_taught is not None
        assert change.ripple_unseen is not None
        return change.ripple_taught, change.ripple_unseen

    taught, unseen = sides("all")
    assert (taught.n_measured + unseen.n_measured, taught.is_sample) == (143, False)
    assert taught.n_helped + taught.n_hurt <= taught.n_measured
    assert unseen.n_helped > 0
    monkeypatch.setattr(update, "RIPPLED_S", 0.01)
    taught, unseen = sides("sample")
    assert taught.is_sample
    assert taught.n_cards > taught.n_measured >= 20
    assert 20 <= unseen.n_measured <= unseen.n_cards
