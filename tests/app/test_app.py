"""The app with a scripted teacher: what each key sends, asking, quitting, failing, going on.

Long because it is the app itself: each of its keys is asked here.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input
from textual.widgets._toast import Toast

from flashcards import sentences
from flashcards.app.asking.dialog import AskScreen
from flashcards.app.help.screen import HelpScreen
from flashcards.app.kit.footer import Footer
from flashcards.app.kit.line_dialog import LineDialog
from flashcards.app.kit.run_header import RunHeader
from flashcards.app.kit.verdict_line import VerdictLine
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.lesson.quit import QuitScreen
from flashcards.app.rooms import BY_ID
from flashcards.app.run.earlier_runs import EarlierRuns
from flashcards.language import VARIABLE
from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.runs.folder import FORMAT, RunFolder, RunInfo
from flashcards.runs.summary import RunSummary, save_summary
from tests.app.lesson import correction, lesson, started
from tests.app.script import Stage, on_stage

ENDED = ev.LessonEnded(
    step=1284,
    reason="all_right",
    verdict_kind="understood",
    seen=val.Score(50, 50),
    unseen=val.Score(20, 20),
)


def play_of(stage: Stage) -> PlayScreen:
    play = stage.app.play
    assert isinstance(play, PlayScreen)
    return play


def text_of(stage: Stage, kind: type[RunHeader] | type[VerdictLine]) -> str:
    widget = play_of(stage).query_one(kind)
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def footer_actions(stage: Stage) -> set[str]:
    return {
        active.binding.action
        for active in play_of(stage).active_bindings.values()
        if active.binding.show
    }


def answered(request: int, prompt: str = "walk", answer: str = "walked") -> ev.PromptAnswered:
    return ev.PromptAnswered(
        step=1284,
        request=request,
        prompt=prompt,
        answer=answer,
        pieces=tuple(val.GuessPiece(char, 0.9) for char in answer),
        alternatives=("walket",),
        probability=0.72,
        stamp="held_out",
        times_seen=0,
        correct_answers=("walked",),
        nearest=("talk", "balk"),
    )


def a_run(root: Path, deck: str = "past-tense", step: int = 1284) -> Path:
    """A saved run of the deck, as a run folder."""
    info = RunInfo(
        format=FORMAT,
        run="",
        deck=deck,
        deck_name=deck,
        deck_sha256="0" * 64,
        deck_path=f"{deck}.deck",
        seed=1,
        device="cpu",
        started="2026-11-24T09:00:00+00:00",
        settings={},
        versions={},
        machine="",
    )
    folder = RunFolder.create(
        root,
        info,
        deck_file=f"{deck}.deck",
        deck_bytes=b"a :: b\n",
        tokenizer_model=b"",
        now=datetime(2026, 11, 24, 9, tzinfo=UTC),
    )
    save_summary(folder, RunSummary(step=step, seen=val.Score(50, 50), unseen=val.Score(0, 20)))
    folder.release()
    return folder.path


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("space", cmd.Pause()),
        ("right", cmd.Step()),
        ("minus", cmd.SetSpeed(speed="brisk")),
        ("underscore", cmd.SetSpeed(speed="brisk")),
        ("plus", cmd.SetSpeed(speed="full")),
        ("equals_sign", cmd.SetSpeed(speed="full")),
        ("l", cmd.SetLearningRate(factor=0.5)),
        ("L", cmd.SetLearningRate(factor=2.0)),
    ],
)
async def test_a_key_sends_exactly_its_command(key: str, command: cmd.AnyCommand) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(key)
        assert stage.sent == [command]


async def test_space_plays_what_is_paused() -> None:
    async with on_stage([*lesson(), ev.RunPaused(step=1284)]) as stage:
        await stage.press("space")
        assert stage.sent == [cmd.Play()]


async def test_speed_and_rate_count_from_what_was_last_asked_for() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("minus", "minus", "minus", "minus")
        speeds = [command.speed for command in stage.sent if isinstance(command, cmd.SetSpeed)]
        assert speeds == ["brisk", "slow", "explain", "explain"]
        stage.sent.clear()
        await stage.press("L", "L", "l", *["L"] * 8)
        factors = [c.factor for c in stage.sent if isinstance(c, cmd.SetLearningRate)]
        assert factors == [2.0, 4.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 64.0, 64.0, 64.0]
        said = [str(notice.message) for notice in stage.app._notifications]
        assert said == ["learning rate ×64: larger it can't be"]


async def test_the_speed_that_the_trainer_says_is_the_one_to_change() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("minus")
        await stage.say(ev.SpeedChanged(step=1284, speed="brisk"))
        await stage.say(ev.SpeedChanged(step=1285, speed="explain"))
        stage.sent.clear()
        await stage.press("plus")
        assert stage.sent == [cmd.SetSpeed(speed="slow")]


@pytest.mark.parametrize("key", ["x", "escape", "space", "Z"])
async def test_any_key_goes_on_after_the_end(key: str) -> None:
    async with on_stage([*lesson(), ENDED]) as stage:
        await stage.press(key)
        assert stage.sent == [cmd.Play()]


async def test_after_the_end_a_key_with_a_meaning_keeps_it() -> None:
    async with on_stage([*lesson(), ENDED]) as stage:
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        await stage.press("escape")
        await stage.press("right")
        assert stage.sent == [cmd.Step()]
        stage.sent.clear()
        await stage.press("minus")
        assert stage.sent == [cmd.SetSpeed(speed="brisk"), cmd.Play()]


async def test_a_key_without_meaning_does_nothing_while_learning() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("x", "t", "f", "e", "m", "1", "comma", "left", "home")
        assert stage.sent == []


async def test_so_many_cards_are_taught_as_are_asked_for() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("N")
        assert isinstance(stage.app.screen, LineDialog)
        await stage.press("2", "5", "0", "enter")
        assert stage.sent == [cmd.Step(n_cards=250)]
        await stage.press("N", "0", "enter")
        assert isinstance(stage.app.screen, LineDialog), "0 is no number of cards"
        await stage.press("escape")
        assert stage.sent == [cmd.Step(n_cards=250)]


@pytest.mark.parametrize(("language", "typed"), [("en", "1,000"), ("de", "1.000"), ("es", "1.000")])
async def test_a_number_of_cards_is_typed_as_the_language_writes_it(
    language: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("N")
        monkeypatch.setenv(VARIABLE, language)
        await stage.press(*typed, "enter")
        assert stage.sent == [cmd.Step(n_cards=1000)]


async def test_typing_a_prompt_sends_no_key_command() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press(*"daln", "space", "question_mark", "plus", "q", "L", "right")
        assert stage.sent == []
        assert isinstance(stage.app.screen, AskScreen)
        assert stage.app.screen.query_one(Input).value == "daln ?+qL"


async def test_asking_shows_the_answer_and_stays_open() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press(*"walk", "enter")
        assert stage.sent == [cmd.Ask(request=1, prompt="walk")]
        await stage.say(answered(1, answer="walket"))
        await stage.press("enter")
        assert stage.sent[-1] == cmd.Ask(request=2, prompt="walk")
        await stage.say(answered(2))
        text = str(stage.app.screen.query_one("AnswerSheet").render())
        for part in ("NEVER SEEN", "walked", "✓", "72 %", "talk", "before", "walket", "step 1,284"):
            assert part in text
        await stage.press("escape")
        assert stage.app.screen is stage.app.play


async def test_an_answer_to_an_earlier_dialog_is_not_shown() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press(*"walk", "enter", "escape")
        await stage.say(answered(1))
        await stage.press("a")
        await stage.settle()
        text = str(stage.app.screen.query_one("AnswerSheet").render())
        assert "walked" not in text


async def test_the_lesson_is_painted_while_a_dialog_is_open() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.say(
            ev.StepsTaken(
                step=2000,
                cards_taught=64_000,
                train_seconds=30.0,
                loss_nats=0.1,
                gradient_norm=0.5,
                relative_change=0.0001,
            )
        )
        assert "2,000" in text_of(stage, RunHeader)


@pytest.mark.parametrize(("keys", "is_saved"), [(["s"], True), (["enter"], True), (["w"], False)])
async def test_quitting_saves_or_not_as_it_is_told(keys: list[str], is_saved: bool) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("q")
        assert isinstance(stage.app.screen, QuitScreen)
        await stage.press(*keys)
        assert stage.teachers[-1].stopped == [is_saved]
        assert not stage.app.is_running or stage.app._exit


async def test_what_leaving_keeps_is_what_it_would_keep_by_now() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("q", "down")
        assert any("Keeps all up to step 1,284" in row for row in stage.rows())
        await stage.say(ev.StateSaved(step=3200, file="x"), ev.RunPaused(step=3257))
        rows = "\n".join(stage.rows())
        assert "Keeps all up to step 3,257" in rows
        assert "Keeps what is saved, step 3,200" in rows
        await stage.press("enter")
        assert stage.teachers[-1].stopped == [False]


async def test_a_notice_replaces_the_one_before_of_its_kind() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(*"LLLLLo")
        said = [notice.message for notice in stage.app._notifications]
        assert len(said) == 2
        assert "×32" in said[0]
        await stage.pilot.pause()
        assert len(stage.app.screen.query(Toast)) == 2
        await stage.press("z", "z", "z")
        said = [notice.message for notice in stage.app._notifications]
        assert len(said) == 3


@pytest.mark.parametrize("key", ["c", "escape"])
async def test_quitting_can_be_called_off(key: str) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("q")
        await stage.press(key)
        assert stage.app.screen is stage.app.play
        assert stage.teachers[-1].stopped == []


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_the_usual_quit_keys_ask_as_well(key: str) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press(key)
        assert isinstance(stage.app.screen, QuitScreen)


async def test_ctrl_c_asks_to_quit_while_typing_and_twice_saves() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a")
        await stage.press("ctrl+c")
        assert isinstance(stage.app.screen, QuitScreen)
        await stage.press("ctrl+c")
        assert stage.teachers[-1].stopped == [True]


async def test_before_anything_was_taught_quitting_asks_nothing() -> None:
    async with on_stage([ev.TrainerWoke(step=0, stage="loading")]) as stage:
        await stage.press("q")
        assert stage.teachers[-1].stopped == [False]


async def test_a_failed_lesson_says_why_and_goes_on_from_the_saved_step() -> None:
    failed = ev.TrainerFailed(step=1284, text="the trainer ended (signal 9)")
    happened = [*lesson(), ev.StateSaved(step=1250, file="x"), failed]
    async with on_stage(happened) as stage:
        assert "FAILED" in text_of(stage, RunHeader)
        assert "signal 9" in text_of(stage, VerdictLine)
        assert "g goes on from step 1,250" in stage.app.line
        assert stage.app.check_action("do", ("go_on",))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == started().folder


async def test_a_lesson_that_failed_before_it_began_offers_no_going_on() -> None:
    async with on_stage([ev.TrainerFailed(step=0, text="no deck of that name")]) as stage:
        assert not stage.app.check_action("do", ("go_on",))
        await stage.press("g")
        assert len(stage.teachers) == 1


async def test_a_trainer_that_just_ends_has_failed() -> None:
    async with on_stage(lesson()) as stage:
        stage.teachers[-1].leave()
        await stage.settle()
        assert stage.app.session.state.liveness == "failed"


async def test_silence_while_learning_is_stalled_and_while_paused_is_not() -> None:
    now = [0.0]
    async with on_stage(lesson(), clock=lambda: now[0]) as stage:
        now[0] = 11.0
        await stage.settle()
        assert "STALLED" in text_of(stage, RunHeader)
        await stage.say(ev.RunPaused(step=1284))
        now[0] = 100.0
        await stage.settle()
        assert "PAUSED" in text_of(stage, RunHeader)


@pytest.mark.parametrize(("key", "seed"), [("s", 7), ("n", 8)])
async def test_starting_over_takes_the_chosen_seed(key: str, seed: int) -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("r")
        await stage.press(key)
        first, second = stage.teachers
        assert first.stopped == [True]
        assert second.request == msgspec.structs.replace(first.request, seed=seed)


async def test_starting_over_can_be_called_off() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("r", "escape")
        assert len(stage.teachers) == 1


async def test_the_last_run_of_the_deck_is_offered_and_opened(tmp_path: Path) -> None:
    path = a_run(tmp_path)
    a_run(tmp_path, deck="another", step=9)
    async with on_stage([started()], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.line))
        assert stage.app.line.startswith("g goes on with step 1,284")
        assert stage.app.check_action("do", ("go_on",))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(path)
        assert not stage.app.check_action("do", ("go_on",))


def written(path: Path, at_s: float) -> None:
    """Say that something was last written to the log of this run then."""
    os.utime(path / "events.jsonl", (at_s, at_s))


async def test_the_run_taught_last_is_gone_on_with_not_one_that_hardly_began(
    tmp_path: Path,
) -> None:
    older, taught_last = a_run(tmp_path, step=300), a_run(tmp_path, step=200)
    stub = a_run(tmp_path, step=2)
    for path, at_s in ((older, 100.0), (taught_last, 300.0), (stub, 400.0)):
        written(path, at_s)
    async with on_stage([started()], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.line))
        assert stage.app.line.startswith("g goes on with step 200")
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(taught_last)


async def test_going_on_leaves_no_run_that_hardly_began_behind(tmp_path: Path) -> None:
    older, begun = a_run(tmp_path, step=300), a_run(tmp_path, step=1)
    start = started(run=begun.name, folder=str(begun))
    async with on_stage([start, ev.StateSaved(step=1, file="x")], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.kept(EarlierRuns).runs))
        await stage.press("g")
        await stage.until(lambda: not begun.exists())
        assert older.exists()


async def test_a_run_that_hardly_began_but_was_taught_a_card_by_hand_is_kept(
    tmp_path: Path,
) -> None:
    older, begun = a_run(tmp_path, step=300), a_run(tmp_path, step=1)
    start = started(run=begun.name, folder=str(begun))
    pinned = ev.PromptPinned(step=1, prompt="go")
    async with on_stage([start, pinned, ev.StateSaved(step=1, file="x")], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.kept(EarlierRuns).runs))
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(older)
        await stage.until(lambda: bool(stage.teachers[0].stopped))
        await stage.settle()
        assert begun.exists()


async def test_a_lesson_that_failed_at_its_beginning_is_kept_when_it_is_gone_on_with(
    tmp_path: Path,
) -> None:
    begun = a_run(tmp_path, step=3)
    start = started(run=begun.name, folder=str(begun))
    failed = ev.TrainerFailed(step=3, text="the trainer ended (signal 9)")
    happened: list[ev.AnyEvent] = [start, ev.StateSaved(step=3, file="x"), failed]
    async with on_stage(happened, runs=tmp_path) as stage:
        await stage.press("g")
        assert stage.teachers[-1].request.resume == str(begun)
        await stage.settle()
        assert begun.exists()


async def test_the_run_that_is_being_taught_is_not_its_own_last_one(tmp_path: Path) -> None:
    path = a_run(tmp_path)
    async with on_stage([started(run=path.name)], runs=tmp_path) as stage:
        await stage.until(lambda: bool(stage.app.session.kept(EarlierRuns).runs))
        assert "goes on" not in stage.app.line


async def test_every_key_can_be_reached_from_the_palette() -> None:
    async with on_stage(lesson()) as stage:
        titles = [c.title for c in stage.app.get_system_commands(stage.app.screen)]
        assert "ask  (a)" in titles
        assert not any(title.startswith("go on") for title in titles)
        assert "theme" in titles


async def test_the_palette_does_not_open_over_a_dialog() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("a", "ctrl+p")
        assert isinstance(stage.app.screen, AskScreen)


async def test_an_unknown_theme_is_said_and_the_default_worn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    async with on_stage(lesson(), theme="textual-lihgt") as stage:
        assert stage.app.theme == "textual-dark"
        said = [n.message for n in stage.app._notifications]
        assert any("did you mean textual-light?" in message for message in said)


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


async def test_text_that_looks_like_markup_is_only_text() -> None:
    nasty = "[/bold] [x"
    async with on_stage(lesson(), deck=nasty, theme=nasty) as stage:
        await stage.press("a")
        await stage.press("x", "enter")
        await stage.say(answered(1, prompt=nasty, answer=nasty))
        assert nasty in str(stage.app.screen.query_one("AnswerSheet").render())


async def test_a_deck_with_wrong_lines_says_so_while_it_is_taught() -> None:
    problem = val.DeckProblem(
        file="half.deck", line=2, column=1, code="no-separator", text="no separator"
    )
    wrong = started(problem=problem, n_problems=3)
    async with on_stage([wrong]) as stage:
        said = text_of(stage, VerdictLine).replace("\n", " ")
        assert "half.deck:2:1: error: no separator [no-separator] (2 more: 7 lists them)." in said


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_a_verdict_is_not_cut(size: tuple[int, int]) -> None:
    end = ev.LessonEnded(
        step=1300,
        reason="all_right",
        verdict_kind="understood",
        seen=val.Score(2700, 2880),
        unseen=val.Score(703, 800),
    )
    async with on_stage([*lesson(), end], size) as stage:
        said = " ".join(text_of(stage, VerdictLine).split())
        verdict = stage.app.session.state.end_verdict
        assert verdict is not None
        assert said.startswith(sentences.verdict(verdict))
        assert "Enter begins the course" in said


async def test_somebody_who_is_here_for_the_first_time_is_told_what_there_is(
    tmp_path: Path,
) -> None:
    happened = [event for event in lesson(n_exams=2) if not isinstance(event, ev.StepsTaken)]
    async with on_stage(happened, runs=tmp_path) as stage:
        await stage.until(lambda: "docs/write-a-deck.md" in stage.app.line)
        assert stage.app.line.startswith("a asks it anything. 3: memory or understanding?")


async def test_a_finished_lesson_says_of_which_step_an_older_guess_is() -> None:
    score = val.Score(5, 5)
    ended = ev.LessonEnded(
        step=40, reason="all_right", verdict_kind="too_early", seen=score, unseen=val.Score(0, 0)
    )
    guessed = ev.CorrectionMeasured(step=12, correction=correction())
    async with on_stage([started(5, 0), guessed, ended]) as stage:
        assert "as of step 12" in "\n".join(stage.rows())
        await stage.say(ev.CorrectionMeasured(step=40, correction=correction()))
        assert "as of step" not in "\n".join(stage.rows())


@pytest.mark.parametrize("key", list("12345678f"))
async def test_no_view_of_a_lesson_that_failed_at_its_start_promises_anything(key: str) -> None:
    failed = ev.TrainerFailed(step=0, text="empty.deck:1:1: no card; did you mean 'addition'?")
    woke = ev.TrainerWoke(step=0, stage="reading the deck")
    async with on_stage([woke, failed], deck="adition") as stage:
        await stage.press(key)
        said = "\n".join(stage.rows())
        for promise in ("waking", "coming", "reading the deck", "starts over"):
            assert promise not in said
        if key in "137":
            assert "empty.deck:1:1: no card; did you mean 'addition'? d chooses another" in said
        if key != "f":
            assert "✗ FAILED" in said


async def test_a_lesson_that_failed_at_its_start_promises_nothing() -> None:
    failed = ev.TrainerFailed(step=0, text="no deck is called adition")
    async with on_stage([ev.TrainerWoke(step=0, stage="reading the deck"), failed]) as stage:
        screen = "\n".join(stage.rows())
        assert "No deck is called adition" in screen
        for promise in ("waking the model", "the first exam is coming", "reading the deck"):
            assert promise not in screen


async def test_a_key_of_the_footer_is_explained_below_the_mouse_and_pressed_by_a_click() -> None:
    async with on_stage(lesson()) as stage:
        footer = play_of(stage).query_one(Footer)
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


async def test_a_key_of_a_group_in_the_footer_is_pressed_where_it_stands() -> None:
    async with on_stage(lesson()) as stage:
        footer = play_of(stage).query_one(Footer)
        x = footer.render_line(0).text.index("+")
        await stage.pilot.click(Footer, offset=(x, 0))
        await stage.settle()
        assert isinstance(stage.sent[-1], cmd.SetSpeed)
        n_sent = len(stage.sent)
        await stage.pilot.click(Footer, offset=(footer.size.width - 1, 0))
        await stage.settle()
        assert len(stage.sent) == n_sent
