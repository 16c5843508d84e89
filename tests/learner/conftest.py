"""A learner that several files ask; none of them teaches it."""

from __future__ import annotations

import pytest

from flashcards.learner.learner import Learner
from tests.learner.decks import sums
from tests.learner.taught import taught


@pytest.fixture(scope="session")
def adder() -> Learner:
    """Knows some sums and not others."""
    return taught(sums(12, 30), 60)
