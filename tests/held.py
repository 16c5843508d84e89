"""Runs of other processes that stand still at a step until the test lets them go on: on a busy
machine a short run would be over before the test interrupts it."""

import os
from pathlib import Path

import pytest

from tests.waiting import wait_until

# Python imports `sitecustomize` when it starts, in every process that inherits PYTHONPATH
SITE = """
import os, re, sys, time
def hold(event, arguments):
    if event == "os.rename":
        kept = re.search(r"keyframes\\W(\\d+)-", os.fsdecode(arguments[1]))
        while kept and int(kept[1]) > {step} and not os.path.exists({go!r}):
            time.sleep(0.01)
sys.addaudithook(hold)
"""


class Hold:
    """Processes started from here on stand still before they keep a state later than `step`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
        self.step = step
        self.go = folder / "go"
        folder.mkdir()
        site = SITE.format(step=step, go=str(self.go))
        (folder / "sitecustomize.py").write_text(site, encoding="utf-8")
        paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))

    def wait_for(self, root: Path, runs: str) -> None:
        """Return when a run with such a folder is at the step; AssertionError if none comes."""
        kept = f"{runs}/keyframes/{self.step:08}-*"
        wait_until(lambda: any(root.glob(kept)), f"no run came to step {self.step}")

    def let_go(self) -> None:
        self.go.touch()
