"""Where words answer words, prompts are filled up to one length; sums are read as they are."""

import random
import re

import msgspec
import pytest

from flashcards.cards.card import Deck
from flashcards.cards.chapters import merged
from flashcards.cards.shelf import find, load
from flashcards.learner.filling import letter_sounds, words_of
from flashcards.learner.inspection import cut
from flashcards.learner.learner import Learner
from flashcards.learner.settings import LearnerSettings, SettingsError
from flashcards.learner.tokenizer import (
    ANSWER_ID,
    FILLER_ID,
    Tokenizer,
    TokenizerError,
    train_tokenizer,
)
from flashcards.runs.marks import ONE_OFF, RIGHT
from tests.golden import raises_words
from tests.learner.decks import deck_of, sums

SHOUTED = deck_of([(w, w.upper()) for w in (f"{'ab' * (i % 4)}{i:o}c" for i in range(120))])


def cut_down(name: str, n: int) -> Deck:
    deck, _ = load(find(name))
    cards = [card for card in deck.cards if not card.is_never_seen][:n]
    return msgspec.structs.replace(deck, cards=cards)


def sounds() -> Deck:
    """120 words, each letter a sound."""
    named = {"a": "aː", "t": "t͡ʃ", "b": "b"}
    words = [f"{i:b}".replace("0", "at").replace("1", "b") for i in range(120)]
    return deck_of([(word, " ".join(named[letter] for letter in word)) for word in words])


@pytest.mark.parametrize(
    ("name", "n", "filled_to"),
    [
        ("plurals", 204, 12),
        ("past-tense", 318, 10),
        ("addition", 792, 0),
        ("times-table", 342, 0),
        ("reverse", 300, 0),
        ("number-words", 400, 0),
        ("plurals", 50, 0),
        ("plurals", 1500, 0),
    ],
)
def test_prompts_are_filled_where_it_foretells_best(name: str, n: int, filled_to: int) -> None:
    settings = LearnerSettings.for_deck(cut_down(name, n))
    assert settings.filled_to == filled_to
    assert settings.is_embedding_decayed == bool(filled_to)


def test_words_of_letters_or_sounds_are_filled() -> None:
    decks = (SHOUTED, sounds())
    assert [LearnerSettings.for_deck(deck).filled_to for deck in decks] == [10, 13]


def test_short_prompts_are_filled_everywhere_and_long_ones_stay() -> None:
    learner = Learner.create(SHOUTED, LearnerSettings.for_deck(SHOUTED), 1)
    n = learner.settings.filled_to
    for prompt in ("ab17c", "", "x" * (n + 3)):
        pieces = learner.tokenizer.encode(prompt)
        (prompt_ids,) = learner.tokenizer.prompts([prompt])
        assert prompt_ids == pieces + [FILLER_ID] * (n - len(prompt))
    card = SHOUTED.cards[20]
    batch = learner.study([20]).batch
    n_asked = len(card.answer) + 1
    assert batch.ids[0, n] == ANSWER_ID
    assert batch.asked_at.tolist() == list(range(n, n + n_asked))
    in_pieces = cut(learner.anatomy, 20)
    assert [piece.text for piece in in_pieces][: n + 1] == [*card.prompt.ljust(n, "◦"), "→"]


@pytest.mark.slow
def test_however_it_is_asked_the_answer_is_the_same() -> None:
    deck = sounds()
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    for step in range(40):
        learner.adjust(learner.study([(8 * step + i) % 120 for i in range(8)]))
    prompts = [*(card.prompt for card in deck.cards), "bbatatbatatat"]
    sure = {  # those without a tie that rounding might decide
        prompt: answer.text
        for prompt, answer in zip(prompts, learner.answer_each(prompts), strict=True)
        if not answer.is_cut and all(piece.probability > 0.6 for piece in answer.pieces)
    }
    assert len(sure) > 10
    assert [draw.text for draw in learner.draw_likeliest(list(sure))] == list(sure.values())
    assert learner.answer(min(sure)).text == sure[min(sure)]
    forms = learner.forms({prompt: [text] for prompt, text in sure.items()})
    assert learner.prompts_answered_by(forms) == set(sure)


def test_words_as_short_as_sounds_are_pieces_of_answers_alone() -> None:
    deck = sounds()
    assert set(words_of(deck)) == {"aː ", "t͡ʃ ", "b ", "aː", "t͡ʃ"}
    settings = LearnerSettings.for_deck(deck, {"is_aligned": False})
    tokenizer = Tokenizer(train_tokenizer(deck, settings), settings.filled_to)
    plain = Tokenizer(train_tokenizer(deck, msgspec.structs.replace(settings, filled_to=0)))
    assert tokenizer.n_vocabulary == plain.n_vocabulary + 5
    for text in (deck.cards[9].answer, "b aː  ? t͡ʃ t͡ʃ ", "", " "):
        assert tokenizer.text(tokenizer.answers([text], ["bat"])[0]) == text
        assert tokenizer.encode(text) == plain.encode(text) == plain.answers([text], ["bat"])[0]
    (ids,) = tokenizer.answers(["b aː t͡ʃ"], ["bat"])
    assert [tokenizer.piece_text(i) for i in ids] == ["b ", "aː ", "t͡ʃ"]
    assert words_of(deck_of([("hund", "the dog"), ("katze", "the cat")])) == ()
    assert words_of(deck_of([("a", "b"), ("c", "d")])) == ()


def read_aloud() -> Deck:
    """120 words of letters that are silent (h), or have two sounds (x)."""
    words = {
        f"{'hax'[i % 3]}{i:o}".translate(str.maketrans("01234567", "abtxhnla")) for i in range(120)
    }
    named = {"h": "", "x": "k s ", "t": "t͡ʃ "}
    sounds_of_word = {
        word: "".join(named.get(letter, f"{letter} ") for letter in word) for word in words
    }
    return deck_of(
        [
            (word, sounds_of_word[word].strip())
            for word in sorted(sounds_of_word)
            if sounds_of_word[word]
        ]
    )


def test_each_letter_has_its_sounds_two_or_none() -> None:
    alignment = letter_sounds(read_aloud())
    assert alignment.cut("haxt", "a k s t͡ʃ") == ["", "a", "k s", "t͡ʃ"]
    assert (*alignment.counts["x"], *alignment.counts["h"]) == ("k s", "")
    assert alignment.cut("ax?", "a k s n") == ["a", "k s", "n"]  # a letter that was never taught
    assert alignment.cut("ax?", "a k s q") == []  # a sound that was never taught
    assert alignment.cut("x", "k s a") == alignment.cut("ax", "a  k") == alignment.cut("", "") == []
    assert letter_sounds(read_aloud()).counts == alignment.counts


@pytest.mark.slow
def test_an_aligned_answer_has_a_piece_for_each_letter_and_reads_as_it_is_written() -> None:
    deck = read_aloud()
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    tokenizer, n = learner.tokenizer, learner.encoding.n_asked
    assert learner.settings.is_aligned
    assert all(n[i] == len(card.prompt) + 1 for i, card in enumerate(deck.cards))
    (ids,) = tokenizer.answers(["a k s t͡ʃ"], ["haxth"])
    assert [tokenizer.piece_text(i) for i in ids] == ["◦", "a ", "k s ", "t͡ʃ", "◦"]
    assert tokenizer.answer_pieces(ids) == ["", "a ", "k s ", "t͡ʃ", ""]
    for text, prompt in (("a k s t͡ʃ", "haxth"), ("a  t͡ʃ ", "at"), ("n n n", "n"), ("?", "h?")):
        assert tokenizer.text(tokenizer.answers([text], [prompt])[0]) == text
    while learner.step < 150:
        learner.adjust(learner.study(range(learner.step % 8, len(deck.cards), 8)))
    prompts = [card.prompt for card in deck.cards]
    answers = [answer.text for answer in learner.answer_each(prompts)]
    n_right = sum(text == card.answer for text, card in zip(answers, deck.cards, strict=True))
    assert n_right == learner.grade(range(len(prompts))).marks.count(RIGHT) > len(prompts) // 2


def test_more_sounds_than_letters_can_have_are_not_aligned() -> None:
    named = {"0": "k a t", "1": "s i m"}
    words = (f"{i:b}" for i in range(120))
    deck = deck_of([(word, " ".join(map(named.__getitem__, word))) for word in words])
    settings = LearnerSettings.for_deck(deck)
    assert (settings.filled_to, settings.is_aligned) == (7, False)


@pytest.mark.slow
def test_an_answer_that_reads_right_is_not_nearly_right_however_it_is_cut() -> None:
    """Of doubled letters one is silent, either the first or the second."""
    luck = random.Random(3)
    words = set[str]()
    while len(words) < 60:
        parts = (
            luck.choice("bdfgklmn") * luck.choice((1, 1, 2)) + luck.choice("aeiou") for _ in "123"
        )
        words.add("".join(parts))
    deck = deck_of([(word, " ".join(re.sub(r"(.)\1", r"\1", word))) for word in sorted(words)])
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    for step in range(60):
        learner.adjust(learner.study(range(step % 6, len(deck.cards), 6)))
    answers = learner.answer_each([card.prompt for card in deck.cards])
    marks = learner.grade(range(len(answers))).marks
    assert RIGHT in marks
    for answer, mark, card in zip(answers, marks, deck.cards, strict=True):
        assert mark != (ONE_OFF if answer.text == card.answer else RIGHT)


def test_a_later_deck_of_words_is_not_aligned() -> None:
    first = read_aloud()
    learner = Learner.create(first, LearnerSettings.for_deck(first), 1)
    second = deck_of([("athens", "balance"), ("hat", "tabla")])
    learner.take_deck(merged(second, (first,)))
    assert learner.settings.is_aligned
    (ids,) = learner.tokenizer.answers(["balance"], ["athens"])
    assert FILLER_ID not in ids


def test_what_is_not_filled_or_is_asked_otherwise_is_not_aligned() -> None:
    deck = read_aloud()
    assert not LearnerSettings.for_deck(deck, {"filled_to": 0}).is_aligned
    assert not LearnerSettings.for_deck(SHOUTED, {"is_aligned": True}).is_aligned
    with_template = msgspec.structs.replace(deck, ask="say {prompt} now")
    assert not LearnerSettings.for_deck(with_template).is_aligned


def test_sounds_of_many_letters_are_pieces() -> None:
    cards = [(card.prompt, card.answer) for card in read_aloud().cards]
    deck = deck_of([*cards, ("ax", f"{'a' * 70} {'b' * 130}")])
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    assert learner.settings.is_aligned
    (ids,) = learner.tokenizer.answers([deck.cards[-1].answer], ["ax"])
    assert learner.tokenizer.text(ids) == deck.cards[-1].answer


def test_a_damaged_alignment_is_a_damaged_tokenizer() -> None:
    deck = read_aloud()
    model = train_tokenizer(deck, LearnerSettings.for_deck(deck))
    negative = re.sub(rb":\d(?=\d)", b":-", model, count=1)
    for damaged in (model[:7], model[:40], model.replace(b'{"', b"[1", 1), negative):
        with pytest.raises(TokenizerError, match="damaged"):
            Tokenizer(damaged, 8)


def test_a_later_deck_is_read_as_the_model_was_taught_and_longer_prompts_fit() -> None:
    first = SHOUTED
    learner = Learner.create(first, LearnerSettings.for_deck(first), 1)
    second = merged(sums(11), (first,))
    learner.take_deck(second)
    assert learner.settings.filled_to == 10
    (prompt_ids,) = learner.tokenizer.prompts(["1+1"])
    assert len(prompt_ids) == 10


def test_prompts_of_other_pieces_than_characters_are_not_filled() -> None:
    settings = LearnerSettings.for_deck(SHOUTED, {"tokenizer": "bpe"})
    assert settings.filled_to == 0
    with raises_words(SettingsError, "settings: filled prompts"):
        LearnerSettings.for_deck(SHOUTED, {"tokenizer": "bpe", "filled_to": 8})
