"""The user's own keys: `keys.toml` in the user's config folder. A mistake is said, never fatal."""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import msgspec
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from flashcards.app.room import Key, keys_as_text
from flashcards.app.textual_fixes.colours import suggestion
from flashcards.base.decoding import decode_toml
from flashcards.base.language import tr
from flashcards.cards.printable import printable

FILE_NAME = "keys.toml"
MAX_FILE_BYTES = 1_000_000

_MODIFIERS = ("ctrl", "shift", "alt", "super")


def _character_name(character: str) -> str:
    """Return Textual's name for the key that types this: `a`, `question_mark`, `plus`."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


@cache
def _names() -> frozenset[str]:
    characters = {_character_name(chr(code)) for code in range(0x20, 0x7F)}
    return frozenset(str(key.value) for key in Keys) | characters


class Keymap(msgspec.Struct, frozen=True):
    """Keys by id where they differ from the table, and what is wrong with the file."""

    keys: dict[str, tuple[str, ...]] = {}
    problems: tuple[str, ...] = ()


def default_path() -> Path:
    import platformdirs

    return Path(platformdirs.user_config_dir("flashcards", appauthor=False)) / FILE_NAME


def read_keymap(path: Path, keys: Iterable[Key]) -> Keymap:
    """The user's keymap of these keys, in a file; an absent file is an empty one."""
    try:
        if not path.is_file():
            return Keymap()
        if path.stat().st_size <= MAX_FILE_BYTES:
            return parse_keymap(path.read_text(encoding="utf-8-sig"), keys, path.name)
        problem = tr("{name}: larger than any keymap; not read", name=path.name)
    except OSError as error:
        reason = error.strerror or ""
        problem = tr("{name}: cannot be read: {reason}", name=path.name, reason=reason)
    except UnicodeDecodeError as error:
        problem = tr("{name}: byte {start} is not UTF-8 text", name=path.name, start=error.start)
    return Keymap(problems=(problem,))


def parse_keymap(text: str, known: Iterable[Key], name: str = FILE_NAME) -> Keymap:
    """Lines such as `ask = "w"` or `step = ["right", "j"]`. A wrong line leaves its default."""
    by_id = {key.id: key for key in known}
    try:
        entries = decode_toml(text)
    except ValueError as error:
        reason = printable(str(error))
        return Keymap(
            problems=(tr("{name}: {error}; no key was changed", name=name, error=reason),)
        )
    keys: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for id_, value in entries.items():
        wrong = None
        if id_ not in by_id:
            wrong = tr("no such command; {hint}", hint=suggestion(id_, by_id))
        wanted = (value,) if isinstance(value, str) else value
        is_list = isinstance(wanted, tuple | list) and bool(wanted)
        if wrong is None and not (is_list and all(isinstance(key, str) for key in wanted)):
            wrong = tr('wants a key in quotes, or a list of them: ["right", "j"]')
        if wrong is None:
            normal = tuple(_normal(key) for key in wanted)
            wrong = next((_wrong_key(key) for key in normal if _wrong_key(key)), None)
            keys[id_] = normal
        if wrong is not None:
            keys.pop(id_, None)
            problems.append(f"{name}: {printable(id_)}: {wrong}")
    problems += [f"{name}: {clash}" for clash in _drop_clashes(keys, by_id)]
    return Keymap(keys, tuple(problems))


def _normal(key: str) -> str:
    """One spelling a key: `ctrl+w`, `question_mark`, `A`."""
    key = key if key == " " else key.strip()
    return _character_name(key) if len(key) == 1 else key


def _wrong_key(key: str) -> str | None:
    *modifiers, last = key.split("+")
    if key in _names() or key == "ctrl+c":
        return tr("ctrl+c always asks to quit") if key == "ctrl+c" else None
    if all(m in _MODIFIERS for m in modifiers) and (
        last in _names() or (len(last) == 1 and last.isprintable() and last != ",")
    ):
        return None
    hint = tr('; write it as "x", "right", "f2" or "ctrl+x"')
    for close in get_close_matches(key, sorted(_names()), n=1):
        hint = "; " + tr("did you mean {close}?", close=close)
    return tr("no key is called {key!r}{hint}", key=printable(key), hint=hint)


def _drop_clashes(keys: dict[str, tuple[str, ...]], by_id: Mapping[str, Key]) -> list[str]:
    """Of two lines that want one key, take back the second and say so."""
    problems: list[str] = []
    owner: dict[str, str] = {}
    for id_, wanted in list(keys.items()):
        clash = next((key for key in wanted if key in owner), None)
        if clash is None:
            owner |= dict.fromkeys(wanted, id_)
            continue
        names = {"first": owner[clash], "second": id_, "kept": keys_as_text(by_id[id_].keys) or "–"}
        text = "{first} and {second} both want {key}; {second} stays on {kept}"
        problems.append(tr(text, key=keys_as_text((clash,)), **names))
        del keys[id_]
    for id_, key in by_id.items():
        if id_ not in keys and any(name in owner for name in key.keys):
            keys[id_] = tuple(name for name in key.keys if name not in owner)
    return problems
