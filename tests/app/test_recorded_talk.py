"""A talk with a model that others have trained, given where that model is not."""

from pathlib import Path
from typing import NoReturn

import pytest

from flashcards.app.app import FlashcardsApp
from flashcards.app.session import OnStage
from flashcards.app.stage.net import Net
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.stage.talking import Talking, first_request
from flashcards.cli import main
from flashcards.cli.stage import checked_talk, recordings_of, with_model
from flashcards.record.talk_film import shots
from flashcards.runs.folder import RunFolder
from flashcards.talks import rehearsal
from flashcards.talks.course import read_course
from flashcards.talks.talk import AskModel, with_names
from flashcards.trainer.request import LessonRequest
from tests.app.script import NOWHERE
from tests.app.test_talking import done
from tests.decks import write_capitals
from tests.golden import check_words
from tests.pretrained.tiny import a_model

SHIPPED = Path(__file__).parents[2] / "docs" / "talks" / "a-model-that-has-read.md"

SHEET = """\
# Hello

```flashcards
present off
teach capitals.deck real seed=3 until step=0
wait
ask "France"
wait
rate x4
go on until step=12
wait
ask "France"
```
"""


def nobody(request: LessonRequest) -> NoReturn:
    raise AssertionError("no trainer is started where the model is not")


@pytest.fixture
def rehearsed(tmp_path: Path) -> Path:
    write_capitals(tmp_path)
    path = tmp_path / "t.md"
    path.write_text(SHEET, encoding="utf-8")
    model = a_model("llama")
    command = ["rehearse", str(path), "--model", str(model), "--beside"]
    assert main([*command, "--runs", str(tmp_path / "runs")]) == 0
    return path


@pytest.mark.slow
async def test_what_was_rehearsed_is_given_without_it(rehearsed: Path, tmp_path: Path) -> None:
    path, model = rehearsed, a_model("llama")
    kept = [file for file in (tmp_path / "t").rglob("*") if file.is_file()]
    assert {file.name for file in kept} == {"rehearsal.json", "run.json", "events.jsonl"}
    assert not [file for file in kept if str(tmp_path) in file.read_text(encoding="utf-8")]

    sheet = checked_talk(path)
    recordings = recordings_of(sheet, path, tmp_path / "other")
    sheet = with_names(sheet, {}, "not-here.gguf")
    request = first_request(sheet, LessonRequest(deck="x", runs=str(tmp_path / "other")))
    net = Net(recordings, nobody, has_model=False)
    app = FlashcardsApp(request, net.teach, theme="stage-dark", keymap=NOWHERE)
    talking = app.session.singleton(StageState).talking = Talking(app.session, sheet)
    app.session.singleton(StageState).net = net
    said = []
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for cue, step in enumerate((0, 0, 0, 12, 12)):
            if cue:
                talking.move(1)
            await done(talking, cue)
            assert app.session.state.step == step
            said.append(app.session.singleton(OnStage).answered)
        state = app.session.state
        assert state.start is not None
        assert (state.start.base, state.learning_rate_factor) == (model.name, 4.0)
        assert net.current is not None
        assert net.current.is_replaying
        await app.session.run.close()
    assert [one is not None for one in said] == [False, False, True, False, True]


def test_the_shipped_recording_is_of_this_very_talk(tmp_path: Path) -> None:
    sheet = checked_talk(SHIPPED)
    folder, kept = rehearsal.stored(tmp_path, SHIPPED)
    assert kept is not None
    assert [cue.line for cue in kept.cues] == [cue.line for cue in sheet.cues]
    recordings = recordings_of(sheet, SHIPPED, tmp_path)
    happened = [RunFolder.open(path).events() for _, _, path in recordings]
    filmed = list(shots(sheet, kept, happened))
    n_asked = sum(isinstance(d, AskModel) for cue in sheet.cues for d in cue.directives)
    assert len(filmed) == len(sheet.cues)
    assert sum(shot.answer is not None for shot in filmed) == n_asked
    assert sum(file.stat().st_size for file in folder.rglob("*.*")) < 500_000


def test_a_talk_says_how_to_get_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.md"
    path.write_text("# T\n```flashcards\nteach capitals real\n```\n", encoding="utf-8")
    assert main(["talk", str(path), "--check"]) == 0
    capsys.readouterr()
    assert main(["rehearse", str(path), "--runs", str(tmp_path)]) == 1
    errors = capsys.readouterr().err
    check_words("screen: wants model", errors)


def test_the_last_lesson_of_the_course_teaches_the_model_that_is_named(tmp_path: Path) -> None:
    course, _ = read_course(None)
    like = LessonRequest(deck="apple")
    for name, model in ((str(tmp_path), str(tmp_path)), (None, None)):
        sheet = with_model(course.talk, name)
        assert first_request(sheet, like, course.starts[-1]).model == model
        assert first_request(sheet, like).model is None
