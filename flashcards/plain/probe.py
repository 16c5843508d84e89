"""A short lesson, to see whether a deck has a rule: what ten seconds of training reach.

The same lesson as every other, without a screen; its run is thrown away.
"""

from __future__ import annotations

import tempfile

from flashcards.doctor.diagnosis import Probe
from flashcards.runs.goal import Goal
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest

PROBE_S = 10.0
"""Time spent training, exams left out. A slow or busy machine teaches fewer cards in it."""


def probe(deck: str, seconds: float = PROBE_S) -> Probe:
    """Teach the deck for so long, or until its lesson ends. `deck`: a path, or the name of a deck
    on the shelf.
    Raises LessonError: the deck can't be taught."""
    with tempfile.TemporaryDirectory(prefix="flashcards-probe-") as folder:
        request = LessonRequest(deck=deck, runs=folder, speed="full")
        opened = open_lesson(request, goal=Goal(seconds=seconds))
        ended = opened.teach()
        assert ended is not None
        trained_s = opened.training.memory.train_seconds
        return Probe(trained_s, ended.seen, ended.unseen, opened.keeper.state.rivals)
