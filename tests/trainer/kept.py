"""Runs that several tests begin with: taught once, copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.once import once


def copy_of(teach: Callable[[Path], Path], folder: Path) -> Path:
    """The run that `teach` leaves in a folder, with everything else there, in this folder."""
    run = once(teach)
    made = next(parent for parent in run.parents if parent.name == "runs").parent
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder / run.relative_to(made)
