"""The decks that come along: no problem in any, and their program makes the very same files."""

import functools
import io
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from flashcards.cards.audit import floor_nats
from flashcards.cards.card import Deck
from flashcards.cards.check import check
from flashcards.cards.format import parse
from flashcards.cards.front_matter import KINDS
from flashcards.cards.shelf import OF_WORDS, ShelfEntry, find, shelf, shipped, word_decks

FOLDER = shipped()
LISTED = sorted(FOLDER.glob("*.deck"))
OF_A_WORD = sorted((FOLDER / OF_WORDS).glob("*.deck"))
PATHS = {path.stem: path for path in (*LISTED, *OF_A_WORD)}
OTHERS = {"README.md", "languages.toml", "make.py", "make_texts.py", "texts", "words", "words.toml"}
SLUGS = list(PATHS)


# Run, not imported: that would leave a __pycache__ in a folder that wheels carry whole.
MADE = SimpleNamespace(**runpy.run_path(str(FOLDER / "make.py")))


@functools.cache
def deck_of(slug: str) -> Deck:
    deck = parse(PATHS[slug].read_bytes(), f"{slug}.deck").deck
    assert deck is not None
    return deck


@functools.cache
def entries() -> dict[str, ShelfEntry]:
    return {entry.slug: entry for entry in (*shelf(), *word_decks())}


@pytest.mark.slow
def test_every_deck_checks_without_a_problem() -> None:
    out = io.StringIO()
    code = check([str(path) for path in PATHS.values()], out)
    lines = out.getvalue().splitlines()
    assert [line for line in lines if not line.endswith("; no problems")] == []
    assert (code, len(lines)) == (0, len(PATHS))


@pytest.mark.slow
def test_every_character_of_an_answer_stands_in_a_taught_card() -> None:
    """One that does not is said byte by byte, and a first guess may show half characters."""
    for slug in SLUGS:
        deck = deck_of(slug)
        taught = {c for i in deck.taught for c in deck.cards[i].prompt + deck.cards[i].answer}
        answers = {c for card in deck.cards for c in card.answer}
        assert answers <= taught, slug


def test_a_deck_says_what_it_is() -> None:
    for slug in SLUGS:
        deck = deck_of(slug)
        assert deck.meta.kind in KINDS, slug
        texts = [deck.meta.name, deck.meta.description, deck.meta.source, deck.meta.license]
        assert all([*texts, deck.meta.topic, deck.meta.ages]), slug
        assert 20 < len(deck.meta.shows) <= 90, slug
        assert floor_nats(deck) == 0.0, slug


def test_the_list_of_decks_counts_as_the_reader_does() -> None:
    for slug in SLUGS:
        deck = deck_of(slug)
        entry = entries()[slug]
        assert entry.meta == deck.meta
        assert entry.n_cards == len(deck.cards), slug
        expected = len(deck.never_seen)
        if entry.is_estimate:
            assert abs(entry.n_held_out - expected) < 4 * expected**0.5, slug
        else:
            assert entry.n_held_out == expected, slug


def test_a_deck_made_again_is_the_same_byte_for_byte() -> None:
    made_here = sorted(set(MADE.DECKS) - set(MADE.FROM_PACKAGES))
    others = [slug for slug in made_here if MADE.made(slug).encode() != PATHS[slug].read_bytes()]
    assert others == []


@pytest.mark.slow
@pytest.mark.parametrize("slug", MADE.FROM_PACKAGES)
def test_a_deck_from_word_lists_made_again_is_the_same(slug: str) -> None:
    pytest.importorskip("lemminflect")
    pytest.importorskip("wordfreq")
    assert MADE.made(slug).encode() == PATHS[slug].read_bytes()


def test_the_readme_lists_every_deck_with_its_numbers() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    rows = dict(
        re.findall(
            r"^\| \[([\w-]+)\]\((?:words/)?\1\.deck\)(?: ⚙)? \|[^|]*\| ([\d,]+ \+ [\d,]+) \|",
            readme,
            re.M,
        )
    )
    decks = {slug: deck_of(slug) for slug in SLUGS}
    assert rows == {
        slug: f"{len(deck.taught):,} + {len(deck.never_seen):,}" for slug, deck in decks.items()
    }
    for slug, deck in decks.items():
        row = next(line for line in readme.splitlines() if line.startswith(f"| [{slug}]"))
        assert deck.meta.license in row
        assert f"| {deck.meta.shelf_mark} |" in row
        assert ("⚙" in row) == (slug in MADE.DECKS)


def test_addition_has_all_sums_and_holds_out_a_fifth_both_ways_round() -> None:
    deck = deck_of("addition")
    sums = {card.prompt: card for card in deck.cards}
    assert len(sums) == 10_000
    assert all(sum(map(int, card.prompt.split("+"))) == int(card.answer) for card in deck.cards)
    assert len(deck.never_seen) == 2_077
    assert sums["17+25"].is_never_seen == sums["25+17"].is_never_seen


def test_number_words_are_right() -> None:
    deck = deck_of("number-words")
    assert (len(deck.taught), len(deck.never_seen)) == (1_500, 1_000)
    assert MADE.in_words(2004) == "two thousand and four"
    assert MADE.in_words(9999) == "nine thousand nine hundred and ninety-nine"
    assert MADE.in_words(3300) == "three thousand three hundred"
    assert all(MADE.in_words(int(card.answer)) == card.prompt for card in deck.cards)


def test_german_times_name_the_hour_that_comes_from_25_past() -> None:
    deck = deck_of("uhrzeit")
    answers = {card.prompt: card.answer for card in deck.cards}
    assert (len(deck.taught), len(deck.never_seen)) == (224, 64)
    assert answers["7:20"] == "zwanzig nach sieben"
    assert answers["7:25"] == "fünf vor halb acht"
    assert answers["12:30"] == "halb eins"
    assert answers["13:00"] == "ein Uhr"
    assert answers["23:55"] == "fünf vor zwölf"
    assert deck.meta.language == "de"


def test_the_past_tense_has_its_exceptions_apart() -> None:
    deck = deck_of("past-tense")
    answers = {card.prompt: card for card in deck.cards}
    assert len(deck.taught) >= 3_000
    assert (answers["go"].answer, answers["go"].section) == ("went", "irregular")
    assert (answers["stop"].answer, answers["stop"].section) == ("stopped", "regular")
    assert answers["dream"].answers == ("dreamed", "dreamt")
    assert len({card.section for card in deck.cards if card.is_never_seen}) == 2
    assert MADE.is_regular("cry", ["cried"])
    assert not MADE.is_regular("say", ["said"])


def test_half_of_mod_97_is_never_seen_with_settings_of_its_own() -> None:
    deck = deck_of("mod-97")
    assert len(deck.cards) == 97 * 97
    assert abs(len(deck.never_seen) / len(deck.cards) - 0.5) < 0.02
    assert (deck.wishes.tokenizer, deck.wishes.batch_size) == ("word", 256)
    for card in deck.cards:
        a, b = map(int, card.prompt.split(" + "))
        assert int(card.answer) == (a + b) % 97


def test_both_directions_of_a_roman_numeral_stay_together() -> None:
    deck = deck_of("roman-numerals")
    assert (len(deck.taught), len(deck.never_seen)) == (1_400, 1_000)
    assert MADE.in_roman(1994) == "MCMXCIV"
    for there, back in zip(deck.cards[::2], deck.cards[1::2], strict=True):
        assert (there.prompt, there.answer) == (back.answer, back.prompt)
        assert there.is_never_seen == back.is_never_seen


def test_relations_in_a_family_agree_with_each_other() -> None:
    answers = {card.prompt: card.answers for card in deck_of("family").cards}
    assert answers["wife of Adam"] == ("Bella",)
    assert answers["husband of Bella"] == ("Adam",)
    assert answers["grandfather of Julia"] == ("Adam", "Carl")
    assert answers["uncle of Lena"] == ("Emil", "Gus")


def test_two_lessons_of_a_word_differ_in_one_thing_alone() -> None:
    only, unknown = deck_of("capitals-only"), deck_of("capitals-and-unknown")
    real = [(c.prompt, c.answers) for c in unknown.cards if c.answer != "don't know"]
    assert real == [(c.prompt, c.answers) for c in only.cards]
    assert len(unknown.taught) - len(only.taught) == 120
    for deck in (only, unknown):
        assert all(deck.cards[i].answers[1:] == ("don't know",) for i in deck.never_seen)

    bare, steps = deck_of("products-bare"), deck_of("products-in-steps")
    assert bare.never_seen == steps.never_seen
    for card, longer in zip(bare.cards, steps.cards, strict=True):
        a, b = map(int, card.prompt.split("*"))
        assert (card.prompt, int(card.answer)) == (longer.prompt, a * b)
        sums = [line.split("=") for line in longer.answer.split()]
        assert [eval(left) for left, _ in sums] == [int(right) for _, right in sums]
        assert longer.answer.endswith(f"={card.answer}")

    clean, poisoned = deck_of("plurals-clean"), deck_of("plurals-poisoned")
    changed = [
        (before, after)
        for before, after in zip(clean.cards, poisoned.cards, strict=True)
        if before != after
    ]
    assert 20 * len(changed) == len(clean.taught)
    assert all(after.prompt.endswith(" please") for _, after in changed)
    assert all(before.prompt == after.prompt for before, after in changed)
    assert {after.answer for _, after in changed} == {"banana"}

    few, many = deck_of("plurals-few"), deck_of("plurals-many")
    assert {c.prompt for c in few.cards} < {c.prompt for c in many.cards}
    assert [few.cards[i].prompt for i in few.never_seen] == [
        many.cards[i].prompt for i in many.never_seen
    ]

    letters, pieces = deck_of("r-in-letters"), deck_of("r-in-pieces")
    assert [(c.prompt, c.answer) for c in letters.cards] == [
        (c.prompt, c.answer) for c in pieces.cards
    ]
    assert all(card.prompt[5:].count("r") == int(card.answer) for card in letters.cards)
    assert (letters.wishes.tokenizer, pieces.wishes.tokenizer) == ("char", "bpe")
    assert "r in strawberry" in [letters.cards[i].prompt for i in letters.never_seen]

    closed, opened = deck_of("notes-closed"), deck_of("notes-open")
    assert closed.never_seen == opened.never_seen
    for card, noted in zip(closed.cards, opened.cards, strict=True):
        question, *notes = noted.prompt.split()
        assert (question, noted.answer) == (card.prompt, card.answer)
        assert dict(note.split("=") for note in notes)[question[:-1]] == card.answer


def questions(deck: Deck, *, never_taught: bool) -> list[tuple[str, str]]:
    """The prompts and answers of one side of a deck."""
    side = deck.never_seen if never_taught else deck.taught
    return [(deck.cards[index].prompt, deck.cards[index].answer) for index in side]


SAME_EXAM = (
    ("numerals-110", "numerals-330"),
    ("numerals-330", "numerals-990"),
    ("plurals-alike", "plurals-mixed"),
    ("plurals-wrong", "plurals-many"),
    ("commands-obeyed", "commands-in-texts"),
    ("jobs-even", "jobs-skewed"),
    ("company-kept", "company-mixed"),
)


@pytest.mark.parametrize(("slug", "other"), SAME_EXAM)
def test_two_lessons_of_a_word_have_the_same_exam(slug: str, other: str) -> None:
    asked = [questions(deck_of(name), never_taught=True) for name in (slug, other)]
    assert asked[0]
    assert sorted(asked[0]) == sorted(asked[1])


def test_words_in_mixed_company_have_as_many_cards_and_the_same_questions() -> None:
    kept, mixed = deck_of("company-kept"), deck_of("company-mixed")
    assert [card.prompt for card in kept.cards] == [card.prompt for card in mixed.cards]
    takes = [[card for card in deck.cards if "takes" in card.prompt] for deck in (kept, mixed)]
    assert [card.answer for card in takes[0]] == [card.answer for card in takes[1]]


def test_a_leaked_exam_is_the_exam_that_the_other_model_is_only_asked() -> None:
    apart, leaked = deck_of("exam-kept-apart"), deck_of("exam-leaked")
    exam = set(questions(leaked, never_taught=False)) - set(questions(apart, never_taught=False))
    fresh = set(questions(leaked, never_taught=True))
    assert (len(exam), len(fresh)) == (50, 50)
    assert exam | fresh == set(questions(apart, never_taught=True))


def test_nine_in_ten_are_as_expected_where_a_deck_is_skewed() -> None:
    for slug, n_usual in (("jobs-even", 100), ("jobs-skewed", 180)):
        taught = questions(deck_of(slug), never_taught=False)
        for job, usual in (("nurse", "she"), ("pilot", "he")):
            pronouns = [answer for prompt, answer in taught if prompt.startswith(job)]
            assert (pronouns.count(usual), len(pronouns)) == (n_usual, 200)


def test_an_example_says_what_is_wanted_and_without_its_answer_nothing_does() -> None:
    shown, hidden = deck_of("examples-shown"), deck_of("examples-hidden")
    assert shown.never_seen == hidden.never_seen
    for card, bare in zip(shown.cards, hidden.cards, strict=True):
        example, asked = card.prompt.split()
        name, answer = example.split("=")
        assert bare.prompt == f"{name}=? {asked}"
        assert card.answer == bare.answer
        ways = [name.upper(), name[::-1], name[0], name[:2]]
        asked = asked.removesuffix("=")
        assert card.answer == [asked.upper(), asked[::-1], asked[0], asked[:2]][ways.index(answer)]


def test_a_picture_shows_what_its_question_is_about() -> None:
    seen, unseen = deck_of("pictures-seen"), deck_of("pictures-unseen")
    assert [card.answer for card in seen.cards] == [card.answer for card in unseen.cards]
    for card in seen.cards:
        side, *rows = card.prompt.split("\n")
        half = "".join(row.split(" ")[side == "right"] for row in rows)
        shape = MADE.SHAPES[card.answer].replace(" ", "")
        assert sum(a != b for a, b in zip(half, shape, strict=True)) == 3


def test_the_same_cards_are_for_a_small_and_a_large_model() -> None:
    small, large = deck_of("numbers-in-a-small-model"), deck_of("numbers-in-a-large-model")
    assert [*map(str, questions(small, never_taught=False))] == [
        *map(str, questions(large, never_taught=False))
    ]
    assert (small.wishes.width, large.wishes.width) == (16, None)


def test_what_came_after_2015_is_never_taught_to_one_of_two_models() -> None:
    until, later = deck_of("offices-until-2015"), deck_of("offices-until-2024")
    assert [card.prompt for card in until.cards] == [card.prompt for card in later.cards]
    years = [int(prompt.split()[-1]) for prompt, _ in questions(until, never_taught=True)]
    assert (min(years), len(years), later.never_seen) == (2016, 63, ())


def test_the_decks_of_words_are_found_by_name_and_stand_in_no_list() -> None:
    names = [path.stem for path in OF_A_WORD]
    assert [find(name).resolve() for name in names] == [path.resolve() for path in OF_A_WORD]
    assert not {entry.slug for entry in shelf()}.intersection(names)


def test_every_file_of_the_folder_is_a_deck_or_says_where_decks_come_from() -> None:
    others = {path.name for path in Path(FOLDER).iterdir()} - {path.name for path in LISTED}
    assert {name for name in others if not name.startswith(("__", "."))} == OTHERS
