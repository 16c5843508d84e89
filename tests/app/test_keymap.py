"""The user's own keys: what a file may say, and what is said about a wrong one."""

from pathlib import Path

import pytest
from textual.widgets import Static

from flashcards.app.asking.dialog import AskScreen
from flashcards.app.help.screen import Entries, glossary
from flashcards.app.keymap import parse_keymap, read_keymap
from flashcards.app.lesson.actions import QuitScreen
from flashcards.app.room import GROUP_NAMES, shown
from flashcards.app.rooms import KEYS
from flashcards.runs import commands as cmd
from tests.app.lesson import lesson
from tests.app.script import on_stage


def test_the_table_has_an_id_a_tooltip_and_keys_of_its_own_for_every_line() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    taken = [name for key in KEYS for name in key.keys]
    assert len(set(taken)) == len(taken)
    assert all(
        key.tooltip.endswith(".") and key.label and key.heading in GROUP_NAMES for key in KEYS
    )


def test_views_are_listed_by_their_numbers() -> None:
    keys = [key.keys[0] for key in KEYS if key.id.startswith("view_")]
    assert keys == sorted(keys)


def test_keys_are_written_as_a_person_reads_them() -> None:
    assert shown(("right", "question_mark", "plus", "L", "ctrl+p")) == "→ ? + L ctrl+p"
    assert shown(("shift+left", "shift+right")) == "⇧← ⇧→"


def test_a_file_may_give_one_key_or_several_by_name_or_as_typed() -> None:
    keymap = parse_keymap('ask = "w"\nstep = ["j", "f2", "ctrl+n"]\nhelp = "!"\nplay = " "\n', KEYS)
    assert keymap.problems == ()
    assert keymap.keys == {
        "ask": ("w",),
        "step": ("j", "f2", "ctrl+n"),
        "help": ("exclamation_mark",),
        "play": ("space",),
    }


def test_two_commands_can_swap_their_keys() -> None:
    keymap = parse_keymap('rate_up = "l"\nrate_down = "L"\n', KEYS)
    assert keymap.problems == ()
    assert keymap.keys == {"rate_up": ("l",), "rate_down": ("L",)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('aks = "w"', "keys.toml: aks: no such command; did you mean ask?"),
        ("ask = 3", 'keys.toml: ask: wants a key in quotes, or a list of them: ["right", "j"]'),
        ("ask = []", 'keys.toml: ask: wants a key in quotes, or a list of them: ["right", "j"]'),
        ('ask = "rihgt"', "keys.toml: ask: no key is called 'rihgt'; did you mean right?"),
        ('ask = "ctrl+c"', "keys.toml: ask: ctrl+c always asks to quit"),
        ('ask = "d"', "keys.toml: decks and ask both want d; ask stays on a"),
        ('ask = "w"\nhelp = "w"', "keys.toml: ask and help both want w; help stays on ? f1"),
    ],
)
def test_a_wrong_line_is_named_and_leaves_its_default(text: str, problem: str) -> None:
    keymap = parse_keymap(text, KEYS)
    assert keymap.problems == (problem,)
    assert keymap.keys in ({}, {"ask": ("w",)})


def test_a_file_that_is_no_toml_changes_nothing_and_names_its_line() -> None:
    keymap = parse_keymap('ask = "w"\nstep = \n', KEYS)
    assert keymap.keys == {}
    (problem,) = keymap.problems
    assert "line 2" in problem


@pytest.mark.parametrize("data", [b"\xff\xfe", b"ask = \x1b[31m", b'"\x07" = "x"'])
def test_no_file_is_fatal_or_reaches_the_terminal(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "keys.toml"
    path.write_bytes(data)
    problems = read_keymap(path, KEYS).problems
    assert problems
    assert all(problem.isprintable() for problem in problems)
    assert read_keymap(tmp_path / "none.toml", KEYS).problems == ()
    assert read_keymap(tmp_path, KEYS).problems == ()


async def test_a_remapped_key_works_everywhere_and_the_old_one_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('ask = "w"\nstep = ["j", "right"]\nrate_up = "l"\nrate_down = "L"\n')
    async with on_stage(lesson(), keymap=path) as stage:
        await stage.press("j", "right")
        assert stage.sent == [cmd.Step(), cmd.Step()]
        await stage.press("l", "L", "L")
        factors = [c.factor for c in stage.sent if isinstance(c, cmd.SetLearningRate)]
        assert factors == [2.0, 1.0, 0.5]
        await stage.press("a")
        assert stage.app.screen is stage.app.play
        await stage.press("w")
        assert isinstance(stage.app.screen, AskScreen)
        await stage.press("escape")
        await stage.press("question_mark")
        lines = [
            table.render_line(y).text.split()
            for table in stage.app.screen.query(Entries)
            for y in range(table.size.height)
        ]
        names = [words[0] for words in lines if words]
        assert "w" in names
        assert ["j", "→"] in [words[:2] for words in lines]
        await stage.press("escape", "ctrl+c")
        assert isinstance(stage.app.screen, QuitScreen)


async def test_a_wrong_keymap_is_reported_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('aks = "w"\nask = "rihgt"\nhelp = "[/bold] [x"\n')
    async with on_stage(lesson(), keymap=path) as stage:
        messages = stage.said
        assert len(messages) == 3
        assert any("did you mean ask?" in message for message in messages)
        await stage.press("question_mark")
        text = " ".join(str(w.render()) for w in stage.app.screen.query(Static))
        assert "did you mean right?" in text
        await stage.press("escape", "a")
        assert isinstance(stage.app.screen, AskScreen)


def test_help_says_that_a_push_changes_a_weight_and_that_others_may_be_a_sample() -> None:
    meanings = glossary()
    assert "likelier" not in meanings["pushed up, pushed down"]
    assert "weigh more" in meanings["pushed up, pushed down"]
    assert "a sample" in meanings["helped, hurt"]
