"""A run folder that no trainer wrote: what a test says of it, and the rest as it may be."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from flashcards.runs.folder import FORMAT, RunFolder, RunInfo

STARTED = datetime(2026, 11, 24, 9, tzinfo=UTC)


def info_of(deck: str, /, **changes: object) -> RunInfo:
    info = RunInfo(
        format=FORMAT,
        run="",
        deck=deck,
        deck_name=deck,
        deck_sha256="0" * 64,
        deck_path=f"{deck}.deck",
        seed=7,
        device="cpu",
        started=STARTED.isoformat(),
        settings={},
        versions={},
        machine="",
    )
    return msgspec.structs.replace(info, **changes)


def written_run(
    root: Path, deck: str, deck_bytes: bytes = b"a :: b\n", /, **changes: object
) -> RunFolder:
    return RunFolder.create(
        root,
        info_of(deck, **changes),
        deck_file=f"0000-{deck}.deck",
        deck_bytes=deck_bytes,
        tokenizer_model=b"model",
        now=STARTED,
    )
