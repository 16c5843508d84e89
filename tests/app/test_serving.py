"""What `flashcards serve` opens: a deck, a talk, a lesson of the course; what it refuses."""

import errno
import os
from pathlib import Path

import pytest

from flashcards.app.app import FlashcardsApp
from flashcards.app.audience.shared_lesson import Sharing
from flashcards.app.session import OnStage
from flashcards.app.stage.course_talk import Attending
from flashcards.app.stage.stage_actions import StageState
from flashcards.base.extras import how_to_install
from flashcards.cli import main
from tests.app.saved_run import a_run
from tests.golden import check_words


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[FlashcardsApp]:
    apps: list[FlashcardsApp] = []

    def run(app: FlashcardsApp) -> int:
        apps.append(app)
        return 0

    monkeypatch.setattr("flashcards.cli.arguments.require_terminal", lambda _: None)
    monkeypatch.setattr("flashcards.cli.arguments.run_app", run)
    monkeypatch.setattr("flashcards.audience.audience_client.missing", lambda: ())
    monkeypatch.setattr(
        "flashcards.audience.audience_client.lan_addresses", lambda: {"10.0.0.2": ""}
    )
    return apps


def test_what_serve_lacks_is_a_command_in_one_line_of_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("flashcards.base.extras.checkout", lambda: None)
    monkeypatch.setattr("flashcards.audience.audience_client.missing", lambda: ("uvicorn",))
    assert main(["serve"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f": {how_to_install('serve')}")
    assert len(line) <= 80


def test_a_talk_or_a_course_waits_for_the_room(opened: list[FlashcardsApp], tmp_path: Path) -> None:
    talk, words = tmp_path / "mine.md", tmp_path / "words.txt"
    talk.write_text("# Hello\n\n```flashcards\nteach capitals seed=3\n```\n", encoding="utf-8")
    words.write_text("rude\n\nvery bad\n", encoding="utf-8")
    assert main(["serve", str(talk), "--lan", "--refuse", str(words)]) == 0
    assert main(["serve", "--lesson", "3"]) == 0
    assert main(["serve", "capitals", "--speed", "slow"]) == 0
    (tmp_path / "course").mkdir()
    talk.rename(tmp_path / "course" / "1.md")
    assert main(["serve", str(tmp_path / "course")]) == 0
    run = a_run(tmp_path)
    assert main(["serve", str(run), "--speed", "full"]) == 0
    served, attended, taught, own, gone_on = (app.session for app in opened)
    assert gone_on.run.request.resume == str(run)
    assert isinstance(own.singleton(StageState).talking, Attending)
    assert served.run.request.deck.endswith("capitals.deck")
    assert served.singleton(Sharing).wanted == "lan"
    assert served.singleton(Sharing).refused == ("rude", "very bad")
    attending = attended.singleton(StageState).talking
    assert isinstance(attending, Attending)
    assert attending.index == attending.course.starts[2] - 1
    assert taught.singleton(StageState).talking is None
    assert (taught.run.request.speed, taught.run.request.is_paused) == ("slow", True)
    assert not any(session.singleton(OnStage).lobby.is_set() for session in (served, attended))


def test_what_serve_can_not_open_is_one_sentence(
    opened: list[FlashcardsApp], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.deck"
    bad.write_text("no card\n", encoding="utf-8")
    refused = (
        ["--lesson", "9"],
        ["x.md", "--speed", "full"],
        ["--refuse", "nowhere.txt"],
        [str(bad)],
    )
    said = []
    for words in refused:
        assert main(["serve", *words]) == 1
        said.append(capsys.readouterr().err)
    check_words("screen: no lesson", said[0])
    assert "their own speed" in said[1]
    check_words("screen: no list", said[2], reason=os.strerror(errno.ENOENT))
    assert "bad.deck:1" in said[3]
    assert all(text.count("\n") == 1 for text in said)
    assert opened == []
