"""The model from within at one step: recomputed from the weights, steady over time."""

import math
from pathlib import Path

import pytest
import torch

from flashcards.cards.card import Deck
from flashcards.cards.shelf import load
from flashcards.learner import inspection
from flashcards.learner.alignment import aligned, slopes
from flashcards.learner.learner import Learner
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.details import LEVELS, unpacked


def test_the_plane_is_that_of_the_largest_variance() -> None:
    generator = torch.Generator().manual_seed(1)
    vectors = torch.randn(40, 8, generator=generator).double() * torch.arange(1, 9)
    plane, share = inspection.principal_plane(vectors)
    _, singular, axes = torch.linalg.svd(vectors - vectors.mean(0))
    squares = singular.square()
    assert share == pytest.approx((squares[:2].sum() / squares.sum()).item())
    expected = (vectors - vectors.mean(0)) @ axes[:2].T
    torch.testing.assert_close(plane.abs(), expected.abs(), atol=1e-6, rtol=1e-6)


def test_the_map_keeps_its_orientation_over_time(learner: Learner, deck: Deck) -> None:
    """From one look to the next a piece moves little, whatever sign or axis the plane got."""
    ids = inspection.pieces_on_map(learner.anatomy, len(deck.cards))
    one = inspection.Map()
    before, _ = one.draw(learner.anatomy, ids)
    with torch.no_grad():
        learner.weights.embedding.mul_(-1.0)  # the same plane, mirrored in both its axes
    after, _ = one.draw(learner.anatomy, ids)
    assert [p.x for p in after] == pytest.approx([p.x for p in before], abs=1e-3)
    assert [p.y for p in after] == pytest.approx([p.y for p in before], abs=1e-3)
    with torch.no_grad():
        learner.weights.embedding.mul_(-1.0)
    for _ in range(3):
        learner.adjust(learner.study(deck.taught))
    later, _ = one.draw(learner.anatomy, ids)
    moves = [math.dist((p.x, p.y), (q.x, q.y)) for p, q in zip(before, later, strict=True)]
    assert sorted(moves)[len(moves) // 2] < 0.2
    assert max(abs(x) for p in later for x in (p.x, p.y)) == pytest.approx(1.0)


def test_the_map_has_the_pieces_of_the_cards_and_says_which_can_be_said(
    learner: Learner, deck: Deck
) -> None:
    anatomy = learner.anatomy
    ids = inspection.pieces_on_map(anatomy, len(deck.cards))
    points, _ = inspection.Map().draw(anatomy, ids)
    used = {i for c in range(len(deck.cards)) for i in anatomy.encoding.sequence(c)}
    assert set(ids) == used | set(anatomy.encoding.sayable)
    assert {p.text for p in points if p.is_sayable} == {
        anatomy.tokenizer.piece_text(i) for i in anatomy.encoding.sayable
    }


def test_a_byte_of_a_character_has_its_number_on_the_map(tmp_path: Path) -> None:
    path = tmp_path / "fruit.deck"
    path.write_text("red :: apple\n? \U0001f350 :: pear\n", "utf-8")
    deck, _ = load(path)
    anatomy = Learner.create(deck, LearnerSettings.for_deck(deck), 1).anatomy
    points, _ = inspection.Map().draw(anatomy, inspection.pieces_on_map(anatomy, len(deck.cards)))
    texts = [point.text for point in points]
    assert {"<0xF0>", "<0x9F>", "<0x8D>", "<0x90>", "d"} <= set(texts)
    assert "\ufffd" not in "".join(texts)


def test_a_cell_is_the_mean_size_of_its_weights_and_of_how_they_moved(
    learner: Learner, deck: Deck
) -> None:
    anatomy = learner.anatomy
    start = inspection.untrained(anatomy, 1)
    untaught = Learner.create(deck, learner.settings, 1).anatomy.weights
    assert torch.equal(start.attention, untaught.attention)
    ids = inspection.pieces_on_map(anatomy, len(deck.cards))
    maps = {(m.name, m.layer): m for m in inspection.weight_maps(anatomy.weights, start, ids)}
    assert len(maps) == 2 * learner.settings.n_layers + 2
    found = maps["attention", 2]
    assert (found.n_rows, found.n_columns) == (16, 32)
    now, before = anatomy.weights.attention[1].flatten(0, 1), start.attention[1].flatten(0, 1)
    rows, columns = now.shape[0] // 16, now.shape[1] // 32
    cell = (slice(3 * rows, 4 * rows), slice(5 * columns, 6 * columns))
    level = unpacked(found.size)[3 * 32 + 5] / LEVELS * found.size_top
    assert level == pytest.approx(now[cell].abs().mean().item(), abs=found.size_top / LEVELS)
    assert max(unpacked(found.size)) == max(unpacked(found.moved)) == LEVELS
    assert found.relative_moved == pytest.approx(
        ((now - before).norm() / before.norm()).item(), rel=1e-4
    )


def test_alignment_is_the_product_of_the_head_s_gradients(learner: Learner) -> None:
    some, others = learner.study([0, 3, 5]), learner.study([1, 11])
    products = aligned(slopes(some), slopes(others))

    def head_gradient(card_index: int) -> torch.Tensor:
        study = learner.study([card_index])
        names = list(learner.weights.named())
        loss = study.loss * len(study.batch.targets)
        return torch.autograd.grad(loss, learner.parameters)[names.index("head")]

    for i, card in enumerate((0, 3, 5)):
        for j, other in enumerate((1, 11)):
            expected = (head_gradient(card) * head_gradient(other)).sum().item()
            assert products[i, j].item() == pytest.approx(expected, rel=1e-3, abs=1e-6)
