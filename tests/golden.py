"""Words of the program, each once in `tests/words/`: tests name them by their key.
FLASHCARDS_PICTURES=write writes them anew, as the program says them now."""

import contextlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.once import locked

WORDS = Path(__file__).with_name("words")
MESSAGES = WORDS / "messages.txt"
"""Errors, reports and texts of screens, in English; the other files are of `flashcards/wording`."""


def is_written() -> bool:
    return os.environ.get("FLASHCARDS_PICTURES") == "write"


def as_line(key: str, text: str) -> str:
    return f"{key}\t{text}".replace("\n", "⏎")


def entries(file: Path) -> dict[str, str]:
    """Return the texts of a file by their keys."""
    lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    pairs = (line.partition("\t")[::2] for line in lines if line)
    return {key: text.replace("⏎", "\n") for key, text in pairs}


def write(file: Path, texts: dict[str, str]) -> None:
    lines = [as_line(key, text) for key, text in sorted(texts.items())]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@cache
def _english() -> dict[str, str]:
    return entries(WORDS / "en.txt") | entries(MESSAGES)


def words(key: str, **values: object) -> str:
    """Return the English text of a key, with these values in the place of their {names}."""
    text = _english()[key]
    for name, value in values.items():
        assert f"{{{name}}}" in text, f"{key} has no {{{name}}}: {text}"
        text = text.replace(f"{{{name}}}", str(value))
    return text


def check_words(key: str, text: str, **values: object) -> None:
    """Compare a whole message with the words of this key; values are what other runs say otherwise,
    such as paths, numbers of a parametrized test and the system's own words."""
    if is_written():
        _write_message(key, text, values)
    expected = words(key, **values) if key in _english() else None
    assert text == expected, f"{key}:\n{text!r} is said,\n{expected!r} is in {MESSAGES.name}"


def _write_message(key: str, text: str, values: dict[str, object]) -> None:
    for name, value in values.items():
        n_places = 1 if isinstance(value, int) else 0  # of others anywhere, all
        place = rf"(?<!\w){re.escape(str(value))}(?!\w)"
        text = re.sub(place, f"{{{name}}}", text, count=n_places)
    if entries(MESSAGES).get(key) != text:
        with locked("words"):
            write(MESSAGES, entries(MESSAGES) | {key: text})
        _english.cache_clear()


@contextlib.contextmanager
def raises_words(error: type[Exception], key: str, **values: object) -> Iterator[None]:
    """Expect an error of this type whose whole text is in the words of this key."""
    with pytest.raises(error) as caught:
        yield
    raised: Exception = caught.value
    text = raised.strerror if isinstance(raised, OSError) else None  # without number and path
    check_words(key, text or str(raised), **values)
