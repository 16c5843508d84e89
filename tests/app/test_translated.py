"""German and Spanish on the screen: whole lines, names apart from what follows, sections' names."""

from pathlib import Path

import pytest

from flashcards.app.cards.card_page import GuessList
from flashcards.base.language import VARIABLE
from flashcards.doctor.diagnosis import of_file
from tests.app.card_rows import N_CARDS, answer, card, with_sections
from tests.app.lesson import lesson
from tests.app.script import on_stage

DECK = """+++
name = "verbs"
ask = "The past tense of {prompt} is"
+++
[regular]
walk :: walked
"""


@pytest.mark.parametrize(
    ("language", "key", "label"), [("de", "Leertaste", "los"), ("es", "espacio", "sigue")]
)
async def test_help_keeps_a_space_behind_the_longest_key(
    language: str, key: str, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press("question_mark")
        assert any(f"  {key} {label}" in row for row in stage.rows())


@pytest.mark.parametrize(("language", "closes"), [("de", "Esc fertig"), ("es", "Esc cierra")])
async def test_the_keys_of_asking_are_not_cut_off(
    language: str, closes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson(), (80, 24)) as stage:
        await stage.press("a")
        assert any(closes in row for row in stage.rows())


@pytest.mark.parametrize(("language", "irregular"), [("de", "unregelmäßig"), ("es", "irregulares")])
async def test_a_cards_page_names_its_section_in_the_language(
    language: str, irregular: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with with_sections(folder=tmp_path) as stage:
        await stage.press("2")
        await answer(stage, N_CARDS, card)
        await stage.press("enter")
        await stage.until(lambda: bool(stage.app.screen.query(GuessList)))
        assert any(f" {irregular} ─" in row for row in stage.rows())


@pytest.mark.parametrize(
    ("language", "section", "quoted"),
    [("de", "regelmäßig 1", "„The"), ("es", "regulares 1", "«The")],
)
def test_the_deck_doctor_speaks_the_language(
    language: str, section: str, quoted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    (tmp_path / "verbs.deck").write_text(DECK, "utf-8")
    facts = [fact.text for fact in of_file(tmp_path / "verbs.deck").facts]
    assert section in facts
    assert any(text.startswith(quoted) for text in facts)
