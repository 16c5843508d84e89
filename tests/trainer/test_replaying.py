"""What a replay can't do, and a log that grows while it is read. The rest: test_any_history.py."""

from pathlib import Path

import pytest

from flashcards.runs.goal import Goal
from flashcards.trainer.again.logged import CannotReplay, LoggedRun
from flashcards.trainer.again.replaying import Replay
from tests.decks import write_capitals
from tests.trainer.eventful import N_STEPS, Eventful
from tests.trainer.lessons import run_lesson


def without(eventful: Eventful, kind: bytes) -> None:
    log = eventful.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b'"%s"' % kind not in line]
    assert len(kept) < len(lines)
    log.write_bytes(b"".join(kept))


def test_weights_and_ledger_are_those_of_every_step_without_marks_in_the_log(
    eventful: Eventful,
) -> None:
    without(eventful, b"DeckMarked")
    replay = Replay(eventful.folder, at_most=0, is_quick=True)
    for step in range(N_STEPS):
        assert replay.training.learner.weights_sha256() == eventful.hashes[step], step
        assert replay.training.ledger.to_bytes() == eventful.ledgers[step], step
        replay.forward()
    assert replay.training.deck == eventful.deck
    with pytest.raises(CannotReplay, match=r"ends at step 130"):
        replay.forward()


def test_a_log_is_read_on_as_it_grows_and_goes_back_with_a_resume(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    opened, _ = run_lesson(deck, goal=Goal(step=20))
    folder = opened.keeper.folder
    logged = LoggedRun(folder.log_path)
    assert logged.last_step == 20
    assert logged.refresh() is None
    run_lesson(deck, goal=Goal(step=30), resume=str(folder.path))
    assert logged.refresh() == 20
    assert logged.last_step == 30
    with folder.log_path.open("ab") as log:
        log.write(b'{"kind":"RunResumed","step":12,"start"')
        log.flush()
        assert logged.refresh() is None
    assert logged.events == LoggedRun(folder.log_path).events
