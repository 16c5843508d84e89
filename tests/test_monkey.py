"""Random keys in the real program: sixty with the slow tests, more behind the marker; and a soak.
`FLASHCARDS_MONKEY_SESSIONS=200 FLASHCARDS_SOAK_MINUTES=120 pytest -m monkey`; pytest keeps the
folder of a session that went wrong, with its runs."""

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals like POSIX's", allow_module_level=True)

from tests.monkey import LAUNCHES, Recorded, record, session
from tests.soak import TALK, Soak

SEED = int(os.environ.get("FLASHCARDS_MONKEY_SEED", "1"))
N_SESSIONS = int(os.environ.get("FLASHCARDS_MONKEY_SESSIONS", "20"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.mark.slow
def test_a_replay_bears_sixty_keys(recorded: Recorded, tmp_path: Path) -> None:
    assert session(1, 2, tmp_path, recorded).play(60).n_keys >= 60


@pytest.mark.slow
@pytest.mark.monkey
@pytest.mark.parametrize("index", range(N_SESSIONS))
def test_a_session_bears_five_hundred_keys(index: int, recorded: Recorded, tmp_path: Path) -> None:
    report = session(SEED, index, tmp_path, recorded).play(500)
    assert report.n_keys >= 500 or report.n_launches == LAUNCHES


@pytest.mark.slow
@pytest.mark.monkey
def test_a_talk_goes_round_for_minutes(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Soak("talk", random.Random(SEED), tmp_path / "session", recorded)
    one.minutes = float(os.environ.get("FLASHCARDS_SOAK_MINUTES", "2"))
    shutil.copy(TALK, one.folder / "talk.md")
    assert one.play(1_000_000).n_verified >= 1
    assert "screen" in capsys.readouterr().out
