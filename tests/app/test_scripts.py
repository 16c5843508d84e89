"""Every writing system: taught, asked, shown in its true width, with a picture each.
Terminals turn right-to-left text around, or don't; it takes the same cells, so columns are kept by
padding, and no direction mark is ever sent."""

from unicodedata import normalize

import pytest
from rich.cells import cell_len

from flashcards.app.widgets.cells import clusters, cut, padded, wrap
from flashcards.cards.format import parse
from flashcards.cards.grammar import as_taught
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import Tokenizer, train_tokenizer
from flashcards.runs import events as ev
from tests.app.lesson import correction, folded, lesson, started
from tests.app.pictures import check_picture
from tests.app.playing import show, showing

SCRIPTS: dict[str, tuple[str, str, str]] = {
    "greek": ("άνθρωπος", "άνθρωποι", "άνθρωπο"),
    "arabic": ("كتاب جديد", "كُتُبٌ", "كتب"),
    "hebrew": ("ספר חדש", "סְפָרִים", "ספרים"),
    "hindi": ("लड़का", "लड़के", "लडकी"),
    "chinese": ("学习", "學習", "学習"),
    "japanese": ("食べる", "食べた", "食べる"),
    "korean": ("먹다", "먹었다", "먹다"),
    "thai": ("น้ำ", "ดื่มน้ำ", "ดื่ม"),
    "emoji": ("👩🏽\u200d🚀 ❤️", "🇫🇷🏳️\u200d🌈👍🏿", "🇫🇷"),
    "marks": ("ẋ\u0323 q\u0308", "ṇ\u0303 m\u0302", "ñ"),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_read_cut_and_put_together_again(script: str) -> None:
    prompt, right, _ = SCRIPTS[script]
    parsed = parse(f"{prompt} :: {right}\nabc :: def\n".encode(), "x.deck")
    deck = parsed.deck
    assert deck is not None
    assert parsed.diagnostics == ()
    assert (deck.cards[0].prompt, deck.cards[0].answer) == (prompt, right)
    tokenizer = Tokenizer(train_tokenizer(deck, LearnerSettings.for_deck(deck)))
    for text in (prompt, right):
        assert tokenizer.text(tokenizer.encode(text)) == text
        assert tokenizer.unlearned([as_taught(normalize("NFD", text))]) == ()


@pytest.mark.parametrize("script", SCRIPTS)
def test_text_is_cut_wrapped_and_padded_by_cells_and_never_inside_a_letter(script: str) -> None:
    text = " ".join(SCRIPTS[script]) * 3
    whole = list(clusters(text))
    for width in range(1, 24):
        assert cell_len(cut(text, width)) <= width
        assert cell_len(padded(text, width)) == width
        kept = cut(text, width).removesuffix("…")
        assert any(kept == "".join(whole[:n]).rstrip(" ") for n in range(len(whole) + 1)), width
        assert width < 2 or all(cell_len(line) <= width for line in wrap(text, width, 50))


def scripted(script: str) -> list[ev.AnyEvent]:
    prompt, right, guess = SCRIPTS[script]
    one = correction(prompt, right, guess, section="", n_cards=1)
    return [
        started(name=script, shows=""),
        *lesson()[2:],
        ev.CorrectionMeasured(step=1284, correction=one),
    ]


async def test_a_script_from_right_to_left_has_a_picture_on_the_play_screen() -> None:
    """Others are cut and wrapped above; screenshots/apple.svg has an emoji."""
    async with showing(folded(lesson())) as app:
        await show(app, folded(scripted("arabic")))
        await check_picture(app, "scripts-arabic")
