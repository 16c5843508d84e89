"""The pictures of README and docs: from recordings of the real program, or why not."""

import os
from pathlib import Path

import pytest

from flashcards.runs.state import RunState
from tests.app import recordings
from tests.app.pictures import SCREENSHOTS, check_picture, shown
from tests.app.possible import check, faults
from tests.app.script import on_stage
from tests.app.takes import TAKES

SCRIPTED = {  # what no run gives within three minutes on one core, and why
    "edit-80x24.svg": "a deck with a mistake in it; nothing of a model is shown",
    "room-80x24.svg": "the address is this machine's and the phones are people's",
    "presenter-room-80x24.svg": "as the room; the lesson is a recorded one",
}

WRITTEN = {  # what is of other runs: of which, or what draws it (docs/figures.md)
    **dict.fromkeys(("curves.svg", "luck-addition.svg"), "flashcards curves"),
    **{
        f"scaling-{deck}.svg": "flashcards scaling" for deck in ("past-tense", "plurals", "diverse")
    },
    **dict.fromkeys(
        (
            "lesson.gif",
            "the-life-of-a-model.gif",
            *(f"word-{word}.gif" for word in ("backdoor", "chain-of-thought", "hallucination")),
        ),
        "flashcards record",
    ),
    **dict.fromkeys(("page.png", "page-phone.png", "phones.png", "report.png"), "Chromium"),
    "words-before-after.png": "words before and after: docs/experiments.md",
    **{
        f"real-model{name}.svg": "a run of SmolLM2, which is not in the repository"
        for name in ("-80x24", "-120x40")
    },
}


LONG = {"life", "past", "past-tense", "reward", "valley"}  # a second each


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in recordings.names()],
)
async def test_pictures_of_a_recorded_lesson(name: str, tmp_path: Path) -> None:
    replay = recordings.Replay(name, tmp_path)
    async with on_stage((), request=replay.request, source=replay.source) as stage:
        async for shot in replay.pictures(stage):
            await check_picture(stage.app, shot.name)


def test_every_picture_that_is_shown_is_of_a_recorded_run_or_it_is_said_why_not() -> None:
    recorded = {
        f"{shot.name}.svg" for name in recordings.names() for shot in recordings.shots_of(name)
    }
    assert shown().keys() <= recorded | SCRIPTED.keys() | WRITTEN.keys()
    assert SCRIPTED.keys() <= shown().keys()
    assert {path.name for path in SCREENSHOTS.iterdir()} == shown().keys() | WRITTEN.keys()


EVERY = int(os.environ.get("FLASHCARDS_EVERY_STATE", "30"))  # 1: all, in a minute


@pytest.mark.parametrize("name", recordings.names())
def test_states_of_a_recorded_run_can_be(name: str) -> None:
    for happened in recordings.logs(name):
        state = RunState()
        for place, event in enumerate(happened, 1):
            state.fold(event)
            if place % EVERY == 0 or place == len(happened):
                check(faults(state, is_recorded=True))


def test_every_recording_can_be_made_again() -> None:
    assert recordings.names() == sorted(TAKES)
