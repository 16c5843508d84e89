"""The model that reads: its tensors, its gradients, what it writes, what of that is copied."""

import math
import random
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from flashcards.cards.text import TextDeck, load_text
from flashcards.learner import inspection, written
from flashcards.learner.encoding import TextEncoding
from flashcards.learner.learner import Learner
from flashcards.learner.passes import Model
from flashcards.learner.piece_by_piece import CachedModel
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID, Tokenizer
from flashcards.learner.written import CopyFinder, Written, generator_of, write_lines
from tests.learner import plainly
from tests.reading.texts import HEAD, write_text


@pytest.fixture
def deck(tmp_path: Path) -> TextDeck:
    return load_text(write_text(tmp_path))


@pytest.fixture
def learner(deck: TextDeck) -> Learner:
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    for i in range(10):
        learner.adjust(learner.study(deck.taught[4 * i : 4 * i + 4]))
    return learner


def test_a_window_asks_for_each_of_its_pieces(deck: TextDeck, learner: Learner) -> None:
    encoding = learner.anatomy.encoding
    assert isinstance(encoding, TextEncoding)
    tokenizer = Tokenizer(learner.tokenizer_model)
    text = deck.cards[3].answer
    batch = encoding.batch([3, len(deck.cards) - 1])
    assert batch.ids[0].tolist() == [ANSWER_ID, *tokenizer.encode(text)][:-1]
    targets = [encoding.sayable[i] for i in batch.targets[batch.span(0)].tolist()]
    assert tokenizer.text(targets) == text
    assert batch.asked_at[: len(text)].tolist() == list(range(len(text)))
    assert batch.n_asked == (len(text), len(deck.cards[-1].answer))


def test_only_what_the_text_has_is_written_and_all_of_ascii_is_learned(learner: Learner) -> None:
    tokenizer = Tokenizer(learner.tokenizer_model)
    assert tokenizer.unlearned(["".join(map(chr, range(0x20, 0x7F))), "Ö↵"]) == ()
    shown = {tokenizer.piece_text(i) for i in learner.anatomy.encoding.sayable}
    assert "↵" in shown
    assert "Ö" in shown
    assert "Z" not in shown
    assert "⏎" not in shown


def test_the_gradient_is_that_of_a_plain_model(deck: TextDeck, learner: Learner) -> None:
    """Of the mean error of every next piece, by torch's own backward of the plain model."""
    windows = deck.taught[:2]
    study = learner.study(windows)
    mine = torch.autograd.grad(study.loss, learner.parameters)
    anatomy = learner.anatomy
    flat = learner.flat.detach().clone().requires_grad_()
    weights = learner.views(flat)
    losses = []
    for window in windows:
        *ids, _ = anatomy.encoding.sequence(window)
        stream = plainly.passed(weights, ids, learner.settings).streams[-1]
        spread = plainly.spread(weights, stream, list(anatomy.encoding.sayable))
        targets = anatomy.encoding.batch([window]).targets
        losses.append(F.nll_loss(spread.log(), targets, reduction="none"))
    loss = torch.cat(losses).mean()
    assert loss.item() == pytest.approx(study.loss_nats, rel=1e-5)
    (plain,) = torch.autograd.grad(loss, flat)
    together = torch.cat([part.flatten() for part in mine])
    assert torch.allclose(together, plain, atol=1e-5 * plain.abs().max().item(), rtol=1e-3)


def test_next_pieces_are_scored_one_by_one(deck: TextDeck, learner: Learner) -> None:
    windows = deck.never_seen[:3]
    score = learner.read_windows(windows)
    nats, n_right, n_pieces = 0.0, 0, 0
    anatomy = learner.anatomy
    for window in windows:
        *ids, _ = anatomy.encoding.sequence(window)
        stream = plainly.passed(learner.averaged, ids, learner.settings).streams[-1]
        spread = plainly.spread(learner.averaged, stream, list(anatomy.encoding.sayable))
        for row, target in zip(spread, anatomy.encoding.batch([window]).targets, strict=True):
            nats -= math.log(row[target].item())
            n_right += int(row.argmax() == target)
            n_pieces += 1
    assert (score.n_right, score.n_pieces) == (n_right, n_pieces)
    assert score.nats == pytest.approx(nats, rel=1e-4)


def test_the_writer_finds_the_same_probable_as_the_whole_pass(learner: Learner) -> None:
    """Also where the older half was forgotten: probabilities are those of what it still reads."""
    anatomy = learner.anatomy
    sayable = list(anatomy.encoding.sayable)
    start = Tokenizer(learner.tokenizer_model).encode("The old")
    context = 16
    model = CachedModel(
        Model(anatomy.weights, learner.flat, anatomy.sayable, anatomy.rotary, learner.settings),
        context,
    )

    def written_with(seed: int) -> list[Written]:
        return write_lines(model, anatomy.sayable, start, 2, 40, generator_of(1, seed))

    written = written_with(7)
    assert written != written_with(8)
    assert written == written_with(7)
    for line in written:
        ids = [ANSWER_ID, *start]
        for place, probability in zip(line.places, line.probabilities, strict=True):
            stream = inspection.pass_through(anatomy, ids).streams[-1]
            spread = inspection.logits_of(anatomy, stream)[-1].softmax(-1)
            assert spread[place].item() == pytest.approx(probability, abs=1e-4)
            ids.append(sayable[place])
            if len(ids) > context:
                ids = [ANSWER_ID, *ids[-(context // 2) :]]


def test_writing_changes_nothing_and_depends_on_seed_and_step(learner: Learner) -> None:
    before = learner.weights_sha256()
    lines = learner.write(1, 3, 50)
    assert lines == learner.write(1, 3, 50)
    assert lines != learner.write(2, 3, 50)
    assert [len(line) for line in lines] == [50, 50, 50]
    assert learner.answer("Nobody").text == learner.answer("Nobody").text
    assert learner.weights_sha256() == before


def test_a_text_in_pieces_of_several_characters(tmp_path: Path) -> None:
    head = HEAD.replace("+++\n", '+++\ntokenizer = "bpe"\nvocabulary = 80\n', 1)
    deck = load_text(write_text(tmp_path, head=head))
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    n_pieces = sum(len(learner.tokenizer.encode(card.answer)) for card in deck.cards)
    assert n_pieces < 0.7 * deck.cards.n_characters
    learner.adjust(learner.study(deck.taught[:4]))
    assert learner.read_windows(deck.never_seen).n_pieces > 0
    assert len(learner.write(1, 2, 20)) == 2


def brute(stretches: list[str], lines: list[str]) -> str:
    best = ""
    for line in lines:
        for start in range(len(line)):
            for end in range(start + len(best) + 1, len(line) + 1):
                if any(line[start:end] in stretch for stretch in stretches):
                    best = line[start:end]
    return best


@pytest.mark.parametrize("is_large", [False, True])
def test_the_longest_copy_is_found(monkeypatch: pytest.MonkeyPatch, is_large: bool) -> None:
    if is_large:
        monkeypatch.setattr(written, "SMALL_BYTES", -1)
        monkeypatch.setattr(written, "BLOCK_BYTES", 7)
        monkeypatch.setattr(written, "PART_BYTES", 30)
    dice = random.Random(3)
    for _ in range(60):
        letters = dice.choice(["ab↵", "abcdefgh ", "äöü🍎x"])
        stretches = ["".join(dice.choices(letters, k=dice.randint(0, 60))) for _ in range(3)]
        lines = ["".join(dice.choices(letters + "q", k=dice.randint(0, 50))) for _ in range(3)]
        if len(stretches[0]) > 40:
            lines[1] = f"q{stretches[0][2 : dice.randint(10, 40)]}q"
        assert CopyFinder(stretches).longest(lines) == brute(stretches, lines)
