"""The TOML between two `+++` lines: what a deck says about itself and asks of the learner."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple, get_args

import msgspec

from flashcards.base.decoding import OverlyComplex, decode_toml
from flashcards.cards import card, grammar, tools
from flashcards.cards.diagnostics import Diagnostic, diagnostic, did_you_mean, excerpt

FENCE = "+++"
FORMAT_VERSION = 1
KINDS = ("memorise", "rule", "relations", "grokking", "text")
GROUPINGS = ("commutes", "section")


class FrontMatter(msgspec.Struct, frozen=True):
    """Front matter once read: its values, its problems, and the file's line of every key."""

    meta: card.DeckMeta = card.DeckMeta()
    wishes: card.LearnerWishes = card.LearnerWishes()
    is_both_ways: bool = False
    group_of_prompt: dict[str, str] = {}
    lines: dict[str, int] = {}
    diagnostics: tuple[Diagnostic, ...] = ()


class _Kind(NamedTuple):
    """A kind of value that a key may have: its types, its range, and the sentence that says so."""

    types: tuple[type, ...]
    is_value: Callable[[Any], bool]
    wanted: str

    def is_type(self, value: Any) -> bool:
        return type(value) in self.types


def _one_of(values: tuple[str, ...]) -> _Kind:
    listed = ", ".join(f'"{value}"' for value in values)
    return _Kind((str,), lambda value: value in values, f"one of {listed}")


def _integer(least: int, most: int) -> _Kind:
    wanted = f"a whole number from {least} to {most}"
    return _Kind((int,), lambda value: least <= value <= most, wanted)


def _number(least: float, most: float) -> _Kind:
    wanted = f"a number from {least:g} to {most:g}"
    return _Kind((int, float), lambda value: least <= value <= most, wanted)


_TEXT = _Kind((str,), lambda value: True, "text in quotation marks")
_AGES = re.compile(r"\d{1,2}(\+|-\d{1,2})")
_AGES_WANTED = 'an age and what is above it, "12+", or a span, "12-16"'

# The learner judges its settings itself; these bounds only keep out what can be no setting.
KEYS: dict[str, _Kind] = {
    "format": _integer(1, 1_000_000),
    "name": _TEXT,
    "shows": _TEXT,
    "because": _TEXT,
    "description": _TEXT,
    "topic": _TEXT,
    "ages": _Kind((str,), lambda ages: _AGES.fullmatch(ages) is not None, _AGES_WANTED),
    "updates": _integer(1, 10_000_000),
    "kind": _one_of(KINDS),
    "source": _TEXT,
    "license": _TEXT,
    "author": _TEXT,
    "language": _TEXT,
    "held_out": _number(0, 1),
    "reverse": _Kind((bool,), lambda value: True, "true or false"),
    "group": _one_of(GROUPINGS),
    "judge": _TEXT,
    "ask": _Kind((str,), card.is_template, card.ASK_WANTED),
    "tool": _one_of(tuple(tools.BUILT_IN)),
    "tokenizer": _one_of(get_args(card.TokenizerKind)),
    "vocabulary": _integer(1, 65_536),
    "batch_size": _integer(1, 4_096),
    "weight_decay": _number(0, 10),
    "learning_rate": _number(0, 1),
    "n_layers": _integer(1, 24),
    "width": _Kind((int,), range(16, 1_025, 16).__contains__, "a multiple of 16 from 16 to 1024"),
    "size": _one_of(get_args(card.ModelSize)),
}

_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_front_matter(lines: list[str], first_line: int) -> FrontMatter:
    """Read the lines between the fences; `first_line` is the file's line of the first.
    Wrong values are left at their defaults and reported; it never raises."""
    try:
        table = decode_toml("\n".join(lines))
    except OverlyComplex as error:
        line = first_line + error.n_lines_before
        problem = diagnostic("front-toml", line, 1, f"{error} to be front matter")
        return FrontMatter(diagnostics=(problem,))
    except ValueError as error:
        return FrontMatter(diagnostics=(_toml_error(error, lines, first_line),))
    places = _places(lines, first_line)
    problems: list[Diagnostic] = []
    known: dict[str, Any] = {}
    groups: dict[str, str] = {}
    for key, value in table.items():
        line, column = places.get(key, (first_line, 1))
        if key == "group" and isinstance(value, dict):
            groups = _groups(value, line, column, problems)
        elif key not in KEYS:
            hint = did_you_mean(key, KEYS)
            text = f"{excerpt(key)} means nothing here{hint}"
            problems.append(diagnostic("front-key", line, column, text))
        elif not (is_type := KEYS[key].is_type(value)) or not KEYS[key].is_value(value):
            value_text = excerpt(value if isinstance(value, str) else repr(value))
            text = f"{key} must be {KEYS[key].wanted}, not {value_text}"
            code = "front-value" if is_type else "front-type"
            problems.append(diagnostic(code, line, column, text))
        else:
            known[key] = one_line(value) if isinstance(value, str) else value
    if known.get("format", FORMAT_VERSION) > FORMAT_VERSION:
        line, column = places.get("format", (first_line, 1))
        text = f"format {known['format']} is newer than this program reads ({FORMAT_VERSION})"
        problems.append(diagnostic("front-format", line, column, text))
    return FrontMatter(
        meta=msgspec.convert(known, card.DeckMeta),
        wishes=msgspec.convert(known, card.LearnerWishes),
        is_both_ways=known.get("reverse", False),
        group_of_prompt=groups,
        lines={key: line for key, (line, _) in places.items()},
        diagnostics=tuple(problems),
    )


def head_of(data: bytes) -> tuple[FrontMatter, int]:
    """The front matter at the beginning of a file, and where in it the body begins."""
    head = _HEAD.match(data)
    if head is None:
        return FrontMatter(), 0
    lines = head[1].decode("utf-8", "replace").splitlines()
    return read_front_matter(lines, 2), head.end()


def one_line(text: str) -> str:
    return " ".join(grammar.as_taught(text).split())


def toml_text(text: str) -> str:
    """The text as a TOML string on one line; JSON's escapes are TOML's, but for DEL."""
    return json.dumps(one_line(text), ensure_ascii=False).replace("\x7f", "")


def _groups(
    table: dict[str, Any], line: int, column: int, problems: list[Diagnostic]
) -> dict[str, str]:
    """The `[group]` table, a name and its prompts each, as the group's name for every prompt."""
    groups: dict[str, str] = {}
    for name, prompts in table.items():
        if isinstance(prompts, list) and all(isinstance(prompt, str) for prompt in prompts):
            groups |= {grammar.as_taught(prompt): name for prompt in prompts}
        else:
            text = f"group {excerpt(name)} must be a list of prompts in quotation marks"
            problems.append(diagnostic("front-type", line, column, text))
    return groups


def _places(lines: list[str], first_line: int) -> dict[str, tuple[int, int]]:
    """Line and column of every top-level key and table, as far as a line-wise look can tell."""
    places: dict[str, tuple[int, int]] = {}
    is_top = True
    for index, line in enumerate(lines):
        text = line.lstrip()
        if header := re.match(r"\[+\s*[\"']?([^\"'\].]+)", text):
            is_top = False
            match = header
        elif is_top and (key := re.match(r"[\"']?([^\"'=.]++)[\"']?\s*[=.]", text)):
            match = key
        else:
            continue
        column = len(line) - len(text) + match.start(1) + 1
        places.setdefault(match[1].strip(), (first_line + index, column))
    return places


def _toml_error(error: Exception, lines: list[str], first_line: int) -> Diagnostic:
    message = str(error)
    place = _AT.search(message)
    line = first_line
    column = 1
    if place and place[1]:
        line = first_line + int(place[1]) - 1
        column = int(place[2])
    elif place:
        line = first_line + max(0, len(lines) - 1)
        column = len(lines[-1]) + 1 if lines else 1
    reason = _AT.sub("", message)
    hint = 'write one key a line, like: name = "French words"'
    return diagnostic("front-toml", line, column, f"not TOML: {one_line(reason)}; {hint}")
