"""What most tests of lessons begin with."""

from pathlib import Path

import pytest

from tests.decks import write_capitals
from tests.trainer.eventful import Eventful, eventful_run


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_capitals(tmp_path)


@pytest.fixture
def eventful(tmp_path: Path) -> Eventful:
    return eventful_run(tmp_path)
