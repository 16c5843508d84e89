"""Whatever the bytes are: a deck without errors comes out, or one line that says why not.

Longer by hand: `python -m tests.exchange.test_fuzz SECONDS`.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flashcards.cards.printable import printable
from flashcards.exchange.notes import Options
from flashcards.exchange.package import zstd_library
from tests.exchange.sources import FIXTURES, collection, imported_text, package

PIECES = [
    *("\t", ",", ";", "|", " - ", "\n", "\r\n", '"', '""', "::", " ::: ", "Q: ", "A: ", "?", "??"),
    *("#separator:", "tab", "#html:true", "#deck column:", "#tags column:", "#columns:", "1", "9"),
    *("{{c1::", "}}", "<b>", "<br>", "</b>", "<img src=x>", "&lt;", "[sound:a]"),
    *("<script>", "<![", "<!", "x" * 300),
    *('{"prompt": ', '"completion": ', '{"messages": [', '"role": "user"', "[", "]", "{", "}", ":"),
    *("# ", "## ", "- ", "1. ", "```", "---", "id::", "+++", "\\", "\ufeff"),
    *("\u202e", "\x1b[2J", "\x85"),
    *("a", "b", "dog", "chien", "é", "e\u0301", "日本", "🍎", " ", "  ", "\xa0", "\u2028"),
    *("prompt,answer,also,section,held_out\n", "held-out", "yes", "Front", "Back", "null", "0"),
]  # fmt: skip
FORMS = ("", "table", "json", "markdown")
ENCODINGS = ("utf-8", "utf-16", "utf-8-sig", "latin-1")


def check(data: bytes, options: Options | None = None) -> int:
    """Import the bytes; `imported` itself asserts that a deck that comes out has no error."""
    result = imported_text(data, options)
    assert result.said == printable(result.said, newline="\n")
    if result.code:
        assert result.said.count("\n") == 1
        assert result.said.startswith("flashcards import: standard input: ")
    return result.code


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=30),
    form=st.sampled_from(FORMS),
    encoding=st.sampled_from(ENCODINGS),
)
@example(pieces=["a\tb\n", "<!["], form="", encoding="utf-8")
def test_no_text_does_harm(pieces: list[str], form: str, encoding: str) -> None:
    data = "".join(pieces).encode(encoding, "replace")
    check(data, Options(form=form))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), form=st.sampled_from(FORMS))
def test_no_bytes_do_harm(data: bytes, form: str) -> None:
    check(data, Options(form=form))


PACKAGES = {
    "new": (FIXTURES / "latest.apkg").read_bytes(),
    "old": (FIXTURES / "legacy.apkg").read_bytes(),
    "bare": collection([("dog", "chien"), ("cat", "chat")]),
}


def damaged(data: bytes, places: list[tuple[float, int]]) -> bytes:
    """The bytes with some of them others."""
    changed = bytearray(data)
    for share, byte in places:
        changed[int(share * (len(changed) - 1))] = byte
    return bytes(changed)


# training flushes subnormal numbers in the whole process
FLOATS = st.floats(0, 1, allow_subnormal=False)
PLACES = st.lists(st.tuples(FLOATS, st.integers(0, 255)), min_size=1, max_size=12)


@pytest.mark.parametrize("name", PACKAGES)
@settings(max_examples=100, deadline=None)
@given(places=PLACES, end=st.floats(0.5, 1, allow_subnormal=False))
def test_no_damaged_package_does_harm(
    name: str, places: list[tuple[float, int]], end: float
) -> None:
    data = PACKAGES[name]
    check(damaged(data, places)[: int(len(data) * max(end, 0.5)) or 1])
    check(damaged(data, places))


@settings(max_examples=100, deadline=None)
@given(places=PLACES)
def test_no_damaged_database_inside_a_package_does_harm(places: list[tuple[float, int]]) -> None:
    inside = damaged(PACKAGES["bare"], places)
    check(package({"collection.anki21": inside}))
    check(package({"meta": b"\x08\x03", "collection.anki21b": zstd_library().compress(inside)}))


# By hand -----------------------------------------------------------------------------------------


def _cases(chance: random.Random) -> Iterator[tuple[str, Callable[[], int]]]:
    while True:
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 60)))
        data = text.encode(chance.choice(ENCODINGS), "replace")
        options = Options(form=chance.choice(FORMS), is_html=chance.choice([None, True, False]))
        yield "text", lambda data=data, options=options: check(data, options)  # type: ignore[misc]
        name = chance.choice(list(PACKAGES))
        places = [(chance.random(), chance.randrange(256)) for _ in range(chance.randint(1, 40))]
        broken = damaged(PACKAGES[name], places)
        yield f"damaged {name}", lambda data=broken: check(data)  # type: ignore[misc]
        inside = package({"collection.anki21": damaged(PACKAGES["bare"], places)})
        yield "damaged database", lambda data=inside: check(data)  # type: ignore[misc]
        fields = ["".join(chance.choices(PIECES, k=chance.randint(0, 9))) for _ in range(2)]
        notes = package({"collection.anki2": collection([(fields[0], fields[1]), ("a", "b")])})
        yield "fields", lambda data=notes: check(data)  # type: ignore[misc]


def main(seconds: float) -> None:
    """Fuzz until the time is over; what fails is printed with its seed's case."""
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds
    for kind, run in _cases(random.Random(time.time_ns())):
        if time.monotonic() > end:
            break
        try:
            counts[f"{kind}: {'refused' if run() else 'read'}"] += 1
        except Exception as error:
            counts[f"{kind}: FAILED"] += 1
            print(kind, repr(error)[:300], repr(run.__defaults__)[:600], flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main(float(sys.argv[1]))
