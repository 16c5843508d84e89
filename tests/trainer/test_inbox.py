"""Whoever waits for commands does not outlive who sent them."""

import subprocess
import sys

from tests.waiting import PATIENCE_S

STUCK = """
import io, time
from flashcards.trainer.inbox import Inbox, read_commands
read_commands(io.FileIO(0), Inbox(), leave_after_s={seconds})
{then}
"""


def test_a_process_that_hangs_ends_some_time_after_its_parent_has_gone() -> None:
    hanging = STUCK.format(seconds=0.2, then="time.sleep(9999)")
    ended = subprocess.run([sys.executable, "-c", hanging], input=b"", timeout=PATIENCE_S)
    assert ended.returncode == 1


def test_one_that_ends_by_itself_is_not_held_up() -> None:
    ending = STUCK.format(seconds=9999, then="")
    ended = subprocess.run([sys.executable, "-c", ending], input=b"", timeout=PATIENCE_S)
    assert ended.returncode == 0
