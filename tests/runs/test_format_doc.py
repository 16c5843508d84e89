"""docs/run-format.md names every kind and field there is: its reference part is the vocabulary.
After a change of it: `FLASHCARDS_DOCS=write pytest tests/runs/test_format_doc.py`."""

import base64
import inspect
import json
import os
import types
import zlib
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from flashcards.runs import details, events as ev, rewards, values
from flashcards.runs.events import AnyEvent
from flashcards.runs.marks import pack
from flashcards.runs.unlogged import Unlogged
from tests import told

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


SIMPLE = {int: "integer", float: "number", str: "text", bool: "true or false", type(None): "null"}


def reference() -> str:
    kinds = [kind for kind in get_args(AnyEvent) if kind not in get_args(Unlogged)]
    parts = [v for module in (values, details, rewards) for v in vars(module).values()]
    structs = [v for v in parts if isinstance(v, type) and issubclass(v, msgspec.Struct)]
    used = {name for kind in kinds for name in _names_in(kind)}
    while more := {n for s in structs if s.__name__ in used for n in _names_in(s)} - used:
        used |= more
    named = {s.__name__: s for s in structs if s.__name__ in used and s is not msgspec.Struct}
    lines = ["## The kinds of events", ""]
    lines += [line for kind in kinds for line in _described(kind)]
    lines += ["## The values in them", ""]
    lines += [line for struct in named.values() for line in _described(struct)]
    return "\n".join(lines).rstrip() + "\n"


def _described(struct: type[msgspec.Struct]) -> list[str]:
    hints = get_type_hints(struct)
    is_array = struct.__struct_config__.array_like
    lines = [f"### {struct.__name__}", "", inspect.cleandoc(struct.__doc__ or ""), ""]
    if is_array:
        lines += ["An array of these, in this order:", ""]
    for field in msgspec.structs.fields(struct):
        if field.name == "step" and "kind" in (struct.__struct_config__.tag_field or ""):
            continue
        default = "" if field.required else f"; {_default(field)} when left out"
        lines.append(f"- `{field.name}`: {_kind(hints[field.name])}{default}")
    return [*lines, ""] if lines[-1] else lines


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    return "`" + msgspec.json.encode(value).decode() + "`"


def _kind(hint: Any) -> str:
    if hint in SIMPLE:
        return SIMPLE[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(f'`"{choice}"`' for choice in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(map(_kind, arguments))
    if origin is tuple:
        inner = arguments[:1] if arguments[-1] is Ellipsis else arguments
        return "array of " + ", ".join(map(_kind, inner))
    if origin is dict:
        return f"object of {_kind(arguments[1])}"
    name: str = getattr(hint, "__name__", str(hint))
    return f"[{name}](#{name.lower()})"


def _names_in(struct: type[msgspec.Struct]) -> set[str]:
    text = " ".join(_kind(hint) for hint in get_type_hints(struct).values())
    return {part.split("]")[0] for part in text.split("[")[1:]}
