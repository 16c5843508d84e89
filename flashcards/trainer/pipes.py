"""The two ends of a child's protocol: lines in on stdin, events alone out on what was stdout."""

from __future__ import annotations

import os
import sys
from io import FileIO


def unbuffered_stdin() -> FileIO:
    """The lines from the parent; a buffered reader that a thread waits in aborts at the end."""
    return os.fdopen(os.dup(0), "rb", buffering=0)


def private_stdout() -> FileIO:
    """A stream for the protocol alone: prints, those from C too, go to stderr from here on."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return pipe
