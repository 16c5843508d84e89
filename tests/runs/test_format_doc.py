"""docs/run-format.md names every kind and field there is: its reference part is the vocabulary.

After a change of it: `FLASHCARDS_DOCS=write pytest tests/runs/test_format_doc.py`.
"""

import base64
import json
import os
import zlib
from pathlib import Path
from typing import get_args

from flashcards.runs import events as ev
from flashcards.runs.marks import pack
from flashcards.runs.unlogged import Unlogged
from tests import told
from tests.runs.format_reference import reference

DOC = Path(__file__).parents[2] / "docs" / "run-format.md"
BEGIN = "<!-- reference: written from the events and values of flashcards/runs/ -->\n"


def test_the_reference_is_that_of_the_vocabulary() -> None:
    prose, _, written = DOC.read_text(encoding="utf-8").partition(BEGIN)
    if os.environ.get("FLASHCARDS_DOCS") == "write":
        DOC.write_text(f"{prose}{BEGIN}\n{reference()}", encoding="utf-8")
        return
    assert written.strip() == reference().strip(), "see this test's module for how to renew it"


def test_what_is_not_logged_is_named() -> None:
    prose = DOC.read_text(encoding="utf-8").partition(BEGIN)[0]
    assert [kind.__name__ for kind in get_args(Unlogged) if f"`{kind.__name__}`" not in prose] == []


def test_the_rules_of_the_doc_are_enough_to_read_a_log_without_this_program(tmp_path: Path) -> None:
    """A reader of the doc's few rules, standard library alone."""
    log = tmp_path / "events.jsonl"
    marks = bytes([3, 1, 0, 2, 3])
    happened: list[ev.AnyEvent] = [
        ev.RunPaused(step=3),
        ev.DeckMarked(step=9, marks=pack(marks)),
        ev.RunPaused(step=12),
        ev.RunResumed(step=9, start=told.started()),
        ev.RunPlayed(step=9),
    ]
    log.write_bytes(b"".join(map(ev.encode, happened)) + b'{"kind":"RunPa')
    counting: list[dict[str, object]] = []
    for line in log.read_bytes().split(b"\n")[:-1]:
        event = json.loads(line)
        if event["kind"] == "RunResumed":
            counting = [e for e in counting if e["step"] <= event["step"]]
        counting.append(event)
    assert [(e["kind"], e["step"]) for e in counting] == [
        ("RunPaused", 3),
        ("DeckMarked", 9),
        ("RunResumed", 9),
        ("RunPlayed", 9),
    ]
    packed = zlib.decompress(base64.b64decode(str(counting[1]["marks"])))
    unpacked = [packed[i // 4] >> 2 * (i % 4) & 3 for i in range(5)]
    assert unpacked == list(marks)
