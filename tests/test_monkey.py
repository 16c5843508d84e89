"""Random keys in the real program: a few by default, ten thousand behind the marker; and a soak."""

import random
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals like POSIX's", allow_module_level=True)

from tests.monkey import LAUNCHES, Recorded, keep, record, session
from tests.soak import TALK, Soak


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.mark.slow
def test_a_replay_bears_sixty_keys(recorded: Recorded, tmp_path: Path) -> None:
    assert session(1, 2, tmp_path, recorded).play(60).n_keys >= 60


def test_the_folder_of_a_session_that_failed_is_kept_with_what_was_said(
    recorded: Recorded, tmp_path: Path
) -> None:
    one = session(1, 2, tmp_path, recorded)
    kept = keep(one.folder, tmp_path / "kept", "it does not leave")
    assert not one.folder.exists()
    assert (kept / "fault.txt").read_text() == "it does not leave"
    assert sorted(path.name for path in (kept / "runs").iterdir()) == recorded.names()


@pytest.mark.slow
@pytest.mark.monkey
@pytest.mark.parametrize("index", range(20))
def test_a_session_bears_five_hundred_keys(index: int, recorded: Recorded, tmp_path: Path) -> None:
    report = session(1, index, tmp_path, recorded).play(500)
    assert report.n_keys >= 500 or report.n_launches == LAUNCHES


@pytest.mark.slow
@pytest.mark.monkey
def test_a_talk_goes_round_for_two_minutes(
    recorded: Recorded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Soak("talk", random.Random(1), tmp_path / "session", recorded)
    one.minutes = 2
    (one.folder / "talk.md").write_text(TALK, encoding="utf-8")
    assert one.play(1_000_000).n_verified >= 1
    assert "screen" in capsys.readouterr().out
