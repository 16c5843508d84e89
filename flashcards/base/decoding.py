"""Reads JSON and TOML that somebody else wrote: whatever is in it, one kind of error."""

import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

MAX_KEY_PARTS = 64  # of a dotted key: tomllib's time and memory grow with their square

MAX_KEYS = 1_000  # more top-level keys, or lines that begin a table, are a mistake or an attack

_TOKEN = re.compile(
    r"""(?P<part>"(?!"")(?:[^"\\\n]|\\.)*"?|'(?!'')[^'\n]*'?|[\w-]+)"""
    r"""|(?P<dot>\.)|(?P<space>[ \t]+)|#[^\n]*"""
    r"""|"{3}(?:[^"\\]|\\.|"(?!""))*(?:"{3,5}|\\?\Z)|'{3}(?:[^']|'(?!''))*(?:'{3,5}|\Z)|.""",
    re.DOTALL,
)
"""A part of a key, or what stands between: each is read once, however it ends."""


def decode_json(data: bytes | str | msgspec.Raw, kind: type[T]) -> T:
    """The JSON value, of this type.
    Raises msgspec.DecodeError: it is none, or is nested too deep."""
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deep") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("it is not UTF-8") from error


class OverlyComplex(ValueError):  # noqa: N818
    """TOML that would take too much time or memory; the text says what is too much.
    `n_lines_before`: lines before the place, 0 where it is everywhere."""

    def __init__(self, text: str, n_lines_before: int = 0) -> None:
        super().__init__(text)
        self.n_lines_before = n_lines_before


def decode_toml(text: str) -> dict[str, Any]:
    """The table. Raises ValueError: it is no TOML. Raises OverlyComplex, which is one."""
    import tomllib

    if sum(line.lstrip().startswith("[") for line in text.split("\n")) > MAX_KEYS:
        raise OverlyComplex("too many tables")
    if (deep := _deep_key(text)) is not None:
        raise OverlyComplex("a key of too many parts", text.count("\n", 0, deep))
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise OverlyComplex("nested too deeply") from None
    if len(table) > MAX_KEYS:
        raise OverlyComplex("too many keys")
    return table


def _deep_key(text: str) -> int | None:
    """Return where the first dotted key with too many parts goes beyond them; None without one."""
    n_dots = 0
    before = ""
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or ""
        if kind == "space":
            continue
        if (kind, before) == ("dot", "part"):
            n_dots += 1
            if n_dots >= MAX_KEY_PARTS:
                return token.start()
        elif (kind, before) != ("part", "dot"):
            n_dots = 0
        before = kind
    return None
