"""Every translated sentence is one of the source; what is not translated stays English."""

import ast
import functools
import re
import string
import textwrap
import tomllib
from typing import get_args

import pytest

from flashcards.app.help.help_screen import glossary
from flashcards.app.rooms import KEYS
from flashcards.base.language import LANGUAGES, VARIABLE, catalogue, format_number, tr
from flashcards.cards.format import parse
from flashcards.cards.shelf import shelf, texts, word_decks
from flashcards.doctor.diagnosis import diagnose
from flashcards.runs.values import BetQuestion, DeckNote, NoteKind, Score
from flashcards.runs.verdict import Verdict, fraction, percent
from flashcards.wording import bets, facts, numbers
from flashcards.wording.facts import note, quoted
from tests.source import PACKAGE, trees

MODULE = "flashcards.base.language"
TOLD_OF_DECKS = ("because", "description", "topic")
TRANSLATED = [language for language in LANGUAGES if language != "en"]


@functools.cache
def said(tree: ast.Module) -> frozenset[str]:
    """The sentences that are asked for with `say`, where that is the one of this program."""
    if not any(isinstance(n, ast.ImportFrom) and n.module == MODULE for n in ast.walk(tree)):
        return frozenset()
    return frozenset(
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "tr"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


@functools.cache
def said_in_templates() -> frozenset[str]:
    templates = (PACKAGE / "templates").glob("*.html")
    texts = [path.read_text(encoding="utf-8") for path in templates]
    return frozenset(text for page in texts for text in re.findall(r'\btr\("([^"]*)"', page))


@functools.cache
def deck_texts(key: str) -> tuple[str, ...]:
    """The texts that the bundled decks have under this key of their front matter."""
    decks = [*shelf(), *texts()]
    if key == "description":  # phones show it while a word of the week begins
        decks += word_decks()
    return tuple(text for deck in decks if (text := getattr(deck.meta, key)))


@functools.cache
def class_questions() -> tuple[str, ...]:
    found = tomllib.loads((PACKAGE / "report" / "questions.toml").read_text(encoding="utf-8"))
    return tuple(text for question in found.values() for text in question.values())


@functools.cache
def strings(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translated_sentence_is_in_the_source(language: str) -> None:
    known = said_in_templates().union(*(strings(tree) for tree in trees().values()))
    known |= {*class_questions(), *glossary(), *glossary().values()}
    known = known.union(*map(deck_texts, TOLD_OF_DECKS))
    assert [text for text in catalogue(language) if text not in known] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_those_of_the_source(language: str) -> None:
    differing = [
        text
        for text, translation in catalogue(language).items()
        if placeholders(text) != placeholders(translation)
    ]
    assert differing == []


@pytest.mark.parametrize(("language", "floor"), [("de", 0.97), ("es", 0.97)])
def test_the_share_that_is_translated(language: str, floor: float) -> None:
    parsed, translated = trees(), set(catalogue(language))
    everything = set(said_in_templates()).union(*map(said, parsed.values()))
    everything |= {text for key in KEYS if key.label for text in (key.label, key.tooltip)}
    everything |= set(glossary().values())
    share = len(everything & translated) / len(everything)
    print(f"{language}: {share:.1%} of {len(everything):,} sentences")
    assert share >= floor, sorted(everything - translated)
    verdicts = said(parsed["wording/facts.py"])
    assert verdicts | said_in_templates() <= translated
    assert len(deck_texts("because")) >= 4
    for key in TOLD_OF_DECKS:
        assert set(deck_texts(key)) <= translated
    assert set(class_questions()) <= translated


def test_an_unknown_sentence_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tr("showing {n:,}", n=1284) == "showing 1,284"
    assert tr("a {brace} stays where nothing is filled in") == (
        "a {brace} stays where nothing is filled in"
    )
    monkeypatch.setenv(VARIABLE, "de")
    assert tr("help") == "Hilfe"
    assert tr("nobody translated {this}", this="that") == "nobody translated that"
    monkeypatch.setenv(VARIABLE, "xx")
    assert tr("help") == "help"


@pytest.mark.parametrize("language", TRANSLATED)
def test_numbers_have_their_languages_signs(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{n:,} cards in {s:.1f} s, {rate:,.0f} a second."
    assert tr(text, n=12345, s=6.5, rate=1899.2) == "12,345 cards in 6.5 s, 1,899 a second."
    monkeypatch.setenv(VARIABLE, language)
    said = tr(text, n=12345, s=6.5, rate=1899.2)
    assert [word for word in said.split() if word[0].isdecimal()] == ["12.345", "6,5", "1.899"]
    assert tr("nobody translated {x:,.2f}", x=1234.5) == "nobody translated 1.234,50"
    assert tr("nobody translated {x} of {name}", x=2.5, name="v1.2,3") == (
        "nobody translated 2,5 of v1.2,3"
    )


@pytest.mark.parametrize("language", TRANSLATED)
def test_numbers_alone_have_the_signs_too(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def written() -> list[str]:
        return [
            format_number(1234.5, ",.1f"),
            numbers.chance(0.0361),
            numbers.chance(0.00001),
            numbers.small_percent(0.0000991),
            numbers.odds(1 / 604_000),
            " ▸ ".join(numbers.odds_pair(0.3611, 0.3642)),
            numbers.nats(3.284),
            numbers.signed(-0.0412),
            numbers.count(12_345_678),
            numbers.count(1284),
            numbers.small(0.84),
            percent(0.951),
            fraction(Score(2998, 3185)),
        ]

    english = written()
    assert english[:2] == ["1,234.5", "3.6 %"]
    monkeypatch.setenv(VARIABLE, language)
    swapped = [text.translate(str.maketrans(",.", ".,")) for text in english]
    named = (4, 8)
    assert [text for i, text in enumerate(written()) if i not in named] == [
        text for i, text in enumerate(swapped) if i not in named
    ]
    assert written()[4].split()[-1] == "604.000"
    assert written()[8] == {"de": "12,3 Mio", "es": "12,3 M"}[language]


def test_the_ends_of_a_change_have_each_their_unit_in_a_sentence() -> None:
    assert numbers.odds_apart(1 / 214e6, 1 / 174e6) == ("1 in 214 million", "1 in 174 million")
    assert numbers.odds_apart(0.361, 0.364) == ("36.1 %", "36.4 %")
    assert numbers.odds_apart(1e-13, 2e-13) == ("1 in 1.0·10¹³", "1 in 0.5·10¹³")
    assert numbers.odds_apart(None, 0.5) == ("–", "50 %")


@pytest.mark.parametrize(("language", "written"), [("en", "“a”"), ("de", "„a“"), ("es", "«a»")])
def test_quotes_are_its_own(language: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    assert quoted(" a ") == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_goes_into_a_deck_is_english(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    parsed = parse("\n".join(f"{n}-1 :: {n - 1}" for n in range(100, 200)).encode(), "x.deck")
    assert parsed.deck is not None
    assert any("held_out = 0.2" in line for line in diagnose(parsed.deck, []).advice)


def test_verdicts_come_in_the_language_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    memorised = Verdict("memorised", Score(50, 50), Score(0, 20))
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    for language, words in (
        ("de", "Auswendig gelernt: 50/50 gelehrte richtig"),
        ("es", "Ha memorizado: 50/50 enseñadas bien"),
        ("", "It has memorised: 50/50 taught right"),
    ):
        monkeypatch.setenv(VARIABLE, language)
        assert facts.verdict(memorised).startswith(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_it_can_not_be_answered_fits(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, language)
    assert len(tr("waking the model")) <= 18, "the card is so wide"
    for reason in deck_texts("because"):
        memorised = Verdict("memorised", Score(100, 100), Score(0, 20), because=reason)
        said = tr("So far: {verdict}", verdict=facts.verdict(memorised))
        assert len(textwrap.wrap(said, 76)) <= 2, said


def test_sections_have_names_in_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    bet = BetQuestion(kind="first", names=("regular", "my own"))
    monkeypatch.setenv(VARIABLE, "de")
    assert bets.choice(bet, "one") == "regelmäßig"
    assert bets.choice(bet, "other") == "my own"
    monkeypatch.setenv(VARIABLE, "es")
    assert bets.choice(bet, "one") == "regulares"


def test_notes_are_worded_where_they_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    leak = DeckNote("leak_swapped", ("1+2", "2+1"), 3)
    assert note(leak).startswith("“1+2”")
    monkeypatch.setenv(VARIABLE, "de")
    assert note(leak).startswith("„1+2“")
    for kind in get_args(NoteKind):
        said = note(DeckNote(kind, ("a", "b"), 2))
        monkeypatch.setenv(VARIABLE, "en")
        assert said != note(DeckNote(kind, ("a", "b"), 2))
        monkeypatch.setenv(VARIABLE, "de")
