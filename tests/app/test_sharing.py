"""The line that does a lesson again: from the palette, on the clipboard, honest about hands."""

from pathlib import Path

import msgspec
import pytest

from flashcards.app.help import help_screen
from flashcards.runs.events import LearningRateChanged, RunStarted, SpeedChanged
from flashcards.runs.log import LogWriter
from tests import told
from tests.app.lesson import started
from tests.app.script import on_stage
from tests.golden import check_words, words


def begun(folder: Path) -> RunStarted:
    log = LogWriter(folder / "events.jsonl")
    log.append(SpeedChanged(step=0, speed="explain"))
    log.append(SpeedChanged(step=2, speed="slow"))
    log.append(LearningRateChanged(step=20, factor=2.0))
    log.close()
    return msgspec.structs.replace(started(), folder=str(folder), deck_path="decks/past-tense.deck")


async def test_the_palette_copies_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = told.steps(1284)
    async with on_stage([begun(tmp_path), taken]) as stage:
        copied: list[str] = []
        monkeypatch.setattr(stage.app.session, "copy", copied.append)
        await stage.press(":share")
        await stage.until(lambda: bool(copied))
        assert copied == ["flashcards past-tense --seed 7 --until step=1284"]
        (said,) = stage.said
        assert said.startswith(copied[0])
        check_words("screen: shared", said)


async def test_before_anything_was_taught_there_is_nothing_to_share(tmp_path: Path) -> None:
    async with on_stage([begun(tmp_path)]) as stage:
        await help_screen.share(stage.app.session)
        await stage.settle()
        (said,) = stage.said
        assert said == words("screen: still starting")
