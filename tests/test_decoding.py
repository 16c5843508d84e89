"""JSON and TOML made to break what reads them: each reader takes them for damaged."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from flashcards.app.audience import shared_lesson
from flashcards.app.keymap import parse_keymap
from flashcards.app.rooms import KEYS
from flashcards.base.decoding import decode_json, decode_toml
from flashcards.cards.format import parse
from flashcards.learner import tokenizer
from flashcards.learner.settings import LearnerSettings
from flashcards.plain import ask
from flashcards.runs.folder import RunFolder
from flashcards.runs.run_files import RunError
from flashcards.runs.sweep import Sweep, SweepError
from flashcards.talks import course, rehearsal
from flashcards.trainer.opening import LessonError
from tests.golden import check_words, raises_words

NESTED = b"[" * 100_000
JSON = {
    "nested": b'{"x":' + NESTED + b"]" * 100_000 + b"}",
    "nested without end": b'{"x":' + NESTED,
    "objects": b'{"x":' * 100_000,
    "no UTF-8": b'{"x": "\xff"}',
    "half a pair": b'{"x": "\\ud800"}',
    "a number": b"9" * 100_000,
}
TOML = {
    "nested": b"x = " + NESTED,
    "tables in tables": b"x = " + b"{a=" * 100_000,
    "a long key": b"a." * 100_000 + b"a = 1",
    "tables": b"".join(b"[a%d]\n" % n for n in range(20_000)),
    "keys": b"".join(b"a%d = 1\n" % n for n in range(20_000)),
    "a number": b"x = " + b"9" * 100_000,
    "no date": b"x = 2000-99-99",
}


def in_place(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def open_run(folder: Path, data: bytes) -> None:
    in_place(folder / "run.json", data)
    in_place(folder / "events.jsonl", b"")
    with pytest.raises(RunError):
        RunFolder.open(folder)


def open_sweep(folder: Path, data: bytes) -> None:
    in_place(folder / "sweep.json", data)
    with pytest.raises(SweepError):
        Sweep.open(folder)


def open_rehearsal(folder: Path, data: bytes) -> None:
    in_place(folder / rehearsal.FILE, data)
    assert rehearsal.load(folder) is None


def open_progress(folder: Path, data: bytes) -> None:
    in_place(course._file(), data)
    assert course.lessons_done("a course") == 0


def open_room(folder: Path, data: bytes) -> None:
    in_place(shared_lesson.room_file(), data)
    assert shared_lesson.kept_room().code


def open_prompts(folder: Path, data: bytes) -> None:
    path = in_place(folder / "prompts.txt", data)
    with contextlib.suppress(LessonError):
        assert all(isinstance(prompt, str) for prompt, _ in ask._lines(str(path)))


def open_tokenizer(folder: Path, data: bytes) -> None:
    deck = parse(b"dog :: chien\n", "x.deck").deck
    assert deck is not None
    model = tokenizer.train_tokenizer(deck, LearnerSettings())
    first = tokenizer.LETTER_SOUNDS_TAG + tokenizer._size(data) + data
    with raises_words(tokenizer.TokenizerError, "tokenizer: damaged"):
        tokenizer.Tokenizer(first + model)


READERS: dict[str, Callable[[Path, bytes], None]] = {
    "run.json": open_run,
    "sweep.json": open_sweep,
    "rehearsal.json": open_rehearsal,
    "progress in a course": open_progress,
    "room of phones": open_room,
    "prompts to ask": open_prompts,
    "tokenizer.model": open_tokenizer,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", JSON)
def test_no_json_ends_the_program(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    READERS[name](tmp_path / "it", JSON[kind])


@pytest.mark.parametrize("kind", TOML)
def test_no_toml_ends_the_program(kind: str) -> None:
    text = TOML[kind].decode()
    keymap = parse_keymap(text, KEYS)
    assert keymap.keys == {}
    assert len(keymap.problems) == 1
    check_words("keys: none was changed", keymap.problems[0].rpartition("; ")[2])
    problems = parse(f"+++\n{text}\n+++\na :: b\n".encode(), "x.deck").diagnostics
    assert "front-toml" in {problem.code for problem in problems}


def test_what_is_whole_is_read() -> None:
    assert decode_json(b'{"a": [1]}', dict[str, list[int]]) == {"a": [1]}
    assert decode_toml('a = [1]\nb.c = "x"\n') == {"a": [1], "b": {"c": "x"}}
    with pytest.raises(msgspec.DecodeError, match="nested too deep"):
        decode_json(JSON["nested"], msgspec.Raw)
