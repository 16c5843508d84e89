"""Pictures of the dialogs in front of a scripted lesson."""

import pytest
from textual.widgets import OptionList

from flashcards.app.help.help_screen import seen_on
from flashcards.app.widgets.dialog import Choice, ChoiceScreen
from flashcards.runs import events as ev
from tests.app.lesson import lesson
from tests.app.pictures import check_pictures
from tests.app.script import on_stage


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        ("question_mark", (80, 24)),
        (":paste", (120, 40)),
        pytest.param("q", (80, 24), marks=pytest.mark.slow),
        pytest.param("a", (120, 40), marks=pytest.mark.slow),
    ],
)
async def test_no_notice_lies_over_what_is_read(keys: str, size: tuple[int, int]) -> None:
    async with on_stage(lesson(), size) as stage:
        await stage.press(keys)
        await stage.until(lambda: len(stage.app.screen_stack) > 1)
        stage.app.session.notify("somewhere else", timeout=60)
        await stage.until(lambda: bool(stage.app.screen.query("Toast")))
        (toast,), (dialog,) = map(stage.app.screen.query, ("Toast", ".dialog, .page"))
        assert not toast.display or 0 < toast.region.bottom <= dialog.region.y
        await stage.press("escape")


async def test_leaving_and_help_look_as_they_should() -> None:
    happened = [*lesson(), ev.StateSaved(step=1250, file="resume")]
    async with on_stage(happened) as stage:
        await stage.press("q")
        await check_pictures(stage, "quit")
        await stage.press("escape", "question_mark")
        await stage.resize((120, 40))
        await check_pictures(stage, "help")
        await stage.press("end")
        scroll = stage.app.screen.query_one("VerticalScroll")
        await stage.until(lambda: scroll.scroll_y == scroll.max_scroll_y > 0)
        rows = "\n".join(stage.rows())
        assert "This lesson" in rows
        assert "0.02, now ×1" in rows


async def test_in_a_long_list_a_letter_goes_to_the_next_choice_that_begins_with_it() -> None:
    names = ["Bias", *(f"word {n}" for n in range(2, 11)), "Backdoor", "back"]
    choices = tuple(Choice(name, "", name) for name in names)
    async with on_stage(lesson()) as stage:
        stage.app.push_screen(screen := ChoiceScreen("Words", "", choices))
        await stage.until(lambda: stage.app.screen is screen and screen.is_mounted)
        options = screen.query_one(OptionList)
        marked = []
        for key in ("b", "b", "b", "w", "x"):
            await stage.press(key)
            marked.append(names[options.highlighted or 0])
        assert marked == ["Backdoor", "back", "Bias", "word 2", "word 2"]
        rows = [row.split("│")[1].strip() for row in stage.rows() if row.count("│") > 1]
        assert "1  Bias" in rows
        first = rows.index("9  word 9")
        assert rows[first : first + 3] == ["9  word 9", "word 10", "Backdoor"]
        await stage.press("enter")


async def test_the_words_of_the_view_in_front_are_explained_and_no_others() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("question_mark")
        words = stage.app.screen.query_one("Entries")
        names = [words.render_line(y).text for y in range(words.size.height)]
        assert any(name.startswith("■ TAUGHT") for name in names)
        assert not any(name.startswith("you can ask it") for name in names)
        await stage.press("escape", "question_mark", "question_mark")
        assert stage.app.screen is stage.app.play


def test_a_word_is_found_as_a_word_and_in_any_of_its_forms() -> None:
    names = {"head": "an eye", "likelier, less likely": "pieces", "step": "an update"}
    assert seen_on("ahead of step 3, less likely", names) == [
        ("likelier, less likely", "pieces"),
        ("step", "an update"),
    ]
