"""What is shown of an explained update comes out of the states saved around it, computed anew."""

from pathlib import Path

import pytest
import torch

from flashcards.learner.learner import Learner
from flashcards.learner.model import Weights
from flashcards.runs.commands import Step, Stop
from flashcards.runs.events import CorrectionMeasured, UpdateDetails
from flashcards.runs.values import Change, RippleSide
from flashcards.trainer import update
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.opening import OpenedLesson
from tests.decks import write_sums
from tests.learner import plainly
from tests.trainer.lessons import Script, Watched, run_lesson

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
    """-ln p of each piece of the card's answer, plainly computed."""
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
    by_text = {learner.anatomy.shown_piece(i): m.item() for i, m in enumerate(moved)}
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


def test_every_other_card_is_read_when_explaining_and_a_sample_is_said_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
