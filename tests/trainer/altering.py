"""Alters a line of a run's log, as an editor or a stranger would."""

from __future__ import annotations

import re

from flashcards.runs.folder import RunFolder


def alter(run: RunFolder, kind: str, pattern: str, to: str, place: int = -1) -> None:
    """Replace the pattern in one line of this kind, the last if no place is named."""
    log = run.log_path
    lines = log.read_text().splitlines(keepends=True)
    chosen = [i for i, line in enumerate(lines) if f'"kind":"{kind}"' in line][place]
    altered = re.sub(pattern, to, lines[chosen], count=1)
    assert altered != lines[chosen]
    lines[chosen] = altered
    log.write_text("".join(lines))
