"""docs/run-format.schema.json says how a line of a log is made, docs/run-format.md how to read it.
After a change of an event: `FLASHCARDS_DOCS=write pytest -n0 tests/runs/test_format_doc.py`."""

import base64
import json
import os
import zlib
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest

from flashcards.runs import events as ev
from flashcards.runs.events import AnyEvent
from flashcards.runs.marks import pack
from flashcards.runs.unlogged import Unlogged
from tests import told
from tests.app import recordings

DOC = Path(__file__).parents[2] / "docs" / "run-format.md"
SCHEMA = DOC.with_name("run-format.schema.json")


def schema() -> dict[str, Any]:
    """The JSON Schema of one line of a log, made from the structs of `flashcards/runs/`."""
    kinds = [kind for kind in get_args(AnyEvent) if kind not in get_args(Unlogged)]
    refs, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    described: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a line of events.jsonl, of a run folder of format 8",
        "oneOf": refs,
        "$defs": definitions,
    }
    allowed: dict[str, Any] = _with_null_numbers(described)
    return allowed


def _with_null_numbers(node: Any) -> Any:
    """Allow null for every number that is not whole: a log writes NaN and infinity so."""
    if isinstance(node, list):
        return [_with_null_numbers(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {name: _with_null_numbers(part) for name, part in node.items()}
    if node.get("type") == "number":
        node["type"] = ["number", "null"]
    return node


def test_the_schema_is_that_of_the_structs() -> None:
    text = json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("FLASHCARDS_DOCS") == "write":
        SCHEMA.write_text(text, encoding="utf-8")
        return
    assert SCHEMA.read_text(encoding="utf-8") == text, "see this module on how to renew it"


def logs(tmp_path: Path) -> list[Path]:
    """Logs of real lessons: cards, a text and its questions, rewards."""
    for name in ("valley", "reward"):
        recordings.put(name, tmp_path / name)
    return sorted(tmp_path.rglob("events.jsonl"))


@pytest.mark.slow
def test_the_logs_of_real_lessons_are_as_the_schema_says(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    kinds = set[str]()
    for log in logs(tmp_path):
        n_checked = Counter[str]()  # of each kind five of each log: all take seconds
        for line in log.read_bytes().splitlines():
            event = json.loads(line)
            n_checked[event["kind"]] += 1
            if n_checked[event["kind"]] <= 5:
                problems = [error.message for error in validator.iter_errors(event)]
                assert problems == [], event["kind"]
        kinds |= n_checked.keys()
    assert {"RunStarted", "ExamTaken", "ChapterBegan", "StepsTaken"} <= kinds


def test_the_schema_refuses_what_is_no_event() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    assert validator.is_valid({"kind": "RunPaused", "step": 3})
    assert not validator.is_valid({"kind": "RunPaused", "step": "three"})
    assert not validator.is_valid({"kind": "RunPauses", "step": 3})


def test_what_is_not_logged_is_named() -> None:
    prose = DOC.read_text(encoding="utf-8")
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
