"""The last line of a view: keys by their names in the language, and always the one that leaves."""

import itertools

import pytest
from msgspec.structs import replace

from flashcards.app.room import keys_as_text
from flashcards.app.widgets.frame import fitting_keys
from flashcards.base.language import LANGUAGES, VARIABLE, tr
from flashcards.runs.events import CorrectionMeasured
from flashcards.runs.values import PHASES, GuessPiece
from flashcards.wording import updates
from tests.app.lesson import lesson
from tests.app.recorded import SIZES, before_walking, in_phase
from tests.app.script import on_stage

EVERYWHERE = list(itertools.product(LANGUAGES, SIZES))


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
async def test_every_view_names_the_key_that_leaves(
    language: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson(), size, deck="capitals") as stage:
        for key in "12345678":
            await stage.press(key)
            assert f"q {tr('quit')}" in stage.rows()[-1], f"view {key}"


@pytest.mark.parametrize(("language", "size"), EVERYWHERE)
async def test_every_phase_names_the_key_that_leaves(
    language: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(before_walking(), size) as stage:
        await stage.press("4")
        for phase in PHASES:
            await stage.say(*in_phase(phase))
            for depth in ("plain", "deep"):
                assert f"q {tr('quit')}" in stage.rows()[-1], f"{phase}, {depth}"
                await stage.press("enter")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_lesson_names_all_its_keys_at_80_columns(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson(), (80, 24)) as stage:
        last = stage.rows()[-1]
        for key, label in (("space", "pause"), ("full_stop", "explain"), ("tab", "less")):
            assert f"{keys_as_text((key,))} {tr(label)}" in last
        for label in ("ask", "search", "help", "quit"):
            assert f" {tr(label)}" in last


@pytest.mark.parametrize("width", [30, 50])
async def test_on_a_narrow_screen_the_key_that_leaves_is_named_behind_what_fits(width: int) -> None:
    async with on_stage(lesson(), (width, 24)) as stage:
        last = stage.rows()[-1]
        assert last.startswith(f" space {tr('pause')}")
        assert last.rstrip().endswith(f" q {tr('quit')}")


def test_keys_that_do_not_fit_stand_closer_then_the_later_ones_go() -> None:
    keys = [[(" a ask ", "")], [(" b bet ", "")], [(" q quit ", "")]]
    written = {
        width: "".join(row[0][0] for _, row in fitting_keys(keys, 2, width))
        for width in (22, 21, 20, 19, 14, 13, 8)
    }
    assert written == {
        22: " a ask  b bet  q quit ",
        21: " a ask b bet q quit",
        20: " a ask b bet q quit",
        19: " a ask q quit",
        14: " a ask q quit",
        13: " q quit",
        8: " q quit",
    }


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", "space home pgdn ⇧← ctrl+z M"),
        ("de", "Leertaste Pos1 Bild↓ ⇧← Strg+z M"),
        ("es", "espacio Inicio AvPág ⇧← Ctrl+z M"),
    ],
)
def test_keys_have_the_names_of_the_language(
    language: str, names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    assert keys_as_text(("space", "home", "pagedown", "shift+left", "ctrl+z", "M")) == names


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_phase_is_cut_off_at_80_columns(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(before_walking(), (80, 24)) as stage:
        await stage.press("4")
        for phase in PHASES:
            await stage.say(*in_phase(phase))
            for _ in ("plain", "deep"):
                assert [row for row in stage.rows() if "…" in row] == []
                await stage.press("enter")


def guess_of(text: str) -> tuple[GuessPiece, ...]:
    return tuple(GuessPiece(letter, 0.4) for letter in text)


REPEATED = {  # what it says after the correction, and how likely the right answer was and is
    "still wrong": ("misunderstanded", 0.31, 0.33),
    "right now": ("misunderstood", 0.31, 0.33),
    "worse": ("misunderstanded", 0.33, 0.31),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", REPEATED)
async def test_repeat_is_whole_after_a_long_guess(
    outcome: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    said, before, now = REPEATED[outcome]
    async with on_stage(before_walking(), (80, 24)) as stage:
        await stage.press("4")
        for phase in PHASES:
            await stage.say(*in_phase(phase))
        at_repeat = stage.app.session.state.card.now
        assert at_repeat is not None
        assert at_repeat.change is not None
        change = replace(at_repeat.change, probability_before=before, probability_after=now)
        long = replace(
            at_repeat,
            prompt="misunderstand",
            answer="misunderstood",
            guess=guess_of("misunderstanded"),
            guess_after=guess_of(said),
            change=change,
        )
        await stage.say(CorrectionMeasured(step=606, correction=long))
        rows = stage.rows()
        assert [row for row in rows if "…" in row] == []
        last = updates.ripple(change)
        assert any(last.split()[-1] in row for row in rows[-4:-1])
        assert any(row.strip().startswith(f"= 3 {tr('unchanged')}") for row in rows)
