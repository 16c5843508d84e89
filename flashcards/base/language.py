"""The language the program speaks: English in the source, other languages in catalogues beside it.

A sentence for the user is `tr("showing 1 of {n:,} corrections", n=n)`; nothing else is needed.
`languages/de.toml` holds `"the English" = "das Deutsche"`; what it lacks is said in English. The
language is chosen once, before the first sentence: `--language` or FLASHCARDS_LANGUAGE, never LANG.
`tr` writes numbers with the signs of the language; a number that stands outside a sentence goes
through `format_number`. Standard library only; every side may import it.
"""

import functools
import os
import string
from pathlib import Path

LANGUAGES = ("en", "de", "es")
VARIABLE = "FLASHCARDS_LANGUAGE"
FOLDER = Path(__file__).parent / "languages"

_COMMA_DECIMAL = str.maketrans(",.", ".,")
"""German and Spanish write 1.234,5 where English writes 1,234.5."""


class _Sentences(string.Formatter):
    """`str.format`, with numbers in the signs of the language."""

    def format_field(self, value: object, format_spec: str) -> str:
        if isinstance(value, int | float):
            return format_number(value, format_spec).replace("%", " %")
        return format(value, format_spec)


def tr(text: str, /, **values: object) -> str:
    """The sentence in the user's language, its `{placeholders}` filled in as `str.format` does."""
    template = catalogue(chosen()).get(text, text)
    if not values:
        return template
    try:
        return _Sentences().vformat(template, (), values)
    except (LookupError, ValueError):
        return _Sentences().vformat(text, (), values)


def format_number(value: float, spec: str) -> str:
    """`format(value, spec)` with the language's decimal sign and thousands separator.

    Not for what a program reads: a command line, a file, an SVG coordinate.
    """
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

    found = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {text: said for text, said in found.items() if isinstance(said, str)}
