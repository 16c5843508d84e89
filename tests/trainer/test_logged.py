"""A log as it is read again: at which place an update broke the model."""

from pathlib import Path

from flashcards.runs import events as ev
from flashcards.trainer.again.logged import LoggedRun
from tests import told


def test_an_update_broke_the_model_where_that_is_the_next_thing_told(tmp_path: Path) -> None:
    happened: list[ev.AnyEvent] = [
        told.steps(1),
        told.steps(2),
        ev.RunDiverged(step=2),
        ev.LearningRateChanged(step=2, factor=0.5),
        told.steps(3),
    ]
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(map(ev.encode, happened)))
    logged = LoggedRun(path)
    assert logged.events == happened
    assert [logged.has_broken(place) for place in range(5)] == [False, True, True, False, False]
