"""The language the program speaks: English in the source, others in catalogues beside it.
`tr("showing 1 of {n:,} corrections", n=n)` is all that a sentence needs, numbers included; a number
outside a sentence goes through `format_number`. What `languages/de.toml` lacks is said in English.
Chosen once, before the first sentence: `--language` or FLASHCARDS_LANGUAGE, never LANG. Standard
library only; every side may import it."""

import functools
import os
import string
from pathlib import Path

LANGUAGES = ("en", "de", "es")
VARIABLE = "FLASHCARDS_LANGUAGE"
FOLDER = Path(__file__).parent / "languages"

_COMMA_DECIMAL = str.maketrans(",.", ".,")  # German and Spanish write 1.234,5 for 1,234.5


class _Sentences(string.Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        if isinstance(value, int | float):
            return format_number(value, format_spec).replace("%", " %")
        return format(value, format_spec)


def tr(text: str, /, **values: str | float) -> str:
    """The sentence in the user's language, its `{placeholders}` filled in as `str.format` does.
    Values are words and numbers: a struct or None would be printed as Python writes it."""
    template = catalogue(chosen()).get(text, text)
    if not values:
        return template
    try:
        return _Sentences().vformat(template, (), values)
    except (LookupError, ValueError):
        return _Sentences().vformat(text, (), values)


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
