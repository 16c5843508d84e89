"""A look into one update, and into the model: its own numbers, and nothing is touched."""

import math
from pathlib import Path

import pytest
import torch

from flashcards.cards.card import Deck
from flashcards.cards.shelf import load
from flashcards.learner import inspection
from flashcards.learner.learner import Learner
from flashcards.learner.model import Weights
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.study import aligned, slopes
from flashcards.runs.details import LEVELS, unpacked
from tests.learner import plainly
from tests.learner.decks import FRUIT, deck_of


def copied(weights: Weights) -> Weights:
    return Weights(**{name: part.detach().clone() for name, part in weights.named().items()})


def test_a_card_is_cut_into_prompt_separator_answer_and_end(learner: Learner) -> None:
    pieces = inspection.cut(learner.anatomy, 0)
    assert "".join(p.text for p in pieces if p.role == "prompt") == "France"
    assert "".join(p.text for p in pieces if p.role == "answer") == "Paris"
    assert [p.role for p in pieces][6] == "separator"
    assert (pieces[-1].role, pieces[-1].text, pieces[-1].id) == ("end", "⏎", 1)
    assert [p.id for p in pieces] == learner.anatomy.encoding.sequence(0)


def test_a_byte_of_a_character_is_shown_as_its_number() -> None:
    deck = deck_of(FRUIT, held_out=[("🦄 pie", "é")])
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    texts = [piece.text for piece in inspection.cut(learner.anatomy, deck.never_seen[0])]
    assert texts == ["<0xF0>", "<0x9F>", "<0xA6>", "<0x84>", *" pie→", "<0xC3>", "<0xA9>", "⏎"]


def test_attention_norms_and_the_guess_are_those_of_a_plain_model(learner: Learner) -> None:
    anatomy = learner.anatomy
    reading = inspection.read(anatomy, 0)
    *ids, _ = anatomy.encoding.sequence(0)
    plain = plainly.passed(anatomy.weights, ids, learner.settings)
    assert (reading.n_read, reading.first_attended) == (len(ids), 0)
    for layer in range(reading.n_layers):
        for head in range(reading.n_heads):
            rows = reading.attended(layer, head)
            assert [len(row) for row in rows] == list(range(1, len(ids) + 1))
            for i, row in enumerate(rows):
                expected = plain.shares[layer][head, i, : i + 1].tolist()
                assert row == pytest.approx(expected, abs=0.5 / 255 + 1e-5)
    n_asked = anatomy.encoding.n_asked[0]
    targets = anatomy.encoding.batch((0,)).targets.tolist()
    for emerging, stream in zip(reading.emerging, plain.streams, strict=True):
        spread = plainly.spread(anatomy.weights, stream[-n_asked:], anatomy.encoding.sayable)
        right = [spread[i, target].item() for i, target in enumerate(targets)]
        assert emerging.right == pytest.approx(right, abs=1e-4)
        for place, candidates in zip(spread, emerging.places, strict=True):
            assert [c.probability for c in candidates] == pytest.approx(
                place.topk(3).values.tolist(), abs=1e-4
            )


def test_expectations_are_the_spread_and_their_errors_add_up(learner: Learner) -> None:
    anatomy = learner.anatomy
    study = learner.study([1, 0])
    expectations = inspection.expect(anatomy, study, 1)
    *ids, _ = anatomy.encoding.sequence(0)
    stream = plainly.passed(anatomy.weights, ids, learner.settings).streams[-1]
    spread = plainly.spread(anatomy.weights, stream, anatomy.encoding.sayable)
    sequence = anatomy.encoding.sequence(0)
    for expectation in expectations:
        at = spread[expectation.position]
        right = anatomy.encoding.sayable.index(sequence[expectation.position + 1])
        assert expectation.right == anatomy.printable_piece(right)
        assert expectation.probability == pytest.approx(at[right].item(), abs=1e-4)
        assert expectation.error_nats == pytest.approx(-at[right].log().item(), abs=1e-2)
        assert expectation.rank == 1 + sum(p > at[right] for p in at)
        tops = [c.probability for c in expectation.candidates]
        assert tops == sorted(tops, reverse=True)
        assert len(tops) == 8
        assert [c.text for c in expectation.candidates if c.is_right] == (
            [expectation.right] if expectation.rank <= 8 else []
        )
    assert sum(e.error_nats for e in expectations) == pytest.approx(study.card_nats[1], rel=1e-5)


def test_what_was_done_comes_out_of_the_weights_before_and_after(learner: Learner) -> None:
    before = copied(learner.anatomy.weights)
    study = learner.study([0])
    slopes = Weights(*torch.autograd.grad(learner.study([0]).loss, learner.parameters))
    details = learner.adjust(study, 1.0, measured_row=0, is_detailed=True).details
    assert details is not None
    after = copied(learner.anatomy.weights)
    flat = [
        torch.cat([t.flatten() for t in weights.named().values()])
        for weights in (before, after, slopes)
    ]
    moved = flat[1] - flat[0]
    assert details.n_numbers == learner.n_parameters == sum(p.n_numbers for p in details.parts)
    assert details.n_moved == int((moved != 0).sum())
    assert details.relative == pytest.approx((moved.norm() / flat[0].norm()).item(), rel=1e-4)
    of_parts = [part.relative for part in details.parts]
    assert min(of_parts) <= details.relative <= max(of_parts)
    cosine = torch.nn.functional.cosine_similarity(moved, -flat[2], dim=0).item()
    assert details.cosine == pytest.approx(cosine, abs=1e-4)
    by_name = {(part.name, part.layer): part for part in details.parts}
    assert len(by_name) == 2 * learner.settings.n_layers + 3
    mlp = by_name["mlp", 2]
    change = after.mlp[1] - before.mlp[1]
    assert mlp.change_norm == pytest.approx(change.norm().item(), rel=1e-4)
    assert mlp.gradient_norm == pytest.approx(slopes.mlp[1].norm().item(), rel=1e-4)
    assert mlp.relative == pytest.approx((change.norm() / before.mlp[1].norm()).item(), rel=1e-4)


def test_of_a_long_card_the_attention_of_its_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "long.deck"
    path.write_text(f"+++\nname = 'Long'\n+++\n{'ab' * 60} :: cd\nx :: y\n", encoding="utf-8")
    deck = load(path)[0]
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    reading = inspection.read(learner.anatomy, 0)
    assert reading.n_read == 123
    assert reading.first_attended == 123 - inspection.MAX_ATTENDED
    assert len(reading.attended(0, 0)) == inspection.MAX_ATTENDED


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
    drawn_map = inspection.Map()
    before, _ = drawn_map.draw(learner.anatomy, ids)
    with torch.no_grad():
        learner.weights.embedding.mul_(-1.0)  # the same plane, mirrored in both its axes
    after, _ = drawn_map.draw(learner.anatomy, ids)
    assert [p.x for p in after] == pytest.approx([p.x for p in before], abs=1e-3)
    assert [p.y for p in after] == pytest.approx([p.y for p in before], abs=1e-3)
    with torch.no_grad():
        learner.weights.embedding.mul_(-1.0)
    for _ in range(3):
        learner.adjust(learner.study(deck.taught))
    later, _ = drawn_map.draw(learner.anatomy, ids)
    moves = [math.dist((p.x, p.y), (q.x, q.y)) for p, q in zip(before, later, strict=True)]
    assert sorted(moves)[len(moves) // 2] < 0.2
    assert max(abs(x) for p in later for x in (p.x, p.y)) == pytest.approx(1.0)


def test_the_map_says_which_pieces_can_be_said(learner: Learner, deck: Deck) -> None:
    anatomy = learner.anatomy
    ids = inspection.pieces_on_map(anatomy, len(deck.cards))
    points, _ = inspection.Map().draw(anatomy, ids)
    used = {i for c in range(len(deck.cards)) for i in anatomy.encoding.sequence(c)}
    assert set(ids) == used | set(anatomy.encoding.sayable)
    assert {p.text for p in points if p.is_sayable} == {
        anatomy.tokenizer.piece_text(i) for i in anatomy.encoding.sayable
    }


def test_a_cell_is_the_mean_of_weights_and_moves(learner: Learner, deck: Deck) -> None:
    anatomy = learner.anatomy
    start = inspection.untrained(anatomy, 1)
    untaught = Learner.create(deck, learner.settings, 1).anatomy.weights
    assert torch.equal(start.attention, untaught.attention)
    ids = inspection.pieces_on_map(anatomy, len(deck.cards))
    maps = {(m.name, m.layer): m for m in inspection.weight_maps(anatomy.weights, start, ids)[0]}
    assert len(maps) == 2 * learner.settings.n_layers + 2
    weight_map = maps["attention", 2]
    assert (weight_map.n_rows, weight_map.n_columns) == (16, 32)
    now, before = anatomy.weights.attention[1].flatten(0, 1), start.attention[1].flatten(0, 1)
    rows, columns = now.shape[0] // 16, now.shape[1] // 32
    cell = (slice(3 * rows, 4 * rows), slice(5 * columns, 6 * columns))
    level = unpacked(weight_map.size)[3 * 32 + 5] / LEVELS * weight_map.size_top
    assert level == pytest.approx(now[cell].abs().mean().item(), abs=weight_map.size_top / LEVELS)
    assert max(unpacked(weight_map.size)) == max(unpacked(weight_map.moved)) == LEVELS
    assert weight_map.relative_moved == pytest.approx(
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
