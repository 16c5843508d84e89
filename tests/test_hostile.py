"""Whatever the bytes are, what opens them takes them or refuses them in a sentence.
For longer: `FLASHCARDS_HOSTILE_ROUNDS=1000 pytest -n0 tests/test_hostile.py [-k OPENER]`."""

import atexit
import contextlib
import functools
import hashlib
import io
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from flashcards.base.files import Refused
from flashcards.cards.audit import floor_nats, near_leaks
from flashcards.cards.diagnostics import excerpt, written
from flashcards.cards.format import parse, write
from flashcards.cards.grammar import as_taught
from flashcards.cards.printable import printable
from flashcards.cards.shelf import shipped
from flashcards.cli import main as main_of_program
from flashcards.exchange.importing import new_deck_of, read, summary
from flashcards.exchange.notes import Options
from flashcards.exchange.package import zstd_library
from flashcards.talks.parsing import parse_talk
from tests.decks import write_capitals
from tests.exchange.sources import FIXTURES, collection, package
from tests.hostile import HARD, Open, fault_of, faults


def open_deck(name: str, data: bytes) -> None:
    parsed = parse(data, name)
    assert write(parsed.document) == data, "not written back as it was"
    assert parse(data, name) == parsed, "read twice, two results"
    n_lines = data.count(b"\n") + data.count(b"\r") + 1
    for problem in parsed.diagnostics:
        assert 1 <= problem.line <= n_lines, f"line {problem.line} of {n_lines}"
        assert problem.column >= 1, "column 0"
        line = written(problem, name)
        assert printable(line) == line, f"not printable: {line!r}"
    deck = parsed.deck
    assert (deck is None) == any(p.level == "fatal" for p in parsed.diagnostics)
    if deck is None:
        return
    held = {card.prompt for card in deck.cards if card.is_never_seen}
    for card in deck.cards:
        for text in (card.prompt, *card.answers):
            assert text, "empty text"
            assert text == as_taught(text), f"not as it is taught: {text!r}"
            assert printable(text, newline="\n") == text, f"not printable: {text!r}"
            text.encode("utf-8")
        assert card.is_never_seen == (card.prompt in held), "taught and held out"
        assert 1 <= card.line <= n_lines
    assert len({card.id for card in deck.cards}) == len(deck.cards), "two cards with one id"
    assert floor_nats(deck) >= 0
    for problem in near_leaks(deck):
        line = written(problem, name)
        assert printable(line) == line, f"not printable: {line!r}"


def open_import(name: str, data: bytes, form: str = "") -> None:
    try:
        source = read(io.BytesIO(data), name, Options(form=form))
        deck = new_deck_of(source, name)
    except Refused as refusal:
        line = str(refusal)
        assert line, "refused without a word"
        assert "\n" not in line, f"two lines: {line!r}"
        return
    for line in summary(source, deck, name, "x.deck"):
        assert printable(line) == line, f"not printable: {line!r}"
    if deck.n_cards == 0 or deck.n_cards == deck.n_held_out:
        return
    parsed = parse(deck.text.encode(), "x.deck")
    errors = [problem for problem in parsed.diagnostics if problem.level != "warning"]
    assert not errors, f"a deck with an error: {errors[0].code}"
    assert parsed.deck is not None
    assert len(parsed.deck.cards) == deck.n_cards, "another number of cards than said"


def open_database(data: bytes) -> None:
    open_import("x.apkg", package({"collection.anki21": data}))
    squeezed = zstd_library().compress(data)
    open_import("x.apkg", package({"meta": b"\x08\x03", "collection.anki21b": squeezed}))


def open_talk(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    sheet, problems = parse_talk(text)
    n_lines = len(text.splitlines()) or 1
    lines = [problem.line for problem in problems] + [cue.line for cue in sheet.cues]
    assert all(1 <= line <= n_lines for line in lines)


@functools.cache
def recorded() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="flashcards-hostile-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    deck, runs = write_capitals(folder), folder / "runs"
    _command(["train", str(deck), "--steps", "12", "--runs", str(runs)])
    (run,) = runs.iterdir()
    return run


def open_run(pattern: str, commands: tuple[str, ...], data: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        run = Path(shutil.copytree(recorded(), Path(root) / "run"))
        path = max(run.glob(pattern))
        path.unlink()
        if path.suffix == ".safetensors":
            digest = hashlib.sha256(data).hexdigest()[:16]
            path = path.with_name(f"{path.name.rpartition('-')[0]}-{digest}.safetensors")
        sealed = path.suffix == ".msgpack"
        path.write_bytes(zlib.crc32(data).to_bytes(4, "little") + data if sealed else data)
        for command in commands:
            _command(command.format(root=root, run=run).split())


def _command(words: list[str]) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        assert main_of_program(words) in (0, 1, 2, 3), words
    assert "\x1b" not in out.getvalue(), "an escape sequence is printed"


def run_file(pattern: str) -> list[bytes]:
    data = max(recorded().glob(pattern)).read_bytes()
    return [data[4:] if pattern.endswith(".msgpack") else data]


def decks() -> list[bytes]:
    return [path.read_bytes() for path in sorted(shipped().glob("*.deck"))]


def texts() -> list[bytes]:
    found = (
        'front,back\ndog,chien\n"a, b","c""d"\n',
        "dog\tchien\ncat\tchat | minou\n",
        "dog;chien\ncat;chat\n",
        "prompt,answer,also,section,held_out\ndog,chien,,animals,yes\n",
        '{"prompt": "dog", "completion": "chien"}\n{"prompt": "cat", "completion": "chat"}\n',
        '[{"instruction": "a", "input": "", "output": "b"}]',
        "# Animals\n\ndog::chien\n\nQ: cat\nA: chat\n\n{{c1::Paris}} is a city\n",
        "#separator:tab\n#html:true\n#deck column:1\nA\tdog<br>\tchien\n",
    )
    encodings = ("utf-8", "utf-8-sig", "utf-16", "latin-1")
    return [text.encode(encoding) for text in found for encoding in encodings]


def packages() -> list[bytes]:
    database = collection([("dog", "chien"), ("{{c1::cat}} x", "y<br>z"), ("<b>a</b>", "")])
    return [database, *(path.read_bytes() for path in sorted(FIXTURES.glob("*.apkg")))]


def databases() -> list[bytes]:
    return [collection([("dog", "chien"), ("{{c1::cat}} x", "y<br>z"), ("<b>a</b>", "")])]


def talks() -> list[bytes]:
    text = (
        "---\ntitle: A talk\nlanguage: en\n---\n# One\nSome words.\n---\n<!-- note: say this -->\n"
        "```flashcards\nteach capitals.deck speed=full until step=30\n```\n---\n"
        "```flashcards\nask France\nwait\nhumans 30\nbranch rate=8\n```\n"
    )
    return [text.encode()]


HARD_TEXT = HARD + tuple(
    text.encode()
    for text in (
        ",", ";", '"', '""', ",,", '"a\n"', "#separator:tab\n", "#html:true\n", "#deck column:1\n",
        "#tags column:3\n", "#columns:a,b\n", '{"prompt": "a", "completion": "b"}\n',
        '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n',
        '{"instruction": "a", "input": "b", "output": "c"}\n', "{}", "[", "]", "null", "1e999",
        "[" * 200, '{"a":' * 200, "{{c1::a::b}}", "{{c1::{{c2::a}}}}", "{{c", "}}", "<br>", "<b>",
        "<img src=x>", "[sound:x]", "&#0;", "&#x1b;", "&#55296;", "&amp;", "<!--", "<style>", "</",
        "\\(x\\)", "# Heading\n", "- ", "**Q:** ", "a::b\n", "Q: a\nA: b\n", "\x1f", "? ", "---\n",
        "a\tb\n<![", "```flashcards\n", "-->", "until ", "=", "[" * 300,
    )
)  # fmt: skip


class Row(NamedTuple):
    open_: Open
    seeds: Callable[[], list[bytes]]
    is_slow: bool = False


LISTED = ("runs --runs {root}", "replay {run} --plain")
MADE_AGAIN = (
    "compare {run} {run}",
    "export {run} --to csv -o {root}/numbers",
    "verify {run}",
    "train --resume {run} --steps 13 --json",
)


OPENERS: dict[str, Row] = {
    "deck": Row(partial(open_deck, "x.deck"), decks),
    "tsv": Row(partial(open_deck, "x.tsv"), decks),
    **{
        f"import-{name}": Row(partial(open_import, name), texts)
        for name in ("x.csv", "x.tsv", "x.txt", "x.jsonl", "x.json", "x.md", "x")
    },
    **{
        f"import-as-{form}": Row(partial(open_import, "x", form=form), texts)
        for form in ("table", "json", "markdown")
    },
    "package": Row(partial(open_import, "x.apkg"), packages),
    "database": Row(open_database, databases),
    "talk": Row(open_talk, talks),
    **{
        f"run-{name}": Row(
            partial(open_run, pattern, commands), partial(run_file, pattern), is_slow=True
        )
        for name, pattern, commands in (
            ("info", "run.json", LISTED),
            ("log", "events.jsonl", (*LISTED, "report {run} -o {root}/x.html", *MADE_AGAIN)),
            ("summary", "summary.json", LISTED),
            ("state", "resume-*", ("ask {run} France", *MADE_AGAIN)),
        )
    },
}


LONG = ("database", "run-state")  # seconds


@pytest.mark.parametrize(
    "name",
    [
        *(name for name in OPENERS if name not in LONG),
        *(pytest.param(name, marks=pytest.mark.slow) for name in LONG),
    ],
)
def test_no_bytes_do_harm(name: str) -> None:
    open_, seeds, is_slow = OPENERS[name]
    n, seed = (3, 2) if is_slow else (60, 1)
    for more in range(int(os.environ.get("FLASHCARDS_HOSTILE_ROUNDS", "1"))):
        assert faults(open_, seeds(), HARD_TEXT, n=n, seed=seed + more) == {}


@pytest.mark.parametrize("name", ["deck", "tsv"])
def test_every_hard_piece_is_read_in_a_card(name: str) -> None:
    for hard in HARD:
        data = b"dog :: " + hard + b"\n? " + hard + b" :: cat\n"
        assert fault_of(OPENERS[name].open_, data) == "", data


def test_a_fault_is_noticed_and_its_place_is_said() -> None:
    def broken(data: bytes) -> None:
        assert b"\0" not in data, "a NUL"

    assert fault_of(broken, b"a :: b") == ""
    assert "AssertionError: a NUL" in fault_of(broken, b"a :: \0")
    assert b"\0" in faults(broken, [b"a"], n=0).values()


def test_a_quotation_is_not_cut_between_a_joiner_and_what_it_joins() -> None:
    woman_astronaut = "\U0001f469\u200d\U0001f680"
    cut = excerpt("a" * 37 + woman_astronaut + "b")
    assert cut == "“" + "a" * 37 + "\U0001f469…”"
    assert printable(cut) == cut
    open_deck("x.deck", f"x :: {'a' * 37}{woman_astronaut}b\nx :: y\n".encode())
