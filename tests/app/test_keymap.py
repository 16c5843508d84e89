"""The user's own keys: what a file may say, and what is said about a wrong one."""

from pathlib import Path

import msgspec
import pytest
from textual.keys import format_key
from textual.screen import ModalScreen
from textual.widgets import Static

from flashcards.app.asking.ask_screen import AskScreen
from flashcards.app.help.search import best_first, commands, decks, words
from flashcards.app.keymap import Keymap, parse_keymap, read_keymap
from flashcards.app.lesson.lesson_actions import QuitScreen
from flashcards.app.room import keys_as_text, load
from flashcards.app.rooms import KEYS
from flashcards.base.language import LANGUAGES, VARIABLE, tr
from flashcards.runs import commands as cmd
from flashcards.runs.events import RunPaused
from tests import golden
from tests.app.lesson import lesson
from tests.app.script import on_stage


def given(keymap: Keymap) -> dict[str, tuple[str, ...]]:
    return {id_: keys for id_, keys in keymap.keys.items() if keys}


ARROWS = ("left", "right", "enter")


def test_the_table_has_an_id_a_tooltip_and_keys_of_its_own_for_every_line() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    taken = [name for key in KEYS for name in key.keys]
    assert len(set(taken)) == len(taken)
    assert all(key.tooltip.endswith(".") for key in KEYS if key.label)


def test_what_each_line_does_exists() -> None:
    done = [key.does for key in KEYS if not key.does.startswith(("view:", "app:"))]
    assert all(callable(load(name)) for name in done)


def test_sixteen_letters_and_signs_act_in_a_lesson_and_a_few_more_where_they_are_shown() -> None:
    acting: dict[str, list[str]] = {
        view: [] for view in ("", "lesson", "memory", "update", "reward")
    }
    for key in KEYS:
        acting[key.view] += [n for n in key.keys if len(format_key(n)) == 1 and n not in ARROWS]
    everywhere = [name for name in acting[""] if not name.isdecimal()]
    assert len(everywhere) == 16
    assert sorted(everywhere) == sorted(name.lower() for name in everywhere)
    assert {view: "".join(map(format_key, names)) for view, names in acting.items() if view} == {
        "lesson": "",
        "memory": "tmc",
        "update": ",",
        "reward": "xw",
    }
    # only a talk has a function key, for when its trainer dies
    assert [key.id for key in KEYS if any(name[1:].isdecimal() for name in key.keys)] == ["net"]


@pytest.mark.slow
async def test_a_word_typed_into_a_lesson_changes_nothing() -> None:
    async with on_stage(lesson()) as stage:
        for word in ("hello", "Lernen", "quick", "gross", "taste", "zebra", "pause"):
            await stage.press(*word, "escape", "escape")
        await stage.say(RunPaused(step=1284))  # the bet opens, and takes the keys that wait for it
        await stage.until(lambda: not isinstance(stage.app.screen, ModalScreen))
        assert [c for c in stage.sent if not isinstance(c, cmd.Pause | cmd.Play)] == []
        assert len(stage.teachers) == 1
        assert stage.teachers[-1].stopped == []
        stage.app.action_do("theme")
        await stage.until(lambda: isinstance(stage.app.screen, ModalScreen))


async def test_one_key_takes_back_rate_order_speed_and_another_deck() -> None:
    async with on_stage(lesson()) as stage:
        session, request = stage.app.session, stage.app.session.run.request
        await stage.press(":rate_up", ":order", "minus")
        stage.sent.clear()
        await stage.press("ctrl+z", "ctrl+z", "ctrl+z")
        assert stage.sent == [
            cmd.SetSpeed(speed="full"),
            cmd.SetOrder(order="shuffled"),
            cmd.SetLearningRate(factor=1.0),
        ]
        session.open_deck("another")
        await stage.settle()
        await stage.press("ctrl+z")
        assert session.run.request == msgspec.structs.replace(request, resume="r")
        await stage.press("ctrl+z")
        assert len(stage.teachers) == 3
        assert stage.said[-1] == golden.words("screen: nothing back")


async def test_plain_words_of_three_languages_find_what_has_no_key() -> None:
    async with on_stage(lesson()) as stage:
        session = stage.app.session
        entries = [*commands(session), *words(session), *decks(session)]
        for query, name in {
            "halve": "halve",
            "too high breaks": "double",
            "verdoppeln": "double",
            "tasa": "halve",
            "deshacer": "undo",
            "handys": "phones",
            "addition": "deck: Two-digit addition",
            "never taught": "◆ NEVER TAUGHT",
        }.items():
            assert name in [entry.name for entry in best_first(entries, query)], query


def old_keymap() -> str:
    """The lines that bring the letters of earlier versions back, from the page about keys."""
    page = (Path(__file__).parents[2] / "docs" / "keys.md").read_text("utf-8")
    return page.split("```toml\n")[2].split("```")[0]


async def test_an_old_keymap_brings_single_keys_back(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(old_keymap())
    async with on_stage(lesson(), keymap=path) as stage:
        assert stage.said == []
        await stage.press("L", "l")
        factors = [c.factor for c in stage.sent if isinstance(c, cmd.SetLearningRate)]
        assert factors == [2.0, 1.0]
        await stage.press("p")
        assert isinstance(stage.sent[-1], cmd.Pin)
        await stage.press("t")
        assert stage.app.view_name == "memory"
        assert stage.app.session.key("bet") == "B"


def test_keys_are_written_as_a_person_reads_them() -> None:
    assert keys_as_text(("right", "question_mark", "plus", "L", "ctrl+p")) == "→ ? + L ctrl+p"
    assert keys_as_text(("shift+left", "shift+right")) == "⇧← ⇧→"


def test_a_file_may_give_one_key_or_several_by_name_or_as_typed() -> None:
    keymap = parse_keymap('ask = "w"\nstep = ["j", "f2", "ctrl+n"]\nhelp = "!"\nplay = " "\n', KEYS)
    assert keymap.problems == ()
    assert given(keymap) == {
        "ask": ("w",),
        "step": ("j", "f2", "ctrl+n"),
        "help": ("exclamation_mark",),
        "play": ("space",),
    }


def test_two_commands_can_swap_their_keys() -> None:
    keymap = parse_keymap('rate_up = "l"\nrate_down = "L"\n', KEYS)
    assert keymap.problems == ()
    assert given(keymap) == {"rate_up": ("l",), "rate_down": ("L",)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('aks = "w"', "keys.toml: aks: no such command; did you mean ask?"),
        ("ask = 3", f"keys.toml: ask: {golden.words('screen: wants keys')}"),
        ("ask = []", f"keys.toml: ask: {golden.words('screen: wants keys')}"),
        ('ask = "rihgt"', f"keys.toml: ask: {golden.words('screen: unknown key')}"),
        ('ask = "ctrl+c"', f"keys.toml: ask: {golden.words('screen: quits')}"),
        ('ask = "w"\nhelp = "w"', "keys.toml: ask and help both want w; help stays on ?"),
    ],
)
def test_a_wrong_line_is_named_and_leaves_its_default(text: str, problem: str) -> None:
    keymap = parse_keymap(text, KEYS)
    assert keymap.problems == (problem,)
    assert given(keymap) in ({}, {"ask": ("w",)})


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
            for table in stage.app.screen.query("Entries")
            for y in range(table.size.height)
        ]
        names = [words[0] for words in lines if words]
        assert "w" in names
        assert ["j", "card"] in [words[:2] for words in lines]
        await stage.press("escape", "ctrl+c")
        assert isinstance(stage.app.screen, QuitScreen)


async def test_a_wrong_keymap_is_reported_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('aks = "w"\nask = "rihgt"\nhelp = "[/bold] [x"\n')
    async with on_stage(lesson(), keymap=path) as stage:
        messages = stage.said
        assert len(messages) == 3
        meant = golden.words("screen: did you mean", close="ask")
        assert any(meant in message for message in messages)
        await stage.press("question_mark")
        text = " ".join(str(w.render()) for w in stage.app.screen.query(Static))
        assert golden.words("screen: did you mean", close="right") in text
        await stage.press("escape", "a")
        assert isinstance(stage.app.screen, AskScreen)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_sentence_about_a_key_begins_with_a_word_and_never_with_its_sign(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage(lesson()) as stage:
        session = stage.app.session
        texts = {key.id: session.press(key.id) for key in KEYS}
        assert all(text[0].isalpha() for text in texts.values())
        assert tr("full stop") in texts["phase_next"]
        typed = tr(golden.words("screen: press typed"), key=":", command=tr("rehearse"))
        assert texts["rehearse"] == typed
