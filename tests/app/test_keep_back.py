"""A lesson that teaches every card says so, and begins anew with some of them kept back."""

from pathlib import Path

import pytest

from flashcards.app.audience.shared_lesson import facts_of
from flashcards.app.decks.keeping import KeepingLine, KeepingView
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.memory.memory_view import MemoryView, ScoreTable
from flashcards.app.widgets.bars import ScoreBars, ScoresView
from flashcards.app.widgets.dialog import ChoiceScreen
from flashcards.app.widgets.frame import VerdictLine
from flashcards.base.language import LANGUAGES, VARIABLE, tr
from flashcards.cards.format import parse
from flashcards.cards.split import KeepBack
from flashcards.runs import events as ev, values as val
from flashcards.runs.verdict import Verdict
from flashcards.wording import facts
from tests import told
from tests.app.drawn import plain
from tests.app.lesson import folded, started
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage
from tests.golden import words

WORDS = "".join(f"word{n} :: Wort{n}\n" for n in range(40))
NONE_KEPT_BACK = Verdict("few_never_seen", val.Score(40, 40), val.Score(0, 0))
KEEPS_BACK = "Press : and type keep back"


def all_known(path: Path, n_held_out: int = 0) -> list[ev.AnyEvent]:
    """A lesson in which every card was taught and is right."""
    n_taught = 40 - n_held_out
    place = {"deck": path.stem, "deck_path": str(path), "folder": str(path.parent)}
    return [
        started(n_taught, n_held_out, seed=7, **place),
        told.exam(50, (n_taught, n_taught), (0, n_held_out)),
        told.steps(50),
    ]


def written(path: Path, text: str = WORDS) -> Path:
    path.write_text(text, "utf-8")
    return path


async def asked_to_keep_back(stage: Stage) -> str:
    await stage.press(":keep_back")
    await stage.until(lambda: isinstance(stage.app.screen, ChoiceScreen))
    return str(stage.app.screen.query_one(".dialog-text").render())


@pytest.mark.slow
async def test_the_views_say_that_nothing_was_kept_back_and_offer_it(places: Path) -> None:
    path = written(places / "here" / "words.deck")
    async with on_stage(all_known(path)) as stage:
        assert facts.kept_back_by(KEEPS_BACK) in stage.text(ScoreBars)
        assert words("screen: none kept") in stage.text(ScoreBars)
        assert "0/0" not in "".join(stage.rows())
        await stage.press("3")
        await stage.until(lambda: isinstance(stage.app.screen, MemoryView))
        assert "0 kept back" in stage.text(ScoreTable)
        assert facts.verdict(NONE_KEPT_BACK, keeps_back=KEEPS_BACK) in stage.text(VerdictLine)
        stage.app.session.is_offering = False  # as in a talk
        assert stage.app.front is not None
        assert stage.app.front.keeps_back == ""
    async with on_stage(all_known(path, 18)) as stage:
        assert facts.kept_back_by(KEEPS_BACK) not in stage.text(ScoreBars)
        assert "type keep back" not in "".join(stage.rows())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offer_fits_where_the_score_would_stand(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    view = ScoresView(
        n_held_out=0,
        keeps_back=tr("Press {key} and type {command}", key=":", command=tr("keep back")),
    )
    row = plain(ScoreBars().draw(view, 76, 2))[1]
    assert tr("keep back") in row
    assert "…" not in row


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_that_offers_it_where_a_deck_is_written_fits(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    for view in (
        KeepingView(1_000, offer=KeepBack(0.1, 105)),
        KeepingView(39, offer=KeepBack(0.1, 19)),
        KeepingView(1_000, 105, has_share=True),
    ):
        (line,) = plain(KeepingLine().draw(view, 76, 1))
        assert "F3" in line
        assert "…" not in line


def shown(stage: Stage) -> str:
    return " ".join(" ".join(stage.rows()).split())


async def test_humans_have_nothing_to_guess_and_are_told_why(places: Path) -> None:
    path = written(places / "here" / "words.deck")
    async with on_stage(all_known(path)) as stage:
        await stage.press(":humans")
        await stage.until(lambda: "guess. Press : and type keep back to test it." in shown(stage))


def test_phones_are_told_that_nothing_was_kept_back(places: Path) -> None:
    lesson = facts_of(folded(all_known(places / "words.deck")), is_stalled=False)["lesson"]
    assert lesson["unseen"] == ""
    assert facts.verdict(NONE_KEPT_BACK) in str(lesson["sentence"])
    assert ":keep" not in str(lesson["sentence"]), "a phone can't do it"


async def test_some_are_kept_back_in_the_deck_and_the_lesson_begins_anew(places: Path) -> None:
    path = written(places / "here" / "words.deck")
    async with on_stage(all_known(path)) as stage:
        said = await asked_to_keep_back(stage)
        assert words("screen: keep back", n=22, n_cards=40) in "".join(stage.rows())
        assert words("screen: gets line", name="words.deck") in said
        await check_pictures(stage, "keep-back")
        await stage.press("2")
        await stage.until(lambda: isinstance(stage.app.screen, PlayScreen))
        assert path.read_text("utf-8") == WORDS
        await asked_to_keep_back(stage)
        await stage.press("1")
        await stage.until(lambda: len(stage.teachers) == 2)
        deck = parse(path.read_bytes(), path.name).deck
        assert deck is not None
        assert len(deck.never_seen) == 22
        request = stage.teachers[-1].request
        assert (request.deck, request.seed, request.resume) == (str(path), 7, None)


async def test_of_a_shipped_deck_a_copy_keeps_some_back(places: Path) -> None:
    path = written(places / "shipped" / "words.deck")
    copy = places / "own" / "decks" / "my-words.deck"
    async with on_stage(all_known(path)) as stage:
        gets = words("screen: copy gets", name="my-words.deck")
        assert gets in await asked_to_keep_back(stage)
        assert not copy.exists()
        await stage.press("1")
        await stage.until(lambda: len(stage.teachers) == 2)
        assert "held_out = 0.5" in copy.read_text("utf-8")
        assert path.read_text("utf-8") == WORDS
        assert stage.teachers[-1].request.deck == str(copy)


async def test_a_deck_that_keeps_some_back_by_now_is_taught_as_it_is(places: Path) -> None:
    text = "+++\nheld_out = 0.2\n+++\n" + WORDS
    path = written(places / "here" / "words.deck", text)
    async with on_stage(all_known(path)) as stage:
        await asked_to_keep_back(stage)
        await stage.press("1")
        await stage.until(lambda: len(stage.teachers) == 2)
        assert path.read_text("utf-8") == text


@pytest.mark.parametrize("text", ["one :: un\n", "no card at all\n"])
async def test_a_deck_of_which_none_can_be_kept_back_is_left_alone(places: Path, text: str) -> None:
    path = written(places / "here" / "words.deck", text)
    async with on_stage(all_known(path)) as stage:
        await stage.press(":keep_back")
        await stage.until(lambda: bool(stage.said))
        assert isinstance(stage.app.screen, PlayScreen)
        assert path.read_text("utf-8") == text
