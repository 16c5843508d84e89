"""What tests do with saved runs: copy them, read them, alter them."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from flashcards.runs.folder import RunFolder
from flashcards.trainer.again.replaying import Replay
from tests.once import once


def copy_of(teach: Callable[[Path], Path], folder: Path) -> Path:
    run = once(teach)
    made = next(parent for parent in run.parents if parent.name == "runs").parent
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder / run.relative_to(made)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def weights_at(run: Path, step: int) -> str:
    replay = Replay(RunFolder.open(run), at_most=step)
    replay.give(step)
    assert replay.step == step
    return replay.training.learner.weights_sha256()


def alter(run: RunFolder, kind: str, pattern: str, to: str, place: int = -1) -> None:
    """Replace the pattern in one line of this kind, the last if no place is named."""
    log = run.log_path
    lines = log.read_text().splitlines(keepends=True)
    chosen = [i for i, line in enumerate(lines) if f'"kind":"{kind}"' in line][place]
    altered = re.sub(pattern, to, lines[chosen], count=1)
    assert altered != lines[chosen]
    lines[chosen] = altered
    log.write_text("".join(lines))


def as_if_elsewhere(run: RunFolder) -> None:
    """Say that the run was made where numbers are rounded otherwise."""
    info = msgspec.structs.replace(run.info, roundings=("0" * 32,))
    (run.path / "run.json").write_bytes(msgspec.json.encode(info))
