"""What the bench waits for on the screen is what its keys show."""

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("it needs a pty", allow_module_level=True)

from tools import screen


@pytest.mark.slow
@pytest.mark.monkey
def test_every_key_that_is_timed_shows_what_is_waited_for() -> None:
    pressed, *_ = screen.key_press(len(screen.KEY_PRESSES))
    assert 0 < pressed.value < 30_000
