"""The app with a scripted teacher: what each key sends, what it says and wears."""

from pathlib import Path

import pytest
from textual.widgets._toast import Toast

from flashcards.app import app
from flashcards.app.asking.ask_screen import AskScreen
from flashcards.app.density import Density
from flashcards.app.help.help_screen import HelpScreen
from flashcards.app.help.search import commands
from flashcards.app.room import load
from flashcards.app.rooms import BY_ID
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.app.widgets.dialog import LineDialog
from flashcards.app.widgets.frame import Footer
from flashcards.base.language import VARIABLE
from flashcards.cards.shelf import updates_of
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.runs.folder import RunFolder
from tests import told
from tests.app.lesson import ENDED, correction, lesson, started
from tests.app.saved_run import a_run
from tests.app.script import on_stage
from tests.golden import check_words, words

MINUTE = cmd.SetSpeed(speed="full", n_in_minute=updates_of("past-tense"))


@pytest.mark.parametrize("view", ["1", "2"])
async def test_a_key_sends_exactly_its_command(view: str) -> None:
    commands: list[tuple[str, cmd.AnyCommand]] = [
        ("space", cmd.Pause()),
        ("right", cmd.Step()),
        ("minus", MINUTE),
        ("plus", cmd.SetSpeed(speed="full")),
        (":rate_down", cmd.SetLearningRate(factor=0.5)),
        (":rate_up", cmd.SetLearningRate(factor=1.0)),  # twice the rate that was asked for last
        (":rate_up", cmd.SetLearningRate(factor=2.0)),
    ]
    async with on_stage(lesson()) as stage:
        await stage.press(view)
        for key, command in commands:
            stage.sent.clear()
            await stage.press(key)
            assert stage.sent == [command], key


async def test_what_keys_do_is_loaded_once_there_is_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def loading(name: str) -> object:
        loaded.append(name)
        return load(name)

    monkeypatch.setattr(app, "load", loading)
    for happened in (lesson()[:1], lesson()):
        assert "help.help_screen:show_help" not in loaded
        async with on_stage(happened) as stage:
            stage.app.has_all_styles = False
            for _ in range(80):
                stage.app.tick()
            assert stage.app.has_all_styles is (len(happened) > 1)
    assert "help.help_screen:show_help" in loaded


async def test_space_plays_what_is_paused() -> None:
    async with on_stage([*lesson(), ev.RunPaused(step=1284)]) as stage:
        await stage.press("space")
        assert stage.sent == [cmd.Play()]


@pytest.mark.parametrize(("has_ended", "n_updates"), [(True, 700), (False, 463)])
async def test_a_minute_holds_a_whole_run(has_ended: bool, n_updates: int, tmp_path: Path) -> None:
    a_run(tmp_path, step=700, has_ended=has_ended)
    async with on_stage(lesson(), runs=tmp_path, deck="capitals") as stage:
        await stage.until(lambda: bool(stage.app.session.singleton(EarlierRuns).runs))
        await stage.press("minus")
        assert stage.sent == [cmd.SetSpeed(speed="full", n_in_minute=n_updates)]


async def test_a_run_that_another_program_writes_is_not_one_to_go_on_with(tmp_path: Path) -> None:
    folders = [RunFolder.open(a_run(tmp_path, step=700)) for _ in range(2)]

    async def offered() -> str:
        async with on_stage(lesson(), runs=tmp_path, deck="capitals") as stage:
            earlier = stage.app.session.singleton(EarlierRuns)
            await stage.until(lambda: bool(earlier.runs))
            await stage.until(lambda: earlier.to_go_on(stage.app.session.run) is not None)
            target = earlier.to_go_on(stage.app.session.run)
            return "" if target is None else target[0]

    for taken, free in (folders, folders[::-1]):
        taken.acquire()
        assert await offered() == str(free.path)
        taken.release()


async def test_speed_and_rate_count_from_what_was_last_asked_for() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("minus", "minus", "minus", "minus", "minus")
        speeds = [command for command in stage.sent if isinstance(command, cmd.SetSpeed)]
        assert speeds.pop(0) == MINUTE
        assert [command.speed for command in speeds] == ["brisk", "slow", "explain", "explain"]
        (said,) = stage.said
        check_words("screen: one minute", said, n=f"{MINUTE.n_in_minute:,}")
        stage.sent.clear()
        await stage.press(*[":rate_up"] * 2, ":rate_down", *[":rate_up"] * 8)
        factors = [c.factor for c in stage.sent if isinstance(c, cmd.SetLearningRate)]
        assert factors == [2.0, 4.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0, 64.0]
        assert stage.said[1:] == [words("screen: largest rate", rate="Learning rate ×64")]
        # a speed that the trainer says is the one to change
        await stage.say(ev.SpeedChanged(step=1284, speed="brisk"))
        await stage.say(ev.SpeedChanged(step=1285, speed="explain"))
        stage.sent.clear()
        await stage.press("plus")
        assert stage.sent == [cmd.SetSpeed(speed="slow")]


async def test_only_a_view_where_any_key_goes_on_says_so() -> None:
    async with on_stage([*lesson(), ENDED]) as stage:
        for view in "13578":
            await stage.press(view)
            stage.sent.clear()
            text = " ".join(" ".join(stage.rows()).split())
            resumes = words("screen: resumes").removesuffix(".")
            is_said = resumes in text or "Enter begins" in text
            await stage.press("x")
            assert (stage.sent == [cmd.Play()]) is is_said is (view in "13"), view
            await stage.say(ev.RunPlayed(step=1284), ENDED)


async def test_after_the_end_a_key_with_a_meaning_keeps_it() -> None:
    async with on_stage([*lesson(), ENDED]) as stage:
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        assert any(row.split()[:3] == ["full", "stop", "explain"] for row in stage.rows())
        assert any(row.split()[:3] == ["s", "something", "else"] for row in stage.rows())
        await stage.press("escape")
        await stage.press("right")
        assert stage.sent == [cmd.Step()]
        stage.sent.clear()
        await stage.press("minus")
        assert stage.sent == [MINUTE, cmd.Play()]


@pytest.mark.parametrize(
    ("happened", "keys"),
    [
        (lesson(), ("x", ":twin", "f", ":edit", ":bookmark", "1", "left", "home")),
        (lesson(), (":rewind", ":rehearse", ":learns", ":adapter")),
        ([started()], (":rewind", ":pin")),
    ],
    ids=["any", "where all is well", "before a card"],
)
async def test_such_a_key_does_nothing(happened: list[ev.AnyEvent], keys: tuple[str, ...]) -> None:
    async with on_stage(happened) as stage:
        await stage.press(*keys)
        assert stage.sent == []


async def test_before_a_lesson_has_begun_its_keys_say_so() -> None:
    async with on_stage([]) as stage:
        for key in ("p", "plus", ":in_context", ":scaling", ":twin"):
            stage.app.clear_notifications()
            await stage.press(key)
            await stage.settle()
            assert stage.said == [words("screen: still starting")], key
        assert stage.sent == []


async def test_so_many_cards_are_taught_as_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(":run_cards")
        assert isinstance(stage.app.screen, LineDialog)
        await stage.press("2", "5", "0", "enter")
        assert stage.sent == [cmd.Step(n_cards=250)]
        await stage.press(":run_cards", "0", "enter")
        assert isinstance(stage.app.screen, LineDialog), "0 is no number of cards"
        await stage.press("escape")
        assert stage.sent == [cmd.Step(n_cards=250)]
        for language, typed in (("en", "1,000"), ("de", "1.000"), ("es", "1.000")):
            stage.sent.clear()
            await stage.press(":run_cards")
            with monkeypatch.context() as speaking:
                speaking.setenv(VARIABLE, language)
                await stage.press(*typed, "enter")
            assert stage.sent == [cmd.Step(n_cards=1000)], language


async def test_a_notice_replaces_the_one_before_of_its_kind() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(*[":order"] * 2, *[":rate_up"] * 8)
        notices = stage.said
        assert len(notices) == 2
        assert "×64" in notices[1]
        await stage.pilot.pause()
        assert len(stage.app.screen.query(Toast)) == 2
        await stage.press(":rewind", ":rewind", ":rewind")
        notices = stage.said
        assert len(notices) == 3


async def test_the_palette_opens_over_no_dialog_and_offers_nothing_that_does_nothing() -> None:
    async with on_stage(lesson()) as stage:
        prompts = [
            "".join(text for text, _ in entry.drawn(200)[0])
            for entry in commands(stage.app.session)
        ]
        assert "ask   a" in prompts
        assert not any(prompt.startswith("go on") for prompt in prompts)
        assert any(prompt.startswith("theme") for prompt in prompts)
        await stage.press("a", "ctrl+p")
        assert isinstance(stage.app.screen, AskScreen)


async def test_an_unknown_theme_is_said_and_not_worn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    async with on_stage(lesson(), theme="textual-lihgt") as stage:
        assert stage.app.theme == "textual-dark"
        meant = words("screen: did you mean", close="textual-light")
        assert any(meant in message for message in stage.said)


@pytest.mark.parametrize(
    ("term", "worn"),
    [("screen", "ansi-dark"), ("linux", "ansi-dark"), ("xterm-256color", "textual-dark")],
)
async def test_a_terminal_of_sixteen_colours_gets_a_theme_of_those(
    term: str, worn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COLORTERM", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", term)
    async with on_stage(lesson(), theme=None) as stage:
        assert stage.app.theme == worn
    async with on_stage(lesson(), theme="textual-light") as stage:
        assert stage.app.theme == "textual-light"


@pytest.mark.parametrize(
    ("n_exams", "offered", "key", "done"),
    [
        (20, "screen: offers walk", "phase_next", "full_stop"),
        (40, "screen: offers asking", "ask", "a"),
        (120, "screen: offers deck", "teach_after", "s"),
    ],
)
async def test_what_is_worth_doing_is_offered_once(
    n_exams: int, offered: str, key: str, done: str
) -> None:
    now_s = [0.0]
    happened = lesson(n_exams)
    async with on_stage(happened, clock=lambda: now_s[0], is_full=False) as stage:
        check_words(offered, stage.app.status_line.text)
        assert stage.app.status_line.key == key
        now_s[0] += 13
        assert stage.app.status_line.text == ""
    async with on_stage(happened, is_full=False) as stage:
        await stage.press(done, "escape", "1")
        assert stage.app.status_line.text == ""  # what was done is not offered


async def test_right_answers_that_a_common_answer_explains_are_called_luck() -> None:
    common = val.CommonAnswer("home", val.Score(50, 100), val.Score(20, 40))
    learned = told.exam(200, (100, 100), (2, 40), is_full=True, cards_taught=6400)
    for given, key in ((None, "screen: offers a rule"), (common, "screen: some by luck")):
        start = started(n_taught=100, n_held_out=40, common=given)
        happened: list[ev.AnyEvent] = [start, told.steps(200, cards_taught=6400), learned]
        async with on_stage(happened, is_full=False) as stage:
            line = stage.app.status_line
            assert line.key == "decks"
            check_words(key, line.text)


async def test_before_a_card_is_taught_it_is_not_said_that_all_are_right() -> None:
    async with on_stage([started(), told.exam(0, (0, 0), (0, 400))], is_full=False) as stage:
        assert stage.app.status_line.key != "view_memory"


async def test_tab_shows_all_from_then_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with on_stage(lesson(), is_full=False) as stage:
        for size in ((80, 24), (120, 40)):
            await stage.resize(size)
            text = "\n".join(stage.rows())
            assert all(words in text for words in ("it says", "right is"))
            assert "other cards" not in text
            assert "every card" not in text
        assert "tab more" in text
        await stage.press("tab")
        text = "\n".join(stage.rows())
        assert all(words in text for words in ("other cards", "every card", "tab less"))
        assert Density().is_full
        await stage.press("tab")
        assert not Density().is_full


async def test_a_lesson_is_painted_anew_where_it_shows_more_or_less_and_else_not() -> None:
    async with on_stage(lesson(), (120, 40)) as stage:
        density, front = stage.app.session.singleton(Density), stage.app.front
        assert front is not None
        assert not front.is_due
        density.is_full = False
        assert front.is_due
        await stage.settle()
        assert "other cards" not in "\n".join(stage.rows())
        assert not front.is_due


async def test_a_finished_lesson_says_of_which_step_an_older_guess_is() -> None:
    ended = told.ended("too_early", (5, 5), (0, 0), step=40)
    guessed = ev.CorrectionMeasured(step=12, correction=correction())
    async with on_stage([started(5, 0), guessed, ended]) as stage:
        rows = "\n".join(stage.rows())
        assert "taught at step 12" in rows
        assert "it said" in rows
        await stage.say(ev.CorrectionMeasured(step=40, correction=correction()))
        rows = "\n".join(stage.rows())
        assert "taught at step" not in rows
        assert "it says" in rows


async def test_a_key_of_the_footer_is_explained_below_the_mouse_and_clicked() -> None:
    async with on_stage(lesson()) as stage:
        footer = stage.app.screen.query_one(Footer)
        x = footer.render_line(0).text.index("space")
        await stage.pilot.click(Footer, offset=(x, 0))
        await stage.settle()
        assert stage.sent == [cmd.Pause()]
        n_sent = len(stage.sent)
        await stage.pilot.click(Footer, offset=(footer.size.width - 1, 0))
        await stage.settle()
        assert len(stage.sent) == n_sent

        line = footer.render_line(0).text
        x = line.index("ask")
        plain = footer.render_line(0)

        await stage.pilot.hover(Footer, offset=(x, 0))
        await stage.settle()
        assert footer.render_line(0).text == line
        assert footer.render_line(0) != plain
        assert footer.tooltip == BY_ID["ask"].tooltip

        await stage.pilot.click(Footer, offset=(x, 0))
        await stage.settle()
        assert isinstance(stage.app.screen, AskScreen)
