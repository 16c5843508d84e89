"""The language the program speaks: English in the source, others in catalogues beside it.
`tr("showing 1 of {n:,} corrections", n=n)` is all that a sentence needs, numbers included; a number
outside a sentence goes through `format_number`, a key is a `key_name`. What `languages/de.toml`
lacks is said in English. Chosen once, before the first sentence: `--language` or
FLASHCARDS_LANGUAGE, never LANG. Standard library only; every side may import it."""

import functools
import os
import string
from collections.abc import Mapping
from pathlib import Path

from flashcards.base.keyed_text import KeyedText

LANGUAGES = ("en", "de", "es")
VARIABLE = "FLASHCARDS_LANGUAGE"
FOLDER = Path(__file__).parent / "languages"

_COMMA_DECIMAL = str.maketrans(",.", ".,")  # German and Spanish write 1.234,5 for 1,234.5


def tr(text: str, /, **values: str | float) -> str:
    """The sentence in the user's language, its `{placeholders}` filled in as `str.format` does; a
    key among them stays one (`KeyedText`).
    Values are words and numbers: a struct or None would be printed as Python writes it."""
    template = catalogue(chosen()).get(text, text)
    if not values:
        return template
    try:
        return _filled(template, values)
    except (LookupError, ValueError):
        return _filled(text, values)


def _filled(template: str, values: Mapping[str, str | float]) -> str:
    formatter = string.Formatter()
    text = ""
    for literal, field, format_spec, conversion in formatter.parse(template):
        text = text + literal
        if field is not None:
            value, _ = formatter.get_field(field, (), values)
            if conversion:
                value = formatter.convert_field(value, conversion)
            text = text + _formatted(value, format_spec or "")
    return text


def _formatted(value: object, format_spec: str) -> str:
    if isinstance(value, int | float):
        return format_number(value, format_spec).replace("%", " %")
    return value if isinstance(value, KeyedText) else format(value, format_spec)


def format_number(value: float, spec: str) -> str:
    """`format` with the language's signs. Not for what a program reads: commands, files, SVG."""
    written = format(value, spec)
    return written if chosen() == "en" else written.translate(_COMMA_DECIMAL)


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def choose(language: str | None) -> None:
    """Speak this language from here on, child processes too; None leaves it as it is."""
    if language is not None:
        os.environ[VARIABLE] = language


def chosen() -> str:
    """The language spoken; English when an unknown one is asked for."""
    language = os.environ.get(VARIABLE, "en")
    return language if language in LANGUAGES else "en"


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """The translations by their English sentence; empty for English."""
    if language == "en":
        return {}
    import tomllib

    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {
        text: translation for text, translation in table.items() if isinstance(translation, str)
    }
