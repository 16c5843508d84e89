"""The long run that is measured is like a real one."""

from pathlib import Path

from flashcards.runs.recording import Recording
from tests.bench.long_run import write_long_run


def test_a_long_run_is_read_like_any_and_grows_like_one(tmp_path: Path) -> None:
    folder = write_long_run(tmp_path / "long", 3_000)
    recording = Recording.open(folder)
    assert recording.last_step == 3_000
    assert recording.state.exams.last is not None
    assert 50 <= folder.log_path.stat().st_size / 3_000 <= 150
