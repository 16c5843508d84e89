"""The line that a report gives, run as it is: the same model to the bit."""

import shlex
from pathlib import Path

import pytest

from flashcards import cli
from flashcards.report.story import gather
from flashcards.runs.catalog import list_runs
from tests.decks import write_capitals
from tests.trainer.kept import weights_at


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([], ""),
        (["--set", "momentum=0.9", "--size", "small"], "--set momentum=0.9 --size small "),
        (["--size", "small", "--set", "size=small", "--set", "n_ahead=1"], "--set n_ahead=1 "),
    ],
)
def test_the_shared_line_gives_the_same_weights(
    chosen: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_capitals(tmp_path).parent)
    again = ["train", "capitals.deck", "--seed", "3", "--order", "boxes", "--steps", "7", *chosen]
    hashes = []
    for folder in ("here", "elsewhere"):
        assert cli.main([*again, "--runs", folder]) == 0
        (run,) = list_runs(Path(folder))
        hashes.append(weights_at(run.path, 7))
        line = gather(run.path).share
        assert said in line
        command, *again = shlex.split(line)
        assert command == "flashcards"
    assert hashes[0] == hashes[1]
